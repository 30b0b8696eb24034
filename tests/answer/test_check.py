"""A message is held against the articles statement by statement; what they do not say is never called supported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.answer.engine import Engine, open_engine
from rag.answer.statements import statements
from rag.answer.wording import answer_text, ruled
from rag.errors import EmptyStoreError
from rag.ingest.pipeline import ingest
from rag.retrieve.spelling import Vocabulary
from rag.schema import Checked, Dates, Filters, Ruling
from rag.settings import Settings
from rag.store.store import Store
from tests.gazette import open_gazette

SUPPORTED = (
    "A fire destroyed four thousand books in the city library of Tarn on Wednesday night.",
    "In the city library of Tarn, 4,000 books were destroyed by a fire.",
    "Nobody was injured.",
    "The ferry line between Oskel and Brenhaven will open on June 3, 2024.",
    "Norway pays 30 million.",
    "Jens Holmgaard is the ambassador of Denmark.",
    "The first round was held in Lisbon.",
    "Yussuf al-Harithy blamed an old heater.",  # a name in another spelling
    "The quarry above Tarn has 310 employees, and it employs 310 people.",
)
CONTRADICTED = {
    "A fire destroyed five thousand books in the city library of Tarn.": "four thousand, not five thousand",
    "The ferry line between Oskel and Brenhaven will open on 3 July 2024.": "3 June 2024, not 3 July 2024",
    "The second round of the herring talks ended in Prague on 18 March without a deal.": "Vienna, not Prague",
    "Librarian Omar Khalil blamed an old heater in the reading room.": "Librarian Yusuf al-Harithi, not",
    "The second round of the herring talks ended on 18 March with a deal.": "the opposite",
    "The herring talks began without a deal.": "the opposite",
    "A ferry does not carry 240 people.": "the opposite",
    "Marit Solvang is the ambassador of Denmark.": "Jens Holmgaard, not Marit Solvang",
    "Sweden offered 70,000.": "Norway, not Sweden",
    "Iceland offered 70,000 tonnes.": "Norway, not Iceland",  # it asked for something else
}
MISSING = (
    "Marit Solvang wants to build a second harbour.",  # the same person, something else
    "The fire in the library of Tarn was started by a smoker.",
    "A fire destroyed four thousand books and two paintings in the city library of Tarn.",  # true, then not
    "The owner of the quarry sold it to the miners.",  # planned only
    "Sigrun Halldorsdottir spoke in Oslo on 5 May 2025.",  # another day is not another story
    "All books in the city library of Tarn were destroyed by a fire.",
    "The library of Tarn is ugly.",
    "Bread needs flour and water.",
    "The second round of the herring talks ended in Vienna on 18 March.",  # "without a deal", which this leaves out
    "A ferry carries more than 100 people.",  # true, but nothing that the gate can tell
)


@pytest.fixture(scope="module")
def store(gazette: Path) -> Iterator[Store]:
    with open_gazette(gazette) as store:
        yield store


@pytest.fixture(scope="module")
def engine(store: Store) -> Engine:
    return open_engine(Settings.model_construct(), store)


@pytest.fixture(scope="module")
def vocabulary(store: Store) -> Vocabulary:
    return Vocabulary(store, store.is_english)


async def only(engine: Engine, text: str, filters: Filters = Filters()) -> Checked:  # noqa: B008  # frozen
    [checked] = await engine.check(text, filters)
    return checked


@pytest.mark.parametrize("text", SUPPORTED)
async def test_what_an_article_says_is_supported_by_what_it_says(engine: Engine, store: Store, text: str) -> None:
    checked = await only(engine, text)
    assert (checked.ruling, checked.contradicting, checked.reason) == (Ruling.SUPPORTED, (), "")
    assert checked.nearest is None
    for citation in checked.supporting:
        assert store.article(citation.source.document).text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize("text", CONTRADICTED)
async def test_what_an_article_says_otherwise_is_contradicted_with_the_reason(engine: Engine, text: str) -> None:
    checked = await only(engine, text)
    assert (checked.ruling, checked.supporting) == (Ruling.CONTRADICTED, ())
    assert CONTRADICTED[text] in checked.reason
    assert ruled(checked) == f"Contradicted: {checked.reason}."


@pytest.mark.parametrize("text", MISSING)
async def test_what_no_article_says_is_neither(engine: Engine, text: str) -> None:
    checked = await only(engine, text)
    assert (checked.ruling, checked.supporting, checked.contradicting) == (Ruling.MISSING, (), ())
    assert ruled(checked) == "Not in the articles."


async def test_the_nearest_sentence_is_shown_with_what_is_not_in_the_articles(engine: Engine) -> None:
    near, far = await only(engine, MISSING[1]), await only(engine, "Bread needs flour and water.")
    assert near.nearest
    assert "library of Tarn" in near.nearest.quote
    assert far.nearest is None
    assert far.citations == ()


async def test_a_message_is_checked_sentence_by_sentence_in_its_order(engine: Engine) -> None:
    message = (
        "Hi @everyone! Did you read this? **The ferry line cost 48 million euros**, see https://coast.example/ferry"
        " 🎉\n"
        "> A crossing takes 95 minutes. [1]\n- The moon is made of cheese."
    )
    assert [(checked.statement, checked.ruling) for checked in await engine.check(message)] == [
        ("The ferry line cost 48 million euros", Ruling.SUPPORTED),
        ("A crossing takes 95 minutes.", Ruling.CONTRADICTED),
        ("The moon is made of cheese.", Ruling.MISSING),
    ]


async def test_our_own_answers_are_supported_with_their_markers_and_sources(engine: Engine) -> None:
    answer = await engine.answer("How many books did the fire in the library of Tarn destroy?")
    text = f"{answer_text(answer)}\n\n¹ Tarn Observer, 9 January 2025\n-# {'In the articles'} own sentences."
    checked = await engine.check(text)
    assert [each.statement for each in checked] == [claim.text for claim in answer.claims]
    assert {each.ruling for each in checked} == {Ruling.SUPPORTED}


@pytest.mark.parametrize(
    "text", ["", "hello there!", "Who signed it?", "https://coast.example/ferry", "🎉🎉", "<@123> lol", "?!", "1)"]
)
async def test_there_is_nothing_to_check_in_what_states_nothing(engine: Engine, text: str) -> None:
    assert await engine.check(text) == ()


async def test_filters_hide_the_articles_that_would_support(engine: Engine) -> None:
    early = await only(engine, SUPPORTED[0], Filters(as_of=Dates.parse("2024-12-31")))
    other = await only(engine, SUPPORTED[0], Filters(outlets=("Coast Courier",)))
    assert {early.ruling, other.ruling} == {Ruling.MISSING}


async def test_an_empty_store_has_nothing_to_check_against(tmp_path: Path) -> None:
    with open_gazette(tmp_path) as empty:
        engine = open_engine(Settings.model_construct(), empty)
        assert await engine.check("hello") == ()
        with pytest.raises(EmptyStoreError):
            await engine.check("The ferry line cost 48 million euros.")


async def test_where_articles_disagree_both_are_shown(tmp_path: Path) -> None:
    bodies = (
        "The tower of Ostby was completed in 1974 by the architect Lena Falk.",
        "The tower of Ostby was completed in 1979, and the architect Lena Falk lived in it.",
    )
    file = tmp_path / "towers.jsonl"
    file.write_text("\n".join(json.dumps({"title": "", "publisher": f"P{n}", "body": b}) for n, b in enumerate(bodies)))
    with open_gazette(tmp_path / "store") as store:
        ingest([str(file)], store)
        checked = await only(
            open_engine(Settings.model_construct(), store), "The tower of Ostby was completed in 1974."
        )
    assert checked.disputed
    assert ([quote.quote for quote in checked.supporting], [quote.quote for quote in checked.contradicting]) == (
        [bodies[0]], [bodies[1]]
    )  # fmt: skip
    assert ruled(checked) == "The articles disagree: one bears it out, but another says 1979, not 1974."


async def test_a_sentence_that_points_back_is_read_with_the_one_before(tmp_path: Path) -> None:
    body = (
        "Mayor Ada Quill opened the museum on 2 March 2024. She praised the volunteers of the district for their help."
    )
    file = tmp_path / "museum.jsonl"
    file.write_text(json.dumps({"publisher": "P", "body": body}))
    with open_gazette(tmp_path / "store") as store:
        ingest([str(file)], store)
        engine = open_engine(Settings.model_construct(), store)
        checked = await only(engine, "Ada Quill praised the volunteers of the district.")
        dated = await only(engine, "Ada Quill praised the volunteers of the district on 2 March 2024.")
    assert [quote.quote for quote in checked.supporting] == [body]
    assert dated.ruling is Ruling.MISSING  # the day is that of the opening


# --- statements -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "stated"),
    [
        ("I think that the line cost 48 million euros.", ["The line cost 48 million euros."]),
        ("No, the roof fell down. No roof fell down.", ["The roof fell down.", "No roof fell down."]),
        ("The roof fell down.\nThe roof fell down.", ["The roof fell down."]),
        ("# News\n1. ||Norway|| pays __30__ million ~~euros~~ `now`.", ["Norway pays 30 million euros now."]),
        ("Norway pays [30 million](<https://x.example>).[1][2]", ["Norway pays 30 million."]),
        ("Norway pays 30 million.¹ ²\n\n¹ Coast Courier, 12 March 2024", ["Norway pays 30 million."]),
        ("```\nThe roof fell down.\n```", []),
        ("Solvang spoke for hours. Her crew cheered.", ["Solvang spoke for hours.", "Solvang’s crew cheered."]),
        ("Solvang met Holmgaard. She praised the crew.", ["Solvang met Holmgaard.", "She praised the crew."]),
    ],
)  # fmt: skip
def test_statements_are_what_a_message_says_without_its_dress(
    vocabulary: Vocabulary, message: str, stated: list[str]
) -> None:
    assert list(statements(message, vocabulary)) == stated


@given(st.text(alphabet=st.sampled_from("ab A.?!\n*_`~|[]()<>@#:/-¹🎉'\"") | st.characters(), max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_can_be_split_into_statements(vocabulary: Vocabulary, message: str) -> None:
    found = statements(message, vocabulary)
    assert len(set(found)) == len(found)
    assert all(statement == statement.strip() and "\n" not in statement for statement in found)
