"""A claim's text and its standing quotes in, the first number, date or name that the quotes do not prove out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import pairwise

from rag.facts.dates import DateMention, dates_in
from rag.facts.names import WORD, Name, bare, is_acronym, is_plain, name_key, names_in
from rag.facts.numbers import Number, numbers_in
from rag.facts.places import country_around, country_of
from rag.gate.meaning import content_stems
from rag.language.words import stem
from rag.schema import Citation, Dates, Source

# of a claim's content words; the honest paraphrases in tests/gate/paraphrases.py share .33 and more
LEAST_SHARED = 0.2

_ABOUT = re.compile(
    r"\b(?:about|around|nearly|almost|roughly|some|approximately|over|(?:more|less|fewer) than|under|close to|up to)"
    r"\s*[$€£]?$",
    re.IGNORECASE,
)
_PARTIES = re.compile(
    r"\s(?:\w+ )?(?:sides|countries|nations|states|neighbou?rs|men|women|people|leaders|ministers|officials|presidents"
    r"|parties|teams|companies|governments|capitals|cities|clubs|firms|powers|diplomats|generals|candidates)\b",
    re.IGNORECASE,
)
_REPORTING = re.compile(
    r"\b(?:according to|report(?:s|ed|ing)?|sa(?:ys|id)|calls?|gives?|names?|puts?|describes?|dates|mentions?|states?"
    r"|writes|wrote|published|quote[sd]|cite[sd]|note[sd]|speaks? of|spoke of|told|article|as per|via)\b",
    re.IGNORECASE,
)
_SITE = re.compile(r"(\w{4,})\.[a-z]{2,}")  # "coastdaily.example", which people call Coast Daily
_RELATION = re.compile(rf"({WORD.pattern})\s+(in|at|near|to|from|into|by|with|for|of|against|between)\s+(?:the\s+)?$")
AND = {"and", ",", ", and", "or", "&", "–", "-", "(", "/"}
_GOES_ON = AND | {"'s", "’s", "'", "’"}  # "according to Iran's IRNA" is according to both
_JOINED_NAMES = re.compile(r"\b[A-Z]\w+ and [A-Z]\w+(?: [A-Z]\w+)*")  # "Food and Agriculture Organization"


class Evidence:
    """What the standing quotes of one claim say, read once, each part when it is first needed."""

    def __init__(
        self, citations: Sequence[Citation], texts: Mapping[str, str], variants: Mapping[str, Collection[str]]
    ) -> None:
        self._citations = citations
        self.quotes = [visible(citation.quote) for citation in citations]
        self.text = "\n".join(self.quotes)
        self.sources = [citation.source for citation in citations]
        self.variants = variants
        self._texts = texts

    def limited_to(self, quote: str) -> Evidence:
        """Take a part of the only quote for the whole."""
        return Evidence([replace(self._citations[0], quote=quote)], self._texts, self.variants)

    @cached_property
    def words(self) -> frozenset[str]:
        return spellings(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(content_stems(self.text))

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        return numbers_in(self.text)

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        return tuple(
            reading
            for quote, source in zip(self.quotes, self.sources, strict=True)
            for mention in dates_in(quote)
            for reading in _readings(mention, source.published)
        )

    @cached_property
    def names(self) -> tuple[Name, ...]:
        return names_in(self.text)

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(key for name in self.names for word in name.words for key in _keys(word))

    @cached_property
    def acronyms(self) -> frozenset[str]:
        return frozenset(word.replace(".", "") for word in map(bare, WORD.findall(self.text)) if is_acronym(word))

    @cached_property
    def initials(self) -> frozenset[str]:
        """What the names of the quotes could be shortened to."""
        joined = [run.replace(" and ", " ").split() for run in _JOINED_NAMES.findall(self.text)]
        return frozenset[str]().union(*map(_initials, [*(name.words for name in self.names), *joined]))

    @cached_property
    def countries(self) -> frozenset[str]:
        return frozenset(filter(None, (country_around(part) for name in self.names for part in _phrases(name.words))))

    @cached_property
    def articles(self) -> list[str]:
        return [self._texts[document] for document in dict.fromkeys(source.document for source in self.sources)]


def unproven(text: str, evidence: Evidence) -> str:
    """Say what of a claim's text the evidence does not contain, or "" when it contains everything."""
    return next(_unproven(text, evidence), "")


def _unproven(text: str, evidence: Evidence) -> Iterator[str]:
    for date in unstated_dates(text, evidence):
        yield f"gives a date that its quotes do not: {text[date.start : date.end]!r}"
    for number in unstated_numbers(text, evidence):
        yield f"gives a number that its quotes do not: {text[number.start : number.end]!r}"
    for name, word in unstated_names(text, evidence):
        yield f"names what its quotes do not: {name.words[word]!r}"
    yield from _moved_names(text, evidence)
    yield from filter(None, (_unrelated(text, evidence),))


# dates


