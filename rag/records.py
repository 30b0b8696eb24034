"""Values in, the JSON of the command line out. The shape is a public interface: fields are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rag.answer.wording import spoken
from rag.errors import UsageError
from rag.schema import (
    Answer,
    Basis,
    Checked,
    Citation,
    Claim,
    Conflict,
    Dates,
    Dating,
    Event,
    Filters,
    Mode,
    Passage,
    Position,
    Precision,
    Query,
    Rejection,
    Relation,
    Source,
    Timeline,
    Turn,
    Usage,
    When,
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
        "understood": understood_record(answer.query),
        "mode": answer.mode.value,
        "abstained": answer.abstained,
        "answer": spoken(answer),
        "claims": [
            {
                "text": claim.text,
                "citations": [numbers[citation] for citation in claim.citations],
                "origins": len(answer.reports(claim.citations)),
                "attribution": claim.attribution or None,
            }
            for claim in answer.claims
        ],
        "citations": [citation_record(citation, number) for citation, number in numbers.items()],
        "unanswered": list(answer.unanswered),
        "conflicts": [conflict_record(conflict, numbers, answer) for conflict in answer.conflicts],
        "changes": [conflict_record(change, numbers, answer) for change in answer.changes],
        "origins": answer.origins,
        "passages": [passage_record(passage, rank) for rank, passage in enumerate(answer.passages, start=1)],
        "nearest": quote_record(answer.nearest) if answer.nearest else None,
        "rejected": [rejection_record(rejection) for rejection in answer.rejections],
        "confidence": None if answer.confidence is None else round(answer.confidence, 4),
        "dating": answer.dating or None,
        "absent": list(answer.absent),
        "notice": answer.notice or None,
        "usage": usage_record(answer.usage),
        "timings_ms": {step: round(milliseconds, 2) for step, milliseconds in answer.timings_ms.items()},
    }


def answer_of(record: Record) -> Answer:
    """Undo `answer_record`, but for what it rounds. A passage whose text was left out has none."""
    cited = [citation_of(each) for each in record["citations"]]
    return Answer(
        query=query_of(record),
        mode=Mode(record["mode"]),
        claims=tuple(
            Claim(each["text"], _numbered(each["citations"], cited), each["attribution"] or "")
            for each in record["claims"]
        ),
        unanswered=tuple(record["unanswered"]),
        conflicts=tuple(conflict_of(each, cited) for each in record["conflicts"]),
        changes=tuple(conflict_of(each, cited) for each in record["changes"]),
        passages=tuple(passage_of(each) for each in record["passages"]),
        nearest=citation_of(record["nearest"]) if record["nearest"] else None,
        rejections=tuple(rejection_of(each) for each in record["rejected"]),
        confidence=record["confidence"],
        dating=record["dating"] or "",
        absent=tuple(record.get("absent", ())),
        notice=record["notice"] or "",
        usage=usage_of(record["usage"]),
        timings_ms=dict(record["timings_ms"]),
        origins=dict(record["origins"]),
    )


def usage_record(usage: Usage) -> Record:
    return {
        "model": usage.model or None,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost_usd": usage.cost_usd,
    }


def usage_of(record: Record) -> Usage:
    """Undo `usage_record`."""
    return Usage(**record | {"model": record["model"] or ""})


def understood_record(query: Query) -> Record:
    """What a question was taken to mean, besides its words."""
    return {
        "context_from": query.context_from,
        **filters_record(query.filters),
        "terms": list(query.terms),
        "names": [list(spellings) for spellings in query.names],
        "outlets": list(query.outlets),
        "period": str(query.period) if query.period else None,
        "asked_on": query.asked_on.isoformat() if query.asked_on else None,
        "newest": query.newest,
        "clock_words": list(query.clock_words),
        "parts": list(query.parts),
    }


def query_of(record: Record) -> Query:
    """Read the question as understood from an answer's record."""
    understood = record["understood"]
    return Query(
        question=record["question"],
        standalone=record["standalone_question"],
        context_from=understood["context_from"],
        filters=kept_filters(understood),
        terms=tuple(understood["terms"]),
        names=tuple(tuple(spellings) for spellings in understood["names"]),
        outlets=tuple(understood["outlets"]),
        period=span_of(understood["period"]),
        asked_on=date.fromisoformat(understood["asked_on"]) if understood["asked_on"] else None,
        newest=understood["newest"],
        clock_words=tuple(understood["clock_words"]),
        parts=tuple(understood.get("parts", ())),
    )


