"""How near two cells of a row are: whether they express the same statement or only the same event.

Two articles about one event share names, places and figures in sentences that claim different
things. What contradicts in such a pair is no fault. The probability that two cells express one
statement comes from a logistic model over how much of each is found in the other: by cosine of
contextual word vectors (as recall and precision of BERTScore; Zhang et al. 2020), by word links and
by the words themselves, rare words first. Its weights, with what they were fitted on, stand in the
trained data of a language (`trained("nearness")`); `scripts/fit_nearness.py` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from audit.language.logistic import probability
from audit.language.spelling import plain
from audit.model import CellMatch, Degree, Language, Nearness, Token

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RARE = 7.5
LEAST_RARITY = 0.5
"""A word weighs 7.5 − its Zipf frequency, at least 0.5: an inverse document frequency."""

STATEMENT = 0.3
"""Least probability of one statement. 96 in 100 cells that translate one source sentence reach it
(WMT23, DEMETR, two human translations of news), one pair in five of what different outlets write
about one event, many of these agency copy."""

LINKED = 0.6
"""Least linked share of both cells for one statement, in a language without a fitted model."""

APART = 0.004
"""Cells less probable than this have a place or a topic in common and nothing else."""

FEWEST = 1
"""Content words that both cells need: of fewer, little can be linked either way."""

COPIED = 0.9
"""Share of the rarity that two cells of the same text have in common, or …"""

IN_ORDER = 0.85
"""… share of all words that stand in both, in one order: in a short sentence one wrong word is a
tenth of the rarity and more. Of two people's translations of one sentence (`humanpair`, six words
or more) 4 in 100 reach it; 9 in 100 would reach .8."""

FEATURES = (
    "covered_least",
    "covered_most",
    "linked_least",
    "linked_most",
    "shared",
    "contained",
)
"""Share of the weighted words of a cell that the other covers, and that are linked to it, for the
cell with less and the cell with more; weight of common forms of both cells, and of the shorter."""


def nearness(match: CellMatch, language: Language) -> Nearness:
    """How near the two cells of a match are."""
    values = features(match, language)
    if values is None:
        return Nearness(Degree.EVENT, 0.0)
    data = language.trained("nearness")
    if data is None:
        linked = values["linked_least"]
        return Nearness(Degree.STATEMENT if linked >= LINKED else Degree.EVENT, linked)
    same = round(probability(data, values), 4)
    return Nearness(_degree(same, values, match), same)


def _degree(same: float, values: Mapping[str, float], match: CellMatch) -> Degree:
    if values["shared"] >= COPIED or _in_order(match) >= IN_ORDER:
        return Degree.TEXT
    if same >= STATEMENT:
        return Degree.STATEMENT
    return Degree.EVENT if same >= APART else Degree.APART


def _in_order(match: CellMatch) -> float:
    """Share of the words of both cells that stand in both, in one order."""
    from rapidfuzz.distance import Indel

    a, b = ([plain(t.text) for t in side if t.is_word] for side in (match.a_tokens, match.b_tokens))
    return float(Indel.normalized_similarity(a, b))


def features(match: CellMatch, language: Language) -> dict[str, float] | None:
    """`FEATURES` of two cells; None where one of them has hardly a content word."""
    import numpy as np

    ours = _side(match.a_tokens, match.similarity, {i for i, _ in match.pairs}, language)
    theirs = _side(match.b_tokens, match.similarity.T, {j for _, j in match.pairs}, language)
    if ours is None or theirs is None:
        return None
    (a_covered, a_linked, a_forms), (b_covered, b_linked, b_forms) = ours, theirs
    common = sum(a_forms[f] for f in a_forms.keys() & b_forms.keys())
    a_total, b_total = sum(a_forms.values()), sum(b_forms.values())
    values = (
        min(a_covered, b_covered),
        max(a_covered, b_covered),
        min(a_linked, b_linked),
        max(a_linked, b_linked),
        2 * common / (a_total + b_total),
        common / min(a_total, b_total),
    )
    return dict(zip(FEATURES, np.round(values, 6).tolist(), strict=True))


def _side(
    tokens: Sequence[Token],
    similarity: NDArray[np.float32],
    linked: set[int],
    language: Language,
) -> tuple[float, float, Mapping[str, float]] | None:
    """Covered and linked share of a cell, and its content words with their weights."""
    import numpy as np

    weights = np.array(
        [
            max(LEAST_RARITY, RARE - language.token_zipf(t.text)) if t.is_word else 0.0
            for t in tokens
        ]
    )
    content = np.array([t.is_word and not language.is_function_word(t.text) for t in tokens])
    if content.sum() < FEWEST or not similarity.size:
        return None
    covered = float((similarity.max(axis=1) * weights).sum() / weights.sum())
    is_linked = np.array([i in linked for i in range(len(tokens))])
    carried = weights * content
    forms = {plain(t.text): float(w) for t, w, c in zip(tokens, weights, content, strict=True) if c}
    return covered, float((carried * is_linked).sum() / carried.sum()), forms
