"""The computation of a Llama as an ONNX graph (see `audit.models.graph`), made in 20 ms.

Attention is an operator of ONNX, norms and rotary positions are ONNX Runtime's own. What it
computes is what transformers computes (Touvron et al. 2023, arXiv:2302.13971), to rounding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.models import eight_bit
from audit.models.graph import CONTRIB, Graph, Stored, stored_in


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

    @property
    def turned(self) -> bool:
        """Whether it computes with weights in eight bits, on hidden states that are turned."""
        return eight_bit.TURN in self.weights

    def graph(self) -> Graph:
        """An empty graph that reads its weights."""
        return eight_bit.EightBitGraph(self.weights) if self.turned else Graph(self.weights)


def read_llama(folder: Path, *, in_eight_bits: bool = False) -> Llama | None:
    """The Llama in a model folder; None if the folder holds what the graph does not cover.

    Covered are Llamas without biases, with plain rotary positions, heads of a width that divides
    by 16 (the operator's condition) and float32 weights. `in_eight_bits` asks for those of
    `audit.models.eight_bit`, which the folder must hold as well. Raises
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
    weights = {name: weight for file in files for name, weight in stored_in(file).items()}
    if (
        not weights
        or not all(weight.is_float32 for weight in weights.values())
        or len({f.parent for f in files}) > 1
    ):
        return None
    if in_eight_bits:
        weights |= stored_in(files[0].with_name(eight_bit.FILE))
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
        tied=config.get("tie_word_embeddings", False) and not in_eight_bits,
        positions=config.get("max_position_embeddings", 2048),
    )


def body_graph(llama: Llama, window: int) -> bytes:
    """All but the output layer, for rows and positions up to `window`.

    Ids are computed one beside the other, without padding; only attention sees them in rows.

    Inputs: `ids` (all); `cells`, where each stands in the rows, counted through (all); `in_cells`,
    which of them stands in each cell (rows, length); `positions` (rows, length); `mask` (1 or rows,
    1, length, length), added to the scores of attention. Outputs: `hidden.0`, the embeddings, to
    `hidden.N`, each layer's, the last one normed (all, width); turned if the Llama is `turned`.
    """
    import numpy as np

    g = llama.graph()
    turns = llama.theta ** -(np.arange(0, llama.head_width, 2, dtype=np.float32) / llama.head_width)
    angles = np.outer(np.arange(window, dtype=np.float32), turns.astype(np.float32))
    g.constant("cosines", np.cos(angles))
    g.constant("sines", np.sin(angles))
    g.constant("flat", np.array([-1, llama.heads * llama.head_width], np.int64))
    embedded = "embedded" if llama.turned else "hidden.0"
    g.rows(eight_bit.EMBEDDINGS, (llama.vocabulary, llama.width), "ids", embedded)
    if llama.turned:
        turn = g.weight(eight_bit.TURN, llama.width, llama.width)
        g.node("MatMul", [embedded, turn], ["hidden.0"])
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
        },
        outputs={f"hidden.{k}": ("FLOAT", ("all", llama.width)) for k in range(llama.layers + 1)},
    )


def _add_layer(g: Graph, llama: Llama, k: int) -> None:
    """Layer k: from `hidden.k` and `k.in`, the same normed, to those of the next layer."""
    layer, last = f"model.layers.{k}", k + 1 == llama.layers
    all_heads, key_heads = llama.heads * llama.head_width, llama.key_heads * llama.head_width
    for part, size in (("q", all_heads), ("k", key_heads), ("v", key_heads)):
        g.linear(
            f"{k}.in", f"{layer}.self_attn.{part}_proj", (size, llama.width), f"{k}.{part}.all"
        )
        g.in_rows(f"{k}.{part}.all", f"{k}.{part}")
    for part in ("q", "k"):
        given = [f"{k}.{part}", "positions", "cosines", "sines"]
        g.node("RotaryEmbedding", given, [f"{k}.{part}.turned"], domain=CONTRIB)
    g.node(
        "Attention",
        [f"{k}.q.turned", f"{k}.k.turned", f"{k}.v", "mask"],
        [f"{k}.seen"],
        q_num_heads=llama.heads,
        kv_num_heads=llama.key_heads,
    )
    g.in_line(f"{k}.seen", f"{k}.seen.all")
    out = (llama.width, all_heads)
    g.linear(f"{k}.seen.all", f"{layer}.self_attn.o_proj", out, f"{k}.attended")
    norm = f"{layer}.post_attention_layernorm.weight"
    _normed_sum(g, llama, f"{k}.attended", f"hidden.{k}", norm, f"{k}.middle", f"{k}.normed")
    wider = (llama.inner_width, llama.width)
    g.linear(f"{k}.normed", f"{layer}.mlp.gate_proj", wider, f"{k}.gate")
    g.linear(f"{k}.normed", f"{layer}.mlp.up_proj", wider, f"{k}.up")
    g.node("QuickGelu", [f"{k}.gate"], [f"{k}.opened"], domain=CONTRIB, alpha=1.0)  # SiLU
    g.node("Mul", [f"{k}.opened", f"{k}.up"], [f"{k}.let_through"])
    narrower = (llama.width, llama.inner_width)
    g.linear(f"{k}.let_through", f"{layer}.mlp.down_proj", narrower, f"{k}.added")
    norm = "model.norm.weight" if last else f"model.layers.{k + 1}.input_layernorm.weight"
    states, normed = f"hidden.{k + 1}", f"{k + 1}.in"
    if last:
        states, normed = "unnormed", states
    _normed_sum(g, llama, f"{k}.added", f"{k}.middle", norm, states, normed)


def output_graph(llama: Llama) -> bytes:
    """The output layer: `hidden` (ids, width) to `logits` (ids, vocabulary)."""
    g = llama.graph()
    name = "model.embed_tokens" if llama.tied else "lm_head"
    g.linear("hidden", name, (llama.vocabulary, llama.width), "logits")
    return g.bytes(
        inputs={"hidden": ("FLOAT", ("ids", llama.width))},
        outputs={"logits": ("FLOAT", ("ids", llama.vocabulary))},
    )


def _normed_sum(g: Graph, llama: Llama, x: str, onto: str, norm: str, sum_: str, out: str) -> None:
    """Add the sum of two values, and the same under a root-mean-square norm."""
    g.node(
        "SkipSimplifiedLayerNormalization",
        [x, onto, g.weight(norm, llama.width)],
        [out, "", "", sum_],
        domain=CONTRIB,
        epsilon=llama.epsilon,
    )
