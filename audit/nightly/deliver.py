"""After the audits of a night: write the morning page and send its digest."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from audit.config import Settings
from audit.errors import InputError, StoreError
from audit.feeds.state import Clock
from audit.nightly.log import Log
from audit.nightly.mail import MailServer, NotSent, digest, send
from audit.nightly.morning import PAGE, gathered
from audit.report.morning import Morning, render
from audit.report.write import writer
from audit.store.database import Store
from audit.store.runs import Run, Runs

__all__ = ["deliver", "write_page"]

logger = logging.getLogger(__name__)


def write_page(morning: Morning, folder: Path) -> None:
    """Write the morning page into a folder, which is made if need be. Raises InputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise InputError(str(folder), f"cannot be made: {e.strerror}") from e
    with writer(str(folder / PAGE)) as out:
        out.write(render(morning).encode())


def deliver(
    store: Store,
    run: Run,
    settings: Settings,
    folder: Path,
    server: MailServer | None,
    *,
    clock: Clock,
    log: Log,
) -> tuple[str, ...]:
    """Write the morning page of a run and send its digest, unless that was sent already.

    Returns what could not be delivered, and why. Raises StoreError.
    """
    morning: Morning | None = None

    def page() -> None:
        nonlocal morning
        morning = gathered(store, run, folder)
        write_page(morning, folder)

    def mail() -> None:
        assert morning is not None and server is not None
        refused = send(digest(morning, settings, clock.now()), server, clock)
        Runs(store).sent(run, clock.now())
        if refused:
            raise NotSent(f"{server.host} refuses {', '.join(refused)}; others have it")

    failed = [_tried("page", page, clock, log)]
    if morning is not None and server is not None and run.digest_sent is None:
        if settings.offline:
            log.info("digest", status="not sent", why="offline")
        else:
            failed.append(_tried("digest", mail, clock, log))
    return tuple(why for why in failed if why)


def _tried(what: str, do: Callable[[], None], clock: Clock, log: Log) -> str:
    """Do it, and log how it went; what went wrong, empty if nothing did."""
    began = clock.monotonic()
    why = ""
    try:
        do()
    except StoreError:
        raise
    except (InputError, NotSent, OSError) as e:
        why = f"{what}: {e}"
    except Exception as e:
        logger.debug("%s: unexpected error", what, exc_info=e)
        why = f"{what}: internal: {type(e).__name__}: {e}"
    ms = round(1000 * (clock.monotonic() - began))
    if why:
        log.error(what, status="failed", ms=ms, why=why)
    else:
        log.info(what, status="done", ms=ms)
    return why
