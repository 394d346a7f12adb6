"""How often the version errs, as a prior of its findings: few faults are expected of a sound page.

The confidence of a finding is the precision of its rule over pages of unknown quality. Where the
reader has read the version, its odds are multiplied by how often the version errs against how often
an unknown one does (Bayes' rule). Findings that have weighed this already are left as they are.
"""

from __future__ import annotations

from dataclasses import replace

from audit.compare.vote import BLAME
from audit.model import MISREAD, UNKNOWN_RATE, Finding, Story

WEIGHED = frozenset({BLAME, MISREAD})
"""Measures that rest on the version's error rate."""

CERTAIN = 0.99
"""Odds are reckoned from no higher confidence."""


def weighed(story: Story, finding: Finding) -> Finding:
    """The finding with the confidence that it has in this version."""
    if any(m.name in WEIGHED for m in finding.measures):
        return finding
    confidence = min(finding.confidence, CERTAIN)
    odds = confidence / (1 - confidence) * story.error_rate(finding.version) / UNKNOWN_RATE
    return replace(finding, confidence=round(odds / (1 + odds), 2))
