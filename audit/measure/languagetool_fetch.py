"""Fetches LanguageTool, when asked to, by language-tool-python's own download.

The archive's SHA-256 is pinned here: it is that of `integrity.toml` of language-tool-python 3.4,
and whatever the variables of that library say, an archive with another one is not used.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr
from importlib.util import find_spec
from pathlib import Path

from audit.errors import ModelError, StageUnavailable
from audit.measure.languagetool_server import find_java, server_jar

VERSION = "6.8"
SHA256 = "6a7f6b67b779ae9505f7579f0c41453ea8d1bd72ae750bdc2c55ba974281467d"


def fetch_languagetool(*, show_progress: bool, offline: bool) -> Path:
    """Make sure that LanguageTool is here, and return its folder.

    It goes below `LTP_PATH`, or where language-tool-python keeps its downloads. Nothing is fetched
    if a server is there already. Raises ModelError, saying what to do, if `offline` forbids the
    download, if there is no Java that runs it, or if the archive cannot be had or is not the
    pinned one.
    """
    try:
        find_java()
    except StageUnavailable as e:
        raise ModelError(f"LanguageTool {VERSION} is not fetched: {e}") from e
    try:
        return server_jar().parent
    except StageUnavailable:
        _download(show_progress=show_progress, offline=offline)
    try:
        return server_jar().parent
    except StageUnavailable as e:
        raise ModelError(f"the archive of LanguageTool {VERSION} has no server: {e}") from e


def _download(*, show_progress: bool, offline: bool) -> None:
    if offline:
        raise ModelError(
            f"LanguageTool {VERSION} is not here, and offline forbids to fetch it; fetch it "
            "without that, or set LTP_PATH to the folder of LanguageTool"
        )
    if find_spec("language_tool_python") is None:
        raise ModelError(
            "language-tool-python is not installed, and it fetches LanguageTool; "
            "run: pip install 'mtaudit[grammar]'"
        )
    from language_tool_python.download_lt import LocalLanguageTool, confirm_java_compatibility
    from language_tool_python.exceptions import PathError

    try:
        confirm_java_compatibility(VERSION)
    except (SystemError, SystemExit) as e:
        raise ModelError(f"LanguageTool {VERSION} needs Java 17 or later: {e}") from e
    release = LocalLanguageTool.from_version_name(VERSION)
    try:
        with ExitStack() as around:
            around.enter_context(_pinned())
            if not show_progress:  # the library draws its bar, terminal or not
                around.enter_context(redirect_stderr(io.StringIO()))
            release.download()
    except (PathError, OSError, zipfile.BadZipFile) as e:
        raise ModelError(
            f"LanguageTool {VERSION} cannot be fetched from {release.download_url}: {e}; "
            "it can also be unpacked by hand: set LTP_PATH to its folder"
        ) from e


@contextmanager
def _pinned() -> Iterator[None]:
    """Let the library download, and hold the archive against our hash, whatever its variables say.

    With `LTP_JAR_DIR_PATH` it would download nothing, and without a word.
    """
    ours = {
        "LTP_BYPASS_VERIFIED_DOWNLOADS": "false",
        f"LTP_DOWNLOAD_SHA256_{VERSION.replace('.', '_')}": SHA256,
        "LTP_JAR_DIR_PATH": "",
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ |= ours
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
