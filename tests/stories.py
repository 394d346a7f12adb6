"""Small stories of texts given in a test, annotated and laid side by side without a model."""

from __future__ import annotations

from audit.align.witnesses import with_witnesses
from audit.annotate import annotate
from audit.language.en import ENGLISH
from audit.model import Language, Row, Story, Version
from audit.segment.sentences import segment


def story_of(*, language: Language = ENGLISH, **texts: str) -> Story:
    """A story whose versions all lie in one row, without word links."""
    versions = tuple(Version(v, text) for v, text in sorted(texts.items()))
    sentences = {v.id: segment(v, language)[0] for v in versions}
    row = Row("r1", {v: tuple(range(len(s))) for v, s in sentences.items()})
    story = Story("s", versions, language, sentences=sentences, rows=(row,))
    return with_witnesses(annotate(story))
