"""Which articles are copies of each other, by their MinHash signatures."""

from __future__ import annotations

from collections.abc import Sequence

from audit.stories.groups import components
from audit.stories.likeness import COPY
from audit.stories.member import Member

__all__ = ["copies"]


def copies(members: Sequence[Member]) -> list[list[str]]:
    """The articles in groups of copies, each sorted; an article without a copy is alone."""
    import numpy as np

    pairs = [(m.article, m.article) for m in members]
    if members:
        signatures = np.stack([np.frombuffer(m.signature, "<u4") for m in members])
        for i, own in enumerate(signatures):
            shares = (signatures[i + 1 :] == own).mean(axis=1)
            alike = np.flatnonzero(shares >= COPY) + i + 1
            pairs += [(members[i].article, members[j].article) for j in alike.tolist()]
    return components(pairs)
