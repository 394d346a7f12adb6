"""Words that stand for another thing than the witnesses name.

What it finds
A single content word where other versions of the sentence have another one, and which reads wrongly
here ("uranium digger" for "uranium producer").

Why it matters
A wrong term misinforms, and no grammar checker sees it.

How it decides
A trained word model gives every word the probability that a careful reader would mark it, from what
the other versions have at its place, how common it is and how surprising a language model finds it
there. A run of words over the bar is reported; it is a wrong
term if it is one content word for which the witnesses have another with another stem.
The probability, calibrated on kept-out stories, is the confidence.

Known problems
A fitting synonym in an unusual sentence may be taken for a wrong term.

Example
"hoarding troops near the border" -> "massing troops near the border".
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.detect.base import Info, Settings
from audit.detect.features.suspects import runs, suspect
from audit.model import Finding, Story

INFO = Info(
    id="wrong-term",
    category="wrong-term",
    severity="minor",
    mqm="Accuracy/Mistranslation",
    needs=frozenset({"surprisal"}),
    status="preview",
)


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield suspect runs that look like a wrong term."""
    for run in runs(story, "wrong-term"):
        yield suspect(INFO, story, run, "This word reads wrongly here")
