"""Words, stems and sentences of any text, each where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.sentences import Span, paragraph_spans, sentence_spans
from rag.language.words import content_stems, stem, words


def pieces(text: str, spans: Iterable[Span]) -> list[str]:
    return [text[start:end] for start, end in spans]


def test_words_are_letters_and_digits() -> None:
    found = [match.group() for match in words("al-Harithi’s 1,200 crates_ (Ōskel)")]
    assert found == ["al", "Harithi", "s", "1", "200", "crates", "Ōskel"]


@pytest.mark.parametrize(
    ("word", "same"), [("Ferries", "ferry"), ("SIGNED", "signing"), ("Ōskel", "oskel"), ("café", "cafe")]
)
def test_forms_of_a_word_share_their_stem(word: str, same: str) -> None:
    assert stem(word) == stem(same)


def test_only_words_that_carry_meaning_have_a_content_stem() -> None:
    assert content_stems("What did the harbour say of the harbours of Oskel?") == ["harbour", "say", "harbour", "oskel"]


def test_threads_may_stem_at_once() -> None:
    forms = [
        f"{word}{ending}" for word in ("repair", "govern", "connect", "sail") for ending in ("s", "ed", "ing", "ment")
    ]
    alone = [stem.__wrapped__(form) for form in forms]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(stem.__wrapped__, forms * 50)) == alone * 50


def test_a_sentence_ends_where_its_paragraph_does() -> None:
    text = "  Talks in Oskel\n\nMs. Solvang spoke at 3 p.m. in Oskel. “We wait. We hope,” she said.\n \nNo deal"
    assert pieces(text, paragraph_spans(text)) == [
        "Talks in Oskel", "Ms. Solvang spoke at 3 p.m. in Oskel. “We wait. We hope,” she said.", "No deal"
    ]  # fmt: skip
    assert pieces(text, sentence_spans(text)) == [
        "Talks in Oskel", "Ms. Solvang spoke at 3 p.m. in Oskel.", "“We wait. We hope,” she said.", "No deal"
    ]  # fmt: skip


def test_sentences_are_the_same_whatever_kind_of_space_stands_between_words() -> None:
    text = "They chose plan B . It works."
    for space in "\xa0\x85\u2002\u2029\u202f\u3000":
        assert sentence_spans(text.replace(" ", space)) == sentence_spans(text)


@given(st.text(st.sampled_from("ab. \n“”!é\xa0\u2029\x00A1"), max_size=80) | st.text(max_size=80))
def test_sentences_hold_the_whole_text_but_its_white_space(text: str) -> None:
    spans = sentence_spans(text)
    assert "".join("".join(pieces(text, spans)).split()) == "".join(text.split())
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(piece == piece.strip() != "" for piece in pieces(text, spans))
