"""Measure Dateline beside llama-index as it comes, in turns: `python -m tests.benchmarks.stock ARTICLES`.

ARTICLES are JSON Lines as `dateline ingest` reads them; `--questions FILE` has a `question` a line, otherwise titles
are asked. Both use the same embedder and the same Chroma. llama-index has its defaults: VectorStoreIndex, chunks of
1,024 tokens, ten texts at once. The bare embedder reads what Dateline embeds and keeps nothing.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.benchmarks.alone import settings

if TYPE_CHECKING:  # neither is to be in the memory of the other
    from llama_index.core import VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding

    from rag.store.store import Store

ROUNDS = 6  # of ingestion, each with another part of the articles
ASKED = 200  # questions, each of both
K = 10
AT_REST = 10  # questions before a process counts as being at rest
STOCK, OURS, BARE = "llama-index", "Dateline", "bare embedder"

Row = Mapping[str, Any]
Take = Callable[[Path], Callable[[], int]]  # a file of articles in, what takes it in and counts its passages out
Ask = Callable[[str], object]


@dataclass
class Effort:
    """What a contender took in, and what it took."""

    articles: int = 0
    characters: int = 0
    passages: int = 0
    seconds: float = 0.0
    processor: float = 0.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Ingest in turns, ask in turns, and weigh a process of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("articles", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--limit", type=int, help="take so many articles only")
    chosen = parser.parse_args(arguments)
    articles = read(chosen.articles)[: chosen.limit]
    rows = read(chosen.questions) if chosen.questions else []
    asked = [str(row["question"]) for row in rows][:ASKED] or [str(row["title"]) for row in articles][:ASKED]
    with TemporaryDirectory() as folder:
        show_ingestion(ingestion(articles, Path(folder)))
        show_retrieval(retrieval(asked, Path(folder)))
        show_memory({name: alone(weighed, name, Path(folder), asked[:AT_REST]) for name in (STOCK, OURS)})


def read(file: Path) -> list[Row]:
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


# Ingestion


def ingestion(articles: Sequence[Row], data: Path) -> dict[str, Effort]:
    """Let each contender take in one part of the articles after another; who begins changes."""
    with ours(data) as store:
        takes: list[tuple[str, Take]] = [
            (OURS, partial(take, store)),
            (BARE, partial(take_bare, store)),
            (STOCK, partial(take_stock, stock(data))),
        ]
        store.asked("what is loaded at first use")
        efforts = {name: Effort() for name, _ in takes}
        for number in range(ROUNDS):
            part = articles[number::ROUNDS]
            file = data / f"part-{number}.jsonl"
            file.write_text("".join(f"{json.dumps(article)}\n" for article in part), encoding="utf-8")
            for name, contender in takes[number % 3 :] + takes[: number % 3]:
                effort, work = efforts[name], contender(file)
                begun, processor = time.perf_counter(), time.process_time()
                effort.passages += work()
                effort.seconds += time.perf_counter() - begun
                effort.processor += time.process_time() - processor
                effort.articles += len(part)
                effort.characters += sum(len(article["body"]) for article in part)
    return efforts


def take(store: Store, file: Path) -> Callable[[], int]:
    """Ingest a file as `dateline ingest` does."""
    from rag.ingest.pipeline import ingest

    before = store.count()
    return lambda: ingest([str(file)], store).passages - before


def take_bare(store: Store, file: Path) -> Callable[[], int]:
    """Read the passages of a file, which are cut before, with the embedder, and keep nothing."""
    from rag.ingest.passages import passages_of
    from rag.ingest.pipeline import PASSAGES_AT_ONCE
    from rag.ingest.reader import read_articles
    from rag.schema import Article
    from rag.store.searchable import searchable

    articles = [each for each in read_articles(file, file.name) if isinstance(each, Article)]
    texts = [searchable(passage) for article in articles for passage in passages_of(article)]
    parts = [texts[start : start + PASSAGES_AT_ONCE] for start in range(0, len(texts), PASSAGES_AT_ONCE)]
    return lambda: sum(1 for part in parts for _ in store.reader.read(part))


def take_stock(index: VectorStoreIndex, file: Path) -> Callable[[], int]:
    """Split, embed and store the articles of a file as llama-index's tutorials do."""
    from llama_index.core import Document, StorageContext, VectorStoreIndex

    collection: Any = index.vector_store.client
    before: int = collection.count()

    def work() -> int:
        documents = [
            Document(text=row["body"], metadata={key: row[key] for key in row if key != "body" and row[key]})
            for row in read(file)
        ]
        context = StorageContext.from_defaults(vector_store=index.vector_store)
        VectorStoreIndex.from_documents(documents, storage_context=context, embed_model=index._embed_model)
        after: int = collection.count()
        return after - before

    return work


