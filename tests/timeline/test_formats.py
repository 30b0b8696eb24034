"""Timelines as other programs read them: a spreadsheet loses nothing and calculates nothing, a page runs nothing."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from rag.answer.wording import stated
from rag.records import timeline_of, timeline_record
from rag.schema import Basis, Citation, Claim, Dates, Event, Source, Timeline, When
from rag.timeline.formats import COLUMNS, FORMULAS, csv_text, timelinejs
from rag.timeline.wording import is_dated
from tests.timeline.samples import COURIER, OBSERVER, OPENED, cited, event, timelines

HOSTILE = '<img src=x onerror=alert(1)><script>alert("2")</script>&amp;\'"'


def rows(timeline: Timeline) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(timeline), newline="")))


# --- the record -------------------------------------------------------------------------------------------------------


def test_a_record_is_as_the_contract_has_it() -> None:
    opened = event("2024-06-03", OPENED, cited("The line opened.", OBSERVER), disputed="2024-06-04")
    record = timeline_record(Timeline("ferries", (opened, event("2025", "It closed.")), found=3))
    assert record["topic"] == "ferries"
    first, second = record["events"]
    assert {name: value for name, value in first.items() if name not in ("citations", "disputed")} == {
        "date": "2024-06-03", "precision": "day", "not_before": None, "not_after": None, "end": None,
        "approximate": False, "date_expression": "", "text": OPENED, "attribution": None, "origins": 2,
        "importance": 0.0,
    }  # fmt: skip
    assert first["citations"][0] == {
        "number": 1, "document": "ferry.md", "title": "Ferry line opens", "publisher": "Coast Courier", "author": None,
        "url": "https://coast.example/ferry", "published": "2024-06-04", "published_basis": "stated", "origin": None,
        "quote": OPENED, "start": 100, "end": 100 + len(OPENED),
    }  # fmt: skip
    assert [each["number"] for each in first["citations"]] == [1, 2]
    assert [(each["date"], [one["number"] for one in each["citations"]]) for each in first["disputed"]] == [
        ("2024-06-04", [3])
    ]
    assert (second["date"], second["precision"], second["citations"][0]["number"]) == ("2025", "year", 4)


@settings(deadline=None, max_examples=50)
@given(timelines)
def test_a_record_read_again_is_the_timeline_it_was_made_of(timeline: Timeline) -> None:
    record = json.loads(json.dumps(timeline_record(timeline)))
    assert timeline_of(record) == timeline
    for each in record["events"]:
        assert {"day": 10, "month": 7, "year": 4, "unknown": 0}[each["precision"]] == len(each["date"] or "")


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_an_event_is_a_line_with_all_that_is_known_of_it() -> None:
    april = When(Dates.parse("2024-04-12"), until=Dates.parse("2024-04-19"), approximate=True, expression="12–19 April")
    ferry = event(april, 'The “line”, as "they" say,\nopened.', cited("A  boat\nleft.", OBSERVER), disputed="May 2024")
    assert csv_text(Timeline("", (ferry,))).count("\r\n") == 2
    [row] = rows(Timeline("", (ferry,)))
    assert tuple(row) == COLUMNS
    assert row == {
        "date": "2024-04-12", "end": "2024-04-19", "precision": "day", "approximate": "true", "not_before": "",
        "not_after": "", "date_expression": "12–19 April", "text": 'The “line”, as "they" say,\nopened.',
        "outlets": "Coast Courier | Tarn Observer", "quotes": 'The “line”, as "they" say, opened. | A boat left.',
        "urls": "https://coast.example/ferry | https://tarn.example/harbour?a=1&b=2",
        "documents": "ferry.md | tarn.txt", "origins": "2", "disputed": "May 2024 (Tarn Observer)",
    }  # fmt: skip


def test_sources_without_a_page_leave_its_place_empty() -> None:
    paper, post = Source("a.txt", publisher="Paper"), Source("b.txt", publisher="Post")
    none, one = rows(
        Timeline("", tuple(Event(Claim("It rained.", (cited("Rain.", paper), cited("Rain.", by))), When())
                           for by in (post, COURIER)))
    )  # fmt: skip
    assert (none["outlets"], none["urls"]) == ("Paper | Post", "")
    assert (one["outlets"], one["urls"]) == ("Paper | Coast Courier", " | https://coast.example/ferry")


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-5 degrees", "@here", "\t=1+1", "\r\n@x", " =2", "\0", "＝A1"])
def test_what_a_spreadsheet_would_calculate_is_text(text: str) -> None:
    [row] = rows(Timeline("", (event("2024", text),)))
    assert row["text"] == f"'{text}"


def test_other_texts_are_as_they_are() -> None:
    [row] = rows(Timeline("", (event("2024", "’Tis a = b, 3 + 4 - 5 @ noon"),)))
    assert row["text"] == "’Tis a = b, 3 + 4 - 5 @ noon"


@settings(deadline=None, max_examples=50)
@given(timelines)
def test_a_spreadsheet_has_every_event_and_no_formula(timeline: Timeline) -> None:
    read = rows(timeline)
    assert [row["text"].removeprefix("'") for row in read] == [
        stated(each.claim).removeprefix("'") for each in timeline.events
    ]
    assert [row["date"] or None for row in read] == [each["date"] for each in timeline_record(timeline)["events"]]
    for row in read:
        assert not [cell for cell in row.values() if cell.strip().startswith(FORMULAS)]


# --- TimelineJS -------------------------------------------------------------------------------------------------------


class Elements(HTMLParser):
    """The tags and the text of some HTML, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_slide_has_the_date_the_sentence_and_its_sources() -> None:
    ferry = event("2024-06-03", OPENED, cited("It opened.", OBSERVER), disputed="2024-06-04")
    lasting = event(When(Dates.parse("2025-03"), until=Dates.parse("2025-05")), "It was closed.")
    shown = timelinejs(Timeline("ferries & ports", (ferry, lasting), found=5, since=Dates.parse("2024")))
    assert shown["title"]["text"]["headline"] == "ferries &amp; ports"
    assert Elements(shown["title"]["text"]["text"]).text.startswith("since 2024 · 2 events, 3 of 5 left out")
    first, second = shown["events"]
    assert first["start_date"] == {"year": 2024, "month": 6, "day": 3}
    assert (first["display_date"], first["text"]["headline"]) == ("3 June 2024", OPENED)
    body = Elements(first["text"]["text"])
    assert [attributes["href"] for tag, attributes in body.tags if tag == "a"] == [COURIER.url, OBSERVER.url]
    assert f"“{OPENED}”Coast Courier, 4 June 2024" in body.text
    assert body.text.endswith("2 reports, 2 origins, also given: 4 June 2024 (Tarn Observer)")
    assert (second["start_date"], second["end_date"]) == ({"year": 2025, "month": 3}, {"year": 2025, "month": 5})
    assert second["display_date"] == "March to May 2025"
    assert "end_date" not in first


