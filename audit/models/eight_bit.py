"""Weights in eight bits of a Llama and a BERT, for processors that multiply such numbers fast.

Products of bytes need both factors rounded. A weight is rounded by the largest of its output
channel, an input by the largest of its row. No text is needed to find the steps. docs/benchmarks.md
has what it spares and changes.

What a few channels of a Llama's hidden states say is hundreds of times as large as the rest. So the
states are turned first: a random rotation spreads every channel over all, and it is undone in the
weights beside them (QuaRot: Ashkboos et al. 2024, arXiv:2404.00456).

What goes into `down_proj` has a few large values, too, which no rotation of the states reaches. A
Hadamard matrix spreads them over blocks of 64 as the model computes, also after QuaRot. A BERT
cannot be turned, because its norms weigh each channel on the way from layer to layer. There the
matrix spreads the inputs of every product.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from audit.models.graph import CONTRIB, INT8, Graph, Stored
from audit.models.processor import multiplies_bytes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FILE = "eight_bit.safetensors"
"""Lies beside a model's float32 weights, which it takes the place of; for a BERT, those of its
products."""
TURN = "turn"
"""Name of the rotation in it (width, width): states · turn are what its weights read."""
SCALE = ".scale"
"""What is added to a weight's name for the step of each of its output channels."""
RECIPE = "8bit-2"
"""Changes whenever what is computed does: what was read by another recipe is not taken for it. If
the weights change, `audit.models.sources.CONVERSION` has to change as well."""
LARGEST = 127
"""The whole numbers that stand for weights and inputs reach from its negative to it."""
EMBEDDINGS = "model.embed_tokens.weight"
"""Name of a Llama's embeddings, as transformers has it."""
_EMBEDDED = 32
"""Values of an embedding that have one step. GGUF's Q8_0 has as many: what a GGUF file keeps so, as
the default model's does, stays as it is to the last bit."""

_READ_AFTER = {
    "input_layernorm": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "post_attention_layernorm": ("mlp.gate_proj", "mlp.up_proj"),
}
"""The products that read what a norm gives."""
_ADDED = ("self_attn.o_proj", "mlp.down_proj")
"""The products that are added to the hidden states."""
_SPREAD = ("mlp.down_proj", "self.query", "self.key", "self.value", "dense")
"""The products whose inputs are spread over blocks: one of a Llama, all of a BERT."""
_BLOCK = 64
"""Most values of a block. With 16, 32 and 64 surprisals differ from those in float32 by .105, .103
and .097 nats in the mean; spreading 250 ids takes .16, .27 and .48 ms a layer."""
_EVEN = "lm_head"
"""The product whose inputs all have a root mean square of 1, being normed."""
_EVEN_LARGEST = 4.5
"""What stands for the largest value of such a row, so that the logits need not be scaled row by
row: of 576 values that are spread evenly the largest is 3.3 in the mean."""


def llama_weights(weights: Mapping[str, Floats], layers: int) -> dict[str, NDArray[np.generic]]:
    """The weights of a Llama, named as transformers names them, in eight bits.

    A weight is (in, out), unlike its float32, and has a step for each output channel; embeddings
    are (ids, width), with a step for each 32 values, and are not turned. Norms have their weights
    moved into the products that read them. The output layer is always `lm_head`.
    """
    import numpy as np

    embeddings = weights[EMBEDDINGS]
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
        for name in (f"{layer}.{n}" for n in _ADDED):
            made.update(_rounded(f"{name}.weight", turn.T @ weights[f"{name}.weight"]))
    after("model.norm.weight", "lm_head.weight", weights.get("lm_head.weight", embeddings))
    blocks = embeddings.reshape(len(embeddings), -1, math.gcd(width, _EMBEDDED))
    whole, made[EMBEDDINGS + SCALE] = _in_steps(blocks)
    made[EMBEDDINGS] = whole.reshape(embeddings.shape)
    return made


def bert_weights(weights: Mapping[str, Floats]) -> dict[str, NDArray[np.generic]]:
    """The weights of a BERT's products, named as transformers names them, in eight bits.

    A weight is (in, out), unlike its float32.
    """
    made = {}
    for name, values in weights.items():
        if name.startswith("encoder.") and values.ndim == 2:
            made.update(_rounded(name, values))
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


@cache
def _block(width: int) -> Floats:
    """The Hadamard matrix that spreads a row of some width, block by block; its own inverse."""
    import numpy as np

    block = np.ones((1, 1), np.float32)
    while len(block) < math.gcd(width, _BLOCK):
        block = np.kron(block, np.array([[1, 1], [1, -1]], np.float32)) / np.sqrt(np.float32(2))
    return block


