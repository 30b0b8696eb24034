"""Answers are found whose sources were edited, removed or contradicted, each for a reason once, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.pipeline import ingest
from rag.receipts import Asked, Kind, Receipts, open_receipts, receipt_of
from rag.schema import Answer, Citation, Claim, Dates, Filters, Mode, Query
from rag.settings import Settings
from rag.store.store import Store, open_store
from rag.watch import Watch, is_said
from tests.benchmarks.watch import measured, scores
from tests.commands import Run

PAID = "The dike at Harn cost 14 million euros."
HIGH = "The dike at Harn is nine metres high."


class Desk:
    """A folder of articles, their store, and the answers given from it."""

    def __init__(self, folder: Path, store: Store, receipts: Receipts, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings
        self.store = store
        self.receipts = receipts
        self.watch = Watch(receipts, store)

    def writes(self, **articles: str) -> None:
        """Publish articles of the Lowland Post in place of those of these names, or take one out that says nothing."""
        for name, text in articles.items():
            file = self._folder / f"{name}.md"
            head = f"---\ntitle: The {name}\npublisher: Lowland Post\npublished: 2024-02-11\n---\n"
            file.write_text(f"{head}{text}\n") if text else file.unlink()
        ingest([str(self._folder)], self.store)

    def answers(self, identity: str, *quotes: str, filters: Filters = Filters()) -> None:  # noqa: B008  # frozen
        """Give an answer that cites sentences of `dike.md`."""
        article, state = self.store.article("dike.md"), self.store.state()
        cited = (Citation(article.source, article.text.index(each), 0, each) for each in quotes)
        claims = tuple(Claim(each.quote, (each,)) for each in cited)
        answer = Answer(Query("What of it?", "What of it?", filters=filters), Mode.EXTRACTIVE, claims)
        receipt = receipt_of(answer, Asked("What of it?"), self._settings, state, datetime.now(UTC))
        self.receipts.keep(identity, receipt, state)

    def found(self) -> list[tuple[str, Kind, str]]:
        """Look, and list what was found."""
        return sorted((each.receipt, each.kind, each.document) for each in self.watch.look())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "articles").mkdir()
    chosen = Settings.model_construct(data=tmp_path / "data")
    with open_store(chosen) as store, open_receipts(chosen) as receipts:
        desk = Desk(tmp_path / "articles", store, receipts, chosen)
        desk.writes(dike=f"{PAID} {HIGH} It rained.")
        yield desk


def test_only_the_answer_whose_passage_was_edited_is_affected_and_is_so_once(desk: Desk) -> None:
    desk.answers("cost", PAID)
    desk.answers("height", HIGH)
    desk.answers("both", HIGH, PAID)
    assert desk.found() == []
    desk.writes(dike=f"Updated. {PAID.replace('14', '17')} {HIGH} It rained.")
    assert desk.found() == [("both", Kind.EDITED, "dike.md"), ("cost", Kind.EDITED, "dike.md")]
    assert desk.found() == []
    desk.writes(dike=f"Updated again. {PAID.replace('14', '18')} {HIGH} It rained.")
    assert desk.found() == []
    [effect] = desk.receipts.effects("cost")
    said = "the passage that it quotes is no longer in the article (Lowland Post, 11 February 2024)"
    assert effect.reason == said


def test_an_edit_that_leaves_the_passage_as_it_is_affects_nothing(desk: Desk) -> None:
    desk.answers("cost", PAID)
    broken_otherwise = PAID.replace(" ", "\n")
    desk.writes(dike=f"Much was moved about in this article.\n\n{HIGH}\n\n{broken_otherwise} It snowed.")
    assert desk.found() == []


def test_a_removed_article_affects_all_that_quote_it(desk: Desk) -> None:
    desk.answers("cost", PAID)
    desk.writes(other="The tower at Harn is old.", dike="")
    assert desk.found() == [("cost", Kind.REMOVED, "dike.md")]
    receipt = desk.receipts.get("cost")
    assert receipt is not None
    assert desk.watch.since("cost", receipt) == [
        "An article that it quotes (Lowland Post, 11 February 2024) was removed."
    ]


def test_a_new_article_that_contradicts_a_sentence_affects_the_answer(desk: Desk) -> None:
    desk.answers("cost", PAID)
    desk.answers("height", HIGH)
    desk.writes(bill="The dike at Harn cost 17 million euros.")
    assert desk.found() == [("cost", Kind.CONTRADICTED, "bill.md")]
    [effect] = desk.receipts.effects("cost")
    assert effect.reason.startswith("a new article (Lowland Post, 11 February 2024) says 17 million")
    assert desk.found() == []


def test_an_article_that_was_there_before_the_answer_contradicts_nothing_anew(desk: Desk) -> None:
    desk.writes(bill="The dike at Harn cost 17 million euros.")
    desk.answers("cost", PAID)
    desk.writes(bridge="The bridge at Harn is closed.")
    assert desk.found() == []


@pytest.mark.parametrize(
    "says",
    [
        "The dike at Moorwerd cost 17 million euros.",
        "According to the mayor, the dike at Harn cost 14 million euros.",
        "The tower at Harn cost two million euros.",
    ],
)
def test_a_new_article_on_something_else_or_of_the_same_opinion_affects_nothing(desk: Desk, says: str) -> None:
    desk.answers("cost", PAID)
    desk.writes(bill=says)
    assert desk.found() == []


def test_an_answer_about_the_past_is_not_contradicted_by_what_came_later(desk: Desk) -> None:
    desk.answers("then", PAID, filters=Filters(as_of=Dates.parse("2024-01")))
    desk.writes(bill="The dike at Harn cost 17 million euros.")
    assert desk.found() == []


def test_an_answer_given_while_articles_changed_is_looked_at_later(desk: Desk) -> None:
    desk.answers("cost", PAID)
    old = desk.store.state()
    receipt = desk.receipts.get("cost")
    assert receipt is not None
    desk.writes(dike=HIGH)
    assert desk.found() == [("cost", Kind.EDITED, "dike.md")]
    desk.receipts.keep("slow", receipt, old)
    assert desk.found() == [("slow", Kind.EDITED, "dike.md")]


def test_nothing_is_read_when_the_store_is_as_it_was(desk: Desk) -> None:
    desk.answers("cost", PAID)
    assert desk.watch.pending() == []
    desk.writes(bridge="The bridge at Harn is closed.")
    assert desk.watch.pending() == ["cost"]
    assert desk.found() == []
    assert desk.watch.pending() == []


def test_what_was_noted_is_not_to_be_noted_again(desk: Desk) -> None:
    desk.answers("cost", PAID)
    desk.writes(dike=HIGH)
    [effect] = desk.watch.look()
    assert desk.receipts.unnoted() == [effect]
    desk.receipts.noted([effect])
    assert desk.receipts.unnoted() == []
    assert desk.receipts.effects() == [effect]


@given(st.text("ab 1.(“é", min_size=1).filter(str.strip), st.text("ab 1.\n"), st.text("ab 1.\n"))
def test_a_quote_is_said_wherever_it_stands_by_itself(quote: str, before: str, after: str) -> None:
    assert is_said(quote, f"{before} {quote} {after}")
    assert is_said(quote, f"{before}\n{quote.strip().replace(' ', chr(10))}\n{after}")


@pytest.mark.parametrize("text", ["It cost 48 million.", "cost 8 millions", "Cost 8 million", ""])
def test_a_quote_is_not_said_as_a_part_of_something_else(text: str) -> None:
    assert not is_said("cost 8 million", text)


def test_the_command_line_lists_affected_answers_and_what_is_new(desk: Desk, dateline: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    nothing = dateline("watch", data=data)
    assert nothing.out.strip() == "No answer rests on a source that has changed since."
    desk.answers("cost", PAID)
    desk.writes(dike=HIGH)
    [affected] = dateline("watch", "--json", data=data).json["affected"]
    [effect] = affected["effects"]
    assert (affected["receipt"], affected["question"]) == ("cost", "What of it?")
    assert (effect["document"], effect["kind"], effect["new"]) == ("dike.md", "edited", True)
    [again] = dateline("watch", "--json", data=data).json["affected"]
    assert again["effects"] == [effect | {"new": False}]
    listed = " ".join(dateline("watch", data=data).out.split())
    assert f"A source of this answer changed: {effect['reason']}. dateline why cost" in listed
    assert "The passage that it quotes is no longer" in dateline("why", "cost", data=data).out


def test_of_planted_edits_and_removals_exactly_the_affected_answers_are_found_and_no_false_contradiction() -> None:
    outcomes = measured("held-out")
    assert scores(outcomes, {Kind.EDITED, Kind.REMOVED}) == (1.0, 1.0, 13)
    precision, recall, planted = scores(outcomes, {Kind.CONTRADICTED})
    assert (precision, planted) == (1.0, 8)
    assert recall >= 0.75
