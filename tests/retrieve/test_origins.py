"""Copies and rewrites of one report are found to be one; reports of the same event and of the same subject are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.retrieve.origins import Origins, is_taken_from
from rag.schema import Article, Source
from rag.store.store import Store
from tests.benchmarks import origins as benchmark
from tests.benchmarks.planted.stories import Story, planted
from tests.gazette import open_gazette
from tests.store.samples import open_small_store, prepared, put, remove, source

HARBOUR = (
    "Harbour master Ines Aldana closed the port of Varra on Monday after 14 containers broke loose in a storm.",
    "Divers from Lowen will search the basin until Thursday, and 3 ships wait outside with 900 cars on board.",
    "The insurer Meridor put the loss at 6 million crowns, and Aldana wants the old crane of 1962 replaced.",
)
COPY = tuple(sentence.replace("Monday after", "Monday when") for sentence in HARBOUR[:2])
OWN_REPORT = (
    "Captain Jorun Hale of the freighter Petrel says that nobody in Varra answered his 5 calls on Monday.",
    "He anchored off Cape Sorrow for 31 hours, and the cook, Milo Trant, ran out of bread on Tuesday.",
    "The union Seafarers United asks why the port of Varra has no second basin, which Brenn got in 2011.",
)
OTHER = (
    "The council of Tarn wants to plant 400 lime trees along the river before the garden show of 2026.",
    "Gardener Wanda Perl fears that half of them will not live through a summer as dry as the last one.",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_small_store(tmp_path) as store:
        yield store


def stored(store: Store) -> Origins:
    put(
        store,
        prepared(source("courier.md", "2024-03-12", publisher="Varra Courier"), *HARBOUR),
        prepared(source("copy.md", "2024-03-13", publisher="The Mirror of the North"), *COPY),
        prepared(source("own.md", "2024-03-13", publisher="Sailors' Weekly"), *OWN_REPORT),
        prepared(source("trees.md", "2024-03-13", publisher="Tarn Observer"), *OTHER),
    )
    return Origins(store)


def test_a_copy_is_one_report_with_its_original_and_an_independent_report_is_another(store: Store) -> None:
    origins = stored(store)
    assert origins.groups() == [("courier.md", "copy.md"), ("own.md",), ("trees.md",)]
    assert [origins.of(each) for each in ("courier.md", "copy.md", "own.md")] == ["courier.md", "courier.md", "own.md"]
    assert origins.among(["copy.md", "courier.md", "own.md"]) == {"copy.md": "courier.md"}


def test_two_articles_are_one_report_if_one_retells_the_other(store: Store) -> None:
    origins = stored(store)
    put(store, prepared(source("june.md", "2024-06-13"), *HARBOUR), prepared(source("undated.md"), *HARBOUR))
    documents = ("copy.md", "own.md", "trees.md", "june.md", "undated.md")
    courier, *others = filter(None, map(store.source, ("courier.md", *documents)))
    assert [origins.are_one(courier, other) for other in others] == [True, False, False, False, True]
    assert [origins.are_one(other, courier) for other in others] == [True, False, False, False, True]


def test_an_article_that_is_not_there_is_its_own_origin(store: Store) -> None:
    assert stored(store).of("nowhere.md") == "nowhere.md"
    assert Origins(store).among([]) == {}


def test_reports_follow_what_the_store_holds(store: Store) -> None:
    origins = stored(store)
    assert origins.of("copy.md") == "courier.md"
    remove(store, "courier.md")
    assert origins.of("copy.md") == "copy.md"
    put(store, prepared(source("earlier.md", "2024-03-11", publisher="Varra Radio"), *HARBOUR))
    assert origins.report("copy.md") == ("earlier.md", "copy.md")
    put(store, prepared(source("copy.md", "2024-03-13"), *OTHER[:1]))
    assert origins.of("earlier.md") == "earlier.md"


def test_adding_an_article_compares_no_pair_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    origins = stored(store)
    origins.groups()
    read: list[str] = []
    article = store.article

    def noted(document: str) -> Article:
        read.append(document)
        return article(document)

    monkeypatch.setattr(store, "article", noted)
    put(store, prepared(source("second-copy.md", "2024-03-14"), *HARBOUR[1:]))
    assert origins.groups()[0] == ("courier.md", "copy.md", "second-copy.md")
    assert read == ["second-copy.md"]


def test_an_article_is_compared_with_its_nearest_only(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    origins = stored(store)
    articles = []
    for number in range(40):  # other harbours, of which each closes for other reasons
        closed, *others = (said.replace("Varra", f"Harbour{number}") for said in (HARBOUR[0], *OWN_REPORT, *OTHER))
        articles.append(prepared(source(f"{number}.md", "2024-03-12"), closed, " ".join(others)))
    put(store, *articles)
    read: list[str] = []
    article = store.article

    def noted(document: str) -> Article:
        read.append(document)
        return article(document)

    monkeypatch.setattr(store, "article", noted)
    monkeypatch.setattr("rag.retrieve.origins.CLOSEST", 8)
    assert origins.report("copy.md") == ("courier.md", "copy.md")
    assert len(read) == len(set(read)) <= 2 + 2 * 8


def test_notices_of_one_event_are_not_one_report_with_each_other_or_with_a_long_account(store: Store) -> None:
    notices = (
        "An earthquake of strength 7 has struck Oskel, and people fear for their families.",
        "Hospitals in Oskel are full since the earthquake, which had a strength of 7.",
        "Ships with tents are on the way to Oskel after the earthquake of strength 7.",
    )
    account = tuple(f"{notice} {sentence}" for notice in notices for sentence in (*HARBOUR, *OWN_REPORT, *OTHER))
    texts = {f"{number}.md": (text,) for number, text in enumerate(notices)} | {"account.md": account}
    put(store, *(prepared(source(name, "2024-03-12"), *text) for name, text in texts.items()))
    assert len(Origins(store).groups()) == len(texts)


def test_a_report_from_another_month_is_another_report(store: Store) -> None:
    put(
        store,
        prepared(source("march.md", "2024-03-12"), *HARBOUR),
        prepared(source("june.md", "2024-06-12"), *HARBOUR),
        prepared(source("undated.md"), *HARBOUR),
    )
    assert Origins(store).groups() == [("march.md", "june.md", "undated.md")]  # by way of the undated one
    remove(store, "undated.md")
    assert Origins(store).groups() == [("june.md",), ("march.md",)]


@pytest.mark.parametrize(
    ("sources", "original"),
    [
        ((source("a.md", "2024-03-14"), source("b.md", "2024-03-12")), "b.md"),  # the first
        ((source("a.md"), source("b.md", "2024-03-12")), "b.md"),  # one that bears a date
        ((source("a.md", "2024"), source("b.md", "2024-03-12")), "b.md"),  # a year proves nothing
        (
            (
                source("a.md", "2024-03-12", origin="varracourier.example"),
                source("b.md", "2024-03-13", publisher="Varra Courier"),
            ),
            "b.md",  # the one that is credited, whatever the dates
        ),
    ],
)
def test_the_original_is_the_one_that_is_credited_or_the_first(
    store: Store, sources: tuple[Source, Source], original: str
) -> None:
    put(store, *(prepared(each, *HARBOUR) for each in sources))
    assert Origins(store).of("a.md") == Origins(store).of("b.md") == original


def test_of_two_from_one_day_the_fuller_is_the_original(store: Store) -> None:
    put(store, prepared(source("a.md", "2024-03-12"), *HARBOUR[:2]), prepared(source("b.md", "2024-03-12"), *HARBOUR))
    assert Origins(store).of("a.md") == "b.md"


@pytest.mark.parametrize(
    ("origin", "publisher", "url", "credited"),
    [
        ("jpost.com", "The Jerusalem Post", "", True),
        ("www.nytimes.com", "The New York Times", "", True),
        ("tehrantimes.com", "", "https://www.tehrantimes.com/news/1", True),
        ("Nordlys Agency", "Nordlys Agency", "", True),
        ("jpost.com", "Jakarta Herald", "", False),
        ("jpost.com", "", "", False),
        ("", "The Jerusalem Post", "", False),
        ("not a site", "Not", "", False),
    ],
)
def test_a_credit_is_understood(origin: str, publisher: str, url: str, credited: bool) -> None:
    assert is_taken_from(source("a.md", origin=origin), source("b.md", publisher=publisher, url=url)) is credited


def test_an_article_does_not_credit_itself() -> None:
    own = source("a.md", origin="Courier", publisher="Courier")
    assert not is_taken_from(own, own)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1, max_size=40).filter(str.strip), min_size=1, max_size=4))
def test_whatever_articles_say_each_belongs_to_one_report(store: Store, paragraphs: list[str]) -> None:
    put(store, *(prepared(f"{number}.md", text, text) for number, text in enumerate(paragraphs)))
    grouped = [document for group in Origins(store).groups() for document in group]
    assert sorted(grouped) == [source.document for source, _ in store.sources()]


def test_free_rewrites_are_found_by_the_real_model(tmp_path: Path) -> None:
    """Holds the figure of the benchmark on a part of its stories, which take a few seconds."""
    stories = planted(benchmark.PLANTED / "origins-held-out.txt")
    chosen = set(Random(5).sample(sorted({story.document.split("-")[1] for story in stories}), 4))
    part: list[Story] = [story for story in stories if story.document.split("-")[1] in chosen]
    with open_gazette(tmp_path) as store:
        documents = benchmark.filled(store, part, tmp_path / "part.jsonl")
        found = [[documents[each] for each in group] for group in Origins(store).groups()]
    precision, _, f1 = benchmark.scores(benchmark.pairs(found), benchmark.pairs(benchmark.reports(part)))
    assert precision == 1
    assert f1 >= 0.9
