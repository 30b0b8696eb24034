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
from tests.benchmarks.gate import caught, measured, planted, refused

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


def test_a_sentence_passes_whole_and_cut_short() -> None:
    quotes = {citation.quote for each in planted("dev") for citation in each.claim.citations}
    assert not [quote for quote in quotes if not (passes(quote, quote) and passes(quote.rstrip("."), quote))]


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
    checked = check(text)
    assert isinstance(checked, Claim)
    assert (checked.text, checked.citations) == (text, (cite(ARTICLE),))


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


@pytest.mark.parametrize(("half", "floor"), [("held-out", 0.97), ("third-held-out", 0.89)])
def test_altered_claims_are_caught_and_honest_ones_pass(half: str, floor: float) -> None:
    outcomes = measured(half)  # floors, a little under what `python -m tests.benchmarks.gate` gives
    assert refused(outcomes) <= 0.11
    assert caught(outcomes) >= 0.93
    assert min(caught(outcomes, kind) for kind in ("number", "date", "name", "place", "citation")) >= floor


def test_a_date_to_come_is_the_next_one() -> None:
    source = Source("a.md", published=Dates.parse("2024-08-02"))
    text = "The union may block the harbour from Monday, and the fair opened on Sunday."
    dated = {
        day: verified(Claim(claim, (Citation(source, 0, len(text), text),)), {"a.md": text})
        for day, claim in {
            "5 August": "The union may block the harbour from 5 August 2024.",
            "12 August": "The union may block the harbour from 12 August 2024.",
            "28 July": "The fair opened on 28 July 2024.",
        }.items()
    }
    assert [day for day, checked in dated.items() if isinstance(checked, Claim)] == ["5 August", "28 July"]


def test_a_pronoun_may_be_a_name_of_the_sentence_before() -> None:
    text = "Tom Berg met Ann Ray. Milena Orsic won the vote. She refused to speak."
    quote = "She refused to speak."
    citation = Citation(Source("a.md"), text.index(quote), len(text), quote)
    assert isinstance(verified(Claim("Orsic refused to speak.", (citation,)), {"a.md": text}), Claim)
    assert isinstance(verified(Claim("Tom Berg refused to speak.", (citation,)), {"a.md": text}), Rejection)


def test_honest_claims_that_the_rules_were_made_on_pass() -> None:
    claims = list(planted("dev"))
    assert len([each for each in claims if isinstance(each.checked, Rejection)]) <= 0.04 * len(claims)


@pytest.mark.parametrize(
    ("claim", "quote", "stays"),
    [
        ("The port has 30 cranes.", "The port has 30 000 cranes.", False),
        ("The port has 30,000 cranes.", "The port has 30 000 cranes.", True),
        ("Between 20 and 30 shops closed.", "Some 20 to 30 shops closed.", True),
        ("Some 20 to 40 shops closed.", "Some 20 to 30 shops closed.", False),
        ("More than 30 shops closed.", "Between 20 and 30 shops closed.", False),
        ("At least 30 shops closed.", "Some 20-30 shops closed.", False),
        ("At least 20 shops closed.", "Some 20-30 shops closed.", True),
        ("At most 30 percent of shops closed.", "Some 20-30 % of shops closed.", True),
        ("At most nine shops closed.", "At least nine shops closed.", False),
        ("Nine or more shops closed.", "At least nine shops closed.", True),
        ("Fewer than nine shops closed.", "Over nine shops closed.", False),
        ("More than 20 million euros were spent.", "The shops spent 15 to 20 million euros.", False),
        ("The fare rose from 9 to 8 euros.", "The fare rose from 8 to 9 euros.", False),
        ("A third of the shops closed.", "One third of the shops closed.", True),
        ("Half of the shops closed.", "A third of the shops closed.", False),
        ("The shops earn 9 euros a month.", "The shops earn 9 euros a week.", False),
        ("All shops closed.", "Some shops closed.", False),
        ("Only shops closed.", "Shops closed.", False),
        ("The shops will open after 3 May.", "The shops will open by 3 May.", False),
        ("The shops open by 3 May at the latest.", "The shops open no later than 3 May.", True),
        ("Ann had a meeting with Bob Ray.", "Ann had a meeting with Kim, the Speaker, and with Bob Ray.", True),
        ("After the photo was taken, he met Ann.", "The photo was taken before he met Ann.", True),
        ("Before the photo was taken, he met Ann.", "The photo was taken before he met Ann.", False),
        (
            "It left the waters of Chad, Mali's army said.",
            "It left the waters of Chad, Mali's army said in Bern.",
            True,
        ),
        ("Ann will sell the shop.", "Ann may sell the shop.", False),
        ("Ann sold the shop.", "Ann has agreed to sell the shop.", False),
        ("Nobody was hurt, but ten shops closed.", "Ten shops closed; nobody was hurt.", True),
        ("Ten shops did not close.", "Ten shops closed, but nobody was hurt.", False),
        ("The shops are unlikely to close.", "The shops are likely to close.", False),
    ],
)
def test_bounds_order_extent_and_certainty_are_kept(claim: str, quote: str, *, stays: bool) -> None:
    assert passes(claim, quote) is stays


def test_a_claim_is_checked_in_milliseconds() -> None:
    claims = list(planted("dev"))
    assert any(isinstance(each.checked, Claim) for each in claims)  # what is built once is not to count
    started = time.perf_counter()
    for each in claims:
        each.checked  # noqa: B018
    assert (time.perf_counter() - started) / len(claims) < 0.02  # 0.003 s measured; the rest is for busy machines


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
