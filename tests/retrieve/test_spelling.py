"""A name is found however it is spelled; a slip of the finger is repaired; an ordinary word is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.words import FUNCTION_WORDS
from rag.retrieve.spelling import SHORTEST
from tests.retrieve.corpus import TEXT, Counted, vocabulary

CORPUS = vocabulary()
FORMS = Counted.of(TEXT).uses


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


LETTERS = "abcdefghijklmnopqrstuvwxyz"


@given(st.data(), st.sampled_from(("solvang", "lindqvist", "halldorsdottir", "quota")))
def test_a_slip_anywhere_in_a_word_is_repaired(data: st.DataObject, form: str) -> None:
    corpus = vocabulary(form, "")
    at = data.draw(st.integers(0, len(form) - 1))
    letter = data.draw(st.sampled_from(LETTERS))
    before, own, behind = form[:at], form[at], form[at + 1 :]
    slips = [
        before + behind,
        before + letter + own + behind,
        before + letter + behind,
        before + behind[:1] + own + behind[1:],
    ]
    slip = data.draw(st.sampled_from([each for each in slips if len(each) >= SHORTEST]))
    assert corpus.spellings(slip) == (form,)


def test_two_slips_are_repaired_in_a_long_word_that_has_one_of_its_ends_left() -> None:
    for slip in ("lndqqvist", "xxndqvist", "lindqvixx", "lixxqvist", "lnidqqvist"):
        assert vocabulary("lindqvist", "").spellings(slip) == ("lindqvist",)
    assert vocabulary("lindqvist", "").spellings("xindqvisx") == ()


def test_of_the_forms_as_near_to_a_word_a_name_is_meant_or_the_one_that_is_used_most() -> None:
    text = "he crossed a bridge, lost a bridle and crossed a bridge"
    assert vocabulary(text, "").spellings("bridfe") == ("bridge",)
    assert vocabulary(f"{text} with Bridie", "").spellings("bridfe") == ("bridie",)


def test_a_short_word_is_repaired_to_a_name_only() -> None:
    corpus = vocabulary("The Oslo boat and the quay. In Oslo the boat left the quay.", "")
    assert corpus.spellings("osol") == ("oslo",)
    assert corpus.spellings("baot") == ()


def test_a_name_is_what_is_mostly_capitalised() -> None:
    corpus = vocabulary("Rose rose early. The rose is red. Solvang saw Solvang.", "")
    assert set(corpus.names()) == {"solvang", "the"}


def test_only_names_with_several_spellings_have_variants() -> None:
    assert dict(CORPUS.variants) == {"ghazali": ("ghazali", "qazali"), "qazali": ("ghazali", "qazali")}
    assert CORPUS.variants.get("ghazzali", ()) == ()


def test_an_empty_corpus_has_no_spellings() -> None:
    empty = vocabulary("")
    assert list(empty.names()) == []
    assert not empty.is_name("solvang")
    assert empty.spellings("Solvang") == ()


@given(st.text(max_size=40))
def test_any_word_has_only_spellings_of_the_corpus_or_of_little_words(word: str) -> None:
    found = CORPUS.spellings(word)
    assert set(found) <= FORMS.keys() | FUNCTION_WORDS
    assert len(set(found)) == len(found)


@given(st.sampled_from(sorted(FORMS)))
def test_a_word_of_the_corpus_is_its_own_first_spelling(word: str) -> None:
    assert CORPUS.spellings(word.upper())[0] == word
