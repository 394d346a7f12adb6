"""What LanguageTool objects to in a text, through language-tool-python.

What it says is unjudged: `audit.detect.shared.objections` says what is worth a finding.

language-tool-python (GPL-3.0) is an extra, imported on use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from audit.config import Settings
from audit.errors import StageUnavailable
from audit.hosts import is_loopback
from audit.measure.languagetool_lent import Lender, Servers
from audit.measure.languagetool_server import CHECK_SECONDS, find_java, server_jar
from audit.model import GrammarMatch
from audit.models.processor import in_threads, thread_count

ANSWER_SECONDS = CHECK_SECONDS + 30
"""Longest wait for an answer: the server's own limit and some more."""
PIECE_CHARS = 20_000
"""Longest text asked at once, code points: some seconds of work, and what public servers allow."""
AT_ONCE = 4
"""Most texts that a server of ours is asked at the same time."""
FAILURES = 3
"""After so many failures running a checker gives up, so that a run over many stories does not wait
for the time-outs of each."""


Rules = tuple[str, ...]
"""Rules of LanguageTool by their ids, such as EN_A_VS_AN."""


@dataclass(frozen=True, slots=True)
class Query:
    """A text, and what LanguageTool is asked about it: `only` some rules if there are any, else all
    but those `left_out`."""

    text: str
    only: Rules = ()
    left_out: Rules = ()


def checker_for(settings: Settings, lender: Lender | None = None) -> GrammarChecker:
    """The checker that the settings ask for; nothing is started and no server asked yet.

    Where the settings name no server, it asks those of `lender`, or starts its own. Raises
    StageUnavailable, saying what to do, if it is switched off, if `offline` forbids the server
    named by the settings, or if none is named and there is none on this machine to start.
    """
    if not settings.grammar:
        raise StageUnavailable("switched off by the setting grammar")
    url = settings.languagetool_url
    if url is None:
        find_java()
        server_jar()
    elif settings.offline and not _is_this_machine(url):
        raise StageUnavailable(
            f"offline, and languagetool_url names another machine ({url}); "
            "name a server on this one, or set LTP_PATH to the folder of LanguageTool"
        )
    return GrammarChecker(url, lender, at_once=min(thread_count(settings.threads), AT_ONCE))


