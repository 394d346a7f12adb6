"""Rows: which sentences of several versions say the same thing.

Method. The similarity of two sentences is a containment form of BERTScore (Zhang et al. 2020):
the share of one sentence's words, weighted by inverse document frequency, that finds its like in
the other by cosine of contextual word vectors, taken from the side that is better covered. So a
short quotation matches the long sentence that contains it. Sentences are then joined bottom-up by
average linkage (Sokal & Michener 1958) over all versions at once. Nothing assumes that order is
kept, and a sentence without a match stays alone. Bertalign and Vecalign, which align two texts,
assume a monotone order, which news versions do not keep.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from audit.align.embed import SentenceVectors
from audit.model import Row, Sentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

JOIN = 0.57
"""Least average similarity at which two groups are joined. See `docs/alignment.md`."""

SPLIT_GAIN = 0.06
"""Where both groups hold sentences of one version (one sentence cut in two), neighbours in a text
also resemble each other. They are joined only if together they cover the words of the sentences
opposite by this much more than the better of them alone."""

JOIN_BETWEEN = 0.4
"""Least cosine of sentence vectors at which two sentences are joined that stand between the same
aligned neighbours, the borders of the text included. Of 788 pairs of DEMETR's development half, 17
are damaged or paraphrased too much for JOIN; all have at least this."""

CANDIDATES = 4
"""Sentences of each other version, nearest by sentence vector, whose words are compared."""

CANDIDATE_COSINE = 0.3
"""No two sentences of the development rows that belong together are further apart than 0.4."""


def align(sentences: Sequence[Sentence], vectors: Sequence[SentenceVectors]) -> tuple[Row, ...]:
    """Group the sentences of all versions of a story into rows.

    `vectors[i]` belongs to `sentences[i]`. The rows do not depend on the order of the sentences;
    they come in the order of the version that has most of them, sentences only others have after
    the sentence they follow there.
    """
    order = sorted(range(len(sentences)), key=lambda i: (sentences[i].version, sentences[i].index))
    ordered = [sentences[i] for i in order]
    ordered_vectors = [vectors[i] for i in order]
    groups = _Joining(ordered, ordered_vectors).groups()
    return _rows(ordered, _join_between(ordered, ordered_vectors, groups))


def idf_weights(sentences: Sequence[Sentence]) -> list[NDArray[np.float64]]:
    """Weight of each token: ln of (sentences + 1) / (sentences that have it + ½); 0 for marks."""
    import numpy as np

    forms = [[t.text.casefold() if t.is_word else "" for t in s.tokens] for s in sentences]
    frequency = Counter(form for sentence in forms for form in set(sentence))
    total = len(sentences) + 1
    return [
        np.array([math.log(total / (frequency[f] + 0.5)) if f else 0.0 for f in sentence])
        for sentence in forms
    ]


def _candidates(
    sentences: Sequence[Sentence], vectors: Sequence[SentenceVectors]
) -> list[tuple[int, int]]:
    """Pairs (i, j), i < j, of different versions that are near enough to compare their words."""
    import numpy as np

    whole = np.stack([v.sentence for v in vectors])
    cosine = whole @ whole.T
    members: dict[str, list[int]] = {}
    for i, s in enumerate(sentences):
        members.setdefault(s.version, []).append(i)
    pairs: set[tuple[int, int]] = set()
    for version, others in members.items():
        block = cosine[:, others]
        nearest = np.argsort(-block, axis=1, kind="stable")[:, :CANDIDATES]
        for i, columns in enumerate(nearest):
            if sentences[i].version == version:
                continue
            for c in columns:
                if block[i, c] >= CANDIDATE_COSINE:
                    j = others[c]
                    pairs.add((min(i, j), max(i, j)))
    return sorted(pairs)


class _Joining:
    """Average-linkage clustering over pairs of different versions; non-candidates count 0."""

    def __init__(self, sentences: Sequence[Sentence], vectors: Sequence[SentenceVectors]) -> None:
        self.sentences = sentences
        self.vectors = vectors
        self.weights = idf_weights(sentences)
        self.best: dict[tuple[int, int], NDArray[np.float32]] = {}

    def groups(self) -> list[list[int]]:
        groups: dict[int, list[int]] = {i: [i] for i in range(len(self.sentences))}
        sums: dict[int, dict[int, float]] = {i: {} for i in groups}
        heap: list[tuple[float, int, int]] = []
        pairs = _candidates(self.sentences, self.vectors)
        self._match_all(pairs)
        for i, j in pairs:
            similarity = max(self.coverage(i, (j,)), self.coverage(j, (i,)))
            sums[i][j] = sums[j][i] = similarity
            if similarity >= JOIN:
                heap.append((-similarity, i, j))
        heapq.heapify(heap)
        fresh = len(self.sentences)
        while heap:
            _, a, b = heapq.heappop(heap)
            if a not in groups or b not in groups or not self.may_join(groups[a], groups[b]):
                continue
            merged = groups.pop(a) + groups.pop(b)
            sums[fresh] = {
                k: sums[a].get(k, 0.0) + sums[b].get(k, 0.0)
                for k in sums[a].keys() | sums[b].keys()
                if k in groups
            }
            groups[fresh] = merged
            for k, total in sums[fresh].items():
                sums[k][fresh] = total
                mean = total / self.opposite_pairs(groups[k], merged)
                if mean >= JOIN:
                    heapq.heappush(heap, (-mean, k, fresh))
            fresh += 1
        return list(groups.values())

    def _match_all(self, pairs: list[tuple[int, int]]) -> None:
        """Fill `best` for many pairs with one matrix product a sentence."""
        import numpy as np

        partners: dict[int, list[int]] = {}
        for i, j in pairs:
            if len(self.sentences[i].tokens) and len(self.sentences[j].tokens):
                partners.setdefault(i, []).append(j)
        for i, others in partners.items():
            sizes = [len(self.vectors[j].tokens) for j in others]
            starts = np.cumsum([0, *sizes[:-1]])
            table = (
                self.vectors[i].tokens @ np.concatenate([self.vectors[j].tokens for j in others]).T
            )
            rows = np.maximum.reduceat(table, starts, axis=1)
            columns = np.split(table.max(axis=0), starts[1:])
            for k, j in enumerate(others):
                self.best[i, j] = rows[:, k]
                self.best[j, i] = columns[k]

    def best_match(self, i: int, j: int) -> NDArray[np.float32]:
        """Similarity of each token of sentence i to its like in sentence j."""
        if (i, j) not in self.best:
            table = self.vectors[i].tokens @ self.vectors[j].tokens.T
            self.best[i, j] = table.max(axis=1)
            self.best[j, i] = table.max(axis=0)
        return self.best[i, j]

    def coverage(self, i: int, others: Sequence[int]) -> float:
        """Share of the weighted words of sentence i that the others together have."""
        total = float(self.weights[i].sum())
        if total <= 0:
            return 0.0
        best = self.best_match(i, others[0])
        for j in others[1:]:
            best = best.clip(min=self.best_match(i, j))
        return float((best * self.weights[i]).sum() / total)

    def may_join(self, a: list[int], b: list[int]) -> bool:
        """Whether the sentences that one version has in both groups complete each other."""
        version = [s.version for s in self.sentences]
        for shared in {version[i] for i in a} & {version[i] for i in b}:
            in_a = [i for i in a if version[i] == shared]
            in_b = [i for i in b if version[i] == shared]
            gains = [
                self.coverage(x, in_a + in_b) - max(self.coverage(x, in_a), self.coverage(x, in_b))
                for x in a + b
                if version[x] != shared
            ]
            if not gains or sum(gains) / len(gains) < SPLIT_GAIN:
                return False
        return True

    def opposite_pairs(self, a: list[int], b: list[int]) -> int:
        """Number of pairs of sentences of different versions."""
        count_a = Counter(self.sentences[i].version for i in a)
        count_b = Counter(self.sentences[i].version for i in b)
        return len(a) * len(b) - sum(n * count_b[v] for v, n in count_a.items())


def _join_between(
    sentences: Sequence[Sentence], vectors: Sequence[SentenceVectors], groups: list[list[int]]
) -> list[list[int]]:
    """Join sentences that stand between the same aligned neighbours, though little is alike."""
    group_of = {i: k for k, group in enumerate(groups) for i in group}

    def neighbours(i: int) -> tuple[int, int]:
        """Groups of the sentences before and after; the borders of a text are alike in all."""
        sides = []
        for j, border in ((i - 1, -1), (i + 1, -2)):
            inside = 0 <= j < len(sentences) and sentences[j].version == sentences[i].version
            sides.append(group_of[j] if inside else border)
        return sides[0], sides[1]

    places: dict[tuple[int, int], list[int]] = {}
    for i in range(len(sentences)):
        places.setdefault(neighbours(i), []).append(i)
    pairs = sorted(
        (
            (float(vectors[i].sentence @ vectors[j].sentence), i, j)
            for place in places.values()
            for i, j in combinations(place, 2)
        ),
        key=lambda pair: (-pair[0], pair[1:]),
    )
    joined = {k: list(group) for k, group in enumerate(groups)}
    for cosine, i, j in pairs:
        a, b = group_of[i], group_of[j]
        versions = {sentences[k].version for k in joined[a]}
        if cosine < JOIN_BETWEEN or not versions.isdisjoint(
            sentences[k].version for k in joined[b]
        ):
            continue
        for k in joined.pop(b):
            joined[a].append(k)
            group_of[k] = a
    return list(joined.values())


def _rows(sentences: Sequence[Sentence], groups: list[list[int]]) -> tuple[Row, ...]:
    """Number the groups in reading order: by mean relative position in their versions."""
    length = Counter(s.version for s in sentences)

    def position(group: list[int]) -> tuple[float, str, int]:
        first = sentences[min(group)]
        where = [(sentences[i].index + 0.5) / length[sentences[i].version] for i in group]
        return (sum(where) / len(where), first.version, first.index)

    rows = []
    for number, group in enumerate(sorted(groups, key=position), start=1):
        cells: dict[str, list[int]] = {}
        for i in sorted(group):
            cells.setdefault(sentences[i].version, []).append(sentences[i].index)
        rows.append(Row(f"R{number:03}", {v: tuple(cell) for v, cell in cells.items()}))
    return tuple(rows)
