"""Text in, its clauses and the stems of its words out, and which clauses of the quotes a claim takes up. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from rag.facts.names import WORD, bare
from rag.facts.vocabulary import FUNCTION_WORDS
from rag.language.words import stem

SENTENCE_END = re.compile(r"(?<=[.!?])[”\"’)]*\s+(?=[“\"‘(]?[A-Z0-9])|\n")
_CLAUSE_END = re.compile(
    r"[.;:!?,]+[\s”\"’)]+|\s[–—-]\s|\s(?:while|whereas|although|though|which|who|whom)\s|\s(?=(?:but|yet)\s)"
)
_PART_END = re.compile(
    r"[.;:!?]+[\s”\"’)]+|\s[–—-]\s|,?\s(?:while|whereas|although|though|which|who|whom|where)\s"
    r"|,?\s(?=(?:but|because|when|unless)\s)"
    r"|,?\s(?=as\s(?:he|she|it|they|the|his|her|its|their|\w+ed)\s)"
    r"|,?\s(?=(?:after|before|until|since)\s(?!(?:the\s)?(?:end|start|beginning|\d|[A-Z])))"
    r"|,\s(?=(?:has|have|had|is|are|was|were|will|would|did|does|can|could|may|might)\s)"
    r"|,\s(?=and (?:[\w-]+ ){1,8}?(?:is|are|was|were|will|would|did|can|could|may|might|ha[sd]|have)\s)"
    r"|,\s(?=an? (?:charge|claim|accusation|allegation)\b)"
    r"|,\s(?=(?:yet|and (?:the|its|he|she|it|they|his|her|their|some|another))\s)"
    r"|,?\s(?=and (?:that|has|have|had|is|are|was|were|will|would|did|does|can|could|may|might|no|nobody|none|not|never"
    r"|took|made|gave|went|came|saw|held|won|lost|fell|rose|left|sent|told|said|found|\w+ed)\s)"
)
SAYING = {"said", "say", "told", "tell", "acco", "repo", "stat"}  # who says it is no part of it
_NUMBER = re.compile(r"\d[\d,.]*(?<![,.])|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b")


def stems(text: str) -> list[str]:
    """List the stems of all words, in order."""
    return [stem(bare(word)) for word in WORD.findall(text)]


def content_stems(text: str) -> list[str]:
    """List the stems of the words that carry content, in order."""
    words = (part for word in WORD.findall(text) for part in re.split("[-‐‑]", bare(word)))
    return [stem(word) for word in words if word.casefold() not in FUNCTION_WORDS]


def clauses(quotes: Iterable[str]) -> Iterator[str]:
    """Cut quotes into clauses. What is under four words ("he claimed", "reportedly") stays with its neighbour."""
    return _cut(quotes, _CLAUSE_END, 4)


def parts(texts: Iterable[str]) -> Iterator[str]:
    """Cut texts into what is stated or denied by itself: at "but", "after", "and has", not at every comma."""
    return _cut(texts, _PART_END, 3)


def nearest(part: str, theirs: Sequence[str]) -> list[str]:
    """List the parts that share most words with one."""
    wanted = set(roots(part)) - SAYING
    shared = [len(wanted & set(roots(each))) for each in theirs]
    return [each for each, count in zip(theirs, shared, strict=True) if count == max(shared) > 0]


def taken_up(claim: str, quotes: Sequence[str]) -> list[str]:
    """List the parts of the quotes that a claim speaks of: what its parts are nearest to, and what it half repeats."""
    theirs, wanted = list(parts(quotes)), set(roots(claim)) - SAYING
    near = {each for part in parts([claim]) for each in nearest(part, theirs)}
    return [each for each in theirs if each in near or 2 * len(wanted & set(roots(each))) >= len(set(roots(each))) > 0]


def _cut(quotes: Iterable[str], end: re.Pattern[str], least: int) -> Iterator[str]:
    for sentence in (sentence for quote in quotes for sentence in SENTENCE_END.split(quote)):
        clause = ""
        for piece in filter(None, end.split(sentence)):
            if min(_size(clause), _size(piece)) >= least:
                yield clause
                clause = ""
            clause = f"{clause} {piece}".strip()
        yield clause


@lru_cache(maxsize=4096)
def roots(text: str) -> tuple[str, ...]:
    """List numbers, and stems of content cut short, so that "decided" speaks of a "decision"."""
    stems_ = [part[:4] for part in content_stems(text)]
    return (*stems_, *_NUMBER.findall(text))


def _size(text: str) -> int:
    return len(text.split())
