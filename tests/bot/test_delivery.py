"""Calls to Discord are made again when that can help, never when it could do something twice, and not for ever."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest.mock import patch

import aiohttp
import discord
import pytest

from bot.card import note
from bot.delivery import PATIENCE, PERSISTENCE, CommandReply, ExpiredError, GoneError, described, sent

T = TypeVar("T")


class Hurry(selectors.DefaultSelector):
    """Waits for nothing: whatever is due later is due at once, and the clock says so."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now += timeout or 0.0
        return super().select(0)


class HurriedLoop(asyncio.SelectorEventLoop):
    """An event loop in which waiting takes no time."""

    def __init__(self) -> None:
        self.hurry = Hurry()
        super().__init__(self.hurry)

    def time(self) -> float:
        return self.hurry.now


@contextmanager
def hurried() -> Iterator[tuple[asyncio.Runner, HurriedLoop]]:
    """Run in a loop in which waiting takes no time, and have tenacity read the same clock."""
    loop = HurriedLoop()
    with (
        asyncio.Runner(loop_factory=lambda: loop) as runner,
        patch("tenacity.time", SimpleNamespace(monotonic=loop.time, time=time.time)),
    ):
        yield runner, loop


class Call:
    """A call that has some outcomes one after the other, the last for ever, and notes when it was made."""

    def __init__(self, *outcomes: BaseException | str | Callable[[], Awaitable[str]]) -> None:
        self.outcomes = list(outcomes)
        self.times: list[float] = []

    async def __call__(self) -> str:
        self.times.append(asyncio.get_running_loop().time())
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome if isinstance(outcome, str) else await outcome()


def made(call: Call, **how: Any) -> str:
    with hurried() as (runner, _):
        return runner.run(sent(call, **how))


async def hanging() -> str:
    await asyncio.Event().wait()
    return "never"


def refused(status: int, code: int = 0, text: str = "", retry_after: str = "") -> discord.HTTPException:
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    kind = discord.DiscordServerError if status >= 500 else kinds.get(status, discord.HTTPException)
    response = SimpleNamespace(status=status, reason="", headers={"Retry-After": retry_after} if retry_after else {})
    return kind(response, {"code": code, "message": text})  # type: ignore[arg-type]


def unreachable() -> aiohttp.ClientConnectorError:
    return aiohttp.ClientConnectorError(SimpleNamespace(host="x", port=1, ssl=None), OSError(111, "refused"))  # type: ignore[arg-type]


PASSING = [
    refused(429), discord.RateLimited(1.0), unreachable(), refused(500), refused(503), OSError(104, "reset"),
    aiohttp.ServerDisconnectedError(), TimeoutError(),
]  # fmt: skip
FINAL = [refused(400, 50035), refused(401), ValueError("a fault of ours")]


@pytest.mark.parametrize("error", PASSING)
def test_what_may_pass_is_tried_again(error: BaseException) -> None:
    call = Call(error, error, "done")
    assert made(call) == "done"
    assert len(call.times) == 3


@pytest.mark.parametrize("error", FINAL)
def test_what_will_not_pass_is_not_tried_again(error: BaseException) -> None:
    call = Call(error)
    with pytest.raises(type(error)) as raised:
        made(call)
    assert raised.value is error
    assert len(call.times) == 1


@pytest.mark.parametrize("error", [refused(429, retry_after="7.5"), discord.RateLimited(7.5)])
def test_discord_is_given_the_time_that_it_asks_for(error: BaseException) -> None:
    call = Call(error, "done")
    assert made(call) == "done"
    assert call.times[1] - call.times[0] == pytest.approx(7.5)


def test_without_a_word_of_discords_each_pause_is_longer_up_to_a_bound() -> None:
    call = Call(*[refused(502)] * 9, "done")
    made(call)
    pauses = [later - earlier for earlier, later in zip(call.times, call.times[1:], strict=False)]
    assert pauses[0] < 2 < pauses[3] < 8
    assert pauses[4:] == pytest.approx([8.0] * 5)


