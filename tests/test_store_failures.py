"""What can go wrong with a database: a clear error, and nothing that was stored is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_work import article

from audit.errors import StoreError
from audit.store.articles import Articles
from audit.store.database import Store


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes; skipped where none may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs to mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def stored(store: Store) -> int:
    return len(Articles(store).seen())


def test_a_full_disk(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/store.sqlite"
    with Store.open(url) as store:
        kept = Articles(store)
        filled = 0
        with pytest.raises(StoreError, match=r"store sqlite:///.*: the disk is full; .*make room"):
            for page in range(10_000):
                kept.put(article(page, os.urandom(20_000).hex()))
                filled += 1
        assert stored(store) == filled > 3
    with Store.open(url) as store:
        assert stored(store) == filled
        store.check()


def test_a_database_that_cannot_be_written(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/store.sqlite"
    with Store.open(url) as store:
        Articles(store).put(article(1, "One."))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with (
        pytest.raises(StoreError, match=r"cannot be (written|opened): look at the rights"),
        Store.open(url) as store,
    ):
        Articles(store).put(article(2, "Two."))
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    with Store.open(url) as store:
        assert stored(store) == 1


def test_a_damaged_database(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    url = f"sqlite:///{file}"
    with Store.open(url) as store:
        for page in range(200):
            Articles(store).put(article(page, "Text. " * 200))
    data = bytearray(file.read_bytes())
    data[8192:-4096] = os.urandom(len(data) - 12288)
    file.write_bytes(data)
    with (
        pytest.raises(StoreError, match=r"is damaged.* restore the last backup"),
        Store.open(url) as store,
    ):
        store.check()
    assert file.read_bytes()[8192:-4096] == data[8192:-4096]


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    file.write_text("This is a letter, and a long one. " * 100)
    with pytest.raises(StoreError, match="no SQLite database"):
        Store.open(f"sqlite:///{file}")
    assert file.read_text().startswith("This is a letter")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(f"sqlite:///{tmp_path}/file/store.sqlite")


def test_postgresql_gone_in_mid_run(postgresql) -> None:
    with Store.open(postgresql.new_url()) as store:
        kept = Articles(store)
        kept.put(article(1, "One."))
        with (
            pytest.raises(StoreError, match=r"PostgreSQL cannot be reached; .*again"),
            store.unit(),
        ):
            kept.put(article(2, "Two."))
            postgresql.stop()
            kept.put(article(3, "Three."))
        with pytest.raises(StoreError, match="PostgreSQL cannot be reached"):
            kept.put(article(2, "Two."))
        postgresql.start()
        kept.put(article(2, "Two."))
        assert stored(store) == 2


def test_a_postgresql_that_cannot_be_written(postgresql) -> None:
    url = postgresql.new_url()
    with Store.open(url) as store:
        Articles(store).put(article(1, "One."))
    with Store.open(f"{url}?options=-c%20default_transaction_read_only%3Don") as store:
        assert stored(store) == 1
        with pytest.raises(StoreError, match="cannot be written"):
            Articles(store).put(article(2, "Two."))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:geheim@127.0.0.1:1/mtaudit",
        "postgresql://me@127.0.0.1:1/mtaudit?password=geheim&connect_timeout=5",
    ],
)
def test_an_error_does_not_show_the_password(url: str) -> None:
    with pytest.raises(StoreError) as e:
        Store.open(url)
    assert "geheim" not in str(e.value)
    assert "cannot be reached" in str(e.value)
