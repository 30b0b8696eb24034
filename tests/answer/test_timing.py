"""A question of a time is answered from the articles of that time, and the answer says so when there are none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from rag.answer.engine import Engine
from rag.answer.wording import spoken
from rag.ingest.pipeline import ingest
from rag.records import answer_record
from rag.retrieve.retriever import Retriever
from rag.retrieve.timely import is_from
from rag.schema import Dates, Filters, Source, Turn
from tests.gazette import open_gazette

ARTICLES = {
    "2021-04-06": "Freya Dahl was appointed head of the Tarn fire brigade on Monday. The brigade has six engines.",
    "2023-09-12": "Milan Kos became head of the Tarn fire brigade on Monday, after Freya Dahl retired.",
    "2024-02-20": "The council of Tarn closed the swimming pool on Monday because of cracks in its roof.",
    "2024-02-27": "The council of Tarn closed the ice rink on Monday. A pump had failed on 20 February.",
    "2024-03-05": "The council of Tarn closed the old bridge to lorries on Monday.",
    "": "The choir of the Tarn fire brigade sings on Sundays.",
}
LEADER = "Who is the head of the Tarn fire brigade now?"
CLOSED = "What did the council of Tarn close last week?"


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("tarn")
    articles = [{"publisher": "Tarn Post", "published": day, "body": body} for day, body in ARTICLES.items()]
    (folder / "tarn.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
    with open_gazette(folder / "store") as store:
        ingest([str(folder / "tarn.jsonl")], store)
        yield Retriever(store)


def on(retriever: Retriever, day: str) -> Engine:
    return Engine(retriever, today=lambda: date.fromisoformat(day))


@pytest.mark.parametrize(
    ("today", "closed", "dating"),
    [
        ("2024-03-13", "old bridge", ""),
        ("2024-03-06", "ice rink", ""),
        ("2024-02-27", "pool", ""),
        ("2024-05-01", None, "No article is dated 22 April 2024 to 28 April 2024; the newest is dated 5 March 2024."),
    ],
)
async def test_last_week_is_counted_from_the_day_of_the_question(
    retriever: Retriever, today: str, closed: str | None, dating: str
) -> None:
    answer = await on(retriever, today).answer(CLOSED)
    assert closed is None or closed in answer.claims[0].text
    assert (answer.dating, answer_record(answer)["dating"]) == (dating, dating or None)
    assert dating in spoken(answer)


async def test_an_article_of_the_time_that_does_not_bear_on_the_question_is_no_answer(retriever: Retriever) -> None:
    answer = await on(retriever, "2024-03-06").answer("Who was appointed head of the Tarn fire brigade last week?")
    assert "ice rink" not in spoken(answer)
    assert answer.dating == ("None of this is dated 26 February 2024 to 3 March 2024." if answer.claims else "")


async def test_what_an_article_tells_of_counts_as_its_day_of_publication_does(retriever: Retriever) -> None:
    answer = await on(retriever, "2024-02-28").answer("When did a pump of the ice rink fail last week?")
    assert ([claim.text for claim in answer.claims], answer.dating) == (["A pump had failed on 20 February."], "")


@pytest.mark.parametrize(
    ("as_of", "head", "dating"),
    [
        (None, "Milan Kos became", "The newest article found on this is dated 12 September 2023."),
        ("2023-09-15", "Milan Kos became", ""),
        ("2023-09-11", "Freya Dahl was appointed", "The newest article found on this is dated 6 April 2021."),
    ],
)
async def test_who_holds_an_office_now_is_who_held_it_last(
    retriever: Retriever, as_of: str | None, head: str, dating: str
) -> None:
    filters = Filters(as_of=Dates.parse(as_of) if as_of else None)
    query, passages = await on(retriever, "2024-03-06").search(LEADER, 5, filters=filters)
    answer = await on(retriever, "2024-03-06").answer(LEADER, filters=filters)
    assert query.newest
    assert passages[0].text.startswith(head)
    assert answer.claims[0].text.startswith(head)
    assert answer.dating == dating


async def test_what_happened_is_told_by_the_articles_of_the_time(retriever: Retriever) -> None:
    answer = await on(retriever, "2024-03-06").answer("What happened in the last fifteen days?")
    assert [claim.citations[0].source.published for claim in answer.claims] == [
        Dates.parse("2024-03-05"), Dates.parse("2024-02-27"), Dates.parse("2024-02-20")
    ]  # fmt: skip
    assert answer.dating == ""


async def test_when_nothing_happened_the_newest_is_named(retriever: Retriever) -> None:
    answer = await on(retriever, "2026-01-15").answer("What happened yesterday?")
    assert answer.abstained
    assert answer.nearest is not None
    assert answer.nearest.quote == "The council of Tarn closed the old bridge to lorries on Monday."
    assert answer.dating == "No article is dated 14 January 2026; the newest is dated 5 March 2024."


async def test_a_follow_up_may_ask_of_another_time(retriever: Retriever) -> None:
    history = (Turn("user", "What did the council of Tarn close yesterday?"), Turn("assistant", "The old bridge."))
    answer = await on(retriever, "2024-03-06").answer("And last week?", history)
    assert "ice rink" in answer.claims[0].text


async def test_a_question_without_a_time_says_nothing_of_dates(retriever: Retriever) -> None:
    answer = await on(retriever, "2030-01-01").answer("Why was the swimming pool of Tarn closed?")
    assert ("cracks" in answer.claims[0].text, answer.dating) == (True, "")


@pytest.mark.parametrize(
    ("published", "period", "inside"),
    [
        ("2024-03-10", "2024-03", True),
        ("2024-04-01", "2024-03", False),
        ("2024-03", "2024-03-10", False),  # it may be of any other day of the month
        ("2024-03", "2024", True),
        ("", "2024", False),
    ],
)
def test_an_article_is_of_a_period_if_it_is_so_rather_than_not(published: str, period: str, inside: bool) -> None:
    dates = Dates.parse(published) if published else None
    assert is_from(Dates.parse(period), Source("pier.md", published=dates)) == inside
