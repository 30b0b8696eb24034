"""A question in, a verified Answer out. Nothing else makes an Answer, and every claim in it has passed the gate."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from rag.answer.check import Checker
from rag.answer.decision import THRESHOLD
from rag.answer.extractive import Extractive
from rag.answer.reading import Reading
from rag.answer.searching import Searcher, open_searcher
from rag.answer.synthesis import Assignment, Repairer, Replacement, Said, Unanswered
from rag.answer.timing import dating
from rag.answer.uncovered import uncovered
from rag.answer.waiting import in_thread
from rag.answer.wording import shortened
from rag.conflicts.disagreements import Disagreements
from rag.errors import DatelineError, SpentError, StoreError, UsageError
from rag.gate.verify import inert, verified
from rag.retrieve.retriever import PASTS_REMEMBERED, Retriever, narrowed
from rag.schema import (
    Answer,
    Checked,
    Claim,
    Conflict,
    Filters,
    Mode,
    Passage,
    Query,
    Rejection,
    Relation,
    Source,
    Turn,
    Usage,
)
from rag.settings import Settings
from rag.spending import BudgetOf
from rag.store.store import Store

log = logging.getLogger(__name__)

WITHOUT_MODEL = "This answer was made without the model."
LONGEST_SHOWN = 400  # characters of a rejected claim
PASSAGES = 10  # retrieved for an answer
OF_THE_TIME = 50  # articles that may be of the time asked about, of which one is looked for that is; by a day, all are
NO_FILTERS = Filters()

Shown = Callable[[Claim], None]


def open_engine(settings: Settings, store: Store, budget_of: BudgetOf | None = None) -> Engine:
    """Put together what the settings ask for: with a model if there is one, extractive if not.

    `budget_of` says what each account may spend on the model. Raises SettingsError for a cap without prices.
    """
    retriever = Retriever(store)
    if not settings.has_model:
        return Engine(retriever)
    from rag.answer.chat_model import open_model
    from rag.answer.openai_synthesizer import OpenAISynthesizer

    model = open_model(settings, budget_of)
    return Engine(
        retriever, OpenAISynthesizer(model, today=date.today), searcher=open_searcher(settings, model, date.today)
    )


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
        searcher: Searcher | None = None,
    ) -> None:
        """`threshold`: how likely an extractive answer must be to be given, from 0 to 1. `today` is the clock."""
        self._model = model
        self._searcher = searcher or Searcher()
        self._threshold = threshold
        self._today = today
        self._past = lru_cache(PASTS_REMEMBERED)(self._reading_with)
        self._read_with(retriever)

    def _read_with(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._reading = Reading(retriever)
        self._texts = Texts(retriever.store)
        self._checker = Checker(self._reading, self._texts)
        self._extractive = Extractive(self._reading, self._checker, self._threshold)
        self._disagreements = Disagreements(retriever)

    def _reading_with(self, retriever: Retriever) -> Engine:
        other = copy(self)
        other._read_with(retriever)
        return other

    def _as_of(self, filters: Filters) -> Engine:
        """Go back to the day that the filters name: the engine of a store in which there is nothing later."""
        past = self._retriever.as_of(filters.as_of)
        return self if past is self._retriever else self._past(past)

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
        if (past := await in_thread(self._as_of, filters)) is not self:
            return await past.answer(question, history, filters, shown, account)
        begun = time.perf_counter()
        assignment, spent = await self._searched(question, PASSAGES, history, filters, account)
        query, passages = assignment.query, assignment.passages
        retrieved = time.perf_counter()
        draft = await self._drafted(assignment, shown)
        related = await in_thread(self._disagreements.touching, query, draft.claims)
        origins = await in_thread(self._origins, draft.claims, related)
        dated = await in_thread(self._dating, query, draft.claims, related)
        nearest = None if draft.claims else await in_thread(self._reading.nearest, query, passages)
        return Answer(
            query=query,
            mode=draft.mode,
            claims=tuple(draft.claims),
            unanswered=uncovered(draft.unanswered, query) if draft.claims else (),
            conflicts=tuple(each for each in related if each.relation is not Relation.SUCCESSION),
            changes=tuple(each for each in related if each.relation is Relation.SUCCESSION),
            passages=tuple(passages),
            nearest=nearest,
            rejections=tuple(draft.rejections),
            confidence=draft.confidence,
            dating=dated,
            absent=await in_thread(self._reading.absent, query, passages),
            notice=draft.notice,
            usage=spent + draft.usage,
            timings_ms={
                "retrieve": milliseconds(retrieved - begun),
                "answer": milliseconds(time.perf_counter() - retrieved) - draft.verifying,
                "verify": draft.verifying,
                "total": milliseconds(time.perf_counter() - begun),
            },
            origins=origins,
        )

    async def search(
        self,
        question: str,
        k: int,
        history: Sequence[Turn] = (),
        filters: Filters = NO_FILTERS,
        account: str = "",
    ) -> tuple[Query, list[Passage]]:
        """Find the passages that bear on a question, without answering it; `account` pays for a model's help."""
        past = await in_thread(self._as_of, filters)
        found, _ = await past._searched(question, k, history, filters, account)
        return found.query, [*found.passages]

    async def check(self, text: str, filters: Filters = NO_FILTERS) -> tuple[Checked, ...]:
        """Hold each statement of a text against the articles, without a model; nothing for a text that states nothing.

        Raises EmptyStoreError when there is nothing to read.
        """
        checker = (await in_thread(self._as_of, filters))._checker
        stated = await in_thread(checker.statements, text)
        return tuple([await in_thread(checker.checked, statement, filters) for statement in stated])

    async def _searched(
        self, question: str, k: int, history: Sequence[Turn], filters: Filters, account: str
    ) -> tuple[Assignment, Usage]:
        """Understand a question and find what it is to be answered from; and what a model was paid for that."""
        if not any(map(str.isalnum, question)):
            raise UsageError("There is no question in that. Ask in words, for example: who signed the pact?")
        query = await in_thread(self._retriever.understand, question, history, filters, self._today())
        assignment = Assignment(query, (), history, account)
        found = await self._searcher.search(self._retriever, assignment, k)
        return replace(assignment, passages=found.passages), found.usage

    def _origins(self, claims: Sequence[Claim], related: Sequence[Conflict]) -> dict[str, str]:
        """Name the originals of the cited articles that are rewrites; one report by itself needs no comparing."""
        said = [claim.citations for claim in claims]
        said += [position.citations for conflict in related for position in conflict.positions]
        cited = [{citation.source.document for citation in citations} for citations in said]
        return self._retriever.origins.among({document for each in cited if len(each) > 1 for document in each})

    def _dating(self, query: Query, claims: Sequence[Claim], related: Sequence[Conflict]) -> str:
        cited = [citation for claim in claims for citation in claim.citations]
        cited += [each for conflict in related for position in conflict.positions for each in position.citations]
        return dating(query, cited, self._citable(query))

    def _citable(self, query: Query) -> list[Source]:
        """List articles that could have been cited: some of the time asked about, and the newest."""
        if not query.period:
            return []
        store = self._retriever.store
        of_then = store.leads(narrowed(query.filters, query.period), OF_THE_TIME)
        return [*(lead.source for lead in of_then), *filter(None, [store.newest(query.filters)])]

    async def _drafted(self, assignment: Assignment, shown: Shown) -> Draft:
        extractive = self._extractive.synthesize(assignment)
        if self._model is None or not assignment.passages:
            return await self._filled(Draft(Mode.EXTRACTIVE), extractive, shown)
        try:
            draft = await self._filled(Draft(Mode.OPENAI), self._model.synthesize(assignment), shown)
        except DatelineError as error:  # neither a dead server nor a wrong key leaves people without answer
            log.warning("answering without the model: %s", error)
            return await self._filled(Draft(Mode.EXTRACTIVE, notice=without_model(error)), extractive, shown)
        if draft.rejections:
            await self._mend(draft, self._model, assignment, shown)
        return draft

    async def _filled(self, draft: Draft, saying: AsyncGenerator[Said, None], shown: Shown) -> Draft:
        async with aclosing(saying):
            async for said in saying:
                if isinstance(said, Claim):
                    await self._admit(said, draft, shown)
                elif isinstance(said, Rejection):
                    draft.rejections.append(defused(said))
                elif isinstance(said, Unanswered):
                    draft.unanswered.append(said.part)
                else:
                    draft.usage, draft.confidence = said.usage, said.confidence
                    draft.notice = said.notice or draft.notice
        return draft

    async def _mend(self, draft: Draft, model: Repairer, assignment: Assignment, shown: Shown) -> None:
        """Have the rejected claims written anew, once, and let in what passes the gate; failing costs nothing."""
        try:
            async with aclosing(model.repair(assignment, tuple(draft.rejections))) as saying:
                async for said in saying:
                    if not isinstance(said, Replacement):
                        draft.usage += said.usage
                    elif await self._passes(said.claim, draft, shown) is None:
                        draft.rejections[said.of] = replace(draft.rejections[said.of], repaired=True)
        except DatelineError as error:
            log.warning("rejected claims are not repaired: %s", error)

    async def _admit(self, claim: Claim, draft: Draft, shown: Shown) -> None:
        """Let a claim into the draft if it passes the gate, and note it as rejected if it does not."""
        if rejection := await self._passes(claim, draft, shown):
            draft.rejections.append(defused(rejection))

    async def _passes(self, claim: Claim, draft: Draft, shown: Shown) -> Rejection | None:
        """Let a claim into the draft if it passes the gate, and otherwise say why not."""
        begun = time.perf_counter()
        result = await in_thread(verified, claim, self._texts, self._retriever.vocabulary.variants)
        draft.verifying += milliseconds(time.perf_counter() - begun)
        if isinstance(result, Rejection):
            log.info("claim dropped: it %s", result.reason)
            return result
        if result.text not in {other.text for other in draft.claims}:
            draft.claims.append(result)
            shown(result)
        return None


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
        return self._store.article_count()


def defused(rejection: Rejection) -> Rejection:
    """Leave of a rejected claim what can be shown to people: no links, no mentions, and not without end."""
    return replace(
        rejection, claim=replace(rejection.claim, text=shortened(inert(rejection.claim.text), LONGEST_SHOWN))
    )


def without_model(error: DatelineError) -> str:
    """Say why an answer was made without the model."""
    if isinstance(error, SpentError):
        return f"{str(error).rstrip('.')}; this answer is in the articles' own sentences."
    return f"{error} {WITHOUT_MODEL}"


def milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 2)
