"""A claim and its quotes in, what the claim changed of their meaning out: polarity, certainty, direction, extent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.gate.certainty import CLAIMED, FUTURE, LIKELIHOOD, WISHED, grown_certain, words
from rag.gate.clauses import taken_up
from rag.gate.denials import misdenied
from rag.gate.directions import misdirected, reordered
from rag.gate.extents import stretched

_SENTENCE_END = re.compile(r"[.!?][”\"’)]*\s+")
_GOVERNING = words(
    LIKELIHOOD + CLAIMED + WISHED + FUTURE + r"not never no den(?:y|ies|ied|ying) refus(?:e[sd]?|ing) if whether unless"
)
_GOVERNED = re.compile(r"(?:\b(?:that|to|be|been|it|of|having|have)\b\W*)+$", re.IGNORECASE)
_AFTERTHOUGHT = re.compile(
    r"\W*(?:[\w’'-]+\W+){0,5}?(?:claim(?:s|ed)|alleg(?:es|ed)|reportedly|allegedly|den(?:ies|ied))\b", re.I
)


def is_faithful_cut(claim: str, quote: str) -> bool:
    """Tell whether a claim is a quote, or a piece of it that nothing cut off made less certain or turned round.

    "The talks may resume" is no faithful piece when "Reportedly" or "He denied that" stood right before it.
    """
    whole, piece = " ".join(quote.split()), claim.rstrip(" .!?…")
    at = whole.lower().find(piece.lower())
    if at < 0 or not piece or whole[:at][-1:].isalnum() or whole[at + len(piece) :][:1].isalnum():
        return False
    before = _SENTENCE_END.split(whole[:at])[-1]
    last_words = _GOVERNED.sub("", before).split()[-1:]
    governed = any(map(_GOVERNING.search, last_words))
    return not governed and _AFTERTHOUGHT.match(_SENTENCE_END.split(whole[at + len(piece) :])[0]) is None


def changed_meaning(claim: str, quotes: Sequence[str]) -> str:
    """Say what of the quotes' meaning the claim turned round or left out, or "" when nothing is found.

    Only what the claim takes up counts. Judged by cue words, so a change in other words is not seen.
    """
    taken = taken_up(claim, quotes)
    return turned_round(claim, quotes) or grown_certain(claim, taken) or stretched(claim, " ".join(quotes))


def turned_round(claim: str, quotes: Sequence[str]) -> str:
    """Say what the claim states the other way round than the quotes: it denies what they state, or goes up for down."""
    return misdenied(claim, quotes) or misdirected(claim, quotes) or reordered(claim, quotes)
