"""Messages in, a reply's text as it streams out. The only one here that knows openai and that retries."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, cast

from rag.answer.waiting import in_thread
from rag.errors import DatelineError, ModelError, SettingsError, StoreError
from rag.schema import Usage
from rag.settings import Settings
from rag.spending import BudgetOf, Ledger, Reservation, open_ledger

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletionMessageParam
    from tenacity import RetryCallState

log = logging.getLogger(__name__)

ATTEMPTS = 5
LONGEST_REPLY = 60_000  # characters; answers have about 3,000, and what is longer is a server gone wild
LONGEST_PAID = 8_000  # tokens of a reply that is paid for out of a budget; answers have about 800
_OVERHEAD = 16  # tokens, at most, that a server adds to each message
_ASKED_AGAIN = 0.1  # seconds after which to ask the ledger again
_LINGERING = 10.0  # seconds that a call may take to end after its deadline
_RETRIED_STATUS = {408, 409, 429}
_REMEDIES = {
    400: "Check OPENAI_MODEL in .env.",
    401: "Check OPENAI_API_KEY in .env.",
    403: "Check that OPENAI_API_KEY in .env may use this model.",
    404: "Check OPENAI_BASE_URL and OPENAI_MODEL in .env.",
    429: "Try again later.",
}


class BrokenReplyError(Exception):
    """A reply that stopped before it held anything usable."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to the model; `role` is `system` or `user`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a reply is wanted to; `deadline` is by `time.monotonic`."""

    messages: Sequence[Message]
    usable: Callable[[str], bool]
    account: str
    deadline: float


@dataclass
class Bill:
    """What a call has cost in USD, as far as it is known: at first what it can cost at most."""

    usd: float


def open_model(settings: Settings, budget_of: BudgetOf | None = None) -> ChatModel:
    """Open the model that the settings name. `budget_of` says what each account may spend on it.

    Raises SettingsError for a cap without prices.
    """
    return ChatModel(settings, open_ledger(settings, budget_of))


