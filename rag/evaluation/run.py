"""Cases and an engine in, one outcome a case out, in their order. A question that fails costs only itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rag.answer.engine import WITHOUT_MODEL, Engine
from rag.errors import DatelineError
from rag.evaluation.cases import Case
from rag.evaluation.turns import AT_ONCE, GIVING_UP, in_turn
from rag.records import Record, answer_record
from rag.schema import Mode

log = logging.getLogger(__name__)

Advance = Callable[[int, int], None]  # how many are done, of how many


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case: the record of the answer, or why there is none."""

    case: Case
    record: Record = field(default_factory=dict)
    error: str = ""
    unchecked: Record = field(default_factory=dict)  # after an abstention: what would be answered if it always were


@dataclass
class Run:
    """What has come out so far; `stopped` says why it ended before its end."""

    cases: Sequence[Case]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    stopped: str = ""

    def in_order(self) -> list[Outcome]:
        return [self.outcomes[case.id] for case in self.cases if case.id in self.outcomes]


@dataclass(frozen=True, slots=True)
class Asker:
    """What answers: the engine in question, and for the risk at other thresholds one that never abstains."""

    engine: Engine
    daring: Engine | None
    has_model: bool


async def ask_all(run: Run, asker: Asker, advance: Advance = lambda done, found: None) -> None:
    """Ask all questions of a run and put what comes out into it.

    When the model fails several times in a row the run is stopped, since the rest would say nothing about it.
    """

    async def work(case: Case) -> str:
        outcome = run.outcomes[case.id] = await _asked(case, asker)
        advance(len(run.outcomes), len(run.cases))
        failed = asker.has_model and without_model(outcome)
        return outcome.record["notice"].removesuffix(WITHOUT_MODEL).strip() if failed else ""

    if why := await in_turn(run.cases, work, AT_ONCE if asker.has_model else 1):
        run.stopped = f"The model failed {GIVING_UP} times in a row. {why}"


def without_model(outcome: Outcome) -> bool:
    """Tell whether the answer was made without the model."""
    return bool(outcome.record) and outcome.record["mode"] != Mode.OPENAI.value and bool(outcome.record["notice"])


async def _asked(case: Case, asker: Asker) -> Outcome:
    try:
        record = await _answered(case, asker.engine)
        if asker.daring is None or not record["abstained"]:
            return Outcome(case, record)
        return Outcome(case, record, unchecked=await _answered(case, asker.daring))
    except DatelineError as error:
        return Outcome(case, error=str(error))
    except Exception as error:  # a fault in one question must not cost the others
        log.info("question %s failed", case.id, exc_info=True)  # not at once: a traceback may quote what is secret
        return Outcome(case, error=f"{type(error).__name__}; run with --verbose to see more.")


async def _answered(case: Case, engine: Engine) -> Record:
    return answer_record(await engine.answer(case.question, case.history, case.filters), case.id)