def rejection_record(rejection: Rejection) -> Record:
    return {
        "text": rejection.claim.text,
        "reason": f"The claim {rejection.reason}.",
        "repaired": rejection.repaired,
        "attribution": rejection.claim.attribution or None,
        "quotes": [quote_record(citation) for citation in rejection.claim.citations],
    }


def rejection_of(record: Record) -> Rejection:
    """Undo `rejection_record`."""
    quotes = tuple(citation_of(each) for each in record["quotes"])
    reason = record["reason"].removeprefix("The claim ").removesuffix(".")
    return Rejection(Claim(record["text"], quotes, record["attribution"] or ""), reason, record["repaired"])


def citation_record(citation: Citation, number: int) -> Record:
    return {"number": number, **quote_record(citation)}


def quote_record(citation: Citation) -> Record:
    return source_record(citation.source) | {
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
    }


def citation_of(record: Record) -> Citation:
    """Undo `citation_record` or `quote_record`."""
    return Citation(source_of(record), record["start"], record["end"], record["quote"])


def conflict_record(conflict: Conflict, numbers: Mapping[Citation, int], answer: Answer) -> Record:
    return {
        "about": conflict.about,
        "kind": conflict.relation.value,
        "positions": [
            {
                "says": position.says,
                "citations": [numbers[citation] for citation in position.citations],
                "origins": len(answer.reports(position.citations)),
            }
            for position in conflict.positions
        ],
    }


def conflict_of(record: Record, cited: Sequence[Citation]) -> Conflict:
    """Undo `conflict_record`."""
    positions = tuple(Position(each["says"], _numbered(each["citations"], cited)) for each in record["positions"])
    return Conflict(record["about"], positions, Relation(record["kind"]))


def _numbered(numbers: Sequence[int], cited: Sequence[Citation]) -> tuple[Citation, ...]:
    return tuple(cited[number - 1] for number in numbers)


def conflicts_record(found: Sequence[Conflict]) -> Record:
    """Where the articles disagree, and where they only seem to; the citations are numbered through the whole."""
    cited = distinct(citation for each in found for position in each.positions for citation in position.citations)
    numbers = {citation: number for number, citation in enumerate(cited, start=1)}
    groups: dict[str, list[Record]] = {"conflicts": [], "related": []}
    for each in found:
        positions = [
            {
                "says": position.says,
                "citations": [citation_record(citation, numbers[citation]) for citation in position.citations],
            }
            for position in each.positions
        ]
        record = {"about": each.about, "kind": each.relation.value, "positions": positions}
        groups["conflicts" if each.disputed else "related"].append(record)
    return groups


def passage_record(passage: Passage, rank: int) -> Record:
    return {
        "rank": rank,
        **source_record(passage.source),
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "score": round(passage.score, 4),
    }


def passage_of(record: Record) -> Passage:
    """Undo `passage_record`, but for what it rounds."""
    return Passage(source_of(record), record["start"], record["end"], record.get("text", ""), record["score"])


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


def source_of(record: Record) -> Source:
    """Undo `source_record`. Reports of earlier versions do not name the author."""
    return Source(
        **{name: record.get(name) or "" for name in ("document", "title", "publisher", "author", "url", "origin")},
        published=span_of(record["published"]),
        basis=Basis(record["published_basis"]),
    )


