"""The reader's network in torch, how it is trained, and its weights as the product reads them.

Standardised hidden states are reduced to 64 units; these, the numbers and a one, of the tokens at
WINDOW around a token, go through 96 units to the outputs: any fault, a serious fault, and the
categories, which only help to train. Outside of the sentence all is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from audit.measure.reader import NUMBER_LIMIT, NUMBERS, STATE_LIMIT
from calibration.marked import CATEGORIES, NO_FAULT, Label
from calibration.seen import Seen

WINDOW = (-2, -1, 0, 1, 2, 3)
OUTPUTS = 2 + len(CATEGORIES)
NARROW, HIDDEN = 64, 96
DROP_INPUT, DROP_INSIDE = 0.2, 0.3
RARE = -2.5
"""Log-odds of a fault that training starts from."""

AXES = 128
"""Principal axes to which each layer is reduced while the networks are trained."""
AXES_FROM = 15_000
"""Tokens that the axes are made of."""
LEAST_VARIANCE = 1e-6

EPOCHS = 9
BATCH_TOKENS = 4_000
RATE, DECAY = 1.5e-3, 0.05
WARM = 0.15
"""Share of the steps in which the rate rises."""
CATEGORY_WEIGHT = 0.3
"""Of the loss of the category, beside those of the two probabilities."""

Rows = NDArray[np.int64]


class Scales:
    """How states and numbers are standardised, and the axes that the states are reduced to.

    The axes are those of a principal component analysis of each layer, divided by the fourth root
    of their variance; in the weights they are one with the first layer of the network.
    """

    def __init__(self, seen: Seen, rows: Rows, layers: int) -> None:
        states = seen.states[rows].astype(np.float32)
        self.state_mean, self.state_sd = states.mean(0), states.std(0) + 1e-3
        numbers = seen.numbers[rows]
        self.number_mean, self.number_sd = numbers.mean(0), numbers.std(0) + 1e-3
        some = np.random.default_rng(0).permutation(rows)[:AXES_FROM]
        parts = np.split(self._standard(seen.states[some]), layers, axis=1)
        self.axes = [_axes(part) for part in parts]

    def narrowed(self, states: NDArray[np.float16]) -> NDArray[np.float32]:
        """The states along the axes."""
        some = np.array_split(states, max(len(states) // 10_000, 1))
        return np.concatenate([self._along_axes(part) for part in some])

    def beside(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """The numbers, standardised."""
        z = (numbers - self.number_mean) / self.number_sd
        return z.clip(-NUMBER_LIMIT, NUMBER_LIMIT)

    def _standard(self, states: NDArray[np.float16]) -> NDArray[np.float32]:
        z = (states.astype(np.float32) - self.state_mean) / self.state_sd
        return z.clip(-STATE_LIMIT, STATE_LIMIT)

    def _along_axes(self, states: NDArray[np.float16]) -> NDArray[np.float32]:
        parts = np.split(self._standard(states), len(self.axes), axis=1)
        return np.concatenate([p @ a for p, a in zip(parts, self.axes, strict=True)], axis=1)


def _axes(part: NDArray[np.float32]) -> NDArray[np.float32]:
    variances, vectors = np.linalg.eigh(part.T @ part / len(part))
    largest = np.maximum(variances[::-1][:AXES], LEAST_VARIANCE)
    axes: NDArray[np.float32] = (vectors[:, ::-1][:, :AXES] / largest**0.25).astype(np.float32)
    return axes


@dataclass(frozen=True, eq=False)
class Lessons:
    """Sentences laid end to end as the networks are trained on them."""

    starts: Rows
    ends: Rows
    narrowed: Tensor
    beside: Tensor
    any: Tensor
    serious: Tensor
    category: Tensor
    weight: Tensor

    def rows(self, chosen: Sequence[int] | Rows) -> Rows:
        """The rows of the tokens of the chosen sentences."""
        return np.concatenate([np.arange(self.starts[i], self.ends[i]) for i in chosen])


def lessons(seen: Seen, labels: Sequence[Label], scales: Scales) -> Lessons:
    """What is seen, standardised, with the labels."""
    starts = np.concatenate([[0], seen.ends[:-1]])
    return Lessons(
        starts,
        seen.ends,
        torch.from_numpy(scales.narrowed(seen.states)),
        torch.from_numpy(scales.beside(seen.numbers)),
        torch.tensor([float(label.any) for label in labels]),
        torch.tensor([float(label.serious) for label in labels]),
        torch.tensor([label.category for label in labels]),
        torch.tensor([label.weight for label in labels]),
    )


class Network(nn.Module):
    """One network of the ensemble."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.narrow = nn.Linear(width, NARROW)
        self.hidden = nn.Linear((NARROW + NUMBERS + 1) * len(WINDOW), HIDDEN)
        self.out = nn.Linear(HIDDEN, OUTPUTS)
        self.drop_input, self.drop_inside = nn.Dropout(DROP_INPUT), nn.Dropout(DROP_INSIDE)
        nn.init.zeros_(self.out.weight)
        nn.init.constant_(self.out.bias, RARE)

    def forward(self, narrowed: Tensor, beside: Tensor, around: Tensor) -> Tensor:
        """Log-odds of each token; `around` has the rows of its window, one too high for none."""
        narrow = functional.gelu(self.narrow(self.drop_input(narrowed)), approximate="tanh")
        one = torch.ones(len(narrow), 1)
        told = torch.cat([self.drop_inside(narrow), beside, one], 1)
        told = torch.cat([told, told.new_zeros(1, told.shape[1])])
        hidden = functional.gelu(self.hidden(told[around].flatten(1)), approximate="tanh")
        result: Tensor = self.out(self.drop_inside(hidden))
        return result


