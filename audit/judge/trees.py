"""Gradient-boosted trees as data: read from JSON, applied with numpy, no pickle anywhere.

The trees are those of scikit-learn's HistGradientBoostingClassifier (Friedman 2001; Ke et al.
2017): a value goes left if it is at most the threshold; NaN goes where training sent it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from audit.model import Language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


LARGEST = 1e300
"""Stands for an infinite threshold (only NaN goes right), which JSON cannot hold."""


TOGETHER = 1_000
"""Rows that fall through all trees at once: some 20 MB for 400 trees."""


@dataclass(frozen=True)
class Tree:
    """One tree, a node an index: `feature` is −1 at a leaf, whose `value` is added."""

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    value: NDArray[np.float64]


@dataclass(frozen=True)
class Forest:
    """A sum of trees in log-odds, over columns known by name."""

    columns: tuple[str, ...]
    baseline: float
    trees: tuple[Tree, ...]

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
        """The values of the leaves that rows fall into, a line for each tree; all trees at once."""
        import numpy as np

        nodes = self._nodes
        node = np.repeat(self._roots[:, None], len(table), axis=1)
        rows = np.arange(len(table))
        while True:
            feature = nodes.feature[node]
            inner = feature >= 0
            if not inner.any():
                values: NDArray[np.float64] = nodes.value[node]
                return values
            x = table[rows, np.maximum(feature, 0)]
            goes_left = np.where(np.isnan(x), nodes.missing_left[node], x <= nodes.threshold[node])
            node = np.where(inner, np.where(goes_left, nodes.left[node], nodes.right[node]), node)

    @cached_property
    def _roots(self) -> NDArray[np.int64]:
        """Where each tree begins among all nodes."""
        import numpy as np

        sizes = [len(tree.feature) for tree in self.trees]
        return np.cumsum([0, *sizes[:-1]], dtype=np.int64)

    @cached_property
    def _nodes(self) -> Tree:
        """The nodes of all trees, one after another, as one."""
        import numpy as np

        starts = self._roots.tolist()
        return Tree(
            feature=np.concatenate([t.feature for t in self.trees]),
            threshold=np.concatenate([t.threshold for t in self.trees]),
            left=np.concatenate([t.left + n for n, t in zip(starts, self.trees, strict=True)]),
            right=np.concatenate([t.right + n for n, t in zip(starts, self.trees, strict=True)]),
            missing_left=np.concatenate([t.missing_left for t in self.trees]),
            value=np.concatenate([t.value for t in self.trees]),
        )


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
    """A forest from what `dumps` wrote. Raises KeyError if something is missing."""
    import numpy as np

    trees = tuple(
        Tree(
            feature=np.array(t["feature"], dtype=np.int64),
            threshold=np.array(t["threshold"], dtype=np.float64),
            left=np.array(t["left"], dtype=np.int64),
            right=np.array(t["right"], dtype=np.int64),
            missing_left=np.array(t["missing_left"], dtype=np.bool_),
            value=np.array(t["value"], dtype=np.float64),
        )
        for t in data["trees"]
    )
    return Forest(tuple(data["columns"]), float(data["baseline"]), trees)


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
