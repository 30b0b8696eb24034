"""RAMDocs (Wang et al. 2025): do answers name all that is right, and nothing that is wrong, where documents disagree?

Each question has a store of its own with its documents. An answer names what stands in it as words, without regard to
case; the first five passages, taken as the answer, are the floor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import fmean

from rag.evaluation.benchmarks.asking import Alone, answered
from rag.evaluation.benchmarks.benchmark import Advance, Asking, Benchmark, Beside, Figure, questions
from rag.evaluation.scoring import folded, says
from rag.records import Record
from rag.schema import Answer
from rag.settings import Settings

QUESTIONS = "*.jsonl"
FLOOR_PASSAGES = 5
FLOOR = f"the first {FLOOR_PASSAGES} passages as the answer, in this run"
BEST_BASELINE = Beside("Llama-3.3-70B, the best RAG baseline", 0.326)


def read(own: Path) -> list[Record]:
    return questions(own, QUESTIONS, {"question": str, "documents": list, "gold_answers": list, "wrong_answers": list})


@contextmanager
def opened(own: Path, settings: Settings, advance: Advance) -> Iterator[Asking]:
    yield Asking(partial(asked, Alone(settings)), {})


async def asked(alone: Alone, question: Record) -> Record:
    async with alone.engine([document["text"] for document in question["documents"]]) as engine:
        answer = await answered(engine, question["question"])
    return {
        "abstained": answer.abstained,
        "answer": named(said(answer), question),
        "cited": cited(answer, question),
        "floor": named("\n".join(passage.text for passage in answer.passages[:FLOOR_PASSAGES]), question),
    }


def said(answer: Answer) -> str:
    """Join all that an answer says, the positions of a conflict included."""
    positions = [position.says for conflict in answer.conflicts for position in conflict.positions]
    return "\n".join([*(claim.text for claim in answer.claims), *positions])


def named(text: str, question: Record) -> Record:
    """Tell which answers a text names: whether all that are right, and any that is wrong (None if none is known)."""
    plain = folded(text)
    right = all(says(plain, answer) for answer in question["gold_answers"])
    wrong = any(says(plain, answer) for answer in question["wrong_answers"]) if question["wrong_answers"] else None
    return {"right": right, "wrong": wrong}


def cited(answer: Answer, question: Record) -> bool | None:
    """Tell whether a document of each right answer is cited; None if some right answer has no document."""
    numbers = {int(citation.source.document.rpartition("#")[2]) for citation in answer.citations}
    given = [document["answer"] for document in question["documents"]]
    if not set(question["gold_answers"]) <= set(given):
        return None
    return set(question["gold_answers"]) <= {given[number - 1] for number in numbers}


def figures(outcomes: Sequence[Record]) -> Iterator[Figure]:
    yield compared("exact", "all right answers named, and no wrong one", outcomes, exact, [BEST_BASELINE])
    yield compared("right_named", "all right answers named", outcomes, lambda each: float(each["right"]))
    misled = [outcome for outcome in outcomes if outcome["answer"]["wrong"] is not None]
    label = "a wrong answer named, where there is one to name"
    yield compared("wrong_named", label, misled, lambda each: float(each["wrong"]), better=-1)
    sourced = [outcome for outcome in outcomes if outcome["cited"] is not None]
    both = [float(outcome["answer"]["right"] and outcome["cited"]) for outcome in sourced]
    yield Figure("right_cited", "all right answers named, a document of each cited", both)
    yield Figure("abstained", "refused", [float(outcome["abstained"]) for outcome in outcomes], better=-1)


def compared(
    name: str,
    label: str,
    outcomes: Sequence[Record],
    score: Callable[[Record], float],
    beside: Sequence[Beside] = (),
    better: int = 1,
) -> Figure:
    """Score the answers, with the floor of the same questions beside."""
    floor = [Beside(FLOOR, fmean(score(outcome["floor"]) for outcome in outcomes), "floor")] if outcomes else []
    return Figure(name, label, [score(outcome["answer"]) for outcome in outcomes], [*beside, *floor], better=better)


def exact(names: Record) -> float:
    return float(names["right"] and not names["wrong"])


RAMDOCS = Benchmark(
    name="ramdocs",
    original="RAMDocs by Wang et al. (2025), arXiv 2504.13079",
    files=(QUESTIONS,),
    read=read,
    opened=opened,
    figures=figures,
)
