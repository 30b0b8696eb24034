"""Measure false premises: `python -m tests.benchmarks.premises [--failures] [--true ARTICLES QUESTIONS…]`.

Asks, without a model, the planted questions of `planted/asking/*-premises.jsonl`. Each takes something for granted that
the articles contradict (`says` is what they say instead), that they do not mention, or that is so. `--true` counts the
corrections among the questions of other files whose premises hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.answer.engine import Engine
from rag.evaluation.cases import Case, read_cases
from rag.ingest.pipeline import ingest
from rag.retrieve.retriever import Retriever
from rag.schema import Answer
from rag.store.store import open_store
from tests.benchmarks.alone import settings

PLANTED = Path(__file__).parent / "planted" / "asking"
HALVES = ("dev", "held-out")  # rules were made on the first
TRUE = ("true-control", "factoid")  # types of the questions that take for granted only what is so


class Outcome(StrEnum):
    """What becomes of a question."""

    CORRECTED = "corrected, with the passage"
    SHOWN = "answered with what the articles say instead"
    ABSTAINED = "called not answered"
    ANSWERED = "answered rightly"
    WRONG = "gone along with, or answered wrongly"
    FALSELY_CORRECTED = "corrected falsely"


@dataclass(frozen=True)
class Planted:
    """A question, whether what it takes for granted `holds`, and words of the right answer, if there is one."""

    id: str
    question: str
    holds: bool
    says: str


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--failures", action="store_true", help="print what is answered wrongly")
    options.add_argument("--true", nargs="+", type=Path, default=[], metavar="PATH", help="articles, then questions")
    chosen = options.parse_args()
    for half in HALVES:
        asked = planted(PLANTED / f"{half}-premises.jsonl")
        answers = answered(PLANTED / f"{half}-articles.jsonl", [Case(each.id, "", each.question) for each in asked])
        outcomes = [(each, answer, outcome(each, answer)) for each, answer in zip(asked, answers, strict=True)]
        for holds in (False, True):
            found = Counter(result for each, _, result in outcomes if each.holds is holds)
            print(f"\n{half}, {found.total()} {'true' if holds else 'false'} premises")
            print("\n".join(f"  {count:3} {result}" for result, count in found.most_common()))
        for each, answer, result in outcomes:
            if chosen.failures and result in (Outcome.WRONG, Outcome.FALSELY_CORRECTED):
                print(f"\n{each.id}: {each.question}\n   {said(answer)}")
    if chosen.true:
        articles, *files = chosen.true
        show_false_corrections(articles, [case for case in read_cases(files) if case.type in TRUE])


def planted(file: Path) -> list[Planted]:
    records = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [Planted(each["id"], each["question"], each["kind"] == "true", each["says"]) for each in records]


def answered(articles: Path, cases: Sequence[Case]) -> list[Answer]:
    """Ask each question by itself of a store with these articles."""
    with TemporaryDirectory() as data, open_store(settings(Path(data))) as store:
        ingest([str(articles)], store)
        engine = Engine(Retriever(store))

        async def all_answers() -> list[Answer]:
            return [await engine.answer(case.question, case.history, case.filters) for case in cases]

        return asyncio.run(all_answers())


def outcome(asked: Planted, answer: Answer) -> Outcome:
    if asked.holds and is_correction(answer):
        return Outcome.FALSELY_CORRECTED
    if answer.abstained:
        return Outcome.ABSTAINED
    if not says(asked, answer):
        return Outcome.WRONG
    if asked.holds:
        return Outcome.ANSWERED
    return Outcome.CORRECTED if is_correction(answer) else Outcome.SHOWN


def says(asked: Planted, answer: Answer) -> bool:
    return asked.says != "" and asked.says.casefold() in said(answer).casefold()


def said(answer: Answer) -> str:
    return " ".join(claim.text for claim in answer.claims)


def is_correction(answer: Answer) -> bool:
    return any(claim.text.startswith("No: ") for claim in answer.claims)


def show_false_corrections(articles: Path, cases: Sequence[Case]) -> None:
    wrong = [
        (case, answer) for case, answer in zip(cases, answered(articles, cases), strict=True) if is_correction(answer)
    ]
    print(f"\n{articles}: {len(wrong)} of {len(cases)} questions with true premises corrected")
    print("\n".join(f"   {case.id}: {case.question}\n      {said(answer)}" for case, answer in wrong))


if __name__ == "__main__":
    main()
