"""The stories of the last days, to which each night's articles are added."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from audit.errors import InputError
from audit.model.article import Article
from audit.stories.candidates import Candidates
from audit.stories.groups import average_linkage, carried_on, components
from audit.stories.likeness import WEIGHTS, Likeness, Weights
from audit.stories.member import Member, member_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST = 0.25
"""Mean likeness from which groups are one story: the best on `clusters` and `newsroom` together.
`scripts/score_stories.py --choose` says what such a choice gives on events that it has not seen."""

STAY = 0.02
"""Articles that are in one story already count as so much more alike: what is decided changes only
for a reason."""

KEEP_DAYS = 14
MOST_ARTICLES = 50_000
"""An article leaves the index so many days after it was fetched, or when there are more, the oldest
first. Its story in the store stays as it is. An article takes about 10 KB of memory."""

MOST_TOGETHER = 2_000
"""Articles grouped at once: a square of so many likenesses takes 16 MB, and it takes several."""

STEP = 0.02
"""If more hang together, only likelier pairs count, by steps."""


@dataclass(frozen=True)
class Changes:
    """What one `add` did. Articles are given by id, in order.

    `stories` holds the articles of each story that changed, as the index knows them: those that are
    older than its window are not listed. `rows` are to be kept in place of those of the same
    article, and those of `gone` to be dropped, in one transaction.
    """

    new: tuple[str, ...] = ()
    grown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    split: Mapping[str, str] = field(default_factory=dict)
    stories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: tuple[Member, ...] = ()
    gone: tuple[str, ...] = ()


class StoryIndex:
    """Incremental clustering of articles into stories; `members` are its rows, by article.

    `is_taken` says whether a story that is not in the index has an id: no new one is given that.
    `weights` are those of words, names and leads; `least` is the mean likeness from which groups
    are one story. Others than these are for measuring.
    """

    def __init__(
        self,
        weights: Weights = WEIGHTS,
        least: float = LEAST,
        *,
        is_taken: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._weights = weights
        self._least = least
        self._is_taken = is_taken
        self.members: dict[str, Member] = {}
        self._articles: defaultdict[str, set[str]] = defaultdict(set)
        self._candidates = Candidates()

    @classmethod
    def restored(
        cls, rows: Iterable[Member], *, is_taken: Callable[[str], bool] = lambda _: False
    ) -> StoryIndex:
        """The index that has these rows; it goes on as if it had never stopped."""
        index = cls(is_taken=is_taken)
        for row in rows:
            index._put(row)
        return index

    @property
    def stories(self) -> dict[str, tuple[str, ...]]:
        """The articles of each story, both in order of their ids."""
        return {s: tuple(sorted(a)) for s, a in sorted(self._articles.items())}

    def add(self, articles: Sequence[Article], vectors: Sequence[NDArray[np.float32]]) -> Changes:
        """Add articles with the vectors of their leads, and say what became of the stories.

        An article that is known already and says the same is passed over; one that says something
        else is read anew. The order of articles makes no difference. Raises InputError if an
        article comes twice.
        """
        fresh = self._fresh(articles, vectors)
        for row in fresh.values():
            if row.article in self.members:
                self._drop(row.article)
            self._put(row)
        gone = self._forget()
        fresh = {a: row for a, row in fresh.items() if a in self.members}
        if not fresh:
            return Changes(gone=gone)
        before = {a: m.story for a, m in self.members.items()}
        after = self._placed(sorted(fresh), before)
        return self._changed(before, after, fresh, gone)

    def beside(self, article: Article, vector: NDArray[np.float32]) -> tuple[str, ...]:
        """The other articles of the story that an article would be in; the index stays as it is."""
        row, known = member_of(article, vector), self.members.get(article.id)
        if known:
            self._drop(known.article)
        self._put(row)
        before = {a: m.story for a, m in self.members.items()}
        after = self._placed([row.article], before)
        self._drop(row.article)
        if known:
            self._put(known)
        story = after.pop(row.article)
        return tuple(sorted(a for a, other in after.items() if other == story))

    def _fresh(
        self, articles: Sequence[Article], vectors: Sequence[NDArray[np.float32]]
    ) -> dict[str, Member]:
        """Rows of the articles that are not known as they are; a known one keeps its story."""
        fresh: dict[str, Member] = {}
        seen: set[str] = set()
        for article, vector in zip(articles, vectors, strict=True):
            if article.id in seen:
                raise InputError(article.url, "is there twice; add each article once")
            seen.add(article.id)
            known = self.members.get(article.id)
            if known is None or known.digest != article.digest:
                row = member_of(article, vector)
                fresh[article.id] = replace(row, story=known.story) if known else row
        return fresh

    def _put(self, row: Member) -> None:
        self.members[row.article] = row
        self._candidates.add(row)
        if row.story:
            self._articles[row.story].add(row.article)

    def _drop(self, article: str) -> None:
        row = self.members.pop(article)
        self._candidates.remove(row)
        if row.story:
            self._leave(row)

    def _leave(self, row: Member) -> None:
        self._articles[row.story].discard(row.article)
        if not self._articles[row.story]:
            del self._articles[row.story]

    def _forget(self) -> tuple[str, ...]:
        """Drop what is older than the window, counted from what was fetched last."""
        if not self.members:
            return ()
        by_age = sorted(self.members.values(), key=lambda m: (m.fetched, m.article))
        limit = by_age[-1].fetched - timedelta(days=KEEP_DAYS)
        surplus = len(by_age) - MOST_ARTICLES
        gone = [m.article for i, m in enumerate(by_age) if m.fetched < limit or i < surplus]
        for article in gone:
            self._drop(article)
        return tuple(sorted(gone))

    def _placed(self, fresh: Sequence[str], before: Mapping[str, str]) -> dict[str, str]:
        """The story of every article whose place had to be decided."""
        import numpy as np

        near = {a: sorted(self._candidates.of(self.members[a])) for a in fresh}
        stories = {s for a in {*fresh, *(b for n in near.values() for b in n)} if (s := before[a])}
        old = (a for s in stories for a in self._articles[s])
        involved = sorted({*fresh, *(b for n in near.values() for b in n), *old})
        place = {a: i for i, a in enumerate(involved)}
        likeness = Likeness([self.members[a] for a in involved], self._weights)
        pairs = [(a, b) for a in fresh for b in near[a]]
        a_places = np.array([place[a] for a, _ in pairs], dtype=np.intp)
        b_places = np.array([place[b] for _, b in pairs], dtype=np.intp)
        values = likeness.of_pairs(a_places, b_places).tolist()
        least = self._least
        edges = [(a, b, v) for (a, b), v in zip(pairs, values, strict=True) if v >= least - STAY]
        after: dict[str, str] = {}
        taken = set(self._articles)
        for part in self._parts(fresh, edges, least - STAY):
            at = np.array([place[a] for a in part], dtype=np.intp)
            square = likeness.of_all(at)
            of = np.array([before[a] for a in part])
            square += STAY * ((of[:, None] == of[None, :]) & (of != "")[:, None])
            grouped: defaultdict[int, list[str]] = defaultdict(list)
            for a, g in zip(part, average_linkage(square, least), strict=True):
                grouped[g].append(a)
            groups = sorted(grouped.values())
            carried = carried_on(groups, before)
            for g, group in enumerate(groups):
                story = carried.get(g) or self._new_id(group, taken)
                taken.add(story)
                after |= dict.fromkeys(group, story)
        return after

    def _parts(
        self, fresh: Sequence[str], edges: Sequence[tuple[str, str, float]], least: float
    ) -> list[list[str]]:
        """Articles that hang together by likely pairs, with all of the stories they are in."""
        within = [
            (article, b)
            for article in {*fresh, *(b for _, b, _ in edges)}
            if (story := self.members[article].story)
            for b in self._articles[story]
        ]
        own = [(a, a) for a in fresh]
        parts: list[list[str]] = []
        for part in components([*own, *within, *((a, b) for a, b, _ in edges)]):
            inside = set(part)
            likelier = [e for e in edges if e[0] in inside and e[2] >= least + STEP]
            if len(part) <= MOST_TOGETHER or not likelier:
                parts.append(part)
            else:
                parts += self._parts([a for a in fresh if a in inside], likelier, least + STEP)
        return parts

    def _new_id(self, group: Sequence[str], taken: set[str]) -> str:
        """Sixteen hexadecimal digits from the article that was there first."""
        first = min(group, key=self._age)
        count = 0
        while True:
            seed = first if not count else f"{first} {count}"
            story = blake2b(seed.encode(), digest_size=8).hexdigest()
            if story not in taken and not self._is_taken(story):
                return story
            count += 1

    def _age(self, article: str) -> tuple[datetime, str]:
        row = self.members[article]
        return row.time or row.fetched, article

    def _changed(
        self,
        before: Mapping[str, str],
        after: Mapping[str, str],
        fresh: Mapping[str, Member],
        gone: tuple[str, ...],
    ) -> Changes:
        """Move the articles to their stories and tell what that means."""
        known = set(self._articles)
        moved = [a for a in sorted(after) if after[a] != before[a]]
        touched = {after[a] for a in moved} | {before[a] for a in moved if before[a]}
        touched |= {after[a] for a in fresh}
        for a in moved:
            row = self.members[a]
            if row.story:
                self._leave(row)
            self.members[a] = replace(row, story=after[a])
            self._articles[after[a]].add(a)
        left = Counter((before[a], after[a]) for a in moved if before[a])
        joined: defaultdict[str, list[str]] = defaultdict(list)
        for a in moved:
            joined[after[a]].append(a)
        merged: dict[str, str] = {}
        split: dict[str, str] = {}
        for (source, target), _ in sorted(left.items(), key=lambda x: (-x[1], x[0])):
            if source not in self._articles:
                merged.setdefault(source, target)
            elif target not in known:
                split.setdefault(target, source)
        begun = {s for s in joined if s not in known}
        return Changes(
            new=tuple(sorted(begun - set(split))),
            grown={s: tuple(a) for s, a in sorted(joined.items()) if s not in begun},
            merged=dict(sorted(merged.items())),
            split=dict(sorted(split.items())),
            stories={
                s: tuple(sorted(self._articles[s])) for s in sorted(touched & set(self._articles))
            },
            rows=tuple(self.members[a] for a in sorted({*moved, *fresh})),
            gone=gone,
        )
