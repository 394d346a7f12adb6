"""Alerts: each is told once, none is lost, and no secret of a URL gets into a log."""

from __future__ import annotations

import io
import json
import logging
import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from databases import NewUrl
from night_work import LIMITS
from small_web import RSS, QuickClock, Reply, Site, SmallWeb, page, rss
from store_work import article
from story import RESULT

from audit.config import Settings, load
from audit.errors import ConfigurationError
from audit.feeds.settings import FeedSettings
from audit.feeds.state import FeedReport
from audit.model import AuditResult, Score
from audit.nightly.alert import alert
from audit.nightly.log import open_log
from audit.nightly.run import Night, run_night
from audit.nightly.send import targets_of
from audit.store.alerts import AGAIN, Alert, Alerts
from audit.store.articles import Articles
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.feed_reports import FeedReports
from audit.store.runs import Runs

NIGHT = datetime(2026, 11, 25, 2, tzinfo=UTC)
SECRET = "s3cr3t-t0ken"
FEED = FeedSettings(url="https://quiet.example/feed", outlet="The Quiet", silent_after=3)


@pytest.fixture
def web() -> Iterator[SmallWeb]:
    with SmallWeb() as web:
        web.site("hook").put(f"/{SECRET}", "OK")
        yield web


def hook(site: Site) -> str:
    return f"json://127.0.0.1:{site.server.server_port}/{SECRET}"


def told(site: Site) -> list[str]:
    """The messages that a webhook was sent."""
    return [json.loads(post)["message"] for post in site.posts]


def settings_of(*urls: str, **more: Any) -> Settings:
    return Settings(causal_model="none", grammar=False, alerts=urls, **more)


class Nights:
    """Runs of a store, each a day after the one before it, that end with their alerts."""

    def __init__(self, store: Store, *urls: str) -> None:
        self.store = store
        self.targets = targets_of(settings_of(*urls))
        self.at = NIGHT
        self.log = io.StringIO()

    def pass_(
        self,
        feeds: Sequence[FeedSettings] = (FEED,),
        misses: int | None = None,
        found: AuditResult | None = None,
        ends: bool = True,
    ) -> None:
        """A night in which the feed brought nothing for the n-th time, and this was found."""
        run = Runs(self.store).begin(self.at)
        if misses is not None:
            status = "silent" if misses else "ok"
            reasons = (f"nothing new in {misses} runs",) if misses else ()
            report = FeedReport(FEED.url, FEED.outlet, status, misses=misses, reasons=reasons)
            FeedReports(self.store).put(run.started, report)
        if found is not None:
            Audits(self.store).put(found, str(self.at), run.started)
        alert(self.store, run.started, feeds, self.targets, open_log(self.log, logging.INFO))
        if ends:
            Runs(self.store).end(run, self.at, "done", {})
            self.at += timedelta(days=1)


def watched(**more: Any) -> FeedSettings:
    return FeedSettings(url="https://outlet1.example/feed", outlet="outlet1.example", **more)


def critical(store: Store, kept: int = 1) -> AuditResult:
    """A result with so many critical findings, in an article of the watched outlet."""
    page = article(1, "A text.")
    Articles(store).put(page)
    old = RESULT.versions[0]
    finding = next(f for f in RESULT.findings if f.severity == "critical")
    return replace(
        RESULT,
        story="s1",
        versions=(replace(old, version=replace(old.version, id=page.id)),),
        findings=tuple(
            replace(finding, version=page.id, quote=f"41 people {n}") for n in range(kept)
        ),
    )


def test_a_silent_feed_is_told_at_its_third_miss_and_again_after_a_month(
    new_url: NewUrl, web: SmallWeb
) -> None:
    with Store.open(new_url()) as store:
        nights = Nights(store, hook(web.site("hook")))
        for misses in range(1, 3 + AGAIN.days):
            nights.pass_(misses=misses)
        assert told(web.site("hook")) == [
            "The Quiet, https://quiet.example/feed: nothing new in 3 runs"
        ]
        nights.pass_(misses=3 + AGAIN.days)
        assert len(told(web.site("hook"))) == 2


def test_a_feed_that_spoke_and_falls_silent_again_is_told_again(
    new_url: NewUrl, web: SmallWeb
) -> None:
    with Store.open(new_url()) as store:
        nights = Nights(store, hook(web.site("hook")))
        for misses in (3, 4, 0, 1, 2, 3):
            nights.pass_(misses=misses)
        assert len(told(web.site("hook"))) == 2


def test_a_critical_finding_of_a_watched_outlet_is_told_once(
    new_url: NewUrl, web: SmallWeb
) -> None:
    with Store.open(new_url()) as store:
        nights = Nights(store, hook(web.site("hook")))
        nights.pass_([watched()], found=critical(store, 1))
        assert told(web.site("hook")) == []
        nights.pass_([watched(watch=True)])
        assert told(web.site("hook")) == []  # it was there before
        nights.pass_([watched(watch=True)], found=critical(store, 2))
        nights.pass_([watched(watch=True)])
        (text,) = told(web.site("hook"))
        assert text.startswith("outlet1.example, https://outlet1.example/1: critical: ")
        assert "“41 people 1” (story s1)" in text


