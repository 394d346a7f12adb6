"""What every test stands on: its own settings and kept surprisals, no network but this machine."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import new_sqlite, new_url, postgresql  # noqa: F401
from hypothesis import settings
from small_languagetool import standing_in  # noqa: F401

from audit.config import ENV_PREFIX
from audit.errors import ModelError
from audit.measure.surprisal import SurprisalModel
from audit.models.store import cache_folder

CACHE = "MTAUDIT_CACHE"
ROOT = Path(__file__).resolve().parent.parent

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Threads that wait must not spin: with other work on the machine that takes four times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

LANGUAGETOOL = os.environ.get("LTP_PATH")

settings.register_profile("mtaudit", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("mtaudit")


@pytest.fixture
def root() -> Path:
    """The root of the project."""
    return ROOT


@pytest.fixture
def seeds() -> Path:
    """The folder of the five seed articles."""
    return ROOT / "seeds"


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The user's model files are found, but what tests let them read is kept apart."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / "models").symlink_to(cache_folder().resolve(), target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE, str(cache))
        yield


@pytest.fixture(scope="module")
def real() -> SurprisalModel:
    """The default language model, where its files are."""
    try:
        return SurprisalModel()
    except ModelError as e:
        pytest.skip(str(e))


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither the user's configuration file nor the shell's variables reach a test."""
    for name in [n for n in os.environ if n.startswith(ENV_PREFIX) and n != CACHE]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))


@pytest.fixture(autouse=True, scope="session")
def no_languagetool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test starts LanguageTool but those that ask for the fixture `languagetool`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LTP_PATH", str(tmp_path_factory.mktemp("no-languagetool")))
        yield


@pytest.fixture
def languagetool(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real LanguageTool; the test is skipped where there is none."""
    if not LANGUAGETOOL or shutil.which("java") is None:
        pytest.skip("LTP_PATH is not set or there is no Java")
    monkeypatch.setenv("LTP_PATH", LANGUAGETOOL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The language server's tests first: an event loop cannot run inside that of the browser, which
    is open from its first test to the end. The Makefile has pytest-xdist keep to this order."""
    items.sort(key=lambda item: item.path.name != "test_lsp.py")


@pytest.fixture(autouse=True, scope="session")
def only_this_machine() -> Iterator[None]:
    """A connection to anywhere but this machine is an error that names the address."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            raise OSError(f"a test tried to reach {address[0]}: tests use this machine alone")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