def _is_this_machine(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")


class GrammarChecker:
    """Checks texts with one LanguageTool server at a time; use it as a context manager.

    With a `url` that server is asked, else those of the `lender`. Without either one is started
    here on first use, found by `LTP_PATH`, and stopped by `close`. Such a server is asked up to
    `at_once` texts at the same time; others, one. Raises StageUnavailable, with the reason, where
    there is no language-tool-python, no Java, no server, or where the server gives no answer.
    """

    def __init__(
        self, url: str | None = None, lender: Lender | None = None, *, at_once: int = 1
    ) -> None:
        if find_spec("language_tool_python") is None:
            raise StageUnavailable(
                "language-tool-python is not installed; run: pip install 'mtaudit[grammar]'"
            )
        self._own = Servers()
        self._lender = _Named(url) if url else lender
        self._at_once = at_once if self._lender is None else 1
        self._lock = Lock()
        self._clients: dict[tuple[Rules, Rules], Any] = {}
        self._asks = ("", "")
        self._failures = 0
        self.version = ""
        """LanguageTool's version, such as 6.8; empty before the first check."""

    def __enter__(self) -> GrammarChecker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server that was started here, if any; nothing can be checked after that."""
        self._own.end()

    def check(self, text: str, language: str) -> tuple[GrammarMatch, ...]:
        """All that LanguageTool objects to in a text, in text order, unfiltered.

        `language` is LanguageTool's code, such as de-AT. A server of ours that has died is replaced
        once. Raises StageUnavailable if no answer can be had, from the third failure running on
        without asking.
        """
        (found,) = self.check_all([Query(text)], language)
        return found

    def check_all(self, queries: Sequence[Query], language: str) -> list[tuple[GrammarMatch, ...]]:
        """What LanguageTool answers to each query, asked once however often it is among them;
        see `check`. If one has no answer, that is one failure, and raised."""
        if self._failures >= FAILURES:
            raise StageUnavailable(f"LanguageTool failed {FAILURES} times running; not asked again")
        try:
            different = list(dict.fromkeys(queries))
            answers = in_threads(partial(self._check, language), different, self._at_once)
            found = dict(zip(different, answers, strict=True))
        except StageUnavailable:
            self._failures += 1
            raise
        self._failures = 0
        return [found[q] for q in queries]

    def _check(self, language: str, query: Query) -> tuple[GrammarMatch, ...]:
        with self._lent() as lender:
            try:
                found = [
                    _match(m, piece, at)
                    for at, piece in _pieces(query.text)
                    for m in self._ask(replace(query, text=piece), language, lender)
                ]
            except StageUnavailable:
                self._give_up(lender)
                raise
        return tuple(sorted(found, key=lambda m: (m.start, m.end)))

    def _lent(self) -> AbstractContextManager[Lender]:
        """Who lends the server for a text."""
        return nullcontext(self._lender) if self._lender else self._own.loan()

    def _ask(self, query: Query, language: str, lender: Lender) -> list[Any]:
        if not query.text.strip():
            return []
        try:
            return self._answer(query, language, lender)
        except _NoAnswer as e:
            if not self._give_up(lender):
                raise
            try:
                return self._answer(query, language, lender)
            except _NoAnswer as again:
                raise StageUnavailable(
                    f"LanguageTool died twice over one text: {again.reason}"
                ) from e

    def _give_up(self, lender: Lender) -> bool:
        """Ask no more of the server that gave no answer; whether it is one of ours, and died."""
        self._clients = {}
        return lender.give_up()

    def _answer(self, query: Query, language: str, lender: Lender) -> list[Any]:
        from language_tool_python.exceptions import LanguageToolError

        url = lender.url()
        with self._lock:
            client = self._connected(url, language, query)
        try:
            return list(client.check(query.text))
        except LanguageToolError as e:
            raise _NoAnswer("LanguageTool gives no answer", e) from e
        except (KeyError, TypeError, ValueError) as e:
            # the client reads the answer's fields without looking whether they are there
            raise StageUnavailable(
                f"the answer of the server is not LanguageTool's ({_short(e)})"
            ) from e

    def _connected(self, url: str, language: str, query: Query) -> Any:
        """A client that asks a server by the query's rules, in that language; what is asked at
        the same time shares it."""
        if self._asks != (url, language):
            self._clients, self._asks = {}, (url, language)
        clients, rules = self._clients, (query.only, query.left_out)
        if rules not in clients:
            from language_tool_python import LanguageTool
            from language_tool_python.exceptions import LanguageToolError

            # Proxies of the environment are not asked for our own machine.
            proxies = {"http": "", "https": ""} if _is_this_machine(url) else None
            try:
                client: Any = LanguageTool(language, remote_server=f"{url}/", proxies=proxies)
                client._TIMEOUT = ANSWER_SECONDS
                client.enabled_rules, client.disabled_rules = map(set, rules)
                client.enabled_rules_only = bool(query.only)
                tried = client._query_server(
                    f"{url}/v2/check", client._create_params("."), method="post"
                )
                self.version = str(tried["software"]["version"])
            except (LanguageToolError, KeyError, TypeError, ValueError) as e:
                raise _NoAnswer(f"LanguageTool at {url} does not answer", e) from e
            clients[rules] = client
        return clients[rules]


class _Named:
    """Lends the server that the settings name."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/").removesuffix("/v2")

    def url(self) -> str:
        return self._url

    def give_up(self) -> bool:
        return False


class _NoAnswer(StageUnavailable):
    """The server gave no answer; it may have died."""

    def __init__(self, what: str, error: Exception) -> None:
        self.reason = _short(error)
        super().__init__(f"{what}: {self.reason}")


def _short(error: Exception) -> str:
    """An error in one line; a server that is none of LanguageTool's may answer with a page."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}{'…' if len(text) > 200 else ''}"


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """A text in pieces with their offsets, cut at line breaks, else at spaces, else anywhere."""
    at = 0
    while at < len(text):
        end = at + PIECE_CHARS
        if end < len(text):
            end = text.rfind("\n", at, end) + 1 or text.rfind(" ", at, end) + 1 or end
        yield at, text[at:end]
        at = end


def _match(found: Any, text: str, at: int) -> GrammarMatch:
    """A match in code points: the client converts offsets from UTF-16, but not lengths.

    `at` is where `text` begins in the version.
    """
    start = end = found.offset
    units = found.error_length
    while units > 0 and end < len(text):
        units -= 2 if ord(text[end]) > 0xFFFF else 1
        end += 1
    return GrammarMatch(
        at + start,
        at + end,
        found.rule_id,
        found.category,
        found.message,
        tuple(found.replacements),
    )
