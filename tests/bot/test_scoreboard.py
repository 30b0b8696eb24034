"""Cards of evaluations: whatever a report holds, Discord takes them, and they show it as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.card import Card, Colour
from bot.layout import files, layout
from bot.scoreboard import BAR, FILE_LIMIT, bar, offer_card, progress_card, score_card, stopped_card
from rag.evaluation.cases import Case
from rag.evaluation.report import compared, report
from rag.evaluation.run import Outcome
from tests.bot.samples import texts
from tests.discord_server.limits import check_message

Report = dict[str, Any]


def made(names: list[str], model: str = "", error: str = "", stopped: str = "") -> Report:
    """Make a report on questions that nothing answers, each of which was refused, or failed."""
    cases = [Case(f"{name} {number}", "missing", "Who?", answerable=False) for number, name in enumerate(names)]
    found = report([Outcome(case, {} if error else refusal(model), error) for case in cases], {}, None)
    versions = {"code": "1", "embedding_model": "MiniLM", **({"model": model} if model else {})}
    run = {
        "when": "2025-06-01T09:41:00+00:00", "seconds": 12.3, "complete": not stopped, "asked": len(cases),
        "stopped": stopped or None, "versions": versions, "corpus": {"digest": "1", "articles": 5},
        "questions": {"cases": len(cases), "digest": "1"},
    }  # fmt: skip
    return {"run": run, **found, "baseline": None}


def refusal(model: str) -> Report:
    usage = {"model": model or None, "input_tokens": 1200, "output_tokens": 34, "cost_usd": 0.25} if model else {}
    return {
        "abstained": True, "mode": "openai" if model else "extractive", "notice": None, "confidence": None,
        "citations": [], "claims": [], "passages": [], "conflicts": [], "rejected": [], "answer": "",
        "usage": {"model": None, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0} | usage,
        "timings_ms": dict.fromkeys(("retrieve", "answer", "verify", "total"), 10.0),
    }  # fmt: skip


def text(card: Card) -> str:
    return "\n".join(each.markdown for each in card.texts)


def check(card: Card) -> None:
    """Check a card against Discord's documented limits; raises Refused."""
    components = layout(card).to_components()  # type: ignore[no-untyped-call]
    check_message("", [], components, {file.filename for file in files(card)}, True)


@given(st.lists(texts, min_size=1, max_size=40), texts, texts, texts)
@settings(max_examples=50, deadline=None)
async def test_discord_takes_every_scoreboard(names: list[str], model: str, error: str, stopped: str) -> None:
    before, now = made(names, model), made(names, model, error, stopped)
    check(score_card(now | {"baseline": compared(now, before)}, "<p>"))
    check(offer_card(len(names), model, before))


def test_what_others_wrote_formats_and_pings_nothing() -> None:
    hostile = "@everyone [free](https://evil.example) **news** <@1>"
    before, now = made([hostile], hostile), made([hostile], hostile, hostile, hostile)
    for card in (score_card(now | {"baseline": compared(now, before)}, ""), offer_card(1, hostile, before)):
        assert r"\[free\](https\://evil.example) \*\*news\*\*" in text(card)
        assert "@everyone" not in text(card)
        assert "](https:" not in text(card).replace(r"\](https\:", "")


def test_a_bar_grows_from_empty_to_full_with_the_questions_asked() -> None:
    bars = [bar(done, 7) for done in range(8)]
    assert bars == sorted(bars, key=lambda each: each.count("█"))
    assert (bars[0], bars[-1]) == ("░" * BAR, "█" * BAR)
    assert {len(each) for each in bars} == {BAR}


@pytest.mark.parametrize(
    ("report", "colour", "said"),
    [
        (made(["a"]), Colour.ANSWERED, "1 question, without a model"),
        (made(["a"], error="No store."), Colour.PARTLY, "1 failed and count as wrong, the first: a 0: No store."),
        (
            made(["a"], stopped="Stopped."),
            Colour.PARTLY,
            "Stopped. These are the scores of 1 question.",
        ),
        (made(["a", "b"], model="m"), Colour.ANSWERED, "**2,468 tokens, $0.50** in all"),
    ],
)
def test_what_went_wrong_is_said_and_seen(report: Report, colour: Colour, said: str) -> None:
    card = score_card(report, "<p>")
    assert card.colour is colour
    assert said in text(card)


def test_cases_that_changed_are_named_as_far_as_there_is_room() -> None:
    before, now = made(["a"] * 30), made(["a"] * 30, error="No store.")
    [worse] = lines(score_card(now | {"baseline": compared(now, before)}, ""), "worse: ")
    assert worse == "worse: a 0, a 1, a 2, a 3, a 4, a 5, a 6, a 7 and 22 more"
    [better] = lines(score_card(before | {"baseline": compared(before, now)}, ""), "better: ")
    assert better.endswith(" and 22 more")
    clear = list(lines(score_card(now | {"baseline": compared(now, before)}, ""), "-# .00 to .00"))
    assert [each.rpartition("  ")[2] for each in clear] == ["**-1.00 worse**"] * 2


def lines(card: Card, beginning: str) -> Iterator[str]:
    return (line for line in text(card).split("\n") if line.startswith(beginning))


def test_a_page_that_is_too_large_for_discord_is_left_out_which_is_said() -> None:
    whole, cut = score_card(made(["a"]), "é" * (FILE_LIMIT // 2)), score_card(made(["a"]), "é" * (FILE_LIMIT // 2 + 1))
    assert whole.attachment
    assert "too large" not in text(whole)
    assert cut.attachment is None
    assert "The page is too large for Discord" in text(cut)


def test_before_a_model_is_asked_people_see_what_that_cost_the_last_time() -> None:
    before = made(["a", "b"], model="gpt-x")
    assert text(offer_card(150, "gpt-x", before)) == (
        "**150 questions** will be sent to **gpt-x**, which may cost money.\n"
        "-# The last time, 2 questions took 2,468 tokens, $0.50."
    )
    for other in (None, made(["a"]), made(["a"], model="gpt-y")):
        assert "The last time" not in text(offer_card(150, "gpt-x", other))


def test_progress_can_be_stopped_and_what_ended_cannot() -> None:
    assert [button.label for [button] in progress_card(1, 2, 1).buttons] == ["Stop"]
    assert stopped_card(3, 20, 2).buttons == score_card(made(["a"]), "").buttons == ()
    assert text(stopped_card(3, 20, 2)).startswith(
        "I was restarted during the evaluation after 3 of 20 questions, 2 of them right."
    )
