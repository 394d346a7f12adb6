"""Names of one cell and what another cell of its row has in their place.

`is_mentioned` says whether a passage names the same thing in any form; `Names.rivals` pairs names
that stand at one place and name different things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from audit.annotate.names import is_title
from audit.compare.pairing import Pair, Rivals, best_pairs, rivals
from audit.compare.place import context, linked
from audit.language.spelling import is_variant
from audit.model import Language, Mention, Row, Story, Word

__all__ = ["SAME_PLACE", "Names", "is_mentioned", "is_proper"]

SAME_PLACE = 0.5
"""Least evidence that two names stand at one place, of 1. Chosen on the DEMETR development half,
where 0.42 and 0.5 find the same damage, and on two human translations of one story, where 0.42
flags a sixth more than 0.5."""

WHERE = 0.3
"""Weight of a place inside a longer name, against its other words."""

ENOUGH = 0.3
"""Share of a name's weight that must be found for the name to be mentioned: a surname is enough,
the "Office" of another office is not."""

ORDINARY = 3.0
"""Zipf frequency from which a word of a name may be one that stands for another word."""

SHORTEST = 4
"""Letters of the shortest such word: shorter ones are short for given names ("Mo", "Al")."""

LONGEST_PLACE = 3
"""Words of the longest place name that is looked for."""

_LINK, _CONTEXT, _ALONE, _EDGES, _BEFORE = 0.4, 0.5, 0.3, 0.15, 0.15
"""Shares of the evidence: word link, neighbours, no rival, both first or last in their sentence,
the same word before ("carried out by the …")."""


def is_mentioned(mention: Mention, words: Sequence[Word], language: Language) -> bool:
    """Whether a passage names what the mention names.

    In full or in part (a surname), as its people or capital, by its initials, run together or in
    another spelling. A place that only says where something belongs ("US Supreme Court") counts
    little.
    """
    places = _places_in(words, language)
    if language.place_groups(" ".join(w.bare for w in mention.words)) & places:
        return True
    there = {w.folded for w in words} | {p for w in words for p in w.folded.split("-")}
    letters = _letters(mention.parts)
    if len(letters) >= 5 and letters in _letters([w.folded for w in words]):
        return True
    if _by_initials(mention, words, there, language.words("stopwords")):
        return True
    share = _share(mention, lambda part: _found(part, there, places, language), language)
    return share >= ENOUGH


def has_word_replaced(mention: Mention, right: Mention, language: Language) -> bool:
    """Whether a name is another one with an ordinary word in the place of one of its words.

    So "New York Instances" is the New York Times. Given names make another person, a place makes
    another body of the kind, and "Foreign Office" is a right name of the Foreign Ministry.
    """
    ours, theirs = mention.parts, right.parts
    if len(ours) != len(theirs) or len(ours) < 2:
        return False
    if any(language.place_groups(" ".join(w.bare for w in m.words)) for m in (mention, right)):
        return False
    differing = [(i, a, b) for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    if len(differing) != 1:
        return False
    ((at, new, old),) = differing
    heads = language.words("heads")
    return (
        language.is_word(new)
        and len(new) >= SHORTEST
        and language.zipf(new) >= ORDINARY
        and not (language.is_kin(new, old) or is_variant(new, old))
        and new not in language.public_figures().given_names
        and not (language.place_groups(new) or language.place_groups(old))
        and not (at == len(ours) - 1 and {new, old} & heads)
    )


def is_proper(part: str, language: Language) -> bool:
    """Whether a word of a name is a place or no word of the language."""
    return bool(language.place_groups(part)) or not language.is_word(part)


def _places_in(words: Sequence[Word], language: Language) -> frozenset[int]:
    """Which places the words of a passage name, in up to `LONGEST_PLACE` words."""
    bare = [w.bare for w in words]
    return frozenset(
        place
        for size in range(1, LONGEST_PLACE + 1)
        for i in range(len(bare) - size + 1)
        for place in language.place_groups(" ".join(bare[i : i + size]))
    )


def _letters(parts: Iterable[str]) -> str:
    return "".join(c for part in parts for c in part if c.isalnum())


def _share(mention: Mention, is_found: Callable[[str], bool], language: Language) -> float:
    """Share of a name's weight in the parts that are found."""
    total = found = 0.0
    for part in mention.parts:
        value = _weight(part, language)
        if len(mention.parts) > 1 and language.place_groups(part):
            value *= WHERE
        total += value
        found += value if is_found(part) else 0.0
    return found / total if total else 0.0


def _weight(part: str, language: Language) -> float:
    """How much a word says about which name it belongs to: rare words much, "Office" little."""
    rarity = max(0.4, 7 - language.zipf(part))
    return rarity if is_proper(part, language) else rarity / 2


def _found(part: str, there: set[str], places: frozenset[int], language: Language) -> bool:
    if language.place_groups(part) & places:
        return True
    pieces = [part, *(p for p in part.split("-") if len(p) > 2)]
    if any(p in there for p in pieces) or part.replace("-", "") in there:
        return True
    stopwords = language.words("stopwords")
    return any(
        language.is_kin(part, w) or is_variant(part, w) or _abbreviates(part, w, stopwords)
        for w in there
        if w[:1] == part[:1]
    )


def _abbreviates(a: str, b: str, stopwords: frozenset[str]) -> bool:
    short, long = sorted((a.replace(".", ""), b.replace(".", "")), key=len)
    return 2 <= len(short) <= 4 and long.startswith(short) and short not in stopwords


