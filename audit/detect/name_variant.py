"""A name spelled otherwise than the other versions, or the version itself, spell it.

What it finds
    Another transliteration of one name (Karimof and Karimov, Yousef and Yusef), a double name
    with and without its hyphen (Tal Afar, Tal-Afar). The first place of each form is marked.

Why it matters
    The name is still right, so the fault is minor; but readers cannot search for a person who is
    spelled in two ways, and a spelling that only one version has is a mark of translation through
    another language.

How it decides
    All spellings of names in all versions and captions are grouped by a key that transliterations
    of Cyrillic, Arabic and Chinese names share. Inside a group a form is marked if its version
    writes the other form more often, or if at least two other versions have the other form and
    more of them than have this one. Differences of case and accents alone are no variants.

Known problems
    With one other version and no repetition neither form can be preferred, and nothing is reported.
    The form that most versions use may be the less correct one. Two people whose names have one key
    (Sara, Sarah) are taken for one.

Example
    "Rustam Karimof" where two other versions have "Rustam Karimov".
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.compare.known_names import KnownNames
from audit.compare.name_forms import Form, variants
from audit.detect.base import Info, Settings, counted, finding, quoted, reading
from audit.model import Finding, Measure, Story

INFO = Info(
    id="name-variant",
    category="name-variant",
    severity="minor",
    needs=frozenset({"versions"}),
)


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield the first place of each spelling that is outnumbered."""
    known = KnownNames(settings.names, story.language)
    for form in variants(story):
        if known.forbids(form.text, form.right):
            continue
        support = form.others + (form.own > 0)
        parts = [f"{counted(form.own, 'time')} in this version"] if form.own else []
        parts += [f"in {counted(form.others, 'other version')}"] if form.others else []
        yield finding(
            INFO,
            story,
            form.version,
            (form.start, form.end),
            f"{quoted(form.text)} is spelled {quoted(form.right)} {' and '.join(parts)}.",
            measure=_measure(form, support),
            confidence=round(min(0.9, 0.5 + 0.1 * support + 0.1 * (form.own > 0)), 2),
            suggestion=form.right,
            witnesses=[reading(story, form.at[0], (form.at[1], form.at[2]))],
        )


def _measure(form: Form, support: int) -> Measure:
    """What the form is outnumbered by: uses in its own version, or versions."""
    if form.own > form.mine:
        return Measure("own uses of the other form", form.own, form.mine)
    return Measure("versions with the other form", support, 1 + form.like)
