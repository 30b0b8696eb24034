"""The command line as people and programs use it: its JSON, its exit status, and one line for what went wrong."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rag import terminal
from rag.feedback import Feedback, FeedbackLog, Verdict
from rag.schema import Dates, Filters, Turn
from rag.settings import ROOT
from tests.commands import COMMAND, SURROUNDINGS, Change, Ran, Run, one_line, start, told_twice
from tests.gazette import DOCUMENTS, write_articles
from tests.openai_server import OpenAIServer, echoing_key

KEY = "sk-secret-0123456789abcdef"
BOOKS = "How many books did the fire in the library of Tarn destroy?"
FIRE = "A fire destroyed four thousand books in the city library of Tarn on Wednesday night."
BREAD = "How do I bake sourdough bread?"


# --- ingest -----------------------------------------------------------------------------------------------------------


def test_ingest_brings_the_store_in_line_and_reports_it(dateline: Run, tmp_path: Path) -> None:
    articles, data = write_articles(tmp_path / "articles"), tmp_path / "store"
    (articles / "broken.pdf").write_bytes(b"no PDF at all")
    first = dateline("ingest", str(articles), "--json", data=data)
    report = first.json
    assert first.status == 0
    assert report.pop("seconds") > 0
    [failure] = report.pop("failed")
    assert (failure["path"], failure.keys()) == (str(articles / "broken.pdf"), {"path", "error"})
    assert "PDF" in failure["error"]
    assert report == {"added": 4, "updated": 0, "unchanged": 0, "removed": 0, "articles": 4, "passages": 4}

    (articles / "herring.txt").unlink()
    (articles / "ferry.md").write_text("The ferry line was closed again.")
    second = dateline("ingest", str(articles), data=data)
    assert second.out == "3 articles, 3 passages (1 updated, 2 unchanged, 1 removed).\n"
    assert "not read: " in second.err

    third = dateline("ingest", str(articles), "--quiet", data=data)
    assert (third.status, third.out) == (0, "")
    assert "not read: " in third.err


def test_what_could_not_be_read_is_one_line_each(dateline: Run, tmp_path: Path) -> None:
    name = "a-file-whose-name-is-longer-than-a-line-of-a-terminal-would-be-were-it-printed-there.pdf"
    (tmp_path / name).write_bytes(b"no PDF at all")
    assert str(tmp_path / name) in dateline("ingest", str(tmp_path / name), data=tmp_path / "store").err


def test_an_interrupted_ingest_ends_with_one_line_and_goes_on_when_it_is_run_again(
    dateline: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles, data = write_articles(tmp_path / "articles"), tmp_path / "store"

    @contextmanager
    def interrupting() -> Iterator[Callable[[int, int], None]]:
        def advance(done: int, found: int) -> None:
            raise KeyboardInterrupt  # as Ctrl-C does

        yield advance

    with monkeypatch.context() as patch:
        patch.setattr(terminal, "progress", interrupting)
        assert "Stopped." in one_line(dateline("ingest", str(articles), data=data), 1)
    assert dateline("ingest", str(articles), "--json", data=data).json["articles"] == 4


# --- ask --------------------------------------------------------------------------------------------------------------


def test_an_answer_is_a_record_whose_quotes_stand_in_what_show_prints(dateline: Run) -> None:
    ran = dateline("ask", BOOKS, "--json")
    record = ran.json
    assert (ran.status, ran.err) == (0, "")
    assert {"id", "question", "standalone_question", "mode", "abstained", "answer", "claims", "citations", "unanswered",
            "conflicts", "passages", "usage", "timings_ms"} <= record.keys()  # fmt: skip
    assert (record["id"], record["question"], record["standalone_question"]) == (None, BOOKS, BOOKS)
    assert (record["mode"], record["abstained"], record["unanswered"], record["conflicts"]) == (
        "extractive", False, [], []
    )  # fmt: skip
    assert record["answer"] == " ".join(
        f"{claim['text']} {''.join(f'[{number}]' for number in claim['citations'])}" for claim in record["claims"]
    )
    assert record["claims"][0] == {"text": FIRE, "citations": [1], "origins": 1, "attribution": None}
    assert {number for claim in record["claims"] for number in claim["citations"]} == {
        citation["number"] for citation in record["citations"]
    }
    first = record["citations"][0]
    assert {name: value for name, value in first.items() if name not in ("start", "end", "origin")} == {
        "number": 1, "document": "tarn.jsonl.gz#1", "title": "Fire damages the library of Tarn",
        "publisher": "Tarn Observer", "author": None, "published": "2025-01-09", "published_basis": "stated",
        "url": "https://tarn.example/fire", "quote": FIRE,
    }  # fmt: skip
    assert record["usage"] == {"model": None, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0}
    assert record["timings_ms"].keys() == {"retrieve", "answer", "verify", "total"}
    for cited in record["citations"]:
        printed = dateline("show", cited["document"]).out
        assert printed[cited["start"] : cited["end"]] == cited["quote"]


def test_an_answer_in_the_terminal_shows_its_sources(dateline: Run) -> None:
    ran = dateline("ask", BOOKS)
    assert ran.status == 0
    text = " ".join(ran.out.split())
    assert text.startswith(f"{FIRE} [1]")
    assert "[1] Tarn Observer, 9 January 2025 · Fire damages the library of Tarn" in text
    assert f"“{FIRE}”" in text
    assert "https://tarn.example/fire · tarn.jsonl.gz#1, characters 0–84" in text
    assert "without a language model" in text


def test_an_abstention_is_an_answer(dateline: Run) -> None:
    ran = dateline("ask", BREAD, "--json")
    record = ran.json
    assert ran.status == 0
    assert (record["abstained"], record["claims"], record["citations"]) == (True, [], [])
    assert record["answer"].startswith("The articles do not answer this.")
    assert dateline("ask", BREAD).out.strip().startswith("The articles do not answer this.")


def test_a_batch_answers_each_line_in_order_and_reports_what_it_cannot(dateline: Run, tmp_path: Path) -> None:
    lines = [
        {"id": "q1", "question": BOOKS},
        {"id": 2, "question": "And the second one?", "history": [
            {"role": "user", "content": "Where was the first round of the herring talks held?"},
            {"role": "assistant", "content": "In Lisbon. [1]"},
        ]},
        {"id": "early", "question": BOOKS, "as_of": "2024-12-31", "since": None, "outlet": None},
        {"id": "outlet", "question": BOOKS, "outlet": "Coast Courier"},
        {"question": BREAD},
        {"id": "bad date", "question": BOOKS, "until": "next week"},
        {"id": "blank", "question": " "},
        {"id": "none"},
        {"id": "history", "question": BOOKS, "history": ["hello"]},
        ["no", "object"],
    ]  # fmt: skip
    file = tmp_path / "questions.jsonl"
    file.write_text(
        "\n".join([*map(json.dumps, lines), "{not json", "", json.dumps({"id": "last", "question": BOOKS})])
    )
    ran = dateline("ask", "--batch", str(file), "--json")
    records = ran.records
    assert ran.status == 0
    assert [record["id"] for record in records] == [
        "q1", 2, "early", "outlet", None, "bad date", "blank", "none", "history", None, None, "last"
    ]  # fmt: skip
    assert records[0]["claims"][0]["text"] == records[-1]["claims"][0]["text"] == FIRE
    assert records[1]["standalone_question"] == "Where was the second round of the herring talks held?"
    assert "Vienna" in records[1]["answer"]
    for record in records[2:4]:
        assert {passage["document"] for passage in record["passages"]} == {"ferry.md"}
    assert records[4]["abstained"]
    assert all(record.keys() == {"id", "error"} for record in records[5:-1])
    for record, said in zip(records[5:-1], ("until", "question", "question", "history", "object", "JSON"), strict=True):
        assert said in record["error"]


def test_a_batch_may_come_from_standard_input_with_filters_for_all(dateline: Run) -> None:
    typed = json.dumps({"id": 1, "question": BOOKS}) + "\n" + json.dumps({"id": 2, "question": BOOKS, "since": "2025"})
    records = dateline("search", "--batch", "-", "--until", "2025-02", "--json", typed=typed).records
    assert [(record["id"], {passage["document"] for passage in record["passages"]}) for record in records] == [
        (1, {"ferry.md", "tarn.jsonl.gz#1"}), (2, {"tarn.jsonl.gz#1"})
    ]  # fmt: skip


def test_a_question_that_is_no_text_does_not_end_a_batch(dateline: Run) -> None:
    typed = '{"id": 1, "question": 5}\n' + json.dumps({"id": 2, "question": BOOKS})
    first, second = dateline("ask", "--batch", "-", typed=typed).records
    assert first.keys() == {"id", "error"}
    assert second["claims"][0]["text"] == FIRE


def test_an_id_that_is_no_text_does_not_end_a_batch(dateline: Run) -> None:
    typed = json.dumps({"id": "\ud800", "question": BOOKS}) + "\n" + json.dumps({"id": 2, "question": BOOKS})
    assert [record["id"] for record in dateline("ask", "--batch", "-", typed=typed).records] == ["\ud800", 2]


def test_an_outlet_that_is_no_name_is_reported(dateline: Run) -> None:
    [record] = dateline("ask", "--batch", "-", typed=json.dumps({"question": BOOKS, "outlet": 5})).records
    assert "outlet" in record["error"]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00 no UTF-8"])
def test_a_batch_file_that_cannot_be_read_is_wrong_usage(dateline: Run, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "questions.jsonl"
    if content is not None:
        file.write_bytes(content)
    assert str(file) in one_line(dateline("ask", "--batch", str(file), "--json"), 2)


# --- search, sources, show --------------------------------------------------------------------------------------------


def test_search_lists_passages_by_rank(dateline: Run) -> None:
    record = dateline("search", "herring quota", "-k", "2", "--json").json
    assert (record["id"], record["question"]) == (None, "herring quota")
    assert [passage["rank"] for passage in record["passages"]] == [1, 2]
    best, second = record["passages"]
    assert {"rank", "document", "title", "publisher", "published", "text", "start", "end", "score"} <= best.keys()
    assert best["document"] == "herring.txt"
    assert best["score"] >= second["score"]
    assert dateline("show", "herring.txt").out[best["start"] : best["end"]] == best["text"]
    assert "90,000 tonnes" in dateline("search", "herring quota", "-k", "1").out


def test_every_process_finds_the_same(tmp_path: Path, dateline: Run) -> None:
    articles, data, chance = tmp_path / "articles", tmp_path / "store", random.Random(7)
    themes = "harbour storm crane insurer diver ferry council garden lime bridge toll school roof mayor vote".split()
    articles.mkdir()
    for number in range(80):
        told = (" ".join(chance.choices(themes, k=9)).capitalize() for _ in range(3))
        (articles / f"{number}.txt").write_text(f"{'. '.join(told)}.")
    dateline("ingest", str(articles), data=data)
    asked = [{"id": str(number), "question": " ".join(chance.sample(themes, 7))} for number in range(20)]
    batch = tmp_path / "questions.jsonl"
    batch.write_text("".join(f"{json.dumps(each)}\n" for each in asked))
    one, other = told_twice("search", "--batch", str(batch), "--data", str(data), "-k", "15")
    assert one.count("\n") == len(asked)
    assert one == other


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        (("--outlet", "tarn observer"), {"tarn.jsonl.gz#1", "tarn.jsonl.gz#2"}),
        (("--outlet", "Tarn Observer", "--outlet", "Coast Courier", "--as-of", "2025-01-08"), {"ferry.md"}),
        (("--since", "2025", "--until", "2025-02"), {"tarn.jsonl.gz#1"}),
        (("--until", "1999"), set()),
    ],
)
def test_filters_limit_what_is_searched(dateline: Run, filters: tuple[str, ...], documents: set[str]) -> None:
    record = dateline("search", "the city", *filters, "--json").json
    assert {passage["document"] for passage in record["passages"]} == documents


def test_a_search_that_finds_nothing_says_so(dateline: Run) -> None:
    ran = dateline("search", "the city", "--until", "1999")
    assert (ran.status, ran.out) == (0, "No passage passes these filters.\n")


def test_sources_lists_the_articles(dateline: Run) -> None:
    articles = dateline("sources", "--json").json["articles"]
    assert [article["document"] for article in articles] == list(DOCUMENTS)
    assert {name: value for name, value in articles[0].items() if name != "origin"} == {
        "document": "ferry.md", "title": "Ferry line between Oskel and Brenhaven to open in June",
        "publisher": "Coast Courier", "author": "Tilda Roos", "url": "https://coast.example/ferry",
        "published": "2024-03-12", "published_basis": "stated", "passages": 1,
    }  # fmt: skip
    assert (articles[3]["published"], articles[3]["published_basis"]) == (None, "unknown")
    assert (articles[3]["title"], articles[3]["url"]) == (None, None)
    table = dateline("sources").out
    assert all(document in table for document in DOCUMENTS)


def test_show_prints_the_clean_text_and_nothing_else(dateline: Run) -> None:
    ran = dateline("show", "herring.txt")
    assert ran.status == 0
    assert ran.out.startswith("Herring talks end without a deal\n\n")
    assert ran.out.endswith("another open season.\n")
    assert "Leave a Reply" not in ran.out
    assert "20 March 2025" in ran.err
    whole = dateline("show", "herring.txt", "--json").json
    assert whole["text"] + "\n" == ran.out
    assert (whole["document"], whole["published"]) == ("herring.txt", "2025-03-20")


def test_an_unknown_article_is_reported_with_the_nearest(dateline: Run) -> None:
    assert "ferry.md" in one_line(dateline("show", "fery.md"), 1)
    assert "dateline sources" in one_line(dateline("show", "xyzzy"), 1)


# --- check ------------------------------------------------------------------------------------------------------------


def test_a_check_is_a_record_whose_rulings_cite_what_show_prints(dateline: Run) -> None:
    text = f"{FIRE} Fifty people were injured. A ferry carries 250 people. Who knew?"
    ran = dateline("check", text, "--json")
    record = ran.json
    assert (ran.status, ran.err, record["text"]) == (0, "", text)
    assert record["statements"] == [
        {"text": FIRE, "ruling": "supported", "disputed": False, "reason": None,
         "supporting": [1], "contradicting": [], "nearest": None},
        {"text": "Fifty people were injured.", "ruling": "not in the articles", "disputed": False, "reason": None,
         "supporting": [], "contradicting": [], "nearest": 2},
        {"text": "A ferry carries 250 people.", "ruling": "contradicted", "disputed": False,
         "reason": "the article says 240, not 250", "supporting": [], "contradicting": [3], "nearest": None},
    ]  # fmt: skip
    assert [cited["quote"] for cited in record["citations"]] == [
        FIRE, "Nobody was injured.", "A ferry carries 240 people."
    ]  # fmt: skip
    for cited in record["citations"]:
        printed = dateline("show", cited["document"]).out
        assert printed[cited["start"] : cited["end"]] == cited["quote"]


def test_a_check_in_the_terminal_shows_rulings_and_sources(dateline: Run) -> None:
    for ran in (
        dateline("check", typed="A ferry carries 250 people."),
        dateline("check", "-", typed="A ferry carries 250 people."),
    ):
        text = " ".join(ran.out.split())
        assert text.startswith("A ferry carries 250 people. Contradicted: the article says 240, not 250. [1]")
        assert "[1] Coast Courier, 12 March 2024" in text
        assert "“A ferry carries 240 people.”" in text


def test_a_check_of_what_states_nothing_says_so(dateline: Run) -> None:
    ran = dateline("check", "Hello! Who are you?")
    assert (ran.status, ran.out.strip()) == (0, "There is nothing to check in that: it states nothing.")
    assert dateline("check", "?!", "--json").json == {"text": "?!", "statements": [], "citations": []}


def test_a_check_is_limited_by_filters(dateline: Run) -> None:
    [statement] = dateline("check", FIRE, "--as-of", "2024", "--json").json["statements"]
    assert statement["ruling"] == "not in the articles"


# --- chat -------------------------------------------------------------------------------------------------------------


def test_a_chat_remembers_what_was_asked(dateline: Run) -> None:
    first = "Where was the first round of the herring talks held?"
    ran = dateline("chat", typed=f"{first}\n\n?!\nand the second one?\nquit\n{BOOKS}\n")
    second = dateline("ask", "Where was the second round of the herring talks held?")
    assert (ran.status, shown(ran)) == (0, shown(dateline("ask", first)) + shown(second))
    assert ran.err == "dateline: There is no question in that. Ask in words, for example: who signed the pact?\n"


def shown(ran: Ran) -> str:
    """Return what was printed but for the id of its receipt, of which there are no two."""
    return re.sub(r"(?<=^dateline why )\w+$", "", ran.out, flags=re.MULTILINE)


def test_a_chat_ends_with_its_input(dateline: Run) -> None:
    assert dateline("chat", typed="") == Ran(0, "", "")


# --- feedback ---------------------------------------------------------------------------------------------------------

HERRING = Feedback(
    when=datetime(2025, 11, 3, 12, tzinfo=UTC),
    verdict=Verdict.UNSUPPORTED,
    person="person-4711",
    server="server-77",
    question="And the second one?",
    history=(Turn("user", "Where was the first round of the herring talks held?"), Turn("assistant", "In Lisbon. [1]")),
    filters=Filters(since=Dates.parse("2025"), outlets=("Nordlys Agency", "Tarn Observer")),
    answer={"answer": "In Vienna. [1]", "citations": [{"number": 1, "quote": "The talks ended in Vienna."}]},
    versions={"dateline": "0.1.0"},
    comment="It says where they ended\x1b[2J, not\nwhere they were held. \ud83d",
    citation=1,
)


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """The folder of a store with feedback by two people."""
    with FeedbackLog(tmp_path / "feedback.sqlite3") as log:
        log.put("a", HERRING)
        good = replace(HERRING, verdict=Verdict.GOOD, question=BOOKS, history=(), filters=Filters(), citation=None)
        log.put("b", replace(good, when=HERRING.when + timedelta(days=1), person="person-12", comment=""))
    return tmp_path


def test_feedback_is_a_table_that_no_comment_can_spoil(dateline: Run, told: Path) -> None:
    ran = dateline("feedback", data=told)
    text = " ".join(ran.out.split())
    assert (ran.status, ran.err) == (0, "")
    assert text.index(f"{HERRING.when.astimezone() + timedelta(days=1):%Y-%m-%d %H:%M} good How many") < text.index(
        f"{HERRING.when.astimezone():%Y-%m-%d %H:%M} unsupported [1] And the second one?"
    )
    assert "\x1b" not in ran.out
    assert "\ud83d" not in ran.out
    assert "person-" not in ran.out


def test_feedback_is_json_without_who_gave_it_unless_asked_for(dateline: Run, told: Path) -> None:
    ran = dateline("feedback", "--json", data=told)
    assert [(case["id"], case["question"], case["feedback"]["verdict"]) for case in ran.json["feedback"]] == [
        ("feedback-2", BOOKS, "good"), ("feedback-1", HERRING.question, "unsupported")
    ]  # fmt: skip
    assert ran.json["feedback"][1]["feedback"]["comment"] == HERRING.comment
    assert "person-" not in ran.out
    assert "server-77" not in ran.out
    [case] = dateline("feedback", "--json", "--identify", "--verdict", "good", data=told).json["feedback"]
    assert (case["feedback"]["person"], case["feedback"]["server"]) == ("person-12", "server-77")


def test_exported_feedback_can_be_asked_again_as_it_is(dateline: Run, told: Path) -> None:
    file = told / "cases.jsonl"
    assert dateline("feedback", "--export", str(file), data=told) == Ran(0, f"2 written to {file}.\n", "")
    exported = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert exported == dateline("feedback", "--json", data=told).json["feedback"]
    assert exported[1]["feedback"]["citation"]["quote"] == "The talks ended in Vienna."
    books, herring = dateline("ask", "--batch", str(file), "--json").records
    assert (books["id"], books["claims"][0]["text"]) == ("feedback-2", FIRE)
    assert (herring["id"], herring["standalone_question"]) == (
        "feedback-1", "Where was the second round of the herring talks held?"
    )  # fmt: skip
    assert {passage["document"] for passage in herring["passages"]} <= {"herring.txt", "tarn.jsonl.gz#1"}


def test_an_export_does_not_overwrite_a_file(dateline: Run, told: Path) -> None:
    file = told / "cases.jsonl"
    file.write_text("precious")
    assert f"{file} is there already. Name another file" in one_line(
        dateline("feedback", "--export", str(file), data=told), 2
    )
    assert file.read_text() == "precious"
    missing = told / "nowhere" / "cases.jsonl"
    assert str(missing) in one_line(dateline("feedback", "--export", str(missing), data=told), 2)


def test_what_a_person_gave_is_forgotten(dateline: Run, told: Path) -> None:
    assert dateline("feedback", "--forget", "person-4711", data=told).out == "1 deleted.\n"
    assert dateline("feedback", "--forget", "person-4711", data=told).out == "0 deleted.\n"
    [left] = dateline("feedback", "--json", data=told).json["feedback"]
    assert left["id"] == "feedback-2"


def test_without_feedback_there_is_none(dateline: Run, tmp_path: Path) -> None:
    assert dateline("feedback", data=tmp_path).out == "No feedback.\n"
    assert dateline("feedback", "--json", data=tmp_path).json == {"feedback": []}


def test_a_file_that_is_no_feedback_says_what_to_do(dateline: Run, tmp_path: Path) -> None:
    (tmp_path / "feedback.sqlite3").write_bytes(b"not a database, only bytes " * 200)
    assert "Move it away" in one_line(dateline("feedback", data=tmp_path), 1)


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "COMMAND"),
        (("dance",), "dance"),
        (("ask",), "Give one question"),
        (("ask", "  "), "Give one question"),
        (("ask", BOOKS, "--batch", "file"), "Give one question"),
        (("search",), "Give one question"),
        (("ask", "?!"), "Ask in words"),
        (("ask", BOOKS, "--since", "yesterday"), "'yesterday' is not a date"),
        (("ask", BOOKS, "--as-of", "2025-02-30"), "'2025-02-30' is not a date"),
        (("search", BOOKS, "-k", "0"), "'0' is not a whole number above 0"),
        (("search", BOOKS, "-k", "many"), "'many' is not a whole number above 0"),
        (("show",), "ARTICLE"),
        (("feedback", "--verdict", "bad"), "'good', 'wrong', 'unsupported'"),
        (("feedback", "--json", "--export", "cases.jsonl"), "not allowed with"),
        (("feedback", "--forget", "ada", "--verdict", "good"), "Leave out --verdict"),
    ],
)
def test_wrong_usage_is_status_2_and_says_why(dateline: Run, arguments: tuple[str, ...], says: str) -> None:
    ran = dateline(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_a_question_in_another_encoding_than_the_terminals_is_no_fault(dateline: Run) -> None:
    assert dateline("ask", f"{BOOKS} \udcff").status == 0  # what Python makes of a byte that is no UTF-8


def test_an_empty_store_says_what_to_do(dateline: Run, tmp_path: Path) -> None:
    for command in ("ask", "search"):
        assert "Run `dateline ingest` first." in one_line(dateline(command, BOOKS, data=tmp_path), 1)
    assert dateline("sources", "--json", data=tmp_path).json == {"articles": []}
    assert (
        dateline("chat", typed=BOOKS, data=tmp_path).err == "dateline: No articles yet. Run `dateline ingest` first.\n"
    )


def test_a_store_that_cannot_be_used_is_named(dateline: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "Choose another with --data." in one_line(dateline("sources", data=tmp_path / "file"), 1)


def test_a_setting_that_makes_no_sense_is_named(dateline: Run, environment: Change) -> None:
    environment("OPENAI_API_KEY", KEY)
    environment("OPENAI_TIMEOUT", "soon")
    line = one_line(dateline("sources"), 1)
    assert "OPENAI_TIMEOUT" in line
    assert KEY not in line


def test_a_dead_model_is_done_without_and_its_key_is_not_printed(dateline: Run, environment: Change) -> None:
    environment("OPENAI_API_KEY", KEY)
    environment("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")  # where nothing listens
    environment("OPENAI_TIMEOUT", "0.5")
    ran = dateline("ask", BOOKS, "--json")
    assert (ran.status, ran.json["mode"], ran.json["claims"][0]["text"]) == (0, "extractive", FIRE)
    assert ran.json["notice"].endswith("This answer was made without the model.")
    assert KEY not in ran.out + ran.err


# --- as processes -----------------------------------------------------------------------------------------------------


async def test_a_verbose_command_does_not_print_the_key_that_a_server_repeats(gazette: Path) -> None:
    async with OpenAIServer(echoing_key(401)) as server:
        chosen = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url, "OPENAI_TIMEOUT": "20"}
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "ask", BOOKS, "--verbose", "--data", str(gazette), cwd=ROOT,
            env=os.environ | SURROUNDINGS | chosen, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert server.requests
    assert process.returncode == 0
    assert KEY.encode() not in out + err


def test_control_c_ends_a_chat_with_one_line(gazette: Path) -> None:
    process = start("chat", "--data", str(gazette))
    try:
        assert process.stdin
        assert process.stderr
        process.stdin.write("?!\n")
        process.stdin.flush()
        assert "Ask in words" in process.stderr.readline()  # so it waits for the next question, or is about to
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=3) == 1
        assert process.stderr.read().startswith("dateline: Stopped.")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("arguments", [("sources", "--json"), ("show", "ferry.md")])
def test_a_reader_that_has_seen_enough_is_no_error(gazette: Path, arguments: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    process = start(*arguments, "--data", str(gazette), stdout=write)
    os.close(write)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
