"""Timelines for tests: a few events in short, and hypothesis strategies for any timeline that there can be."""

from __future__ import annotations

from hypothesis import strategies as st

from rag.schema import (
    Basis,
    Citation,
    Claim,
    Dates,
    Dating,
    Event,
    Filters,
    Mode,
    Source,
    Timeline,
    Usage,
    When,
)
from tests.strange import filters, spans, texts

COURIER = Source(
    "ferry.md", "Ferry line opens", "Coast Courier", url="https://coast.example/ferry",
    published=Dates.parse("2024-06-04"), basis=Basis.STATED,
)  # fmt: skip
OBSERVER = Source("tarn.txt", "A harbour reopens", "Tarn Observer", url="https://tarn.example/harbour?a=1&b=2")
OPENED = "Harbour director Marit Solvang opened the ferry line."


def cited(quote: str = OPENED, source: Source = COURIER) -> Citation:
    return Citation(source, 100, 100 + len(quote), quote)


def event(when: str | When = "2024-06-03", text: str = OPENED, *further: Citation, disputed: str = "") -> Event:
    """Make an event of a date, reported by the Courier; what else it is `disputed` to have been, the Observer says."""
    dated = When(Dates.parse(when)) if isinstance(when, str) else when
    datings = (Dating(disputed, (cited("It opened a day later.", OBSERVER),)),) if disputed else ()
    claim = Claim(text, (cited(text), *further))
    return Event(claim, dated, len({each.source.document for each in claim.citations}), datings)


days = st.dates()
dates = st.builds(lambda day, length: Dates.parse(day.isoformat()[:length]), days, st.sampled_from([4, 7, 10]))
whens = st.builds(
    When,
    dates=st.none() | dates,
    not_before=st.none() | days,
    not_after=st.none() | days,
    until=st.none() | dates,
    approximate=st.booleans(),
    expression=texts,
)
sources = st.builds(Source, texts, texts, texts, texts, texts, spans, st.sampled_from(Basis), texts)
citations = st.builds(Citation, sources, st.integers(0, 10**6), st.integers(0, 10**6), texts)
cited_by = st.lists(citations, min_size=1, max_size=3, unique=True).map(tuple)
events = st.builds(
    Event,
    claim=st.builds(Claim, texts, cited_by, texts),
    when=whens,
    origins=st.integers(1, 9),
    disputed=st.lists(st.builds(Dating, texts, cited_by), max_size=2).map(tuple),
    importance=st.floats(0, 100),
)
timelines = st.builds(
    Timeline,
    topic=texts,
    events=st.lists(events, max_size=4).map(tuple),
    mode=st.sampled_from(Mode),
    found=st.integers(0, 99),
    filters=filters | st.just(Filters()),
    since=spans,
    until=spans,
    notice=texts,
    usage=st.builds(Usage, texts, st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 10)),
)
