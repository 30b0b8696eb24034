"""The best sentences found for a question in, whether they answer it out: a probability with its reasons.

A logistic regression on what `examine` knows of the sentences. `python -m tests.benchmarks.abstention` fits it anew and
says how well it decides; the questions it was fitted to are beside it. Few of those name a source, so the last two
weights were fitted after the others, to the queries of MultiHop-RAG with even ids as well. Of its queries that nothing
answers .87 (even) and .95 (odd) are refused with a tenth of the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from heapq import nlargest

from rag.answer.asked import Asked, asks_for_names, is_compound, is_order
from rag.answer.examine import Bearing, Examiner, Finding, Inquiry
from rag.answer.sourcing import Sourcing

LOOKED_AT = 3  # sentences
MEASURED = frozenset({Asked.REASON, Asked.AMOUNT, Asked.COUNT, Asked.DATE})


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for and against an answer, each from 0 to 1."""

    cosine: float  # of the best sentence
    located: float  # how much of what the first sentence has of the question is close by the thing asked for
    lacking: float  # it asks why, when, how much or how many, and the best sentence has no reason, date or number
    missing: float  # the word that is missing most
    reached: float  # how near the words that name nobody are to the best sentence
    counts: float  # whether any counts what "how many" asks for
    figures: float  # the share of the question's numbers and dates that the article has
    unrelated: float  # the question's rare words are there, but one word of it is near nothing in the sentence
    reworded: float  # the sentence means the same in other words
    absent: float  # it has a name that the article does not mention
    order: float  # the question gives orders instead of asking
    statement: float  # it asks what somebody said
    names: float  # it wants names, in so many words
    compound: float  # it has a second part, so that no sentence need have all of it
    nameless: float  # it names nobody and no place
    bare: float  # it consists of names
    length: float  # in words that carry meaning, 1 from ten on
    unheard: float  # the share of the sources it names that have no article here
    silent: float  # the share of them that have some, of which none was found


WEIGHTS = Signs(
    cosine=1.69,
    located=1.12,
    lacking=-1.64,
    missing=-2.31,
    reached=2.19,
    counts=2.54,
    figures=2.09,
    unrelated=-1.81,
    reworded=3.00,
    absent=-0.60,
    order=-1.93,
    statement=-0.98,
    names=-1.68,
    compound=1.98,
    nameless=1.10,
    bare=1.94,
    length=2.34,
    unheard=-3.34,
    silent=-0.99,
)
BIAS = -7.38
# Refuses .06 of the answerable questions it was fitted to, .09 of one set at most, and .63 of the others, most of which
# were written to be hard.
THRESHOLD = 0.49


@dataclass(frozen=True, slots=True)
class Examination:
    """A question, the sentences nearest to it, the best first, and what the nearest few have to do with it."""

    asking: Inquiry
    findings: Sequence[Finding]
    nearest: Sequence[tuple[Finding, Bearing]]
    sourcing: Sourcing


def examination(examiner: Examiner, findings: Sequence[Finding]) -> Examination:
    """Look closely at the nearest sentences.

    That the nearest has nothing of the kind asked for speaks against an answer, even if another one has.
    """
    nearest = nlargest(LOOKED_AT, findings, key=lambda finding: finding.closeness)
    bearings = [(finding, examiner.bearing(finding)) for finding in nearest]
    return Examination(examiner.asking, findings, bearings, examiner.sourcing(findings))


def signs(examined: Examination) -> Signs:
    """Weigh up an examination that found something."""
    asking, (top, bearing) = examined.asking, examined.nearest[0]
    return Signs(
        cosine=max(finding.cosine for finding, _ in examined.nearest),
        located=examined.findings[0].located,
        lacking=float(asking.kind in MEASURED and not top.located),
        missing=min(bearing.missing for _, bearing in examined.nearest),
        reached=bearing.reached,
        counts=max(bearing.counts for _, bearing in examined.nearest),
        figures=bearing.figures,
        unrelated=bearing.coverage * (1 - bearing.weakest),
        reworded=(1 - bearing.coverage) * top.cosine,
        absent=float(max(bearing.article_names for _, bearing in examined.nearest) < 1),
        order=float(is_order(asking.text)),
        statement=float(asking.kind is Asked.STATEMENT),
        names=float(asks_for_names(asking.text)),
        compound=float(is_compound(asking.text)),
        nameless=float(not asking.names),
        bare=float(not asking.relation),
        length=min(asking.length, 10) / 10,
        unheard=examined.sourcing.share(examined.sourcing.absent),
        silent=examined.sourcing.share(examined.sourcing.silent),
    )


def probability(examined: Examination) -> float:
    """Estimate how likely it is that the nearest sentences answer the question: 0 without any."""
    if not examined.nearest:
        return 0.0
    found = signs(examined)
    return 1 / (1 + math.exp(-BIAS - sum(getattr(WEIGHTS, f.name) * getattr(found, f.name) for f in fields(Signs))))
