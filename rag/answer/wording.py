"""An answer in, the sentences a person reads out: the same words in the terminal, in JSON and in chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rag.language.words import content_stems
from rag.schema import Answer, Basis, Checked, Citation, Claim, Conflict, Dating, Position, Relation, Ruling, Source

NOT_ANSWERED = "The articles do not answer this."
LONGEST_NAME = 60  # characters
EXTRACT_NOTE = "In the articles' own sentences, chosen without a language model."


def spoken(answer: Answer) -> str:
    """Write an answer as one text: what it says, or that the articles do not say."""
    return abstention(answer) if answer.abstained else answer_text(answer)


def answer_text(answer: Answer) -> str:
    """Join the claims, each followed by the markers `[n]` of its citations; say what is disputed, and not covered."""
    numbers = {citation: number for number, citation in enumerate(answer.citations, start=1)}
    sentences = [f"{stated(claim)} {markers(claim, numbers)}{spread(claim, answer)}" for claim in answer.claims]
    sentences += filter(None, [remarks(answer)])
    sentences += [differing(each, numbers) for each in (*answer.conflicts, *answer.changes)]
    return " ".join(sentences + [not_covered(part) for part in answer.unanswered])


def remarks(answer: Answer) -> str:
    """Say which of the sources asked about are not here, and what to know of the dates; nothing if there is nothing."""
    return " ".join(filter(None, (absence(answer.absent), answer.dating)))


def absence(names: Sequence[str]) -> str:
    """Say that nothing here is by whom a question names as a source."""
    shown = [shortened(name, LONGEST_NAME) for name in names]
    return f"No article here is by {' or '.join(filter(None, (', '.join(shown[:-1]), shown[-1])))}." if shown else ""


def stated(claim: Claim) -> str:
    """Write what a claim says, led by whose word it is if its own text does not name them all.

    A claim in other words than the article's may name the outlet instead, which has it from them.
    """
    named, told = (frozenset(content_stems(text)) for text in (claim.attribution, claim.text))
    is_quote = any(citation.quote in claim.text for citation in claim.citations)
    if named <= told | {"accord"} or (not is_quote and any(map(told.issuperset, outlets_of(claim)))):
        return claim.text
    said_by = claim.attribution.replace(", according to ", ", as reported by ")
    answer, _, rest = claim.text.partition(": ")
    if answer in ("Yes", "No"):
        return f"{answer}, according to {said_by}: {rest}"
    return f"According to {said_by}: {claim.text}"


def outlets_of(claim: Claim) -> Iterator[list[str]]:
    """Yield the words of the name of each outlet that a claim cites."""
    for citation in claim.citations:
        yield from filter(None, map(content_stems, (citation.source.publisher, citation.source.origin)))


def spread(cited: Claim | Position, answer: Answer) -> str:
    """Say how many outlets report something, each of their own: ` (2 outlets)`; nothing if it is only one."""
    outlets = {source.outlet for source in answer.reports(cited.citations).values()}
    return f" ({len(outlets)} outlets)" if len(outlets) > 1 else ""


def differing(conflict: Conflict, numbers: Mapping[Citation, int]) -> str:
    """Write a point on which the sources say different things as one sentence, with markers."""
    said = "; ".join(f"{says} {markers(each, numbers)} ({reporters(each.citations)})" for says, each in sides(conflict))
    return f"{pointed_out(conflict)}: {said}."


def pointed_out(conflict: Conflict) -> str:
    """Say in what way the sources say different things, and about what."""
    return {
        Relation.CONTRADICTION: "The sources disagree on {}",
        Relation.CORRECTION: "Corrected since: {}",
        Relation.COARSER: "More and less precisely: {}",
        Relation.SUCCESSION: "This changed: {}",
    }[conflict.relation].format(conflict.about)


def sides(conflict: Conflict) -> Iterator[tuple[str, Position]]:
    """Write what each position says, or what was said and what is now, where one took the place of the other."""
    follow_on = conflict.relation in (Relation.SUCCESSION, Relation.CORRECTION)
    for number, position in enumerate(conflict.positions, start=1):
        when = "" if not follow_on else "now " if number == len(conflict.positions) else "was "
        yield f"{when}{position.says}", position


def reporters(citations: Iterable[Citation]) -> str:
    """Name the articles that say so: `WANA, 14 May 2025; Shafaq News, 21 October 2025`."""
    return "; ".join(dict.fromkeys(outlet_and_date(citation.source) for citation in citations))


def not_covered(part: str) -> str:
    """Say which part of a question the articles leave open."""
    return f"Not in the articles: {part.strip().rstrip('.')}."


def markers(cited: Claim | Position | Dating, numbers: Mapping[Citation, int]) -> str:
    """Write the markers of the citations of a claim, a position or a date: `[1]` or `[1][3]`."""
    return "".join(f"[{numbers[citation]}]" for citation in cited.citations)


def abstention(answer: Answer) -> str:
    """Say that the articles do not answer, and the nearest thing that they do say."""
    said = " ".join(filter(None, (NOT_ANSWERED, remarks(answer))))
    if answer.nearest is None:
        return said
    nearest = shortened(answer.nearest.quote).strip('“”"')
    return f"{said} The nearest they come to it ({outlet_and_date(answer.nearest.source)}): “{nearest}”"


NOTHING_TO_CHECK = "There is nothing to check in that: it states nothing."


def ruled(checked: Checked) -> str:
    """Say what the articles make of a statement."""
    if checked.disputed:
        return f"The articles disagree: one bears it out, but {instead(checked)}."
    if checked.ruling is Ruling.CONTRADICTED:
        return f"Contradicted: {checked.reason}."
    return f"{checked.ruling.capitalize()}."


def instead(checked: Checked) -> str:
    """Say what an article says instead of a statement; another one, if one bears the statement out."""
    return checked.reason.replace("the article", "another", 1) if checked.disputed else checked.reason


def shortened(quote: str, limit: int = 160) -> str:
    """Cut a quote at a word, and show that it is cut."""
    return quote if len(quote) <= limit else f"{quote[:limit].rsplit(' ', 1)[0]} …"


def counted(number: int, noun: str) -> str:
    """Write a number of things: `1 article`, `2 articles`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def outlet_and_date(source: Source) -> str:
    """Name an article as a reader would: `Shafaq News, 21 October 2025`; an inferred date is marked `about`."""
    return f"{outlet(source)}, {published(source)}"


def outlet(source: Source) -> str:
    """Name the outlet of an article; of a rewrite whose publisher is unknown, whom it follows: `after jpost.com`."""
    return f"after {source.origin}" if source.origin and not source.publisher else source.outlet


def published(source: Source) -> str:
    """Write a publication date in words, never finer than it is known."""
    if source.published is None:
        return "date unknown"
    about = "about " if source.basis is Basis.INFERRED else ""
    return f"{about}{source.published.in_words()}"
