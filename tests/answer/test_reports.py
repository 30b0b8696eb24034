"""What rewrites and copies of one report say counts once: in an answer, in its words and in its record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from rag.answer.engine import Engine
from rag.answer.synthesis import Assignment, Finished, Replacement, Said
from rag.answer.wording import answer_text, spread
from rag.records import answer_of, answer_record
from rag.retrieve.retriever import Retriever
from rag.schema import Answer, Citation, Claim, Conflict, Mode, Position, Query, Rejection, Source
from tests.store.samples import open_small_store, prepared, put

WIRE, COPY, OWN, LATER = (
    Citation(Source(document, publisher=outlet), 0, 12, "The pier shut")
    for document, outlet in (
        ("wire.md", "Nordlys Agency"),
        ("copy.md", "Daily Mirror"),
        ("own.md", "Coast Courier"),
        ("later.md", "Coast Courier"),
    )
)
ORIGINS = {"copy.md": "wire.md"}


def answer(*citations: Citation) -> Answer:
    conflict = Conflict("the day", (Position("Monday", (WIRE, COPY)), Position("Sunday", (OWN,))))
    claim = Claim("The pier shut.", citations)
    return Answer(Query("q", "q"), Mode.OPENAI, (claim,), conflicts=(conflict,), origins=ORIGINS)


@pytest.mark.parametrize(
    ("citations", "origins", "said"),
    [
        ((WIRE,), 1, ""),
        ((WIRE, COPY), 1, ""),
        ((COPY, OWN), 2, " (2 outlets)"),
        ((COPY, WIRE, OWN), 2, " (2 outlets)"),
        ((OWN, LATER), 2, ""),  # two reports of one outlet
    ],
)
def test_a_report_counts_once_however_often_it_is_printed(
    citations: tuple[Citation, ...], origins: int, said: str
) -> None:
    given = answer(*citations)
    assert spread(given.claims[0], given) == said
    assert f"]{said} The sources disagree" in answer_text(given)
    assert answer_record(given)["claims"][0]["origins"] == origins


def test_a_report_is_named_by_its_original_and_where_it_is_cited_first() -> None:
    assert answer(COPY).reports((COPY, OWN, WIRE)) == {"wire.md": COPY.source, "own.md": OWN.source}


def test_each_side_of_a_disagreement_counts_its_reports() -> None:
    (conflict,) = answer_record(answer(WIRE))["conflicts"]
    assert [position["origins"] for position in conflict["positions"]] == [1, 1]


def test_a_record_keeps_what_is_a_rewrite_of_what() -> None:
    record = answer_record(answer(COPY, OWN))
    assert record["origins"] == ORIGINS
    assert answer_of(record).origins == ORIGINS


BROKEN = "Storms broke nine pillars of the old pier of Oskel in January"
REPORT = ("Divers led by Marit Solvang found 14 cracks.", "The builder Aasen begins in June for 2 million crowns.")


class Quoting:
    """A model that repeats a sentence and cites whoever says it."""

    async def synthesize(self, assignment: Assignment) -> AsyncGenerator[Said, None]:
        saying = [each for each in assignment.passages if each.text.startswith(BROKEN)]
        yield Claim(f"{BROKEN}.", tuple(Citation(each.source, each.start, each.end, each.text) for each in saying))
        yield Finished()

    async def repair(
        self, assignment: Assignment, rejections: Sequence[Rejection]
    ) -> AsyncGenerator[Replacement | Finished, None]:
        yield Finished()


def test_the_engine_knows_which_of_the_articles_it_cites_are_one_report(tmp_path: Path) -> None:
    with open_small_store(tmp_path) as store:
        put(
            store,
            prepared(WIRE.source, f"{BROKEN}, said Ole Ness.", *REPORT),
            prepared(COPY.source, f"{BROKEN}, said Ola Ness.", REPORT[0]),
            prepared(OWN.source, f"{BROKEN}, 7 at night.", "Angler Pia Holm, 71, weeps.", "Tarn sends 40 planks."),
        )
        given = asyncio.run(Engine(Retriever(store), Quoting()).answer("What broke the old pier of Oskel in January?"))
    assert {each.source.document for each in given.claims[0].citations} == {"wire.md", "copy.md", "own.md"}
    assert given.origins == {"copy.md": "wire.md"}
    assert len(given.reports(given.citations)) == 2
