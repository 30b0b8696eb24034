"""What others wrote in, how a model is shown it out: under keys that no model can invent and no article can contain."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def new_key() -> str:
    """Make a key that nobody can guess."""
    return secrets.token_hex(4)


def keyed_by(new_key: Callable[[], str], things: Sequence[T]) -> dict[str, T]:
    """Give each thing a key of its own."""
    keyed: dict[str, T] = {}
    for thing in things:
        while (key := new_key()) in keyed:
            pass
        keyed[key] = thing
    return keyed


def fenced(name: str, key: str, text: str) -> str:
    """Put a text between two lines that it cannot contain."""
    return f"--- {name} {key}\n{text}\n--- end of {name} {key}"
