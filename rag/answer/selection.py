"""A question and the sentences held against it in, the fewest that answer it out: one, or one for each of its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from rag.answer.asked import Asked
from rag.answer.examine import Finding, Inquiry, lower_words
from rag.facts import names_in
from rag.language.words import content_stems
from rag.retrieve.interaction import WeighedQuestion
from rag.store.pieces import Matrix

# Tuned together on the canned questions, pact-1, pact-2 and other-1: .77 of the answers are grounded and .66 of their
# citations support, in 332 characters. docs/measurements.md says what each is worth.
MOST = 5  # sentences in an answer
MARGIN = 0.035  # how much worse than the best sentence the second may be
SEVERAL = 0.08  # how much worse still, if the question asks for several things
STEP = 0.02  # by how much each further one must be better than the one before it had to be
GAIN = 1.0  # worth of reaching, with what is asked for, words of the question that the sentences before do not reach
LEAD = 0.15  # worth of being the nearest to a part of the question
WHO = 0.1  # worth of a full name that the question does not give, if it asks who
ALIKE = 0.9  # cosine from which on two sentences say the same

ASKS_SEVERAL = re.compile(
    r"\b(?:and|or|vs|versus|both|each|every|all|list|other|same|compar\w*|differ\w*|agree\w*)\b", re.IGNORECASE
)
BETWEEN_PARTS = re.compile(
    r"[.;:?]\s+|(?:,|,?\s+(?:and|or|but))\s+(?=(?:\w+\s+)?(?:who|whom|whose|what|which|when|where|why|how)\b)",
    re.IGNORECASE,
)


def selected(
    asking: Inquiry,
    question: WeighedQuestion,
    findings: Sequence[Finding],
    vectors: Callable[[Sequence[str]], Matrix],
) -> list[Finding]:
    """Take the best sentence, then those that add the most of what is asked, as long as they are nearly as good.

    A question that asks for several things may have more sentences. `vectors` encodes sentences.
    """
    scores = {finding: finding.score + WHO * introduces(asking, finding) for finding in findings}
    leading = leaders(asking, question, findings)
    taken = [max(findings, key=scores.__getitem__)]
    floor = scores[taken[0]] - MARGIN - SEVERAL * asks_several(asking)
    while len(taken) < MOST:
        reached = np.max([finding.reached for finding in taken], axis=0)
        worth = {
            finding: scores[finding]
            + LEAD * (finding in leading)
            + GAIN * finding.offers * float(question.weights @ np.maximum(finding.reached - reached, 0))
            for finding in findings
            if not repeats(finding, taken, vectors)
        }
        if not worth or max(worth.values()) < floor:
            break
        taken.append(max(worth, key=worth.__getitem__))
        floor += STEP
    return taken


def asks_several(asking: Inquiry) -> bool:
    """Tell whether a question asks for several things: it says so, or asks for terms, of which a pact has many."""
    return asking.kind is Asked.TERMS or bool(ASKS_SEVERAL.search(asking.text))


def introduces(asking: Inquiry, finding: Finding) -> bool:
    """Tell whether a sentence gives a full name to a question that asks who, and not one that the question has."""
    if asking.kind is not Asked.PERSON:
        return False
    given = lower_words(asking.text)
    return any(len(name.words) > 1 and given.isdisjoint(lower_words(name.text)) for name in names_in(finding.text))


def leaders(asking: Inquiry, question: WeighedQuestion, findings: Sequence[Finding]) -> set[Finding]:
    """Find the sentence nearest to each part of a question. The whole question is no part."""
    pieces = (question.pieces.within(*span) for span in parts(asking.text))
    return {
        max(findings, key=lambda finding: float(question.weights[part] @ finding.reached[part]))
        for part in pieces
        if 0 < part.stop - part.start < len(question.weights)
    }


def parts(text: str) -> Iterator[tuple[int, int]]:
    """Divide a question where a further one begins: `when was it signed, and by whom?`."""
    start = 0
    for end, following in [*(match.span() for match in BETWEEN_PARTS.finditer(text)), (len(text), len(text))]:
        if content_stems(text[start:end]):
            yield start, end
        start = following


def repeats(finding: Finding, taken: Sequence[Finding], vectors: Callable[[Sequence[str]], Matrix]) -> bool:
    """Tell whether a sentence says what one of those taken says."""
    own, *others = vectors([finding.text, *(other.text for other in taken)])
    return finding in taken or any(float(own @ other) > ALIKE for other in others)
