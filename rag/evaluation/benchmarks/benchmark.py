"""What a public benchmark is: questions that strangers wrote, what asks them, and figures beside those of others."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.records import Record
from rag.settings import Settings

Advance = Callable[[int, int], None]  # how many are done, of how many
Ask = Callable[[Record], Awaitable[Record]]  # a question in, what is to be known of its answer out


@dataclass(frozen=True, slots=True)
class Beside:
    """What others reach. `kind`: "published", or "floor" for what anybody can do without an effort."""

    who: str
    value: float
    kind: str = "published"


@dataclass(frozen=True, slots=True)
class Figure:
    """The mean of a value over questions. Names are unique within a group, such as a type of question."""

    name: str
    label: str
    values: Sequence[float]
    beside: Sequence[Beside] = ()
    group: str = ""
    better: int = 1  # -1 if less is better


@dataclass(frozen=True, slots=True)
class Asking:
    """What asks the questions, and what a reader of the figures should know of it."""

    ask: Ask
    about: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A public benchmark, as a folder of its name."""

    name: str
    original: str  # who published it
    files: tuple[str, ...]  # patterns, each of which a file in the folder must fit
    read: Callable[[Path], list[Record]]  # the questions in its folder
    opened: Callable[[Path, Settings, Advance], AbstractContextManager[Asking]]
    figures: Callable[[Sequence[Record]], Iterable[Figure]]  # of the outcomes that `Asking.ask` returned
    with_model: bool = True  # whether a model is asked if there is one


def own_folder(benchmark: Benchmark, folder: Path) -> Path:
    """Find a benchmark's files in a folder or in that of its name below. Raises UsageError that says what to give."""
    for own in (folder / benchmark.name, folder):
        if all(any(own.glob(pattern)) for pattern in benchmark.files):
            return own
    wanted = " and ".join(f"{benchmark.name}/{pattern}" for pattern in benchmark.files)
    raise UsageError(f"{folder} has no {wanted}. Give the folder that has; the original is {benchmark.original}.")


def contents(benchmark: Benchmark, own: Path) -> list[Path]:
    """List the files of a benchmark."""
    return [file for pattern in benchmark.files for file in sorted(own.glob(pattern))]


def questions(own: Path, pattern: str, fields: Mapping[str, type]) -> list[Record]:
    """Read the questions in files of JSON Lines. Raises UsageError that names the line that makes no sense."""
    return [record for file in sorted(own.glob(pattern)) for record in _questions(file, fields)]


def _questions(file: Path, fields: Mapping[str, type]) -> Iterator[Record]:
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read {file}: {error}. Get the benchmark anew.") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _question(line, fields, f"{file}, line {number}")


def _question(line: str, fields: Mapping[str, type], where: str) -> Record:
    try:
        record: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(f"{where} is not JSON: {error}. Get the benchmark anew.") from None
    for name, kind in fields.items():
        if not isinstance(record, dict) or not isinstance(record.get(name), kind):
            raise UsageError(f'{where} has no "{name}" as each question of the benchmark has. Is it the right folder?')
    return dict(record)
