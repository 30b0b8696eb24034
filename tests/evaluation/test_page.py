"""The page is read as a browser would read it: what it says, where its links lead, what it would load or run."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings

from rag.evaluation.cases import Case, Span
from rag.evaluation.page import html
from rag.evaluation.report import compared, report
from rag.evaluation.run import Outcome
from rag.records import Record, answer_record
from rag.schema import (
    Answer,
    Citation,
    Claim,
    Conflict,
    Filters,
    Mode,
    Passage,
    Position,
    Query,
    Rejection,
    Source,
    Turn,
    Usage,
)
from tests.evaluation.samples import (
    BOTH,
    COST,
    DRAFT,
    LATER,
    OPENED,
    PAID,
    PREMISE,
    TEXTS,
    UNKNOWN,
    WHEN,
    answered,
    claim,
    hop,
    outcome,
    rejected,
)
from tests.strange import texts

VOID = {"meta", "input"}  # elements without an end
INLINE = {"a", "b", "code", "i", "mark", "span", "time"}  # what stands beside them is not set apart
ATTACK = "</script></style><script>alert(1)</script>\"'><img src=x onerror=alert(1)><a href='javascript:alert(1)'>&amp;"


class Page(HTMLParser):
    """A page as parsed. Elements that are not closed in order are an error."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source, self.elements, self._open, self._texts = (
            source,
            list[tuple[str, dict[str, str]]](),
            list[str](),
            "",
        )
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._texts += "" if tag in INLINE else "\n"
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self._texts += "" if tag in INLINE else "\n"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self._texts += data

    @property
    def text(self) -> str:
        """All that can be read, with single spaces."""
        return " ".join(self._texts.split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


RUN: Record = {
    "when": "2025-03-04T05:06:07+00:00",
    "seconds": 3.2,
    "complete": True,
    "asked": 3,
    "stopped": None,
    "versions": {"dateline": "1.2.3", "code": "c0de", "mode": "extractive", "embedding_model": "mini"},
    "corpus": {"digest": "a11", "articles": 2, "passages": 4},
    "questions": {"files": ["mine.jsonl"], "digest": "d1d", "cases": 3},
    "settings": {"passages_retrieved": 10, "passage_limit": 600, "threshold": 0.49},
}
RIGHT = outcome(WHEN, claim(OPENED), found=(OPENED,))
REFUSED = Outcome(UNKNOWN, answered(found=(LATER,), confidence=0.2))
LOST = Outcome(
    BOTH,
    answered(claim(OPENED), claim(PAID), found=(LATER, OPENED), rejections=(rejected("It was free.", COST),)),
)
OUTCOMES = (RIGHT, REFUSED, LOST)


def reported(*outcomes: Outcome, before: Record | None = None, threshold: float | None = 0.49, **run: object) -> Record:
    made = {"run": RUN | run, **report(outcomes, TEXTS, threshold)}
    return made | {"baseline": compared(made, before) if before else None}


def page_of(*outcomes: Outcome, **options: Any) -> Page:
    return Page(html(reported(*outcomes, **options)))


def test_the_page_begins_with_what_was_run_and_what_came_of_it() -> None:
    text = page_of(*OUTCOMES).text
    assert "2 of 3 questions right" in text
    assert "3 questions, without a model, 2 articles, 3.2 s" in text
    assert "4 March 2025, 05:06 UTC" in text
    assert "Dateline 1.2.3, code c0de · mine.jsonl" in text
    assert "unanswerable questions refused 1.00" in text
    assert "correct .50 .00 to 1.00, n = 2" in text
    assert "milliseconds, median 10 ms 95th percentile 10 ms" in text


def test_scores_of_few_questions_are_pale() -> None:
    few, enough = (page_of(*(Outcome(WHEN, RIGHT.record),) * number) for number in (14, 15))
    pale = [[style for style in page.values("class") if style == "bar pale"] for page in (few, enough)]
    assert (len(pale[0]) > 10, pale[1]) == (True, [])


def test_a_lost_case_is_told_in_full() -> None:
    page = page_of(LOST)
    for said in (
        "1 lost: used, but rejected by the gate",
        "both · multi-hop",
        "found at rank 2, cited",
        "found at rank 2, not cited",
        "3 June 48 million",
        f"{OPENED} [1] {PAID} [2]",
        "Coast Courier, date unknown · harbour.md fact 1",
        "Dropped by the gate: It was free. The claim says more than its quotes.",
        f"{COST} harbour.md fact 2",
        "Confidence 0.50; answered from 0.49 on.",
        f"harbour.md · score 0.50 fact 1 fact 2 {OPENED} {COST}",
    ):
        assert said in page.text


def test_passages_mark_what_is_needed_and_what_is_cited() -> None:
    late = Case("paid", "factoid", "Who paid?", answers=(("Denmark",),), support=(hop("and Denmark 18 million."),))
    source = html(
        reported(LOST, Outcome(UNKNOWN, answered(claim(LATER), found=(LATER,))), outcome(late, found=(PAID,)))
    )
    assert f"<mark class=cited>{OPENED}</mark> <mark>{COST}</mark>" in source
    assert f'<span class="cited">{LATER}</span>' in source
    assert "Norway paid 30 million, <mark>and Denmark 18 million.</mark>" in source


def test_a_needed_sentence_that_a_passage_cuts_is_not_marked_and_its_passage_still_has_the_fact() -> None:
    case = Case("cut", "date", "When?", answers=(("never",),), support=((Span("harbour.md", f"{OPENED} {COST}"),),))
    record = answered(claim(OPENED), found=(OPENED,))
    record["passages"][0] |= {"text": OPENED, "end": len(OPENED)}
    page = page_of(Outcome(case, record))
    assert f"score 0.50 fact 1 {OPENED}" in page.text
    assert page.text.count("is marked") == len(page.all("mark")) == 1  # the one that says what a mark is


def test_a_right_case_shows_its_answer_and_not_its_passages() -> None:
    page = page_of(RIGHT)
    assert f"{OPENED} [1]" in page.text
    assert "None was lost." in page.text
    assert "Passages found" not in page.text


def test_only_markers_of_citations_lead_to_quotes() -> None:
    record = RIGHT.record | {"answer": f"As [7] says, {OPENED} [1]"}
    page = page_of(Outcome(WHEN, record))
    assert [link["href"] for link in page.all("a") if link.get("class") == "marker"] == ["#case-1-1"]
    assert "As [7] says" in page.text


def test_every_inner_link_leads_somewhere() -> None:
    earlier = reported(outcome(WHEN), REFUSED, outcome(BOTH, claim(OPENED), claim(COST)))
    page = page_of(*OUTCOMES, Outcome(DRAFT, RIGHT.record), before=earlier)
    identities = page.values("id")
    assert len(identities) == len(set(identities))
    inner = [href[1:] for href in page.values("href") if href.startswith("#")]
    assert len(inner) > 10
    assert set(inner) <= set(identities)
    assert set(" ".join(page.values("aria-labelledby")).split()) <= set(identities)


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("https://coast.example/ferry?a=1&b=2", ["https://coast.example/ferry?a=1&b=2"]),
        ("HTTP://coast.example", ["HTTP://coast.example"]),
        ("javascript:alert(1)//https://coast.example", []),
        (" javascript:alert(1)", []),
        ("data:text/html,<script>alert(1)</script>", []),
        ("file:///etc/passwd", []),
        ("//coast.example", []),
        ("", []),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str, links: list[str]) -> None:
    record = answered(claim(OPENED), found=(OPENED,))
    record["citations"][0]["url"] = url
    page = page_of(Outcome(WHEN, record))
    assert [href for href in page.values("href") if not href.startswith("#")] == links


