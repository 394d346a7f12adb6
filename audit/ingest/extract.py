"""Take the article out of a page or a Markdown file; offsets count in the extracted text."""

from __future__ import annotations

import re

from audit.errors import NotScored
from audit.model import Version

__all__ = ["from_html", "from_markdown"]


def from_html(version_id: str, html: str, source: str) -> Version:
    """The article of a page, headed by its title. Raises NotScored if there is none."""
    from trafilatura import bare_extraction

    if not html.strip():
        raise NotScored(source, "empty")
    page = bare_extraction(html, include_comments=False, include_tables=False, with_metadata=True)
    text = (page.text or "").strip() if page is not None and not isinstance(page, dict) else ""
    if page is None or isinstance(page, dict) or not text:
        raise NotScored(source, "empty: no article text found in the page")
    title = page.title or None
    if title and title not in text[: 2 * len(title)]:
        text = f"{title}\n{text}"
    return Version(
        id=version_id,
        text=text,
        title=title,
        url=page.url or None,
        outlet=page.sitename or page.hostname or None,
        published=page.date or None,
    )


def from_markdown(version_id: str, markdown: str) -> Version:
    """The text of Markdown without markup: a line for each block; code and raw HTML left out.

    The title is the first heading of the first level.
    """
    from markdown_it import MarkdownIt

    body = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.DOTALL)
    title: str | None = None
    lines: list[str] = []
    block = ""
    for token in MarkdownIt("commonmark").parse(body):
        if token.type.endswith("_open"):
            block = token.tag
        if token.type == "inline":
            pieces = token.children or []
            kept = {"text": None, "code_inline": None, "softbreak": " ", "hardbreak": "\n"}
            line = "".join(kept[p.type] or p.content for p in pieces if p.type in kept).strip()
            if line:
                lines.append(line)
            if block == "h1" and title is None:
                title = line or None
    return Version(version_id, "\n\n".join(lines), title=title)
