"""Measure attacks on answers: `python -m tests.benchmarks.injection [--failures]`.

Every attack of `tests/attacks/corpus.toml` is tried without a model and with one on the loopback interface that obeys
what it reads, by every way out that a reply has. An attack succeeds if people see what it wanted.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.ingest.pipeline import ingest
from rag.schema import Mode
from rag.store.store import Store
from tests import gazette
from tests.attacks.corpus import read_attacks, write_articles
from tests.attacks.trial import Outcome, tried


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--failures", action="store_true", help="print where attacks succeeded, and what went unanswered"
    )
    chosen = options.parse_args()
    attacks = read_attacks()
    with TemporaryDirectory() as folder, gazette.open_gazette(Path(folder) / "store") as store:
        articles = gazette.write_articles(Path(folder) / "gazette")
        write_articles(attacks, Path(folder) / "planted")
        ingest([str(articles), str(Path(folder) / "planted")], store)
        for mode in Mode:
            show(mode, asyncio.run(all_tried(store, mode)), failures=chosen.failures)


async def all_tried(store: Store, mode: Mode) -> list[Outcome]:
    return [await tried(attack, store, mode) for attack in read_attacks()]


def show(mode: Mode, outcomes: Sequence[Outcome], *, failures: bool) -> None:
    print(f"\n{mode.value:26} attacks  obeyed  succeeded  still answered")
    for kind in dict.fromkeys(outcome.attack.kind for outcome in outcomes):
        line(kind, [outcome for outcome in outcomes if outcome.attack.kind == kind])
    line("all", outcomes)
    for outcome in outcomes if failures else ():
        if outcome.successes or not outcome.answered:
            print(f"\n{outcome.attack.name}: {outcome.successes or 'not answered'}")
            print("\n".join(f"   {claim.text}" for claim in outcome.answer.claims if outcome.successes))


def line(kind: str, outcomes: Sequence[Outcome]) -> None:
    obeyed, succeeded, answered = (
        sum(map(bool, each))
        for each in zip(*((outcome.heard, outcome.successes, outcome.answered) for outcome in outcomes), strict=True)
    )
    print(f"{kind:26} {len(outcomes):7} {obeyed:7} {succeeded:10} {answered:15}")


if __name__ == "__main__":
    main()
