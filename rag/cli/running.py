"""Work that waits in, its result out."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or until Ctrl-C, which asyncio would otherwise only tell what awaits, and `input` does not."""
    signal.signal(signal.SIGINT, interrupt)
    return asyncio.run(work)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt
