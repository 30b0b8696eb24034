"""A claim and its quotes in, what the claim changed of their meaning out: polarity, certainty, direction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from rag.facts.names import WORD, bare
from rag.facts.vocabulary import FUNCTION_WORDS
from rag.language.words import stem


def _words(pattern: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(pattern.split())})\b", flags)


_IDIOMS = re.compile(
    r"\b(?:not (?:only|just|merely|to mention|least)|whether or not|no doubt|no (?:less|fewer|more|later) than)\b"
    r"|\bNo\. ?(?=\d)|\bWithout Borders\b",
    re.IGNORECASE,
)
_NEGATION = _words(r"not no never none nobody nothing neither nor without cannot \w+n['’]t")
# verbs that turn round what follows, as "not" does
_REFUSAL = _words(
    r"""
    den(?:y|ies|ied|ying|ial) refus\w+ reject\w* fail(?:s|ed|ing)?\sto declin(?:e|es|ed|ing)\sto unable inability
    (?:ruled|rule|ruling|rules)\sout turned\sdown voted\sdown prevent\w* prohibit\w* forb[ai]d\w* veto\w*
    oppos(?:e|es|ed|ing)
    """
)
# words that may or may not: where only one text has them they may account for a difference, so nothing is concluded
_LOOSE = _words(
    r"""
    lack\w* block\w* ban(?:s|ned|ning)? barr?(?:ed|s|ing) halt\w* stop\w* ceas\w+ end(?:ed|s|ing)? avoid\w*
    abst\w+ absen\w+ impossible illegal\w* unlawful\w* hardly barely scarcely yet\sto only except alone dismiss\w*
    unlikely cancel\w* suspend\w* empty free\sof un\w{5,} in(?:valid|complete|active|sufficient)\w*
    instead short\sof out\sof miss\w* former\w* too few little remain\w* still withheld withhold\w* away keep\w*
    kept cannot los[st]\w* other\sthan all\sbut
    """
)

# cues that weaken what a quote says, and for each what may stand for it in a claim
_LIKELIHOOD = r"""
    may might could reportedly alleged\w* apparent\w* possibl[ey] perhaps likely probabl[ey] seem\w*
    appear(?:s|ed)?\s(?:to|that) suggest\w* believed thought\sto suspected rumou?r\w* unconfirmed potential\w*
    purported\w* expected
    """
_CLAIMED = r"""
    (?:claim(?:s|ed|ing)?)(?!\s(?:responsibility|the\sli(?:fe|ves)|\d)) alleg(?:e|es|ed|ing|ations?) accus\w+
    assert(?:s|ed|ing|ion)? contend\w* insist\w*
    """
_INTENT = r"""
    plan(?:s|ned|ning)?\sto intend\w* aim(?:s|ed|ing)?\sto hop(?:es?|ed|ing) propos(?:e[ds]?|ing|als?) threaten\w*
    vow\w* promis\w+ pledg\w+ considering will would is\sto are\sto (?:set|due|scheduled)\sto should
    """
_REPORTED = r"""
    sa(?:y|ys|id|ying) according told tells report\w* stat(?:ed?|es|ing|ements?) describ\w+ argu\w+ blam\w+
    \w*claim\w* charg\w+ announc\w+ maintain\w* warn\w* declar\w+ spoke\w* views? words call\w* think\w*
    critici\w+ denounc\w+ complain\w* point\w*
    """
_OPEN = r"""
    can chance risk\w* uncertain\w* unclear probability estimat\w+ if whether question\w* think\w* possibilit\w+
    presum\w+ signs? supposed\w* tentative\w* doubt\w* prospect\w* fear\w* danger\w* indicat\w+ look\w* unverified
    so-called
    """
_AIMED = r"""
    plan\w* inten\w+ aim\w* target\w* goal\w* objective\w* ask\w* request\w* demand\w* require\w* future upcoming
    ambition\w* purpose designed meant commit\w* warn\w* ready prepar\w+ need\w* must ought to\sbe seek\w* sought
    want\w* wish\w* try\w* tried attempt\w* effort\w* urg\w+ call(?:s|ed|ing)?\sfor agree\w* offer\w* due set
    scheduled later forthcoming coming going\sto draft\w* bid eye[ds]? guarantee\w* undert\w+ promis\w+ look\w*
    """


def _cues(*lists: str) -> re.Pattern[str]:
    return _words(" ".join(lists), re.NOFLAG)  # small, so that "May" is a month and "Good Hope" a cape


_HEDGES = (
    ("a doubt", _cues(_LIKELIHOOD), _cues(_LIKELIHOOD, _CLAIMED, _INTENT, _OPEN)),
    ("who claims it", _cues(_CLAIMED), _cues(_CLAIMED, _REPORTED, _LIKELIHOOD)),
    ("that it is intended", _cues(_INTENT), _cues(_LIKELIHOOD, _INTENT, _OPEN, _AIMED)),
)

# each line: words that point one way | words that point the other
_OPPOSITES = """
increase rise rose risen grow grew gain climb jump raise up | decrease fall fell fallen drop shrank cut lower reduce
more higher above exceed greater | less fewer lower below
accept approve support endorse back pass adopt welcome | reject oppose veto condemn
allow permit legal legalise legalize | ban forbid prohibit bar illegal outlaw
confirm admit acknowledge | deny
begin began begun start open reopen launch resume | end finish close shut conclude halt suspend
success succeed successful succeeded | fail failure unsuccessful
guilty convict convicted | innocent acquit acquitted cleared
arrive enter join joined | leave left depart exit withdraw withdrew quit
strengthen boost improve deepen enhance | weaken undermine worsen damage
majority | minority
high highest peak record | low lowest
survive survived alive | die died dead kill killed
largest biggest best most maximum | smallest worst least minimum
earlier early | later late
release freed free | detain arrest jail imprison
north northern | south southern | east eastern | west western
optimistic confident | pessimistic doubtful
direct | indirect
possible | impossible
public publicly | secret secretly private privately
"""
_TURNABLE = """
before | after following
win won beat | lose lost
buy bought | sell sold
import | export
"""
_CLAUSE_END = re.compile(r"[.;:!?,]+[\s”\"’)]+|\s[–—-]\s|\s(?:but|while|whereas|although|though|which|who|whom)\s")
_SENTENCE_END = re.compile(r"[.!?][”\"’)]*\s+")
_GOVERNING = _words(
    _LIKELIHOOD + _CLAIMED + _INTENT + r"not never no den(?:y|ies|ied|ying) refus(?:e[sd]?|ing) if whether unless"
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

    Only the clauses that the claim takes up count. Judged by cue words, so a change in other words is not seen.
    """
    return turned_round(claim, quotes) or _certainty(claim, " ".join(_taken_up(claim, quotes)))


