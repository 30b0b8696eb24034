"""`dateline evaluate` as people and programs use it: what it prints and writes, what it refuses, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from rag.answer.engine import Engine
from rag.feedback import Feedback, FeedbackLog, Verdict
from rag.records import Record
from rag.settings import ROOT
from tests.commands import COMMAND, SURROUNDINGS, Change, Run, one_line
from tests.gazette import FERRY, write_articles
from tests.openai_server import OpenAIServer, Reply, echoing_key, stalled, streamed

KEY = "sk-secret-0123456789abcdef"
FIRE = "A fire destroyed four thousand books in the city library of Tarn on Wednesday night."
OPENED = "The ferry line between Oskel and Brenhaven will open on 3 June 2024"
FIRST = "The first round was held in Lisbon in February."
DEADLINE = 60  # seconds

BOOKS: Record = {
    "id": "books", "type": "factoid", "question": "How many books did the fire in the library of Tarn destroy?",
    "answers": [["four thousand", "4,000"]], "support": [{"document": "tarn.jsonl.gz#1", "span": FIRE}],
}  # fmt: skip
FERRIES: Record = {
    "id": "ferry", "type": "date", "question": "When will the ferry line between Oskel and Brenhaven open?",
    "answers": [["3 June"]], "support": [{"document": "ferry.md", "span": OPENED}],
}  # fmt: skip
ROUND: Record = {
    "id": "round", "type": "follow-up", "question": "and the first one?",
    "history": [{"role": "user", "content": "Where was the second round of the herring talks held?"},
                {"role": "assistant", "content": "In Vienna. [1]"}],
    "since": "2025", "answers": [["Lisbon"]], "support": [{"document": "herring.txt", "span": FIRST}],
}  # fmt: skip
BREAD: Record = {
    "id": "bread", "type": "out-of-domain", "question": "How do I bake sourdough bread?", "answerable": False
}  # fmt: skip
RIGHT = (BOOKS, FERRIES, ROUND, BREAD)  # what the articles certainly answer, and what they certainly do not
WRONG = BOOKS | {"id": "wrong", "answers": [["nine thousand"]]}


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of questions."""

    def write(*cases: Record, name: str = "questions.jsonl") -> Path:
        (tmp_path / name).write_text("".join(f"{json.dumps(case)}\n" for case in cases), encoding="utf-8")
        return tmp_path / name

    return write


def read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def without_times(value: Any) -> Any:
    """Leave out what depends on the clock."""
    if isinstance(value, dict):
        timed = {"when", "seconds", "latency_ms", "timings_ms"}
        return {name: without_times(each) for name, each in value.items() if name not in timed}
    return [without_times(each) for each in value] if isinstance(value, list) else value


# --- what it prints and writes ----------------------------------------------------------------------------------------


def test_the_scoreboard_is_printed_and_the_report_written(
    dateline: Run, asked: Callable[..., Path], tmp_path: Path
) -> None:
    file, report, page = asked(*RIGHT, WRONG), tmp_path / "report.json", tmp_path / "report.html"
    ran = dateline("evaluate", "--questions", str(file), "--json", str(report), "--html", str(page))
    assert (ran.status, ran.err) == (0, "")
    assert re.search(r"5 questions, without a model, 4 articles, \d+\.\d s\n", ran.out)
    assert re.search(r"right, or rightly refused +\.80 +\.40 to 1\.00 +5\n", ran.out)
    assert re.search(r"unanswerable questions refused +1\.00 +1\.00 to 1\.00 +1\n", ran.out)
    assert re.search(r"factoid +\.50 +\.50 ", ran.out)
    assert "Under 15 questions no difference is claimed." in ran.out
    assert re.search(r"1 lost\n +1  cited, but not what was asked\n", ran.out)
    assert re.search(r"wrong +cited, but not what was asked +How many books", ran.out)
    assert page.read_text(encoding="utf-8")

    found = read(report)
    run = found["run"]
    assert [(case["id"], case["ruling"]) for case in found["cases"]] == [
        ("books", "right"), ("ferry", "right"), ("round", "right"), ("bread", "rightly refused"), ("wrong", "wrong")
    ]  # fmt: skip
    assert (run["complete"], run["asked"], run["stopped"], found["baseline"]) == (True, 5, None, None)
    assert datetime.fromisoformat(run["when"]).tzinfo is not None
    assert (run["corpus"]["articles"], run["corpus"]["passages"]) == (4, 4)
    assert (run["questions"]["files"], run["questions"]["cases"]) == ([file.name], 5)
    assert run["versions"]["mode"] == "extractive"
    assert {"dateline", "code", "embedding_model"} <= run["versions"].keys()
    assert str(tmp_path) not in report.read_text(encoding="utf-8")


