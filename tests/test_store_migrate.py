"""Migrations: old stores become new ones after a backup, newer ones and others' are refused."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from databases import NewUrl
from sqlalchemy import inspect, text
from store_work import NIGHT, article

from audit.errors import StoreError
from audit.feeds.state import Known
from audit.store import migrate
from audit.store.articles import Articles
from audit.store.database import Store, engine_of
from audit.store.feeds import FeedStates
from audit.store.schema import metadata

FIRST = Path(__file__).parent / "fixtures" / "store" / "0001.sql"
"""A store of the first version with an article and its feed, as `sqlite3 FILE .dump` writes it."""

KNOWN = Known(etag='W/"1"', misses=2, first=NIGHT, seen=NIGHT)
"""What that store knows of the feed."""

NEXT = '''"""One more column."""
import sqlalchemy as sa
from alembic import op
revision = "next"
down_revision = "{before}"
def upgrade():
    op.add_column("versions", sa.Column("more", sa.Text()))
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations of a later release: one more than ours. Backups go to the test's folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    scripts = tmp_path / "later"
    shutil.copytree(migrate.SCRIPTS, scripts)
    before = migrate.ScriptDirectory(str(scripts)).get_current_head()
    (scripts / "versions" / "m9999_next.py").write_text(NEXT.format(before=before))
    return scripts


def upgrade(url: str, scripts: Path, *, backup: bool = True) -> None:
    engine = engine_of(url)
    migrate.migrate(engine, url, backup=backup, scripts=scripts)
    engine.dispose()


def backups(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.bak"), *folder.glob("state/mtaudit/backups/*.dump")])


def differences(url: str) -> list[object]:
    """What of the tables of a store is not as the schema has it."""
    engine = engine_of(url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    return found


def test_the_migrations_make_the_tables_of_the_schema(new_url: NewUrl) -> None:
    url = new_url()
    Store.open(url).close()
    assert differences(url) == []


def test_an_older_store_is_migrated_after_a_backup(
    new_url: NewUrl, tmp_path: Path, later: Path
) -> None:
    url = new_url()
    with Store.open(url) as store:
        Articles(store).put(article(1, "One."))
    assert backups(tmp_path) == []
    upgrade(url, later)
    (backup,) = backups(tmp_path)
    assert backup.stat().st_size > 0
    engine = engine_of(url)
    assert "more" in {c["name"] for c in inspect(engine).get_columns("versions")}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM versions")).scalar_one() == 1
    engine.dispose()
    if backup.suffix == ".bak":
        with Store.open(f"sqlite:///{backup}") as store:
            assert Articles(store).get([article(1, "").id]) == [article(1, "One.")]


def test_a_newer_store_is_refused_and_left_as_it_is(new_url: NewUrl, later: Path) -> None:
    url = new_url()
    upgrade(url, later)
    with pytest.raises(StoreError, match=r"newer release of mtaudit \(tables next"):
        Store.open(url)
    upgrade(url, later)


def test_a_migration_that_fails_leaves_the_old_tables(new_url: NewUrl, later: Path) -> None:
    url = new_url()
    Store.open(url).close()
    script = later / "versions" / "m9999_next.py"
    whole = script.read_text()
    script.write_text(whole + "    op.drop_table('there is none')\n")
    with pytest.raises(Exception, match="there is none"):
        upgrade(url, later)
    Store.open(url).close()
    script.write_text(whole)
    upgrade(url, later)


def test_the_tables_of_another_program_are_refused(new_url: NewUrl) -> None:
    url = new_url()
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    engine.dispose()
    with pytest.raises(StoreError, match="another program"):
        Store.open(url)


def test_without_pg_dump_an_older_store_is_refused_unless_told(
    postgresql, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.new_url()
    Store.open(url).close()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StoreError, match=r"pg_dump.*store_backup = false"):
        upgrade(url, later)
    Store.open(url).close()
    upgrade(url, later, backup=False)


def test_a_store_of_the_first_version_is_read(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite"
    connection = sqlite3.connect(file)
    connection.executescript(FIRST.read_text(encoding="utf-8"))
    connection.close()
    url = f"sqlite:///{file}"
    with Store.open(url) as store:
        assert Articles(store).get([article(1, "").id]) == [article(1, "One.")]
        assert FeedStates(store).feeds() == {article(1, "").feed: KNOWN}
    assert differences(url) == []
