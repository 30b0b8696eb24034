"""The report of the last evaluation that went well, kept beside the store for the next to be compared with."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from rag.evaluation.evaluate import is_report
from rag.records import Record
from rag.settings import Settings

log = logging.getLogger(__name__)


def went_well(report: Record) -> bool:
    """Tell whether all questions were asked, and answered by what should answer them."""
    failed = any(case["error"] for case in report["cases"])
    return bool(report["run"]["complete"]) and not report["without_model"] and not failed


def last_report(settings: Settings) -> Record | None:
    """Read the report of the last run that went well, if there is one that this version can read."""
    try:
        report: Record = json.loads(kept_in(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("the last evaluation cannot be read: %s", error)
        return None
    return report if is_report(report) else None


def keep(report: Record, settings: Settings) -> None:
    """Keep a report, without what it was itself compared with, in place of the last."""
    file = kept_in(settings)
    beside = file.with_suffix(".new")
    text = json.dumps({**report, "baseline": None}, ensure_ascii=False)
    try:
        file.parent.mkdir(exist_ok=True)
        beside.write_text(text, encoding="utf-8", errors="backslashreplace")
        os.replace(beside, file)
    except OSError as error:  # the scores are good all the same
        log.warning("the evaluation cannot be kept: %s", error)


def kept_in(settings: Settings) -> Path:
    return settings.data / "evaluations" / "last.json"
