"""A model on the loopback interface whose replies a test dictates: what it writes, and when each line of it comes."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from tests.bot.newsroom import NO_INTENT, Newsroom, copied, newsroom, opened
from tests.discord_server.gateway import Intent
from tests.openai_server import OpenAIServer, written

Line = Mapping[str, object]

PLENTY = 10_000  # lines; no test has its model write as many
HANG_UP: Line = {"then": "hang up"}
STOP: Line = {"then": "stop"}
END: Line = {"end": True}
_PASSAGE = re.compile(r"^--- passage (\w+)\n.*?\n\n(.*?)\n--- end of passage \1$", re.DOTALL | re.MULTILINE)
_CONVERSATION = re.compile(r"oldest first:\n(.*?)\n\nThe passages,", re.DOTALL)
_QUESTION = re.compile(r"\nThe question:\n(.*?)(?:\n\(that is: .*\))?\s*\Z", re.DOTALL)


def claim(text: str, quote: str = "") -> Line:
    """Make a line that says something and proves it with a quote, or quotes just that."""
    return {"claim": text, "quote": quote or text}


def missing(part: str) -> Line:
    """Make a line that names what the passages do not answer."""
    return {"unanswered": part}


class Writer:
    """The model. To a question of which it was told nothing it says the first line of the first passage."""

    def __init__(self) -> None:
        self.prompts: list[str] = []
        self._dictated: dict[str, tuple[Line, ...]] = {}
        self._permits = asyncio.Semaphore(PLENTY)  # to write a line

    def says(self, question: str, *lines: Line) -> None:
        """Dictate the reply to a question."""
        self._dictated[question] = lines

    def forget(self) -> None:
        """Forget what it was asked and told."""
        self.prompts.clear()
        self._dictated.clear()

    @property
    def questions(self) -> list[str]:
        """What it was asked, oldest first."""
        return [_found(_QUESTION, prompt) for prompt in self.prompts]

    def conversation_before(self, question: str) -> list[str]:
        """List the turns before a question as it was shown them, once."""
        (asked,) = (prompt for prompt in self.prompts if _found(_QUESTION, prompt) == question)
        conversation = _found(_CONVERSATION, asked)
        return [] if conversation == "(none)" else conversation.split("\n")

    @contextmanager
    def held_back(self) -> Iterator[Callable[[int], None]]:
        """Hold every line back until the function that this gives lets so many more come. In the end all may."""
        permits = self._permits = asyncio.Semaphore(0)

        def let(lines: int) -> None:
            for _ in range(lines):
                permits.release()

        try:
            yield let
        finally:
            let(PLENTY)

    async def write(self, prompt: str) -> AsyncIterator[str]:
        """Write the reply to a prompt, a line at a time. Raises ConnectionError where it is to hang up."""
        self.prompts.append(prompt)
        passages = dict(_PASSAGE.findall(prompt))
        first_line = claim(next(iter(passages.values()), "").split("\n")[0])
        for line in (*self._dictated.get(_found(_QUESTION, prompt), (first_line,)), END):
            await self._permits.acquire()
            if line is STOP:
                return
            if line is HANG_UP:
                raise ConnectionError
            yield json.dumps(_in_form(line, passages)) + "\n"


def _in_form(line: Line, passages: Mapping[str, str]) -> Line:
    """Write a line as the model is asked to: a quote goes with the key of the passage that has it."""
    if "claim" not in line:
        return line
    quote = str(line["quote"])
    key = next(key for key, text in passages.items() if quote in text)
    return {"claim": line["claim"], "cites": [{"key": key, "quote": quote}]}


def _found(pattern: re.Pattern[str], prompt: str) -> str:
    match = pattern.search(prompt)
    assert match, f"The prompt has no {pattern.pattern}"
    return match[1]


@asynccontextmanager
async def writing_newsroom(
    store: Path, folder: Path, *, content: bool = False, **more: str
) -> AsyncIterator[tuple[Newsroom, Writer]]:
    """Run a bot with a model on a copy of a store, which goes into `folder`; it may see the content of all messages.

    `more` goes into its environment.
    """
    writer = Writer()
    environment = {"OPENAI_MODEL": "loopback", "DISCORD_MESSAGE_CONTENT": "1" if content else "", **more}
    allowed = Intent.MESSAGE_CONTENT if content else NO_INTENT
    async with OpenAIServer(written(writer.write)) as server:
        environment["OPENAI_BASE_URL"] = server.url
        async with newsroom(copied(store, folder), allowed, **environment) as room:
            await opened(room)
            yield room, writer
