"""A claim and what it takes up of its quotes in, how it made that more certain out. Judged by cue words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from rag.facts.names import names_in
from rag.gate.clauses import roots


def words(pattern: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """Compile patterns that are separated by white space into one for whole words."""
    return re.compile(rf"\b(?:{'|'.join(pattern.split())})\b", flags)


# cues that weaken what a quote says, and for each what may stand for it in a claim
LIKELIHOOD = r"""
    may(?!\snot) might could reportedly alleged\w* apparent\w* possibl[ey] perhaps likely probabl[ey] seem\w*
    appear(?:s|ed)?\s(?:to|that) suggest\w* believed thought\sto suspected rumou?r\w* unconfirmed theor(?:y|ies)
    expect(?:s|ing)? potential\w*
    purported\w* expected forecast suspects?(?=\s(?:that|of|an?|the|it|he|she|they)\b) unlikely
    """
CLAIMED = r"""
    (?:claim(?:s|ed|ing)?)(?!\s(?:responsibility|the\sli(?:fe|ves)|\d)) alleg(?:e|es|ed|ing|ations?) accus\w+
    assert(?:s|ed|ing|ion)? contend\w* insist\w*
    """
WISHED = r"""
    plan(?:s|ned|ning)?\sto intend\w* aim(?:s|ed|ing)?\sto hop(?:es?|ed|ing) propos(?:e[ds]?|ing|als?) threaten\w*
    vow\w* promis\w+ pledg\w+ considering should agree[sd]?\sto
    """
FUTURE = r"will would is\sto are\sto (?:set|due|scheduled)\sto"
_REPORTED = r"""
    sa(?:y|ys|id|ying) according told tells report\w* stat(?:ed?|es|ing|ements?) describ\w+ argu\w+ blam\w+
    \w*claim\w* charg\w+ announc\w+ maintain\w* warn\w* declar\w+ spoke\w*(?<!spokesman)(?<!spokeswoman) views? words
    call\w* think\w* critici\w+ denounc\w+ complain\w* point\w* den(?:y|ies|ied|ying) reject\w* dismiss\w*
    """
_OPEN = r"""
    can allow\w* permit\w*
    chance risk\w* uncertain\w* unclear probability estimat\w+ if whether question\w* think\w* possibilit\w+
    presum\w+ signs? supposed\w* tentative\w* doubt\w* prospect\w* fear\w* danger\w* indicat\w+ look\w* unverified
    so-called possible suspicions? suspect\w* cannot yet (?:is|are|was|were)\sreported reckon\w* predict\w*
    forecast\w* foresee\w* anticipat\w* unknown
    not\sknown next tomorrow
    """
_AIMED = r"""
    plan\w* inten\w+ aim\w* target\w* goal\w* objective\w* ask\w* request\w* demand\w* require\w* future upcoming
    ambition\w* purpose designed meant commit\w* warn\w* ready prepar\w+ need\w* must ought seek\w* sought
    want\w* wish\w* try\w* tried attempt\w* effort\w* urg\w+ call(?:s|ed|ing)?\sfor agree\w* offer\w* due set
    scheduled later forthcoming coming going\sto draft\w* bid eye[ds]? guarantee\w* undert\w+ promis\w+ look\w*
    ha(?:s|ve|d)\sto
    """


def _cues(*lists: str) -> re.Pattern[str]:
    return words(" ".join(lists), re.NOFLAG)  # small, so that "May" is a month and "Good Hope" a cape


_TO_COME = "that it is still to come"
_PAST = re.compile(
    r"\b(?:was|were|has|have|had|did|(?!announced|warned|reported|stated|confirmed|estimated|declared|added)\w+ed|won|lost|fell|rose|left|sent|held|took|made|gave|went|came|began|cut|spent|paid"
    r"|froze|brought|got|met|built|sold|bought)\b"
)
_HEDGES = (
    ("a doubt", _cues(LIKELIHOOD), _cues(LIKELIHOOD, CLAIMED, WISHED, _OPEN)),
    ("who claims it", _cues(CLAIMED), _cues(CLAIMED, _REPORTED, LIKELIHOOD)),
    ("that it is intended", _cues(WISHED), _cues(LIKELIHOOD, WISHED, FUTURE, _OPEN, _AIMED)),
    (_TO_COME, _cues(FUTURE), _cues(LIKELIHOOD, WISHED, FUTURE, _OPEN, _AIMED)),
)
_DOUBTED = _cues(LIKELIHOOD, CLAIMED)
_REFUSED = re.compile(r"\b(?:no|not|against)(?: \w+)? $")  # "has no plans to", "against plans to"
_GOVERNED = 5  # words behind a cue that it makes less certain
_ESTABLISHED = words(r"prov(?:e[sdn]?|ing) establish\w* demonstrat(?:e[sd]?|ing)\sthat certain(?:ly)? definite\w*")


def grown_certain(claim: str, said: Sequence[str]) -> str:
    """Say which hedge of what a claim takes up it leaves out, or "" when none is missed."""
    named = {root for name in names_in(claim) for root in roots(name.text)}  # who may speak of more than one thing
    wanted = set(roots(claim)) - named or named
    claim, *said = [text[:1].lower() + text[1:] for text in (claim, *said)]
    for what, cue, licence in _HEDGES:
        lasting = what == _TO_COME and not _PAST.search(claim)  # "it will cost ten" and "its cost is ten"
        if not (licence.search(claim) or lasting) and any(_bears_on(part, cue, wanted) for part in said):
            return f"leaves out {what}"
    if _ESTABLISHED.search(claim) and not any(map(_ESTABLISHED.search, said)) and any(map(_DOUBTED.search, said)):
        return "calls established what its quotes do not"
    return ""


def _bears_on(said: str, cues: re.Pattern[str], wanted: Set[str]) -> bool:
    """Tell whether what is looked for stands right behind a cue, or before it if nothing does."""
    return any(
        not wanted.isdisjoint(roots(said[cue.end() :])[:_GOVERNED] or roots(said[: cue.start()]))
        for cue in cues.finditer(said)
        if not _REFUSED.search(said[: cue.start()])
    )
