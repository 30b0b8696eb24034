"""Questions by message: which are meant for the bot, and what it takes for the conversation before them."""

from __future__ import annotations

import pytest

from tests.bot.newsroom import Newsroom
from tests.bot.reading import claims, is_whole, resolves
from tests.bot.writer import Writer, claim
from tests.discord_server import Channel, Message, Person, Place

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPENS = "The ferry line between Oskel and Brenhaven will open on 3 June 2024, harbour director Marit Solvang said."
COST = "The line cost 48 million euros."
CARRIES = "A ferry carries 240 people."
LASTS = "A crossing takes 55 minutes."
UNREADABLE = "Discord shows me only messages that mention me, not my role. Write to me with my @name, or use `/ask`."
WHEN, MUCH, MANY, LONG = "when does the ferry open?", "and what did it *cost*?", "how many_people?", "how long?"


@pytest.fixture(autouse=True)
def _dictated(writer: Writer) -> None:
    """Have the model answer what these tests ask, whoever asks it."""
    for question, answer in ((WHEN, OPENS), (MUCH, COST), (MANY, CARRIES), (LONG, LASTS)):
        writer.says(question, claim(answer, answer.removesuffix(".")))


@pytest.fixture
def mention(room: Newsroom) -> str:
    return room.discord.bot_mention


async def answered(message: Message) -> Message:
    """Wait for the whole answer to a message."""
    return await (await message.reply()).until(is_whole)


async def followed_up(person: Person, answer: Message) -> Channel:
    """Have somebody open a thread on an answer."""
    await (await person.click(answer, "Follow up")).settled()
    assert answer.thread
    return answer.thread


def turns(*said: str) -> list[str]:
    """Write a conversation as the model is shown it: a question, its answer, and so on."""
    return [f"{('user', 'assistant')[number % 2]}: {text}" for number, text in enumerate(said)]


# mentions


async def test_a_mention_is_answered_by_a_reply_that_pings_nobody(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, mention: str
) -> None:
    question = await alice.says(channel, f"{mention} {WHEN}")
    answer = await answered(question)
    await room.discord.quiet(0.2)
    assert question.replies == [answer]
    assert channel.history == [question, answer]
    assert claims(answer) == [OPENS]
    assert resolves(answer)
    assert not answer.pings
    assert list(answer.buttons) == ["Passages", "Follow up", "👍", "👎", "Citation"]
    assert WHEN not in answer.text, "the question stands right above"
    assert writer.conversation_before(WHEN) == []


async def test_a_mention_anywhere_in_a_message_is_left_out_of_the_question(
    writer: Writer, channel: Channel, alice: Person, bob: Person, mention: str
) -> None:
    await answered(await alice.says(channel, f"when {mention} does the ferry\n\nopen? {mention}"))
    await answered(await alice.says(channel, f"{mention} does {bob.mention} know?"))
    assert writer.questions == [WHEN, "does Bob know?"]


async def test_a_mention_alone_gets_a_short_help(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, mention: str
) -> None:
    told = await (await alice.says(channel, mention)).reply()
    assert told.text.startswith("Ask me about the articles, for example: ")
    assert "/help" in told.text
    assert writer.questions == []


async def test_what_is_not_meant_for_the_bot_is_ignored(
    room: Newsroom, writer: Writer, place: Place, channel: Channel, alice: Person, bob: Person, mention: str
) -> None:
    robot = place.member("robot", bot=True)
    answer = await answered(await alice.says(channel, f"{mention} {WHEN}"))
    before = len(channel.history)
    chat = await bob.says(channel, "has anybody asked Dateline?")
    await alice.says(channel, "no", reply_to=chat)
    await robot.says(channel, f"{mention} {MUCH}")
    await robot.says(channel, MUCH, reply_to=answer)
    await bob.edits(chat, f"{mention} {MUCH}")
    await alice.says(channel, "@everyone lunch")
    thread = await alice.opens_thread(answer, "a system message that replies to the answer")
    await bob.says(thread, "what is this thread?")
    await answered(await bob.says(channel, f"{mention} {LONG}"))
    await room.discord.quiet(0.3)
    assert writer.questions == [WHEN, LONG]
    assert len(channel.history) == before + 7
    assert len(thread.history) == 2


