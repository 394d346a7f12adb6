"""A breach of English grammar.

What it finds
Words that no reading makes grammatical: "He go home", "a apple", "many person", "of Philippines".

Why it matters
A reader stumbles, reads again, and trusts the rest less. Current translation systems seldom make
such faults, so one of them is a strong mark of an older or smaller system, or of a later edit.

How it decides
In four ways. Where a word that the word model doubts can be mended by a witness's wording (an
inflection, a function word, a word put in or taken out, another order), the language model is
asked how much the sentence gains; gain and doubt together give the confidence
(docs/calibration.md). Where no witness has the word, the language model is asked whether it would
rather have read another form of it, kin of the same stem, or another function word (confusion sets;
Bryant & Briscoe 2018), and by how much; such a proposal is marked as the model's own. Headlines and
direct speech are left alone, as is a word that the version repeats. A reader, a small network over
the hidden states of the language model, doubts function words without any row
(docs/real-pages.md). And LanguageTool reads each version. Of its rules only those of grammar count
(categories GRAMMAR and the choice between a and an), and of these not the ones that were mostly
wrong on good news text. An objection is dropped if its remedy would do away with a name, if the
words stand inside quotation marks, or if a version that is no copy of this one has the same words
between the same neighbours: then they are usage. Its confidence is the share of such objections
that were right where they were looked at one by one (docs/grammar.md).

Known problems
LanguageTool reads a few words around a place, not the whole sentence, so a wrong tense or article,
or a clause without its verb, is seldom seen by it; the contrast needs a witness that has the place
right, in nearly the same words. The language model judges a form by what stands before it, so "a
apple" is LanguageTool's alone to find; and now and then it prefers a commoner preposition to a good
one.

Example
"We bought a apple at the station." -> "an".
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.detect.base import Info, Settings
from audit.detect.shared.edits import offers
from audit.detect.shared.misread import misread
from audit.detect.shared.objections import objections
from audit.model import Finding, Story

INFO = Info(
    id="ungrammatical",
    category="ungrammatical",
    severity="minor",
    needs=frozenset({"versions", "surprisal", "grammar"}),
)


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per breach."""
    yield from objections(INFO, story, settings)
    yield from offers(INFO, story, settings)
    yield from misread(INFO, story, settings)
