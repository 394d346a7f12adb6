"""Word links: which word of one version stands for which word of another, inside a row.

Method. Mutual best match over cosines of contextual word vectors (SimAlign's Argmax; Jalili Sabet
et al. 2020), smoothed along the diagonal so that of several "the" the one between the same
neighbours wins, and repeated over what is still unlinked (Itermax). What is left between two linked
neighbours is linked by position: that is where a garbled reading stands ("Tokaj" for "Tokayev"),
whose vector is far from the right one.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from audit.align.embed import SentenceVectors
from audit.model import CellMatch, Row, Sentence, Token

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LINK = 0.45
"""Least smoothed cosine of a mutual best match. All-MiniLM's unrelated words lie around 0.2, words
that translate the same source word mostly above 0.6."""

SMOOTHING = 0.25
"""Share that the neighbours on the diagonal have in a link's score."""

PASSES = 3
"""Rounds of mutual best match; the third still adds a few links, a fourth hardly any."""

STRAY = 0.8
"""A link at least this similar stands on its own; a weaker one needs a linked neighbour …"""

STRAY_REACH = 2
"""… whose partner is this near to its own, in words."""

SLOT = 2
"""Longest run of unlinked words between linked neighbours that is linked by position."""


def link_rows(
    rows: Sequence[Row],
    sentences: Mapping[str, Sequence[Sentence]],
    vectors: Mapping[tuple[str, int], SentenceVectors],
) -> dict[tuple[str, str, str], CellMatch]:
    """Link the words of every two versions in every row.

    `vectors` is keyed by (version id, sentence index). The result is keyed by
    (row id, version a, version b) with a < b, as `Story.matches` asks.
    """
    import numpy as np

    links: dict[tuple[str, str, str], CellMatch] = {}
    for row in rows:
        tokens = {
            v: tuple(t for i in cell for t in sentences[v][i].tokens)
            for v, cell in row.cells.items()
        }
        versions = sorted(tokens)
        if len(versions) < 2:
            continue
        ends = np.cumsum([len(tokens[v]) for v in versions])
        place = {v: slice(e - len(tokens[v]), e) for v, e in zip(versions, ends, strict=True)}
        stacked = np.concatenate([vectors[v, i].tokens for v in versions for i in row.cells[v]])
        words = np.array([t.is_word for v in versions for t in tokens[v]], dtype=bool)
        similarity = (stacked @ stacked.T).clip(0.0, 1.0)
        similarity[~words] = 0.0
        similarity[:, ~words] = 0.0
        for a, b in itertools.combinations(versions, 2):
            links[row.id, a, b] = _link(
                tokens[a],
                tokens[b],
                similarity[place[a], place[b]],
                words[place[a]],
                words[place[b]],
            )
    return links


def _link(
    a_tokens: tuple[Token, ...],
    b_tokens: tuple[Token, ...],
    similarity: NDArray[np.float32],
    a_words: NDArray[np.bool_],
    b_words: NDArray[np.bool_],
) -> CellMatch:
    import numpy as np

    pairs = _mutual(_smooth(similarity, a_words, b_words))
    pairs = _drop_strays(pairs, similarity, np.cumsum(a_words), np.cumsum(b_words))
    pairs = _fill_slots(pairs, np.flatnonzero(a_words), np.flatnonzero(b_words))
    return CellMatch(a_tokens, b_tokens, similarity, tuple(sorted(pairs)))


def _smooth(
    similarity: NDArray[np.float32], a_words: NDArray[np.bool_], b_words: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Mix each cosine with those of the words before and after on both sides."""
    import numpy as np

    words = similarity[np.ix_(a_words, b_words)]
    before, after = np.zeros_like(words), np.zeros_like(words)
    before[1:, 1:] = words[:-1, :-1]
    after[:-1, :-1] = words[1:, 1:]
    mixed = (1 - SMOOTHING) * words + SMOOTHING * np.maximum(before, after)
    smooth = np.zeros_like(similarity)
    smooth[np.ix_(a_words, b_words)] = mixed
    return smooth


def _mutual(score: NDArray[np.float32]) -> set[tuple[int, int]]:
    """Pairs that are each other's best, over the rows and columns not linked in earlier passes."""
    pairs: set[tuple[int, int]] = set()
    if not score.size:
        return pairs
    open_score = score.copy()
    for _ in range(PASSES):
        best_b, best_a = open_score.argmax(axis=1), open_score.argmax(axis=0)
        found = [
            (i, int(j)) for i, j in enumerate(best_b) if open_score[i, j] >= LINK and best_a[j] == i
        ]
        if not found:
            break
        pairs.update(found)
        open_score[[i for i, _ in found]] = 0.0
        open_score[:, [j for _, j in found]] = 0.0
    return pairs


def _drop_strays(
    pairs: set[tuple[int, int]],
    similarity: NDArray[np.float32],
    a_place: NDArray[np.intp],
    b_place: NDArray[np.intp],
) -> set[tuple[int, int]]:
    """Leave out weak links without support by a neighbour ("of" far from its noun)."""
    where = {int(a_place[i]): int(b_place[j]) for i, j in pairs}

    def supported(i: int, j: int) -> bool:
        k, opposite = int(a_place[i]), int(b_place[j])
        return any(abs(where.get(k + d, -9) - opposite) <= STRAY_REACH for d in (-1, 1))

    return {(i, j) for i, j in pairs if similarity[i, j] >= STRAY or supported(i, j)}


def _fill_slots(
    pairs: set[tuple[int, int]], a_words: NDArray[np.intp], b_words: NDArray[np.intp]
) -> set[tuple[int, int]]:
    """Link short runs of as many unlinked words between neighbours that are linked in order."""
    partner = dict(pairs)
    taken = set(partner.values())
    place_b = {int(j): k for k, j in enumerate(b_words)}
    filled = set(pairs)
    # the borders of the cells count as linked neighbours
    anchors = [(-1, -1)]
    anchors += [(k, place_b[partner[int(i)]]) for k, i in enumerate(a_words) if int(i) in partner]
    anchors.append((len(a_words), len(b_words)))
    for (a0, b0), (a1, b1) in itertools.pairwise(anchors):
        run = a1 - a0 - 1
        if not 1 <= run <= SLOT or b1 - b0 - 1 != run:
            continue
        between = [int(j) for j in b_words[b0 + 1 : b1]]
        if not taken.intersection(between):
            filled.update(zip((int(i) for i in a_words[a0 + 1 : a1]), between, strict=True))
    return filled
