"""Files of questions in, cases out: what is asked, and what a right answer is and rests on.

A file holds a JSON object a line; docs/evaluation.md describes its fields. What makes no sense is refused, by line.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.records import Record, filters_of, history_of, question_of
from rag.schema import Filters, Turn

NO_FILTERS = Filters()
FIELDS = frozenset(
    "id type question history since until as_of outlet answerable answers wrong support either conflict draft"
    " feedback answer versions".split()
)


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of an article's clean text, by its characters."""

    document: str
    start: int
    end: int

    def meets(self, document: str, start: int, end: int) -> bool:
        """Tell whether another stretch shares half of the shorter of both with this one."""
        shared = min(self.end, end) - max(self.start, start)
        return document == self.document and 0 < min(self.end - self.start, end - start) <= 2 * shared


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an article that prove something. `…` stands for whatever is between two parts in one paragraph."""

    document: str
    text: str

    def places(self, text: str) -> tuple[Place, ...]:
        """Find every place of the span in the clean text of its document."""
        parts = [self.text] if self.text in text else [part.strip() for part in self.text.split("…")]
        pattern = "[^\n]*?".join(re.escape(part) for part in parts if part)
        return tuple(Place(self.document, *match.span()) for match in re.finditer(pattern, text)) if pattern else ()


Hop = tuple[Span, ...]  # alternatives, each of which will do
Texts = Mapping[str, str]  # the clean text of each document


@dataclass(frozen=True, slots=True)
class Case:
    """One question, and what is right about it."""

    id: str
    type: str
    question: str
    history: tuple[Turn, ...] = ()
    filters: Filters = NO_FILTERS
    answerable: bool = True
    answers: tuple[tuple[str, ...], ...] = ()  # one of each must be in the answer
    wrong: tuple[str, ...] = ()  # none may be in it
    support: tuple[Hop, ...] = ()  # what it rests on
    either: bool = False  # to abstain is right, too
    conflict: bool = False  # the articles disagree; each hop is a side
    draft: bool = False  # nobody has accepted it yet
    complaint: Record = field(default_factory=dict)  # the feedback that it comes from, with the answer given then
    where: str = field(default="", repr=False, compare=False)  # the file and the line that it stands in

    def places(self, texts: Texts) -> tuple[tuple[Place, ...], ...]:
        """Find the places of each hop."""
        return tuple(
            tuple(place for span in hop for place in span.places(texts.get(span.document, ""))) for hop in self.support
        )


def read_cases(files: Iterable[Path]) -> list[Case]:
    """Read the cases of files. Raises UsageError that names the file and the line."""
    cases = [case for file in files for case in _cases(file)]
    first = {case.id: case for case in reversed(cases)}
    for case in cases:
        if case is not first[case.id]:
            raise UsageError(f"{case.where}: {first[case.id].where} has the id {case.id!r}, too. Give each its own.")
    return cases


def check_support(cases: Iterable[Case], texts: Texts) -> None:
    """Check that every span stands in its article. Raises UsageError that names the first that does not."""
    missing = [
        (case, span)
        for case in cases
        for hop in case.support
        for span in hop
        if not span.places(texts.get(span.document, ""))
    ]
    if not missing:
        return
    case, span = missing[0]
    more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
    if span.document not in texts:
        advice = "Ingest the articles that the questions are about, or name their folder with --articles."
        raise UsageError(f"{case.where}: {case.id} rests on {span.document}, which is not in the store{more}. {advice}")
    says = f"{span.document} does not say {span.text[:60]!r}{more}. `dateline show` prints what it says."
    raise UsageError(f"{case.where}: {case.id}: {says}")


def digest(cases: Sequence[Case]) -> str:
    """Identify a set of questions with all that is expected of their answers."""
    return hashlib.sha256("\n".join(map(repr, cases)).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _cases(file: Path) -> Iterator[Case]:
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # and not at U+2028, which JSON allows in a text
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read {file}: {error}. Give a UTF-8 file of JSON Lines.") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            where = f"{file}, line {number}"
            try:
                yield case_of(json.loads(line), where)
            except (ValueError, RecursionError) as error:  # also a number of 5000 digits, and brackets without end
                raise UsageError(f"{where} is not JSON: {error}.") from None
            except UsageError as error:
                raise UsageError(f"{where}: {error}") from None


def case_of(record: Any, where: str = "") -> Case:
    """Read one case. Raises UsageError that says what is wrong with it."""
    question = question_of(record)
    if unknown := sorted(record.keys() - FIELDS):
        raise UsageError(f"{unknown[0]!r} is no field of a question. The fields are in docs/evaluation.md.")
    case = Case(
        id=_text(record, "id"),
        type=_text(record, "type"),
        question=question,
        history=history_of(record),
        filters=filters_of(record, NO_FILTERS),
        answerable=_flag(record, "answerable", default=True),
        answers=tuple(_texts(alternatives or [None]) for alternatives in _list(record, "answers")),
        wrong=_texts(_list(record, "wrong")),
        support=tuple(map(_hop, _list(record, "support"))),
        either=_flag(record, "either"),
        conflict=_flag(record, "conflict"),
        draft=_flag(record, "draft"),
        complaint=_complaint(record),
        where=where,
    )
    if not case.draft:
        _check_sense(case)
    return case


def _check_sense(case: Case) -> None:
    if case.answerable and not (case.answers and case.support):
        raise UsageError('An answerable question needs "answers" and "support"; or is it a draft?')
    if not case.answerable and case.answers:
        raise UsageError('A question that is not answerable has no "answers"; or set "answerable" and "either".')
    if case.conflict and len(case.support) < 2:
        raise UsageError('A "conflict" needs two sides: an entry of "support" for each.')


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f'"{name}" must be a text that is not empty.')
    return value


def _flag(record: Record, name: str, *, default: bool = False) -> bool:
    value = record.get(name)
    if not isinstance(value, bool | None):
        raise UsageError(f'"{name}" must be true or false.')
    return default if value is None else value


def _list(record: Record, name: str) -> list[Any]:
    value = record.get(name) or []
    if not isinstance(value, list):
        raise UsageError(f'"{name}" must be a list.')
    return value


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(each, str) and re.search("[^\\W_]", each) for each in values):
        raise UsageError('"answers" must be a list of lists of texts, and "wrong" a list of texts; none may be empty.')
    return tuple(values)


def _complaint(record: Record) -> Record:
    found = {name: record[name] for name in ("feedback", "answer") if record.get(name)}
    try:
        said(found.get("answer", {}))
        return {name: dict(value) for name, value in found.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise UsageError('"feedback" and "answer" must be as `dateline feedback --export` writes them.') from None


def said(answer: Record) -> list[str]:
    """List the sentences of an answer's record, in alphabetical order."""
    return sorted(claim["text"] for claim in answer.get("claims", ()))


def _hop(record: Any) -> Hop:
    alternatives = record.get("any", [record]) if isinstance(record, dict) else None
    try:
        return tuple(Span(_text(each, "document"), _text(each, "span")) for each in alternatives or [None])
    except (AttributeError, TypeError):
        form = '{"document": "…", "span": "…"} or {"any": [such, …]}'
        raise UsageError(f'Each entry of "support" must be {form}.') from None
