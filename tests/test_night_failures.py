"""What can go wrong in a night: a line that says what to do, a status, and the next night goes on.

Each test runs `mtaudit feeds run`, breaks something, mends it, runs again and compares what is in
the store with that of nights in which nothing broke.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import NewUrl, Server
from small_web import QuickClock
from store_work import rows

from audit.cli import main as cli
from audit.nightly import run as night
from audit.store.database import Store
from audit.store.runs import Runs

NIGHT = datetime(2026, 11, 2, 3, tzinfo=UTC)
TEXT = (
    "The harbour of Veldin was opened again on Monday after three weeks of work, {who} said. "
    "Twelve ships entered before noon. The first of them carried grain for the mills of the upper "
    "town, where bread had become scarce since the middle of last month."
)
WHO = ("the port authority", "the mayor Ilva Brent", "a spokesman of the crews")


class Nights:
    """Nights over a scraper's folder, in a folder of their own."""

    def __init__(self, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url = url
        self.folder = folder
        self.clock = QuickClock(NIGHT)
        monkeypatch.setattr(night, "SystemClock", lambda: self.clock)
        (folder / "pages").mkdir(parents=True, exist_ok=True)
        self.settings = folder / "mtaudit.toml"
        self.settings.write_text(
            f'store = "{url}"\ngrammar = false\ncausal_model = "none"\n'
            f'[[feeds]]\nurl = "pages"\noutlet = "scraper"\n'
        )

    def scrape(self, name: str, who: str) -> None:
        page = {"url": f"https://{name}.example/a", "outlet": name, "text": TEXT.format(who=who)}
        file = self.folder / "pages" / f"{name}.jsonl"
        file.write_text(json.dumps(page) + "\n")
        os.utime(file, (0, 0))

    def run(self, reports: Path | None = None) -> int:
        """One night; its exit status."""
        out = str(reports or self.folder / "reports")
        options = ["--config", str(self.settings), "-o", out, "--formats", "json"]
        return cli.run(["feeds", "run", *options])

    def rows(self) -> dict[str, Any]:
        """What is in the store, without what tells how long it took and which folder was read."""
        found: dict[str, Any] = rows(self.url)
        for table in ("feed_reports", "kept"):
            del found[table]
        found["runs"] = [r[:1] for r in found["runs"]]
        here = str(self.folder)
        return {
            name: json.loads(json.dumps(table, default=str).replace(here, ""))
            for name, table in found.items()
        }


Make = Callable[..., Nights]


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes nights with three articles to come, over a store."""

    def make(url: str, name: str = "nights") -> Nights:
        made = Nights(url, tmp_path / name, monkeypatch)
        for number, who in enumerate(WHO):
            made.scrape(f"outlet{number}", who)
        return made

    return make


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A small disk, which other users may use too; skipped where none may be mounted."""
    disk = Path(tempfile.mkdtemp(prefix="mtaudit-disk-"))
    disk.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        disk.rmdir()
        pytest.skip("needs to mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)
    disk.rmdir()


@pytest.fixture
def small_postgresql(small_disk: Path, postgresql: Server) -> Iterator[str]:
    """The URL of a database on the small disk."""
    url = postgresql.new_url(small_disk)
    yield url
    postgresql.drop(url)


def resize(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def fill(disk: Path, free: int = 0) -> Path:
    """Fill a disk but for so many bytes, with a file that may be removed."""
    ballast = disk / "ballast"
    left = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    ballast.write_bytes(bytes(max(0, left - free)))
    return ballast


def expected(nights: Make, new_url: NewUrl) -> dict[str, Any]:
    """What one undisturbed night leaves."""
    undisturbed = nights(new_url(), "undisturbed")
    assert undisturbed.run() == cli.DONE
    return undisturbed.rows()


def errors(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a night which failed ends with."""
    lines = capsys.readouterr().err.splitlines()
    (last,) = (x for x in lines if x.startswith("mtaudit: error: "))
    assert lines[-1] == last
    return last


def test_a_full_disk(
    nights: Make, small_disk: Path, new_sqlite: NewUrl, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = nights(f"sqlite:///{small_disk}/s.sqlite")
    Store.open(broken.url).close()
    ballast = fill(small_disk, 40_000)
    assert broken.run() == cli.USAGE
    assert "the disk is full" in (said := errors(capsys))
    assert "make room, run again" in said
    ballast.unlink()
    assert broken.run() == cli.DONE
    assert broken.rows() == expected(nights, new_sqlite)


def test_a_full_disk_of_postgresql(
    nights: Make,
    small_disk: Path,
    small_postgresql: str,
    postgresql: Server,
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = nights(small_postgresql)
    Store.open(broken.url).close()
    ballast = fill(small_disk)
    assert broken.run() == cli.USAGE
    assert "the disk is full" in errors(capsys)
    ballast.unlink()
    assert broken.run() == cli.DONE
    assert broken.rows() == expected(nights, postgresql.new_url)


def test_a_disk_too_full_for_reports_costs_no_result(
    nights: Make, small_disk: Path, new_url: NewUrl, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = nights(new_url())
    ballast = fill(small_disk)
    assert broken.run(small_disk) == cli.PARTIAL
    assert "No space left on device" in capsys.readouterr().err
    ballast.unlink()
    broken.clock.next_night()
    assert broken.run(small_disk) == cli.DONE
    assert len(list(small_disk.glob("*/report.json"))) == 1
    assert not list(small_disk.glob("*/.*"))


def test_a_store_that_cannot_be_written(
    nights: Make, small_disk: Path, new_sqlite: NewUrl, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = nights(f"sqlite:///{small_disk}/s.sqlite")
    Store.open(broken.url).close()
    resize(small_disk, "ro")
    assert broken.run() == cli.USAGE
    assert "look at the rights" in errors(capsys)
    resize(small_disk, "rw")
    assert broken.run() == cli.DONE
    assert broken.rows() == expected(nights, new_sqlite)


def test_a_postgresql_that_cannot_be_written(
    nights: Make, postgresql: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = nights(postgresql.new_url())
    Store.open(broken.url).close()
    settings = broken.settings.read_text()
    only_read = f"{broken.url}?options=-c%20default_transaction_read_only%3Don"
    broken.settings.write_text(settings.replace(broken.url, only_read))
    assert broken.run() == cli.USAGE
    assert "cannot be written: look at the rights" in errors(capsys)
    broken.settings.write_text(settings)
    assert broken.run() == cli.DONE
    assert broken.rows() == expected(nights, postgresql.new_url)


def test_a_damaged_store_is_left_as_it_is_and_its_backup_goes_on(
    nights: Make, new_sqlite: NewUrl, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "s.sqlite"
    broken = nights(f"sqlite:///{file}")
    assert broken.run() == cli.DONE
    backup = file.read_bytes()
    file.write_bytes(backup[:4096] + os.urandom(len(backup) - 4096))
    damaged = file.read_bytes()
    broken.clock.next_night()
    assert broken.run() == cli.USAGE
    assert "is damaged, or no SQLite database: put it aside and restore the last backup" in errors(
        capsys
    )
    assert file.read_bytes() == damaged
    file.write_bytes(backup)
    assert broken.run() == cli.DONE


def test_a_damaged_postgresql(
    nights: Make, postgresql: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = nights(postgresql.new_url())
    assert broken.run() == cli.DONE
    file = postgresql.file_of(broken.url, "versions")
    postgresql.stop("fast")
    backup = file.read_bytes()
    file.write_bytes(os.urandom(len(backup)))
    postgresql.start()
    broken.clock.next_night()
    assert broken.run() == cli.USAGE
    assert "PostgreSQL says that its data are damaged: restore the last backup" in errors(capsys)
    postgresql.stop("fast")
    file.write_bytes(backup)
    postgresql.start()
    assert broken.run() == cli.DONE


@pytest.mark.parametrize("stage", ["fetch", "place", "alert"])
def test_postgresql_gone_in_mid_run(
    nights: Make,
    postgresql: Server,
    stage: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = nights(postgresql.new_url())
    whole = getattr(night, stage)

    def without_server(*given: Any, **named: Any) -> Any:
        postgresql.stop()
        return whole(*given, **named)

    monkeypatch.setattr(night, stage, without_server)
    assert broken.run() == cli.USAGE
    said = errors(capsys)
    assert "PostgreSQL cannot be reached; the last step was not stored, nothing else" in said
    assert broken.run() == cli.USAGE
    assert "PostgreSQL cannot be reached" in errors(capsys)
    postgresql.start()
    monkeypatch.setattr(night, stage, whole)
    assert broken.run() == cli.DONE
    assert broken.rows() == expected(nights, postgresql.new_url)


def test_a_clock_that_was_set_back_between_nights(
    nights: Make, new_url: NewUrl, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = nights(new_url())
    assert broken.run() == cli.DONE
    before = broken.rows()
    right = broken.clock
    right.next_night()
    broken.clock = QuickClock(NIGHT - timedelta(days=300))
    assert broken.run() == cli.USAGE
    said = errors(capsys)
    assert "the clock says 2026-01-06 03:00 UTC" in said
    assert "set the clock and run again" in said
    assert broken.rows() == before
    broken.clock = right
    assert broken.run() == cli.DONE


def test_a_clock_that_is_set_back_during_a_night(
    nights: Make, new_url: NewUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = nights(new_url())
    whole = night.place

    def set_back(*given: Any, **named: Any) -> Any:
        broken.clock._now -= timedelta(days=2)
        return whole(*given, **named)

    monkeypatch.setattr(night, "place", set_back)
    assert broken.run() == cli.DONE
    with Store.open(broken.url) as store:
        last = Runs(store).last()
    assert last is not None
    assert last.ended == last.started == NIGHT
    monkeypatch.setattr(night, "place", whole)
    assert broken.run() == cli.USAGE
    broken.clock = QuickClock(NIGHT + timedelta(days=1))
    assert broken.run() == cli.DONE