def test_an_answer_in_a_report_is_the_record_that_ask_gives(
    dateline: Run, asked: Callable[..., Path], tmp_path: Path
) -> None:
    file, report = asked(*RIGHT), tmp_path / "report.json"
    dateline("evaluate", "--questions", str(file), "--json", str(report))
    batch = dateline("ask", "--batch", str(file), "--json").records
    assert [without_times(case["record"]) for case in read(report)["cases"]] == without_times(batch)


def test_two_runs_in_two_stores_differ_only_in_times(dateline: Run, asked: Callable[..., Path], tmp_path: Path) -> None:
    articles, data, file = write_articles(tmp_path / "articles"), tmp_path / "store", asked(*RIGHT, WRONG)
    assert dateline("ingest", str(articles), "--quiet", data=data).status == 0
    reports = [tmp_path / "one.json", tmp_path / "two.json", tmp_path / "three.json"]
    dateline("evaluate", "--questions", str(file), "--json", str(reports[0]))
    dateline("evaluate", "--questions", str(file), "--json", str(reports[1]), data=data)
    dateline("evaluate", "--questions", str(file), "--json", str(reports[2]), "--articles", str(articles), data=data)
    one, two, three = (json.dumps(without_times(read(report))).encode() for report in reports)
    assert one == two == three
    assert "latency_ms" in read(reports[0])


def test_a_report_keeps_what_is_no_character(dateline: Run, asked: Callable[..., Path], tmp_path: Path) -> None:
    file, report = asked(BOOKS | {"question": f"{BOOKS['question']} \ud800"}), tmp_path / "report.json"
    ran = dateline("evaluate", "--questions", str(file), "--json", str(report), "--html", str(tmp_path / "page.html"))
    assert ran.status == 0
    assert read(report)["cases"][0]["question"].endswith("\ud800")


def test_questions_may_come_from_several_files(dateline: Run, asked: Callable[..., Path], tmp_path: Path) -> None:
    one, two, report = asked(BOOKS), asked(BREAD, FERRIES, name="more.jsonl"), tmp_path / "report.json"
    assert dateline("evaluate", "--questions", str(one), "--questions", str(two), "--json", str(report)).status == 0
    assert [case["id"] for case in read(report)["cases"]] == ["books", "bread", "ferry"]
    assert read(report)["run"]["questions"]["files"] == ["questions.jsonl", "more.jsonl"]


def test_a_setting_names_the_questions(
    dateline: Run, asked: Callable[..., Path], environment: Change, tmp_path: Path
) -> None:
    environment("DATELINE_QUESTIONS", str(asked(BREAD)))
    assert dateline("evaluate", "--json", str(tmp_path / "report.json")).status == 0
    assert [case["id"] for case in read(tmp_path / "report.json")["cases"]] == ["bread"]


def test_by_itself_it_asks_the_shipped_questions(dateline: Run) -> None:
    line = one_line(dateline("evaluate"), 2)  # which the gazette does not answer
    assert str(ROOT / "seeds" / "questions.jsonl") in line
    assert "which is not in the store" in line


def test_other_articles_leave_the_store_as_it_is(dateline: Run, asked: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "ferry.md").write_text(FERRY, encoding="utf-8")
    before, data = dateline("sources", "--json").json, tmp_path / "store"
    for folder in ({}, {"data": data}):
        ran = dateline(
            "evaluate", "--articles", str(tmp_path / "articles"), "--questions", str(asked(FERRIES)),
            "--json", str(tmp_path / "report.json"), **folder,
        )  # fmt: skip
        assert (ran.status, ran.err) == (0, "")
        assert read(tmp_path / "report.json")["run"]["corpus"]["articles"] == 1
    assert dateline("sources", "--json").json == before
    assert not data.exists()


