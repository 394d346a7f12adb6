"""Take the article out of a page or a Markdown file; offsets count in the extracted text."""

from __future__ import annotations

import re
from itertools import accumulate

from audit.errors import NotScored
from audit.ingest.ignores import Comment, comments_of, marked, unmarked
from audit.model import Version

__all__ = ["from_html", "from_markdown"]


_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*[:=][ \t]*(.+?)[ \t]*$", re.MULTILINE | re.IGNORECASE)

_PROSE = frozenset(
    {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "dd", "dt"}
    | {"blockquote", "q", "figcaption", "footer", "pre"}
)
_DATED = re.compile(r"date|time|publi|posted|updated|meta|byline", re.IGNORECASE)

_SHOWN = {"text": None, "code_inline": None, "softbreak": " ", "hardbreak": "\n"}
"""What stands in the text for a piece of Markdown; None for its own content."""

LONGEST_DATE = 60
"""A longer piece of text, in characters, is not the date line of a page."""


def from_html(version_id: str, html: str, source: str, *, by_hand: bool = False) -> Version:
    """The article of a page, headed by its title. Raises NotScored if there is none.

    Of a page that is given `by_hand`, comments say what to ignore (`audit.ingest.ignores`).
    """
    from trafilatura import bare_extraction

    if not html.strip():
        raise NotScored(source, "empty")
    comments = comments_of(html, version_id) if by_hand else []
    page = bare_extraction(
        _in_article(marked(html, comments)),
        include_comments=False,
        include_tables=False,
        with_metadata=True,
        date_extraction_params={"extensive_search": False},
    )
    text = (page.text or "").strip() if page is not None and not isinstance(page, dict) else ""
    if page is None or isinstance(page, dict) or not text:
        raise NotScored(source, "empty: no article text found in the page")
    title = unmarked(page.title)[0] if page.title else None
    if title and title not in unmarked(text)[0][: 2 * len(title)]:
        text = f"{page.title}\n{text}"
    text, at = unmarked(text)
    return Version(
        id=version_id,
        text=text,
        title=title,
        url=page.url or None,
        outlet=page.sitename or page.hostname or None,
        published=_published(html),
        ignores=tuple(c.ignore(text, at.get(n)) for n, c in enumerate(comments)),
    )


def _in_article(html: str) -> str:
    """The page with its body as an article, if it is bare: trafilatura loses lists of such."""
    if re.search(r"<(?:article|main|div|section|table)\b", html, re.IGNORECASE):
        return html
    html = re.sub(r"<body\b[^>]*>", r"\g<0><article>", html, count=1, flags=re.IGNORECASE)
    return re.sub(r"</body\s*>", r"</article>\g<0>", html, count=1, flags=re.IGNORECASE)


def _published(html: str) -> str | None:
    """The date that a page says it was published on; what its prose mentions is none."""
    from trafilatura.metadata import extract_metadata
    from trafilatura.utils import load_html

    tree = load_html(html)
    if tree is None:
        return None
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "time", "abbr"):
            continue
        marks = " ".join(element.get(a) or "" for a in ("class", "id", "itemprop"))
        prose = element.tag in _PROSE and not _DATED.search(marks)
        if element.text and (prose or len(element.text) > LONGEST_DATE):
            element.text = None
        for child in element:
            if child.tail and (prose or len(child.tail) > LONGEST_DATE):
                child.tail = None
    found = extract_metadata(tree, date_config={"extensive_search": False, "original_date": True})
    return found.date or None


def from_markdown(version_id: str, markdown: str, *, by_hand: bool = False) -> Version:
    """The text of Markdown without markup: a line for each block, item or row of a table; code
    and raw HTML left out.

    The title is the first heading of the first level, else that of the front matter. Of a text
    that is given `by_hand`, comments say what to ignore (`audit.ingest.ignores`).
    """
    from markdown_it import MarkdownIt

    markdown = re.sub(r"\r\n?", "\n", markdown)
    front = _FRONT_MATTER.match(markdown)
    named = _FRONT_TITLE.search(front.group(2)) if front else None
    title: str | None = None
    lines: list[str] = []
    block = ""
    item = False
    cells: list[str] = []
    said: list[tuple[Comment, int, int]] = []  # with the line of the text and the offset in it
    body = markdown[front.end() :] if front else markdown
    ahead = front.group().count("\n") + 1 if front else 1
    for token in MarkdownIt("commonmark").enable("table").parse(body):
        if token.type.endswith("_open"):
            block = token.tag
            item = token.tag == "li" or (item and token.tag == "p")
            if token.tag == "tr":
                cells = []
        if token.type == "tr_close":
            lines.append(" | ".join(cells))
        first = ahead + token.map[0] if token.map else ahead
        if by_hand and token.type == "html_block":
            said += ((c, len(lines), 0) for c in comments_of(token.content, version_id, first))
        if token.type == "inline":
            line = ""
            for piece in token.children or []:
                if by_hand and piece.type == "html_inline":
                    at = len(line.lstrip()) + (2 if item else 0)
                    found = comments_of(piece.content, version_id, first)
                    said += ((c, len(lines), 0 if block in ("td", "th") else at) for c in found)
                first += piece.type in ("softbreak", "hardbreak")
                line += _SHOWN[piece.type] or piece.content if piece.type in _SHOWN else ""
            line = line.strip()
            if block in ("td", "th"):
                cells.append(line)
            elif line:
                lines.append(f"- {line}" if item else line)
                item = False
            if block == "h1" and title is None:
                title = line or None
    if title is None and named:
        title = named.group(1).strip("\"'") or None
    text = "\n\n".join(lines)
    starts = [0, *accumulate(len(line) + 2 for line in lines)]
    ignores = tuple(c.ignore(text, starts[n] + at) for c, n, at in said)
    return Version(version_id, text, title=title, ignores=ignores)
