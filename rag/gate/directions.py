"""A claim and its quotes in, where it points the other way out: down for up, before for after. Pure.

Judged by words that come in opposites, and for "before" and "after" by what stands on either side of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import TypeAlias

from rag.facts.names import WORD, bare
from rag.facts.numbers import numbers_in
from rag.gate.clauses import SENTENCE_END, content_stems, nearest, parts, stems, taken_up
from rag.language.words import stem

# each line: words that point one way | words that point another
_OPPOSITES = """
increase rise rose risen grow grew climb jump raise lift surge soar hike dear gain gained double | decrease fall
    fell fallen
    drop shrank shrink cut reduce slump plunge halve slid cheap lose lost lower decline slow
appoint hire | dismiss fire fired sack
more higher above exceed greater highest larger largest bigger biggest peak record high most | less fewer lower below
    lowest least smaller smallest fewest low
profit | loss lose lost
better best | worse worst
found rescue rescued | missing
rebuild rebuilt restore | burned destroyed demolished
stronger longer older faster deeper heavier strongest longest oldest friendlier | weaker shorter younger slower
    shallower lighter weakest shortest youngest
praise welcome | condemn criticise
uphold upheld | overturn overturned quash annul
begin began begun start open reopen launch resume return | end finish close shut conclude halt suspend stop abandon
success succeed successful succeeded | fail failure unsuccessful
guilty convict convicted | innocent acquit acquitted cleared
arrive enter join joined stay remain | leave left depart exit withdraw withdrew quit
strengthen boost improve deepen enhance | weaken undermine worsen damage
majority | minority
survive survived alive | die died dead kill killed death
maximum | minimum
earlier early | later late
release freed free | detain arrest jail imprison
north northern | south southern | east eastern | west western
optimistic confident certain convinced | pessimistic doubtful doubt
direct | indirect
public publicly | secret secretly private privately
export | import
top upper | bottom lower
except excluding | including include
positive | negative
slight slightly minor mild | serious seriously severe severely fatal
correct | premature false wrong incorrect
pro | anti
"""
# of these, both may be said of one event, from either end
_COUNTERPARTS = """
win won beat beating victory | lose lost losing defeat | draw drew
buy bought | sell sold
ahead | behind
"""
# these turn round what follows, which is for denials to see
_DENYING = """
accept approve support endorse back pass adopt | reject oppose veto block
allow permit legal legalise legalize | ban forbid prohibit bar illegal outlaw
confirm admit acknowledge | deny
possible | impossible
"""
Table: TypeAlias = tuple[tuple[set[str], ...], ...]

_CAMPAIGN = r"\b(vot\w+|campaign\w*|argu\w+|march\w*|demonstrat\w+|protest\w*|rall\w+|testif\w+)(?: \w+){0,4}? "
_FOR = re.compile(rf"{_CAMPAIGN}(?:for|in favou?r of)\b", re.IGNORECASE)
_AGAINST = re.compile(rf"{_CAMPAIGN}against\b", re.IGNORECASE)
_WENT_UP = re.compile(r"\b(?:went|go|goes|going|gone|came|come|moved) up\b", re.IGNORECASE)
_WENT_DOWN = re.compile(r"\b(?:went|go|goes|going|gone|came|come|moved) down\b", re.IGNORECASE)
_ALL_BUT = re.compile(r"\b(all|every\w*|none|nobody|anyone|anything)((?: \w+){0,2}?) but\b", re.IGNORECASE)
_ORDER = re.compile(r"\b(before|after|following|prior to|ahead of|earlier than|later than)\b", re.IGNORECASE)
_OPENS = re.compile(
    r"\W*(?:(?:\w+ )?(?:minutes?|hours?|days?|weeks?|months?|years?)|shortly|just|soon|right|immediately)?\W*$", re.I
)
NEGATION = re.compile(
    r"\b(?:not|no(?! (?:later|earlier|more|less|fewer) than)|never|none|nobody|nothing|neither|nor|without|cannot"
    r"|\w+n['’]t)\b",
    re.IGNORECASE,
)
_DENIED = {"unknown", "unclear", "unabl"}  # for denials to see
_EARLIER_FIRST = {"before", "prior to", "ahead of", "earlier than"}


_BOUND = re.compile(
    r"\b(?:\w+ than|over|under|above|below|(?:at )?(?:the )?(?:least|most)|up to|as \w+ as)\W*(?:an?|the)?\W*$",
    re.IGNORECASE,
)


def opposed(word: str, text: str) -> bool:
    """Tell whether a text has a word that points the other way than this one, and none that points its way."""
    own, theirs = stem(word), set(stems(text))
    return any(
        own in side and not side & theirs and any(other & theirs for other in sides if other is not side)
        for table in (_OPPOSITES, _COUNTERPARTS, _DENYING)
        for sides in _table(table)
        for side in sides
    )


def aligned(word: str) -> frozenset[str]:
    """List the stems that point the same way as one, itself among them: "resumed" and "start"."""
    return frozenset({word}.union(*(side for sides in _table(_OPPOSITES) for side in sides if word in side)))


def pointed_elsewhere(claim: str, said: str) -> str:
    """Give the word of a claim that points another way than its quotes, or "" if none does."""
    own, theirs = _plain_stems(claim), _plain_stems(said)
    if _turned_back(claim) != _turned_back(said):  # "unlikely to succeed" is "likely to fail"
        return ""
    undone = "" if NEGATION.search(f"{claim} {said}") else _undone(own, theirs)
    return next((min(here) for here, _ in _differing(own, theirs, _table(_OPPOSITES))), undone)


def _turned_back(text: str) -> bool:
    return NEGATION.search(text) is not None or "unlikely" in text


def misdirected(claim: str, quotes: Sequence[str]) -> str:
    """Say that a claim goes up where its quotes go down, or has who lost win, or give "" where nothing is found."""
    theirs = list(parts(quotes))
    said = " ".join(taken_up(claim, quotes))
    differing = _differing(stems(claim), stems(said), _table(_COUNTERPARTS))
    found = [min(here) for here, there in differing if not _turned(claim, here, said, there)]
    known = stems(" ".join(quotes))
    for part in parts([claim]):
        elsewhere = [pointed_elsewhere(part, each) for each in nearest(part, theirs)]
        found += [word for word in elsewhere if word and word not in known]
    return f"says {found[0]!r} where its quotes say the opposite" if found else ""


def _differing(own: Sequence[str], theirs: Sequence[str], table: Table) -> Iterator[tuple[set[str], set[str]]]:
    for sides in table:
        for side in sides:
            here = side & (set(own) - set(theirs))
            others = [other for other in sides if other is not side and other & set(theirs)]
            if here and others and not side & set(theirs) and not any(other & set(own) for other in others):
                yield here, others[0]


@lru_cache(maxsize=4096)
def _plain_stems(text: str) -> tuple[str, ...]:
    return tuple(stems(_plain(text)))


def _plain(text: str) -> str:
    """Leave out the bounds of numbers, which are compared with the numbers, and put "for" and "but" in other words."""
    bounds = [number.start for number in numbers_in(text) if number.bound]
    for at in reversed(bounds):
        text = _BOUND.sub("", text[:at]) + text[at:]
    text = _WENT_DOWN.sub("fell", _WENT_UP.sub("rose", text))
    return _ALL_BUT.sub(r"\1\2 except", _AGAINST.sub(r"\1 anti", _FOR.sub(r"\1 pro", text)))


def _undone(own: Sequence[str], theirs: Sequence[str]) -> str:
    """Find "unlikely" for "likely", and the other way round."""
    for word in set(own) ^ set(theirs):
        there = theirs if word in own else own
        base = word.removeprefix("un")
        if base != word not in _DENIED and len(base) > 2 and any(base == other[: len(base)] for other in there):
            return word if word in own else base
    return ""


def _turned(claim: str, here: set[str], said: str, there: set[str]) -> bool:
    """Tell whether both say the same from opposite ends, as in "Ann beat Bob" and "Bob lost to Ann"."""
    before, after = _named_around(claim, here)
    was_before, was_after = _named_around(said, there)
    return bool(before & was_after and after & was_before and not before & was_before)


def _named_around(text: str, cue: set[str]) -> tuple[set[str], set[str]]:
    """Give the words with a capital before and behind a cue."""
    found = [bare(word) for word in WORD.findall(text)]
    at = next(index for index, word in enumerate(found) if stem(word) in cue)
    named = [{word.casefold() for word in side if word[0].isupper()} for side in (found[:at], found[at + 1 :])]
    return named[0], named[1]


def reordered(claim: str, quotes: Sequence[str]) -> str:
    """Say that a claim puts what came first behind what came later, or "" where the quotes do not tell."""
    given = [order for quote in quotes for order in _orders(quote)]
    for earlier, later in _orders(claim):
        kept = any(earlier & first and later & second for first, second in given)
        if not kept and any(earlier & second and later & first for first, second in given):
            return "turns round what came before and what after"
    return ""


def _orders(text: str) -> Iterator[tuple[set[str], set[str]]]:
    """Give what each "before" or "after" says came earlier and what later, as stems."""
    for sentence in SENTENCE_END.split(text):
        if cue := _ORDER.search(sentence):
            front, back = sentence[: cue.start()], sentence[cue.end() :]
            back, _, rest = back.partition(",")
            if _OPENS.match(front):  # "After A, B"
                front = rest
            pair = set(content_stems(front)), set(content_stems(back))
            first, second = pair if cue[0].lower() in _EARLIER_FIRST else (pair[1], pair[0])
            yield first - second, second - first


@cache
def _table(text: str) -> Table:
    lines = text.strip().replace("\n    ", " ").splitlines()
    return tuple(tuple({stem(word) for word in side.split()} for side in line.split("|")) for line in lines)
