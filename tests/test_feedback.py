"""What people say of answers is kept, replaced, read back as it was, exported and forgotten."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import StoreError, UsageError
from rag.evaluation.cases import Case, case_of
from rag.feedback import Feedback, FeedbackLog, Verdict, case_record, open_feedback
from rag.records import filters_of, history_of, question_of
from rag.schema import Dates, Filters, Turn
from rag.settings import ROOT, Settings
from tests import strange

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
CITED = {"number": 1, "document": "ferry.md", "quote": "The line cost 48 million euros."}
ANSWER = {"answer": "It cost 48 million euros. [1]", "abstained": False, "citations": [CITED]}
GOOD = Feedback(NOON, Verdict.GOOD, "ada", "What did the ferry line cost?", ANSWER, {"dateline": "0.1.0"}, "harbour")
WRONG = replace(GOOD, verdict=Verdict.WRONG, person="ben", comment="That was the old line.", when=NOON + timedelta(1))
UNSUPPORTED = replace(
    GOOD,
    when=NOON + timedelta(days=2),
    verdict=Verdict.UNSUPPORTED,
    person="cid",
    server="",
    citation=1,
    history=(Turn("user", "Which ferry lines are there?"), Turn("assistant", "One. [1]")),
    filters=Filters(Dates.parse("2024"), None, Dates.parse("2024-12"), ("Coast Courier", "Tarn Observer")),
)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[FeedbackLog]:
    with FeedbackLog(tmp_path / "feedback.sqlite3") as log:
        yield log


def filled(log: FeedbackLog) -> FeedbackLog:
    for answer, feedback in (("a", GOOD), ("a", WRONG), ("b", UNSUPPORTED)):
        log.put(answer, feedback)
    return log


def test_feedback_is_read_newest_first(log: FeedbackLog) -> None:
    assert list(filled(log).read().values()) == [UNSUPPORTED, WRONG, GOOD]


@pytest.mark.parametrize(
    ("verdict", "server", "found"),
    [
        (Verdict.WRONG, None, [WRONG]),
        (None, "harbour", [WRONG, GOOD]),
        (None, "", [UNSUPPORTED]),
        (Verdict.GOOD, "harbour", [GOOD]),
        (Verdict.UNSUPPORTED, "harbour", []),
    ],
)
def test_reading_filters_by_verdict_and_server(
    log: FeedbackLog, verdict: Verdict | None, server: str | None, found: list[Feedback]
) -> None:
    assert list(filled(log).read(verdict, server).values()) == found


def test_a_person_has_one_verdict_on_an_answer(log: FeedbackLog) -> None:
    before = filled(log).read()
    changed = replace(GOOD, verdict=Verdict.WRONG, comment="On second thoughts.", when=NOON + timedelta(days=3))
    log.put("a", changed)
    assert list(log.read().values()) == [changed, UNSUPPORTED, WRONG]
    assert log.read().keys() == before.keys()
    assert list(log.read(Verdict.GOOD).values()) == []


def test_the_same_person_judges_each_answer(log: FeedbackLog) -> None:
    log.put("a", GOOD)
    log.put("b", GOOD)
    assert list(log.read().values()) == [GOOD, GOOD]


def test_forgetting_a_person_leaves_the_others_and_no_trace_in_the_file(log: FeedbackLog, tmp_path: Path) -> None:
    filled(log).put("c", replace(WRONG, comment="The harbour master told me."))
    log.put("c", replace(WRONG, comment="Never mind."))
    assert log.forget("ben") == 2
    assert log.forget("ben") == 0
    assert list(log.read().values()) == [UNSUPPORTED, GOOD]
    bytes_left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"What did the ferry line cost?" in bytes_left
    for trace in (b"old line", b"harbour master", b"Never mind", b"ben"):
        assert trace not in bytes_left


def test_a_number_is_never_given_twice(log: FeedbackLog) -> None:
    log.put("a", GOOD)
    [first] = log.read()
    log.forget(GOOD.person)
    log.put("a", WRONG)
    assert first not in log.read()


@settings(max_examples=50, deadline=None)  # each example writes a file
@given(
    st.builds(
        Feedback,
        strange.moments,
        st.sampled_from(Verdict),
        strange.texts,
        strange.texts,
        strange.answers,
        strange.versions,
        strange.texts,
        strange.texts,
        st.none() | st.integers(1, 9),
        strange.histories,
        strange.filters,
    )
)
def test_whatever_people_type_comes_back_as_it_was(feedback: Feedback) -> None:
    with TemporaryDirectory() as folder, FeedbackLog(Path(folder) / "feedback.sqlite3") as log:
        log.put("a\ud800", feedback)
        assert list(log.read(feedback.verdict, feedback.server).values()) == [feedback]
        assert log.forget(feedback.person) == 1
        assert log.read() == {}


# --- as evaluation cases ----------------------------------------------------------------------------------------------


def test_a_case_asks_the_same_again_and_says_what_was_wrong() -> None:
    case = case_record(7, UNSUPPORTED)
    assert (question_of(case), history_of(case), filters_of(case, Filters())) == (
        UNSUPPORTED.question, UNSUPPORTED.history, UNSUPPORTED.filters
    )  # fmt: skip
    assert case == {
        "id": "feedback-7",
        "type": "feedback",
        "question": "What did the ferry line cost?",
        "history": [
            {"role": "user", "content": "Which ferry lines are there?"},
            {"role": "assistant", "content": "One. [1]"},
        ],
        "since": "2024",
        "until": None,
        "as_of": "2024-12",
        "outlet": ["Coast Courier", "Tarn Observer"],
        "draft": True,
        "answerable": True,
        "answers": [],
        "wrong": [],
        "support": [],
        "feedback": {
            "when": "2025-11-05T12:00:00+00:00", "verdict": "unsupported", "comment": None, "citation": CITED
        },
        "answer": ANSWER,
        "versions": {"dateline": "0.1.0"},
    }  # fmt: skip


@pytest.mark.parametrize("identify", [False, True])
def test_a_case_is_a_draft_that_evaluations_read(identify: bool) -> None:
    record = json.loads(json.dumps(case_record(7, UNSUPPORTED, identify=identify)))
    assert case_of(record) == Case(
        "feedback-7",
        "feedback",
        UNSUPPORTED.question,
        UNSUPPORTED.history,
        UNSUPPORTED.filters,
        draft=True,
        complaint={"feedback": record["feedback"], "answer": ANSWER},
    )


def test_a_draft_counts_once_a_person_says_what_is_right() -> None:
    right = {"draft": False, "answers": [["48"]], "support": [{"document": "ferry.md", "span": CITED["quote"]}]}
    accepted = case_of(case_record(7, UNSUPPORTED) | right)
    assert (accepted.draft, accepted.answers) == (False, (("48",),))
    with pytest.raises(UsageError, match="answerable question needs"):
        case_of(case_record(7, UNSUPPORTED) | {"draft": False})


def test_who_and_where_is_in_a_case_only_if_it_is_asked_for() -> None:
    assert not {"ben", "harbour"} & set(json.dumps(case_record(1, replace(WRONG, comment=""))).split('"'))
    said = case_record(1, WRONG, identify=True)["feedback"]
    assert (said["person"], said["server"]) == ("ben", "harbour")


@pytest.mark.parametrize(("citation", "record"), [(None, None), (1, CITED), (5, {"number": 5})])
def test_a_case_quotes_what_was_complained_of(citation: int | None, record: object) -> None:
    assert case_record(1, replace(UNSUPPORTED, citation=citation))["feedback"]["citation"] == record


# --- the file ---------------------------------------------------------------------------------------------------------


def test_feedback_is_kept_in_the_folder_of_the_store(tmp_path: Path) -> None:
    settings = Settings.model_construct(data=tmp_path / "new")
    for expected in ([], [GOOD]):
        with open_feedback(settings) as log:
            assert list(log.read().values()) == expected
            log.put("a", GOOD)
    assert (tmp_path / "new" / "feedback.sqlite3").exists()


def damage(file: Path) -> None:
    file.write_bytes(b"not a database, only bytes " * 200)


def outdate(file: Path) -> None:
    FeedbackLog(file).close()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def borrow(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE recipes (cake TEXT)")
    connection.close()


@pytest.mark.parametrize("spoil", [damage, outdate, borrow])
def test_a_file_that_is_no_feedback_is_named_and_left_alone(tmp_path: Path, spoil: object) -> None:
    file = tmp_path / "feedback.sqlite3"
    assert callable(spoil)
    spoil(file)
    before = file.read_bytes()
    with pytest.raises(StoreError, match=r"Cannot use .*feedback.sqlite3 \(.*\)\. Move it away to begin a new one"):
        FeedbackLog(file)
    assert file.read_bytes()[100:] == before[100:]  # but for the header, where SQLite keeps the journal's mode


@pytest.mark.parametrize("path", ["file/feedback.sqlite3", "folder"])
def test_a_place_that_cannot_hold_a_file_is_named(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match=r"Cannot .*--data\."):
        FeedbackLog(tmp_path / path)


# --- several at once --------------------------------------------------------------------------------------------------


def test_threads_share_a_log(log: FeedbackLog) -> None:
    def put(number: int) -> int:
        log.put(str(number), replace(GOOD, comment=str(number)))
        return len(log.read())

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(put, range(40))) == 40
    assert {each.comment for each in log.read().values()} == set(map(str, range(40)))


def test_all_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    together = Barrier(6)

    def opened(file: Path) -> bool:
        together.wait()
        with FeedbackLog(file) as log:
            return not log.read()

    with ThreadPoolExecutor(together.parties) as pool:
        for number in range(60):
            assert all(pool.map(opened, [tmp_path / f"{number}.sqlite3"] * together.parties))


WRITER = """
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from rag.feedback import FeedbackLog
from tests.test_feedback import GOOD
with FeedbackLog(Path(sys.argv[1])) as log:
    for number in count():
        log.put(f"{sys.argv[2]}{number}", replace(GOOD, person=sys.argv[2], comment=f"{sys.argv[2]}{number}"))
        print(f"{sys.argv[2]}{number}", flush=True)
"""


def writer(file: Path, person: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(file), person]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE)


def test_processes_write_at_once_and_what_they_wrote_outlives_their_being_killed(tmp_path: Path) -> None:
    file = tmp_path / "feedback.sqlite3"
    writers = [writer(file, person) for person in ("ada", "ben")]
    written = set()
    try:
        for each in writers:
            assert each.stdout
            written |= {each.stdout.readline().strip() for _ in range(20)}
    finally:
        for each in writers:
            os.kill(each.pid, signal.SIGKILL)
            written |= {line.strip() for line in each.communicate()[0].splitlines()}
    with FeedbackLog(file) as log:
        kept = {each.comment for each in log.read().values()}
        assert {person: f"{person}19" in kept for person in ("ada", "ben")} == {"ada": True, "ben": True}
        assert written <= kept
        assert len(kept - written) <= 2  # what was written last may not have been said
        log.put("after", WRONG)
        assert len(log.read()) == len(kept) + 1
