"""The outcome of each question, kept in a file from the moment that it is known, so that a run can go on later.

The first line names the versions of all that shaped the outcomes, each further line is an outcome. Whatever else a line
is, it is left out, and its question is asked again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rag.errors import StoreError
from rag.records import Record


class Kept:
    """Outcomes by the number of their question."""

    def __init__(self, outcomes: Mapping[int, Record], file: TextIO) -> None:
        self.outcomes = dict(outcomes)
        self._file = file

    def put(self, number: int, outcome: Record) -> None:
        """Keep an outcome, at once."""
        self.outcomes[number] = outcome
        self._file.write(_line({"number": number, "outcome": outcome}))
        self._file.flush()


@contextmanager
def kept(path: Path, versions: Mapping[str, str], *, fresh: bool = False) -> Iterator[Kept]:
    """Open what was kept with these very versions; what was kept with others, or if `fresh`, is dropped.

    Questions that failed are not among it. Raises StoreError if the file cannot be written.
    """
    outcomes = {} if fresh else _read(path, versions)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_suffix(".new")  # a process that is killed in the middle must not cost what was there
        lines = [_line({"number": number, "outcome": outcome}) for number, outcome in outcomes.items()]
        whole.write_text("".join([_line({"versions": versions}), *lines]), encoding="utf-8")
        whole.replace(path)
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"Cannot write {path} ({error}). Choose another folder with --data.") from error
    with file:
        yield Kept(outcomes, file)


def _read(path: Path, versions: Mapping[str, str]) -> dict[int, Record]:
    try:
        first, *lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return {}
    if _json(first) != {"versions": dict(versions)}:
        return {}
    found = [_json(line) for line in lines]
    return {each["number"]: each["outcome"] for each in found if _is_outcome(each) and "error" not in each["outcome"]}


def _is_outcome(record: Record) -> bool:
    return isinstance(record.get("number"), int) and isinstance(record.get("outcome"), dict)


def _json(line: str) -> Record:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _line(record: Mapping[str, object]) -> str:
    return json.dumps(record) + "\n"
