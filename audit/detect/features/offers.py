"""What witnesses offer for doubted places, sorted by the kind of fault that it would mend.

The language model says how much the sentence gains, the word model how much the place is doubted;
together they make the confidence of an edit (`audit.judge.contrast`). The words say what it is: a
word that is missing, one too many, an inflection, a function word or the order of words is grammar;
a content word for one of another stem is a term; the rest is phrasing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from audit.detect.base import Info, counted, finding, quoted
from audit.detect.features.lexicon import is_function_word, plain
from audit.model import Edit, Finding, Measure, Severity, Story

__all__ = ["Kind", "changed_words", "likely", "offers"]

Kind = Literal["wrong-term", "ungrammatical", "unidiomatic"]

LIKELY = 0.5
"""Least confidence of an edit that is told. Of the kept-out edits over it three in four mend damage
in DEMETR's sentences, half a place that professionals marked in WMT21 (docs/calibration.md)."""

SURE = 0.7
"""Least confidence where a content word would go: what a version alone has is mostly what it adds,
and every word less is a gain."""

SERIOUS = 0.6
"""Share of a place's doubt that must be for a serious fault to call a wrong term major; grammar and
phrasing are minor."""

STEM = 4
"""Letters that another inflection of a word shares with it."""


def offers(info: Info, story: Story, kind: Kind) -> Iterator[Finding]:
    """The findings of one kind: at each place the edit that is surest, if it is sure enough."""
    for edit in likely(story):
        if _kind(story, edit) == kind and not (kind == "wrong-term" and _in_headlines(story, edit)):
            yield _found(info, story, edit)


def _in_headlines(story: Story, edit: Edit) -> bool:
    """Whether the place or its witness stands in a headline: there all word it differently."""
    row = story.row_of[edit.version, edit.sentence]
    cells = (story.cell(row, v) for v in (edit.version, edit.witness.version))
    return any(s.kind == "headline" for cell in cells for s in cell)


def likely(story: Story) -> list[Edit]:
    """The surest edit of each place, of those that are sure enough and that the language model
    prefers: the rest is in doubt, but not mended by what the witness has."""
    best: list[Edit] = []
    for edit in sorted(story.edits or (), key=lambda e: (-e.confidence, e.version, e.start)):
        if edit.confidence < LIKELY:
            break
        unsure = edit.confidence < SURE and _drops_content(story, edit)
        if edit.gain > 0 and not unsure and not any(_overlap(edit, other) for other in best):
            best.append(edit)
    return best


def _drops_content(story: Story, edit: Edit) -> bool:
    lost, new = changed_words(story, edit)
    return not new and not all(is_function_word(plain(w)) for w in lost)


def _overlap(a: Edit, b: Edit) -> bool:
    return a.version == b.version and a.start < b.end and b.start < a.end


def changed_words(story: Story, edit: Edit) -> tuple[list[str], list[str]]:
    """The words that an edit takes away and those that it brings, without what stays."""
    own = story.version(edit.version).text[edit.start : edit.end].split()
    new = edit.text.split()
    return [w for w in own if w not in new], [w for w in new if w not in own]


def _kind(story: Story, edit: Edit) -> Kind:
    lost, new = changed_words(story, edit)
    content = [w for w in (*lost, *new) if not is_function_word(plain(w))]
    if not lost or not new or not content:
        return "ungrammatical"
    if len(lost) == len(new) == 1:
        same_stem = plain(lost[0])[:STEM] == plain(new[0])[:STEM]
        return "ungrammatical" if same_stem else "wrong-term"
    return "unidiomatic"


def _found(info: Info, story: Story, edit: Edit) -> Finding:
    serious = info.id == "wrong-term" and edit.doubt.serious >= SERIOUS * edit.doubt.any
    severity: Severity = "major" if serious else "minor"
    return finding(
        info,
        story,
        edit.version,
        (edit.start, edit.end),
        _message(story, edit),
        measure=(
            Measure("confidence", edit.confidence, LIKELY),
            Measure("gain in nats", edit.gain, 0.0),
            Measure("doubt", round(edit.doubt.any, 3), 0.0),
        ),
        confidence=round(edit.confidence, 2),
        severity=severity,
        suggestion=edit.text,
        witnesses=(edit.witness,),
    )


def _message(story: Story, edit: Edit) -> str:
    lost, new = changed_words(story, edit)
    here = quoted(story.version(edit.version).text[edit.start : edit.end])
    others = f"{counted(edit.support, 'other version')} of the sentence"
    if new and not lost:
        return f"{quoted(' '.join(new))} is missing in {here}; it stands in {others}."
    if lost and not new:
        return f"{quoted(' '.join(lost))} is too much here; it is not in {others}."
    if not lost:
        return f"The words {here} are in the wrong order; {quoted(edit.text)} stands in {others}."
    return f"{here} reads wrongly here; {quoted(edit.text)} stands in {others}."