def _around(lengths: Rows) -> Tensor:
    """The rows of each token's window, for sentences laid end to end."""
    total = int(lengths.sum())
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)[:, None]
    last = first + np.repeat(lengths, lengths)[:, None]
    at = np.arange(total)[:, None] + np.array(WINDOW)
    return torch.from_numpy(np.where((at < first) | (at >= last), total, at))


def train(given: Lessons, chosen: Rows, seed: int) -> Network:
    """A network taught by the chosen sentences."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = Network(given.narrowed.shape[1])
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    lengths = given.ends - given.starts
    batches = int(np.ceil(lengths[chosen].sum() / BATCH_TOKENS)) + 2
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=batches * EPOCHS + 5, pct_start=WARM
    )
    for _ in range(EPOCHS):
        order = rng.permutation(chosen)
        batch_of = np.cumsum(lengths[order]) // BATCH_TOKENS
        for k in np.unique(batch_of):
            some = order[batch_of == k]
            rows = given.rows(some)
            logits = network(given.narrowed[rows], given.beside[rows], _around(lengths[some]))
            optimizer.zero_grad()
            _loss(logits, given, rows).backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def _loss(logits: Tensor, given: Lessons, rows: Rows) -> Tensor:
    weight = given.weight[rows]
    entropy = functional.binary_cross_entropy_with_logits
    loss = (entropy(logits[:, 0], given.any[rows], reduction="none") * weight).sum()
    loss = loss + (entropy(logits[:, 1], given.serious[rows], reduction="none") * weight).sum()
    category = given.category[rows]
    wrong = (category != NO_FAULT) & (weight > 0)
    if wrong.any():
        each = functional.cross_entropy(logits[wrong, 2:], category[wrong], reduction="none")
        loss = loss + CATEGORY_WEIGHT * (each * weight[wrong]).sum()
    return loss / weight.sum().clamp(min=1e-6)


@torch.no_grad()
def predict(network: Network, given: Lessons, chosen: Rows) -> NDArray[np.float32]:
    """Log-odds of a fault and of a serious one, for each token of the chosen sentences."""
    lengths = given.ends - given.starts
    found = [np.zeros((0, 2), np.float32)]
    for some in np.array_split(chosen, len(chosen) // 300 + 1):
        if len(some):
            rows = given.rows(some)
            logits = network(given.narrowed[rows], given.beside[rows], _around(lengths[some]))
            found.append(logits[:, :2].numpy())
    return np.concatenate(found)


def weights(networks: Sequence[Network], scales: Scales) -> dict[str, NDArray[Any]]:
    """The arrays that `audit.measure.reader.Reader` reads, without layers and calibration."""
    axes = np.zeros((len(scales.state_mean), sum(a.shape[1] for a in scales.axes)), np.float32)
    row = column = 0
    for a in scales.axes:
        axes[row : row + a.shape[0], column : column + a.shape[1]] = a
        row, column = row + a.shape[0], column + a.shape[1]
    states = [{k: v.detach().numpy() for k, v in n.state_dict().items()} for n in networks]
    found = {
        "narrow": [axes @ s["narrow.weight"].T for s in states],
        "narrow_bias": [s["narrow.bias"] for s in states],
        "hidden": [s["hidden.weight"].T for s in states],
        "hidden_bias": [s["hidden.bias"] for s in states],
        "out": [s["out.weight"].T for s in states],
        "out_bias": [s["out.bias"] for s in states],
    }
    arrays: dict[str, NDArray[Any]] = {k: np.stack(v).astype(np.float16) for k, v in found.items()}
    return arrays | {
        "state_mean": scales.state_mean,
        "state_sd": scales.state_sd,
        "number_mean": scales.number_mean,
        "number_sd": scales.number_sd,
        "window": np.array(WINDOW, np.float32),
    }
