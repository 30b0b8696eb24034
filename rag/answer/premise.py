"""A question in, the statement that it asks about or takes for granted out: "why did he refuse?" says that he refused.

Pure. What is asked for is left out of the statement, and so is the word for it: of "when did he sign it in Rome?" there
remains "he signed it in Rome", which the articles bear out, contradict, or leave open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.facts import names_in
from rag.facts.places import country_of
from rag.facts.vocabulary import ROLES
from rag.language.words import content_stems, words

FEWEST = 3  # words that carry meaning of a statement: of "Italy sent" many things may be true
LONGEST = 30  # words of a question; longer ones take several things for granted

_LEAD_IN = re.compile(
    r"^\W*(?:(?:and|but|so|ok(?:ay)?|also|then|please|pls|now)\b[\s,]*)*"
    r"(?:(?:can|could) you (?:please )?(?:tell|say|explain)(?: me)?|(?:please )?tell me|(?:do|does) (?:you|we|anybody"
    r"|anyone) know|i(?:'d| would) like to know)?[\s,]*(?:if|whether)?\s*",
    re.IGNORECASE,
)
_SAID_BY = re.compile(r",?\s*\b(?:according to|as reported by|as per)\b[^,?]*,?", re.IGNORECASE)
_IS_IT_TRUE = re.compile(r"is it (?:true|correct|right|so|a fact) that\s+", re.IGNORECASE)
_AUXILIARY = r"(?:did|do|does|is|are|was|were|has|have|had|will|would)"
_YES_OR_NO = re.compile(rf"(?P<auxiliary>{_AUXILIARY})(?P<not>n['’]t)?\s+(?P<rest>\S.*)", re.IGNORECASE)
_ADVERBIAL = re.compile(
    rf"(?:since |until |from )?(?:when|where|why|how come|how)\s+(?P<auxiliary>{_AUXILIARY})\s+(?P<rest>\S.*)",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"(?:by |to |with |from |for |in |on |at |of |about |against )?(?:who|whom|what|which|whose|how (?:many|much|long"
    r"|often|far|badly))\b(?:\s[\w’'-]+){0,4}?\s(?P<auxiliary>did|do|does|had|has|have)\s+(?P<rest>\S.*)",
    re.IGNORECASE,
)
_HOST = re.compile(  # "Oslo hosted the talks": they were held in Oslo
    r"host(?:ed)?\s+(?P<what>.*\b(?:rounds?|talks|meeting|summit|conference|negotiations|final|games|festival)\b.*)"
)
_BEFORE_NAME = ROLES | {"the", "a", "an", "former", "then", "of"}
# what leaves open what it asks about: "did anybody …?", "was it red or blue?", "is there …?"
_OPEN = re.compile(
    r"\b(?:any\w*|or|ever|there|else|other|more|really|still|yet|mention\w*|plan\w*|that"
    r"|(?:and|rather|instead) (?:not|than|of))\b|[;:?!\"“”]",
    re.IGNORECASE,
)
_IRREGULAR = dict(
    pair.split(":")
    for pair in """
    admit:admitted ban:banned beat:beat become:became begin:began break:broke bring:brought build:built buy:bought
    choose:chose come:came cost:cost cut:cut do:did draw:drew drop:dropped fall:fell fight:fought find:found flee:fled
    fly:flew forbid:forbade get:got give:gave go:went grow:grew hit:hit hold:held keep:kept know:knew lay:laid
    lead:led leave:left let:let lose:lost make:made mean:meant meet:met pay:paid permit:permitted plan:planned put:put
    quit:quit read:read refer:referred ring:rang rise:rose run:ran say:said see:saw seek:sought sell:sold send:sent
    set:set shoot:shot shut:shut sink:sank speak:spoke spend:spent split:split spread:spread stand:stood steal:stole
    stop:stopped strike:struck take:took teach:taught tell:told think:thought throw:threw understand:understood
    wear:wore win:won withdraw:withdrew write:wrote
    """.split()
)


@dataclass(frozen=True, slots=True)
class Premise:
    """A statement, and whether the question asks if it is so rather than taking it for granted."""

    statement: str
    is_asked: bool


NOTHING = Premise("", is_asked=False)


def premise(question: str) -> Premise:
    """Find the statement in a question: `NOTHING` if its form does not tell, or if there is next to nothing in it."""
    stated = _premise(question)
    return stated if len(content_stems(stated.statement)) >= FEWEST else NOTHING


def _premise(question: str) -> Premise:
    asked = _SAID_BY.sub("", _LEAD_IN.sub("", question.strip())).strip(" ?.!")
    true = _IS_IT_TRUE.match(asked)
    asked = asked[true.end() :] if true else asked
    if _OPEN.search(asked) or len(list(words(asked))) > LONGEST:
        return NOTHING
    if true:
        return Premise(_sentence(asked), is_asked=True)
    if whole := _YES_OR_NO.fullmatch(asked):
        stated = _stated(whole["auxiliary"].lower(), whole["rest"], negated=whole["not"] is not None)
        return Premise(stated, is_asked=True)
    if granted := _ADVERBIAL.fullmatch(asked) or _OBJECT.fullmatch(asked):
        return Premise(_stated(granted["auxiliary"].lower(), granted["rest"]), is_asked=False)
    return NOTHING


def _stated(auxiliary: str, rest: str, *, negated: bool = False) -> str:
    """Put the auxiliary behind the subject, if that is a name, and the verb in the past: "did X win" is "X won"."""
    subject, predicate = _divided(rest)
    if negated:
        return _sentence(f"{subject} {auxiliary} not {predicate}")
    if subject and (hosted := _HOST.match(predicate)):
        return _sentence(f"{hosted['what']} held in {subject}")
    if auxiliary == "did":
        return _sentence(f"{subject} {_in_the_past(predicate)}" if subject else predicate)
    kept = "" if auxiliary in ("do", "does") or not subject else f"{auxiliary} "
    return _sentence(f"{subject} {kept}{predicate}")


def _divided(rest: str) -> tuple[str, str]:
    """Divide what follows an auxiliary into the subject, if it is names, and the rest."""
    end = 0
    for name in names_in(rest):
        if not end and country_of(name.text) not in ("", name.text) and re.match(r"\s[a-z]", rest[name.end :]):
            break  # "the Turkish official": where the subject ends is not known
        if end and rest[end : name.start].strip() not in ("and", ",", "’s", "'s"):
            break
        if not end and not _BEFORE_NAME.issuperset(rest[: name.start].lower().split()):
            break
        end = name.end
    return ("", rest) if rest.startswith(("'", "’"), end) else (rest[:end], rest[end:].strip())


def _in_the_past(predicate: str) -> str:
    verb, _, objects = predicate.partition(" ")
    return f"{past(verb)} {objects}".strip()


def past(verb: str) -> str:
    """Put a verb into the past: `refuse` gives `refused`. What is not in small letters is no verb, and stays."""
    if not verb.islower() or not verb.isalpha():
        return verb
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ied"
    return f"{verb}d" if verb.endswith("e") else f"{verb}ed"


def _sentence(text: str) -> str:
    stripped = text.strip()
    return f"{stripped[:1].upper()}{stripped[1:]}."
