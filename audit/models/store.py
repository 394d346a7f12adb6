"""Model files as they lie on this machine: where, whether they are whole, and their digest.

They are kept under `$MTAUDIT_CACHE/models`, by default `$XDG_CACHE_HOME/mtaudit/models`;
`audit.models.fetch` brings them there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from audit.errors import ModelError
from audit.models import eight_bit
from audit.models.sources import DEFAULT, ENCODER, NEEDED, SOURCES, EncoderSource, Source

__all__ = [
    "DEFAULT",
    "ENCODER",
    "MANIFEST",
    "NEEDED",
    "SOURCES",
    "ModelStatus",
    "cache_folder",
    "digest",
    "known",
    "list_models",
    "locate",
    "problems_of",
    "quiet_transformers",
    "read_manifest",
    "sha256_of",
    "unlisted",
    "verify",
]

MANIFEST = "manifest.json"
"""Lies beside a model's files and lists their sizes and hashes."""
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
        problems = problems_of(folder)
        listed.append(
            ModelStatus(
                source.name,
                source.title,
                source.licence,
                folder,
                "missing" if not folder.is_dir() else "damaged" if problems else "ready",
                sum(f.stat().st_size for f in folder.glob("*")) if folder.is_dir() else 0,
                source.name in NEEDED,
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
    source = known(name)
    if source is None:
        return unlisted(str(name), download=False)
    folder = cache_folder() / source.folder
    command = f"run: mtaudit models fetch{'' if source.name in NEEDED else ' ' + source.name}"
    if not folder.is_dir():
        raise ModelError(f"model {source.name} is not in {folder.parent}; {command}")
    if problems := problems_of(folder):
        raise ModelError(f"model {source.name} is damaged ({problems[0]}); {command}")
    return folder


def verify(name: str | None = None) -> tuple[str, ...]:
    """What is wrong with a known model's files, every byte read; empty if nothing is.

    Raises ModelError if `name` is not one of `SOURCES`.
    """
    source = known(name)
    if source is None:
        raise ModelError(f"model {name}: only {', '.join(SOURCES)} have known hashes")
    return problems_of(cache_folder() / source.folder, thorough=True)


def digest(folder: Path) -> str:
    """Ten hexadecimal digits that identify a model's files, less what follows from them and differs
    by rounding from machine to machine: the weights in eight bits.

    Read from the manifest where there is one, else from all files of the folder (about a
    second for 500 MB).
    """
    if (folder / MANIFEST).is_file():
        hashes = {name: entry["sha256"] for name, entry in read_manifest(folder).items()}
    else:
        hashes = {f.name: sha256_of(f) for f in folder.iterdir() if f.is_file()}
    hashes.pop(eight_bit.FILE, None)
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()[:10]


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


def known(name: str | None) -> Source | EncoderSource | None:
    """The source of a model known by name, the default one's for None; None if unknown."""
    return SOURCES.get((name or DEFAULT).lower())


def unlisted(name: str, *, download: bool) -> Path:
    """The folder of a model that is not in `SOURCES`: a user's own, or a hub repository's copy.

    Raises ModelError, saying what to do, if there is none.
    """
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


def read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """Size, time of change and hash of each file of a model, by file name."""
    manifest = (folder / MANIFEST).read_text(encoding="utf-8")
    files: dict[str, dict[str, Any]] = json.loads(manifest)["files"]
    return files


def problems_of(folder: Path, *, thorough: bool = False) -> tuple[str, ...]:
    """What is missing or damaged. Unless thorough, a file is hashed only if it was touched."""
    try:
        files = read_manifest(folder)
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
            sha256_of(file) != expected["sha256"]
        ):
            problems.append(f"{name} was changed")
    return tuple(problems)


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
