"""The quotes that a claim rests on in, what they say out: words, names, numbers and dates, each read once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from rag.facts.dates import DateMention, dates_in
from rag.facts.names import WORD, Name, bare, is_acronym, names_in
from rag.facts.numbers import Number, numbers_in
from rag.facts.places import country_around
from rag.gate.clauses import content_stems, roots
from rag.gate.spelling import initials, keys_of, phrases, spellings, visible
from rag.language.sentences import sentence_before
from rag.schema import Citation, Dates

_TO_COME = re.compile(
    r"\b(?:will|would|may|might|could|should|must|to|from|until|due|takes?|begins?|starts?|opens?|plan(?:s|ned)|scheduled|expected)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(?:he|she|it|they|him|his|her|its|their|them|the (?:company|firm|group|party|agency|club|museum|bank|union))\b",
    re.IGNORECASE,
)
_JOINED_NAMES = re.compile(r"\b[A-Z]\w+ and [A-Z]\w+(?: [A-Z]\w+)*")  # "Food and Agriculture Organization"


class Evidence:
    """What the standing quotes of one claim say, read once, each part when it is first needed."""

    def __init__(
        self,
        citations: Sequence[Citation],
        texts: Mapping[str, str],
        variants: Mapping[str, Collection[str]],
        speakers: str = "",
    ) -> None:
        """`speakers` are those on whose word the quotes say so, whom they may only mean: "She said …"."""
        self._citations = citations
        self.speakers = speakers
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
    def roots(self) -> frozenset[str]:
        return frozenset(roots(self.text))

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        return numbers_in(self.text)

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        return tuple(
            reading
            for quote, source in zip(self.quotes, self.sources, strict=True)
            for mention in dates_in(quote)
            for reading in _readings(mention, quote, source.published)
        )

    @cached_property
    def names(self) -> tuple[Name, ...]:
        return names_in(self.text)

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(key for name in self.names for word in name.words for key in keys_of(word))

    @cached_property
    def acronyms(self) -> frozenset[str]:
        return frozenset(word.replace(".", "") for word in map(bare, WORD.findall(self.text)) if is_acronym(word))

    @cached_property
    def initials(self) -> frozenset[str]:
        """What the names of the quotes could be shortened to."""
        joined = [run.replace(" and ", " ").split() for run in _JOINED_NAMES.findall(self.text)]
        last = [name.words[-2:] for name in self.names]  # "of the African Union"
        return frozenset[str]().union(*map(initials, [*(name.words for name in self.names), *last, *joined]))

    @cached_property
    def countries(self) -> frozenset[str]:
        return frozenset(filter(None, (country_around(part) for name in self.names for part in phrases(name.words))))

    def may_mean(self, word: str) -> bool:
        """Tell whether "she" or "the company" of a quote may stand for a name: one of the sentence before."""
        return not self._meant.isdisjoint(keys_of(word))

    @cached_property
    def _meant(self) -> frozenset[str]:
        before = (
            sentence_before(self._texts[citation.source.document], citation.start)
            for citation in self._citations
            if _POINTS_BACK.search(citation.quote)
        )
        words = (word for text in before for name in names_in(text) for word in name.words)
        return frozenset(key for word in words for key in keys_of(word))

    @cached_property
    def articles(self) -> list[str]:
        return [self._texts[document] for document in dict.fromkeys(source.document for source in self.sources)]


def _readings(mention: DateMention, quote: str, published: Dates | None) -> Iterator[DateMention]:
    """Give a date as it stands, as seen from the day of publication, and as one to come if that is spoken of."""
    yield mention
    if published:
        yield mention.seen_from(published)
        if _TO_COME.search(re.split(r"[.;] ", quote[: mention.start])[-1]):
            yield mention.coming_after(published)
