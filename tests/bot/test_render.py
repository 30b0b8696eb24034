"""An answer becomes messages within Discord's limits: nothing is lost, and nothing formats but what the bot formats."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from bot.card import TEXT_LIMIT, Block, Card, Colour
from bot.markdown import length, safe_url, unescaped
from bot.render import MOST_CITED, MOST_PAGES, abstention_card, answer_cards, document, growing_card
from rag.answer.wording import outlet, pointed_out, published
from rag.schema import Answer, Basis, Citation, Claim, Conflict, Dates, Mode, Position, Query, Source
from tests.bot.discord_markdown import Run, read, seen, shown
from tests.bot.samples import abstentions, answers, texts

SMALL = "⁰¹²³⁴⁵⁶⁷⁸⁹"
DIGITS = str.maketrans(SMALL, "0123456789")
TRAM = Source("tram.md", "Tram reaches the harbour", "Olmst Post", url="https://olmst.example/tram")
MILL = Source(
    "mill.md", "Who pays for the mill?", "Valley Echo", published=Dates.parse("2024-05"), basis=Basis.INFERRED
)
OPENED = Citation(TRAM, 0, 27, "The tram opened on Monday.")
COST = Citation(TRAM, 40, 66, "It cost 3.5 million crowns.")
PRICE = Citation(MILL, 5, 30, "The mill cost 9 million.")


def answer(*claims: Claim, **more: object) -> Answer:
    return Answer(Query("What opened?", "What opened?"), Mode.OPENAI, claims, **more)  # type: ignore[arg-type]


def texts_of(card: Card, block: Block) -> list[str]:
    return [text.markdown for text in card.texts if text.block is block]


def uncounted(text: str) -> str:
    """Drop from the ends of lines how many outlets report what they say."""
    return re.sub(r" \(\d+ outlets\)$", "", text, flags=re.MULTILINE)


def numbers_at_end(line: str) -> list[int]:
    """Read the markers that a line ends with, which stand behind a full stop in these samples."""
    match = re.search(rf"[{SMALL}]+(?: [{SMALL}]+)*$", uncounted(line))
    return [int(number) for number in match[0].translate(DIGITS).split()] if match else []


def markers_before_outlets(text: str) -> list[list[int]]:
    """Read the markers of what sources say about the same, behind which the sources stand in brackets."""
    found = re.findall(rf"[{SMALL}]+(?: [{SMALL}]+)*(?= \()", text)
    return [[int(number) for number in marker.translate(DIGITS).split()] for marker in found]


def is_shown(part: str, whole: str) -> bool:
    """Tell whether a text is another one, or visibly its beginning."""
    part, whole = seen(part), seen(whole)
    return part == whole or (part.endswith("…") and whole.startswith(part[:-1].rstrip()))


def with_full_stops(answer: Answer) -> Answer:
    """End each claim so that a digit of its own cannot be taken for a marker."""
    claims = tuple(Claim(f"{claim.text}.", claim.citations) for claim in answer.claims)
    return Answer(**{name: getattr(answer, name) for name in Answer.__slots__} | {"claims": claims})


many = settings(max_examples=160, deadline=None)  # the first answer of a slow machine takes its time
composed = answers.map(with_full_stops)


@given(composed, texts)
@many
def test_every_card_is_within_the_limits(answer: Answer, question: str) -> None:
    cards = answer_cards(answer, question)
    assert 1 <= len(cards) <= MOST_PAGES
    for card in cards:
        assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT
        assert all(text.markdown.strip() for text in card.texts)


@given(composed)
@many
def test_claims_come_in_order_none_twice_and_none_lost(answer: Answer) -> None:
    cards = answer_cards(answer)
    lines = [line for card in cards for text in texts_of(card, Block.CLAIMS) for line in text.split("\n")]
    told = [line for line in lines if re.match(r"\d+:", line)][: len(answer.claims)]
    assert told, "an answer says something"
    said = [shown(read(uncounted(line).rstrip(SMALL + " "))) for line in told]
    assert all(is_shown(*each) for each in zip(said, [claim.text for claim in answer.claims], strict=False))
    if [seen(text) for text in said] != [seen(claim.text) for claim in answer.claims]:
        assert cards[0].attachment is not None
    if cards[0].attachment is None:
        assert len(cards) == 1


@given(composed)
@many
def test_every_marker_is_resolved_in_its_own_card_and_every_source_is_used_there(answer: Answer) -> None:
    numbers = {citation: number for number, citation in enumerate(answer.citations, start=1)}
    claims = iter(answer.claims)
    for card in answer_cards(answer):
        used: list[Citation] = []
        for line in "\n".join(texts_of(card, Block.CLAIMS)).split("\n"):
            if re.match(r"\d+:", line) and (claim := next(claims, None)):
                cited = claim.citations[:MOST_CITED]
                assert numbers_at_end(line) == [numbers[citation] for citation in cited]
                used += cited
        markers = [marker for text in texts_of(card, Block.CLAIMS) for marker in markers_before_outlets(text)]
        for conflict in (*answer.conflicts, *answer.changes):
            for position in conflict.positions:
                cited = position.citations[:MOST_CITED]
                if any(marker[-len(cited) :] == [numbers[each] for each in cited] for marker in markers):
                    used += cited
        lines = [line for text in texts_of(card, Block.SOURCES) for line in text.split("\n")]
        articles = {numbers[citation]: citation.source for citation in used}
        assert sorted(number for line in lines for number in numbers_of(line)) == sorted(articles)
        for line in lines:
            (source,) = {articles[number] for number in numbers_of(line)}
            check_source(read(line), source)
        assert len(lines) == len(set(articles.values()))


def numbers_of(line: str) -> list[int]:
    match = re.match(rf"-# ([{SMALL}]+(?: [{SMALL}]+)*) \*\*", line)
    assert match, line
    return [int(number) for number in match[1].translate(DIGITS).split()]


def check_source(runs: list[Run], source: Source) -> None:
    """Check a line of sources run by run: numbers, the outlet in bold, the date, the title as a link if it can be."""
    _, named, *rest = runs
    assert all("small" in run.kinds for run in runs)
    assert named.kinds == {"small", "bold"}
    assert is_shown(named.text, outlet(source)) or is_shown(named.text, source.document)
    assert is_shown(rest[-1].text.split(" · ", 1)[-1], source.title or source.document) or not seen(source.title)
    assert published(source) in rest[0].text
    assert {run.url for run in rest} - {""} == {safe_url(source.url)} - {""}
    assert all(run.kinds == {"small", "link"} if run.url else run.kinds == {"small"} for run in rest)


@given(composed, texts)
@many
def test_only_the_bots_own_formatting_formats(answer: Answer, question: str) -> None:
    sides = map(pointed_out, (*answer.conflicts, *answer.changes))
    bold = [question, *sides, "The sources disagree", "Answered in part"]
    names = [name for citation in answer.citations for name in (outlet(citation.source), citation.source.document)]
    allowed = {
        Block.HEADING: {"bold"},
        Block.QUESTION: {"bold"},
        Block.CLAIMS: {"bold", "italic", "list"},
        Block.SOURCES: {"bold", "small", "link"},
        Block.NOTE: {"small"},
    }
    for card in answer_cards(answer, question):
        for text in card.texts:
            for run in read(text.markdown):
                assert run.kinds <= allowed[text.block]
                if "bold" in run.kinds:
                    assert any(is_shown(run.text, name) for name in (names if text.block is Block.SOURCES else bold))
                if "italic" in run.kinds:
                    assert any(is_shown(run.text, f"Not in the articles: {part}.") for part in answer.unanswered) or (
                        run.text.startswith("Not in the articles: ")
                    )


@given(composed)
@many
def test_the_file_has_every_claim_and_every_quote_whole(answer: Answer) -> None:
    whole = document(answer)
    lines = whole.split("\n")
    said = {seen(unescaped(uncounted(line).rstrip(SMALL + " "))) for line in lines}
    assert {seen(claim.text) for claim in answer.claims} <= said
    sides = {seen(unescaped(line)) for line in lines if line.startswith("- ")}
    for number, citation in enumerate(answer.citations, start=1):
        at = next(index for index, line in enumerate(lines) if line.startswith(f"{number}. **"))
        assert seen(unescaped(lines[at + 2].removeprefix("   > "))) == seen(citation.quote)
    for conflict in (*answer.conflicts, *answer.changes):
        for position in conflict.positions:
            assert any(seen(position.says) in side for side in sides)


@given(abstentions, texts)
@many
def test_an_abstention_is_one_card_that_shows_the_nearest_there_is(answer: Answer, question: str) -> None:
    (card,) = answer_cards(answer, question)
    assert card == abstention_card(answer, question)
    assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT
    assert texts_of(card, Block.CLAIMS) == ["The articles do not answer this."]
    sources = texts_of(card, Block.SOURCES)
    assert len(sources) == (answer.nearest is not None)
    for text in sources:
        assert answer.nearest is not None
        heading, quote, source = text.split("\n")
        assert heading == "The nearest they come to it:"
        assert [run.kinds for run in read(quote)] == [{"quote"}]
        assert is_shown(shown(read(quote)), answer.nearest.quote)
        check_source([Run("", frozenset({"small"})), *read(source)], answer.nearest.source)


@given(composed)
@many
def test_a_growing_answer_begins_as_the_answer_does(answer: Answer) -> None:
    first = texts_of(answer_cards(answer)[0], Block.CLAIMS)[0]
    for claims in (answer.claims[:1], answer.claims[:3], answer.claims):
        card = growing_card(claims, "What opened?")
        assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT
        assert card.colour is Colour.PLAIN
        assert texts_of(card, Block.NOTE) == ["-# Reading on …"]
        (said,) = texts_of(card, Block.CLAIMS)
        # counted at the end only, outlets may push the last of what was said into the second message
        assert uncounted(first).startswith(said) or said.startswith(uncounted(first))


def test_an_answer_shows_its_claims_and_the_sources_that_they_cite() -> None:
    (card,) = answer_cards(answer(Claim("It opened on Monday.", (OPENED,)), Claim("It was dear.", (COST, PRICE))))
    assert [(text.block, text.markdown) for text in card.texts] == [
        (Block.CLAIMS, "It opened on Monday.¹\n\nIt was dear.² ³ (2 outlets)"),
        (
            Block.SOURCES,
            "-# ¹ ² **Olmst Post**, date unknown · [Tram reaches the harbour](<https://olmst.example/tram>)\n"
            "-# ³ **Valley Echo**, about May 2024 · Who pays for the mill?",
        ),
    ]
    assert card.colour is Colour.ANSWERED
    assert card.attachment is None


def test_a_rewrite_and_its_original_count_as_one_outlet() -> None:
    dear = Claim("It was dear.", (COST, PRICE))
    (card,) = answer_cards(answer(dear, origins={"mill.md": "tram.md"}))
    assert texts_of(card, Block.CLAIMS) == ["It was dear.¹ ²"]
    assert "It was dear.¹ ²\n" in document(answer(dear, origins={"mill.md": "tram.md"}))
    assert "It was dear.¹ ² (2 outlets)\n" in document(answer(dear))


def test_a_disagreement_names_each_side_with_its_outlet_and_date() -> None:
    sides = (Position("3.5 million", (COST,)), Position("9 million", (PRICE,)))
    (card,) = answer_cards(answer(Claim("It was dear.", (COST,)), conflicts=(Conflict("the price", sides),)))
    assert texts_of(card, Block.HEADING) == ["⇄ **The sources disagree**"]
    assert texts_of(card, Block.CLAIMS) == [
        "It was dear.¹\n\n**The sources disagree on the price**\n- 3.5 million¹ (Olmst Post, date unknown)\n"
        "- 9 million² (Valley Echo, about May 2024)"
    ]
    assert card.colour is Colour.DISAGREE


def test_a_part_that_is_not_covered_is_named() -> None:
    (card,) = answer_cards(answer(Claim("It opened.", (OPENED,)), unanswered=("who paid",)), "What, and who paid?")
    assert texts_of(card, Block.HEADING) == ["◐ **Answered in part**"]
    assert texts_of(card, Block.QUESTION) == ["**What, and who paid?**"]
    assert texts_of(card, Block.CLAIMS) == ["It opened.¹\n\n◌ *Not in the articles: who paid.*"]
    assert card.colour is Colour.PARTLY


def test_an_abstention_names_the_nearest_thing() -> None:
    (card,) = answer_cards(answer(nearest=PRICE))
    assert [text.markdown for text in card.texts] == [
        "∅ **Not in the articles**",
        "The articles do not answer this.",
        "The nearest they come to it:\n> The mill cost 9 million.\n"
        "-# **Valley Echo**, about May 2024 · Who pays for the mill?",
    ]
    assert card.colour is Colour.MISSING


def test_what_a_reader_should_know_of_dates_is_in_small_print() -> None:
    dating = "No article is dated 9 March 2025."
    [given], refused = answer_cards(answer(Claim("The tram opened.", (OPENED,)), dating=dating)), answer(dating=dating)
    for card in (given, abstention_card(refused)):
        assert any(dating in note for note in texts_of(card, Block.NOTE))


def test_a_long_answer_comes_in_parts_with_the_whole_as_a_file() -> None:
    claims = [Claim(f"Tram number {number} opened. {'It rang. ' * 20}", (OPENED,)) for number in range(40)]
    cards = answer_cards(answer(*claims, notice="The model was slow."))
    assert [texts_of(card, Block.NOTE)[-1] for card in cards] == [f"-# Part {number} of 3" for number in (1, 2, 3)]
    assert texts_of(cards[-1], Block.NOTE)[0] == "-# The model was slow."
    assert [card.attachment is not None for card in cards] == [True, False, False]


def test_more_than_can_be_shown_is_said_to_be_in_the_file() -> None:
    claims = [Claim(f"Tram number {number} opened. {'It rang. ' * 60}", (OPENED,)) for number in range(60)]
    cards = answer_cards(answer(*claims))
    assert len(cards) == MOST_PAGES
    assert texts_of(cards[-1], Block.NOTE) == ["-# The rest is in the attached file.", "-# Part 5 of 5"]
    assert cards[0].attachment is not None
    assert "Tram number 59 opened." in cards[0].attachment.content


def test_what_is_cut_anywhere_is_whole_in_the_file() -> None:
    long = "the long word " * 40
    sides = (Position("3", (COST,)), Position("9", (PRICE,)))
    claim = Claim("It opened.", (OPENED,))
    cut = [
        answer(Claim(long * 3, (OPENED,))),
        answer(claim, unanswered=(long,)),
        answer(claim, conflicts=(Conflict(long, sides),)),
        answer(claim, conflicts=(Conflict("price", (Position(long, (COST,)), sides[1])),)),
        answer(Claim("It opened.", tuple(Citation(TRAM, start, start + 1, "x") for start in range(5)))),
    ]
    assert all(answer_cards(each)[0].attachment for each in cut)
    assert answer_cards(answer(claim))[0].attachment is None


def test_extracts_say_that_they_are() -> None:
    extract = Answer(Query("q", "q"), Mode.EXTRACTIVE, (Claim("It opened.", (OPENED,)),))
    (card,) = answer_cards(extract)
    assert texts_of(card, Block.NOTE) == ["-# In the articles' own sentences, chosen without a language model."]
    assert card.colour is Colour.EXTRACT


@pytest.mark.parametrize("nothing", ["\u200b", " ", "\ufe0f\u3164"])
def test_what_shows_as_nothing_is_not_made_bold(nothing: str) -> None:
    blank = Citation(Source("tram.md", title=nothing, publisher=nothing, url="https://a.example"), 0, 1, "x")
    sides = (Position("3", (blank,)), Position("9", (PRICE,)))
    for card in answer_cards(answer(Claim("It.", (blank,)), conflicts=(Conflict(nothing, sides),)), nothing):
        assert not texts_of(card, Block.QUESTION)
        assert "****" not in "".join(text.markdown for text in card.texts)
        assert "-# ¹ **tram.md**, date unknown · [tram.md](<https://a.example>)" in texts_of(card, Block.SOURCES)[0]


def test_the_fullest_card_is_within_the_limits() -> None:
    said = "The long tram stopped at the old harbour, and at the mill, for a minute or so. "
    for count in range(1, 60):
        claims = [Claim(said, (OPENED,)) for _ in range(count)]
        full = answer(*claims, unanswered=("who paid",), notice="The model was slow. " * 40)
        for card in answer_cards(full, "What opened, and who paid? " * 20):
            assert sum(length(text.markdown) for text in card.texts) <= TEXT_LIMIT
