"""What `story.toml` in a folder says of a story and its versions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from audit.errors import InputError
from audit.model import Version

__all__ = ["META", "STORY_FILE", "noted", "read_notes"]

STORY_FILE = "story.toml"

META = ("title", "url", "outlet", "published", "language")
"""What may be said of a version besides its id and text."""


def read_notes(folder: Path) -> tuple[str | None, Mapping[str, Any]]:
    """Story id and notes on versions from the folder's `story.toml`, if there is one.

    Raises InputError if it is malformed or speaks of a file that is not there.
    """
    file = folder / STORY_FILE
    if not file.is_file():
        return None, {}
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as e:
        raise InputError(str(file), f"not valid TOML: {e}") from e
    notes = data.get("versions", {})
    if not isinstance(notes, dict) or not all(isinstance(n, dict) for n in notes.values()):
        raise InputError(str(file), "`versions` must hold a table for each file")
    unknown = [
        *(data.keys() - {"id", "title", "versions"}),
        *(f"versions.{f}.{k}" for f, note in notes.items() for k in note.keys() - {*META}),
    ]
    if unknown:
        raise InputError(str(file), f"unknown key {', '.join(sorted(unknown))}")
    for name in notes:
        if not (folder / name).is_file():
            raise InputError(str(file), f"speaks of {name}, which is not in the folder")
    story_id = data.get("id")
    if story_id is not None and (not isinstance(story_id, str) or not story_id):
        raise InputError(str(file), "`id` must be a string")
    return story_id, notes


def noted(version: Version, note: Mapping[str, Any]) -> Version:
    """A version with what `story.toml` says of it; a TOML date becomes its ISO form."""
    said: dict[str, Any] = {k: str(v) for k, v in note.items()}
    return replace(version, **said)
