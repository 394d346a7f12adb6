"""The confidence of findings, corrected by what people said of findings that they were shown.

The corrections are trained data of a language (`trained("confidence")`), a line in log-odds for
each rule that has one (Platt 1999). `scripts/calibrate.py --verdicts` makes them from a store; none
comes with the program.
"""

from __future__ import annotations

import math
from dataclasses import replace

from audit.language.logistic import probability
from audit.model import Finding, Language

__all__ = ["LOG_ODDS", "corrected", "log_odds"]

LOG_ODDS = "log_odds"
"""Name of the one value that a correction weighs."""

LIMIT = 0.001
"""Log-odds are those of a confidence at least so far from 0 and 1."""


def log_odds(confidence: float) -> float:
    """The log-odds of a confidence, 0 to 1; finite."""
    p = min(1 - LIMIT, max(LIMIT, confidence))
    return math.log(p / (1 - p))


def corrected(finding: Finding, language: Language) -> Finding:
    """A finding as its rule is to be believed. Below the least confidence that people judged,
    nothing is known of the rule, and the finding stays as it is."""
    models = language.trained("confidence")
    model = models["rules"].get(finding.rule) if models else None
    if model is None or finding.confidence < model["from"]:
        return finding
    sure = probability(model, {LOG_ODDS: log_odds(finding.confidence)})
    return replace(finding, confidence=round(sure, 4))
