"""Events are on a topic by what their articles mean and by whom they name, not by the letters of the topic."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.retrieve.retriever import Retriever
from rag.schema import Citation, Dates, Filters, When
from rag.settings import Settings
from rag.store.store import Store, open_store
from rag.timeline.events import Found
from rag.timeline.happenings import Happening
from rag.timeline.topic import relevance
from tests.store.samples import prepared, put, source

WALKOUT = "Crews of the Oskel ferries walked out on Monday and left the boats in the harbour."
PAY = "They had asked for a tenth more pay, which the owners of the line refused."
FINAL = "Tarn Rovers won the cup final against Brenhaven Town after extra time."
SCORER = "Youssef Haddad scored the only goal with a header."
VERDICT = "The court in Marsum sentenced the former treasurer to four years in prison for fraud."
ITEM_FERRY = "Ferry crews in Oskel returned to work after the owners raised their pay."
ITEM_BEES = "Beekeepers in Marsum counted half as many hives as last spring."
ITEM_BREAD = "A baker in Tarn won the prize for the best rye bread, and treated the crews to a hundred loaves of it."
BLOOM = "The royal orchid at the botanical garden opened its flower for the second time in nine years."
PORTRAIT = "Yusuf Hadad trains with the boys of his old school in Marsum every summer."

CREWS = prepared(source("crews.md", title="Ferry crews on strike", publisher="Coast Courier"), f"{WALKOUT} {PAY}")
MATCH = prepared(source("match.md", title="Rovers lift the cup", publisher="Tarn Observer"), f"{FINAL} {SCORER}")
COURT = prepared(source("court.md", title="Treasurer jailed", publisher="Coast Courier"), VERDICT)
ROUND_UP = prepared(
    source("week.md", title="The week in brief", publisher="Marsum Post"), ITEM_BEES, ITEM_FERRY, ITEM_BREAD, BLOOM
)
SCHOOL = prepared(source("school.md", title="A summer in Marsum", publisher="Marsum Post"), PORTRAIT)
ARTICLES = (CREWS, MATCH, COURT, ROUND_UP, SCHOOL)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(Settings.model_construct(data=tmp_path_factory.mktemp("topics"))) as store:
        put(store, *ARTICLES)
        yield store


def on(topic: str, store: Store, filters: Filters = Filters()) -> set[str]:  # noqa: B008  # frozen
    """List the sentences that are on a topic, each sentence of the articles being an event."""
    near = relevance(topic, filters, Retriever(store))
    sentences = (WALKOUT, PAY, FINAL, SCORER, VERDICT, ITEM_FERRY, ITEM_BEES, ITEM_BREAD, BLOOM, PORTRAIT)
    scores = {sentence: near(told(sentence)) for sentence in sentences}
    assert all(0 <= score <= 1 for score in scores.values())
    return {sentence for sentence, score in scores.items() if score > 0}


def told(sentence: str) -> Found:
    [article] = [each.article for each in ARTICLES if sentence in each.article.text]
    start = article.text.index(sentence)
    when = When(Dates.parse("2021-05-03"))
    citation = Citation(article.source, start, start + len(sentence), sentence)
    return Found((Happening((), citation, sentence, when, 0),), when)


def test_without_a_topic_every_event_is_on_it(store: Store) -> None:
    assert len(on("  ", store)) == 10


def test_an_event_is_found_by_what_its_article_means(store: Store) -> None:
    assert on("boat staff stop working over wages", store) == {WALKOUT, PAY, ITEM_FERRY}
    assert on("labour dispute of boat workers", store) == {WALKOUT, PAY}


def test_of_a_round_up_only_the_items_on_the_topic_count_and_those_with_a_word_of_it(store: Store) -> None:
    assert on("strike of the ferry crews in Oskel", store) == {WALKOUT, PAY, ITEM_FERRY, ITEM_BREAD}


def test_a_name_is_found_in_all_its_spellings(store: Store) -> None:
    assert on("Youssef Haddad", store) == on("Yusuf Hadad", store) == {FINAL, SCORER, PORTRAIT}


def test_of_a_topic_that_no_article_is_about_nothing_is_found(store: Store) -> None:
    assert [on(topic, store) for topic in ("an earthquake in Chile", "interest rates", "Napoleon")] == [set()] * 3


def test_a_word_that_stands_in_the_title_only_brings_the_article(store: Store) -> None:
    assert on("treasurer jailed", store) == {VERDICT}
    assert {ITEM_BEES, ITEM_FERRY, BLOOM} <= on("the week in brief", store)


def test_articles_that_the_filters_leave_out_are_not_read(store: Store) -> None:
    assert on("strike of the ferry crews in Oskel", store, Filters(outlets=("Marsum Post",))) == {
        ITEM_FERRY,
        ITEM_BREAD,
    }


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("ferry crews on strike", {WALKOUT, ITEM_FERRY}),
        ("Youssef Haddad", {SCORER, PORTRAIT}),
        ("the cup final", {FINAL, SCORER}),
        ("volcanoes", set()),
    ],
)
def test_few_events_are_looked_at_one_by_one(topic: str, expected: set[str], store: Store) -> None:
    sentences = (WALKOUT, FINAL, SCORER, VERDICT, ITEM_FERRY, ITEM_BEES, ITEM_BREAD, BLOOM, PORTRAIT)
    among = [told(sentence) for sentence in sentences]
    near = relevance(topic, Filters(), Retriever(store), among)
    assert {found.reports[0].text for found in among if near(found) > 0} == expected