def test_what_a_run_found_that_never_ended_is_told_by_the_next(
    new_url: NewUrl, web: SmallWeb
) -> None:
    with Store.open(new_url()) as store:
        nights = Nights(store, hook(web.site("hook")))
        nights.pass_([watched(watch=True)])
        Runs(store).begin(nights.at)
        Audits(store).put(critical(store), "1", nights.at)
        nights.at += timedelta(days=1)
        nights.pass_([watched(watch=True)])
        assert len(told(web.site("hook"))) == 1


def drifting(story: int, outlet: str, value: float) -> AuditResult:
    old = RESULT.versions[0]
    return replace(
        RESULT,
        story=f"d{story}",
        findings=(),
        versions=tuple(
            replace(
                old,
                version=replace(old.version, id=f"v{story}-{n}", outlet=outlet),
                score=Score(value + n, value, value, 400),
            )
            for n in range(2)
        ),
    )


def test_an_outlet_that_drifts_is_told_once(new_url: NewUrl, web: SmallWeb) -> None:
    with Store.open(new_url()) as store:
        nights = Nights(store, hook(web.site("hook")))
        for n in range(35):
            value = 96.0 + n % 3 if n < 25 else 70.0
            nights.pass_(found=drifting(n, "The Harbour", value))
        (text,) = told(web.site("hook"))
        assert text.startswith("The Harbour: scores drift below their limits since 2026-12-2")


def test_a_resumed_run_tells_nothing_twice(new_url: NewUrl, web: SmallWeb) -> None:
    with Store.open(new_url()) as store:
        nights = Nights(store, hook(web.site("hook")))
        for _ in range(3):
            nights.pass_([FEED, watched(watch=True)], 3, critical(store), ends=False)
        assert len(web.site("hook").posts) == 1
        assert Alerts(store).told(NIGHT) == 2


@pytest.mark.parametrize(
    "reply", [Reply(status=500), Reply(status=302, headers={"location": "/"}), Reply(manner="slow")]
)
def test_what_could_not_be_sent_is_sent_the_next_night_to_those_alone_who_lack_it(
    new_url: NewUrl, web: SmallWeb, reply: Reply, tmp_path: Path
) -> None:
    bad, file = web.site("bad"), tmp_path / "alerts.jsonl"
    bad.put(f"/{SECRET}", reply)
    with Store.open(new_url()) as store:
        nights = Nights(store, hook(bad) + "?rto=0.3", f"file://{file}")
        nights.pass_(misses=3)
        assert len(Alerts(store).unsent()) == 1
        (line,) = [x for x in map(json.loads, nights.log.getvalue().splitlines()) if "why" in x]
        assert (line["level"], line["status"], line["target"]) == (
            "error",
            "failed",
            "alerts[1] (json)",
        )
        assert SECRET not in nights.log.getvalue()
        bad.put(f"/{SECRET}", "OK")
        nights.pass_(misses=4)
        assert Alerts(store).unsent() == []
        assert told(bad)[-1] == "The Quiet, https://quiet.example/feed: nothing new in 3 runs"
        (kept,) = map(json.loads, file.read_text().splitlines())
        assert kept == {
            "run": NIGHT.isoformat(),
            "kind": "silent",
            "subject": FEED.url,
            "text": told(bad)[-1],
        }


def test_a_target_that_is_not_set_any_more_is_sent_nothing(new_url: NewUrl, web: SmallWeb) -> None:
    with Store.open(new_url()) as store:
        Nights(store, "json://127.0.0.1:9").pass_(misses=3)
        assert len(Alerts(store).unsent()) == 1
        other = Nights(store, hook(web.site("hook")))
        other.at += timedelta(days=1)
        other.pass_(misses=4)
        assert Alerts(store).unsent() == []
        assert told(web.site("hook")) == []


