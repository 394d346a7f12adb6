"""Which versions read unlike their siblings, in one line each. A remark, never a fault."""

from __future__ import annotations

from audit.conclude.readability import Outlier, outliers
from audit.model import AuditResult

_MEASURE = {
    "words_per_sentence": ("words a sentence", ".1f"),
    "sentence_length_sd": ("words of spread between its sentences’ lengths", ".1f"),
    "syllables_per_word": ("syllables a word", ".2f"),
    "flesch_reading_ease": ("points of reading ease (Flesch)", ".0f"),
    "flesch_kincaid_grade": ("years of school needed (Flesch–Kincaid)", ".1f"),
    "difficult_words": ("difficult words", ".1%"),
    "type_token_ratio": ("different words in a stretch of 50", ".0%"),
}


def readings(result: AuditResult) -> dict[str, str]:
    """A line for each version that reads far from its siblings, by version id.

    Of several measures the farthest is shown: most of them count the same sentences and syllables.
    """
    lines: dict[str, str] = {}
    for outlier in outliers({v.version.id: v.readability for v in result.versions}):
        lines.setdefault(outlier.version, _line(outlier))
    return lines


def _line(outlier: Outlier) -> str:
    words, form = _MEASURE[outlier.measure]
    value, low, high = (
        format(x, form).replace("%", " %") for x in (outlier.value, outlier.low, outlier.high)
    )
    return (
        f"Reads unlike its siblings (a remark, not a fault): {value} {words}, "
        f"the others {low} to {high}."
    )
