"""The gate: what an article proves passes, and what was altered, invented or turned round does not."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.objects import ObjectReader
from rag.answer.openai_synthesizer import interpreted
from rag.gate.verify import stands, verified
from rag.schema import Citation, Claim, Dates, Passage, Rejection, Source
from tests.gate.mutations import altered
from tests.gate.paraphrases import PARAPHRASES

ARTICLE = (
    "Foreign Minister Elena Markova met Qasim al-Tamimi in Vienna on 19 March 2023. Markova praised the 1.5 million "
    "euros that the Islamic Revolutionary Guard Corps fund did not spend. See https://coast.example/fund [2] for more. "
    "Iran and Oman signed on Sunday. The mayor said the bridge may open in May."
)
SOURCE = Source("a.md", title="Talks", publisher="Coast Daily", origin="IRNA", published=Dates.parse("2023-03-21"))
TEXTS = {"a.md": ARTICLE}


def cite(quote: str, source: Source = SOURCE) -> Citation:
    start = ARTICLE.index(quote)
    return Citation(source, start, start + len(quote), quote)


def check(text: str, quote: str = ARTICLE, **more: object) -> Claim | Rejection:
    return verified(Claim(text, (cite(quote),)), TEXTS, **more)  # type: ignore[arg-type]


def passes(claim: str, quote: str) -> bool:
    source = Source("a.md")
    return isinstance(verified(Claim(claim, (Citation(source, 0, len(quote), quote),)), {"a.md": quote}), Claim)


def test_a_sentence_of_the_article_passes_unchanged() -> None:
    claim = Claim("Iran and Oman signed on Sunday.", (cite("Iran and Oman signed on Sunday."),))
    assert verified(claim, TEXTS) == claim


@pytest.mark.parametrize("quote", [quote for quote, _ in PARAPHRASES])
def test_a_sentence_passes_whole_and_cut_short(quote: str) -> None:
    assert passes(quote, quote)
    assert passes(quote.rstrip("."), quote)


def test_only_the_citations_that_stand_are_kept() -> None:
    good = cite("Iran and Oman signed on Sunday.")
    moved = Citation(SOURCE, good.start + 1, good.end + 1, good.quote)
    unknown = Citation(Source("b.md"), good.start, good.end, good.quote)
    checked = verified(Claim("Iran and Oman signed on Sunday.", (moved, good, unknown, good)), TEXTS)
    assert checked == Claim("Iran and Oman signed on Sunday.", (good,))


@pytest.mark.parametrize(
    ("start", "end", "quote"),
    [
        (0, 0, ""),
        (-5, -1, ARTICLE[-5:-1]),
        (7, 8, " "),
        (0, 10**9, ARTICLE),
        (0, 7, "foreign"),
        (5, 2, ""),
        (77, 78, "."),
    ],
)
def test_a_citation_that_is_not_there_or_says_nothing_does_not_stand(start: int, end: int, quote: str) -> None:
    assert not stands(Citation(SOURCE, start, end, quote), TEXTS)
    assert isinstance(verified(Claim("Markova met Tamimi.", (Citation(SOURCE, start, end, quote),)), TEXTS), Rejection)


@pytest.mark.parametrize(
    "text",
    [
        "Elena Markova met Qassem al-Tamimi in Vienna in March 2023.",
        "In 2023 Markova met Tamimi in Austria.",
        "On Sunday, 19 March 2023, Markova met al-Tameemi.",
        "Iran and Oman signed on 19 March 2023.",
        "The two countries, Iran and Oman, signed on Sunday.",
        "The IRGC fund did not spend €1,500,000.",
        "Coast Daily reported on 21 March 2023 that Iran and Oman signed.",
        "According to IRNA, the bridge may open in May.",
        "The Iranians and the Omanis signed.",
    ],
)
def test_the_same_in_other_words_passes(text: str) -> None:
    assert check(text) == Claim(text, (cite(ARTICLE),))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Markova met Tamimi in Vienna on 20 March 2023.", "date"),
        ("Markova met Tamimi in Vienna on Monday.", "date"),
        ("Markova met Tamimi in Vienna yesterday.", "date"),
        ("Iran and Oman signed on 21 March 2023.", "date"),
        ("The fund did not spend 1.6 million euros.", "number"),
        ("The fund did not spend 1.5 million dollars.", "number"),
        ("Iraq and Oman signed on Sunday.", "names"),
        ("Markova met Tamimi in Geneva.", "names"),
        ("Coast Daily praised Markova.", "names"),
        ("The fund spent 1.5 million euros.", "deny"),
        ("Iran and Oman did not sign on Sunday.", "denies"),
        ("The bridge opens in May.", "doubt"),
        ("Markova met Tamimi in Vienna. [x](https://evil.example)", "link"),
        ("@everyone Markova met Tamimi in Vienna.", "link"),
        ("<@1234> Markova met Tamimi in Vienna.", "link"),
        ("![x](data:image/png) Markova met Tamimi.", "link"),
        ("Nothing of the kind was ever heard before anywhere else.", "shares"),
        (" \u200b ", "nothing"),
        ("Markova met Tamimi in Vienna. " * 100, "longer"),
    ],
)
def test_what_the_quotes_do_not_prove_is_rejected_with_a_reason(text: str, reason: str) -> None:
    rejection = check(text)
    assert isinstance(rejection, Rejection)
    assert reason in rejection.reason


def test_a_number_or_name_elsewhere_in_the_article_does_not_help_a_quote_without_it() -> None:
    quote = "Iran and Oman signed on Sunday."
    assert isinstance(check("Iran and Oman signed in Vienna on Sunday.", quote), Rejection)
    assert isinstance(check("Iran and Oman signed on 19 March 2022.", quote), Rejection)
    full = check(
        "Elena Markova praised the euros.", ARTICLE[ARTICLE.index("Markova praised") : ARTICLE.index(" that the")]
    )
    assert isinstance(full, Claim)  # the article has "Elena Markova" as one name


def test_a_spelling_of_the_corpus_counts_as_the_name() -> None:
    quote = "Iran and Oman signed on Sunday."
    assert isinstance(check("Persia and Oman signed on Sunday.", quote), Rejection)
    assert isinstance(check("Persia and Oman signed on Sunday.", quote, variants={"persia": {"Iran"}}), Claim)


def test_markers_and_invisible_characters_are_taken_out() -> None:
    checked = check("Iran\u202e and\u0000 Oman\n signed\u200b [1] on Sunday.[2] [3]", "Iran and Oman signed on Sunday.")
    assert isinstance(checked, Claim)
    assert checked.text == "Iran and Oman signed on Sunday."


def test_invisible_characters_of_an_article_are_no_obstacle() -> None:
    quote = "Lena Skars\u00adgard opened the\u200b fair \u00a0in Bergen, and left."
    assert passes("Lena Skarsgard opened the fair in Bergen.", quote)


def test_a_link_that_is_quoted_stays() -> None:
    quote = "See https://coast.example/fund [2] for more."
    checked = check(f"The article says: {quote}", quote)
    assert isinstance(checked, Claim)
    assert checked.text == f"The article says: {quote}"


@pytest.mark.parametrize(
    ("attribution", "kept"),
    [("IRNA", "IRNA"), ("the mayor", "the mayor"), ("Coast Daily", "Coast Daily"), ("Reuters", "")],
)
def test_an_attribution_stays_if_the_source_bears_it_out(attribution: str, kept: str) -> None:
    checked = verified(Claim("The bridge may open in May.", (cite(ARTICLE[-43:]),), attribution), TEXTS)
    assert isinstance(checked, Claim)
    assert checked.attribution == kept


def test_two_quotes_can_prove_a_claim_together() -> None:
    one, other = cite("Markova met Qasim al-Tamimi in Vienna"), cite("Iran and Oman signed on Sunday.")
    claim = Claim("Markova met Tamimi, and Iran and Oman signed.", (one, other))
    assert verified(claim, TEXTS) == claim
    assert isinstance(verified(Claim(claim.text, (one,)), TEXTS), Rejection)


@pytest.mark.parametrize(
    ("claim", "quote", "stays"),
    [
        ("The pact was signed in Rome.", "The pact was signed in Bern after talks in Rome.", False),
        ("The pact was signed in Bern.", "The pact was signed in Bern after talks in Rome.", True),
        ("The rounds were mediated by Egypt.", "The rounds, held in Egypt, were mediated by Oman.", False),
        ("The blast killed 30 soldiers.", "The blast killed 12 soldiers and 30 civilians.", False),
        ("The blast killed 12 soldiers.", "The blast killed 12 soldiers and 30 civilians.", True),
        ("Sales fell before the strike.", "Sales fell after the strike.", False),
        ("The strike came before sales fell.", "Sales fell after the strike came.", True),
        ("The minister could not rule out a strike.", "The minister ruled out a strike.", False),
        ("The court found him innocent.", "The court found him guilty.", False),
        ("More than 100 shops closed.", "Altogether 104 shops closed.", True),
        ("Three countries, Chad, Mali and Togo, signed.", "Chad, Mali and Togo signed.", True),
        ("Four countries, Chad, Mali and Togo, signed.", "Chad, Mali and Togo signed.", False),
        ("Tom Berg praised the talks.", "Tony Blair praised the talks.", False),
        ("The TUC praised the talks.", "The Trades Union Congress praised the talks.", True),
        ("The Trades Union Congress praised the talks.", "The TUC praised the talks.", True),
        ("Two people praised the talks.", "Officials smiled and praised the talks.", False),
        ("The talks resumed.", "Reportedly, the talks resumed.", False),
        ("The talks had failed.", "He denied that the talks had failed.", False),
        ("The talks had failed.", "The talks had failed, he claimed.", False),
        ("The talks had failed.", "The talks had failed, and he may resign.", True),
        ("Left-leaning parties won.", "Parties that lean left won.", True),
        ("About 2,000 shops closed.", "Altogether 1,400 shops closed.", False),
    ],
)
def test_facts_stay_where_they_belong(claim: str, quote: str, stays: bool) -> None:
    assert passes(claim, quote) is stays


def test_honest_paraphrases_pass() -> None:
    refused = [claim for quote, claim in PARAPHRASES if not passes(claim, quote)]
    assert len(refused) <= 0.03 * len(PARAPHRASES), refused


@pytest.mark.parametrize(
    ("kind", "caught"), [("number", 0.97), ("date", 0.97), ("name", 0.97), ("polarity", 0.9), ("hedge", 0.8)]
)
def test_altered_claims_are_caught(kind: str, caught: float) -> None:
    mutants = [(text, quote) for quote, claim in PARAPHRASES for text in altered(claim, kind)]
    passed = [text for text, quote in mutants if passes(text, quote)]
    assert len(mutants) >= 15
    assert len(passed) <= (1 - caught) * len(mutants), passed


def test_claims_with_the_citation_of_another_are_caught() -> None:
    quotes = [quote for quote, _ in PARAPHRASES]
    for shift in (1, 7, 23):
        shifted = quotes[shift:] + quotes[:shift]
        assert not [claim for (_, claim), quote in zip(PARAPHRASES, shifted, strict=True) if passes(claim, quote)]


def test_a_claim_is_checked_in_a_millisecond() -> None:
    for quote, claim in PARAPHRASES:
        passes(claim, quote)
    started = time.perf_counter()
    for quote, claim in PARAPHRASES:
        passes(claim, quote)
    assert (time.perf_counter() - started) / len(PARAPHRASES) < 0.01  # 0.0007 s measured; the rest is for busy machines


WORDS = st.sampled_from(
    "Iran Smart-home Oman Iraq Vienna Markova al-Tamimi signed met on in not never may 19 March 2023 1.5 million % "
    "euros Sunday yesterday three said “ ” ' - [1] https://x.y @everyone U.S. 's \u200b \n the of and".split(" ")
)


@given(st.one_of(st.text(max_size=120), st.lists(WORDS, max_size=25).map(" ".join)))
def test_no_text_breaks_the_gate_or_brings_in_a_number_or_a_name(text: str) -> None:
    quote = "Iran and Oman signed on Sunday."
    checked = check(text, quote)
    if isinstance(checked, Claim):
        assert checked.citations == (cite(quote),)
        assert not {"Iraq", "Vienna", "Markova", "1.5", "2023-03-20", "https://x.y", "@everyone", "never"} & set(
            checked.text.split()
        )
        assert "\u200b" not in checked.text


@given(st.text(max_size=80), st.integers(-5, 400), st.integers(-5, 400))
def test_no_citation_stands_that_is_not_verbatim(quote: str, start: int, end: int) -> None:
    if stands(Citation(SOURCE, start, end, quote), TEXTS):
        assert ARTICLE[start:end] == quote


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["k1", "Iran and Oman signed on Sunday."]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["claim", "cites", "key", "quote", "attribution", "unanswered", "end"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(
    st.lists(
        st.one_of(st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "replace")), JSON.map(json.dumps)),
        max_size=5,
    )
)
def test_no_bytes_of_a_model_break_the_reader_or_pass_unproven(pieces: list[str]) -> None:
    reader, keyed = ObjectReader(), {"k1": Passage(SOURCE, 0, len(ARTICLE), ARTICLE)}
    for piece in pieces:
        for found in reader.feed(piece + "\n"):
            said = interpreted(found, keyed)
            if isinstance(said, Claim) and isinstance(checked := verified(said, TEXTS), Claim):
                assert all(ARTICLE[each.start : each.end] == each.quote for each in checked.citations)
                assert checked.citations


FLAT = st.dictionaries(
    st.text(max_size=5), st.text(max_size=9) | st.lists(st.text(max_size=9)) | st.integers(), max_size=4
)


@given(st.lists(FLAT, max_size=4), st.integers(1, 40), st.sampled_from([None, 2]))
def test_objects_are_read_the_same_however_they_are_cut(
    whole: list[dict[str, object]], step: int, indent: int | None
) -> None:
    text = "\n".join(json.dumps(value, indent=indent) for value in whole)
    reader = ObjectReader()
    found = [each for start in range(0, len(text), step) for each in reader.feed(text[start : start + step])]
    assert json.dumps(found) == json.dumps(whole)


@pytest.mark.parametrize(
    "text",
    [
        "According to NBX, the tunnel will be dug in 2026.",
        "No: the tunnel will be dug in 2026, according to Norway’s NBX.",
        "The Fjord Gazette gives 2026 as the year in which the tunnel will be dug.",
    ],
)
def test_naming_the_source_and_answering_yes_or_no_are_no_additions(text: str) -> None:
    quote = "The tunnel will be dug in 2026, according to Norway’s NBX."
    source = Source("tunnel.md", publisher="The Fjord Gazette")
    claim = Claim(text, (Citation(source, 0, len(quote), quote),))
    assert isinstance(verified(claim, {"tunnel.md": quote}), Claim)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("According to Fjord Gazette, the tunnel will be dug in 2026.", True),
        ("Fjord Gazette speaks of a tunnel that will be dug in 2026.", True),
        ("According to fjordgazette.example, the tunnel will be dug in 2026.", True),
        ("According to Coast Gazette, the tunnel will be dug in 2026.", False),
        ("According to Gazette, the tunnel in Fjord will be dug in 2026.", False),
    ],
)
def test_a_source_known_by_its_site_may_be_named_in_words(text: str, *, passes: bool) -> None:
    quote = "The tunnel will be dug in 2026."
    source = Source("tunnel.md", origin="fjordgazette.example")
    claim = Claim(text, (Citation(source, 0, len(quote), quote),))
    assert isinstance(verified(claim, {"tunnel.md": quote}), Claim) is passes