async def test_where_the_bot_may_not_answer_it_is_silent(
    room: Newsroom, writer: Writer, place: Place, channel: Channel, alice: Person, mention: str
) -> None:
    allowed = place.channel("questions")
    await (await place.member("boss", manages=True).slash(channel, "settings", answer_in=allowed)).settled()
    ignored = await alice.says(channel, f"{mention} {MUCH}")
    await alice.says(channel, mention)
    answer = await answered(await alice.says(allowed, f"{mention} {WHEN}"))
    thread = await alice.opens_thread(answer, "a thread of a channel that is allowed")
    await answered(await alice.says(thread, f"{mention} {LONG}"))
    await room.discord.quiet(0.2)
    assert writer.questions == [WHEN, LONG]
    assert [message.author for message in channel.history] == [alice.user, alice.user]
    assert ignored.replies == []


# the chain of replies


async def test_a_chain_of_replies_is_the_history_also_after_a_restart(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, bob: Person, mention: str
) -> None:
    first = await answered(await alice.says(channel, f"{mention} {WHEN}"))
    second = await answered(await alice.says(channel, MUCH, reply_to=first))
    await answered(await bob.says(channel, f"{mention} something else entirely?"))
    await room.restart()
    third = await answered(await bob.says(channel, MANY, reply_to=second))
    await answered(await alice.says(channel, LONG, reply_to=third))
    assert writer.conversation_before(WHEN) == []
    assert writer.conversation_before(MUCH) == turns(WHEN, OPENS)
    assert writer.conversation_before(MANY) == turns(WHEN, OPENS, MUCH, COST)
    assert writer.conversation_before(LONG) == turns(WHEN, OPENS, MUCH, COST, MANY, CARRIES)


async def test_a_conversation_branches_where_people_reply(
    writer: Writer, channel: Channel, alice: Person, bob: Person, mention: str
) -> None:
    trunk = await answered(await alice.says(channel, f"{mention} {WHEN}"))
    await answered(await alice.says(channel, MUCH, reply_to=trunk))
    branch = await answered(await bob.says(channel, MANY, reply_to=trunk))
    await answered(await alice.says(channel, LONG, reply_to=branch))
    assert writer.conversation_before(MUCH) == writer.conversation_before(MANY) == turns(WHEN, OPENS)
    assert writer.conversation_before(LONG) == turns(WHEN, OPENS, MANY, CARRIES)


async def test_in_a_channel_a_mention_begins_anew_and_nobody_shares_a_conversation_by_accident(
    writer: Writer, channel: Channel, alice: Person, bob: Person, mention: str
) -> None:
    await answered(await alice.says(channel, f"{mention} {WHEN}"))
    await answered(await bob.says(channel, f"{mention} {MUCH}"))
    await answered(await alice.says(channel, f"{mention} {LONG}"))
    assert writer.conversation_before(MUCH) == writer.conversation_before(LONG) == []


async def test_a_reply_to_the_answer_of_a_command_goes_on_from_it(
    writer: Writer, channel: Channel, alice: Person, bob: Person
) -> None:
    answer = await (await (await alice.slash(channel, "ask", question=MUCH)).settled()).until(is_whole)
    await answered(await bob.says(channel, LONG, reply_to=answer))
    assert writer.conversation_before(LONG) == turns(MUCH, COST)


async def test_a_mention_in_reply_to_somebody_takes_their_words_for_the_conversation(
    writer: Writer, channel: Channel, alice: Person, bob: Person, mention: str
) -> None:
    said = await bob.says(channel, f"{mention} knows the ferry of Oskel")
    await answered(said)
    await answered(await alice.says(channel, f"{mention} {LONG}", reply_to=said))
    assert writer.conversation_before(LONG) == turns("knows the ferry of Oskel")