def _by_initials(
    mention: Mention, words: Sequence[Word], there: set[str], stopwords: frozenset[str]
) -> bool:
    initials = "".join(w.folded[0] for w in words if w.folded not in stopwords)
    for word in mention.words:
        letters = word.bare.replace(".", "")
        if letters.isupper() and 2 <= len(letters) <= 6 and letters.lower() in initials:
            return True
    acronym = "".join(p[0] for p in mention.parts)
    short = (w.replace(".", "") for w in there if len(w) <= 6)
    return len(acronym) >= 2 and any(w.startswith(acronym) for w in short)


class Names:
    """The names of a story by cell, and which versions mention them."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._mentioned: dict[tuple[str, int, str, str], bool] = {}
        self._rivals: dict[str, Rivals[Mention]] = {}
        self._by_sentence: dict[tuple[str, int], list[Mention]] = {}
        for version, annotation in story.annotations.items():
            for mention in annotation.names:
                self._by_sentence.setdefault((version, mention.sentence), []).append(mention)
        self._whole = {
            version: frozenset(w.folded for words in annotation.words for w in words)
            for version, annotation in story.annotations.items()
        }

    def of_cell(self, row: Row, version: str) -> list[Mention]:
        """The names of a cell in text order."""
        return [m for i in row.cells[version] for m in self._by_sentence.get((version, i), ())]

    def is_mentioned(self, mention: Mention, row: Row, version: str) -> bool:
        """Whether a version has the name in its cell, beside it, or word for word anywhere."""
        place = (mention.version, mention.start, row.id, version)
        if place not in self._mentioned:
            self._mentioned[place] = self._is_mentioned(mention, row, version)
        return self._mentioned[place]

    def _is_mentioned(self, mention: Mention, row: Row, version: str) -> bool:
        language = self.story.language
        if self._is_rewritten(mention, row, version):
            return False
        if _share(mention, self._whole[version].__contains__, language) >= ENOUGH:
            return True
        if any(self._is_part(other, mention) for other in self.of_cell(row, version)):
            return True
        cell = row.cells[version]
        last = len(self.story.sentences[version]) - 1
        near = sorted({j for i in cell for j in range(max(i - 1, 0), min(i + 1, last) + 1)})
        # What another name of our cell matches word for word is not there for this one too.
        others = {
            part
            for m in self.of_cell(row, mention.version)
            if m.parts != mention.parts
            for part in m.parts
        } - set(mention.parts)
        passage = [
            w
            for j in near
            for w in self.story.annotations[version].words[j]
            if w.folded not in others
        ]
        return is_mentioned(mention, passage, language)

    def _is_part(self, other: Mention, mention: Mention) -> bool:
        """Whether a name that stands by itself is a part of the name, and no place: a surname."""
        is_place = self.story.language.place_groups(" ".join(other.parts))
        return set(other.parts) < set(mention.parts) and not is_place

    def _is_rewritten(self, mention: Mention, row: Row, version: str) -> bool:
        """Whether a cell has the name with another word that one of the two versions lacks."""
        own = self._whole[mention.version]
        there = self._whole[version]
        for other in self.of_cell(row, version):
            if set(other.parts) <= own or set(mention.parts) <= there:
                continue
            if self._rewritten(mention, other):
                return True
        return False

    def _rewritten(self, a: Mention, b: Mention) -> bool:
        language = self.story.language
        return has_word_replaced(a, b, language) or has_word_replaced(b, a, language)

    def rivals(self, row: Row) -> Rivals[Mention]:
        """The names of a row at whose place another version names something else."""
        if row.id not in self._rivals:
            self._rivals[row.id] = rivals(row.cells, lambda a, b: self._pairs(row, a, b))
        return self._rivals[row.id]

    def _pairs(self, row: Row, a: str, b: str) -> list[Pair[Mention]]:
        ours = [m for m in self.of_cell(row, a) if not self.is_mentioned(m, row, b)]
        theirs = [m for m in self.of_cell(row, b) if not self.is_mentioned(m, row, a)]
        alone = len({m.parts for m in ours}) == 1 == len({m.parts for m in theirs})
        scored = [
            Pair(x, y, self._evidence(row, a, x, b, y, alone))
            for x in ours
            for y in theirs
            if self._rewritten(x, y)
            or any(is_proper(p, self.story.language) for p in (*x.parts, *y.parts))
        ]
        return best_pairs(scored, SAME_PLACE)

    def _evidence(self, row: Row, a: str, x: Mention, b: str, y: Mention, alone: bool) -> float:
        if self._rewritten(x, y):
            return 1.0
        return min(
            1.0,
            _LINK * linked(self.story.match(row, a, b), x.span, y.span)
            + _CONTEXT * context(self.story, row, a, x.span, b, y.span)
            + _ALONE * alone
            + _EDGES * (self._edge(x) is not None and self._edge(x) == self._edge(y))
            + _BEFORE * (self._before(x) != "" and self._before(x) == self._before(y)),
        )

    def _before(self, mention: Mention) -> str:
        """The word before a name, articles and titles left out; empty at a beginning."""
        language = self.story.language
        words = self.story.annotations[mention.version].words[mention.sentence]
        before = [w for w in words if w.end <= mention.start and not is_title(w, language)]
        articles = language.words("articles")
        return next((w.folded for w in before[::-1] if w.folded not in articles), "")

    def _edge(self, mention: Mention) -> str | None:
        """Whether a name is the first or last content word of its sentence."""
        stopwords = self.story.language.words("stopwords")
        words = self.story.annotations[mention.version].words[mention.sentence]
        content = [w for w in words if w.folded not in stopwords]
        if content and content[0].start >= mention.start:
            return "first"
        return "last" if content and content[-1].start <= mention.end else None
