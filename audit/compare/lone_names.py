"""Names that one version alone has, where the others have another of the same person or place.

This looks at whole versions, not at rows: two pages that tell little in the same sentences still
name the same people. A name is *lone* if no other version has the word, and the one it stands for
is a word that this version lacks and others have. What connects the two is a shared rest of the
name (Theodore Eshvort, Theodore Ashworth) or, for a name of one word, a form that is nearly the
same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from audit.compare.place import stem
from audit.language.spelling import is_variant, key, similarity
from audit.model import Language, Mention, Story, Word

__all__ = ["SOUNDS", "LoneName", "lone_names"]

ALIKE = 0.8
"""Least Jaro-Winkler similarity of two forms of a name of one word; Klesnowo, Kresnovo .88."""

SOUNDS = 0.6
"""The same where the rest of the name is shared; names of two people mostly lie below it."""

SHORTEST = 5
"""Letters of the shortest name of one word: shorter ones lie too close together."""

ROLE = 3
"""Words before and after a name that say who it is ("defence minister", "the goalkeeper")."""

COMMON = 3.5
"""Zipf frequency from which a word shared by two names is rather "Bay" than a person's."""

LEAST_REST = 4
"""Letters of the shortest such word ("A.J." and "Abu" are many people's)."""

RESPELLED = 0.93
"""Likeness from which two names with the same consonants are two ways of writing one."""

CONFIRMED = 2
"""Least number of versions with a form for it to be held against one that its version has too."""


VOICED = ({"g", "k"}, {"b", "p"}, {"d", "t"})
"""First letters that transliterations exchange: Gurbanguly, Kurbanguly."""


@dataclass(frozen=True, slots=True)
class LoneName:
    """A word of a name that one version alone has, and the name that others have for it.

    `word` is the word of the mention that is another one; `right` what others have for it;
    `others` the mention of it in each version that names it so, `having` the versions that have
    the word `right` at all. `likeness` is how alike both are,
    `evidence`, 0 to 1, how surely both name one person or place.
    """

    mention: Mention
    word: Word
    right: Word
    others: Mapping[str, Mention]
    having: tuple[str, ...]
    likeness: float
    evidence: float


def lone_names(story: Story) -> Iterator[LoneName]:
    """The lone names of a story, each mention of them, by version and in text order."""
    names = _NamesOf(story)
    for version in sorted(story.annotations):
        for mention in names.mentions[version]:
            yield from names.replaced(version, mention)


@dataclass(frozen=True, slots=True)
class _Rival:
    """What another version has for a word of a name: its mention and word, and what shows it."""

    mention: Mention
    word: Word
    likeness: float
    evidence: float


