"""A public benchmark's folder in, Dateline's figures beside those of others out.

A benchmark is a module here with a `Benchmark`, and an entry in BENCHMARKS.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

from rag.evaluation.benchmarks.asking import ask_all, at_once
from rag.evaluation.benchmarks.benchmark import Advance, Benchmark, contents, own_folder
from rag.evaluation.benchmarks.kept import kept
from rag.evaluation.benchmarks.multihop_rag import MULTIHOP_RAG
from rag.evaluation.benchmarks.nomiracl import NOMIRACL
from rag.evaluation.benchmarks.ramdocs import RAMDOCS
from rag.evaluation.benchmarks.report import report
from rag.evaluation.benchmarks.t17 import T17
from rag.evaluation.benchmarks.tempeval3 import TEMPEVAL3
from rag.records import Record
from rag.schema import Mode
from rag.settings import Settings
from rag.versions import versions

BENCHMARKS = {benchmark.name: benchmark for benchmark in (MULTIHOP_RAG, RAMDOCS, NOMIRACL, T17, TEMPEVAL3)}


async def run_benchmark(
    name: str,
    folder: Path,
    settings: Settings,
    advance: Advance = lambda done, found: None,
    fresh: bool = False,
    limit: int | None = None,
) -> Record:
    """Ask the questions of a benchmark, or the first few, and report on what came out.

    Outcomes are kept under `settings.data`: the next run goes on from there, unless it is `fresh` or anything that
    shapes them has changed. `advance` is told of articles that are read first, if any are, and then of questions.
    Raises UsageError if the folder does not hold the benchmark.
    """
    begun = time.perf_counter()
    benchmark = BENCHMARKS[name]
    own = own_folder(benchmark, folder)
    files = contents(benchmark, own)
    made_with = _versions(benchmark, files, settings)
    questions = dict(enumerate(benchmark.read(own)[:limit], start=1))
    with kept(settings.data / "benchmarks" / f"{name}.jsonl", made_with, fresh=fresh) as found:
        before = sum(number in found.outcomes for number in questions)
        with benchmark.opened(own, settings, advance) as asking:
            workers = at_once(settings, benchmark.with_model)
            stopped = await ask_all(questions, asking.ask, found, advance, at_once=workers)
    run = {
        "command": f"dateline benchmark {name} DIR" + (f" --limit {limit}" if limit else ""),
        "files": [file.name for file in files],
        "versions": made_with,
        "seconds": round(time.perf_counter() - begun, 2),
        "questions": len(questions),
        "limit": limit,
        "kept": before,
        "stopped": stopped or None,
        "about": dict(asking.about),
    }
    return report(benchmark, [found.outcomes[number] for number in questions if number in found.outcomes], run)


def _versions(benchmark: Benchmark, files: Sequence[Path], settings: Settings) -> dict[str, str]:
    """Name the versions of all that shapes an outcome; the benchmark's files stand for the store."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    found = versions(settings, digest)
    if benchmark.with_model:
        return found
    shared = {name: version for name, version in found.items() if name != "model" and not name.startswith("prompts/")}
    return shared | {"mode": Mode.EXTRACTIVE.value}
