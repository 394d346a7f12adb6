"""Slips of one letter that give an existing word: seen by the other versions or the next word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from audit.language.spelling import is_one_edit, plain
from audit.model import Language, Neighbour, OtherCell, Sentence

__all__ = ["Slip", "misspelled_name", "wrong_word"]

NAME_GAP = 2.5
"""Least Zipf gap between a misspelled name and the one that another version has."""


class Slip(NamedTuple):
    """The word that a misspelled one stands for, and how sure that is."""

    meant: Neighbour
    confidence: float


def wrong_word(
    s: Sentence, i: int, views: tuple[OtherCell, ...], language: Language
) -> Slip | None:
    """What an existing word of a sentence stands for, if it is a slip."""
    return _between_neighbours(s, i, views, language) or _completed(s, i, language)


def misspelled_name(word: str, views: Iterable[OtherCell], language: Language) -> Slip | None:
    """A listed place or people, one edit away, that another version has."""
    shown = {f for v in views for f in v.words if language.always_capital(f)}
    for form in sorted(shown):
        frequency = language.zipf(form)
        if is_one_edit(plain(word), form) and frequency - language.zipf(word) >= NAME_GAP:
            return Slip(Neighbour(form, frequency, 1), 0.85)
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
                (before, form) in view.pairs
                and (form, after) in view.pairs
                and is_one_edit(word, form)
                and not language.is_inflection(word, form)
            ):
                return Slip(Neighbour(form, language.zipf(form), 1), 0.75)
    return None


def _completed(s: Sentence, i: int, language: Language) -> Slip | None:
    """A function word that was cut short, as the next word shows."""
    if i + 1 >= len(s.tokens) or not s.tokens[i + 1].text.islower():
        return None
    meant = language.completed(s.tokens[i].text, s.tokens[i + 1].text)
    return Slip(Neighbour(meant, language.zipf(meant), 1), 0.8) if meant else None
