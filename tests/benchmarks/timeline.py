"""Measure timelines: `python -m tests.benchmarks.timeline [--half dev|held-out] [--show]`.

`planted/timelines` holds small corpora, a folder each, and beside it what a careful editor would put on its timeline:
the events, those of them that may be left out (`required` false), and traps, which are no events. Rules were tuned on
dev only. `--articles DIR --gold FILE` measures other articles in the same way.

An event is a gold event's if they share a document and if the event's text and its quotes from there hold a word of
each group of `keywords`. Each goes with one of the other side, best first: with equal dates, then with all the words in
the event's own text, then with more documents in common. Only where their dates can both be true is the event found;
otherwise it is *misdated*: a date that is wrong, an event that is missed, and one that is too many.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.ingest.pipeline import ingest
from rag.records import Record
from rag.retrieve.retriever import Retriever
from rag.schema import Dates, Event, Precision, When
from rag.store.store import open_store
from rag.timeline.timelines import Timelines
from rag.timeline.wording import when_in_words
from tests.benchmarks.alone import settings

PLANTED = Path(__file__).parent / "planted" / "timelines"
HALVES = ("dev", "held-out")
COARSEST_FIRST = (Precision.UNKNOWN, Precision.YEAR, Precision.MONTH, Precision.DAY)


@dataclass(frozen=True)
class Told:
    """What some articles tell, and how to know it: a word of each group of `keywords` must be there."""

    what: str
    documents: frozenset[str]
    keywords: tuple[tuple[str, ...], ...]

    def is_in(self, event: Event) -> bool:
        quotes = [each.quote for each in event.claim.citations if each.source.document in self.documents]
        return bool(quotes) and self.is_named_in(" ".join([event.claim.text, *quotes]))

    def is_named_in(self, text: str) -> bool:
        folded = text.casefold()
        return all(any(word.casefold() in folded for word in group) for group in self.keywords)


@dataclass(frozen=True)
class Gold(Told):
    """An event as it should be shown: `dates` has the right one first and then others that will do."""

    dates: tuple[When, ...]
    until: Dates | None = None
    required: bool = True
    disputed: tuple[When, ...] = ()  # what some articles have wrong

    def dates_well(self, when: When) -> bool:
        values = {each.dates for each in self.dates}
        return day_month_or_year(when) in values and (self.until is None or when.until == self.until)

    def dates_finer(self, when: When) -> bool:
        return COARSEST_FIRST.index(when.precision) > max(COARSEST_FIRST.index(each.precision) for each in self.dates)

    def can_be(self, when: When) -> bool:
        """Tell whether a date and one that the articles give can both be true."""
        return any(overlap(each.window, when.window) for each in (*self.dates, *self.disputed))

    def fit(self, event: Event) -> tuple[bool, bool, int]:
        shared = documents(event) & self.documents
        return self.dates_well(event.when), self.is_named_in(event.claim.text), len(shared)


def day_month_or_year(when: When) -> Dates | None:
    return None if when.precision is Precision.UNKNOWN else when.dates


def overlap(one: Dates | None, other: Dates | None) -> bool:
    return one is None or other is None or (one.first <= other.last and other.first <= one.last)


Pair = tuple[Event, Gold]


@dataclass(frozen=True)
class Matching:
    """A timeline held against the gold of its articles."""

    found: tuple[Pair, ...]  # in the order of the timeline
    misdated: tuple[Pair, ...]
    missed: tuple[Gold, ...]
    extra: tuple[Event, ...]
    traps: tuple[Told, ...]

    @property
    def doubled(self) -> list[Event]:
        """List the extra events that are found already."""
        golds = [gold for _, gold in self.found]
        return [each for each in self.extra if any(gold.is_in(each) and gold.can_be(each.when) for gold in golds)]

    @property
    def fallen_for(self) -> list[Told]:
        """List the traps that are shown as events."""
        return [trap for trap in self.traps if any(map(trap.is_in, self.extra))]


def matching(events: Sequence[Event], gold: Sequence[Gold], traps: Sequence[Told] = ()) -> Matching:
    """Put each event with at most one gold event and the other way round."""
    told = [(event, one) for event in range(len(events)) for one in range(len(gold)) if gold[one].is_in(events[event])]
    told.sort(key=lambda pair: gold[pair[1]].fit(events[pair[0]]), reverse=True)
    found = one_to_one([pair for pair in told if gold[pair[1]].can_be(events[pair[0]].when)])
    shown, known = {event for event, _ in found}, {one for _, one in found}
    misdated = one_to_one([(event, one) for event, one in told if event not in shown and one not in known])
    return Matching(
        found=tuple((events[event], gold[one]) for event, one in found),
        misdated=tuple((events[event], gold[one]) for event, one in misdated),
        missed=tuple(each for one, each in enumerate(gold) if one not in known),
        extra=tuple(each for event, each in enumerate(events) if event not in shown),
        traps=tuple(traps),
    )


def one_to_one(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Choose pairs from the first on so that nothing is in two of them; return them in the order of the numbers."""
    chosen: dict[int, int] = {}
    for one, other in pairs:
        if one not in chosen and other not in chosen.values():
            chosen[one] = other
    return sorted(chosen.items())


