"""The nouns of Dateline: frozen values that every other module takes and returns. Nothing here does any work."""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Basis(StrEnum):
    """How a publication date is known."""

    STATED = "stated"  # given as such: front matter, metadata, a time stamp
    INFERRED = "inferred"  # worked out from the text; shown as approximate
    UNKNOWN = "unknown"


class Mode(StrEnum):
    """Who words the claims of an answer."""

    EXTRACTIVE = "extractive"
    OPENAI = "openai"


@dataclass(frozen=True, slots=True, order=True)
class Dates:
    """A span of days, both ends included: a day, a month, a year, or any range between two days."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Dates:
        """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Raises ValueError for anything else."""
        match = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text.strip(), re.ASCII)
        if match is None:
            raise ValueError(f"not a date: {text!r}")
        year, month, day = (int(part) if part else 0 for part in match.groups())
        first = date(year, month or 1, day or 1)
        if day:
            return cls(first, first)
        last_month = month or 12
        return cls(first, date(year, last_month, calendar.monthrange(year, last_month)[1]))

    def __str__(self) -> str:
        """ISO 8601 at the precision of the span: `2025-05-14`, `2025-05`, `2025`, or `first/last`."""
        for length in (10, 7, 4):
            text = self.first.isoformat()[:length]
            if Dates.parse(text) == self:
                return text
        return f"{self.first.isoformat()}/{self.last.isoformat()}"

    def in_words(self) -> str:
        """Write the span as people do: `14 May 2025`, `May 2025`, `2025`."""
        day = f"{self.first.day} " if self.first == self.last else ""
        if len(str(self)) == 4:
            return str(self)
        if "/" in str(self):
            return f"{Dates(self.first, self.first).in_words()} to {Dates(self.last, self.last).in_words()}"
        return f"{day}{calendar.month_name[self.first.month]} {self.first.year}"


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of an article besides its text. Its `document` is a file's name, `file.jsonl#17` or a URL."""

    document: str
    title: str = ""
    publisher: str = ""
    author: str = ""
    url: str = ""
    published: Dates | None = None
    basis: Basis = Basis.UNKNOWN
    origin: str = ""  # the outlet or site that a reprint or rewrite credits, which is not its publisher

    @property
    def outlet(self) -> str:
        """Name the publisher, or failing that the credited origin, or failing both the document."""
        return self.publisher or self.origin or self.document


