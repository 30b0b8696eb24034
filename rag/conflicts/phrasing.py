"""The sides of a difference in, a short phrase that says what they differ on out: "when the pact was signed". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.conflicts.points import Point, Slot

if TYPE_CHECKING:
    from rag.conflicts.grouping import Side

LONGEST = 90  # characters
_LOOSE_END = re.compile(
    r"[\s,;:.–—]+(?:(?:on|in|at|by|of|to|and|the|a|for|from|who|which|that|later)\b[\s,;:.]*)*$", re.I
)
_LOOSE_START = re.compile(r"^(?:[\s,;:.–—“\"]+|(?:and|but|while|later|that|after|before|the)\b\s)+", re.I)


def about(sides: Sequence[Side]) -> str:
    """Name the point on which sides differ, in the shortest words of its statements."""
    points = [point for side in sides for point in side]
    if points[0].slot in (Slot.SENSE, Slot.COMPANY):
        points = [
            point for point in points if point.high
        ]  # what is in question is best named by who says that it is so
    phrases = [_without_value(point) for point in points]
    phrase = min(phrases, key=lambda text: (len(text.split()) < 3, len(text)))
    label = _label(points)
    return {
        Slot.DATE: f"when {phrase}",
        Slot.HOUR: f"the time of day when {phrase}",
        Slot.PLACE: f"where {phrase}",
        Slot.NUMBER: f"how many {label} {phrase}" if label else f"how much {phrase}",
        Slot.ACTOR: f"who {label}",
        Slot.COMPANY: f"whether {label} took part in the meeting",
        Slot.HOLDER: f"who is {label}",
        Slot.STAGE: f"whether the {label} is signed",
        Slot.CLAIM: f"whether {label} were carried out or only claimed",
        Slot.SENSE: f"whether {phrase}",
    }[points[0].slot]


def _label(points: Sequence[Point]) -> str:
    """Choose what to call the thing that a point names: offices in full, others as most do, in few words."""
    labels = [label for point in points if (label := _tidy(point.label))]
    if points[0].slot is Slot.HOLDER:
        return max(labels, key=len)
    return min(labels, key=lambda label: (-labels.count(label), len(label)), default="")


def _without_value(point: Point) -> str:
    """Leave the value out of the clause, with what is left hanging before it."""
    text, value = point.statement.text, point.says.split(" (")[0]
    at = text.find(value) if point.slot is not Slot.SENSE else -1
    if at >= 0:
        text = f"{_LOOSE_END.sub('', f' {text[:at]} ')} {text[at + len(value) :]}"
    tidy = _tidy(text)
    named = any(who.text.startswith(tidy.partition(" ")[0]) for who in point.statement.names)
    return tidy if named else tidy[:1].lower() + tidy[1:]


def _tidy(text: str) -> str:
    folded = _LOOSE_START.sub("", " ".join(text.split()))
    if len(folded) <= LONGEST:
        return _LOOSE_END.sub("", f"{folded} ").strip()
    return f"{_LOOSE_END.sub('', folded[:LONGEST].rpartition(' ')[0] + ' ').strip()} …"
