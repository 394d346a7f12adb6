"""What LanguageTool says of a text, through language-tool-python.

Grammar checkers find few of the faults of machine translation, and on clean news most of what
they say is false: names taken for misspellings, British spelling, taste. `our_category`
says what is worth a finding; the table behind it is `data/grammar.toml`.

language-tool-python (GPL-3.0) is an extra, imported on use.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from audit.errors import StageUnavailable
from audit.fluency.server import CHECK_SECONDS, Server
from audit.model import CATEGORIES, Category

LANGUAGE = "en-US"
RECYCLE_TEXTS = 5_000
"""A server is replaced after so many texts; its caches only grow, a start costs some 7 s."""
ANSWER_SECONDS = CHECK_SECONDS + 30
"""Longest wait for an answer: the server's own limit and some more."""


@dataclass(frozen=True, slots=True)
class GrammarMatch:
    """A place that LanguageTool objects to.

    `start` and `end` are code points of the text. `rule` and `category` are LanguageTool's
    ids, `replacements` its proposals, best first.
    """

    start: int
    end: int
    rule: str
    category: str
    message: str
    replacements: tuple[str, ...]


class GrammarChecker:
    """Checks English texts with one LanguageTool server; use it as a context manager.

    With a `url` that server is asked; else one is started here on first use, found by
    `LTP_PATH`, and stopped by `close`. Raises StageUnavailable, with the reason, where there is
    no language-tool-python, no Java, no server, or where the server gives no answer.
    """

    def __init__(self, url: str | None = None) -> None:
        try:
            import language_tool_python  # noqa: F401
        except ImportError as e:
            raise StageUnavailable(
                "language-tool-python is not installed; run: pip install 'mtaudit[grammar]'"
            ) from e
        self._url = url
        self._server: Server | None = None
        self._client: Any = None
        self._checked = 0

    def __enter__(self) -> GrammarChecker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server that was started here, if any."""
        self._client = None
        if self._server:
            self._server.stop()
            self._server = None

    def check(self, text: str) -> tuple[GrammarMatch, ...]:
        """All that LanguageTool objects to in a text, in text order, unfiltered.

        A server of ours that has died is replaced once. Raises StageUnavailable if no answer
        can be had.
        """
        from language_tool_python.exceptions import LanguageToolError

        if not text.strip():
            return ()
        if self._server and self._checked >= RECYCLE_TEXTS:
            self.close()
        try:
            found = self._connected().check(text)
        except LanguageToolError as e:
            if self._server is None or self._server.alive:
                raise StageUnavailable(f"LanguageTool gives no answer: {e}") from e
            self.close()
            try:
                found = self._connected().check(text)
            except LanguageToolError as again:
                raise StageUnavailable(f"LanguageTool died twice over one text: {again}") from e
        self._checked += 1
        return tuple(sorted((_match(m, text) for m in found), key=lambda m: (m.start, m.end)))

    def _connected(self) -> Any:
        if self._client is None:
            from language_tool_python import LanguageTool
            from language_tool_python.exceptions import LanguageToolError

            if self._url is None:
                self._server = Server()
                self._checked = 0
            local = {"http": ""}  # proxies of the environment are not asked for our own machine
            url = self._url.rstrip("/").removesuffix("/v2") if self._url else self._server_url()
            try:
                self._client = LanguageTool(
                    LANGUAGE, remote_server=f"{url}/", proxies=None if self._url else local
                )
                self._client._TIMEOUT = ANSWER_SECONDS
            except (LanguageToolError, ValueError) as e:
                self.close()
                raise StageUnavailable(f"LanguageTool at {url} does not answer: {e}") from e
        return self._client

    def _server_url(self) -> str:
        assert self._server
        return self._server.url


def our_category(match: GrammarMatch, quote: str) -> Category | None:
    """Our category of a match over a quote; None where it is not worth a finding.

    Judged by the rule, else by LanguageTool's category; repeated names and words that are not
    plain misspellings are left out.
    """
    table = _table()
    if match.rule in table["spelling"]["rules"]:
        return "typo" if _is_typo(quote, match.replacements[:1]) else None
    ignored = table["ignored"]
    if match.rule in ignored["rules"] or any(f in match.rule for f in ignored["families"]):
        return None
    name = table["rules"].get(match.rule) or table["categories"].get(match.category)
    # Names are doubled rightly, and one line may begin with the words that end the last.
    if name == "duplicated-word" and (quote.istitle() or "\n" in quote):
        return None
    return name if name in CATEGORIES else None


def _is_typo(word: str, proposals: tuple[str, ...]) -> bool:
    from rapidfuzz.distance import OSA
    from wordfreq import zipf_frequency

    rule = _table()["spelling"]
    if not (word.isalpha() and word.islower() and len(word) >= rule["least_letters"]):
        return False
    if zipf_frequency(word, "en") >= rule["zipf_of_word_below"]:
        return False
    short = len(word) <= rule["short_letters"]
    common = rule["zipf_of_short_proposal_from" if short else "zipf_of_proposal_from"]
    errors = 2 if len(word) >= rule["two_errors_from_letters"] else 1
    return any(
        p.isalpha()
        and p.islower()
        and zipf_frequency(p, "en") >= common
        and OSA.distance(word, p) <= errors
        for p in proposals
    )


@cache
def _table() -> dict[str, Any]:
    text = resources.files("audit.fluency").joinpath("data/grammar.toml").read_text("utf-8")
    return tomllib.loads(text)


def _match(found: Any, text: str) -> GrammarMatch:
    """A match in code points: the client converts offsets from UTF-16, but not lengths."""
    start = end = found.offset
    units = found.error_length
    while units > 0 and end < len(text):
        units -= 2 if ord(text[end]) > 0xFFFF else 1
        end += 1
    return GrammarMatch(
        start, end, found.rule_id, found.category, found.message, tuple(found.replacements)
    )
