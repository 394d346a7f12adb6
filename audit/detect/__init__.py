"""The detectors, in the order in which they run and are listed.

To add one: write its file, name it here, give it examples in `tests/examples/<id>.toml`.
"""

from __future__ import annotations

from audit.detect import (
    broken_sentence,
    duplicated_word,
    meaning_shift,
    name_garble,
    name_variant,
    number_mismatch,
    quote_drift,
    quote_punctuation,
    scrape_residue,
    stray_capital,
    typo,
    ungrammatical,
    unidiomatic,
    untranslated,
    wrong_term,
)
from audit.detect.base import Detector

DETECTORS: tuple[Detector, ...] = (
    name_garble,
    name_variant,
    number_mismatch,
    meaning_shift,
    broken_sentence,
    duplicated_word,
    stray_capital,
    quote_punctuation,
    untranslated,
    wrong_term,
    ungrammatical,
    unidiomatic,
    typo,
    quote_drift,
    scrape_residue,
)
