"""What a server's managers let the model cost holds for that server, and what comes after is said to be without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cogs.server import in_words
from bot.preferences import Preferences
from rag.answer.wording import EXTRACT_NOTE
from rag.spending import UNPRICED
from tests.bot.newsroom import copied, newsroom, settled
from tests.bot.writer import writing_newsroom

SPENT = "Today's budget for the model is spent; this answer is in the articles' own sentences."


async def test_a_server_that_spent_its_budget_is_answered_without_the_model(gazette: Path, tmp_path: Path) -> None:
    async with writing_newsroom(gazette, tmp_path, OPENAI_INPUT_PRICE="10", OPENAI_OUTPUT_PRICE="40") as (room, writer):
        capped = await settled(await room.boss.slash(room.channel, "settings", daily_usd=0.01))
        assert capped.text.endswith("**For the language model** at most $0.01 a day.")
        first, second = await room.answer(), await room.answer()
        assert EXTRACT_NOTE not in first.text
        assert f"{SPENT} {EXTRACT_NOTE}" in second.text.replace("\\", "")
        elsewhere = room.discord.guild("Elsewhere")
        third = await room.answer(to=elsewhere.member("carol"), at=elsewhere.channel("general"))
        assert EXTRACT_NOTE not in third.text
        assert len(writer.prompts) == 2


async def test_a_cap_without_prices_is_refused_and_says_what_to_set(gazette: Path, tmp_path: Path) -> None:
    async with newsroom(copied(gazette, tmp_path)) as room:
        for cap in ({"daily_usd": 1.5}, {"monthly_usd": 20}):
            refused = await settled(await room.boss.slash(room.channel, "settings", **cap))
            assert refused.text.replace("\\", "") == UNPRICED


@pytest.mark.parametrize(
    ("caps", "says"),
    [
        (
            Preferences(daily_usd=2, monthly_usd=1200),
            "**For the language model** at most $2.00 a day and $1,200.00 a month.",
        ),
        (Preferences(monthly_usd=0.5), "**For the language model** at most $0.50 a month."),
    ],
)
def test_caps_are_shown_in_words(caps: Preferences, says: str) -> None:
    assert in_words(caps).endswith(f"\n{says}")