def unstated_dates(text: str, evidence: Evidence) -> Iterator[DateMention]:
    """Find the dates of a text that the evidence does not state."""
    known = [*evidence.dates, *(_publications(evidence.sources) if _REPORTING.search(text) else ())]
    for mention in dates_in(text):
        parts = (replace(mention, weekday=None), DateMention(0, 0, weekday=mention.weekday))
        is_number = mention.precision == "year" and any(number.value == mention.year for number in evidence.numbers)
        if not is_number and not all(any(date.states(part) for date in known) for part in parts):
            yield mention


def _publications(sources: Sequence[Source]) -> Iterator[DateMention]:
    """Give the days of publication, which a claim may name when it says who reported something."""
    for source in sources:
        if (published := source.published) and published.first == published.last:
            day = published.first
            yield DateMention(0, 0, day.year, day.month, day.day)


def _readings(mention: DateMention, published: Dates | None) -> Iterator[DateMention]:
    yield mention
    if published:
        yield mention.seen_from(published)


# numbers


def unstated_numbers(text: str, evidence: Evidence) -> Iterator[Number]:
    """Find the numbers of a text, but those of its dates, that the evidence does not give."""
    dates = dates_in(text)
    for number in numbers_in(text):
        dated = any(date.start < number.end and number.start < date.end for date in dates)
        if not (dated or number.implied or _gives(evidence, number, text)):
            yield number


def _gives(evidence: Evidence, number: Number, text: str) -> bool:
    if _PARTIES.match(text, number.end) and number.value in _parties(evidence, _counted(text, number)):
        return True
    rounded = _ABOUT.search(text[: number.start][-24:]) is not None
    given = [other for other in evidence.numbers if other.states(number) or (rounded and _rounds(other, number))]
    counted_here = _counted(text, number)
    rivals = [other for other in evidence.numbers if counted_here & _counted(evidence.text, other)]
    return bool(given) and (not rivals or any(other in given for other in rivals))


def _parties(evidence: Evidence, counted: set[str]) -> set[int]:
    """Give how many parties the quotes name one after the other ("Iran and Oman"), unless they count such parties."""
    if any(counted & _counted(evidence.text, given) for given in evidence.numbers):
        return set()
    lengths = {2} if counted & {"side", "parti"} and re.search(r"\w (?:and|with) \w", evidence.text) else set()
    length = 1
    for name, following in pairwise(evidence.names):
        length = length + 1 if evidence.text[name.end : following.start].strip() in AND else 1
        lengths.add(length)
    return lengths


def _rounds(exact: Number, rounded: Number) -> bool:
    """Tell whether a number is another one rounded to the digits it shows, in the same unit."""
    if exact.unit != rounded.unit or not rounded.value or not exact.value:
        return False
    place = exact.value.adjusted() - (len(str(rounded.value).replace(".", "").strip("0")) - 1)
    return round(exact.value.scaleb(-place)) == rounded.value.scaleb(-place)


def _counted(text: str, number: Number) -> set[str]:
    """Give the stem of the word right behind a number, which most often is what it counts."""
    match = WORD.match(text, number.end + 1)
    return {stem(match[0])} if match and match[0].islower() and len(match[0]) > 3 else set()


# names


def unstated_names(text: str, evidence: Evidence) -> Iterator[tuple[Name, int]]:
    """Find the names of a text that the evidence does not mention, each with the index of the word that is strange."""
    attributed = _REPORTING.search(text) is not None
    for name in names_in(text):
        for index in range(len(name.words)):
            if not _named(name, index, evidence) and not (attributed and _is_outlet(name, evidence.sources)):
                yield name, index


def _named(name: Name, index: int, evidence: Evidence) -> bool:
    word = name.words[index]
    if not is_acronym(word) and (is_plain(word) or _spelled(word, evidence)):
        return True
    if word.replace(".", "") in evidence.acronyms | evidence.initials or _initials(name.words) & evidence.acronyms:
        return True
    if any(country in evidence.countries for part in _phrases(name.words, index) if (country := country_of(part))):
        return True
    if name.opens and index == 0 and _is_common(word, evidence):
        return True
    return any(_spelled(part, evidence) for part in name.words[index + 1 :]) and _full_name(name, evidence.articles)


def _spelled(word: str, evidence: Evidence) -> bool:
    """Tell whether the quotes spell a word, or the parts of a compound, in any of its ways."""
    lower = word.casefold()
    if lower in evidence.words or not _keys(word).isdisjoint(evidence.keys):
        return True
    if any(other.casefold() in evidence.words for other in evidence.variants.get(lower, ())):
        return True
    parts = _parts(word)
    return len(parts) > 1 and all(
        is_plain(part) or _spelled(part, evidence) or country_of(part) in evidence.countries for part in parts
    )


