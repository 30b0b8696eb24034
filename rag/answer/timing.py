"""A query that speaks of a time and what was found for it in; what to answer from, and what to say of it, out. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from rag.answer.examine import Finding
from rag.answer.wording import published
from rag.language.sentences import sentence_spans
from rag.retrieve.timely import fits, is_from, last_day, newest
from rag.schema import Citation, Dates, Passage, Query, Source

# how much worse than the best sentence one may score that is preferred for its date; of the 24 planted questions (dev)
# that are to be answered .05 answers 17, .1 19, .15 and .2 21
NEAR_ENOUGH = 0.15
OPENINGS = 5  # articles in the answer to "what happened last week?"
RECENT = 7  # days for which an answer on how things stand needs no date


def timely(query: Query, findings: Sequence[Finding]) -> Sequence[Finding]:
    """Keep the sentences of the time asked about, or the newest, if they bear on the question as the best do."""
    bearing = [finding for finding in findings if bears_like(finding, findings[0])]
    if query.period:
        of_then = [finding for finding in findings if fits(query.period, finding.text, finding.passage.source)]
        if any(finding in of_then for finding in bearing):
            return of_then
    if query.newest and (latest := newest(finding.passage.source for finding in bearing)):
        return [finding for finding in findings if last_day(finding.passage.source) == last_day(latest)]
    return findings


def openings(query: Query, passages: Sequence[Passage]) -> list[Citation]:
    """Cite the first sentence of passages, but for their titles; only of the time that the query names, if it does."""
    kept = [each for each in passages if query.period is None or query.newest or is_from(query.period, each.source)]
    return [opening for passage in kept[:OPENINGS] for opening in islice(_sentences(passage), 1)]


def _sentences(passage: Passage) -> Iterator[Citation]:
    for start, end in sentence_spans(passage.text):
        if (quote := passage.text[start:end]) != passage.source.title:
            yield Citation(passage.source, passage.start + start, passage.start + end, quote)


def bears_like(finding: Finding, best: Finding) -> bool:
    """Tell whether a sentence bears on the question about as well as the best does."""
    return finding.score >= best.score - NEAR_ENOUGH and (finding.offers or not best.offers)


def dating(query: Query, citations: Sequence[Citation], sources: Collection[Source]) -> str:
    """Say what a reader who asked about a time should know of the dates; "" if an answer is as recent as they expect.

    `sources` are articles that could have been cited: some of the period asked about, if there are any, and the newest.
    """
    if query.period and not query.newest:
        return out_of_time(query.period, citations, sources)
    latest = newest(citation.source for citation in citations) if query.newest else None
    if latest and query.asked_on and (query.asked_on - last_day(latest)).days > RECENT:
        return f"The newest article found on this is dated {published(latest)}."
    return ""


def out_of_time(period: Dates, citations: Sequence[Citation], sources: Collection[Source]) -> str:
    """Say that nothing, or nothing of what is cited, is from a period."""
    if any(fits(period, citation.quote, citation.source) for citation in citations):
        return ""
    if any(is_from(period, source) for source in sources):
        return f"None of this is dated {period.in_words()}." if citations else ""
    latest = newest(sources)
    return f"No article is dated {period.in_words()}" + (
        f"; the newest is dated {published(latest)}." if latest else "."
    )
