"""What a model is told and must not repeat in, whether a text of its repeats any of it out. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

RUN = 8  # words in a row that nobody writes by accident
SHORTEST_SECRET = 8  # characters; a local server's key may be any word

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Confidential:
    """Secrets, letter for letter, and the wording of texts."""

    secrets: frozenset[str]
    runs: frozenset[str]

    def is_in(self, text: str) -> bool:
        """Tell whether a text has one of the secrets, or some words in a row of one of the texts."""
        return any(secret in text for secret in self.secrets) or not self.runs.isdisjoint(runs(text))


def confidential(secrets: Iterable[str], texts: Collection[str]) -> Confidential:
    """Gather what must not be repeated."""
    known = frozenset(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)
    return Confidential(known, frozenset(run for text in texts for run in runs(text)))


def runs(text: str) -> set[str]:
    """Give every run of words of a text, whatever stands between them."""
    words = _WORD.findall(text.casefold())
    return {" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}
