"""A name is found however it is spelled; a slip of the finger is repaired; an ordinary word is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.words import FUNCTION_WORDS
from tests.retrieve.corpus import vocabulary

CORPUS = vocabulary()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        # as the corpus has it, with its other spellings
        ("Harithi", ("harithi",)),
        ("ghazali", ("ghazali", "qazali")),
        ("Qazali", ("qazali", "ghazali")),
        ("ferries", ("ferries",)),
        # in another transliteration
        ("Haarithy", ("harithi",)),
        ("alharithi", ("harithi",)),
        ("Ghazzali", ("ghazali", "qazali")),
        ("Ōskel", ("oskel",)),
        # mistyped: a letter left out, doubled, exchanged, or two letters the wrong way round
        ("Haldorsdottir", ("halldorsdottir",)),
        ("Lindquist", ("lindqvist",)),
        ("lindqivst", ("lindqvist",)),
        ("Solvagn", ("solvang",)),
        ("Oskle", ("oskel",)),
        ("negotaitors", ("negotiators",)),
        ("feries", ("ferries",)),
        # a little word, mistyped
        ("waht", ("what",)),
        ("teh", ("the",)),
        # nothing like it, or an ordinary word that only looks like it
        ("telescope", ()),
        ("ferry", ()),
        ("Turkey", ()),
        ("Zr", ()),
        ("", ()),
    ],
)
def test_a_word_has_the_spellings_of_the_corpus(typed: str, found: tuple[str, ...]) -> None:
    assert CORPUS.spellings(typed) == found


def test_a_short_word_is_repaired_to_a_name_only() -> None:
    corpus = vocabulary("The Oslo boat and the quay. In Oslo the boat left the quay.", "")
    assert corpus.spellings("osol") == ("oslo",)
    assert corpus.spellings("baot") == ()


def test_a_name_is_what_is_mostly_capitalised() -> None:
    corpus = vocabulary("Rose rose early. The rose is red. Solvang saw Solvang.", "")
    assert corpus.names == {"solvang", "the"}


def test_only_names_with_several_spellings_have_variants() -> None:
    assert dict(CORPUS.variants) == {"ghazali": ("ghazali", "qazali"), "qazali": ("ghazali", "qazali")}


def test_an_empty_corpus_has_no_spellings() -> None:
    empty = vocabulary("")
    assert empty.names == frozenset()
    assert empty.spellings("Solvang") == ()


@given(st.text(max_size=40))
def test_any_word_has_only_spellings_of_the_corpus_or_of_little_words(word: str) -> None:
    found = CORPUS.spellings(word)
    assert set(found) <= CORPUS.uses.keys() | FUNCTION_WORDS
    assert len(set(found)) == len(found)


@given(st.sampled_from(sorted(CORPUS.uses)))
def test_a_word_of_the_corpus_is_its_own_first_spelling(word: str) -> None:
    assert CORPUS.spellings(word.upper())[0] == word
