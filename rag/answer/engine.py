"""A question in, a verified Answer out. Nothing else makes an Answer, and every claim in it has passed the gate."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date

from rag.answer.check import Checker
from rag.answer.decision import THRESHOLD
from rag.answer.extractive import Extractive
from rag.answer.synthesis import Assignment, Repairer, Said, Unanswered
from rag.answer.waiting import in_thread
from rag.conflicts.disagreements import Disagreements
from rag.errors import ModelError, SettingsError, StoreError, UsageError
from rag.gate.verify import verified
from rag.retrieve.retriever import Retriever
from rag.schema import Answer, Checked, Claim, Filters, Mode, Passage, Query, Rejection, Relation, Turn, Usage
from rag.settings import Settings
from rag.store.store import Store

log = logging.getLogger(__name__)

WITHOUT_MODEL = "This answer was made without the model."
PASSAGES = 10  # retrieved for an answer
NO_FILTERS = Filters()

Shown = Callable[[Claim], None]


def open_engine(settings: Settings, store: Store) -> Engine:
    """Put together what the settings ask for: with a model if there is one, extractive if not."""
    retriever = Retriever(store)
    if not settings.has_model:
        return Engine(retriever)
    from rag.answer.chat_model import ChatModel
    from rag.answer.openai_synthesizer import OpenAISynthesizer

    return Engine(retriever, OpenAISynthesizer(ChatModel(settings), today=date.today))


@dataclass
class Draft:
    """What has been said so far in answer to a question; the claims have passed the gate."""

    mode: Mode
    notice: str = ""
    claims: list[Claim] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    confidence: float | None = None
    usage: Usage = field(default_factory=Usage)
    verifying: float = 0.0  # milliseconds


class Engine:
    """Answers questions from a store, in the words of a model if it is given one."""

    def __init__(
        self,
        retriever: Retriever,
        model: Repairer | None = None,
        threshold: float = THRESHOLD,
        today: Callable[[], date] = date.today,
    ) -> None:
        """`threshold`: how likely an extractive answer must be to be given, from 0 to 1. `today` is the clock."""
        self._retriever = retriever
        self._extractive = Extractive(retriever, threshold)
        self._model = model
        self._today = today
        self._texts = Texts(retriever.store)
        self._disagreements = Disagreements(retriever)
        self._checker = Checker(self._extractive, self._texts)

    async def answer(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters = NO_FILTERS,
        shown: Shown = lambda claim: None,
        account: str = "",
    ) -> Answer:
        """Answer a question. `shown` is called with each claim as soon as it is verified; `account` pays for a model.

        Raises UsageError for a question without words and EmptyStoreError when there is nothing to read.
        """
        begun = time.perf_counter()
        query, passages = await self.search(question, PASSAGES, history, filters)
        retrieved = time.perf_counter()
        draft = await self._drafted(Assignment(query, passages, history, account), shown)
        related = await in_thread(self._disagreements.touching, query, draft.claims)
        nearest = None if draft.claims else await in_thread(self._extractive.nearest, query, passages)
        return Answer(
            query=query,
            mode=draft.mode,
            claims=tuple(draft.claims),
            unanswered=tuple(draft.unanswered) if draft.claims else (),
            conflicts=tuple(each for each in related if each.relation is not Relation.SUCCESSION),
            changes=tuple(each for each in related if each.relation is Relation.SUCCESSION),
            passages=tuple(passages),
            nearest=nearest,
            rejections=tuple(draft.rejections),
            confidence=draft.confidence,
            notice=draft.notice,
            usage=draft.usage,
            timings_ms={
                "retrieve": milliseconds(retrieved - begun),
                "answer": milliseconds(time.perf_counter() - retrieved) - draft.verifying,
                "verify": draft.verifying,
                "total": milliseconds(time.perf_counter() - begun),
            },
        )

    async def search(
        self, question: str, k: int, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS
    ) -> tuple[Query, list[Passage]]:
        """Find the passages that bear on a question, without answering it."""
        if not any(map(str.isalnum, question)):
            raise UsageError("There is no question in that. Ask in words, for example: who signed the pact?")
        return await in_thread(self._searched, question, k, history, filters)

    async def check(self, text: str, filters: Filters = NO_FILTERS) -> tuple[Checked, ...]:
        """Hold each statement of a text against the articles, without a model; nothing for a text that states nothing.

        Raises EmptyStoreError when there is nothing to read.
        """
        stated = await in_thread(self._checker.statements, text)
        return tuple([await in_thread(self._checker.checked, statement, filters) for statement in stated])

    def _searched(
        self, question: str, k: int, history: Sequence[Turn], filters: Filters
    ) -> tuple[Query, list[Passage]]:
        query = self._retriever.understand(question, history, filters, self._today())
        return query, self._retriever.retrieve(query, k)

    async def _drafted(self, assignment: Assignment, shown: Shown) -> Draft:
        extractive = self._extractive.synthesize(assignment)
        if self._model is None or not assignment.passages:
            return await self._filled(Draft(Mode.EXTRACTIVE), extractive, shown)
        try:
            return await self._filled(Draft(Mode.OPENAI), self._model.synthesize(assignment), shown)
        except (
            ModelError,
            SettingsError,
        ) as error:  # neither a dead server nor a wrong key leaves people without answer
            log.warning("answering without the model: %s", error)
            return await self._filled(Draft(Mode.EXTRACTIVE, notice=f"{error} {WITHOUT_MODEL}"), extractive, shown)

    async def _filled(self, draft: Draft, saying: AsyncGenerator[Said, None], shown: Shown) -> Draft:
        async with aclosing(saying):
            async for said in saying:
                if isinstance(said, Claim):
                    await self._admit(said, draft, shown)
                elif isinstance(said, Unanswered):
                    draft.unanswered.append(said.part)
                else:
                    draft.usage, draft.confidence = said.usage, said.confidence
                    draft.notice = said.notice or draft.notice
        return draft

    async def _admit(self, claim: Claim, draft: Draft, shown: Shown) -> None:
        """Let a claim into the draft if it passes the gate."""
        begun = time.perf_counter()
        result = await in_thread(verified, claim, self._texts, self._retriever.vocabulary.variants)
        draft.verifying += milliseconds(time.perf_counter() - begun)
        if isinstance(result, Rejection):
            log.info("claim dropped: it %s", result.reason)
            draft.rejections.append(result)
        elif result.text not in {other.text for other in draft.claims}:
            draft.claims.append(result)
            shown(result)


class Texts(Mapping[str, str]):
    """The clean texts of the articles in a store, by document."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getitem__(self, document: str) -> str:
        try:
            return self._store.article(document).text
        except StoreError:
            raise KeyError(document) from None

    def __iter__(self) -> Iterator[str]:
        return (source.document for source, _ in self._store.sources())

    def __len__(self) -> int:
        return len(self._store.sources())


def milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 2)
