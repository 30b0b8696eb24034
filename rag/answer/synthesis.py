"""The seam between a question with its passages and the unchecked claims that answer it."""

from __future__ import annotations

import time
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


# A Rejection is of what a synthesizer knows to be unfit for the gate, so that it is counted as well.
Said: TypeAlias = Claim | Rejection | Unanswered | Finished


@dataclass(frozen=True, slots=True)
class Replacement:
    """What is claimed in place of a rejected claim, which is named by its index in what was handed in."""

    of: int
    claim: Claim


@dataclass(frozen=True, slots=True)
class Assignment:
    """A question to be answered from passages.

    `account` is who pays for a model, and `begun`, by `time.monotonic`, is when the time began that a model has for it.
    """

    query: Query
    passages: Sequence[Passage]
    history: Sequence[Turn] = ()
    account: str = ""
    begun: float = field(default_factory=time.monotonic)


class Synthesizer(Protocol):
    """Words an answer. Its claims are unchecked until `verify` has passed them."""

    def synthesize(self, assignment: Assignment) -> AsyncGenerator[Said, None]:
        """Yield claims and unanswered parts as they come, `Finished` last. Raise ModelError if nothing usable came."""
        ...


class Repairer(Synthesizer, Protocol):
    """A synthesizer that can be told what was wrong."""

    def repair(
        self, assignment: Assignment, rejections: Sequence[Rejection]
    ) -> AsyncGenerator[Replacement | Finished, None]:
        """Yield what takes the place of rejected claims, `Finished` last. Raise ModelError if the model fails."""
        ...
