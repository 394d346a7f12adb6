"""Which learned forms of names are to be trusted, and whose forms they are.

A name that three outlets print, each in a text of its own, is spelled as the news spells it. Two
are too few: they may share an agency's text that neither shows. A garble that an agency spread
stands beside a right form that many more have, a letter or two off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from audit.compare.public_figures import NEAR, distance
from audit.language.spelling import is_variant, words_in
from audit.model import Language

OUTLETS = 3
"""Independent outlets that make a form trusted. Chosen, not fitted."""
RIVAL = 4
"""A form is a garble of a like one if that has so many times its outlets. Chosen, not fitted."""

Sightings = list[tuple[str, str]]
"""Outlets that have a form, each with a group of copies in which it has it."""

Words = tuple[str, ...]


def judged(
    read: Mapping[str, Sightings], given: Iterable[str], language: Language
) -> dict[str, str]:
    """The trusted ones of learned forms, each with the form that stands for the name.

    `given` forms, as the figures and places that the language lists, are right without evidence.
    """
    support = {form: len({outlet for outlet, _ in seen}) for form, seen in read.items()}
    fixed = dict.fromkeys((*given, *listed(language)), float("inf"))
    known = _ByWord({form: float(n) for form, n in support.items()} | fixed)
    enough = [
        form
        for form in sorted(read)
        if form not in fixed and independent(read[form]) >= OUTLETS and _is_name(form, language)
    ]
    trusted = [
        form
        for form in enough
        if not any(
            weight >= RIVAL * support[form] and _is_garble(form, other, language)
            for other, weight in known.like(form)
        )
    ]
    rights = _ByWord({f: float(support[f]) for f in trusted} | fixed)
    return {form: _name_of(form, support[form], rights, language) for form in trusted}


def independent(seen: Iterable[tuple[str, str]]) -> int:
    """How many outlets have a form in texts of which none is a copy of another's, `OUTLETS` at
    most: the largest matching of outlets and groups of copies (Kuhn 1955)."""
    groups: dict[str, list[str]] = defaultdict(list)
    for outlet, copies in sorted(seen):
        groups[outlet].append(copies)
    taken: dict[str, str] = {}

    def place(outlet: str, tried: set[str]) -> bool:
        for copies in groups[outlet]:
            if copies not in tried:
                tried.add(copies)
                if copies not in taken or place(taken[copies], tried):
                    taken[copies] = outlet
                    return True
        return False

    for outlet in groups:
        place(outlet, set())
        if len(taken) >= OUTLETS:
            break
    return len(taken)


def listed(language: Language) -> Iterator[str]:
    """The names that a language lists: public figures, countries and capitals."""
    for figure in language.public_figures().figures:
        yield from (name.text for name in figure.names)
    for forms in language.places():
        yield from forms


class _ByWord:
    """Forms with the weight of their evidence, found by a word that they share."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights
        self._forms: dict[tuple[int, int, str], list[str]] = defaultdict(list)
        for form in weights:
            words = _words(form)
            for place, word in enumerate(words):
                self._forms[len(words), place, word].append(form)

    def like(self, form: str) -> list[tuple[str, float]]:
        """Other forms of as many words of which one at least is the same."""
        words = _words(form)
        found = {
            other
            for place, word in enumerate(words)
            for other in self._forms[len(words), place, word]
        }
        return sorted((other, self._weights[other]) for other in found - {form})


def _name_of(form: str, outlets: int, rights: _ByWord, language: Language) -> str:
    """The form with the most outlets of those that are spellings of one name, maybe this one."""
    others = [
        (-weight, other)
        for other, weight in rights.like(form)
        if (weight, form) > (outlets, other) and _is_spelling(form, other, language)
    ]
    return min(others)[1] if others else form


def _is_name(form: str, language: Language) -> bool:
    """Whether a form cannot be taken for words: some word of it is none of the language's."""
    return any(not language.is_word(word.lower()) for word in form.split())


def _is_garble(form: str, other: str, language: Language) -> bool:
    """Whether one word of a form is near to the other's, and no spelling of it."""
    return not _is_spelling(form, other, language) and all(
        a == b or distance(a, b) <= NEAR for a, b in zip(_words(form), _words(other), strict=True)
    )


def _is_spelling(form: str, other: str, language: Language) -> bool:
    """Whether two forms spell one name, by what transliteration and given names leave open."""
    is_form_of = language.public_figures().is_form_of
    return all(
        a == b or is_variant(a, b) or is_form_of(a, b)
        for a, b in zip(_words(form), _words(other), strict=True)
    )


def _words(form: str) -> Words:
    return tuple(w.folded for w in words_in(form))
