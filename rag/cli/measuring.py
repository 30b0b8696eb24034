"""The commands that measure: the canned questions, and public benchmarks."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rag import records, terminal
from rag.cli.options import Options
from rag.cli.output import check_writable, print_json, write, write_json
from rag.cli.running import run
from rag.cli.stores import asked_store
from rag.errors import DatelineError, UsageError
from rag.feedback import open_feedback
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.store.store import Store


def evaluate_command(options: Options, chosen: Settings) -> None:
    from rag import scoreboard
    from rag.evaluation.floors import broken, read_floors

    files = options.questions or [chosen.questions]
    baseline = earlier_report(options.baseline) if options.baseline else None
    floors = read_floors(options.floors) if options.floors else None
    for file in filter(None, (options.json, options.html)):
        check_writable(file)
    with asked_store(options.articles, chosen) as store:
        if options.draft:
            propose(options.draft, files, store, chosen)
            return
        report = evaluated(files, store, chosen, baseline)
    if options.judge and report["run"]["complete"]:
        report["judge"] = judged(report, chosen, options.judge)
    write_report(report, options.json, options.html)
    scoreboard.show_evaluation(report)
    if not report["run"]["complete"]:
        raise DatelineError(f"{report['run']['stopped']} The scores are of the questions asked until then.")
    if floors and (below := broken(report, floors)):
        raise DatelineError(f"Under a floor of {options.floors}: {'; '.join(below)}.")


def evaluated(files: Sequence[Path], store: Store, chosen: Settings, baseline: records.Record | None) -> records.Record:
    """Ask all questions and report; after Ctrl-C, on what there is."""
    from rag.evaluation.evaluate import full_report, subject
    from rag.evaluation.run import Run, ask_all

    of = subject(files, store, chosen)
    asking, begun, when = Run(of.cases), time.perf_counter(), datetime.now(UTC)
    try:
        with terminal.progress("Asking") as advance:
            run(ask_all(asking, of.asker, advance))
    except KeyboardInterrupt:
        asking.stopped = "Stopped."
    return full_report(of, asking, when, time.perf_counter() - begun, baseline)


def judged(report: records.Record, chosen: Settings, model: str) -> records.Record:
    """Let a model judge what was answered; after Ctrl-C, report what it has judged."""
    from rag.evaluation.judge import Judging, answered, judge_all, judge_report

    judging = Judging(answered(report["cases"]), model)
    try:
        with terminal.progress("Judging") as advance:
            run(judge_all(judging, chosen, advance))
    except KeyboardInterrupt:
        judging.stopped = "Stopped."
    return judge_report(judging, chosen)


def propose(number: int, files: Sequence[Path], store: Store, chosen: Settings) -> None:
    """Print draft cases as JSON Lines: first from feedback that is no case yet, then from the articles."""
    from rag.evaluation.cases import read_cases
    from rag.evaluation.drafts import proposed

    there = [file for file in files if file.exists()]
    with open_feedback(chosen) as log:
        proposal = run(proposed(number, store, log.read(), read_cases(there) if there else [], chosen))
    for draft in proposal.drafts:
        print_json(draft)
    if proposal.notice:
        print(f"dateline: {proposal.notice}", file=sys.stderr)


def earlier_report(file: Path) -> records.Record:
    """Read a report to compare with. Raises UsageError for anything else."""
    from rag.evaluation.evaluate import is_report

    try:
        report: records.Record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"Cannot read {file}: {error}. Give a file that --json wrote.") from None
    if not is_report(report):
        raise UsageError(f"{file} is no report of this version. Give a file that --json wrote.")
    return report


def write_report(report: records.Record, data: Path | None, page: Path | None) -> None:
    if data:
        write_json(data, report)
    if page:
        from rag.evaluation.page import html

        write(page, html(report))


def benchmark_command(options: Options, chosen: Settings) -> None:
    from rag import scoreboard
    from rag.evaluation.benchmarks import run_benchmark

    if options.json:
        check_writable(options.json)
    with terminal.progress("Asking") as advance:
        figures = run(run_benchmark(options.name, options.folder, chosen, advance, options.fresh, options.limit))
    if options.json:
        write_json(options.json, figures)
    scoreboard.show_benchmark(figures)
