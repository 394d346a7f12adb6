"""The computation of a Llama as an ONNX graph that reads its weights from their safetensors files.

Nothing is converted and nothing written: the graph, made anew in 20 ms whenever a model is loaded,
says at which byte of which file each weight lies, and ONNX Runtime maps those files. Norms and
attention with rotary positions are ONNX Runtime's own operators ("contrib operators", domain
com.microsoft). What it computes is what transformers computes (Touvron et al. 2023,
arXiv:2302.13971), to rounding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OPSET, _IR = 17, 8
"""Versions of the standard operators and of the file format: old enough for any ONNX Runtime."""
_CONTRIB = "com.microsoft"
_Type = tuple[str, tuple[int | str, ...]]
"""What kind of numbers a value holds, and its shape."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A weight as it lies in a file: its shape, and where its float32 values are, in bytes."""

    file: str
    shape: tuple[int, ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Llama:
    """A Llama's shape and where its weights lie, all in `folder`."""

    folder: Path
    weights: Mapping[str, Stored]
    layers: int
    width: int
    inner_width: int
    heads: int
    key_heads: int
    head_width: int
    epsilon: float
    theta: float
    vocabulary: int
    tied: bool
    positions: int


def read_llama(folder: Path) -> Llama | None:
    """The Llama in a model folder; None if the folder holds what the graph does not cover.

    Covered are Llamas without biases, with plain rotary positions, heads of a width that divides
    by 16 (the operator's condition) and float32 weights. Raises
    OSError, ValueError, KeyError or SafetensorError for a damaged folder.
    """
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    rope = config.get("rope_parameters") or {"rope_theta": config.get("rope_theta", 10000.0)}
    heads = config.get("num_attention_heads", 1)
    head_width = config.get("head_dim") or config.get("hidden_size", 0) // heads
    if (
        config.get("architectures") != ["LlamaForCausalLM"]
        or config.get("hidden_act", "silu") != "silu"
        or config.get("attention_bias")
        or config.get("mlp_bias")
        or config.get("rope_scaling")
        or rope.get("rope_type", "default") != "default"
        or head_width % 16
    ):
        return None
    files = sorted({f.resolve() for f in folder.glob("model*.safetensors")})
    stored = [_stored(file) for file in files]
    weights = {name: weight for own in stored for name, weight in (own or {}).items()}
    if not weights or None in stored or len({f.parent for f in files}) > 1:
        return None
    return Llama(
        files[0].parent,
        weights,
        layers=config["num_hidden_layers"],
        width=config["hidden_size"],
        inner_width=config["intermediate_size"],
        heads=heads,
        key_heads=config.get("num_key_value_heads") or heads,
        head_width=head_width,
        epsilon=config.get("rms_norm_eps", 1e-6),
        theta=float(rope["rope_theta"]),
        vocabulary=config["vocab_size"],
        tied=config.get("tie_word_embeddings", False),
        positions=config.get("max_position_embeddings", 2048),
    )


def _stored(file: Path) -> dict[str, Stored] | None:
    """The weights of a safetensors file; None if any is not float32.

    A file is the length of its header (8 bytes, little-endian), the header in JSON, and the values.
    """
    from safetensors import safe_open

    with safe_open(str(file), framework="numpy"):  # raises if header and size do not agree
        pass
    with file.open("rb") as f:
        size = int.from_bytes(f.read(8), "little")
        header: dict[str, Any] = json.loads(f.read(size))
    header.pop("__metadata__", None)
    if any(entry["dtype"] != "F32" for entry in header.values()):
        return None
    return {
        name: Stored(file.name, tuple(entry["shape"]), 8 + size + start, end - start)
        for name, entry in header.items()
        for start, end in (entry["data_offsets"],)
    }


def body_graph(llama: Llama, window: int) -> bytes:
    """All but the output layer, for rows and positions up to `window`.

    Ids are computed one beside the other, without padding; only attention sees them in rows.

    Inputs: `ids` (all); `cells`, where each stands in the rows, counted through (all); `in_cells`,
    which of them stands in each cell (rows, length); `positions` (rows, length); `mask` (1 or rows,
    1, length, length), added to the scores of attention to ids that do not stand later in the row;
    `last`, the last column (rows); `length`. Outputs: `hidden.0`, the embeddings, to `hidden.N`,
    each layer's, the last one normed (all, width).
    """
    import numpy as np

    g = _Graph(llama)
    turns = llama.theta ** -(np.arange(0, llama.head_width, 2, dtype=np.float32) / llama.head_width)
    angles = np.outer(np.arange(window, dtype=np.float32), turns.astype(np.float32))
    g.constant("cosines", np.cos(angles))
    g.constant("sines", np.sin(angles))
    g.constant("flat", np.array([-1, llama.heads * llama.head_width], np.int64))
    embeddings = g.weight("model.embed_tokens.weight", llama.vocabulary, llama.width)
    g.node("Gather", [embeddings, "ids"], ["hidden.0"])
    g.node(
        "SimplifiedLayerNormalization",
        ["hidden.0", g.weight("model.layers.0.input_layernorm.weight", llama.width)],
        ["0.in"],
        axis=-1,
        epsilon=llama.epsilon,
    )
    for k in range(llama.layers):
        _add_layer(g, llama, k)
    return g.bytes(
        inputs={
            "ids": ("INT64", ("all",)),
            "cells": ("INT64", ("all",)),
            "in_cells": ("INT64", ("rows", "length")),
            "positions": ("INT64", ("rows", "length")),
            "mask": ("FLOAT", ("rows_or_1", 1, "length", "length")),
            "last": ("INT32", ("rows",)),
            "length": ("INT32", ()),
        },
        outputs={f"hidden.{k}": ("FLOAT", ("all", llama.width)) for k in range(llama.layers + 1)},
    )


def _add_layer(g: _Graph, llama: Llama, k: int) -> None:
    """Layer k: from `hidden.k` and `k.in`, the same normed, to those of the next layer."""
    layer, last = f"model.layers.{k}", k + 1 == llama.layers
    all_heads, key_heads = llama.heads * llama.head_width, llama.key_heads * llama.head_width
    for part, size in (("q", all_heads), ("k", key_heads), ("v", key_heads)):
        g.linear(
            f"{k}.in", f"{layer}.self_attn.{part}_proj", (size, llama.width), f"{k}.{part}.all"
        )
        g.node("Gather", [f"{k}.{part}.all", "in_cells"], [f"{k}.{part}"])
    for part in ("q", "k"):
        given = [f"{k}.{part}", "positions", "cosines", "sines"]
        g.node("RotaryEmbedding", given, [f"{k}.{part}.turned"], domain=_CONTRIB)
    g.node(
        "GroupQueryAttention",
        [f"{k}.q.turned", f"{k}.k.turned", f"{k}.v", "", "", "last", "length", "", "", "", "mask"],
        [f"{k}.seen", f"{k}.keys", f"{k}.values"],
        domain=_CONTRIB,
        num_heads=llama.heads,
        kv_num_heads=llama.key_heads,
    )
    g.node("Reshape", [f"{k}.seen", "flat"], [f"{k}.seen.cells"])
    g.node("Gather", [f"{k}.seen.cells", "cells"], [f"{k}.seen.all"])
    out = (llama.width, all_heads)
    g.linear(f"{k}.seen.all", f"{layer}.self_attn.o_proj", out, f"{k}.attended")
    norm = f"{layer}.post_attention_layernorm.weight"
    g.normed_sum(f"{k}.attended", f"hidden.{k}", norm, f"{k}.middle", f"{k}.normed")
    wider = (llama.inner_width, llama.width)
    g.linear(f"{k}.normed", f"{layer}.mlp.gate_proj", wider, f"{k}.gate")
    g.linear(f"{k}.normed", f"{layer}.mlp.up_proj", wider, f"{k}.up")
    g.node("QuickGelu", [f"{k}.gate"], [f"{k}.opened"], domain=_CONTRIB, alpha=1.0)  # SiLU
    g.node("Mul", [f"{k}.opened", f"{k}.up"], [f"{k}.let_through"])
    narrower = (llama.width, llama.inner_width)
    g.linear(f"{k}.let_through", f"{layer}.mlp.down_proj", narrower, f"{k}.added")
    norm = "model.norm.weight" if last else f"model.layers.{k + 1}.input_layernorm.weight"
    states, normed = f"hidden.{k + 1}", f"{k + 1}.in"
    if last:
        states, normed = "unnormed", states
    g.normed_sum(f"{k}.added", f"{k}.middle", norm, states, normed)


def output_graph(llama: Llama) -> bytes:
    """The output layer: `hidden` (ids, width) to `logits` (ids, vocabulary)."""
    g = _Graph(llama)
    name = "model.embed_tokens" if llama.tied else "lm_head"
    g.linear("hidden", name, (llama.vocabulary, llama.width), "logits")
    return g.bytes(
        inputs={"hidden": ("FLOAT", ("ids", llama.width))},
        outputs={"logits": ("FLOAT", ("ids", llama.vocabulary))},
    )


class _Graph:
    """A graph as it is put together. Shapes are sizes, or names of sizes that vary."""

    def __init__(self, llama: Llama) -> None:
        self._llama = llama
        self._nodes: list[Any] = []
        self._values: list[Any] = []

    def node(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any
    ) -> None:
        """Add an operator; an empty name stands for an input or output left out."""
        from onnx.helper import make_node

        self._nodes.append(make_node(operator, inputs, outputs, **attributes))

    def linear(self, x: str, name: str, shape: tuple[int, int], out: str) -> None:
        """Add the product with a layer's weights, which are stored (out, in)."""
        self.node("Gemm", [x, self.weight(f"{name}.weight", *shape)], [out], transB=1)

    def normed_sum(self, x: str, onto: str, norm: str, sum_: str, out: str) -> None:
        """Add the sum of two values, and the same under a root-mean-square norm."""
        self.node(
            "SkipSimplifiedLayerNormalization",
            [x, onto, self.weight(norm, self._llama.width)],
            [out, "", "", sum_],
            domain=_CONTRIB,
            epsilon=self._llama.epsilon,
        )

    def constant(self, name: str, value: NDArray[Any]) -> None:
        """Add a value that stands in the graph itself."""
        from onnx.numpy_helper import from_array

        self._values.append(from_array(value, name))

    def weight(self, name: str, *shape: int) -> str:
        """Add a value that lies in a file; gives its name. ValueError if it has another shape."""
        from onnx import TensorProto

        stored = self._llama.weights[name]
        if stored.shape != shape:
            raise ValueError(f"{name} has the shape {stored.shape}, not {shape}")
        value = TensorProto(
            name=name,
            data_type=TensorProto.FLOAT,
            dims=stored.shape,
            data_location=TensorProto.EXTERNAL,
        )
        place = {"location": stored.file, "offset": stored.offset, "length": stored.length}
        for key, word in place.items():
            value.external_data.add(key=key, value=str(word))
        self._values.append(value)
        return name

    def bytes(self, inputs: Mapping[str, _Type], outputs: Mapping[str, _Type]) -> bytes:
        """The graph as ONNX Runtime reads it."""
        from onnx import TensorProto
        from onnx.helper import make_graph, make_model, make_opsetid, make_tensor_value_info

        def described(values: Mapping[str, _Type]) -> list[Any]:
            return [
                make_tensor_value_info(name, getattr(TensorProto, kind), shape)
                for name, (kind, shape) in values.items()
            ]

        graph = make_graph(
            self._nodes, "llama", described(inputs), described(outputs), self._values
        )
        versions = [make_opsetid("", _OPSET), make_opsetid(_CONTRIB, 1)]
        model = make_model(graph, opset_imports=versions, ir_version=_IR)
        return bytes(model.SerializeToString())
