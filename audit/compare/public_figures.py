"""Names that are nearly, but not quite, the name of a public figure.

A name that is garbled in the one version that has it cannot be put right from its witnesses. Where
it is a known person's, the language's list of public figures helps. One word of the full name has
to be right and the other nearly so: two people who share a given name and all but a sound of the
surname are rare, and rarer still where the surname read is none that people bear.

What counts as near is the distance of Damerau and Levenshtein over the keys of
`audit.language.spelling.key`. Sounds that transcription and translation confuse (l and r, b and v,
d and t, two vowels) weigh half. Measured: of the 2,347 listed names that are not written family
name first, none is proposed another when it is taken off the list; with one sound of the surname
confused, 1,542 of 2,080 figures are found, each as the right one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from audit.language.spelling import is_variant, key, words_in
from audit.model import Figure, FigureName, Language, Mention

SHORTEST = 5
"""Letters of the shortest word that is called a garble: shorter names lie too close together."""

CONFUSED = ("lr", "bpvf", "dt", "gkh", "mn", "sšžcj", "aeiou")
"""Letters of keys whose sounds are taken for each other."""

HALF = 0.5
"""Weight of a confused sound, of a vowel more or less, of two letters that changed places."""

LONG = 7
"""From so many key letters on, a name may be `FAR` off instead of `NEAR`."""

NEAR = 1.0
FAR = 1.5
"""Largest distance of a garble."""

OWN_NAME = 2.5
"""A word more frequent than this (Zipf) is a name or word of its own: kelly 4.4, schulz 3.1."""

_CLASS = {letter: n for n, letters in enumerate(CONFUSED) for letter in letters}


@dataclass(frozen=True)
class NearFigure:
    """A full name and the listed one that it nearly is.

    `distance` is how far the word that differs is off, `farthest` how far a garble of its length
    may be (`NEAR`, `FAR`), `in_family` whether it is of the family name.
    """

    figure: Figure
    name: FigureName
    distance: float
    farthest: float
    in_family: bool


@dataclass(frozen=True)
class Proposal:
    """A garbled mention of a figure and what to write for it.

    `mention` holds the words of the name alone ("State Anthony Brinken" without "State").
    `carried` says that it is a bare surname, judged by a full name elsewhere in the version.
    """

    mention: Mention
    right: str
    figure: Figure
    distance: float
    farthest: float
    carried: bool


def near_figure(text: str, language: Language) -> NearFigure | None:
    """The one figure whose name a full name nearly is; None if it is right, or another person's.

    Names that are written family name first are known, but none is proposed: Chinese, Korean and
    Vietnamese names of other people differ by a letter.
    """
    return _near(language.public_figures().words_of(text), language)


def garbled_figures(
    found: Sequence[Mention], is_left: Callable[[Mention, str], bool], language: Language
) -> tuple[Proposal, ...]:
    """The garbled figures among the mentions of one version, in text order.

    The bare surname of a garbled full name is proposed as well, wherever it stands, unless the
    version gives it to somebody else, too. A name is not proposed, and its surname not carried,
    where `is_left` holds for it and what would be written for it.
    """
    near = [(mention, _garble(mention, is_left, language)) for mention in found]
    proposals = [hit[0] for _, hit in near if hit]
    surnames = {
        _surname(hit[0].mention, hit[1].name, language): hit
        for _, hit in near
        if hit and hit[1].in_family
    }
    longest = max(map(len, surnames), default=0)
    rest = [(mention, _split(mention, language)) for mention, hit in near if not hit]
    borne = {
        tuple(p for _, p in parts[n:])
        for mention, parts in rest
        for n in range(max(1, len(parts) - longest), len(parts))
        if not _is_role(mention.words[parts[n - 1][0]].folded, language)
    }
    for mention, parts in rest:
        surname = tuple(p for _, p in parts)
        if surname in surnames and surname not in borne:
            full, hit = surnames[surname]
            bare = mention.without_first(parts[0][0])
            right = _cased(_bare(hit.name.family, language), bare)
            if not is_left(bare, right):
                proposals.append(
                    Proposal(bare, right, full.figure, full.distance, full.farthest, carried=True)
                )
    return tuple(sorted(proposals, key=lambda p: p.mention.start))


def _garble(
    mention: Mention, is_left: Callable[[Mention, str], bool], language: Language
) -> tuple[Proposal, NearFigure] | None:
    """The garbled figure at the end of a mention, after words that are no part of the name."""
    figures = language.public_figures()
    parts = _split(mention, language)
    starts = [
        n
        for n in range(max(0, len(parts) - figures.longest), len(parts))
        if n == 0 or parts[n - 1][0] != parts[n][0]
    ]
    tails = [(n, tuple(p for _, p in parts[n:])) for n in starts]
    if any(figures.is_listed(words) for _, words in tails):
        return None
    for n, words in tails:
        near = _near(words, language)
        if near is None:
            continue
        first = parts[n][0]
        if any(not _is_role(w.folded, language) for w in mention.words[:first]):
            return None
        name = mention.without_first(first)
        right = _cased(near.name.text, name)
        if is_left(name, right):
            return None
        return Proposal(name, right, near.figure, near.distance, near.farthest, carried=False), near
    return None


def _is_role(word: str, language: Language) -> bool:
    """Whether a word before a name is an office or a country rather than a given name."""
    given = language.public_figures().given_names
    return bool(language.place_groups(word)) or (language.is_word(word) and word not in given)


def _surname(mention: Mention, name: FigureName, language: Language) -> tuple[str, ...]:
    return tuple(p for _, p in _split(mention, language))[len(name.given_words) :]


def _cased(text: str, mention: Mention) -> str:
    return text.upper() if all(w.bare.isupper() for w in mention.words) else text


def _bare(family: str, language: Language) -> str:
    """A surname without the particles before it: they are no part of a mention."""
    kept = [w for w in words_in(family) if language.public_figures().parts(w.text)]
    return family[kept[0].start :]


@lru_cache(maxsize=8192)
def _near(words: tuple[str, ...], language: Language) -> NearFigure | None:
    figures = language.public_figures()
    if len(words) < 2 or figures.is_listed(words):
        return None
    near = [
        n
        for figure, name in figures.candidates(words)
        if (n := _compare(words, figure, name, language))
    ]
    if not near:
        return None
    best = min(n.distance for n in near)
    nearest = [n for n in near if n.distance == best]
    return nearest[0] if len({n.figure for n in nearest}) == 1 else None


def _compare(
    words: tuple[str, ...], figure: Figure, name: FigureName, language: Language
) -> NearFigure | None:
    figures = language.public_figures()
    wrong: NearFigure | None = None
    for n, (ours, theirs) in enumerate(zip(words, name.words, strict=True)):
        is_given = n < len(name.given_words)
        is_form = is_given and figures.is_form_of(ours, theirs)
        if _is_same(ours, theirs, is_form, figure.transliterated):
            continue
        # A form of the name, or a rare transliteration, is neither right enough nor a garble.
        if (
            wrong
            or is_form
            or (figure.transliterated and _bones(ours) == _bones(theirs))
            or _stands_alone(ours, theirs, is_given, language)
        ):
            return None
        off = distance(ours, theirs)
        farthest = FAR if min(len(key(ours)), len(key(theirs))) >= LONG else NEAR
        if off > farthest:
            return None
        wrong = NearFigure(figure, name, off, farthest, not is_given)
    return wrong


def _is_same(ours: str, theirs: str, is_form: bool, transliterated: bool) -> bool:
    """Whether two words are surely one name, spelled in ways that are both in use."""
    return (
        key(ours) == key(theirs)
        or (is_form and ours[0] == theirs[0])
        or (transliterated and is_variant(ours, theirs))
    )


def _bones(word: str) -> str:
    """What transliterations into English leave of a name: consonants, with g, k and h as one."""
    consonants = re.sub("[aeiou]", "", key(word))
    return re.sub("[gkh]", "h", re.sub("(?<=[dt])h", "", consonants))


def _stands_alone(ours: str, theirs: str, is_given: bool, language: Language) -> bool:
    """Whether a word that differs is a name of its own, or too short to judge."""
    figures = language.public_figures()
    return (
        min(len(ours), len(theirs)) < SHORTEST
        or language.zipf(ours) > OWN_NAME
        or ours in (figures.given_names if is_given else figures.family_names)
    )


def distance(a: str, b: str) -> float:
    """How far two names are apart in confused sounds; the unit is one letter changed."""
    x, y = key(a), key(b)
    rows = [list(accumulate(map(_lone, y), initial=0.0))]
    for i, ours in enumerate(x, 1):
        row = [rows[-1][0] + _lone(ours)]
        for j, theirs in enumerate(y, 1):
            cost = min(
                rows[-1][j] + _lone(ours),
                row[-1] + _lone(theirs),
                rows[-1][j - 1] + _swap(ours, theirs),
            )
            if i > 1 and j > 1 and ours == y[j - 2] and x[i - 2] == theirs and ours != theirs:
                cost = min(cost, rows[-2][j - 2] + HALF)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def _lone(letter: str) -> float:
    return HALF if letter in "aeiou" else 1.0


def _swap(a: str, b: str) -> float:
    if a == b:
        return 0.0
    return HALF if a in _CLASS and _CLASS[a] == _CLASS.get(b) else 1.0


def _split(mention: Mention, language: Language) -> list[tuple[int, str]]:
    """The words of a mention by which names are compared, each with the index of its word."""
    parts = language.public_figures().parts
    return [(n, part) for n, w in enumerate(mention.words) for part in parts(w.bare)]
