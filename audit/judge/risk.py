"""Expected MQM penalty of a sentence: a small model over its measures.

A sum of the measures (`audit.judge.measures`), each with its weight, is turned into penalty points
by a soft hinge: near nothing for a sentence that reads well and that its witnesses support. The
weights are data of a language (`trained("risk")`); `scripts/calibrate.py` makes them.
How the version's other sentences fare beside their witnesses counts too: who garbles one sentence
garbles the next.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean

from audit.model import Place, Story

STANDING = 0.5
"""Weight of the version's standing beside the sentence's own sum. In WMT23, .25 to 1 rank the
renderings of a sentence equally well (tau .272 to .277 against .265 without it, stories kept out);
from .75 on the order of all sentences in WMT21 suffers."""

FEW = 2
"""Rows of no difference that are added before the mean: of few rows little is known. 1 to 4 give
the same figures."""


def expected_penalties(story: Story) -> dict[Place, float]:
    """Penalty points that careful readers are expected to give each sentence, before findings.

    Other weights are used where no language model ran; 0 if none were fitted to the language. The
    story must have its witnesses and measures.
    """
    models = story.language.trained("risk")
    if models is None:
        return dict.fromkeys(story.measures, 0.0)
    data = models["without_surprisal" if story.surprisal is None else "with_surprisal"]
    sums = {place: _sum(data, measures) for place, measures in story.measures.items()}
    ahead = _ahead(story, sums)
    totals = {v: sum(own.values()) for v, own in ahead.items()}
    points: dict[Place, float] = {}
    for place, own in sums.items():
        version, row = place[0], story.row_of[place].id
        others = totals[version] - ahead[version].get(row, 0.0)
        rows = len(ahead[version]) - (row in ahead[version])
        points[place] = _hinge(data, own + STANDING * others / (rows + FEW))
    return points


def _sum(data: Mapping[str, Mapping[str, float]], measures: Mapping[str, float]) -> float:
    return sum(w * measures[name] for name, w in data["weights"].items())


def _ahead(story: Story, sums: Mapping[Place, float]) -> dict[str, dict[str, float]]:
    """By version and row, how far its sum is above the mean of itself and its witnesses."""
    found: dict[str, dict[str, float]] = {v.id: {} for v in story.versions}
    for row in story.rows:
        means = {v: fmean(sums[v, i] for i in cell) for v, cell in row.cells.items()}
        for version, own in means.items():
            witnesses = story.witnesses[row.id, version].beside
            if witnesses:
                found[version][row.id] = own - fmean([own, *(means[w] for w in witnesses)])
    return found


def _hinge(data: Mapping[str, float], total: float) -> float:
    """points · log(1 + e^z), without overflow."""
    z = data["intercept"] + total
    return data["points"] * (max(z, 0.0) + math.log1p(math.exp(-abs(z))))