def span_of(text: str | None) -> Dates | None:
    """Read dates as they write themselves."""
    first, _, last = (text or "").partition("/")
    return Dates(Dates.parse(first).first, Dates.parse(last or first).last) if first else None


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
        **filters_record(filters),
    }


def filters_record(filters: Filters) -> Record:
    return {
        "since": str(filters.since) if filters.since else None,
        "until": str(filters.until) if filters.until else None,
        "as_of": str(filters.as_of) if filters.as_of else None,
        "outlet": list(filters.outlets) or None,
    }


def kept_filters(record: Record) -> Filters:
    """Undo `filters_record`."""
    return Filters(
        since=span_of(record["since"]),
        until=span_of(record["until"]),
        as_of=span_of(record["as_of"]),
        outlets=tuple(record["outlet"] or ()),
    )


def timeline_record(timeline: Timeline) -> Record:
    """What happened when; the citations are numbered through the whole."""
    numbers = {citation: number for number, citation in enumerate(timeline.citations, start=1)}
    return {
        "topic": timeline.topic,
        "mode": timeline.mode.value,
        "since": str(timeline.since) if timeline.since else None,
        "until": str(timeline.until) if timeline.until else None,
        "filters": filters_record(timeline.filters),
        "found": timeline.found,
        "events": [event_record(event, numbers) for event in timeline.events],
        "notice": timeline.notice or None,
        "usage": usage_record(timeline.usage),
    }


def timeline_of(record: Record) -> Timeline:
    """Undo `timeline_record`."""
    return Timeline(
        topic=record["topic"],
        events=tuple(event_of(each) for each in record["events"]),
        mode=Mode(record["mode"]),
        found=record["found"],
        filters=kept_filters(record["filters"]),
        since=span_of(record["since"]),
        until=span_of(record["until"]),
        notice=record["notice"] or "",
        usage=usage_of(record["usage"]),
    )


def event_record(event: Event, numbers: Mapping[Citation, int]) -> Record:
    """Write an event with its citations, which `numbers` counts."""
    return {
        **when_record(event.when),
        "text": event.claim.text,
        "attribution": event.claim.attribution or None,
        "citations": [citation_record(citation, numbers[citation]) for citation in event.claim.citations],
        "origins": event.origins,
        "disputed": [
            {
                "date": dating.says,
                "citations": [citation_record(citation, numbers[citation]) for citation in dating.citations],
            }
            for dating in event.disputed
        ],
        "importance": event.importance,
    }


def event_of(record: Record) -> Event:
    """Undo `event_record`."""
    return Event(
        claim=Claim(record["text"], _cited(record), record["attribution"] or ""),
        when=when_of(record),
        origins=record["origins"],
        disputed=tuple(Dating(each["date"], _cited(each)) for each in record["disputed"]),
        importance=record["importance"],
    )


def _cited(record: Record) -> tuple[Citation, ...]:
    return tuple(citation_of(each) for each in record["citations"])


def when_record(when: When) -> Record:
    """Write when something happened; `date` is of the given precision, and there is none if that is unknown."""
    return {
        "date": str(when.dates) if when.precision is not Precision.UNKNOWN else None,
        "precision": when.precision.value,
        "not_before": when.not_before.isoformat() if when.not_before else None,
        "not_after": when.not_after.isoformat() if when.not_after else None,
        "end": str(when.until) if when.until else None,
        "approximate": when.approximate,
        "date_expression": when.expression,
    }


def when_of(record: Record) -> When:
    """Undo `when_record`."""
    return When(
        dates=span_of(record["date"]),
        not_before=date.fromisoformat(record["not_before"]) if record["not_before"] else None,
        not_after=date.fromisoformat(record["not_after"]) if record["not_after"] else None,
        until=span_of(record["end"]),
        approximate=record["approximate"],
        expression=record["date_expression"],
    )


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
