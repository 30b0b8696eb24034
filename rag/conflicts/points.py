"""A statement in, the points it settles out: when, where, how many, who, and whether. Pure.

Each point has a value that can be held against another's: a span of numbers, such as days or hours, or a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from rag.conflicts.statements import Statement, Who
from rag.conflicts.vocabulary import (
    APART,
    CLAIMED,
    CROWD,
    CROWDS,
    DENIAL,
    DENIES,
    DONE,
    DONE_BY_ONE,
    HOUR,
    HOURS,
    PACT,
    PENDING,
    REPEATABLE,
    REPLACED,
    ROLE_WORDS,
    ROLES,
    TOGETHER,
    canonical,
    is_act,
)
from rag.facts import DateMention, Number
from rag.facts.names import WORD
from rag.facts.places import country_of
from rag.facts.vocabulary import FUNCTION_WORDS as SMALL_WORDS
from rag.language.words import FUNCTION_WORDS, words

_LITTLE = FUNCTION_WORDS | SMALL_WORDS
_UNTELLING = _LITTLE | ROLE_WORDS
_ABOUT = re.compile(r"\b(?:about|around|roughly|some|approximately|close to)\s*[$€£]?$", re.I)
_ABOVE = re.compile(r"\b(?:more than|over|at least|upwards of)\s*[$€£]?$", re.I)
_BELOW = re.compile(r"\b(?:less than|fewer than|under|up to|at most|nearly|almost)\s*[$€£]?$", re.I)
_RANK = re.compile(r"\d(?:st|nd|rd|th)$|^(?:\w+th|first|second|third|last|next)$", re.I)
_JOINED_BEHIND, _JOINED_BEFORE = re.compile(r"[-–:/]\w"), re.compile(r"\w[-–:/]$")
_COUNT_OF = re.compile(r"\b(?:number|count|total) of (?:the )?([a-z]+)|\b(?:death )?(toll)\b", re.I)
_YEAR_OF_PACT = re.compile(
    rf"\b(?P<before>(?:19|20)\d\d)\s(?:[\w-]+\s){{0,3}}?{PACT.pattern}|{PACT.pattern}\sof\s(?P<behind>(?:19|20)\d\d)\b",
    re.I,
)
_ONE_TO_COME = re.compile(r"\s(?:(?:an?|their|its)\s)?(?:(?!the\b)[\w-]+\s){0,3}", re.I)
_TITLE_BEFORE = re.compile(r"((?:[\w’'-]+\s){0,4})\b([a-z]+),?\s$", re.I)
_TITLE_BEHIND = re.compile(
    r",?\s(?:who\s(?:is|was)\s|(?:is|was)\s)?(?:the\s)?((?:[\w’'-]+\s){0,5}?)([a-z]+)"
    r"(?:\sof\s(?:the\s)?([\w’' -]+))?",
    re.I,
)
_WHO_HEADS = re.compile(r",?\s(?:who|which)\s(?:heads|leads|chairs|runs)\s(?:the\s)?([\w’'-]+(?:\s[A-Z][\w’'-]+)*)")
_EDGES = re.compile(r"^[\s,]*(?:who\s)?(?:(?:is|was)\s)?(?:the\s)?|[\s,]+$", re.I)
_NOT_IN_OFFICE = re.compile(r"\b(?:deputy|vice|former|ex|acting|assistant|outgoing|then)\b", re.I)
_CAPITAL_BEFORE = re.compile(r"\b[A-Z]\w+\s$")
_NOUN_BEHIND = re.compile(r"['’]s?\b|\s[A-Z]")
_VENUE = re.compile(
    r"\b(?:Stadium|Arena|Hall|Palace|Airport|Hospital|University|Cent(?:er|re)|Park|Street|Square|Hotel)\b"
)
_DONE_TO = re.compile(r"\w+\s(?:the|its|their)\s(\w+)")
_CARRIED_OUT = re.compile(
    r"\b(?:carr(?:y|ies|ied|ying) out|commit\w*|conduct\w*|launch\w*|perpetrat\w*|been attack\w*|have attacked"
    r"|stage[ds]?)\b",
    re.I,
)
DENYING = frozenset(map(canonical, "deny denied admit admitted confirm confirmed acknowledge acknowledged".split()))
SIGN, MEET = canonical("sign"), canonical("met")
MOST_NUMBERS = 4  # of a clause; more make a table
GENERAL_OFFICES = frozenset(map(canonical, "prime foreign interior defence defense finance justice national".split()))
PUBLISHED = frozenset(map(canonical, "published updated posted".split()))  # of the article itself
VIOLENT = frozenset(map(canonical, "attack sabotage bombing killing shooting murder hack".split()))


class Slot(Enum):
    """What a point is about."""

    DATE = auto()
    HOUR = auto()
    PLACE = auto()
    NUMBER = auto()
    ACTOR = auto()
    COMPANY = auto()
    HOLDER = auto()
    STAGE = auto()
    CLAIM = auto()
    SENSE = auto()


@dataclass(frozen=True, eq=False)
class Point:
    """What a statement says on one point."""

    slot: Slot
    statement: Statement
    anchor: str  # what the value belongs to: an act, what is counted, an office
    says: str  # the value in the article's words
    low: float = 0
    high: float = 0
    who: Who | None = None
    label: str = ""  # what its phrase is to name: an office, a pact
    office: frozenset[str] = frozenset()  # the words that say of what somebody is the head


def points(statement: Statement) -> list[Point]:
    """List the points that a statement settles."""
    readers = (_dates, _hours, _places, _numbers, _crowds, _actors, _company, _holders, _stage, _claims, _sense)
    if len(statement.numbers) > MOST_NUMBERS:
        return []
    return [point for read in readers for point in read(statement)]


def _dates(statement: Statement) -> Iterator[Point]:
    for match in _YEAR_OF_PACT.finditer(statement.text):
        year = int(match["before"] or match["behind"])
        days = [date for date in statement.dates if date.year == year]
        if days and (span := days[0].dates):
            yield Point(Slot.DATE, statement, "sign", str(year), span.first.toordinal(), span.last.toordinal())
    for date in statement.dates:
        anchor = statement.anchor(date.start) if date is not statement.day_before else ""
        telling = anchor and anchor not in REPEATABLE | PUBLISHED and not _modifies(statement, date)
        if telling and (span := statement.days(date)):
            said = statement.text[date.start : date.end]
            if date.relative.endswith("year"):
                said = f"{said} ({span.first.year}{' or later' * (span.last.year > span.first.year)})"
            yield Point(Slot.DATE, statement, anchor, said, span.first.toordinal(), span.last.toordinal())


def _modifies(statement: Statement, date: DateMention) -> bool:
    """Tell whether a date only helps to name something: "the 2023 pact", "Black Friday", "Sunday's match"."""
    before, after = statement.text[: date.start], statement.text[date.end :]
    weekday_of_name = date.month is None and (_CAPITAL_BEFORE.search(before) or _NOUN_BEHIND.match(after))
    return bool(weekday_of_name) or any(
        match.start() <= date.end - 4 <= match.end() for match in _YEAR_OF_PACT.finditer(statement.text)
    )


def _hours(statement: Statement) -> Iterator[Point]:
    for match in HOUR.finditer(statement.text):
        if anchor := statement.anchor(match.start()):
            low, high = HOURS[match[0].lower()]
            yield Point(Slot.HOUR, statement, anchor, match[0].lower(), low, high)


def _places(statement: Statement) -> Iterator[Point]:
    for who in statement.places:
        if not _VENUE.search(who.text) and (anchor := statement.anchor(who.start)):
            yield Point(Slot.PLACE, statement, anchor, who.text, who=who)


def _numbers(statement: Statement) -> Iterator[Point]:
    text = statement.text
    counted = [(number, *_counted(text, number)) for number in statement.numbers if _is_amount(text, number)]
    kinds = [kind for _, kind, _ in counted]
    for number, kind, end in counted:
        if kind and kinds.count(kind) == 1:  # of several it is not clear which is which
            before = text[: number.start]
            low, high = _extent(before, float(number.value))
            rounding = [match.start() for each in (_ABOUT, _ABOVE, _BELOW) if (match := each.search(before))]
            says, label = text[min([*rounding, number.start]) : end].strip(), text[number.end : end].strip()
            yield Point(Slot.NUMBER, statement, kind, says, low, high, label=label or "times" * (kind == "time"))


def _is_amount(text: str, number: Number) -> bool:
    """Tell whether a number says how many there are: no rank, no score, and not the one that was wrong."""
    said, before, after = text[number.start : number.end], text[: number.start], text[number.end :]
    joined = _JOINED_BEHIND.match(after) or _JOINED_BEFORE.search(before)
    return not (_RANK.search(said) or joined or REPLACED.search(before))


def _extent(before: str, value: float) -> tuple[float, float]:
    if _ABOUT.search(before):
        return 0.9 * value, 1.1 * value
    if _ABOVE.search(before):
        return value, 1.5 * value
    return (0.7 * value, value) if _BELOW.search(before) else (value, value)


def _counted(text: str, number: Number) -> tuple[str, int]:
    """Give what a number counts, and where the words for it end."""
    if text[number.start : number.end].lower() in ("twice", "double"):
        return "time", number.end
    following = list(WORD.finditer(text, number.end, number.end + 40))
    run: list[re.Match[str]] = []
    for match in following[:3]:
        between = text[run[-1].end() if run else number.end : match.start()]
        if between.strip(" -") or match[0].lower() in _LITTLE or match[0][0].isupper() or (run and is_act(match[0])):
            break
        run.append(match)
    if number.unit:
        behind = run[0].end() if run else number.end
        return number.unit, behind
    if run:
        return canonical(run[-1][0]), run[-1].end()
    total = _COUNT_OF.search(text[: number.start])
    return (canonical(total[1] or "people") if total else ""), number.end


def _crowds(statement: Statement) -> Iterator[Point]:
    for match in CROWD.finditer(statement.text):
        if noun := WORD.search(statement.text, match.end()):
            low, high = CROWDS[match[1].lower()]
            yield Point(
                Slot.NUMBER, statement, canonical(noun[0]), statement.text[match.start() : noun.end()], low, high
            )


def _actors(statement: Statement) -> Iterator[Point]:
    for start, act in statement.acts:
        doing = [who for who in statement.participants if 0 <= start - who.end <= 2]
        whom = _DONE_TO.match(statement.text, start)
        if act in DONE_BY_ONE and doing and whom:
            anchor, label = f"{act} {canonical(whom[1])}", statement.text[start:]
            yield Point(Slot.ACTOR, statement, anchor, doing[-1].text, who=doing[-1], label=label)


def _company(statement: Statement) -> Iterator[Point]:
    if MEET not in statement.done and "separate" not in statement.citation.quote:
        return
    joint, apart = TOGETHER.search(statement.text), APART.search(statement.citation.quote)
    if joint:
        who = next((who for who in statement.participants if who.start >= joint.end()), None)
        if who:
            yield Point(Slot.COMPANY, statement, MEET, statement.text[joint.start() : who.end], 1, 1, who, who.text)
    elif apart:
        for who in statement.participants:
            yield Point(Slot.COMPANY, statement, MEET, "separately", 0, 0, who, who.text)


def _holders(statement: Statement) -> Iterator[Point]:
    whole = replace(statement, text=statement.citation.quote)  # with who says so
    for who in whole.participants if statement.opens else ():
        for role, of, title in () if who.country else _titles(whole.text, who):
            office = frozenset(_key(match.group()) for match in words(of)) - {""}
            if office - GENERAL_OFFICES:
                yield Point(Slot.HOLDER, statement, ROLES[role], who.text, who=who, label=title, office=office)


def _titles(text: str, who: Who) -> Iterator[tuple[str, str, str]]:
    """Yield a person's roles, each with the words that say of what, and all of it as it is written."""
    before, behind = _TITLE_BEFORE.search(text[: who.start]), _TITLE_BEHIND.match(text, who.end)
    heading = _WHO_HEADS.match(text, who.end)
    found = [(match[2].lower(), match[1], match[0]) for match in [before] if match]
    found += [(match[2].lower(), f"{match[1]} {match[3] or ''}", match[0]) for match in [behind] if match]
    found += [("head", match[1], f"head of the {match[1]}") for match in [heading] if match]
    for role, office, title in found:
        if role in ROLES and not _NOT_IN_OFFICE.search(title):
            yield role, office, _EDGES.sub("", title)


