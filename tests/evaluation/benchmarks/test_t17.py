"""Timeline17 is read and scored as its rules say, on an invented topic."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UsageError
from rag.evaluation.benchmarks.t17 import date_f1, gold_days
from tests.evaluation.benchmarks.samples import run, values, write_lines


def article(published: str, *sentences: str) -> dict[str, str]:
    return {"title": "ferries report", "published": published, "body": " ".join(sentences)}


STRIKE = "The crews of the Oskel ferries began a strike on 3 March 2021."
CONTRACT = "The union of the ferry crews signed a contract with the owners on 19 March 2021."
ARTICLES = [
    article("2021-03-04", "The crews of the Oskel ferries began a strike yesterday.", "Nobody sailed to Tarn."),
    article("2021-03-05", STRIKE, "The owners closed the ferry terminal of Oskel on 4 March 2021."),
    article("2021-03-07", "A storm damaged the pier at Brenhaven on 6 March 2021."),
    article("2021-03-07", "Ferries are how people in Brenhaven get to work."),
    article("2021-03-20", STRIKE, CONTRACT),
    article("2021-04-02", CONTRACT),
]
GOLD = """2021-03-03
The crews of the ferries stop work .
--------------------------------
2021-03-32
A day that there is not .
--------------------------------
2021-03-19
The union and the owners sign .
They had met often .
--------------------------------
"""


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    folder = tmp_path / "t17" / "ferries"
    write_lines(folder / "articles.jsonl.gz", ARTICLES)
    (folder / "gold").mkdir()
    (folder / "gold" / "herald.txt").write_text(GOLD)
    return tmp_path


def test_a_run_reports_each_timeline_and_the_mean_beside_the_floor(bench: Path, tmp_path: Path) -> None:
    (bench / "t17" / "ferries" / "gold" / "courier.txt").write_text("2021-03-04\nThe terminal is closed .\n")
    report = run("t17", bench, tmp_path / "data")
    assert (report["asked"], report["failed"], report["errors"]) == (2, 0, [])
    assert report["about"] == {"articles on ferries": 6}
    herald = {name: value for name, (value, _) in values(report, "ferries, herald").items()}
    assert herald == {"name": 1, "words": 1, "within": 0.5}  # the contract was reported after that time
    found = values(report)
    assert found.pop("seconds")[1] == 2
    assert found == {"name": (1, 2), "words": (1, 2), "within": (0.25, 2)}
    others = {each["group"]: each["others"] for each in report["figures"] if each["name"] == "name"}
    # most articles were published on 7 March, which is no gold day
    assert [other["value"] for other in others["ferries, herald"]] == [0]
    assert [(other["kind"], other["value"]) for other in others[None]] == [("published", 0.544), ("floor", 0.5)]


def test_the_days_of_a_gold_timeline_come_in_order_and_once(tmp_path: Path) -> None:
    file = tmp_path / "gold.txt"
    file.write_bytes(GOLD.encode() + b"2021-03-19 \r\nAgain , and a stray \xe9 .\r\n---------\r\n\r\n")
    assert gold_days(file) == ["2021-03-03", "2021-03-19"]


def test_a_gold_timeline_without_days_is_said(bench: Path, tmp_path: Path) -> None:
    (bench / "t17" / "ferries" / "gold" / "empty.txt").write_text("In March\nNobody sailed .\n")
    with pytest.raises(UsageError, match=r"empty\.txt has no line with a date"):
        run("t17", bench, tmp_path / "data")


DAYS = st.sets(st.dates(date(2021, 1, 1), date(2021, 1, 31)), min_size=1)


@given(DAYS, DAYS)
def test_date_f1_is_1_for_the_same_days_and_0_for_others(one: set[date], other: set[date]) -> None:
    assert date_f1(one, one) == 1
    assert date_f1(one, other - one) == 0
    assert date_f1(one, other) == pytest.approx(date_f1(other, one))
    assert 0 <= date_f1(one, other) <= 1
