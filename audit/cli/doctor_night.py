"""What a night needs besides what an audit needs: feeds, store, room, lock and clock."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from audit.cli.doctor import Examined
from audit.config import Settings, without_password
from audit.errors import AuditError, ConfigurationError, LockHeld

ROOM = 10**9
"""Bytes that a night should find free; and as many as the store has, for a backup of it."""

REPORTS = Path("reports")
"""Where `feeds run` writes if it is not told otherwise."""


def examine_night(settings: Settings, file: Path | None) -> Iterator[Examined]:
    """Look at what `feeds run` would use with these settings, which `file` holds.

    Asks nothing of the network but a PostgreSQL store, and changes nothing but the file of the
    lock, which it makes and holds for a moment.
    """
    yield _feeds(file)
    yield from _destinations(settings)
    if settings.store is None:
        return
    yield from _store(settings.store)
    yield _lock(settings.store)
    yield _room(settings.store)
    yield _reports()


def _feeds(file: Path | None) -> Examined:
    from audit.feeds.settings import load_feeds

    if file is None:
        return Examined("feeds", False, "there is no mtaudit.toml", "`mtaudit feeds add` makes one")
    try:
        feeds = load_feeds(file)
    except ConfigurationError as e:
        return Examined("feeds", False, str(e), core=True)
    absent = [f.url for f in feeds if f.is_folder and not Path(f.url).is_dir()]
    if absent:
        remedy = f"make that folder or change its `url` in {file}"
        return Examined("feeds", False, f"{absent[0]} is no folder", remedy)
    count = f"{len(feeds):,} in {file}; `mtaudit feeds test` reads them"
    return Examined("feeds", bool(feeds), count, "add one with `mtaudit feeds add URL`")


def _destinations(settings: Settings) -> Iterator[Examined]:
    from audit.nightly.mail import mail_server
    from audit.nightly.send import targets_of

    checks: tuple[tuple[str, object, Callable[[Settings], object]], ...] = (
        ("alerts", settings.alerts, targets_of),
        ("digest", settings.digest_to, mail_server),
    )
    for name, is_set, check in checks:
        if not is_set:
            continue
        try:
            check(settings)
        except ConfigurationError as e:
            yield Examined(name, False, str(e), core=True)
        else:
            yield Examined(name, True, "settings are complete")


def _store(url: str) -> Iterator[Examined]:
    """The store and its version, and the clock beside what is stored."""
    from audit.store.runs import SLACK
    from audit.store.state import state_of

    place = without_password(url)
    try:
        state = state_of(url)
    except AuditError as e:
        yield Examined("store", False, str(e), core=True)
        return
    if state.version is None:
        detail = f"{place}: not there yet; the first night makes it"
    elif state.version != state.release:
        detail = (
            f"{place}: tables {state.version}; the next night makes them {state.release}, after a "
            "backup"
        )
    else:
        detail = f"{place}: tables {state.version}, as this release has them"
    yield Examined("store", True, detail)
    now = datetime.now(UTC)
    if state.newest and now < state.newest - SLACK:
        detail = f"{now:%Y-%m-%d %H:%M} UTC, but the store has {state.newest:%Y-%m-%d %H:%M} UTC"
        yield Examined("clock", False, detail, "set the clock", core=True)
    else:
        yield Examined("clock", True, f"{now:%Y-%m-%d %H:%M} UTC")


def _lock(url: str) -> Examined:
    from audit.nightly.lock import held

    try:
        with held(url):
            return Examined("lock", True, "free")
    except LockHeld:
        return Examined("lock", True, "held: a night is running")
    except AuditError as e:
        return Examined("lock", False, str(e), core=True)


def _room(url: str) -> Examined:
    """Rights and room where an SQLite store lies; PostgreSQL sees to its own."""
    from audit.store.database import engine_of

    engine = engine_of(url, make_folder=False)
    if engine.dialect.name != "sqlite":
        return Examined("room for the store", True, "the server of PostgreSQL sees to it")
    path = Path(str(engine.url.database)).absolute()
    there = path if path.exists() else _existing(path)
    if not os.access(there, os.W_OK):
        return Examined("room for the store", False, f"{there} cannot be written", core=True)
    free = shutil.disk_usage(there).free
    needed = ROOM + (path.stat().st_size if path.exists() else 0)
    return Examined(
        "room for the store",
        free >= needed,
        f"{free / 1e9:.1f} GB free at {there}",
        f"make {needed / 1e9:.1f} GB free: for new rows, and a backup of the store",
    )


def _reports() -> Examined:
    there = _existing(REPORTS.absolute())
    remedy = "make it writable, or give `feeds run` another folder: -o DIR"
    return Examined("folder of reports", os.access(there, os.W_OK), str(there), remedy)


def _existing(path: Path) -> Path:
    """The path, or what is there of it."""
    return next(p for p in (path, *path.parents) if p.exists())
