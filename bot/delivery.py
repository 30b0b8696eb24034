"""A card and a place for it in, the message there out: shown once, whatever Discord or the network does meanwhile."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Protocol, TypeVar

import aiohttp
import discord
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_delay,
    stop_never,
    wait_exponential_jitter,
)

from bot.card import Card
from bot.failures import failure_card
from bot.layout import files, layout

log = logging.getLogger(__name__)

T = TypeVar("T")

PERSISTENCE = 300.0  # seconds for which a call is tried again
PATIENCE = 30.0  # seconds for one try: a request that hangs is not waited for
COURTESY = 2.0  # seconds for what an answer does not depend on
ALREADY_ACKNOWLEDGED = 40060
NOT_FOR_MESSAGES = (discord.ForumChannel, discord.CategoryChannel, discord.GroupChannel)
EXPIRED = {10015, 50027}  # unknown webhook, invalid webhook token: a quarter of an hour after the command
# unknown channel, message or interaction; no access, no permission; a locked thread; no direct messages from us.
GONE = {10003, 10008, 10062, 50001, 50013, 50083, 50007}
UNKNOWN_REFERENCE = "In message_reference"
_growing = wait_exponential_jitter(multiplier=0.5, max=8)


class GoneError(Exception):
    """The place where an answer was to appear is not there any more, or not for us."""


class ExpiredError(GoneError):
    """A quarter of an hour has passed since the command, and what came with it to answer it by is void."""


async def sent(call: Callable[[], Awaitable[T]], persistence: float | None = PERSISTENCE) -> T:
    """Make a call to Discord, again and again while it fails for reasons that pass, for so many seconds or for ever.

    It may have been heard all the same: a call must do a second time nothing that it has done. Raises GoneError.
    """

    async def tried() -> T:
        async with asyncio.timeout(PATIENCE):
            return await call()

    retrying = AsyncRetrying(
        retry=retry_if_exception(may_pass),
        wait=pause,
        stop=stop_never if persistence is None else stop_after_delay(persistence),
        before_sleep=report,
        reraise=True,
    )
    try:
        return await retrying(tried)
    except discord.HTTPException as error:
        if error.code in EXPIRED:
            raise ExpiredError(str(error)) from error
        if error.code in GONE or error.status in (403, 404) or UNKNOWN_REFERENCE in str(error):
            raise GoneError(str(error)) from error
        raise


def report(state: RetryCallState) -> None:
    log.warning("Discord: %s; trying again in %.1f s", described(outcome(state)), state.upcoming_sleep)


def described(error: BaseException | None) -> str:
    """Describe a failure without the address called, which can be a secret."""
    status = f" {error.status}" if isinstance(error, discord.HTTPException) else ""
    return f"{type(error).__name__}{status}"


def may_pass(error: BaseException) -> bool:
    """Tell whether a failure is of the network or the server, or for asking too often."""
    limited = isinstance(error, discord.HTTPException) and error.status == 429
    passing = (
        aiohttp.ClientError | OSError | discord.DiscordServerError | discord.RateLimited
    )  # a timeout is an OSError
    return limited or isinstance(error, passing)


def pause(state: RetryCallState) -> float:
    """Wait as long as Discord says, or longer each time if it does not say."""
    error = outcome(state)
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    after = error.response.headers.get("Retry-After", "") if isinstance(error, discord.HTTPException) else ""
    return float(after) if re.fullmatch(r"\d+(?:\.\d+)?", after) else _growing(state)


def outcome(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


@asynccontextmanager
async def failures_told(interaction: discord.Interaction[Any]) -> AsyncIterator[None]:
    """Tell whoever pressed a button what went wrong, if their message is still there."""
    try:
        yield
    except GoneError:
        return
    except Exception as error:  # noqa: BLE001  # whoever pressed must be told
        await respond(interaction, failure_card(error))


async def respond(interaction: discord.Interaction[Any], card: Card) -> None:
    """Answer an interaction with a card that only the person sees, at once or in place of what is awaited."""

    async def first() -> None:
        try:
            await interaction.response.send_message(view=layout(card), files=files(card), ephemeral=True)
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:  # an earlier try arrived, and only its receipt was lost
                raise

    async def later() -> None:
        await interaction.edit_original_response(view=layout(card), attachments=files(card))

    try:
        await sent(later if interaction.response.is_done() else first)
    except GoneError as error:
        log.info("nobody to answer to any more: %s", error)


async def edited(message: discord.Message | discord.PartialMessage, card: Card) -> discord.Message:
    """Make a message of ours show a card. discord.py leaves out of such an edit that nobody is to be notified."""
    nobody = discord.AllowedMentions.none()
    return await message.edit(view=layout(card), attachments=files(card), allowed_mentions=nobody)


class Reply(Protocol):
    """The one message that answers a question, and what follows it."""

    async def acknowledge(self) -> None:
        """Let the person see that the question has arrived. Raises GoneError."""
        ...

    async def show(self, card: Card) -> discord.Message | None:
        """Make the message show this card. May be called any number of times. Raises GoneError."""
        ...

    async def add(self, card: Card, number: int) -> None:
        """Send the card as a further message, number 2 being the first. Raises GoneError."""
        ...


class CommandReply:
    """The response to a command, a button or a modal."""

    def __init__(self, interaction: discord.Interaction[Any], private: bool, in_place: bool = False) -> None:
        """`in_place`: show what a button leads to in the message that it is under."""
        self._interaction = interaction
        self._private = private
        self._in_place = in_place
        self._message_id: int | None = None
        self._latest = interaction.id  # message of the answer
        self._late: discord.Message | None = None  # in place of one that could not be shown any more

    async def acknowledge(self) -> None:
        response = await sent(self._deferred)
        self._message_id = response.message_id if response else None

    async def _deferred(self) -> discord.InteractionCallbackResponse[Any] | None:
        try:
            return await self._interaction.response.defer(ephemeral=self._private, thinking=not self._in_place)
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED:  # an earlier try arrived, and only its receipt was lost
                raise
            return None

    async def show(self, card: Card) -> discord.Message | None:
        answer = self._interaction.edit_original_response
        try:
            message: discord.Message = await sent(lambda: answer(view=layout(card), attachments=files(card)))
        except ExpiredError:
            message = await self._shown_late(card)
        self._latest = message.id
        return message

    async def _shown_late(self, card: Card) -> discord.Message:
        """Show a card all the same, in a message of ours that needs no command."""
        late = self._late or self._as_ordinary()
        if late is not None:
            return await sent(partial(edited, late, card))
        self._late = await self._sent_late(card, 1)
        return self._late

    async def _sent_late(self, card: Card, number: int) -> discord.Message:
        """Send a message of ours to where the answer is seen."""
        ordinary = self._as_ordinary()
        place = ordinary.channel if ordinary else self._interaction.user
        nonce = f"{self._interaction.id}-{number}"
        return await sent(lambda: place.send(view=layout(card), files=files(card), nonce=nonce))

    def _as_ordinary(self) -> discord.PartialMessage | None:
        """Take the answer for an ordinary message of ours, which it is unless only one person can see it."""
        channel = self._interaction.channel
        if self._private or self._message_id is None or channel is None or isinstance(channel, NOT_FOR_MESSAGES):
            return None
        return channel.get_partial_message(self._message_id)

    async def add(self, card: Card, number: int) -> None:
        arrival = asyncio.ensure_future(self._arrival())

        async def once() -> int:
            if arrival.done():  # an earlier try arrived, and only its receipt was lost
                return arrival.result()
            send = self._interaction.followup.send
            return (await send(view=layout(card), files=files(card), ephemeral=self._private, wait=True)).id

        try:
            self._latest = await sent(once)
        except ExpiredError:
            await self._sent_late(card, number)
        finally:
            arrival.cancel()

    async def _arrival(self) -> int:
        """Wait to be told, as anybody in the channel, that a further message of this answer is there."""

        def is_further(message: discord.Message) -> bool:
            command = message.interaction_metadata
            return command is not None and command.id == self._interaction.id and message.id > self._latest

        message: discord.Message = await self._interaction.client.wait_for("message", check=is_further)
        return message.id


class MessageReply:
    """A message that replies to a message."""

    def __init__(self, message: discord.Message) -> None:
        self._question = message
        self._answer: discord.Message | None = None

    async def acknowledge(self) -> None:
        with suppress(discord.HTTPException, aiohttp.ClientError, OSError):  # a courtesy, not worth a second try
            async with asyncio.timeout(COURTESY):
                await self._question.channel.typing()

    async def show(self, card: Card) -> discord.Message | None:
        answer = self._answer
        if answer is None:
            self._answer = await self._post(card, 1)
        else:
            self._answer = await sent(partial(edited, answer, card))
        return self._answer

    async def add(self, card: Card, number: int) -> None:
        await self._post(card, number)

    async def _post(self, card: Card, number: int) -> discord.Message:
        """Send a card. Discord takes a message with the same nonce only once, so that it may be sent again."""
        nonce = f"{self._question.id}-{number}"
        return await sent(
            lambda: self._question.reply(view=layout(card), files=files(card), nonce=nonce, mention_author=False)
        )
