"""`/settings`: what each server's managers choose counts there, at once and for good, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.bot.newsroom import COST, PAID, Newsroom, copied, newsroom, settled
from tests.discord_server import Channel, Message, Person
from tests.discord_server.gateway import Intent

pytestmark = pytest.mark.asyncio(loop_scope="module")
DEFAULTS = (
    "**Channels** I answer in all channels.\n"
    "**Per person** 3 questions at a time, any number an hour.\n"
    "**In threads of mine** I answer without being mentioned."
)
NOT_HERE = "I may not answer in this channel. Those who manage this server choose where, with /settings."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(gazette: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Newsroom]:
    store = copied(gazette, tmp_path_factory.mktemp("settings"))
    async with newsroom(store, Intent.MESSAGE_CONTENT, DISCORD_MESSAGE_CONTENT="true") as room:
        yield room


@pytest_asyncio.fixture(loop_scope="module")
async def room(shared: Newsroom) -> AsyncIterator[Newsroom]:
    """The newsroom, in which nothing is set before the test nor after it."""
    yield shared
    shown = await chosen(shared, everywhere=True, open_questions=3, questions_per_hour=0, mention_in_threads=False)
    assert shown == DEFAULTS


async def chosen(
    room: Newsroom, by: Person | None = None, at: Channel | None = None, **settings: Channel | int | bool
) -> str:
    """Change settings, and return what they are now said to be."""
    return (await settled(await (by or room.boss).slash(at or room.channel, "settings", **settings))).text


async def refusal(room: Newsroom, at: Channel) -> str:
    """Ask where that is not answered, and return the words for it."""
    return (await settled(await room.alice.slash(at, "ask", question=COST))).text


async def test_without_a_change_settings_are_shown(room: Newsroom) -> None:
    assert await chosen(room) == DEFAULTS


async def test_only_channels_that_were_chosen_are_answered_in(room: Newsroom) -> None:
    desk, lounge = room.place.channel("desk"), room.place.channel("lounge")
    shown = await chosen(room, answer_in=desk)
    assert shown == DEFAULTS.replace("all channels", f"<#{desk.id}>")
    assert await refusal(room, lounge) == NOT_HERE
    unheard = await room.alice.says(lounge, f"{room.discord.bot_mention} {COST}")
    answer = await room.answer(at=desk)
    assert PAID in answer.text
    assert PAID in (await room.answer(at=await room.alice.opens_thread(answer, "More of it"))).text
    assert await refusal(room, await room.alice.opens_thread(unheard, "Still unheard")) == NOT_HERE

    await chosen(room, answer_in=lounge)
    assert PAID in (await room.answer(at=lounge)).text
    assert await chosen(room, not_in=desk) == DEFAULTS.replace("all channels", f"<#{lounge.id}>")
    assert await refusal(room, desk) == NOT_HERE
    await chosen(room, everywhere=True)
    assert PAID in (await room.answer(at=desk)).text
    assert unheard.replies == []


async def test_taking_away_the_last_channel_is_refused_rather_than_opening_all(room: Newsroom) -> None:
    desk = room.place.channel("desk")
    refused = "That would leave no channel. Name the channels I may answer in, with answer\\_in."
    assert await chosen(room, not_in=desk) == refused
    await chosen(room, answer_in=desk)
    assert await chosen(room, not_in=desk) == refused
    assert await chosen(room) == DEFAULTS.replace("all channels", f"<#{desk.id}>")


async def test_a_limit_of_questions_an_hour_counts_for_each_person(room: Newsroom) -> None:
    shown = await chosen(room, questions_per_hour=2)
    assert "3 questions at a time, 2 an hour" in shown
    carol = room.place.member("carol")
    for _ in range(2):
        assert PAID in (await room.answer(to=carol)).text
    third = await settled(await carol.slash(room.channel, "ask", question=COST))
    assert third.text == "Here each person may ask 2 questions an hour. You can ask again in 60 min."
    assert PAID in (await room.answer(to=room.bob)).text
    await chosen(room, questions_per_hour=0)
    assert PAID in (await room.answer(to=carol)).text


async def test_a_limit_of_open_questions_lets_one_finish_before_the_next(room: Newsroom) -> None:
    assert "**Per person** 1 question at a time" in await chosen(room, open_questions=1)
    first, second = [room.bob.calls(room.channel, "ask", question=COST) for _ in range(2)]
    assert (await settled(second)).text.endswith("Please ask again when one is answered.")
    answered = await (await first.settled()).until(lambda message: message.buttons)
    assert PAID in answered.text
    assert PAID in (await room.answer(to=room.bob)).text


async def test_in_its_threads_it_waits_to_be_mentioned_if_that_is_wanted(room: Newsroom) -> None:
    answer = await room.answer()
    await settled(await room.alice.click(answer, "Follow up"))
    thread = answer.thread
    assert thread is not None
    assert "only when mentioned" in await chosen(room, mention_in_threads=True)
    unmentioned = await room.alice.says(thread, COST)
    assert PAID in (await said_to(await room.alice.says(thread, f"{room.discord.bot_mention} {COST}"))).text
    await chosen(room, mention_in_threads=False)
    assert PAID in (await said_to(await room.alice.says(thread, COST))).text
    assert unmentioned.replies == []


async def said_to(message: Message) -> Message:
    """Wait for the whole answer to a message."""
    return await (await message.reply()).until(lambda answer: answer.buttons)


async def test_settings_outlive_a_restart(room: Newsroom) -> None:
    desk = room.place.channel("night desk")
    shown = await chosen(room, answer_in=desk, open_questions=5, questions_per_hour=70, mention_in_threads=True)
    await room.restart()
    assert await chosen(room) == shown
    assert await refusal(room, room.channel) == NOT_HERE


async def test_settings_of_one_server_neither_show_nor_count_in_another(room: Newsroom) -> None:
    elsewhere = room.discord.guild("Elsewhere")
    channel, manager = elsewhere.channel("general"), elsewhere.member("manager", manages=True)
    alice = elsewhere.member(room.alice)
    desk = room.place.channel("day desk")
    await chosen(room, answer_in=desk, questions_per_hour=1, mention_in_threads=True)
    assert await chosen(room, by=manager, at=channel) == DEFAULTS
    for _ in range(2):
        assert PAID in (await room.answer(to=alice, at=channel)).text
    assert PAID in (await room.answer(at=room.alice.direct)).text
    assert "2 questions at a time" in await chosen(room, by=manager, at=channel, open_questions=2)
    assert "3 questions at a time" in await chosen(room)


async def test_members_who_may_not_manage_the_server_change_nothing(room: Newsroom) -> None:
    assert not room.alice.is_shown(room.channel, "settings")
    assert not room.boss.is_shown(room.boss.direct, "settings")
    tried = room.alice.calls(room.channel, "settings", although_hidden=True, open_questions=20)
    assert (await settled(tried)).text == "Only members who may manage this server can do that."
    assert await chosen(room) == DEFAULTS
