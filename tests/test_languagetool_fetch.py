"""LanguageTool fetched by one command: from a server on this machine, by the library's download."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from audit.cli import main as cli
from audit.measure import languagetool_fetch
from audit.measure.languagetool_fetch import SHA256, VERSION

language_tool = pytest.importorskip("language_tool_python.download_lt")

ARCHIVE = f"LanguageTool-{VERSION}.zip"


MANIFEST = "Class-Path: libs/languagetool-co\r\n re-6.8.jar libs/guava.jar\r\n"


def archive() -> bytes:
    """A small archive of the release's form; the jar holds nothing."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr(f"LanguageTool-{VERSION}/languagetool-server.jar", b"jar")
    return packed.getvalue()


@pytest.fixture
def java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A program called java that says which version it is."""
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'openjdk version \"17.0.15\" 2025-04-15' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return program


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """A server that has the archive; yields the paths that it was asked for."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / ARCHIVE).write_bytes(archive())
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            asked.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    monkeypatch.setattr(language_tool, "BASE_URL_NEW_RELEASES", url)
    yield asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder for LanguageTool."""
    folder = tmp_path / "languagetool"
    monkeypatch.setenv("LTP_PATH", str(folder))
    return folder


@pytest.mark.usefixtures("java")
def test_it_is_fetched_once(
    site: list[str],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(languagetool_fetch, "SHA256", hashlib.sha256(archive()).hexdigest())
    for _ in range(2):
        assert cli.run(["models", "fetch", "languagetool"]) == cli.DONE
        out, err = capsys.readouterr()
        assert out == f"{home / f'LanguageTool-{VERSION}'}\n"
        assert err == ""
    assert site == [f"/{ARCHIVE}"]


@pytest.mark.usefixtures("java", "site")
def test_an_archive_that_is_not_the_pinned_one_is_not_used(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LTP_BYPASS_VERIFIED_DOWNLOADS", "true")
    assert cli.run(["models", "fetch", "languagetool"]) == cli.USAGE
    error = capsys.readouterr().err
    assert SHA256 in error
    assert "set LTP_PATH" in error
    assert list(home.glob("**/*.jar")) == []


@pytest.mark.usefixtures("java", "home")
@pytest.mark.parametrize("by", ["flag", "setting"])
def test_offline_refuses(
    by: str,
    site: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flags = ["--offline"] if by == "flag" else []
    if by == "setting":
        monkeypatch.setenv("MTAUDIT_OFFLINE", "true")
    assert cli.run(["models", "fetch", "languagetool", *flags]) == cli.USAGE
    assert "offline forbids" in capsys.readouterr().err
    assert site == []


@pytest.mark.usefixtures("home")
def test_it_says_which_java_it_needs(
    java: Path,
    site: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    assert cli.run(["models", "fetch", "languagetool"]) == cli.USAGE
    assert "needs Java 17 or later" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "")
    assert cli.run(["models", "fetch", "languagetool"]) == cli.USAGE
    assert "install Java 17" in capsys.readouterr().err
    assert site == []


def test_the_pinned_hash_is_that_of_the_library() -> None:
    assert language_tool.EXPECTED_DOWNLOAD_SHA256[VERSION] == SHA256


@pytest.mark.parametrize(("manifest", "version"), [(MANIFEST, "6.8"), ("", "of unknown version")])
def test_it_is_listed_with_its_version_and_java(
    java: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    manifest: str,
    version: str,
) -> None:
    folder = tmp_path / "own"
    monkeypatch.setenv("LTP_PATH", str(folder))
    assert cli.run(["models", "list"]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith(f"missing  languagetool: LanguageTool {VERSION}, ")
    folder.mkdir()
    with zipfile.ZipFile(folder / "languagetool-server.jar", "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", manifest)
    assert cli.run(["models", "list"]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith(f"ready    languagetool: LanguageTool {version}, ")
    assert line.endswith(f"needs Java 17 or later ({java}); in {folder}")

    java.unlink()
    monkeypatch.setenv("PATH", str(java.parent))
    assert cli.run(["models", "list"]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("missing  languagetool")
    assert "(none found)" in line
