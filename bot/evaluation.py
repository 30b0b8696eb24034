"""A store and settings in, a run of the canned questions that can be watched and stopped, and its report, out."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime

from bot.baseline import keep, last_report, went_well
from rag.answer.waiting import in_thread
from rag.errors import UsageError
from rag.evaluation.evaluate import Subject, full_report, subject
from rag.evaluation.report import RIGHT
from rag.evaluation.run import Run, ask_all
from rag.evaluation.scoring import ruling
from rag.records import Record
from rag.settings import Settings
from rag.store.store import Store


class Evaluation:
    """Asks in the background, and counts what is right."""

    def __init__(self, of: Subject) -> None:
        self.found = len(of.cases)
        self.done = self.right = 0
        self._of = of
        self._run = Run(of.cases)
        self._when, self._begun = datetime.now(UTC), time.perf_counter()
        self._asking = asyncio.ensure_future(ask_all(self._run, of.asker, self._count))

    def _count(self, done: int, found: int) -> None:
        outcome = next(reversed(self._run.outcomes.values()))
        case = outcome.case
        self.done = done
        self.right += not case.draft and ruling(case, outcome.record, case.places(self._of.texts)) in RIGHT

    async def is_over(self, within: float) -> bool:
        """Wait for the end, at most so many seconds, and tell whether it has come."""
        over, _ = await asyncio.wait({self._asking}, timeout=within)
        return bool(over)

    def stop(self) -> None:
        """Ask no more."""
        if self._asking.cancel():
            self._run.stopped = "Stopped."

    async def report(self) -> Record:
        """Report on what has been asked, and keep that for the next one to be compared with if all went well."""
        with suppress(asyncio.CancelledError):  # it was stopped
            self._asking.result()
        return await in_thread(self._reported, time.perf_counter() - self._begun)

    def _reported(self, seconds: float) -> Record:
        settings = self._of.settings
        report = full_report(self._of, self._run, self._when, seconds, last_report(settings))
        if went_well(report):
            keep(report, settings)
        return report


async def prepared(store: Store, settings: Settings) -> Subject:
    """Read what is to be evaluated. Raises UsageError for questions that make no sense, EmptyStoreError."""
    try:
        return await in_thread(subject, [settings.questions], store, settings)
    except UsageError as error:
        raise UsageError(f"{error} They are in the file that DATELINE_QUESTIONS names.") from None


def page(report: Record) -> str:
    """Write a report as a page. What this imports takes a while."""
    from rag.evaluation.page import html

    return html(report)