# --- compared with an earlier run -------------------------------------------------------------------------------------


def test_a_baseline_shows_what_became_better_and_worse(
    dateline: Run, asked: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, now, file = tmp_path / "before.json", tmp_path / "now.json", asked(*RIGHT, WRONG)
    assert dateline("evaluate", "--questions", str(file), "--json", str(before)).status == 0
    answer = Engine.answer

    async def forgetful(engine: Engine, question: str, *others: Any) -> Any:
        return await answer(engine, BREAD["question"] if "ferry" in question else question, *others)

    monkeypatch.setattr(Engine, "answer", forgetful)
    more = asked(*RIGHT, WRONG | {"answers": [["four thousand"]]}, BREAD | {"id": "new"})
    ran = dateline("evaluate", "--questions", str(more), "--json", str(now), "--baseline", str(before))
    assert (ran.status, ran.err) == (0, "")
    found = read(now)["baseline"]
    assert (found["cases"], found["left_out"], found["better"], found["worse"]) == (4, 2, [], ["ferry"])
    assert found["run"] == read(before)["run"]
    assert "worse: ferry" in ran.out
    assert re.search(r"right, or rightly refused .* -\.25 \(n < 15\)", ran.out)
    assert "Not compared: 2 questions" in ran.out
    monkeypatch.undo()
    back = dateline("evaluate", "--questions", str(file), "--baseline", str(now))
    assert "better: ferry" in back.out


def test_a_run_compared_with_itself_is_unchanged(dateline: Run, asked: Callable[..., Path], tmp_path: Path) -> None:
    file, report = asked(*RIGHT), tmp_path / "report.json"
    dateline("evaluate", "--questions", str(file), "--json", str(report))
    ran = dateline("evaluate", "--questions", str(file), "--json", str(report), "--baseline", str(report))
    assert re.search(r"right, or rightly refused +1\.00 +1\.00 to 1\.00 +4 +=\n", ran.out)
    assert read(report)["baseline"]["cases"] == 4
    assert "better" not in ran.out.replace("better or worse", "")


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"\xff\xfe",
        b"",
        b"{not json",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"format": 99, "run": {}, "cases": []}',
        b'{"format": 1, "run": 7, "cases": []}',
        b'{"format": 1, "run": {}, "cases": 7}',
        b'{"format": 1, "run": {}, "cases": [7]}',
        b'{"format": 1, "run": {}, "cases": [{"id": "books"}]}',
    ],
)
def test_a_baseline_that_is_no_report_is_refused_before_anything_is_asked(
    dateline: Run, asked: Callable[..., Path], tmp_path: Path, content: bytes | None
) -> None:
    baseline = tmp_path / "before.json"
    if content is not None:
        baseline.write_bytes(content)
    line = one_line(dateline("evaluate", "--questions", str(asked(*RIGHT)), "--baseline", str(baseline)), 2)
    assert str(baseline) in line
    assert "Give a file that --json wrote." in line


# --- floors -----------------------------------------------------------------------------------------------------------


def test_floors_that_are_met_are_no_matter(dateline: Run, asked: Callable[..., Path], tmp_path: Path) -> None:
    floors = tmp_path / "floors.toml"
    floors.write_text("[extractive]\nright = 1.0\nfalse_refusals = 0.0\n[openai]\ntokens = 1\n")
    ran = dateline("evaluate", "--questions", str(asked(*RIGHT)), "--floors", str(floors))
    assert (ran.status, ran.err) == (0, "")


