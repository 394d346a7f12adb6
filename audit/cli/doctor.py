"""What works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from audit.config import Settings
from audit.model import Version

DISK_NEEDED = 2 * 10**9
"""Free bytes to fetch a model: 0.1 GB download and twice 0.54 GB while it is converted."""

_SCRIPTS = {"ar": "Arabic", "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "hi": "Devanagari"}


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that was looked at; without a `core` one no audit, or no night, can run."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    core: bool = False

    def __str__(self) -> str:
        mark = "ok     " if self.ok else "FAILED " if self.core else "missing"
        remedy = f"; {self.remedy}" if self.remedy and not self.ok else ""
        return f"{mark}  {self.name}: {self.detail}{remedy}"


def examine(settings: Settings, *, offline: bool) -> Iterator[Examined]:
    """Look at everything; with `offline` the trial audit runs without any network."""
    yield _python()
    yield from _packages()
    yield from _models(settings)
    yield _languagetool(settings)
    if settings.judge_url:
        yield _second_reader(settings)
    yield _fonts()
    yield from _cache()
    yield _trial(settings, offline=offline)


def _python() -> Examined:
    return Examined(
        "Python",
        sys.version_info >= (3, 11),
        sys.version.split()[0],
        "install Python 3.11 or later",
        core=True,
    )


def _packages() -> Iterator[Examined]:
    from packaging.requirements import Requirement

    for line in requires("mtaudit") or ():
        needed = Requirement(line)
        grammar = needed.marker is not None and needed.marker.evaluate({"extra": "grammar"})
        if needed.marker is not None and not grammar:
            continue
        remedy = "pip install 'mtaudit[grammar]'" if grammar else "pip install --upgrade mtaudit"
        try:
            found = version(needed.name)
        except PackageNotFoundError:
            yield Examined(needed.name, False, "not installed", remedy, core=not grammar)
            continue
        fits = needed.specifier.contains(found, prereleases=True)
        detail = found if fits else f"{found}, but {needed.specifier} is needed"
        yield Examined(needed.name, fits, detail, remedy, core=not grammar)


def _models(settings: Settings) -> Iterator[Examined]:
    from audit.models.store import DEFAULT, ENCODER
    from audit.pipeline import NO_MODEL

    name = "causal language model"
    if settings.causal_model == NO_MODEL:
        yield Examined(name, True, "switched off by the setting causal_model")
    else:
        yield _model(name, settings.causal_model or DEFAULT, eight_bit=settings.eight_bit)
    if settings.embedding_model is None:
        yield _model("sentence encoder", ENCODER, eight_bit=settings.eight_bit)


def _model(what: str, name: str, *, eight_bit: bool) -> Examined:
    from audit.errors import ModelError
    from audit.models.eight_bit import is_used
    from audit.models.store import known, locate, verify

    try:
        folder = locate(name)
        problems = verify(name) if known(name) else ()
    except ModelError as e:
        return Examined(what, False, str(e))
    if problems:
        return Examined(what, False, f"{folder}: {problems[0]}", "run: mtaudit models fetch")
    how = ", computed in eight bits" if is_used(folder, allowed=eight_bit) else ""
    return Examined(what, True, f"{name} in {folder}{how}")


def _languagetool(settings: Settings) -> Examined:
    from audit.errors import StageUnavailable
    from audit.measure.languagetool import checker_for
    from audit.measure.languagetool_server import find_java, server_jar

    name = "LanguageTool"
    try:
        checker_for(settings)
        if settings.languagetool_url:
            return Examined(name, True, f"to be asked at {settings.languagetool_url}")
        return Examined(name, True, f"{server_jar().parent}, run by {find_java()}")
    except StageUnavailable as e:
        return Examined(name, False, str(e))


def _second_reader(settings: Settings) -> Examined:
    from audit.errors import ConfigurationError, StageUnavailable
    from audit.second_reader.make import second_reader_for

    name = "second reader"
    try:
        reader = second_reader_for(settings, None)
    except (ConfigurationError, StageUnavailable) as e:
        return Examined(name, False, str(e))
    measured = reader.calibration.measured
    worth = f"measured on {measured.measured_on}" if measured else "not measured, see its chapter"
    return Examined(name, True, f"{reader.model} at {settings.judge_url}, {worth}")


def _fonts() -> Examined:
    name = "fonts"
    if shutil.which("fc-list") is None:
        return Examined(name, True, "cannot be listed here (no fontconfig); PDF has its own Latin")
    absent = [script for code, script in _SCRIPTS.items() if not _has_font(code)]
    if absent:
        remedy = "install Noto fonts (fonts-noto-core, fonts-noto-cjk) for such words in PDF"
        return Examined(name, False, f"none for {', '.join(absent)}", remedy)
    return Examined(name, True, f"also for {', '.join(_SCRIPTS.values())}")


def _has_font(language: str) -> bool:
    listed = subprocess.run(  # noqa: S603 - fixed arguments
        ["fc-list", f":lang={language}", "family"],  # noqa: S607
        capture_output=True,
        check=False,
        timeout=30,
    )
    return bool(listed.stdout.strip())


def _cache() -> Iterator[Examined]:
    from audit.models.store import cache_folder

    folder = cache_folder()
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            writable = True
    except OSError:
        writable = False
    yield Examined("cache folder", writable, str(folder), "make it writable")
    free = shutil.disk_usage(existing).free
    yield Examined(
        "disk space",
        free >= DISK_NEEDED,
        f"{free / 1e9:.1f} GB free",
        f"free {DISK_NEEDED / 1e9:.0f} GB for model files",
    )


def _trial(settings: Settings, *, offline: bool) -> Examined:
    """Audit two short versions, whatever it may raise."""
    from audit.pipeline import Engine

    name = "trial audit without network" if offline else "trial audit"
    versions = (
        Version("a", "The minister spoke to reporters on Monday.\nThe dam was built in 1951.\n"),
        Version("b", "On Monday the minister spoke to to reporters.\nThe dam dates from 1951.\n"),
    )
    settings = settings.model_copy(update={"offline": settings.offline or offline})
    try:
        with _no_network(offline), Engine(settings) as engine:
            result = engine.audit("trial", versions)
    except Exception as e:  # noqa: BLE001 - whatever breaks an audit here is the answer
        return Examined(name, False, f"{type(e).__name__}: {e}", "see above", core=True)
    return Examined(name, True, f"findings: {len(result.findings)}", core=True)


@contextmanager
def _no_network(apply: bool) -> Iterator[None]:
    """Make every connection to another machine an error."""
    if not apply:
        yield
        return
    connect: Callable[..., None] = socket.socket.connect

    def refuse(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is None or host in ("localhost", "127.0.0.1", "::1"):
            return connect(self, address)
        raise OSError(f"an audit tried to reach {host}")

    socket.socket.connect = refuse  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]
