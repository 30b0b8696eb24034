"""An OpenAI-compatible server on the loopback interface that does what a test tells it to, faults included.

The real openai client talks to it. Each request for a completion gets the next reply of the script; the last repeats.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import TracebackType
from typing import TypeAlias

from aiohttp import web

Reply: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

USAGE = {"prompt_tokens": 1200, "completion_tokens": 80, "total_tokens": 1280}


class OpenAIServer:
    """Use as an async context manager; `url` is the base URL, `requests` and `headers` are what came in."""

    def __init__(self, *script: Reply) -> None:
        self._script = script
        self.requests: list[dict[str, object]] = []
        self.headers: list[Mapping[str, str]] = []
        self.url = ""

    async def __aenter__(self) -> OpenAIServer:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._embed)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.headers.append(request.headers)
        return await self._script[min(len(self.requests), len(self._script)) - 1](request)

    async def _embed(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append(body)
        self.headers.append(request.headers)
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        vectors = [{"object": "embedding", "index": i, "embedding": _vector(str(text))} for i, text in enumerate(texts)]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return web.json_response({"object": "list", "data": vectors, "model": body["model"], "usage": usage})


def streamed(
    text: str, *, step: int = 9, finish: str | None = "stop", usage: Mapping[str, object] | None = USAGE
) -> Reply:
    """Stream a text in small pieces, as servers do; in one body when the client did not ask for a stream."""

    async def reply(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if not body.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
            return web.json_response({"id": "c", "object": "chat.completion", "choices": [choice], "usage": usage})
        response = await _opened(request)
        for start in range(0, len(text), step):
            await _send(response, _chunk(text[start : start + step]))
        await _send(response, _chunk(None, finish))
        if usage and (body.get("stream_options") or {}).get("include_usage"):
            await _send(response, {**_chunk(None), "choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        return response

    return reply


def refused(status: int, error: Mapping[str, object] | str = "", headers: Mapping[str, str] | None = None) -> Reply:
    """Answer with an error status and OpenAI's error body, or with a plain text."""

    async def reply(request: web.Request) -> web.StreamResponse:
        if isinstance(error, str):
            return web.Response(status=status, text=error, headers=headers)
        return web.json_response({"error": error}, status=status, headers=headers)

    return reply


def echoing_key(status: int) -> Reply:
    """Answer with an error that repeats the caller's key, as some servers do."""

    async def reply(request: web.Request) -> web.StreamResponse:
        key = request.headers["Authorization"]
        error = {"message": f"Incorrect API key provided: {key}", "code": "invalid_api_key", "param": key}
        return web.json_response({"error": error}, status=status, headers={"x-echo": key})

    return reply


def without_stream_options(reply: Reply) -> Reply:
    """Refuse `stream_options`, as older servers do, and otherwise reply."""

    async def picky(request: web.Request) -> web.StreamResponse:
        if "stream_options" in await request.json():
            return web.json_response({"error": {"message": "Unknown field stream_options"}}, status=400)
        return await reply(request)

    return picky


def hung_up(text: str) -> Reply:
    """Stream a text and drop the connection in the middle of the reply."""

    async def reply(request: web.Request) -> web.StreamResponse:
        response = await _opened(request)
        await _send(response, _chunk(text))
        if request.transport is not None:
            request.transport.abort()
        return response

    return reply


def ended_early(text: str) -> Reply:
    """Stream a text and end the reply cleanly, without a reason for the end and without the last event."""

    async def reply(request: web.Request) -> web.StreamResponse:
        response = await _opened(request)
        await _send(response, _chunk(text))
        return response

    return reply


def stalled(text: str | None = None) -> Reply:
    """Say nothing for ever: before the headers, or after a text."""

    async def reply(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if text is not None:
            response = await _opened(request)
            await _send(response, _chunk(text))
        await asyncio.Event().wait()
        return response

    return reply


def endless(piece: str, text: str = "", pause: float = 0.01) -> Reply:
    """Stream a text and then one piece after another for ever, each in time for a read timeout."""

    async def reply(request: web.Request) -> web.StreamResponse:
        response = await _opened(request)
        await _send(response, _chunk(text))
        while True:
            await _send(response, _chunk(piece))
            await asyncio.sleep(pause)

    return reply


def written(write: Callable[[str], AsyncIterator[str]]) -> Reply:
    """Stream the pieces that `write` makes of the last message, as they come; hang up where it says ConnectionError."""

    async def reply(request: web.Request) -> web.StreamResponse:
        prompt = (await request.json())["messages"][-1]["content"]
        response = await _opened(request)
        try:
            async for piece in write(prompt):
                await _send(response, _chunk(piece))
        except ConnectionError:
            if request.transport is not None:
                request.transport.abort()
            return response
        await _send(response, _chunk(None, "stop"))
        await response.write(b"data: [DONE]\n\n")
        return response

    return reply


def raw(body: bytes, content_type: str = "text/event-stream") -> Reply:
    """Answer with status 200 and any bytes."""

    async def reply(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=content_type)

    return reply


async def _opened(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    return response


async def _send(response: web.StreamResponse, event: Mapping[str, object]) -> None:
    await response.write(f"data: {json.dumps(event)}\n\n".encode())


def _chunk(content: str | None, finish: str | None = None) -> dict[str, object]:
    delta = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "loopback", "choices": [choice]}


def _vector(text: str) -> list[float]:
    return [byte / 255 for byte in hashlib.sha256(text.encode()).digest()[:8]]