def test_a_score_under_its_floor_is_status_1_and_one_line(
    dateline: Run, asked: Callable[..., Path], tmp_path: Path
) -> None:
    floors, report = tmp_path / "floors.toml", tmp_path / "report.json"
    floors.write_text("allowance = 0.01\n[extractive]\nright = 0.95\ngrounded = 0.7\ncharacters = 5\nsides_cited = 1\n")
    ran = dateline(
        "evaluate", "--questions", str(asked(BOOKS, WRONG, BREAD)), "--floors", str(floors), "--json", str(report)
    )
    assert ran.status == 1
    characters = read(report)["scores"]["characters"]["value"]
    assert ran.err == (
        f"dateline: Under a floor of {floors}: right is 0.667; its floor is 0.95; grounded is 0.500; its floor is 0.7; "
        f"characters is {characters:.3f}; its ceiling is 5; sides_cited was not measured; its floor is 1.\n"
    )
    assert "right, or rightly refused" in ran.out


@pytest.mark.parametrize("content", [None, "[extractive]\ngronded = 1.0", "[extractve]\ngrounded = 1.0"])
def test_floors_that_make_no_sense_are_refused_before_anything_is_asked(
    dateline: Run, asked: Callable[..., Path], tmp_path: Path, content: str | None
) -> None:
    floors = tmp_path / "floors.toml"
    if content is not None:
        floors.write_text(content)
    line = one_line(dateline("evaluate", "--questions", str(asked(*RIGHT)), "--floors", str(floors)), 2)
    assert str(floors) in line


# --- drafts from feedback ---------------------------------------------------------------------------------------------


def test_a_complaint_is_asked_again_and_the_run_says_whether_it_is_fixed(
    dateline: Run, asked: Callable[..., Path], tmp_path: Path
) -> None:
    answer = dateline("ask", BOOKS["question"], "--json").json
    told = Feedback(datetime(2025, 11, 3, tzinfo=UTC), Verdict.WRONG, "ada", BOOKS["question"], answer, {})
    other = answer | {"claims": [{"text": "Nobody knows.", "citations": [1], "attribution": None}]}
    with FeedbackLog(tmp_path / "told" / "feedback.sqlite3") as log:
        log.put("a", told)
        log.put("b", replace(told, answer=other))
    wrong, report = tmp_path / "wrong.jsonl", tmp_path / "report.json"
    assert dateline("feedback", "--verdict", "wrong", "--export", str(wrong), data=tmp_path / "told").status == 0
    ran = dateline("evaluate", "--questions", str(asked(*RIGHT)), "--questions", str(wrong), "--json", str(report))
    assert (ran.status, ran.err) == (0, "")
    found = read(report)
    assert (len(found["cases"]), found["scores"]["right"]["n"]) == (4, 4)
    assert {draft["id"]: draft["as_before"] for draft in found["drafts"]} == {"feedback-1": True, "feedback-2": False}
    text = " ".join(ran.out.split())
    assert f"feedback-1 {BOOKS['question']} answered as when it was complained of" in text
    assert f"feedback-2 {BOOKS['question']} answered otherwise now" in text
    assert "Not scored: 2 drafts" in text


# --- what it refuses --------------------------------------------------------------------------------------------------


def test_questions_about_other_articles_say_what_to_do(dateline: Run, asked: Callable[..., Path]) -> None:
    gone = FERRIES | {"support": [{"document": "gone.md", "span": OPENED}]}
    file = asked(BOOKS, gone)
    line = one_line(dateline("evaluate", "--questions", str(file)), 2)
    assert line.startswith(f"dateline: {file}, line 2: ferry rests on gone.md, which is not in the store.")
    assert "--articles" in line


def test_words_that_no_article_has_are_refused_by_line(dateline: Run, asked: Callable[..., Path]) -> None:
    file = asked(BOOKS, FERRIES | {"support": [{"document": "ferry.md", "span": OPENED.lower()}]})
    line = one_line(dateline("evaluate", "--questions", str(file)), 2)
    assert line.startswith(f"dateline: {file}, line 2: ferry: ferry.md does not say ")


def test_a_file_of_no_questions_says_how_to_get_some(dateline: Run, asked: Callable[..., Path], tmp_path: Path) -> None:
    assert "--draft" in one_line(dateline("evaluate", "--questions", str(asked())), 2)
    missing = tmp_path / "gone.jsonl"
    assert str(missing) in one_line(dateline("evaluate", "--questions", str(missing)), 2)


