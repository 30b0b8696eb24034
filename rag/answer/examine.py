"""A question and the passages found for it in, their sentences out, with how much each has of what is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import nlargest

import numpy as np

from rag.answer.asked import Asked, asked, counted, numbered, things
from rag.answer.sourcing import Sourcing, sourcing
from rag.facts import dates_in, numbers_in
from rag.facts.places import country_of
from rag.facts.vocabulary import CALENDAR
from rag.language.sentences import sentence_spans
from rag.language.words import FUNCTION_WORDS, content_stems, stem, words
from rag.retrieve.credits import Credit, credited
from rag.retrieve.interaction import DECIMALS, WeighedQuestion, best
from rag.retrieve.outlets import is_of_a_name
from rag.schema import Article, Passage, Query, Source
from rag.store.filters import is_of
from rag.store.pieces import Matrix, Pieces
from rag.store.searchable import heading

FIGURE = re.compile(r"\d|(?:first|second|third|fth|xth|nth|hth)$", re.IGNORECASE)
ORDINAL = re.compile(r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b", re.IGNORECASE)
NEITHER = 0.6  # how near a question without such words is to a sentence: neither near nor far
# words that name what a question is after rather than what it is about: an answer need not contain them
ASKING = frozenset(
    """
    according answer article articles came come comes date day describe detail details exactly explain fact facts field
    fields find gave give gives giving go goes happen happened happening held hold holds info information job kept kind
    list made make makes mention mentioned month name named names news number opinion outlet outlets person place pls
    position post put question quote rank reason report reported reports role said saw say saying says see seen sort
    stance story take taken takes tell think thinks thought thing things time title told took topic topics type used
    version view views want wanted went word words year
    """.split()
)
OFFER = 0.1
NAMED = 0.2  # worth of being by an outlet that the question names, from which it wants to hear
AROUND = 50  # characters to either side of the thing asked for, in which what is asked about it should stand
CARRIED = 0.95  # of what the sentence before reaches, which "the agreement" or "he" takes up
WordVectors = Callable[[Sequence[str]], Matrix]


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A sentence held against a question, `article.text[start:end] == text`."""

    passage: Passage
    start: int
    end: int
    text: str
    reached: Matrix  # for each piece of the question, its likeness to the piece of the sentence that is most like it
    similarity: float  # by late interaction, of the sentence in its passage
    passage_similarity: float
    passage_names: float  # share of the question's names that stand in the passage or above it
    offers: bool  # whether it has something of the kind asked for, a date for "when", and is of the one asked about
    located: float  # share of its likeness that is within reach of that thing; 0 without
    is_by_named: bool  # whether it is by an outlet that the question names
    cosine: float = 0.0  # of the sentence by itself

    @property
    def closeness(self) -> float:
        """How near it comes to the question. Tuned on our questions; each part is worth a point or two of a hundred."""
        return self.similarity + 0.4 * self.passage_similarity + 0.2 * self.cosine + 0.03 * self.passage_names

    @property
    def score(self) -> float:
        """Rank sentences: those that have the kind of thing asked for come before those as near that have not."""
        return round(self.closeness + OFFER * self.offers + NAMED * self.is_by_named, DECIMALS)


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a sentence has to do with a question, each from 0 to 1."""

    missing: float  # how far the word that is missing most is from the sentence, times its rarity against the rarest
    reached: float  # how near the words that name nobody are to the sentence, in context: their mean by rarity
    coverage: float  # share, by rarity, of the question's words that stand in the sentence
    article_names: float  # share of the question's names that the article mentions
    figures: float  # share of the numbers, years and months in the question that the article has
    weakest: float  # how near those words are to the nearest word of the sentence: the least of them
    counts: float  # for "how many": how near what it counts is to what is asked; 1 for other questions


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What an article as a whole mentions: its words in lower case, and its figures."""

    words: frozenset[str]
    figures: frozenset[str]


def backdrop(article: Article) -> Backdrop:
    """Collect what an article mentions anywhere, in its title, outlet or date included."""
    text = f"{heading(article.source)}\n{article.text}"
    return Backdrop(lower_words(text), figures(text))


@dataclass(frozen=True)
class Inquiry:
    """A question taken apart once, to be held against many sentences."""

    text: str
    kind: Asked
    length: int  # in different words, names of outlets included
    stems: Mapping[str, float]  # of the words that carry meaning, with their rarity
    names: tuple[tuple[str, ...], ...]
    relation: tuple[str, ...]  # the words that carry meaning and name nobody
    counted: tuple[str, ...]
    figures: frozenset[str]
    ordinals: frozenset[str]
    outlets: tuple[str, ...]  # of the articles, that it names
    credits: tuple[Credit, ...]  # whom it says to have something from