class _NamesOf:
    """The names of a story by version, and which words each version has."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.language: Language = story.language
        self.mentions = {v: a.names for v, a in story.annotations.items()}
        self.named = {v: [(m, _named(m)) for m in names] for v, names in self.mentions.items()}
        self.words = {
            v: frozenset(w.folded for words in a.words for w in words)
            for v, a in story.annotations.items()
        }

    @cached_property
    def partners(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """By version and word: the words that stand beside it in names of several words."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for version, names in self.named.items():
            for _, words in names:
                parts = [w.folded for w in words]
                for part in parts:
                    found[version, part].update(p for p in parts if p != part)
        return {place: frozenset(parts) for place, parts in found.items()}

    def replaced(self, version: str, mention: Mention) -> Iterator[LoneName]:
        """The words of a mention that stand for another name."""
        copies = self.story.copies_of.get(version, frozenset([version]))
        rivals = [v for v in sorted(self.mentions) if v not in copies]
        named = _named(mention)
        for word in named:
            left = _beside(named, word)
            forms = {word.folded, word.folded.removesuffix("s")}  # the Klitschkos
            if any(forms & self.words[v] for v in rivals):
                continue
            found: dict[str, _Rival] = {}
            for v in rivals:
                scored = [
                    rival
                    for theirs, theirs_named in self.named[v]
                    if len(theirs_named) == len(named)
                    for right in theirs_named
                    if (
                        rival := self._rival(
                            mention, word, left, theirs, right, _beside(theirs_named, right)
                        )
                    )
                ]
                if scored:
                    found[v] = max(scored, key=lambda r: (r.evidence, -r.mention.start))
            if len({r.word.folded for r in found.values()}) != 1:
                continue  # none, or the others do not agree on who it is
            best = max(found.values(), key=lambda r: r.evidence)
            others = {v: r.mention for v, r in found.items()}
            having = tuple(v for v in rivals if best.word.folded in self.words[v])
            yield LoneName(mention, word, best.word, others, having, best.likeness, best.evidence)

    def _rival(
        self,
        ours: Mention,
        word: Word,
        left: tuple[bool, str] | None,
        theirs: Mention,
        right: Word,
        theirs_left: tuple[bool, str] | None,
    ) -> _Rival | None:
        """A word of another version's name that ours may stand for, if something shows it; both
        with what is left of their names."""
        names = word.folded, right.folded
        if left is None or theirs_left is None:
            if min(map(len, names)) < SHORTEST:
                return None
            likeness = _likeness(*names)
            evidence = self._alone(ours.version, word, right, likeness)
        else:
            same = left[0] == theirs_left[0] and key(left[1]) == key(theirs_left[1])
            if not same or right.folded in self.words[ours.version]:
                return None
            likeness = _likeness(*names)
            evidence = self._with_rest(ours, word, theirs, right, left[1], likeness)
        if (
            not evidence
            or _is_spelling(word.folded, right.folded, self.language)
            or self.language.place_groups(word.folded)
            or self.language.place_groups(right.folded)
        ):
            return None
        return _Rival(theirs, right, likeness, evidence)

    def _alone(self, version: str, word: Word, right: Word, likeness: float) -> float:
        """Names of one word must be nearly one form, and neither of them made of words."""
        names = word.folded, right.folded
        if likeness < ALIKE:
            return 0.0
        if any(self.language.is_word(piece) for name in names for piece in name.split("-")):
            return 0.0
        if right.folded in self.words[version] and not self._is_slip(version, *names):
            return 0.0
        return likeness

    def _is_slip(self, version: str, name: str, right: str) -> bool:
        """Whether a version that has both forms hardly means two: no ending is added or lost."""
        together = any(
            {name, right} <= {w.folded for w in words}
            for words in self.story.annotations[version].words
        )
        ending = name.startswith(right) or right.startswith(name)
        having = sum(right in words for words in self.words.values())
        return not together and not ending and having >= CONFIRMED

    def _with_rest(
        self, ours: Mention, word: Word, theirs: Mention, right: Word, rest: str, likeness: float
    ) -> float:
        """Names of which a word is the same must sound alike or share a role."""
        if any(
            self.partners.get((v, rest), frozenset()) - {w.folded}
            for v, w in ((ours.version, word), (theirs.version, right))
        ):
            return 0.0  # two people share this word of their names
        role = self._roles(ours) & self._roles(theirs)
        if not self._is_persons(rest):
            ordinary = any(self.language.is_word(w.folded) for w in (word, right))
            return 0.0 if ordinary or likeness < ALIKE else likeness
        if likeness >= SOUNDS:
            return min(1.0, likeness + 0.2 * bool(role))
        return 0.6 + 0.1 * min(2, len(role)) if role else 0.0

    def _is_persons(self, rest: str) -> bool:
        """Whether the shared word of a name is a person's: no place, no common word."""
        language = self.language
        if len(rest.replace(".", "")) < LEAST_REST or language.place_groups(rest):
            return False
        is_given = rest in language.public_figures().given_names
        return is_given or not language.is_word(rest) or language.zipf(rest) < COMMON

    def _roles(self, mention: Mention) -> frozenset[str]:
        """Stems of the content words just before and after a name."""
        words = self.story.annotations[mention.version].words[mention.sentence]
        before = [w for w in words if w.end <= mention.start][-ROLE:]
        after = [w for w in words if w.start >= mention.end][:ROLE]
        return frozenset(
            stem(w.folded)
            for w in (*before, *after)
            if not self.language.is_function_word(w.folded)
        )


def _named(mention: Mention) -> list[Word]:
    """The last two words of a name: what stands before them tells nationality or office."""
    return [w for w in mention.words if w.folded in mention.parts][-2:]


def _beside(named: Sequence[Word], word: Word) -> tuple[bool, str] | None:
    """The other word of a name, and whether it comes first; None for a name of one word."""
    if len(named) < 2:
        return None
    first = named[0] is not word
    return first, named[0 if first else 1].folded


def _likeness(a: str, b: str) -> float:
    """How alike two words are; of double names that share one part, how alike the other is."""
    ours, theirs = a.split("-"), b.split("-")
    if len(ours) == len(theirs) > 1:
        differing = [(x, y) for x, y in zip(ours, theirs, strict=True) if x != y]
        if len(differing) == 1:
            return max(SOUNDS, similarity(*differing[0]))
    return similarity(a, b)


def _is_spelling(a: str, b: str, language: Language) -> bool:
    """Whether two words are spellings or forms of one name, its article put in or left out."""
    if is_variant(a, b) or language.is_kin(a, b) or b in a.split("-") or a in b.split("-"):
        return True
    if language.public_figures().is_form_of(a, b) or a.startswith(b) or b.startswith(a):
        return True  # a short form of a given name, or an ending more
    if a.endswith(b) or b.endswith(a):
        return True  # two words in one: DelGiudice
    if a[1:] == b[1:] and {a[0], b[0]} in VOICED:
        return True
    x, y = (re.sub("[aeiou]", "", key(n)) for n in (a, b))
    return min(len(a), len(b)) >= SHORTEST and x == y and similarity(a, b) >= RESPELLED
