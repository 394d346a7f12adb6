"""Which calibration the trained models are of: part of every score's signature."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

FILES = ("word_any.json", "word_serious.json", "risk.json", "edit.json")
"""What `scripts/calibrate.py` writes."""


@cache
def digest() -> str:
    """Six hexadecimal digits that change with any of the trained models."""
    folder = files("audit.judge").joinpath("data")
    joined = b"".join(folder.joinpath(name).read_bytes() for name in FILES)
    return hashlib.sha256(joined).hexdigest()[:6]
