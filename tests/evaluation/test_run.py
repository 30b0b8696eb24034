"""A run asks everything in its order, loses only what fails, and ends when there is no point in going on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest
from pydantic import SecretStr

from rag.answer.engine import Engine
from rag.errors import UsageError
from rag.evaluation.cases import Case
from rag.evaluation.evaluate import asker
from rag.evaluation.run import Asker, Run, ask_all, without_model
from rag.evaluation.turns import AT_ONCE, GIVING_UP
from rag.schema import Answer, Filters, Mode, Query, Turn
from rag.settings import Settings
from rag.store.store import Store
from tests.evaluation.samples import FREE, OPENED, claim
from tests.gazette import open_gazette
from tests.openai_server import OpenAIServer, echoing_key, streamed

SECRET = "sk-secret-0123456789abcdef"
NO_FILTERS = Filters()
GIVEN = Answer(Query("?", "?"), Mode.OPENAI, (claim(OPENED),), usage=FREE)
REFUSED = Answer(Query("?", "?"), Mode.EXTRACTIVE, confidence=0.3)
DEAD = Answer(Query("?", "?"), Mode.EXTRACTIVE, (claim(OPENED),), notice="No server there. Made without the model.")
BOOKS = "How many books did the fire in the library of Tarn destroy?"


class Scripted:
    """An engine that does with each question what a script says, and counts how many it is asked at once."""

    def __init__(self, script: Callable[[str], Answer | Exception], waits_for: int = 1) -> None:
        self._script = script
        self._waits_for = waits_for
        self._enough = asyncio.Event()
        self.asked: list[tuple[str, Sequence[Turn], Filters]] = []
        self.running = self.most = 0

    async def answer(self, question: str, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS) -> Answer:
        self.asked.append((question, history, filters))
        self.running += 1
        self.most = max(self.most, self.running)
        if self.running >= self._waits_for:
            self._enough.set()
        async with asyncio.timeout(20):
            await self._enough.wait()
        for _ in range(20):  # time for others to begin, if there were any
            await asyncio.sleep(0)
        self.running -= 1
        found = self._script(question)
        if isinstance(found, Exception):
            raise found
        return found


def asking(engine: Scripted, daring: Scripted | None = None, *, has_model: bool = False) -> Asker:
    return Asker(cast(Engine, engine), cast(Engine, daring) if daring else None, has_model)


def questions(*texts: str) -> Run:
    return Run([Case(f"q{number}", "t", text) for number, text in enumerate(texts)])


async def test_what_is_asked_is_asked_whole_and_reported_in_order() -> None:
    history, filters = (Turn("user", "Is there a ferry?"),), Filters(outlets=("Coast Courier",))
    run = Run([Case("b", "t", "When?", history, filters), Case("a", "t", "Where?")])
    steps: list[tuple[int, int]] = []
    engine = Scripted(lambda question: GIVEN)
    await ask_all(run, asking(engine), lambda done, of: steps.append((done, of)))
    assert engine.asked == [("When?", history, filters), ("Where?", (), Filters())]
    assert [(outcome.case.id, outcome.record["id"]) for outcome in run.in_order()] == [("b", "b"), ("a", "a")]
    assert (steps, run.stopped, engine.most) == ([(1, 2), (2, 2)], "", 1)


async def test_eight_are_asked_at_once_with_a_model_and_still_reported_in_order() -> None:
    run, engine = questions(*map(str, range(20))), Scripted(lambda question: GIVEN, waits_for=AT_ONCE)
    await ask_all(run, asking(engine, has_model=True))
    assert engine.most == AT_ONCE == 8
    assert [outcome.case.id for outcome in run.in_order()] == [f"q{number}" for number in range(20)]


async def test_a_run_that_is_cut_off_has_what_came_out() -> None:
    run = questions("a", "b", "c", "d")

    def stop_after_two(done: int, of: int) -> None:
        if done == 2:
            asking_all.cancel()

    asking_all = asyncio.create_task(ask_all(run, asking(Scripted(lambda question: GIVEN)), stop_after_two))
    with pytest.raises(asyncio.CancelledError):
        await asking_all
    assert [outcome.case.id for outcome in run.in_order()] == ["q0", "q1"]


@pytest.mark.parametrize("has_model", [False, True])
async def test_a_question_that_fails_costs_only_itself(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], has_model: bool
) -> None:
    caplog.set_level(logging.ERROR)
    failing = {"b": ZeroDivisionError(f"with {SECRET}"), "d": UsageError("Ask in words."), "e": TimeoutError()}
    run = questions("a", "b", "c", "d", "e")
    await ask_all(run, asking(Scripted(lambda question: failing.get(question, GIVEN)), has_model=has_model))
    assert [outcome.error for outcome in run.in_order()] == [
        "", "ZeroDivisionError; run with --verbose to see more.", "", "Ask in words.",
        "TimeoutError; run with --verbose to see more.",
    ]  # fmt: skip
    assert [bool(outcome.record) for outcome in run.in_order()] == [True, False, True, False, False]
    assert run.stopped == ""
    assert SECRET not in caplog.text + repr(run) + "".join(capsys.readouterr())


async def test_an_abstention_is_asked_again_of_one_that_dares() -> None:
    careful, daring = Scripted(lambda question: REFUSED if question == "a" else GIVEN), Scripted(lambda question: GIVEN)
    run = questions("a", "b")
    await ask_all(run, asking(careful, daring))
    refused, given = run.in_order()
    assert (refused.record["abstained"], refused.unchecked["abstained"]) == (True, False)
    assert (given.record["abstained"], given.unchecked) == (False, {})
    assert [question for question, _, _ in daring.asked] == ["a"]


async def test_a_dead_model_stops_the_run_after_three_in_a_row() -> None:
    run, engine = questions(*"abcdefghijklmnopqrst"), Scripted(lambda question: DEAD if question > "b" else GIVEN)
    await ask_all(run, asking(engine, has_model=True))
    assert run.stopped == f"The model failed {GIVING_UP} times in a row. {DEAD.notice}"
    outcomes = run.in_order()
    assert 2 + GIVING_UP <= len(outcomes) <= 2 + GIVING_UP + AT_ONCE - 1  # those that were under way are awaited
    assert len(engine.asked) == len(outcomes)
    assert [without_model(outcome) for outcome in outcomes] == [False, False] + [True] * (len(outcomes) - 2)


async def test_a_model_that_fails_now_and_then_stops_nothing() -> None:
    for dead in ("ab", "bc", "ad", "abde"):  # one at a time: never three in a row
        run = questions(*"abcdef")
        engine = Scripted(lambda question, dead=dead: DEAD if question in dead else GIVEN)  # type: ignore[misc]
        await ask_all(run, asking(engine, has_model=True))
        assert (run.stopped, len(run.in_order())) == ("", 6)


async def test_without_a_model_a_notice_stops_nothing() -> None:
    run = questions(*"abcdef")
    await ask_all(run, asking(Scripted(lambda question: DEAD)))
    assert (run.stopped, len(run.in_order())) == ("", 6)


# --- with real engines ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(gazette: Path) -> Iterator[Store]:
    with open_gazette(gazette) as store:
        yield store


def with_model(server: OpenAIServer) -> Settings:
    return Settings.model_construct(openai_api_key=SecretStr(SECRET), openai_base_url=server.url, openai_timeout=20)


async def test_a_server_that_refuses_the_key_stops_the_run_and_the_key_is_not_told(store: Store) -> None:
    async with OpenAIServer(echoing_key(401)) as server:
        run = Run([Case(f"q{number}", "t", BOOKS) for number in range(40)])
        await ask_all(run, asker(with_model(server), store))
    assert GIVING_UP <= len(run.outcomes) < GIVING_UP + AT_ONCE
    assert run.stopped.startswith(f"The model failed {GIVING_UP} times in a row. ")
    assert all(map(without_model, run.in_order()))
    assert SECRET not in repr(run)


async def test_a_question_that_is_not_put_to_the_model_is_no_failure_of_it(store: Store) -> None:
    async with OpenAIServer(streamed('{"unanswered": "all of it"}\n{"end": true}')) as server:
        nothing_to_read = Case("q", "t", BOOKS, filters=Filters(outlets=("Nobody's Gazette",)))
        run = Run([nothing_to_read, Case("r", "t", BOOKS)])
        await ask_all(run, asker(with_model(server), store))
    assert [without_model(outcome) for outcome in run.in_order()] == [False, False]
    assert [outcome.record["mode"] for outcome in run.in_order()] == ["extractive", "openai"]


async def test_without_a_model_what_is_refused_is_known_with_its_confidence(store: Store) -> None:
    run = Run([Case("bread", "t", "How do I bake sourdough bread?"), Case("books", "t", BOOKS)])
    await ask_all(run, asker(Settings.model_construct(), store))
    bread, books = run.in_order()
    assert bread.record["abstained"]
    assert not bread.unchecked["abstained"]
    assert bread.unchecked["confidence"] == bread.record["confidence"] < books.record["confidence"]
    assert (books.record["abstained"], books.unchecked) == (False, {})
