"""A store in, what it takes to use it out, as a line of JSON: what the fresh processes of `scale` do.

python -m tests.benchmarks.scale.measure {start,ask,bare,see,add} FOLDER [WHAT IT TAKES]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from rag.ingest.pipeline import ingest, remove
from rag.retrieve.retriever import Retriever
from rag.schema import Dates, Filters
from rag.store.catalogue import Catalogue
from rag.store.filters import EVERYTHING
from rag.store.index import Index
from rag.store.store import Store
from tests.benchmarks.scale.standin import StandIn

NAME = "dateline-scale"
FILTERED = ("large outlet", "middling outlet", "one year", "one week")
K = 10
WARMING_UP = 10  # questions that are not counted

Measured = dict[str, Any]


def opened(folder: Path) -> Store:
    """Open the store in a folder."""
    model = StandIn()
    return Store(model, model, Index(NAME, folder), Catalogue(folder / "catalogue"))


def start(folder: Path, begun: float, question: str) -> Measured:
    """Tell how long after the start of the process the store is open, and the first question has its passages."""
    with opened(folder) as store:
        open_after = time.monotonic() - begun
        found(Retriever(store), question)
        return {"open": open_after, "first": time.monotonic() - begun} | memory()


def ask(folder: Path, questions: Sequence[str]) -> Measured:
    """Time questions, alternating with what stock would do: encode the question, and have Chroma find ten passages.

    All are asked twice: first what they need may have to come from the disk, then it is in memory, if that is enough.
    """
    with opened(folder) as store:
        retriever, filters = Retriever(store), some_filters(store)
        for question in questions[:WARMING_UP]:
            found(retriever, question)
        at_rest = memory()
        first, again = (asked(retriever, questions, filters) for _ in range(2))
        counts = {"passages": store.count(), "articles": store.article_count(), "outlets": len(store.outlets())}
        counts["forms"] = len(store.forms())
        kept = {name: store.catalogue.count(each) for name, each in filters.items()}
        return {"counts": counts, "kept": kept, "first": first, "milliseconds": again} | at_rest


def asked(retriever: Retriever, questions: Sequence[str], filters: Mapping[str, Filters]) -> dict[str, Measured]:
    """Time each question without filters, with each, and as stock would answer it."""
    times: dict[str, list[float]] = {name: [] for name in ("everything", *filters, "bare")}
    for question in questions:
        times["bare"].append(seconds(lambda question=question: bare(retriever.store, question)))  # type: ignore[misc]
        times["everything"].append(seconds(lambda question=question: found(retriever, question)))  # type: ignore[misc]
        for name, each in filters.items():
            times[name].append(seconds(lambda question=question, each=each: found(retriever, question, each)))  # type: ignore[misc]
    return {name: spread(each) for name, each in times.items()}


def bare_memory(folder: Path, questions: Sequence[str]) -> Measured:
    """Tell what Chroma alone takes."""
    model, index = StandIn(), Index(NAME, folder)
    for question in questions[:WARMING_UP]:
        index.nearest(model.encode([question])[0], K)
    return memory()


def see(folder: Path, word: str) -> Measured:
    """Wait until an article with a word is found, having been open before it was there."""
    with opened(folder) as store:
        retriever = Retriever(store)
        found(retriever, "Who has been asked?")
        print("open", flush=True)
        while not found(retriever, f"What is {word}?", named=word):
            time.sleep(0.01)
        return {"at": time.monotonic()}


def add(folder: Path, article: Path) -> Measured:
    """Add an article when a line comes in, and take it out when another does; one has gone in and out before."""
    before = article.with_name(f"before-{article.name}")
    before.write_text("An article before.", encoding="utf-8")
    with opened(folder) as store:
        ingest([str(before)], store)
        remove(before.name, store)
        print("open", flush=True)
        sys.stdin.readline()
        begun, working = time.monotonic(), time.process_time()
        ingest([str(article)], store)
        at, worked = time.monotonic(), time.process_time() - working
        print("added", flush=True)
        sys.stdin.readline()
        removing = seconds(lambda: remove(article.name, store))
        return {"begun": begun, "at": at, "worked": worked, "removing": removing}


def found(retriever: Retriever, question: str, filters: Filters = EVERYTHING, named: str = "") -> bool:
    """Retrieve for a question, and tell whether a word is in what was found."""
    passages = retriever.retrieve(retriever.understand(question, filters=filters), K)
    return any(named in passage.text for passage in passages)


def bare(store: Store, question: str) -> None:
    """Do what stock does: one search by vector, with texts and metadata."""
    vector = store.embedder.encode([question])
    store.index.collection.query(query_embeddings=vector, n_results=K, include=["documents", "metadatas", "distances"])


def some_filters(store: Store) -> dict[str, Filters]:
    """Make filters that keep much and little: the outlet with most articles and a middling one, a year and a week."""
    by_size = sorted(store.outlets(), key=lambda name: store.article_count(Filters(outlets=(name,))))
    newest = store.newest()
    if newest is None or newest.published is None:
        raise SystemExit("The articles have no dates.")
    last = newest.published.last - timedelta(days=60)
    filters = (
        Filters(outlets=(by_size[-1],)),
        Filters(outlets=(by_size[len(by_size) // 2],)),
        Filters(since=Dates(last - timedelta(days=365), last), until=Dates(last, last)),
        Filters(since=Dates(last - timedelta(days=7), last), until=Dates(last, last)),
    )
    return dict(zip(FILTERED, filters, strict=True))


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def spread(times: Sequence[float]) -> dict[str, float]:
    """Give the median and the 95th percentile in milliseconds."""
    half, most = np.percentile(times, [50, 95])
    return {"p50": round(1000 * float(half), 2), "p95": round(1000 * float(most), 2)}


def memory() -> dict[str, float]:
    """Tell what the process has in memory, now and at most, in MB; files that it maps and could let go are apart."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    taken = {
        name: int(rest.split()[0]) / 1024 for name, _, rest in (line.partition(":") for line in lines) if "kB" in rest
    }
    return {"rss": taken["VmRSS"], "files": taken["RssFile"], "most": taken["VmHWM"]}


def main() -> None:
    role, folder, *rest = sys.argv[1:]
    if role == "start":
        measured = start(Path(folder), float(rest[0]), rest[1])
    elif role == "ask":
        measured = ask(Path(folder), json.loads(Path(rest[0]).read_text(encoding="utf-8")))
    elif role == "bare":
        measured = bare_memory(Path(folder), json.loads(Path(rest[0]).read_text(encoding="utf-8")))
    elif role == "see":
        measured = see(Path(folder), rest[0])
    else:
        measured = add(Path(folder), Path(rest[0]))
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
