"""The family tree of the versions as reports show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from audit.model import CATEGORIES, Descent, FamilyTree
from audit.report.passages import clip, visible

_WHY = 160
_QUOTE = 120


@dataclass(frozen=True, slots=True)
class Shared:
    """A rare fault that several versions have at the same place."""

    label: str
    quote: str
    versions: tuple[str, ...]
    outlets: str
    """Which outlets printed it, in words, if two or more are known to have; else empty."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """Which version descends from which, safe to show; `why` says what the tree rests on."""

    is_known: bool
    """Whether the parent of any version is known."""
    why: str
    origins: tuple[Descent, ...]
    shared: tuple[Shared, ...]

    @property
    def reasons(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each reason with the versions that it holds for."""
        found: dict[str, list[str]] = {}
        for o in self.origins:
            found.setdefault(o.why, []).append(o.version)
        return tuple((why, tuple(versions)) for why, versions in found.items())


def lineage(tree: FamilyTree | None) -> Lineage | None:
    """The family tree for readers; None for fewer than two versions."""
    if tree is None or len(tree.descents) < 2:
        return None
    shared = tuple(
        Shared(
            label=CATEGORIES[s.category].label,
            quote=clip(visible(s.places[0].quote), _QUOTE),
            versions=tuple(p.version for p in s.places),
            outlets=_listed(s.outlets) if len(s.outlets) > 1 else "",
        )
        for s in tree.shared
    )
    origins = tuple(replace(d, why=clip(visible(d.why), _WHY)) for d in tree.descents)
    return Lineage(tree.is_known, tree.why, origins, shared)


def _listed(names: Sequence[str]) -> str:
    *first, last = (clip(visible(n), 60) for n in names)
    return f"{', '.join(first)} and {last}" if first else last
