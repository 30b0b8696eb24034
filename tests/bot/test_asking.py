"""`/ask` without a model: what is shown to whom, what the options do, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.card import Colour
from rag.answer.wording import EXTRACT_NOTE
from tests.bot.articles import MISCHIEF, OUTLETS, SURVEY
from tests.bot.discord_markdown import read, seen
from tests.bot.newsroom import COST, PAID, VOLCANOES, Newsroom, copied, newsroom, opened
from tests.bot.reading import accent, claims, is_whole, markers, resolves, sources
from tests.discord_server import Channel, Interaction, Message, Person, Place
from tests.gazette import FERRY, HERRING, LIBRARY, QUARRY

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEFERRED = 5  # Discord, interaction callback types
NOT_THE_PAPER = {"since": "2024-03-13", "until": "2024-02", "as_of": "2024-03-11", "outlet": "Tarn Observer"}
THE_PAPER = {"since": "2024-03-12", "until": "2024-03", "as_of": "2024", "outlet": "Coast Courier"}
TEXTS = (FERRY, HERRING, LIBRARY["body"], QUARRY["body"], " ".join(SURVEY))
PAPER = "**Coast Courier**, 12 March 2024"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Newsroom]:
    async with newsroom(copied(articles, tmp_path_factory.mktemp("asking"))) as room:
        await opened(room)
        yield room


async def answered(asked: Interaction) -> Message:
    return await (await asked.settled()).until(is_whole)


async def refused(asked: Interaction) -> str:
    """Read a refusal: the first and only response, which nobody else sees, and in which nothing is left to wait for."""
    message = await asked.settled()
    assert message.ephemeral
    assert accent(message) == Colour.PROBLEM.value
    assert asked.messages == [message]
    assert not message.buttons
    return message.text


# an answer


async def test_an_answer_takes_the_place_of_the_acknowledgement_and_is_the_only_one(
    room: Newsroom, channel: Channel, alice: Person
) -> None:
    asked = await alice.slash(channel, "ask", question=COST)
    assert asked.callback == DEFERRED
    answer = await answered(asked)
    await room.discord.quiet(0.2)
    assert asked.messages == [answer]
    assert channel.history == [answer]


async def test_an_answer_repeats_the_question_and_resolves_each_marker(
    room: Newsroom, channel: Channel, alice: Person
) -> None:
    answer = await answered(await alice.slash(channel, "ask", question=COST))
    assert answer.text.startswith(f"**{COST}**\n")
    assert claims(answer)[0] == PAID
    assert all(markers(answer))
    assert resolves(answer)
    assert sources(answer)[1].startswith(f"{PAPER} · [Ferry line between Oskel and Brenhaven to open in June]")
    assert list(answer.buttons) == ["Passages", "Follow up", "👍", "👎", "Citation"]


async def test_an_extract_says_so_and_quotes_word_for_word(room: Newsroom, channel: Channel, alice: Person) -> None:
    answer = await answered(await alice.slash(channel, "ask", question="What did the fire in Tarn destroy?"))
    assert claims(answer)[0] in LIBRARY["body"]
    assert all(any(claim in text for text in TEXTS) for claim in claims(answer))
    assert answer.text.endswith(f"\n-# {EXTRACT_NOTE}")
    assert accent(answer) == Colour.EXTRACT.value


async def test_a_question_that_the_articles_do_not_answer_looks_different(
    room: Newsroom, channel: Channel, alice: Person
) -> None:
    answer = await answered(await alice.slash(channel, "ask", question=VOLCANOES))
    assert answer.text.startswith(f"∅ **Not in the articles**\n**{VOLCANOES}**\nThe articles do not answer this.")
    assert accent(answer) == Colour.MISSING.value
    assert (claims(answer), EXTRACT_NOTE in answer.text) == ([], False)
    assert list(answer.buttons) == ["Follow up", "👍", "👎"]


async def test_a_private_answer_is_seen_by_nobody_else(
    room: Newsroom, channel: Channel, alice: Person, bob: Person
) -> None:
    asked = await alice.slash(channel, "ask", question=COST, private=True)
    answer = await answered(asked)
    await room.discord.quiet(0.2)
    assert all(message.ephemeral for message in asked.messages)
    assert channel.history == []
    assert claims(answer)[0] == PAID
    assert "Follow up" not in answer.buttons, "a thread would show it to others"
    with pytest.raises(AssertionError, match="does not see"):
        await bob.click(answer, "Passages")


async def test_a_question_in_a_direct_conversation_is_answered_there(room: Newsroom, alice: Person) -> None:
    answer = await answered(await alice.slash(alice.direct, "ask", question=COST))
    assert alice.direct.history == [answer]
    assert claims(answer)[0] == PAID


# options


@pytest.mark.parametrize(("option", "value"), NOT_THE_PAPER.items())
async def test_an_article_that_an_option_leaves_out_is_not_cited(
    room: Newsroom, channel: Channel, alice: Person, option: str, value: str
) -> None:
    answer = await answered(await alice.slash(channel, "ask", question=COST, **{option: value}))
    assert "Coast Courier" not in answer.text
    assert PAID not in answer.text


@pytest.mark.parametrize(("option", "value"), THE_PAPER.items())
async def test_an_article_that_an_option_lets_in_is_cited(
    room: Newsroom, channel: Channel, alice: Person, option: str, value: str
) -> None:
    answer = await answered(await alice.slash(channel, "ask", question=COST, **{option: value}))
    assert claims(answer)[0] == PAID
    assert all(source.startswith(PAPER) for source in sources(answer).values())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"since": "last week"}, "“last week” is not a date. Write 2025, 2025-05 or 2025-05-14."),
        ({"until": "2025-02-30"}, "“2025-02-30” is not a date. Write 2025, 2025-05 or 2025-05-14."),
        ({"as_of": "14/05/2025"}, "“14/05/2025” is not a date. Write 2025, 2025-05 or 2025-05-14."),
        (
            {"since": "2025", "until": "2024-12"},
            "Nothing is both since 2025 and until 2024-12. Exchange the two dates.",
        ),
        (
            {"since": "2025-05", "as_of": "2025-04-30"},
            "As of 2025-04-30 nothing had been published since 2025-05. Choose an earlier one.",
        ),
    ],
)
async def test_dates_that_make_no_sense_are_refused_with_what_to_write_instead(
    room: Newsroom, channel: Channel, alice: Person, options: dict[str, Any], words: str
) -> None:
    assert await refused(await alice.slash(channel, "ask", question=COST, **options)) == words
    assert channel.history == []


async def test_a_span_of_one_day_is_no_mistake(room: Newsroom, channel: Channel, alice: Person) -> None:
    asked = await alice.slash(channel, "ask", question=COST, since="2024-03-12", until="2024-03-12", as_of="2024-03-12")
    assert claims(await answered(asked))[0] == PAID


async def test_outlets_are_suggested_by_what_is_typed(room: Newsroom, channel: Channel, alice: Person) -> None:
    suggested = await alice.autocomplete(channel, "ask", "outlet", "OBSERVER", question=COST)
    assert [(choice.name, choice.value) for choice in suggested] == [("Tarn Observer", "Tarn Observer")]
    assert await alice.autocomplete(channel, "ask", "outlet", "no such paper") == []


async def test_no_more_outlets_are_suggested_than_discord_takes(
    room: Newsroom, channel: Channel, alice: Person
) -> None:
    assert len(await alice.autocomplete(channel, "ask", "outlet", "")) == 25
    suggested = await alice.autocomplete(channel, "ask", "outlet", "parish")
    assert [choice.value for choice in suggested] == list(OUTLETS[:25])


# what is refused


async def test_a_question_without_words_is_answered_with_an_example(
    room: Newsroom, channel: Channel, alice: Person
) -> None:
    message = await (await alice.slash(channel, "ask", question="?!")).settled()
    assert message.text == "There is no question in that. Ask in words, for example: who signed the pact?"
    assert accent(message) == Colour.PROBLEM.value


async def test_a_question_where_the_bot_may_not_answer_is_refused(
    room: Newsroom, place: Place, channel: Channel, alice: Person
) -> None:
    allowed = place.channel("questions")
    await (await place.member("boss", manages=True).slash(channel, "settings", answer_in=allowed)).settled()
    assert "may not answer in this channel" in await refused(await alice.slash(channel, "ask", question=COST))
    answer = await answered(await alice.slash(allowed, "ask", question=COST))
    assert (channel.history, allowed.history) == ([], [answer])


async def test_without_articles_a_question_is_answered_with_what_to_do(tmp_path: Path) -> None:
    async with newsroom(tmp_path / "empty") as room:
        message = await (await room.alice.slash(room.channel, "ask", question=COST)).settled()
        assert await room.alice.autocomplete(room.channel, "ask", "outlet", "") == []
    assert message.text.startswith("No articles yet.")
    assert "ingest" in message.text
    assert accent(message) == Colour.PROBLEM.value


# what is text stays text


async def test_formatting_in_an_article_is_shown_and_not_obeyed(
    room: Newsroom, channel: Channel, alice: Person
) -> None:
    answer = await answered(await alice.slash(channel, "ask", question="What did mayor Odd Brekke tell in Fjordby?"))
    shown = read(answer.text)
    assert [run.kinds for run in shown if MISCHIEF in seen(run.text)] == [frozenset()]
    assert {run.url.partition("%")[0] for run in shown if run.url} == {"https://fjord.example/plan"}
    assert "# Fjord *Mail* @here" in [seen(run.text) for run in shown]
    assert "[Free](https://evil.example) ||plan|| `x`" in [seen(run.text) for run in shown]


async def test_formatting_in_a_question_is_shown_and_not_obeyed(
    room: Newsroom, channel: Channel, alice: Person
) -> None:
    question = "# @everyone **Was** [the ferry](https://evil.example) <@&1> <#2> late\u202e\u200b?\n> -# `no` ~~yes~~"
    answer = await answered(await alice.slash(channel, "ask", question=question))
    bold = [seen(run.text) for run in read(answer.text) if run.kinds == {"bold"}]
    assert seen(question) in bold
