"""A run in, its report out: a JSON object that the terminal, the page, Discord and later comparisons read.

docs/evaluation.md describes it. What depends on the clock is under `when`, `seconds`, `latency_ms` and `timings_ms`;
all else is the same for the same inputs without a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from rag.evaluation.cases import Case, Hop, Texts, said
from rag.evaluation.curve import Answered, curve
from rag.evaluation.run import Outcome, without_model
from rag.evaluation.scoring import METRICS, Ruling, cited, is_correct, loss, ranks, ruling, scores
from rag.evaluation.statistics import ENOUGH, Difference, Estimate, difference, estimate, quantile
from rag.records import Record, asked_record

FORMAT = 1
STEPS = ("retrieve", "answer", "verify", "total")
RIGHT = (Ruling.RIGHT, Ruling.RIGHTLY_REFUSED)
ASKED = ("question", "history", "since", "until", "as_of", "outlet", "expected")  # what makes two cases the same
COMPARED = {"id", "ruling", "scores", *ASKED}

Scores = Mapping[str, float]


def report(outcomes: Sequence[Outcome], texts: Texts, threshold: float | None) -> Record:
    """Report on outcomes; drafts are listed, and count for nothing. `threshold` is that of the extractive answers."""
    counted = [outcome for outcome in outcomes if not outcome.case.draft]
    cases = [case_report(outcome, texts) for outcome in counted]
    return {
        "format": FORMAT,
        "scores": summary([case["scores"] for case in cases]),
        "types": types(cases),
        "losses": losses(cases),
        "curve": _curve(counted, texts) if threshold is not None else [],
        "threshold": threshold,
        "latency_ms": latency([outcome.record for outcome in counted if outcome.record]),
        "usage": usage([outcome.record for outcome in counted if outcome.record]),
        "without_model": sum(map(without_model, counted)),
        "cases": cases,
        "drafts": [draft_report(outcome) for outcome in outcomes if outcome.case.draft],
    }


def case_report(outcome: Outcome, texts: Texts) -> Record:
    """Report on one case: what was expected, what came, how it scores, and where it was lost."""
    case, record, places = outcome.case, outcome.record, outcome.case.places(texts)
    lost = loss(case, record, places)
    return {
        "id": case.id,
        "type": case.type,
        **asked_record(case.question, case.history, case.filters),
        "expected": expected(case),
        "ruling": ruling(case, record, places).value,
        "lost_at": lost.value if lost else None,
        "ranks": ranks(record, places) if record else [],
        "cited": cited(record, places) if record else [],
        "scores": scores(case, record, places, texts),
        "error": outcome.error or None,
        "record": record or None,
    }


def expected(case: Case) -> Record:
    return {
        "answerable": case.answerable,
        "answers": [list(alternatives) for alternatives in case.answers],
        "wrong": list(case.wrong),
        "support": [_hop(hop) for hop in case.support],
        "either": case.either,
        "conflict": case.conflict,
    }


def _hop(hop: Hop) -> list[Record]:
    return [{"document": span.document, "span": span.text} for span in hop]


def draft_report(outcome: Outcome) -> Record:
    """Report on a draft: nobody has said yet what is right, but whether it is still answered as complained of shows."""
    case, record, before = outcome.case, outcome.record, outcome.case.complaint.get("answer", {})
    return {
        "id": case.id,
        "question": case.question,
        "complaint": case.complaint.get("feedback"),
        "before": before.get("answer"),
        "now": record.get("answer"),
        "abstained": record.get("abstained"),
        "as_before": "claims" in record and "claims" in before and said(record) == said(before),
        "error": outcome.error or None,
    }


def summary(scored: Sequence[Scores]) -> Record:
    """Estimate each metric over the cases that it applies to."""
    found = {metric.name: [each[metric.name] for each in scored if metric.name in each] for metric in METRICS}
    return {name: _rounded(estimate(values)) for name, values in found.items() if values}


def types(cases: Sequence[Record]) -> Record:
    """Estimate by type of question."""
    names = sorted({case["type"] for case in cases})
    return {name: summary([case["scores"] for case in cases if case["type"] == name]) for name in names}


def losses(cases: Iterable[Record]) -> dict[str, int]:
    """Count the cases that each step lost, the most first."""
    lost = [case["lost_at"] for case in cases if case["lost_at"]]
    return {step: lost.count(step) for step in sorted(set(lost), key=lambda step: (-lost.count(step), step))}


def compared(now: Record, before: Record) -> Record:
    """Compare a report with an earlier one on the cases of both that ask the same and expect the same."""
    old = {case["id"]: case for case in before["cases"]}
    pairs = [(case, old[case["id"]]) for case in now["cases"] if case["id"] in old and _same(case, old[case["id"]])]
    names = sorted({case["type"] for case, _ in pairs})
    return {
        "run": before["run"],
        "cases": len(pairs),
        "left_out": len(now["cases"]) - len(pairs),
        "scores": differences(pairs),
        "types": {name: differences([pair for pair in pairs if pair[0]["type"] == name]) for name in names},
        "better": [case["id"] for case, earlier in pairs if _is_right(case) and not _is_right(earlier)],
        "worse": [case["id"] for case, earlier in pairs if not _is_right(case) and _is_right(earlier)],
        "enough": ENOUGH,
    }


def differences(pairs: Sequence[tuple[Record, Record]]) -> Record:
    """Compare each metric on the pairs that it applies to in both runs."""
    found: Record = {}
    for metric in METRICS:
        both = [
            (case["scores"][metric.name], earlier["scores"][metric.name])
            for case, earlier in pairs
            if metric.name in case["scores"] and metric.name in earlier["scores"]
        ]
        if both:
            found[metric.name] = _rounded(difference(*zip(*both, strict=True)))
    return found


def latency(records: Sequence[Record]) -> Record:
    """Median and 95th percentile of each step, in milliseconds."""
    if not records:
        return {}
    times = {step: [record["timings_ms"][step] for record in records] for step in STEPS}
    return {
        step: {"p50": round(quantile(values, 0.5), 1), "p95": round(quantile(values, 0.95), 1)}
        for step, values in times.items()
    }


def usage(records: Sequence[Record]) -> Record:
    """Add up what a model was paid for."""
    names = ("input_tokens", "output_tokens", "cost_usd")
    return {name: sum(record["usage"][name] for record in records) for name in names}


def _curve(outcomes: Sequence[Outcome], texts: Texts) -> list[Record]:
    answers = []
    for outcome in outcomes:
        record = outcome.unchecked or outcome.record
        if record and record["confidence"] is not None:
            case, places = outcome.case, outcome.case.places(texts)
            right = case.answerable and is_correct(case, record) and any(cited(record, places))
            answers.append(Answered(record["confidence"], right))
    return [asdict(point) for point in curve(answers)]


def _is_right(case: Record) -> bool:
    return case["ruling"] in RIGHT


def _same(case: Record, earlier: Record) -> bool:
    return all(case[name] == earlier[name] for name in ASKED)


def _rounded(found: Estimate | Difference) -> Record:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(found).items()}
