"""What the tests let other processes do to a store."""

from __future__ import annotations

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from rag.ingest import pipeline
from rag.store.chroma import Chroma
from tests.store.samples import WordVectors, by_paragraph, open_small_store

SLOW_START = 60.0  # seconds that a server may take to start while all tests run at once


def processes() -> ForkServerContext:
    """Start processes from one that has imported everything already, and has nothing open."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.processes", "rag.store.llama_index"])
    return context


def started(target: Any, *arguments: Any) -> ForkServerProcess:
    process = processes().Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def ingest(data: Path, folder: Path, times: int = 1, deadly_request: int = 0, steps: Connection | None = None) -> None:
    """Ingest a folder, two passages at a time, and die by kill -9 on the way to the Chroma request of that number."""
    pipeline.PASSAGES_AT_ONCE = 2
    requests = 0
    call = Chroma.call

    def counted(self: Chroma, function: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal requests
        requests += 1
        if requests == deadly_request:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(self, function, *arguments, **named)

    Chroma.call = counted  # type: ignore[method-assign, assignment]
    with open_small_store(data) as store:
        for _ in range(times):
            pipeline.ingest([str(folder)], store, cut=by_paragraph)
    if steps:
        steps.send(requests)


def ingest_when_told(data: Path, folder: Path, url: str, told: Connection) -> None:
    """Open a store, and each time it is told to, ingest a folder; say what was embedded, and what was reported."""
    pipeline.PASSAGES_AT_ONCE = 2
    with open_small_store(data, url, SLOW_START) as store:
        told.send("ready")
        while told.recv():
            report = pipeline.ingest([str(folder)], store, cut=by_paragraph)
            assert isinstance(store.embedder, WordVectors)
            told.send((sorted(store.embedder.encoded), report))
            store.embedder.encoded.clear()


def answer(data: Path, questions: Connection, url: str = "") -> None:
    """Open a store once, and answer each word asked for with the documents found by it and by its neighbourhood."""
    with open_small_store(data, url, SLOW_START) as store:
        while word := questions.recv():
            by_word = {hit.source.document for hit in store.search({word: 1.0}, 10)}
            by_vector = {hit.source.document for hit in store.nearest(store.embedder.encode([word])[0], 10)}
            questions.send((by_word, by_vector, store.version()))
