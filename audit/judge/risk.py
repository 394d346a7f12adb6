"""Expected MQM penalty of a sentence: a small model over its measures.

A sum of the measures (`audit.judge.measures`), each with its weight, is turned into penalty points
by a soft hinge: near nothing for a sentence that reads well and that its witnesses support. The
weights, with what they were fitted on, stand in data/risk.json; `scripts/calibrate.py` makes them.
How the version's other sentences fare beside their witnesses counts too: who garbles one sentence
garbles the next.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

from audit.judge.calibration import read
from audit.model import Finding, Place, SentenceRisk, Story
from audit.score import penalties

FOUND = 0.25
"""Share of a finding's penalty that is added to what the measures tell, as they mostly see what the
detector saw: where a name is garbled, professionals take off 1.4 points more than expected without
the finding, which would cost 5.5. With .25 tau is .391 flat and .276 by segment in WMT23 instead of
.383 and .265, in WMT21 .403 instead of .397; .1 to .5 are within .003."""

STANDING = 0.5
"""Weight of the version's standing beside the sentence's own sum. In WMT23, .25 to 1 rank the
renderings of a sentence equally well (tau .272 to .277 against .265 without it, stories kept out);
from .75 on the order of all sentences in WMT21 suffers."""

FEW = 2
"""Rows of no difference that are added before the mean: of few rows little is known. 1 to 4 give
the same figures."""


def sentence_risks(
    story: Story, findings: Sequence[Finding]
) -> dict[str, tuple[SentenceRisk, ...]]:
    """What each sentence is expected to cost: what its measures tell, and what findings add.

    What is told from doubt alone is in the measures and adds nothing.
    """
    expected = expected_penalties(story)
    found: dict[str, tuple[SentenceRisk, ...]] = {}
    for version, sentences in story.sentences.items():
        own = [f for f in findings if f.version == version and not _from_doubt_alone(f)]
        found[version] = tuple(
            SentenceRisk(
                s.start,
                s.end,
                round(FOUND * points + expected[version, s.index], 4),
                story.row_of[version, s.index].id,
            )
            for s, points in zip(sentences, penalties(sentences, own), strict=True)
        )
    return found


def _from_doubt_alone(finding: Finding) -> bool:
    return all(m.name == "doubt" for m in finding.measures)


def expected_penalties(story: Story) -> dict[Place, float]:
    """Penalty points that careful readers are expected to give each sentence, before findings.

    Other weights are used where no language model ran. The story must have its measures.
    """
    assert story.measures is not None
    data = read("risk.json")["without_surprisal" if story.surprisal is None else "with_surprisal"]
    sums = {place: _sum(data, measures) for place, measures in story.measures.items()}
    ahead = _ahead(story, sums)
    return {
        place: _hinge(data, own + STANDING * _standing(ahead[place[0]], story.row_of[place].id))
        for place, own in sums.items()
    }


def _sum(data: Mapping[str, Mapping[str, float]], measures: Mapping[str, float]) -> float:
    return sum(w * measures[name] for name, w in data["weights"].items())


def _ahead(story: Story, sums: Mapping[Place, float]) -> dict[str, dict[str, float]]:
    """By version and row, how far its sum is above the mean of the versions in the row."""
    found: dict[str, dict[str, float]] = {v.id: {} for v in story.versions}
    for row in story.rows:
        means = {v: fmean(sums[v, i] for i in cell) for v, cell in row.cells.items()}
        if len(means) > 1:
            middle = fmean(means.values())
            for version, mean in means.items():
                found[version][row.id] = mean - middle
    return found


def _standing(ahead: Mapping[str, float], row: str) -> float:
    """How far a version is ahead in the other rows, in the mean; of few, not much."""
    others = [a for r, a in ahead.items() if r != row]
    return sum(others) / (len(others) + FEW)


def _hinge(data: Mapping[str, float], total: float) -> float:
    """points · log(1 + e^z), without overflow."""
    z = data["intercept"] + total
    return data["points"] * (max(z, 0.0) + math.log1p(math.exp(-abs(z))))
