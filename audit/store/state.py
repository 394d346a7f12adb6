"""How a store stands, found out without making or changing anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alembic.script import ScriptDirectory

from audit.config import without_password
from audit.store.database import Store, engine_of
from audit.store.failure import told
from audit.store.migrate import SCRIPTS, version_of
from audit.store.runs import Runs

__all__ = ["StoreState", "state_of"]


@dataclass(frozen=True, slots=True)
class StoreState:
    """The `version` of its tables, None if there are none yet, and the `release` one of this
    program; the `newest` time in it, None if it is of an older version or empty."""

    version: str | None
    release: str
    newest: datetime | None


def state_of(url: str) -> StoreState:
    """How the store of a URL stands.

    Raises ConfigurationError for a URL that names no store, StoreError if it cannot be reached or
    is of a newer release or of another program.
    """
    place = without_password(url)
    known = ScriptDirectory(str(SCRIPTS))
    release = str(known.get_current_head())
    engine = engine_of(url, make_folder=False)
    try:
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if file and not Path(file).exists():
            return StoreState(None, release, None)
        with told(place):
            version = version_of(engine, place, known)
        newest = Runs(Store(engine, place)).newest() if version == release else None
        return StoreState(version, release, newest)
    finally:
        engine.dispose()
