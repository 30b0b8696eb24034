"""Measure what each part of retrieval is worth, over MultiHop-RAG's queries: each part left out in turn.

python -m tests.benchmarks.retrieval BENCH_DIR DATA [--every N]

DATA is a folder in which `dateline benchmark multihop-rag` has been run; its store is asked. The constants were tuned
on every second query of the file, from the first on; figures are printed for these and for the others. `--every N` asks
one in N of both.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any

from rag.evaluation.benchmarks.benchmark import own_folder
from rag.evaluation.benchmarks.ingested import own_settings
from rag.evaluation.benchmarks.multihop_rag import MULTIHOP_RAG, NULL, K, rank, read, scores
from rag.retrieve import aspects, coverage, retriever
from rag.retrieve.retriever import Retriever
from rag.schema import Passage
from rag.store.store import open_store
from tests.benchmarks.alone import settings

Find = Callable[[Retriever, str], Sequence[Passage]]
Constants = Sequence[tuple[ModuleType, str, Any]]

LEFT_OUT: Mapping[str, Constants] = {
    "all of it": (),
    "no account of what better passages have said": ((coverage, "LEFT", 1.0),),
    "half of that account": ((coverage, "LEFT", 0.9),),
    "half as much again": ((coverage, "LEFT", 0.7),),
    "no words of the question": ((aspects, "WORDS", 0.0),),
    "no outlets": ((aspects, "OUTLET", 0.0), (retriever, "OUTLETS", 0)),
    "outlets, but no searches of their own": ((retriever, "OUTLETS", 0),),
    "no days": ((aspects, "DAY", 0.0),),
    "late interaction with 10 candidates": ((retriever, "LOOKED_AT", 10),),
    "late interaction with all candidates": ((retriever, "LOOKED_AT", 1000),),
    "16 candidates of each search": ((retriever, "CANDIDATES", 16),),
    "48 candidates of each search": ((retriever, "CANDIDATES", 48),),
}
FIGURES = ("evidence_10", "all_evidence_10", "hits_4", "mrr_10")


def main() -> None:
    """Print a line for each variant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("bench", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    queries = read(own_folder(MULTIHOP_RAG, options.bench))
    with open_store(own_settings(settings(options.data), MULTIHOP_RAG.name)) as store:
        print(f"{'':48}{'tuned on':>24}{'others':>24}")
        print(f"{'':48}" + 2 * f"{'evid   all   h@4   mrr':>24}")
        for name, constants in LEFT_OUT.items():
            with changed(constants):
                show(name, queries, options.every, Retriever(store), widened)
        show("passages as they are stored", queries, options.every, Retriever(store), as_stored)


def widened(asked: Retriever, question: str) -> Sequence[Passage]:
    return asked.retrieve(asked.understand(question, today=date.today()), K)


def as_stored(asked: Retriever, question: str) -> Sequence[Passage]:
    return asked.ranked(asked.understand(question, today=date.today()), K)


@contextmanager
def changed(constants: Constants) -> Iterator[None]:
    """Give modules other constants for a while."""
    before = [(module, name, getattr(module, name)) for module, name, _ in constants]
    for module, name, value in constants:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def show(name: str, queries: Sequence[Mapping[str, Any]], every: int, asked: Retriever, find: Find) -> None:
    line = f"{name:48}"
    for half in (queries[::2], queries[1::2]):
        answerable = [query for query in half if query["type"] != NULL][::every]
        found = [(query, find(asked, query["question"])) for query in answerable]
        scored = [scores([rank(each["fact"], passages) for each in query["evidence"]]) for query, passages in found]
        line += "".join(f"{fmean(each[figure] for each in scored):6.3f}" for figure in FIGURES)
    print(line, flush=True)


if __name__ == "__main__":
    main()
