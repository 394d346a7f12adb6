"""Page furniture inside an article's text.

What it finds
Author biographies, captions and photo credits, agency credits, wire codes, "Source link", comment
boxes, share and subscribe lines, hashtags, stray marks on a line of their own; what is left of a
page's code inside a sentence: tags ("<br>") and character references ("&quot;"); words that run
together where a link stood; and sentences that speak to a language model ("ignore all previous
instructions"), which steer machines that read the page.

Why it matters
It is not the story. It is read aloud, translated, quoted and counted as if it were, and shows
that nobody looked at the page.

How it decides
The residue that segmentation set apart is reported once per place, save for bylines, datelines and
tables, which are how news is printed; a long biography or caption is major, since a reader takes it
for reporting. Code and run-together words were found before the text was read, by their form.
A sentence speaks to a language model if it has the imperative or the second person of a prompt
injection, by the patterns of the table `instructions`.

Known problems
What a page calls its parts differs from outlet to outlet; unusual wording passes. A tag that an
article about programming quotes is reported too, and so is a prompt that an article quotes.

Example
"Global oil prices rose on Friday. [MKTS/GLOB]" -> "[MKTS/GLOB]" is a wire code: delete it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from audit.compare.instructions import is_instruction
from audit.detect.base import Info, Settings, finding, quoted
from audit.model import Finding, Measure, Repaired, Story

INFO = Info(
    id="scrape-residue",
    category="scrape-residue",
    severity="minor",
)

LONG_WORDS = 12
"""Residue of more words than this reads like reporting: the four biographies and captions of
the seed articles have 31 to 48 words, all other residue there at most 7."""

LIKE_REPORTING = frozenset({"bio", "caption"})

CONVENTIONS = frozenset({"byline", "dateline", "table", "bullet"})
"""Residue that news is printed with on purpose: no fault."""

_WORD = re.compile(r"[^\W\d_]+")
_LAST_WORD = re.compile(r"[^\W\d_]+$")


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per residue span, piece of page code and run-together pair of words."""
    for r in story.residue:
        if r.kind in CONVENTIONS:
            continue
        words = len(story.version(r.version).text[r.start : r.end].split())
        yield finding(
            INFO,
            story,
            r.version,
            (r.start, r.end),
            f"Page furniture ({r.kind.replace('-', ' ')}), not part of the article; delete it.",
            measure=Measure("words", words, LONG_WORDS),
            severity="major" if r.kind in LIKE_REPORTING and words > LONG_WORDS else "minor",
            confidence=0.9,
            suggestion="",
        )
    for mended in story.repaired.values():
        yield from _repairs(story, mended)
    for s in story.all_sentences():
        if is_instruction(s, story.language):
            yield finding(
                INFO,
                story,
                s.version,
                (s.start, s.end),
                "This speaks to a language model, not to a reader; delete it.",
                measure=Measure("patterns of an instruction", 1, 1),
                severity="major",
                confidence=0.8,
                suggestion="",
            )


def _repairs(story: Story, mended: Repaired) -> Iterator[Finding]:
    """What was mended before the text was read, but for marks that nobody sees."""
    version = mended.given.id
    text = story.version(version).text
    apart = [(r.start, r.end) for r in story.residue if r.version == version]
    for repair, (start, end) in zip(mended.repairs, mended.spans, strict=True):
        if repair.kind == "invisible" or any(a <= start and end <= b for a, b in apart):
            continue
        if repair.kind == "code":
            code = mended.given.text[repair.start : repair.end]
            yield finding(
                INFO,
                story,
                version,
                (start, end),
                f"{quoted(code)} is page code, not text.",
                measure=Measure("characters of code", len(code), 1),
                confidence=0.95,
                suggestion=repair.text.strip("\n"),
            )
        else:
            left, right = _LAST_WORD.search(text, 0, start), _WORD.match(text, end)
            if left and right:
                parted = text[left.start() : right.end()]
                yield finding(
                    INFO,
                    story,
                    version,
                    (left.start(), right.end()),
                    f"Two words ran together, as where a link stood; write {quoted(parted)}.",
                    measure=Measure("run-together", 1, 1),
                    confidence=0.9,
                    suggestion=parted,
                )
