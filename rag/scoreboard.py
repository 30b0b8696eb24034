"""Reports of evaluations and benchmarks in, tables in the terminal out."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rag.evaluation.benchmarks.report import HEADINGS, rows
from rag.evaluation.benchmarks.report import notes as benchmark_notes
from rag.evaluation.scoring import METRICS
from rag.evaluation.statistics import ENOUGH
from rag.evaluation.wording import (
    BY_NAME,
    applies,
    change,
    draft_line,
    figure,
    headline,
    interval,
    judge_line,
    notes,
    share,
)
from rag.records import Record
from rag.terminal import INDENT, console, printable

BY_TYPE = ("right", "grounded", "hit_5", "citation_precision")  # the columns of the table by type
SHOWN = 12  # cases that were lost; the page has them all


def show_evaluation(report: Record) -> None:
    """Print what was run, the scores with their changes, also by type, what was lost, and what became of drafts."""
    out = console()
    out.print()
    out.print(Text(headline(report), style="bold"))
    for table in (score_table, type_table) if report["cases"] else ():
        out.print()
        out.print(table(report))
    show_losses(out, report)
    show_changes(out, report)
    show_judge(out, report)
    for draft in report["drafts"]:
        out.print(Text.assemble((f"\n{draft['id']} ", "bold"), printable(draft["question"])))
        out.print(Padding(Text(draft_line(draft)), INDENT))
    for note in notes(report):
        out.print()
        out.print(Text(printable(note), style="yellow"))
    out.print()


def score_table(report: Record) -> Table:
    """Make the scoreboard: each metric with its interval, the number of cases, and the change."""
    changes = (report["baseline"] or {}).get("scores")
    table = table_of("score", "", "95 % interval", "n", *(["change"] if changes else []))
    for metric in METRICS:
        if applies(metric, report):
            score = report["scores"][metric.name]
            row = [figure(score["value"], metric), interval(score, metric), str(score["n"])]
            table.add_row(metric.label, *row, *([change(changes.get(metric.name), metric)] if changes else []))
    if times := report["latency_ms"].get("total"):
        table.add_row("milliseconds, median and 95th percentile", f"{times['p50']:.0f}", f"{times['p95']:.0f}")
    return table


def type_table(report: Record) -> Table:
    """Make a table of a few scores by type of question."""
    changes = (report["baseline"] or {}).get("types", {})
    table = table_of("type", *BY_TYPE, "n", *(["right, change"] if changes else []))
    for name, scores in report["types"].items():
        shown = [figure(scores[each]["value"], BY_NAME[each]) if each in scores else "" for each in BY_TYPE]
        moved = changes.get(name, {}).get("right")
        row = [*shown, str(scores["right"]["n"]), *([change(moved, BY_NAME["right"])] if changes else [])]
        table.add_row(Text(printable(name)), *row)
    if any(scores["right"]["n"] < ENOUGH for scores in report["types"].values()):
        table.caption = f"Under {ENOUGH} questions no difference is claimed."
        table.caption_justify = "left"
    return table


def show_losses(out: Console, report: Record) -> None:
    """Print how many cases each step lost, and the first of them."""
    lost = [case for case in report["cases"] if case["lost_at"]]
    if not lost:
        return
    out.print(Text(f"\n{len(lost)} lost", style="bold"))
    for step, number in report["losses"].items():
        out.print(f"{number:>5}  {step}")
    out.print()
    table = table_of("case", "lost at", "question", right=())
    for case in lost[:SHOWN]:
        table.add_row(Text(printable(case["id"])), case["lost_at"], Text(printable(case["question"])))
    out.print(table)
    if len(lost) > SHOWN:
        out.print(Text(f"… and {len(lost) - SHOWN} more: --html shows them all, with answers and passages.", "dim"))


def show_changes(out: Console, report: Record) -> None:
    """Print which cases became right or wrong since the baseline."""
    for what in ("better", "worse"):
        if identities := (report["baseline"] or {}).get(what):
            colour = "green" if what == "better" else "red"
            out.print(Text.assemble((f"\n{what}: ", f"bold {colour}"), printable(", ".join(identities))))


def show_judge(out: Console, report: Record) -> None:
    """Print what a model judged, apart from the scores, and how far it agrees with them."""
    judge = report.get("judge")
    if not judge:
        return
    out.print(Text(f"\nJudged by {printable(judge['model'])}, apart from the scores", style="bold"))
    table = table_of("judgement", "", "95 % interval", "n")
    for name in ("faithfulness", "completeness"):
        if found := judge[name]:
            table.add_row(name, share(found["value"]), interval(found, BY_NAME["right"]), str(found["n"]))
    out.print(table)
    out.print(Text(printable(judge_line(judge))))


def table_of(first: str, *others: str, right: tuple[str, ...] | None = None) -> Table:
    """Make an empty table; all columns but the first are figures unless `right` names which are."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(first)
    for name in others:
        is_figure = right is None or name in right
        table.add_column(name.replace("_", " "), justify="right" if is_figure else "left", no_wrap=is_figure)
    return table


def show_benchmark(figures: Record) -> None:
    """Print our figures beside those of others, and what they rest on."""
    out = console()
    table = table_of(*HEADINGS, right=HEADINGS[1:-1])
    for row in rows(figures):
        table.add_row(*map(Text, row))
    out.print()
    out.print(Text(f"{figures['benchmark']}: {figures['original']}", style="bold"))
    out.print()
    out.print(table)
    out.print()
    for note in benchmark_notes(figures):
        out.print(Text(printable(note), style="dim"))
