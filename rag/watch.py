"""Receipts and the store in, the answers out that rest on what was edited, removed or contradicted since, and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from rag.answer.check import Checker
from rag.answer.engine import Texts
from rag.answer.reading import Reading
from rag.answer.wording import outlet_and_date
from rag.facts.names import names_in
from rag.facts.vocabulary import CALENDAR
from rag.language.words import content_stems
from rag.receipts import Effect, Kind, Receipt, Receipts, now
from rag.records import Record
from rag.retrieve.retriever import Retriever
from rag.schema import Answer, Checked, Citation, Claim, Query
from rag.store.filters import keeps
from rag.store.past import Past
from rag.store.store import State, Store

# of a claim's words, the share that an article must have to be worth a check, which takes a tenth of a second; the
# contradictions planted in `tests.benchmarks.watch` have .7 and more
SHARED_WORDS = 0.4
NEWCOMERS_REMEMBERED = 4  # sets of articles, each with its words in a file


class Watch:
    """Holds receipts against the store. Threads may share one; what another process finds is not found again."""

    def __init__(self, receipts: Receipts, store: Store) -> None:
        self._receipts = receipts
        self._store = store
        self._texts = Texts(store)
        self._newcomers = lru_cache(NEWCOMERS_REMEMBERED)(self._read_newcomers)

    def look(self) -> list[Effect]:
        """Find what became of answers since the last look. Raises StoreError."""
        return [effect for identity in self.pending() for effect in self.look_at(identity)]

    def pending(self) -> list[str]:
        """List the ids of the receipts to be looked at: none, at once, if the store is as it was."""
        return self._receipts.unchecked(self._store.version())

    def look_at(self, identity: str) -> list[Effect]:
        """Find and keep what became of one answer since it was last looked at. Raises StoreError."""
        state, receipt, when = self._store.state(), self._receipts.get(identity), now()
        if receipt is None:  # it has become too old meanwhile
            return []
        changed = self._changed(receipt, self._receipts.seen(identity), state)
        effects = [Effect(identity, document, kind, reason, when) for document, (kind, reason) in changed.items()]
        return self._receipts.checked(identity, state, effects)

    def since(self, identity: str, receipt: Receipt) -> list[str]:
        """Say in sentences what has become of the sources of an answer, as far as is known without a new check."""
        answer = receipt.answer
        sources = source_changes(answer, receipt.revisions, self._revisions(answer), self._texts)
        known = [effect.reason for effect in self._receipts.effects(identity)]
        reasons = dict.fromkeys([*known, *(reason for _, _, reason in sources)])
        said = [f"{reason[0].upper()}{reason[1:]}." for reason in reasons]
        return said or (["Nothing that it quotes."] if answer.citations else [])

    def _changed(self, receipt: Receipt, seen: int, state: State) -> dict[str, tuple[Kind, str]]:
        """Find the articles that were changed under an answer, or that contradict it, and say so."""
        answer, arrived = receipt.answer, frozenset(document for document, _ in self._store.changed_since(seen))
        before = {document: revision for document, revision in receipt.revisions.items() if document not in arrived}
        sources = source_changes(answer, before, self._revisions(answer), self._texts)
        changed = {document: (kind, reason) for document, kind, reason in sources}
        if arrived:
            newcomers = self._newcomers(arrived, state.version)
            for claim in answer.claims:
                for document, reason in newcomers.contradicting(claim, answer.query):
                    changed.setdefault(document, (Kind.CONTRADICTED, reason))
        return changed

    def _read_newcomers(self, documents: frozenset[str], version: str) -> Newcomers:
        return Newcomers(self._store, documents, self._texts)

    def _revisions(self, answer: Answer) -> Mapping[str, str]:
        """Look up the revisions of the articles that an answer cites, as far as they are there."""
        cited = {citation.source.document for citation in answer.citations}
        return {document: revision for document in cited if (revision := self._store.revision(document))}


class Newcomers:
    """Articles that came after an answer, to be read among themselves."""

    def __init__(self, store: Store, documents: Collection[str], texts: Mapping[str, str]) -> None:
        self._checker = Checker(Reading(Retriever(Past(store, documents))), texts)
        found = filter(None, map(store.source, sorted(documents)))
        self._sources = {source.document: source for source in found}
        read = {each.document: f"{each.title}.\n{texts.get(each.document, '')}" for each in self._sources.values()}
        self._stems = {document: set(content_stems(text)) for document, text in read.items()}
        self._names = {document: name_words(text) for document, text in read.items()}

    def contradicting(self, claim: Claim, query: Query) -> Iterator[tuple[str, str]]:
        """Find an article that contradicts a claim, and that the query would have let in, and say what it says."""
        speaking = self._speaking_of(claim, query)
        checked = self._checker.checked(claim.text, query.filters) if speaking else Checked(claim.text)
        supporting = {citation.source.document for citation in checked.supporting}
        for citation in checked.contradicting[:1]:  # of which the reason is
            if citation.source.document in speaking - supporting:
                said = checked.reason.removeprefix("the article ")
                yield citation.source.document, f"a new article ({outlet_and_date(citation.source)}) {said}"

    def _speaking_of(self, claim: Claim, query: Query) -> set[str]:
        """List those that seem to speak of the same: they have enough words of a claim, and of its names.

        A claim without a name is taken to speak of what its question and its sources' titles name.
        """
        stems, names, fewest = set(content_stems(claim.text)), name_words(claim.text, certain=True), 1
        if not names:
            titles = (citation.source.title for citation in claim.citations)
            names, fewest = name_words("\n".join((query.standalone, *titles))), 2
        return {
            document
            for document, source in self._sources.items()
            if keeps(query.filters, source)
            and len(self._stems[document] & stems) >= SHARED_WORDS * len(stems)
            and len(self._names[document] & names) >= fewest
        }


def name_words(text: str, *, certain: bool = False) -> set[str]:
    """Collect the words of the names in a text; days and months are none.

    `certain`: of what opens a sentence, which has a capital in any case, only if there is nothing else.
    """
    names = names_in(text)
    chosen = [name for name in names if not name.opens] if certain else []
    words = {word.casefold() for name in chosen or names for word in name.words}
    return words - CALENDAR


def source_changes(
    answer: Answer, before: Mapping[str, str], after: Mapping[str, str], texts: Mapping[str, str]
) -> Iterator[tuple[str, Kind, str]]:
    """Find the cited articles that were removed, or edited so that a quote is not in them any more, and say so.

    `before` and `after` are the revisions of documents then and now. Only what was revised is read.
    """
    quoted: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        quoted.setdefault(citation.source.document, []).append(citation)
    for document, citations in quoted.items():
        named = outlet_and_date(citations[0].source)
        if document not in after:
            yield document, Kind.REMOVED, f"an article that it quotes ({named}) was removed"
        elif after[document] != before.get(document) and not all(
            is_said(citation.quote, texts.get(document, "")) for citation in citations
        ):
            yield document, Kind.EDITED, f"the passage that it quotes is no longer in the article ({named})"


def is_said(quote: str, text: str) -> bool:
    """Tell whether a text has a quote, wherever and however broken into lines; not as a part of longer words."""
    words = r"\s+".join(map(re.escape, quote.split()))
    before = r"(?<!\w)" if quote[:1].isalnum() else ""
    behind = r"(?!\w)" if quote[-1:].isalnum() else ""
    return re.search(f"{before}{words}{behind}", text) is not None


def affected_records(receipts: Receipts, new: Sequence[Effect]) -> list[Record]:
    """List all answers whose sources have changed, those found last first, each with what has become of it."""
    effects: dict[str, list[Effect]] = {}
    for effect in receipts.effects():
        effects.setdefault(effect.receipt, []).append(effect)
    return [
        affected_record(identity, receipt, found, new)
        for identity, found in effects.items()
        if (receipt := receipts.get(identity))
    ]


def affected_record(identity: str, receipt: Receipt, effects: Sequence[Effect], new: Sequence[Effect]) -> Record:
    """Write an answer and what has become of its sources; `new` are the effects that were not known before."""
    return {
        "receipt": identity,
        "question": receipt.asked.question,
        "answered": receipt.when.isoformat(),
        "effects": [
            {
                "document": each.document,
                "kind": each.kind.value,
                "reason": each.reason,
                "found": each.when.isoformat(),
                "new": each in new,
            }
            for each in effects
        ],
    }
