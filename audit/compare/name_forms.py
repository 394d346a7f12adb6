"""The forms that a name takes over all versions of a story: slips of one form, and variants.

A slip is a rare form beside a frequent one that it cannot be a transliteration of; a variant is a
form that it can.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import DamerauLevenshtein

from audit.language.spelling import fold, is_variant, key, similarity, word_at, words_in
from audit.model import Language, Story, Word

SLIP = 0.8
"""Least Jaro-Winkler similarity of a slip and the name it stands for: Haral and Haralev .94."""

RARE = 3.0
"""A form more frequent in the language than this (Zipf) is a name or word of its own."""

SHORTEST = 4
"""Letters of the shortest form that is compared: shorter names lie too close together."""

OFTENER = 2
"""A slip's version writes the right form at least so many times as often."""

TAIL = 4
"""Most letters that a cut name has lost at its end."""

_CAPTIONS = frozenset(["caption", "dateline"])


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a name at one place, and the form to hold it against.

    `own` and `others` say how often the version itself, and how many other versions, have `right`;
    `mine` and `like` say the same of the form; `at` is a place of `right`: version, start, end.
    """

    version: str
    start: int
    end: int
    text: str
    right: str
    own: int
    others: int
    mine: int
    like: int
    at: tuple[str, int, int]

    @property
    def likeness(self) -> float:
        """Similarity of the two forms, 0 to 1."""
        return similarity(self.text, self.right)

    @property
    def letters_lost(self) -> int | None:
        """How many letters the form lacks at the end of `right`; None if it is not cut short."""
        return _letters_lost(self.text, self.right)


class _Uses:
    """Where each spelling of a name is used, by version. Spellings are compared without case."""

    def __init__(self) -> None:
        self.at: dict[str, dict[str, list[Word]]] = defaultdict(lambda: defaultdict(list))

    def add(self, version: str, word: Word, spelling: str) -> None:
        self.at[spelling][version].append(word)

    def count(self, spelling: str, version: str) -> int:
        return len(self.at[spelling].get(version, ()))

    def others(self, spelling: str, version: str) -> int:
        return sum(v != version for v in self.at[spelling])

    def place(self, spelling: str, version: str) -> tuple[str, Word]:
        """A use of the spelling, in the version itself if it has one."""
        uses = self.at[spelling]
        where = version if version in uses else min(uses)
        return where, uses[where][0]


def _uses(story: Story) -> _Uses:
    """The longer capitalised words of all names."""
    uses = _Uses()
    for version, annotation in story.annotations.items():
        for mention in annotation.names:
            for word in mention.words:
                if len(word.folded) >= SHORTEST and word.text[:1].isupper():
                    uses.add(version, word, word.folded)
    return uses


def _form(uses: _Uses, version: str, word: Word, spelling: str, right: str) -> Form:
    where, there = uses.place(right, version)
    return Form(
        version,
        word.start,
        word.start + len(word.bare),
        word.bare,
        there.bare,
        uses.count(right, version),
        uses.others(right, version),
        uses.count(spelling, version),
        uses.others(spelling, version),
        (where, there.start, there.start + len(there.bare)),
    )


def slips(story: Story) -> Iterator[Form]:
    """Rare forms that are a cut or changed form of a name that their version writes more often."""
    uses = _uses(story)
    together = {
        version: {frozenset(w.folded for w in words) for words in annotation.words}
        for version, annotation in story.annotations.items()
    }
    language = story.language
    for spelling in sorted(uses.at):
        if language.zipf(spelling) > RARE or language.place_groups(spelling):
            continue
        for version in sorted(uses.at[spelling]):
            if uses.others(spelling, version):
                continue
            right = _right_form(uses, together[version], version, spelling, language)
            for word in uses.at[spelling][version] if right else ():
                yield _form(uses, version, word, spelling, right or "")


def _right_form(
    uses: _Uses, together: set[frozenset[str]], version: str, spelling: str, language: Language
) -> str | None:
    mine = uses.count(spelling, version)
    candidates = [
        other
        for other in uses.at
        if other != spelling
        and _slipped(spelling, other, language)
        and uses.count(other, version) >= OFTENER * mine
        and not any({spelling, other} <= words for words in together)
    ]
    return max(
        candidates,
        key=lambda o: (uses.count(o, version), uses.others(o, version), o),
        default=None,
    )


def _slipped(form: str, name: str, language: Language) -> bool:
    """Whether `form` may be a cut or slightly changed `name` and no transliteration of it."""
    if language.is_kin(form, name) or is_variant(form, name) or language.is_word(name):
        return False
    if name in form.split("-"):  # a dash without spaces, or a compound
        return False
    lost = _letters_lost(form, name)
    if len(form) >= SHORTEST and lost is not None:
        return True
    short, long = key(form), key(name)
    if language.is_word(form):
        return False
    return (
        min(len(short), len(long)) >= 6
        and short[0] == long[0]
        and DamerauLevenshtein.distance(short, long) == 1
        and similarity(form, name) >= SLIP
    )


def _letters_lost(form: str, name: str) -> int | None:
    """How many letters a form lacks at the end of a name; None if more than `TAIL`, or others."""
    short, long = _letters(form), _letters(name)
    lost = len(long) - len(short)
    return lost if long.startswith(short) and lost <= TAIL else None


def _letters(word: str) -> str:
    """The folded word with i, j and y as one: unlike a key it keeps every letter's place."""
    return re.sub("[jy]", "i", fold(word))


