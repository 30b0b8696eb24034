"""Measure a model's help in searching: `python -m tests.benchmarks.model_search BENCH_DIR [--questions N] [--seed S]`.

Searches for the same queries of MultiHop-RAG without a model, with its rewriting, with its reranking and with both. The
model, its prices and the store's folder are those of the settings; the store is that of `dateline benchmark
multihop-rag`. Null queries, which have no evidence, are left out.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

from rag.answer.chat_model import ChatModel, Message
from rag.answer.searching import Searcher, open_searcher
from rag.answer.synthesis import Assignment
from rag.errors import ModelError
from rag.evaluation.benchmarks.benchmark import own_folder
from rag.evaluation.benchmarks.ingested import ingested, own_settings
from rag.evaluation.benchmarks.multihop_rag import ARTICLES, MULTIHOP_RAG, NULL, K, rank, read, scores
from rag.evaluation.statistics import difference
from rag.evaluation.turns import AT_ONCE, in_turn
from rag.records import Record
from rag.retrieve.retriever import Retriever
from rag.schema import Query, Usage
from rag.settings import Settings

WAYS = {"rules": "without a model", "rewrite": "rewriting", "rerank": "reranking", "both": "both"}
SHOWN = ("evidence_10", "all_evidence_10", "hits_4", "mrr_10")
SEED = 7


@dataclass(frozen=True, slots=True)
class Outcome:
    """How well one way found the evidence for a query, and what the model was paid for it."""

    type: str
    scores: Mapping[str, float]
    usage: Usage


class Remembering(ChatModel):
    """A model that is not asked the same twice, and counts as if it were: a query is reworded once for two ways."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._replies: dict[tuple[Message, ...], list[str | Usage]] = {}
        self.failed = 0

    async def reply(
        self,
        messages: Sequence[Message],
        usable: Callable[[str], bool],
        *,
        account: str = "",
        begun: float | None = None,
        share: float = 1.0,
    ) -> AsyncGenerator[str | Usage, None]:
        key = tuple(messages)
        if key not in self._replies:
            parts = super().reply(messages, usable, account=account, begun=begun, share=share)
            try:
                self._replies[key] = [part async for part in parts]
            except ModelError:
                self.failed += 1
                raise
        for part in self._replies[key]:
            yield part


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("bench", type=Path)
    options.add_argument("--questions", type=int, default=24, help="of all types together (default: 24)")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--at-once", type=int, default=AT_ONCE, help=f"questions at a time (default: {AT_ONCE})")
    chosen = options.parse_args()
    settings = Settings()  # type: ignore[call-arg]  # the aliases are filled from the environment
    own = own_folder(MULTIHOP_RAG, chosen.bench)
    queries = sampled(read(own), chosen.questions, random.Random(chosen.seed))
    with ingested(own / ARTICLES, own_settings(settings, "multihop-rag"), lambda done, found: None) as (store, _):
        outcomes = asyncio.run(all_searched(Retriever(store), queries, settings, chosen.at_once))
    for kind in ("", *sorted({query["type"] for query in queries})):
        show(kind, {way: [each for each in of if kind in ("", each.type)] for way, of in outcomes.items()})


def sampled(queries: Sequence[Record], number: int, chance: random.Random) -> list[Record]:
    """Choose queries that have evidence, as many of each type."""
    types = sorted({query["type"] for query in queries} - {NULL})
    of_type = ([query for query in queries if query["type"] == kind] for kind in types)
    return list(chain.from_iterable(chance.sample(each, number // len(types)) for each in of_type))


async def all_searched(
    retriever: Retriever, queries: Sequence[Record], settings: Settings, at_once: int
) -> dict[str, list[Outcome]]:
    """Search for each query in each way."""
    model = Remembering(settings)
    found: dict[str, dict[str, Outcome]] = {way: {} for way in WAYS}
    for way in WAYS:
        searcher = open_searcher(settings.model_copy(update={"search": way}), model)

        async def work(query: Record, searcher: Searcher = searcher, way: str = way) -> str:
            found[way][query["id"]] = await searched(retriever, searcher, query)
            return ""

        await in_turn(queries, work, at_once)
    await model.aclose()
    if model.failed:
        print(f"{model.failed} replies failed; their queries were searched for by rules.")
    return {way: [of[query["id"]] for query in queries] for way, of in found.items()}


async def searched(retriever: Retriever, searcher: Searcher, query: Record) -> Outcome:
    understood: Query = retriever.understand(query["question"], today=date.today())
    found = await searcher.search(retriever, Assignment(understood, ()), K)
    ranks = [rank(evidence["fact"], found.passages) for evidence in query["evidence"]]
    return Outcome(query["type"], scores(ranks), found.usage)


def show(kind: str, outcomes: Mapping[str, Sequence[Outcome]]) -> None:
    before = outcomes["rules"]
    print(f"\n{kind or 'all'}, {len(before)} queries, with the change against the search without a model")
    print(f"{'':16}" + "".join(f"{name:>32}" for name in SHOWN) + "   tokens in     out  USD per 1,000")
    for way, of in outcomes.items():
        cells = []
        for name in SHOWN:
            values = [each.scores[name] for each in of]
            step = difference(values, [each.scores[name] for each in before])
            cells.append(f"{sum(values) / len(values):.3f} {step.value:+.3f} [{step.low:+.3f}, {step.high:+.3f}]")
        print(f"{WAYS[way]:16}" + "".join(f"{cell:>32}" for cell in cells) + costs([each.usage for each in of]))


def costs(usages: Sequence[Usage]) -> str:
    """Write what a query costs on average."""
    total, number = sum(usages, Usage()), len(usages)
    return (
        f"{total.input_tokens / number:12.0f}{total.output_tokens / number:8.0f}{1000 * total.cost_usd / number:15.2f}"
    )


if __name__ == "__main__":
    main()
