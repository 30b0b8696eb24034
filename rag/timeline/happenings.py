"""An article in, what its sentences tell of that happened out: who, where, what, and when. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from rag.conflicts.statements import Statement, Who, statements
from rag.gate.meaning import is_faithful_cut
from rag.language.sentences import paragraph_spans
from rag.schema import Article, Citation, Dates, When
from rag.timeline.dates import Anchor, Dated, dated, within
from rag.timeline.deeds import GATHERING, deeds, has_verb, is_lasting, is_open, is_said, is_to_come, occasions

NEWS_OF = timedelta(7)  # days before publication in which that lies of which a report of the day gives no day
LONGEST = 260  # characters of a sentence that is shown whole if it can be cut
# how surely a sentence tells of something that happened, from 0 to 1
SURE, LIKELY, UNDATED, DOUBTFUL = 1.0, 0.8, 0.6, 0.3
TOLD = 0.5  # from here on it is an event
_DATELINE = re.compile(r"^(?:[A-Z][\w.’'-]*,?\s(?:\([^)]{1,60}\)\s)?){1,5}(?:\([^)]{1,60}\)\s)?[–—-]\s")
_BACKGROUND = re.compile(
    r"\b(?:previously|in the past|already|had (?:been|\w+ed)|long|years ago|recently|in recent)\b", re.I
)
_JOINT = r"(?:and|but|which|who|whom|where|when|while|so|or|as|before|after|because|since|although)"
_JOINED_BEFORE = re.compile(rf"^\W*{_JOINT}\b\s*", re.I)
_JOINED_BEHIND = re.compile(rf"\W+{_JOINT}?\W*$", re.I)
_SIGNATURE = re.compile(r"\s*[—–-][^\n]{1,80}\(@\w+\)[^\n]{1,40}")  # under an embedded post
_FIRST_PERSON = re.compile(r"\b(?:I|we|us|our|ours|my|me)\b", re.I)
SUBJECT = 24  # characters at most between a name and what is done by it
_ELABORATES = re.compile(
    r"^\W*(?:he|she|they|it|both|this|these|that|those|the (?:\w+ )?(?:meetings?|talks|discussions?|statement|parties"
    r"|men|sides|two|pair|visit|report)|during the (?:meeting|talks|visit))\b",
    re.I,
)


@dataclass(frozen=True, eq=False)
class Happening:
    """A sentence of an article, or a part of it, that tells of something that happened, or is to happen."""

    clauses: tuple[Statement, ...]
    citation: Citation  # of the whole sentence
    text: str  # the sentence, perhaps cut
    when: When
    place: int  # of the sentence in its article, the first being 0
    telling: float = SURE  # how surely it tells of an event, from 0 to 1
    is_dated: bool = True  # a date stands in it, or in the one before that it points back to

    @property
    def document(self) -> str:
        return self.citation.source.document

    @cached_property
    def deeds(self) -> frozenset[str]:
        """Give what is done in it, and what takes place."""
        return frozenset(word for clause in self.clauses for _, word in (*deeds(clause.text), *occasions(clause.text)))

    @cached_property
    def names(self) -> tuple[Who, ...]:
        return tuple(dict.fromkeys(who for clause in self.clauses for who in clause.names))

    @cached_property
    def people(self) -> tuple[Who, ...]:
        """Give whom or what it names besides countries and places."""
        places = {who.key for who in self.places}
        return tuple(who for who in self.names if not who.country and who.key not in places)

    @cached_property
    def places(self) -> tuple[Who, ...]:
        return tuple(dict.fromkeys(who for clause in self.clauses for who in clause.places))

    @cached_property
    def tokens(self) -> frozenset[str]:
        return frozenset().union(*(clause.tokens for clause in self.clauses))


@dataclass(frozen=True, slots=True)
class Part:
    """Clauses of a sentence that stand next to each other, and the dates in them."""

    start: int  # in the sentence
    end: int
    clauses: tuple[Statement, ...]
    dates: tuple[Dated, ...]

    @property
    def text(self) -> str:
        return "".join(clause.text for clause in self.clauses)


@dataclass(frozen=True, slots=True)
class Setting:
    """What tells when something was of which a sentence does not."""

    anchor: Anchor
    dates: tuple[Dated, ...]  # in its paragraph
    posted: Dates | None = None  # when what it quotes was posted

    def told_of(self, published: Dates) -> Dates | None:
        """Give the days that its paragraph tells of, if they are not those of the news."""
        known = [each.when.dates for each in self.dates if each.when.dates]
        past = [each for each in known if each.last < max(published.first, date.min + NEWS_OF) - NEWS_OF]
        if not past:
            return None
        return Dates(min(each.first for each in past), max(each.last for each in past))


def happenings(article: Article, not_before: date | None = None) -> list[Happening]:
    """Read an article; `not_before` is the day before which it was not written, if it is undated."""
    anchor = Anchor.of(article.source, not_before)
    dates = dated(article.text, anchor)
    sentences: dict[Citation, list[Statement]] = {}
    for clause in statements(article, not_before):
        sentences.setdefault(clause.citation, []).append(clause)
    paragraphs = paragraph_spans(article.text)
    found: list[Happening] = []
    for place, (citation, clauses) in enumerate(sentences.items()):
        start, end = next(span for span in paragraphs if span[0] <= citation.start < span[1])
        inside = [
            replace(each, start=each.start - citation.start, end=each.end - citation.start)
            for each in within(dates, citation.start, citation.end)
        ]
        setting = Setting(anchor, tuple(within(dates, start, end)), _posted(article.text, citation.end, dates))
        found += _told(citation, clauses, inside, setting, place)
    return found


def _posted(text: str, end: int, dates: Sequence[Dated]) -> Dates | None:
    """Give the date of the signature under an embedded post, if there is one behind a sentence."""
    signature = _SIGNATURE.match(text, end)
    signed = within(dates, *signature.span()) if signature else []
    return signed[0].when.dates if signed else None


def _told(
    citation: Citation, clauses: Sequence[Statement], dates: Sequence[Dated], setting: Setting, place: int
) -> Iterator[Happening]:
    parts = list(_parts(clauses, [each for each in dates if not each.modifies]))
    for part in parts:
        telling = _telling(part, citation)
        if telling < DOUBTFUL or (telling < TOLD and not part.dates):
            continue
        when = part.dates[0].when if part.dates else _undated(part, setting)
        text = _cut(citation.quote, part if len(parts) > 1 else None)
        yield Happening(part.clauses, citation, text, when, place, telling, bool(part.dates))


def _parts(clauses: Sequence[Statement], dates: Sequence[Dated]) -> Iterator[Part]:
    """Divide a sentence so that no part has two dates, or a deed that its date may not be of."""
    gathered: list[Part] = []
    start = 0
    for clause in clauses:
        end = start + len(clause.text)
        own = tuple(each for each in dates if start <= each.start < end)
        part = Part(start, end, (clause,), own)
        if gathered and not _stands_alone(part, gathered[-1]):
            last = gathered.pop()
            part = Part(last.start, end, (*last.clauses, clause), (*last.dates, *own))
        gathered.append(part)
        start = end
    yield from gathered


def _stands_alone(part: Part, before: Part) -> bool:
    """Tell whether a clause tells an event of its own, and so does what stands before it."""
    told = [deeds(each.text) for each in (before, part)]
    if part.dates and before.dates:
        return True
    return bool(all(told) and (part.dates or before.dates) and before.clauses[-1].names and part.clauses[0].names)


def _telling(part: Part, citation: Citation) -> float:
    """Weigh by its words whether a part of a sentence tells of an event."""
    done = deeds(part.text)
    return _telling_dated(part, bool(done)) if part.dates else _telling_undated(part, done, citation.quote)


def _telling_dated(part: Part, done: bool) -> float:
    text = part.text
    if not has_verb(text) and not done and not occasions(text):
        return 0.0
    if not done and (is_lasting(text) or is_said(text, len(text))):
        return DOUBTFUL
    if is_open(text) and not is_to_come(text):
        return TOLD if done else DOUBTFUL
    return SURE if done else LIKELY if occasions(text) else TOLD


def _telling_undated(part: Part, done: Sequence[tuple[int, str]], quote: str) -> float:
    text = part.text
    if not done or is_lasting(text) or is_open(text) or is_to_come(text) or _is_a_view(part, quote):
        return 0.0
    first, gathers = done[0][0], any(word == GATHERING for _, word in done)
    if (_ELABORATES.match(text) and not _has_subject(part, first)) or (is_said(text, first) and not gathers):
        return 0.0
    named = {who.key for clause in part.clauses for who in clause.names if not who.is_modifier}
    return UNDATED if len(named) >= 2 else 0.0


def _has_subject(part: Part, deed: int) -> bool:
    """Tell whether a name stands close before a deed."""
    first = part.clauses[0]
    return any(0 <= deed - who.end <= SUBJECT for who in first.names)


def _is_a_view(part: Part, quote: str) -> bool:
    """Tell whether somebody is quoted in the first person."""
    opened = quote[: part.start + 2].count("“") > quote[: part.start].count("”")
    return opened and _FIRST_PERSON.search(part.text) is not None


def _undated(part: Part, setting: Setting) -> When:
    """Bound what a report of the day tells without a day: it is news, unless its words say that it is not."""
    published = setting.posted or setting.anchor.published
    if published is None:
        return When(not_before=setting.anchor.not_before, not_after=setting.anchor.not_after)
    if told := setting.told_of(published):
        return When(_unit(told.first, told.last), not_after=told.last, approximate=True)
    if (published.last - published.first).days > NEWS_OF.days or _BACKGROUND.search(part.text):
        return When(not_after=published.last)
    first, last = max(published.first, date.min + NEWS_OF) - NEWS_OF, published.last
    return When(_unit(first, last), first, last, approximate=True)


def _unit(first: date, last: date) -> Dates | None:
    """Give the month that two days lie in, or failing that the year."""
    for text in (f"{first.year:04d}-{first.month:02d}", f"{first.year:04d}"):
        dates = Dates.parse(text)
        if last <= dates.last:
            return dates
    return None


def _cut(quote: str, part: Part | None) -> str:
    """Show a sentence without its dateline, or of a sentence that tells several things the part that tells one."""
    dateline = _DATELINE.match(quote)
    whole = quote[dateline.end() :] if dateline else quote
    if part is not None:
        piece = _JOINED_BEHIND.sub("", _JOINED_BEFORE.sub("", quote[part.start : part.end]))
        if is_faithful_cut(piece, quote) and len(piece.split()) >= 4:
            return piece
    return whole if is_faithful_cut(whole, quote) else quote
