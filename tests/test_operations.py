"""What docs/operations.md and the Containerfile tell to do can be done."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer
from databases import Server
from store_work import NIGHT, article, rows

from audit.cli.main import whole
from audit.models.store import cache_folder
from audit.store.articles import Articles
from audit.store.database import Store

ROOT = Path(__file__).resolve().parent.parent
DOCS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
CONTAINER = re.sub(
    r"\\\n\s*",
    "",
    "\n".join(
        line for line in (ROOT / "Containerfile").read_text().splitlines() if line[:1] != "#"
    ),
)
STORE, SERVER = "/var/lib/mtaudit/store.sqlite", "postgresql://mtaudit@db.example/mtaudit"


def commands(heading: str, containing: str) -> str:
    """The commands of a chapter that name a word."""
    chapter = DOCS.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    blocks = re.findall(r"(?:^    .+\n)+", chapter, re.MULTILINE)
    (found,) = (b for b in blocks if containing in b)
    return found


def run(script: str, **places: str) -> None:
    for name, place in places.items():
        script = script.replace(
            {"store": STORE, "server": SERVER, "to": "/var/backups"}[name], place
        )
    subprocess.run(["sh", "-e", "-c", script], check=True, capture_output=True)


def written(url: str, pages: int) -> None:
    with Store.open(url) as store:
        for page in range(pages):
            Articles(store).put(article(page, f"Text of {page}.", NIGHT))


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="needs the command sqlite3")
def test_a_backup_of_sqlite_is_made_while_a_night_writes_and_restored(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    url = f"sqlite:///{file}"
    written(url, 3)
    before = rows(url)
    with Store.open(url) as store, store.unit():
        Articles(store).put(article(9, "Not stored yet.", NIGHT))
        run(commands("Back up", "sqlite3"), store=str(file), to=str(tmp_path))
    assert rows(url) != before
    run(commands("Restore", "store.sqlite"), store=str(file), to=str(tmp_path))
    assert rows(url) == before
    with Store.open(url) as store:
        store.check()


@pytest.mark.skipif(not shutil.which("pg_dump"), reason="needs the PostgreSQL client")
def test_a_backup_of_postgresql_is_made_and_restored(postgresql: Server, tmp_path: Path) -> None:
    url = postgresql.new_url()
    written(url, 3)
    before = rows(url)
    run(commands("Back up", "pg_dump"), server=url, to=str(tmp_path))
    written(url, 5)
    assert rows(url) != before
    run(commands("Restore", "pg_restore"), server=url, to=str(tmp_path))
    assert rows(url) == before


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", CONTAINER, re.MULTILINE)


def test_what_the_container_copies_is_there() -> None:
    for copied in instructions("COPY"):
        if not copied.startswith("--from"):
            assert all((ROOT / name).exists() for name in copied.split()[:-1]), copied


def test_the_container_has_a_python_and_extras_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (needed,) = re.findall(r">=3\.(\d+)", project["requires-python"])
    for image in instructions("FROM"):
        (minor,) = re.findall(r"python:3\.(\d+)-slim", image)
        assert int(minor) >= int(needed)
    (extras,) = re.findall(r"'\.\[(.+?)\]'", CONTAINER)
    assert set(extras.split(",")) <= project["optional-dependencies"].keys()


def test_the_container_runs_commands_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [json.loads(x) for name in ("ENTRYPOINT", "CMD") for x in instructions(name)]
    told = [given[0] + given[1]]
    told += [shlex.split(x) for x in instructions("RUN") if x.startswith("mtaudit ")]
    assert len(told) == 2
    for program, *arguments in told:
        assert program == "mtaudit"
        command = typer.main.get_command(whole())
        while hasattr(command, "commands"):
            command = command.commands[arguments.pop(0)]
        options = {o for p in command.params for o in p.opts}
        assert {a for a in arguments if a.startswith("--")} <= options


def test_the_container_names_variables_and_a_user_that_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variables = dict(x.split("=", 1) for line in instructions("ENV") for x in line.split())
    monkeypatch.setenv("MTAUDIT_CACHE", variables["MTAUDIT_CACHE"])
    assert cache_folder() == Path("/var/cache/mtaudit/models")
    assert instructions("USER") == ["mtaudit"]
    assert any("useradd" in x and x.endswith("/var/cache/mtaudit") for x in instructions("RUN"))
