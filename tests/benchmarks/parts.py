"""Measure questions of several parts: `python -m tests.benchmarks.parts [--failures]`.

Asks, without a model, the planted questions of `planted/asking/*-parts.jsonl`, of which some parts are `covered` by the
articles (words of their answers) and others `uncovered` (words that name them).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluation.cases import Case
from rag.schema import Answer
from tests.benchmarks.premises import HALVES, PLANTED, answered, said


@dataclass(frozen=True)
class Compound:
    """A question with words of the answers to its covered parts, and words that name the others."""

    id: str
    question: str
    covered: Sequence[str]
    uncovered: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """Which parts were answered and named, and how many were named that the articles do cover."""

    asked: Compound
    answer: Answer

    @property
    def answered(self) -> list[bool]:
        text = said(self.answer).casefold()
        return [part.casefold() in text for part in self.asked.covered]

    @property
    def named(self) -> list[bool]:
        return [any(part.casefold() in name.casefold() for name in self.names) for part in self.asked.uncovered]

    @property
    def falsely_named(self) -> int:
        return max(0, len(self.names) - sum(self.named))

    @property
    def right(self) -> bool:
        return all(self.answered) and all(self.named) and not self.falsely_named

    @property
    def names(self) -> Sequence[str]:
        return () if self.answer.abstained else self.answer.unanswered


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--failures", action="store_true", help="print what is not wholly right")
    chosen = options.parse_args()
    for half in HALVES:
        outcomes = asked(half)
        show(half, outcomes)
        for each in outcomes:
            if chosen.failures and not each.right:
                print(f"\n{each.asked.id}: {each.asked.question}\n   {said(each.answer)}\n   {each.names}")


def asked(half: str) -> list[Outcome]:
    """Ask one half of the planted questions."""
    lines = (PLANTED / f"{half}-parts.jsonl").read_text(encoding="utf-8").splitlines()
    compounds = [Compound(**json.loads(line)) for line in lines]
    answers = answered(PLANTED / f"{half}-articles.jsonl", [Case(each.id, "", each.question) for each in compounds])
    return [Outcome(compound, answer) for compound, answer in zip(compounds, answers, strict=True)]


def show(half: str, outcomes: Sequence[Outcome]) -> None:
    answers = [part for each in outcomes for part in each.answered]
    names = [part for each in outcomes for part in each.named]
    print(f"\n{half}: {len(outcomes)} questions")
    print(f"  covered parts answered     {sum(answers)} of {len(answers)}")
    print(f"  uncovered parts named      {sum(names)} of {len(names)}")
    print(f"  covered parts named        {sum(each.falsely_named for each in outcomes)}")
    print(f"  questions wholly right     {sum(each.right for each in outcomes)} of {len(outcomes)}")
    print(f"  questions not answered     {sum(each.answer.abstained for each in outcomes)}")


if __name__ == "__main__":
    main()
