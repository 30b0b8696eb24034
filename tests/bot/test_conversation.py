"""A message is answered if it is meant for the bot, and read as what the person asked and what the bot said before."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from hypothesis import given, settings

from bot.conversation import answered, is_meant, is_to, may_answer_in, question_in, turns_of
from bot.layout import layout
from bot.markdown import visible
from bot.preferences import DEFAULT, Preferences
from bot.render import answer_cards
from rag.answer.wording import not_covered
from rag.schema import Answer, Citation, Claim, Mode, Query, Source, Turn
from tests.bot.samples import Author, authors

ME, ANNA, BERT, ROBOT = 1, 11, 12, 13
SERVER, OWN_THREAD, OTHER_THREAD, ROLE = 100, 300, 301, 400
CHANNEL, OTHER_CHANNEL = 200_000_000_000_000_000, 200_000_000_000_000_001  # discord.py takes no shorter id for one
NAMES = {ME: "dateline", ANNA: "anna", BERT: "bert", ROBOT: "robot"}
MILL = Citation(Source("mill.md", "The mill", "Valley Echo"), 0, 9, "It burned.")


def user(number: int) -> dict[str, Any]:
    bot = number in (ME, ROBOT)
    return {"id": number, "username": NAMES[number], "global_name": NAMES[number].title(), "discriminator": "0",
            "avatar": None, "bot": bot}  # fmt: skip


class World:
    """A server with two channels, a thread of the bot's and one of somebody else's, as discord.py knows them."""

    def __init__(self) -> None:
        self.state: Any = discord.Client(intents=discord.Intents.default())._connection
        self.me = self.state.user = discord.ClientUser(state=self.state, data=user(ME))  # type: ignore[arg-type]
        guild = discord.Guild(
            data={"id": SERVER, "name": "Press", "roles": [role(SERVER, "@everyone"), role(ROLE, "editors")]},  # type: ignore[typeddict-item]
            state=self.state,
        )
        self.state._add_guild(guild)
        self.places: dict[int | None, Any] = {}
        for number, name in ((CHANNEL, "news"), (OTHER_CHANNEL, "sport")):
            data: Any = {"id": number, "name": name, "type": 0, "position": 1, "guild_id": SERVER}
            self.places[number] = discord.TextChannel(state=self.state, guild=guild, data=data)
            guild._add_channel(self.places[number])
        for number, owner in ((OWN_THREAD, ME), (OTHER_THREAD, ANNA)):
            self.places[number] = discord.Thread(guild=guild, state=self.state, data=thread(number, owner))
        direct: Any = {"id": 500, "type": 1, "recipients": [user(ANNA)]}
        self.places[None] = discord.DMChannel(me=self.me, state=self.state, data=direct)

    def message(self, content: str = "", where: int | None = CHANNEL, who: int = ANNA, **more: Any) -> discord.Message:
        data: Any = message_data(content, where, who, **more)
        return discord.Message(state=self.state, channel=self.places[where], data=data)


def role(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "name": name, "permissions": "0", "position": 0, "color": 0, "hoist": False,
            "managed": False, "mentionable": True}  # fmt: skip


def thread(number: int, owner: int) -> Any:
    metadata = {"archived": False, "auto_archive_duration": 60, "archive_timestamp": "2025-01-01T00:00:00+00:00"}
    return {"id": number, "parent_id": CHANNEL, "owner_id": owner, "name": "thread", "type": 11, "guild_id": SERVER,
            "message_count": 1, "member_count": 1, "thread_metadata": metadata}  # fmt: skip


def message_data(
    content: str, where: int | None, who: int, mentions: tuple[int, ...] = (), to: Any = None, **more: Any
) -> dict[str, Any]:
    data = {"id": 900, "channel_id": where or 500, "content": content, "author": user(who), "type": 0,
            "mentions": [user(each) for each in mentions], "mention_roles": [], **more}  # fmt: skip
    if to is not None:
        reference = {"message_id": 800, "channel_id": data["channel_id"]}
        data |= {"type": 19, "message_reference": reference, "referenced_message": to}
    return data


def reply(to: int, **more: Any) -> dict[str, Any]:
    return {"to": message_data("before", CHANNEL, to), **more}


@pytest.fixture
def world() -> World:
    return World()


ASKED: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"mentions": (ME,)}, True),
    ({"mentions": (BERT,)}, False),
    ({"mentions": (BERT, ME)}, True),
    ({"mention_everyone": True}, False),
    (reply(ME), True),
    (reply(BERT), False),
    (reply(BERT, mentions=(ME,)), True),
    ({"mentions": (ME,), "who": ROBOT}, False),
    ({"mentions": (ME,), "who": ME}, False),
    ({"mentions": (ME,), "type": 6}, False),  # a message was pinned
    ({"where": None}, True),
    ({"where": None, "who": ME}, False),
    ({"where": OWN_THREAD}, True),
    ({"where": OWN_THREAD, "mentions": (BERT,)}, False),
    ({"where": OWN_THREAD, "mention_everyone": True}, False),
    ({"where": OWN_THREAD, "who": ROBOT}, False),
    ({"where": OWN_THREAD, **reply(BERT)}, False),
    ({"where": OWN_THREAD, **reply(ME)}, True),
    ({"where": OTHER_THREAD}, False),
    ({"where": OTHER_THREAD, "mentions": (ME,)}, True),
]


@pytest.mark.parametrize(("how", "meant"), ASKED)
async def test_only_what_is_meant_for_the_bot_is_answered(world: World, how: dict[str, Any], meant: bool) -> None:
    assert is_meant(world.message("who paid?", **how), world.me, DEFAULT) is meant


async def test_threads_can_be_told_to_wait_for_a_mention(world: World) -> None:
    waiting = Preferences(mention_in_threads=True)
    assert not is_meant(world.message("who paid?", OWN_THREAD), world.me, waiting)
    assert is_meant(world.message("who paid?", OWN_THREAD, mentions=(ME,)), world.me, waiting)


@pytest.mark.parametrize(
    ("where", "allowed", "meant"),
    [
        (CHANNEL, {CHANNEL}, True),
        (CHANNEL, {OTHER_CHANNEL}, False),
        (OWN_THREAD, {CHANNEL}, True),
        (OWN_THREAD, {OTHER_CHANNEL}, False),
        (OWN_THREAD, {OWN_THREAD}, True),
        (None, {OTHER_CHANNEL}, True),
    ],
)
async def test_the_bot_answers_only_where_it_may(
    world: World, where: int | None, allowed: set[int], meant: bool
) -> None:
    preferences = Preferences(channels=frozenset(allowed))
    assert is_meant(world.message("who paid?", where, mentions=(ME,)), world.me, preferences) is meant
    assert may_answer_in(world.places[where], DEFAULT)


async def test_a_reply_to_a_message_that_is_gone_is_no_reply_to_the_bot(world: World) -> None:
    gone = message_data("who paid?", CHANNEL, ANNA) | {"message_reference": {"message_id": 800, "channel_id": CHANNEL}}
    message = discord.Message(
        state=world.state,
        channel=world.places[CHANNEL],
        data=gone | {"referenced_message": None},  # type: ignore[arg-type]
    )
    assert not answered(message, world.me)
    assert not is_meant(message, world.me, DEFAULT)


@pytest.mark.parametrize(
    ("content", "question"),
    [
        ("<@1> who paid?", "who paid?"),
        ("who,<@!1>\n paid?", "who, paid?"),
        ("<@1>", ""),
        ("is <@12> or <@!12> in <#200000000000000000>, <@&400>?", "is Bert or Bert in news, editors?"),
        ("<@99> and <@&99> and <#99>", "<@99> and <@&99> and <#99>"),
    ],
)
async def test_a_question_has_names_for_mentions_and_not_the_bots_own(
    world: World, content: str, question: str
) -> None:
    message = world.message(content, mentions=(ME, BERT), mention_roles=[ROLE])
    assert question_in(message, world.me) == question


def shown(world: World, answer: Answer, question: str = "") -> discord.Message:
    """What the bot has sent, as Discord gives it back: with an id for each component."""
    components = layout(answer_cards(answer, question)[0]).to_components()  # type: ignore[no-untyped-call]
    for number, part in enumerate(components[0]["components"], start=1):
        part.setdefault("id", number)
    return world.message("", who=ME, components=components, flags=1 << 15)


def answer(*texts: str, **more: Any) -> Answer:
    return Answer(Query("q", "q"), Mode.OPENAI, tuple(Claim(text, (MILL,)) for text in texts), **more)


async def test_a_persons_message_is_a_turn_of_theirs(world: World) -> None:
    assert turns_of(world.message("<@1> who paid?"), world.me) == [Turn("user", "who paid?")]
    assert turns_of(world.message("<@1>"), world.me) == []


async def test_an_answer_is_read_without_markers_and_sources(world: World) -> None:
    (turn,) = turns_of(shown(world, answer("It burned in 1921.", "Nobody paid.", unanswered=("who did it",))), world.me)
    assert turn.role == "assistant"
    assert turn.content.split("\n")[0] == "It burned in 1921."
    assert "Nobody paid.\n" in turn.content
    assert not_covered("who did it") in turn.content
    assert "Echo" not in turn.content


async def test_an_answer_that_repeats_its_question_is_two_turns(world: World) -> None:
    message = shown(world, answer("It burned."), "Did the *old* mill_house burn?")
    assert turns_of(message, world.me) == [
        Turn("user", "Did the *old* mill_house burn?"),
        Turn("assistant", "It burned."),
    ]


@given(authors)
@settings(max_examples=100, deadline=None)
async def test_what_was_said_is_read_back_as_it_was(author: Author) -> None:
    world, question, text = World(), author.said(), author.said()
    folded = visible(" ".join(question.split())).replace("＠", "@")
    told = visible(" ".join(f"{text}.".split())).replace("＠", "@")
    if len(folded) > 140 or len(told) > 400:
        return
    asked, said = turns_of(shown(world, answer(f"{text}."), question), world.me)
    assert (asked, said) == (Turn("user", folded), Turn("assistant", told))


async def test_an_answer_belongs_to_whom_it_replies(world: World) -> None:
    to_anna = world.message("", who=ME, to=message_data("who paid?", CHANNEL, ANNA))
    anna, bert = (world.message("and when?", who=each).author for each in (ANNA, BERT))
    assert (is_to(to_anna, anna), is_to(to_anna, bert)) == (True, False)
    assert not is_to(world.message("", who=ME), anna)
    assert is_to(world.message("", None, who=ME), anna)
