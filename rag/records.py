"""Values in, the JSON of the command line out. The shape is a public interface: fields are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rag.answer.wording import spoken
from rag.errors import UsageError
from rag.schema import (
    Answer,
    Basis,
    Checked,
    Citation,
    Conflict,
    Dates,
    Filters,
    Passage,
    Query,
    Rejection,
    Source,
    Turn,
    distinct,
)

Record = dict[str, Any]


def answer_record(answer: Answer, identity: object = None) -> Record:
    """Everything a program may want to know of one answer."""
    numbers = {citation: number for number, citation in enumerate(answer.citations, start=1)}
    return {
        "id": identity,
        "question": answer.query.question,
        "standalone_question": answer.query.standalone,
        "mode": answer.mode.value,
        "abstained": answer.abstained,
        "answer": spoken(answer),
        "claims": [
            {
                "text": claim.text,
                "citations": [numbers[citation] for citation in claim.citations],
                "attribution": claim.attribution or None,
            }
            for claim in answer.claims
        ],
        "citations": [citation_record(citation, number) for citation, number in numbers.items()],
        "unanswered": list(answer.unanswered),
        "conflicts": [conflict_record(conflict, numbers) for conflict in answer.conflicts],
        "changes": [conflict_record(change, numbers) for change in answer.changes],
        "passages": [passage_record(passage, rank) for rank, passage in enumerate(answer.passages, start=1)],
        "rejected": [rejection_record(rejection) for rejection in answer.rejections],
        "confidence": None if answer.confidence is None else round(answer.confidence, 4),
        "notice": answer.notice or None,
        "usage": {
            "model": answer.usage.model or None,
            "input_tokens": answer.usage.input_tokens,
            "output_tokens": answer.usage.output_tokens,
            "cost_usd": answer.usage.cost_usd,
        },
        "timings_ms": {step: round(milliseconds, 2) for step, milliseconds in answer.timings_ms.items()},
    }


def rejection_record(rejection: Rejection) -> Record:
    cited = rejection.claim.citations
    quotes = [
        {"document": each.source.document, "start": each.start, "end": each.end, "quote": each.quote} for each in cited
    ]
    reason = f"The claim {rejection.reason}."
    return {"text": rejection.claim.text, "reason": reason, "repaired": rejection.repaired, "quotes": quotes}


def citation_record(citation: Citation, number: int) -> Record:
    source = source_record(citation.source)
    kept = ("document", "title", "publisher", "published", "published_basis", "url", "origin")
    return {
        "number": number,
        **{name: source[name] for name in kept},
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
    }


def citation_of(record: Record) -> Citation:
    """Undo `citation_record`, but for the author, which it does not have."""
    first, _, last = (record["published"] or "").partition("/")
    source = Source(
        **{name: record[name] or "" for name in ("document", "title", "publisher", "url", "origin")},
        published=Dates(Dates.parse(first).first, Dates.parse(last or first).last) if first else None,
        basis=Basis(record["published_basis"]),
    )
    return Citation(source, record["start"], record["end"], record["quote"])


def conflict_record(conflict: Conflict, numbers: Mapping[Citation, int]) -> Record:
    return {
        "about": conflict.about,
        "kind": conflict.relation.value,
        "positions": [
            {"says": position.says, "citations": [numbers[citation] for citation in position.citations]}
            for position in conflict.positions
        ],
    }


def passage_record(passage: Passage, rank: int) -> Record:
    return {
        "rank": rank,
        "document": passage.source.document,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "score": round(passage.score, 4),
    }


def source_record(source: Source) -> Record:
    return {
        "document": source.document,
        "title": source.title or None,
        "publisher": source.publisher or None,
        "author": source.author or None,
        "url": source.url or None,
        "published": str(source.published) if source.published else None,
        "published_basis": source.basis.value,
        "origin": source.origin or None,
    }


def search_record(query: Query, passages: Sequence[Passage], identity: object = None) -> Record:
    return {
        "id": identity,
        "question": query.question,
        "standalone_question": query.standalone,
        "passages": [passage_record(passage, rank) for rank, passage in enumerate(passages, start=1)],
    }


def asked_record(question: str, history: Sequence[Turn], filters: Filters) -> Record:
    """Write what was asked as a batch record, which `question_of`, `history_of` and `filters_of` read again."""
    return {
        "question": question,
        "history": [{"role": turn.role, "content": turn.content} for turn in history],
        "since": str(filters.since) if filters.since else None,
        "until": str(filters.until) if filters.until else None,
        "as_of": str(filters.as_of) if filters.as_of else None,
        "outlet": list(filters.outlets) or None,
    }


def check_record(text: str, checked: Sequence[Checked]) -> Record:
    """Each statement of a text with what the articles make of it; the citations are numbered through the whole."""
    cited = distinct(citation for each in checked for citation in each.citations)
    numbers = {citation: number for number, citation in enumerate(cited, start=1)}
    return {
        "text": text,
        "statements": [
            {
                "text": each.statement,
                "ruling": each.ruling.value,
                "disputed": each.disputed,
                "reason": each.reason or None,
                "supporting": [numbers[citation] for citation in each.supporting],
                "contradicting": [numbers[citation] for citation in each.contradicting],
                "nearest": numbers[each.nearest] if each.nearest else None,
            }
            for each in checked
        ],
        "citations": [citation_record(citation, number) for citation, number in numbers.items()],
    }


def question_of(record: object) -> str:
    """Read the question of a batch record. Raises UsageError that says what is missing."""
    if not isinstance(record, dict):
        raise UsageError('Each line must be a JSON object such as {"question": "…"}.')
    question = record.get("question")
    if not isinstance(question, str) or not question.strip():
        raise UsageError('"question" must be a text that is not empty.')
    return question


def history_of(record: Record) -> tuple[Turn, ...]:
    """Read the conversation before a batch record's question."""
    history = record.get("history") or []
    try:
        return tuple(Turn(str(turn["role"]), str(turn["content"])) for turn in history)
    except (TypeError, KeyError):
        raise UsageError('"history" must be a list of {"role": "user" or "assistant", "content": "…"}.') from None


def filters_of(record: Record, default: Filters) -> Filters:
    """Read a batch record's filters; what it leaves out is as on the command line."""
    outlets = record.get("outlet") or default.outlets
    if not isinstance(outlets, str | list | tuple):
        raise UsageError('"outlet" must be a name or a list of names.')
    return Filters(
        since=date_of(record, "since") or default.since,
        until=date_of(record, "until") or default.until,
        as_of=date_of(record, "as_of") or default.as_of,
        outlets=(outlets,) if isinstance(outlets, str) else tuple(map(str, outlets)),
    )


def date_of(record: Record, name: str) -> Dates | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    try:
        return Dates.parse(str(value))
    except ValueError:
        raise UsageError(f'"{name}" must be YYYY, YYYY-MM or YYYY-MM-DD, not {value!r}.') from None
