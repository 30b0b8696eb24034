"""Receipts are found again by their id: after a restart, whatever they hold, and for 90 days; and show the same answer.

What `dateline replay` and `dateline why` make of them is tested here, too.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.render import answer_cards
from rag.receipts import (
    KEPT_FOR,
    Asked,
    Effect,
    Kind,
    Place,
    Receipt,
    Receipts,
    new_identity,
    open_receipts,
    receipt_of,
    without_texts,
)
from rag.records import answer_of, answer_record
from rag.schema import (
    Answer,
    Citation,
    Claim,
    Dates,
    Filters,
    Mode,
    Passage,
    Query,
    Rejection,
    Source,
    Turn,
    Usage,
)
from rag.settings import Settings
from rag.store.record import Record as Stored
from rag.store.store import State
from tests import strange
from tests.bot import samples
from tests.commands import Run, one_line

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
FERRY = Source("ferry.md", "The new line", "Coast Courier", published=Dates.parse("2024-03-12"))
HERRING = Source("herring.txt", "Herring talks", "Nordlys Agency")
PAID = Citation(FERRY, 40, 72, "The line cost 48 million euros.")
ANSWER = Answer(
    query=Query(
        "And the line?",
        "What did the line cost?",
        filters=Filters(until=Dates.parse("2025")),
        names=(("Oskel", "Oskell"),),
        period=Dates.parse("2024-03"),
    ),
    mode=Mode.OPENAI,
    claims=(Claim("It cost 48 million euros.", (PAID,)),),
    passages=(
        Passage(FERRY, 0, 200, "A long passage about the harbour.", 0.8123),
        Passage(HERRING, 5, 90, "A long passage about fish.", 0.3),
    ),
    rejections=(Rejection(Claim("It cost 50 million euros.", (PAID,)), "says 50 where its quotes say 48"),),
    usage=Usage("gpt-test", 1200, 80, 0.0042),
    timings_ms={"retrieve": 6.1, "total": 9.8},
    dating="No article is from May 2024.",
    unanswered=("who paid for it",),
)
ASKED = Asked(
    "And the line?",
    server=77,
    private=True,
    history=(Turn("user", "What did the ferry cost?"), Turn("assistant", "9 million. [1]")),
    filters=Filters(until=Dates.parse("2025"), outlets=("Coast Courier",)),
    repeated=True,
)
RECEIPT = Receipt(
    NOON, ASKED, without_texts(answer_record(ANSWER)), {"dateline": "0.1.0"}, {"ferry.md": "e3"}, 0.49, Place(5, 6)
)


def state(version: str = "one", **revisions: str) -> State:
    """A store that holds these documents in these revisions."""
    made = {name: Stored(Source(name), revision, 1, "", None) for name, revision in revisions.items()}  # type: ignore[arg-type]
    return State(version, 1, made)


NOW = state(ferry="e3")


def keep(receipts: Receipts, receipt: Receipt = RECEIPT, at: State = NOW) -> str:
    identity = new_identity()
    receipts.keep(identity, receipt, at)
    return identity


def opened(folder: Path, now: datetime = NOON) -> Receipts:
    return Receipts(folder / "receipts.sqlite3", lambda: now)


@pytest.fixture
def receipts(tmp_path: Path) -> Iterator[Receipts]:
    with opened(tmp_path) as receipts:
        yield receipts


# what is kept


def test_a_receipt_is_found_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as receipts:
        identity = keep(receipts)
    with opened(tmp_path) as receipts:
        assert receipts.get(identity) == RECEIPT


def test_a_receipt_is_found_by_another_process_at_once(receipts: Receipts, tmp_path: Path) -> None:
    with opened(tmp_path) as elsewhere:
        assert receipts.get(keep(elsewhere)) == RECEIPT


def test_where_an_answer_is_shown_is_noted_when_it_is_known(receipts: Receipts) -> None:
    nowhere = replace(RECEIPT, place=None)
    identity, other = keep(receipts, nowhere), keep(receipts, nowhere)
    receipts.placed(identity, Place(11, 2**62))
    assert receipts.get(identity) == replace(RECEIPT, place=Place(11, 2**62))
    assert receipts.get(other) == nowhere


def test_an_id_is_short_fits_a_button_and_a_command_and_is_never_the_same() -> None:
    identities = {new_identity() for _ in range(500)}
    assert len(identities) == 500
    assert all(len(identity) == 22 for identity in identities)
    assert set("".join(identities)) <= set(string.ascii_letters + string.digits + "_")


def test_an_unknown_id_is_no_receipt(receipts: Receipts) -> None:
    keep(receipts)
    assert receipts.get("nobody-ever-gave-this") is None


def test_the_texts_of_passages_are_not_kept_but_where_they_stand_is(receipts: Receipts, tmp_path: Path) -> None:
    made = receipt_of(ANSWER, ASKED, Settings.model_construct(data=tmp_path), NOW, NOON)
    found = receipts.get(keep(receipts, made))
    assert found == made
    assert [(each["document"], each["start"], each["end"], each["score"]) for each in made.record["passages"]] == [
        ("ferry.md", 0, 200, 0.8123),
        ("herring.txt", 5, 90, 0.3),
    ]
    assert b"A long passage" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_a_receipt_names_the_revisions_of_what_is_cited_and_of_nothing_else(tmp_path: Path) -> None:
    chosen = Settings.model_construct(data=tmp_path)
    made = receipt_of(ANSWER, ASKED, chosen, state("two", **{"ferry.md": "e3", "other.md": "f4"}), NOON)
    assert (made.revisions, made.versions["store"]) == ({"ferry.md": "e3"}, "two")


def test_receipts_of_more_than_90_days_are_pruned_when_opened(receipts: Receipts, tmp_path: Path) -> None:
    late, just_in_time = (
        keep(receipts, replace(RECEIPT, when=NOON + after)) for after in (-timedelta(seconds=1), timedelta())
    )
    gone = Effect(late, "ferry.md", Kind.REMOVED, "it is gone", NOON)
    receipts.checked(late, state("two"), [gone])
    assert receipts.effects() == [gone]
    with opened(tmp_path, NOON + KEPT_FOR) as later:
        assert later.get(late) is None
        assert later.get(just_in_time) == RECEIPT
        assert later.effects() == []


def test_receipts_are_pruned_while_running(tmp_path: Path) -> None:
    time = NOON
    with Receipts(tmp_path / "receipts.sqlite3", lambda: time) as receipts:
        identity = keep(receipts)
        time = NOON + timedelta(days=89)
        keep(receipts)
        assert receipts.get(identity) == RECEIPT
        time = NOON + timedelta(days=91)
        keep(receipts)
        assert receipts.get(identity) is None


def test_threads_share_receipts(receipts: Receipts) -> None:
    given = [replace(RECEIPT, asked=replace(ASKED, question=f"Question {number}?")) for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        identities = list(pool.map(lambda receipt: keep(receipts, receipt), given))
        assert list(pool.map(receipts.get, identities)) == given


@settings(max_examples=50, deadline=None)  # each example writes a file
@given(
    st.builds(
        Receipt,
        strange.moments,
        st.builds(
            Asked, strange.texts, st.none() | st.integers(1, 2**63), st.booleans(), strange.histories, strange.filters,
            st.booleans(), st.booleans(),
        ),
        strange.answers,
        strange.versions,
        strange.versions,
        st.none() | st.floats(0, 1),
        st.none() | st.builds(Place, st.integers(1, 2**62), st.integers(1, 2**62)),
    )
)  # fmt: skip
def test_whatever_was_typed_comes_back_as_it_was(receipt: Receipt) -> None:
    with TemporaryDirectory() as folder, opened(Path(folder), receipt.when) as receipts:
        assert receipts.get(keep(receipts, receipt)) == receipt


# the same answer again

days = st.dates(date(1000, 1, 1))
figures = st.floats(-1e6, 1e6).map(lambda figure: round(figure, 4))
PLAIN: dict[object, st.SearchStrategy[Any]] = {
    str: strange.texts,
    float: figures,
    date: days,
    dict[str, float]: st.dictionaries(strange.texts, figures.map(lambda figure: round(figure, 2)), max_size=3),
    dict[str, str]: strange.versions,
    Dates: st.tuples(days, days).map(lambda pair: Dates(min(pair), max(pair))),
}


def anything(hint: Any) -> st.SearchStrategy[Any]:
    """Draw values of a type; of a dataclass, with every field filled, also those that will be added to it one day."""
    if hint in PLAIN:
        return PLAIN[hint]
    if is_dataclass(hint):
        return st.builds(hint, **{name: anything(each) for name, each in get_type_hints(hint).items()})  # type: ignore[arg-type]
    if get_origin(hint) is tuple:
        return st.lists(anything(get_args(hint)[0]), max_size=2).map(tuple)
    if get_args(hint):
        return st.one_of(*map(anything, get_args(hint)))
    return st.from_type(hint)


@settings(max_examples=100, deadline=None, phases=[Phase.generate])  # to shrink one takes minutes
@given(anything(Answer))
def test_any_answer_comes_back_from_its_record(answer: Answer) -> None:
    assert answer_of(json.loads(json.dumps(answer_record(answer)))) == answer


@settings(max_examples=60, deadline=None)
@given(samples.answers | samples.abstentions)
def test_cards_made_from_a_receipt_are_those_that_were_sent(answer: Answer) -> None:
    again = answer_of(json.loads(json.dumps(without_texts(answer_record(answer)))))
    assert answer_cards(again, "And?") == answer_cards(answer, "And?")


# on the command line

COST = "How much did the ferry line cost?"
SENTENCE = "The line cost 48 million euros, of which Norway pays 30 million and Denmark 18 million."


@pytest.fixture
def data(gazette: Path, tmp_path: Path) -> Path:
    """A store of one's own, of which nobody has asked anything."""
    return copytree(gazette, tmp_path / "store", ignore=ignore_patterns("receipts.sqlite3*"))