def inquiry(query: Query, rarity: Callable[[str], float], whole: Query | None = None) -> Inquiry:
    """Take a question apart, with `rarity` of a stem. What it takes over from the one before is left out.

    A part of a question that names no source has those of the `whole`.
    """
    text = own_words(query)
    outlets = query.outlets or (whole.outlets if whole else ())
    content = [match.group().lower() for match in content_words(text, outlets)]
    named = {spelling for name in query.names for spelling in name}
    return Inquiry(
        text=text,
        kind=asked(text),
        length=len(set(content_stems(text))),
        stems={stem(word): rarity(stem(word)) for word in content},
        names=query.names,
        relation=tuple(
            dict.fromkeys(word for word in content if word not in named | CALENDAR | ASKING and not word.isdigit())
        ),
        counted=tuple(word for word in counted(text) if word not in FUNCTION_WORDS),
        figures=figures(text),
        ordinals=ordinals(text),
        outlets=outlets,
        credits=credited(text) or (credited(own_words(whole)) if whole else ()),
    )


def content_words(question: str, outlets: Iterable[str]) -> list[re.Match[str]]:
    """Find the words of a question that carry meaning; by whom it wants to hear something is no part of that."""
    found = (match for match in words(question) if match.group().lower() not in FUNCTION_WORDS)
    return [match for match in found if not is_of_a_name(match.group(), outlets)]


def own_words(query: Query) -> str:
    """Give a question without what it takes over from the one before."""
    return query.sought[: query.context_from]


def of_another(asked_about: frozenset[str], sentence: str) -> bool:
    """Tell whether a sentence speaks of another of a series than the one asked about: of the second round."""
    there = ordinals(sentence)
    return bool(asked_about and there) and asked_about.isdisjoint(there)


def ordinals(text: str) -> frozenset[str]:
    """List the ordinals of a text that are written as words; in figures they are mostly days."""
    return frozenset(match[0].lower() for match in ORDINAL.finditer(text))


def figures(text: str) -> frozenset[str]:
    """List the figures, ordinals, months and years of a text, but not words such as "two", which say little."""
    numbers = {f"{number.value:f}" for number in numbers_in(text) if FIGURE.search(text[number.start : number.end])}
    months = {f"month {date.month}" for date in dates_in(text) if date.month}
    return frozenset(numbers | months)


@dataclass(frozen=True)
class Examiner:
    """Holds sentences against one question.

    `vectors` encodes sentences and single words; `backdrops` tells what the article of a source mentions as a whole;
    `has_articles` tells whether any is by whom a question names.
    """

    asking: Inquiry
    question: WeighedQuestion
    question_vector: Matrix
    vectors: WordVectors
    backdrops: Callable[[Source], Backdrop]
    has_articles: Callable[[str], bool]

    def examine(self, passages: Sequence[Passage], pieces: Sequence[Pieces], most: int) -> list[Finding]:
        """Hold every sentence of the passages against the question; the best `most` come back, the best first."""
        compared = zip(passages, pieces, self.question.likenesses(pieces), strict=True)
        found = [finding for passage, own, likeness in compared for finding in self._sentences(passage, own, likeness)]
        nearest = nlargest(most, found, key=lambda finding: finding.score)
        cosines = self.vectors([finding.text for finding in nearest]) @ self.question_vector
        precise = (replace(finding, cosine=float(cosine)) for finding, cosine in zip(nearest, cosines, strict=True))
        return sorted(precise, key=lambda finding: -finding.score)

    def sourcing(self, findings: Iterable[Finding]) -> Sourcing:
        """Work out which of the sources that the question names have no say in what was found."""
        return sourcing(self.asking.credits, (finding.passage for finding in findings), self.has_articles)

    def bearing(self, finding: Finding) -> Bearing:
        """Work out what a sentence has to do with the question."""
        asking, behind = self.asking, self.backdrops(finding.passage.source)
        here = lower_words(finding.text)
        reach = self._reach(finding)
        return Bearing(
            missing=missing(asking.stems, reach, here),
            reached=mean_by_rarity(asking.stems, {word: reach[word] for word in asking.relation if word in reach}),
            coverage=covered(asking.stems, here),
            article_names=share(named(name, behind.words) for name in asking.names),
            figures=share(figure in behind.figures for figure in asking.figures),
            weakest=min(nearness(asking.relation, here, self.vectors)),
            counts=counts(asking, finding.text, self.vectors),
        )

    @cached_property
    def _pieces_of(self) -> Mapping[str, Sequence[int]]:
        """The words of the question that carry meaning, each with its pieces."""
        spans = self.question.pieces.spans.tolist()
        pieces = {
            match.group().lower(): [
                number for number, (start, end) in enumerate(spans) if match.start() <= start and end <= match.end()
            ]
            for match in content_words(self.asking.text, self.asking.outlets)
        }
        return {word: numbers for word, numbers in pieces.items() if numbers}

    def _reach(self, finding: Finding) -> dict[str, float]:
        """Compute how near each of those words is to the sentence, in context."""
        return {word: float(finding.reached[pieces].mean()) for word, pieces in self._pieces_of.items()}

    def _located(self, spans: Iterable[tuple[int, int]], likeness: Matrix, pieces: Pieces, sentence: slice) -> float:
        """Compute which share of what a sentence reaches is reached close by the things in these spans: the best."""
        weights, whole = self.question.weights, likeness[:, sentence]
        near = [
            slice(max(close.start, sentence.start), min(close.stop, sentence.stop))
            for close in (pieces.within(start - AROUND, end + AROUND) for start, end in spans)
        ]
        most = max((float(weights @ best(likeness[:, close])) for close in near), default=0.0)
        return most / max(float(weights @ best(whole)), 1e-6)

    def _sentences(self, passage: Passage, pieces: Pieces, likeness: Matrix) -> Iterator[Finding]:
        near = lower_words(f"{heading(passage.source)} {passage.text}")
        names, around = share(named(name, near) for name in self.asking.names), self.question.score(likeness)
        by_named = any(is_of(outlet, passage.source) for outlet in self.asking.outlets)
        before = np.zeros(len(likeness), np.float32)
        for start, end in sentence_spans(passage.text):
            text = passage.text[start:end]
            if text == passage.source.title:
                continue  # a headline promises what the article says
            sentence = pieces.within(start, end)
            own = best(likeness[:, sentence])
            reached, before = np.maximum(own, CARRIED * before), own
            found = things(self.asking.kind, text, self.asking.text)
            spans = [(start + first, start + last) for first, last in found]
            yield Finding(
                passage,
                passage.start + start,
                passage.start + end,
                text,
                reached,
                similarity=float(self.question.weights @ reached),
                passage_similarity=around,
                passage_names=names,
                offers=bool(found) and not of_another(self.asking.ordinals, text),
                located=self._located(spans, likeness, pieces, sentence),
                is_by_named=by_named,
            )


