"""Measure ingestion: how much of its time is the embedder's, and what it costs to do it again.

python -m tests.benchmarks.ingestion FOLDER_OR_FILE
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from rag.ingest.pipeline import ingest
from rag.settings import Settings, settings
from rag.store.embeddings import MiniLM, Vectors
from rag.store.pieces import Pieces
from rag.store.store import Store, open_store

P = ParamSpec("P")
T = TypeVar("T")


class TimedMiniLM(MiniLM):
    """Counts the texts it embeds and the seconds it takes."""

    seconds = 0.0
    texts = 0

    def read(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors, Pieces]]:
        self.texts += len(texts)
        found = super().read(texts)
        while True:
            begun = time.perf_counter()
            item = next(found, None)
            self.seconds += time.perf_counter() - begun
            if item is None:
                return
            yield item


def main(arguments: Sequence[str] | None = None) -> None:
    """Ingest a folder or file into an empty store, then again, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("path", help="a folder of articles, or one file")
    path = parser.parse_args(arguments).path
    with tempfile.TemporaryDirectory() as data:
        chosen = settings().model_copy(update={"data": Path(data), "chroma_url": ""})
        (first, embedding, texts), (again, _, texts_again) = measured(path, chosen), measured(path, chosen)
    print(f"{'':12}{'seconds':>10}{'embedded':>10}")
    print(f"{'first run':12}{first:10.1f}{texts:10}   {embedding / first:.1%} of the time in the embedder")
    print(f"{'second run':12}{again:10.1f}{texts_again:10}   {again / first:.1%} of the first run's time")


def measured(path: str, chosen: Settings) -> tuple[float, float, int]:
    """Ingest, and return the seconds it took, those of the embedder, and the number of texts embedded."""
    model = TimedMiniLM(chosen.cache)
    model.encode(["loaded"])
    with open_store(chosen) as opened:
        store = Store(model, model, opened.index, opened.catalogue)
        seconds = timed(ingest, [path], store)
    return seconds, model.seconds, model.texts


def timed(call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> float:
    begun = time.perf_counter()
    call(*arguments, **named)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
