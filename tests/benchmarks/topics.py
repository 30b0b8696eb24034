"""Measure which events are on a topic: `python -m tests.benchmarks.topics BENCH_DIR DATA`.

The articles are those of MultiHop-RAG (Tang & Yang 2024), in the store that `dateline benchmark multihop-rag BENCH_DIR
--data DATA` keeps. A topic has a pattern for its names. An event belongs to it if a name stands in the title or the
sentence and often in the article, and does not if none stands in the article at all; of all others nothing is known.
Nothing belongs to topics that no article is about.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rag.evaluation.benchmarks.ingested import ingested, own_settings
from rag.retrieve.retriever import Retriever
from rag.schema import Article, Citation
from rag.timeline.cache import Cache
from rag.timeline.timelines import Timelines
from tests.benchmarks.alone import settings

OFTEN, OFTEN_WITH_TITLE = 6, 2
TOPICS = {
    "dev": {
        "the trial of Sam Bankman-Fried": r"Bankman-Fried|\bSBF\b|\bFTX\b",
        "Google antitrust case": r"\bantitrust",
        "Taylor Swift and Travis Kelce": r"\bSwift\b|Kelce",
        "Manchester United": r"Man(?:chester)? United|Old Trafford|Ten Hag",
        "OpenAI fires Sam Altman": r"OpenAI|Altman",
    },
    "held out": {
        "the war between Israel and Hamas": r"Hamas|Gaza",
        "Rugby World Cup": r"Rugby World Cup|\bRWC\b|Wallabies|Springboks|All Blacks",
        "Shohei Ohtani": r"Ohtani",
        "Microsoft's takeover of Activision": r"Activision",
        "Cruise robotaxis": r"\bCruise\b",
        "Matthew Perry's death": r"Matthew Perry",
    },
    "absent": {
        "Michael Jackson's death": "",
        "the earthquake in Haiti": "",
        "a ferry disaster in the Baltic Sea": "",
        "World chess championship in Astana": "",
        "volcano eruption on Tonga": "",
        "Brexit referendum": "",
        "swine flu": "",
    },
}


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    bench, data = map(Path, sys.argv[1:])
    its = own_settings(settings(data), "multihop-rag")
    with (
        ingested(bench / "multihop-rag" / "articles.jsonl.gz", its, lambda done, found: None) as (store, _),
        Timelines(Retriever(store), Cache(its.data / "timelines.sqlite3")) as timelines,
    ):
        everything = told(timelines, "")
        for half, topics in TOPICS.items():
            print(f"\n{half:36} found  precision  recall  seconds")
            for topic, names in topics.items():
                begun = time.perf_counter()
                found = told(timelines, topic)
                seconds = time.perf_counter() - begun
                print(f"{topic:36} {len(found):5} {scores(found, everything, names, store.article)} {seconds:8.2f}")


def told(timelines: Timelines, topic: str) -> set[Citation]:
    return {event.claim.citations[0] for event in asyncio.run(timelines.timeline(topic)).events}


def scores(found: set[Citation], everything: set[Citation], names: str, article: Callable[[str], Article]) -> str:
    """Write precision and recall; of a topic that nothing belongs to there is neither."""
    if not names:
        return f"{'-':>10} {'-':>7}"
    judged = {each: belongs(each, names, article(each.source.document)) for each in everything}
    right, wrong = ({each for each, its in judged.items() if its is which} for which in (True, False))
    precision = len(found & right) / max(len(found & (right | wrong)), 1)
    return f"{precision:10.2f} {len(found & right) / max(len(right), 1):7.2f}"


def belongs(cited: Citation, names: str, article: Article) -> bool | None:
    """Judge an event by its article, its title and its sentence; None if they do not tell."""
    count = len(re.findall(names, article.text))
    in_title = re.search(names, article.source.title) is not None
    if not count and not in_title:
        return False
    mainly = count >= OFTEN or (in_title and count >= OFTEN_WITH_TITLE)
    return True if mainly and (in_title or re.search(names, cited.quote)) else None


if __name__ == "__main__":
    main()
