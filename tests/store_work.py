"""Units of work on a store, in an order that a run could have them, and what is in the store."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from story import RESULT

from audit.feeds.state import Known
from audit.language.en import ENGLISH
from audit.model import Article, AuditResult
from audit.store.articles import Articles
from audit.store.audits import Audits
from audit.store.database import Store, engine_of
from audit.store.feeds import FeedStates
from audit.store.kept import Kept
from audit.store.members import Members
from audit.store.names import Names
from audit.store.runs import Runs
from audit.store.schema import metadata
from audit.store.stories import Stories, StoryEvent
from audit.store.verdicts import Verdict, Verdicts

NIGHT = datetime(2026, 11, 25, 2, tzinfo=UTC)


def article(page: int, text: str, at: datetime = NIGHT, **more: Any) -> Article:
    outlet = f"outlet{page % 4}.example"
    return Article(
        **{
            "url": f"https://{outlet}/{page}",
            "outlet": outlet,
            "title": f"Page {page}",
            "published": None,
            "language": "en",
            "text": text,
            "feed": f"https://{outlet}/feed",
            "fetched": at,
        }
        | more
    )


def result(story: str, kept: int) -> AuditResult:
    """RESULT with only some of its findings, as the result of that story."""
    return replace(RESULT, story=story, findings=RESULT.findings[:kept])


def units(seed: int, nights: int = 3) -> list[Any]:
    """What a run of some nights does, unit by unit; each is called with a store."""
    rng = random.Random(seed)
    work: list[Any] = []
    for n in range(nights):
        at = NIGHT + timedelta(days=n)
        work.append(partial(_begin, at=at))
        for page in rng.sample(range(8), 5):
            text = f"Text {rng.randrange(3)} of {page}, \ud800 and \0."
            work.append(partial(_fetch, article=article(page, text, at)))
        for story in rng.sample(["s1", "s2", "s3"], 2):
            pages = rng.sample(range(8), rng.randrange(1, 5))
            ids = [article(p, "").id for p in pages]
            work.append(partial(_tell, story=story, ids=ids, at=at))
        found = result("s1", rng.randrange(len(RESULT.findings) + 1))
        work.append(partial(_audit, found=found, digest=str(rng.random()), at=at))
        for _ in range(4):
            form = rng.choice(["Qasym Toqayev", "Qasym Toqaeyv", "Aila Brent", "Aila Brant"])
            sight = (form, f"o{rng.randrange(5)}", f"c{rng.randrange(5)}")
            work.append(partial(_see, sight=sight, at=at))
        work.append(partial(_end, at=at))
    return work


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a store, table by table, in an order that depends on nothing but them."""
    engine = engine_of(url)
    with engine.connect() as connection:
        found = {
            name: sorted((tuple(r) for r in connection.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
        }
    engine.dispose()
    return found


def _begin(store: Store, at: datetime) -> None:
    last = Runs(store).last()
    if last is None or last.started < at:  # else a night that is gone through again
        Runs(store).begin(at)


def _fetch(store: Store, article: Article) -> None:
    with store.unit():
        Articles(store).put(article)
        known = Known(etag=article.digest, digest=article.digest, seen=article.fetched)
        FeedStates(store).keep_page(article.url, known)
        FeedStates(store).keep_feed(article.feed, known)


def _tell(store: Store, story: str, ids: list[str], at: datetime) -> None:
    with store.unit():
        Stories(store).put(story, ids, at)
        Stories(store).record([StoryEvent(at, "grown", story, i) for i in ids])
        member = {"story": story, "digest": "", "language": "en", "time": None, "fetched": at}
        data = dict.fromkeys(("words", "names", "vector", "signature"), b"\0\1")
        Members(store).put([{"article": i, **member, **data} for i in ids])


def _audit(store: Store, found: AuditResult, digest: str, at: datetime) -> None:
    with store.unit():
        Audits(store).put(found, digest, at)
        Kept(store, lambda: at).put("vectors", {digest.encode(): b"\xff\0"})
        Verdicts(store).put(Verdict("a", digest, "editor", "accepted", "", at))


def _see(store: Store, sight: tuple[str, str, str], at: datetime) -> None:
    form, outlet, copies = sight
    Names(store).see([form], outlet=outlet, copies=copies, at=at, language=ENGLISH)


def _end(store: Store, at: datetime) -> None:
    with store.unit():
        Names(store).learn()
        run = Runs(store).last()
        assert run is not None
        if run.started == at:
            Runs(store).end(run, at + timedelta(hours=1), "done", {"stories": 3})


if __name__ == "__main__":
    with Store.open(sys.argv[1]) as opened:
        print("ready", flush=True)
        for unit in units(int(sys.argv[2])):
            unit(opened)
