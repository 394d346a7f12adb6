"""What speaks for and against each word of a version, as numbers.

One row of numbers a token: how well the witnesses support it, whether they agree among themselves
on another form, what they have and this version lacks next to it, how common the word is, and,
where a language model ran, how surprising it is. Nothing here judges; the trained model does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from audit.measure.expectation import excess
from audit.model import CellMatch, Language, Retelling, Row, Story, Token

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RARE = 7.5
LEAST_RARITY = 0.5
"""Rarity stands for inverse document frequency: 7.5 − Zipf frequency, at least 0.5 (“the”, 7.7)."""

WITNESS_COLUMNS = (
    "witnesses",
    "support_mean",
    "support_max",
    "support_min",
    "linked",
    "same_form",
    "rival_share",
    "rival_same",
    "lost_before",
    "lost_after",
    "moved",
)
FORM_COLUMNS = ("is_word", "zipf", "length", "upper", "digit", "position", "sentence_words")
FLUENCY_COLUMNS = (
    "surprisal",
    "excess",
    "next_excess",
    "sentence_excess",
    "over_witnesses",
    "better",
    "retold",
    "next_retold",
    "retold_over",
    "untold_before",
    "untold_after",
)
OWN_COLUMNS = WITNESS_COLUMNS + FORM_COLUMNS + FLUENCY_COLUMNS
BESIDE_COLUMNS = (
    "support_mean",
    "support_max",
    "linked",
    "excess",
    "zipf",
    "same_form",
    "lost_before",
    "lost_after",
)
COLUMNS = (
    *OWN_COLUMNS,
    *(f"previous_{c}" for c in BESIDE_COLUMNS),
    *(f"next_{c}" for c in BESIDE_COLUMNS),
    "sentence_support",
    "sentence_linked",
    "row_lost",
    "row_unsaid",
    "row_told",
    "row_agreement",
    "row_untold",
)
"""What the trained model sees of a word; a value that is not known is NaN."""


def cell_evidence(
    story: Story, row: Row, version: str, used: Sequence[str] | None = None
) -> NDArray[np.float32]:
    """Evidence of the tokens of a cell, shape (tokens, len(COLUMNS)).

    It comes from the versions `used`, by default the witnesses of the cell. The story must have its
    witnesses.
    """
    import numpy as np

    language = story.language
    tokens = tuple(t for s in story.cell(row, version) for t in s.tokens)
    witnesses = story.witnesses[row.id, version]
    versions = witnesses.versions if used is None else used
    matches = {w: m for w in versions if (m := story.match(row, version, w)) is not None}
    witness = np.full((len(tokens), len(WITNESS_COLUMNS)), np.nan, dtype=np.float32)
    witness[:, 0] = len(matches)
    if matches:
        witness = _witness_evidence(tokens, list(matches.values()), language)
    retelling = story.retellings.get((row.id, version))
    fluency = np.full((len(tokens), len(FLUENCY_COLUMNS)), np.nan, dtype=np.float32)
    if story.surprisal is not None:
        fluency = _fluency_evidence(story, row, version, matches, retelling)
    own = np.concatenate([witness, _form_evidence(story, row, version), fluency], axis=1)
    sizes = [len(s.tokens) for s in story.cell(row, version)]
    whole = np.array(
        [
            _lost(matches, language),
            *_unsaid(matches, language),
            _or_unknown(witnesses.likeness),
            _untold(retelling),
        ],
        dtype=np.float32,
    )
    row_columns = np.broadcast_to(whole, (len(own), len(whole)))
    return np.concatenate([_with_sentence(own, sizes), row_columns], axis=1)


def _or_unknown(value: float | None) -> float:
    return float("nan") if value is None else value


def _lost(matches: Mapping[str, CellMatch], language: Language) -> float:
    """Weight of what a witness says that this cell does not, in the mean of the witnesses."""
    if not matches:
        return float("nan")
    return sum(sum(_unlinked_weights(m, language)) for m in matches.values()) / len(matches)


def _unsaid(matches: Mapping[str, CellMatch], language: Language) -> tuple[float, float]:
    """Weight of the witnesses' words times their distance from the nearest word here, and their
    weight: one minus the quotient is the recall of BERTScore (Zhang et al. 2020), here with rarity
    in the place of inverse document frequency. Means over the witnesses.
    """
    import numpy as np

    if not matches:
        return float("nan"), float("nan")
    unsaid, whole = 0.0, 0.0
    for m in matches.values():
        weight = np.array([rarity(t.text, language) if t.is_word else 0.0 for t in m.b_tokens])
        nearest = m.similarity.max(axis=0) if m.similarity.size else np.zeros(len(weight))
        unsaid += float((weight * (1 - nearest)).sum())
        whole += float(weight.sum())
    return unsaid / len(matches), whole / len(matches)


def _with_sentence(own: NDArray[np.float32], sizes: list[int]) -> NDArray[np.float32]:
    """Add to each token the evidence of its neighbours and the means of its sentence."""
    import numpy as np

    beside = own[:, [OWN_COLUMNS.index(c) for c in BESIDE_COLUMNS]]
    parts = []
    at = 0
    for size in sizes:
        inside = beside[at : at + size]
        border = np.full((1, len(BESIDE_COLUMNS)), np.nan, dtype=np.float32)
        before = np.concatenate([border, inside[:-1]]) if size else inside
        after = np.concatenate([inside[1:], border]) if size else inside
        means = own[at : at + size, [OWN_COLUMNS.index(c) for c in ("support_mean", "linked")]]
        whole = np.broadcast_to(means.mean(axis=0), (size, 2)) if size else means
        parts.append(np.concatenate([own[at : at + size], before, after, whole], axis=1))
        at += size
    table: NDArray[np.float32] = (
        np.concatenate(parts) if parts else np.zeros((0, len(COLUMNS)), dtype=np.float32)
    )
    return table


def _witness_evidence(
    tokens: tuple[Token, ...], matches: list[CellMatch], language: Language
) -> NDArray[np.float32]:
    import numpy as np

    n, count = len(tokens), len(matches)
    support = np.stack(
        [m.similarity.max(axis=1) if m.similarity.size else np.zeros(n) for m in matches]
    )
    forms = [t.text.casefold() for t in tokens]
    linked, same = np.zeros(n), np.zeros(n)
    lost_before, lost_after, moved = np.zeros(n), np.zeros(n), np.zeros(n)
    rivals: list[Counter[str]] = [Counter() for _ in tokens]
    for m in matches:
        partner = dict(m.pairs)
        free = _unlinked_weights(m, language)
        previous = -1
        for i, j in m.pairs:
            linked[i] += 1
            form = m.b_tokens[j].text.casefold()
            if form == forms[i]:
                same[i] += 1
            else:
                rivals[i][form] += 1
            moved[i] += j < previous
            previous = max(previous, j)
        for i, j in partner.items():
            lost_before[i] += _run(free, j, -1)
            lost_after[i] += _run(free, j, 1)
    top = np.array([max(r.values(), default=0) for r in rivals])
    out = np.stack(
        [
            np.full(n, float(count)),
            support.mean(axis=0),
            support.max(axis=0),
            support.min(axis=0),
            linked / count,
            same / count,
            np.array([sum(r.values()) for r in rivals]) / count,
            top / count,
            lost_before / count,
            lost_after / count,
            moved / count,
        ],
        axis=1,
    )
    result: NDArray[np.float32] = out.astype(np.float32)
    return result


def _unlinked_weights(match: CellMatch, language: Language) -> list[float]:
    """For each b token: 0 if linked or a mark, else how rare the word is (7.5 − zipf)."""
    taken = {j for _, j in match.pairs}
    return [
        0.0 if j in taken or not t.is_word else rarity(t.text, language)
        for j, t in enumerate(match.b_tokens)
    ]


def _run(free: list[float], at: int, step: int) -> float:
    """Weight of the unlinked words directly beside a token, marks passed over, five at most."""
    total, k = 0.0, at + step
    for _ in range(5):
        if not 0 <= k < len(free) or free[k] == 0.0:
            break
        total += free[k]
        k += step
    return total


def _form_evidence(story: Story, row: Row, version: str) -> NDArray[np.float32]:
    import numpy as np

    rows = []
    for s in story.cell(row, version):
        words = sum(t.is_word for t in s.tokens)
        for k, t in enumerate(s.tokens):
            rows.append(
                (
                    t.is_word,
                    story.language.token_zipf(t.text) if t.is_word else 0.0,
                    len(t.text),
                    t.text[:1].isupper(),
                    t.has_digit,
                    k / len(s.tokens),
                    words,
                )
            )
    return np.array(rows, dtype=np.float32).reshape(-1, len(FORM_COLUMNS))


def _fluency_evidence(
    story: Story,
    row: Row,
    version: str,
    matches: Mapping[str, CellMatch],
    retelling: Retelling | None,
) -> NDArray[np.float32]:
    """Surprisal against what is usual for the word, and against the witnesses' words."""
    import numpy as np

    own, own_excess = _cell_surprisal(story, row, version)
    following = np.append(own_excess[1:], 0.0)
    mean = np.full_like(own, own_excess.mean() if len(own) else 0.0)
    over, count = np.zeros_like(own), np.zeros_like(own)
    for w, match in matches.items():
        theirs, _ = _cell_surprisal(story, row, w)
        for i, j in match.pairs:
            over[i] += own[i] - theirs[j]
            count[i] += 1
    over = np.where(count > 0, over / np.maximum(count, 1), 0.0)
    better = np.array(_better(story, row, version), dtype=np.float32)
    columns = np.stack([own, own_excess, following, mean, over, better], axis=1)
    table: NDArray[np.float32] = np.concatenate(
        [
            columns,
            _retold(
                own,
                retelling,
                matches.get(story.witnesses[row.id, version].key or ""),
                story.language,
            ),
        ],
        axis=1,
    )
    return table


