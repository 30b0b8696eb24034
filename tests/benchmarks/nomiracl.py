"""Measure abstention on strangers' questions: `python -m tests.benchmarks.nomiracl BENCH_DIR`.

NoMIRACL (Thakur et al., EMNLP Findings 2024) gives each question ten passages. Hallucination: answered although none of
them answers. Error: refused although one does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from rag.answer.decision import THRESHOLD, probability
from rag.answer.extractive import Extractive
from rag.ingest.pipeline import ingest
from rag.retrieve.retriever import Retriever
from rag.store.store import open_store
from tests.benchmarks.answers import settings


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    records = [json.loads(line) for line in (Path(sys.argv[1]) / "nomiracl" / "dev.jsonl").open(encoding="utf-8")]
    likely, answerable = zip(*((likelihood(record), record["answerable"]) for record in records), strict=True)
    show(np.array(likely), np.array(answerable))


def likelihood(record: dict[str, object]) -> float:
    """Estimate how likely it is that the question's own passages answer it, in a store that holds nothing else."""
    passages = record["passages"]
    assert isinstance(passages, list)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "passages.jsonl"
        file.write_text("\n".join(json.dumps({"body": text}) for text in passages), encoding="utf-8")
        with open_store(settings(Path(folder) / "store")) as store:
            ingest([str(file)], store)
            extractive = Extractive(Retriever(store))
            query = extractive.retriever.understand(str(record["question"]))
            return probability(extractive.examined(query, extractive.retriever.retrieve(query, len(passages))))


def show(likely: np.ndarray, answerable: np.ndarray) -> None:
    """Print hallucination against error at several thresholds, and where they are equal."""
    curve = [(t, np.mean(likely[~answerable] >= t), np.mean(likely[answerable] < t)) for t in np.unique(likely)]
    print(f"{answerable.sum()} answerable, {(~answerable).sum()} not")
    for threshold in (THRESHOLD, *np.quantile(likely[answerable], (0.05, 0.1, 0.25, 0.4))):
        hallucination, error = np.mean(likely[~answerable] >= threshold), np.mean(likely[answerable] < threshold)
        print(f"threshold {threshold:.2f}: hallucination {hallucination:.2f}, error {error:.2f}")
    threshold, hallucination, error = min(curve, key=lambda point: abs(point[1] - point[2]))
    print(f"equal at {threshold:.2f}: hallucination {hallucination:.2f}, error {error:.2f}")


if __name__ == "__main__":
    main()
