"""What is said not to be answered in, the parts of the question that are meant out, in the asker's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.answer.parts import ASKING, parts_of
from rag.language.words import content_stems
from rag.schema import Query

NOTHING_ALIKE = (0.0, 0)
_ASKS = re.compile(rf"\b{ASKING}|^whether\b", re.IGNORECASE)


def uncovered(missing: Iterable[str], query: Query) -> tuple[str, ...]:
    """Name each part once. A model's own words for what is missing have passed no gate, so they are not shown.

    In their place stands the part of the question most of whose words they have. Nothing does if it has a single part,
    which what is said covers, and no part that asks nothing: an order, say.
    """
    return tuple(dict.fromkeys(filter(None, (_as_asked(each, query) for each in missing))))


def _as_asked(missing: str, query: Query) -> str:
    parts = [part.named for part in parts_of(query.standalone)]
    asking = [named for named in parts if _ASKS.search(named)]
    if len(parts) == 1 or missing in asking:
        return missing if len(parts) > 1 else ""
    said = content_stems(missing)
    likeness = {named: likeness_of(content_stems(named), said) for named in asking}
    nearest = max(asking, key=likeness.__getitem__, default="")
    return nearest if nearest and likeness[nearest] > NOTHING_ALIKE else ""


def likeness_of(part: Sequence[str], said: Sequence[str]) -> tuple[float, int]:
    """Give the share of a part's words that are said, and how early the first of them is said."""
    common = set(part) & set(said)
    return (len(common) / len(set(part)), -min(map(said.index, common))) if common else NOTHING_ALIKE
