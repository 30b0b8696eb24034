"""Outcomes in, the report of a benchmark out, and that as rows of a table and as notes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rag.evaluation.benchmarks.benchmark import Benchmark, Figure
from rag.evaluation.statistics import estimate
from rag.records import Record

HEADINGS = ("", "Dateline", "95 % interval", "n", "others")


def report(benchmark: Benchmark, outcomes: Sequence[Record], run: Mapping[str, object]) -> Record:
    """Report on outcomes, as a plain JSON object. Questions that failed are counted, and left out of the figures."""
    done = [outcome for outcome in outcomes if "error" not in outcome]
    errors = [outcome["error"] for outcome in outcomes if "error" in outcome]
    return {
        "benchmark": benchmark.name,
        "original": benchmark.original,
        **run,
        "asked": len(done),
        "failed": len(errors),
        "errors": sorted(set(errors)),
        "figures": [figure_record(figure) for figure in benchmark.figures(done) if figure.values],
    }


def figure_record(figure: Figure) -> Record:
    found = {name: round(value, 4) for name, value in asdict(estimate(figure.values)).items()}
    return {
        "name": figure.name,
        "group": figure.group or None,
        "label": figure.label,
        "better": figure.better,
        **found,
        "others": [asdict(each) | {"value": round(each.value, 4)} for each in figure.beside],
    }


def rows(report: Record) -> list[tuple[str, ...]]:
    """Make a row of each figure, under HEADINGS. The last cell has a line for each of the others."""
    return [
        (
            f"{figure['group']}: {figure['label']}" if figure["group"] else figure["label"],
            f"{figure['value']:.3f}",
            f"{figure['low']:.3f} to {figure['high']:.3f}",
            str(figure["n"]),
            "\n".join(f"{other['value']:.3f} {other['who']} ({other['kind']})" for other in figure["others"]),
        )
        for figure in report["figures"]
    ]


def notes(report: Record) -> list[str]:
    """Say in sentences what the figures rest on, and what is missing."""
    asked, questions, kept = report["asked"], report["questions"], report["kept"]
    noted = [
        f"{asked} of {questions} questions, {kept} of them asked before; {report['seconds']:.0f} seconds this time."
    ]
    if report["limit"]:
        noted.append(f"Only the first {report['limit']} questions were to be asked.")
    noted += [f"{name[0].upper()}{name[1:]}: {value:,}." for name, value in report["about"].items()]
    if report["failed"]:
        noted.append(f"{report['failed']} questions failed and do not count: {report['errors'][0]}")
    if report["stopped"]:
        noted.append(f"Stopped before the end: {report['stopped']} The same command goes on from here.")
    return noted
