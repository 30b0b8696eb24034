"""Measure the check of statements: `python -m tests.benchmarks.checking [ARTICLES] [--failures]`.

The statements of `questions/check-dev.jsonl` and `check-held-out.jsonl` are about our articles in `seeds/articles` and
the invented ones of `check-articles.jsonl`. ARTICLES takes the place of the former: what ours retell.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.answer.engine import Engine
from rag.ingest.pipeline import ingest
from rag.retrieve.retriever import Retriever
from rag.schema import Checked, Ruling
from rag.settings import ROOT
from rag.store.store import Store, open_store
from tests.benchmarks.alone import settings

QUESTIONS = Path(__file__).parent / "questions"
HALVES = ("dev", "held-out")  # by article; weights and rules were tuned on the first


@dataclass(frozen=True)
class Labelled:
    """A statement with what its check should come to, and what kind of statement it is."""

    id: str
    kind: str
    ruling: Ruling
    statement: str


Outcome = tuple[Labelled, Checked]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("articles", type=Path, nargs="?", default=ROOT / "seeds" / "articles")
    options.add_argument("--failures", action="store_true", help="print every statement ruled wrongly")
    chosen = options.parse_args()
    with TemporaryDirectory() as data, open_store(settings(Path(data))) as store:
        ingest([str(chosen.articles), str(QUESTIONS / "check-articles.jsonl")], store)
        for half in HALVES:
            begun = time.perf_counter()
            outcomes = asyncio.run(checked(store, labelled(QUESTIONS / f"check-{half}.jsonl")))
            seconds = (time.perf_counter() - begun) / len(outcomes)
            print(f"\n{half}: {len(outcomes)} statements, {seconds:.3f} s each")
            show(outcomes, failures=chosen.failures)


def labelled(file: Path) -> list[Labelled]:
    records = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [Labelled(**record | {"ruling": Ruling[record["ruling"].upper()]}) for record in records]


async def checked(store: Store, statements: Sequence[Labelled]) -> list[Outcome]:
    """Check each statement by itself; one that the check leaves out as stating nothing counts as missing."""
    engine = Engine(Retriever(store))
    await engine.check(statements[0].statement)  # what is built once is not to count
    found = [await engine.check(each.statement) for each in statements]
    return [
        (each, ruled[0] if ruled else Checked(each.statement)) for each, ruled in zip(statements, found, strict=True)
    ]


def show(outcomes: Sequence[Outcome], *, failures: bool) -> None:
    for ruling in Ruling:
        precision, recall = scores(outcomes, ruling)
        print(f"{ruling:20} precision {precision:.3f}  recall {recall:.3f}")
    kinds = sorted({each.kind for each, _ in outcomes})
    print({kind: by_kind(outcomes, kind) for kind in kinds})
    for each, found in outcomes:
        if failures and found.ruling is not each.ruling:
            print(f"\n{each.id} {each.kind}: {each.statement}\n   {found.ruling}: {found.reason}")
            print("\n".join(f"   {citation.quote}" for citation in found.citations))


def scores(outcomes: Sequence[Outcome], ruling: Ruling) -> tuple[float, float]:
    """Compute precision and recall of a ruling."""
    right = sum(found.ruling is each.ruling is ruling for each, found in outcomes)
    ruled = sum(found.ruling is ruling for _, found in outcomes)
    wanted = sum(each.ruling is ruling for each, _ in outcomes)
    return right / max(ruled, 1), right / max(wanted, 1)


def by_kind(outcomes: Sequence[Outcome], kind: str) -> str:
    of_kind = [found.ruling is each.ruling for each, found in outcomes if each.kind == kind]
    return f"{sum(of_kind)}/{len(of_kind)}"


if __name__ == "__main__":
    main()
