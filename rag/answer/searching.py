"""A question as understood in, the passages that bear on it out; with a model's help if the settings ask for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from rag.answer.synthesis import Assignment
from rag.answer.waiting import in_thread
from rag.errors import ModelError, SettingsError
from rag.retrieve.retriever import Retriever
from rag.retrieve.timely import is_open
from rag.schema import Passage, Usage
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.answer.chat_model import ChatModel
    from rag.answer.reranking import Reranker
    from rag.answer.rewriting import Rewriter

log = logging.getLogger(__name__)

RERANKED = 30  # passages that a model puts in order
# Passages that the rules put first and no order of a model's leaves out, whatever an article has it do. On 24 queries
# of MultiHop-RAG's development half that cost .02 of the facts among the first 10, when the rules found fewer than now.
KEPT = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, and what a model was paid for it."""

    passages: tuple[Passage, ...]
    usage: Usage = field(default_factory=Usage)


class Searcher:
    """Searches by rules; a model may say what to search for, or put in order what was found, or both.

    The model decides nothing else: what the filters do not let through is never found, and no word of its replies is
    in what comes out.
    """

    def __init__(self, rewriter: Rewriter | None = None, reranker: Reranker | None = None) -> None:
        self._rewriter = rewriter
        self._reranker = reranker

    async def search(self, retriever: Retriever, assignment: Assignment, k: int) -> Found:
        """Find the `k` best passages for an assignment, whose own are left aside. Raises EmptyStoreError.

        A model that fails or is slow changes nothing. It is not asked where there is nothing to read, nor about news
        of a time, which are in the order of their dates.
        """
        query, usage = assignment.query, Usage()  # the query as it is changed here goes no further
        wanted = max(k, RERANKED) if self._reranker else k
        passages = tuple(await in_thread(retriever.retrieve, query, wanted))
        if not passages or is_open(query):
            return Found(passages[:k])
        try:
            if self._rewriter:
                parts, usage = await self._rewriter.parts(assignment)
                if parts:
                    query = replace(query, parts=parts)
                    passages = tuple(await in_thread(retriever.retrieve, query, wanted))
            if self._reranker:
                order, paid = await self._reranker.reranked(replace(assignment, query=query, passages=passages))
                usage += paid
                passages = keeping(passages[:KEPT], order, k)
        except (ModelError, SettingsError) as error:
            log.warning("searching without the model: %s", error)
        return Found(passages[:k], usage)


def keeping(kept: Sequence[Passage], order: Sequence[Passage], k: int) -> tuple[Passage, ...]:
    """Take the first `k` passages in an order; those to be kept that are not among them come in place of the last."""
    lost = [passage for passage in kept[:k] if passage not in order[:k]]
    return (*order[: k - len(lost)], *lost)


def open_searcher(settings: Settings, model: ChatModel, today: Callable[[], date] = date.today) -> Searcher:
    """Put together what the settings ask for."""
    from rag.answer.reranking import Reranker
    from rag.answer.rewriting import Rewriter

    return Searcher(
        Rewriter(model, today) if settings.rewrites else None,
        Reranker(model, today) if settings.reranks else None,
    )
