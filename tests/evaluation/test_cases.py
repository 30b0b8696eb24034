"""A file of questions is read whole, or refused with one line that names the file and the line."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UsageError
from rag.evaluation.cases import FIELDS, Case, Place, Span, case_of, check_support, digest, read_cases
from rag.schema import Dates, Filters, Turn
from tests.evaluation.samples import COST, LATER, OPENED, PAID, TEXTS

GOOD: dict[str, Any] = {
    "id": "date-01", "type": "date", "question": "When did the ferry open?", "answerable": True,
    "answers": [["3 June", "June 3"]], "support": [{"document": "harbour.md", "span": OPENED}],
}  # fmt: skip
FULL: dict[str, Any] = GOOD | {
    "history": [{"role": "user", "content": "Is there a ferry?"}, {"role": "assistant", "content": "Yes. [1]"}],
    "since": "2024", "until": "2024-12", "as_of": "2025-01-31", "outlet": ["Coast Courier", "Island Post"],
    "answers": [["3 June"], ["5 June"]], "wrong": ["4 June"], "either": True, "conflict": True,
    "support": [
        {"document": "harbour.md", "span": OPENED},
        {"any": [{"document": "island.md", "span": LATER}, {"document": "harbour.md", "span": PAID}]},
    ],
}  # fmt: skip


def written(folder: Path, *records: Any, name: str = "questions.jsonl") -> Path:
    """Write questions; a text is written as it is."""
    lines = [record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records]
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return folder / name


# --- what is read -----------------------------------------------------------------------------------------------------


def test_every_field_of_a_question_is_read(tmp_path: Path) -> None:
    file = written(tmp_path, FULL)
    assert read_cases([file]) == [
        Case(
            id="date-01",
            type="date",
            question="When did the ferry open?",
            history=(Turn("user", "Is there a ferry?"), Turn("assistant", "Yes. [1]")),
            filters=Filters(
                Dates.parse("2024"), Dates.parse("2024-12"), Dates.parse("2025-01-31"), ("Coast Courier", "Island Post")
            ),
            answers=(("3 June",), ("5 June",)),
            wrong=("4 June",),
            support=((Span("harbour.md", OPENED),), (Span("island.md", LATER), Span("harbour.md", PAID))),
            either=True,
            conflict=True,
        )
    ]


def test_what_is_left_out_has_its_usual_value() -> None:
    assert case_of(GOOD | {"answerable": None, "wrong": None, "history": None, "since": None, "outlet": None}) == Case(
        "date-01", "date", "When did the ferry open?", answers=(("3 June", "June 3"),),
        support=((Span("harbour.md", OPENED),),),
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n \t\n", "\r\n\r\n"])
@pytest.mark.parametrize("beginning", ["", "\ufeff", "\n", "\ufeff\n"])
def test_line_ends_blank_lines_and_a_byte_order_mark_are_no_matter(tmp_path: Path, beginning: str, ending: str) -> None:
    lines = [json.dumps(GOOD), json.dumps(GOOD | {"id": "date-02"})]
    file = tmp_path / "questions.jsonl"
    file.write_bytes((beginning + ending.join(lines) + ending).encode())
    assert [case.id for case in read_cases([file])] == ["date-01", "date-02"]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x1e", "\x0c"])
def test_only_a_line_end_ends_a_line(tmp_path: Path, separator: str) -> None:
    question = f"When did it{separator}open?"
    escaped = separator < " "
    line = json.dumps(GOOD | {"question": question}, ensure_ascii=escaped)
    assert [case.question for case in read_cases([written(tmp_path, line)])] == [question]


def test_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    files = [written(tmp_path, GOOD | {"id": name}, name=f"{name}.jsonl") for name in ("b", "a", "c")]
    assert [case.id for case in read_cases(files)] == ["b", "a", "c"]


def test_a_draft_may_be_incomplete() -> None:
    draft = case_of({"id": "d", "type": "feedback", "question": "Who?", "draft": True})
    assert (draft.draft, draft.answerable, draft.answers, draft.support) == (True, True, (), ())


def test_a_draft_from_feedback_keeps_the_complaint_and_the_answer() -> None:
    complaint = {"feedback": {"verdict": "wrong"}, "answer": {"answer": "In May. [1]", "claims": [{"text": "In May."}]}}
    given_then = {"versions": {"dateline": "0.1.0"}, **complaint}
    assert case_of(GOOD | given_then | {"draft": True}).complaint == complaint


def test_a_set_is_known_by_what_it_asks_and_expects_and_not_by_where_it_is(tmp_path: Path) -> None:
    here, there = written(tmp_path, GOOD), written(tmp_path, "", GOOD, name="there.jsonl")
    assert digest(read_cases([here])) == digest(read_cases([there]))
    others: tuple[dict[str, Any], ...] = ({"question": "When?"}, {"answers": [["June"]]}, {"wrong": ["May"]})
    assert len({digest([case_of(GOOD | other)]) for other in ({}, *others)}) == 4
    assert len(digest([case_of(GOOD | {"question": "When\ud800?"})])) == 16


# --- what is refused --------------------------------------------------------------------------------------------------

SPAN = {"document": "harbour.md", "span": OPENED}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{not json", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"id": ' + "9" * 5000 + "}", "is not JSON"),
        ([GOOD], "JSON object"),
        ("null", "JSON object"),
        ("7", "JSON object"),
        (GOOD | {"question": " "}, '"question"'),
        (GOOD | {"question": None}, '"question"'),
        (GOOD | {"id": ""}, '"id"'),
        (GOOD | {"id": 7}, '"id"'),
        (GOOD | {"type": None}, '"type"'),
        (GOOD | {"anwers": []}, "'anwers' is no field"),
        (GOOD | {"history": "Is there a ferry?"}, '"history"'),
        (GOOD | {"history": [["user", "Is there a ferry?"]]}, '"history"'),
        (GOOD | {"since": "last week"}, '"since" must be YYYY'),
        (GOOD | {"until": [2024]}, '"until" must be YYYY'),
        (GOOD | {"outlet": 7}, '"outlet"'),
        (GOOD | {"answerable": "yes"}, '"answerable" must be true or false'),
        (GOOD | {"either": 1}, '"either" must be true or false'),
        (GOOD | {"answers": "3 June"}, '"answers" must be a list'),
        (GOOD | {"answers": ["3 June"]}, '"answers" must be a list of lists'),
        (GOOD | {"answers": [[]]}, "none may be empty"),
        (GOOD | {"answers": [["3 June", ""]]}, "none may be empty"),
        (GOOD | {"answers": [["\u0301"]]}, "none may be empty"),
        (GOOD | {"answers": [["[…]"]]}, "none may be empty"),
        (GOOD | {"wrong": [["4 June"]]}, '"wrong" a list of texts'),
        (GOOD | {"wrong": "4 June"}, '"wrong" must be a list'),
        (GOOD | {"support": SPAN}, '"support" must be a list'),
        (GOOD | {"support": [OPENED]}, 'entry of "support" must be'),
        (GOOD | {"support": [{"any": []}]}, 'entry of "support" must be'),
        (GOOD | {"support": [{"any": SPAN}]}, 'entry of "support" must be'),
        (GOOD | {"support": [{"any": [[SPAN]]}]}, 'entry of "support" must be'),
        (GOOD | {"support": [{"any": 7}]}, 'entry of "support" must be'),
        (GOOD | {"support": [{"document": "harbour.md"}]}, '"span" must be a text'),
        (GOOD | {"support": [{"span": OPENED}]}, '"document" must be a text'),
        (GOOD | {"answers": []}, 'needs "answers" and "support"'),
        (GOOD | {"support": []}, 'needs "answers" and "support"'),
        (GOOD | {"answerable": False}, 'has no "answers"'),
        (GOOD | {"conflict": True}, "needs two sides"),
        (GOOD | {"answer": "In May."}, "as `dateline feedback --export` writes them"),
        (GOOD | {"answer": {"claims": ["In May."]}}, "as `dateline feedback --export` writes them"),
        (GOOD | {"answer": {"claims": [{"text": 1}, {"text": "b"}]}}, "as `dateline feedback --export` writes them"),
        (GOOD | {"feedback": 7}, "as `dateline feedback --export` writes them"),
        (GOOD | {"feedback": "wrong"}, "as `dateline feedback --export` writes them"),
    ],
)
def test_a_bad_line_is_refused_by_file_and_line(tmp_path: Path, line: Any, says: str) -> None:
    file = written(tmp_path, GOOD | {"id": "first"}, "", line, GOOD | {"id": "last"})
    with pytest.raises(UsageError) as refused:
        read_cases([file])
    assert str(refused.value).startswith(f"{file}, line 3")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_id_is_there_once_in_all_files(tmp_path: Path) -> None:
    one, two = written(tmp_path, GOOD), written(tmp_path, GOOD | {"id": "x"}, GOOD, name="two.jsonl")
    with pytest.raises(UsageError) as refused:
        read_cases([one, two])
    assert str(refused.value) == f"{two}, line 2: {one}, line 1 has the id 'date-01', too. Give each its own."
    with pytest.raises(UsageError, match=r"line 2: .*line 1 has the id"):
        read_cases([written(tmp_path, GOOD, GOOD)])


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00 no UTF-8"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "questions.jsonl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError) as refused:
        read_cases([file])
    assert str(refused.value).startswith(f"Cannot read {file}: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["any", "document", "span", "role", "content", "claims", "text"]), inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=6,
)
RECORDS = st.dictionaries(st.sampled_from(sorted(FIELDS)), JSON).flatmap(
    lambda bad: st.sampled_from([bad, GOOD | bad, FULL | bad, GOOD | bad | {"draft": True}])
)


@given(RECORDS | JSON)
def test_whatever_the_json_is_it_is_read_or_refused(record: Any) -> None:
    with TemporaryDirectory() as folder:
        file = written(Path(folder), json.dumps(record))  # in ASCII: half a character is not UTF-8
        cases, refusal = read_or_refused(file)
    assert refusal.startswith(f"{file}, line 1") if refusal else len(cases) == 1
    for case in cases:
        assert len(digest([case])) == 16
        assert case.draft or not case.answerable or (case.answers and all(case.answers) and all(case.support))


def read_or_refused(file: Path) -> tuple[list[Case], str]:
    try:
        return read_cases([file]), ""
    except UsageError as error:
        return [], str(error)


# --- the articles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "found"),
    [
        (OPENED, [OPENED]),
        ("million", ["million"] * 3),
        ("Norway … 18 million.", [PAID]),
        ("Norway …18 million", ["Norway paid 30 million, and Denmark 18 million"]),
        ("The ferry … Mara … euros.", [f"{OPENED} {COST}"]),
        ("… Norway paid …", ["Norway paid"]),
        ("48 million … 18 million", []),  # in two paragraphs
        ("the ferry to Lund", []),
        ("…", []),
        ("(", []),
    ],
)
def test_a_span_is_found_as_it_is_written(span: str, found: list[str]) -> None:
    text = TEXTS["harbour.md"]
    places = Span("harbour.md", span).places(text)
    assert [text[place.start : place.end] for place in places] == found
    assert {place.document for place in places} <= {"harbour.md"}


def test_dots_that_stand_in_the_article_stand_for_themselves() -> None:
    text = "It was late … and dark. It was early and dark."
    [place] = Span("a", "was late … and dark").places(text)
    assert text[place.start : place.end] == "was late … and dark"


def test_the_spans_of_a_case_are_checked_by_file_and_line(tmp_path: Path) -> None:
    unsaid = GOOD | {"id": "b", "support": [{"document": "harbour.md", "span": OPENED.upper()}]}
    [good, bad] = read_cases([file := written(tmp_path, GOOD, unsaid)])
    check_support([good], TEXTS)
    with pytest.raises(UsageError) as refused:
        check_support([good, bad], TEXTS)
    assert str(refused.value).startswith(f"{file}, line 2: b: harbour.md does not say {OPENED.upper()[:60]!r}. ")
    elsewhere = case_of(GOOD | {"support": [{"any": [SPAN, {"document": "gone.md", "span": "x"}]}]}, "q, line 5")
    with pytest.raises(
        UsageError, match=r"^q, line 5: date-01 rests on gone\.md, which is not in the store \(and 1 more"
    ):
        check_support([elsewhere, bad], TEXTS)


def test_each_hop_has_the_places_of_all_its_alternatives() -> None:
    first, second = case_of(FULL).places(TEXTS)
    assert first == (Place("harbour.md", 0, len(OPENED)),)
    start = TEXTS["harbour.md"].index(PAID)
    assert second == (Place("island.md", 0, len(LATER)), Place("harbour.md", start, start + len(PAID)))


@pytest.mark.parametrize(
    ("start", "end", "meets"),
    [
        (10, 30, True),
        (0, 100, True),  # a whole passage
        (20, 24, True),  # a few words of the span
        (0, 20, True),  # half of both
        (0, 19, False),
        (25, 35, True),  # half of the shorter
        (26, 36, False),
        (30, 40, False),
        (0, 10, False),
        (20, 20, False),  # nothing
    ],
)
def test_two_stretches_meet_on_half_of_the_shorter(start: int, end: int, meets: bool) -> None:
    assert Place("a", 10, 30).meets("a", start, end) is meets
    assert Place("a", start, end).meets("a", 10, 30) is meets
    assert not Place("a", 10, 30).meets("b", start, end)
