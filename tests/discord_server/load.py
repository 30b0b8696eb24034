"""Many people asking at once, and how long each of them waited."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.discord_server.people import Person
from tests.discord_server.state import Channel, Interaction, Message


@dataclass(frozen=True, slots=True)
class Waited:
    """What became of a question."""

    question: str
    asked: Interaction
    is_answer: Callable[[Message], object]

    @property
    def acknowledged(self) -> float | None:
        """Seconds from the command to its acknowledgement; None if Discord gave up waiting."""
        at = self.asked.acknowledged_at
        return None if at is None else at - self.asked.at

    @property
    def answered(self) -> float | None:
        """Seconds from the command to the last change of the message that answers; None if there is none."""
        shown = [version.at for message in self._answers for version in message.shown[-1:]]
        return min(shown) - self.asked.at if shown else None

    @property
    def answers(self) -> int:
        """How many messages answer it, and are still there."""
        return len(self._answers)

    @property
    def over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.asked.failed or bool(self._answers)

    @property
    def _answers(self) -> list[Message]:
        there = [message for message in self.asked.messages if message.deleted_at is None and not message.loading]
        return [message for message in there if self.is_answer(message)]


async def ask_at_once(
    questions: Iterable[tuple[Person, str]], channel: Channel, *, command: str = "ask", option: str = "question",
    is_answer: Callable[[Message], object] = lambda message: True, within: float = 120.0,
) -> list[Waited]:  # fmt: skip
    """Have every person ask every question of theirs in the same moment, and wait until all are answered.

    `is_answer` says when a message shows the whole answer, for a bot that shows other things before. What is not
    answered in time is returned as it is.
    """
    waiting = []
    for person, question in questions:
        options: dict[str, Any] = {option: question}
        waiting.append(Waited(question, person.calls(channel, command, **options), is_answer))
    with suppress(AssertionError):
        await waiting[0].asked.world.until(lambda: all(one.over for one in waiting), within)
    return waiting
