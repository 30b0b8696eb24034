"""Timeline17 (Tran et al. 2013): are the days of a timeline those on which something happened that matters?

A timeline is asked for as many events as its gold has days, within the first and the last of them; Date-F1 compares the
two sets of days. The floor takes the days on which most articles were published. No model is asked.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import partial
from pathlib import Path

from rag.errors import UsageError
from rag.evaluation.benchmarks.benchmark import Advance, Asking, Benchmark, Beside, Figure
from rag.evaluation.benchmarks.ingested import ingested, own_settings
from rag.records import Record
from rag.retrieve.retriever import Retriever
from rag.schema import Dates, Filters, Precision, Source, Timeline
from rag.settings import Settings
from rag.timeline.cache import Cache
from rag.timeline.timelines import NO_FILTERS, Timelines

ARTICLES, GOLD = "articles.jsonl.gz", "gold/*.txt"
RULE = re.compile(r"^-{3,}\s*$", re.MULTILINE)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")

# what a person who knows what the folders are about would ask for
IN_WORDS = {
    "bpoil": "the BP oil spill",
    "egypt": "the protests in Egypt",
    "finan": "the financial crisis",
    "h1n1": "swine flu",
    "haiti": "the earthquake in Haiti",
    "iraq": "the war in Iraq",
    "libya": "the war in Libya",
    "mj": "Michael Jackson's death",
    "syria": "the crisis in Syria",
}
COUNTS = "publication counts, in this run"
DATEWISE = Beside("DATEWISE, over all 19 timelines", 0.544)
LABELS = {
    "name": "Date-F1, asked by the name of the folder",
    "words": "Date-F1, asked in words",
    "within": "Date-F1, asked in words, of the articles of that time only",
}


def read(own: Path) -> list[Record]:
    """List the gold timelines. Raises UsageError for one without days."""
    return [
        {"topic": file.parents[1].name, "timeline": file.stem, "days": gold_days(file)}
        for file in sorted(own.glob(f"*/{GOLD}"))
    ]


def gold_days(file: Path) -> list[str]:
    """Read the days of a gold timeline: each entry begins with one. An entry whose date is no day is left out."""
    entries = RULE.split(file.read_text(encoding="utf-8", errors="replace"))
    days = {day.isoformat() for entry in entries if (day := first_day(entry))}
    if not days:
        raise UsageError(f"{file} has no line with a date such as 2011-02-15. Get the benchmark anew.")
    return sorted(days)


def first_day(entry: str) -> date | None:
    match = DAY.match(entry.strip())
    try:
        return date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None


@contextmanager
def opened(own: Path, settings: Settings, advance: Advance) -> Iterator[Asking]:
    """Ingest each topic's articles into a store that is kept for the next time, and open what makes its timelines."""
    topics: dict[str, Topic] = {}
    with ExitStack() as stack:
        for name in sorted({gold.parents[1].name for gold in own.glob(f"*/{GOLD}")}):
            its = own_settings(settings, "t17", name)
            store, _ = stack.enter_context(ingested(own / name / ARTICLES, its, advance))
            kept = Cache(its.data / "timelines.sqlite3")
            timelines = stack.enter_context(Timelines(Retriever(store), kept))  # without a model, if there is one
            topics[name] = Topic(timelines, [source for source, _ in store.sources()])
        about = {f"articles on {name}": len(topic.sources) for name, topic in topics.items()}
        yield Asking(partial(asked, topics), about)


class Topic:
    """The articles on a topic, and what makes timelines of them."""

    def __init__(self, timelines: Timelines, sources: Sequence[Source]) -> None:
        self.sources = sources
        self._timelines = timelines

    async def days(self, topic: str, gold: Sequence[date], filters: Filters = NO_FILTERS) -> set[date]:
        """Choose as many days as the gold has, within its time."""
        first, last = (Dates(day, day) for day in (gold[0], gold[-1]))
        return days_of(await self._timelines.timeline(topic, filters, first, last, len(gold)))

    def counted(self, gold: Sequence[date]) -> set[date]:
        """Choose the days on which most articles were published."""
        published = Counter(source.published.first for source in self.sources if source.published)
        within = sorted(day for day in published if gold[0] <= day <= gold[-1])
        return set(sorted(within, key=lambda day: -published[day])[: len(gold)])


def days_of(timeline: Timeline) -> set[date]:
    whens = [event.when for event in timeline.events]
    return {when.dates.first for when in whens if when.dates and when.precision is Precision.DAY}


async def asked(topics: Mapping[str, Topic], question: Record) -> Record:
    name, gold = str(question["topic"]), [date.fromisoformat(day) for day in question["days"]]
    topic, words = topics[name], IN_WORDS.get(name, name)
    of_that_time = Filters(Dates(gold[0], gold[0]), Dates(gold[-1], gold[-1]))
    found = {"words": await topic.days(words, gold)}  # reads the articles, if nobody has
    begun = time.perf_counter()
    found["name"] = await topic.days(name, gold)
    seconds = time.perf_counter() - begun
    found |= {"within": await topic.days(words, gold, of_that_time), "counts": topic.counted(gold)}
    scores = {how: date_f1(days, set(gold)) for how, days in found.items()}
    return {"topic": name, "timeline": question["timeline"], "seconds": seconds, **scores}


def date_f1(found: set[date], gold: set[date]) -> float:
    """Compare two sets of days: the harmonic mean of precision and recall."""
    return 2 * len(found & gold) / (len(found) + len(gold))


def figures(outcomes: Sequence[Record]) -> Iterator[Figure]:
    yield from compared(outcomes)
    yield Figure("seconds", "seconds, the articles having been read", values(outcomes, "seconds"), better=-1)
    for outcome in outcomes:
        yield from compared([outcome], f"{outcome['topic']}, {outcome['timeline']}")


def compared(outcomes: Sequence[Record], group: str = "") -> Iterator[Figure]:
    """Score timelines; the published figure is for all of them together."""
    counts = values(outcomes, "counts")
    floor = [Beside(COUNTS, sum(counts) / len(counts), "floor")] if counts else []
    for name, label in LABELS.items():
        yield Figure(name, label, values(outcomes, name), floor if group else [DATEWISE, *floor], group)


def values(outcomes: Sequence[Record], name: str) -> list[float]:
    return [outcome[name] for outcome in outcomes]


T17 = Benchmark(
    name="t17",
    original="Timeline17 by Tran et al. (2013), as prepared by Gholipour Ghalandari & Ifrim, ACL 2020",
    files=(f"*/{ARTICLES}", f"*/{GOLD}"),
    read=read,
    opened=opened,
    figures=figures,
    with_model=False,
)
