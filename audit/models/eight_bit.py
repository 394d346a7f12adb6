"""A Llama's weights in eight bits, for processors that multiply such numbers fast.

Products of bytes need both factors rounded, and what a few channels of the hidden states say is
hundreds of times as large as the rest. So the states are turned first: a random rotation spreads
every channel over all, and it is undone in the weights beside them (QuaRot: Ashkboos et al. 2024,
arXiv:2404.00456). A weight is rounded by the largest of its output channel, an input by the largest
of its row. No text is needed to find the steps. docs/benchmarks.md has what it spares and changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from audit.models.graph import CONTRIB, INT8, Graph, Stored
from audit.models.processor import multiplies_bytes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FILE = "eight_bit.safetensors"
"""Lies beside a model's float32 weights, which it takes the place of, the embeddings excepted."""
TURN = "turn"
"""Name of the rotation in it (width, width): states · turn are what its weights read."""
SCALE = ".scale"
"""What is added to a weight's name for the step of each of its output channels."""
LARGEST = 127
"""The whole numbers that stand for weights and inputs reach from its negative to it."""

_READ_AFTER = {
    "input_layernorm": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "post_attention_layernorm": ("mlp.gate_proj", "mlp.up_proj"),
}
"""The products that read what a norm gives."""
_ADDED = ("self_attn.o_proj", "mlp.down_proj")
"""The products that are added to the hidden states."""
_TWO_DIGITS = "mlp.down_proj"
"""Reads products of two values, few of which are large: of what the rounding leaves of them, it
reads 127 steps more."""


def llama_weights(weights: Mapping[str, Floats], layers: int) -> dict[str, NDArray[np.generic]]:
    """The weights of a Llama, named as transformers names them, in eight bits.

    A weight is (in, out), unlike its float32. Norms have their weights moved into the products that
    read them. The output layer is always `lm_head`.
    """
    import numpy as np

    embeddings = weights["model.embed_tokens.weight"]
    width = embeddings.shape[1]
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((width, width)))
    turn = turn.astype(np.float32)
    made: dict[str, NDArray[np.generic]] = {TURN: turn}

    def after(norm: str, name: str, values: Floats) -> None:
        made[norm] = np.ones_like(weights[norm])
        made.update(_rounded(name, (values * weights[norm]) @ turn))

    for k in range(layers):
        layer = f"model.layers.{k}"
        for norm, names in _READ_AFTER.items():
            for name in (f"{layer}.{n}.weight" for n in names):
                after(f"{layer}.{norm}.weight", name, weights[name])
        for name in (f"{layer}.{n}.weight" for n in _ADDED):
            made.update(_rounded(name, turn.T @ weights[name]))
    after("model.norm.weight", "lm_head.weight", weights.get("lm_head.weight", embeddings))
    return made


def is_used(folder: Path, *, allowed: bool) -> bool:
    """Whether the model in a folder computes with them: they are there and allowed, and this
    processor is fast with them."""
    return allowed and (folder / FILE).is_file() and multiplies_bytes()


def turn_in(folder: Path) -> Floats:
    """The rotation of the model in a folder."""
    from safetensors import safe_open

    with safe_open(str(folder / FILE), framework="numpy") as file:
        turn: Floats = file.get_tensor(TURN)
    return turn


def _rounded(name: str, weight: Floats) -> dict[str, NDArray[np.generic]]:
    """A weight (out, in) as whole numbers (in, out), and the step of each output channel."""
    import numpy as np

    step = abs(weight).max(1) / LARGEST
    step[step == 0] = 1
    whole = np.rint(weight / step[:, None]).astype(np.int8)
    return {name: np.ascontiguousarray(whole.T), name + SCALE: step}


class EightBitGraph(Graph):
    """A graph whose products read weights in eight bits."""

    def __init__(self, weights: Mapping[str, Stored]) -> None:
        import numpy as np

        super().__init__(weights)
        self._rounded: set[str] = set()
        self.constant("step.0", np.array(1 / LARGEST, np.float32))
        self.constant("step.1", np.array(1 / LARGEST / (2 * LARGEST), np.float32))
        self.constant("zero", np.array(128, np.uint8))
        self.constant("least", np.array(1e-30, np.float32))

    def linear(
        self, x: str, name: str, shape: tuple[int, int], out: str, *, bias: bool = False
    ) -> None:
        """Add the product with a layer's weights, which are stored (in, out). A row depends on no
        other. ValueError if there is to be a bias."""
        if bias:
            raise ValueError(f"{name}: biases are not covered in eight bits")
        weight = self.weight(f"{name}.weight", *reversed(shape), kind=INT8)
        step = self.weight(f"{name}.weight{SCALE}", shape[0])
        products = []
        for k in range(2 if name.endswith(_TWO_DIGITS) else 1):
            self._add_digit(x, k)
            products.append(f"{out}.{k}")
            given = [f"{x}.{k}", weight, f"step.{k}", step, "zero"]
            self.node("MatMulIntegerToFloat", given, [products[-1]], domain=CONTRIB)
        shares = products[0]
        if len(products) > 1:
            shares = f"{out}.shares"
            self.node("Add", products, [shares])
        self.node("Mul", [shares, f"{x}.largest"], [out])

    def _add_digit(self, x: str, k: int) -> None:
        """Add `x.k`: the rows of x in shares of their largest value, in steps of 1 / 127, or what
        those leave in steps of a 254th of that."""
        digit = f"{x}.{k}"
        if digit in self._rounded:
            return
        self._rounded.add(digit)
        left = f"{digit}.left"
        if k == 0:
            self.node("Abs", [x], [f"{x}.sizes"])
            self.node("ReduceMax", [f"{x}.sizes"], [f"{x}.most"], axes=[-1])
            self.node("Max", [f"{x}.most", "least"], [f"{x}.largest"])
            self.node("Div", [x, f"{x}.largest"], [left])
        else:
            self.node("DequantizeLinear", [f"{x}.0", "step.0", "zero"], [f"{x}.0.said"])
            self.node("Sub", [f"{x}.0.left", f"{x}.0.said"], [left])
        self.node("QuantizeLinear", [left, f"step.{k}", "zero"], [digit])
