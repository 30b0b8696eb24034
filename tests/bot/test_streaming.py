"""Answers in a model's words: how they grow, what is never taken back, what comes of a model that fails."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.card import TEXT_LIMIT, Colour
from bot.render import PAGE_LIMIT
from rag.answer.openai_synthesizer import CUT_SHORT
from rag.answer.wording import EXTRACT_NOTE
from tests.bot.articles import MISCHIEF, SURVEY
from tests.bot.discord_markdown import read, seen
from tests.bot.newsroom import COST, PAID, Newsroom
from tests.bot.reading import accent, claims, is_whole, resolves, sources
from tests.bot.writer import HANG_UP, STOP, Writer, claim, missing
from tests.discord_server import Channel, Message, Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

READING_ON = "-# Reading on …"
FERRY = (
    "The ferry line between Oskel and Brenhaven will open on 3 June 2024, harbour director Marit Solvang said.",
    "The line cost 48 million euros.",
    "A ferry carries 240 people.",
    "A crossing takes 55 minutes.",
    "Denmark sent its ambassador, Jens Holmgaard.",
)
DICTATED = tuple(claim(each, each.removesuffix(".")) for each in FERRY)
SURVEYED = "How many apprentices did the trades of Aldmoor, Birkvale, Cragholm and Dunmere take on?"


async def begun(person: Person, channel: Channel, question: str) -> Message:
    """Ask, and return the message of the answer, which may still be being waited for."""
    asked = await person.slash(channel, "ask", question=question)
    assert asked.original
    return asked.original


async def answered(person: Person, channel: Channel, question: str) -> Message:
    return await (await begun(person, channel, question)).until(is_whole)


# growing


async def test_an_answer_grows_by_edits_of_one_message_and_takes_nothing_back(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    question = "What is known of the ferry?"
    writer.says(question, *DICTATED)
    with writer.held_back() as let:
        answer = await begun(alice, channel, question)
        let(1)
        await answer.until(lambda message: claims(message) == [FERRY[0]])
        let(1)
        await answer.until(lambda message: claims(message) == list(FERRY[:2]))
        let(3)
        await answer.until(lambda message: claims(message) == list(FERRY))
        assert answer.text.endswith(READING_ON)
        assert not answer.buttons
    await answer.until(is_whole)
    steps = [claims(version) for version in answer.shown]
    assert len(steps) >= 4
    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(steps))
    assert all(resolves(version) for version in answer.shown)
    assert all(version.text.startswith(f"**{question}**\n") for version in answer.shown)
    assert channel.history == [answer]
    assert accent(answer) == Colour.ANSWERED.value
    assert READING_ON not in answer.text
    assert EXTRACT_NOTE not in answer.text


async def test_edits_are_a_second_apart_however_fast_claims_come(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    question = "What else is known of the ferry?"
    writer.says(question, *DICTATED)
    with writer.held_back() as let:
        answer = await begun(alice, channel, question)
        for said in range(1, 4):
            let(1)
            await answer.until(lambda message, said=said: len(claims(message)) >= said)  # type: ignore[misc]
        pauses = [later.at - earlier.at for earlier, later in pairwise(answer.shown)]
    await answer.until(is_whole)
    assert len(pauses) == 2
    assert all(pause >= 1.0 for pause in pauses)


async def test_nothing_is_shown_that_is_not_verified(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    question = "Whom does a ferry carry?"
    false = "A ferry carries 999 people."
    with writer.held_back() as let:
        writer.says(question, claim(false, FERRY[2]), DICTATED[3])
        answer = await begun(alice, channel, question)
        let(2)
        await answer.until(claims)
    await answer.until(is_whole)
    assert [claims(version) for version in answer.shown][-1] == [FERRY[3]]
    assert not any("999" in version.text for version in answer.shown)


# what is missing, and models that fail


async def test_an_answer_in_part_names_what_is_missing(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    question = "What did the ferry line cost, and who built the ships?"
    writer.says(question, DICTATED[1], missing("who built the ships"))
    answer = await answered(alice, channel, question)
    assert answer.text.startswith("◐ **Answered in part**\n")
    assert "\n◌ *Not in the articles: who built the ships.*\n" in answer.text
    assert claims(answer) == [FERRY[1]]
    assert accent(answer) == Colour.PARTLY.value


async def test_a_model_that_finds_nothing_gives_no_answer(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    question = "Who built the ferry ships of Oskel?"
    writer.says(question, missing("who built the ships"))
    answer = await answered(alice, channel, question)
    assert answer.text.startswith(f"∅ **Not in the articles**\n**{question}**\n")
    assert accent(answer) == Colour.MISSING.value
    assert claims(answer) == []


async def test_what_a_model_said_before_its_server_died_stays_with_a_note(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    question = "How long is a crossing by ferry?"
    writer.says(question, DICTATED[3], HANG_UP)
    with writer.held_back() as let:
        answer = await begun(alice, channel, question)
        let(1)
        await answer.until(claims)
    await answer.until(is_whole)
    assert [claims(version) for version in answer.shown] == [[FERRY[3]], [FERRY[3]]]
    assert CUT_SHORT in answer.text
    assert writer.questions.count(question) == 1, "what was shown cannot be said anew"


async def test_a_model_that_writes_something_else_is_done_without(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    writer.says(COST, {"greeting": "Hello!"}, STOP)
    answer = await answered(alice, channel, COST)
    assert claims(answer)[0] == PAID
    assert EXTRACT_NOTE in answer.text
    assert "This answer was made without the model." in answer.text
    assert accent(answer) == Colour.EXTRACT.value


# long answers


def assert_surveyed(whole: list[Message]) -> None:
    """Check an answer of forty claims in several messages."""
    first, parts = whole[0], len(whole)
    assert parts > 1
    assert [text for part in whole for text in claims(part)] == list(SURVEY)
    assert all(map(resolves, whole))
    assert [part.text.rsplit("\n", 1)[-1] for part in whole] == [f"-# Part {n} of {parts}" for n in range(1, parts + 1)]
    assert all(len(part.text) <= TEXT_LIMIT for part in whole)
    assert [bool(part.buttons) for part in whole] == [False] * (parts - 1) + [True]
    (file,) = first.attachments
    content = file.content.decode()
    assert file.filename == "answer.md"
    assert [content.count(each) for each in SURVEY] == [2] * len(SURVEY), "each is there as a claim and as its quote"
    assert not any(part.attachments for part in whole[1:])


async def test_a_long_answer_comes_in_parts_divided_between_claims_and_as_a_file(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    writer.says(SURVEYED, *map(claim, SURVEY))
    asked = await alice.slash(channel, "ask", question=SURVEYED)
    await room.discord.until(lambda: channel.history and is_whole(channel.history[-1]))
    assert_surveyed(channel.history)
    assert asked.messages == channel.history
    assert channel.history[0].text.startswith(f"**{SURVEYED}**\n")


async def test_a_long_private_answer_is_private_in_all_its_parts(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    writer.says(SURVEYED, *map(claim, SURVEY))
    asked = await alice.slash(channel, "ask", question=SURVEYED, private=True)
    await room.discord.until(lambda: asked.messages and is_whole(asked.messages[-1]))
    assert_surveyed(asked.messages)
    assert all(part.ephemeral for part in asked.messages)


async def test_a_long_answer_to_a_message_comes_in_replies_to_it(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    writer.says(SURVEYED, *map(claim, SURVEY))
    question = await alice.says(channel, f"{room.discord.bot_mention} {SURVEYED}")
    await room.discord.until(lambda: question.replies and is_whole(question.replies[-1]))
    assert_surveyed(question.replies)


async def test_a_long_answer_grows_only_as_far_as_its_first_part(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    writer.says(SURVEYED, *map(claim, SURVEY))
    with writer.held_back() as let:
        first = await begun(alice, channel, SURVEYED)
        let(len(SURVEY))
        await first.until(lambda message: len(message.text) > 0.7 * PAGE_LIMIT)
        assert channel.history == [first]
    await room.discord.until(lambda: is_whole(channel.history[-1]))
    assert all(claims(first)[: len(claims(version))] == claims(version) for version in first.shown)


# what is text stays text


async def test_formatting_in_what_a_model_says_is_shown_and_not_obeyed(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person
) -> None:
    question = "What did mayor Odd Brekke of Fjordby tell?"
    quoting = "# **Mayor** _Odd_ Brekke told @everyone\u202e to read\u200b ~~[his plan](https://evil.example/plan)~~."
    writer.says(question, claim(MISCHIEF), claim(quoting, MISCHIEF), claim("||" + FERRY[2] + "|| <@1>", FERRY[2]))
    answer = await answered(alice, channel, question)
    shown = read(answer.text)
    assert any(MISCHIEF in seen(run.text) and not run.kinds for run in shown)
    assert "\u202e" not in answer.text
    assert {run.url.partition("%")[0] for run in shown if run.url} <= {"https://fjord.example/plan"}
    assert {kind for run in shown for kind in run.kinds} <= {"bold", "small", "link"}
    assert "Fjord" in sources(answer)[1]