def _is_outlet(name: Name, sources: Sequence[Source]) -> bool:
    """Tell whether a name is that of a source: its outlet, the origin it credits, its author, its site in words."""
    credited = " ".join(f"{source.publisher} {source.origin} {source.author}" for source in sources)
    known = spellings(credited)
    sites = {label.casefold() for label in _SITE.findall(credited)}
    return all(word.casefold() in known for word in name.words) or "".join(name.words).casefold() in sites


def _full_name(name: Name, articles: Sequence[str]) -> bool:
    """Tell whether an article has these words in one name: its quote says "Araghchi", but it knows "Abbas Araghchi"."""
    wanted = {name_key(word) for word in name.words if not is_plain(word)}
    return any(wanted <= {name_key(word) for word in other.words} for text in articles for other in _names_of(text))


def _is_common(word: str, evidence: Evidence) -> bool:
    """Tell whether a word that opens a sentence is written small in the article, or begins alike in the quotes."""
    if all(stem(part) in evidence.stems for part in _parts(word)):
        return True
    if len(word) > 5 and re.search(rf"\b{re.escape(word[:6].lower())}", evidence.text):
        return True
    return any(re.search(rf"\b{re.escape(word.lower())}\b", text) for text in evidence.articles)


def _moved_names(text: str, evidence: Evidence) -> Iterator[str]:
    """Find names put where the quotes have another one: "signed in Tehran" for "signed in Baghdad"."""
    places = relations(evidence.text, evidence.names)
    for relation, name in relations(text, names_in(text)):
        there = [other for where, other in places if where == relation]
        if there and not any(same_name(name, other) for other in there) and not lies_in(name, there):
            yield f"names {name.text!r} where its quotes name {there[0].text!r}"


def relations(text: str, names: Sequence[Name]) -> list[tuple[tuple[str, str], Name]]:
    """List each name that a preposition ties to a word before it: (("sign", "in"), Baghdad)."""
    found: list[tuple[tuple[str, str], Name]] = []
    for index, name in enumerate(names):
        if match := _RELATION.search(text[max(0, name.start - 40) : name.start]):
            found.append(((stem(match[1]), match[2]), name))
        elif found and found[-1][1] is names[index - 1] and text[found[-1][1].end : name.start].strip() in _GOES_ON:
            found.append((found[-1][0], name))
    return found


def same_name(one: Name, other: Name) -> bool:
    """Tell whether two names may be one: they share a word in some spelling, or one is short for the other."""
    keys, others = ({key for word in name.words for key in _keys(word)} for name in (one, other))
    words, other_words = ({word.casefold() for word in name.words} for name in (one, other))
    return (
        not keys.isdisjoint(others)
        or not words.isdisjoint(other_words)
        or bool(_initials(one.words) & set(other.words) | _initials(other.words) & set(one.words))
    )


def lies_in(name: Name, others: Sequence[Name]) -> bool:
    """Tell whether a name is that of a country in which one of the others lies, or which one of them stands for."""
    countries = {country_of(part) for part in _phrases(name.words)} - {""}
    return any(country_around(part) in countries for other in others for part in _phrases(other.words))


def _unrelated(text: str, evidence: Evidence) -> str:
    wanted = set(content_stems(text))
    shared = sum(word in evidence.stems for word in wanted)
    return "shares too little with its quotes" if wanted and shared < LEAST_SHARED * len(wanted) else ""


# words and their spellings


def visible(text: str) -> str:
    """Leave out control and invisible characters, and fold white space."""
    return " ".join("".join(letter for letter in text if letter.isspace() or letter.isprintable()).split())


def spellings(text: str) -> frozenset[str]:
    """Fold every word of a text, and the parts of its compounds."""
    words = {bare(word).casefold() for word in WORD.findall(text)}
    return frozenset(words.union(*(_parts(word) for word in words)))


def _parts(word: str) -> list[str]:
    return re.split(r"[-‐‑]", word)


@lru_cache(maxsize=20_000)
def _keys(word: str) -> frozenset[str]:
    """Give the keys of a name's word and of the parts it is joined from; one-letter keys meet too easily."""
    folded = unicodedata.normalize("NFC", word)
    return frozenset(key for part in (folded, *_parts(folded)) if len(key := name_key(part)) > 1 and not is_plain(part))


def _initials(words: Sequence[str]) -> frozenset[str]:
    """Give every acronym of two letters or more that neighbouring words can be shortened to."""
    letters = "".join(word.lstrip("-")[0].upper() for word in words)
    return frozenset(
        letters[i:j]
        for i in range(len(letters))
        for j in range(i + 2, len(letters) + 1)
        if j - i == len(words) or j - i > 2
    )


def _phrases(words: Sequence[str], around: int | None = None) -> Iterator[str]:
    """Give the runs of one to three words, all of them or those that contain one place."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + 3, len(words)) + 1):
            if around is None or start <= around < end:
                yield " ".join(words[start:end])
                if end == start + 1:
                    yield from _parts(words[start])


@lru_cache(maxsize=64)
def _names_of(text: str) -> tuple[Name, ...]:
    return names_in(text)
