"""The digest is handed to a real mail server, once a night, and what hinders that is said."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from morning_store import first_night
from post_office import PostOffice, post_office
from small_web import QuickClock
from store_work import NIGHT

from audit.config import Settings, load
from audit.errors import ConfigurationError
from audit.nightly.log import open_log
from audit.nightly.mail import PASSWORD, MailServer, NotSent, digest, mail_server, send
from audit.nightly.morning import gathered
from audit.nightly.run import Night, run_night
from audit.nightly.summary import Summary
from audit.report.morning import Morning
from audit.store.database import Store
from audit.store.runs import Runs

READERS = ("desk@paper.example", "night@paper.example")
LATER = NIGHT + timedelta(hours=2)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    tmp = tmp_path_factory.mktemp("store")
    with Store.open(f"sqlite:///{tmp}/s.sqlite") as store:
        return gathered(store, first_night(store), tmp)


def settings(office: PostOffice, **more: Any) -> Settings:
    at = f"smtp://127.0.0.1:{office.port}"
    return Settings(causal_model="none", **{"digest_to": READERS, "smtp": at} | more)


def sent(morning: Morning, settings: Settings, **environ: str) -> tuple[str, ...]:
    server = mail_server(settings, environ)
    assert server is not None
    return send(digest(morning, settings, LATER), server, QuickClock(LATER))


def test_the_mail_has_text_and_html(morning: Morning, office: PostOffice) -> None:
    assert sent(morning, settings(office, digest_from="mtaudit@paper.example")) == ()
    (mail,) = office.mails
    assert mail["To"] == "desk@paper.example, night@paper.example"
    assert mail["From"] == "mtaudit <mtaudit@paper.example>"
    assert mail["Subject"] == "mtaudit 2026-11-25: 2 stories audited, 2 with critical faults"
    assert mail["Date"].datetime == LATER
    assert mail["Message-ID"] == "<20261125T020000.000000.mtaudit@paper.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "text/html"]
    text, html = (p.get_content() for p in mail.iter_parts())
    assert "“Ilsa Markety” → “Ilse Marchetti”" in text
    assert "“Ilsa Markety” → “Ilse Marchetti”" in html


def test_a_user_logs_in_with_the_password_of_the_variable(
    morning: Morning, office: PostOffice
) -> None:
    own = settings(office, smtp=f"smtp://desk%40paper.example@127.0.0.1:{office.port}")
    sent(morning, own, **{PASSWORD: "right"})
    assert office.logins == [("desk@paper.example", "right")]
    with pytest.raises(NotSent, match=r"127\.0\.0\.1: 535") as caught:
        sent(morning, own, **{PASSWORD: "wrong, and secret"})
    assert "secret" not in str(caught.value)
    assert len(office.mails) == 1


def test_a_busy_server_is_asked_again_and_one_that_refuses_is_not(
    morning: Morning, office: PostOffice
) -> None:
    office.answers = ["451 come back", "451 come back"]
    assert sent(morning, settings(office)) == ()
    assert len(office.mails) == 1
    office.answers = ["554 no", "250 never asked for"]
    with pytest.raises(NotSent, match="554 no"):
        sent(morning, settings(office))
    assert office.answers == ["250 never asked for"]


def test_readers_that_are_refused_are_named(morning: Morning, office: PostOffice) -> None:
    office.refused = READERS[:1]
    assert sent(morning, settings(office)) == READERS[:1]
    office.refused = READERS
    with pytest.raises(NotSent, match=r"refuses desk@paper\.example, night@paper\.example"):
        sent(morning, settings(office))


def test_a_server_that_is_not_there_is_named(morning: Morning) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent, match=r"127\.0\.0\.1: Connection refused"):
        sent(morning, settings(PostOffice(port=port)))


def test_a_password_does_not_travel_in_the_clear(morning: Morning, office: PostOffice) -> None:
    server = MailServer("127.1", office.port, False, "desk", "right")  # not known as loopback
    with pytest.raises(NotSent, match="no encryption, so the password was not sent"):
        send(digest(morning, settings(office), LATER), server, QuickClock(LATER))
    assert office.logins == []


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"digest_to": ["desk"]}, "desk is no e-mail address"),
        ({"digest_to": ["a@b.example\nBcc: c@d.example"]}, "is no e-mail address"),
        ({"digest_from": "me, you@paper.example"}, "is no e-mail address"),
        ({"smtp": "imap://host"}, "smtp"),
        ({"smtp": "smtp://me:secret@host"}, "smtp"),
        ({"reports_url": "javascript:1"}, "reports_url"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(
    tmp_path: Path, values: dict[str, Any], why: str
) -> None:
    file = tmp_path / "mtaudit.toml"
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    file.write_text("".join(lines))
    with pytest.raises(ConfigurationError, match=why) as caught:
        load(file)
    assert "secret" not in str(caught.value)


def test_what_lacks_for_sending_is_said_before_the_night() -> None:
    assert mail_server(Settings(smtp="smtp://host"), {}) is None
    with pytest.raises(ConfigurationError, match="no mail server is set"):
        mail_server(Settings(digest_to=READERS), {})
    with pytest.raises(ConfigurationError, match=f"password of me into the variable {PASSWORD}"):
        mail_server(Settings(digest_to=READERS, smtp="smtp://me@host"), {})


@pytest.mark.parametrize(
    ("smtp", "port", "is_tls"),
    [
        ("smtp://host", 25, False),
        ("smtp://me@host", 587, False),
        ("smtps://me@host", 465, True),
        ("smtp://host:2525", 2525, False),
    ],
)
def test_ports(smtp: str, port: int, is_tls: bool) -> None:
    server = mail_server(Settings(digest_to=READERS, smtp=smtp), {PASSWORD: "right"})
    assert server is not None
    assert (server.host, server.port, server.is_tls) == ("host", port, is_tls)
    assert "right" not in repr(server)


def test_where_mail_goes_changes_no_signature() -> None:
    plain = Settings(store="sqlite:///s")
    mailed = Settings(
        digest_to=READERS, smtp="smtp://h", reports_url="https://h", digest_from="a@b"
    )
    assert plain.digest() == mailed.digest()


@pytest.fixture
def night(tmp_path: Path, office: PostOffice) -> Night:
    """A night without feeds, whose digest goes to the office."""
    own = settings(office, store=f"sqlite:///{tmp_path}/s.sqlite", grammar=False)
    return Night(own, [], tmp_path / "reports", ["json"])


def run(night: Night, clock: QuickClock) -> tuple[Summary, list[dict[str, Any]]]:
    log = io.StringIO()
    summary = run_night(night, open_log(log, 0), clock=clock)
    return summary, [json.loads(line) for line in log.getvalue().splitlines()]


def test_each_night_has_its_page_and_its_digest(night: Night, office: PostOffice) -> None:
    clock = QuickClock(NIGHT)
    summary, lines = run(night, clock)
    assert summary.is_whole
    assert [x["status"] for x in lines if x["stage"] in ("page", "digest")] == ["done", "done"]
    assert "Nothing new came in" in (night.folder / "index.html").read_text()
    clock.next_night()
    run(night, clock)
    assert [m["Subject"] for m in office.mails] == [
        "mtaudit 2026-11-25: nothing new",
        "mtaudit 2026-11-26: nothing new",
    ]


def test_a_night_that_goes_on_sends_no_second_digest(
    night: Night, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = QuickClock(NIGHT)
    end = Runs.end

    def breaks(*_: Any) -> None:
        monkeypatch.setattr(Runs, "end", end)
        raise KeyboardInterrupt

    monkeypatch.setattr(Runs, "end", breaks)
    with pytest.raises(KeyboardInterrupt):
        run(night, clock)
    _, lines = run(night, clock)
    assert [x["status"] for x in lines if x["stage"] == "run"] == ["resumed", "done"]
    assert len(office.mails) == 1


def test_a_digest_that_cannot_be_sent_costs_the_night_its_wholeness_alone(
    night: Night, office: PostOffice
) -> None:
    office.answers = ["554 no"]
    summary, lines = run(night, QuickClock(NIGHT))
    assert not summary.is_whole
    assert "not delivered: digest: 127.0.0.1: 554 no" in summary.text()
    (failed,) = [x for x in lines if x["stage"] == "digest"]
    assert (failed["status"], failed["level"]) == ("failed", "error")
    assert (night.folder / "index.html").exists()
    with Store.open(str(night.settings.store)) as store:
        last = Runs(store).last()
        assert last is not None and last.summary is not None
        assert (last.status, last.digest_sent) == ("partial", None)
        assert last.summary["undelivered"] == list(summary.undelivered)


def test_a_page_that_cannot_be_written_is_said_and_the_digest_is_sent(
    night: Night, office: PostOffice
) -> None:
    night.folder.write_text("a file in its place")
    summary, _ = run(night, QuickClock(NIGHT))
    assert summary.undelivered == (f"page: {night.folder}: cannot be made: File exists",)
    assert len(office.mails) == 1


def test_offline_nothing_is_sent_and_nothing_is_wrong(night: Night, office: PostOffice) -> None:
    quiet = replace(night, settings=night.settings.model_copy(update={"offline": True}))
    summary, lines = run(quiet, QuickClock(NIGHT))
    assert summary.is_whole
    assert [x["why"] for x in lines if x["stage"] == "digest"] == ["offline"]
    assert office.mails == []
