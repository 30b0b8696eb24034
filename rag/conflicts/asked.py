"""A question and a difference between articles in, whether the difference bears on what is asked out. Pure."""

from __future__ import annotations

import re

from rag.conflicts.grouping import Difference
from rag.conflicts.points import Slot
from rag.conflicts.vocabulary import ROLE_WORDS, canonical
from rag.facts.places import country_of
from rag.language.words import words
from rag.schema import Query

_NUMBER = r"how (?:many|much|long|large|big|high|often|old|far)|(?:what|which) (?:number|share|price|figure)|cost|toll"
_ASKED = {
    slot: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)
    for slot, pattern in {
        Slot.DATE: r"when|(?:what|which) (?:year|date|day|month)|how long ago|since when",
        Slot.HOUR: r"when|(?:what|which) time|time of day|hours?|morning|afternoon|evening|night",
        Slot.PLACE: r"where|(?:what|which) (?:city|town|place|country|venue)",
        Slot.NUMBER: _NUMBER,
        Slot.ACTOR: r"who|whom|whose|which \w+",
        Slot.COMPANY: r"join\w*|separate\w*|together|alone|took part|take part|attend\w*|present|with whom",
        Slot.HOLDER: "|".join(sorted(ROLE_WORDS)) + r"|in charge|runs",
        Slot.STAGE: r"negotiat\w+|already|still|yet|in force|status|exist\w*|in the works|working (?:on|towards?)",
        Slot.CLAIM: r"claim\w*|really|actually|carried out|confirmed|proven",
        Slot.SENSE: r"did|does|do|is|are|was|were|has|have|had|whether|den(?:y|ied)|admit\w*",
    }.items()
}
_COMPARED = re.compile(
    r"\b(?:(?:dis)?agree|differ|contradict\w*|conflict\w*|discrepanc\w+|consistent|say the same)\b", re.I
)


def bears_on(query: Query, difference: Difference) -> bool:
    """Tell whether a question asks for the point, and speaks of what the point is about."""
    question = query.standalone[: query.context_from]
    asked = {country_of(match.group()) or canonical(match.group()) for match in words(question)}
    if not (_COMPARED.search(question) or _ASKED[difference.slot].search(question)):
        return False
    if difference.slot is Slot.HOLDER:
        return all(2 * len(point.office & asked) > len(point.office) for point in difference.points)
    return any(point.anchor in asked or len(point.statement.tokens & asked) > 1 for point in difference.points)