class ChatModel:
    """A model behind any OpenAI-compatible server. Close it with `aclose` when no more replies are wanted.

    Every call is paid for out of the `ledger`, if there is one. `sleep` and `now` are the clock of the retry policy;
    tests hand in their own.
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._sleep = sleep
        self._now = now
        self._client: AsyncOpenAI | None = None
        self._asks_for_usage = True

    @property
    def key(self) -> str:
        """The server's key, which no reply may hold."""
        return self._settings.openai_api_key.get_secret_value().strip()

    async def reply(
        self,
        messages: Sequence[Message],
        usable: Callable[[str], bool],
        *,
        account: str = "",
        begun: float | None = None,
        share: float = 1.0,
    ) -> AsyncGenerator[str | Usage, None]:
        """Stream a reply: pieces of text, and the usage once the server tells it. The `account` pays.

        Nothing is yielded before `usable` is true of the text so far; until then failures that may pass are retried
        with growing pauses. The whole takes `OPENAI_TIMEOUT` seconds at most, or a `share` of them, from when it
        `begun` by `time.monotonic` if it is not the only reply for an answer. Raises ModelError, which holds nothing
        that the server said, and SpentError if there is no money left.
        """
        seconds = share * self._settings.openai_timeout
        deadline = (time.monotonic() if begun is None else begun) + seconds
        try:
            parts, opened = await self._begun(Request(messages, usable, account, deadline))
            async with aclosing(opened):
                for part in parts:
                    yield part
                while True:
                    async with asyncio.timeout_at(deadline):
                        part = await anext(opened)
                    yield part
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise ModelError(f"The model took longer than {round(seconds, 1):g} s. Try again later.") from None
        except Exception as error:  # noqa: BLE001  # whatever a server can provoke ends here, and its text stays here
            raise _explained(error) from None

    async def aclose(self) -> None:
        """Give up the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _begun(self, request: Request) -> tuple[list[str | Usage], AsyncGenerator[str | Usage, None]]:
        """Retry until a reply is usable; give what has come of it and the rest.

        If the deadline comes during a later attempt, the last failure is raised, which says why there was one.
        """
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

        failure: BaseException = TimeoutError()

        def keep(state: RetryCallState) -> None:
            nonlocal failure
            if state.outcome and (error := state.outcome.exception()):
                failure = error
                log.warning(
                    "model attempt %d failed: %s %s",
                    state.attempt_number,
                    type(error).__name__,
                    getattr(error, "status_code", ""),
                )

        def too_late(state: RetryCallState) -> bool:
            return time.monotonic() + state.upcoming_sleep >= request.deadline

        retrying = AsyncRetrying(
            retry=retry_if_exception(may_pass),
            wait=self._pause,
            stop=lambda state: stop_after_attempt(ATTEMPTS)(state) or too_late(state),
            before_sleep=keep,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            async with asyncio.timeout_at(request.deadline):
                return await retrying(self._first_usable, request)
        except TimeoutError:
            raise failure from None

    async def _first_usable(self, request: Request) -> tuple[list[str | Usage], AsyncGenerator[str | Usage, None]]:
        parts: list[str | Usage] = []
        stream = self._paid(request)
        try:
            async for part in stream:
                parts.append(part)
                if isinstance(part, str) and "}" in part and request.usable(_text(parts)):
                    return parts, stream
        except BaseException:
            await stream.aclose()
            raise
        return parts, stream

    async def _paid(self, request: Request) -> AsyncGenerator[str | Usage, None]:
        """Read one stream, and book what it cost: as the server tells, or else at most, or nothing if it refused."""
        prompt = sum(len(each.content.encode("utf-8", "replace")) + _OVERHEAD for each in request.messages)
        written, told = 0, False
        async with self._reserved(request, self._cost(prompt, LONGEST_PAID)) as bill:
            try:
                async with aclosing(self._parts(request.messages)) as parts:
                    async for part in parts:
                        if isinstance(part, Usage):
                            bill.usd, told = part.cost_usd, True
                        else:
                            written += len(part.encode("utf-8", "replace"))
                        yield part
                if not told:
                    bill.usd = self._cost(prompt, written)
            except Exception as error:
                if never_began(error):
                    bill.usd = 0.0
                raise

    @asynccontextmanager
    async def _reserved(self, request: Request, most: float) -> AsyncGenerator[Bill, None]:
        """Have money for a call, which costs what its bill says in the end. Raises SpentError."""
        bill = Bill(most)
        if self._ledger is None:
            yield bill
            return
        reservation = await self._reservation(self._ledger, request, most)
        try:
            yield bill
        finally:
            await asyncio.shield(in_thread(settled, self._ledger, reservation, bill.usd))

    async def _reservation(self, ledger: Ledger, request: Request, most: float) -> Reservation:
        """Reserve money, if need be when calls under way have ended and left some."""
        while True:
            seconds = request.deadline + _LINGERING - time.monotonic()
            if reservation := await in_thread(ledger.reserve, most, request.account, seconds):
                return reservation
            await asyncio.sleep(_ASKED_AGAIN)

    async def _parts(self, messages: Sequence[Message]) -> AsyncGenerator[str | Usage, None]:
        """Open one stream and read it to its end. Raises BrokenReplyError when it ends without the server saying so."""
        length, ended = 0, False
        async with aclosing(await self._open(messages)) as chunks:
            async for chunk in chunks:
                choice = next(iter(getattr(chunk, "choices", None) or ()), None)
                piece = getattr(getattr(choice, "delta", None), "content", None)
                ended = ended or bool(getattr(choice, "finish_reason", None))
                if isinstance(piece, str) and piece:
                    length += len(piece)
                    yield piece
                if length > LONGEST_REPLY:
                    return
                if (usage := getattr(chunk, "usage", None)) is not None:
                    yield self._usage(usage)
        if not ended:
            raise BrokenReplyError

    async def _open(self, messages: Sequence[Message]) -> AsyncGenerator[object, None]:
        """Start a stream; where a server does not know that, without asking for usage or limiting the reply."""
        from openai import BadRequestError

        if self._asks_for_usage:
            limit = {"max_completion_tokens": LONGEST_PAID} if self._ledger else {}
            try:
                return _closing(await self._create(messages, {"stream_options": {"include_usage": True}, **limit}))
            except BadRequestError:
                self._asks_for_usage = False
        return _closing(await self._create(messages, {}))

    async def _create(self, messages: Sequence[Message], options: Mapping[str, object]) -> AsyncIterator[object]:
        sent = cast(
            "list[ChatCompletionMessageParam]", [{"role": each.role, "content": each.content} for each in messages]
        )
        return await self._connected().chat.completions.create(
            model=self._settings.openai_model, messages=sent, stream=True, extra_body=dict(options)
        )

    def _connected(self) -> AsyncOpenAI:
        """Make the client at its first use: importing openai takes half a second. Raises SettingsError."""
        import httpx
        from openai import AsyncOpenAI

        if self._client is None:
            if not (self.key.isascii() and self.key.isprintable()):
                raise SettingsError(
                    "OPENAI_API_KEY: has characters that no key has. Correct it in .env or the environment."
                )
            try:
                self._client = AsyncOpenAI(
                    api_key=self.key or "none",  # servers without keys take any, and the client insists on one
                    base_url=self._settings.openai_base_url,
                    timeout=self._settings.openai_timeout,
                    max_retries=0,  # one policy only, and it is ours
                )
            except (httpx.InvalidURL, ValueError):
                raise SettingsError("OPENAI_BASE_URL: is no URL. Correct it in .env or the environment.") from None
        return self._client

    def _pause(self, state: RetryCallState) -> float:
        """Wait as long as the server asks for, or else longer each time, with jitter."""
        from tenacity import wait_exponential_jitter

        error = state.outcome.exception() if state.outcome else None
        asked = retry_after(getattr(getattr(error, "response", None), "headers", {}), self._now())
        return asked if asked is not None else wait_exponential_jitter(multiplier=0.5, max=10, jitter=0.5)(state)

    def _usage(self, usage: object) -> Usage:
        sent, written = (_count(getattr(usage, name, 0)) for name in ("prompt_tokens", "completion_tokens"))
        return Usage(self._settings.openai_model, sent, written, self._cost(sent, written))

    def _cost(self, sent: int, written: int) -> float:
        """Reckon tokens in USD. A byte is a token at most, so a length in bytes gives the most that it can be."""
        return (sent * self._settings.openai_input_price + written * self._settings.openai_output_price) / 1e6


def settled(ledger: Ledger, reservation: Reservation, usd: float) -> None:
    """Book what a call cost. If that fails, the reservation stands for it: it is too late to do without the reply."""
    try:
        ledger.settle(reservation, usd)
    except StoreError as error:
        log.warning("not booked: %s", error)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how many seconds a server asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return _seconds(float(milliseconds) / 1000)
        stated = headers.get("retry-after") or ""
        if stated.replace(".", "", 1).isdigit():
            return _seconds(float(stated))
        moment = parsedate_to_datetime(stated)
        return _seconds((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except ValueError:
        return None


def may_pass(error: BaseException) -> bool:
    """Tell whether trying again can help: after lost connections, overload and broken streams, but after no refusal."""
    import httpx
    from openai import APIConnectionError, APIError, APIStatusError

    if isinstance(error, APIStatusError):
        return (error.status_code in _RETRIED_STATUS or error.status_code >= 500) and not _is_quota(error)
    if isinstance(error, APIError) and _is_quota(error):
        return False
    return isinstance(
        error,
        APIConnectionError | APIError | httpx.HTTPError | json.JSONDecodeError | UnicodeDecodeError | BrokenReplyError,
    )


def never_began(error: BaseException) -> bool:
    """Tell whether a call failed before a server began to work on it, so that it cost nothing."""
    import httpx
    from openai import APIConnectionError, APIStatusError

    if isinstance(error, APIConnectionError):
        return isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)
    return isinstance(error, APIStatusError | SettingsError)


def _is_quota(error: object) -> bool:
    return "insufficient_quota" in (getattr(error, "code", None), getattr(error, "type", None))


def _explained(error: Exception) -> DatelineError:
    """Put an error into one line of our own words: a server's may hold the key."""
    if isinstance(error, DatelineError):
        return error
    if _is_quota(error):
        return ModelError("The account's quota at the model server is used up. Check its plan and billing.")
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return ModelError(
            f"The model server answered with status {status}. {_REMEDIES.get(status, 'Try again later.')}"
        )
    if type(error).__name__ in {"APIConnectionError", "ConnectError"}:
        return ModelError("The model server cannot be reached. Check OPENAI_BASE_URL in .env.")
    return ModelError("The model server broke off or sent what is not a reply. Try again later.")


async def _closing(stream: AsyncIterator[object]) -> AsyncGenerator[object, None]:
    """Read a stream and close its connection however the reading ends."""
    try:
        async for chunk in stream:
            yield chunk
    finally:
        await stream.close()  # type: ignore[attr-defined]  # openai.AsyncStream


def _seconds(seconds: float) -> float:
    return min(max(seconds, 0.0), 3600.0)


def _count(number: object) -> int:
    return number if isinstance(number, int) and number > 0 else 0


def _text(parts: Sequence[str | Usage]) -> str:
    return "".join(part for part in parts if isinstance(part, str))
