"""The computation of a BERT as an ONNX graph (see `audit.models.graph`), made in 10 ms.

Attention and norms are operators of ONNX. What it computes is what transformers computes (Devlin et
al. 2019, arXiv:1810.04805), to rounding; with weights in eight bits, nearly.
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
class Bert:
    """A BERT's shape and where its weights lie, all in `folder`."""

    folder: Path
    weights: Mapping[str, Stored]
    layers: int
    width: int
    inner_width: int
    heads: int
    epsilon: float
    vocabulary: int
    positions: int
    in_eight_bits: bool


def read_bert(folder: Path, *, in_eight_bits: bool = False) -> Bert:
    """The BERT in a model folder: float32, exact GELU, absolute positions, one type of segment.

    `in_eight_bits` asks for the weights of `audit.models.eight_bit`, which the folder must hold.
    Raises OSError, ValueError, KeyError or SafetensorError for a damaged folder.
    """
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = stored_in(folder / "model.safetensors")
    if in_eight_bits:
        weights |= stored_in(folder / eight_bit.FILE)
    return Bert(
        folder,
        weights,
        layers=config["num_hidden_layers"],
        width=config["hidden_size"],
        inner_width=config["intermediate_size"],
        heads=config["num_attention_heads"],
        epsilon=config["layer_norm_eps"],
        vocabulary=config["vocab_size"],
        positions=config["max_position_embeddings"],
        in_eight_bits=in_eight_bits,
    )


def encoder_graph(bert: Bert) -> bytes:
    """All layers of a BERT for texts of one segment.

    Pieces are computed one beside the other, without padding; only attention sees them in rows.

    Inputs: `ids` and `positions` (all); `cells`, where each stands in the rows, counted through
    (all); `in_cells`, which of them stands in each cell (rows, length); `sees`, whether a cell
    holds a piece, for each cell that sees it (rows, 1, length, length). Output: `pieces` (all,
    width).
    """
    import numpy as np

    g = eight_bit.EightBitGraph(bert.weights) if bert.in_eight_bits else Graph(bert.weights)
    g.constant("flat", np.array([-1, bert.width], np.int64))
    g.constant("first", np.array(0, np.int64))
    for part, rows, where in (
        ("word", bert.vocabulary, "ids"),
        ("position", bert.positions, "positions"),
        ("token_type", 2, "first"),
    ):
        table = g.weight(f"embeddings.{part}_embeddings.weight", rows, bert.width)
        g.node("Gather", [table, where], [part])
    g.node("Add", ["word", "token_type"], ["typed"])
    g.node("Add", ["typed", "position"], ["placed"])
    _add_norm(g, bert, "placed", "embeddings.LayerNorm", "0.in")
    for k in range(bert.layers):
        _add_layer(g, bert, k)
    return g.bytes(
        inputs={
            "ids": ("INT64", ("all",)),
            "positions": ("INT64", ("all",)),
            "cells": ("INT64", ("all",)),
            "in_cells": ("INT64", ("rows", "length")),
            "sees": ("BOOL", ("rows", 1, "length", "length")),
        },
        outputs={f"{bert.layers}.in": ("FLOAT", ("all", bert.width))},
    )


def _add_layer(g: Graph, bert: Bert, k: int) -> None:
    """Layer k: from `k.in` to the same of the next layer."""
    layer, square = f"encoder.layer.{k}", (bert.width, bert.width)
    for part in ("query", "key", "value"):
        g.linear(f"{k}.in", f"{layer}.attention.self.{part}", square, f"{k}.{part}.all", bias=True)
        g.in_rows(f"{k}.{part}.all", f"{k}.{part}")
    g.node(
        "Attention",
        [f"{k}.query", f"{k}.key", f"{k}.value", "sees"],
        [f"{k}.seen"],
        q_num_heads=bert.heads,
        kv_num_heads=bert.heads,
    )
    g.in_line(f"{k}.seen", f"{k}.seen.all")
    out = f"{layer}.attention.output"
    g.linear(f"{k}.seen.all", f"{out}.dense", square, f"{k}.attended", bias=True)
    _normed_sum(g, bert, f"{k}.attended", f"{k}.in", f"{out}.LayerNorm", f"{k}.middle")
    wider = (bert.inner_width, bert.width)
    g.linear(f"{k}.middle", f"{layer}.intermediate.dense", wider, f"{k}.wide", bias=True)
    g.node("Gelu", [f"{k}.wide"], [f"{k}.opened"], domain=CONTRIB)
    out = f"{layer}.output"
    g.linear(f"{k}.opened", f"{out}.dense", wider[::-1], f"{k}.added", bias=True)
    _normed_sum(g, bert, f"{k}.added", f"{k}.middle", f"{out}.LayerNorm", f"{k + 1}.in")


def _normed_sum(g: Graph, bert: Bert, x: str, onto: str, norm: str, out: str) -> None:
    """Add the sum of two values under a norm. ONNX Runtime's operator for both takes seven times as
    long."""
    g.node("Add", [x, onto], [f"{out}.sum"])
    _add_norm(g, bert, f"{out}.sum", norm, out)


def _add_norm(g: Graph, bert: Bert, x: str, norm: str, out: str) -> None:
    """Add x under a norm."""
    weights = [g.weight(f"{norm}.{part}", bert.width) for part in ("weight", "bias")]
    g.node("LayerNormalization", [x, *weights], [out], epsilon=bert.epsilon)
