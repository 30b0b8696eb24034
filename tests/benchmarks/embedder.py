"""Measure what each way to run the embedder is worth: `python -m tests.benchmarks.embedder BENCH_DIR`.

BENCH_DIR holds the benchmark MultiHop-RAG (Tang & Yang 2024). Some passages are read in each way in turns, three times;
then, with --recall, all of them by both graphs, and their questions, and what share of the evidence the vectors find.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from rag.evaluation.benchmarks.multihop_rag import ARTICLES, NULL, read, squeezed
from rag.ingest.passages import passages_of
from rag.ingest.reader import read_articles
from rag.records import Record
from rag.schema import Article, Passage
from rag.store.embeddings import MiniLM, Vectors, ahead, batches, cores, published, row_of, session
from rag.store.minilm_graph import Built, cached, embedded
from rag.store.searchable import searchable
from tests.benchmarks.alone import settings

ROUNDS = 3
FOUND = (10, 24)  # passages


@dataclass
class Way:
    """A way to run texts, and how long it took."""

    name: str
    run: Callable[[], object]
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all ways in turns, and print passages per second."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, default=300, help="to take the time of")
    parser.add_argument("--recall", action="store_true", help="read all passages by both graphs (minutes)")
    chosen = parser.parse_args(arguments)
    own = chosen.folder / "multihop-rag"
    cache = settings(own).cache
    articles = [each for each in read_articles(own / ARTICLES, ARTICLES) if isinstance(each, Article)]
    passages = [passage for article in articles for passage in passages_of(article)]
    texts = [searchable(passage) for passage in passages]
    show_speed(random.Random(1).sample(texts, chosen.passages), cached(published() / "model.safetensors", cache), cache)
    if chosen.recall:
        show_recall(passages, texts, [query for query in read(own) if query["type"] != NULL], MiniLM(cache))


def show_speed(texts: Sequence[str], built: Built, cache: Path) -> None:
    ways = list(ways_to_run(texts, built, cache))
    for _ in range(ROUNDS):
        for way in ways:
            begun, processor = time.perf_counter(), time.process_time()
            way.run()
            way.seconds.append(time.perf_counter() - begun)
            way.processor.append(time.process_time() - processor)
    print("| way | passages/s | processor time a passage | to the first way's time |\n|---|--:|--:|--:|")
    for way in ways:
        rate, processor = len(texts) / min(way.seconds), 1000 * min(way.processor) / len(texts)
        print(f"| {way.name} | {rate:.1f} | {processor:.1f} ms | {min(way.seconds) / min(ways[0].seconds):.2f} |")


def ways_to_run(texts: Sequence[str], built: Built, cache: Path) -> Iterator[Way]:
    model = MiniLM(cache)
    rows = [row_of(encoding) for encoding in model.tokenizer.encode_batch(list(texts), add_special_tokens=False)]
    for name, graph in (("exact", built.exact), ("quick", built.quick)):
        for threads, at_once in ((cores(), 1), (1, cores())):
            run = partial(run_batch, session(graph, threads), built, rows)
            for pieces in (1, 512, 4096) if name == "exact" else (1,):
                label = f"{name}, {pieces} word pieces a run or one text, {threads} cores a run, {at_once} runs at once"
                grouped = list(batches(rows, pieces))
                yield Way(label, partial(run_all, run, grouped, at_once))
    yield Way("`MiniLM.read`, with tokenizing", lambda: list(model.read(texts)))
    yield Way("tokenizing alone", lambda: model.tokenizer.encode_batch(list(texts), add_special_tokens=False))


def run_batch(graph: Any, built: Built, rows: Sequence[Sequence[int]], batch: Sequence[int]) -> None:
    graph.run(("sentence", "pieces"), {"embedded": embedded(built.table, [rows[text] for text in batch])})


def run_all(run: Callable[[list[int]], None], grouped: Sequence[list[int]], at_once: int) -> None:
    for _ in ahead(run, grouped) if at_once > 1 else map(run, grouped):
        pass


def show_recall(passages: Sequence[Passage], texts: Sequence[str], queries: Sequence[Record], model: MiniLM) -> None:
    asked = [str(query["question"]) for query in queries]
    exact, exact_asked = model.encode(texts), model.encode(asked)
    quick = np.stack([vector for _, vector, _ in model.read(texts)])
    quick_asked = np.stack([vector for _, vector, _ in model.read(asked)])
    cosines = (exact * quick).sum(axis=1)
    print(f"\ncosine of quick with exact: {cosines.mean():.4f} on average, {cosines.min():.4f} at least\n")
    print(
        "| questions | passages |" + "".join(f" evidence in {k} |" for k in FOUND) + "\n|---|---|" + "--:|" * len(FOUND)
    )
    contents = [squeezed(passage.text) for passage in passages]
    facts = [[holders(squeezed(each["fact"]), contents) for each in query["evidence"]] for query in queries]
    for (name, by), (of, among) in (
        (question, passage)
        for question in (("exact", exact_asked), ("quick", quick_asked))
        for passage in (("exact", exact), ("quick", quick))
    ):
        print(f"| {name} | {of} |" + "".join(f" {recall(by, among, facts, k):.4f} |" for k in FOUND))


def holders(fact: str, contents: Sequence[str]) -> frozenset[int]:
    return frozenset(number for number, content in enumerate(contents) if fact in content)


def recall(asked: Vectors, among: Vectors, facts: Sequence[Sequence[frozenset[int]]], k: int) -> float:
    """Average over questions the share of facts that a passage among the nearest `k` holds."""
    nearest = np.argpartition(-asked @ among.T, k, axis=1)[:, :k].tolist()
    return float(
        np.mean([np.mean([not of.isdisjoint(top) for of in own]) for own, top in zip(facts, nearest, strict=True)])
    )


if __name__ == "__main__":
    main()
