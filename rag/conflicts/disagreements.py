"""A store in, the points on which its articles say different things out: in all, on a topic, or about some claims."""

from __future__ import annotations

from collections.abc import Sequence

from rag.retrieve.retriever import Retriever
from rag.schema import Claim, Conflict, Filters, Query

NO_FILTERS = Filters()


class Disagreements:
    """Finds where articles disagree. Threads may share one."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def find(self, topic: str = "", filters: Filters = NO_FILTERS) -> tuple[Conflict, ...]:
        """List the points on which the articles say different things, what matters most first; of a topic if given.

        Raises EmptyStoreError when there is nothing to read.
        """
        return ()

    def touching(self, query: Query, claims: Sequence[Claim]) -> tuple[Conflict, ...]:
        """List those points that the claims of an answer touch and that bear on the question."""
        return ()
