"""Passages and sentences: every span is exact, nothing is lost, and cuts fall where a reader would make them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag.ingest import passages
from rag.ingest.passages import passages_of
from rag.language.sentences import paragraph_spans, sentence_spans
from rag.schema import Article, Source

prose = st.lists(
    st.sampled_from(
        [
            "The mayor of Bergen resigned.",
            "“We are done. Let us go,” she said.",
            "Costs rose 3.5% in Jan. 2024.",
            "Why?",
            "\n\n",
            "x" * 700,
            "\u00a0",
            "ثم عاد الوفد.",
        ]
    )
    | st.text(max_size=30),
    max_size=60,
).map(" ".join)


def article(text: str) -> Article:
    return Article(Source("sample.md"), text)


def characters(text: str) -> str:
    return "".join(text.split())


@given(prose)
def test_passages_are_exact_spans_in_order_that_lose_no_character(text: str) -> None:
    found = passages_of(article(text))
    assert all(text[passage.start : passage.end] == passage.text for passage in found)
    assert all(0 < len(passage.text) <= passages.LIMIT and passage.text == passage.text.strip() for passage in found)
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert characters("".join(passage.text for passage in found)) == characters(text)


@given(prose)
def test_sentences_lose_no_character_and_stay_inside_their_paragraph(text: str) -> None:
    sentences = sentence_spans(text)
    paragraphs = paragraph_spans(text)
    assert characters("".join(text[start:end] for start, end in sentences)) == characters(text)
    assert all(any(first <= start and end <= last for first, last in paragraphs) for start, end in sentences)


def test_a_quotation_of_several_sentences_stays_whole() -> None:
    quote = "“The dam will be built. Nobody will stop it,” the minister told reporters on Oct. 3 in St. Malo."
    text = f"He was blunt. {quote} Then he left."
    assert [text[start:end] for start, end in sentence_spans(text)] == [
        "He was blunt.",
        quote,
        "Then he left.",
    ]


def test_a_paragraph_that_fits_is_not_divided() -> None:
    first, second = "The ferry sank at dawn. " * 20, "Divers found the wreck. " * 20
    text = f"{first.strip()}\n\n{second.strip()}"
    assert [passage.text for passage in passages_of(article(text))] == [first.strip(), second.strip()]


def test_short_paragraphs_share_a_passage() -> None:
    text = "Ferry sinks\n\nThe ferry sank at dawn.\n\nNobody was hurt."
    assert [passage.text for passage in passages_of(article(text))] == [text]


def test_an_empty_text_has_no_passages() -> None:
    assert passages_of(article(" \n\n ")) == []
