"""MultiHop-RAG (Tang & Yang 2024): is the evidence found among 609 articles, and is it noticed where there is none?

A passage is relevant if it contains a gold fact, white space ignored; so a fact that is cut in two between passages
counts as not found. Null queries, which the articles do not answer, count for abstention only. No model is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rag.answer.engine import Engine
from rag.evaluation.benchmarks.abstention import Decisions
from rag.evaluation.benchmarks.asking import answered
from rag.evaluation.benchmarks.benchmark import Advance, Asking, Benchmark, Beside, Figure, questions
from rag.evaluation.benchmarks.ingested import ingested, own_settings
from rag.records import Record
from rag.retrieve.retriever import Retriever
from rag.schema import Passage
from rag.settings import Settings
from rag.store.embeddings import MiniLM
from rag.store.searchable import searchable

ARTICLES, QUERIES = "articles.jsonl.gz", "queries-*.jsonl"
NULL = "null"
K = 10  # passages that count
TOKENS = 256  # of a passage with title, outlet and date
OWN_TOKENS = 2  # of these, which MiniLM adds
FALSE_REFUSALS = 0.1

# The paper, and a later one on decomposition; the floors are over all queries of both halves
PUBLISHED = {
    "voyage-02 + bge-reranker-large": {"hits_4": 0.663, "hits_10": 0.747, "mrr_10": 0.586},
    "decomposition by Qwen2.5-32B + bge-reranker-large": {"hits_4": 0.763, "hits_10": 0.872, "mrr_10": 0.635},
}
FLOORS = {
    "BM25": {"hits_10": 0.908, "hits_4": 0.774, "mrr_10": 0.632, "evidence_10": 0.598, "all_evidence_10": 0.307},
    "MiniLM": {"hits_10": 0.736, "hits_4": 0.534, "mrr_10": 0.394, "evidence_10": 0.406, "all_evidence_10": 0.137},
    "BM25 + MiniLM, outlets in turn": {
        "hits_10": 0.953,
        "hits_4": 0.856,
        "mrr_10": 0.662,
        "evidence_10": 0.683,
        "all_evidence_10": 0.390,
    },
}
LABELS = {
    "hits_4": "a gold fact among the first 4 (Hits@4)",
    "hits_10": "a gold fact among the first 10 (Hits@10)",
    "mrr_10": "reciprocal rank of the first (MRR@10)",
    "evidence_10": "gold facts among the first 10",
    "all_evidence_10": "all of them among the first 10",
}


def read(own: Path) -> list[Record]:
    return questions(own, QUERIES, {"question": str, "type": str, "evidence": list})


@contextmanager
def opened(own: Path, settings: Settings, advance: Advance) -> Iterator[Asking]:
    """Ingest the articles into a store that is kept for the next time, and open what searches it."""
    with ingested(own / ARTICLES, own_settings(settings, "multihop-rag"), advance) as (store, report):
        about = {"articles": report.articles, "passages": report.passages}
        yield Asking(partial(asked, Engine(Retriever(store)), MiniLM(settings.cache).word_pieces), about)


async def asked(engine: Engine, word_pieces: Callable[[str], int], query: Record) -> Record:
    answer = await answered(engine, query["question"])
    lengths = [word_pieces(searchable(passage)) + OWN_TOKENS for passage in answer.passages[:K]]
    return {
        "longest": max(lengths, default=0),
        "type": query["type"],
        "ranks": [rank(evidence["fact"], answer.passages[:K]) for evidence in query["evidence"]],
        "abstained": answer.abstained,
        "confidence": answer.confidence,
    }


def rank(fact: str, passages: Sequence[Passage]) -> int | None:
    """Find the rank of the first passage that contains a fact, white space ignored."""
    found = (rank for rank, passage in enumerate(passages, start=1) if squeezed(fact) in squeezed(passage.text))
    return next(found, None)


def squeezed(text: str) -> str:
    return "".join(text.split())


def figures(outcomes: Sequence[Record]) -> Iterator[Figure]:
    answerable = [outcome for outcome in outcomes if outcome["type"] != NULL]
    yield from retrieval(answerable)
    too_long = [float(outcome["longest"] > TOKENS) for outcome in answerable]
    yield Figure("too_long", f"queries with a passage of more than {TOKENS} tokens", too_long, better=-1)
    yield from abstention(answerable, [outcome for outcome in outcomes if outcome["type"] == NULL])
    for kind in sorted({outcome["type"] for outcome in answerable}):
        yield from retrieval([outcome for outcome in answerable if outcome["type"] == kind], kind)


def retrieval(outcomes: Sequence[Record], kind: str = "") -> Iterator[Figure]:
    """Score what was found for queries; the figures of others are for queries of all types."""
    scored = [scores(outcome["ranks"]) for outcome in outcomes]
    for name, label in LABELS.items():
        yield Figure(name, label, [each[name] for each in scored], () if kind else beside(name), group=kind)


def scores(ranks: Sequence[int | None]) -> Mapping[str, float]:
    """Score a query by the rank of each of its facts, at least one."""
    found = [rank for rank in ranks if rank is not None]
    best = min(found, default=K + 1)
    return {
        "hits_4": float(best <= 4),
        "hits_10": float(best <= K),
        "mrr_10": 1 / best if found else 0.0,
        "evidence_10": len(found) / len(ranks),
        "all_evidence_10": float(len(found) == len(ranks)),
    }


def beside(name: str) -> list[Beside]:
    published = [Beside(who, values[name]) for who, values in PUBLISHED.items() if name in values]
    return published + [Beside(who, values[name], "floor") for who, values in FLOORS.items()]


def abstention(answerable: Sequence[Record], null: Sequence[Record]) -> Iterator[Figure]:
    """Score the decision to answer: as it ships, and at the threshold that refuses a tenth of what can be answered."""
    yield Figure("null_refused", "null queries refused, as shipped", [float(each["abstained"]) for each in null])
    refused = [float(each["abstained"]) for each in answerable]
    yield Figure("false_refusals", "other queries refused, as shipped", refused, better=-1)
    if answerable and null:
        decisions = Decisions([each["confidence"] for each in answerable], [each["confidence"] for each in null])
        threshold = decisions.refusing(FALSE_REFUSALS)
        label = f"null queries refused where {FALSE_REFUSALS:.0%} of the others are (below {threshold:.2f})"
        right = [1 - wrong for wrong in decisions.wrongly_answered(threshold)]
        yield Figure("null_refused_at_10_percent", label, right)


MULTIHOP_RAG = Benchmark(
    name="multihop-rag",
    original="MultiHop-RAG by Tang & Yang (2024), arXiv 2401.15391",
    files=(ARTICLES, QUERIES),
    read=read,
    opened=opened,
    figures=figures,
    with_model=False,
)
