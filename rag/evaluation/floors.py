"""A file of floors and a report in, what is under its floor out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import UsageError
from rag.evaluation.scoring import METRICS
from rag.records import Record
from rag.schema import Mode

BETTER = {metric.name: metric.better for metric in METRICS}


@dataclass(frozen=True, slots=True)
class Floors:
    """The worst that each metric may be in each mode; a metric of which less is better has a ceiling instead."""

    allowance: float  # how much worse than its floor a value may be before it counts
    by_mode: Mapping[str, Mapping[str, float]]


def read_floors(file: Path) -> Floors:
    """Read floors from TOML: `allowance`, and a table for each mode. Raises UsageError that says what is wrong."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"Cannot read {file}: {error}. Give a TOML file such as seeds/floors.toml.") from None
    allowance = found.pop("allowance", 0.0)
    for mode, floors in found.items():
        if mode not in set(Mode) or not isinstance(floors, dict):
            raise UsageError(f"{file}: {mode!r} is no mode. Floors stand in a table [extractive] or [openai].")
        for name, floor in floors.items():
            if not BETTER.get(name) or not isinstance(floor, int | float):
                raise UsageError(f"{file}: {name!r} has no floor. See seeds/floors.toml for what has.")
    if not isinstance(allowance, int | float):
        raise UsageError(f"{file}: allowance must be a number.")
    return Floors(float(allowance), found)


def broken(report: Record, floors: Floors) -> list[str]:
    """Name each floor that a report is under, by more than the allowance, with both figures.

    Raises UsageError if there are none for its mode, since nothing would ever be under them.
    """
    mode, found = report["run"]["versions"]["mode"], []
    if mode not in floors.by_mode:
        raise UsageError(f"There are no floors for this mode. Add a table [{mode}] to the file.")
    for name, floor in floors.by_mode[mode].items():
        value = report["scores"].get(name, {}).get("value")
        if value is None:
            found.append(f"{name} was not measured; its floor is {floor:g}")
        elif round(BETTER[name] * (value - floor) + floors.allowance, 6) < 0:  # as finely as reports are rounded
            found.append(f"{name} is {value:.3f}; its {'floor' if BETTER[name] > 0 else 'ceiling'} is {floor:g}")
    return found
