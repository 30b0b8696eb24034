"""A benchmark's file of articles in, a store with them out, which is kept for the next time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import UsageError
from rag.evaluation.benchmarks.benchmark import Advance
from rag.ingest.pipeline import Report, ingest
from rag.settings import Settings
from rag.store.store import Store, open_store


@contextmanager
def ingested(articles: Path, settings: Settings, advance: Advance) -> Iterator[tuple[Store, Report]]:
    """Bring the store of `settings` in line with a file, and open it. Raises UsageError if an article is unreadable."""
    settings.data.mkdir(parents=True, exist_ok=True)
    own = settings.data / articles.name  # wherever the benchmark is, so that what is gone is taken out
    shutil.copyfile(articles, own)
    with open_store(settings) as store:
        report = ingest([str(own)], store, advance)
        if report.failed:
            raise UsageError(f"{articles}: {report.failed[0].error} Get the benchmark anew.")
        yield store, report


def own_settings(settings: Settings, *names: str) -> Settings:
    """Keep a benchmark's store apart from the team's: in a folder of its own below the data."""
    return settings.model_copy(update={"data": settings.data.joinpath("benchmarks", *names), "chroma_url": ""})
