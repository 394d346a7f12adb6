"""Articles become stories: what joins, what does not, and what stays the same over nights."""

from __future__ import annotations

from binascii import crc32
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from databases import NewUrl
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audit.align.embed import Embedder, SentenceVectors
from audit.errors import InputError
from audit.model import Sentence
from audit.model.article import Article
from audit.nightly.log import open_log
from audit.nightly.place import place
from audit.store.articles import Articles
from audit.store.database import Store
from audit.store.members import Members
from audit.store.stories import Stories
from audit.stories import Changes, Member, StoryIndex, lead, lead_vectors
from audit.stories import index as index_module
from audit.stories.groups import average_linkage, carried_on

NIGHT = datetime(2026, 3, 2, 3, tzinfo=UTC)

FERRY_SANK = """A ferry with 140 passengers sank off Port Harlow on Monday after hitting a reef, the
coastguard of Vendria said. Rescuers pulled 121 people from the water. Captain Ilya Morenko was the
last to leave the Santa Brigida, his mate told the Harlow Courier."""
FERRY_RESCUE = """Divers kept looking on Tuesday for 19 people missing since the Santa Brigida went
down near Port Harlow. Vendria's transport minister, Pavla Kuhn, promised an inquiry into why
Morenko sailed so near the reef. The coastguard says 121 passengers of the ferry were saved."""
QUAKE_NORTH = """An earthquake of magnitude 6.1 shook the northern province of Talmar on Tuesday,
flattening houses in the town of Osk and killing five people, officials said. Rescuers were digging
for survivors. Governor Rana Delit asked for tents and blankets for Osk."""
QUAKE_NORTH_TOO = """Five dead as quake hits Osk. Soldiers reached the Talmar town, where the 6.1
tremor brought down a school, late on Tuesday. Delit, the governor, said that most of the houses of
Osk could no longer be lived in."""
QUAKE_SOUTH = """An earthquake of magnitude 5.8 shook the southern island of Breno on Tuesday,
flattening houses in the village of Quillay and killing three people, officials said. Rescuers were
digging for survivors. Mayor Tomas Ferreyra asked for tents and blankets for Quillay."""
COURT_FRAUD = """A judge in Lund sentenced the banker Anders Holmqvist to six years in prison on
Friday for fraud. Prosecutors said Holmqvist took 40 million from customers of Norrbanken. His
lawyer, Eva Sand, said that he would appeal."""
COURT_MURDER = """A judge in Perth sentenced the nurse Colleen Baxter to nineteen years in prison on
Friday for murder. Prosecutors said Baxter poisoned a patient of Swanview Hospital. Her lawyer, Greg
Doyle, said that she would appeal."""


def article(
    key: str, text: str, *, published: datetime | None = None, fetched: datetime = NIGHT
) -> Article:
    url = f"https://{key}.example/"
    return Article(url, key, "", published, "en", text, "https://feed.example/", fetched)


def vector(a: Article) -> NDArray[np.float32]:
    """The sum of a direction for each word of the lead: near if the leads have words in common."""
    words = sorted(set(lead(a).lower().split()))
    v = sum(np.random.default_rng(crc32(w.encode())).normal(size=384) for w in words)
    v = v + np.zeros(384)
    return np.asarray(v / max(float(np.linalg.norm(v)), 1e-9), dtype=np.float32)


def add(index: StoryIndex, *articles: Article) -> Changes:
    return index.add(articles, [vector(a) for a in articles])


def together(*articles: Article) -> bool:
    index = StoryIndex()
    add(index, *articles)
    return len(index.stories) == 1


def test_different_articles_about_one_event_are_one_story() -> None:
    assert together(article("a", FERRY_SANK), article("b", FERRY_RESCUE))
    assert together(article("a", QUAKE_NORTH), article("b", QUAKE_NORTH_TOO))


def test_like_events_of_another_place_are_not() -> None:
    assert not together(article("a", QUAKE_NORTH), article("b", QUAKE_SOUTH))
    assert not together(article("a", COURT_FRAUD), article("b", COURT_MURDER))


def test_a_weekday_and_a_title_in_common_are_no_name_in_common() -> None:
    north, south = (
        q.replace("officials said", "said the President") for q in (QUAKE_NORTH, QUAKE_SOUTH)
    )
    assert not together(article("a", north), article("b", south))


def test_a_text_without_names_joins_what_it_repeats() -> None:
    nameless = """A ferry with 140 passengers hit a reef and sank, the coastguard said. Rescuers
        pulled 121 people from the water. The captain was the last to leave, said his mate."""
    assert together(article("a", FERRY_SANK), article("b", nameless))