def test_an_event_known_by_bounds_stands_from_one_to_the_other() -> None:
    between = When(not_before=Dates.parse("2024-10-07").first, not_after=Dates.parse("2024-10-13").first)
    [slide] = timelinejs(Timeline("", (event(between),)))["events"]
    assert slide["start_date"] == {"year": 2024, "month": 10, "day": 7}
    assert slide["end_date"] == {"year": 2024, "month": 10, "day": 13}
    assert slide["display_date"] == "between 7 and 13 October 2024"


def test_events_without_a_year_are_left_out_and_counted() -> None:
    undated = event(When()), event(When(not_before=Dates.parse("2024-10-07").first))
    shown = timelinejs(Timeline("", (event("2024"), *undated)))
    assert [each["unique_id"] for each in shown["events"]] == ["event-1"]
    assert "2 events without a date not shown here" in shown["title"]["text"]["text"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "", "ftp://x"])
def test_only_pages_of_the_web_are_linked(url: str) -> None:
    source = Source("a.md", publisher="Gazette", url=url)
    [slide] = timelinejs(Timeline("", (Event(Claim("It rained.", (cited("Rain.", source),)), event().when),)))["events"]
    assert [tag for tag, _ in Elements(slide["text"]["text"]).tags] == ["blockquote", "p"]


def test_nothing_that_an_article_says_is_html() -> None:
    source = Source(HOSTILE, HOSTILE, HOSTILE, HOSTILE, f"https://x.example/{HOSTILE}", None, Basis.STATED, HOSTILE)
    claim = Claim(HOSTILE, (Citation(source, 0, len(HOSTILE), HOSTILE),), HOSTILE)
    hostile = Event(claim, When(Dates.parse("2024"), expression=HOSTILE), 2, event(disputed=HOSTILE).disputed)
    shown = timelinejs(Timeline(HOSTILE, (hostile,), notice=HOSTILE))
    html = [slide["text"][part] for slide in (shown["title"], *shown["events"]) for part in ("headline", "text")]
    read = Elements("".join(html))
    assert {tag for tag, _ in read.tags} == {"p", "blockquote", "a"}
    assert {name for _, attributes in read.tags for name in attributes} == {"href"}
    assert f"“{HOSTILE}”" in read.text


@settings(deadline=None, max_examples=50)
@given(timelines)
def test_any_timeline_is_what_the_program_takes(timeline: Timeline) -> None:
    shown = json.loads(json.dumps(timelinejs(timeline)))
    placed = [each for each in timeline.events if each.when.dates or is_dated(each.when)]
    assert len(shown["events"]) == len(placed)
    assert len({slide["unique_id"] for slide in (shown["title"], *shown["events"])}) == len(placed) + 1
    for slide, each in zip(shown["events"], placed, strict=True):
        assert list(slide["start_date"]) in (["year"], ["year", "month"], ["year", "month", "day"])
        assert len(slide["start_date"]) == len(str(each.when.dates or "YYYY-MM-DD").split("-"))
        assert {tag for tag, _ in Elements(slide["text"]["headline"] + slide["text"]["text"]).tags} <= {
            "p", "blockquote", "a"
        }  # fmt: skip
