"""Who an article has say what: speakers are found by the form of a sentence, and followed from one to the next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.facts.speech import speeches
from rag.language.sentences import sentence_spans


def heard(text: str) -> list[tuple[str, str]]:
    """List who says what, and who passes that on, sentence by sentence: two empty names where nobody is said to."""
    spans = sentence_spans(text)
    found = speeches(text, spans)
    by_sentence = [next((each for each in found if start <= each.start < end), None) for start, end in spans]
    return [(each.speaker, each.relay) if each else ("", "") for each in by_sentence]


@pytest.mark.parametrize(
    ("sentence", "speaker", "relay"),
    [
        ("Captain Mia Holt said the pump had failed.", "Captain Mia Holt", ""),
        ("The pump failed twice, Holt told the inquiry on Monday.", "Holt", ""),
        ("“The pump failed,” said Mia Holt, who sails the tug.", "Mia Holt", ""),
        ("The pump, the captain added, was never serviced.", "the captain", ""),
        ("According to the harbour office, the tug sank in an hour.", "the harbour office", ""),
        ("The tug sank in an hour, according to two divers.", "two divers", ""),
        ("In the view of engineer Piet Vos, the hull was too thin.", "engineer Piet Vos", ""),
        ("A spokeswoman for the yard, Ana Reis, denied that the hull was thin.", "Ana Reis", ""),
        ("Ana Reis, a lawyer for the yard, denied that the hull was thin.", "Ana Reis", ""),
        ("Smugglers claimed a second raid on the depot.", "Smugglers", ""),
        ("Harbour master Piet Vos: “We warned them in May.”", "Harbour master Piet Vos", ""),
        ("The yard rejected the report and said its hulls were sound.", "the yard", ""),
        ("The agency Norda reported that Vos called the tug a wreck.", "Vos", "the agency Norda"),
        ("The tug was a wreck, Vos argued, according to Norda.", "Vos", "Norda"),
        ("Norda quoted a diver as saying that the hull was torn.", "a diver", "Norda"),
        ("The report says that the crew was asleep.", "the report", ""),
        ("Mia Holt posted on her channel that the crew was awake.", "Mia Holt", ""),
    ],
)
def test_a_speaker_is_found_before_behind_and_beside_what_is_said(sentence: str, speaker: str, relay: str) -> None:
    assert heard(sentence) == [(speaker, relay)]


@pytest.mark.parametrize(
    "sentence",
    [
        "The tug Corvo sank off Brekke on Monday.",
        "The flood claimed nine lives.",
        "The council called the election for June.",
        "The yard added three slipways.",
        "The firm announced a merger with its rival.",
        "The United States opened a consulate there.",
        "Insurance claims of eleven firms were paid.",
        "The tug, built in Oskel in 1988, was towed away.",
        "Holt was told to wait.",
        "The crew is said to be safe.",
        "Holt did not say why the tug was late.",
        "The clerk noted down the hour.",
        "“The Long Swell”, a novel about tugs, sold well.",
        "The fire, which the sailors put out, ruined the galley.",
    ],
)
def test_what_an_article_states_has_no_speaker(sentence: str) -> None:
    assert heard(sentence) == [("", "")]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Mia Holt left the bridge at ten. She said the radar was dark.", "Mia Holt"),
        ("Mia Holt met the envoys of Chile. The radar, she added, was dark.", "Mia Holt"),
        ("The harbour office sent a note. It said the quay was shut.", "the harbour office"),
        ("Two divers came up at noon. They said the hull was torn.", "two divers"),
        ("Spokeswoman Ana Reis met Piet Vos. He said the hull was thin.", ""),
        ("Mia Holt said the radar was dark. A new one would cost 9,000 euros.", "Mia Holt"),
        ("Mia Holt said the radar was dark. A new one costs 9,000 euros.", ""),
        ("Mia Holt said the radar was dark.\n\nThe yard would open again in May.", ""),
        ("“The radar was dark,” Mia Holt said. “Nobody saw the rock.”", "Mia Holt"),
        ("The sailors' union said:\n\n- Each tug needs a second radar.", "the sailors' union"),
        ("The sailors' union met.\n\n- Each tug needs a second radar.", ""),
    ],
)
def test_a_speaker_is_followed_to_the_next_sentence_where_it_goes_on(text: str, last: str) -> None:
    assert heard(text)[-1] == (last, "")


def test_a_quotation_over_sentences_is_that_of_the_speaker_named_at_its_end() -> None:
    text = "“The radar was dark.\n\n“Nobody saw the rock,” Mia Holt said. The tug sank."
    assert heard(text) == [("Mia Holt", ""), ("Mia Holt", ""), ("", "")]


def test_only_what_is_said_rests_on_a_word() -> None:
    text = "The tug sank on Monday, and Holt said the radar was dark."
    (speech,) = speeches(text, sentence_spans(text))
    assert text[speech.start : speech.end].strip() == "the radar was dark."


PIECES = st.sampled_from(
    'Holt said , “ ” " : she it according to the mayor of Brekke and that would \n \n\n - . Norda who was'.split(" ")
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map(" ".join)))
def test_any_text_is_read_and_spans_stay_within_their_sentences(text: str) -> None:
    spans = sentence_spans(text)
    for speech in speeches(text, spans):
        assert speech.speaker
        assert any(start <= speech.start <= speech.end <= end for start, end in spans)