def test_an_empty_store_says_what_to_do(dateline: Run, asked: Callable[..., Path], tmp_path: Path) -> None:
    ran = dateline("evaluate", "--questions", str(asked(BREAD)), data=tmp_path / "store")
    assert "Run `dateline ingest` first." in one_line(ran, 1)


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_what_cannot_be_written_is_refused_before_anything_is_asked(
    dateline: Run, asked: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    questions: list[object] = []
    monkeypatch.setattr(Engine, "answer", lambda _, question, *others: questions.append(question))
    (tmp_path / "file").touch()
    for target in (tmp_path, tmp_path / "gone" / "report", tmp_path / "file" / "report"):
        line = one_line(dateline("evaluate", "--questions", str(asked(*RIGHT)), option, str(target)), 2)
        assert f"Cannot write {target}." in line
    assert questions == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full on this system")
@pytest.mark.parametrize("option", ["--json", "--html"])
def test_a_full_disk_is_one_line(dateline: Run, asked: Callable[..., Path], option: str) -> None:
    assert "No space left" in one_line(dateline("evaluate", "--questions", str(asked(BREAD)), option, "/dev/full"), 2)


# --- when it goes wrong -----------------------------------------------------------------------------------------------


def test_a_question_that_fails_is_lost_and_nothing_of_why_is_told(
    dateline: Run, asked: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Engine.answer

    async def faulty(engine: Engine, question: str, *others: Any) -> Any:
        if question == FERRIES["question"]:
            raise ZeroDivisionError(KEY)
        return await answer(engine, question, *others)

    monkeypatch.setattr(Engine, "answer", faulty)
    report = tmp_path / "report.json"
    ran = dateline("evaluate", "--questions", str(asked(*RIGHT)), "--json", str(report))
    assert (ran.status, ran.err) == (0, "")
    assert [case["ruling"] for case in read(report)["cases"]] == ["right", "failed", "right", "rightly refused"]
    assert "1 failed and count as wrong, the first: ferry: ZeroDivisionError" in " ".join(ran.out.split())
    assert KEY not in ran.out + report.read_text(encoding="utf-8")


def test_a_dead_model_ends_the_run_with_what_there_is(
    dateline: Run, asked: Callable[..., Path], environment: Change, tmp_path: Path
) -> None:
    environment("OPENAI_API_KEY", KEY)
    environment("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")  # where nothing listens
    environment("OPENAI_TIMEOUT", "0.5")
    report = tmp_path / "report.json"
    many = [BOOKS | {"id": str(number)} for number in range(30)]
    ran = dateline("evaluate", "--questions", str(asked(*many)), "--json", str(report))
    found = read(report)
    assert ran.status == 1
    assert ran.err.startswith("dateline: The model failed 3 times in a row.")
    assert ran.err.count("\n") == 1
    assert (found["run"]["complete"], found["threshold"], found["curve"]) == (False, None, [])
    assert 3 <= found["run"]["asked"] == len(found["cases"]) == found["without_model"] < 11
    assert f"{found['run']['asked']} of 30 questions" in ran.out
    assert KEY not in ran.out + ran.err + report.read_text(encoding="utf-8")


def test_a_dead_model_is_told_of_even_if_all_was_asked(
    dateline: Run, asked: Callable[..., Path], environment: Change, tmp_path: Path
) -> None:
    environment("OPENAI_API_KEY", KEY)
    environment("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    environment("OPENAI_TIMEOUT", "0.5")
    ran = dateline("evaluate", "--questions", str(asked(*RIGHT)), "--json", str(tmp_path / "report.json"))
    assert (ran.status, read(tmp_path / "report.json")["run"]["complete"]) == (1, False)
    assert ran.err.startswith("dateline: The model failed 3 times in a row.")


# --- as processes -----------------------------------------------------------------------------------------------------

MANY = [BOOKS | {"id": f"books-{number}"} for number in range(300)]


def stalled_and_told(reached: asyncio.Event) -> Reply:
    """Say nothing for ever, but tell the test that somebody waits for it."""

    async def reply(request: web.Request) -> web.StreamResponse:
        reached.set()
        return await stalled()(request)

    return reply


async def test_control_c_leaves_the_report_of_what_was_answered(
    gazette: Path, asked: Callable[..., Path], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    refusal = streamed('{"unanswered": "all of it"}\n{"end": true}')
    tenth = asyncio.Event()  # eight are asked at once: when there is a tenth, two are answered
    async with OpenAIServer(refusal, refusal, *[stalled()] * 7, stalled_and_told(tenth)) as server:
        chosen = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url, "OPENAI_TIMEOUT": str(DEADLINE)}
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "evaluate", "--questions", str(asked(*MANY)), "--json", str(report), "--data", str(gazette),
            cwd=ROOT, env=os.environ | SURROUNDINGS | chosen, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(DEADLINE):
                await tenth.wait()
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(DEADLINE):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
    assert process.returncode == 1
    assert err.decode() == "dateline: Stopped. The scores are of the questions asked until then.\n"
    assert b"2 of 300 questions" in out
    found = read(report)
    assert (found["run"]["complete"], found["run"]["stopped"], found["run"]["asked"]) == (False, "Stopped.", 2)
    assert [(case["ruling"], case["record"]["mode"]) for case in found["cases"]] == [("wrongly refused", "openai")] * 2


async def test_a_verbose_run_does_not_print_the_key_that_a_server_repeats(
    gazette: Path, asked: Callable[..., Path]
) -> None:
    async with OpenAIServer(echoing_key(401)) as server:
        chosen = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url, "OPENAI_TIMEOUT": "20"}
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "evaluate", "--questions", str(asked(*RIGHT)), "--verbose", "--data", str(gazette),
            cwd=ROOT, env=os.environ | SURROUNDINGS | chosen, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert server.requests
    assert process.returncode == 1
    assert KEY.encode() not in out + err


@pytest.fixture
def on_a_terminal(gazette: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], int]]]:
    """Start a command whose stderr is a terminal; the other end of it is handed out."""
    started: list[tuple[subprocess.Popen[bytes], int]] = []

    def begin(*arguments: str) -> tuple[subprocess.Popen[bytes], int]:
        ours, theirs = pty.openpty()
        surroundings = os.environ | SURROUNDINGS | {"OPENAI_BASE_URL": "", "TERM": "xterm", "COLUMNS": "100"}
        process = subprocess.Popen(
            [*COMMAND, *arguments, "--data", str(gazette)], cwd=ROOT, env=surroundings,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        started.append((process, ours))
        return process, ours

    yield begin
    for process, ours in started:
        process.kill()
        process.communicate()
        os.close(ours)


def seen_until(pattern: str, terminal: int) -> str:
    """Read from a terminal until something is seen there."""
    seen, deadline = "", time.monotonic() + DEADLINE
    while not re.search(pattern, seen):
        assert time.monotonic() < deadline, seen
        seen += os.read(terminal, 4096).decode(errors="replace")
    return seen


@pytest.mark.skipif(sys.platform != "linux", reason="reads a pseudo-terminal as Linux has them")
def test_progress_is_shown_on_a_terminal_and_control_c_stops_it(
    on_a_terminal: Callable[..., tuple[subprocess.Popen[bytes], int]], asked: Callable[..., Path], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    process, terminal = on_a_terminal("evaluate", "--questions", str(asked(*MANY)), "--json", str(report))
    seen_until(r"Asking.*[1-9]\d*/300", terminal)
    process.send_signal(signal.SIGINT)
    seen = seen_until(r"dateline: .*\n", terminal)
    assert "dateline: Stopped. The scores are of the questions asked until then." in seen
    assert "Traceback" not in seen
    out, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 1
    found = read(report)
    assert 0 < found["run"]["asked"] == len(found["cases"]) < 300
    assert {case["ruling"] for case in found["cases"]} == {"right"}
    assert f"{found['run']['asked']} of 300 questions" in out.decode()
    assert "Asking" not in out.decode()
