"""Settings in, what a command works with out: a store that is closed again, an engine."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rag import terminal
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.answer.engine import Engine
    from rag.store.store import Store

# Chroma, onnxruntime and their like are imported by the commands that need them: `dateline --help` is instant.


@contextmanager
def opened_store(chosen: Settings) -> Iterator[Store]:
    from rag.store.store import open_store

    gc.freeze()  # what the libraries are made of stays: the collections that closing Chroma takes need not look at it
    store = open_store(chosen)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def asked_store(articles: str | None, chosen: Settings) -> Iterator[Store]:
    """Open the store, or for as long as it is used one that holds only these articles."""
    if articles is None:
        with opened_store(chosen) as store:
            yield store
        return
    from rag.ingest.pipeline import ingest

    with TemporaryDirectory(prefix="dateline-") as folder:
        alone = chosen.model_copy(update={"data": Path(folder), "chroma_url": ""})
        with opened_store(alone) as store:
            with terminal.progress() as advance:
                report = ingest([articles], store, advance)
            terminal.show_report(asdict(report), quiet=True)
            yield store


def new_engine(chosen: Settings, store: Store) -> Engine:
    from rag.answer.engine import open_engine

    return open_engine(chosen, store)