def test_the_seeds_are_one_story(seeds: Path) -> None:
    texts = [path.read_text("utf-8") for path in sorted(seeds.glob("*.txt"))]
    told = [article(f"seed{i}", text) for i, text in enumerate(texts)]
    other = article("other", QUAKE_NORTH)
    index = StoryIndex()
    index.add([other, *told], lead_vectors([other, *told], Embedder()))
    assert sorted(len(articles) for articles in index.stories.values()) == [1, 5]


def test_like_events_of_another_day_are_not() -> None:
    later = NIGHT - timedelta(days=5)
    assert not together(
        article("a", QUAKE_NORTH, published=NIGHT),
        article("b", QUAKE_NORTH_TOO, published=later),
    )


def test_a_reprint_joins_whenever_it_is_published() -> None:
    long = " ".join([FERRY_SANK, FERRY_RESCUE])
    reprint = long.replace("Vendria", "the country", 1)
    old = NIGHT - timedelta(days=6)
    assert together(article("a", long, published=NIGHT), article("b", reprint, published=old))


def test_languages_are_kept_apart() -> None:
    other = replace(article("b", FERRY_SANK), language="mi")
    assert not together(article("a", FERRY_SANK), other)


def test_a_title_that_the_text_repeats_counts_once() -> None:
    a = replace(article("a", "Ferry sinks. It sank."), title="Ferry sinks")
    assert lead(a) == "Ferry sinks. It sank."


def test_a_bridge_merges_two_stories_and_its_change_splits_them_again() -> None:
    index = StoryIndex()
    first = add(index, article("a", FERRY_SANK), article("b", QUAKE_NORTH))
    assert len(first.new) == 2 and not first.merged
    bridge = article("c", f"{FERRY_SANK} {QUAKE_NORTH}")
    second = add(index, bridge)
    (gone,) = second.merged
    (left,) = index.stories
    assert second.merged == {gone: left}
    assert {gone, left} == set(first.new)
    assert bridge.id in second.grown[left]
    third = add(index, replace(bridge, text=FERRY_SANK))
    assert list(third.split.values()) == [left]
    assert index.members[bridge.id].story == index.members[article("a", "").id].story
    assert index.members[article("b", "").id].story != index.members[bridge.id].story


def test_a_known_article_is_passed_over() -> None:
    index = StoryIndex()
    add(index, article("a", FERRY_SANK))
    again = add(index, article("a", FERRY_SANK, fetched=NIGHT + timedelta(days=1)))
    assert again == Changes()


def test_an_article_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="twice"):
        add(StoryIndex(), article("a", FERRY_SANK), article("a", FERRY_RESCUE))


def test_an_empty_article_is_a_story_of_its_own() -> None:
    assert not together(article("a", ""), article("b", "..."))


def test_what_is_older_than_the_window_is_forgotten() -> None:
    index = StoryIndex()
    add(index, article("a", FERRY_SANK))
    changes = add(index, article("b", FERRY_RESCUE, fetched=NIGHT + timedelta(days=15)))
    assert changes.gone == (article("a", "").id,)
    assert set(index.members) == {article("b", "").id}
    assert len(index.stories) == 1


def test_the_number_of_articles_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "MOST_ARTICLES", 3)
    index = StoryIndex()
    for day, key in enumerate("abcdef"):
        add(index, article(key, FERRY_SANK, fetched=NIGHT + timedelta(days=day)))
        assert len(index.members) <= 3
    assert len(index.stories) == 1


def test_more_than_can_be_grouped_at_once_are_grouped_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_module, "MOST_TOGETHER", 2)
    index = StoryIndex()
    texts = (FERRY_SANK, FERRY_RESCUE, QUAKE_NORTH, QUAKE_NORTH_TOO)
    add(index, *(article(f"{k}{i}", t) for i, t in enumerate(texts) for k in "abc"))
    assert len(index.members) == 12
    quakes = {index.members[article(f"{k}2", "").id].story for k in "abc"}
    assert len(quakes) == 1


def test_average_linkage_joins_while_the_mean_is_enough() -> None:
    likeness = np.array([[1, 0.5, 0.4], [0.5, 1, 0.0], [0.4, 0.0, 1]], dtype=np.float32)
    assert len(set(average_linkage(likeness, 0.19))) == 1
    assert average_linkage(likeness, 0.3)[:2] == [1, 1]
    assert len(set(average_linkage(likeness, 0.3))) == 2


def test_a_story_goes_on_where_most_of_its_articles_are() -> None:
    story_of = {"a": "s", "b": "s", "c": "s", "d": "t"}
    assert carried_on([["a"], ["b", "c"], ["d"]], story_of) == {1: "s", 2: "t"}
    assert carried_on([["a", "b", "c", "d"], ["e"]], story_of) == {0: "s"}


