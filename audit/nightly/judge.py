"""The third part of a night: audit the stories that changed, and write their reports."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from audit.errors import AuditError, ModelError, NotScored, StoreError
from audit.language import find
from audit.model import Article, AuditResult, Language, Skipped, Version
from audit.nightly.clock import Budget
from audit.nightly.fetch import Progress
from audit.nightly.log import Log
from audit.pipeline import Engine, known_in
from audit.report.formats import Reports
from audit.report.write import write_reports
from audit.store.articles import Articles
from audit.store.audits import Audits
from audit.store.database import Store
from audit.store.mentions import full_names
from audit.store.names import Names
from audit.store.stories import Stories
from audit.store.waiting import Waiting
from audit.stories import StoryIndex
from audit.stories.copies import copies

__all__ = ["Judge"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judge:
    """Audits stories of a store for one run and writes their reports below a folder."""

    store: Store
    run: datetime
    engine: Engine
    index: StoryIndex
    folder: Path
    formats: Sequence[str]
    log: Log

    @cached_property
    def _stories(self) -> Mapping[str, tuple[str, ...]]:
        return self.index.stories

    def judge(self, budget: Budget, progress: Progress | None = None) -> int:
        """Audit the stories that wait, the longest wait first, until the time is spent.

        Returns how many could not be audited or reported; they wait behind the others. Raises
        what hinders all stories: StoreError, ModelError.
        """
        waiting = Waiting(self.store).all()
        failed = 0
        for number, (story, since) in enumerate(waiting):
            if budget.is_over():
                left = len(waiting) - number
                self.log.warning("audit", status="left", why=f"no time left for {left} stories")
                break
            began = budget.spent
            status, why = self._tried(story, since)
            failed += status == "failed"
            say = self.log.error if status == "failed" else self.log.info
            say(
                "audit",
                status=status,
                story=story,
                ms=round(1000 * (budget.spent - began)),
                why=why,
            )
            if progress:
                progress("stories", number + 1, len(waiting))
        return failed

    def _tried(self, story: str, since: datetime) -> tuple[str, str | None]:
        """Audit one story; what became of it, and why."""
        try:
            return self._judged(story, since), None
        except (StoreError, ModelError):
            raise
        except NotScored as e:
            Waiting(self.store).remove(story)
            return "not scored", str(e)
        except (AuditError, OSError) as e:
            why = str(e)
        except Exception as e:
            logger.debug("story %s: unexpected error", story, exc_info=e)
            why = f"internal: {type(e).__name__}: {e}"
        Waiting(self.store).put_back(story, self.run, why)
        return "failed", why

    def _judged(self, story: str, since: datetime) -> str:
        stored = Stories(self.store).get(story)
        articles = Articles(self.store).get(stored.versions if stored else ())
        fit = [a for a in articles if a.unscored is None]
        read = input_digest(fit)
        versions = [a.version() for a in fit]
        if not fit or self._is_known(story, read, versions):
            Waiting(self.store).remove(story)
            return "unchanged"
        result = with_unscored(self.engine.audit(story, versions), articles)
        write_reports(Reports(result), self.formats, self.folder / story)
        seen = self._names([a for a in fit if a.fetched >= since])
        with self.store.unit():
            Audits(self.store).put(result, read, self.run)
            names = Names(self.store)
            for article, group, language, forms in seen:
                names.see(
                    forms,
                    outlet=article.outlet,
                    copies=group,
                    at=article.fetched,
                    language=language,
                )
            Waiting(self.store).remove(story)
        return "done"

    def _is_known(self, story: str, read: str, versions: Sequence[Version]) -> bool:
        """Whether the last audit of a story read the same, and the same is known to be no fault."""
        last = Audits(self.store).last_read(story)
        known = self.engine.known(story, versions).digest()
        return last is not None and last[0] == read and known_in(last[1]) == known

    def _names(
        self, articles: Sequence[Article]
    ) -> list[tuple[Article, str, Language, frozenset[str]]]:
        """Articles with the group of copies that each belongs to, its language and its names."""
        known = [m.story for a in articles if (m := self.index.members.get(a.id))]
        members = [self.index.members[a] for s in sorted(set(known)) for a in self._stories[s]]
        first = Articles(self.store).first_seen([m.article for m in members])
        group_of = {
            # Copies that come later do not change the name of the group.
            article: min(group, key=lambda a: (first[a], a))
            for group in copies(members)
            for article in group
        }
        found = []
        for article in articles:
            language = find(article.language) or find()
            assert language is not None
            names = full_names(article.version(), language)
            found.append((article, group_of.get(article.id, article.id), language, names))
        return found


def with_unscored(result: AuditResult, articles: Sequence[Article]) -> AuditResult:
    """A result that names the articles of its story that were not scored, and why."""
    skipped = tuple(
        Skipped("input", str(NotScored(a.url, a.unscored))) for a in articles if a.unscored
    )
    return replace(result, skipped=(*skipped, *result.skipped))


def input_digest(articles: Sequence[Article]) -> str:
    """Thirty-two hexadecimal digits that change when an article of a story changes, comes or
    goes."""
    parts = sorted(f"{a.id} {a.digest}" for a in articles)
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
