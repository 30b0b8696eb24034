"""The figures of a report are read out alike everywhere, and claim no more than they show."""

from __future__ import annotations

from typing import Any

import pytest

from rag.evaluation.scoring import Loss
from rag.evaluation.wording import BY_NAME, MEANING, applies, change, draft_line, figure, headline, interval, notes
from rag.records import Record


@pytest.mark.parametrize(
    ("value", "metric", "written"),
    [
        (0.84, "grounded", ".84"),
        (0.004, "grounded", ".00"),
        (0, "grounded", ".00"),
        (0.994, "grounded", ".99"),
        (0.996, "grounded", "1.00"),
        (1, "grounded", "1.00"),
        (-0.05, "grounded", "-.05"),
        (313.4, "characters", "313"),
        (12_313.4, "tokens", "12,313"),
        (2.5, "rejected", "2.50"),
        (0.5, "rejected", "0.50"),
        (0.00042, "cost_usd", "$0.0004"),
        (1.5, "cost_usd", "$1.5000"),
    ],
)
def test_a_figure_is_written_as_its_kind_is(value: float, metric: str, written: str) -> None:
    assert figure(value, BY_NAME[metric]) == written


def test_an_interval_is_written_with_its_bounds() -> None:
    assert interval({"low": 0.81, "high": 1}, BY_NAME["right"]) == ".81 to 1.00"


def changed(value: float, n: int = 20, *, clear: bool = False) -> Record:
    return {"value": value, "low": value, "high": value, "n": n, "clear": clear}


@pytest.mark.parametrize(
    ("difference", "metric", "written"),
    [
        (None, "grounded", ""),
        (changed(0), "grounded", "="),
        (changed(0, 3), "grounded", "="),
        (changed(0.004, clear=True), "grounded", "="),
        (changed(0.03), "grounded", "+.03"),
        (changed(-0.01), "grounded", "-.01"),
        (changed(0.03, clear=True), "grounded", "+.03 better"),
        (changed(-0.03, clear=True), "grounded", "-.03 worse"),
        (changed(0.03, clear=True), "false_refusals", "+.03 worse"),
        (changed(-0.03, clear=True), "false_refusals", "-.03 better"),
        (changed(0.5, clear=True), "rejected", "+0.50"),  # neither is better
        (changed(0.1, 14), "grounded", "+.10 (n < 15)"),
        (changed(-42, clear=True), "characters", "-42 better"),
        (changed(0.0003, clear=True), "cost_usd", "+$0.0003 worse"),
    ],
)
def test_a_change_is_called_better_only_if_it_is_clear(difference: Record | None, metric: str, written: str) -> None:
    assert change(difference, BY_NAME[metric]) == written


REPORT: Record = {
    "run": {
        "seconds": 12.34, "complete": True, "asked": 20, "stopped": None, "versions": {"mode": "extractive"},
        "corpus": {"articles": 5}, "questions": {"cases": 20},
    },
    "scores": {"grounded": {}, "tokens": {}},
    "cases": [{"id": "a", "error": None}], "drafts": [], "without_model": 0, "baseline": None,
}  # fmt: skip
STOPPED = REPORT["run"] | {"complete": False, "asked": 7, "stopped": "The model failed."}
WITH_MODEL = REPORT["run"] | {"versions": {"mode": "openai", "model": "loopback"}}


def test_a_headline_says_what_was_run_and_how_far() -> None:
    assert headline(REPORT) == "20 questions, without a model, 5 articles, 12.3 s"
    assert headline(REPORT | {"run": STOPPED}) == "7 of 20 questions, without a model, 5 articles, 12.3 s"
    assert headline(REPORT | {"run": WITH_MODEL}) == "20 questions, loopback, 5 articles, 12.3 s"


def test_tokens_are_of_no_account_without_a_model() -> None:
    shown = {name: applies(BY_NAME[name], REPORT) for name in ("grounded", "tokens", "verbatim")}
    assert shown == {"grounded": True, "tokens": False, "verbatim": False}
    assert applies(BY_NAME["tokens"], REPORT | {"run": WITH_MODEL})


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, []),
        ({"run": STOPPED}, ["The model failed. These are the scores of 7 questions."]),
        (
            {"cases": [{"id": "a", "error": None}, {"id": "b", "error": "Oh."}, {"id": "c", "error": "No."}]},
            ["2 failed and count as wrong, the first: b: Oh."],
        ),
        ({"without_model": 3}, ["The model failed. 3 questions answered without it."]),
        ({"drafts": [{}, {}]}, ["Not scored: 2 drafts. Say what is right, and it counts."]),
        ({"baseline": {"left_out": 0}}, []),
        ({"baseline": {"left_out": 4}}, ["Not compared: 4 questions, new or changed."]),
    ],
)
def test_notes_say_what_limits_the_figures(more: dict[str, Any], says: list[str]) -> None:
    assert notes(REPORT | more) == says


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({}, "answered otherwise now; say what is right, and it counts"),
        ({"as_before": True}, "answered as when it was complained of"),
        ({"as_before": True, "abstained": True}, "answered as when it was complained of"),
        ({"abstained": True}, "abstains now"),
        ({"complaint": None}, "nobody has said yet what is right"),
        ({"error": "Ask in words."}, "failed: Ask in words."),
    ],
)
def test_a_draft_says_what_has_become_of_it(more: dict[str, Any], line: str) -> None:
    draft = {"error": None, "complaint": {"verdict": "wrong"}, "as_before": False, "abstained": False}
    assert draft_line(draft | more) == line


def test_every_step_that_loses_an_answer_is_explained() -> None:
    assert MEANING.keys() == set(Loss)
