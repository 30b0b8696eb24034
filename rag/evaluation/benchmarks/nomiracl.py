"""NoMIRACL, English (Thakur et al., EMNLP Findings 2024): are questions refused whose passages do not answer them?

Hallucination: answered although none of its ten passages answers. Error: refused although one does. Each question has a
store of its own with its passages. Without a model there are also the shares at other thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rag.evaluation.benchmarks.abstention import Decisions
from rag.evaluation.benchmarks.asking import Alone, answered
from rag.evaluation.benchmarks.benchmark import Advance, Asking, Benchmark, Beside, Figure, questions
from rag.records import Record
from rag.settings import Settings

QUESTIONS = "*.jsonl"
# system: hallucination, error
PUBLISHED = {"GPT-4": (0.424, 0.048), "Mistral-7B": (0.064, 0.588)}
ERRORS = (0.048, 0.1, 0.25, 0.588)  # at which hallucination is shown; the first and the last are those of others


def read(own: Path) -> list[Record]:
    return questions(own, QUESTIONS, {"question": str, "answerable": bool, "passages": list})


@contextmanager
def opened(own: Path, settings: Settings, advance: Advance) -> Iterator[Asking]:
    yield Asking(partial(asked, Alone(settings)), {})


async def asked(alone: Alone, question: Record) -> Record:
    async with alone.engine(question["passages"]) as engine:
        answer = await answered(engine, question["question"])
    return {"answerable": question["answerable"], "abstained": answer.abstained, "confidence": answer.confidence}


def figures(outcomes: Sequence[Record]) -> Iterator[Figure]:
    answerable = [outcome for outcome in outcomes if outcome["answerable"]]
    others = [outcome for outcome in outcomes if not outcome["answerable"]]
    answered = [float(not outcome["abstained"]) for outcome in others]
    refused = [float(outcome["abstained"]) for outcome in answerable]
    published = [Beside(who, hallucination) for who, (hallucination, _) in PUBLISHED.items()]
    yield Figure("hallucination", "answered though nothing answers (hallucination)", answered, published, better=-1)
    errors = [Beside(who, error) for who, (_, error) in PUBLISHED.items()]
    yield Figure("error", "refused though something answers (error)", refused, errors, better=-1)
    if answerable and others and all(outcome["confidence"] is not None for outcome in outcomes):
        yield from at_other_thresholds(
            Decisions([each["confidence"] for each in answerable], [each["confidence"] for each in others])
        )


def at_other_thresholds(decisions: Decisions) -> Iterator[Figure]:
    for share in ERRORS:
        threshold = decisions.refusing(share)
        label = f"hallucination at an error of {share:.1%} (answering from {threshold:.2f} on)"
        published = [Beside(who, hallucination) for who, (hallucination, error) in PUBLISHED.items() if error == share]
        name = f"hallucination_at_{share}"
        yield Figure(name, label, decisions.wrongly_answered(threshold), published, better=-1)
    threshold = decisions.balanced()
    label = f"where both are nearly equal (answering from {threshold:.2f} on)"
    yield Figure("equal_hallucination", f"hallucination {label}", decisions.wrongly_answered(threshold), better=-1)
    yield Figure("equal_error", f"error {label}", decisions.wrongly_refused(threshold), better=-1)


NOMIRACL = Benchmark(
    name="nomiracl",
    original="NoMIRACL by Thakur et al. (EMNLP Findings 2024), of which the English questions are asked",
    files=(QUESTIONS,),
    read=read,
    opened=opened,
    figures=figures,
)
