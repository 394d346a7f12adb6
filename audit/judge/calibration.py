"""What `scripts/calibrate.py` wrote: the trained models as data, and their digest."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

FILES = ("word_any.json", "word_serious.json", "risk.json", "edit.json")


@cache
def read(name: str) -> Any:
    """One of FILES, parsed."""
    return json.loads(files("audit.language.en").joinpath("trained", name).read_text("utf-8"))


@cache
def digest() -> str:
    """Six hexadecimal digits that change with any of the trained models, for the signature."""
    folder = files("audit.language.en").joinpath("trained")
    joined = b"".join(folder.joinpath(name).read_bytes() for name in FILES)
    return hashlib.sha256(joined).hexdigest()[:6]