def turned_round(claim: str, quotes: Sequence[str]) -> str:
    """Say what the claim states the other way round than the quotes: it denies what they state, or goes up for down."""
    said = " ".join(_taken_up(claim, quotes))
    return _polarity(_IDIOMS.sub(" ", claim), _IDIOMS.sub(" ", said)) or _direction(claim, said)


def denied(text: str) -> frozenset[str]:
    """List the stems of the words that a text denies: the first that carries content behind each "not" or "refused"."""
    cues = (*_NEGATION.finditer(text), *_REFUSAL.finditer(text))
    return frozenset(stem for cue in cues for stem in content_stems(text[cue.end() :])[:1])


def opposed(word: str, text: str) -> bool:
    """Tell whether a text has a word that points the other way than this one, and none that points its way."""
    own, theirs = stem(word), set(stems(text))
    return any(
        own in side and not side & theirs and any(other & theirs for other in sides if other is not side)
        for _, sides in _opposites()
        for side in sides
    )


def stems(text: str) -> list[str]:
    """List the stems of all words, in order."""
    return [stem(bare(word)) for word in WORD.findall(text)]


def content_stems(text: str) -> list[str]:
    """List the stems of the words that carry content, in order."""
    words = (part for word in WORD.findall(text) for part in re.split("[-‐‑]", bare(word)))
    return [stem(word) for word in words if word.casefold() not in FUNCTION_WORDS]


