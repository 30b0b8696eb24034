"""The best sentences found for a question in, whether they answer it out: a probability with its reasons.

A logistic regression on what `examine` knows of the sentences. `python -m tests.benchmarks.abstention` fits it anew and
says how well it decides; the questions it was fitted to are beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from heapq import nlargest

from rag.answer.asked import Asked, is_order
from rag.answer.examine import Bearing, Examiner, Finding, Inquiry

LOOKED_AT = 3  # sentences


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for and against an answer, each from 0 to 1."""

    passage_similarity: float  # of the best passage
    cosine: float  # of the best sentence
    offers: float  # whether the best sentence has the kind of thing asked for
    counts: float  # whether any counts what "how many" asks for
    figures: float  # the share of the question's numbers and dates that the article has
    unrelated: float  # the question's rare words are there, but one word of it is near nothing in the sentence
    reworded: float  # the sentence means the same in other words
    named_only: float  # it names the same people and places, and speaks of something else
    absent: float  # the share of its names that the article does not mention
    order: float  # the question gives orders instead of asking
    nameless: float  # it names nobody and no place
    bare: float  # it consists of names
    length: float  # in words that carry meaning, 1 from ten on
    person: float  # it asks who


WEIGHTS = Signs(
    passage_similarity=2.65,
    cosine=1.75,
    offers=1.11,
    counts=1.96,
    figures=1.51,
    unrelated=-2.01,
    reworded=1.66,
    named_only=-1.13,
    absent=-0.77,
    order=-1.28,
    nameless=0.60,
    bare=1.47,
    length=1.12,
    person=0.48,
)
BIAS = -6.95
# By cross-validation it refuses .08 of our answerable questions and .53 of the others, which were written to be hard.
THRESHOLD = 0.49


@dataclass(frozen=True, slots=True)
class Examination:
    """A question, the sentences nearest to it, the best first, and what the nearest few have to do with it."""

    asking: Inquiry
    findings: Sequence[Finding]
    nearest: Sequence[tuple[Finding, Bearing]]


def examination(examiner: Examiner, findings: Sequence[Finding]) -> Examination:
    """Look closely at the nearest sentences.

    That the nearest has nothing of the kind asked for speaks against an answer, even if another one has.
    """
    nearest = nlargest(LOOKED_AT, findings, key=lambda finding: finding.closeness)
    return Examination(examiner.asking, findings, [(finding, examiner.bearing(finding)) for finding in nearest])


def signs(examined: Examination) -> Signs:
    """Weigh up an examination that found something."""
    asking, (top, bearing) = examined.asking, examined.nearest[0]
    named = float(bool(asking.names))
    return Signs(
        passage_similarity=max(finding.passage_similarity for finding, _ in examined.nearest),
        cosine=max(finding.cosine for finding, _ in examined.nearest),
        offers=float(top.offers),
        counts=max(bearing.counts for _, bearing in examined.nearest),
        figures=bearing.figures,
        unrelated=bearing.coverage * (1 - bearing.weakest),
        reworded=(1 - bearing.coverage) * top.cosine,
        named_only=named * top.passage_names * (1 - bearing.relation),
        absent=1 - max(bearing.article_names for _, bearing in examined.nearest),
        order=float(is_order(asking.text)),
        nameless=1 - named,
        bare=float(not asking.relation),
        length=min(len(asking.stems), 10) / 10,
        person=float(asking.kind is Asked.PERSON),
    )


def probability(examined: Examination) -> float:
    """Estimate how likely it is that the nearest sentences answer the question: 0 without any."""
    if not examined.nearest:
        return 0.0
    found = signs(examined)
    return 1 / (1 + math.exp(-BIAS - sum(getattr(WEIGHTS, f.name) * getattr(found, f.name) for f in fields(Signs))))
