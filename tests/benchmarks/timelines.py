"""Measure how long a timeline takes: `python -m tests.benchmarks.timelines [ARTICLES]`.

The first one of a store reads every article; then the same again, in this process and in a new one, and after one more
article has come in. Without ARTICLES, those of the seeds. Seconds of other machines are others; the ratio of the first
timeline to embedding the same articles is less so.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from rag.ingest.pipeline import ingest
from rag.schema import Timeline
from rag.settings import ROOT
from rag.store.store import open_store
from rag.timeline.timelines import open_timelines
from tests.benchmarks.alone import settings

T = TypeVar("T")

LIMIT = 60
ADDED = {
    "title": "Quay opens in Oskel",
    "publisher": "Coast Courier",
    "published": "2024-06-04",
    "body": "The new quay of Oskel was opened by Mayor Edda Quist on 3 June 2024.",
}


def main() -> None:
    articles = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "seeds" / "articles")
    with TemporaryDirectory() as folder:
        measure(articles, Path(folder))


def measure(articles: str, folder: Path) -> None:
    data, added = folder / "store", folder / "added.jsonl"
    added.write_text(json.dumps(ADDED), encoding="utf-8")
    chosen = settings(data)
    with open_store(chosen) as store, open_timelines(chosen, store) as timelines:

        def made() -> Timeline:
            return asyncio.run(timelines.timeline(limit=LIMIT))

        embedding, _ = timed(lambda: ingest([articles], store))
        first, timeline = timed(made)
        again, _ = timed(made)
        new_process = min(timed(lambda: run(data))[0] for _ in range(3))
        ingest([articles, str(added)], store)
        after, _ = timed(made)
        count = len(store.sources()) - 1
    print(f"{count} articles, {timeline.found} events, ingested in {embedding:.1f} s")
    print(f"first timeline       {first:8.2f} s, {first / embedding:.2f} of ingesting the articles")
    print(f"again                {again:8.2f} s")
    print(f"in a new process     {new_process:8.2f} s, all of `dateline timeline` (best of 3)")
    print(f"after a new article  {after:8.2f} s, {after / first:.2f} of the first")


def run(data: Path) -> None:
    command = [sys.executable, "-m", "rag.cli", "timeline", "--limit", str(LIMIT), "--json", "--data", str(data)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.perf_counter()
    done = work()
    return time.perf_counter() - begun, done


if __name__ == "__main__":
    main()