def _taken_up(claim: str, quotes: Iterable[str]) -> list[str]:
    """List the clauses that a claim speaks of: those of which it repeats half, and the one it shares most with."""
    wanted = set(content_stems(claim))
    found = list(clauses(quotes))
    contents = [set(content_stems(clause)) for clause in found]
    shared = [len(wanted & content) for content in contents]
    most = max(shared, default=0)
    return [
        clause
        for clause, content, count in zip(found, contents, shared, strict=True)
        if count == most or (count and 2 * count >= len(content))
    ]


def clauses(quotes: Iterable[str]) -> Iterator[str]:
    """Cut quotes into clauses. What is under four words ("he claimed", "reportedly") stays with its neighbour."""
    for quote in quotes:
        clause = ""
        for piece in filter(None, _CLAUSE_END.split(quote)):
            if min(len(WORD.findall(clause)), len(WORD.findall(piece))) >= 4:
                yield clause
                clause = ""
            clause = f"{clause} {piece}".strip()
        yield clause


def _polarity(claim: str, said: str) -> str:
    loose, theirs = _found(_LOOSE, claim), _found(_LOOSE, said)
    excused = bool(loose ^ theirs)
    refusals = max(0, len(_REFUSAL.findall(said)) - len(_REFUSAL.findall(claim)))
    if len(_NEGATION.findall(claim)) > len(_NEGATION.findall(said)) + refusals + len(theirs - loose):
        return "denies what its quotes do not deny"
    if _is_denial(claim) != _is_denial(said) and not excused:
        return "denies what its quotes state" if _is_denial(claim) else "states what its quotes deny"
    return ""


def _is_denial(text: str) -> bool:
    """Tell whether a text denies something; a refusal denied ("could not rule out") is none."""
    return bool(_NEGATION.search(text)) != bool(_REFUSAL.search(text))


def _certainty(claim: str, said: str) -> str:
    claim, said = claim[:1].lower() + claim[1:], said[:1].lower() + said[1:]
    for what, cue, licence in _HEDGES:
        if cue.search(said) and not licence.search(claim):
            return f"leaves out {what}"
    return ""


def _direction(claim: str, said: str) -> str:
    own, theirs = stems(claim), stems(said)
    for turnable, sides in _opposites():
        for side in sides:
            here = side & (set(own) - set(theirs))
            others = [other for other in sides if other is not side and other & set(theirs)]
            if here and not side & set(theirs) and others and not any(other & set(own) for other in others):
                if _is_denial(claim) != _is_denial(said) or (turnable and _turned(own, here, theirs, others[0])):
                    continue
                return f"says {min(here)!r} where its quotes say the opposite"
    return ""


def _turned(own: list[str], here: set[str], theirs: list[str], there: set[str]) -> bool:
    """Tell whether both say the same from opposite ends, as in "A before B" and "B after A"."""
    before, after = _around(own, here)
    was_before, was_after = _around(theirs, there)
    return len(before & was_after) + len(after & was_before) > len(before & was_before) + len(after & was_after)


def _around(words: list[str], cue: set[str]) -> tuple[set[str], set[str]]:
    at = next(index for index, word in enumerate(words) if word in cue)
    return set(words[:at]), set(words[at + 1 :])


def _found(pattern: re.Pattern[str], text: str) -> set[str]:
    return {stem(match.split()[0])[:5] for match in pattern.findall(text)}


@cache
def _opposites() -> tuple[tuple[bool, tuple[set[str], ...]], ...]:
    return tuple(_read(_OPPOSITES, turnable=False)) + tuple(_read(_TURNABLE, turnable=True))


def _read(table: str, *, turnable: bool) -> Iterator[tuple[bool, tuple[set[str], ...]]]:
    for line in table.strip().splitlines():
        yield turnable, tuple({stem(word) for word in side.split()} for side in line.split("|"))
