"""What the store keeps of an article besides its passages, as a value and as the flat metadata that Chroma takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from rag.ingest.prepared import Provenance
from rag.schema import Article, Basis, Dates, Passage, Source

Metadata = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Record:
    """An article as the store knows it. Its passages bear the same revision and are numbered from 0."""

    source: Source
    revision: str
    passages: int
    gaps: str  # the characters of the clean text between its passages, one after another
    provenance: Provenance

    @classmethod
    def of(cls, article: Article, passages: Sequence[Passage], provenance: Provenance) -> Record:
        """Describe an article that was cut into these passages."""
        return cls(article.source, article.revision, len(passages), gaps(article.text, passages), provenance)

    @property
    def passage_ids(self) -> list[str]:
        """List the ids of the passages in order. They name content, so to add one twice is to add it once."""
        return [f"{self.revision}:{number}" for number in range(self.passages)]


def gaps(text: str, passages: Sequence[Passage]) -> str:
    """Collect what the passages leave out of the text, which is in `passages` order and without overlaps."""
    ends = [0, *(passage.end for passage in passages)]
    starts = [*(passage.start for passage in passages), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def whole_text(passages: Sequence[Passage], between: str) -> str:
    """Put the clean text together again from its passages and its gaps."""
    parts: list[str] = []
    at = taken = 0
    for passage in passages:
        gap = passage.start - at
        parts += (between[taken : taken + gap], passage.text)
        at, taken = passage.end, taken + gap
    return "".join((*parts, between[taken:]))


def source_metadata(source: Source) -> Metadata:
    """Flatten a source. Chroma orders only numbers, so dates are ordinals; unknown ones are 0.

    Every key is always there: Chroma takes no None, and leaves what an update does not name as it was.
    """
    texts = ("document", "title", "publisher", "author", "url", "origin")
    return {name: getattr(source, name) for name in texts} | {
        "basis": source.basis.value,
        "first": source.published.first.toordinal() if source.published else 0,
        "last": source.published.last.toordinal() if source.published else 0,
    }


def source_of(metadata: Mapping[str, Any]) -> Source:
    """Undo `source_metadata`."""
    first, last = metadata["first"], metadata["last"]
    values = {field.name: metadata[field.name] for field in fields(Source) if field.name in metadata}
    published = Dates(date.fromordinal(first), date.fromordinal(last)) if first else None
    return Source(**values | {"published": published, "basis": Basis(metadata["basis"])})


def record_metadata(record: Record) -> Metadata:
    """Flatten a record."""
    return source_metadata(record.source) | {
        "revision": record.revision,
        "passages": record.passages,
        "gaps": record.gaps,
        "file": record.provenance.file,
        "digest": record.provenance.digest,
        "articles": record.provenance.articles,
    }


def record_of(metadata: Mapping[str, Any]) -> Record:
    """Undo `record_metadata`."""
    provenance = Provenance(metadata["file"], metadata["digest"], metadata["articles"])
    return Record(source_of(metadata), metadata["revision"], metadata["passages"], metadata["gaps"], provenance)


def passage_metadata(passage: Passage, revision: str) -> Metadata:
    """Flatten a passage except for its text, which Chroma keeps as the document."""
    return source_metadata(passage.source) | {"revision": revision, "start": passage.start, "end": passage.end}


def passage_of(metadata: Mapping[str, Any], text: str) -> Passage:
    """Undo `passage_metadata`."""
    return Passage(source_of(metadata), metadata["start"], metadata["end"], text)
