"""Gradient-boosted trees as data: read from JSON, applied with numpy, no pickle anywhere.

The trees are those of scikit-learn's HistGradientBoostingClassifier (Friedman 2001; Ke et al.
2017): a value goes left if it is at most the threshold; NaN goes where training sent it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from audit.model import Language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


LARGEST = 1e300
"""Stands for an infinite threshold (only NaN goes right), which JSON cannot hold."""


TOGETHER = 512
"""Rows that go through all trees at once: some 3 MB for 200 trees."""

MOST_LEAVES = 32
"""Leaves of a tree: as many as there are bits for those that are still possible."""

_ALL = (1 << MOST_LEAVES) - 1


@dataclass(frozen=True)
class Trees:
    """The inner nodes of many trees, a line for each node and a column for each tree, and the
    leaves, a line for each tree, from left to right. Trees with fewer nodes end in nodes that rule
    out nothing."""

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    right: NDArray[np.uint32]
    """The leaves that remain where the condition fails, a bit each: all but those on the left."""
    value: NDArray[np.float64]


@dataclass(frozen=True)
class Forest:
    """A sum of trees in log-odds, over columns known by name.

    Nobody walks from node to node: every condition of a tree is asked, each that fails rules out
    the leaves on its left, and the first leaf that remains is the row's (QuickScorer, Lucchese et
    al. 2015).
    """

    columns: tuple[str, ...]
    baseline: float
    trees: Trees

    def probability(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of each row; columns in the order of `columns`."""
        import numpy as np

        odds = np.full(len(table), self.baseline)
        for at in range(0, len(table), TOGETHER):
            part = odds[at : at + TOGETHER]
            for values in self._leaves(table[at : at + TOGETHER]):
                part += values
        result: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-odds))
        return result

    def _leaves(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        """The values of the leaves that rows fall into, a line for each tree."""
        import numpy as np

        trees = self.trees
        columns = table.T.astype(np.float64)
        # of every column as it is, where NaN goes right, and with NaN below all thresholds
        columns = np.concatenate([columns, np.where(np.isnan(columns), -np.inf, columns)])
        features = trees.feature + len(self.columns) * trees.missing_left
        every = np.uint32(_ALL)
        possible = np.full((len(trees.value), len(table)), every)
        for feature, threshold, right in zip(features, trees.threshold, trees.right, strict=True):
            holds = columns[feature] <= threshold[:, None]
            possible &= np.where(holds, every, right[:, None])
        first = np.bitwise_count((possible & -possible) - np.uint32(1))
        found: NDArray[np.float64] = np.take_along_axis(trees.value, first.astype(np.intp), 1)
        return found


@cache
def trained_forest(language: Language, name: str, columns: tuple[str, ...]) -> Forest | None:
    """A trained forest of a language, read once; None if none was trained.

    Raises ValueError if it was trained on other columns than these.
    """
    data = language.trained(name)
    if data is None:
        return None
    found = loads(data)
    if found.columns != columns:
        raise ValueError(f"{name} was trained on other columns; make it again by its script")
    return found


def loads(data: Mapping[str, Any]) -> Forest:
    """A forest from what `dumps` wrote. Raises KeyError if something is missing, ValueError if a
    tree has too many leaves or other branches than those after it."""
    return Forest(tuple(data["columns"]), float(data["baseline"]), _trees(data["trees"]))


def _trees(trees: Sequence[Mapping[str, Any]]) -> Trees:
    import numpy as np

    leaves = [[v for v, f in zip(t["value"], t["feature"], strict=True) if f < 0] for t in trees]
    if (most := max(map(len, leaves))) > MOST_LEAVES:
        raise ValueError(f"a tree has {most} leaves, more than {MOST_LEAVES}")
    nothing = (0, 0.0, 0, _ALL)
    nodes = [[*_nodes(t), *[nothing] * most][: most - 1] for t in trees]
    value = np.array([[*values, *[0.0] * most][:most] for values in leaves])
    feature, threshold, missing_left, right = np.array(nodes).T.reshape(4, most - 1, len(trees))
    return Trees(
        feature.astype(np.int64),
        threshold,
        missing_left.astype(np.bool_),
        right.astype(np.uint32),
        value,
    )


def _nodes(tree: Mapping[str, Any]) -> Iterator[tuple[int, float, int, int]]:
    """The inner nodes of a tree: feature, threshold, whether NaN goes left, and which leaves remain
    where the condition fails."""
    before = list(accumulate((f < 0 for f in tree["feature"]), initial=0))
    columns = (tree[name] for name in ("feature", "threshold", "missing_left", "left", "right"))
    for i, (feature, threshold, missing_left, left, right) in enumerate(zip(*columns, strict=True)):
        if feature < 0:
            continue
        if left != i + 1:
            raise ValueError("a left branch does not follow its node")
        lost = (1 << before[right]) - (1 << before[i])
        yield feature, threshold, missing_left, _ALL ^ lost


def dumps(classifier: Any, columns: Sequence[str]) -> dict[str, Any]:
    """What a fitted binary HistGradientBoostingClassifier knows, as plain data."""
    trees = []
    for (predictor,) in classifier._predictors:
        nodes = predictor.nodes
        leaf = nodes["is_leaf"].astype(bool)
        trees.append(
            {
                "feature": [
                    -1 if end else int(f) for f, end in zip(nodes["feature_idx"], leaf, strict=True)
                ],
                "threshold": [min(float(t), LARGEST) for t in nodes["num_threshold"]],
                "left": nodes["left"].tolist(),
                "right": nodes["right"].tolist(),
                "missing_left": [int(m) for m in nodes["missing_go_to_left"]],
                "value": [round(float(v), 5) for v in nodes["value"]],
            }
        )
    return {
        "columns": list(columns),
        "baseline": float(classifier._baseline_prediction.ravel()[0]),
        "trees": trees,
    }


def to_text(data: Mapping[str, Any]) -> str:
    """JSON with one tree a line, so that a change can be read."""
    head = {k: v for k, v in data.items() if k != "trees"}
    lines = ",\n".join(json.dumps(t, separators=(",", ":")) for t in data["trees"])
    return json.dumps(head)[:-1] + ', "trees": [\n' + lines + "\n]}\n"
