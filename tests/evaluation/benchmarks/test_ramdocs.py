"""RAMDocs is scored as its rules say, on invented documents that disagree."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.evaluation.benchmarks.ramdocs import cited, figures, named, said
from rag.records import Record
from rag.schema import Answer, Citation, Claim, Conflict, Mode, Position, Query, Source
from tests.evaluation.benchmarks.samples import run, values, write_lines


def question(right: list[str], wrong: list[str], *documents: tuple[str, str]) -> Record:
    given = [{"text": text, "type": "…", "answer": answer} for text, answer in documents]
    asked = "When did the windmill of Tarn burn down?"
    return {"question": asked, "documents": given, "gold_answers": right, "wrong_answers": wrong}


BURNED = ("The windmill of Tarn burned down in 1921 after a storm.", "1921")
EARLIER = ("Older chronicles say that the windmill of Tarn burned down in 1887.", "1887")
BREAD = ("A loaf of rye bread needs flour, water, salt and patience.", "unknown")


def test_a_run_reports_answers_beside_the_first_passages(tmp_path: Path) -> None:
    questions = [
        question(["1921"], [], BURNED, BREAD),
        question(["1921"], ["rye bread"], BURNED, BREAD),
        question(["1921", "a lifeboat"], [], BURNED, BREAD),
    ]
    write_lines(tmp_path / "ramdocs" / "dev.jsonl", questions)
    report = run("ramdocs", tmp_path, tmp_path / "data")
    assert report["failed"] == 0
    assert values(report) == {
        "exact": (0.6667, 3),
        "right_named": (0.6667, 3),
        "wrong_named": (0, 1),
        "right_cited": (1, 2),
        "abstained": (0, 3),
    }
    floors = {
        each["name"]: [other["value"] for other in each["others"] if other["kind"] == "floor"]
        for each in report["figures"]
    }
    assert floors == {
        "exact": [0.3333],
        "right_named": [0.6667],
        "wrong_named": [1],
        "right_cited": [],
        "abstained": [],
    }


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("It burned down in 1921.", True, False),
        ("It burned down in 1921, not in 1887.", True, True),
        ("It burned down in 19210.", False, False),
        ("It burned down.", False, False),
        ("", False, False),
    ],
)
def test_an_answer_names_what_stands_in_it(text: str, right: bool, wrong: bool) -> None:
    assert named(text, question(["1921"], ["1887"])) == {"right": right, "wrong": wrong}


def test_nothing_wrong_is_named_where_nothing_wrong_is_known() -> None:
    assert named("CAFÉ", question(["Cafe"], [])) == {"right": True, "wrong": None}


def test_every_right_answer_needs_a_document_of_its_own() -> None:
    both = question(["1921", "1887"], [], BURNED, EARLIER, BREAD)
    assert cited(citing(1), both) is False
    assert cited(citing(3, 2, 1), both) is True
    assert cited(citing(1), question(["1921", "1850"], [], BURNED)) is None


def test_the_positions_of_a_conflict_are_part_of_the_answer() -> None:
    conflict = Conflict("when it burned", (Position("in 1921", ()), Position("in 1887", ())))
    answer = Answer(Query("?", "?"), Mode.EXTRACTIVE, (Claim("It burned down."),), conflicts=(conflict,))
    assert said(answer) == "It burned down.\nin 1921\nin 1887"


def citing(*numbers: int) -> Answer:
    citations = tuple(Citation(Source(f"texts.jsonl#{number}"), 0, 4, "text") for number in numbers)
    return Answer(Query("?", "?"), Mode.EXTRACTIVE, (Claim("text", citations),))


def test_exact_needs_all_that_is_right_and_nothing_wrong() -> None:
    names = [(True, None), (True, False), (True, True), (False, False), (False, None)]
    outcomes = [
        {"abstained": False, "answer": {"right": right, "wrong": wrong}, "floor": {"right": True, "wrong": wrong}}
        | {"cited": None if wrong is None else right}
        for right, wrong in names
    ]
    found = {figure.name: list(figure.values) for figure in figures(outcomes)}
    assert found == {
        "exact": [1, 1, 0, 0, 0],
        "right_named": [1, 1, 1, 0, 0],
        "wrong_named": [0, 1, 0],
        "right_cited": [1, 1, 0],
        "abstained": [0, 0, 0, 0, 0],
    }
