"""Points out of many articles in, those on which they differ out, and how the sides go together. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rag.conflicts.events import compatible, is_same_point, is_same_value
from rag.conflicts.phrasing import about
from rag.conflicts.points import Point, Slot
from rag.conflicts.vocabulary import CHANGED, CORRECTING, STATE
from rag.schema import Conflict, Position, Relation, distinct

NEIGHBOURS = 20  # points on one name and act, next to each other in time, that are compared with one another
GRADED = (Slot.DATE, Slot.NUMBER, Slot.PLACE)  # what can be said more or less precisely
NEWS_LASTS = timedelta(14)  # from then on a state may have changed
_WEAKER = ((Relation.SUCCESSION, Relation.CONTRADICTION), (Relation.CONTRADICTION, Relation.CORRECTION))
Side = tuple[Point, ...]  # points that say the same, or less precisely the same; the most precise first


@dataclass(frozen=True, eq=False)
class Difference:
    """What some articles say on a point on which others say something else."""

    relation: Relation
    sides: tuple[Side, ...]

    @property
    def slot(self) -> Slot:
        return self.sides[0][0].slot

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(point for side in self.sides for point in side)

    def conflict(self, per_article: int) -> Conflict:
        """Show the sides, citing at most so many sentences of an article for each."""
        return Conflict(about(self.sides), tuple(_position(side, per_article) for side in self.sides), self.relation)


def differences(points: Sequence[Point]) -> list[Difference]:
    """Find where points differ, what most sentences have a part in first."""
    found = [each for group, pairs in _connected(points, _pairs(points)) for each in _differences(group, pairs)]
    return sorted(found, key=lambda each: -len({point.statement.citation for point in each.points}))


def _position(side: Side, per_article: int) -> Position:
    """Cite each article, but not each of its sentences that says so."""
    cited = distinct(point.statement.citation for point in side)
    documents = [citation.source.document for citation in cited]
    few = [each for number, each in enumerate(cited) if documents[:number].count(documents[number]) < per_article]
    return Position(_says(side), tuple(few))


def _says(side: Side) -> str:
    """Give the most precise value, and what some say less precisely: no article is to be said to know more."""
    values: dict[tuple[float, float], str] = {}
    for point in side:
        values.setdefault((point.low, point.high), point.says)
    first, *others = values.values()
    return f"{first} (less precisely: {', '.join(others)})" if others and side[0].slot in GRADED else side[0].says


def published(point: Point) -> date:
    known = point.statement.citation.source.published
    return known.first if known else date.max


def _pairs(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    """List the pairs on one and the same point, among points that share what they belong to and a name."""
    shelves: dict[tuple[Slot, str, str], list[Point]] = defaultdict(list)
    for point in sorted(points, key=published):
        for key in sorted(_keys(point)):  # a set has another order in each process
            shelves[point.slot, point.anchor, key].append(point)
    near = {
        (one, other): None
        for shelf in shelves.values()
        for number, one in enumerate(shelf)
        for other in shelf[number + 1 : number + NEIGHBOURS]
        if _is_telling(one, other)
    }
    return [(one, other) for one, other in near if is_same_point(one, other)]


def _is_telling(one: Point, other: Point) -> bool:
    """Tell whether anything may come of comparing two points: of two that both say that it is so, nothing does."""
    return one.slot not in (Slot.SENSE, Slot.COMPANY, Slot.CLAIM, Slot.STAGE) or one.low != other.low


def _keys(point: Point) -> frozenset[str]:
    if point.slot is Slot.HOLDER:
        return point.office
    statement = point.statement
    return statement.topic.union(who.key for who in (*statement.names, *statement.context))


def _connected(
    points: Iterable[Point], pairs: Sequence[tuple[Point, Point]]
) -> Iterator[tuple[list[Point], list[tuple[Point, Point]]]]:
    """Put together what is connected by pairs."""
    group_of: dict[Point, list[Point]] = {}
    for one, other in pairs:
        mine, theirs = group_of.setdefault(one, [one]), group_of.setdefault(other, [other])
        if mine is not theirs:
            mine += theirs
            group_of |= dict.fromkeys(theirs, mine)
    for group in {id(group): group for group in group_of.values()}.values():
        inside = set(group)
        yield group, [pair for pair in pairs if pair[0] in inside]


def _differences(group: Sequence[Point], pairs: Sequence[tuple[Point, Point]]) -> Iterator[Difference]:
    sides = _sides(group)
    side_of = {point: number for number, side in enumerate(sides) for point in side}
    related: dict[Relation, set[int]] = defaultdict(set)
    for one, other in pairs:
        if one in side_of and other in side_of and side_of[one] != side_of[other] and not compatible(one, other):
            earlier, later = sorted((one, other), key=published)
            if relation := _relation(earlier, later):
                related[relation] |= {side_of[one], side_of[other]}
    for relation, stronger in _WEAKER:
        if relation in related and related[relation] <= related.get(stronger, set()):
            del related[relation]
    for relation, numbers in related.items():
        ordered = sorted(
            (sides[number] for number in numbers), key=lambda side: (_corrects(side), min(map(published, side)))
        )
        yield Difference(relation, tuple(ordered))
    yield from _coarser(pairs)


def _corrects(side: Side) -> bool:
    return any(CORRECTING.search(point.statement.citation.quote) for point in side)


def _sides(group: Sequence[Point]) -> list[Side]:
    """Sort points by what they say; what is too coarse to tell which of two it agrees with stands aside."""
    sides: list[list[Point]] = []
    for point in sorted(group, key=_directness):
        near = [side for side in sides if compatible(side[0], point)]
        if len(near) == 1:
            near[0].append(point)
        elif not near:
            sides.append([point])
    return [tuple(side) for side in sides]


def _directness(point: Point) -> tuple[float, bool, date]:
    """Order points: the most precise first, then what says in so many words that something was signed, then by date."""
    indirect = point.slot is Slot.STAGE and point.high > 0 and not point.says.lower().startswith("sign")
    return point.high - point.low, indirect, published(point)


def _coarser(pairs: Sequence[tuple[Point, Point]]) -> Iterator[Difference]:
    """Find what is said more and less precisely: one difference a point, the most precise first."""
    sides: dict[tuple[float, float, str], dict[Point, None]] = defaultdict(dict)
    for pair in pairs:
        if pair[0].slot in GRADED and compatible(*pair) and not is_same_value(*pair):
            for point in pair:
                sides[point.low, point.high, point.who.keys[-1] if point.who else ""][point] = None
    if sides:
        ordered = sorted(map(tuple, sides.values()), key=lambda side: side[0].high - side[0].low)
        yield Difference(Relation.COARSER, tuple(ordered))


def _relation(earlier: Point, later: Point) -> Relation | None:
    """Say how two points that cannot both be true at a time go together; None if nothing can be said."""
    apart = published(later) - published(earlier)
    if CORRECTING.search(later.statement.citation.quote):
        return Relation.CORRECTION
    if later.slot is Slot.HOLDER:
        return Relation.SUCCESSION if apart and published(later) != date.max else None
    if later.slot is Slot.NUMBER:
        state = STATE.search(later.statement.text) and STATE.search(earlier.statement.text)
        if CHANGED.search(later.statement.text) or (state and apart > NEWS_LASTS):
            return Relation.SUCCESSION
    if later.slot is Slot.STAGE and later.low > earlier.low and apart > NEWS_LASTS:
        done = [days.last for mention in later.statement.dates if (days := later.statement.days(mention))]
        if not done or min(done) >= published(earlier):
            return Relation.SUCCESSION
    return Relation.CONTRADICTION