def _retold(
    own: NDArray[np.float32],
    retelling: Retelling | None,
    match: CellMatch | None,
    language: Language,
) -> NDArray[np.float32]:
    """Surprisal of the tokens after the key witness, and of what the witness has beside them; NaN
    where it was not read."""
    import numpy as np

    if retelling is None or match is None:
        return np.full((len(own), 5), np.nan, dtype=np.float32)
    nats = np.array(retelling.own, dtype=np.float32)
    beside = np.full((len(own), 2), np.nan, dtype=np.float32)
    if retelling.theirs is not None:
        weights = _unlinked_weights(match, language)
        free = [n if w else 0.0 for n, w in zip(retelling.theirs, weights, strict=True)]
        beside[:] = 0.0
        for i, j in match.pairs:
            beside[i] += _run(free, j, -1), _run(free, j, 1)
    return np.concatenate(
        [np.stack([nats, np.append(nats[1:], 0.0), nats - own], axis=1), beside], axis=1
    )


def _untold(retelling: Retelling | None) -> float:
    """Mean surprisal of the key witness's tokens to one who has read the cell; NaN without one."""
    return fmean(retelling.theirs) if retelling and retelling.theirs else float("nan")


def _better(story: Story, row: Row, version: str) -> list[float]:
    """For each token of a cell what the best alternative gains, in nats; 0 where there is none."""
    gains: dict[int, float] = {}
    for s in story.cell(row, version):
        for a in story.alternatives.get((version, s.index), ()):
            gains[a.start] = max(gains.get(a.start, 0.0), a.gain)
    return [gains.get(t.start, 0.0) for s in story.cell(row, version) for t in s.tokens]


def _cell_surprisal(
    story: Story, row: Row, version: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Surprisal of a cell's tokens in nats, and in spreads above what is usual."""
    import numpy as np

    assert story.surprisal is not None
    nats: list[float] = []
    over: list[float] = []
    for s in story.cell(row, version):
        own = story.surprisal[version][s.index]
        nats += own
        over += excess(s.tokens, own, story.language)
    return np.array(nats, dtype=np.float32), np.array(over, dtype=np.float32)


def rarity(word: str, language: Language) -> float:
    """The weight of a word: RARE − Zipf frequency, at least LEAST_RARITY."""
    return max(LEAST_RARITY, RARE - language.token_zipf(word))
