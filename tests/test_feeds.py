"""Feeds bring each article once, changed ones again, and every misbehaviour with its reason."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_web import RSS, QuickClock, Reply, SmallWeb, bomb, page, rss

from audit.cli import main as cli
from audit.config import Settings, load
from audit.errors import ConfigurationError, InputError
from audit.feeds.articles import Page, article_of, canonical
from audit.feeds.fetch import Crawl, Limits
from audit.feeds.opml import read_opml
from audit.feeds.parse import Malformed, parse_feed
from audit.feeds.read import read_feeds
from audit.feeds.settings import FeedSettings, append_feeds, load_feeds
from audit.feeds.state import FeedReport, FeedState, MemoryState
from audit.ingest.guard import Answer
from audit.model import Article
from audit.store.database import Store
from audit.store.feeds import FeedStates

NOW = datetime(2026, 11, 2, 3, tzinfo=UTC)
TEXT = (
    "The harbour of Veldin was opened again on Monday after three weeks of work on its northern "
    "pier, the port authority said.",
    "Twelve ships entered before noon. The first of them carried grain for the mills of the upper "
    "town, where bread had become scarce since the middle of last month.",
    "The mayor thanked the crews and promised that the southern pier would be mended next spring.",
)


ASKING = "Accept cookies so that we and our partners can track your choices."
NOT_FREE = '<script type="application/ld+json">{"isAccessibleForFree":false}</script>'


@pytest.fixture
def web() -> Iterator[SmallWeb]:
    with SmallWeb() as served:
        yield served


@pytest.fixture(params=["memory", "store"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FeedState]:
    """What is known from earlier nights: nothing so far."""
    if request.param == "memory":
        yield MemoryState()
        return
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store:
        yield FeedStates(store)


def feed(url: str, **more: object) -> FeedSettings:
    values = {"url": url, "outlet": "The Harbour", "allow_private": True} | more
    return FeedSettings.model_validate(values)


def read(
    feeds: Sequence[FeedSettings],
    state: FeedState | None = None,
    clock: QuickClock | None = None,
    **limits: float,
) -> tuple[list[Article], dict[str, FeedReport]]:
    items = list(
        read_feeds(
            feeds,
            state or MemoryState(),
            Settings(),
            clock or QuickClock(),
            limits=Limits(**limits),  # type: ignore[arg-type]
        )
    )
    reports = {i.url: i for i in items if isinstance(i, FeedReport)}
    assert reports.keys() == {f.url for f in feeds}
    return [i for i in items if isinstance(i, Article)], reports


def test_brings_an_article_with_all_that_is_known_of_it(web: SmallWeb) -> None:
    site = web.site("harbour")
    site.put("/feed", rss([(site.url("/a?utm_source=rss"), "Port")], NOW), RSS)
    site.put("/a", page("Port opens", TEXT))
    (article,), reports = read([feed(site.url())])
    assert article.unscored is None
    assert (article.title, article.outlet, article.published) == ("Port opens", "The Harbour", NOW)
    assert article.url == site.url("/a")
    assert article.text.splitlines() == ["Port opens", *TEXT]
    report = reports[site.url()]
    assert (report.status, report.entries, report.new) == ("ok", 1, 1)


def test_three_nights_ask_for_nothing_twice_without_need(web: SmallWeb, state: FeedState) -> None:
    site = web.site("harbour")
    site.put("/feed", rss([site.url("/a"), site.url("/b")]), RSS)
    site.put("/a", page("Port opens", TEXT))
    site.put("/b", page("Bread", TEXT))
    clock = QuickClock()
    first, _ = read([feed(site.url())], state, clock)
    assert len(first) == 2
    clock.next_night()
    second, reports = read([feed(site.url())], state, clock)
    assert second == []
    assert (reports[site.url()].status, reports[site.url()].unchanged) == ("unchanged", 2)
    assert site.asked("/feed") == site.asked("/a") == [200, 304]
    clock.next_night()
    site.put("/a", page("Port opens", [*TEXT, "The work cost two million crowns in all."]))
    site.remove("/b")
    (changed,), reports = read([feed(site.url())], state, clock)
    assert changed.id == next(a.id for a in first if a.title == "Port opens")
    assert (reports[site.url()].changed, reports[site.url()].failed) == (1, 1)
    assert any("/b: the server answers 410" in why for why in reports[site.url()].reasons)
    clock.next_night()
    read([feed(site.url())], state, clock)
    assert site.asked("/b") == [200, 304, 410]
    assert site.asked("/feed") == [200, 304, 304, 304]


def test_an_article_whose_storing_failed_is_brought_again(web: SmallWeb) -> None:
    site = web.site("harbour")
    site.put("/feed", rss([site.url("/a")]), RSS)
    site.put("/a", page("Port opens", TEXT))
    state = MemoryState()
    items = read_feeds([feed(site.url())], state, Settings(), QuickClock())
    lost = next(items)
    items.close()  # type: ignore[attr-defined]
    (again,), _ = read([feed(site.url())], state)
    assert isinstance(lost, Article)
    assert again.digest == lost.digest


def test_a_page_that_failed_is_had_another_night(web: SmallWeb) -> None:
    site = web.site("harbour")
    site.put("/feed", rss([site.url("/a")]), RSS)
    site.put("/a", Reply(status=500))
    state, clock = MemoryState(), QuickClock()
    none, reports = read([feed(site.url())], state, clock)
    assert none == []
    assert reports[site.url()].failed == 1
    assert site.asked("/a") == [500, 500, 500]
    site.put("/a", page("Port opens", TEXT))
    (article,), _ = read([feed(site.url())], state, clock)
    assert article.title == "Port opens"


def test_is_a_polite_guest(web: SmallWeb) -> None:
    site = web.site("harbour")
    site.put("/feed", rss([site.url(f"/{i}") for i in range(4)]), RSS)
    for i in range(4):
        site.put(f"/{i}", page(f"Port {i}", TEXT))
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 7\nDisallow: /2\n", "text/plain")
    clock = QuickClock()
    articles, reports = read([feed(site.url())], clock=clock)
    assert len(articles) == 3
    assert site.asked("/2") == []
    assert any("robots.txt asks not to" in why for why in reports[site.url()].reasons)
    assert sum(clock.waited) >= 3 * 7 - 3
    assert all(a[1] <= b[0] for a, b in zip(site.times, site.times[1:], strict=False))


@pytest.mark.parametrize(
    "robots", ["User-agent: *\nCrawl-delay: 50", None], ids=["long pause", "slow host"]
)
def test_ends_when_its_time_is_over(web: SmallWeb, robots: str | None) -> None:
    site = web.site("harbour")
    site.put("/feed", rss([site.url(f"/{n}") for n in range(9)]), RSS)
    site.put("/0", Reply(manner="slow"))
    if robots:
        site.put("/robots.txt", robots)
        site.put("/0", page("Port opens", TEXT))
    clock = QuickClock()
    began = clock.monotonic()
    crawl: Crawl[Any] = Crawl(Settings(), clock, until=began + 3)
    items = list(
        read_feeds([feed(site.url(), pause=0)], MemoryState(), Settings(), clock, crawl=crawl)
    )
    assert not any(isinstance(i, FeedReport) for i in items)
    assert clock.monotonic() < began + 5


def test_comes_back_when_it_is_told_to(web: SmallWeb) -> None:
    site = web.site("harbour")
    site.put("/feed", Reply(status=429, headers={"retry-after": "50"}))
    clock = QuickClock()
    _, reports = read([feed(site.url())], clock=clock, tries=2)
    assert site.asked("/feed") == [429, 429]
    assert 45 <= sum(clock.waited) <= 51
    assert reports[site.url()].status == "failed"


def test_silence_is_reported_after_so_many_misses(web: SmallWeb) -> None:
    site = web.site("harbour")
    site.put("/feed", rss([]), RSS)
    state = MemoryState()
    statuses = [
        read([feed(site.url(), silent_after=3)], state)[1][site.url()].status for _ in range(4)
    ]
    assert statuses == ["unchanged", "unchanged", "silent", "silent"]


def test_a_feed_that_moved_says_where_to(web: SmallWeb) -> None:
    site = web.site("harbour")
    site.put("/feed", Reply(status=301, headers={"location": "/new"}))
    site.put("/new", rss([]), RSS)
    state = MemoryState()
    _, reports = read([feed(site.url())], state)
    assert "moved for good to" in reports[site.url()].reasons[0]
    read([feed(site.url())], state)
    assert site.asked("/feed") == [301]
    assert site.asked("/new") == [200, 304]


def test_takes_the_text_from_the_feed_where_told_to(web: SmallWeb) -> None:
    site = web.site("harbour")
    item = {"url": site.url("/a"), "title": "Port opens", "content_text": "\n".join(TEXT)}
    site.put("/feed", json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item]}))
    (article,), _ = read([feed(site.url(), text="feed")])
    assert article.unscored is None
    assert article.text.splitlines()[-3:] == list(TEXT)
    assert site.asked("/a") == []


def test_reads_sitemaps_and_their_indexes(web: SmallWeb) -> None:
    site = web.site("harbour")
    site.put(
        "/feed", f"<sitemapindex><sitemap><loc>{site.url('/m')}</loc></sitemap></sitemapindex>"
    )
    site.put(
        "/m",
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        f"<loc>{site.url('/a')}</loc><n:news><n:publication><n:name>H</n:name>"
        "<n:language>en</n:language></n:publication><n:publication_date>2026-11-01T10:00:00+01:00"
        "</n:publication_date><n:title>Port opens</n:title></n:news></url>"
        f"<url><loc>{site.url('/old')}</loc><lastmod>2019-01-01</lastmod></url></urlset>",
    )
    site.put("/a", page("Port opens", TEXT))
    (article,), _ = read([feed(site.url())])
    assert article.published == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert article.language == "en"
    assert site.asked("/old") == []


LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
HOSTILE: dict[str, tuple[Reply | str | bytes, str, str]] = {
    "empty": ("", "malformed", "empty"),
    "page": ("<html><body>News</body></html>", "malformed", "a page, not a feed"),
    "page with feed": (
        '<html><head><link rel=alternate type="application/rss+xml" href=/rss></head></html>',
        "malformed",
        r"it names the feed http://\S+/rss",
    ),
    "cut off": (rss(["http://127.0.0.1:1/"])[:-30], "unchanged", "malformed: "),
    "no XML": ("<<<<>>>> & news", "malformed", "not a feed"),
    "bomb": (Reply(manner="bomb"), "failed", "longer than 10,000,000 bytes"),
    "packed bomb": (Reply(bomb(), type="application/gzip"), "malformed", "longer than 50,000,000"),
    "endless": (Reply(manner="endless"), "failed", "longer than|took longer"),
    "slow": (Reply(manner="slow"), "failed", "took longer than 12 seconds"),
    "trickle": (Reply(manner="trickle"), "failed", "took longer than 12 seconds"),
    "500": (Reply(status=500), "failed", "the server answers 500"),
    "429": (Reply(status=429, headers={"retry-after": "99999"}), "failed", "in 99,999 seconds"),
    "503": (Reply(status=503, headers={"retry-after": "soon"}), "failed", "answers 503"),
    "404": (Reply(status=404), "failed", "the server answers 404"),
    "loop": (Reply(status=302, headers={"location": "/feed"}), "failed", "more than 5 redirects"),
    "metadata": (
        Reply(status=302, headers={"location": "http://169.254.169.254/latest/meta-data/"}),
        "failed",
        r"169\.254\.169\.254 is the private address",
    ),
    "loopback": (
        Reply(status=301, headers={"location": "http://127.0.0.1:9/"}),
        "failed",
        r"127\.0\.0\.1 is the private address",
    ),
    "file": (Reply(status=302, headers={"location": "file:///etc/passwd"}), "failed", "only http"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "malformed", "PNG"),
    "no items": ('{"title": "News"}', "malformed", "not a JSON Feed"),
    "half JSON": ('{"items": [', "malformed", "not valid JSON"),
    "deep JSON": ('{"items": ' + "[" * 100_000, "malformed", "not valid JSON"),
    "laughs": (f"{LAUGHS}<rss version='2.0'><channel><title>&i;</title></channel></rss>", "", ""),
    "laughing map": (f"{LAUGHS}<urlset><url><loc>&i;</loc></url></urlset>", "unchanged", ""),
    "file entity": (
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<urlset><url><loc>http://h.example/&x;</loc></url></urlset>",
        "",
        "",
    ),
    "wrong encoding": (rss([]).encode("utf-16-le"), "", ""),
    "no addresses": (
        rss(["javascript:alert(1)", "file:///etc/passwd", "http://[::1"]),
        "unchanged",
        "2 of its entries have no http address",
    ),
    "brotli": (Reply(b"x", headers={"content-encoding": "br"}), "failed", "not asked for"),
    "bad gzip": (Reply(b"x", headers={"content-encoding": "gzip"}), "failed", "gzip .*damaged"),
    "deep XML": ("<urlset>" + "<url>" * 100_000, "", "malformed"),
}


def test_hostile_feeds_are_reported_each_with_its_reason_and_stop_nothing(web: SmallWeb) -> None:
    feeds = {}
    for name, (reply, _, _) in HOSTILE.items():
        site = web.site(name)
        site.put("/feed", reply, RSS)
        feeds[name] = feed(site.url(), outlet=name)
    for name, status in (("robots forbid", 200), ("robots fail", 500)):
        site = web.site(name)
        site.put("/robots.txt", Reply(b"User-agent: *\nDisallow: /", status, "text/plain"))
        feeds[name] = feed(site.url(), outlet=name)
    good = web.site("good")
    good.put("/feed", rss([good.url("/a")]), RSS)
    good.put("/a", page("Port opens", TEXT))
    inside = feed(good.url("/other"), allow_private=False)
    (article,), reports = read(
        [*feeds.values(), inside, feed(good.url())], seconds=12, tries=1, hosts=40
    )
    assert article.title == "Port opens", article
    expected = {name: (status, why) for name, (_, status, why) in HOSTILE.items()} | {
        "robots forbid": ("failed", "its robots.txt asks not to fetch it"),
        "robots fail": ("failed", "its robots.txt cannot be had: the server answers 500"),
    }
    told = {name: reports[feeds[name].url] for name in expected}
    assert [
        (name, told[name].status, told[name].reasons)
        for name, (status, why) in expected.items()
        if status not in ("", told[name].status)
        or not re.search(why, " | ".join(told[name].reasons))
    ] == []
    assert "root:" not in str(told)
    assert "private address 127.0.0.1" in reports[inside.url].reasons[0]


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("", "not an article: empty"),
        (page("Port", [ASKING] * 9), "consent"),
        (
            page("Port", [TEXT[0], "Subscribe to continue reading this article."]),
            "a paywall teaser",
        ),
        (page("Port", TEXT[:2], NOT_FREE), "a paywall teaser"),
        (page("Port", [*TEXT, "The grain will be carried by rail to the […]"]), "truncated"),
        (page("Port", ["Port opens"]), "not an article"),
        (page("News", [f"Minister opens harbour {i}" for i in range(40)]), "a list"),
    ],
)
def test_what_cannot_be_scored_says_why(html: str, why: str) -> None:
    article = article_of(Page("http://h.example/a", html=html), feed("http://h/"), Settings(), NOW)
    assert why in (article.unscored or "scored"), article.text


def test_pages_that_are_no_text_are_not_scored(web: SmallWeb) -> None:
    site = web.site("harbour")
    site.put("/feed", rss([site.url("/pdf"), site.url("/bytes")]), RSS)
    site.put("/pdf", b"%PDF-1.7", "application/pdf")
    site.put("/bytes", page("P", TEXT).encode() + b"\xff\xfe\x81\x8d", "text/html; charset=utf-8")
    articles, reports = read([feed(site.url())])
    reasons = {a.url: a.unscored or "" for a in articles}
    assert reasons[site.url("/pdf")] == "not an article: application/pdf"
    assert "is not valid utf-8" in reasons[site.url("/bytes")]
    assert reports[site.url()].unscored == 2


def test_one_address_stands_for_a_page() -> None:
    at = "https://www.harbour.example/news/port?utm_medium=x&id=3#top"
    assert canonical(at, None) == "https://www.harbour.example/news/port?id=3"
    assert canonical(at, "https://harbour.example/news/port") == "https://harbour.example/news/port"
    assert canonical(at, "https://agency.example/port") == canonical(at, None)
    assert canonical(at, "https://www.harbour.example/") == canonical(at, None)


def test_reads_what_a_scraper_left(tmp_path: Path) -> None:
    from io import BytesIO

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    (tmp_path / "a.html").write_text(page("Port opens", TEXT))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.txt").write_text("\n".join(["Bread", *TEXT]))
    lines = [
        json.dumps({"url": "http://h.example/c", "title": "Crews", "text": " ".join(TEXT)}),
        "{",
        json.dumps({"url": "http://h.example/d"}),
    ]
    with gzip.open(tmp_path / "c.jsonl.gz", "wt") as packed:
        packed.write("\n".join(lines))
    with (tmp_path / "d.warc.gz").open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        body = BytesIO(page("Piers", TEXT).encode())
        record = writer.create_warc_record(
            "http://h.example/e", "response", body, http_headers=head
        )
        writer.write_record(record)
    (tmp_path / "e.warc.gz").write_bytes((tmp_path / "d.warc.gz").read_bytes()[:100])
    state = MemoryState()
    folder = feed(str(tmp_path))
    articles, reports = read([folder], state)
    assert {a.title for a in articles} == {"Port opens", "", "Crews", "Piers"}
    assert all(a.unscored is None for a in articles)
    report = reports[folder.url]
    assert report.new == 4
    assert re.search(r"c\.jsonl\.gz:2: not valid JSON", " | ".join(report.reasons))
    assert re.search(r"e\.warc\.gz: damaged", " | ".join(report.reasons))
    again, _ = read([folder], state)
    assert again == []
    (tmp_path / "a.html").write_text(page("Port opens at last", TEXT))
    (changed,), reports = read([folder], state)
    assert (changed.title, reports[folder.url].changed) == ("Port opens at last", 1)


def fuzzed(sources: Sequence[bytes], count: int) -> Iterator[bytes]:
    """Damaged copies: bytes changed, cut out, doubled, and pieces of others put in."""
    chance = random.Random(20240)
    for _ in range(count):
        data = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(data) + 1)
            length = chance.randint(1, 60)
            what = chance.randrange(5)
            if what == 0:
                data[at : at + length] = chance.randbytes(length)
            elif what == 1:
                del data[at : at + length]
            elif what == 2:
                data[at:at] = data[at : at + length] * chance.randint(1, 40)
            elif what == 3:
                other = chance.choice(sources)
                data[at:at] = other[chance.randrange(len(other)) :][:length]
            else:
                data[at:at] = chance.choice(
                    (b"<", b"&#x0;", b"]]>", b"\0", b"\xff\xfe", b"<![CDATA[")
                )
        yield bytes(data)


def test_five_hundred_fuzzed_feeds_are_read_or_refused_with_a_reason() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry><title>A</title>'
        '<link href="http://h.example/a"/><updated>2026-11-01T00:00:00Z</updated></entry></feed>'
    )
    maps = "<urlset><url><loc>http://h.example/a</loc><lastmod>2026-11-01</lastmod></url></urlset>"
    items = [{"id": "1", "url": "http://h.example/a", "date_published": "2026-11-01T00:00:00Z"}]
    sources = [rss(["http://h.example/a"], NOW), atom, maps, json.dumps({"items": items})]
    answer = Answer(200, httpx.Headers({"content-type": "application/xml"}), b"")
    for data in fuzzed([s.encode() for s in sources], 500):
        try:
            found = parse_feed("http://h.example/feed", replace(answer, content=data))
        except Malformed as e:
            assert e.why
        else:
            assert all(re.match("https?://", e.url) for e in found.entries)
            assert all(e.published is None or e.published.tzinfo for e in found.entries)


def test_five_hundred_fuzzed_pages_become_articles_or_say_why_not() -> None:
    from audit.feeds.articles import FEWEST_WORDS

    sources = [page("Port", TEXT), page("Bread", TEXT[:1], "<meta charset=latin-1>")]
    for data in fuzzed([s.encode() for s in sources], 500):
        shown = Page("http://h.example/a", html=data.decode("utf-8", "replace"))
        article = article_of(shown, feed("http://h.example/"), Settings(), NOW)
        assert article.unscored or len(article.text.split()) >= FEWEST_WORDS


@given(st.text(max_size=80), st.none() | st.text(max_size=80))
def test_any_address_has_a_canonical_form(url: str, named: str | None) -> None:
    assert isinstance(canonical(f"http://h.example/{url}", named), str)


def test_opml_names_feeds(tmp_path: Path) -> None:
    file = tmp_path / "list.opml"
    file.write_text(
        '<opml version="2.0"><body><outline text="News"><outline text="The Harbour"'
        ' xmlUrl="http://h.example/rss"/><outline XMLURL="http://b.example/"/>'
        '<outline xmlUrl="ftp://c.example/"/></outline></body></opml>'
    )
    feeds, problems = read_opml(file)
    assert [(f.outlet, f.url) for f in feeds] == [
        ("The Harbour", "http://h.example/rss"),
        ("b.example", "http://b.example/"),
    ]
    assert problems == ("ftp://c.example/ is not an http address",)
    file.write_text("<html/>")
    with pytest.raises(InputError, match="not an OPML list"):
        read_opml(file)


def test_settings_name_feeds_and_feeds_change_no_signature(tmp_path: Path) -> None:
    file = tmp_path / "mtaudit.toml"
    file.write_text("seed = 7")
    before = load(file).digest()
    feeds = [feed("https://h.example/feed", outlet='The "Harbour"\x7f', pause=3.5), feed("pages")]
    assert append_feeds(file, feeds) == tuple(feeds)
    assert append_feeds(file, feeds[:1]) == ()
    assert load(file).digest() == before
    first, second = load_feeds(file)
    assert first == feeds[0]
    assert second.url == str(tmp_path / "pages")


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ("[feeds]\nurl = 'x'", "each under"),
        ("[[feeds]]\nurl = 'https://h.example/'", "outlet: Field required"),
        ("[[feeds]]\nurl = 'https://h.example/'\noutlet = 'H'\nage = 1", "age: unknown, known are"),
        ("[[feeds]]\nurl = 'ftp://h.example/'\noutlet = 'H'", "only http, https and folders"),
        ("[[feeds]]\nurl = 'https://'\noutlet = 'H'", "names no host"),
        ("[[feeds]]\nurl = 'x'\noutlet = 'H'\ninclude = '('", "not a regular expression"),
        ("[[feeds]]\nurl = 'x'\noutlet = 'H'\n" * 2, "named twice"),
    ],
)
def test_a_wrong_feed_is_named(tmp_path: Path, toml: str, why: str) -> None:
    file = tmp_path / "mtaudit.toml"
    file.write_text(toml)
    with pytest.raises(ConfigurationError, match=why):
        load_feeds(file)


def test_commands(
    web: SmallWeb,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert cli.run(["feeds", "list"]) == cli.USAGE
    site = web.site("harbour")
    site.put("/feed", rss([site.url("/a")]), RSS)
    site.put("/a", page("Port opens", TEXT))
    assert cli.run(["feeds", "add", site.url(), "--outlet", "The Harbour"]) == cli.DONE
    assert cli.run(["feeds", "list"]) == cli.DONE
    assert f"The Harbour  {site.url()}" in capsys.readouterr().out
    assert cli.run(["feeds", "test"]) == cli.PARTIAL
    assert "private address" in capsys.readouterr().out
    monkeypatch.setenv("MTAUDIT_ALLOW_PRIVATE", "true")
    assert cli.run(["feeds", "test", "The Harbour"]) == cli.DONE
    assert "Port opens: 69 words" in capsys.readouterr().out
    Path("list.opml").write_text('<opml><outline xmlUrl="https://b.example/"/></opml>')
    assert cli.run(["feeds", "import", "list.opml"]) == cli.DONE
    assert len(load_feeds(Path("mtaudit.toml"))) == 2
