"""Messages in, a reply's text as it streams out. The only one here that knows openai and that retries."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, cast

from rag.errors import ModelError, SettingsError
from rag.schema import Usage
from rag.settings import Settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletionMessageParam
    from tenacity import RetryCallState

log = logging.getLogger(__name__)

ATTEMPTS = 5
LONGEST_REPLY = 60_000  # characters; answers have about 3,000, and what is longer is a server gone wild
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


class ChatModel:
    """A model behind any OpenAI-compatible server. Close it with `aclose` when no more replies are wanted.

    `sleep` and `now` are the clock of the retry policy; tests hand in their own.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._now = now
        self._client: AsyncOpenAI | None = None
        self._asks_for_usage = True

    async def reply(
        self, messages: Sequence[Message], usable: Callable[[str], bool]
    ) -> AsyncGenerator[str | Usage, None]:
        """Stream a reply: pieces of text, and the usage once the server tells it.

        Nothing is yielded before `usable` is true of the text so far; until then failures that may pass are retried
        with growing pauses. The whole takes `OPENAI_TIMEOUT` seconds at most. Raises ModelError, which holds nothing
        that the server said.
        """
        deadline = asyncio.get_running_loop().time() + self._settings.openai_timeout
        try:
            async with asyncio.timeout_at(deadline):
                parts, opened = await self._begun(messages, usable, deadline)
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
            raise ModelError(
                f"The model took longer than {self._settings.openai_timeout:g} s. Try again later."
            ) from None
        except Exception as error:  # noqa: BLE001  # whatever a server can provoke ends here, and its text stays here
            raise _explained(error) from None

    async def aclose(self) -> None:
        """Give up the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _begun(
        self, messages: Sequence[Message], usable: Callable[[str], bool], deadline: float
    ) -> tuple[list[str | Usage], AsyncGenerator[str | Usage, None]]:
        """Retry until a reply is usable; give what has come of it and the rest."""
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

        def too_late(state: RetryCallState) -> bool:
            return asyncio.get_running_loop().time() + state.upcoming_sleep >= deadline

        retrying = AsyncRetrying(
            retry=retry_if_exception(may_pass),
            wait=self._pause,
            stop=lambda state: stop_after_attempt(ATTEMPTS)(state) or too_late(state),
            before_sleep=_log_failure,
            sleep=self._sleep,
            reraise=True,
        )
        return await retrying(self._first_usable, messages, usable)

    async def _first_usable(
        self, messages: Sequence[Message], usable: Callable[[str], bool]
    ) -> tuple[list[str | Usage], AsyncGenerator[str | Usage, None]]:
        parts: list[str | Usage] = []
        stream = self._parts(messages)
        try:
            async for part in stream:
                parts.append(part)
                if isinstance(part, str) and "}" in part and usable(_text(parts)):
                    return parts, stream
        except BaseException:
            await stream.aclose()
            raise
        return parts, stream

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
        """Start a stream, without asking for usage where a server does not know how to tell it."""
        from openai import BadRequestError

        if self._asks_for_usage:
            try:
                return _closing(await self._create(messages, {"stream_options": {"include_usage": True}}))
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
            key = self._settings.openai_api_key.get_secret_value().strip()
            if not (key.isascii() and key.isprintable()):
                raise SettingsError(
                    "OPENAI_API_KEY: has characters that no key has. Correct it in .env or the environment."
                )
            try:
                self._client = AsyncOpenAI(
                    api_key=key or "none",  # servers without keys take any, and the client insists on one
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
        cost = (sent * self._settings.openai_input_price + written * self._settings.openai_output_price) / 1e6
        return replace(Usage(self._settings.openai_model), input_tokens=sent, output_tokens=written, cost_usd=cost)


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


def _is_quota(error: object) -> bool:
    return "insufficient_quota" in (getattr(error, "code", None), getattr(error, "type", None))


def _explained(error: Exception) -> ModelError | SettingsError:
    """Put an error into one line of our own words: a server's may hold the key."""
    if isinstance(error, ModelError | SettingsError):
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


def _log_failure(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    status = getattr(error, "status_code", "")
    log.warning("model attempt %d failed: %s %s", state.attempt_number, type(error).__name__, status)


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
