"""Where articles contradict each other is found, and what only looks like it is not called a contradiction."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.engine import Engine
from rag.conflicts.disagreements import Disagreements
from rag.conflicts.points import points
from rag.conflicts.statements import statements
from rag.errors import EmptyStoreError
from rag.ingest.pipeline import ingest
from rag.retrieve.retriever import Retriever
from rag.schema import Article, Conflict, Dates, Filters, Relation, Source
from rag.store.store import Store
from tests.benchmarks.conflicts import ALARMS, HALVES, PLANTED, Expected, expected, found, is_false
from tests.commands import Run
from tests.gazette import open_gazette

MILL_OPENED = {
    "title": "Mill opens in Sorrel",
    "publisher": "Sorrel Sentinel",
    "published": "2024-04-08",
    "body": "The paper mill in Sorrel opened on 2 April 2024. Mayor Edda Quist gave a speech. "
    "The mill cost 30 million euros.",
}
MILL_LATER = {
    "title": "A mill for Sorrel",
    "publisher": "Valley Voice",
    "published": "2024-04-10",
    "body": "The paper mill in Sorrel opened on 4 April 2024 after long delays. The mill cost about 30 million euros.",
}
NEW_MAYOR = {
    "title": "Sorrel votes",
    "publisher": "Sorrel Sentinel",
    "published": "2025-06-02",
    "body": "Sorrel mayor Bram Oyelaran wants to sell the paper mill in Sorrel. The mill lost money.",
}
OLD_MAYOR = {
    "title": "Sorrel mayor looks ahead",
    "publisher": "Sorrel Sentinel",
    "published": "2024-05-02",
    "body": "Sorrel mayor Edda Quist expects a good year for the paper mill in Sorrel.",
}
MEETING = {
    "title": "Falk in Tarn",
    "publisher": "Tarn Observer",
    "published": "2024-02-06",
    "body": "Minister Ada Falk met unionist Juan Ochoa in Tarn on Monday morning.",
}
OTHER_MEETING = {
    "title": "Falk in Oskel",
    "publisher": "Coast Courier",
    "published": "2025-03-11",
    "body": "Minister Ada Falk met unionist Juan Ochoa in Oskel on Monday evening.",
}
SPELLED_OTHERWISE = {
    "title": "Falk in Tarn",
    "publisher": "Coast Courier",
    "published": "2024-02-07",
    "body": "Minister Ada Falck met unionist Juan Otchoa in Tarn on Monday morning.",
}

Holding = Callable[..., Store]


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    """Put articles into a store of their own."""
    with open_gazette(tmp_path / "store") as store:

        def filled(*articles: Mapping[str, str]) -> Store:
            (tmp_path / "articles.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
            ingest([str(tmp_path / "articles.jsonl")], store)
            return store

        yield filled


def disagreements(store: Store, topic: str = "", filters: Filters = Filters()) -> tuple[Conflict, ...]:  # noqa: B008  # frozen
    return Disagreements(Retriever(store)).find(topic, filters)


def told(conflict: Conflict) -> list[tuple[str, list[str]]]:
    """List what each position says, and which outlets say it."""
    return [(each.says, [citation.source.publisher for citation in each.citations]) for each in conflict.positions]


@pytest.fixture(scope="module", params=HALVES)
def half(request: pytest.FixtureRequest) -> tuple[list[Expected], tuple[Conflict, ...]]:
    return expected(request.param), found(PLANTED / f"{request.param}-articles.jsonl")


def test_most_planted_contradictions_are_found(half: tuple[list[Expected], tuple[Conflict, ...]]) -> None:
    planted, shown = half
    wanted = [each for each in planted if each.relation in ALARMS]
    assert sum(any(map(each.is_found_in, shown)) for each in wanted) >= 0.75 * len(wanted)


def test_nothing_else_is_called_a_contradiction(half: tuple[list[Expected], tuple[Conflict, ...]]) -> None:
    planted, shown = half
    assert [each.about for each in shown if each.disputed and is_false(each, planted)] == []


def test_quotes_are_verbatim(holding: Holding) -> None:
    store = holding(MILL_OPENED, MILL_LATER)
    cited = [cited for each in disagreements(store) for position in each.positions for cited in position.citations]
    assert cited
    for each in cited:
        assert store.article(each.source.document).text[each.start : each.end] == each.quote


def test_two_days_of_one_opening_are_shown_side_by_side(holding: Holding) -> None:
    (conflict,) = [each for each in disagreements(holding(MILL_OPENED, MILL_LATER)) if each.disputed]
    assert conflict.relation is Relation.CONTRADICTION
    assert conflict.about == "when paper mill in Sorrel opened"
    assert told(conflict) == [("2 April 2024", ["Sorrel Sentinel"]), ("4 April 2024", ["Valley Voice"])]


def test_a_rounded_figure_agrees_with_the_exact_one(holding: Holding) -> None:
    (coarser,) = [each for each in disagreements(holding(MILL_OPENED, MILL_LATER)) if not each.disputed]
    assert coarser.relation is Relation.COARSER
    assert told(coarser) == [
        ("30 million euros", ["Sorrel Sentinel"]),
        ("about 30 million euros", ["Valley Voice"]),
    ]


def test_an_office_that_changed_hands_is_no_contradiction(holding: Holding) -> None:
    (change,) = disagreements(holding(NEW_MAYOR, OLD_MAYOR))
    assert change.relation is Relation.SUCCESSION
    assert [says for says, _ in told(change)] == ["Edda Quist", "Bram Oyelaran"]


def test_two_meetings_of_the_same_people_are_two(holding: Holding) -> None:
    assert disagreements(holding(MEETING, OTHER_MEETING)) == ()


def test_two_spellings_of_a_name_are_one(holding: Holding) -> None:
    assert disagreements(holding(MEETING, SPELLED_OTHERWISE)) == ()


def test_nothing_published_after_as_of_is_read(holding: Holding) -> None:
    store = holding(MILL_OPENED, MILL_LATER)
    assert disagreements(store, filters=Filters(as_of=Dates.parse("2024-04-09"))) == ()


def test_a_topic_leaves_the_rest_out(holding: Holding) -> None:
    store = holding(MILL_OPENED, MILL_LATER)
    assert disagreements(store, "paper mill") == disagreements(store)


def test_there_is_nothing_to_find_without_articles(holding: Holding) -> None:
    with pytest.raises(EmptyStoreError, match="ingest"):
        disagreements(holding())


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("When did the paper mill in Sorrel open?", ["when paper mill in Sorrel opened"]),
        ("What did the paper mill in Sorrel cost?", []),
    ],
)
def test_an_answer_shows_the_disagreement_that_is_asked_about(
    holding: Holding, question: str, shown: list[str]
) -> None:
    answer = asyncio.run(Engine(Retriever(holding(MILL_OPENED, MILL_LATER)), threshold=0).answer(question))
    assert [conflict.about for conflict in answer.conflicts] == shown


def test_the_command_numbers_its_citations_through(holding: Holding, dateline: Run, tmp_path: Path) -> None:
    holding(MILL_OPENED, MILL_LATER)
    record = dateline("conflicts", "--json", data=tmp_path / "store").json
    assert [(each["kind"], len(each["positions"])) for each in record["conflicts"]] == [("contradiction", 2)]
    assert [each["kind"] for each in record["related"]] == ["coarser"]
    cited = [
        citation
        for each in (*record["conflicts"], *record["related"])
        for position in each["positions"]
        for citation in position["citations"]
    ]
    assert {citation["number"] for citation in cited} == set(range(1, len(cited) + 1))
    assert cited[0]["quote"] == "The paper mill in Sorrel opened on 2 April 2024."


def test_the_command_prints_sides_with_outlet_date_and_quote(holding: Holding, dateline: Run, tmp_path: Path) -> None:
    holding(MILL_OPENED, MILL_LATER)
    printed = " ".join(dateline("conflicts", data=tmp_path / "store").out.split())
    assert "Sorrel Sentinel, 8 April 2024: “The paper mill in Sorrel opened on 2 April 2024.”" in printed
    assert printed.index("disagree on when") < printed.index("Not contradictions:") < printed.index("More and less")


def test_the_command_says_when_nothing_is_disputed(dateline: Run) -> None:
    assert "do not contradict each other" in dateline("conflicts").out


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    article = Article(Source("a.txt", title="Any", published=Dates.parse("2024-04-08")), text)
    for point in (point for each in statements(article) for point in points(each)):
        cited = point.statement.citation
        assert article.text[cited.start : cited.end] == cited.quote
        assert point.low <= point.high
