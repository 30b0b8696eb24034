"""The measure of timelines: what it counts, and the least that a small planted corpus must reach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.schema import Citation, Claim, Dates, Dating, Event, Source, When
from tests.benchmarks.timeline import Gold, Matching, Told, corpora, figures, matching, measured, planted

FLOORS = {"recall": 0.9, "precision": 0.9, "dates right": 0.9, "order right": 0.95, "reports found": 0.7}
CEILINGS = {"finer than the text": 0, "entries per event": 1.1, "disputed falsely": 0, "traps shown": 0}


@pytest.fixture(scope="module")
def ferry() -> Matching:
    """The timeline of the smallest planted corpus of the dev half."""
    gold = next(each for each in corpora("dev") if each.stem == "ferry")
    return measured(gold.with_suffix(""), gold)


@pytest.mark.parametrize("figure", FLOORS)
def test_a_planted_corpus_reaches_its_floor(ferry: Matching, figure: str) -> None:
    assert figures([ferry])[figure] >= FLOORS[figure]


@pytest.mark.parametrize("figure", CEILINGS)
def test_a_planted_corpus_stays_under_its_ceiling(ferry: Matching, figure: str) -> None:
    assert figures([ferry])[figure] <= CEILINGS[figure]


@pytest.mark.parametrize("file", [*corpora("dev"), *corpora("held-out")], ids=lambda file: file.stem)
def test_each_article_has_gold_and_the_words_that_it_is_known_by(file: Path) -> None:
    texts = {each.name: each.read_text(encoding="utf-8") for each in file.with_suffix("").iterdir()}
    wanted, traps = planted(file)
    told = [(each, document) for each in (*wanted, *traps) for document in each.documents]
    assert {document for _, document in told} == texts.keys()
    assert [(each.what, document) for each, document in told if not each.is_named_in(texts[document])] == []


# --- hand-made events -------------------------------------------------------------------------------------------------


def event(text: str, day: str | None, *documents: str, quote: str = "", disputed: str = "") -> Event:
    sources = [Source(each) for each in documents or ("a.md",)]
    cited = tuple(Citation(source, 0, len(quote or text), quote or text) for source in sources)
    when = When(Dates.parse(day) if day else None)
    return Event(Claim(text, cited), when, disputed=(Dating(disputed, cited),) if disputed else ())


def gold(word: str, *days: str | None, documents: str = "a.md", required: bool = True, disputed: str = "") -> Gold:
    dates = tuple(When(Dates.parse(day) if day else None) for day in days)
    others = (When(Dates.parse(disputed)),) if disputed else ()
    return Gold(word, frozenset(documents.split()), ((word,),), dates, required=required, disputed=others)


OPENED = event("The bridge was opened.", "2024-05-03")
CLOSED = event("The tunnel was closed.", "2024-06-01")
GOLD = (gold("bridge", "2024-05-03"), gold("tunnel", "2024-06-01"))
PERFECT = {
    "recall": 1.0,
    "precision": 1.0,
    "dates right": 1.0,
    "finer than the text": 0,
    "entries per event": 1.0,
    "order right": 1.0,
    "disputed found": 1.0,
    "disputed falsely": 0,
    "reports found": 1.0,
    "reports falsely": 0,
    "traps shown": 0,
}


@pytest.mark.parametrize(
    ("events", "gold", "changed"),
    [
        pytest.param([OPENED, CLOSED], GOLD, {}, id="all is right"),
        pytest.param([OPENED], GOLD, {"recall": 0.5}, id="one is missed"),
        pytest.param([], GOLD, {"recall": 0.0}, id="there is nothing"),
        pytest.param([], [gold("bridge", "2024", required=False)], {}, id="an optional one is left out"),
        pytest.param(
            [OPENED, event("A new bridge is open.", "2024-05"), CLOSED],
            GOLD,
            {"precision": 2 / 3, "entries per event": 1.5},
            id="one is there twice",
        ),
        pytest.param(
            [OPENED, OPENED, CLOSED], GOLD, {"precision": 2 / 3, "entries per event": 1.5}, id="a copy of one is there"
        ),
        pytest.param(
            [OPENED, event("The mayor sneezed.", "2024-05-03"), CLOSED], GOLD, {"precision": 2 / 3}, id="one is extra"
        ),
        pytest.param([CLOSED, OPENED], GOLD, {"order right": 0.0}, id="the order is wrong"),
        pytest.param(
            [event("The bridge was opened.", "2024-05-04"), CLOSED],
            GOLD,
            {"recall": 0.5, "precision": 0.5, "dates right": 0.5},
            id="a day is wrong",
        ),
        pytest.param(
            [event("The bridge was opened.", "2024-05"), CLOSED], GOLD, {"dates right": 0.5}, id="a date is coarser"
        ),
        pytest.param(
            [OPENED, CLOSED],
            [gold("bridge", "2024-05"), GOLD[1]],
            {"dates right": 0.5, "finer than the text": 1},
            id="a date is finer",
        ),
        pytest.param(
            [OPENED], [gold("bridge", None)], {"dates right": 0.0, "finer than the text": 1}, id="it has no date"
        ),
        pytest.param([OPENED], [gold("bridge", None, "2024-05-03")], {}, id="another date will do"),
        pytest.param(
            [OPENED], [replace(GOLD[0], until=Dates.parse("2024-05-09"))], {"dates right": 0.0}, id="its end is missing"
        ),
        pytest.param([event("The bridge was opened.", None)], [gold("bridge", None)], {}, id="neither has a date"),
        pytest.param(
            [OPENED], [gold("bridge", "2024-05-03", disputed="2024-05-05")], {"disputed found": 0.0}, id="no dispute"
        ),
        pytest.param(
            [event("The bridge was opened.", "2024-05-05", disputed="3 May 2024")],
            [gold("bridge", "2024-05-03", disputed="2024-05-05")],
            {"dates right": 0.0},
            id="the dispute is decided wrongly",
        ),
        pytest.param(
            [event("The bridge was opened.", "2024-05-03", disputed="2023"), CLOSED],
            GOLD,
            {"disputed falsely": 1},
            id="a dispute is made up",
        ),
        pytest.param(
            [event("The bridge was opened.", "2024-05-03", "a.md", "b.md"), CLOSED],
            GOLD,
            {"reports falsely": 1},
            id="a report of something else is merged",
        ),
        pytest.param(
            [OPENED], [gold("bridge", "2024-05-03", documents="a.md b.md")], {"reports found": 0.5}, id="one report"
        ),
        pytest.param(
            [event("The bridge was opened.", "2024-05-03", "b.md")],
            [GOLD[0]],
            {"recall": 0.0, "precision": 0.0},
            id="the report is of another article",
        ),
    ],
)
def test_only_what_is_wrong_lowers_a_figure(events: list[Event], gold: list[Gold], changed: dict[str, float]) -> None:
    assert figures([matching(events, gold)]) == pytest.approx(PERFECT | changed)


def test_a_trap_counts_when_it_is_shown() -> None:
    trap = Told("an opinion", frozenset({"a.md"}), (("disgrace",),))
    shown = matching([event("She called it a disgrace.", "2024"), OPENED], [GOLD[0]], [trap])
    assert figures([shown])["traps shown"] == 1
    assert figures([matching([OPENED], [GOLD[0]], [trap])])["traps shown"] == 0


def test_two_events_of_one_sentence_go_each_with_its_own() -> None:
    sentence = "The bridge was opened in May and the tunnel was closed in June."
    halves = [
        event("the tunnel was closed in June", "2024-05", quote=sentence),
        event("The bridge was opened in May", "2024-05", quote=sentence),
    ]
    wanted = [gold("bridge", "2024-05"), gold("tunnel", "2024-05")]
    assert [(each.claim.text[4:10], one.what) for each, one in matching(halves, wanted).found] == [
        ("tunnel", "tunnel"),
        ("bridge", "bridge"),
    ]


def test_of_two_entries_the_one_with_more_reports_is_the_event() -> None:
    one, both = OPENED, event("The bridge was opened at noon.", "2024-05-03", "a.md", "b.md")
    shown = matching([one, both], [gold("bridge", "2024-05-03", documents="a.md b.md")])
    assert (shown.found[0][0], shown.extra) == (both, (one,))


def test_figures_of_several_timelines_count_events_alike() -> None:
    whole, half = matching([OPENED, CLOSED], GOLD), matching([], [GOLD[0]])
    assert figures([whole, half])["recall"] == pytest.approx(2 / 3)
    assert figures([whole, half])["order right"] == 1