def variants(story: Story) -> Iterator[Form]:
    """Spellings that more versions, or the version itself more often, have in another form.

    Spellings that differ in case or accents alone are one. Double names with a space or a hyphen
    between their parts are two spellings of one.
    """
    uses = _uses(story)
    doubles = _doubles(story)
    for version, words in _all_words(story):
        for left, second in pairwise(words):
            pair = f"{left.folded} {second.folded}"
            text = story.version(version).text[left.start : second.end]
            if pair.replace(" ", "-") in doubles and text == f"{left.text} {second.text}":
                uses.add(version, word_at(left.start, text), pair)
    families: dict[str, list[str]] = defaultdict(list)
    for spelling in sorted(uses.at):
        families[_family(spelling)].append(spelling)
    for spelling in sorted(uses.at):
        rivals = [s for s in families[_family(spelling)] if s != spelling]
        for version in sorted(uses.at[spelling]):
            right = _preferred(uses, version, spelling, rivals)
            if right:
                word = min(uses.at[spelling][version], key=lambda w: w.start)
                yield _form(uses, version, word, spelling, right)


def _family(spelling: str) -> str:
    """What all variants of a name share; a double name is none of its parts written in one."""
    return " ".join(key(part) for part in re.split(r"[ -]", spelling))


def is_double(name: str) -> bool:
    """Whether a word of a name is two capitalised parts with a hyphen between them."""
    return re.fullmatch(r"[A-Z]\w+-[A-Z]\w+", name) is not None


def _doubles(story: Story) -> frozenset[str]:
    return frozenset(
        w.folded
        for annotation in story.annotations.values()
        for m in annotation.names
        for w in m.words
        if is_double(w.bare) and not story.language.place_groups(w.bare.split("-")[0])
    )


def _all_words(story: Story) -> Iterator[tuple[str, tuple[Word, ...]]]:
    """The words of all sentences and captions, which name people and places too."""
    for version, annotation in story.annotations.items():
        for words in annotation.words:
            yield version, words
    for residue in story.residue:
        if residue.kind in _CAPTIONS:
            text = story.version(residue.version).text[residue.start : residue.end]
            yield residue.version, words_in(text, residue.start)


def _preferred(uses: _Uses, version: str, spelling: str, rivals: list[str]) -> str | None:
    """The rival that more versions have, or that the version itself writes more often."""
    mine, like = uses.count(spelling, version), uses.others(spelling, version) + 1

    def wins(other: str) -> bool:
        total = uses.others(other, version) + (uses.count(other, version) > 0)
        if min(len(key(spelling)), len(key(other))) < SHORTEST or len(fold(other)) < SHORTEST:
            return False
        # A hyphen is lost more easily than put in.
        more = total >= like if "-" in other and " " in spelling else total > like
        own = uses.count(other, version)
        return own > mine or (own == mine and more) or (not own and total >= 2 and more)

    winners = [o for o in rivals if wins(o)]
    return max(winners, key=lambda o: (len(uses.at[o]), uses.count(o, version), o), default=None)


def tally(forms: Sequence[str]) -> str:
    """The most frequent of some forms; the first in alphabetical order among equals."""
    counts = Counter(forms)
    return min(counts, key=lambda f: (-counts[f], f))
