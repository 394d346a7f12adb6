"""Which side of a contradiction is wrong: the versions of a story convict each other.

At a place where versions contradict each other, one side may be wrong, or each may be right of
something else. How likely each is follows from how often a version errs (`Story.error_rates`) and
from how often sound articles that are as near differ there (Bayes' rule). Copies count once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

from audit.model import Degree, Measure, Story

__all__ = ["AGREED", "BLAME", "DECIDED", "Blame", "blame"]

BLAME = "probability that this side is wrong"
"""Name of the measure."""

NEEDED = Degree.STATEMENT
"""Cells further apart than this contradict each other rightly."""

DIFFER: Mapping[Degree, float] = {Degree.TEXT: 0.02, Degree.STATEMENT: 0.06}
"""How often cells that are so near differ rightly at a place where they seem to contradict each
other. In two human translations of one story (`humanpair`) three seeming contradictions in 1,000
words are no fault of either."""

AGREED = 0.3
"""By what that share shrinks with each further independent version that speaks against one alone
whose cell is the same text: sound retellings seldom leave all others at one there. Cells of the
same statement are left out: in `clusters` five sound articles of 191 would be blamed (dates of
pages, points of another match), with every version's error rate at .012."""

DECIDED = 0.5
"""Probability from which one side is held to be the wrong one."""

EITHER = 0.6
"""Least probability that a side is wrong for a contradiction to be reported at all, and …"""

OPEN = 0.3
"""… least probability of a side for it to be marked where neither reaches `DECIDED`."""


@dataclass(frozen=True, slots=True)
class Blame:
    """Probability that the version's own side is wrong, and that one of both sides is."""

    own: float
    either: float

    @property
    def is_decided(self) -> bool:
        """Whether the version's side is the wrong one, and not just one of two."""
        return self.own >= DECIDED

    @property
    def believed(self) -> float:
        """The probability that the place is a fault; of an open question half of it is."""
        return self.own if self.is_decided else self.either / 2

    @property
    def measure(self) -> Measure:
        """The probability of the own side, against the one that was asked for."""
        return Measure(BLAME, round(self.own, 3), DECIDED if self.is_decided else OPEN)

    @property
    def is_reported(self) -> bool:
        """Whether the version's place is marked."""
        return self.is_decided or (self.either >= EITHER and self.own >= OPEN)


def blame(
    story: Story,
    version: str,
    against: Iterable[str],
    like: Iterable[str],
    degree: Degree,
    differ: float | None = None,
) -> Blame:
    """Who is wrong where `against` contradict a version and `like` agree with it.

    `degree` is how near the version's cell is to the nearest of those against it. `differ` is how
    often sound articles differ rightly there, if that is known better than by the degree.
    """
    if degree < NEEDED:
        return Blame(0.0, 0.0)
    ours = _rates(story, [version, *like])
    theirs = _rates(story, against, ours)
    own = prod(ours.values()) * prod(1 - r for r in theirs.values())
    others = prod(1 - r for r in ours.values()) * prod(theirs.values())
    if differ is None:
        differ = DIFFER[degree]
        if degree == Degree.TEXT and len(ours) == 1 < len(theirs):
            differ *= AGREED ** (len(theirs) - 1)
    neither = differ * prod(1 - r for r in (*ours.values(), *theirs.values()))
    total = own + others + neither
    return Blame(own / total, (own + others) / total)


def _rates(
    story: Story, versions: Iterable[str], counted: Iterable[frozenset[str]] = ()
) -> dict[frozenset[str], float]:
    """The error rate of each group of copies among some versions, unless it is counted already."""
    taken = set(counted)
    found: dict[frozenset[str], float] = {}
    for v in versions:
        group = story.copies_of[v]
        if group not in taken:
            found.setdefault(group, story.error_rate(v))
    return found
