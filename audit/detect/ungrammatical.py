"""A breach of English grammar.

What it finds
Words that no reading makes grammatical: "He go home", "a apple", "many person", "of Philippines".

Why it matters
A reader stumbles, reads again, and trusts the rest less. Current translation systems seldom make
such faults, so one of them is a strong mark of an older or smaller system, or of a later edit.

How it decides
LanguageTool reads each version. Of its rules only those of grammar count (categories GRAMMAR and
the choice between a and an), and of these not the ones that were mostly wrong on good news text.
An objection is dropped if its remedy would do away with a name, if the words stand inside
quotation marks, or if a version that is no copy of this one has the same words between the same
neighbours: then they are usage. Confidence is the share of its objections that were right where
they were looked at one by one (docs/grammar.md).

Known problems
It reads a few words around a place, not the whole sentence, so a wrong tense or article, or a
clause without its verb, is seldom seen. Of the eight faults of grammar in the seeds it sees none.

Example
"We bought a apple at the station." -> "an".
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.detect.base import Info, Settings
from audit.detect.features.grammar import objections
from audit.model import Finding, Story

INFO = Info(
    id="ungrammatical",
    category="ungrammatical",
    severity="minor",
    mqm="Fluency/Grammar",
    needs=frozenset({"grammar"}),
)


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per breach."""
    yield from _from_grammar(story, settings)


def _from_grammar(story: Story, settings: Settings) -> Iterator[Finding]:
    return objections(INFO, story, settings)
