"""A floor is the worst that a score may be; what is under it is named with both figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.errors import UsageError
from rag.evaluation.floors import Floors, broken, read_floors
from rag.evaluation.scoring import METRICS
from rag.records import Record

FLOORS = Floors(0.01, {"extractive": {"grounded": 0.8, "false_refusals": 0.05, "verbatim": 1.0, "characters": 300}})


def scored(mode: str = "extractive", **scores: float) -> Record:
    met: dict[str, float] = {"grounded": 0.8, "false_refusals": 0.05, "verbatim": 1.0, "characters": 250}
    found = {name: {"value": value} for name, value in (met | scores).items()}
    return {"run": {"versions": {"mode": mode}}, "scores": found}


@pytest.mark.parametrize(
    ("scores", "under"),
    [
        ({}, []),
        ({"grounded": 0.99, "false_refusals": 0.0}, []),
        ({"grounded": 0.79, "false_refusals": 0.06}, []),  # the allowance
        ({"grounded": 0.789}, ["grounded is 0.789; its floor is 0.8"]),
        ({"false_refusals": 0.061}, ["false_refusals is 0.061; its ceiling is 0.05"]),
        ({"characters": 301}, ["characters is 301.000; its ceiling is 300"]),
        (
            {"verbatim": 0.5, "grounded": 0.2},
            ["grounded is 0.200; its floor is 0.8", "verbatim is 0.500; its floor is 1"],
        ),
    ],
)
def test_what_is_under_its_floor_is_named_with_both_figures(scores: Any, under: list[str]) -> None:
    assert broken(scored(**scores), FLOORS) == under


def test_what_was_not_measured_is_not_above_its_floor() -> None:
    report = scored()
    del report["scores"]["grounded"]
    assert broken(report, FLOORS) == ["grounded was not measured; its floor is 0.8"]


def test_each_mode_has_floors_of_its_own() -> None:
    floors = Floors(0, {"extractive": {"grounded": 0.9}, "openai": {"grounded": 0.7}})
    assert broken(scored(grounded=0.8), floors) == ["grounded is 0.800; its floor is 0.9"]
    assert broken(scored("openai", grounded=0.8), floors) == []


def test_floors_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "floors.toml"
    file.write_text("# why\nallowance = 0.02\n[extractive]\ngrounded = 0.8\nverbatim = 1\n[openai]\ntokens = 900\n")
    assert read_floors(file) == Floors(
        0.02, {"extractive": {"grounded": 0.8, "verbatim": 1}, "openai": {"tokens": 900}}
    )
    file.write_text("")
    assert read_floors(file) == Floors(0, {})


@pytest.mark.parametrize("metric", [metric for metric in METRICS if metric.better])
def test_whatever_can_be_better_can_have_a_floor(tmp_path: Path, metric: Any) -> None:
    file = tmp_path / "floors.toml"
    file.write_text(f"[extractive]\n{metric.name} = 0.5\n")
    assert read_floors(file).by_mode == {"extractive": {metric.name: 0.5}}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "Cannot read"),
        (b"grounded 0.8", "Cannot read"),
        (b"\xff\xfe", "Cannot read"),
        (b"grounded = 0.8", "'grounded' is no mode"),
        (b"[extractve]\ngrounded = 0.8", "'extractve' is no mode"),
        (b"[extractive]\ngronded = 0.8", "'gronded' has no floor"),
        (b"[extractive]\nrejected = 0", "'rejected' has no floor"),
        (b"[extractive]\ngrounded = '0.8'", "'grounded' has no floor"),
        (b"[extractive.grounded]\nfloor = 0.8", "'grounded' has no floor"),
        (b"allowance = 'little'", "allowance must be a number"),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "floors.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError) as refused:
        read_floors(file)
    assert str(file) in str(refused.value)
    assert says in str(refused.value)
