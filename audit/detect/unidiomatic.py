"""Phrases that no native writer would choose.

What it finds
Phrases of content words that read as carried over word for word ("the special capital").

Why it matters
Calques slow the reader down and are the clearest mark of translation.

How it decides
A trained word model gives every word the probability that a careful reader would mark it, from what
the other versions have at its place, how common it is and how surprising a language model finds it
there. A run of words over the bar is reported; it is phrasing if
it is neither a wrong term nor grammar.
The probability, calibrated on kept-out stories, is the confidence.

Known problems
A bold metaphor may be taken for a calque.

Example
"made use of the phone for to call" -> "called".
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.detect.base import Info, Settings
from audit.detect.features.suspects import runs, suspect
from audit.model import Finding, Story

INFO = Info(
    id="unidiomatic",
    category="unidiomatic",
    severity="minor",
    mqm="Fluency/Unidiomatic",
    needs=frozenset({"surprisal"}),
    status="preview",
)


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield suspect runs that look like unidiomatic phrasing."""
    for run in runs(story, "unidiomatic"):
        yield suspect(INFO, story, run, "This phrase reads as translated")
