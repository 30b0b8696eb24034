"""A claim's text and what its quotes say in, what the claim adds of its own, or takes for said, out. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.facts import dates_in, names_in, numbers_in
from rag.gate.denials import denied
from rag.gate.directions import aligned
from rag.gate.evidence import Evidence
from rag.language.words import content_stems, stem

_PART_END = re.compile(r"[:;][”\"’)]*\s+")
_PIECE_END = re.compile(r"(?:[,.;:!?–—][”\"’)]*|\s(?:and|but))\s+")
_SAYING = "say tell write reply respond answer state report claim confirm mention announce declare inform assert"
# "Say that …", "… and tell readers that …", "the sentence that …": nobody says that it is so
_ORDER = re.compile(
    r"(?:^|[.:;,!?]\s+|\b(?:and|please|must|should|shall|(?:is|are) to)\s+)"
    rf"(?:please\s+)?(?P<verb>{'|'.join(_SAYING.split())})(?:\s+\w+){{0,4}}?\s+that\s+(?P<ordered>[^.!?]*)"
    r"|\b(?P<noun>sentence|words|notion|idea|pretence)\s+that\s+(?P<unsaid>[^.!?]*)",
    re.IGNORECASE,
)
_COMPARED = re.compile(r"\b(?:than|against|unknown|unclear)\b", re.IGNORECASE)
_ELSEWHERE = "said told according article outlet newspaper possible likely"  # held against the quotes elsewhere
_LOOKED_AFTER = frozenset(map(stem, f"{_SAYING} {_ELSEWHERE}".split()))
_STEM = 4  # letters that the forms and relatives of a word share: "closure", "closed"


def added(text: str, evidence: Evidence) -> str:
    """Say that a claim ends in a word that its quotes have nothing like, or "" if it does not.

    What a sentence is about comes first in it, and what is new comes last. What has a number or a date may use words of
    its own, as may a denial and a comparison: those are held against the quotes elsewhere. Of the honest claims of
    `tests/benchmarks/planted/gate-dev.txt` this rejects one in a hundred.
    """
    origins = " ".join(source.origin for source in evidence.sources)  # "according to coast.example"
    known = " ".join(content_stems(f"{evidence.text} {evidence.speakers} {origins}"))
    ends = [_own_words(_PIECE_END.split(part)[-1])[-1:] for part in _PART_END.split(text)]
    strange = any(not any(other[:_STEM] in known for other in aligned(word)) for end in ends for word in end)
    return "ends in what its quotes do not say" if strange else ""


def _own_words(text: str) -> list[str]:
    """List the stems that nothing else looks after: of no name, and beside no number, date, denial or comparison."""
    if any(checked(text) for checked in (numbers_in, dates_in, denied, _COMPARED.search)):
        return []
    words = (word for name in names_in(text) for word in name.words if not _is_loud(word))
    named = {each for word in words for each in content_stems(word)}
    return [each for each in content_stems(text) if each not in named | _LOOKED_AFTER]


def _is_loud(word: str) -> bool:
    """Tell whether words were written as if they were one name: BRIDGE-CLOSED."""
    return "-" in word and word.isupper()


def only_ordered(text: str, sentences: Sequence[str]) -> str:
    """Say that a claim takes what a quote only tells somebody to say for true, or "" if it does not."""
    whole = " ".join(sentences)
    orders = list(_ORDER.finditer(whole))
    ordered = " ".join(match["ordered"] or match["unsaid"] for match in orders)
    verbs = {stem(match["verb"] or match["noun"]) for match in orders}
    only_there = set(content_stems(ordered)) - set(content_stems(_ORDER.sub(" ", whole)))
    pieces = (set(content_stems(piece)) for piece in _PIECE_END.split(text))
    taken = any(piece & only_there and not piece & verbs for piece in pieces)
    return "takes what its quotes only tell somebody to say for true" if taken else ""
