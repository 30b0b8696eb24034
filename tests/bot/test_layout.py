"""Any card becomes a message that Discord takes, and can be read and pressed again later."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering import buttons
from bot.card import Attachment, Block, Button, Card, Text, note
from bot.layout import custom_id, files, layout, pressed
from bot.render import answer_cards, growing_card
from rag.schema import Answer
from tests.bot.samples import abstentions, answers, texts
from tests.discord_server.limits import check_message
from tests.discord_server.reading import BUTTON, walk

KEY = "k" * 32


def payload(card: Card) -> list[dict[str, Any]]:
    return layout(card).to_components()  # type: ignore[no-untyped-call, no-any-return]


def check(card: Card) -> None:
    """Check a card against Discord's documented limits; raises Refused."""
    components = payload(card)
    check_message("", [], components, {file.filename for file in files(card)}, True)
    known = [each["id"] for each in walk(components) if each.get("id")]
    pressable = [each["custom_id"] for each in walk(components) if each.get("custom_id")]
    assert len(known) == len(set(known))
    assert len(pressable) == len(set(pressable))
    assert all(number > 40 for number in known), "Discord itself numbers the others from 1"


@given(answers, texts, st.booleans())
@settings(max_examples=150, deadline=None)
async def test_discord_takes_every_answer(answer: Answer, question: str, threaded: bool) -> None:
    for card in answer_cards(answer, question):
        check(card)
        check(card.with_buttons(*buttons(answer, KEY, threaded)))
    check(growing_card(answer.claims[:3], question))


@given(abstentions, texts)
@settings(max_examples=100, deadline=None)
async def test_discord_takes_every_abstention(answer: Answer, question: str) -> None:
    (card,) = answer_cards(answer, question)
    check(card.with_buttons(*buttons(answer, KEY, True)))


async def test_texts_are_in_one_container_with_a_line_above_the_sources() -> None:
    card = Card((Text(Block.CLAIMS, "It opened.¹"), Text(Block.SOURCES, "-# ¹ **Post**"), Text(Block.NOTE, "-# so")))
    (container,) = payload(card)
    assert [each.get("content", "line") for each in container["components"]] == [
        "It opened.¹", "line", "-# ¹ **Post**", "-# so"
    ]  # fmt: skip
    assert container["accent_color"] == card.colour.value


async def test_buttons_are_below_in_rows() -> None:
    rows = [[Button("a", "1", "A"), Button("b", "1", "", "👍", disabled=True)], [Button("c", "1", "C")]]
    _, *shown = payload(note("x").with_buttons(*rows, []))
    assert [[button["custom_id"] for button in row["components"]] for row in shown] == [
        ["dateline:a:1", "dateline:b:1"], ["dateline:c:1"]
    ]  # fmt: skip
    assert [button["disabled"] for button in walk(shown) if button["type"] == BUTTON] == [False, True, False]


async def test_a_file_can_be_made_again_and_again() -> None:
    card = Card((Text(Block.NOTE, "x"),), attachment=Attachment("answer.md", "é \ud83d"))
    for _ in range(2):
        (file,) = files(card)
        assert (file.filename, file.fp.read()) == ("answer.md", "é ?".encode())
    assert files(note("x")) == []


@pytest.mark.parametrize(
    ("name", "read"),
    [
        (custom_id("good", "key"), ("good", "key")),
        (custom_id("good", "a:b"), ("good", "a:b")),
        (custom_id("good", ""), ("good", "")),
        ("dateline::key", None),
        ("other:good:key", None),
        ("good", None),
        (None, None),
    ],
)
def test_only_our_own_buttons_are_read(name: str | None, read: tuple[str, str] | None) -> None:
    data = None if name is None else {"custom_id": name}
    assert pressed(SimpleNamespace(data=data)) == read  # type: ignore[arg-type]
