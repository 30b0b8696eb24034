"""Measure what `dateline conflicts` finds: `python -m tests.benchmarks.conflicts [--failures]`.

The articles are in `planted/conflicts`, with what they disagree on: a fragment of a quote for each side. A
contradiction or correction that is not among them is a false alarm. Rules were tuned on the dev half only.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.conflicts.disagreements import Disagreements
from rag.ingest.pipeline import ingest
from rag.retrieve.retriever import Retriever
from rag.schema import Conflict, Position, Relation
from rag.store.store import open_store
from tests.benchmarks.alone import settings

PLANTED = Path(__file__).parent / "planted" / "conflicts"
HALVES = ("dev", "held-out")
ALARMS = (Relation.CONTRADICTION, Relation.CORRECTION)


@dataclass(frozen=True)
class Expected:
    """A point on which planted articles differ; of each side, fragments of sentences that take it."""

    id: str
    relation: Relation
    sides: Sequence[Sequence[str]]

    def is_found_in(self, conflict: Conflict) -> bool:
        """Tell whether a conflict has each side in a position of its own, nothing else, and the right relation."""
        alike = conflict.relation is self.relation or {conflict.relation, self.relation} <= set(ALARMS)
        holders = [{n for n, each in enumerate(conflict.positions) if takes(each, side)} for side in self.sides]
        return alike and all(holders) and len(set.union(*holders)) == len(conflict.positions) > 1


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--failures", action="store_true", help="print what is missed and what is false")
    failures = options.parse_args().failures
    for half in HALVES:
        begun = time.perf_counter()
        conflicts = found(PLANTED / f"{half}-articles.jsonl")
        print(f"\n{half}: {len(conflicts)} shown, {time.perf_counter() - begun:.1f} s with ingestion")
        show(expected(half), conflicts, failures=failures)


def expected(half: str) -> list[Expected]:
    lines = (PLANTED / f"{half}-expected.jsonl").read_text(encoding="utf-8").splitlines()
    return [Expected(**record | {"relation": Relation(record["relation"])}) for record in map(json.loads, lines)]


def found(articles: Path) -> tuple[Conflict, ...]:
    """Ingest articles into a store of their own and list what they disagree on."""
    with TemporaryDirectory() as data, open_store(settings(Path(data))) as store:
        ingest([str(articles)], store)
        return Disagreements(Retriever(store)).find()


def show(wanted: Sequence[Expected], conflicts: Sequence[Conflict], *, failures: bool) -> None:
    for relation in Relation:
        of_kind = [each for each in wanted if each.relation is relation]
        hit = [each for each in of_kind if any(map(each.is_found_in, conflicts))]
        false = [each for each in conflicts if each.relation is relation and is_false(each, wanted)]
        print(f"{relation:15} found {len(hit)} of {len(of_kind)}, false {len(false)}")
        for each in of_kind if failures else ():
            if each not in hit:
                print(f"   missed: {each.id}")
        for conflict in false if failures else ():
            print(f"   false: {conflict.about}")
            for position in conflict.positions:
                print(f"      {position.says}: {' | '.join(citation.quote for citation in position.citations)}")


def is_false(conflict: Conflict, wanted: Sequence[Expected]) -> bool:
    return not any(each.is_found_in(conflict) for each in wanted)


def takes(position: Position, side: Sequence[str]) -> bool:
    return any(fragment in citation.quote for fragment in side for citation in position.citations)


if __name__ == "__main__":
    main()
