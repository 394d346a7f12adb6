"""The application: the guard, the queue, the routes, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from audit.config import Settings
from audit.engines import MakeEngine
from audit.ingest.fetch import Fetcher, GuardedFetcher
from audit.serve.access import BODY_SECONDS, MAX_BYTES, Access, Guard
from audit.serve.auditor import Auditor
from audit.serve.errors import add_error_responses
from audit.serve.metrics import Counted, Metrics
from audit.serve.page import page_routes
from audit.serve.queue import FairQueue
from audit.serve.routes import api_routes
from audit.serve.siblings import Siblings
from audit.serve.spots import Spots
from audit.store.database import Store
from audit.version import __version__


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server takes: bytes and seconds of a body, seconds of an answer."""

    max_bytes: int = MAX_BYTES
    body_seconds: float = BODY_SECONDS
    answer_seconds: float = 300.0


def application(
    settings: Settings,
    make_engine: MakeEngine,
    access: Access,
    baseline: Path,
    *,
    store: Store | None = None,
    queue: FairQueue | None = None,
    fetcher: Fetcher | None = None,
    limits: Limits | None = None,
) -> FastAPI:
    """The server of these settings. The models are loaded when it starts, behind the queue. What
    is ignored on the page goes to `baseline`, which need not be there yet.

    `queue`, `fetcher` and `limits` are for tests.
    """
    waiting = FairQueue() if queue is None else queue
    limits = limits or Limits()
    metrics = Metrics(lambda: len(waiting))
    auditor = Auditor(settings, make_engine, metrics.stage)
    second = FairQueue() if auditor.has_second else None

    siblings = Siblings(store, auditor.embedder) if store else None

    def warm_up() -> None:
        auditor.warm_up()
        if siblings:
            siblings.refresh()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.warm = waiting.submit("", warm_up, admitted=True)
        yield
        waiting.close()
        if second is not None:
            second.close()
        auditor.close()

    app = FastAPI(
        title="mtaudit",
        version=__version__,
        description="Finds what machine translation garbled in news.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.access = access
    app.state.queue = waiting
    app.state.second_queue = second
    app.state.auditor = auditor
    app.state.metrics = metrics
    app.state.spots = Spots()
    app.state.fetcher = fetcher or GuardedFetcher(settings)
    app.state.store = store
    app.state.siblings = siblings
    app.state.baseline = baseline
    app.state.answer_seconds = limits.answer_seconds
    add_error_responses(app)
    app.include_router(api_routes)
    app.include_router(page_routes)

    app.add_middleware(Counted, metrics=metrics)
    app.add_middleware(
        Guard, access=access, max_bytes=limits.max_bytes, body_seconds=limits.body_seconds
    )
    return app
