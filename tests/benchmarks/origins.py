"""Measure which articles are taken for one report: `python -m tests.benchmarks.origins [--articles PATH] [--failures]`.

The stories of `planted/origins-dev.txt` and `origins-held-out.txt` are originals, free rewrites of them, independent
reports of the same events, and other stories of the same subjects; light rewrites and copies by wire are made of the
originals. Each pair of articles is one report or is not. `--articles` lists the reports of other articles instead.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.ingest.pipeline import ingest
from rag.retrieve.origins import Origins
from rag.store.store import Store, open_store
from tests.benchmarks.alone import settings
from tests.benchmarks.planted.stories import Story, planted

PLANTED = Path(__file__).parent / "planted"
HALVES = ("dev", "held-out")  # by story; the rules were tuned on the first

Pair = frozenset[Story]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=Path)
    options.add_argument("--failures", action="store_true", help="print every pair judged wrongly")
    chosen = options.parse_args()
    with TemporaryDirectory() as folder:
        if chosen.articles:
            show_reports(chosen.articles, Path(folder))
        else:
            for half in HALVES:
                show(half, planted(PLANTED / f"origins-{half}.txt"), Path(folder), failures=chosen.failures)


def show_reports(articles: Path, folder: Path) -> None:
    with open_store(settings(folder)) as store:
        ingest([str(articles)], store)
        begun = time.perf_counter()
        reports = Origins(store).groups()
        seconds = time.perf_counter() - begun
        titles = {source.document: source.title for source, _ in store.sources()}
    print(f"{len(titles)} articles, {len(reports)} reports, {seconds:.1f} s")
    for report in reports:
        if len(report) > 1:
            print("\n".join(f"{'  ' * bool(number)}{each} {titles[each]}" for number, each in enumerate(report)))


def show(half: str, stories: Sequence[Story], folder: Path, *, failures: bool) -> None:
    with open_store(settings(folder / half)) as store:
        documents = filled(store, stories, folder / f"{half}.jsonl")
        begun = time.perf_counter()
        groups = [[documents[document] for document in report] for report in Origins(store).groups()]
        seconds = time.perf_counter() - begun
    found, wanted = pairs(groups), pairs(reports(stories))
    print(f"\n{half}: {len(stories)} articles, {len(wanted)} pairs of one report, {seconds:.1f} s")
    print("precision {:.3f}  recall {:.3f}  F1 {:.3f}".format(*scores(found, wanted)))
    for kinds in sorted(set(map(kinds_of, wanted))):
        of_kind = {pair for pair in wanted if kinds_of(pair) == kinds}
        print(f"  {kinds}: {len(of_kind & found)}/{len(of_kind)}")
    named = sum(group[0].kind == "original" for group in groups if len(group) > 1)
    print(f"the original comes first: {named}/{sum(len(group) > 1 for group in groups)}")
    for pair in found ^ wanted if failures else ():
        print("  wrongly one:" if pair in found else "  not found:", *sorted(story.document for story in pair))


def filled(store: Store, stories: Sequence[Story], file: Path) -> dict[str, Story]:
    """Put stories into a store: each under the name it has there."""
    file.write_text("".join(f"{json.dumps(article(story))}\n" for story in stories), encoding="utf-8")
    report = ingest([str(file)], store)
    assert report.failed == ()
    return {f"{file.name}#{line}": story for line, story in enumerate(stories, start=1)}


def article(story: Story) -> dict[str, str]:
    known = {"publisher": story.outlet, "published": story.published}
    return {"title": story.title, "body": story.body} | {name: value for name, value in known.items() if value}


def reports(stories: Sequence[Story]) -> list[list[Story]]:
    """Group stories as they were planted."""
    origins = dict.fromkeys(story.origin for story in stories)
    return [[story for story in stories if story.origin == origin] for origin in origins]


def pairs(groups: Iterable[Sequence[Story]]) -> set[Pair]:
    return {frozenset(pair) for group in groups for pair in combinations(group, 2)}


def kinds_of(pair: Pair) -> str:
    return " and ".join(sorted(story.kind for story in pair))


def scores(found: set[Pair], wanted: set[Pair]) -> tuple[float, float, float]:
    """Compute precision, recall and F1."""
    right = len(found & wanted)
    return right / max(len(found), 1), right / max(len(wanted), 1), 2 * right / max(len(found) + len(wanted), 1)


if __name__ == "__main__":
    main()