def _rounded(name: str, weight: Floats) -> dict[str, NDArray[np.generic]]:
    """A weight (out, in) as whole numbers (in, out), and the step of each output channel."""
    import numpy as np

    if name.removesuffix(".weight").endswith(_SPREAD):
        block = _block(weight.shape[1])
        weight = (weight.reshape(-1, len(block)) @ block).reshape(weight.shape)
    whole, steps = _in_steps(weight)
    return {name: np.ascontiguousarray(whole.T), name + SCALE: steps}


def _in_steps(values: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Rows of values as whole numbers of steps, and the step of each row."""
    import numpy as np

    steps: Floats = abs(values).max(-1) / LARGEST
    steps[steps == 0] = 1
    return np.rint(values / steps[..., None]).astype(np.int8), steps


class EightBitGraph(Graph):
    """A graph whose products read weights in eight bits."""

    def __init__(self, weights: Mapping[str, Stored]) -> None:
        import numpy as np

        super().__init__(weights)
        self._made: set[str] = set()
        self.constant("step", np.array(1 / LARGEST, np.float32))
        self.constant("step.even", np.array(_EVEN_LARGEST / LARGEST, np.float32))
        self.constant("zero", np.array(128, np.uint8))
        self.constant("columns", np.array([-1], np.int64))
        self.constant("least", np.array(1e-30, np.float32))

    def linear(
        self, x: str, name: str, shape: tuple[int, int], out: str, *, bias: bool = False
    ) -> None:
        """Add the product with a layer's weights, which are stored (in, out), and its bias. A row
        depends on no other."""
        weight = self.weight(f"{name}.weight", *reversed(shape), kind=INT8)
        step = self.weight(f"{name}.weight{SCALE}", shape[0])

        def product(of: str, in_steps: str, to: str) -> None:
            given = [of, weight, in_steps, step, "zero"]
            self.node("MatMulIntegerToFloat", given, [to], domain=CONTRIB)

        if name == _EVEN:
            self.node("QuantizeLinear", [x, "step.even", "zero"], [f"{x}.even"])
            product(f"{x}.even", "step.even", out)
            return
        if name.endswith(_SPREAD):
            x = self._add_spread(x, shape[1])
        self._add_rounded(x)
        product(f"{x}.rounded", "step", f"{out}.shares")
        whole = f"{out}.unbiased" if bias else out
        self.node("Mul", [f"{out}.shares", f"{x}.largest"], [whole])
        if bias:
            self.node("Add", [whole, self.weight(f"{name}.bias", shape[0])], [out])

    def rows(self, name: str, shape: tuple[int, int], ids: str, out: str) -> None:
        """Add the rows of a weight that some ids name, in float32."""
        size = math.gcd(shape[1], _EMBEDDED)
        whole = self.weight(name, *shape, kind=INT8)
        steps = self.weight(f"{name}{SCALE}", shape[0], shape[1] // size)
        self.node("Gather", [whole, ids], [f"{out}.whole"])
        self.node("Gather", [steps, ids], [f"{out}.steps"])
        given = [f"{out}.whole", f"{out}.steps"]
        self.node("DequantizeLinear", given, [out], axis=1, block_size=size)

    def _add_spread(self, x: str, width: int) -> str:
        """Add x spread over blocks, once; gives its name."""
        import numpy as np

        if f"{x}.spread" in self._made:
            return f"{x}.spread"
        self._made.add(f"{x}.spread")
        block = _block(width)
        self.constant(f"block.{width}", block)
        self.constant(f"blocks.{width}", np.array([-1, len(block)], np.int64))
        self.constant(f"rows.{width}", np.array([-1, width], np.int64))
        self.node("Reshape", [x, f"blocks.{width}"], [f"{x}.blocks"])
        self.node("MatMul", [f"{x}.blocks", f"block.{width}"], [f"{x}.blocks.spread"])
        self.node("Reshape", [f"{x}.blocks.spread", f"rows.{width}"], [f"{x}.spread"])
        return f"{x}.spread"

    def _add_rounded(self, x: str) -> None:
        """Add `x.rounded`, the rows of x in steps of a 127th of their largest value, and
        `x.largest`."""
        if f"{x}.rounded" in self._made:
            return
        self._made.add(f"{x}.rounded")
        self.node("Abs", [x], [f"{x}.sizes"])
        self.node("ReduceMax", [f"{x}.sizes", "columns"], [f"{x}.most"])
        self.node("Max", [f"{x}.most", "least"], [f"{x}.largest"])
        self.node("Div", [x, f"{x}.largest"], [f"{x}.parts"])
        self.node("QuantizeLinear", [f"{x}.parts", "step", "zero"], [f"{x}.rounded"])