def lower_words(text: str) -> frozenset[str]:
    return frozenset(match.group().lower() for match in words(text))


def share(parts: Iterable[bool]) -> float:
    """Compute the share of what is true; 1 of nothing."""
    found = list(parts)
    return sum(found) / len(found) if found else 1.0


def covered(stems: Mapping[str, float], among: frozenset[str]) -> float:
    """Compute the share, by rarity, of stems that are the stem of one of these words."""
    there = {stem(word) for word in among}
    total = sum(stems.values())
    return sum(weight for stem, weight in stems.items() if stem in there) / total if total else 0.0


def missing(stems: Mapping[str, float], reach: Mapping[str, float], among: frozenset[str]) -> float:
    """Compute how much the word that matters most of those that are not there is missed: 0 if all are there."""
    there = {stem(word) for word in among}
    lost = (stems[stem(word)] * (1 - near) for word, near in reach.items() if stem(word) not in there)
    return max(lost, default=0.0) / max(stems.values(), default=1.0)


def mean_by_rarity(stems: Mapping[str, float], reach: Mapping[str, float]) -> float:
    """Average the reach of words, the rare ones counting more."""
    total = sum(stems[stem(word)] for word in reach)
    return sum(stems[stem(word)] * near for word, near in reach.items()) / total if total else NEITHER


def named(name: tuple[str, ...], among: frozenset[str]) -> bool:
    """Tell whether a name in any of its spellings is among these words, or its country in another form ("Iranian")."""
    if not among.isdisjoint(name):
        return True
    country = country_of(name[0])
    return bool(country) and any(country_of(word) == country for word in among)


def nearness(sought: Sequence[str], among: frozenset[str], vectors: WordVectors) -> list[float]:
    """Compute for each word how near in meaning the nearest of these words is: 1 for the same, else their cosine."""
    candidates = sorted(among - FUNCTION_WORDS)
    if not sought or not candidates:
        return [NEITHER]
    stems = {stem(word) for word in candidates}
    likeness = (vectors(sought) @ vectors(candidates).T).max(axis=1)
    return [1.0 if stem(word) in stems else float(near) for word, near in zip(sought, likeness, strict=True)]


def counts(asking: Inquiry, sentence: str, vectors: WordVectors) -> float:
    """Compute how near what a sentence counts is to what is asked for by "how many"."""
    if asking.kind is not Asked.COUNT or not asking.counted:
        return 1.0
    return max((max(nearness(asking.counted, frozenset(after), vectors)) for after in numbered(sentence)), default=0.0)
