"""A LanguageTool server of our own: one Java process, bounded in memory, stopped by its id.

language-tool-python can start one too, but when the server dies at its start it goes on to the
next of 900 ports and never shows the server's message, and it cannot bound the memory.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import weakref
import zipfile
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import IO

from audit.errors import StageUnavailable

JVM = ("-Xmx384m", "-XX:+UseSerialGC", "-Dsun.net.httpserver.nodelay=true")
"""English alone needs about 300 MB of heap. Servers that took turns, text by text, on a busy
machine: 412 MB resident and 80 s of the processor after 3,266 sentences; with -Xmx512m and Java's
usual collector 655 MB and 85 s. -Xmx320m spares 10 MB more, but takes 3 % more than the latter when
ten ask at once. Limits of code cache, metaspace and stacks spare nothing. -XX:TieredStopAtLevel=1
spares 60 MB and is quicker for some 3,000 sentences, then a third slower: not for long runs.
Without `nodelay` the end of an answer waits for our word that its beginning came, up to 40 ms."""
START_SECONDS = 60.0
"""A start takes 1.6 s on an idle machine, 20 s on one with ten times the work it can do."""
CHECK_SECONDS = 120
"""Longest check of one text in the server. A sentence takes .09 s, but the first check of a
server loads its rules: 5.7 s on an idle machine, more than 30 s on a very busy one."""
_WATCHED = 'exec 3<&0 </dev/null; (read -r said <&3 || kill "$$") & exec "$@" 3<&-'
"""A shell script that becomes a command, and ends it if its own input ends without a line: then the
process that started it was killed, as by the kernel when memory runs out."""
_ATTEMPTS = 3
"""A free port may be taken by another process before the server binds it."""


def find_java() -> str:
    """The program that runs Java. Raises StageUnavailable, saying what to do, if there is none."""
    java = shutil.which("java")
    if java is None:
        raise StageUnavailable(
            "Java was not found; install Java 17 or later, or name a running LanguageTool server "
            "by the setting languagetool_url"
        )
    return java


def server_jar() -> Path:
    """The server's jar: below `LTP_PATH`, or where language-tool-python keeps its downloads.

    Raises StageUnavailable, saying what to do, if there is none.
    """
    own = os.environ.get("LTP_PATH")
    folder = Path(own) if own else Path.home() / ".cache" / "language_tool_python"
    jars = sorted(folder.glob("**/languagetool-server.jar"))
    if not jars:
        what = f"LTP_PATH ({folder}) holds" if own else "LTP_PATH is not set and its default has"
        raise StageUnavailable(
            f"{what} no languagetool-server.jar; run: mtaudit models fetch languagetool, or set "
            "LTP_PATH to the folder of LanguageTool, or name a running server by the setting "
            "languagetool_url"
        )
    return jars[-1]


def server_version(jar: Path) -> str | None:
    """The version of LanguageTool that a server's jar belongs to; None if it does not say."""
    try:
        with zipfile.ZipFile(jar) as archive:
            manifest = archive.read("META-INF/MANIFEST.MF").decode(errors="replace")
    except (OSError, KeyError, zipfile.BadZipFile):
        return None
    unfolded = re.sub(r"\r?\n ", "", manifest)
    found = re.search(r"\blanguagetool-core-(\d[\w.]*?)\.jar", unfolded)
    return found and found[1]


class Server:
    """A running server; `url` is where it answers.

    Raises StageUnavailable with the reason, and the server's own words, if there is no Java or
    no jar or if it does not answer in time, or when `is_over` is set in the midst of the start.
    Stopped at the latest when the interpreter ends, and where there is a shell also if that is
    killed.
    """

    def __init__(self, is_over: Event | None = None) -> None:
        self._is_over = is_over or Event()
        java, jar = find_java(), server_jar()
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._start(java, jar)
                return
            except _PortTaken as e:
                if attempt == _ATTEMPTS:
                    raise StageUnavailable(str(e)) from e
            except OSError as e:
                raise StageUnavailable(f"the LanguageTool server cannot be started: {e}") from e

    def stop(self) -> None:
        """End the process, by force if it has not ended after five seconds."""
        self._stop()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def has_ended(self, seconds: float) -> bool:
        """Whether the process has ended, or does within so many seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def _start(self, java: str, jar: Path) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        scratch = tempfile.TemporaryDirectory(prefix="mtaudit-languagetool-")
        settings = Path(scratch.name) / "server.properties"
        settings.write_text(f"maxCheckTimeMillis={CHECK_SECONDS * 1000}\n", encoding="ascii")
        log = (Path(scratch.name) / "log").open("w+", encoding="utf-8", errors="replace")
        command = [java, *JVM, "-cp", str(jar), "org.languagetool.server.HTTPServer"]
        command += ["--port", str(port), "--config", str(settings)]
        if os.name == "posix":
            command = ["/bin/sh", "-c", _WATCHED, "sh", *command]
        self._process = subprocess.Popen(  # noqa: S603  a fixed command
            command, bufsize=0, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
        )
        self._stop = weakref.finalize(self, _end, self._process, log, scratch)
        try:
            self._wait(log)
        except BaseException:
            self._stop()
            raise

    def _wait(self, log: IO[str]) -> None:
        import httpx

        until = time.monotonic() + START_SECONDS
        # Proxies of the environment must not be asked for our own machine.
        with httpx.Client(trust_env=False, timeout=5) as client:
            while time.monotonic() < until:
                if self._is_over.is_set():
                    raise StageUnavailable("the run ended while the LanguageTool server started")
                if not self.alive:
                    words = _last_words(log)
                    error = _PortTaken if "Address already in use" in words else StageUnavailable
                    raise error(f"the LanguageTool server died at its start: {words}")
                try:
                    if client.get(f"{self.url}/v2/healthcheck").is_success:
                        return
                except httpx.TransportError:
                    time.sleep(0.1)
        raise StageUnavailable(
            f"the LanguageTool server did not answer within {START_SECONDS:.0f} s: "
            f"{_last_words(log)}"
        )


class _PortTaken(StageUnavailable):
    """Another process took the port between our choice and the server's start."""


def _end(
    process: subprocess.Popen[bytes],
    log: IO[str],
    scratch: tempfile.TemporaryDirectory[str],
) -> None:
    assert process.stdin
    with suppress(BrokenPipeError), process.stdin as watcher:  # it may be gone already
        watcher.write(b"stopped\n")
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    log.close()
    scratch.cleanup()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


def _last_words(log: IO[str]) -> str:
    """The line of the server's output that says why it died, or all of a short one."""
    log.seek(0)
    lines = [line.strip() for line in log if line.strip()]
    reasons = [x for x in lines if "Error" in x or "Exception" in x or "Caused by" in x]
    return "; ".join((reasons or lines)[:2])[:500] or "it printed nothing"
