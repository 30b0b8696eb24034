"""`dateline timeline` as people and programs use it: what it prints and writes, what it refuses, and how it ends."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from rag import terminal
from rag.cli.output import write_bytes
from rag.errors import UsageError
from rag.ingest.pipeline import ingest
from rag.schema import Claim, Dates, Event, Timeline, When
from rag.settings import ROOT
from tests.commands import COMMAND, SURROUNDINGS, Run, one_line
from tests.gazette import open_gazette
from tests.openai_server import OpenAIServer, stalled
from tests.timeline.samples import OBSERVER, cited, event

KEY = "sk-secret-0123456789abcdef"
DEADLINE = 60  # seconds
SEEDS = ROOT / "seeds" / "articles"
PNG = b"\x89PNG\r\n\x1a\n"

ARTICLES = {
    "ferry.md": """---
title: Ferry opens
publisher: Coast Courier
published: 2024-06-04
url: https://coast.example/opens
---
Harbour director Marit Solvang opened the ferry line between Oskel and Brenhaven on 3 June 2024.

The parliament of Norway approved the line on 14 November 2022. A shipyard in Oskel delivered the ferry in March 2024.
""",
    "strike.md": """---
title: Ferry crews strike
publisher: Tarn Observer
published: 2024-09-20
---
Ferry crews in Oskel began a strike on 16 September 2024. The harbour board met the union on 18 September 2024.

Marit Solvang opened the ferry line between Oskel and Brenhaven on 3 June 2024, before the strike.
""",
    "court.md": """---
title: Quarry ruling
publisher: Tarn Observer
published: 2025-02-11
---
The court of Tarn closed the slate quarry on 10 February 2025. The miners bought the quarry on 5 May 2023.
""",
}


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that holds three articles, and beside it these articles."""
    folder = tmp_path_factory.mktemp("harbour")
    with open_gazette(folder / "store") as store:
        assert ingest([str(written(folder / "articles"))], store).failed == ()
    return folder / "store"


def written(folder: Path) -> Path:
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def bounds(each: dict[str, Any]) -> str:
    """Return what an event is ordered by."""
    return str(each["date"] or each["not_before"] or each["not_after"])


def assert_verbatim(cited: list[dict[str, Any]], dateline: Run, data: Path) -> None:
    shown = {document: dateline("show", document, data=data).out for document in {one["document"] for one in cited}}
    assert [one for one in cited if shown[one["document"]][one["start"] : one["end"]] != one["quote"]] == []


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_a_timeline_is_a_record_whose_quotes_stand_in_what_show_prints(dateline: Run, harbour: Path) -> None:
    ran = dateline("timeline", "--json", data=harbour)
    record = ran.json
    assert (ran.status, ran.err, record["topic"], record["mode"]) == (0, "", "", "extractive")
    assert {"ferry.md", "strike.md", "court.md"} == {
        cited["document"] for each in record["events"] for cited in each["citations"]
    }
    [opened] = [each for each in record["events"] if each["date"] == "2024-06-03"]
    assert {name: opened[name] for name in ("precision", "not_before", "not_after", "approximate", "disputed")} == {
        "precision": "day", "not_before": None, "not_after": None, "approximate": False, "disputed": [],
    }  # fmt: skip
    assert "3 June 2024" in opened["date_expression"]
    assert (opened["origins"], {cited["document"] for cited in opened["citations"]}) == (2, {"ferry.md", "strike.md"})
    assert [bounds(each) for each in record["events"]] == sorted(bounds(each) for each in record["events"])
    cited = [one for each in record["events"] for one in each["citations"]]
    assert list(dict.fromkeys(one["number"] for one in cited)) == list(range(1, len(cited) + 1))
    assert_verbatim(cited, dateline, harbour)


def test_other_articles_are_read_without_touching_the_store(dateline: Run, harbour: Path, tmp_path: Path) -> None:
    articles = harbour.parent / "articles"
    ran = dateline("timeline", "--articles", str(articles), "--json", data=tmp_path / "none")
    assert ran.json["events"] == dateline("timeline", "--json", data=harbour).json["events"]
    assert not (tmp_path / "none").exists()
    before = files(harbour)
    line = json.dumps({"publisher": "Gazette", "published": "2024-05-02", "body": "Mayor Ann Lee left on 1 May 2024."})
    (tmp_path / "one.jsonl").write_text(line)
    [left] = dateline("timeline", "--articles", str(tmp_path / "one.jsonl"), "--json", data=harbour).json["events"]
    assert (left["date"], left["citations"][0]["document"]) == ("2024-05-01", "one.jsonl#1")
    assert files(harbour) == before


def test_the_articles_that_come_with_dateline_have_a_timeline(dateline: Run, tmp_path: Path) -> None:
    with open_gazette(tmp_path) as store:
        assert ingest([str(SEEDS)], store).failed == ()
    events = dateline("timeline", "--json", data=tmp_path).json["events"]
    assert len(events) > 8
    for each in events:
        assert len(each["date"] or "") == {"day": 10, "month": 7, "year": 4, "unknown": 0}[each["precision"]]
    assert_verbatim([one for each in events for one in each["citations"]], dateline, tmp_path)


