"""Whether two spans of two cells stand at the same place, by links and neighbours."""

from __future__ import annotations

from audit.language.spelling import fold
from audit.model import CellMatch, Row, Story, Token

Span = tuple[int, int]

WINDOW = 5
"""Words looked at on each side of a span."""


def linked(match: CellMatch | None, a: Span, b: Span) -> bool:
    """Whether some word of span `a` is linked to some word of span `b`."""
    if match is None:
        return False
    ours, theirs = _within(match.a_tokens, a), _within(match.b_tokens, b)
    return any(i in ours and j in theirs for i, j in match.pairs)


def _within(tokens: tuple[Token, ...], span: Span) -> frozenset[int]:
    return frozenset(
        i for i, t in enumerate(tokens) if t.start < span[1] and t.end > span[0] and t.is_word
    )


def neighbours(story: Story, row: Row, version: str, span: Span) -> dict[str, float]:
    """Stems of the content words around a span, weighted by nearness (1 / distance)."""
    stopwords = story.language.words("stopwords")
    before: list[str] = []
    after: list[str] = []
    for sentence in story.cell(row, version):
        if not sentence.start <= span[0] < sentence.end:
            continue
        for word in story.annotations[version].words[sentence.index]:
            if word.end <= span[0]:
                before.append(word.folded)
            elif word.start >= span[1]:
                after.append(word.folded)
    weights: dict[str, float] = {}
    for side in (before[::-1], after):
        content = [w for w in side if w not in stopwords]
        for distance, neighbour in enumerate(content[:WINDOW], start=1):
            weights[stem(neighbour)] = max(weights.get(stem(neighbour), 0.0), 1 / distance)
    return weights


def stem(word: str) -> str:
    """The first five letters of a word, folded: enough to see "factory" in "factories"."""
    return fold(word)[:5]


def context(story: Story, row: Row, a: str, a_span: Span, b: str, b_span: Span) -> float:
    """How much of the words around two spans is the same, 0 to 1.

    A word around the one span counts if its stem is around the other, or if it is linked to a
    word around the other; nearer words count more. The mean of both directions.
    """
    ours = neighbours(story, row, a, a_span)
    theirs = neighbours(story, row, b, b_span)
    partners = _partner_stems(story.match(row, a, b))
    back = _partner_stems(story.match(row, b, a))
    return (_share(ours, theirs, partners) + _share(theirs, ours, back)) / 2


def _partner_stems(match: CellMatch | None) -> dict[str, set[str]]:
    partners: dict[str, set[str]] = {}
    if match is not None:
        for i, j in match.pairs:
            partners.setdefault(stem(match.a_tokens[i].text), set()).add(
                stem(match.b_tokens[j].text)
            )
    return partners


def _share(
    ours: dict[str, float], theirs: dict[str, float], partners: dict[str, set[str]]
) -> float:
    total = sum(ours.values())
    if not total:
        return 0.0
    hit = sum(
        weight
        for word, weight in ours.items()
        if word in theirs or any(p in theirs for p in partners.get(word, ()))
    )
    return hit / total
