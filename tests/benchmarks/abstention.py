"""Fit when to answer: `python -m tests.benchmarks.abstention ARTICLES QUESTIONS… [--and ARTICLES QUESTIONS…]`.

Prints the weights for `rag/answer/decision.py` and, by cross-validation, the share of unanswerable questions that are
refused at several shares of answerable ones that are refused with them. `--and-half-of BENCH_DIR DATA` adds every other
query of the benchmark MultiHop-RAG, whose store is in DATA or is made there, for the weights of the sources that a
question names, since few others name any; it tells how the other half fares.
"""

from __future__ import annotations

import argparse
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
from rag.evaluation.benchmarks import multihop_rag
from rag.evaluation.benchmarks.ingested import ingested, own_settings
from rag.evaluation.cases import Case, read_cases
from rag.ingest.pipeline import ingest
from rag.records import Record
from rag.retrieve.retriever import Retriever
from rag.store.store import Store, open_store
from tests.benchmarks.alone import settings

Matrix = NDArray[np.float64]
Rows = list[tuple[Signs, bool]]

RIDGE = 20.0  # holds weights near 0; of 5, 20, 40 and 60 the best by cross-validation
FOLDS = 10
SOURCES = ("unheard", "silent")  # signs that are 0 unless a question names a source
SOURCES_RIDGE = 2.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--and-half-of", nargs=2, type=Path, metavar=("BENCH_DIR", "DATA"), default=())
    options, rest = parser.parse_known_args()
    corpora = [list(group) for is_end, group in groupby(rest, lambda word: word == "--and") if not is_end]
    if not corpora or any(len(corpus) < 2 for corpus in corpora):
        sys.exit(__doc__)
    rows: Rows = []
    for articles, *files in corpora:
        found = measured(Path(articles), read_cases(map(Path, files)))
        show_curve(f"{articles}, alone", found)
        rows += found
    fitted_to, others = halves(*options.and_half_of) if options.and_half_of else ([], [])
    show_curve("all", rows)
    weights, bias = fitted(*arrays(rows))
    if fitted_to:
        weights = refitted(*arrays(rows + fitted_to), weights, bias)
        show_refused("half fitted to", *decided(fitted_to, weights, bias))
        show_refused("other half", *decided(others, weights, bias))
    print("WEIGHTS = Signs(")
    for field, weight in zip(fields(Signs), weights, strict=True):
        print(f"    {field.name}={weight:.2f},")
    print(f")\nBIAS = {bias:.2f}")


def measured(articles: Path, asked: list[Case]) -> Rows:
    """Compute the signs of each case that is clearly answerable or clearly not."""
    with TemporaryDirectory() as data, open_store(settings(Path(data))) as store:
        ingest([str(articles)], store)
        return rows_of(store, [case for case in asked if not case.either])


def halves(bench: Path, data: Path) -> tuple[Rows, Rows]:
    """Compute the signs of the queries of MultiHop-RAG: those whose ids are even, and those whose ids are odd."""
    queries = multihop_rag.read(bench / "multihop-rag")
    articles, own = bench / "multihop-rag" / multihop_rag.ARTICLES, own_settings(settings(data), "multihop-rag")
    halves = ([each for each in queries if int(each["id"][-1]) % 2 == odd] for odd in (0, 1))
    with ingested(articles, own, lambda *_: None) as (store, _):
        even, odd = (rows_of(store, [case_of(each) for each in half]) for half in halves)
    return even, odd


def case_of(query: Record) -> Case:
    return Case(query["id"], query["type"], query["question"], answerable=query["type"] != multihop_rag.NULL)


def rows_of(store: Store, asked: list[Case]) -> Rows:
    reading = Reading(Retriever(store))
    return [(signs_of(reading, case), case.answerable) for case in asked]


def signs_of(reading: Reading, case: Case) -> Signs:
    query = reading.retriever.understand(case.question, case.history, case.filters)
    return signs(reading.examined(query, reading.retriever.retrieve(query, PASSAGES)))


def arrays(rows: Rows) -> tuple[Matrix, Matrix]:
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


def refitted(signs: Matrix, answerable: Matrix, weights: Matrix, bias: float) -> Matrix:
    """Fit the weights of `SOURCES` anew where the others stand; the ridge is on signs as they are, from 0 to 1."""
    own = np.array([field.name in SOURCES for field in fields(Signs)])
    inputs, others = signs[:, own], signs[:, ~own] @ weights[~own] + bias
    found = np.zeros(own.sum())
    for _ in range(25):
        likely = 1 / (1 + np.exp(-inputs @ found - others))
        slope = inputs.T @ (likely - answerable) + SOURCES_RIDGE * found
        curvature = (inputs * (likely * (1 - likely))[:, None]).T @ inputs + SOURCES_RIDGE * np.eye(len(found))
        found -= np.linalg.solve(curvature, slope)
    every = weights.copy()
    every[own] = found
    return every


def decided(rows: Rows, weights: Matrix, bias: float) -> tuple[Matrix, Matrix]:
    """Compute how likely each is to be answered, and whether it can be."""
    inputs, answerable = arrays(rows)
    return 1 / (1 + np.exp(-inputs @ weights - bias)), answerable


def show_curve(name: str, rows: Rows) -> None:
    inputs, answerable = arrays(rows)
    fold = np.random.default_rng(0).permutation(len(rows)) % FOLDS
    likely = np.zeros(len(rows))
    for number in range(FOLDS):
        weights, bias = fitted(inputs[fold != number], answerable[fold != number])
        likely[fold == number] = 1 / (1 + np.exp(-inputs[fold == number] @ weights - bias))
    show_refused(name, likely, answerable)


def show_refused(name: str, likely: Matrix, answerable: Matrix) -> None:
    asked, unanswerable = np.sort(likely[answerable == 1]), likely[answerable == 0]
    print(f"{name}: {len(asked)} answerable, {len(unanswerable)} not")
    for refused in (0.03, 0.05, 0.08, 0.1, 0.12, 0.2):
        threshold = asked[int(refused * len(asked))]
        print(
            f"   refusing {refused:.2f} of them (below {threshold:.2f}): "
            f"{np.mean(unanswerable < threshold):.2f} of those"
        )


if __name__ == "__main__":
    main()
