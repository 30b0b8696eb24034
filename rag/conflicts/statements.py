"""An article in, what its sentences state out: clause by clause, with who, when, and what can be held against others.

Pure. A clause that says "he", "that evening" or "the bridge" takes over what the text before it said of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from rag.conflicts.vocabulary import REPEATABLE, REPORTING, ROLE_WORDS, canonical, is_act
from rag.facts import DateMention, Name, Number, dates_in, name_key, names_in, quantities
from rag.facts.names import WORD, bare, is_plain
from rag.facts.places import country_around, country_of
from rag.facts.vocabulary import CALENDAR, ROLES
from rag.facts.vocabulary import FUNCTION_WORDS as SMALL_WORDS
from rag.language.sentences import paragraph_spans, sentence_spans
from rag.language.words import FUNCTION_WORDS, words
from rag.schema import Article, Citation, Dates

NEWS_OF = timedelta(14)  # days before publication in which that lies of which a report gives no day
LEAD = 600  # characters of an article that tell what it is about
LONGEST = 500  # characters of a sentence; what is longer was a list or a table
LOOKED_BACK = 6  # sentences in which "the bridge" may have been introduced

_LITTLE = FUNCTION_WORDS | SMALL_WORDS | CALENDAR | frozenset(
    """
    according article held hold holds place report reported reports said say saying says take taken takes told took
    further meanwhile mr mrs dr morning afternoon evening night dawn noon midday along together separate separately
    alongside ago year years
    """.split()
)  # fmt: skip
_UNSAID = _LITTLE | ROLE_WORDS
_SAID_BEHIND = re.compile(rf",\s+(?:[^,]{{0,80}}?\b{REPORTING}\b|according to|as reported by)[^,]*[.”\"]*$")
_SAID_BEFORE = re.compile(
    rf"^(?:According to [^,]+,|[^,]{{0,90}}?\b{REPORTING}\b[^,]{{0,24}}? that\b"
    r"|[^,]{0,90}?\bsa(?:id|ys)\b(?=\s(?:the|an?|it|its|they|their|he|she|his|her)\b))",
    re.I,
)
_CUT = re.compile(
    r";\s|\s[–—]\s|,\s(?:and|but|while|whereas|although|though|of which|which|who|whom|where|so)\s"
    r"|\s(?:while|whereas|although|though|but|after|before|because|since|in order|following)\s|:\s"
    r"|(?<=[a-z\d]{4})[.!?][”\"]?\s(?=[A-Z“\"])"
)
_OPENING_CLAUSE = re.compile(r"^(?:After|Before|When|While|Following|Since|Although)\s[^,]{4,60},\s")
_POINTS_BACK = re.compile(
    r"^\W*(?:(?:later|earlier)\s)?(?:he|she|they|it|both|there|his|her|their|(?:on )?(?:that|the same)\s\w+)\b", re.I
)
_SAME_DAY = re.compile(r"\b(?:that|the same)\s(?:day|morning|afternoon|evening|night)\b", re.I)
_TO_COME = re.compile(r"\b(?:will|by|until|scheduled|due|deadline|planned|expected|valid)\b", re.I)
_DEFINITE = re.compile(r"\b(?:the|these|those|this|its|their)\s((?:[a-z-]+\s){0,2}[a-z]{4,})", re.I)
_OBJECT = re.compile(r"\S+\s(?:(?!(?:in|at|on|of|to|by|with|for|from|near|against|and)\b)[\w’'-]+,?\s){0,4}")
_IN = re.compile(r"\b(?:in|at|near|outside|inside)\s(?:the\s|neighbou?ring\s)?$", re.I)


@dataclass(frozen=True, slots=True)
class Who:
    """A name in a clause, with the keys under which its spellings meet and the country that it may stand for."""

    start: int
    end: int
    text: str
    keys: tuple[str, ...]
    country: str = ""
    is_modifier: bool = False  # "Iranian" in "Iranian Foreign Minister"

    @property
    def key(self) -> str:
        """Give what most of its spellings share: the last word, or the country."""
        return self.country or self.keys[-1]

    def is_same(self, other: Who) -> bool:
        """Tell whether both may be one: the last word alike, or one name contained in the other, or one country."""
        if self.country or other.country:
            return self.country == other.country
        mine, theirs = set(self.keys), set(other.keys)
        return bool(mine and theirs) and (self.keys[-1] == other.keys[-1] or mine <= theirs or theirs <= mine)


@dataclass(frozen=True, eq=False)
class Statement:
    """A clause of an article and what is known of the event it speaks of."""

    citation: Citation  # of the whole sentence
    text: str  # the clause, blanks in the place of who says so
    leans_on: tuple[Statement, ...] = ()  # the whole sentence, and what says whom it means by "he" or "the bridge"
    topic: frozenset[str] = frozenset()  # keys of whom or what the article is about
    day_before: DateMention | None = None  # the day of the sentence before, if this one points back to it
    since: date | None = None  # the day before which it was not written, if its article is undated
    opens: bool = False  # it is the first of its sentence
    known: frozenset[str] = frozenset()  # words of names that its article has elsewhere than at the head of a sentence

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(match.group().lower() for match in words(self.text))

    @cached_property
    def names(self) -> tuple[Who, ...]:
        return tuple(who for name in names_in(self.text) if self._is_name(name) for who in _people(self.text, name))

    @cached_property
    def context(self) -> tuple[Who, ...]:
        """Give whom or what it may speak of besides those it names."""
        return tuple(dict.fromkeys(who for each in self.leans_on for who in each.names or each.context))

    @cached_property
    def places(self) -> tuple[Who, ...]:
        return tuple(
            who
            for who in self.names
            if _IN.search(self.text[max(0, who.start - 16) : who.start]) and not self._modifies(who)
        )

    @cached_property
    def participants(self) -> tuple[Who, ...]:
        return tuple(who for who in self.names if who not in self.places)

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        found = dates_in(self.text)
        return found if found or self.day_before is None else (self.day_before,)

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        return tuple(quantities(self.text))

    @cached_property
    def acts(self) -> tuple[tuple[int, str], ...]:
        """List what is done in it, each with its place."""
        outside = [match for match in WORD.finditer(self.text) if is_act(match[0]) and not self._named(match.start())]
        return tuple((match.start(), canonical(match[0])) for match in outside)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Give the words that carry meaning and are no part of a name, a date or a figure, each for all its like."""
        taken = [(date.start, date.end) for date in self.dates if date is not self.day_before]
        taken += [(number.start, self.end_of_unit(number)) for number in self.numbers]
        return frozenset(
            canonical(match.group())
            for match in words(self.text)
            if match.group().lower() not in _UNSAID
            and not match.group().isdigit()
            and not self._named(match.start())
            and not any(start <= match.start() < end for start, end in taken)
        )

    @cached_property
    def when(self) -> Dates | None:
        """Give the days on which it happened, as far as a date in it tells."""
        known = [days for date in self.dates if (days := self.days(date))]
        return known[0] if known else None

    @cached_property
    def window(self) -> Dates | None:
        """Give the days on which it may have happened: shortly before publication, if nothing else is said."""
        published = self.citation.source.published
        if self.when or published is None:
            return self.when
        return Dates(max(published.first, date.min + NEWS_OF) - NEWS_OF, published.last)

    @property
    def repeatable(self) -> bool:
        return not REPEATABLE.isdisjoint(self.done)

    def days(self, mention: DateMention) -> Dates | None:
        """Resolve a date as the article's readers do."""
        published = self.citation.source.published
        if published is None and self.since and re.search(r"\bthis year$", mention.relative):
            return Dates(self.since.replace(month=1, day=1), date.max)
        if published is None:
            return mention.dates
        if mention.relative.endswith("year") and published.first.year == published.last.year:
            year = published.first.year + mention.relative.startswith("next") - mention.relative.startswith("last")
            return Dates.parse(f"{min(max(year, date.min.year), date.max.year):04d}")
        return mention.seen_from(published).dates

    @property
    def done(self) -> frozenset[str]:
        return frozenset(act for _, act in self.acts)

    def anchor(self, at: int) -> str:
        """Give the act to which something at a place belongs: the last before it, or failing that the next."""
        before = [act for start, act in self.acts if start < at]
        return before[-1] if before else next((act for _, act in self.acts), "")

    def object_of(self, act: str) -> Who | None:
        """Give the name of whom or what something is done to, if it stands behind the act without a preposition."""
        return next(
            (
                who
                for start, its in self.acts
                for who in self.names
                if its == act and _OBJECT.fullmatch(self.text[start : who.start])
            ),
            None,
        )

    def end_of_unit(self, number: Number) -> int:
        """Tell where the unit of a number ends, or the number, if it has none."""
        unit = WORD.match(self.text, number.end + 1) if number.unit else None
        return unit.end() if unit else number.end

    def _named(self, at: int) -> bool:
        return any(who.start <= at < who.end for who in self.names)

    def _is_name(self, name: Name) -> bool:
        """Tell whether the capital of a single word that opens a sentence means anything."""
        return (
            not name.opens
            or len(name.words) > 1
            or name.words[0].casefold() in self.known
            or bool(country_around(name.text))
        )

    def _modifies(self, who: Who) -> bool:
        """Tell whether a name stands before a noun or a number, as in "the Kestrel fire"."""
        following = re.match(r"(?:['’]s)?\s([a-z]+|\d)", self.text[who.end :])
        return following is not None and following[1] not in _LITTLE and not is_act(following[1])


