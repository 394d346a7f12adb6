"""A word that stands for another thing than the witnesses name.

What it finds
A single content word for which another version of the sentence has one of another stem, and which
reads wrongly here ("came below scrutiny", "hoarding troops").

Why it matters
A wrong term misinforms, and no grammar checker sees it.

How it decides
A trained word model gives every word the probability that a careful reader would mark it, from what
the witnesses have at its place, how common it is and how surprising a language model finds it.
Where it is doubted, the witness's word is put in its place: the confidence comes from what the
sentence gains by it, in nats, and from the doubt (docs/calibration.md). A paraphrase gains next to
nothing. Where six or more other independent versions word the sentence nearly alike,
doubt alone will do, if it is of a serious fault and hardly one of them has the words: such findings
show what one of them has there, and their confidence is low. And a reader, a small network over
the hidden states of the language model, doubts words without any row; what it doubts is weighed
against what the other versions have anywhere (docs/real-pages.md). The offices that stand before
one name are held against each other in sentences of the same statement; which side is wrong
follows from how often each version errs.

Known problems
A rare but fitting word may lose against a common one. A term that is wrong in all versions
is seen by the reader alone, which knows no other wording. One that shares its first four letters
with the right one (interest, international) is reported as a matter of grammar.

Example
"The firm came below scrutiny." -> "under".
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.compare.claims.offices import offices
from audit.detect.base import Info, Settings
from audit.detect.shared.doubt import misworded
from audit.detect.shared.misread import misread
from audit.detect.shared.shifts import shifts
from audit.model import Finding, Story

INFO = Info(
    id="wrong-term",
    category="wrong-term",
    severity="minor",
    needs=frozenset({"versions", "surprisal"}),
    status="preview",
)


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Another office before a name; words that a witness words otherwise, or that fit nowhere."""
    yield from shifts(INFO, story, (offices,))
    yield from misworded(INFO, story, settings)
    yield from misread(INFO, story, settings)
