"""Questions with what a right answer is, and answer records, in; scores out. Pure but for reading the file.

A case is a JSON object a line: `question`, `type`, `history`, `answerable`, `answers` (each inner list is met by one of
its alternatives), `wrong` (what must not be in an answer), `support` (one entry a hop: a document's first characters
and words that stand in the supporting sentence, or alternatives under `any`) and `either` (to abstain is right too).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what is right about it."""

    id: str
    type: str
    question: str
    history: tuple[Mapping[str, str], ...]
    answerable: bool
    answers: tuple[tuple[str, ...], ...]
    wrong: tuple[str, ...]
    support: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]  # hops of alternatives of document and words
    either: bool


def cases(file: Path) -> list[Case]:
    """Read the cases of a file."""
    return [case(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def case(record: Record) -> Case:
    hops = [hop.get("any", [hop]) for hop in record.get("support", [])]
    return Case(
        id=record["id"],
        type=record["type"],
        question=record["question"],
        history=tuple(record.get("history") or ()),
        answerable=record["answerable"],
        answers=tuple(map(tuple, record.get("answers", []))),
        wrong=tuple(record.get("wrong") or ()),
        support=tuple(tuple((one["document"], tuple(one["contains"])) for one in hop) for hop in hops),
        either=bool(record.get("either")),
    )


def supports(case: Case, document: str, text: str) -> bool:
    """Tell whether a text of a document holds what one hop of the case rests on."""
    return any(
        document.startswith(start) and all(words in text for words in contains)
        for hop in case.support
        for start, contains in hop
    )


def is_correct(case: Case, record: Record) -> bool:
    """Tell whether an answer says all it must, nothing it must not, and cites a supporting sentence."""
    text = record["answer"].lower()
    return (
        not record["abstained"]
        and all(any(answer.lower() in text for answer in alternatives) for alternatives in case.answers)
        and not any(wrong.lower() in text for wrong in case.wrong)
        and any(supports(case, citation["document"], citation["quote"]) for citation in record["citations"])
    )


def is_right(case: Case, record: Record) -> bool:
    """Tell whether the answer is right, or rightly withheld."""
    if record["abstained"]:
        return case.either or not case.answerable
    return case.answerable and is_correct(case, record)


def rank(case: Case, record: Record) -> int | None:
    """Find the rank of the first passage that holds a supporting sentence."""
    return next((one["rank"] for one in record["passages"] if supports(case, one["document"], one["text"])), None)


def scores(pairs: Iterable[tuple[Case, Record]]) -> dict[str, float]:
    """Compute the figures that the README quotes."""
    found = list(pairs)
    answerable = [pair for pair in found if pair[0].answerable]
    strictly = [pair for pair in answerable if not pair[0].either]
    hidden = [pair for pair in found if not pair[0].answerable]
    given = [record for _, record in found if not record["abstained"]]
    ranks = [rank(*pair) for pair in answerable]
    return {
        "correct and rightly cited": mean(is_right(*pair) for pair in answerable),
        "right abstentions": mean(record["abstained"] for _, record in hidden),
        "wrong abstentions": mean(record["abstained"] for _, record in strictly),
        "hit@1": mean(rank is not None and rank <= 1 for rank in ranks),
        "hit@5": mean(rank is not None and rank <= 5 for rank in ranks),
        "characters": mean(len(record["answer"]) for record in given),
    }


def mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float("nan")


def by_type(pairs: Sequence[tuple[Case, Record]], judge: Callable[[Case, Record], bool]) -> dict[str, tuple[int, int]]:
    """Count for each type of question how many are judged good, and how many there are."""
    kinds = sorted({case.type for case, _ in pairs})
    return {
        kind: (sum(judge(*pair) for pair in pairs if pair[0].type == kind), sum(case.type == kind for case, _ in pairs))
        for kind in kinds
    }