@dataclass(frozen=True, slots=True)
class Article:
    """An article as people read it: its clean text, in which every character position below counts."""

    source: Source
    text: str

    @property
    def revision(self) -> str:
        """Hash everything that a reader or a search could see of this article: 32 hexadecimal digits."""
        return hashlib.sha256(repr((self.source, self.text)).encode("utf-8", "backslashreplace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an article's clean text: `article.text[start:end] == text`."""

    source: Source
    start: int
    end: int
    text: str
    score: float = 0.0  # by the retriever, higher is nearer; comparable within one result only

    @property
    def key(self) -> tuple[str, int, int]:
        """Identify the passage among all passages of a store."""
        return (self.source.document, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the asker limits the search to. `as_of` pretends that nothing published later exists."""

    since: Dates | None = None
    until: Dates | None = None
    as_of: Dates | None = None
    outlets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation; `role` is `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question as understood."""

    question: str  # as typed
    standalone: str  # the same, understandable without the conversation before it
    context_from: int | None = None  # where in `standalone` the question begins that this one follows up on
    filters: Filters = Filters()
    terms: tuple[str, ...] = ()  # what to look for word by word, with the spellings the corpus uses
    # each name in the question, as a tuple of the spellings the corpus uses for it (the asker's own first)
    names: tuple[tuple[str, ...], ...] = ()
    outlets: tuple[str, ...] = ()  # outlets of the corpus that the question mentions, for ranking, not for filtering
    period: Dates | None = None  # the time it asks about in words such as "last week", for ranking, not for filtering
    asked_on: date | None = None  # the day that such words are understood by: today, or that of `filters.as_of`
    newest: bool = False  # whether it asks how things stand now, or for the latest
    clock_words: tuple[str, ...] = ()  # words such as "last week", which no article of that time need say
    parts: tuple[str, ...] = ()  # what to search for besides the whole, where it asks about several things

    @property
    def sought(self) -> str:
        """What to look for: `standalone` with blanks in place of its clock words."""
        text = self.standalone
        for said in self.clock_words:
            text = re.sub(rf"(?<!\w){re.escape(said)}(?!\w)", " " * len(said), text)
        return text


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote from an article's clean text, `article.text[start:end] == quote`."""

    source: Source
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer and what it rests on.

    `attribution` is whose word it is, when the articles have it only on somebody's word, spelled as they do. Who passes
    it on comes behind who said it: "Araghchi, according to IRNA". The outlet that a claim is cited from is nobody's
    word; where a rewrite speaks of "the report", it is the origin that the rewrite credits.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    attribution: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A claim that did not pass the gate, and why, in words that complete "The claim …"."""

    claim: Claim
    reason: str
    repaired: bool = False  # whether the model mended it when told why


@dataclass(frozen=True, slots=True)
class Position:
    """What some sources say where others say something else."""

    says: str
    citations: tuple[Citation, ...]


class Relation(StrEnum):
    """How statements on one point that are not the same go together. Only the first two cannot both be true."""

    CONTRADICTION = "contradiction"
    CORRECTION = "correction"  # the later one says that the earlier one was wrong
    COARSER = "coarser"  # one says less precisely what the other says
    SUCCESSION = "succession"  # each was true in its time


@dataclass(frozen=True, slots=True)
class Conflict:
    """A point on which the cited sources say different things."""

    about: str
    positions: tuple[Position, ...]  # of a succession or correction, the earliest first
    relation: Relation = Relation.CONTRADICTION

    @property
    def disputed(self) -> bool:
        """Whether its positions cannot all be true."""
        return self.relation in (Relation.CONTRADICTION, Relation.CORRECTION)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a model was paid for. Zero without a model."""

    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.model or other.model,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost_usd + other.cost_usd,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question. Only `rag.answer.engine` makes one, from claims that passed `verify`."""

    query: Query
    mode: Mode
    claims: tuple[Claim, ...] = ()
    unanswered: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()  # contradictions and corrections
    changes: tuple[Conflict, ...] = ()  # successions: what was so, and what is so now
    passages: tuple[Passage, ...] = ()
    nearest: Citation | None = None  # when abstaining: the nearest thing the articles do say
    rejections: tuple[Rejection, ...] = ()  # what was to be claimed and did not pass the gate
    confidence: float | None = None  # that the passages answer, from 0 to 1; unknown if a model decides
    dating: str = ""  # what a reader who asked about a time should know of the dates ("No article is dated May 2025.")
    absent: tuple[str, ...] = ()  # whom the question says to have something from, and no article is by
    notice: str = ""  # what the reader should know of how it was made ("the model did not answer in time")
    usage: Usage = Usage()
    timings_ms: dict[str, float] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)  # of each cited document that is a rewrite, the original

    @property
    def abstained(self) -> bool:
        return not self.claims

    def reports(self, citations: Iterable[Citation]) -> dict[str, Source]:
        """Name the reports that citations come from by their originals, each with where it is cited from first."""
        sources = {each.source.document: each.source for each in citations}
        return {self.origins.get(document, document): sources[document] for document in reversed(sources)}

    @property
    def citations(self) -> tuple[Citation, ...]:
        """List each citation once, in order of first use: the one at index `i` has the number `i + 1`."""
        return distinct(citation for claim in self.claims for citation in claim.citations) + tuple(
            citation
            for citation in distinct(
                citation
                for conflict in (*self.conflicts, *self.changes)
                for position in conflict.positions
                for citation in position.citations
            )
            if not any(citation in claim.citations for claim in self.claims)
        )


def distinct(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """Drop repetitions, keeping the order of first use."""
    return tuple(dict.fromkeys(citations))


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class When:
    """When something happened, or is to happen, as far as a passage and the date of its article tell.

    `dates` is a day, a month or a year, and never finer than the passage supports; None if not even the year is known.
    The bounds are there where more is known than that: of "last week", or of a report without a date.
    """

    dates: Dates | None = None
    not_before: date | None = None
    not_after: date | None = None
    until: Dates | None = None  # the last day, month or year of what lasted; `dates` is its first
    approximate: bool = False  # it rests on a date that is itself inferred, or on words such as "around"
    expression: str = ""  # the words of the passage that tell it

    @property
    def precision(self) -> Precision:
        """Tell how exact `dates` is."""
        if self.dates is None:
            return Precision.UNKNOWN
        first, last = self.dates.first, self.dates.last
        if first == last:
            return Precision.DAY
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
            return Precision.YEAR
        a_month = first.day == 1 and (first.year, first.month) == (last.year, last.month)
        whole = last.day == calendar.monthrange(last.year, last.month)[1]
        return Precision.MONTH if a_month and whole else Precision.UNKNOWN

    @property
    def window(self) -> Dates | None:
        """Give the days on which it can have begun, or None if there is no end to them on either side."""
        firsts = [self.dates.first] if self.dates else []
        lasts = [self.dates.last] if self.dates else []
        first = max([*firsts, *([self.not_before] if self.not_before else [])], default=date.min)
        last = min([*lasts, *([self.not_after] if self.not_after else [])], default=date.max)
        return None if (first, last) == (date.min, date.max) else Dates(min(first, last), max(first, last))


@dataclass(frozen=True, slots=True)
class Dating:
    """Another date that some sources give for an event."""

    says: str  # as `Dates` writes it, or in the passage's words where these do not fix it
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, when, and who reports it. Its claim has passed the gate.

    The claim cites the passage it is worded after first, then one of each further article that reports the event.
    """

    claim: Claim
    when: When
    origins: int = 1  # independent reports: reprints and rewrites of one count as one
    disputed: tuple[Dating, ...] = ()  # what others say of the date that cannot also be true
    importance: float = 0.0  # higher is more; comparable within one timeline only


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened when, as the articles tell it, in the order of the dates."""

    topic: str
    events: tuple[Event, ...]
    mode: Mode = Mode.EXTRACTIVE
    found: int = 0  # events on the topic and in the period, of which a limit may have left some out
    filters: Filters = Filters()  # which articles were read
    since: Dates | None = None  # the period of the events
    until: Dates | None = None
    notice: str = ""  # what the reader must know of how it was made
    usage: Usage = Usage()

    @property
    def citations(self) -> tuple[Citation, ...]:
        """List what is cited, in the order of first use, each once: [1] is the first."""
        said: list[Citation] = []
        for event in self.events:
            said += event.claim.citations
            for dating in event.disputed:
                said += dating.citations
        return distinct(said)


class Ruling(StrEnum):
    """What comes of holding a statement against the articles; FEVER's supported, refuted and not enough info."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    MISSING = "not in the articles"


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement held against the articles. Where they disagree, some support it and others contradict it."""

    statement: str
    supporting: tuple[Citation, ...] = ()
    contradicting: tuple[Citation, ...] = ()
    reason: str = ""  # what the articles say instead, if they contradict it: "the article says 19 March 2023, not 2024"
    nearest: Citation | None = None  # when nothing bears on it: the nearest thing the articles do say

    @property
    def ruling(self) -> Ruling:
        if self.supporting:
            return Ruling.SUPPORTED
        return Ruling.CONTRADICTED if self.contradicting else Ruling.MISSING

    @property
    def disputed(self) -> bool:
        """Whether the articles disagree about it."""
        return bool(self.supporting and self.contradicting)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """List what to show beside it, what the ruling rests on first."""
        return distinct((*self.supporting, *self.contradicting)) or (() if self.nearest is None else (self.nearest,))
