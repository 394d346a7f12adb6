"""One spelling for what English writes in two: contractions written out, British made American."""

from __future__ import annotations

import re

from audit.language.en.lists import listed

__all__ = ["written_out"]

_CONTRACTIONS = (
    (re.compile(r"^won't$"), "will not"),
    (re.compile(r"^can't$|^cannot$"), "can not"),
    (re.compile(r"n't$"), " not"),
    (re.compile(r"'m$"), " am"),
    (re.compile(r"'re$"), " are"),
    (re.compile(r"'ve$"), " have"),
    (re.compile(r"'ll$"), " will"),
)
_BRITISH = (
    (re.compile(r"(?<=[a-z]{2})our"), "or"),
    (re.compile(r"(?<=[a-z]{2})is(?=e|ing|ation)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})tre(?=s?$)"), "ter"),
)


def written_out(form: str, before: str) -> tuple[str, ...]:
    """The words that a form stands for after the form before it: "won't" is "will", "not"."""
    text = "is" if form == "'s" and before in listed("parted_is") else form
    for pattern, full in _CONTRACTIONS:
        text = pattern.sub(full, text)
    return tuple(_american(part) for part in text.split())


def _american(form: str) -> str:
    for pattern, american in _BRITISH:
        form = pattern.sub(american, form)
    return form
