"""Scores are worked out by hand here, for every metric, every ruling and every step that can lose an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.cases import Case
from rag.evaluation.scoring import METRICS, Loss, Ruling, folded, loss, ruling, says, scores
from rag.records import Record
from rag.schema import Claim, Usage
from tests.evaluation.samples import (
    BOTH,
    CAPTAIN,
    COST,
    LATER,
    OPENED,
    PAID,
    PREMISE,
    SIDES,
    TEXTS,
    UNKNOWN,
    WHEN,
    answered,
    citation,
    claim,
    conflict,
    hop,
    rejected,
)

ALL = (OPENED, PAID, LATER, CAPTAIN)  # a quote of each passage there is


def scored(case: Case, record: Record) -> dict[str, float]:
    return scores(case, record, case.places(TEXTS), TEXTS)


def judged(case: Case, record: Record) -> tuple[Ruling, Loss | None]:
    places = case.places(TEXTS)
    return ruling(case, record, places), loss(case, record, places)


# --- every metric -----------------------------------------------------------------------------------------------------

FREE = {"rejected": 0, "tokens": 0, "cost_usd": 0}
FIRST = {"hit_1": 1, "hit_3": 1, "hit_5": 1, "mrr": 1, "all_hops_5": 1}
NOWHERE = dict.fromkeys(FIRST, 0)
SIDE_BY_SIDE = (  # of a conflict about "when" whose positions say "that"
    "The sources disagree on when: that [1] (Coast Courier, date unknown); that [2] (Coast Courier, date unknown)."
)
RIGHT = {"right": 1, "correct": 1, "grounded": 1, "false_refusals": 0}
PERFECT = {"citation_precision": 1, "citation_recall": 1, "hops_cited": 1, "verbatim": 1}


@pytest.mark.parametrize(
    ("case", "record", "expected"),
    [
        pytest.param(
            WHEN, answered(claim(OPENED), found=ALL),
            RIGHT | PERFECT | FIRST | FREE | {"characters": len(f"{OPENED} [1]")}, id="right",
        ),
        pytest.param(
            BOTH, answered(claim(OPENED), claim(CAPTAIN), found=(LATER, CAPTAIN, OPENED)),
            {"right": 0, "correct": 0, "grounded": 0, "false_refusals": 0, "citation_precision": 1 / 2,
             "citation_recall": 1 / 2, "hops_cited": 1 / 2, "verbatim": 1, "hit_1": 0, "hit_3": 1, "hit_5": 1,
             "mrr": 1 / 3, "all_hops_5": 1, "characters": len(f"{OPENED} [1] {CAPTAIN} [2]")} | FREE, id="half",
        ),
        pytest.param(
            BOTH, answered(claim("It opened on 3 June and cost 48 million euros.", OPENED, COST, PAID), claim(PAID)),
            RIGHT | {"citation_precision": 2 / 3, "citation_recall": 1 / 2, "hops_cited": 1, "verbatim": 1,
             "characters": len(f"It opened on 3 June and cost 48 million euros. [1][2][3] {PAID} [3]")}
            | NOWHERE | FREE, id="three citations of one sentence",
        ),
        pytest.param(
            WHEN, answered(claim("It opened on 3 June.", CAPTAIN), found=(CAPTAIN, PAID, LATER, COST)),
            {"right": 0, "correct": 1, "grounded": 0, "false_refusals": 0, "citation_precision": 0,
             "citation_recall": 0, "hops_cited": 0, "verbatim": 1, "hit_1": 0, "hit_3": 0, "hit_5": 1, "mrr": 1 / 4,
             "all_hops_5": 1, "characters": len("It opened on 3 June. [1]")} | FREE, id="correct, wrongly cited",
        ),
        pytest.param(
            WHEN, answered(found=(CAPTAIN,) * 5 + (OPENED,), rejections=(rejected(OPENED), rejected(PAID)),
                           usage=Usage("m", 1200, 80, 0.5)),
            {"right": 0, "correct": 0, "grounded": 0, "false_refusals": 1, "hit_1": 0, "hit_3": 0, "hit_5": 0,
             "mrr": 1 / 6, "all_hops_5": 0, "rejected": 2, "tokens": 1280, "cost_usd": 0.5}, id="refused",
        ),
        pytest.param(
            PREMISE, answered(found=(CAPTAIN, COST)),
            {"right": 1, "correct": 1, "grounded": 1, "hit_1": 0, "hit_3": 1, "hit_5": 1, "mrr": 1 / 2,
             "all_hops_5": 1} | FREE, id="either, refused",
        ),
        pytest.param(
            PREMISE, answered(claim(COST), found=(COST,)),
            {"right": 1, "correct": 1, "grounded": 1, "characters": len(f"{COST} [1]")} | PERFECT | FIRST | FREE,
            id="either, answered",
        ),
        pytest.param(
            UNKNOWN, answered(found=ALL), {"right": 1, "abstention_recall": 1} | FREE, id="unanswerable, refused"
        ),
        pytest.param(
            UNKNOWN, answered(claim(OPENED), found=ALL),
            {"right": 0, "abstention_recall": 0, "verbatim": 1, "characters": len(f"{OPENED} [1]")} | FREE,
            id="unanswerable, answered",
        ),
        pytest.param(
            SIDES,
            answered(claim(OPENED), claim(LATER), found=(OPENED, LATER), conflicts=(conflict((OPENED,), (LATER,)),)),
            RIGHT | PERFECT | FIRST | FREE
            | {"sides_cited": 1, "conflicts_shown": 1, "characters": len(f"{OPENED} [1] {LATER} [2] {SIDE_BY_SIDE}")},
            id="sides",
        ),
        pytest.param(
            SIDES, answered(claim("On 3 June, or on 5 June.", OPENED), found=(LATER,)),
            RIGHT | PERFECT | FIRST | FREE
            | {"all_hops_5": 0, "hops_cited": 1 / 2, "sides_cited": 0, "conflicts_shown": 0,
               "characters": len("On 3 June, or on 5 June. [1]")}, id="one side cited",
        ),
        pytest.param(
            SIDES, answered(found=(OPENED, LATER)),
            {"right": 0, "correct": 0, "grounded": 0, "false_refusals": 1, "sides_cited": 0, "conflicts_shown": 0}
            | FIRST | FREE, id="sides, refused",
        ),
        pytest.param(WHEN, {}, {"right": 0, "correct": 0, "grounded": 0, "false_refusals": 0}, id="failed"),
        pytest.param(UNKNOWN, {}, {"right": 0, "abstention_recall": 0}, id="unanswerable, failed"),
    ],
)  # fmt: skip
def test_every_metric_is_as_worked_out_by_hand(case: Case, record: Record, expected: dict[str, float]) -> None:
    assert scored(case, record) == expected


@pytest.mark.parametrize("rank", [1, 2, 3, 4, 5, 6])
def test_a_passage_is_a_hit_among_the_first_up_to_its_rank(rank: int) -> None:
    found = scored(WHEN, answered(found=(CAPTAIN,) * (rank - 1) + (OPENED,)))
    assert [found[name] for name in ("hit_1", "hit_3", "hit_5", "all_hops_5")] == [
        rank <= 1, rank <= 3, rank <= 5, rank <= 5
    ]  # fmt: skip
    assert found["mrr"] == 1 / rank


def test_a_quote_that_is_not_in_its_place_is_not_verbatim() -> None:
    record = answered(claim(OPENED), claim(COST))
    record["citations"][1]["start"] += 1
    assert scored(WHEN, record)["verbatim"] == 1 / 2
    record["citations"][0]["document"] = "gone.md"
    assert scored(WHEN, record)["verbatim"] == 0


@pytest.mark.parametrize(
    ("shown", "is_shown"),
    [
        (conflict((OPENED,), (LATER,)), True),
        (conflict((OPENED, LATER), (LATER,)), True),
        (conflict((CAPTAIN,), (OPENED, PAID), (LATER,)), True),
        (conflict((OPENED,), (OPENED,)), False),
        (conflict((OPENED, LATER), (CAPTAIN,)), False),  # one position, whatever it cites
        (conflict((OPENED, LATER)), False),
        (conflict((OPENED,), (CAPTAIN,)), False),
    ],
)
def test_a_conflict_is_shown_if_two_positions_rest_on_two_sides(shown: Any, is_shown: bool) -> None:
    assert scored(SIDES, answered(claim(OPENED), conflicts=(shown,)))["conflicts_shown"] == is_shown


def test_alternatives_of_a_hop_will_each_do() -> None:
    case = Case("a", "t", "When?", answers=(("June",),), support=(hop(OPENED, LATER), hop(COST)))
    for quote in (OPENED, LATER):
        assert scored(case, answered(claim(quote)))["hops_cited"] == 1 / 2
    assert scored(case, answered(claim(PAID)))["hops_cited"] == 0


# --- rulings, and the step that lost it -------------------------------------------------------------------------------

FOURTH = Claim("It opened on 4 June.", (citation(OPENED),))


@pytest.mark.parametrize(
    ("case", "record", "verdict", "lost"),
    [
        (WHEN, answered(claim(OPENED), found=ALL), Ruling.RIGHT, None),
        (WHEN, answered(claim(OPENED)), Ruling.RIGHT, None),
        (BOTH, answered(claim("On 3 June, for 48 million euros.", COST)), Ruling.RIGHT, None),
        (PREMISE, answered(), Ruling.RIGHTLY_REFUSED, None),
        (PREMISE, answered(claim(CAPTAIN), found=ALL), Ruling.WRONG, Loss.NOT_USED),
        (UNKNOWN, answered(), Ruling.RIGHTLY_REFUSED, None),
        (UNKNOWN, answered(claim(OPENED)), Ruling.WRONGLY_ANSWERED, Loss.NOT_REFUSED),
        (WHEN, {}, Ruling.FAILED, Loss.ERROR),
        (UNKNOWN, {}, Ruling.FAILED, Loss.ERROR),
        (WHEN, answered(found=(PAID, LATER)), Ruling.WRONGLY_REFUSED, Loss.NOT_RETRIEVED),
        (WHEN, answered(claim(LATER), found=(LATER,)), Ruling.WRONG, Loss.NOT_RETRIEVED),
        (SIDES, answered(claim(OPENED), found=(OPENED,)), Ruling.WRONG, Loss.NOT_RETRIEVED),
        (WHEN, answered(found=ALL), Ruling.WRONGLY_REFUSED, Loss.REFUSED),
        (WHEN, answered(found=ALL, rejections=(rejected("In May.", OPENED),)), Ruling.WRONGLY_REFUSED, Loss.REJECTED),
        (WHEN, answered(found=ALL, rejections=(rejected("Émile.", CAPTAIN),)), Ruling.WRONGLY_REFUSED, Loss.REFUSED),
        (WHEN, answered(claim(PAID), found=ALL, rejections=(rejected(OPENED),)), Ruling.WRONG, Loss.REJECTED),
        (WHEN, answered(claim(PAID), found=ALL), Ruling.WRONG, Loss.NOT_USED),
        (WHEN, answered(claim("On 3 June.", PAID), found=ALL), Ruling.WRONG, Loss.NOT_USED),
        (SIDES, answered(claim(OPENED), found=ALL), Ruling.WRONG, Loss.NOT_USED),
        (SIDES, answered(claim(OPENED), found=ALL, rejections=(rejected(LATER),)), Ruling.WRONG, Loss.REJECTED),
        # what was dropped is cited all the same, so that is not why
        (SIDES, answered(claim(OPENED), found=ALL, rejections=(rejected(OPENED),)), Ruling.WRONG, Loss.NOT_USED),
        (WHEN, answered(FOURTH, found=ALL, rejections=(rejected(OPENED),)), Ruling.WRONG, Loss.WORDED_WRONGLY),
        (WHEN, answered(FOURTH, found=ALL), Ruling.WRONG, Loss.WORDED_WRONGLY),
    ],
)  # fmt: skip
def test_what_became_of_a_question_and_what_lost_it(
    case: Case, record: Record, verdict: Ruling, lost: Loss | None
) -> None:
    assert judged(case, record) == (verdict, lost)


def test_an_answer_that_says_what_is_wrong_is_not_right() -> None:
    case = Case("a", "t", "When?", answers=(("3 June",),), wrong=("5 June",), support=(hop(OPENED),))
    assert judged(case, answered(claim(OPENED), found=ALL)) == (Ruling.RIGHT, None)
    assert judged(case, answered(claim(OPENED), claim(LATER), found=ALL)) == (Ruling.WRONG, Loss.WORDED_WRONGLY)


# --- what an answer says ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [1, 2])
def test_markers_satisfy_nothing(said: int) -> None:
    case = Case("a", "t", "How many?", answers=((str(said),),), support=(hop(OPENED),))
    record = answered(claim("There were a few.", OPENED, COST), found=ALL)
    assert f"[{said}]" in record["answer"]
    assert judged(case, record)[0] is Ruling.WRONG


def test_the_echo_of_the_question_satisfies_nothing_and_spoils_nothing() -> None:
    record = answered(claim(COST), found=ALL, unanswered=("whether it opened on 3 June",))
    assert "3 June" in record["answer"]
    assert judged(BOTH, record)[0] is Ruling.WRONG
    case = Case("a", "t", "Cost?", answers=(("48 million",),), wrong=("3 June",), support=(hop(COST),))
    assert judged(case, record)[0] is Ruling.RIGHT


def test_what_an_abstention_shows_is_not_said() -> None:
    record = answered(found=ALL) | {"answer": f"The articles do not answer this. The nearest they come: {OPENED}"}
    assert judged(WHEN, record)[0] is Ruling.WRONGLY_REFUSED
    assert scored(WHEN, record)["correct"] == 0


@pytest.mark.parametrize(
    ("text", "wanted", "is_said"),
    [
        ("They relocated the camps.", "relocat", True),
        ("They relocated the camps.", "RELOCATED THE", True),
        ("They relocated the camps.", "located", False),
        ("They relocated the camps.", "camps.", True),
        ("The co-signatory left.", "signatory", True),
        ("The “pre-war” line", '"PRE–WAR"', True),
        ("Sörby's ferry", "Sorby’s", True),
        ("SÖRBY", "sörby", True),
        ("So\u0308rby", "Sörby", True),
        ("in the STRASSE", "straße", True),
        ("on\u00a03  June\n2024", "3 June 2024", True),
        ("They paid $5 million.", "$5", True),
        ("They paid 5 % more.", "5 %", True),
        ("There were 30.", "30", True),
        ("There were 30, or so.", "30", True),
        ("(30)", "30", True),
        ("the 30-year-old", "30", True),
        ("the 30th", "30", True),
        ("$30m", "30", True),
        ("2024-06-30", "30", True),
        ("in 2023, 30 left", "30", True),
        ("300", "30", False),
        ("2030", "30", False),
        ("A30", "30", False),
        ("3.30", "30", False),
        ("1,30", "30", False),
        ("30.5", "30", False),
        ("30,000", "30", False),
        ("30,000", "30,000", True),
        ("1,030,000", "030", False),
        ("March 190", "March 19", False),
        ("March 19", "March 19", True),
        ("119 March", "19 March", False),
        ("March 2025", "March 20", False),
        ("48 millions", "48 million", True),
        ("148 million", "48 million", False),
        ("a.b", "axb", False),
        ("axb", "a.b", False),
    ],
)
def test_words_are_said_from_their_beginning_and_numbers_as_a_whole(text: str, wanted: str, is_said: bool) -> None:
    assert says(folded(text), wanted) is is_said


@given(st.integers(0, 99_999), st.from_regex(r"\A[0-9]{1,3}\Z"), st.sampled_from(["", ".", ","]))
def test_a_number_is_not_part_of_another(number: int, more: str, between: str) -> None:
    assert not says(f"some {number}{between}{more} of them", str(number))
    assert not says(f"some {more}{between}{number} of them", str(number))
    assert says(f"some {more} {number} of them, {number}; {number}.", str(number))


@given(st.text(), st.text(), st.text(alphabet=" \n.,;“”()–", min_size=1))
def test_what_is_said_between_two_others_is_said(one: str, wanted: str, between: str) -> None:
    assert says(folded(f"{one}{between} {wanted} {between}{one}"), wanted)


# --- whatever the answer ----------------------------------------------------------------------------------------------

QUOTES = st.lists(st.sampled_from([OPENED, COST, PAID, LATER, CAPTAIN]), min_size=1, max_size=3)
CLAIMS = st.builds(
    lambda text, quotes: claim(text, *quotes), st.sampled_from([OPENED, COST, "On 3 June, or 5."]), QUOTES
)
RECORDS = st.builds(
    lambda claims, found, dropped, shown: answered(
        *claims,
        found=tuple(found),
        rejections=tuple(rejected(quotes[0], *quotes) for quotes in dropped),
        conflicts=(conflict(*map(tuple, shown)),),
    ),
    st.lists(CLAIMS, max_size=3),
    st.lists(st.sampled_from(ALL), max_size=10),
    st.lists(QUOTES, max_size=2),
    st.lists(QUOTES, max_size=3),
)
HOPS = st.lists(QUOTES.map(lambda quotes: hop(*quotes)), min_size=1, max_size=3).map(tuple)
CASES = st.builds(
    lambda support, either, disputed, wrong: Case(
        "a", "t", "When?", answers=(("3 June", "5"),), wrong=wrong, support=support, either=either, conflict=disputed
    ),
    HOPS,
    st.booleans(),
    st.booleans(),
    st.sampled_from([(), ("48",)]),
) | st.just(UNKNOWN)  # fmt: skip


@given(CASES, RECORDS | st.just({}))
def test_scores_fit_together_whatever_the_answer(case: Case, record: Record) -> None:
    found, (verdict, lost) = scored(case, record), judged(case, record)
    units = {metric.name: metric.unit for metric in METRICS}
    assert found.keys() <= units.keys()
    assert all(value >= 0 and (units[name] or value <= 1) for name, value in found.items())
    assert (lost is None) == (verdict in (Ruling.RIGHT, Ruling.RIGHTLY_REFUSED)) == bool(found["right"])
    assert found.get("grounded", 0) <= found.get("correct", 1)
    assert found.get("hit_1", 0) <= found.get("hit_3", 0) <= found.get("hit_5", 0)
    assert found.get("all_hops_5", 0) <= found.get("hit_5", 0)
    assert ("citation_precision" in found) == (case.answerable and bool(record) and not record["abstained"])
    assert bool(found.get("citation_precision")) == bool(found.get("hops_cited"))
    assert not found.get("citation_recall") or found["citation_precision"]
    assert found.get("sides_cited", 0) <= found.get("hops_cited", 1)
