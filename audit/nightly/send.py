"""Where alerts go: files, and whatever Apprise knows (mail, webhooks, chats).

A URL of the setting `alerts` may hold a password or a token at any place, also as its host. So
messages name a target by its number and the kind of its URL, and nothing of the rest of it.
"""

from __future__ import annotations

import json
import logging
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from audit.config import Settings
from audit.errors import ConfigurationError
from audit.store.alerts import Alert

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

__all__ = ["Target", "targets_of"]

MOST = 50
"""Alerts of one message; of more it has the number alone."""
LONGEST = 500
"""Characters of an alert."""
SHORTEST_SECRET = 3
"""Characters: shorter parts of a URL are no secret, and stand in many a word."""


class Target(ABC):
    """Takes alerts. `name` is for messages; `key` tells targets apart and says nothing of them."""

    def __init__(self, url: str, name: str) -> None:
        self.key = blake2b(url.encode(), digest_size=8).hexdigest()
        self.name = name

    @abstractmethod
    def send(self, alerts: Sequence[Alert]) -> str | None:
        """Send them together; why that failed, None if it did not."""


class FileTarget(Target):
    """A file that gets a JSON line for each alert."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, name)
        self._file = Path(unquote(url.partition("://")[2]))

    def send(self, alerts: Sequence[Alert]) -> str | None:
        """Append them, as a whole and for good."""
        lines = "".join(
            json.dumps(
                {"run": a.at.isoformat(), "kind": a.kind, "subject": a.subject, "text": a.text},
                ensure_ascii=False,
            )
            + "\n"
            for a in alerts
        )
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as e:
            return f"{self._file}: {e.strerror}"
        return None


class AppriseTarget(Target):
    """A service that Apprise reaches. Raises ConfigurationError for a URL that it does not know."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, name)
        self._url = url
        with _heard():
            service = self._service()
        if service is None:
            raise ConfigurationError(
                f"{name}: no URL that alerts can be sent to; https://appriseit.com/services lists "
                "them, and file:///FILE is a file"
            )

    def send(self, alerts: Sequence[Alert]) -> str | None:
        """Send one message with all of them."""
        import apprise

        service = self._service()
        assert service is not None
        sender = apprise.Apprise(asset=_asset())
        sender.add(service)
        title = f"mtaudit: {len(alerts):,} {'alert' if len(alerts) == 1 else 'alerts'}"
        with _heard() as said:
            done = sender.notify(title=title, body=_body(alerts), body_format="text")
        return None if done else _without(self._url, " ".join(said)) or "it does not say why"

    def _service(self) -> NotifyBase | None:
        import apprise

        return apprise.Apprise.instantiate(self._url, asset=_asset())


def targets_of(settings: Settings) -> list[Target]:
    """Where alerts go; offline, only files. Raises ConfigurationError for a URL that is none."""
    targets: list[Target] = []
    for number, secret in enumerate(settings.alerts, 1):
        url = secret.get_secret_value()
        scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", url)
        if scheme is None:
            raise ConfigurationError(f"alerts[{number}]: no URL; write file:///FILE or mailtos://…")
        name = f"alerts[{number}] ({scheme[1]})"
        if scheme[1].lower() == "file":
            targets.append(FileTarget(url, name))
        elif not settings.offline:
            targets.append(AppriseTarget(url, name))
    return targets


def _asset() -> AppriseAsset:
    from apprise import AppriseAsset

    return AppriseAsset(
        app_id="mtaudit", app_desc="audits of news stories", async_mode=False, secure_logging=True
    )


def _body(alerts: Sequence[Alert]) -> str:
    lines = [_line(a.text) for a in alerts[:MOST]]
    if len(alerts) > MOST:
        lines.append(f"… and {len(alerts) - MOST:,} more")
    return "\n\n".join(lines)


def _line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


class _Heard(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self._said.append(record.getMessage())


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What Apprise and its HTTP library say meanwhile, which may hold a secret: no log gets it."""
    said: list[str] = []
    handler = _Heard(said)
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3")]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield said
    finally:
        for logger, propagates in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.propagate = propagates


def _without(url: str, message: str) -> str:
    """A message in which every part of a URL has become three stars."""
    parts = re.split(r"[^\w.%~-]+", url.partition("://")[2])
    secrets = {s for part in parts for s in (part, unquote(part)) if len(s) >= SHORTEST_SECRET}
    for secret in sorted(secrets, key=len, reverse=True):
        message = message.replace(secret, "***")
    return message
