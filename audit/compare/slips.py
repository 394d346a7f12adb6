"""Slips of one letter that give an existing word: seen by the other versions or the next word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from audit.language.spelling import is_one_edit, plain
from audit.model import Language, Measure, OtherCell, Sentence

__all__ = ["Slip", "by_frequency", "by_versions", "misspelled_name", "wrong_word"]

NAME_GAP = 2.5
"""Least Zipf gap between a misspelled name and the one that another version has."""


class Slip(NamedTuple):
    """The word that a misspelled one stands for, what was measured, and how sure that is."""

    word: str
    measure: Measure
    confidence: float


def by_frequency(
    word: str, meant: str, least: float, confidence: float, language: Language
) -> Slip:
    """A slip that shows in how much more frequent the word is that is meant."""
    gap = round(language.zipf(meant) - language.zipf(word), 2)
    return Slip(meant, Measure("frequency gap", gap, least), confidence)


def by_versions(meant: str, versions: int, confidence: float) -> Slip:
    """A slip that other versions show, since they have the word that is meant."""
    return Slip(meant, Measure("versions with the word", versions, 1), confidence)


def wrong_word(
    s: Sentence, i: int, views: tuple[OtherCell, ...], language: Language
) -> Slip | None:
    """What an existing word of a sentence stands for, if it is a slip."""
    return _between_neighbours(s, i, views, language) or _completed(s, i, language)


def misspelled_name(word: str, views: Iterable[OtherCell], language: Language) -> Slip | None:
    """A listed place or people, one edit away, that another version has."""
    shown = {f for v in views for f in v.words if language.always_capital(f)}
    for form in sorted(shown):
        gap = language.zipf(form) - language.zipf(word)
        if gap >= NAME_GAP and is_one_edit(plain(word), form):
            return by_frequency(word, form, NAME_GAP, 0.85, language)
    return None


def _between_neighbours(
    s: Sentence, i: int, views: tuple[OtherCell, ...], language: Language
) -> Slip | None:
    """A word one edit away that another version has between the same two neighbours."""
    token = s.tokens[i]
    word = plain(token.text)
    if not token.text.islower() or len(word) < 2 or any(word in v.words for v in views):
        return None
    before = plain(s.tokens[i - 1].text) if i else ""
    after = plain(s.tokens[i + 1].text) if i + 1 < len(s.tokens) else ""
    for view in views:
        for form in sorted(view.words):
            if (
                _has_between(view, before, form, after)
                and is_one_edit(word, form)
                and not language.is_inflection(word, form)
            ):
                shown = sum(_has_between(v, before, form, after) for v in views)
                return by_versions(form, shown, 0.75)
    return None


def _has_between(view: OtherCell, before: str, form: str, after: str) -> bool:
    return (before, form) in view.pairs and (form, after) in view.pairs


def _completed(s: Sentence, i: int, language: Language) -> Slip | None:
    """A function word that was cut short, as the next word shows."""
    if i + 1 >= len(s.tokens) or not s.tokens[i + 1].text.islower():
        return None
    meant = language.completed(s.tokens[i].text, s.tokens[i + 1].text)
    return Slip(meant, Measure("next words that show it", 1, 1), 0.8) if meant else None
