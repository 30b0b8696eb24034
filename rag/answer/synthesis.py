"""The seam between a question with its passages and the unchecked claims that answer it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from rag.schema import Claim, Passage, Query, Turn, Usage


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


class Synthesizer(Protocol):
    """Words an answer. Its claims are unchecked until `verify` has passed them."""

    def synthesize(
        self, query: Query, passages: Sequence[Passage], history: Sequence[Turn] = ()
    ) -> AsyncGenerator[Said, None]:
        """Yield claims and unanswered parts as they come, `Finished` last. Raise ModelError if nothing usable came."""
        ...
