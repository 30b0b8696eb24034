"""What goes wrong with a request: each fault is handed the request and how to go on with it, and answers it instead."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

from aiohttp import web

Proceed: TypeAlias = Callable[[], Awaitable[web.StreamResponse]]
Fault: TypeAlias = Callable[[web.Request, Proceed], Awaitable[web.StreamResponse]]


def in_json(body: object, status: int = 200, headers: Mapping[str, str] = {}) -> web.Response:
    """Answer with JSON, labelled exactly as Discord does: discord.py reads no other label."""
    labelled = {"Content-Type": "application/json", **headers}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=labelled)


def rate_limited(retry_after: float = 0.2, *, via: bool = True, everywhere: bool = False) -> Fault:
    """Answer 429 in Discord's own words, or without `via` as the proxy before it does, which discord.py raises."""

    async def answer(request: web.Request, proceed: Proceed) -> web.StreamResponse:
        headers = {"Retry-After": str(retry_after), "X-RateLimit-Scope": "global" if everywhere else "user"}
        headers |= {"Via": "1.1 google"} if via else {}
        headers |= {"X-RateLimit-Global": "true"} if everywhere else {}
        body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
        return in_json(body, status=429, headers=headers)

    return answer


def broken(status: int = 503, text: str = "upstream connect error") -> Fault:
    """Answer with a server error that is no JSON, as a proxy does."""

    async def answer(request: web.Request, proceed: Proceed) -> web.StreamResponse:
        return web.Response(status=status, text=text)

    return answer


def refused(status: int, code: int, message: str) -> Fault:
    """Answer with an error of Discord's."""

    async def answer(request: web.Request, proceed: Proceed) -> web.StreamResponse:
        return in_json({"message": message, "code": code}, status=status)

    return answer


def hung_up() -> Fault:
    """Drop the connection before anything is done."""

    async def answer(request: web.Request, proceed: Proceed) -> web.StreamResponse:
        return _dropped(request)

    return answer


def hung_up_after() -> Fault:
    """Do what is asked, and drop the connection instead of saying so."""

    async def answer(request: web.Request, proceed: Proceed) -> web.StreamResponse:
        await proceed()
        return _dropped(request)

    return answer


def slow(seconds: float) -> Fault:
    """Do what is asked, and say so later."""

    async def answer(request: web.Request, proceed: Proceed) -> web.StreamResponse:
        response = await proceed()
        await asyncio.sleep(seconds)
        return response

    return answer


def broken_after(status: int = 502) -> Fault:
    """Do what is asked, and answer with a server error, so that a client asks again."""

    async def answer(request: web.Request, proceed: Proceed) -> web.StreamResponse:
        await proceed()
        return web.Response(status=status, text="bad gateway")

    return answer


def _dropped(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


@dataclass
class _Planned:
    method: str
    path: str
    fault: Fault
    times: int


class Faults:
    """Which of the next requests go wrong, and how."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []

    def add(self, method: str, path: str, fault: Fault, times: int = 1) -> None:
        """Have the next requests go wrong whose path below `/api/v10` matches, as `/channels/*/messages` does."""
        self._planned.append(_Planned(method, path, fault, times))

    def take(self, method: str, path: str) -> Fault | None:
        """Use up the fault for a request, if one is planned."""
        for planned in self._planned:
            if planned.times and planned.method == method and fnmatchcase(path, planned.path):
                planned.times -= 1
                return planned.fault
        return None

    @property
    def left(self) -> int:
        """How many faults have not happened."""
        return sum(planned.times for planned in self._planned)