def without_store(data: Path, to: Path) -> Path:
    """Leave of a store only its receipts."""
    to.mkdir()
    for file in data.glob("receipts.sqlite3*"):
        copy(file, to)
    return to


def test_replay_shows_the_same_answer_offline(dateline: Run, data: Path, tmp_path: Path) -> None:
    shown = dateline("ask", COST, "--until", "2024", data=data)
    identity = shown.out.split()[-1]
    assert shown.out.rstrip().endswith(f"dateline why {identity}")
    assert SENTENCE in " ".join(shown.out.split())
    assert dateline("replay", identity, data=without_store(data, tmp_path / "alone")).out == shown.out


def test_replay_prints_the_same_record_but_for_the_texts_of_passages(dateline: Run, data: Path) -> None:
    record = dateline("ask", COST, "--json", data=data).json
    again = dateline("replay", record["receipt"], "--json", data=data).json
    assert list(again) == list(record)
    assert again == without_texts(record)
    assert record["passages"][0]["text"]


def test_each_answer_of_a_chat_has_a_receipt(dateline: Run, data: Path) -> None:
    chat = dateline("chat", typed=f"{COST}\nHow do I bake bread?\n", data=data)
    identities = [line.split()[-1] for line in chat.out.splitlines() if line.startswith("dateline why ")]
    with open_receipts(Settings.model_construct(data=data)) as receipts:
        asked = [found.asked for identity in identities if (found := receipts.get(identity))]
    assert [(each.question, len(each.history)) for each in asked] == [(COST, 0), ("How do I bake bread?", 2)]