def ours(data: Path) -> Store:
    from rag.store.store import open_store

    return open_store(settings(data / "ours").model_copy(update={"chroma_url": ""}))


def stock(data: Path) -> VectorStoreIndex:
    import chromadb
    from chromadb.config import Settings
    from llama_index.core import VectorStoreIndex
    from llama_index.vector_stores.chroma import ChromaVectorStore

    from rag.store.embeddings import MiniLM
    from rag.store.llama_index import Embedding

    client = chromadb.PersistentClient(str(data / "stock"), Settings(anonymized_telemetry=False))
    collection = client.get_or_create_collection("stock", embedding_function=None)
    embedding: BaseEmbedding = Embedding(MiniLM(settings(data).cache))
    return VectorStoreIndex.from_vector_store(ChromaVectorStore(chroma_collection=collection), embed_model=embedding)


def show_ingestion(efforts: Mapping[str, Effort]) -> None:
    reference, bare = efforts[STOCK], efforts[BARE]
    print("| ingestion | passages | passages/s | characters/s | articles/s | processor | to stock's passages/s |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, each in efforts.items():
        ratio = each.passages / each.seconds / (reference.passages / reference.seconds)
        rates = [f"{value / each.seconds:,.0f}" for value in (each.passages, each.characters)]
        print(
            f"| {name} | {each.passages:,} | {rates[0]} | {rates[1]} | {each.articles / each.seconds:.1f} "
            f"| {each.processor:.0f} s | {ratio:.2f} |"
        )
    ours = efforts[OURS]
    print(
        f"\nDateline takes {ours.seconds / bare.seconds:.2f} of the bare embedder's time "
        f"and {ours.processor / bare.processor:.2f} of its processor time."
    )


# Retrieval


def retrieval(asked: Sequence[str], data: Path) -> dict[str, list[float]]:
    """Ask both each question in turn: the seconds each takes."""
    with ours(data) as store:
        asks = {STOCK: asker_of_stock(data), OURS: asker(store)}
        for ask in asks.values():
            ask("what is loaded at first use")
        found: dict[str, list[float]] = {name: [] for name in asks}
        for number, question in enumerate(asked):
            for name in sorted(asks, reverse=bool(number % 2)):
                begun = time.perf_counter()
                asks[name](question)
                found[name].append(time.perf_counter() - begun)
    return found


def asker(store: Store) -> Ask:
    from rag.retrieve.retriever import Retriever

    retriever = Retriever(store)
    return lambda question: retriever.retrieve(retriever.understand(question), K)


def asker_of_stock(data: Path) -> Ask:
    return stock(data).as_retriever(similarity_top_k=K).retrieve


def show_retrieval(seconds: Mapping[str, Sequence[float]]) -> None:
    print(f"\n| retrieval of {K}, {len(seconds[OURS])} questions | p50 | p95 | p50 to stock's |")
    print("|---|--:|--:|--:|")
    for name, each in seconds.items():
        ratio = median(each) / median(seconds[STOCK])
        print(f"| {name} | {1000 * median(each):.1f} ms | {1000 * quantiles(each, n=20)[-1]:.1f} ms | {ratio:.2f} |")


# Memory


def alone(call: Callable[..., int], *arguments: Any) -> int:
    """Call in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(call, arguments)


def weighed(name: str, data: Path, asked: Iterable[str]) -> int:
    """Open one of both, ask, and return the memory that this process then has: kilobytes."""
    with opened(name, data) as ask:
        for question in asked:
            ask(question)
        found = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], check=True, capture_output=True, text=True)
        return int(found.stdout)


@contextmanager
def opened(name: str, data: Path) -> Iterator[Ask]:
    if name == STOCK:
        yield asker_of_stock(data)
        return
    with ours(data) as store:
        yield asker(store)


def show_memory(kilobytes: Mapping[str, int]) -> None:
    print(f"\n| memory at rest, after {AT_REST} questions | MB | to stock's |\n|---|--:|--:|")
    for name, each in kilobytes.items():
        print(f"| {name} | {each / 1024:.0f} | {each / kilobytes[STOCK]:.2f} |")


if __name__ == "__main__":
    main()
