"""Invented articles besides the gazette's: one that is long, one that means mischief, and many outlets."""

from __future__ import annotations

import json
from pathlib import Path

OUTLETS = tuple(f"Parish Paper {number:02}" for number in range(1, 31))
TRADES = "smithy tannery brewery ropewalk sawmill pottery chandlery weaver printer cooper".split()
TOWNS = "Aldmoor Birkvale Cragholm Dunmere".split()
SURVEY = tuple(
    f"The {trade} of {town} took on {100 + 10 * place + number} apprentices, more than it ever had before, and it"
    f" will build them a lodging with {20 + 10 * place + number} beds beside the old mill."
    for place, town in enumerate(TOWNS)
    for number, trade in enumerate(TRADES)
)
MISCHIEF = (
    "Mayor Odd Brekke told @everyone to read [his plan](https://evil.example/plan) for Fjordby, **all** of it, and"
    " ~~nothing~~ <@1> else."
)


def write_more(folder: Path) -> Path:
    """Write the articles into a folder, and return it."""
    trades = {"publisher": "Guild Gazette", "title": "Apprentices", "published": "2024-05-01", "body": _paragraphs()}
    mischief = {
        "publisher": "# Fjord *Mail* @here", "title": "[Free](https://evil.example) ||plan|| \u202e\u200b`x`",
        "published": "2024-06-02", "url": "https://fjord.example/plan)[x](https://evil.example", "body": MISCHIEF,
    }  # fmt: skip
    parishes = [{"publisher": outlet, "body": f"{outlet} has appeared since the bells rang."} for outlet in OUTLETS]
    lines = map(json.dumps, (trades, mischief, *parishes))
    (folder / "more.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _paragraphs() -> str:
    return "\n\n".join(" ".join(SURVEY[first : first + 4]) for first in range(0, len(SURVEY), 4))
