"""Text as a model streams it in, its complete JSON objects out. What is malformed is dropped, never guessed at."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from rag.schema import Usage

LONGEST_OBJECT = 20_000  # characters; a claim with a dozen quotes has about 5,000

_TURN = re.compile(r'[{}"\n]|\\.?', re.DOTALL)
_NEW_OBJECT = re.compile(r'\s*\{\s*"(?:claim|unanswered|complete|question|event|end)"')
_MAYBE_NEW_OBJECT = re.compile(r'\s*(?:\{\s*(?:"\w*)?)?\Z')


class ObjectReader:
    """Finds JSON objects in text fed piece by piece: one or several a line, pretty-printed, fenced or in an array."""

    def __init__(self) -> None:
        self._text = ""
        self._restart()

    def _restart(self, at: int = 0) -> None:
        """Forget the text before `at` and look for the next object behind it."""
        self._text = self._text[at:]
        self._at, self._start, self._depth, self._in_string = 0, 0, 0, False

    def feed(self, piece: str) -> Iterator[dict[str, object]]:
        """Take the next piece of text; yield the objects that it completes."""
        self._text += piece
        while turn := _TURN.search(self._text, self._at):
            if turn[0] == "\\" or self._is_undecided(turn):
                break  # what it means depends on text that has not come yet
            self._at = turn.end()
            if (span := self._take(turn)) is not None:
                whole = self._text[slice(*span)]
                self._restart(span[1])
                yield from _parsed(whole)
        if len(self._text) - self._start > LONGEST_OBJECT:
            self._restart(len(self._text))

    def _is_undecided(self, turn: re.Match[str]) -> bool:
        inside = turn[0] == "\n" and self._depth > 0 and not self._in_string
        return inside and _MAYBE_NEW_OBJECT.match(self._text, turn.end()) is not None

    def _take(self, turn: re.Match[str]) -> tuple[int, int] | None:
        """Follow the nesting at one character; give the span of an object that it completes."""
        if turn[0] == "\n":
            if self._in_string or (self._depth and _NEW_OBJECT.match(self._text, turn.end())):
                self._restart(turn.end())  # the line broke off: strings have no raw line ends
        elif turn[0] == '"' and self._depth:
            self._in_string = not self._in_string
        elif self._in_string:
            pass
        elif turn[0] == "{":
            self._start = self._start if self._depth else turn.start()
            self._depth += 1
        elif turn[0] == "}" and self._depth:
            self._depth -= 1
            return (self._start, turn.end()) if not self._depth else None
        return None


async def objects_in(reply: AsyncGenerator[str | Usage, None]) -> AsyncGenerator[dict[str, object] | Usage, None]:
    """Read a reply as it streams in: each object as soon as it is complete, and the usage. It closes the reply."""
    reader = ObjectReader()
    async with aclosing(reply) as parts:
        async for part in parts:
            if isinstance(part, Usage):
                yield part
            else:
                for found in reader.feed(part):
                    yield found


async def object_with(name: str, reply: AsyncGenerator[str | Usage, None]) -> tuple[dict[str, object], Usage]:
    """Read a reply to its end: the first object that has a name, or an empty one, and the usage."""
    found: dict[str, object] = {}
    usage = Usage()
    async with aclosing(objects_in(reply)) as events:
        async for event in events:
            if isinstance(event, Usage):
                usage = event
            elif name in event:
                found = found or event
    return found, usage


def has(name: str, text: str) -> bool:
    """Tell whether a text holds a complete object that has a name."""
    return any(name in event for event in ObjectReader().feed(text))


def _parsed(text: str) -> Iterator[dict[str, object]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        yield value
