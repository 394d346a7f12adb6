"""Small stories of texts given in a test, annotated and laid side by side without a model."""

from __future__ import annotations

from dataclasses import replace

from audit.align.witnesses import with_witnesses
from audit.annotate import annotate
from audit.language.en import ENGLISH
from audit.model import Degree, Language, Nearness, Row, Story, Version, Witnesses
from audit.segment.sentences import segment


def story_of(*, language: Language = ENGLISH, **texts: str) -> Story:
    """A story whose versions all lie in one row, without word links."""
    versions = tuple(Version(v, text) for v, text in sorted(texts.items()))
    sentences = {v.id: segment(v, language)[0] for v in versions}
    row = Row("r1", {v: tuple(range(len(s))) for v, s in sentences.items()})
    story = Story("s", versions, language, sentences=sentences, rows=(row,))
    return with_near_cells(with_witnesses(annotate(story)))


def with_near_cells(story: Story) -> Story:
    """The story with all cells of a row taken for the same statement, whatever they say."""
    near = Nearness(Degree.STATEMENT, 1.0)
    others = {
        place: tuple(replace(c, nearness=near) for c in cells)
        for place, cells in story.others.items()
    }
    witnesses = {
        place: Witnesses(
            tuple(c.version for c in cells),
            cells[0].version if cells else None,
            None,
            tuple(c.version for c in cells),
        )
        for place, cells in others.items()
    }
    return replace(story, others=others, witnesses=witnesses)
