"""Groups of articles by how alike they are, and which story each group carries on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def components(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """What hangs together by pairs, each part sorted, the parts by their first."""
    parent: dict[str, str] = {}

    def root(x: str) -> str:
        parent.setdefault(x, x)
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for a, b in pairs:
        parent[root(a)] = root(b)
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for x in sorted(parent):
        parts[root(x)].append(x)
    return sorted(parts.values())


def average_linkage(likeness: NDArray[np.float32], least: float) -> list[int]:
    """The group of each item: groups are joined while the mean likeness of their pairs is enough.

    Average linkage (Sokal and Michener 1958). One stray likeness joins no two groups, as it would
    in single linkage; a group with one odd member still grows, as it would not in complete linkage.
    """
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(likeness) == 1:
        return [1]
    apart = 1.0 - (likeness + likeness.T) / 2
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(np.maximum(apart, 0), checks=False), "average")
    groups: list[int] = fcluster(tree, 1 - least, "distance").tolist()
    return groups


def carried_on(groups: Sequence[Sequence[str]], story_of: Mapping[str, str]) -> dict[int, str]:
    """The story that each group carries on, by the group's place; a new story has no entry.

    A story goes on in the group that has most of its articles, and a group takes the story that
    brought most of its articles; what is equal goes to the group that comes first and the smallest
    story id.
    """
    shares = Counter(
        (story, g) for g, group in enumerate(groups) for a in group if (story := story_of.get(a))
    )
    heirs: dict[str, int] = {}
    for (story, g), _ in sorted(shares.items(), key=lambda s: (-s[1], s[0][1])):
        heirs.setdefault(story, g)
    carried: dict[int, str] = {}
    for story, g in sorted(heirs.items(), key=lambda h: (-shares[h], h[0])):
        carried.setdefault(g, story)
    return carried
