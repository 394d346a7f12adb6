"""Names of one cell and what another cell of its row has in their place.

`told` says whether a passage names the same thing in any form; `replaced` pairs names that stand at
one place and name different things; `gaps` finds places where a name of the other cell is missing
and the words around it have closed up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from audit.annotate.names import is_title
from audit.compare.place import Span, context, linked, stem
from audit.language.en.lexicon import is_english
from audit.language.en.names import (
    ARTICLES,
    CORE_PREPOSITIONS,
    FINITE,
    FUNCTION_WORDS,
    PREPOSITIONS,
    is_kin,
    place_groups,
    places_in,
    weight,
)
from audit.language.spelling import fold, is_variant
from audit.model import CellMatch, Mention, Row, Sentence, Story, Token, Word

SAME_PLACE = 0.5
"""Least evidence that two names stand at one place, of 1. Chosen on the DEMETR development half,
where 0.42 and 0.5 find the same damage, and on two human translations of one story, where 0.42
flags a sixth more than 0.5."""

INTRODUCTION = 8
"""Most words before the comma that closes an introductory phrase."""

WHERE = 0.3
"""Weight of a place inside a longer name, against its other words."""

ENOUGH = 0.3
"""Share of a name's weight that must be found for the name to be told: a surname is enough, the
"Office" of another office is not."""

_LINK, _CONTEXT, _ALONE, _EDGES, _BEFORE = 0.4, 0.5, 0.3, 0.15, 0.15
"""Shares of the evidence: word link, neighbours, no rival, both first or last in their sentence,
the same word before ("carried out by the …")."""

_STOPS = frozenset(",.;:!?)]”’")
_OPEN, _CLOSE = frozenset('“"‘('), frozenset('”"’)')
_JOINING = frozenset(["and", "or", "but", "because", "while"])
_CLAUSE = frozenset(["that", "if", "whether"])
_NO_OBJECT = FINITE | CORE_PREPOSITIONS | {"about", "so"}

_EDGE = ""
"""Stands for the beginning or the end of a sentence among its neighbours."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A name of one cell, the name of another at its place, and the evidence (0 to 1)."""

    ours: Mention
    theirs: Mention
    evidence: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a name of another cell is missing: the two words around the gap, and that name.

    `broken` says that the words left do not fit together without the name.
    """

    start: int
    end: int
    before: str
    after: str
    missing: Mention
    broken: bool


def told(mention: Mention, words: Sequence[Word]) -> bool:
    """Whether a passage names what the mention names.

    In full or in part (a surname), as its people or capital, by its initials, run together or in
    another spelling. A place that only says where something belongs ("US Supreme Court") counts
    little.
    """
    places = places_in(words)
    if place_groups(" ".join(w.bare for w in mention.words)) & places:
        return True
    there = {w.folded for w in words} | {p for w in words for p in w.folded.split("-")}
    letters = _letters(mention.parts)
    if len(letters) >= 5 and letters in _letters([w.folded for w in words]):
        return True
    if _by_initials(mention, words, there):
        return True
    return _share(mention, lambda part: _found(part, there, places)) >= ENOUGH


def _letters(parts: Iterable[str]) -> str:
    return "".join(c for part in parts for c in part if c.isalnum())


def _share(mention: Mention, is_found: Callable[[str], bool]) -> float:
    """Share of a name's weight in the parts that are found."""
    total = found = 0.0
    for part in mention.parts:
        value = weight(part)
        if len(mention.parts) > 1 and place_groups(part):
            value *= WHERE
        total += value
        found += value if is_found(part) else 0.0
    return found / total if total else 0.0


def _found(part: str, there: set[str], places: frozenset[int]) -> bool:
    if place_groups(part) & places:
        return True
    pieces = [part, *(p for p in part.split("-") if len(p) > 2)]
    if any(p in there for p in pieces) or part.replace("-", "") in there:
        return True
    return any(
        is_kin(part, w) or is_variant(part, w) or _abbreviates(part, w)
        for w in there
        if w[:1] == part[:1]
    )


def _abbreviates(a: str, b: str) -> bool:
    short, long = sorted((a.replace(".", ""), b.replace(".", "")), key=len)
    return 2 <= len(short) <= 4 and long.startswith(short) and short not in FUNCTION_WORDS


