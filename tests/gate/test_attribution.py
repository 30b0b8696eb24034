"""What rests on somebody's word keeps them: the gate finds who it is, and turns away a claim that names another."""

from __future__ import annotations

import pytest

from rag.gate.attribution import attribution
from rag.gate.verify import verified
from rag.language.sentences import sentence_spans
from rag.schema import Citation, Claim, Rejection, Source
from tests.benchmarks.attribution import HALVES, planted

ARTICLE = (
    "The tug Corvo sank off Brekke on Monday. Captain Mia Holt said the radar had gone dark at ten. She also blamed the"
    " pilot for the course.\n\nThe agency Norda reported that Minister Piet Vos called the tug a wreck. The Brekke Post"
    " has learned that nine sailors swam ashore. The yard in Oskel shut in 2019, and unions say it may never open"
    " again.\n\nThe report says the hull was thin. Vos opened the inquiry on Friday."
)
POST = Source("corvo.md", publisher="The Brekke Post")
REWRITE = Source("corvo.md", origin="brekkepost.example")


def sentence(containing: str) -> str:
    return next(ARTICLE[start:end] for start, end in sentence_spans(ARTICLE) if containing in ARTICLE[start:end])


def check(text: str, *quotes: str, named: str = "", source: Source = POST) -> Claim | Rejection:
    starts = [(ARTICLE.index(quote), quote) for quote in quotes]
    citations = tuple(Citation(source, start, start + len(quote), quote) for start, quote in starts)
    return verified(Claim(text, citations, named), {"corvo.md": ARTICLE})


def said_by(text: str, *quotes: str, source: Source = POST) -> str:
    checked = check(text, *quotes, source=source)
    assert isinstance(checked, Claim), checked.reason
    return checked.attribution


@pytest.mark.parametrize(
    ("containing", "credit"),
    [
        ("sank off", ""),
        ("radar", "Captain Mia Holt"),
        ("She also blamed", "Captain Mia Holt"),
        ("Norda", "Minister Piet Vos, according to the agency Norda"),
        ("nine sailors", ""),
        ("The report says", "the report"),
        ("opened the inquiry", ""),
    ],
)
def test_a_quoted_sentence_is_credited_to_whoever_says_it(containing: str, credit: str) -> None:
    quote = sentence(containing)
    assert said_by(quote, quote) == credit


def test_a_rewrites_report_is_that_of_its_origin() -> None:
    quote = sentence("The report says")
    assert said_by(quote, quote, source=REWRITE) == "brekkepost.example"
    assert said_by("The hull was thin, according to brekkepost.example.", quote, source=REWRITE) == "brekkepost.example"


def test_a_claim_is_credited_by_the_part_that_it_takes_up() -> None:
    both = sentence("sank off") + " " + sentence("radar")
    assert said_by("The tug Corvo sank off Brekke on Monday.", both) == ""
    assert said_by("The radar had gone dark at ten, Mia Holt said.", both) == "Captain Mia Holt"
    assert said_by("The yard in Oskel shut in 2019.", sentence("Oskel")) == ""
    assert said_by("The yard may never open again.", sentence("Oskel")) == "unions"


def test_a_claim_that_one_of_its_quotes_states_rests_on_nobodys_word() -> None:
    stated, said = "The tug Corvo sank", "The tug Corvo sank, Holt said"
    text = f"{stated}. {said}."
    citations = tuple(
        Citation(POST, text.index(quote), text.index(quote) + len(quote), quote) for quote in (said, stated)
    )
    checked = verified(Claim("The tug called Corvo sank.", citations), {"corvo.md": text})
    assert isinstance(checked, Claim)
    assert checked.attribution == ""


@pytest.mark.parametrize(
    ("text", "containing"),
    [
        ("The radar had gone dark at ten.", "radar"),
        ("The pilot is to blame for the course.", "She also blamed"),
        ("The tug was a wreck.", "Norda"),
        ("The hull was thin.", "The report says"),
    ],
)
def test_a_claim_that_leaves_out_who_says_so_is_given_their_name(text: str, containing: str) -> None:
    quote = sentence(containing)
    assert said_by(text, quote) == said_by(quote, quote) != ""


@pytest.mark.parametrize(
    ("text", "containing"),
    [
        ("Mia Holt said the radar had gone dark at ten.", "radar"),
        ("The radar had gone dark at ten, according to the captain.", "radar"),
        ("The radar reportedly had gone dark at ten.", "radar"),
        ("The Brekke Post reports that the radar had gone dark at ten.", "radar"),
        ("Holt blamed the pilot for the course.", "She also blamed"),
        ("Vos called the tug a wreck.", "Norda"),
        ("According to Norda, the tug is a wreck.", "Norda"),
    ],
)
def test_a_claim_that_names_a_speaker_or_doubts_passes(text: str, containing: str) -> None:
    assert isinstance(check(text, sentence(containing)), Claim)


def test_whom_a_claim_is_credited_to_is_read_in_the_article_and_not_taken_over() -> None:
    credited = check("The radar had gone dark at ten.", sentence("radar"), named="Captain Ole Brandt")
    assert isinstance(credited, Claim)
    assert credited.attribution == "Captain Mia Holt"


def test_nobody_is_made_to_say_what_an_article_states() -> None:
    quote = sentence("opened the inquiry")
    stated = check("Vos opened the inquiry on Friday.", quote, named="Vos")
    assert isinstance(stated, Claim)
    assert stated.attribution == ""
    assert isinstance(check("Vos said the inquiry was opened on Friday.", quote), Rejection)
    assert isinstance(check("Vos said the radar had gone dark at ten.", sentence("radar")), Rejection)


@pytest.mark.parametrize("half", HALVES)
def test_planted_facts_are_credited_to_their_speakers_and_to_nobody_else(half: str) -> None:
    articles, facts = planted(half)
    right: dict[bool, list[bool]] = {True: [], False: []}
    for fact in facts:
        article = next(article for article in articles if fact.sentence in article["body"])
        source, start = (
            Source("a.md", publisher=article["publisher"], origin=article["origin"]),
            article["body"].index(fact.sentence),
        )
        citation = Citation(source, start, start + len(fact.sentence), fact.sentence)
        said_by = attribution(fact.sentence, (citation,), {"a.md": article["body"]})
        right[bool(fact.who)].append(fact.named_in(said_by) if fact.who else not said_by)
    assert len(right[True]) > 60 < len(right[False])
    assert sum(right[True]) >= 0.95 * len(right[True])
    assert sum(right[False]) >= 0.97 * len(right[False])


def test_what_one_article_states_plainly_is_nobody_elses_word_because_another_has_it_from_somebody() -> None:
    plain, heard = "The bridge of Orvale was closed in May.", "The bridge was closed in May, the harbour office said."
    texts = {"plain.md": plain, "heard.md": heard}
    citations = [Citation(Source(name), 0, len(text), text) for name, text in texts.items()]
    assert attribution(plain, citations, texts) == ""
    assert attribution(heard, citations, texts) != ""
