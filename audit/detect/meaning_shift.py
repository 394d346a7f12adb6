"""A place that claims something else than the other versions claim there.

What it finds
    A denial gained or lost ("did not set figures", "set figures"), a word in the place of its
    opposite (early, late; guilty, innocent), he for she, its for her, a question for a statement, a
    verb in another tense or aspect (was, will be; fled, was fleeing), may for will, all for some,
    more than for less than, before for after, because for although, an exchanged "by" and "from", a
    claim that lost or gained its "allegedly".

Why it matters
    Each of these turns a report into its opposite and reads well, so no check of grammar or
    fluency sees it.

How it decides
    The words of two cells of a row are linked. Cue words of closed classes, opposites and verb
    groups are looked up at linked places or between linked neighbours; a cue that has no answer on
    the other side is a shift. A denial within another word answers too (fail, without, impossible),
    and "not easy" agrees with "difficult". Only cells of the same statement are compared. How
    likely each side is wrong follows from how often each version errs and how near the cells are
    (docs/real-pages.md); where one of them is, but not which can be said, both are marked. Tense
    and questions are not compared in headlines.

Known problems
    Backshift of reported speech ("said it was", "said it is") is reported as a difference of tense.
    Opposites beyond the curated list are not seen. A denial that moved to another verb of the same
    sentence is missed, as is a clause that has no counterpart.

Example
    "The minister did not set any figures" beside "The minister set figures" in two other versions.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.compare.claims.genders import genders, things
from audit.compare.claims.polarity import negations, opposites, prefixed
from audit.compare.claims.questions import questions
from audit.compare.claims.small_words import (
    bounds,
    connectives,
    directions,
    hedges,
    quantities,
)
from audit.compare.claims.tense import tenses
from audit.detect.base import Info, Settings
from audit.detect.shared.shifts import shifts
from audit.model import Finding, Story

INFO = Info(
    id="meaning-shift",
    category="meaning-shift",
    severity="critical",
    needs=frozenset({"versions"}),
)

_COMPARISONS = (
    negations,
    prefixed,
    opposites,
    genders,
    things,
    questions,
    quantities,
    bounds,
    connectives,
    directions,
    hedges,
    tenses,
)


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield the places that claim something else than most versions do there."""
    return shifts(INFO, story, _COMPARISONS)