def _key(word: str) -> str:
    return country_of(word) or ("" if word.lower() in _UNTELLING else canonical(word))


def _stage(statement: Statement) -> Iterator[Point]:
    text = statement.text
    pact, pending, done = PACT.search(text), PENDING.search(text), DONE.search(text)
    if pact is None:
        return
    label = " ".join([*text[: pact.start()].split()[-1:], pact[0]])
    between = text[pending.end() : pact.start()] if pending else ""
    if pending and pending.end() <= pact.start() and _ONE_TO_COME.fullmatch(between):
        says = " ".join(text[pending.start() : pact.end()].split())
        yield Point(Slot.STAGE, statement, SIGN, says, 0, 0, label=label)
    elif not pending and done:
        yield Point(Slot.STAGE, statement, SIGN, done[0], 1, 1, label=label)


def _claims(statement: Statement) -> Iterator[Point]:
    for start, act in statement.acts:
        if act not in VIOLENT:
            continue
        claimed = [match for match in CLAIMED.finditer(statement.text[:start]) if start - match.end() < 40]
        if claimed:
            yield Point(Slot.CLAIM, statement, act, claimed[-1][0], 0, 0, label=statement.text[start:])
        elif done := _CARRIED_OUT.search(statement.text):
            yield Point(Slot.CLAIM, statement, act, done[0], 1, 1, label=statement.text[start:])


def _sense(statement: Statement) -> Iterator[Point]:
    acts = [(start, act) for start, act in statement.acts if act not in DENYING] or list(statement.acts)[:1]
    for start, act in acts[:1]:
        denied = DENIAL.search(statement.text[:start][-30:]) or DENIES.search(statement.text[: start + 8])
        says = " ".join(statement.text.split()).strip(" ,.;")
        anchor = "plead" if act in DENYING else act
        yield Point(Slot.SENSE, statement, anchor, says, *((0, 0) if denied else (1, 1)))
