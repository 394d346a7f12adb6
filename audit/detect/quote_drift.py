"""One speaker's direct words read otherwise than in the other versions.

What it finds
    A quotation whose words differ widely from what at least two independent versions agree that the
    same speaker said.

Why it matters
    A person said it once, in one wording. Where most versions have that wording and one has another
    inside its quotation marks, that one was translated there and back, and puts words in a mouth.

How it decides
    In each row, quotations of six words or more are compared in pairs: share of words in the same
    order (Levenshtein), with contractions written out, one spelling for each word and endings cut
    off. Versions agree if they share .8. A version drifts if it shares at most .6 with each of
    at least two that agree, if those are most of the versions that quote it, and if it means the
    same: words as many, within two fifths, and their vectors alike. Copies of one text count once.
    Only the version furthest from the rest is marked, once a row.

Known problems
    With two versions alone nothing is reported: neither wording can be preferred. Quotes translated
    from another language differ rightly; those whose translators do not agree are not reported.
    A speaker who said the same thing twice, in two wordings, is taken for one quote.

Example
    "Knowing that people are dying is heartbreaking," where two others have "It hurts to know that
    people are dying."
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, takewhile

from audit.compare.speech import Speech, likeness, speech
from audit.detect.base import Info, Settings, counted, finding, quoted, reading
from audit.model import Finding, Measure, Row, Story

INFO = Info(
    id="quote-drift",
    category="quote-drift",
    severity="minor",
    needs=frozenset({"versions"}),
)

AGREE = 0.8
"""Least word likeness of quotes that agree: one word in five may differ."""

DRIFT = 0.6
"""Most word likeness of a quote that drifts. Two systems that translate one quote share .8 (median
of 2,500 pairs of WMT21 and WMT23), a quarter of the pairs at most .6; there only a clear majority
with one wording makes the other one drift: .04 to .09 findings per 1,000 words."""

SAME_MEANING = 0.6
"""Least mean cosine of each word to its like in the other quote. Of the same 2,500 pairs 1 % lie
below; those below .5 are quotes of different sentences."""

SAME_LENGTH = 0.6
"""Least ratio of lengths in words; a shorter quote is a fragment."""

WITNESSES = 2
"""Least number of independent versions that agree."""


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield at most one drifting quote a row."""
    if len(story.versions) <= WITNESSES:
        return
    source = {v: n for n, group in enumerate(story.copies) for v in group}
    for row in story.rows:
        said = speech(story, row)
        if len(said) > WITNESSES:
            yield from _drift(story, row, said, source)


def _drift(
    story: Story, row: Row, said: Mapping[str, Speech], source: Mapping[str, int]
) -> Iterator[Finding]:
    alike = {
        frozenset(pair): likeness(said[pair[0]].words, said[pair[1]].words)
        for pair in combinations(said, 2)
    }
    agreeing = _agreeing(list(said), alike, source)
    independent = len({source[v] for v in agreeing})
    if independent < WITNESSES or 2 * independent <= len({source[v] for v in said}):
        return
    rest = {
        v: max(alike[frozenset((v, w))] for w in agreeing)
        for v in said
        if v not in agreeing and all(_same_quote(story, row, said[v], said[w]) for w in agreeing)
    }
    furthest = min(rest, key=lambda v: (rest[v], v), default=None)
    if furthest is None or rest[furthest] > DRIFT:
        return
    nearest = max(agreeing, key=lambda w: (alike[frozenset((furthest, w))], w))
    span = _differing(said[furthest], said[nearest])
    others = {w: reading(story, w, _differing(said[w], said[furthest])) for w in agreeing}
    yield finding(
        INFO,
        story,
        furthest,
        span,
        f"The speaker has other words in {counted(len(agreeing), 'other version')}: "
        f"{quoted(others[nearest].quote)}. Direct speech is not corrected: look up what was said.",
        measure=(
            Measure("word likeness", round(rest[furthest], 3), DRIFT),
            Measure("versions that agree", independent, WITNESSES),
        ),
        confidence=round(0.55 + 0.05 * min(4, independent - WITNESSES), 2),
        witnesses=tuple(others.values()),
    )


def _agreeing(
    versions: Sequence[str], alike: Mapping[frozenset[str], float], source: Mapping[str, int]
) -> list[str]:
    """The versions that agree with each other, of which there are most independent ones."""
    best: list[str] = []
    for seed in versions:
        group = [seed]
        for v in sorted(versions, key=lambda v: (-alike.get(frozenset((seed, v)), 0.0), v)):
            if v != seed and all(alike[frozenset((v, w))] >= AGREE for w in group):
                group.append(v)
        if len({source[v] for v in group}) > len({source[v] for v in best}):
            best = group
    return sorted(best)


def _same_quote(story: Story, row: Row, a: Speech, b: Speech) -> bool:
    """Whether two quotes say the same and neither is a fragment of the other."""
    short, long = sorted((len(a.words), len(b.words)))
    if short < SAME_LENGTH * long:
        return False
    match = story.match(row, a.version, b.version)
    if match is None:
        return False
    ours = [i for i, t in enumerate(match.a_tokens) if t in a.tokens]
    theirs = [j for j, t in enumerate(match.b_tokens) if t in b.tokens]
    among = match.similarity[ours][:, theirs]
    meaning = (among.max(axis=1).mean() + among.max(axis=0).mean()) / 2
    return float(meaning) >= SAME_MEANING


def _differing(a: Speech, b: Speech) -> tuple[int, int]:
    """The stretch of quote `a` between what it begins and what it ends with as `b` does."""
    pairs = list(zip(a.forms, b.forms, strict=False))
    back = list(zip(reversed(a.forms), reversed(b.forms), strict=False))
    first = sum(1 for _ in takewhile(lambda p: p[0] == p[1], pairs))
    last = sum(1 for _ in takewhile(lambda p: p[0] == p[1], back))
    if first + last >= len(a.tokens):
        first = last = 0
    return a.longest(first, len(a.tokens) - last)
