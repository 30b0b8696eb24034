"""The sources that a question names and what was found for it in, which of them have no say here out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rag.retrieve.credits import Credit
from rag.retrieve.outlets import calls
from rag.schema import Passage, Source
from rag.store.filters import is_named, is_of, outlets_of
from rag.store.searchable import heading


@dataclass(frozen=True, slots=True)
class Sourcing:
    """What there is by the sources that a question names."""

    named: int = 0  # how many it names
    absent: tuple[str, ...] = ()  # those that no article is by
    silent: tuple[str, ...] = ()  # those that some article is by, but nothing that was found

    def share(self, of_these: Sequence[str]) -> float:
        """Compute their share of the sources named; 0 if there are none."""
        return len(of_these) / self.named if self.named else 0.0


def sourcing(given: Sequence[Credit], passages: Iterable[Passage], has_articles: Callable[[str], bool]) -> Sourcing:
    """Look for the sources that a question names among the outlets, and in what was found.

    A name that only may be a publication's is not absent if a passage has it: what somebody says is told by others.
    """
    found = list({passage.key: passage for passage in passages}.values()) if given else []
    here = {credit.name for credit in given if has_articles(credit.name)}
    return Sourcing(
        len(given),
        tuple(
            credit.name
            for credit in given
            if credit.name not in here and (credit.prints or not any(has_name(each, credit.name) for each in found))
        ),
        tuple(
            credit.name
            for credit in given
            if credit.name in here and not any(is_by(credit.name, each.source) for each in found)
        ),
    )


def is_by(name: str, source: Source) -> bool:
    """Tell whether an article is by or taken from whom a question names: `jerusalempost.com` is The Jerusalem Post."""
    return is_of(name, source) or any(not calls(name).isdisjoint(calls(outlet)) for outlet in outlets_of(source))


def has_name(passage: Passage, name: str) -> bool:
    """Tell whether a passage, or what stands above it, has a name."""
    return is_named(name, f"{heading(passage.source)}\n{passage.source.author}\n{passage.text}")
