"""Words that break the grammar of their sentence.

What it finds
Closed-class words and inflections that do not fit ("they was", "in order that to").

Why it matters
Broken grammar tells the reader that nobody has read the text.

How it decides
A trained word model gives every word the probability that a careful reader would mark it, from what
the other versions have at its place, how common it is and how surprising a language model finds it
there. A run of words over the bar is reported; it is grammar if
it holds closed-class words alone or another inflection of what the witnesses have.
The probability, calibrated on kept-out stories, is the confidence.

Known problems
Dialect and headlines leave out words that the model misses.

Example
"if they was ready" -> "if they were ready".
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.detect.base import Info, Settings
from audit.detect.features.suspects import runs, suspect
from audit.model import Finding, Story

INFO = Info(
    id="ungrammatical",
    category="ungrammatical",
    severity="minor",
    mqm="Fluency/Grammar",
    needs=frozenset({"surprisal"}),
    status="preview",
)


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield suspect runs that look like broken grammar."""
    for run in runs(story, "ungrammatical"):
        yield suspect(INFO, story, run, "This does not fit the grammar of its sentence")
