"""A model puts passages in order, and can do nothing else with them."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import count

import openai  # noqa: F401  # its import takes a second, which is not to count against the deadlines
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from rag.answer.chat_model import ChatModel
from rag.answer.reranking import EXCERPT, Reranker, excerpt, in_order
from rag.answer.synthesis import Assignment
from rag.language.words import content_stems
from rag.schema import Dates, Passage, Query, Source, Usage
from rag.settings import Settings
from tests.openai_server import OpenAIServer, Reply, streamed

SOURCES = (
    Source("ferry.md", title="Ferry to open", publisher="Coast Courier", published=Dates.parse("2024-03-12")),
    Source("fire.md", title="Fire in Tarn", publisher="Tarn Observer"),
)
TEXTS = ("The ferry opens in June.", "A crossing takes 55 minutes.", "The library of Tarn burned.", "Nobody was hurt.")
PASSAGES = tuple(Passage(SOURCES[n // 2], 100 * n, 100 * n + len(text), text, 9.0 - n) for n, text in enumerate(TEXTS))
FERRY, CROSSING, LIBRARY, NOBODY = PASSAGES
QUERY = Query("What burned?", "What burned?")


async def reranked(reply: Reply, query: Query = QUERY) -> tuple[tuple[Passage, ...], Usage, str]:
    """Have four passages ordered, under the keys key1 to key4; give what the model was told as well."""
    keys = (f"key{number}" for number in count(1))
    async with OpenAIServer(reply) as server:
        chosen = Settings.model_construct(openai_api_key=SecretStr("sk-0"), openai_base_url=server.url)
        model = ChatModel(chosen)
        reranker = Reranker(model, lambda: date(2025, 6, 1), new_key=lambda: next(keys))
        passages, usage = await reranker.reranked(Assignment(query, PASSAGES))
        await model.aclose()
        messages = server.requests[0]["messages"]
    assert isinstance(messages, list)
    return passages, usage, "\n".join(message["content"] for message in messages)


async def test_passages_come_in_the_order_of_the_model() -> None:
    passages, usage, told = await reranked(streamed('{"passages": ["key3", "key1"]}'))
    assert passages == (LIBRARY, FERRY, CROSSING, NOBODY)
    assert (usage.input_tokens, usage.output_tokens) == (1200, 80)
    assert "--- passage key1\noutlet: Coast Courier\npublished: 2024-03-12\ntitle: Ferry to open\n" in told
    assert "Sunday, 2025-06-01" in told
    assert all(text in told for text in (*TEXTS, QUERY.question))
    assert "ferry.md" not in told


@pytest.mark.parametrize(
    ("reply", "order"),
    [
        ('{"passages": ["key9", "key4", "", "key4", "KEY2"]}', (NOBODY, FERRY, CROSSING, LIBRARY)),
        ('{"passages": [4, null, ["key3"], {"key": "key3"}, "key2"]}', (CROSSING, FERRY, LIBRARY, NOBODY)),
        ('```\n{"passages": ["key2"]}\n```', (CROSSING, FERRY, LIBRARY, NOBODY)),
        ('{"passages": []}', PASSAGES),
        ('{"passages": "key4"}', PASSAGES),
        ('{"passages": {"key4": 1}}', PASSAGES),
        ('["key4"]', PASSAGES),
        ('{"order": ["key4"]}', PASSAGES),
        ('{"passages": ["key4", "key3"', PASSAGES),
        ("key4, key3", PASSAGES),
        ("", PASSAGES),
    ],
)
async def test_what_is_not_in_the_form_asked_for_changes_nothing(reply: str, order: tuple[Passage, ...]) -> None:
    assert (await reranked(streamed(reply)))[0] == order


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from("abcde"),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_named_no_passage_is_added_lost_or_changed(named: object) -> None:
    keyed = dict(zip("abcd", PASSAGES, strict=True))
    ordered = in_order(named, keyed)
    assert sorted(ordered, key=PASSAGES.index) == [*PASSAGES]
    known = [key for key in named if isinstance(key, str) and key in keyed] if isinstance(named, list) else []
    first = [keyed[key] for key in dict.fromkeys(known)]
    assert list(ordered) == first + [each for each in PASSAGES if each not in first]


async def test_keys_cannot_be_guessed_from_one_question_to_the_next() -> None:
    async with OpenAIServer(streamed('{"passages": []}')) as server:
        model = ChatModel(Settings.model_construct(openai_api_key=SecretStr("sk-0"), openai_base_url=server.url))
        for _ in range(2):
            await Reranker(model, lambda: date(2025, 6, 1)).reranked(Assignment(QUERY, PASSAGES))
        await model.aclose()
    one, other = (set(re.findall(r"--- passage (\w{8})\\n", json.dumps(request))) for request in server.requests)
    assert (len(one), len(other), one & other) == (4, 4, set())


def test_an_excerpt_has_what_is_asked_about() -> None:
    filler = "The mayor of Oskel praised the weather and the band at length. " * 20
    text = f"{filler}The library of Tarn burned on Wednesday. {filler}Its roof fell in."
    found = excerpt(text, content_stems("Why did the library burn, and what of the roof?"))
    assert "The library of Tarn burned on Wednesday. … Its roof fell in." in found
    assert len(found) < EXCERPT + 50


@given(st.text(), st.integers(1, 200))
def test_an_excerpt_is_of_the_text(text: str, limit: int) -> None:
    found = excerpt(text, {"fire"}, limit)
    assert found in text or all(part in text for part in found.split(" … "))
    assert bool(found) == bool(text)
    assert len(found.replace(" … ", "")) <= limit