def figures(matchings: Sequence[Matching]) -> dict[str, float]:
    """Compute what is measured over several timelines together; shares are of 1."""
    found = [pair for each in matchings for pair in each.found]
    dated = found + [pair for each in matchings for pair in each.misdated]
    missed = [gold for each in matchings for gold in each.missed]
    extra = [event for each in matchings for event in each.extra]
    neighbours = [pair for each in matchings for pair in pairwise(gold for _, gold in each.found)]
    required = sum(gold.required for _, gold in found)
    disputes = [event.disputed for event, gold in found if gold.disputed] + [() for gold in missed if gold.disputed]
    return {
        "recall": share(required, required + sum(gold.required for gold in missed)),
        "precision": share(len(found), len(found) + len(extra)),
        "dates right": share(sum(gold.dates_well(event.when) for event, gold in dated), len(dated)),
        "finer than the text": sum(gold.dates_finer(event.when) for event, gold in dated),
        "entries per event": 1 + share(sum(len(each.doubled) for each in matchings), len(found), of_none=0),
        "order right": share(sum(not is_before(later, earlier) for earlier, later in neighbours), len(neighbours)),
        "disputed found": share(sum(map(bool, disputes)), len(disputes)),
        "disputed falsely": sum(bool(event.disputed) for event, gold in found if not gold.disputed),
        "reports found": share(
            sum(len(documents(event) & gold.documents) for event, gold in found),
            sum(len(gold.documents) for _, gold in found),
        ),
        "reports falsely": sum(len(documents(event) - gold.documents) for event, gold in found),
        "traps shown": sum(len(each.fallen_for) for each in matchings),
    }


def share(part: int, whole: int, of_none: float = 1) -> float:
    return part / whole if whole else of_none


def documents(event: Event) -> frozenset[str]:
    return frozenset(each.source.document for each in event.claim.citations)


def is_before(one: Gold, other: Gold) -> bool:
    """Tell whether something was certainly over before another began."""
    first, second = one.dates[0].window, other.dates[0].window
    return bool(first and second and first.last < second.first)


# --- the planted corpora ----------------------------------------------------------------------------------------------


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--half", choices=HALVES)
    options.add_argument("--articles", type=Path, help="a folder of articles of your own, with --gold")
    options.add_argument("--gold", type=Path)
    options.add_argument("--show", action="store_true", help="print what is missed, misdated, extra")
    chosen = options.parse_args()
    if bool(chosen.articles) != bool(chosen.gold):
        options.error("--articles and --gold go together")
    if chosen.articles:
        report({chosen.articles.name: measured(chosen.articles, chosen.gold)}, show=chosen.show)
        return
    for half in [chosen.half] if chosen.half else HALVES:
        print(f"\n{half}")
        report({gold.stem: measured(gold.with_suffix(""), gold) for gold in corpora(half)}, show=chosen.show)


def corpora(half: str) -> list[Path]:
    return sorted((PLANTED / half).glob("*.jsonl"))


def measured(articles: Path, gold: Path) -> Matching:
    """Read articles into a store of their own and hold its timeline against the gold."""
    return matching(shown(articles), *planted(gold))


def planted(file: Path) -> tuple[list[Gold], list[Told]]:
    """Read the events and the traps of a corpus."""
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    wanted = [gold_of(record) for record in records if "never" not in record]
    return wanted, [Told(record["never"], *signs(record)) for record in records if "never" in record]


def gold_of(record: Record) -> Gold:
    values = [record["date"], *record.get("accepted", [])]
    return Gold(
        record["what"],
        *signs(record),
        dates=tuple(When(Dates.parse(value)) if value else unknown(record) for value in values),
        until=Dates.parse(record["until"]) if "until" in record else None,
        required=record.get("required", True),
        disputed=tuple(When(Dates.parse(value)) for value in record.get("disputed", [])),
    )


def unknown(record: Record) -> When:
    """Read the bounds of a date that is not known."""
    first, last = (record.get(name) for name in ("not_before", "not_after"))
    return When(None, first and date.fromisoformat(first), last and date.fromisoformat(last))


def signs(record: Record) -> tuple[frozenset[str], tuple[tuple[str, ...], ...]]:
    return frozenset(record["documents"]), tuple(map(tuple, record["keywords"]))


def shown(articles: Path) -> tuple[Event, ...]:
    with TemporaryDirectory() as data, open_store(settings(Path(data))) as store:
        ingest([str(articles)], store)
        return asyncio.run(Timelines(Retriever(store)).timeline()).events


def report(corpora: dict[str, Matching], *, show: bool) -> None:
    """Print the figures of each corpus in a column, and of all together in the last."""
    columns = [figures([each]) for each in corpora.values()] + [figures(list(corpora.values()))]
    print(f"{'':20}" + "".join(f"{name:>14}" for name in [*corpora, "all"]))
    for figure in columns[0]:
        print(f"{figure:20}" + "".join(f"{column[figure]:14.3g}" for column in columns))
    for name, each in corpora.items() if show else ():
        print(f"\n{name}")
        show_failures(each)


def show_failures(failures: Matching) -> None:
    for gold in failures.missed:
        print(f"  missed{'' if gold.required else ' (optional)'}: {when_in_words(gold.dates[0])}: {gold.what}")
    for event, gold in failures.misdated:
        print(f"  misdated: {when_in_words(event.when)} for {when_in_words(gold.dates[0])}: {event.claim.text}")
    for event, gold in failures.found:
        if not gold.dates_well(event.when):
            print(f"  inexact: {when_in_words(event.when)} for {when_in_words(gold.dates[0])}: {event.claim.text}")
        if bool(event.disputed) != bool(gold.disputed):
            print(f"  dispute {'missed' if gold.disputed else 'not there'}: {event.claim.text}")
        if foreign := [each for each in event.claim.citations if each.source.document not in gold.documents]:
            print(f"  merged: {event.claim.text}\n" + "\n".join(f"     with: {each.quote}" for each in foreign))
    for event in failures.extra:
        if any(event is misdated for misdated, _ in failures.misdated):
            continue
        kind = "double" if event in failures.doubled else "extra"
        trap = next((f" ({each.what})" for each in failures.traps if each.is_in(event)), "")
        print(f"  {kind}{trap}: {when_in_words(event.when)}: {event.claim.text}")


if __name__ == "__main__":
    main()
