"""Invented benchmarks in the form of the public ones."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.evaluation.benchmarks import run_benchmark
from rag.records import Record
from rag.settings import Settings


def write_lines(file: Path, records: Sequence[Mapping[str, object]]) -> None:
    """Write JSON Lines, compressed if the name says so."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{json.dumps(record)}\n" for record in records)
    file.write_bytes(gzip.compress(text.encode()) if file.suffix == ".gz" else text.encode())


def run(name: str, folder: Path, data: Path, **options: Any) -> Record:
    """Run a benchmark without a model."""
    return asyncio.run(run_benchmark(name, folder, Settings.model_construct(data=data), **options))


def values(report: Record, group: str | None = None) -> dict[str, tuple[float, int]]:
    """List each figure of a group with the number of questions that it is of."""
    return {each["name"]: (each["value"], each["n"]) for each in report["figures"] if each["group"] == group}
