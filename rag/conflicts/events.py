"""Two points in, whether they are one and the same point of one event, and how what they say goes together. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from rag.conflicts.points import DENYING, Point, Slot
from rag.conflicts.statements import NEWS_OF, Statement, Who
from rag.conflicts.vocabulary import ANOTHER, CHANGED, ORDINAL, STATE
from rag.facts.places import country_of
from rag.schema import Dates

# tuned on the planted dev articles
ALIKE = 0.5  # share of the words and names of two clauses that must be in both
NEARLY_ALIKE = 0.6  # … where the clauses share no name, and only their articles do
OPPOSED = 0.65  # … where one says that it is so, and the other that it is not
WORDS_SHARED = 2
PARTIES = 2  # by which a pact is known
FIGURES_LAST = timedelta(7)  # between two reports of one figure; prices and scores are others in another week
TOPIC = 2  # names with which two articles open


def is_same_point(one: Point, other: Point) -> bool:
    """Tell whether two points of a kind are about the same thing."""
    a, b = one.statement, other.statement
    if one.slot is not other.slot or one.anchor != other.anchor or a.citation == b.citation:
        return False
    if one.slot is Slot.HOLDER:
        return _same_office(one, other)
    if one.slot is Slot.COMPANY:
        return _same_company(one, other)
    if one.slot is Slot.STAGE:
        return _same_pact(a, b)
    if one.slot is Slot.CLAIM:
        return _shared_names(a, b) > 0 and len(a.tokens & b.tokens) >= WORDS_SHARED and _same_news(a, b)
    if a.citation.source == b.citation.source:
        return False  # lists and live reports say the like of one thing after another
    return _same_statement(one, other) and _one_event(one, other)


def _same_statement(one: Point, other: Point) -> bool:
    """Tell whether two articles say the like of the like, but for the value of a point."""
    a, b = one.statement, other.statement
    if one.slot is Slot.SENSE:
        return _same_words(a, b)
    if one.slot is Slot.ACTOR:
        return same_topic(a, b) and _same_news(a, b)
    if one.slot is Slot.PLACE and (_takes_part(one, b) or _takes_part(other, a)):
        return False
    return _same_subject(a, b) and (one.slot is not Slot.NUMBER or _same_sum(one, other))


def _same_pact(a: Statement, b: Statement) -> bool:
    """Tell whether two clauses speak of one pact, by its parties or by what it is about."""
    named = _shared_names(a, b)
    return named >= PARTIES or ((named > 0 or same_topic(a, b)) and len(a.tokens & b.tokens) >= WORDS_SHARED)


def _same_sum(one: Point, other: Point) -> bool:
    """Tell whether two numbers of the same things are of the same of them."""
    a, b = one.statement, other.statement
    lasting = all(STATE.search(each.text) or CHANGED.search(each.text) for each in (a, b))
    if not (lasting or CHANGED.search(a.text + b.text) or _same_news(a, b, FIGURES_LAST)):
        return False
    words, named = len((a.tokens & b.tokens) - {one.anchor}), matches(a.participants, b.participants)
    if named:
        return words + named > WORDS_SHARED
    return a.opens and b.opens and words >= WORDS_SHARED and same_topic(a, b)


def _other_sum(a: Statement, b: Statement) -> bool:
    """Tell whether they speak of other amounts, and so of other events: 70 million raised, and 400 million."""
    amounts = [{number.unit: number.value for number in each.numbers if number.unit} for each in (a, b)]
    return any(amounts[0][unit] != amounts[1][unit] for unit in amounts[0].keys() & amounts[1].keys())


def _one_event(one: Point, other: Point) -> bool:
    """Tell whether nothing speaks against it that two statements on one subject are of one event."""
    a, b = one.statement, other.statement
    return (
        not set_apart(a, b)
        and not (one.slot is not Slot.PLACE and elsewhere(a, b))
        and not _other_time(one, other)
        and (one.slot in (Slot.ACTOR, Slot.PLACE) or not rivals(a, b))
        and (one.slot is Slot.NUMBER or not _other_sum(a, b))
        and not _done_to_others(a, b)
    )


def _same_subject(a: Statement, b: Statement) -> bool:
    """Tell whether two clauses say enough of the same, of the same people, or in articles about the same people."""
    shared = len(a.tokens & b.tokens)
    if not shared:
        return False
    likeness = _likeness(a, b)
    if named := matches(a.names, b.names):
        return likeness >= ALIKE and shared + named > WORDS_SHARED
    if a.tokens == b.tokens or (likeness >= ALIKE and shared >= WORDS_SHARED):
        return _shared_names(a, b) > 0 or (likeness >= NEARLY_ALIKE and shared >= WORDS_SHARED and same_topic(a, b))
    return False


def _likeness(a: Statement, b: Statement) -> float:
    """Compute which share of the words and names of two clauses is in both (Dice's coefficient)."""
    shared = len(a.tokens & b.tokens) + matches(a.names, b.names)
    return 2 * shared / max(1, len(a.tokens) + len(a.names) + len(b.tokens) + len(b.names))


def _shared_names(a: Statement, b: Statement) -> int:
    return matches((*a.names, *a.context), (*b.names, *b.context))


def matches(names: Sequence[Who], others: Sequence[Who]) -> int:
    """Count the names that are among the others, each once."""
    found: list[Who] = []
    for name in names:
        if any(map(name.is_same, others)) and not any(map(name.is_same, found)):
            found.append(name)
    return len(found)


def same_topic(a: Statement, b: Statement) -> bool:
    return len(a.topic & b.topic) >= min(TOPIC, len(a.topic), len(b.topic)) > 0


def set_apart(a: Statement, b: Statement) -> bool:
    """Tell whether their words say that they speak of two: "another bridge", "the second round" and "the third"."""
    rows = [{match[0].lower() for match in ORDINAL.finditer(each.text)} for each in (a, b)]
    return bool(rows[0] and rows[1] and rows[0].isdisjoint(rows[1])) or any(
        ANOTHER.search(each.text) and not ANOTHER.search(its.text) for each, its in ((a, b), (b, a))
    )


def elsewhere(a: Statement, b: Statement) -> bool:
    return bool(a.places and b.places) and not any(
        compatible_places(one, other) for one in a.places for other in b.places
    )


def compatible_places(one: Who, other: Who) -> bool:
    """Tell whether one place may be the other, or lie in it."""
    if one.keys[-1] == other.keys[-1]:
        return True
    return one.country == other.country != "" and bool(country_of(one.text) or country_of(other.text))


def _other_time(one: Point, other: Point) -> bool:
    """Tell whether they speak of two events that lie apart in time."""
    a, b = one.statement, other.statement
    if one.slot is Slot.DATE and not (_gives_month(a) or _gives_month(b)) and not _same_news(a, b):
        return True  # each means a day or a year of its own news
    if one.slot is not Slot.DATE and a.when and b.when and not overlap(a.when, b.when):
        return True
    if a.repeatable or b.repeatable:
        if a.window and b.window:
            return not overlap(a.window, b.window) or other_weekday(a, b)
        return not _same_weekday(a, b)
    return False


def _gives_month(statement: Statement) -> bool:
    return any(date.month or date.year for date in statement.dates)


def _takes_part(point: Point, statement: Statement) -> bool:
    """Tell whether the place of a point is one of the parties in another statement: Canada won in Jamaica."""
    return point.who is not None and any(map(point.who.is_same, statement.participants))


def _same_news(a: Statement, b: Statement, days: timedelta = NEWS_OF) -> bool:
    """Tell whether both are from articles of the same days, as far as these are known."""
    one, other = a.citation.source.published, b.citation.source.published
    return one is None or other is None or abs(one.first - other.first) <= days or overlap(one, other)


def overlap(one: Dates, other: Dates) -> bool:
    return one.first <= other.last and other.first <= one.last


def _weekdays(statement: Statement) -> set[int]:
    return {date.weekday for date in statement.dates if date.weekday is not None}


def other_weekday(a: Statement, b: Statement) -> bool:
    return bool(_weekdays(a) and _weekdays(b)) and _weekdays(a).isdisjoint(_weekdays(b))


def _same_weekday(a: Statement, b: Statement) -> bool:
    return not _weekdays(a).isdisjoint(_weekdays(b))


def rivals(a: Statement, b: Statement) -> bool:
    """Tell whether each names somebody in whom the other has no part: with whom one met, and with whom another."""
    alone = [
        [
            who
            for who in one.participants
            if not who.is_modifier and not any(map(who.is_same, (*other.names, *other.context)))
        ]
        for one, other in ((a, b), (b, a))
    ]
    return bool(alone[0] and alone[1])


def _same_office(one: Point, other: Point) -> bool:
    """Tell whether two people head the same thing, as far as both say of what."""
    offices = [{word for word in each.office if not country_of(word)} for each in (one, other)]
    countries = [each.office - office for each, office in zip((one, other), offices, strict=True)]
    known_by_name = bool(countries[0] & countries[1]) or len(offices[0]) > 1
    a, b = one.statement, other.statement
    return (
        offices[0] == offices[1]
        and not (countries[0] and countries[1] and countries[0] != countries[1])
        and (known_by_name or same_topic(a, b) or _shared_names(a, b) > 0)
    )


def _done_to_others(a: Statement, b: Statement) -> bool:
    """Tell whether they name others as those to whom one thing was done: one met Ames, and one met Blake."""
    objects = [(a.object_of(act), b.object_of(act)) for act in a.done & b.done]
    return any(mine and theirs and not mine.is_same(theirs) for mine, theirs in objects)


def _same_company(one: Point, other: Point) -> bool:
    """Tell whether one says that somebody came along to a meeting, and the other that he was met by himself."""
    if one.low == other.low or one.who is None or other.who is None or not one.who.is_same(other.who):
        return False
    joint, apart = (one, other) if one.low else (other, one)
    others = [who for who in joint.statement.participants if not who.is_same(joint.who or who)]
    there = matches(others, apart.statement.participants)
    a, b = one.statement, other.statement
    apart_in_time = bool(a.window and b.window and not overlap(a.window, b.window)) or other_weekday(a, b)
    return 0 < there < len(others) and not apart_in_time and not elsewhere(a, b)


def _same_words(a: Statement, b: Statement) -> bool:
    """Tell whether two clauses say the same, but that it is so, or not."""
    words = [each.tokens - DENYING for each in (a, b)]
    shared = len(words[0] & words[1]) + matches(a.names, b.names)
    alike = 2 * shared / max(1, len(words[0]) + len(a.names) + len(words[1]) + len(b.names))
    return shared >= WORDS_SHARED and alike >= OPPOSED and bool(_shared_names(a, b) or same_topic(a, b))


def compatible(one: Point, other: Point) -> bool:
    """Tell whether two points may both be true, one of them perhaps less precise."""
    if one.slot is Slot.PLACE:
        return any(compatible_places(a, b) for a in one.statement.places for b in other.statement.places)
    if one.slot in (Slot.ACTOR, Slot.HOLDER):
        return one.who is not None and other.who is not None and one.who.is_same(other.who)
    return one.low <= other.high and other.low <= one.high


def is_same_value(one: Point, other: Point) -> bool:
    """Tell whether two points say exactly the same."""
    if one.slot is Slot.PLACE:
        places = [{who.keys[-1] for who in point.statement.places} for point in (one, other)]
        return not places[0].isdisjoint(places[1])
    return compatible(one, other) if one.who else (one.low, one.high) == (other.low, other.high)
