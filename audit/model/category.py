"""The kinds of faults and their severities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Severity = Literal["minor", "major", "critical"]
Category = Literal[
    "name-garble", "name-variant", "wrong-term", "meaning-shift", "number-mismatch",
    "broken-sentence", "ungrammatical", "unidiomatic", "duplicated-word", "stray-capital",
    "quote-punctuation", "untranslated", "scrape-residue", "typo", "quote-drift",
]  # fmt: skip

CATEGORIES: tuple[Category, ...] = get_args(Category)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From least to most severe."""

PENALTY: Mapping[Severity, int] = {"minor": 1, "major": 5, "critical": 10}
"""MQM penalty points of one finding (Freitag et al. 2021, with critical as in MQM Core)."""
