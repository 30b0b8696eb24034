"""Measure how long things take, as ratios in one run: `python -m tests.benchmarks.latency [ARTICLES]`.

A search against encoding the question and Chroma's own query; a warm `dateline ask` against importing chromadb.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rag.ingest.pipeline import ingest
from rag.retrieve.retriever import Retriever
from rag.settings import ROOT
from rag.store.store import open_store
from tests.benchmarks.alone import settings

QUESTIONS = (
    "what does the agreement say about the border?",
    "who signed for the neighbouring country?",
    "when was the ceasefire announced?",
    "why did the negotiations stop last spring?",
    "how many people were hurt in the strikes?",
)


def main() -> None:
    articles = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "seeds" / "articles")
    with TemporaryDirectory() as data:
        measure_search(articles, Path(data))
        measure_ask(Path(data))


def measure_search(articles: str, data: Path) -> None:
    with open_store(settings(data)) as store:
        ingest([articles], store)
        retriever = Retriever(store)
        asked = [f"{question[:-1]}, {number}?" for number in range(20) for question in QUESTIONS]  # none is remembered
        bare = [seconds(lambda text=text: store.index.nearest(store.embedder.encode([text])[0], 10)) for text in asked]  # type: ignore[misc]
        ours = [seconds(lambda text=text: retriever.retrieve(retriever.understand(text), 10)) for text in asked]  # type: ignore[misc]
        print(
            f"search: {1000 * median(ours):.1f} ms, encoding and Chroma's query {1000 * median(bare):.1f} ms, ", end=""
        )
        print(f"ratio {median(ours) / median(bare):.2f} (medians of {len(asked)})")


def measure_ask(data: Path) -> None:
    ask = [sys.executable, "-m", "rag.cli", "ask", QUESTIONS[0], "--data", str(data)]
    chroma = [sys.executable, "-c", "import chromadb"]
    pairs = [(seconds(lambda: run(ask)), seconds(lambda: run(chroma))) for _ in range(7)]
    asking, importing = (median(times) for times in zip(*pairs, strict=True))
    print(
        f"warm ask: {asking:.2f} s, importing chromadb {importing:.2f} s, ratio {asking / importing:.2f} (medians of 7)"
    )


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