def test_why_explains_an_answer_in_words(dateline: Run, data: Path) -> None:
    identity = dateline("ask", COST, "--until", "2024", "--json", data=data).json["receipt"]
    words = " ".join(dateline("why", identity, data=data).out.split())
    for said in (
        "Only articles published until 2024 were read.",
        "1. Coast Courier, 12 March 2024 (ferry.md, characters 0–454)",
        "cited for sentence 1",
        f"Sentence 1: {SENTENCE} [1]",
        "chosen without a language model",
        "No language model, no cost.",
        "What has changed since Nothing that it quotes.",
    ):
        assert said in words


def test_why_explains_an_abstention_by_its_threshold(dateline: Run, data: Path) -> None:
    identity = dateline("ask", "How do I bake bread?", "--json", data=data).json["receipt"]
    words = " ".join(dateline("why", identity, data=data).out.split())
    assert "That the articles do not answer this." in words
    assert re.search(r"That the passages answer was \d+% likely; \d+% is asked for\.", words)
    assert "not used" in words
    assert "cited for" not in words


def test_why_tells_what_a_model_claimed_and_was_not_believed(dateline: Run, tmp_path: Path) -> None:
    with open_receipts(Settings.model_construct(data=tmp_path)) as receipts:
        identity = keep(receipts, replace(RECEIPT, when=datetime.now(UTC)))
    words = " ".join(dateline("why", identity, data=tmp_path).out.split())
    for said in (
        "Understood as: “What did the line cost?”",
        "It went on from 2 messages before it.",
        "“Oskel” was also looked for as “Oskell”.",
        "It asks about March 2024.",
        "The reader was told: No article is from May 2024.",
        "Not covered: who paid for it",
        "Sentences of gpt-test, each checked against its quotes.",
        "“It cost 50 million euros.” The claim says 50 where its quotes say 48. Left out.",
        "gpt-test: 1200 tokens read and 80 written, 0.0042 USD.",
        "2. Nordlys Agency, date unknown (herring.txt, characters 5–90), score 0.30: not used",
    ):
        assert said in words


@pytest.mark.parametrize("command", ["replay", "why"])
def test_an_id_that_was_never_given_is_said_to_be_unknown(dateline: Run, tmp_path: Path, command: str) -> None:
    assert "There is no receipt 'xyz'" in one_line(dateline(command, "xyz", data=tmp_path), 1)


def test_a_receipt_that_cannot_be_written_does_not_cost_the_answer(
    dateline: Run, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (data / "receipts.sqlite3").write_text("no database at all, whatever its name says")
    answered = dateline("ask", COST, "--json", data=data)
    assert (answered.status, answered.json["claims"][0]["text"], answered.json["receipt"]) == (0, SENTENCE, None)
    assert "no receipt" in caplog.text


def test_a_batch_writes_no_receipts(dateline: Run, data: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"question": COST}))
    [record] = dateline("ask", "--batch", str(questions), "--json", data=data).records
    assert "receipt" not in record
    assert not (data / "receipts.sqlite3").exists()