class Postbox:
    """Takes what is mailed."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(envelope.content)
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


def test_alerts_of_a_night_come_as_one_mail(postbox: tuple[Postbox, int], new_url: NewUrl) -> None:
    box, port = postbox
    with Store.open(new_url()) as store:
        url = f"mailto://127.0.0.1:{port}?from=audit@paper.example&to=editor@paper.example"
        nights = Nights(store, url)
        nights.pass_([FEED, watched(watch=True)], 3, critical(store))
        (raw,) = box.mails
        mail = message_from_bytes(raw, policy=default)
        assert mail["subject"] == "mtaudit: 2 alerts"
        assert "editor@paper.example" in mail["to"]
        body = mail.get_body(("plain", "html"))
        assert body is not None
        assert "nothing new in 3 runs" in body.get_content()
        assert "41 people 0" in body.get_content()


def test_a_mail_server_that_is_down_loses_nothing(new_url: NewUrl) -> None:
    with Store.open(new_url()) as store:
        url = f"mailto://user:{SECRET}@127.0.0.1:9?from=a@paper.example&to=b@paper.example"
        nights = Nights(store, url)
        nights.pass_(misses=3)
        assert len(Alerts(store).unsent()) == 1
        assert SECRET not in nights.log.getvalue()


def test_many_alerts_and_hostile_ones_make_a_message_that_can_be_read(web: SmallWeb) -> None:
    (target,) = targets_of(settings_of(hook(web.site("hook"))))
    alerts = [Alert("silent", str(n), NIGHT, f"a\r\nBcc: x\0{n} " + "x" * 9999) for n in range(60)]
    assert target.send(alerts) is None
    (text,) = told(web.site("hook"))
    assert text.endswith("… and 10 more")
    assert len(text) < 50 * 510
    assert all(line.startswith("a Bcc: x ") for line in text.split("\n\n")[:-1])


@pytest.mark.parametrize(
    "url", [f"nosuch://{SECRET}/x", SECRET, f"mailto://{SECRET}", f"json://:{SECRET}@"]
)
def test_a_url_that_is_none_is_refused_before_the_night_and_not_shown(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_of(url, store=f"sqlite:///{tmp_path}/s.sqlite")
    with pytest.raises(ConfigurationError, match=r"^alerts\[1\]") as e:
        run_night(Night(settings, [], tmp_path, []), open_log(io.StringIO(), 0))
    assert SECRET not in str(e.value) + capsys.readouterr().err
    assert not (tmp_path / "s.sqlite").exists()


def test_settings_never_show_a_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mtaudit.toml"
    url = f"json://user:{SECRET}@hook.example"
    file.write_text(f'alerts = ["{url}"]\n')
    found = load(file)
    assert found.alerts[0].get_secret_value() == url
    assert SECRET not in json.dumps(found.shown()) + repr(found)
    assert found.digest() == Settings().digest()
    for bad in (f'alerts = "{url}"', f'alert = ["{url}"]', f'alerts = [["{url}"]]'):
        file.write_text(bad)
        with pytest.raises(ConfigurationError) as e:
            load(file)
        assert SECRET not in str(e.value)
    file.write_text("")
    monkeypatch.setenv("MTAUDIT_ALERTS", f"{url}, file:///a.jsonl")
    assert [u.get_secret_value() for u in load(file).alerts] == [url, "file:///a.jsonl"]


def test_offline_only_files_are_written(tmp_path: Path) -> None:
    urls = (f"json://{SECRET}", f"file://{tmp_path}/a.jsonl")
    assert [t.name for t in targets_of(settings_of(*urls, offline=True))] == ["alerts[2] (file)"]


def test_a_night_with_an_alert_that_cannot_be_sent_is_partial(
    tmp_path: Path, web: SmallWeb
) -> None:
    web.site("empty").put("/feed", rss([]), RSS)
    feed = FeedSettings(
        url=web.site("empty").url(), outlet="empty", allow_private=True, silent_after=1
    )
    hooked = web.site("hook")
    hooked.put(f"/{SECRET}", Reply(status=500))
    settings = settings_of(hook(hooked), store=f"sqlite:///{tmp_path}/s.sqlite")
    night = Night(settings, [feed], tmp_path / "reports", ["json"], limits=LIMITS)
    clock = QuickClock(NIGHT)
    log = open_log(io.StringIO(), 0)
    first = run_night(night, log, clock=clock)
    assert not first.is_whole
    assert "alerts: 1; 1 not sent, tried again the next run" in first.text()
    hooked.put(f"/{SECRET}", "OK")
    clock.next_night()
    second = run_night(night, log, clock=clock)
    assert second.is_whole
    assert (second.alerts, second.unsent) == (0, 0)
    assert "nothing new in 1 runs" in told(hooked)[-1]


def test_a_night_tells_of_a_page(tmp_path: Path, web: SmallWeb) -> None:
    """The settings `watch` and `alerts` reach the alerts."""
    seeds = Path(__file__).resolve().parent.parent / "seeds"
    for n in range(3):
        (file,) = seeds.glob(f"{n:03}_*.txt")
        lines = [x for x in file.read_text(encoding="utf-8").splitlines() if x.strip()]
        site = web.site(f"seed{n}")
        site.put("/a", page(lines[0], lines[1:]))
        site.put("/feed", rss([(site.url("/a"), lines[0])]), RSS)
    feeds = [
        FeedSettings(
            url=web.site(f"seed{n}").url(),
            outlet=f"seed{n}",
            allow_private=True,
            pause=0,
            watch=n == 2,
        )
        for n in range(3)
    ]
    settings = settings_of(f"file://{tmp_path}/a.jsonl", store=f"sqlite:///{tmp_path}/s.sqlite")
    night = Night(settings, feeds, tmp_path / "reports", ["json"], limits=LIMITS)
    run_night(night, open_log(io.StringIO(), 0), clock=QuickClock(NIGHT))
    with Store.open(f"sqlite:///{tmp_path}/s.sqlite") as store:
        outlets = {a.id: a.outlet for a in Articles(store).seen()}
        found = [f for f in Audits(store).findings() if f.finding.severity == "critical"]
    expected = {f"{f.version} {f.fault}" for f in found if outlets[f.version] == "seed2"}
    file = tmp_path / "a.jsonl"
    subjects = [json.loads(x)["subject"] for x in file.read_text().splitlines()]
    assert expected
    assert set(subjects) == expected
