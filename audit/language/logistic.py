"""Logistic models as the trained data of a language has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["probability"]


def probability(model: Mapping[str, Any], values: Mapping[str, float]) -> float:
    """What a model says of some values, 0 to 1.

    `model` has an `intercept` and, by the names of the values, `weights`.
    """
    z = model["intercept"] + sum(w * values[name] for name, w in model["weights"].items())
    return 1.0 / (1.0 + math.exp(-z))
