"""Versions that report another story than the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from audit.model import Skipped, Story

__all__ = ["NOT_THIS_STORY", "without_strangers"]

T = TypeVar("T")

NOT_THIS_STORY = "not this story"
"""Stands in what `skipped` says of a stranger."""

FEW_ROWS = 0.1
FEW_NAMES = 0.1
"""A stranger shares a row with another version in at most this part of its sentences, and less than
this part of its names is in any other version. Of pages put among those of another of 34 news
events none but those of sister events has more than .06 and .08. Of the pages of one event ten have
less than .1 of the rows (features, sidebars), and none of these less than .1 of the names."""

LEAST_SENTENCES = 4
LEAST_NAMES = 3
"""Of a shorter text, and of one with fewer names, nothing is said."""


def without_strangers(story: Story) -> Story:
    """The story without versions of another story; `skipped` names each.

    Where no two versions have anything in common, nobody knows which is the story: all stay, and
    `skipped` says so.
    """
    if len(story.versions) < 2:
        return story
    shares = {v.id: _shares(story, v.id) for v in story.versions}
    strange = {v for v, (rows, names) in shares.items() if rows <= FEW_ROWS and names < FEW_NAMES}
    if not strange:
        return story
    if len(story.versions) - len(strange) < 2:
        listed = ", ".join(sorted(strange))
        why = f"{listed}: next to nothing in common; they may tell different stories"
        return replace(story, skipped=(*story.skipped, Skipped("comparison", why)))
    notes = tuple(
        Skipped(
            "input",
            f"{v}: not scored: {NOT_THIS_STORY}; it shares {shares[v][0]:.0%} of its sentences "
            f"and {shares[v][1]:.0%} of its names with the other versions",
        )
        for v in sorted(strange)
    )
    return replace(_without(story, strange), skipped=(*story.skipped, *notes))


def _shares(story: Story, version: str) -> tuple[float, float]:
    """How much of a version's sentences and of its names other versions have; 1 if too few."""
    sentences = story.sentences[version]
    own = _names(story, version)
    if len(sentences) < LEAST_SENTENCES or len(own) < LEAST_NAMES:
        return 1.0, 1.0
    shared = sum(len(story.row_of[version, s.index].cells) > 1 for s in sentences)
    others = {n for v in story.versions if v.id != version for n in _names(story, v.id)}
    return shared / len(sentences), len(own & others) / len(own)


def _names(story: Story, version: str) -> set[str]:
    """The folded words of a version's names, initials and particles left out."""
    names = story.annotations[version].names
    return {w.folded for m in names for w in m.words if len(w.folded) > 3}


def _without(story: Story, gone: set[str]) -> Story:
    """The story as if some versions had not been given; rows keep their ids."""

    def left(of: Mapping[str, T]) -> dict[str, T]:
        return {v: x for v, x in of.items() if v not in gone}

    rows = (replace(r, cells=left(r.cells)) for r in story.rows)
    return replace(
        story,
        versions=tuple(v for v in story.versions if v.id not in gone),
        repaired=left(story.repaired),
        sentences=left(story.sentences),
        residue=tuple(r for r in story.residue if r.version not in gone),
        annotations=left(story.annotations),
        rows=tuple(r for r in rows if r.cells),
        matches={k: m for k, m in story.matches.items() if not gone & {k[1], k[2]}},
    )