# without the message content intent, Discord shows only what mentions the bot


async def test_in_a_thread_a_mention_goes_on_from_the_answer_that_it_was_opened_on(
    writer: Writer, channel: Channel, alice: Person, bob: Person, mention: str
) -> None:
    thread = await followed_up(alice, await answered(await alice.says(channel, f"{mention} {WHEN}")))
    first = await answered(await bob.says(thread, f"{mention} {MANY}"))
    await answered(await bob.says(thread, f"{mention} {LONG}"))
    await answered(await alice.says(thread, "and what else?", reply_to=first))
    assert writer.conversation_before(MANY) == turns(WHEN, OPENS)
    assert writer.conversation_before(LONG) == turns(WHEN, OPENS, MANY, CARRIES)
    assert writer.conversation_before("and what else?") == turns(WHEN, OPENS, MANY, CARRIES)


async def test_in_a_thread_without_a_mention_people_are_told_once_what_the_bot_sees(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, bob: Person, mention: str
) -> None:
    thread = await followed_up(alice, await answered(await alice.says(channel, f"{mention} {WHEN}")))
    told = await (await alice.says(thread, LONG)).reply()
    assert told.text == UNREADABLE
    again = [await alice.says(thread, LONG), await bob.says(thread, LONG)]
    await answered(await alice.says(thread, f"{mention} {MANY}"))
    await room.discord.quiet(0.2)
    assert [message.replies for message in again] == [[], []]
    assert writer.questions == [WHEN, MANY]


async def test_who_mentions_the_bots_role_is_told_what_the_bot_sees(
    place: Place, channel: Channel, alice: Person
) -> None:
    asked = await alice.says(channel, f"<@&{place.bots_role.id}> {WHEN}")
    assert (await asked.reply()).text == UNREADABLE


async def test_a_reply_without_a_ping_is_told_once_what_the_bot_sees(
    room: Newsroom, writer: Writer, channel: Channel, alice: Person, mention: str
) -> None:
    answer = await answered(await alice.says(channel, f"{mention} {WHEN}"))
    told = await (await alice.says(channel, LONG, reply_to=answer, ping=False)).reply()
    assert told.text == UNREADABLE
    again = await alice.says(channel, LONG, reply_to=answer, ping=False)
    await answered(await alice.says(channel, MANY, reply_to=answer, ping=True))
    await room.discord.quiet(0.2)
    assert again.replies == []
    assert writer.questions == [WHEN, MANY]


# direct messages


async def test_a_direct_conversation_needs_neither_mention_nor_reply(
    room: Newsroom, writer: Writer, alice: Person, bob: Person
) -> None:
    await answered(await alice.dm(WHEN))
    await answered(await bob.dm(MANY))
    await answered(await alice.dm(MUCH))
    await (await (await alice.slash(alice.direct, "ask", question=LONG)).settled()).until(is_whole)
    last = await answered(await alice.dm("and now?"))
    await room.discord.quiet(0.2)
    assert writer.conversation_before(MUCH) == turns(WHEN, OPENS)
    assert writer.conversation_before(MANY) == []
    assert writer.conversation_before("and now?") == turns(LONG, LASTS)
    assert len(alice.direct.history) == 7
    assert "Follow up" not in last.buttons


async def test_a_reply_in_a_direct_conversation_goes_on_from_what_it_replies_to(writer: Writer, alice: Person) -> None:
    first = await answered(await alice.dm(WHEN))
    await answered(await alice.dm(MANY))
    await answered(await alice.dm(LONG, reply_to=first))
    assert writer.conversation_before(LONG) == turns(WHEN, OPENS)


async def test_a_mention_alone_in_a_direct_message_gets_a_short_help(room: Newsroom, alice: Person) -> None:
    assert (await (await alice.dm(room.discord.bot_mention)).reply()).text.startswith("Ask me about the articles")
