"""Sends the digest of a night by e-mail."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from audit.config import Settings
from audit.errors import ConfigurationError
from audit.feeds.state import Clock
from audit.report.digest import html, subject, text
from audit.report.morning import Morning

__all__ = ["PASSWORD", "MailServer", "NotSent", "digest", "mail_server", "send"]

PASSWORD = "MTAUDIT_SMTP_PASSWORD"  # noqa: S105 (the name of a variable)
"""Variable with the password; there is no setting, so that no file and no listing holds it."""

SECONDS = 30.0
TRIES = 3
PAUSE = 20.0
"""Seconds before the next try: greylisting and a busy server pass."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NotSent(Exception):
    """A mail could not be sent; the text says why, without password."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `is_tls` says that the connection begins encrypted."""

    host: str
    port: int
    is_tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def mail_server(settings: Settings, environ: Mapping[str, str] = os.environ) -> MailServer | None:
    """The mail server of the settings; None if nobody is to get a digest.

    Raises ConfigurationError if recipients are named and no server, or a user and no password.
    """
    if not settings.digest_to:
        return None
    if settings.smtp is None:
        raise ConfigurationError(
            'digest_to: no mail server is set: write smtp = "smtp://USER@HOST" into mtaudit.toml'
        )
    parts = urlsplit(settings.smtp)
    user = unquote(parts.username) if parts.username else None
    password = environ.get(PASSWORD)
    if user and not password:
        raise ConfigurationError(f"smtp: put the password of {user} into the variable {PASSWORD}")
    is_tls = parts.scheme == "smtps"
    port = parts.port or (465 if is_tls else 587 if user else 25)
    return MailServer(parts.hostname or "", port, is_tls, user, password if user else None)


def digest(morning: Morning, settings: Settings, now: datetime) -> EmailMessage:
    """The mail of a morning, as text and HTML.

    Its id is the same whenever it is made for the same night, so that mail programs show one that
    was sent twice once.
    """
    sender = settings.digest_from or settings.digest_to[0]
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject(morning)
    message["From"] = Address("mtaudit", addr_spec=sender)
    message["To"] = ", ".join(settings.digest_to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{morning.run:%Y%m%dT%H%M%S.%f}.mtaudit@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text(morning, settings.reports_url))
    message.add_alternative(html(morning, settings.reports_url), subtype="html")
    return message


def send(message: EmailMessage, server: MailServer, clock: Clock) -> tuple[str, ...]:
    """Hand a mail in, some times if need be. Returns the recipients that the server refuses, if
    it takes any; raises NotSent if it takes none."""
    for attempt in range(1, TRIES + 1):
        try:
            return tuple(sorted(_handed_in(message, server)))
        except (OSError, ValueError) as e:  # smtplib's errors are OSErrors
            if attempt == TRIES or _is_lasting(e):
                raise NotSent(f"{server.host}: {_told(e)}") from e
            clock.sleep(PAUSE)
    raise AssertionError("the last try returns or raises")


def _handed_in(message: EmailMessage, server: MailServer) -> Mapping[str, object]:
    """The recipients that the server refuses."""
    context = ssl.create_default_context()
    connection = (
        smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
        if server.is_tls
        else smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    )
    with connection as smtp:
        smtp.ehlo_or_helo_if_needed()
        if not server.is_tls and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
        elif not server.is_tls and server.user and server.host not in _LOOPBACK:
            raise ValueError("offers no encryption, so the password was not sent")
        if server.user and server.password:
            smtp.login(server.user, server.password)
        return smtp.send_message(message)


def _is_lasting(error: Exception) -> bool:
    """Whether another try would end in the same way."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return isinstance(
        error, (ValueError, ssl.SSLCertVerificationError, smtplib.SMTPNotSupportedError)
    )


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"refuses {', '.join(sorted(error.recipients))}"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        words = said.decode(errors="replace") if isinstance(said, bytes) else said
        return f"{error.smtp_code} {words}"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
