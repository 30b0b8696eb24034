"""Fit when to answer: `python -m tests.benchmarks.abstention ARTICLES QUESTIONS… [--and ARTICLES QUESTIONS…]`.

Prints the weights for `rag/answer/decision.py` and, by cross-validation, the share of unanswerable questions that are
refused at several shares of answerable ones that are refused with them.
"""

from __future__ import annotations

import sys
from dataclasses import astuple, fields
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from rag.answer.decision import Signs, signs
from rag.answer.engine import PASSAGES
from rag.answer.reading import Reading
from rag.evaluation.cases import Case, read_cases
from rag.ingest.pipeline import ingest
from rag.retrieve.retriever import Retriever
from rag.store.store import open_store
from tests.benchmarks.alone import settings

Matrix = NDArray[np.float64]

RIDGE = 20.0  # holds weights near 0; of 5, 20, 40 and 60 the best by cross-validation
FOLDS = 10


def main() -> None:
    corpora = [list(group) for is_end, group in groupby(sys.argv[1:], lambda word: word == "--and") if not is_end]
    if not corpora or any(len(corpus) < 2 for corpus in corpora):
        sys.exit(__doc__)
    rows: list[tuple[Signs, bool]] = []
    for articles, *files in corpora:
        found = measured(Path(articles), read_cases(map(Path, files)))
        show_curve(f"{articles}, alone", found)
        rows += found
    show_curve("all", rows)
    weights, bias = fitted(*arrays(rows))
    print("WEIGHTS = Signs(")
    for field, weight in zip(fields(Signs), weights, strict=True):
        print(f"    {field.name}={weight:.2f},")
    print(f")\nBIAS = {bias:.2f}")


def measured(articles: Path, asked: list[Case]) -> list[tuple[Signs, bool]]:
    """Compute the signs of each case that is clearly answerable or clearly not."""
    with TemporaryDirectory() as data, open_store(settings(Path(data))) as store:
        ingest([str(articles)], store)
        reading = Reading(Retriever(store))
        return [(signs_of(reading, case), case.answerable) for case in asked if not case.either]


def signs_of(reading: Reading, case: Case) -> Signs:
    query = reading.retriever.understand(case.question, case.history, case.filters)
    return signs(reading.examined(query, reading.retriever.retrieve(query, PASSAGES)))


def arrays(rows: list[tuple[Signs, bool]]) -> tuple[Matrix, Matrix]:
    return np.array([astuple(found) for found, _ in rows]), np.array([float(answerable) for _, answerable in rows])


def fitted(signs: Matrix, answerable: Matrix) -> tuple[Matrix, float]:
    """Fit a logistic regression with a ridge penalty, by Newton's method; the weights are for signs as they are."""
    middle, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    inputs = np.c_[(signs - middle) / spread, np.ones(len(signs))]
    penalty = np.diag([*[RIDGE] * signs.shape[1], 0.0])
    weights = np.zeros(inputs.shape[1])
    for _ in range(25):
        likely = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (likely - answerable) + penalty @ weights
        curvature = (inputs * (likely * (1 - likely))[:, None]).T @ inputs + penalty
        weights -= np.linalg.solve(curvature, slope)
    scaled = weights[:-1] / spread
    return scaled, float(weights[-1] - scaled @ middle)


def show_curve(name: str, rows: list[tuple[Signs, bool]]) -> None:
    inputs, answerable = arrays(rows)
    fold = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    likely = np.zeros(len(rows))
    for number in range(FOLDS):
        weights, bias = fitted(inputs[fold != number], answerable[fold != number])
        likely[fold == number] = 1 / (1 + np.exp(-inputs[fold == number] @ weights - bias))
    asked, unanswerable = np.sort(likely[answerable == 1]), likely[answerable == 0]
    print(f"{name}: {len(asked)} answerable, {len(unanswerable)} not")
    for refused in (0.03, 0.05, 0.08, 0.12, 0.2):
        threshold = asked[int(refused * len(asked))]
        print(
            f"   refusing {refused:.2f} of them (below {threshold:.2f}): "
            f"{np.mean(unanswerable < threshold):.2f} of those"
        )


if __name__ == "__main__":
    main()
