"""A Java that runs a small server in the stead of LanguageTool's, as often as tests like."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

SERVER = """
import json, os, signal, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        languages = [{"code": "en", "longCode": "en-US"}]
        self.answer(languages if "languages" in self.path else "OK")

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if b"deadly" in asked and len(list(here.glob("started-*"))) <= asked.count(b"deadly"):
            os.kill(os.getpid(), signal.SIGKILL)
        if b"meeting" in asked:
            meeting.wait(30)
        rule = {"id": "FIRST", "issueType": "grammar", "category": {"id": "GRAMMAR"}}
        match = {"message": "", "replacements": [], "offset": 0, "length": 3,
            "context": {"text": "", "offset": 0}, "rule": rule}
        self.answer({"software": {"version": "0.1"}, "matches": [match]})

    def answer(self, what):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(what).encode())

    def log_message(self, *_):
        pass

meeting = threading.Barrier(2)
here = Path(__file__).parent
(here / f"started-{os.getpid()}").touch()
port = int(sys.argv[sys.argv.index("--port") + 1])
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
"""It objects to the first word of every text. It dies of a text that says `deadly` n times, unless
more than n were started. A text that says `meeting` is answered together with another."""


@pytest.fixture
def standing_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """LanguageTool as far as the program can tell."""
    (tmp_path / "stand_in.py").write_text(SERVER)
    put_java(tmp_path, monkeypatch, f'exec {sys.executable} "${{0%/*}}/stand_in.py" "$@"')
    return StandIn(tmp_path)


def put_java(folder: Path, monkeypatch: pytest.MonkeyPatch, commands: str) -> None:
    """Have a shell script in a folder be taken for Java, and for LanguageTool's server."""
    java = folder / "java"
    java.write_text(f"#!/bin/sh\n{commands}\n")
    java.chmod(0o755)
    (folder / "languagetool-server.jar").touch()
    monkeypatch.setenv("LTP_PATH", str(folder))
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


class StandIn:
    """What has been started in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def started(self) -> list[int]:
        """The ids of all processes, also of those that have ended."""
        return [int(f.name.partition("-")[2]) for f in self._folder.glob("started-*")]

    @property
    def running(self) -> list[int]:
        """The ids of those that run."""
        return [pid for pid in self.started if is_running(pid)]

    def all_end(self) -> bool:
        """Whether all end within a minute."""
        until = time.monotonic() + 60
        while self.running and time.monotonic() < until:
            time.sleep(0.05)
        return not self.running


def is_running(pid: int) -> bool:
    """Whether a process of this id runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