def test_a_call_that_hangs_is_made_again() -> None:
    call = Call(hanging, "done")
    assert made(call) == "done"
    assert PATIENCE <= call.times[1] <= PATIENCE + 2


def test_trying_ends_with_the_last_failure() -> None:
    call = Call(error := refused(503))
    with pytest.raises(discord.DiscordServerError) as raised:
        made(call)
    assert raised.value is error
    assert PERSISTENCE <= call.times[-1] <= PERSISTENCE + 10


def test_trying_for_ever_does_not_end_so_soon() -> None:
    call = Call(*[refused(503)] * 500, "done")
    assert made(call, persistence=None) == "done"
    assert call.times[-1] > 10 * PERSISTENCE


@pytest.mark.parametrize(
    "error",
    [
        refused(404, 10008),
        refused(404, 10003),
        refused(403, 50001),
        refused(403, 50013),
        refused(403),
        refused(400, 50083),
        refused(400, 50035, "In message_reference: Unknown message"),
    ],
)
def test_a_place_that_is_gone_is_told_apart(error: discord.HTTPException) -> None:
    call = Call(error)
    with pytest.raises(GoneError) as raised:
        made(call)
    assert not isinstance(raised.value, ExpiredError)
    assert raised.value.__cause__ is error
    assert len(call.times) == 1


@pytest.mark.parametrize("error", [refused(404, 10015), refused(401, 50027)])
def test_an_interaction_that_is_too_old_is_told_apart(error: discord.HTTPException) -> None:
    with pytest.raises(ExpiredError):
        made(Call(error))


def test_giving_up_is_not_prevented() -> None:
    async def given_up() -> None:
        trying = asyncio.ensure_future(sent(Call(refused(503)), persistence=None))
        await asyncio.sleep(30)
        trying.cancel()
        await trying

    with hurried() as (runner, _), pytest.raises(asyncio.CancelledError):
        runner.run(given_up())


def test_a_failure_is_described_without_the_address_called() -> None:
    secret = aiohttp.ClientError("https://discord.example/webhooks/1/secret")
    assert described(secret) == "ClientError"
    assert described(refused(503, text="https://discord.example/webhooks/1/secret")) == "DiscordServerError 503"


class Channel:
    """Where further messages of a command's answer appear, and where the bot is told of them as anybody is."""

    def __init__(self, *receipts: BaseException | None, told: bool = True) -> None:
        self.receipts = list(receipts)
        self.told = told
        self.posted = 0
        self.told_of: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def interaction(self) -> Any:
        client, followup = SimpleNamespace(wait_for=self.wait_for), SimpleNamespace(send=self.send)
        return SimpleNamespace(id=70, client=client, followup=followup)

    async def wait_for(self, event: str, check: Callable[[Any], bool]) -> Any:
        assert event == "message"
        message = await self.told_of
        assert check(message)
        return message

    async def send(self, **_: Any) -> Any:
        self.posted += 1
        message = SimpleNamespace(id=70 + self.posted, interaction_metadata=SimpleNamespace(id=70))
        if self.told and not self.told_of.done():
            self.told_of.set_result(message)
        if self.receipts and (error := self.receipts.pop(0)):
            raise error
        return message


@pytest.mark.parametrize(("told", "posted"), [(True, 1), (False, 2)])
def test_a_further_message_whose_receipt_was_lost_is_sent_again_only_if_it_is_not_there(
    told: bool, posted: int
) -> None:
    async def added() -> int:
        channel = Channel(aiohttp.ServerDisconnectedError(), None, told=told)
        await CommandReply(channel.interaction(), private=False).add(note("and so on"), 2)
        assert not told or channel.told_of.done()
        return channel.posted

    with hurried() as (runner, _):
        assert runner.run(added()) == posted
