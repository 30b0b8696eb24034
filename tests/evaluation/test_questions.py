"""What a sentence is asked about is good English, can be understood by itself, and is answered by the sentence."""

from __future__ import annotations

import pytest

from rag.evaluation.questions import questions_on

ORDINARY = {"stories", "having", "green", "guard"}


def asked(sentence: str) -> list[tuple[str, str, tuple[tuple[str, ...], ...]]]:
    return [(each.type, each.text, each.answers) for each in questions_on(sentence, ORDINARY.__contains__)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Yusuf al-Harithi met Chief Librarian Mara Tolk in Brenhaven.",
         [("factoid", "Who met Chief Librarian Mara Tolk in Brenhaven?", (("Harithi",),))]),
        ("Jonas Green also restored the library of Tarn, which had burnt down.",
         [("factoid", "Who restored the library of Tarn?", (("Jonas Green",),))]),
        ("Kaja Lindqvist said that the line to Brenhaven would open late.",
         [("who-said", "Who said that the line to Brenhaven would open late?", (("Lindqvist",),))]),
        ("Marit Solvang opened the line in Oskel on 3 June 2024.",
         [("date", "When did Marit Solvang open the line in Oskel?", (("3 June 2024",),)),
          ("date", "What happened on 3 June 2024?", (("Solvang",),)),
          ("factoid", "Who opened the line in Oskel on 3 June 2024?", (("Solvang",),))]),
        ("The Coast Guard sold 1,200 boats to Iceland in May 2025.",
         [("date", "When did the Coast Guard sell 1,200 boats to Iceland?", (("May 2025",),)),
          ("factoid", "Who sold 1,200 boats to Iceland in May 2025?", (("Coast Guard",),))]),
        ("Norway and Denmark signed the treaty in Oskel on June 3, 2024, in order to save fuel.",
         [("date", "When did Norway and Denmark sign the treaty in Oskel?", (("June 3, 2024", "3 June 2024"),)),
          ("date", "What happened on 3 June 2024?", (("Norway",), ("Denmark",))),
          ("list", "Who signed the treaty in Oskel on June 3, 2024?", (("Norway",), ("Denmark",)))]),
        ("Norway met the crews of the ferry line to Iceland in March.",  # of which year?
         [("factoid", "Who met the crews of the ferry line to Iceland in March?", (("Norway",),))]),
        ("Norway rejected the ferry treaty of Oskel of 3 June 2024.",  # who knows when
         [("factoid", "Who rejected the ferry treaty of Oskel of 3 June 2024?", (("Norway",),))]),
    ],
)  # fmt: skip
def test_a_sentence_is_asked_about_in_good_english(sentence: str, expected: list[object]) -> None:
    assert asked(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "He met the harbour director Marit Solvang in Oskel.",  # who?
        "Several crews from Oskel praised Marit Solvang of Brenhaven.",
        "They've opened the line to Brenhaven with Marit Solvang.",
        "Kaja Lindqvist said that she would open the line to Brenhaven.",
        "Kaja Lindqvist said that would help the harbour of Oskel.",  # what would?
        "Kaja Lindqvist met Mara Tolk in Brenhaven a week ago.",
        "Kaja Lindqvist met Mara Tolk in Brenhaven on Tuesday.",
        "Kaja Lindqvist defended the company in Brenhaven at length.",  # which one?
        "Kaja Lindqvist opened the new reading room of the library.",  # of which one?
        "Kaja Lindqvist praised Lindqvist Ferries of Brenhaven and the crews.",  # gives itself away
        "Marit Solvang accused of theft in Oskel left for Iceland.",  # accused nobody
        "Marit Solvang opened the line and Mara Tolk praised the crews of Oskel.",
        "Marit Solvang opened the line while Oskel lay under snow on 3 June 2024.",
        "Marit Solvang, the harbour director, opened the line in Oskel.",
        "Marit Solvang opened a big, modern harbour in Oskel for all.",
        "Marit Solvang praised the “crews of Brenhaven” for once.",
        "Stories thrilled the children of the library of Tarn.",
        "Having met Marit Solvang in Oskel the minister went home.",
        "Prime Minister praised the crews of the ferries to Oskel.",
        "Marit Solvang swam from Brenhaven to Oskel with the crews.",
        "Marit Solvang praised the crews of Brenhaven?",
        "Ferry Line\nMarit Solvang praised the crews of Brenhaven.",
        "Marit Solvang praises ferry line to Brenhaven",  # a headline
        "Kaja Lindqvist met Solvang.",
        "Marit Solvang praised the crews of Brenhaven and of Oskel" + " and of Oskel" * 8 + ".",
        "",
    ],
)
def test_what_cannot_be_asked_well_is_not_asked(sentence: str) -> None:
    assert asked(sentence) == []
