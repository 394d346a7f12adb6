"""Page furniture inside an article's text.

What it finds
Author biographies, bylines, captions and photo credits, datelines and agency credits, wire codes,
"Source link", comment boxes, share and subscribe lines, stray marks on a line of their own; and
what is left of a page's code inside a sentence: tags ("<br>") and character references ("&quot;").

Why it matters
It is not the story. It is read aloud, translated, quoted and counted as if it were, and shows
that nobody looked at the page.

How it decides
The residue that segmentation set apart is reported once per place; longer pieces (a biography, a
caption) are major, since a reader takes them for reporting. Code is found by its form.

Known problems
What a page calls its parts differs from outlet to outlet; unusual wording passes. A tag that an
article about programming quotes is reported too.

Example
"Global oil prices rose on Friday. [MKTS/GLOB]" -> "[MKTS/GLOB]" is a wire code: delete it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from audit.detect.base import Info, Settings, finding, quoted
from audit.model import Finding, Measure, Story

INFO = Info(
    id="scrape-residue",
    category="scrape-residue",
    severity="minor",
)

LONG_WORDS = 12
"""Residue of more words than this reads like reporting: the four biographies and captions of
the seed articles have 31 to 48 words, all other residue there at most 7."""

_CODE = re.compile(
    r"&(?:amp|quot|apos|nbsp|lt|gt|[lr][sd]quo|[mn]dash|hellip|#\d{2,5}|#x[0-9a-fA-F]{2,4});"
    r"|</?(?:br|p|b|i|em|strong|span|div|a|img|h\d|ul|li|script)\b[^<>]{0,200}>",
    re.IGNORECASE,
)


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per residue span and per piece of code in a sentence."""
    for r in story.residue:
        words = len(story.version(r.version).text[r.start : r.end].split())
        yield finding(
            INFO,
            story,
            r.version,
            (r.start, r.end),
            f"Page furniture ({r.kind.replace('-', ' ')}), not part of the article; delete it.",
            measure=Measure("words", words, LONG_WORDS),
            severity="major" if words > LONG_WORDS else "minor",
            confidence=0.9,
            suggestion="",
        )
    for s in story.all_sentences():
        for m in _CODE.finditer(s.text):
            code = m.group()
            yield finding(
                INFO,
                story,
                s.version,
                (s.start + m.start(), s.start + m.end()),
                f"{quoted(code)} is page code, not text.",
                measure=Measure("characters of code", len(code), 1),
                confidence=0.95,
                suggestion=html.unescape(code) if code.startswith("&") else "",
            )
