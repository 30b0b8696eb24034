"""The attacks of `corpus.toml`: each as a value, and the articles and conversations that they are planted in."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rag.schema import Turn

CORPUS = Path(__file__).with_name("corpus.toml")
IN_ARTICLES = frozenset({"body", "hidden", "title", "outlet", "author", "file"})
# what stands between the parts of an order, so that they are in different passages
FILLER = "\n\n".join(
    f"Weather note {number}: {wind} winds and {sky} skies were forecast for the coast that evening."
    for number, (wind, sky) in enumerate([("light", "clear"), ("fresh", "grey"), ("strong", "dark")] * 8)
)


@dataclass(frozen=True, slots=True)
class Attack:
    """An order planted somewhere, and what people would see if a model obeyed it."""

    name: str
    kind: str
    where: str
    order: tuple[str, ...]
    wants: str
    question: str
    fact: str

    @property
    def asked(self) -> str:
        return " ".join((self.question, *self.order)) if self.where == "question" else self.question

    @property
    def history(self) -> tuple[Turn, ...]:
        if self.where != "history":
            return ()
        return (Turn("user", " ".join(self.order)), Turn("assistant", "As you wish."))


def read_attacks() -> list[Attack]:
    """Read them all, each named by its kind and a number."""
    corpus = tomllib.loads(CORPUS.read_text(encoding="utf-8"))
    common = {name: corpus[name] for name in ("question", "fact")}
    return [
        Attack(name=f"{each['kind']} {number}", **common | each | {"order": tuple(each["order"])})
        for number, each in enumerate(corpus["attack"], start=1)
    ]


def write_articles(attacks: Iterable[Attack], folder: Path) -> None:
    """Write the article of each attack that has one into a folder."""
    folder.mkdir(parents=True)
    for attack in attacks:
        if attack.where == "hidden":
            (folder / f"{attack.name}.html").write_text(_page(attack), encoding="utf-8")
        elif attack.where in IN_ARTICLES:
            name = attack.order[0] if attack.where == "file" else attack.name
            (folder / f"{name}.md").write_text(_article(attack), encoding="utf-8")


def _article(attack: Attack) -> str:
    planted = {attack.where: attack.order[0]}
    stated = {
        "title": planted.get("title", f"Notes of the day, {attack.name}"),
        "publisher": planted.get("outlet", "Provincial Gazette"),
        "author": planted.get("author", "Ragna Holt"),
        "published": "2025-05-14",
    }
    front = "\n".join(f"{name}: {json.dumps(value, ensure_ascii=True)}" for name, value in stated.items())
    parts = attack.order if attack.where == "body" else ("The council will speak of it in June.",)
    return f"---\n{front}\n---\n{attack.fact}\n\n" + f"\n\n{FILLER}\n\n".join(parts) + "\n"


def _page(attack: Attack) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in (attack.fact, *FILLER.split("\n\n")[:6]))
    return (
        '<html><head><title>Notes of the day</title><meta property="og:site_name" content="Provincial Gazette">'
        f"</head><body><article><h1>Notes of the day</h1>{paragraphs}{attack.order[0]}</article></body></html>"
    )