# --- what is chosen ---------------------------------------------------------------------------------------------------


def test_a_limit_keeps_so_many_events_in_order_and_says_how_many_are_left_out(dateline: Run, harbour: Path) -> None:
    every = dateline("timeline", "--json", data=harbour).json
    kept = dateline("timeline", "--limit", "2", "--json", data=harbour).json
    days = [each["date"] for each in kept["events"]]
    assert (len(days), kept["found"], every["found"]) == (2, len(every["events"]), len(every["events"]))
    assert days == sorted(days)
    assert "2024-06-03" in days  # which two outlets report
    left_out = len(every["events"]) - 2
    assert f"2 events, {left_out} of {left_out + 2} left out" in dateline("timeline", "--limit", "2", data=harbour).out


@pytest.mark.parametrize(
    ("period", "days"),
    [
        (("--since", "2024-09", "--until", "2024-09-17"), ["2024-09-16"]),
        (("--until", "2022"), ["2022-11-14"]),
        (("--since", "2025"), ["2025-02-10"]),
        (("--since", "2024-03-09", "--until", "2024-03-12"), ["2024-03"]),
    ],
)
def test_since_and_until_bound_what_happened_and_not_what_was_published(
    dateline: Run, harbour: Path, period: tuple[str, ...], days: list[str]
) -> None:
    record = dateline("timeline", *period, "--json", data=harbour).json
    assert [each["date"] for each in record["events"]] == days
    assert {record["since"], record["until"]} == {*period[1::2], *[None] * (len(period) == 2)}


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        (("--outlet", "coast courier"), {"ferry.md"}),
        (("--as-of", "2024-09-19"), {"ferry.md"}),
        (("--as-of", "2024", "--outlet", "Tarn Observer"), {"strike.md"}),
    ],
)
def test_filters_limit_what_is_read(
    dateline: Run, harbour: Path, filters: tuple[str, ...], documents: set[str]
) -> None:
    events = dateline("timeline", *filters, "--json", data=harbour).json["events"]
    assert {cited["document"] for each in events for cited in each["citations"]} == documents


def test_a_timeline_of_nothing_says_what_to_do(dateline: Run, harbour: Path, tmp_path: Path) -> None:
    nothing = dateline("timeline", "--since", "1980", "--until", "1981", data=harbour)
    assert (nothing.status, nothing.out.strip()) == (0, "No events found (1980 to 1981). Try a longer period.")
    record = dateline("timeline", "--until", "1981", "--json", data=harbour).json
    assert (record["events"], record["found"]) == ([], 0)
    assert "Run `dateline ingest` first." in one_line(dateline("timeline", data=tmp_path), 1)


# --- as text ----------------------------------------------------------------------------------------------------------


def test_the_text_has_dates_sentences_and_their_sources(dateline: Run, harbour: Path) -> None:
    text = " ".join(dateline("timeline", "--since", "2024", data=harbour).out.split())
    assert text.startswith("All articles · since 2024 · 5 events 2024 to 2025 ")
    assert re.search(r"3 June 2024 Harbour director .* on 3 June 2024\. \[2\]\[3\] \(2 reports, 2 origins\)", text)
    assert "[2] Coast Courier, 4 June 2024 · Ferry opens “Harbour director Marit Solvang opened" in text
    assert "https://coast.example/opens · ferry.md, characters 0–" in text
    assert text.endswith("In the articles' own sentences, chosen without a language model.")


def test_what_is_uncertain_or_disputed_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    events = (
        event("2024-06-03", "The line opened.", cited("It opened.", OBSERVER), disputed="4 June 2024"),
        event(When(Dates.parse("2024-06"), approximate=True), "It rained."),
        event(When(not_before=Dates.parse("2024-06-07").first), "It closed."),
    )
    terminal.show_timeline(Timeline("the\x1b[2J line", events, found=3))
    text = " ".join(capsys.readouterr().out.split())
    assert "\x1b" not in text
    assert (
        "June 2024 3 June 2024 The line opened. [1][2] (2 reports, 2 origins) "
        "also given: 4 June 2024 [3] (Tarn Observer) about June 2024 It rained. [4] "
        "Date not given 7 June 2024 or later It closed. [5]"
    ) in text
    assert "[3] Tarn Observer, date unknown · A harbour reopens “It opened a day later.”" in text


def test_whose_word_it_is_stands_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    claim = Claim("The quarry will close.", (cited("Lee said the quarry will close."),), "Ann Lee")
    terminal.show_timeline(Timeline("", (Event(claim, When(Dates.parse("2024"))),), found=1))
    assert "According to Ann Lee: The quarry will close. [1]" in " ".join(capsys.readouterr().out.split())


# --- files ------------------------------------------------------------------------------------------------------------


