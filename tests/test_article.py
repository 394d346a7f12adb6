"""An article is known by its address and its text, whatever else is known of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.model import Article

ARTICLE = Article(
    url="https://news.example/port",
    outlet="The Harbour",
    title="Port opens",
    published=datetime(2026, 11, 1, 6, tzinfo=UTC),
    language="en",
    text="The port is open.",
    feed="https://news.example/feed",
    fetched=datetime(2026, 11, 2, tzinfo=UTC),
)


@given(st.text(st.characters(exclude_categories=())), st.text(), st.text(), st.text())
def test_digest_changes_with_title_and_text_alone(a: str, b: str, c: str, d: str) -> None:
    one, other = replace(ARTICLE, title=a, text=b), replace(ARTICLE, title=c, text=d, url="x")
    assert (one.digest == other.digest) == ((a, b) == (c, d))
    assert len(one.digest) == 32


def test_id_is_that_of_the_address() -> None:
    assert replace(ARTICLE, title="Port closes", text="", feed="x").id == ARTICLE.id
    assert replace(ARTICLE, url="https://news.example/port2").id != ARTICLE.id
    assert len(ARTICLE.id) == 16


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"fetched of https:.* has no time zone"):
        replace(ARTICLE, fetched=datetime(2026, 11, 2))


def test_version_carries_what_is_known() -> None:
    version = ARTICLE.version()
    assert (version.id, version.text, version.outlet) == (ARTICLE.id, ARTICLE.text, "The Harbour")
    assert version.published == "2026-11-01T06:00:00+00:00"
