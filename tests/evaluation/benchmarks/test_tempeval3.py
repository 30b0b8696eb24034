"""TempEval-3 is scored as its task was, on TimeML of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import UsageError
from rag.evaluation.benchmarks.tempeval3 import read, timeml
from rag.schema import Basis, Dates
from rag.timeline.dates import Anchor, dated
from tests.evaluation.benchmarks.samples import run, values

HEAD = """<?xml version="1.0" ?>
<TimeML>
<DOCID>ferry</DOCID>
<DCT><TIMEX3 tid="t0" type="DATE" value="1998-03-06" functionInDocument="CREATION_TIME">March 6, 1998</TIMEX3></DCT>
"""
ARTICLE = f"""{HEAD}<TEXT>
The ferry <EVENT eid="e1" class="OCCURRENCE">sank</EVENT> off Brekke on
<TIMEX3 tid="t1" type="DATE" value="1998-03-02">Monday</TIMEX3> and lay there for
<TIMEX3 tid="t2" type="DURATION" value="P2D">two days</TIMEX3>. It had been repaired
<TIMEX3 tid="t3" type="DATE" value="1998-02">last month</TIMEX3>, and its owner is
<TIMEX3 tid="t4" type="DATE" value="PRESENT_REF">now</TIMEX3> bankrupt. Salvage begins
<TIMEX3 tid="t5" type="DATE" value="1998-03-10">on Tuesday</TIMEX3>, and should have begun
in the old days<TIMEX3 tid="t6" type="DATE" value="1998-W09"/>. The yard closed in 1997.
</TEXT>
</TimeML>
"""


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    (tmp_path / "tempeval3").mkdir()
    (tmp_path / "tempeval3" / "ferry.tml").write_text(ARTICLE, encoding="utf-8")
    return tmp_path


def test_a_document_is_read_with_its_marks(bench: Path) -> None:
    (document,) = read(bench / "tempeval3")
    marked = [(document["text"][each["start"] : each["end"]], each["value"]) for each in document["expected"]]
    assert document["created"] == "1998-03-06"
    assert marked == [
        ("Monday", "1998-03-02"),
        ("two days", "P2D"),
        ("last month", "1998-02"),
        ("now", "PRESENT_REF"),
        ("on Tuesday", "1998-03-10"),
    ]


def test_a_run_reports_f1_over_dates_and_over_everything(bench: Path, tmp_path: Path) -> None:
    report = run("tempeval3", bench, tmp_path / "data")
    assert report["failed"] == 0
    # three are expected, four found, three of them rightly; one of the three in other words
    assert values(report) == {"value": (0.8571, 7), "relaxed": (0.8571, 7), "strict": (0.5714, 7)}
    assert values(report, "all dates, now and then included") == {
        "value": (0.75, 8),
        "relaxed": (0.75, 8),
        "strict": (0.5, 8),
    }
    assert values(report, "all expressions") == {
        "value": (0.6667, 9),
        "relaxed": (0.6667, 9),
        "strict": (0.4444, 9),
    }


def test_a_wrong_value_is_found_but_not_right(bench: Path, tmp_path: Path) -> None:
    file = bench / "tempeval3" / "ferry.tml"
    file.write_text(ARTICLE.replace('"1998-03-02"', '"1998-03-09"'), encoding="utf-8")
    found = values(run("tempeval3", bench, tmp_path / "data"))
    assert found == {"value": (0.5714, 7), "relaxed": (0.8571, 7), "strict": (0.5714, 7)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Profit fell in the third quarter.", ["1997-Q3"]),
        ("Shares fell last week.", ["1998-W09"]),
        ("Crowds came over the weekend.", ["1998-W09-WE"]),
        ("Crowds came last summer.", ["1997-SU"]),
        ("The mill thrived in the 1980s.", ["198"]),
        ("The mill thrived in the 18th century.", ["17"]),
        ("The mill burned on Sunday night.", ["1998-03-01TNI"]),
        ("The mill burned in 1989.", ["1989"]),
    ],
)
def test_dates_are_written_as_timeml_has_them(text: str, expected: list[str]) -> None:
    found = dated(text, Anchor(Dates.parse("1998-03-06"), Basis.STATED))
    assert [timeml(each.when, text[each.start : each.end]) for each in found] == expected


def test_both_ends_of_a_range_count(tmp_path: Path) -> None:
    marked = (
        '<TEXT>He was mayor from <TIMEX3 tid="t1" type="DATE" value="1981">1981</TIMEX3> to '
        '<TIMEX3 tid="t2" type="DATE" value="1990">1990</TIMEX3>.</TEXT></TimeML>'
    )
    (tmp_path / "mayor.tml").write_text(HEAD + marked, encoding="utf-8")
    assert values(run("tempeval3", tmp_path, tmp_path / "data"))["strict"] == (1, 4)


@pytest.mark.parametrize("content", ["<TimeML><TEXT>Yesterday.</TEXT></TimeML>", "<TimeML>", HEAD + "</TimeML>"])
def test_a_file_that_is_no_timeml_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "broken.tml").write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"broken\.tml is no TimeML with a creation time"):
        read(tmp_path)