def test_each_format_is_written_to_its_file(dateline: Run, harbour: Path, tmp_path: Path) -> None:
    events = dateline("timeline", "--json", data=harbour).json["events"]
    ran = dateline("timeline", "--csv", str(tmp_path / "a.csv"), data=harbour)
    assert ran.out == f"{len(events)} events. Written to {tmp_path / 'a.csv'}.\n"
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["date"] for row in rows] == [each["date"] for each in events]
    assert rows[0]["quotes"] == events[0]["citations"][0]["quote"]

    assert dateline("timeline", "--timelinejs", str(tmp_path / "a.json"), data=harbour).status == 0
    slides = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["events"]
    assert [slide["start_date"]["year"] for slide in slides] == [int(each["date"][:4]) for each in events]

    assert dateline("timeline", "--png", str(tmp_path / "a.png"), data=harbour).status == 0
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)
    assert files(tmp_path) == {"a.csv", "a.json", "a.png"}


def test_a_format_may_go_to_standard_output(dateline: Run, harbour: Path) -> None:
    ran = dateline("timeline", "--csv", "-", "--limit", "3", data=harbour)
    assert len(list(csv.DictReader(io.StringIO(ran.out, newline="")))) == 3
    slides = json.loads(dateline("timeline", "--timelinejs", "-", "--limit", "3", data=harbour).out)
    assert len(slides["events"]) == 3
    process = subprocess.run(
        [*COMMAND, "timeline", "--png", "-", "--limit", "3", "--data", str(harbour)],
        cwd=ROOT, env=os.environ | SURROUNDINGS | {"OPENAI_BASE_URL": ""}, capture_output=True, check=True,
    )  # fmt: skip
    assert process.stdout.startswith(PNG)
    assert process.stderr == b""


def test_a_picture_is_not_poured_into_a_terminal(dateline: Run, harbour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "--png timeline.png" in one_line(dateline("timeline", "--png", "-", data=harbour), 2)


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "timeline.csv"
    file.write_text("an earlier one")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))  # as on a disk that is full
    try:
        with pytest.raises(UsageError, match=re.escape(str(file))):
            write_bytes(file, b"x" * 2_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(tmp_path) == {"timeline.csv"}
    assert file.read_text() == "an earlier one"


def test_a_file_is_replaced_where_it_is_with_the_rights_it_has(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("an earlier one")
    (tmp_path / "real.csv").chmod(0o600)
    (tmp_path / "link.csv").symlink_to("real.csv")
    write_bytes(tmp_path / "link.csv", b"new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"new"
    assert (tmp_path / "real.csv").stat().st_mode & 0o777 == 0o600


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--since", "2025-03", "--until", "2024"), "--since 2025-03 is later than --until 2024"),
        (("--since", "2024-06-02", "--until", "2024-06-01"), "Give the earlier date first."),
        (("--csv", "/nowhere/timeline.csv"), "Cannot write /nowhere/timeline.csv"),
        (("--png", str(SEEDS)), f"Cannot write {SEEDS}"),
        (("--timelinejs", "/dev/full"), "Cannot write /dev/full"),
    ],
)
def test_what_cannot_be_done_is_one_line(dateline: Run, harbour: Path, arguments: tuple[str, ...], says: str) -> None:
    assert says in one_line(dateline("timeline", *arguments, data=harbour), 2)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--since", "spring"), "'spring' is not a date"),
        (("--limit", "0"), "'0' is not a whole number above 0"),
        (("--json", "--csv", "-"), "not allowed with"),
        (("--csv", "-", "--png", "-"), "not allowed with"),
    ],
)
def test_wrong_usage_is_status_2_and_says_why(
    dateline: Run, harbour: Path, arguments: tuple[str, ...], says: str
) -> None:
    ran = dateline("timeline", *arguments, data=harbour)
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err


def test_a_period_of_one_day_or_year_is_a_period(dateline: Run, harbour: Path) -> None:
    for period in (("2024-06-03", "2024-06-03"), ("2024-06-03", "2024"), ("2024-06", "2024-06-03")):
        ran = dateline("timeline", "--since", period[0], "--until", period[1], "--json", data=harbour)
        assert "2024-06-03" in [each["date"] for each in ran.json["events"]]


def test_articles_that_are_not_there_are_named(dateline: Run, harbour: Path, tmp_path: Path) -> None:
    ran = dateline("timeline", "--articles", str(tmp_path / "none"), data=harbour)
    assert (ran.status != 0, ran.out) == (True, "")
    assert str(tmp_path / "none") in ran.err
    assert "Traceback" not in ran.err


async def test_control_c_ends_it_with_one_line_and_without_a_file(harbour: Path, tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def reply(request: web.Request) -> web.StreamResponse:
        reached.set()
        return await stalled()(request)

    async with OpenAIServer(reply) as server:
        chosen = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url, "OPENAI_TIMEOUT": str(DEADLINE)}
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "timeline", "--csv", str(tmp_path / "a.csv"), "--data", str(harbour), cwd=ROOT,
            env=os.environ | SURROUNDINGS | chosen, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(DEADLINE):
                await reached.wait()
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(DEADLINE):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
    assert (process.returncode, out) == (1, b"")
    assert err.decode().startswith("dateline: Stopped.")
    assert err.count(b"\n") == 1
    assert files(tmp_path) == set()