def latest_day(text: str) -> date | None:
    """Give the last day that a text names as one that has passed: it was not written before."""
    days = [
        known.first
        for mention in dates_in(text)
        if mention.day and (known := mention.dates) and not _TO_COME.search(text[: mention.start][-60:])
    ]
    return max(days, default=None)


def statements(article: Article, since: date | None = None) -> list[Statement]:
    """Read the clauses of an article in order. If it is undated, `since` is the earliest that it may be of."""
    known = frozenset(word.casefold() for each in names_in(article.text) if not each.opens for word in each.words)
    title = Statement(Citation(article.source, 0, 0, ""), article.source.title, known=known)
    lead = Statement(Citation(article.source, 0, 0, ""), article.text[:LEAD], known=known)
    frame = replace(title, since=since, topic=frozenset(who.key for who in (*title.names, *lead.names)))
    found: list[Statement] = []
    for first, last in paragraph_spans(article.text):
        paragraph: list[Statement] = []
        for start, end in sentence_spans(article.text):
            if first <= start < last and end - start <= LONGEST and article.text[start:end] != article.source.title:
                quote = Citation(article.source, start, end, article.text[start:end])
                before = [title, *found[-LOOKED_BACK:], *paragraph]
                paragraph += _clauses(replace(frame, citation=quote), paragraph, before)
        found += paragraph
    return found


