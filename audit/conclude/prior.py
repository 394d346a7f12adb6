"""How often the version errs, as a prior of what the trained models judge.

The confidence of an edit or of a doubted run is its precision over pages of unknown quality. Where
the reader has read the version, the odds are multiplied by how often the version errs against how
often an unknown one does (Bayes' rule). What rests on rules, or has weighed this already, is left
as it is.
"""

from __future__ import annotations

from dataclasses import replace

from audit.model import DOUBT, EDIT, UNKNOWN_RATE, Finding, Story

JUDGED = frozenset({DOUBT, EDIT})
"""Measures of the trained models."""

CERTAIN = 0.99
"""Odds are reckoned from no higher confidence."""

LEAST = 0.25
"""A version counts as no sounder than this makes it: the reader does not know every kind of
garbled page. The seeds, of which it doubts little, lose what is right in them below it."""


def weighed(story: Story, finding: Finding) -> Finding:
    """The finding with the confidence that it has in this version."""
    if not any(m.name in JUDGED for m in finding.measures):
        return finding
    confidence = min(finding.confidence, CERTAIN)
    factor = max(LEAST, story.error_rate(finding.version) / UNKNOWN_RATE)
    odds = confidence / (1 - confidence) * factor
    return replace(finding, confidence=round(odds / (1 + odds), 2))
