"""A claim and its quotes in, what the claim denies that they state, or states that they deny, out. Pure.

Judged by cue words, part by part: "no one was killed, but 62 were hurt" denies one thing and states another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.facts.bounds import LARGER, SMALLER
from rag.gate.certainty import words
from rag.gate.clauses import content_stems, parts, roots
from rag.gate.directions import NEGATION, pointed_elsewhere

_COMPARATIVE = (
    "more|less|fewer|as|(?:high|low|larg|small|bigg|long|short|strong|weak|clos|old|young|fast|slow|deep|great)e?r"
)
_IDIOMS = re.compile(
    r"\b(?:not (?:only|just|merely|to mention|least|even(?= \d))|whether or not|no doubt)\b"
    rf"|\b(?:no|not)(?: \w+){{0,3}}? (?:{LARGER}|{SMALLER}|later|earlier) than\b"
    r"|\bNo\. ?(?=\d)|\bWithout Borders\b|,? according to [^,.;]*"
    r"|\b(?:all|every\w*|any\w+)(?: \w+){0,2} (?:but|except)\b"
    # "no line carries more"
    rf"|\b(?:no(?! longer)|none|nobody|nowhere|never)\b(?=(?: [\w’'-]+){{0,6}} (?:{_COMPARATIVE})\b(?! than \d))",
    re.IGNORECASE,
)
# verbs that turn round what follows, as "not" does
_REFUSAL = words(
    r"""
    den(?:y|ies|ied|ying|ial) refus\w+ reject\w* fail(?:s|ed|ing)?\sto declin(?:e|es|ed|ing)\sto unable\sto
    inability\sto
    rul(?:e|ed|es|ing)\s(?:\w+\s)?out turned\sdown voted\sdown prevent\w* prohibit\w* forb[ai]d\w* veto\w*
    block(?:s|ed)?
    oppos(?:e|es|ed|ing) (?:is|are|was|were|be)\s(?:\w+ly\s)?against lack(?:s|ed|ing)? ban(?:s|ned)? ceased
    stop(?:s|ped)?\s(?=\w+ing)
    giv(?:e|en|ing)\sup yet\sto exclud(?:e|es|ed|ing) disput(?:ed|es\sth\w+) except apart\sfrom
    """
)
# what is not there or not so
_ABSENCE = words(
    r"""
    (?:run|ran|is|are|was|were|be)\sout\sof out\sof\s(?:service|order|work|action|reach|use) too\s\w+\sto
    absen(?:t|ce) at\sthe\searliest rather\sthan
    un(?:known|clear|hurt|harmed|changed|announced|willing) free\sof illegal impossible unlikely
    (?:been|was|were)\sdropped scrapped shelved stay\w*\sout abandon\w* knock\w*\sout cut\soff
    """
)
# words that may or may not: where only one text has them they may account for a difference, so nothing is concluded
_LOOSE = words(
    r"""
    halt\w* end(?:ed|s|ing)? avoid\w* unlawful\w* hardly barely scarcely still\sto only alone dismiss\w* cancel\w*
    empty in(?:valid|complete|active|sufficient)\w* instead short\sof miss\w* too few little remain\w*
    withheld withhold\w* keep\w* kept los[st]\w* other\sthan all\sbut
    un(?!known|likely|clear|hurt|harmed|changed|announced|willing)\w{5,} dark
    """
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a text, the roots and stems of its words, whether it denies something, and the stems of what."""

    text: str
    roots: frozenset[str]
    stems: frozenset[str]
    denies: bool
    denied: frozenset[str]


def misdenied(claim: str, quotes: Sequence[str]) -> str:
    """Say that a claim denies what its quotes state or states what they deny, or "" where neither is found."""
    own, theirs = list(map(_read, parts([claim]))), list(map(_read, parts(quotes)))
    return _wordwise(own, theirs) or _partwise(own, theirs)


def denied(text: str) -> frozenset[str]:
    """List the stems of what a text denies: the first word that carries content behind each "not" or "refused"."""
    cues = (*NEGATION.finditer(text), *_REFUSAL.finditer(text))
    return frozenset(stem for cue in cues for stem in content_stems(_object(text[cue.end() :]))[:1])


def _object(text: str) -> str:
    """Cut off what stands behind a cue but is not denied by it: "refused, fearing", "blocked by"."""
    return "" if text.lstrip()[:3] == "by " else re.split(r"[,;:]", text)[0]


def _read(text: str) -> _Part:
    plain = _IDIOMS.sub(" ", text)
    cues = (NEGATION.search(plain), _REFUSAL.search(plain) or _ABSENCE.search(plain))
    denies = bool(cues[0]) != bool(cues[1])  # a refusal denied ("could not rule out") is none
    what = denied(plain) if denies else frozenset()
    return _Part(plain, frozenset(roots(plain)), frozenset(content_stems(plain)), denies, what)


def _wordwise(own: Sequence[_Part], theirs: Sequence[_Part]) -> str:
    """Find a word that one side denies and the other has only where nothing is denied."""
    vague = any(part.denies and not part.denied for part in theirs)
    if not vague and any(_only_stated(word, theirs) for part in own for word in part.denied):
        return "denies what its quotes state"
    if any(_only_stated(word, own) and not _stated(word, theirs) for part in theirs for word in part.denied):
        return "states what its quotes deny"
    return ""


def _only_stated(word: str, parts: Sequence[_Part]) -> bool:
    return _stated(word, parts) and not any(part.denies for part in parts if word in part.stems)


def _stated(word: str, parts: Sequence[_Part]) -> bool:
    return any(word in part.stems and not part.denies for part in parts)


def _partwise(own: Sequence[_Part], theirs: Sequence[_Part]) -> str:
    """Find a part that denies something though the part of the quotes nearest to it does not, or the reverse."""
    for part in own:
        near = _nearest(part, theirs)
        loose, their_loose = _loose([part]), _loose(near)
        if any(pointed_elsewhere(part.text, each.text) for each in near):
            continue
        if part.denies and not their_loose - loose and not _denied_in(theirs, part, near):
            return "denies what its quotes do not deny"
        answered = any(other.denies and other.roots & each.roots for other in own for each in near)
        if near and not part.denies and all(each.denies for each in near) and not (loose - their_loose or answered):
            return "states what its quotes deny"
    return ""


def _denied_in(theirs: Sequence[_Part], part: _Part, near: Sequence[_Part]) -> bool:
    """Tell whether the quotes deny, as often, something that a part may mean."""
    most = max((len(each.roots & part.roots) for each in near), default=0)
    enough = 0 if most < 2 else most / 2  # what shares little with the quotes may speak of any denial in them
    often = 2 if _negations(part) > 1 else 0
    return any(
        each.denies
        and (len(each.roots & part.roots) >= enough or each.stems & part.denied)
        and _negations(each) >= often
        for each in theirs
    )


def _negations(part: _Part) -> int:
    return sum(match[0].lower() != "nor" for match in NEGATION.finditer(part.text))


def _nearest(part: _Part, others: Sequence[_Part]) -> list[_Part]:
    shared = [len(part.roots & other.roots) for other in others]
    most = max(shared, default=0)
    return [
        other
        for other, count in zip(others, shared, strict=True)
        if count == most > 0 or count == len(other.roots) > 1  # or repeated in full
    ]


def _loose(parts: Sequence[_Part]) -> set[str]:
    """Collect the loose words of the parts; "just one" is only one."""
    texts = (re.sub(r"\bjust\b", "only", part.text, flags=re.IGNORECASE) for part in parts)
    return {match.split()[0][:5].lower() for text in texts for match in _LOOSE.findall(text)}
