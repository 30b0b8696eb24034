"""A report holds a run as plain JSON: each case with its scores, what they come to, and what has changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.cases import Case, case_of
from rag.evaluation.report import compared, report
from rag.evaluation.run import Outcome
from rag.evaluation.statistics import ENOUGH
from rag.records import Record
from rag.schema import Dates, Filters, Turn, Usage
from tests.evaluation.samples import (
    BOTH,
    CAPTAIN,
    COST,
    DRAFT,
    LATER,
    OPENED,
    PAID,
    TEXTS,
    UNKNOWN,
    WHEN,
    answered,
    claim,
    outcome,
)


def at(value: float, low: float, high: float, n: int) -> Record:
    return {"value": value, "low": low, "high": high, "n": n}


def same(value: float, n: int = 1) -> Record:
    return at(value, value, value, n)


# --- the whole of it --------------------------------------------------------------------------------------------------


def test_the_report_of_a_small_run_is_as_worked_out_by_hand() -> None:
    asked = replace(
        WHEN,
        history=(Turn("user", "Is there a ferry?"), Turn("assistant", "Yes. [1]")),
        filters=Filters(Dates.parse("2024"), outlets=("Coast Courier",)),
        wrong=("4 June",),
    )
    right = answered(claim(OPENED), found=(OPENED,), confidence=0.9, usage=Usage("m", 10, 5, 0.25))
    failed = Outcome(BOTH, error="ValueError; run with --verbose to see more.")
    refused = answered(found=(LATER, OPENED), confidence=0.25, milliseconds=30.0)
    daring = answered(claim(LATER), found=(LATER, OPENED), confidence=0.25)
    drafted = Outcome(DRAFT, answered(claim(CAPTAIN), found=(CAPTAIN,)))
    outcomes = [Outcome(asked, right), failed, drafted, Outcome(UNKNOWN, refused, unchecked=daring)]
    step = {"p50": 20.0, "p95": 29.0}
    assert report(outcomes, TEXTS, 0.5) == {
        "format": 1,
        "scores": {
            "right": at(0.666667, 0, 1, 3),
            "correct": at(0.5, 0, 1, 2),
            "grounded": at(0.5, 0, 1, 2),
            "abstention_recall": same(1),
            "false_refusals": same(0, 2),
            "citation_precision": same(1),
            "citation_recall": same(1),
            "hops_cited": same(1),
            "verbatim": same(1),
            "hit_1": same(1),
            "hit_3": same(1),
            "hit_5": same(1),
            "mrr": same(1),
            "all_hops_5": same(1),
            "rejected": same(0, 2),
            "characters": same(len(f"{OPENED} [1]")),
            "tokens": at(7.5, 0, 15, 2),
            "cost_usd": at(0.125, 0, 0.25, 2),
        },
        "types": {
            "date": {
                **{name: same(1) for name in ("right", "correct", "grounded", "citation_precision", "citation_recall",
                                              "hops_cited", "verbatim", "hit_1", "hit_3", "hit_5", "mrr",
                                              "all_hops_5")},
                "false_refusals": same(0), "rejected": same(0), "characters": same(len(f"{OPENED} [1]")),
                "tokens": same(15), "cost_usd": same(0.25),
            },
            "multi-hop": {name: same(0) for name in ("right", "correct", "grounded", "false_refusals")},
            "unanswerable": {
                "right": same(1), "abstention_recall": same(1), "rejected": same(0), "tokens": same(0),
                "cost_usd": same(0),
            },
        },
        "losses": {"error": 1},
        "curve": [
            {"threshold": 0.9, "coverage": 0.5, "risk": 0.0},
            {"threshold": 0.25, "coverage": 1.0, "risk": 0.5},
        ],
        "threshold": 0.5,
        "latency_ms": {"retrieve": step, "answer": step, "verify": step, "total": step},
        "usage": {"input_tokens": 10, "output_tokens": 5, "cost_usd": 0.25},
        "without_model": 0,
        "cases": [
            {
                "id": "when",
                "type": "date",
                "question": "When did the ferry open?",
                "history": [
                    {"role": "user", "content": "Is there a ferry?"}, {"role": "assistant", "content": "Yes. [1]"}
                ],
                "since": "2024",
                "until": None,
                "as_of": None,
                "outlet": ["Coast Courier"],
                "expected": {
                    "answerable": True,
                    "answers": [["3 June", "June 3"]],
                    "wrong": ["4 June"],
                    "support": [[{"document": "harbour.md", "span": OPENED}]],
                    "either": False,
                    "conflict": False,
                },
                "ruling": "right",
                "lost_at": None,
                "ranks": [1],
                "cited": [True],
                "scores": {
                    "right": 1, "correct": 1, "grounded": 1, "false_refusals": 0, "citation_precision": 1,
                    "citation_recall": 1, "hops_cited": 1, "verbatim": 1, "hit_1": 1, "hit_3": 1, "hit_5": 1, "mrr": 1,
                    "all_hops_5": 1, "rejected": 0, "characters": len(f"{OPENED} [1]"), "tokens": 15, "cost_usd": 0.25,
                },
                "error": None,
                "record": right,
            },
            {
                "id": "both",
                "type": "multi-hop",
                "question": "When did the ferry open, and at what cost?",
                "history": [], "since": None, "until": None, "as_of": None, "outlet": None,
                "expected": {
                    "answerable": True,
                    "answers": [["3 June"], ["48 million"]],
                    "wrong": [],
                    "support": [
                        [{"document": "harbour.md", "span": OPENED}], [{"document": "harbour.md", "span": COST}]
                    ],
                    "either": False,
                    "conflict": False,
                },
                "ruling": "failed",
                "lost_at": "error",
                "ranks": [],
                "cited": [],
                "scores": {"right": 0, "correct": 0, "grounded": 0, "false_refusals": 0},
                "error": "ValueError; run with --verbose to see more.",
                "record": None,
            },
            {
                "id": "unknown",
                "type": "unanswerable",
                "question": "What colour is the ferry?",
                "history": [], "since": None, "until": None, "as_of": None, "outlet": None,
                "expected": {
                    "answerable": False, "answers": [], "wrong": [], "support": [], "either": False, "conflict": False
                },
                "ruling": "rightly refused",
                "lost_at": None,
                "ranks": [],
                "cited": [],
                "scores": {"right": 1, "abstention_recall": 1, "rejected": 0, "tokens": 0, "cost_usd": 0},
                "error": None,
                "record": refused,
            },
        ],
        "drafts": [
            {
                "id": "draft",
                "question": "Who was the captain?",
                "complaint": None,
                "before": None,
                "now": f"{CAPTAIN} [1]",
                "abstained": False,
                "as_before": False,
                "error": None,
            }
        ],
    }  # fmt: skip


def test_a_run_that_came_to_nothing_is_reported_as_such() -> None:
    for outcomes in ([], [Outcome(DRAFT, error="Failed.")]):
        found = report(outcomes, TEXTS, None)
        assert (found["scores"], found["types"], found["losses"], found["cases"]) == ({}, {}, {}, [])
        assert (found["curve"], found["latency_ms"]) == ([], {})


def test_the_curve_is_of_what_would_be_answered_if_nothing_was_withheld() -> None:
    refused = Outcome(WHEN, answered(confidence=0.25), unchecked=answered(claim(OPENED), confidence=0.25))
    given = Outcome(BOTH, answered(claim(PAID), confidence=0.75))
    assert report([refused, given], TEXTS, 0.5)["curve"] == [
        {"threshold": 0.75, "coverage": 0.5, "risk": 1.0}, {"threshold": 0.25, "coverage": 1.0, "risk": 0.5}
    ]  # fmt: skip


def test_with_a_model_there_is_no_curve() -> None:
    found = report([outcome(WHEN, claim(OPENED))], TEXTS, None)
    assert (found["threshold"], found["curve"]) == (None, [])


def test_answers_made_without_the_model_are_counted() -> None:
    noted = Outcome(WHEN, answered(claim(OPENED), notice="Made without the model."))
    assert report([noted, noted, outcome(WHEN)], TEXTS, None)["without_model"] == 2


def test_losses_are_counted_the_most_first() -> None:
    lost = [outcome(WHEN), outcome(WHEN, claim(PAID)), outcome(UNKNOWN, claim(PAID)), outcome(WHEN)]
    found = report([*lost, outcome(WHEN, claim(OPENED))], TEXTS, 0.5)["losses"]
    assert list(found.items()) == [
        ("wrong abstention", 2),
        ("retrieved, but not used", 1),
        ("should have abstained", 1),
    ]


OUTCOMES = st.builds(
    lambda case, claims, found: outcome(case, *map(claim, claims), found=tuple(found)),
    st.sampled_from([WHEN, BOTH, UNKNOWN, DRAFT]),
    st.lists(st.sampled_from([OPENED, COST, CAPTAIN]), max_size=2),
    st.lists(st.sampled_from([OPENED, PAID, LATER]), max_size=3),
) | st.sampled_from([WHEN, UNKNOWN, DRAFT]).map(lambda case: Outcome(case, error="\ud800 failed"))


@given(st.lists(OUTCOMES, max_size=5))
def test_a_report_is_json_and_comes_back_as_it_was(outcomes: list[Outcome]) -> None:
    found = report(outcomes, TEXTS, 0.5)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


# --- drafts -----------------------------------------------------------------------------------------------------------


def complained(*claims: Any, **more: Any) -> Case:
    """Make a draft of the complaint about an answer."""
    answer = answered(*claims)
    given_then = {"feedback": {"verdict": "wrong"}, "answer": answer} | more
    return case_of({"id": "feedback-1", "type": "feedback", "question": "When?", "draft": True} | given_then)


@pytest.mark.parametrize(
    ("before", "now", "as_before"),
    [
        ((claim(OPENED),), (claim(OPENED),), True),
        ((claim(OPENED), claim(COST)), (claim(COST), claim(OPENED)), True),  # in another order
        ((claim(OPENED),), (claim(OPENED), claim(COST)), False),
        ((claim(OPENED),), (claim(LATER),), False),
        ((claim(OPENED),), (), False),
        ((), (claim(OPENED),), False),
        ((), (), True),  # that it abstained was complained of
    ],
)
def test_a_draft_from_feedback_shows_whether_it_is_still_answered_as_before(
    before: tuple[Any, ...], now: tuple[Any, ...], as_before: bool
) -> None:
    [found] = report([outcome(complained(*before), *now)], TEXTS, 0.5)["drafts"]
    assert (found["complaint"], found["as_before"], found["abstained"]) == ({"verdict": "wrong"}, as_before, not now)
    assert (found["before"], found["now"]) == (answered(*before)["answer"], answered(*now)["answer"])


def test_a_draft_whose_answer_is_not_known_whole_is_not_called_the_same() -> None:
    case = complained(answer={"answer": "In Vienna. [1]"})
    [found] = report([outcome(case)], TEXTS, 0.5)["drafts"]
    assert (found["before"], found["as_before"]) == ("In Vienna. [1]", False)


def test_a_draft_that_failed_says_so() -> None:
    [found] = report([Outcome(complained(), error="Failed.")], TEXTS, 0.5)["drafts"]
    assert (found["error"], found["now"], found["abstained"], found["as_before"]) == ("Failed.", None, None, False)


# --- compared with an earlier one -------------------------------------------------------------------------------------


def run_of(outcomes: Sequence[Outcome], name: str = "before") -> Record:
    return {"run": {"when": name}} | report(outcomes, TEXTS, 0.5)


def many(n: int, wrong: int, type_: str = "date") -> list[Outcome]:
    """Make so many cases of a type, of which the first are answered wrongly."""
    return [
        outcome(replace(WHEN, id=f"{type_}-{number}", type=type_), claim(PAID if number < wrong else OPENED))
        for number in range(n)
    ]


def test_what_became_better_and_worse_is_named() -> None:
    before = [outcome(WHEN, claim(PAID)), outcome(UNKNOWN), outcome(BOTH), outcome(replace(BOTH, id="still"))]
    now = [outcome(WHEN, claim(OPENED)), outcome(UNKNOWN, claim(PAID)), outcome(BOTH, claim(PAID)),
           outcome(replace(BOTH, id="still"))]  # fmt: skip
    found = compared(run_of(now, "now"), run_of(before))
    assert (found["run"], found["cases"], found["left_out"]) == ({"when": "before"}, 4, 0)
    assert (found["better"], found["worse"], found["enough"]) == (["when"], ["unknown"], ENOUGH)
    right = found["scores"]["right"]
    assert (right["value"], right["low"] < 0 < right["high"], right["n"], right["clear"]) == (0, True, 4, False)
    assert found["scores"]["grounded"]["value"] == round(1 / 3, 6)
    assert found["types"]["date"]["grounded"] == same(1) | {"clear": False}
    # what an abstention has no score of is compared where both answered
    assert found["scores"]["citation_precision"] == same(1) | {"clear": False}


@pytest.mark.parametrize(
    "changed",
    [
        replace(WHEN, question="When was it opened?"),
        replace(WHEN, history=(Turn("user", "Is there a ferry?"),)),
        replace(WHEN, filters=Filters(outlets=("Coast Courier",))),
        replace(WHEN, answers=(("June",),)),
        replace(WHEN, wrong=("May",)),
        replace(WHEN, support=(*WHEN.support, *BOTH.support)),
        replace(WHEN, either=True),
        replace(WHEN, id="new"),
    ],
)
def test_only_what_is_asked_and_expected_alike_is_compared(changed: Case) -> None:
    before = run_of([outcome(WHEN, claim(PAID)), outcome(BOTH, claim(PAID)), outcome(UNKNOWN)])
    now = run_of([outcome(changed, claim(OPENED)), outcome(BOTH, claim(PAID))])
    found = compared(now, before)
    assert (found["cases"], found["left_out"], found["better"], found["worse"]) == (1, 1, [], [])
    assert found["scores"]["right"] == same(0) | {"clear": False}
    assert list(found["types"]) == ["multi-hop"]


def test_a_case_of_another_type_is_compared_all_the_same() -> None:
    found = compared(run_of([outcome(replace(WHEN, type="when"))]), run_of([outcome(WHEN)]))
    assert (found["cases"], list(found["types"])) == (1, ["when"])


def test_a_run_compared_with_itself_has_not_changed() -> None:
    whole = run_of(many(20, 7))
    found = compared(whole, whole)
    assert (found["cases"], found["left_out"], found["better"], found["worse"]) == (20, 0, [], [])
    assert {(each["value"], each["low"], each["high"], each["clear"]) for each in found["scores"].values()} == {
        (0, 0, 0, False)
    }


def test_a_planted_difference_is_clear_in_all_and_not_in_a_small_type() -> None:
    before, now = many(20, 20) + many(8, 8, "list"), many(20, 0) + many(8, 0, "list")
    found = compared(run_of(now), run_of(before))
    assert found["scores"]["right"] == same(1, 28) | {"clear": True}
    assert found["types"]["date"]["right"] == same(1, 20) | {"clear": True}
    assert found["types"]["list"]["right"] == same(1, 8) | {"clear": False}
    assert compared(run_of(before), run_of(now))["scores"]["right"] == same(-1, 28) | {"clear": True}


def test_nothing_in_common_is_nothing_to_compare() -> None:
    found = compared(run_of([outcome(WHEN)]), run_of([outcome(UNKNOWN)]))
    assert (found["cases"], found["left_out"], found["scores"], found["types"]) == (0, 1, {}, {})


def test_drafts_are_not_compared() -> None:
    found = compared(run_of([outcome(DRAFT)]), run_of([outcome(DRAFT, claim(OPENED))]))
    assert (found["cases"], found["left_out"]) == (0, 0)


def test_a_comparison_is_the_same_with_a_report_from_a_file(tmp_path: Path) -> None:
    now, before = run_of(many(16, 2)), run_of(many(16, 9))
    (tmp_path / "before.json").write_text(json.dumps(before))
    assert compared(now, json.loads((tmp_path / "before.json").read_text())) == compared(now, before)
