"""A question in, its parts out: what each asks, and what to call it if nothing answers it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rag.answer.premise import past
from rag.facts import names_in
from rag.language.words import content_stems

Span = tuple[int, int]

ASKING = r"(?:who|whom|whose|what|which|when|where|why|how)\b"
_AUXILIARY = r"(?:did|do|does|is|are|was|were|has|have|had|will|would|can|could|may|should)"
# "or did he only claim it?" asks for one of two, and is no part of its own
_BETWEEN = re.compile(
    rf"(?:[.;?]\s+|,\s+|,?\s+(?:and|or|but)\s+)(?=(?:\w+\s+)?{ASKING})|(?:[.;?]\s+|,?\s+and\s+)(?={_AUXILIARY}\s)",
    re.IGNORECASE,
)
_OPENING = re.compile(rf"\W*(?P<phrase>(?:\w+\s+)?{ASKING})", re.IGNORECASE)
_WHOLE = re.compile(rf"\W*(?P<phrase>(?:\w+\s+)?{ASKING}.*?)\s(?P<rest>{_AUXILIARY}\s.*)", re.IGNORECASE)
_SUBJECT = (
    r"I|you|he|she|it|they|we|there|(?:his|her|its|their)\s\w+"
    r"|(?-i:[A-Z][\w’'-]+(?:(?:\sand)?\s(?:al-|el-)?[A-Z][\w’'-]+)*)(?!\sand\b)"
)
_BEING = ("is", "are", "was", "were")
_JOINED = re.compile(r"^(?:(?:and|or|but|also)\s+)+", re.IGNORECASE)
_INDIRECT = re.compile(
    rf"(?P<phrase>(?:\w+\s+)?{ASKING}.*?)\s(?P<auxiliary>{_AUXILIARY})\s(?P<subject>{_SUBJECT})\b(?P<rest>\s.+|)", re.I
)
_WHETHER = re.compile(rf"(?P<auxiliary>{_AUXILIARY})\s(?P<subject>{_SUBJECT})\b(?P<rest>.*)", re.IGNORECASE)
_ORDINAL = re.compile(r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|next)\b", re.I)
_SPEAKERS = re.compile(r"\b(?:say|think|claim|argue|warn|promise|tell|call|announce|demand|make of)\b", re.IGNORECASE)
_PREPOSITIONS = frozenset("in on at to for from by with about after before of".split())
FEW = 3  # words of a part that can do without a verb of its own: "how much herring"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a question, as a question that may lean on the first one, and in words: "who paid for it"."""

    question: str
    named: str
    leans: bool = False  # on the first, as far as its form shows


def parts_of(question: str) -> tuple[Part, ...]:
    """Divide a question into what it asks for. One part is the question itself."""
    pieces = [_JOINED.sub("", question[start:end].strip(" ,?.!")) for start, end in spans(question)]
    if len(pieces) == 1 and (apart := speakers_apart(pieces[0])):
        return tuple(Part(piece, indirect(piece)) for piece in apart)
    whole = pieces[0] if pieces else question
    later = (Part(filled(piece, whole), indirect(piece), leans=True) for piece in pieces[1:])
    return (Part(whole, indirect(whole)), *later)


def spans(text: str) -> Iterator[Span]:
    """Find where the parts of a question begin and end: `when was it signed, by whom, and at what cost?`."""
    start = 0
    for end, following in [*(match.span() for match in _BETWEEN.finditer(text)), (len(text), len(text))]:
        piece = text[start:end]
        says = bool(content_stems(piece)) or (start > 0 and _OPENING.match(piece) is not None)
        if says and (asks(piece) or not text[end:following].startswith(",")):
            yield start, end
            start = following


def asks(piece: str) -> bool:
    """Tell whether a piece of a question asks for something by itself, as "according to the mayor, …" does not."""
    return re.search(rf"\b{ASKING}|^\W*{_AUXILIARY}\b", piece, re.IGNORECASE) is not None


def filled(piece: str, whole: str) -> str:
    """Add to a part without a verb of its own what it leaves out: "by whom" asks by whom the pact was signed."""
    opening, complete = _OPENING.match(piece), _WHOLE.match(whole)
    if not opening or not complete or re.search(rf"\b{_AUXILIARY}\b", piece, re.I):
        return piece
    own = piece[opening.end() :].split()
    has_verb = bool(own) and opening["phrase"].lower() in ("who", "what") and own[0].lower() not in _PREPOSITIONS
    if len(own) > FEW or has_verb:
        return piece
    rest = complete["rest"]
    if (ordinal := _ORDINAL.search(piece)) and _ORDINAL.search(rest):
        return f"{opening['phrase']} {_ORDINAL.sub(ordinal[0], rest, count=1)}"
    return f"{piece} {rest}"


def speakers_apart(question: str) -> list[str]:
    """Ask of each of two speakers by itself: what did X and Y say?"""
    names = names_in(question)
    for one, other in pairwise(names):
        if question[one.end : other.start] == " and " and _SPEAKERS.search(question[other.end :]):
            return [f"{question[: one.start]}{name.text}{question[other.end :]}" for name in (one, other)]
    return []


def indirect(piece: str) -> str:
    """Name what a part asks for: "did it cost much?" becomes "whether it cost much"."""
    asked = _INDIRECT.fullmatch(piece) or _WHETHER.fullmatch(piece)
    if asked is None or (asked["auxiliary"].lower() in ("did", "do", "does") and not asked["rest"]):
        return piece[:1].lower() + piece[1:]
    phrase = asked.groupdict().get("phrase") or "whether"
    if phrase.lower() in ("who", "what") and asked["auxiliary"].lower() in _BEING:
        return f"{phrase.lower()} {asked['subject']}{asked['rest']} {asked['auxiliary'].lower()}"
    verb, _, rest = asked["rest"].strip().partition(" ")
    said = with_auxiliary(asked["auxiliary"].lower(), verb)
    return " ".join(f"{phrase[:1].lower()}{phrase[1:]} {asked['subject']} {said} {rest}".split())


def with_auxiliary(auxiliary: str, verb: str) -> str:
    """Put the verb of a question as a statement has it: "did … win" is "won", "will … win" is "will win"."""
    if auxiliary == "did":
        return past(verb)
    return {"do": verb, "does": f"{verb}s"}.get(auxiliary, f"{auxiliary} {verb}")
