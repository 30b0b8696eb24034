"""Who asks what a source without an article here says is told that there is none, and is likelier to be refused."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from rag.answer.decision import probability
from rag.answer.engine import Engine
from rag.answer.reading import Reading
from rag.answer.sourcing import Sourcing, sourcing
from rag.answer.wording import absence, spoken
from rag.ingest.pipeline import ingest
from rag.records import answer_of, answer_record
from rag.retrieve.credits import credited
from rag.retrieve.retriever import Retriever
from rag.schema import Passage, Source
from tests.gazette import open_gazette

QUAY = Passage(
    Source("quay.md", "The quay of Tarn", "Tarn Post", "Ida Brekke"), 0, 34, "The quay cracked, the Nordlys said."
)
CHOIR = Passage(Source("choir.md", "A choir", url="https://thecourier.example/choir"), 0, 16, "The choir sang.")
OUTLETS = {"Tarn Post", "Courier", "Evening Sun"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Why did the quay crack?", Sourcing()),
        ("Why did the quay crack, according to the Tarn Post?", Sourcing(1)),
        ("Why did the quay crack, as reported by the Evening Sun?", Sourcing(1, silent=("Evening Sun",))),
        ("Why did the quay crack, as reported by the Herald?", Sourcing(1, absent=("Herald",))),
        ("Why did the quay crack, as reported by Nordlys?", Sourcing(1)),  # what it said is passed on
        ("Why did the quay crack, in the Nordlys article?", Sourcing(1, absent=("Nordlys",))),  # which is not here
        ("Why did the quay crack, according to Ida Brekke?", Sourcing(1)),  # she wrote it
        ("Do the Herald and the Evening Sun report cracks?", Sourcing(2, ("Herald",), ("Evening Sun",))),
    ],
)
def test_a_source_is_looked_for_among_the_outlets_and_in_what_was_found(question: str, expected: Sourcing) -> None:
    assert sourcing(credited(question), [QUAY, CHOIR], OUTLETS.__contains__) == expected


def test_their_shares_are_of_the_sources_named() -> None:
    found = Sourcing(4, ("Herald",), ("Evening Sun", "Courier"))
    assert (found.share(found.absent), found.share(found.silent)) == (0.25, 0.5)
    assert Sourcing().share(()) == 0


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("tarn")
    articles = [
        {
            "publisher": "The Tarn Post - Harbour",
            "body": "The old quay of Tarn cracked in the storm of 4 May. Nobody was hurt.",
        },
        {
            "publisher": "Evening Sun",
            "url": "https://sun.example",
            "body": "The choir of the fire brigade sings on Sundays.",
        },
    ]
    (folder / "tarn.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
    with open_gazette(folder / "store") as store:
        ingest([str(folder / "tarn.jsonl")], store)
        yield Retriever(store)


@pytest.mark.parametrize(
    ("source", "absent"),
    [
        ("the Tarn Post", ()),
        ("tarnpost.example", ()),
        ("The Evening Sun", ()),
        ("the Brenhaven Herald", ("Brenhaven Herald",)),
    ],
)
async def test_an_answer_tells_which_source_is_not_here(
    retriever: Retriever, source: str, absent: tuple[str, ...]
) -> None:
    answer = await Engine(retriever).answer(f"When did the quay of Tarn crack, according to an article by {source}?")
    assert answer.absent == absent == answer_of(answer_record(answer)).absent
    assert ("No article here is by Brenhaven Herald." in spoken(answer)) is bool(absent)


def test_what_is_had_from_an_absent_source_is_less_likely_to_be_answered(retriever: Retriever) -> None:
    reading = Reading(retriever)

    def confidence(question: str) -> float:
        query = retriever.understand(question)
        return probability(reading.examined(query, retriever.retrieve(query, 1)))  # nothing of the choir is found

    post, sun, herald = (
        confidence(f"When did the quay of Tarn crack, according to an article by the {source}?")
        for source in ("Tarn Post", "Evening Sun", "Brenhaven Herald")
    )
    assert post > sun > herald


@pytest.mark.parametrize(
    ("part", "sources"),
    [("who was hurt", ["Brenhaven Herald"]), ("who was hurt according to the Evening Sun", ["Evening Sun"])],
)
def test_a_part_that_names_no_source_has_those_of_the_whole(
    retriever: Retriever, part: str, sources: list[str]
) -> None:
    whole = retriever.understand("In an article by the Brenhaven Herald, when did the quay crack?")
    examined = Reading(retriever).examined(retriever.understand(part), retriever.retrieve(whole, 2), whole)
    assert [credit.name for credit in examined.asking.credits] == sources


BRIDGES = {
    "Tarn Post": "The bridge of Tarn will close in April, because its cables are worn. The mayor is against it.",
    "Evening Sun": "The bridge of Tarn will close in April, since its cables are worn out. The baker is for it.",
}


@pytest.fixture(scope="module")
def of_the_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("bridge")
    articles = [{"publisher": name, "published": "2024-03-12", "body": body} for name, body in BRIDGES.items()]
    (folder / "bridge.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
    with open_gazette(folder / "store") as store:
        ingest([str(folder / "bridge.jsonl")], store)
        yield Engine(Retriever(store))


@pytest.mark.parametrize("outlet", BRIDGES)
@pytest.mark.parametrize("asked", ["What does the {} say about the bridge?", "Why will it close according to the {}?"])
async def test_the_outlet_that_a_question_names_has_the_first_word(
    of_the_bridge: Engine, asked: str, outlet: str
) -> None:
    answer = await of_the_bridge.answer(asked.format(outlet))
    assert answer.claims[0].citations[0].source.publisher == outlet


def test_several_are_joined_and_long_names_cut() -> None:
    assert absence(()) == ""
    assert absence(("Herald", "Sun", "Post")) == "No article here is by Herald, Sun or Post."
    assert len(absence(("Herald " * 100,))) < 100
