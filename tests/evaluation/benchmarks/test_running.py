"""A run keeps what it has, goes on from there, and says what is missing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.cli import parser
from rag.errors import ModelError, StoreError, UsageError
from rag.evaluation.benchmarks import BENCHMARKS
from rag.evaluation.benchmarks.benchmark import Advance, Asking, Benchmark, Beside, Figure, questions
from rag.evaluation.benchmarks.report import HEADINGS, notes, rows
from rag.records import Record
from rag.settings import Settings
from tests.evaluation.benchmarks.samples import run, values, write_lines

WORDS = ("ferry", "herring", "quarry", "library", "lighthouse", "harbour", "glacier", "orchard")


@dataclass
class Counting:
    """A benchmark that asks how long a word is; half of the words have more than seven letters."""

    asked: list[str] = field(default_factory=list)
    faults: dict[str, BaseException] = field(default_factory=dict)
    stop_after: int | None = None

    def benchmark(self) -> Benchmark:
        return Benchmark(
            name="counting",
            original="Counting by Nobody (2025)",
            files=("words*.jsonl",),
            read=lambda own: questions(own, "words*.jsonl", {"question": str}),
            opened=self.opened,
            figures=figures,
        )

    @contextmanager
    def opened(self, own: Path, settings: Settings, advance: Advance) -> Iterator[Asking]:
        yield Asking(self.ask, {"letters in the alphabet": 26})

    async def ask(self, question: Record) -> Record:
        word = question["question"]
        if self.stop_after is not None and len(self.asked) >= self.stop_after:
            raise KeyboardInterrupt
        self.asked.append(word)
        if word in self.faults:
            raise self.faults[word]
        return {"long": float(len(word) > 7)}


def figures(outcomes: Sequence[Record]) -> Iterator[Figure]:
    yield Figure("long", "long words", [each["long"] for each in outcomes], [Beside("A dictionary", 0.25)])
    yield Figure("none", "words of no kind", [])


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    made = Counting()
    monkeypatch.setitem(BENCHMARKS, "counting", made.benchmark())
    return made


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    write_lines(tmp_path / "bench" / "counting" / "words.jsonl", [{"question": word} for word in WORDS])
    return tmp_path / "bench"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def kept_file(data: Path) -> Path:
    return data / "benchmarks" / "counting.jsonl"


def test_a_run_reports_its_figures_beside_those_of_others(counting: Counting, bench: Path, data: Path) -> None:
    advanced: list[tuple[int, int]] = []
    report = run("counting", bench, data, advance=lambda done, found: advanced.append((done, found)))
    assert report.pop("seconds") >= 0
    assert report.pop("versions")["mode"] == "extractive"
    [figure] = report.pop("figures")
    assert 0 <= figure.pop("low") <= 0.25 <= figure.pop("high") <= 1
    assert figure == {
        "name": "long",
        "group": None,
        "label": "long words",
        "better": 1,
        "value": 0.125,
        "n": 8,
        "others": [{"who": "A dictionary", "value": 0.25, "kind": "published"}],
    }
    assert report == {
        "benchmark": "counting",
        "original": "Counting by Nobody (2025)",
        "command": "dateline benchmark counting DIR",
        "files": ["words.jsonl"],
        "questions": 8,
        "limit": None,
        "kept": 0,
        "stopped": None,
        "about": {"letters in the alphabet": 26},
        "asked": 8,
        "failed": 0,
        "errors": [],
    }
    assert counting.asked == list(WORDS)
    assert advanced == [(done, 8) for done in range(1, 9)]


def test_a_report_reads_as_a_table_with_notes(counting: Counting, bench: Path, data: Path) -> None:
    counting.faults["ferry"] = ValueError("sunk")
    report = run("counting", bench, data, limit=5)
    [row] = rows(report)
    assert len(row) == len(HEADINGS)
    assert (row[0], row[1], row[3], row[4]) == ("long words", "0.250", "4", "0.250 A dictionary (published)")
    assert [note for note in notes(report) if "seconds" not in note] == [
        "Only the first 5 questions were to be asked.",
        "Letters in the alphabet: 26.",
        "1 questions failed and do not count: ValueError; run with --verbose to see more.",
    ]


def test_the_benchmark_s_own_folder_will_do(counting: Counting, bench: Path, data: Path) -> None:
    assert values(run("counting", bench / "counting", data)) == {"long": (0.125, 8)}


def test_a_limited_run_asks_the_first_questions_and_a_whole_one_the_rest(
    counting: Counting, bench: Path, data: Path
) -> None:
    limited = run("counting", bench, data, limit=3)
    assert (limited["questions"], limited["command"]) == (3, "dateline benchmark counting DIR --limit 3")
    assert counting.asked == list(WORDS[:3])
    whole = run("counting", bench, data)
    assert (whole["kept"], whole["asked"], counting.asked) == (3, 8, list(WORDS))


def test_each_outcome_is_on_disk_before_the_next_question(counting: Counting, bench: Path, data: Path) -> None:
    lines: list[int] = []
    run("counting", bench, data, advance=lambda *_: lines.append(len(kept_file(data).read_text().splitlines())))
    assert lines == [2, 3, 4, 5, 6, 7, 8, 9]  # the first names the versions


@settings(deadline=None, max_examples=40)  # each writes files
@given(st.lists(st.integers(0, 3), max_size=4))
def test_however_often_it_is_stopped_no_question_is_asked_twice(stops: list[int]) -> None:
    with scratch() as (counting, bench, data):
        for stop in stops:
            counting.stop_after = len(counting.asked) + stop
            if counting.stop_after < len(WORDS):
                with pytest.raises(KeyboardInterrupt):
                    run("counting", bench, data)
        counting.stop_after = None
        assert values(run("counting", bench, data)) == {"long": (0.125, 8)}
        assert counting.asked == list(WORDS)


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 1))
def test_what_is_cut_off_is_asked_again(share: float) -> None:
    with scratch() as (counting, bench, data):
        run("counting", bench, data)
        content = kept_file(data).read_bytes()
        kept_file(data).write_bytes(content[: int(share * len(content))])
        again = run("counting", bench, data)
        assert counting.asked == [*WORDS, *WORDS[again["kept"] :]]
        assert again["kept"] >= int(share * len(WORDS)) - 4  # the header is as long as a few outcomes
        assert values(again) == {"long": (0.125, 8)}


def test_a_broken_line_costs_only_its_question(counting: Counting, bench: Path, data: Path) -> None:
    run("counting", bench, data)
    lines = kept_file(data).read_text().splitlines()
    lines[2] = lines[2][:-4]
    kept_file(data).write_text("\n".join(lines))
    counting.asked.clear()
    assert values(run("counting", bench, data)) == {"long": (0.125, 8)}
    assert counting.asked == ["herring"]
    assert run("counting", bench, data)["kept"] == 8


@pytest.mark.parametrize(
    "change",
    [
        lambda bench, data: write_lines(bench / "counting" / "words-2.jsonl", [{"question": "fjord"}]),
        lambda bench, data: kept_file(data).write_text(kept_file(data).read_text().replace('"code": "', '"code": "0')),
    ],
)
def test_what_was_kept_with_other_versions_does_not_count(
    counting: Counting, bench: Path, data: Path, change: Callable[[Path, Path], object]
) -> None:
    run("counting", bench, data)
    change(bench, data)
    assert run("counting", bench, data)["kept"] == 0


def test_a_fresh_run_starts_anew(counting: Counting, bench: Path, data: Path) -> None:
    run("counting", bench, data)
    assert run("counting", bench, data, fresh=True)["kept"] == 0
    assert counting.asked == [*WORDS, *WORDS]


def test_a_question_that_fails_costs_only_itself_and_is_asked_next_time(
    counting: Counting, bench: Path, data: Path
) -> None:
    counting.faults = {"herring": RuntimeError("broken net"), "glacier": StoreError("The articles have just changed.")}
    report = run("counting", bench, data)
    assert (report["asked"], report["failed"], report["stopped"]) == (6, 2, None)
    assert report["errors"] == ["RuntimeError; run with --verbose to see more.", "The articles have just changed."]
    assert values(report) == {"long": (round(1 / 6, 4), 6)}
    counting.faults, counting.asked = {}, []
    assert values(run("counting", bench, data)) == {"long": (0.125, 8)}
    assert counting.asked == ["herring", "glacier"]


def test_a_model_that_answers_no_more_stops_the_run(counting: Counting, bench: Path, data: Path) -> None:
    counting.faults = {word: ModelError("The model did not answer.") for word in ("ferry", *WORDS[3:])}
    report = run("counting", bench, data)
    assert counting.asked == list(WORDS[:6])
    assert (report["asked"], report["failed"]) == (2, 4)
    assert report["stopped"] == "The model failed 3 times in a row. The model did not answer."
    assert notes(report)[-1].startswith("Stopped before the end: The model failed 3 times in a row.")
    counting.faults, counting.asked = {}, []
    assert run("counting", bench, data)["stopped"] is None
    assert counting.asked == ["ferry", *WORDS[3:]]


def test_a_folder_without_the_benchmark_is_refused_with_what_to_give(tmp_path: Path) -> None:
    for name, original in (("multihop-rag", "Tang & Yang"), ("ramdocs", "Wang et al."), ("nomiracl", "Thakur et al.")):
        with pytest.raises(UsageError, match=original) as error:
            run(name, tmp_path, tmp_path / "data")
        assert f"{tmp_path} has no {name}/" in str(error.value)
        assert "\n" not in str(error.value)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("line", ['{"question": "cut', '{"word": "ferry"}', '{"question": 5}', "[]", "7"])
def test_a_question_that_makes_no_sense_is_refused_with_its_line(
    counting: Counting, bench: Path, data: Path, line: str
) -> None:
    file = bench / "counting" / "words.jsonl"
    file.write_text(file.read_text() + f"\n{line}\n")
    with pytest.raises(UsageError, match=r"words\.jsonl, line 10 "):
        run("counting", bench, data)


def test_a_folder_that_cannot_be_written_to_is_named(counting: Counting, bench: Path, data: Path) -> None:
    data.write_text("a file")
    with pytest.raises(StoreError, match="Choose another folder with --data"):
        run("counting", bench, data)


def test_the_command_line_knows_every_benchmark() -> None:
    assert sorted(parser.BENCHMARKS) == sorted(BENCHMARKS)


@contextmanager
def scratch() -> Iterator[tuple[Counting, Path, Path]]:
    """Make what one example of many needs for itself."""
    counting = Counting()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setitem(BENCHMARKS, "counting", counting.benchmark())
        write_lines(Path(folder, "counting", "words.jsonl"), [{"question": word} for word in WORDS])
        yield counting, Path(folder), Path(folder, "data")
