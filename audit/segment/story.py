"""Mend and cut up the versions of a story."""

from __future__ import annotations

from dataclasses import replace

from audit.model import Story
from audit.segment.repair import repaired
from audit.segment.sentences import segment


def with_repairs(story: Story) -> Story:
    """The story with what its pages left in the texts mended; all that follows reads these."""
    found = repaired(story.versions, story.language)
    versions = tuple(found[v.id].read if v.id in found else v for v in story.versions)
    return replace(story, versions=versions, repaired=found)


def with_sentences(story: Story) -> Story:
    """The story with each version cut into sentences, and page furniture set apart."""
    cut = {v.id: segment(v, story.language) for v in story.versions}
    return replace(
        story,
        sentences={v: sentences for v, (sentences, _) in cut.items()},
        residue=tuple(r for _, residue in cut.values() for r in residue),
    )
