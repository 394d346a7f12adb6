"""From a page to an article, and whether it can be scored."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urldefrag, urlsplit

from audit.config import Settings
from audit.errors import InputError, NotScored
from audit.feeds.settings import FeedSettings, host_of
from audit.feeds.times import read_time
from audit.ingest.extract import from_html
from audit.ingest.scorable import check_scorable
from audit.model import Article, Language, Version, one_line
from audit.segment.residue import Line, find_residue

__all__ = ["Page", "article_of", "canonical"]

logger = logging.getLogger(__name__)

TEASER_WORDS = 150
"""A text of fewer words beside a paywall's appeal is its teaser: publishers show one to three
paragraphs."""

FEWEST_WORDS = 25
"""A text of fewer words is no article: a headline with its lead has about so many."""

PROSE = 0.3
"""If less than this share of a page's words stands in lines that end like sentences, the page is a
list: of headlines, scores or links."""

_LINE = re.compile(r"\S[^\r\n]*")
_CUT_OFF = re.compile(
    r"(?:…|\.\.\.|\[(?:…|\.\.\.|&#8230;|\+\d+ chars)\])[\s\"'”’]*$|\b(?:read|show|see) more\W*$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?false\b', re.IGNORECASE)
"""schema.org's word for a paywall, which search engines ask publishers to write."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was fetched, or why it holds no article; with what its feed says of it.

    `html` is its source, else `text` its text; `why` is set if there is neither.
    """

    url: str
    html: str | None = None
    text: str = ""
    why: str | None = None
    title: str = ""
    published: datetime | None = None
    language: str | None = None
    outlet: str | None = None


def article_of(page: Page, feed: FeedSettings, settings: Settings, fetched: datetime) -> Article:
    """The article of a page. One that cannot be scored says why (`unscored`)."""
    version = Version(page.url, page.text)
    why = page.why
    if page.html is not None and why is None:
        try:
            version = _extracted(page.html, page.url)
        except InputError as e:
            why = f"not an article: {_plain(e)}"
    language = page.language or feed.language
    title = one_line(version.title or page.title)
    if why is None:
        judged = Version(page.url, version.text, language=language)
        why = _why_not(judged, page.html, settings)
    return Article(
        url=canonical(page.url, version.url),
        outlet=page.outlet or feed.outlet,
        title=title,
        published=page.published or read_time(version.published),
        language=language,
        text=version.text,
        feed=feed.url,
        fetched=fetched,
        unscored=why,
    )


def canonical(url: str, named: str | None) -> str:
    """The address that stands for a page: without trackers and fragment.

    The one that the page itself names is taken if it is of the same site, since a reprint names
    the original, and if it is not the site's front page, which careless templates name.
    """
    from courlan import normalize_url

    try:
        own = str(normalize_url(urldefrag(url).url))
        other = str(normalize_url(urldefrag(named).url)) if named else ""
        if other and urlsplit(other).path.strip("/") and _site(other) == _site(own):
            return other
    except (ValueError, TypeError):
        return url
    return own


def _site(url: str) -> str:
    """What addresses of one publisher share: the registered domain, else host and port."""
    from courlan import extract_domain

    return extract_domain(url) or host_of(url).removeprefix("www.")


def _extracted(html: str, url: str) -> Version:
    """The article of a page. Raises InputError, also for what the extractor cannot take."""
    try:
        return from_html(url, html, url)
    except InputError:
        raise
    except Exception as e:  # the extractor is another's, and the page may be anybody's
        logger.debug("%s: the extractor fails", url, exc_info=e)
        raise NotScored(url, f"the page cannot be read: {type(e).__name__}: {e}") from e


def _why_not(version: Version, html: str | None, settings: Settings) -> str | None:
    """Why a text cannot be scored; None if it can."""
    try:
        language = check_scorable(version, settings)
    except NotScored as e:
        return _plain(e)
    prose, paywall = _prose(version.text, language)
    words = sum(len(line.split()) for line in prose)
    if words < TEASER_WORDS and (paywall or (html is not None and _NOT_FREE.search(html))):
        return f"a paywall teaser: {words} words before the wall"
    if words < FEWEST_WORDS:
        return f"not an article: {words} words"
    ended = sum(len(line.split()) for line in prose if _SENTENCE_END.search(line))
    if html is not None and ended < PROSE * words:
        return "not an article: a list, with hardly a sentence in it"
    if _CUT_OFF.search(prose[-1]):
        return f"truncated: it ends with “{prose[-1][-30:].strip()}”"
    return None


def _prose(text: str, language: Language) -> tuple[list[str], bool]:
    """The lines of a text that are no page furniture, and whether some of that is a paywall's."""
    lines = [
        Line(m.start(), m.start() + len(m.group().rstrip()), m.group().rstrip())
        for m in _LINE.finditer(text)
    ]
    found = find_residue(lines, language)
    prose = [
        line.text
        for line, spans in zip(lines, found, strict=True)
        if not any((s.start, s.end) == (line.start, line.end) for s in spans)
    ]
    return prose, any(s.kind == "paywall" for spans in found for s in spans)


def _plain(error: InputError) -> str:
    """An error's reason without what only somebody at the terminal could do about it."""
    return error.why.removeprefix("not scored: ").split("; ")[0]
