"""Things to do one after the other in, several at a time, given up when a model fails several times in a row."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

AT_ONCE = 8  # for a model, which waits more than it works
GIVING_UP = 3  # failures in a row, after which more would say nothing new

T = TypeVar("T")


async def in_turn(things: Iterable[T], work: Callable[[T], Awaitable[str]], at_once: int = AT_ONCE) -> str:
    """Work on all things. `work` returns why the model failed, or nothing; this, why it was given up, or nothing.

    What is under way then is awaited.
    """
    waiting, failing, given_up = iter(things), 0, ""

    async def worker() -> None:
        nonlocal failing, given_up
        for thing in waiting:
            failure = await work(thing)
            failing = failing + 1 if failure else 0
            given_up = given_up or (failure if failing >= GIVING_UP else "")
            if given_up:
                return

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return given_up
