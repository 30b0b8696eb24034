"""An answer in, the sentences a person reads out: the same words in the terminal, in JSON and in chat."""

from __future__ import annotations

from rag.schema import Answer, Basis, Checked, Citation, Claim, Ruling, Source

NOT_ANSWERED = "The articles do not answer this."
EXTRACT_NOTE = "In the articles' own sentences, chosen without a language model."


def spoken(answer: Answer) -> str:
    """Write an answer as one text: what it says, or that the articles do not say."""
    return abstention(answer) if answer.abstained else answer_text(answer)


def answer_text(answer: Answer) -> str:
    """Join the claims, each followed by the markers `[n]` of its citations; say what is not covered."""
    numbers = {citation: number for number, citation in enumerate(answer.citations, start=1)}
    sentences = [f"{claim.text} {markers(claim, numbers)}" for claim in answer.claims]
    return " ".join(sentences + [not_covered(part) for part in answer.unanswered])


def not_covered(part: str) -> str:
    """Say which part of a question the articles leave open."""
    return f"Not in the articles: {part.strip().rstrip('.')}."


def markers(claim: Claim, numbers: dict[Citation, int]) -> str:
    """Write the markers of a claim's citations: `[1]` or `[1][3]`."""
    return "".join(f"[{numbers[citation]}]" for citation in claim.citations)


def abstention(answer: Answer) -> str:
    """Say that the articles do not answer, and the nearest thing that they do say."""
    if answer.nearest is None:
        return NOT_ANSWERED
    nearest = shortened(answer.nearest.quote).strip('“”"')
    return f"{NOT_ANSWERED} The nearest they come to it ({outlet_and_date(answer.nearest.source)}): “{nearest}”"


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
    return f"{source.outlet}, {published(source)}"


def published(source: Source) -> str:
    """Write a publication date in words, never finer than it is known."""
    if source.published is None:
        return "date unknown"
    about = "about " if source.basis is Basis.INFERRED else ""
    return f"{about}{source.published.in_words()}"
