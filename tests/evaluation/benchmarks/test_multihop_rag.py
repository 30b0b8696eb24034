"""MultiHop-RAG is scored as its rules say, on five invented articles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UsageError
from rag.evaluation.benchmarks.benchmark import Figure
from rag.evaluation.benchmarks.multihop_rag import figures, rank, scores
from rag.schema import Passage, Source
from rag.settings import Settings
from rag.store.store import open_store
from tests.evaluation.benchmarks.samples import run, values, write_lines

ARTICLES = [
    {"title": "Fire in Tarn", "publisher": "Tarn Observer", "body": "A fire destroyed the library of Tarn in May."},
    {"title": "Ferry opens", "publisher": "Coast Courier", "body": "The ferry from Oskel carries  240 people a day."},
    {"title": "Quarry sold", "publisher": "Tarn Observer", "body": "The slate quarry was sold to its own miners."},
    {"title": "Herring talks", "publisher": "Nordlys", "body": "Iceland asked for 90,000 tonnes of herring."},
    {"title": "New lighthouse", "publisher": "Coast Courier", "body": "Brenhaven builds a lighthouse of granite."},
]


def query(question: str, kind: str, *facts: str) -> dict[str, object]:
    return {"question": question, "type": kind, "evidence": [{"title": "…", "fact": fact} for fact in facts]}


QUERIES = [
    query("What destroyed the library of Tarn?", "inference", "fire destroyed the library\nof  Tarn"),
    query("How many people does the ferry from Oskel carry?", "temporal", "carries 240 people", "sails on Sundays"),
    query("Who bakes the best sourdough bread in Paris?", "null"),
]


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    write_lines(tmp_path / "multihop-rag" / "articles.jsonl.gz", ARTICLES)
    write_lines(tmp_path / "multihop-rag" / "queries-dev.jsonl", QUERIES)
    return tmp_path


def test_a_run_reports_retrieval_and_abstention(bench: Path, tmp_path: Path) -> None:
    report = run("multihop-rag", bench, tmp_path / "data")
    assert (report["asked"], report["failed"], report["versions"]["mode"]) == (3, 0, "extractive")
    found = values(report)
    abstention = {name: found.pop(name)[1] for name in ("null_refused", "false_refusals", "null_refused_at_10_percent")}
    assert abstention == {"null_refused": 1, "false_refusals": 2, "null_refused_at_10_percent": 1}
    assert found == {
        "hits_4": (1, 2),
        "hits_10": (1, 2),
        "mrr_10": (1, 2),
        "evidence_10": (0.75, 2),
        "all_evidence_10": (0.5, 2),
        "too_long": (0, 2),
    }
    assert values(report, "inference")["all_evidence_10"] == (1, 1)
    assert values(report, "temporal")["all_evidence_10"] == (0, 1)
    assert report["about"] == {"articles": 5, "passages": 5}


def test_articles_are_ingested_once_and_those_that_are_gone_are_taken_out(bench: Path, tmp_path: Path) -> None:
    begun = run("multihop-rag", bench, tmp_path / "data", limit=1)
    version = store_version(tmp_path / "data")
    assert run("multihop-rag", bench, tmp_path / "data", limit=1)["about"] == begun["about"]
    assert store_version(tmp_path / "data") == version
    write_lines(tmp_path / "newer" / "articles.jsonl.gz", ARTICLES[:3])
    write_lines(tmp_path / "newer" / "queries-dev.jsonl", QUERIES)
    report = run("multihop-rag", tmp_path / "newer", tmp_path / "data", limit=1)
    assert (report["about"]["articles"], report["kept"]) == (3, 0)


def store_version(data: Path) -> str:
    with open_store(Settings.model_construct(data=data / "benchmarks" / "multihop-rag")) as store:
        return store.version()


def test_an_article_that_cannot_be_read_is_said(bench: Path, tmp_path: Path) -> None:
    write_lines(bench / "multihop-rag" / "articles.jsonl.gz", [*ARTICLES, {"title": "No body"}])
    with pytest.raises(UsageError, match=r"articles\.jsonl\.gz"):
        run("multihop-rag", bench, tmp_path / "data")


def test_a_fact_is_found_where_a_passage_contains_it_whatever_its_white_space() -> None:
    passages = [
        Passage(Source("a"), 0, 9, text) for text in ("The mill burned", "down in  1921.\nIt was", "down in 1921.")
    ]
    assert rank("burned", passages) == 1
    assert rank("down\tin 1921. It", passages) == 2
    assert rank("burned down", passages) is None  # cut in two


@given(
    st.lists(st.tuples(st.text(alphabet="abé1’", min_size=1), st.text(alphabet=" \n\t\u00a0", min_size=1)), min_size=1)
)
def test_white_space_never_decides_whether_a_fact_is_found(words: list[tuple[str, str]]) -> None:
    fact = " ".join(word for word, _ in words)
    text = "".join(word + space for word, space in words)
    assert rank(fact, [Passage(Source("a"), 0, 9, "“"), Passage(Source("a"), 0, 9, f"Then {text}it ended.")]) == 2


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ([1, 2], (1, 1, 1, 1, 1)),
        ([None, 4], (1, 1, 0.25, 0.5, 0)),
        ([5, 10, None, None], (0, 1, 0.2, 0.5, 0)),
        ([None, None], (0, 0, 0, 0, 0)),
    ],
)
def test_scores_follow_from_ranks(ranks: list[int | None], expected: tuple[float, ...]) -> None:
    assert tuple(scores(ranks).values()) == expected


def test_null_queries_are_held_against_the_others_at_a_tenth_of_false_refusals() -> None:
    def outcome(kind: str, confidence: float) -> dict[str, object]:
        return {"type": kind, "ranks": [1], "longest": 200, "abstained": confidence < 0.5, "confidence": confidence}

    answerable = [outcome("comparison", 0.3 + 0.05 * number) for number in range(10)]  # .3, .35, …, .75
    null = [outcome("null", confidence) for confidence in (0.2, 0.34, 0.36, 0.6)]
    found: dict[str, Figure] = {figure.name: figure for figure in figures(answerable + null) if not figure.group}
    assert found["null_refused"].values == [1, 1, 1, 0]
    assert sum(found["false_refusals"].values) == 4
    assert found["null_refused_at_10_percent"].values == [1, 1, 0, 0]
    assert found["null_refused_at_10_percent"].label.endswith("where 10% of the others are (below 0.35)")