def _clauses(frame: Statement, paragraph: Sequence[Statement], before: Sequence[Statement]) -> Iterator[Statement]:
    sentence = _said(frame.citation.quote)
    last = paragraph[-1:] if points_back(sentence) else ()
    meant = {match[1].split()[-1].lower() for match in _DEFINITE.finditer(sentence)}
    spoken_of = [each for each in before if meant & each.words]
    leans_on = (replace(frame, text=frame.citation.quote), *last, *spoken_of[-2:])
    same_day = next((date for each in last for date in each.dates), None) if _SAME_DAY.search(sentence) else None
    for number, text in enumerate(_pieces(sentence)):
        yield replace(frame, text=text, leans_on=leans_on, day_before=same_day, opens=not number)


def points_back(sentence: str) -> bool:
    """Tell whether a sentence begins with a word for somebody or something that stands before it: "he", "that day"."""
    return _POINTS_BACK.match(sentence.lstrip()) is not None


def _said(sentence: str) -> str:
    """Blank out who says so."""
    for pattern in (_SAID_BEHIND, _SAID_BEFORE):
        sentence = pattern.sub(lambda match: " " * len(match[0]), sentence)
    return sentence


def _pieces(sentence: str) -> Iterator[str]:
    """Cut a sentence into clauses; what is under four words stays with its neighbour."""
    ends = [match.end() for match in (*_OPENING_CLAUSE.finditer(sentence), *_CUT.finditer(sentence))]
    piece = ""
    for start, end in zip([0, *sorted(ends)], [*sorted(ends), len(sentence)], strict=True):
        if piece and min(len(WORD.findall(piece)), len(WORD.findall(sentence[start:end]))) >= 4:
            yield piece
            piece = ""
        piece += sentence[start:end]
    yield piece


def _people(text: str, name: Name) -> Iterator[Who]:
    """Take "Iranian Foreign Minister Abbas Araghchi" apart into the country and the person."""
    parts = [(word.start(), word.end(), bare(word[0])) for word in WORD.finditer(text, name.start, name.end)]
    roles = [number for number, (_, _, word) in enumerate(parts) if word.casefold() in ROLES]
    is_office = bool(roles) and (roles[-1] + 1 < len(parts) or parts[-1][2].casefold() in ROLE_WORDS)
    of, person = (parts[: roles[0]], parts[roles[-1] + 1 :]) if is_office else ([], parts)
    if is_office and person and person[0][2] == "of":  # "the National Security Adviser of Iraq"
        of, person = [*of, *person], []
    for group in (*([part] for part in of if country_of(part[2])), person):
        if keys := tuple(key for _, _, word in group if not is_plain(word) and (key := name_key(word))):
            start, end = group[0][0], group[-1][1]
            whole = bare(text[start:end])
            yield Who(start, start + len(whole), whole, keys, country_around(whole), bool(of) and group is not person)
