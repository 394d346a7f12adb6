"""Expected MQM penalty of a sentence: a small model over its measures.

A sum of the measures (`audit.judge.measures`), each with its weight, is turned into penalty points
by a soft hinge: near nothing for a sentence that reads well and that its witnesses support. The
weights, with what they were fitted on, stand in data/risk.json; `scripts/calibrate.py` makes them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from audit.judge.calibration import read


def expected_penalty(measures: Mapping[str, float], *, with_surprisal: bool) -> float:
    """Penalty points that careful readers are expected to give a sentence, before findings.

    Other weights are used where no language model ran.
    """
    data = read("risk.json")["with_surprisal" if with_surprisal else "without_surprisal"]
    z = data["intercept"] + sum(w * measures[name] for name, w in data["weights"].items())
    # log(1 + e^z) without overflow
    return float(data["points"] * (max(z, 0.0) + math.log1p(math.exp(-abs(z)))))
