"""One engine for all tests with default settings, so that its models are loaded once."""

from __future__ import annotations

from functools import cache

from audit.config import Settings
from audit.pipeline import Engine


@cache
def engine() -> Engine:
    """The engine; tests must not change it."""
    return Engine(Settings())