def test_the_page_loads_nothing_and_runs_only_its_own_script() -> None:
    page = page_of(*OUTCOMES, before=reported(*OUTCOMES))
    assert [name for name in ("src", "srcset", "data", "action", "poster", "background") if page.values(name)] == []
    assert not {"link", "img", "iframe", "object", "embed", "base", "use", "image"} & {tag for tag, _ in page.elements}
    assert re.findall(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", page.source) == []
    (script,) = re.findall(r"<script>(.*?)</script>", page.source, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none';")
    assert f"script-src 'sha256-{digest}';" in policy


def written_by(text: str) -> Record:
    """Make a report in which others wrote the same text wherever they can write any."""
    source = Source(text, text, text, text, text, origin=text)
    quote = Citation(source, 0, len(text), text)
    given = Answer(
        Query(text, text),
        Mode.EXTRACTIVE,
        (Claim(text, (quote,)),),
        (text,),
        (Conflict(text, (Position(text, (quote,)),)),),
        passages=(Passage(source, 0, len(text), text),),
        rejections=(Rejection(Claim(text, (quote,)), text),),
        notice=text,
        timings_ms=dict.fromkeys(("retrieve", "answer", "verify", "total"), 1.0),
    )
    hops = ((Span(text, text),),)
    case = Case(
        text,
        text,
        text,
        (Turn(text, text),),
        Filters(outlets=(text,)),
        True,
        ((text, "never"), ("never",)),
        (text,),
        hops,
    )
    failed = Case(f"{text}!", text, text, answerable=False)
    draft = Case(text, text, text, draft=True, complaint={"feedback": {"comment": text}, "answer": {"answer": text}})
    record = answer_record(given)
    outcomes = (Outcome(case, record), Outcome(failed, error=text), Outcome(draft, record))
    versions = dict.fromkeys(RUN["versions"], text) | {"model": text, f"prompts/{text}": text}
    before = reported(Outcome(case, RIGHT.record))
    made = reported(*outcomes, before=before, complete=False, stopped=text, versions=versions)
    return made | {"judge": judged(text, text)}


def judged(identity: str, text: str) -> Record:
    estimate = {"value": 0.5, "low": 0.25, "high": 0.75, "n": 4}
    return {
        "model": text,
        "prompt": text,
        "judged": 4,
        "not_judged": 1,
        "stopped": text,
        "faithfulness": estimate,
        "completeness": None,
        "agreement": {
            "n": 4,
            "share": 0.75,
            "kappa": 0.5,
            "statistic": text,
            "right_by_judge_only": [identity],
            "right_by_scores_only": [],
        },
        "usage": {"input_tokens": 1000, "output_tokens": 200, "cost_usd": None},
        "cases": {identity: {"faithfulness": 1.0, "completeness": 0.5, "reason": text}},
    }


def skeleton(page: Page) -> list[tuple[str, list[str]]]:
    """List the elements of a page with the names of their attributes."""
    return [(tag, sorted(attributes)) for tag, attributes in page.elements]


def test_what_others_wrote_is_text_wherever_it_stands() -> None:
    page, plain = (Page(html(written_by(text))) for text in (ATTACK, "Qq"))
    assert skeleton(page) == skeleton(plain)
    assert page.text.count(ATTACK) == plain.text.count("Qq") > 40
    assert not any("alert" in value for name in ("href", "id", "style", "class") for value in page.values(name))


@settings(max_examples=25, deadline=None)
@given(texts)
def test_any_text_leaves_the_page_whole(text: str) -> None:
    page = Page(html(written_by(text)))
    assert len(page.all("script")) == len(page.all("title")) == 1
    shown = "".join(
        "\ufffd" if (each < " " and each not in "\n\t") or "\x7f" <= each <= "\x9f" else each for each in text
    )
    assert " ".join(shown.split()) in page.text


def test_without_a_baseline_nothing_is_compared() -> None:
    page = page_of(*OUTCOMES)
    assert "baseline" not in page.values("id")
    assert "change" not in page.values("class")


def test_against_a_baseline_the_page_lists_what_changed_and_why_it_may_have() -> None:
    versions = RUN["versions"] | {"code": "0ld"}
    earlier = reported(outcome(WHEN), REFUSED, outcome(BOTH, claim(OPENED), claim(COST)), versions=versions)
    page = page_of(*OUTCOMES, outcome(PREMISE), before=earlier)
    assert "▼ 1 became wrong both When did the ferry open, and at what cost?" in page.text
    assert "▲ 1 became right when When did the ferry open?" in page.text
    assert "3 questions are in both runs and expect the same. Not compared, being new or changed: 1." in page.text
    assert "code c0de 0ld" in page.text
    assert "digest of the articles a11 a11" not in page.text
    assert "both · multi-hop · worse than before" in page.text
    assert "date 1.00 1.00 to 1.00 1 +1.00 (n < 15)" in page.text
    assert "left:0.0%" in page.values("style")  # where `date` stood before


def test_a_clear_change_says_which_way() -> None:
    earlier = reported(*many(WHEN, right=2))
    page = page_of(*many(WHEN, right=18), before=earlier)
    assert "date .90 .75 to 1.00 20 ▲ +.80 better" in page.text


def test_where_a_score_stood_is_drawn_only_if_the_same_was_asked() -> None:
    now, earlier = many(WHEN, right=18), reported(*many(WHEN, right=2))
    drawn = [page_of(*outcomes, before=earlier).values("class").count("before") for outcomes in (now, [*now, RIGHT])]
    assert drawn[0] > drawn[1] == 0


def many(case: Case, right: int) -> list[Outcome]:
    cases = [
        Case(f"{number}", case.type, case.question, answers=case.answers, support=case.support) for number in range(20)
    ]
    return [outcome(each, *[claim(OPENED)] * (number < right)) for number, each in enumerate(cases)]


def test_the_curve_marks_the_present_threshold() -> None:
    sure = Outcome(WHEN, answered(claim(OPENED), found=(OPENED,), confidence=0.9))
    unsure = Outcome(UNKNOWN, answered(claim(PAID), found=(PAID,), confidence=0.5))
    page = page_of(sure, unsure, threshold=0.7)
    (line,) = page.all("polyline")
    assert line["points"] == "259.0,252.0 454.0,14.0"
    assert [(circle["cx"], circle["cy"]) for circle in page.all("circle")] == [("259.0", "252.0")]
    assert "now, threshold 0.70 50 % answered, 0 % wrong" in page.text
    assert "0.90 50 % 0 % 0.50 100 % 50 %" in page.text


def test_a_threshold_that_nothing_reaches_is_not_marked() -> None:
    page = page_of(RIGHT, threshold=0.99)
    assert (len(page.all("polyline")), page.all("circle")) == (1, [])


def test_with_a_model_there_is_one_point_instead_of_a_curve() -> None:
    paid = Usage("large", 1500, 250, 0.0125)
    wrong = Outcome(UNKNOWN, answered(claim(PAID), found=(PAID,), confidence=None, usage=paid))
    refused = Outcome(BOTH, answered(found=(LATER,), confidence=None))
    right = Outcome(WHEN, answered(claim(OPENED), found=(OPENED,), confidence=None))
    versions = RUN["versions"] | {"mode": "openai", "model": "large", "prompts/answer.md": "f00d"}
    page = page_of(wrong, refused, right, threshold=None, versions=versions)
    assert page.all("svg") == []
    assert "67 % of the questions were answered, and 50 % of these answers are wrong." in page.text
    assert "3 questions, large, 2 articles" in page.text
    assert "1,500 tokens read and 250 written by the model, for $0.0125 in all." in page.text
    assert "prompts/answer.md f00d" in page.text


def test_an_incomplete_run_says_so_first() -> None:
    page = page_of(RIGHT, complete=False, asked=1, stopped="Stopped.")
    assert "Stopped. These are the scores of 1 question." in page.text
    assert page.text.index("Stopped.") < page.text.index("Scores")


def test_a_run_that_asked_nothing_has_a_page() -> None:
    assert "0 of 0 questions right" in page_of(complete=False, asked=0, stopped="Stopped.").text


def test_a_question_that_failed_shows_the_error() -> None:
    page = page_of(Outcome(BOTH, error="The model is asleep."))
    assert "0 of 1 questions right" in page.text
    assert "1 lost: error" in page.text
    assert page.text.count("The model is asleep.") == 2  # in the notes, too
    assert "not found" not in page.text


def test_what_a_model_thinks_stands_apart() -> None:
    made = reported(*OUTCOMES)
    assert "judge" not in Page(html(made)).values("id")
    text = Page(html(made | {"judge": judged("both", "grader")})).text
    assert "Judged by grader, prompt grader: 4 answers, and 1 not judged." in text
    assert "claims that their quotes bear out 50 % 25 % to 75 %, n = 4" in text
    assert "agrees with the score “grounded” 75 % grader: 0.50, n = 4" in text
    assert "Right only by the judge: both" in text
    assert "Judge: 100 % borne out, 50 % complete. grader" in text


def test_drafts_are_listed_apart_with_what_was_complained_of() -> None:
    complaint = {"feedback": {"comment": "Not he."}, "answer": {"answer": "Ann was.", "claims": [{"text": "Ann was."}]}}
    draft = Case("feedback-1", "feedback", "Who was the captain?", draft=True, complaint=complaint)
    page = page_of(RIGHT, Outcome(draft, RIGHT.record))
    assert "1 of 1 questions right" in page.text
    assert "feedback-1 · answered otherwise now; say what is right, and it counts complaint Not he." in page.text
    assert f"Answered before Ann was. Answered now {OPENED} [1]" in page.text


def test_history_filters_and_the_question_as_understood_are_shown() -> None:
    history = (Turn("user", "Is there a ferry?"), Turn("assistant", "There is."))
    case = Case(
        "follow", "follow-up", "When did it open?", history, Filters(outlets=("A", "B")), support=(hop(OPENED),)
    )
    record = answered(found=(LATER,)) | {"standalone_question": "When did the ferry open?"}
    text = page_of(Outcome(case, record)).text
    assert "user Is there a ferry? assistant There is. user When did it open?" in text
    assert "understood as When did the ferry open? only from A or B" in text


def test_the_same_report_gives_the_same_page() -> None:
    assert html(reported(*OUTCOMES)) == html(reported(*OUTCOMES))
