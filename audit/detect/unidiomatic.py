"""Wording that no writer of the language would choose.

What it finds
A phrase that another version of the sentence words differently and better, and a place that reads
wrongly beside the other versions without any of them offering a wording for it.

Why it matters
Word-for-word phrasing is the most common trace of machine translation; a text full of it tires.

How it decides
A trained word model gives every word the probability that a careful reader would mark it. Where a
witness words the place differently, the confidence comes from what the sentence gains by the
witness's words, in nats, and from the doubt; where none does, the doubt alone must be high
(docs/calibration.md). Names, numbers and direct speech are left out. Where six or more other
independent versions word the sentence nearly alike, less doubt will do, for names too,
if hardly one of them has the words: such findings show what one of them has there, their confidence
is low, and two in three may be nothing. And a reader, a small network over the hidden states of
the language model, doubts runs of words without any row (docs/real-pages.md).

Known problems
Compressed headlines read wrongly to the models too. The language behind a phrase is not inferred;
behind a garbled name it is, where its letters show it.

Example
"He was made to know the result." -> "told of".
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.detect.base import Info, Settings
from audit.detect.shared.doubt import misworded
from audit.detect.shared.misread import misread
from audit.model import Finding, Story

INFO = Info(
    id="unidiomatic",
    category="unidiomatic",
    severity="minor",
    needs=frozenset({"versions", "surprisal"}),
    status="preview",
)


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Doubted phrasing, with a witness's wording where there is one."""
    yield from misworded(INFO, story, settings)
    yield from misread(INFO, story, settings)
