"""A model says what to search for: what it writes in any other form is dropped."""

from __future__ import annotations

import json
from datetime import date

import openai  # noqa: F401  # its import takes a second, which is not to count against the deadlines
import pytest
from pydantic import SecretStr

from rag.answer.chat_model import ChatModel
from rag.answer.prompts import load_prompt
from rag.answer.rewriting import LONGEST, MOST, Rewriter
from rag.answer.synthesis import Assignment
from rag.errors import ModelError
from rag.schema import Dates, Filters, Query, Turn, Usage
from rag.settings import Settings
from tests.openai_server import OpenAIServer, Reply, ended_early, raw, stalled, streamed

KEY = "sk-loopback-0123456789abcdef"
QUERY = Query("Did she sell it before the fire?", "Did Marit Solvang sell the ferry before the fire?")
HISTORY = (Turn("user", "Who owned the ferry?"), Turn("assistant", "Marit Solvang did. [1]"))
SALE, FIRE = "Marit Solvang sold the ferry", "Tarn Observer, 9 January 2025: fire in the library of Tarn"
RULES = load_prompt("rewrite.md", {"today"}).text


async def rewritten(
    *script: Reply, query: Query = QUERY, seconds: float = 20
) -> tuple[tuple[str, ...], Usage, OpenAIServer]:
    async with OpenAIServer(*script) as server:
        chosen = Settings.model_construct(
            openai_api_key=SecretStr(KEY),
            openai_base_url=server.url,
            openai_model="loopback",
            openai_timeout=seconds,
            openai_input_price=2.0,
            openai_output_price=8.0,
        )
        model = ChatModel(chosen)
        try:
            parts, usage = await Rewriter(model, lambda: date(2025, 6, 1)).parts(Assignment(query, (), HISTORY))
        finally:
            await model.aclose()
        return parts, usage, server


def written(*searches: object) -> str:
    return json.dumps({"searches": searches}, ensure_ascii=False)


async def test_a_model_says_what_to_search_for() -> None:
    parts, usage, server = await rewritten(streamed(written(SALE, FIRE)))
    assert parts == (SALE, FIRE)
    assert usage == Usage("loopback", 1200, 80, (1200 * 2 + 80 * 8) / 1e6)
    told = json.dumps(server.requests[0])
    assert all(said in told for said in (QUERY.question, QUERY.standalone, HISTORY[0].content, "Sunday, 2025-06-01"))


async def test_days_are_understood_by_the_day_that_is_pretended() -> None:
    then = Query("What now?", "What now?", filters=Filters(as_of=Dates.parse("2024-03")))
    _, _, server = await rewritten(streamed(written(SALE)), query=then)
    told = json.dumps(server.requests[0])
    assert "Sunday, 2024-03-31" in told
    assert "2025-06-01" not in told


@pytest.mark.parametrize(
    ("reply", "parts"),
    [
        (f"Certainly!\n```json\n{written(SALE)}\n```\nAnything else?", (SALE,)),
        (written(SALE) + "\n" + written(FIRE), (SALE,)),
        (written(f"  {SALE}\n", SALE, FIRE), (SALE, FIRE)),
        (written(SALE, 7, None, ["x"], {"search": "x"}, "", " ?! ", FIRE), (SALE, FIRE)),
        (written("x" * LONGEST, "x" * (LONGEST + 1)), ("x" * LONGEST,)),
        (written(*map(str, range(99))), tuple(map(str, range(MOST)))),
        (written("half \ud800 a letter"), ("half ? a letter",)),
        (written(f"the key is {KEY}", SALE), (SALE,)),
        (written(RULES[:LONGEST], SALE), (SALE,)),
        (written(), ()),
        ('{"searches": "the ferry"}', ()),
        ('{"searches": {"1": "the ferry"}}', ()),
        ('{"search": ["the ferry"]}', ()),
        ('["the ferry"]', ()),
        ("the ferry", ()),
        (written(SALE)[:-2], ()),
        ("", ()),
    ],
)
async def test_what_is_not_in_the_form_asked_for_is_dropped(reply: str, parts: tuple[str, ...]) -> None:
    assert (await rewritten(streamed(reply)))[0] == parts


async def test_a_list_that_breaks_off_is_asked_for_again() -> None:
    parts, _, server = await rewritten(ended_early(written(SALE, FIRE)[:-9]), streamed(written(SALE, FIRE)))
    assert (parts, len(server.requests)) == ((SALE, FIRE), 2)


@pytest.mark.parametrize("reply", [stalled(), stalled('{"searches": ["'), raw(b"data: {]\n\n")])
async def test_a_failing_model_is_given_up_after_a_third_of_the_time(reply: Reply) -> None:
    with pytest.raises(ModelError, match=r"longer than 0\.3 s|broke off"):
        await rewritten(reply, seconds=0.9)
