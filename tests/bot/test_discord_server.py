"""The loopback Discord server, tried with the real discord.py client and with requests of every bad kind."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord as discord_py
import pytest
import yarl

from tests.discord_server import (
    DISCORD_API,
    Channel,
    DiscordServer,
    Interaction,
    Permission,
    Person,
    Pings,
    PublicWeb,
    Upload,
    ask_at_once,
    bot_process,
)
from tests.discord_server.faults import Fault, broken, broken_after, hung_up, hung_up_after, rate_limited, slow
from tests.discord_server.gateway import Intent
from tests.discord_server.people import Place
from tests.discord_server.small_bot import SmallBot


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as discord:
        yield discord


@pytest.fixture
def newsroom(server: DiscordServer) -> Place:
    return server.guild("Newsroom")


@pytest.fixture
def channel(newsroom: Place) -> Channel:
    return newsroom.channel("general")


@pytest.fixture
def alice(newsroom: Place) -> Person:
    return newsroom.member("alice")


@asynccontextmanager
async def connected(
    server: DiscordServer, intents: discord_py.Intents | None = None, patience: float = 5.0
) -> AsyncIterator[SmallBot]:
    """Run the small bot in this process against the server, until it has registered its commands and is told READY."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord_py.http.Route, "BASE", server.api)
        patch.setattr(discord_py.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
        bot = SmallBot(intents)
        running = asyncio.create_task(bot.start(server.token))
        try:
            await server.until(lambda: server.gateway.session or running.done(), patience, "the bot to connect")
            if running.done():
                running.result()
            yield bot
        finally:
            await bot.close()
            await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def bot(server: DiscordServer, channel: Channel, alice: Person) -> AsyncIterator[SmallBot]:
    async with connected(server) as bot:
        yield bot


# commands and components


async def test_a_command_is_acknowledged_and_its_answer_replaces_the_waiting_message(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    asked = await alice.slash(channel, "ask", question="Who signed?", times=2)
    answer = await (await asked.settled()).until(lambda message: message.text.startswith("Answer"))
    assert answer.text == "Answer: Who signed?"
    assert [version.text for version in answer.versions] == ["", "… 0", "… 1", "Answer: Who signed?"]
    assert len(answer.edits) == 2
    assert list(answer.buttons) == ["Passages", "Wrong", "Again"]
    assert channel.history == [answer] == asked.messages
    assert 0 < asked.ack_ms < 3000
    assert not answer.ephemeral


async def test_a_private_answer_is_in_nobody_elses_history(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person, newsroom: Place
) -> None:
    answer = await (await alice.slash(channel, "ask", question="Who?", private=True)).settled()
    assert answer.ephemeral
    assert channel.history == []
    with pytest.raises(AssertionError, match="bob does not see"):
        await newsroom.member("bob").click(answer, "Passages")


async def test_the_first_follow_up_is_the_deferred_response(
    server: DiscordServer, bot: SmallBot, channel: Channel, newsroom: Place
) -> None:
    asked = await newsroom.member("boss", manages=True).slash(channel, "guarded")
    more = await asked.followup()
    assert [message.text for message in asked.messages] == ["done", "and more"]
    assert not (await asked.settled()).ephemeral
    assert [message.type for message in asked.messages] == [20, 19]
    assert more.reply_to is asked.original


async def test_a_command_for_managers_is_hidden_from_others(
    bot: SmallBot, channel: Channel, alice: Person, newsroom: Place
) -> None:
    assert not alice.is_shown(channel, "guarded")
    assert not alice.is_shown(alice.direct, "guarded")
    assert newsroom.member("boss", manages=True).is_shown(channel, "guarded")
    with pytest.raises(AssertionError, match="is not shown"):
        await alice.slash(channel, "guarded")
    await alice.calls(channel, "guarded", although_hidden=True).acknowledged()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"question": "Who?", "colour": "red"}, "no option 'colour'"),
        ({"question": 5}, "not of the option's type"),
        ({"question": "Who?", "times": 9}, "must be 5 at most"),
        ({"question": "Who?", "times": True}, "not of the option's type"),
        ({}, "requires"),
    ],
)
async def test_people_cannot_send_what_a_client_would_not(
    bot: SmallBot, channel: Channel, alice: Person, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        await alice.slash(channel, "ask", **options)


async def test_an_option_is_completed_and_a_file_is_read(bot: SmallBot, channel: Channel, alice: Person) -> None:
    choices = await alice.autocomplete(channel, "ask", "outlet", "sha", question="Who?")
    assert [choice.name for choice in choices] == ["Shale"]
    asked = await alice.slash(channel, "ask", question="Who?", outlet="Shale", file=Upload("a.txt", b" said so"))
    assert (await asked.settled()).text == "Answer: Who? Shale said so"


async def test_buttons_menus_and_modals_answer(bot: SmallBot, channel: Channel, alice: Person) -> None:
    answer = await (await alice.slash(channel, "ask", question="Who?")).settled()
    passage = await (await alice.click(answer, "Passages")).settled()
    assert (passage.text, passage.ephemeral) == ("a passage", True)
    opened = await alice.click(answer, "Wrong")
    thanks = await (await alice.submit(opened, {"Why": "It names another"})).settled()
    assert (thanks.text, thanks.ephemeral) == ("Noted: It names another", True)
    assert await (await alice.click(answer, "Again")).settled() is answer
    assert answer.text == "changed"
    assert await (await alice.choose(answer, "Two")).settled() is answer
    assert answer.text == "chose Two"
    with pytest.raises(AssertionError, match="is required"):
        await alice.submit(opened, {"Why": ""})


async def test_buttons_work_after_a_restart(server: DiscordServer, channel: Channel, alice: Person) -> None:
    async with connected(server):
        answer = await (await alice.slash(channel, "ask", question="Who?")).settled()
    async with connected(server):
        assert (await (await alice.click(answer, "Passages")).settled()).text == "a passage"


async def test_a_card_of_components_can_be_read_and_a_file_follows_it(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    asked = await alice.slash(channel, "card")
    follow_up = await asked.followup()
    assert [message.text for message in channel.history] == ["a card", "and a file"]
    assert [(file.filename, file.content) for file in follow_up.attachments] == [("notes.md", b"text")]
    assert all(component["id"] for component in channel.history[0].now.components)


async def test_a_message_is_handed_whole_to_a_context_menu(bot: SmallBot, channel: Channel, alice: Person) -> None:
    said = await alice.says(channel, "It rained.")
    assert (await (await alice.apps(said, "Repeat this")).settled()).text == "It says: It rained."


# messages


async def test_a_mention_is_answered_with_a_reply_that_pings_nobody(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    said = await alice.says(channel, f"{server.bot_mention} tell all")
    reply = await said.reply()
    assert reply.reply_to is said
    assert reply.text == f"you said: {server.bot_mention} tell all @everyone"
    assert not reply.pings
    assert said.pings.users == {server.world.bot.id}


async def test_a_reply_that_pings_the_bot_shows_it_its_content_and_one_that_does_not_hides_it(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    first = await (await alice.says(channel, f"{server.bot_mention} hello")).reply()
    again = await (await alice.says(channel, "and then", reply_to=first)).reply()
    assert again.text == "you said: and then"
    await alice.says(channel, "not for you", reply_to=first, ping=False)
    await server.until(lambda: len([message for message in bot.seen if not message.author.bot]) == 3)
    assert bot.seen[-1].content == ""
    assert bot.seen[-1].reference is not None
    assert isinstance(bot.seen[-1].reference.resolved, discord_py.Message)
    assert bot.seen[-1].reference.resolved.content == first.text


async def test_content_is_hidden_from_the_api_too_and_shown_when_the_intent_is_allowed(
    server: DiscordServer, channel: Channel, alice: Person
) -> None:
    said = await alice.says(channel, "between us")
    path = f"/channels/{channel.id}/messages/{said.id}"
    assert (await get(server, path))["content"] == ""
    server.gateway.allowed = Intent.MESSAGE_CONTENT
    assert (await get(server, path))["content"] == "between us"
    intents = discord_py.Intents.default()
    intents.message_content = True
    async with connected(server, intents) as bot:
        await alice.says(channel, "for all to read")
        await server.until(lambda: bot.seen and bot.seen[-1].content == "for all to read")


async def test_a_direct_message_is_answered_where_it_was_sent(bot: SmallBot, alice: Person) -> None:
    reply = await (await alice.dm("who signed?")).reply()
    assert reply.text == "you said: who signed?"
    assert reply.channel is alice.direct
    asked = await alice.slash(alice.direct, "ask", question="Who?")
    assert (await asked.settled()).text == "Answer: Who?"


async def test_a_thread_is_opened_on_a_message_once(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    said = await alice.says(channel, f"{server.bot_mention} thread")
    reply = await said.reply()
    thread = reply.channel
    assert (thread.name, thread.parent, thread.id) == ("A thread", channel, said.id)
    again = await send(server, "POST", f"/channels/{channel.id}/messages/{said.id}/threads", {"name": "Another"})
    assert (again.status, again.body["code"]) == (400, 160004)
    in_thread = await alice.says(thread, f"{server.bot_mention} go on")
    assert (await in_thread.reply()).channel is thread


async def test_a_private_answer_reaches_the_bot_as_a_message_without_a_guild(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    asked = await alice.slash(channel, "ask", question="Who?", private=True)
    await asked.settled()
    await server.until(lambda: bot.seen)
    assert [message.author for message in bot.seen] == [bot.user]
    session = server.gateway.session
    assert session
    created = [event["d"] for event in session.events if event["t"] == "MESSAGE_CREATE"]
    assert ["guild_id" in message for message in created] == [False]


async def test_a_message_tells_whom_it_would_ping(server: DiscordServer, channel: Channel, newsroom: Place) -> None:
    bob, crew = newsroom.member("bob"), newsroom.role("crew", mentionable=True)
    text = f"{bob.mention} <@&{crew.id}> @everyone"
    await send(server, "POST", f"/channels/{channel.id}/messages", {"content": text})
    allowed = {"parse": ["roles"]}
    await send(server, "POST", f"/channels/{channel.id}/messages", {"content": text, "allowed_mentions": allowed})
    first, second = channel.history
    assert first.pings == Pings(frozenset({bob.user.id}), frozenset({crew.id}))
    assert second.pings == Pings(roles=frozenset({crew.id}))


async def test_what_exists_is_found_by_its_id(server: DiscordServer, newsroom: Place, channel: Channel) -> None:
    bob = newsroom.member("bob")
    ids = {
        "/users/@me": server.world.bot.id,
        f"/users/{bob.user.id}": bob.user.id,
        "/oauth2/applications/@me": server.world.application_id,
        f"/guilds/{newsroom.id}": newsroom.id,
        f"/channels/{channel.id}": channel.id,
    }
    assert {path: int((await get(server, path))["id"]) for path in ids} == ids
    assert (await get(server, f"/guilds/{newsroom.id}/members/{bob.user.id}"))["user"]["username"] == "bob"
    assert [one["name"] for one in await get(server, f"/guilds/{newsroom.id}/channels")] == ["general"]
    assert (await get(server, "/gateway/bot"))["url"] == server.gateway_url
    unknown = {"/users/1": 10013, "/guilds/1": 10004, f"/guilds/{newsroom.id}/members/1": 10007}
    assert {path: (await get(server, path))["code"] for path in unknown} == unknown


async def test_the_bot_may_write_to_somebody_first_and_react_and_open_a_thread_on_nothing(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    user = await bot.fetch_user(alice.user.id)
    await user.send("hello")
    assert [message.text for message in alice.direct.history] == ["hello"]
    said = await alice.says(channel, "nice")
    place = bot.get_channel(channel.id)
    assert isinstance(place, discord_py.TextChannel)
    await place.get_partial_message(said.id).add_reaction("👍")
    assert said.reactions == [("👍", server.world.bot.id)]
    async with place.typing():
        thread = await place.create_thread(name="Elsewhere", type=discord_py.ChannelType.public_thread)
    assert [message.type for message in channel.history] == [0, 18]
    assert server.world.channels[thread.id].parent is channel
    await thread.edit(archived=True)
    assert server.world.channels[thread.id].archived


async def test_a_person_a_channel_and_a_role_can_be_given_to_a_command(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person, newsroom: Place
) -> None:
    crew = newsroom.role("crew")
    asked = await alice.slash(channel, "kinds", who=alice, where=channel, which=crew)
    assert (await asked.settled()).text == "alice general crew"


# deadlines


async def test_a_command_that_is_acknowledged_too_late_is_unknown(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    asked = alice.calls(channel, "slow", seconds=0.1)
    server.advance(3.1)
    await server.until(lambda: bot.failures)
    (callback,) = server.requests("POST", "/callback")
    assert (callback.status, callback.answer["code"]) == (404, 10062)
    assert asked.failed
    assert channel.history == []


async def test_an_interaction_is_acknowledged_once_and_lasts_a_quarter_of_an_hour(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    asked = await alice.slash(channel, "ask", question="Who?")
    await asked.settled()
    again = await send(server, "POST", f"/interactions/{asked.id}/{asked.token}/callback", {"type": 5})
    assert (again.status, again.body["code"]) == (400, 40060)
    webhook = f"/webhooks/{server.world.application_id}/{asked.token}"
    assert (await send(server, "POST", webhook, {"content": "in time"})).status == 200
    server.advance(900)
    late = await send(server, "PATCH", f"{webhook}/messages/@original", {"content": "late"})
    assert (late.status, late.body["code"]) == (401, 50027)


# the gateway


async def resumed(server: DiscordServer, times: int) -> None:
    await server.until(lambda: len(server.gateway.resumed) == times, what=f"{times} resumes")


async def test_a_dropped_connection_is_resumed_without_losing_anything(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    session = server.gateway.session
    for number, cut in enumerate((server.gateway.drop, server.gateway.reconnect, server.gateway.close), 1):
        cut()
        asked = alice.calls(channel, "ask", question="Who?")
        assert (await asked.settled()).text == "Answer: Who?"
        await resumed(server, number)
    assert server.gateway.session is session
    assert len(server.gateway.identified) == 1


async def test_a_resume_can_replay_what_the_bot_has_had(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    said = await alice.says(channel, f"{server.bot_mention} hello")
    await said.reply()
    await server.until(lambda: len(bot.seen) == 2)
    server.gateway.repeat_on_resume(2)
    server.gateway.drop()
    await server.until(lambda: len(said.replies) == 2)  # the small bot does not notice


async def test_an_event_can_be_delivered_twice(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    said = await alice.says(channel, f"{server.bot_mention} hello")
    server.gateway.repeat("MESSAGE_CREATE")
    await server.until(lambda: len(said.replies) == 2)


async def test_an_invalid_session_makes_the_bot_identify_again(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(shard_id: int | None, *, initial: bool = False) -> None:
        return None

    monkeypatch.setattr(bot, "before_identify_hook", at_once)  # discord.py waits five seconds here
    server.gateway.invalidate()
    await server.until(lambda: len(server.gateway.identified) == 2)
    asked = await alice.slash(channel, "ask", question="Who?")
    assert (await asked.settled()).text == "Answer: Who?"
    server.gateway.invalidate(resumable=True)
    await server.until(lambda: len(server.gateway.resumed) == 1)
    assert len(server.gateway.identified) == 2


async def test_privileged_intents_and_wrong_tokens_are_refused(server: DiscordServer, channel: Channel) -> None:
    intents = discord_py.Intents.default()
    intents.message_content = True
    with pytest.raises(discord_py.PrivilegedIntentsRequired):
        await connected(server, intents).__aenter__()
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 0, "properties": {}}})
        assert (await socket.receive()).data == 4004
    assert (await send(server, "GET", "/users/@me", token="wrong")).status == 401


# faults


@pytest.mark.parametrize(
    ("fault", "sent", "asked_again"),
    [
        (rate_limited(0.05), 1, True),
        (rate_limited(0.05, via=False), 0, False),
        (broken(503), 0, False),
        (hung_up(), 0, False),
        (hung_up_after(), 1, False),
        (slow(0.05), 1, False),
    ],
    ids=["429", "429 without Via", "503", "hung up", "hung up after", "slow"],
)
async def test_a_request_goes_wrong_as_planned(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person, fault: Fault, sent: int, asked_again: bool
) -> None:
    server.fail("POST", "/channels/*/messages", fault)
    said = await alice.says(channel, f"{server.bot_mention} hello")
    expected = 2 if asked_again else 1
    await server.until(lambda: [one.status for one in server.requests("POST", "/messages")].count(0) == 0)
    await server.until(lambda: len(server.requests("POST", "/messages")) == expected)
    await server.until(lambda: all(one.status for one in server.exchanges))
    assert len(said.replies) == sent
    assert server.faults.left == 0


async def test_a_message_sent_again_after_a_server_error_is_the_same_by_its_nonce(
    server: DiscordServer, bot: SmallBot, channel: Channel, alice: Person
) -> None:
    server.fail("POST", "/channels/*/messages", broken_after(502))
    said = await alice.says(channel, f"{server.bot_mention} hello")
    await server.until(lambda: [one.status for one in server.requests("POST", "/messages")] == [502, 200])
    assert len(said.replies) == 1


async def test_a_channel_takes_five_messages_in_five_seconds(server: DiscordServer, channel: Channel) -> None:
    server.rate_limits = True
    answers = [await send(server, "POST", f"/channels/{channel.id}/messages", {"content": "x"}) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    assert 0 < answers[5].body["retry_after"] <= 5
    assert answers[5].headers["Via"]


# what is refused


class Answer:
    """What the server answered."""

    def __init__(self, status: int, body: Any, headers: dict[str, str]) -> None:
        self.status, self.body, self.headers = status, body, headers


async def send(
    server: DiscordServer,
    method: str,
    path: str,
    body: object = None,
    *,
    token: str = "",
    files: Mapping[str, bytes] | None = None,
) -> Answer:
    """Send a request as a bot does."""
    headers = {"Authorization": f"Bot {token or server.token}"}
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps(body))
    for index, (name, content) in enumerate((files or {}).items()):
        form.add_field(f"files[{index}]", content, filename=name)
    sent: dict[str, Any] = {"data": form} if files else {"json": body} if body is not None else {}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, server.api + path, headers=headers, **sent) as response,
    ):
        text = await response.text()
        return Answer(response.status, json.loads(text) if text else None, dict(response.headers))


async def get(server: DiscordServer, path: str) -> Any:
    return (await send(server, "GET", path)).body


def faults_of(body: dict[str, Any]) -> dict[str, list[str]]:
    """Flatten the errors of a form: codes by path."""
    found: dict[str, list[str]] = {}

    def visit(node: dict[str, Any], path: str) -> None:
        for key, value in node.items():
            if key == "_errors":
                found[path] = [error["code"] for error in value]
            else:
                visit(value, f"{path}.{key}".strip("."))

    visit(body.get("errors", {}), "")
    return found


LONG, V2 = "BASE_TYPE_MAX_LENGTH", 1 << 15


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | changes


def row(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def menu(**changes: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "menu", "options": [{"label": "A", "value": "a"}]} | changes


def options(count: int) -> list[dict[str, str]]:
    return [{"label": "A", "value": str(number)} for number in range(count)]


def container(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 17, "components": list(children)}


def v2(*components: dict[str, Any]) -> dict[str, Any]:
    return {"flags": V2, "components": list(components)}


ROWS_OF_BUTTONS = [row(*(button(custom_id=f"{r}{c}") for c in range(5))) for r in range(6)]

AT_THE_LIMIT: list[dict[str, Any]] = [
    {"content": "x" * 2000},
    {"embeds": [{"title": "x" * 256, "description": "x" * 4096, "footer": {"text": "x" * 1648}}]},
    {"embeds": [{"fields": [{"name": "x" * 100, "value": "x" * 100}] * 25}]},
    {"embeds": [{"title": "x"}] * 10},
    {"components": ROWS_OF_BUTTONS[:5]},
    {"components": [row(menu(options=options(25), placeholder="x" * 150))]},
    {"components": [row(button(label="x" * 80, custom_id="x" * 100))]},
    {"components": [row(button(style=5, custom_id=None, url="https://news.example/a"))]},
    v2(*(text("x" * 100) for _ in range(40))),
    v2({"type": 9, "components": [text("a"), text("b"), text("c")], "accessory": button()}),
    v2(container(text("x"), row(button()), {"type": 14, "spacing": 2})),
    {"content": "x", "nonce": "n" * 25},
]

BEYOND_IT: list[tuple[dict[str, Any], dict[str, list[str]]]] = [
    ({"content": "x" * 2001}, {"content": [LONG]}),
    ({"embeds": [{"title": "x" * 257}]}, {"embeds.0.title": [LONG]}),
    ({"embeds": [{"description": "x" * 4097}]}, {"embeds.0.description": [LONG]}),
    ({"embeds": [{"title": "x", "footer": {"text": "x" * 2049}}]}, {"embeds.0.footer.text": [LONG]}),
    ({"embeds": [{"author": {"name": "x" * 257}}]}, {"embeds.0.author.name": [LONG]}),
    (
        {"embeds": [{"fields": [{"name": "x" * 257, "value": "x" * 1025}]}]},
        {"embeds.0.fields.0.name": [LONG], "embeds.0.fields.0.value": [LONG]},
    ),
    ({"embeds": [{"fields": [{"name": "x", "value": "x"}] * 26}]}, {"embeds.0.fields": ["BASE_TYPE_BAD_LENGTH"]}),
    ({"embeds": [{"fields": [{"name": " ", "value": "x"}]}]}, {"embeds.0.fields.0.name": ["BASE_TYPE_REQUIRED"]}),
    ({"embeds": [{"description": "x" * 3001}] * 2}, {"embeds": ["MAX_EMBED_SIZE_EXCEEDED"]}),
    ({"embeds": [{"title": "x"}] * 11}, {"embeds": ["BASE_TYPE_BAD_LENGTH"]}),
    ({"embeds": [{"title": "x", "url": "news"}]}, {"embeds.0.url": ["URL_TYPE_INVALID_SCHEME"]}),
    ({"components": ROWS_OF_BUTTONS}, {"components": ["BASE_TYPE_BAD_LENGTH"]}),
    (
        {"components": [row(*(button(custom_id=str(c)) for c in range(6)))]},
        {"components.0.components": ["BASE_TYPE_BAD_LENGTH"]},
    ),
    ({"components": [row()]}, {"components.0.components": ["BASE_TYPE_BAD_LENGTH"]}),
    ({"components": [row(button(), button())]}, {"components": ["COMPONENT_CUSTOM_ID_DUPLICATED"]}),
    ({"components": [row(button(custom_id="x" * 101))]}, {"components.0.components.0.custom_id": [LONG]}),
    ({"components": [row(button(label="x" * 81))]}, {"components.0.components.0.label": [LONG]}),
    (
        {"components": [row(button(label=None))]},
        {"components.0.components.0": ["BUTTON_COMPONENT_INVALID_LABEL"]},
    ),
    (
        {"components": [row(button(style=5, custom_id=None, url="javascript:alert(1)"))]},
        {"components.0.components.0.url": ["URL_TYPE_INVALID_SCHEME"]},
    ),
    (
        {"components": [row(button(style=5, custom_id=None, url="https://no spaces.example"))]},
        {"components.0.components.0.url": ["URL_TYPE_INVALID_URL"]},
    ),
    (
        {"components": [row(menu(options=options(26)))]},
        {"components.0.components.0.options": ["BASE_TYPE_BAD_LENGTH"]},
    ),
    (
        {"components": [row(menu(options=[{"label": "A", "value": "a"}] * 2))]},
        {"components.0.components.0.options": ["SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"]},
    ),
    ({"components": [row(menu(), button())]}, {"components.0.components": ["COMPONENT_LAYOUT_WIDTH_EXCEEDED"]}),
    ({"components": [text("x")]}, {"components.0.type": ["BASE_TYPE_CHOICES"]}),
    (v2(*(text("x") for _ in range(41))), {"components": ["BASE_TYPE_BAD_LENGTH"]}),
    (
        v2(container(*(text("x") for _ in range(21))), container(*(text("x") for _ in range(18)))),
        {"components": ["BASE_TYPE_BAD_LENGTH"]},
    ),
    (v2(text("x" * 2001), text("x" * 2000)), {"components": ["COMPONENT_MAX_TOTAL_TEXT_LENGTH_EXCEEDED"]}),
    (v2(text("")), {"components.0.content": ["BASE_TYPE_REQUIRED"]}),
    (v2(container(container(text("x")))), {"components.0.components.0.type": ["BASE_TYPE_CHOICES"]}),
    (v2({"type": 9, "components": [text("a")]}), {"components.0.accessory": ["BASE_TYPE_REQUIRED"]}),
    (
        v2({"type": 13, "file": {"url": "attachment://a.md"}}),
        {"components.0.file.url": ["UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"]},
    ),
    (
        v2(text("x")) | {"content": "x"},
        {"content": ["MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"]},
    ),
    ({"content": "x", "nonce": "n" * 26}, {"nonce": [LONG]}),
    (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        {"allowed_mentions.users": ["MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"]},
    ),
]


async def test_a_message_at_a_limit_is_taken(server: DiscordServer, channel: Channel) -> None:
    for body in AT_THE_LIMIT:
        answer = await send(server, "POST", f"/channels/{channel.id}/messages", body)
        assert answer.status == 200, (body, answer.body)
    assert len(channel.history) == len(AT_THE_LIMIT)


@pytest.mark.parametrize(("body", "faults"), BEYOND_IT, ids=[", ".join(faults) for _, faults in BEYOND_IT])
async def test_a_message_beyond_a_limit_is_refused_with_the_place(
    server: DiscordServer, channel: Channel, body: dict[str, Any], faults: dict[str, list[str]]
) -> None:
    answer = await send(server, "POST", f"/channels/{channel.id}/messages", body)
    assert (answer.status, answer.body["code"]) == (400, 50035)
    assert faults_of(answer.body) == faults
    assert channel.history == []


async def test_an_empty_message_is_refused(server: DiscordServer, channel: Channel) -> None:
    bodies: list[dict[str, Any]] = [{}, {"content": " \n "}, {"content": None, "embeds": []}]
    for body in bodies:
        answer = await send(server, "POST", f"/channels/{channel.id}/messages", body)
        assert (answer.status, answer.body["code"]) == (400, 50006)


async def test_a_message_of_components_stays_one(server: DiscordServer, channel: Channel) -> None:
    await send(server, "POST", f"/channels/{channel.id}/messages", v2(text("one")))
    path = f"/channels/{channel.id}/messages/{channel.history[0].id}"
    refused = await send(server, "PATCH", path, {"flags": 0})
    assert faults_of(refused.body) == {"flags": ["MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG"]}
    assert (await send(server, "PATCH", path, {"content": "two"})).status == 400
    assert (await send(server, "PATCH", path, {"components": [text("two")]})).status == 200
    assert (channel.history[0].text, len(channel.history[0].edits)) == ("two", 1)


async def test_a_nonce_keeps_a_message_from_being_sent_twice(server: DiscordServer, channel: Channel) -> None:
    path, body = f"/channels/{channel.id}/messages", {"content": "x", "nonce": "once", "enforce_nonce": True}
    first, second = await send(server, "POST", path, body), await send(server, "POST", path, body)
    assert first.body["id"] == second.body["id"]
    assert len(channel.history) == 1


async def test_a_reply_to_a_deleted_message_is_refused_unless_it_need_not_exist(
    server: DiscordServer, channel: Channel, alice: Person
) -> None:
    said = await alice.says(channel, "gone soon")
    await alice.deletes(said)
    path, reference = f"/channels/{channel.id}/messages", {"message_id": str(said.id)}
    answer = await send(server, "POST", path, {"content": "x", "message_reference": reference})
    assert faults_of(answer.body) == {"message_reference": ["REPLIES_UNKNOWN_MESSAGE"]}
    lenient = reference | {"fail_if_not_exists": False}
    assert (await send(server, "POST", path, {"content": "x", "message_reference": lenient})).status == 200
    assert channel.history[0].reply_to is None


async def test_what_is_gone_is_unknown_and_what_is_forbidden_is_refused(
    server: DiscordServer, channel: Channel, alice: Person
) -> None:
    said = await alice.says(channel, "mine")
    path = f"/channels/{channel.id}/messages"
    codes = [(await send(server, "PATCH", f"{path}/{said.id}", {"content": "yours"})).body["code"]]
    codes.append((await send(server, "DELETE", f"{path}/{said.id}")).body["code"])
    server.forbid(channel, Permission.SEND_MESSAGES)
    codes.append((await send(server, "POST", path, {"content": "x"})).body["code"])
    server.forbid(channel, Permission.VIEW_CHANNEL)
    codes.append((await send(server, "POST", path, {"content": "x"})).body["code"])
    codes.append((await send(server, "GET", "/channels/1")).body["code"])
    server.delete(channel)
    codes.append((await send(server, "POST", path, {"content": "x"})).body["code"])
    assert codes == [50005, 50013, 50013, 50001, 10003, 10003]


async def test_history_comes_in_pages_newest_first(server: DiscordServer, channel: Channel, alice: Person) -> None:
    said = [await alice.says(channel, f"{server.bot_mention} {number}") for number in range(5)]
    path = f"/channels/{channel.id}/messages"

    async def numbers(query: str) -> list[str]:
        return [message["content"][-1] for message in await get(server, f"{path}?{query}")]

    assert await numbers("limit=2") == ["4", "3"]
    assert await numbers(f"before={said[3].id}&limit=2") == ["2", "1"]
    assert await numbers(f"after={said[1].id}&limit=2") == ["3", "2"]
    assert await numbers(f"around={said[2].id}&limit=3") == ["3", "2", "1"]
    assert (await send(server, "GET", f"{path}?limit=101")).status == 400


async def test_files_are_served_where_the_message_says(server: DiscordServer, channel: Channel) -> None:
    component = {"type": 13, "file": {"url": "attachment://a.md"}}
    body = v2(component) | {"attachments": [{"id": 0, "filename": "a.md", "description": "notes"}]}
    answer = await send(server, "POST", f"/channels/{channel.id}/messages", body, files={"a.md": b"# A"})
    assert answer.status == 200
    (file,) = answer.body["attachments"]
    assert answer.body["components"][0]["file"]["url"] == file["url"]
    assert (file["filename"], file["size"], file["description"]) == ("a.md", 3, "notes")
    async with aiohttp.ClientSession() as session, session.get(file["url"]) as response:
        assert await response.read() == b"# A"


@pytest.mark.parametrize(
    ("command", "where"),
    [
        ({"name": "Ask", "description": "x"}, "0.name"),
        ({"name": "a b", "description": "x"}, "0.name"),
        ({"name": "x" * 33, "description": "x"}, "0.name"),
        ({"name": "ask", "description": ""}, "0.description"),
        ({"name": "ask", "description": "x" * 101}, "0.description"),
        ({"name": "Check it", "type": 3, "description": "x"}, "0.description"),
        (
            {
                "name": "ask", "description": "x",
                "options": [{"type": 3, "name": f"o{number}", "description": "x"} for number in range(26)],
            },
            "0.options",
        ),
        (
            {
                "name": "ask", "description": "x",
                "options": [
                    {"type": 3, "name": "a", "description": "x"},
                    {"type": 3, "name": "b", "description": "x", "required": True},
                ],
            },
            "0.options.1",
        ),
        (
            {
                "name": "ask", "description": "x",
                "options": [
                    {
                        "type": 3, "name": "a", "description": "x",
                        "choices": [{"name": str(number), "value": str(number)} for number in range(26)],
                    }
                ],
            },
            "0.options.0.choices",
        ),
    ],
)  # fmt: skip
async def test_a_malformed_command_is_refused(server: DiscordServer, command: dict[str, Any], where: str) -> None:
    path = f"/applications/{server.world.application_id}/commands"
    answer = await send(server, "PUT", path, [command])
    assert answer.body["code"] == 50035
    assert list(faults_of(answer.body)) == [where]
    assert await get(server, path) == []


async def test_a_command_keeps_its_id_when_it_is_registered_again(server: DiscordServer, newsroom: Place) -> None:
    path = f"/applications/{server.world.application_id}/guilds/{newsroom.id}/commands"
    named = [{"name": name, "description": "x"} for name in ("ask", "question-à-poser")]
    first = (await send(server, "PUT", path, named)).body
    second = (await send(server, "PUT", path, named[:1])).body
    assert [command["id"] for command in second] == [first[0]["id"]]
    assert await get(server, path) == second


@pytest.fixture
async def waiting(server: DiscordServer, channel: Channel, alice: Person) -> Interaction:
    """A command that waits for its acknowledgement."""
    await send(
        server, "PUT", f"/applications/{server.world.application_id}/commands", [{"name": "ask", "description": "x"}]
    )
    return alice.calls(channel, "ask")


def modal(**changes: Any) -> dict[str, Any]:
    field = {"type": 4, "style": 1, "custom_id": "why"}
    label = {"type": 18, "label": "Why", "component": field}
    return {"title": "Why?", "custom_id": "modal", "components": [label]} | changes


def labelled(label: str = "Why", **field: Any) -> dict[str, Any]:
    return {"type": 18, "label": label, "component": {"type": 4, "style": 1, "custom_id": "why"} | field}


@pytest.mark.parametrize(
    ("form", "where"),
    [
        (modal(title="x" * 46), "data.title"),
        (modal(components=[]), "data.components"),
        (modal(components=[labelled(custom_id=str(number)) for number in range(6)]), "data.components"),
        (modal(components=[labelled("x" * 46)]), "data.components.0.label"),
        (modal(components=[labelled(placeholder="x" * 101)]), "data.components.0.component.placeholder"),
        (modal(components=[labelled(max_length=4001)]), "data.components.0.component.max_length"),
        (modal(components=[labelled(max_length=3, value="four")]), "data.components.0.component.value"),
        (modal(components=[row(button())]), "data.components.0.components.0.type"),
    ],
)
async def test_a_malformed_modal_is_refused(
    server: DiscordServer, waiting: Interaction, form: dict[str, Any], where: str
) -> None:
    path = f"/interactions/{waiting.id}/{waiting.token}/callback"
    answer = await send(server, "POST", path, {"type": 9, "data": form})
    assert (answer.status, answer.body["code"]) == (400, 50035)
    assert where in faults_of(answer.body)
    assert (await send(server, "POST", path, {"type": 9, "data": modal()})).status == 204
    assert waiting.modal


async def test_an_interaction_takes_only_its_own_kinds_of_response(server: DiscordServer, waiting: Interaction) -> None:
    path = f"/interactions/{waiting.id}/{waiting.token}/callback"
    for kind in (6, 7, 8, 99):
        assert faults_of((await send(server, "POST", path, {"type": kind})).body) == {"type": ["BASE_TYPE_CHOICES"]}
    webhook = f"/webhooks/{server.world.application_id}/{waiting.token}"
    assert (await send(server, "POST", webhook, {"content": "too early"})).body["code"] == 10015
    answer = await send(server, "POST", path + "?with_response=true", {"type": 5, "data": {"flags": 64}})
    assert answer.body["interaction"]["response_message_loading"] is True
    assert answer.body["interaction"]["response_message_ephemeral"] is True
    filled = await send(server, "POST", webhook, {"content": "done"})
    assert filled.body["id"] == answer.body["resource"]["message"]["id"]
    assert filled.body["flags"] == 64
    assert (await send(server, "DELETE", f"{webhook}/messages/@original")).status == 204
    assert (await send(server, "GET", f"{webhook}/messages/@original")).body["code"] == 10008


# the harness


async def test_many_people_asking_at_once_are_answered_once_each(
    server: DiscordServer, bot: SmallBot, channel: Channel, newsroom: Place
) -> None:
    people = [newsroom.member(f"reader{number}") for number in range(10)]
    questions = [(person, f"Question {number}?") for person in people for number in range(2)]
    waited = await ask_at_once(questions, channel)
    assert [(one.question, one.answers) for one in waited] == [(question, 1) for _, question in questions]
    for one in waited:
        assert one.acknowledged is not None
        assert one.answered is not None
        assert one.acknowledged <= one.answered < 10


async def test_what_does_not_come_is_waited_for_only_so_long(server: DiscordServer, channel: Channel) -> None:
    with pytest.raises(AssertionError, match=r"Waited 0\.05 s for rain"):
        await server.until(lambda: channel.history, 0.05, "rain")


SMALL_BOT = (sys.executable, "-m", "tests.discord_server.small_bot")


async def test_a_bot_runs_as_a_process_of_its_own_and_is_stopped(
    server: DiscordServer, channel: Channel, alice: Person
) -> None:
    async with bot_process(server, command=SMALL_BOT) as bot:
        asked = await alice.slash(channel, "ask", question="Who?")
        assert (await asked.settled()).text == "Answer: Who?"
        assert 0 < bot.seconds_to_ready < 60
        assert bot.rss > 10_000_000
        assert (await bot.stop()).code == -15  # the small bot leaves SIGTERM to Python


async def test_a_bot_that_ends_at_once_shows_what_it_said(server: DiscordServer) -> None:
    with pytest.raises(AssertionError, match=r"status 3:\nno luck"):
        async with bot_process(server, command=(sys.executable, "-c", "import sys; print('no luck'); sys.exit(3)")):
            raise NotImplementedError


FETCHING = """
import os
from rag.ingest.web import fetch_page
print(fetch_page(os.environ["PAGE"]).content.decode())
"""


async def test_a_page_at_a_made_up_public_host_is_fetched_past_the_guard(server: DiscordServer) -> None:
    async with PublicWeb() as web:
        page = web.publish("news.example/story", "<p>It rained.</p>")
        fetching = (sys.executable, "-c", FETCHING)
        environment = web.environment | {"PAGE": page}
        async with bot_process(server, env=environment, command=fetching, wait=False) as bot:
            ended = await bot.ended()
        assert (ended.code, ended.stdout) == (0, "<p>It rained.</p>\n")
        assert web.visits == ["news.example/story"]


@pytest.mark.skipif(not DISCORD_API.exists(), reason="Discord's API description is not at hand")
async def test_requests_are_checked_against_discords_own_description() -> None:
    async with DiscordServer(DISCORD_API) as server:
        newsroom = server.guild("Newsroom")
        channel, alice = newsroom.channel("general"), newsroom.member("boss", manages=True)
        async with connected(server):
            answer = await (await alice.slash(channel, "ask", question="Who?", file=Upload("a.txt", b"x"))).settled()
            await alice.submit(await alice.click(answer, "Wrong"), {"Why": "x"})
            await (await alice.slash(channel, "card")).followup()
            await (await alice.says(channel, f"{server.bot_mention} hello")).reply()
            await (await alice.says(channel, f"{server.bot_mention} thread")).reply()
            await alice.autocomplete(channel, "ask", "outlet", "s")
            await (await alice.slash(channel, "guarded")).followup()
        assert server.violations == []
        await send(server, "POST", f"/channels/{channel.id}/messages", {"embeds": [{"title": 5}]})
        await send(server, "POST", "/nowhere", {})
        assert len(server.violations) == 3