def test_the_store_gives_back_the_rows(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/stories.sqlite") as store:
        first = add(StoryIndex(), article("a", FERRY_SANK, published=NIGHT))
        Members(store).put([asdict(row) for row in first.rows])
        index = StoryIndex.restored(Member(**row) for row in Members(store).all())
        later = add(index, article("b", FERRY_RESCUE, fetched=NIGHT + timedelta(days=1)))
        Members(store).put([asdict(row) for row in later.rows], later.gone)
        assert [Member(**row) for row in Members(store).all()] == list(rows(index).values())
        assert set(later.grown) == set(first.new)


class Sums(Embedder):
    """Gives each lead the vector that `vector` has for it."""

    def encode(self, sentences: Sequence[Sentence]) -> list[SentenceVectors]:
        none = np.zeros((0, 384), dtype=np.float32)
        return [SentenceVectors(vector(article("", s.text)), none) for s in sentences]


def test_a_new_story_has_no_id_that_an_older_one_has_in_the_store(
    new_url: NewUrl, tmp_path: Path
) -> None:
    def told(*articles: Article) -> None:
        for each in articles:
            Articles(store).put(each)
        place(store, articles[0].fetched, Sums(), open_log(StringIO(), 0))

    later = NIGHT + timedelta(days=20)
    before = NIGHT - timedelta(hours=9)
    first, second = article("a", FERRY_SANK, published=before), article("b", FERRY_RESCUE)
    with Store.open(new_url()) as store:
        told(first, second)
        (old,) = Stories(store).since()
        told(article("c", QUAKE_NORTH, fetched=later))
        told(replace(first, text=COURT_FRAUD, fetched=later))
        stories = {s.versions: s.id for s in Stories(store).since()}
        assert stories[(second.id,)] == old.id
        assert (first.id,) in stories


POOLS = [[f"{a}{b}{c}or" for a in "KLMN" for b in "aeiou"] for c in "bdfgk"]
"""Names of five events."""


def invented(event: int, variant: int) -> Article:
    """One of the articles about an event: most of its names, and ordinary words."""
    rng = np.random.default_rng([event, variant])
    names = rng.choice(POOLS[event], size=13, replace=False)
    text = " ".join(f"and the {n} said to" for n in names)
    day = NIGHT + timedelta(hours=int(rng.integers(0, 60)))
    published = None if variant % 3 == 0 else day
    return article(f"{event}-{variant}", text, published=published, fetched=day)


ARTICLES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 5)), unique=True, min_size=1, max_size=14
).map(lambda keys: [invented(*k) for k in keys])
NIGHTS = st.lists(ARTICLES, min_size=1, max_size=4)


def rows(index: StoryIndex) -> dict[str, Member]:
    return dict(sorted(index.members.items()))


@settings(deadline=None, max_examples=40)
@given(ARTICLES)
def test_asking_what_stands_beside_an_article_changes_nothing(articles: list[Article]) -> None:
    index = StoryIndex()
    asked = invented(1, 9)
    add(index, *articles)
    before, stories = rows(index), index.stories
    beside = index.beside(asked, vector(asked))
    assert (rows(index), index.stories) == (before, stories)
    index.beside(articles[0], vector(articles[0]))
    assert (rows(index), index.stories) == (before, stories)
    add(index, asked)
    own = index.members[asked.id].story
    assert beside == tuple(a for a in index.stories[own] if a != asked.id)


@settings(deadline=None, max_examples=40)
@given(ARTICLES, st.randoms(use_true_random=False))
def test_the_order_within_a_night_makes_no_difference(articles: list[Article], rng: object) -> None:
    one, other = StoryIndex(), StoryIndex()
    shuffled = list(articles)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert add(one, *articles) == add(other, *shuffled)
    assert rows(one) == rows(other)


@settings(deadline=None, max_examples=40)
@given(NIGHTS)
def test_restoring_from_kept_rows_equals_never_having_stopped(nights: list[list[Article]]) -> None:
    going = StoryIndex()
    kept: dict[str, Member] = {}
    for night in nights:
        restored = StoryIndex.restored(kept.values())
        changes = add(restored, *night)
        assert add(going, *night) == changes
        kept |= {row.article: row for row in changes.rows}
        for gone in changes.gone:
            del kept[gone]
        assert rows(going) == rows(restored) == dict(sorted(kept.items()))


@settings(deadline=None, max_examples=40)
@given(NIGHTS)
def test_stories_keep_their_ids_and_articles_their_stories(nights: list[list[Article]]) -> None:
    index = StoryIndex()
    for night in nights:
        before = index.stories
        changes = add(index, *night)
        after = index.stories
        assert sorted(a for s in after.values() for a in s) == sorted(index.members)
        assert set(before) - set(after) == set(changes.merged)
        assert set(after) - set(before) == {*changes.new, *changes.split}
        for story in set(before) & set(after) - set(changes.stories):
            assert after[story] == before[story]
        assert {s: after[s] for s in changes.stories} == changes.stories
        assert add(index, *night) == Changes()
