"""A query that speaks of a time, and a source or a text, in; how well they go together out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from rag.facts import dates_in
from rag.language.words import content_stems, stem
from rag.schema import Dates, Passage, Query, Source

# of scores from 0 to 2; with half or double of either the planted questions (dev) are answered alike
PERIOD_BONUS = 0.2  # for a passage of the time that the question speaks of
NEWEST_BONUS = 0.2  # for a passage of today, if the question asks for the newest; half of it for one of a year ago
HALF_LIFE = 365  # days
NOTHING_ELSE = frozenset(map(stem, "article event happen headline new news occur report story update".split()))
SOMETHING = re.compile(r"\b(?:who|whom|whose|where|when|why)\b", re.IGNORECASE)


def bonus(query: Query, passage: Passage) -> float:
    """Prefer the time that a question speaks of; nothing for a question that speaks of none."""
    source, worth = passage.source, 0.0
    if query.period and fits(query.period, passage.text, source):
        worth += PERIOD_BONUS
    if query.newest and query.asked_on and source.published:
        worth += NEWEST_BONUS * 0.5 ** (max((query.asked_on - source.published.last).days, 0) / HALF_LIFE)
    return worth


def is_open(query: Query) -> bool:
    """Tell whether a question names a time and nothing else: "what happened last week?", "the latest news"."""
    if not query.clock_words or SOMETHING.search(query.sought):
        return False
    return NOTHING_ELSE.issuperset(content_stems(query.sought))


def fits(period: Dates, text: str, source: Source) -> bool:
    """Tell whether a text was published in a period, or tells of a day in it. One of unknown date never does."""
    return is_from(period, source) or tells_of(period, text, source)


def is_from(period: Dates, source: Source) -> bool:
    """Tell whether an article was published in a period, or rather in it than not if its date is coarse."""
    if source.published is None:
        return False
    first, last = max(source.published.first, period.first), min(source.published.last, period.last)
    return 2 * length(first, last) >= length(source.published.first, source.published.last)


def tells_of(period: Dates, text: str, source: Source) -> bool:
    """Tell whether a text names a date in a period, as it was understood on the day of publication."""
    if source.published is None:
        return False
    told = (mention.seen_from(source.published).dates for mention in dates_in(text))
    return any(dates and period.first <= dates.first and dates.last <= period.last for dates in told)


def length(first: date, last: date) -> int:
    """Count the days from one to another, both included; 0 if they are in the wrong order."""
    return max((last - first).days + 1, 0)


def newest(sources: Iterable[Source]) -> Source | None:
    """Find the article that was published last; None if no date is known."""
    dated = [source for source in sources if source.published]
    return max(dated, key=last_day, default=None)


def last_day(source: Source) -> date:
    """Give the last day on which an article may have been published; the first there is if no date is known."""
    return source.published.last if source.published else date.min
