"""Blocking work in, something to await out. Embedding, Chroma and SQLite block; whoever awaits must not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# As many as there are cores on a small server: more would only take turns, and each question's work is short.
WORKERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="dateline")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run work on the one bounded executor."""
    return await asyncio.get_running_loop().run_in_executor(WORKERS, partial(work, *args, **kwargs))
