"""An article in, what its sentences tell of that happened out: who, where, what, and when. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from rag.conflicts.statements import Statement, Who, points_back, statements
from rag.facts.names import is_plain, name_key, names_in
from rag.facts.places import country_around
from rag.gate.meaning import is_faithful_cut
from rag.language.sentences import Span, paragraph_spans
from rag.schema import Article, Citation, Dates, Precision, When
from rag.timeline.dates import Anchor, Dated, dated, within
from rag.timeline.deeds import deeds, occasions
from rag.timeline.telling import DOUBTFUL, SURE, TOLD, Part, dateline, parts

NEWS_OF = timedelta(7)  # days before publication in which that lies of which a report of the day gives no day
FEWEST = 4  # words that a part of a sentence must have to be shown by itself
_BACKGROUND = re.compile(
    r"\b(?:previously|in the past|already|had (?:been|\w+ed)|long|years ago|recently|in recent|photos?|pictures?)\b",
    re.I,
)
_JOINT = r"(?:and|but|which|who|whom|where|when|while|so|or|as|before|after|because|since|although)"
_JOINED_BEFORE = re.compile(rf"^\W*{_JOINT}\b\s*", re.I)
_JOINED_BEHIND = re.compile(rf"(?:\W+{_JOINT}\W*|[\s,;:–—-]+)$", re.I)
_IN = re.compile(r"\b(?:in|at|near|outside|inside)\s(?:the\s)?$", re.I)
_SIGNATURE = re.compile(r"\s*[—–-][^\n]{1,80}\(@\w+\)[^\n]{1,40}")  # under an embedded post


@dataclass(frozen=True, eq=False)
class Happening:
    """A sentence of an article, or a part of it, that tells of something that happened, or is to happen."""

    clauses: tuple[Statement, ...]
    citation: Citation  # of the whole sentence
    text: str  # the sentence, perhaps cut
    when: When
    place: int  # of the sentence in its article, the first being 0
    telling: float = SURE  # how surely it tells of an event, from 0 to 1
    is_dated: bool = True  # a date stands in it
    home: tuple[Who, ...] = ()  # where its article is from, by the title or the dateline
    known: frozenset[str] = frozenset()  # keys of those whom its article names in full

    @property
    def document(self) -> str:
        return self.citation.source.document

    @cached_property
    def done(self) -> frozenset[str]:
        """Give what is done in it."""
        return frozenset(word for clause in self.clauses for _, word in deeds(clause.text))

    @cached_property
    def deeds(self) -> frozenset[str]:
        """Give what is done in it, and what takes place."""
        return self.done | {word for clause in self.clauses for _, word in occasions(clause.text)}

    @cached_property
    def names(self) -> tuple[Who, ...]:
        first, *others = self.clauses
        named = [who for who in first.names if who.start >= dateline(first.text)]
        return tuple(dict.fromkeys([*named, *(who for clause in others for who in clause.names)]))

    @cached_property
    def persons(self) -> tuple[Who, ...]:
        """Give those it names who are most likely people."""
        return tuple(who for who in self.people if who.key in self.known)

    @property
    def in_context(self) -> str:
        """Give its text, behind the sentence that it points back to: "It opened in May"."""
        back = self.clauses[0].leans_on[1:2] if points_back(self.text) else ()
        return " ".join([*(each.citation.quote for each in back), self.text])

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

    @cached_property
    def lent(self) -> frozenset[str]:
        """Give the words of what it points back to: "it", "the trial"."""
        return (
            frozenset().union(*(each.tokens for clause in self.clauses for each in clause.leans_on[1:])) - self.tokens
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """What tells when something was of which a sentence does not."""

    anchor: Anchor
    dates: tuple[Dated, ...]  # in its paragraph
    posted: Dates | None = None  # when what it quotes was posted

    def told_of(self, published: Dates) -> Dates | None:
        """Give the days that its paragraph tells of, if they are not those of the news."""
        known = [
            each.when.dates for each in self.dates if each.when.dates and each.when.precision is not Precision.YEAR
        ]
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
    signatures = [match.span() for match in _SIGNATURE.finditer(article.text)]
    home, known = _home(article), _persons(article.text)
    found: list[Happening] = []
    for place, (citation, clauses) in enumerate(sentences.items()):
        start, end = next(span for span in paragraphs if span[0] <= citation.start < span[1])
        inside = [
            replace(each, start=each.start - citation.start, end=each.end - citation.start)
            for each in within(dates, citation.start, citation.end)
        ]
        beside = tuple(each for each in within(dates, start, end) if not each.modifies)
        setting = Setting(anchor, beside, _posted(signatures, citation, dates))
        told = _told(citation, clauses, inside, setting, place)
        found += (replace(each, home=home, known=known) for each in told)
    return found


def _home(article: Article) -> tuple[Who, ...]:
    """Give the places that an article is about: those in its title, and that of its dateline."""
    title = Statement(Citation(article.source, 0, 0, ""), article.source.title)
    lead = next(
        (article.text[start:end] for start, end in paragraph_spans(article.text) if dateline(article.text[start:end])),
        "",
    )
    return (*title.places, *Statement(Citation(article.source, 0, 0, ""), lead[: dateline(lead)].title()).names)


def _persons(text: str) -> frozenset[str]:
    """Give the keys of those whom a text names in full, and nowhere as a place."""
    people, places = set(), set()
    for name in names_in(text):
        words = [word for word in name.words if not is_plain(word)]
        if words and _IN.search(text[max(0, name.start - 16) : name.start]):
            places.add(name_key(words[-1]))
        elif len(words) > 1 and not country_around(name.text):
            people.add(name_key(words[-1]))
    return frozenset(people - places)


def _posted(signatures: Sequence[Span], sentence: Citation, dates: Sequence[Dated]) -> Dates | None:
    """Give the date of the signature under an embedded post, if there is one in a sentence or behind it."""
    signature = next((span for span in signatures if sentence.start <= span[0] <= sentence.end), None)
    signed = within(dates, *signature) if signature else []
    return signed[0].when.dates if signed else None


def _told(
    citation: Citation, clauses: Sequence[Statement], dates: Sequence[Dated], setting: Setting, place: int
) -> Iterator[Happening]:
    divided = parts(citation.quote, clauses, [each for each in dates if not each.modifies])
    for part in divided:
        if part.telling < DOUBTFUL or (part.telling < TOLD and not part.dates):
            continue
        when = part.dates[0].when if part.dates else _undated(part, setting)
        text = _cut(citation.quote, part if len(divided) > 1 else None)
        yield Happening(part.clauses, citation, text, when, place, part.telling, bool(part.dates))


def _undated(part: Part, setting: Setting) -> When:
    """Bound what a report of the day tells without a day: it is news, unless its words say that it is not."""
    published = setting.posted or setting.anchor.published
    if published is None:
        return When(not_after=setting.anchor.not_after)
    if told := setting.told_of(published):
        return When(_unit(told.first, told.last), not_after=told.last, approximate=True)
    if _BACKGROUND.search(part.text):
        return When(not_after=published.last)
    if (published.last - published.first).days > NEWS_OF.days:
        return When(_unit(published.first, published.last), not_after=published.last, approximate=True)
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
    whole = quote[dateline(quote) :]
    if part is not None:
        piece = _JOINED_BEHIND.sub("", _JOINED_BEFORE.sub("", quote[part.start : part.end]))
        if is_faithful_cut(piece, quote) and len(piece.split()) >= FEWEST:
            return piece
    return whole if is_faithful_cut(whole, quote) else quote
