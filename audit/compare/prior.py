"""How often the version errs, as a prior of what the trained models judge.

What they say of an edit or of a doubted word is its precision over pages of unknown quality. Where
the reader has read the version, the odds are multiplied by how often the version errs against how
often an unknown one does (Bayes' rule). What rests on rules, or has weighed this already, is left
as it is.
"""

from __future__ import annotations

from audit.compare.vote import AGREED
from audit.model import UNKNOWN_RATE, Story

__all__ = ["is_garbled", "unweighed", "weighed"]

CERTAIN = 0.99
"""Odds are reckoned from no higher confidence."""

LEAST = 0.25
"""A version counts as no sounder than this makes it: the reader does not know every kind of
garbled page. The seeds, of which it doubts little, lose what is right in them below it."""


def is_garbled(story: Story, version: str) -> bool:
    """Whether a version is more likely garbled as a whole than sound."""
    return story.error_rate(version) > UNKNOWN_RATE


def weighed(story: Story, version: str, confidence: float, agreed: int = 1) -> float:
    """The probability of a fault, 0 to 1, in this version, of what models judge without it.

    `agreed` is the number of independent versions of the same text that have one other wording.
    """
    confidence = min(confidence, CERTAIN)
    odds = confidence / (1 - confidence) * _factor(story, version) / AGREED ** (agreed - 1)
    return odds / (1 + odds)


def unweighed(story: Story, version: str, confidence: float) -> float:
    """What models must judge for `weighed` to give this probability."""
    odds = confidence / (1 - confidence) / _factor(story, version)
    return odds / (1 + odds)


def _factor(story: Story, version: str) -> float:
    return max(LEAST, story.error_rate(version) / UNKNOWN_RATE)
