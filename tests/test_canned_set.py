"""The shipped questions make sense, and the answers to them are no worse than the floors in seeds/floors.toml."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from rag.evaluation.cases import Case, check_support, read_cases
from rag.evaluation.scoring import folded, says
from rag.ingest.pipeline import ingest
from rag.settings import ROOT
from tests.commands import Run, told_twice
from tests.gazette import open_gazette

ARTICLES, QUESTIONS, FLOORS = (ROOT / "seeds" / name for name in ("articles", "questions.jsonl", "floors.toml"))
TYPES = """
comparison conflict date factoid false-premise follow-up injection list multi-hop name-variant out-of-domain paraphrase
true-control typo unanswerable who-said
""".split()
REFUSABLE = {"out-of-domain", "unanswerable"}


@pytest.fixture(scope="module")
def briefs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with the shipped articles."""
    folder = tmp_path_factory.mktemp("briefs")
    with open_gazette(folder) as store:
        assert ingest([str(ARTICLES)], store).failed == ()
    return folder


@pytest.fixture(scope="module")
def texts(briefs: Path) -> Mapping[str, str]:
    with open_gazette(briefs) as store:
        return {source.document: store.article(source.document).text for source, _ in store.sources()}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return read_cases([QUESTIONS])


def test_without_a_model_the_answers_are_above_the_floors(dateline: Run, briefs: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    ran = dateline(
        "evaluate", "--questions", str(QUESTIONS), "--floors", str(FLOORS), "--json", str(report), data=briefs
    )
    assert (ran.status, ran.err) == (0, "")
    run = json.loads(report.read_text())["run"]
    assert (run["complete"], run["asked"], run["versions"]["mode"]) == (True, run["questions"]["cases"], "extractive")


def test_every_process_tells_alike_where_the_articles_disagree(briefs: Path) -> None:
    one, other = told_twice("conflicts", "--json", "--data", str(briefs))
    assert len(json.loads(one)) > 0
    assert one == other


def test_there_are_enough_questions_of_every_type(cases: list[Case]) -> None:
    counted = Counter(case.type for case in cases)
    assert len(cases) >= 150
    assert counted.keys() == set(TYPES)
    assert min(counted.values()) >= 8
    assert len({case.question for case in cases}) >= len(cases) - counted["follow-up"]
    assert [case.id for case in cases if not case.id.startswith(f"{case.type}-") or case.draft] == []


def test_what_the_questions_rest_on_stands_in_the_articles(cases: list[Case], texts: Mapping[str, str]) -> None:
    check_support(cases, texts)
    spans = [span for case in cases for hop in case.support for span in hop]
    assert {span.document for span in spans} == texts.keys()
    assert [span for span in spans if span.text not in texts[span.document]] == []


def test_each_type_is_what_it_says(cases: list[Case]) -> None:
    strange = [
        case.id
        for case in cases
        if bool(case.history) != (case.type == "follow-up")
        or (case.type in REFUSABLE and case.answerable)
        or (case.type == "multi-hop" and len(case.support) < 2)
        or (case.type == "true-control" and (case.either or not case.answerable))
    ]
    assert strange == []
    assert sum(case.conflict for case in cases) >= 8


def test_no_question_takes_for_wrong_what_it_rests_on(cases: list[Case]) -> None:
    strange = [
        (case.id, wrong)
        for case in cases
        for wrong in case.wrong
        if any(says(folded(span.text), wrong) for hop in case.support for span in hop)
    ]
    assert strange == []
