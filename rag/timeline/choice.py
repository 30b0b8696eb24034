"""Events and a topic in, those that matter most out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.retrieve.retriever import Retriever
from rag.schema import Filters
from rag.timeline.events import Found

Relevance = Callable[[Found], float]  # from 0 to 1; 0 is off the topic


def relevance(topic: str, filters: Filters, retriever: Retriever) -> Relevance:
    """Tell how near events are to a topic, by meaning and by names; without a topic all are."""
    return lambda found: 1.0


def importances(among: Sequence[Found], relevant: Relevance) -> list[float]:
    """Weigh events: reported by many, over several days, near the topic. 0 is not to be shown at all."""
    return [relevant(found) * len({each.citation.source.document for each in found.reports}) for found in among]


def chosen(among: Sequence[tuple[Found, float]], limit: int | None) -> list[tuple[Found, float]]:
    """Choose the most important ones, in the order they came: of each day one before any day has two."""
    best = sorted(among, key=lambda each: -each[1])[:limit]
    kept = {id(found) for found, _ in best}
    return [each for each in among if id(each[0]) in kept]
