"""What ingestion hands to a store: an article cut into passages, with where it was read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from rag.schema import Article, Passage


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an article was read, so that a file that has not changed need not be read again."""

    file: str = ""  # an absolute path or a URL
    digest: str = ""  # of the file's bytes and the version of what reads them
    articles: int = 0  # how many the file holds, if all of them could be read


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article that is ready to be embedded."""

    article: Article
    passages: tuple[Passage, ...]
    provenance: Provenance


class Fate(Enum):
    """What became of an article that was handed to a store."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"  # the store has it, perhaps since another ingest put it in a moment ago
    CLAIMED = "claimed"  # another ingest is at work on it
