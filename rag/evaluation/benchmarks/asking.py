"""Questions and what asks them in, their outcomes kept one by one. A question that fails costs only itself."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.answer.engine import Engine, open_engine
from rag.answer.waiting import in_thread
from rag.errors import DatelineError, ModelError
from rag.evaluation.benchmarks.benchmark import Advance, Ask
from rag.evaluation.benchmarks.kept import Kept
from rag.evaluation.turns import AT_ONCE, GIVING_UP, in_turn
from rag.ingest.pipeline import ingest
from rag.records import Record
from rag.schema import Answer, Mode
from rag.settings import Settings
from rag.store.embeddings import MiniLM, embedder
from rag.store.store import Store, open_store

log = logging.getLogger(__name__)


async def ask_all(questions: Mapping[int, Record], ask: Ask, kept: Kept, advance: Advance, *, at_once: int) -> str:
    """Ask what has no outcome yet. Returns why it ended before the end, which a model that answers no more does."""
    waiting = [number for number in questions if number not in kept.outcomes]

    async def work(number: int) -> str:
        outcome = await _outcome(ask, questions[number], number)
        kept.put(number, outcome)
        advance(sum(number in kept.outcomes for number in questions), len(questions))
        return str(outcome["error"]) if outcome.get("without_model") else ""

    why = await in_turn(waiting, work, at_once)
    return f"The model failed {GIVING_UP} times in a row. {why}" if why else ""


async def _outcome(ask: Ask, question: Record, number: int) -> Record:
    try:
        return await ask(question)
    except ModelError as error:
        return {"error": str(error), "without_model": True}
    except DatelineError as error:
        return {"error": str(error)}
    except Exception as error:  # a fault in one question must not cost the others
        log.info("question %d failed", number, exc_info=True)  # not at once: a traceback may quote what is secret
        return {"error": f"{type(error).__name__}; run with --verbose to see more."}


async def answered(engine: Engine, question: str) -> Answer:
    """Answer a question. Raises ModelError if the model failed, since the answer says nothing about it then."""
    answer = await engine.answer(question)
    if answer.notice and answer.mode is not Mode.OPENAI:
        raise ModelError(answer.notice)
    return answer


class Alone:
    """Opens an engine for each question that reads nothing but the question's own documents."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._embedder = embedder(settings)  # loaded once for all stores
        self._reader = self._embedder if isinstance(self._embedder, MiniLM) else MiniLM(settings.cache)

    @asynccontextmanager
    async def engine(self, texts: Sequence[str]) -> AsyncIterator[Engine]:
        """Put texts into a store as the documents `texts.jsonl#1`, `#2` and so on, for as long as they are needed."""
        # whoever presses Ctrl-C does not wait for a thread, which may write into the folder once more
        with TemporaryDirectory(prefix="dateline-", ignore_cleanup_errors=True) as folder:
            own = self._settings.model_copy(update={"data": Path(folder) / "store", "chroma_url": ""})
            file = Path(folder) / "texts.jsonl"
            file.write_text("\n".join(json.dumps({"body": text}) for text in texts), encoding="utf-8")
            store = await in_thread(self._filled, own, file)
            try:
                yield open_engine(self._settings, store)  # whose folder has the ledger
            finally:
                await in_thread(store.close)

    def _filled(self, settings: Settings, file: Path) -> Store:
        opened = open_store(settings)
        store = Store(self._embedder, self._reader, opened.index, opened.catalogue)
        for unreadable in ingest([str(file)], store).failed:
            log.warning("left out: %s", unreadable.error)
        return store


def at_once(settings: Settings, with_model: bool) -> int:
    """Tell how many questions to ask at a time: a model waits more than it works."""
    return AT_ONCE if with_model and settings.has_model else 1
