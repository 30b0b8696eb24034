"""The seam between a question with its passages and the unchecked claims that answer it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from rag.schema import Claim, Passage, Query, Rejection, Turn, Usage


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A part of the question that the passages do not answer, in words of the synthesizer."""

    part: str


@dataclass(frozen=True, slots=True)
class Finished:
    """What is known at the end.

    `notice` tells the reader of an answer that was cut short; `confidence` says from 0 to 1 how likely it is that the
    passages answer, if that was estimated.
    """

    usage: Usage = field(default_factory=Usage)
    notice: str = ""
    confidence: float | None = None


Said: TypeAlias = Claim | Unanswered | Finished


@dataclass(frozen=True, slots=True)
class Assignment:
    """A question to be answered from passages. `account` is who pays for a model."""

    query: Query
    passages: Sequence[Passage]
    history: Sequence[Turn] = ()
    account: str = ""


class Synthesizer(Protocol):
    """Words an answer. Its claims are unchecked until `verify` has passed them."""

    def synthesize(self, assignment: Assignment) -> AsyncGenerator[Said, None]:
        """Yield claims and unanswered parts as they come, `Finished` last. Raise ModelError if nothing usable came."""
        ...


class Repairer(Synthesizer, Protocol):
    """A synthesizer that can be told what was wrong."""

    def repair(self, assignment: Assignment, rejections: Sequence[Rejection]) -> AsyncGenerator[Said, None]:
        """Yield what takes the place of rejected claims, `Finished` last. Raise ModelError if nothing usable came."""
        ...
