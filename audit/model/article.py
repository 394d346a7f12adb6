"""An article that a feed brought, before it becomes a version of a story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from audit.model.text import Version


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it was fetched. Times are aware, in UTC.

    `url` is canonical: two addresses of one page have become one. `feed` is the address of the
    feed, or the path of the folder, that named it. `unscored` says why the article cannot be scored
    ("a consent wall", "a paywall teaser", "not an article", "truncated"); None if it can.
    """

    url: str
    outlet: str
    title: str
    published: datetime | None
    language: str | None
    text: str
    feed: str
    fetched: datetime
    unscored: str | None = None

    def __post_init__(self) -> None:
        for name, time in (("published", self.published), ("fetched", self.fetched)):
            if time is not None and time.utcoffset() is None:
                raise ValueError(f"{name} of {self.url} has no time zone")

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that stand for the address."""
        return _digest(self.url, size=8)

    @property
    def digest(self) -> str:
        """Thirty-two hexadecimal digits that change when the title or the text changes."""
        return _digest(self.title, self.text, size=16)

    def version(self) -> Version:
        """The article as a version of a story."""
        return Version(
            id=self.id,
            text=self.text,
            title=self.title or None,
            url=self.url,
            outlet=self.outlet,
            published=self.published.isoformat() if self.published else None,
            language=self.language,
        )


def _digest(*parts: str, size: int) -> str:
    """The BLAKE2b digest of parts that cannot run into each other, of `size` bytes."""
    state = blake2b(digest_size=size)
    for part in parts:
        data = part.encode(errors="surrogatepass")
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()