def _by_initials(mention: Mention, words: Sequence[Word], there: set[str]) -> bool:
    initials = "".join(w.folded[0] for w in words if w.folded not in FUNCTION_WORDS)
    for word in mention.words:
        letters = word.bare.replace(".", "")
        if letters.isupper() and 2 <= len(letters) <= 6 and letters.lower() in initials:
            return True
    acronym = "".join(p[0] for p in mention.parts)
    short = (w.replace(".", "") for w in there if len(w) <= 6)
    return len(acronym) >= 2 and any(w.startswith(acronym) for w in short)


class Names:
    """The names of a story by cell, and which versions tell them."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._told: dict[tuple[str, int, str, str], bool] = {}
        self._replaced: dict[tuple[str, str, str], dict[Mention, Counterpart]] = {}
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

    def is_told(self, mention: Mention, row: Row, version: str) -> bool:
        """Whether a version tells the name in its cell, beside it, or word for word anywhere."""
        place = (mention.version, mention.start, row.id, version)
        if place not in self._told:
            self._told[place] = self._is_told(mention, row, version)
        return self._told[place]

    def _is_told(self, mention: Mention, row: Row, version: str) -> bool:
        whole = self._whole[version]
        if _share(mention, whole.__contains__) >= ENOUGH:
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
        return told(mention, passage)

    def replaced(self, row: Row, a: str, b: str) -> dict[Mention, Counterpart]:
        """Names of cell `a` at whose place cell `b` names something else."""
        place = (row.id, a, b)
        if place not in self._replaced:
            self._replaced[place] = self._pair(row, a, b)
        return self._replaced[place]

    def _pair(self, row: Row, a: str, b: str) -> dict[Mention, Counterpart]:
        ours = [m for m in self.of_cell(row, a) if not self.is_told(m, row, b)]
        theirs = [m for m in self.of_cell(row, b) if not self.is_told(m, row, a)]
        alone = len({m.parts for m in ours}) == 1 == len({m.parts for m in theirs})
        scored = [
            Counterpart(x, y, self._evidence(row, a, x, b, y, alone))
            for x in ours
            for y in theirs
            if any(_is_proper(p) for p in (*x.parts, *y.parts))
        ]
        scored.sort(key=lambda c: (-c.evidence, c.ours.start, c.theirs.start))
        chosen: dict[Mention, Counterpart] = {}
        taken: set[Mention] = set()
        for pair in scored:
            if pair.evidence >= SAME_PLACE and pair.ours not in chosen and pair.theirs not in taken:
                chosen[pair.ours] = pair
                taken.add(pair.theirs)
        return chosen

    def _evidence(self, row: Row, a: str, x: Mention, b: str, y: Mention, alone: bool) -> float:
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
        words = self.story.annotations[mention.version].words[mention.sentence]
        before = [
            w for w in words if w.end <= mention.start and not is_title(w, self.story.language)
        ]
        return next((w.folded for w in before[::-1] if w.folded not in ARTICLES), "")

    def _edge(self, mention: Mention) -> str | None:
        """Whether a name is the first or last content word of its sentence."""
        words = self.story.annotations[mention.version].words[mention.sentence]
        content = [w for w in words if w.folded not in FUNCTION_WORDS]
        if content and content[0].start >= mention.start:
            return "first"
        return "last" if content and content[-1].start <= mention.end else None

    def gaps(self, row: Row, a: str, b: str) -> Iterator[Gap]:
        """Places of cell `a` where a name of cell `b` is missing and its neighbours meet."""
        paired = {c.theirs for c in self.replaced(row, a, b).values()}
        match = self.story.match(row, a, b)
        for mention in self.of_cell(row, b):
            if mention in paired or self.is_told(mention, row, a):
                continue
            telling = [self.is_told(mention, row, v) for v in row.cells if v not in (a, b)]
            if sum(telling) + 1 < len(telling) - sum(telling):
                continue
            gap = self._gap(row, a, b, mention, match)
            if gap:
                yield gap

    def _gap(
        self, row: Row, a: str, b: str, mention: Mention, match: CellMatch | None
    ) -> Gap | None:
        sentence = self.story.sentences[b][mention.sentence]
        tokens = sentence.tokens
        inside = [
            i for i, t in enumerate(tokens) if t.start < mention.end and t.end > mention.start
        ]
        left = tokens[inside[0] - 1] if inside[0] else None
        right = tokens[inside[-1] + 1] if inside[-1] + 1 < len(tokens) else None
        proper = any(_is_proper(part) for part in mention.parts)
        best: tuple[tuple[bool, int], Gap] | None = None
        for ours in self.story.cell(row, a):
            around: list[Token | None] = [None, *_possessives_joined(ours), None]
            for x, y in pairwise(around):
                sides = _same(x, left, match) + _same(y, right, match)
                broken = _is_broken(x, y, sides) or (sides > 0 and _lacks_subject(ours, x, y))
                if (broken or (sides == 2 and proper and _is_full(x, y))) and (
                    best is None or (broken, sides) > best[0]
                ):
                    gap = Gap(*_gap_span(x, y), _text(x), _text(y), mention, broken)
                    best = (broken, sides), gap
        return best[1] if best else None


def _is_proper(part: str) -> bool:
    return bool(place_groups(part)) or not is_english(part)


def _gap_span(x: Token | None, y: Token | None) -> Span:
    ends = [t for t in (x, y) if t is not None]
    return ends[0].start, ends[-1].end


def _text(token: Token | None) -> str:
    return token.text if token else _EDGE


def _same(ours: Token | None, theirs: Token | None, match: CellMatch | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    if not ours.is_word or not theirs.is_word:
        return ours.text == theirs.text
    if stem(ours.text) == stem(theirs.text):
        return True
    return linked(match, (ours.start, ours.end), (theirs.start, theirs.end))


def _possessives_joined(sentence: Sentence) -> Iterator[Token]:
    """The tokens of a sentence, an ending that has lost its word ("of 's economy") as one."""
    tokens = iter(sentence.tokens)
    for token in tokens:
        tail = sentence.text[token.end - sentence.start :][:2]
        if token.text in "'’" and re.match(r"s\b", tail) and (last := next(tokens, None)):
            yield Token(token.start, last.end, token.text + last.text)
        else:
            yield token


def _is_full(x: Token | None, y: Token | None) -> bool:
    """Whether two content words meet: only then two equal neighbours say that something is gone."""
    words = [fold(t.text) for t in (x, y) if t is not None and t.is_word]
    return len(words) == 2 and words[0] not in FUNCTION_WORDS and words[1] not in ARTICLES


def _lacks_subject(sentence: Sentence, x: Token | None, y: Token | None) -> bool:
    """Whether a verb follows the comma of an introductory phrase: "Last month, experienced"."""
    if x is None or y is None or x.text != "," or not _is_verb(fold(y.text)):
        return False
    before = [t for t in sentence.tokens if t.end <= x.start]
    return len(before) <= INTRODUCTION and not any(t.text == "," for t in before)


def _is_broken(x: Token | None, y: Token | None, sides: int) -> bool:
    """Whether two neighbours cannot stand side by side: "by and", "in .", "The also", ",,".

    `sides` is how many of them stand beside the name in the other cell: what is unusual but
    possible English needs one or both.
    """
    before, after = fold(_text(x)), fold(_text(y))
    stop = y is not None and after in _STOPS
    if x is None:
        return after in (",", ".") or (sides == 2 and _is_verb(after))
    # "A" may be a letter of its own.
    article = before in ARTICLES and x.text != "A"
    if after.startswith("'"):
        return after == "'s" and (article or before in PREPOSITIONS)
    if before in CORE_PREPOSITIONS:
        lost = (sides > 0 and after in _NO_OBJECT) or (sides == 2 and after == "that")
        return stop or after in _JOINING or lost
    if article:
        return stop or (sides > 0 and after in _NO_OBJECT | _JOINING)
    if before in _JOINING:
        return stop and sides > 0
    if before in _CLAUSE:
        return sides == 2 and _is_verb(after)
    if before in _OPEN:
        return after in _CLOSE or (after == "," and before != '"')
    return before == after == ","


def _is_verb(word: str) -> bool:
    return word in FINITE or (len(word) > 4 and word.endswith("ed"))
