"""Measure extractive answers: `python -m tests.benchmarks.answers ARTICLES QUESTIONS…`, a folder and files of cases."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from rag import records
from rag.answer.engine import Engine
from rag.ingest import passages
from rag.ingest.pipeline import ingest
from rag.retrieve.retriever import Retriever
from rag.schema import Turn
from rag.settings import Settings
from rag.store.store import Store, open_store
from tests.benchmarks.scoring import Case, Record, by_type, cases, is_right, scores


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("articles", type=Path)
    options.add_argument("questions", type=Path, nargs="+")
    options.add_argument("--failures", action="store_true", help="print every answer that is not right")
    options.add_argument("--passage-limit", type=int, default=passages.LIMIT, help="characters of a passage")
    chosen = options.parse_args()
    passages.LIMIT = chosen.passage_limit
    asked = [case for file in chosen.questions for case in cases(file)]
    with TemporaryDirectory() as data, open_store(settings(Path(data))) as store:
        ingest([str(chosen.articles)], store)
        pairs = list(zip(asked, asyncio.run(answered(store, asked)), strict=True))
    for name, value in scores(pairs).items():
        print(f"{name:28} {value:.3f}" if value <= 1 else f"{name:28} {value:.0f}")
    print({kind: f"{right}/{asked}" for kind, (right, asked) in by_type(pairs, is_right).items()})
    if chosen.failures:
        show_failures(pairs)


def settings(data: Path) -> Settings:
    """Choose a store of its own and no model, whatever the environment says."""
    os.environ["OPENAI_API_KEY"] = ""
    return Settings().model_copy(update={"data": data})  # type: ignore[call-arg]


async def answered(store: Store, asked: list[Case]) -> list[Record]:
    engine = Engine(Retriever(store))
    found: list[Record] = []
    for case in asked:
        history = [Turn(turn["role"], turn["content"]) for turn in case.history]
        found.append(records.answer_record(await engine.answer(case.question, history), case.id))
    return found


def show_failures(pairs: list[tuple[Case, Record]]) -> None:
    for case, record in pairs:
        if not is_right(case, record):
            print(f"\n{case.id} {case.type}: {case.question}  → {record['standalone_question']}")
            print(f"   {'ABSTAINED ' if record['abstained'] else ''}{record['answer'][:300]}")
            print(f"   wanted: {case.answers} {case.support}")


if __name__ == "__main__":
    main()
