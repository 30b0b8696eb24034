"""Two invented articles, cases about them, and answers' records, for tests that need no store."""

from __future__ import annotations

from rag.evaluation.cases import Case, Span
from rag.evaluation.run import Outcome
from rag.records import Record, answer_record
from rag.schema import Answer, Citation, Claim, Conflict, Mode, Passage, Position, Query, Rejection, Source, Usage

OPENED = "The ferry to Lund opened on 3 June 2024, harbour director Mara Holt said."
COST = "It cost 48 million euros."
PAID = "Norway paid 30 million, and Denmark 18 million."
LATER = "The ferry to Lund opened on 5 June 2024, the island council wrote."
FREE = Usage()
CAPTAIN = "Its first captain was Émile Sörby."
TEXTS = {"harbour.md": f"{OPENED} {COST}\n\n{PAID}", "island.md": f"{LATER}\n\n{CAPTAIN}"}


def home(quote: str) -> str:
    """Name the article that has a quote."""
    return next(document for document, text in TEXTS.items() if quote in text)


def citation(quote: str) -> Citation:
    start = TEXTS[home(quote)].index(quote)
    return Citation(Source(home(quote), publisher="Coast Courier"), start, start + len(quote), quote)


def passage(quote: str) -> Passage:
    """Make a passage of the paragraph that has a quote."""
    text = TEXTS[home(quote)]
    paragraph = next(each for each in text.split("\n\n") if quote in each)
    start = text.index(paragraph)
    return Passage(Source(home(quote)), start, start + len(paragraph), paragraph, 0.5)


def claim(text: str, *quotes: str) -> Claim:
    """Make a claim that cites quotes, itself if none are given."""
    return Claim(text, tuple(map(citation, quotes or (text,))))


def rejected(text: str, *quotes: str) -> Rejection:
    return Rejection(claim(text, *quotes), "says more than its quotes")


def conflict(*positions: tuple[str, ...]) -> Conflict:
    """Make a conflict of positions, each given by its quotes."""
    return Conflict("when", tuple(Position("that", tuple(map(citation, quotes))) for quotes in positions))


def answered(
    *claims: Claim,
    found: tuple[str, ...] = (),
    rejections: tuple[Rejection, ...] = (),
    conflicts: tuple[Conflict, ...] = (),
    confidence: float | None = 0.5,
    notice: str = "",
    unanswered: tuple[str, ...] = (),
    usage: Usage = FREE,
    milliseconds: float = 10.0,
) -> Record:
    """Make the record of an answer, an abstention without claims; `found` has a quote of each passage."""
    answer = Answer(
        query=Query("When?", "When?"),
        mode=Mode.EXTRACTIVE,
        claims=claims,
        unanswered=unanswered,
        conflicts=conflicts,
        passages=tuple(map(passage, found)),
        rejections=rejections,
        confidence=confidence,
        notice=notice,
        usage=usage,
        timings_ms=dict.fromkeys(("retrieve", "answer", "verify", "total"), milliseconds),
    )
    return answer_record(answer, "q")


def hop(*quotes: str) -> tuple[Span, ...]:
    return tuple(Span(home(quote), quote) for quote in quotes)


WHEN = Case("when", "date", "When did the ferry open?", answers=(("3 June", "June 3"),), support=(hop(OPENED),))
BOTH = Case(
    "both",
    "multi-hop",
    "When did the ferry open, and at what cost?",
    answers=(("3 June",), ("48 million",)),
    support=(hop(OPENED), hop(COST)),
)
SIDES = Case(
    "sides",
    "conflict",
    "On which day did the ferry open?",
    answers=(("3 June",), ("5 June",)),
    support=(hop(OPENED), hop(LATER)),
    conflict=True,
)
PREMISE = Case(
    "premise",
    "false-premise",
    "Why was the ferry to Lund free?",
    answers=(("48 million",),),
    support=(hop(COST),),
    either=True,
)
UNKNOWN = Case("unknown", "unanswerable", "What colour is the ferry?", answerable=False)
DRAFT = Case("draft", "feedback", "Who was the captain?", draft=True)


def outcome(case: Case, *claims: Claim, found: tuple[str, ...] = (OPENED,)) -> Outcome:
    return Outcome(case, answered(*claims, found=found))
