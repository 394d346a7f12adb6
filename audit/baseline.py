"""The baseline: a file of findings that somebody said are no faults, `mtaudit-baseline.toml`.

    [[known]]
    category = "wrong-term"
    quote = "Tokaj administration"
    story = "seeds"
    who = "Ada"
    on = 2026-11-25
    why = "the wine house, not the president"
    until = 2027-02-01

An entry stands for every finding of that category that quotes these words, whatever their spacing,
in the story of an id (`story`), in the articles of an outlet (`outlet`) or everywhere
(`everywhere = true`). With `rule = "wrong-term"` in place of `category` and `quote` it stands for
all that the rule finds there. It holds up to the end of `until`, UTC, or for good. Entries are kept
sorted, so that two people who add some get along in git.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from audit.disk import write_whole
from audit.errors import ConfigurationError, InputError
from audit.model import CATEGORIES, Suppression, one_line

LOCK_SECONDS = 30.0
"""So long a change waits for another program that changes the file, seconds."""

_HEADER = re.compile(r"\s*\[\[\s*known\s*\]\]")
_WORDS = ("category", "quote")
_SAID = ("who", "on", "why")
_SCOPES = ("story", "outlet", "everywhere")
_KEYS = (*_WORDS, "rule", *_SAID, *_SCOPES, "until")
_HEAD = """\
# Findings that are no faults: mtaudit leaves them out and counts them apart.
# `mtaudit baseline write` adds entries, `mtaudit baseline prune` drops those that no longer hold.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what is no fault and where, who said so, when and why.

    Without `quote` it is about all of its category, which is the id of the rule that finds it.
    Without `story` and `outlet` it holds everywhere. `until` is its last day, None if it has none.
    """

    category: str
    quote: str | None
    who: str
    on: date
    why: str
    story: str | None = None
    outlet: str | None = None
    until: date | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is about; an entry takes the place of another with the same key."""
        return self.category, one_line(self.quote or ""), self.story or "", self.outlet or ""

    @property
    def what(self) -> str:
        """What it is about, in words."""
        return self.category if self.quote is None else f"{self.category} “{self.quote}”"

    @property
    def scope(self) -> str:
        """Where it holds, in words."""
        if self.story is not None:
            return f"story {self.story}"
        return "everywhere" if self.outlet is None else f"outlet {self.outlet}"

    def holds(self, today: date) -> bool:
        """Whether it has not expired."""
        return self.until is None or today <= self.until

    def covers(self, story: str, outlet: str | None) -> bool:
        """Whether it is about an article of an outlet in a story."""
        return self.story in (None, story) and self.outlet in (None, outlet)

    def is_about(self, category: str, quote: str) -> bool:
        """Whether it is about a finding of a category that quotes these words."""
        words = None if self.quote is None else one_line(self.quote)
        return self.category == category and words in (None, one_line(quote))

    def is_stale(self, story: str, texts: Iterable[str]) -> bool:
        """Whether it is about that story alone, and none of its texts has the words any more: the
        fault was mended, and it keeps nothing out."""
        return self.story == story and self.is_gone_from(texts)

    def is_gone_from(self, texts: Iterable[str]) -> bool:
        """Whether it is about words that none of these texts has."""
        if self.quote is None:
            return False
        quote = one_line(self.quote)
        return not any(quote in one_line(text) for text in texts)

    def suppression(self, source: str) -> Suppression:
        """It as what keeps a finding out."""
        at = datetime.combine(self.on, time(), UTC)
        return Suppression(self.who, self.why, at, source, self.until)


def read(file: Path) -> tuple[Entry, ...]:
    """The entries of a file.

    Raises ConfigurationError, with the line, if it is not there or an entry is malformed.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as e:
        raise ConfigurationError(
            f"{file}: is not there: `mtaudit baseline write` makes it, or take the setting "
            "baseline out"
        ) from e
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigurationError(f"{file}: cannot be read: {e}") from e
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise ConfigurationError(f"{file}: not valid TOML: {e}; mend that line") from e
    if unknown := sorted(tables.keys() - {"known"}):
        raise ConfigurationError(
            f"{file}: unknown table {', '.join(unknown)}; entries are tables [[known]]"
        )
    known = tables.get("known", [])
    lines = [n for n, line in enumerate(text.split("\n"), 1) if _HEADER.match(line)]
    if not isinstance(known, list) or len(known) != len(lines):
        raise ConfigurationError(f"{file}: write each entry as a table [[known]] on its own line")
    entries = []
    for line, table in zip(lines, known, strict=True):
        try:
            entries.append(_entry(table))
        except ValueError as e:
            raise ConfigurationError(f"{file}:{line}: {e}") from e
    return tuple(entries)


def dumps(entries: Iterable[Entry]) -> str:
    """The text of a file of these entries, sorted."""
    return "\n".join([_HEAD, *map(_table, sorted(entries, key=lambda e: e.key))])


def add(file: Path, entries: Iterable[Entry]) -> int:
    """Add entries to a file, each in place of one about the same; returns how many are new.

    Raises ConfigurationError if what is there cannot be read, InputError if it cannot be written.
    """
    added = {e.key: e for e in entries}
    if not added:
        return 0
    with _changing(file) as known:
        new = len(added.keys() - known.keys())
        known.update(added)
    return new


def drop(file: Path, entries: Collection[Entry]) -> bool:
    """Take entries out of a file, and say whether any was there. Raises as `add` does."""
    gone = {e.key for e in entries}
    with _changing(file) as known:
        before = len(known)
        for key in gone & known.keys():
            del known[key]
        return len(known) < before


@contextmanager
def _changing(file: Path) -> Iterator[dict[tuple[str, str, str, str], Entry]]:
    """The entries of a file by their keys; as they are at the end of the block they are written.

    One process at a time changes the file. It is replaced as a whole, and on the disk by then.
    """
    from filelock import FileLock

    try:
        with FileLock(file.parent / f".{file.name}.lock", timeout=LOCK_SECONDS):
            known = {e.key: e for e in read(file)} if file.exists() else {}
            yield known
            write_whole(file, dumps(known.values()).encode())
    except OSError as e:
        raise InputError(str(file), f"cannot be written: {e.strerror or e}") from e


def digest(parts: Iterable[object]) -> str:
    """Ten hexadecimal digits that change when any of these records changes."""
    said = sorted(map(repr, parts))
    return hashlib.sha256("\n".join(said).encode(errors="surrogatepass")).hexdigest()[:10]


def _entry(table: dict[str, Any]) -> Entry:
    """The entry of a table. Raises ValueError saying what is wrong with it."""
    if unknown := sorted(table.keys() - set(_KEYS)):
        raise ValueError(f"unknown key {', '.join(unknown)}; known are {', '.join(_KEYS)}")
    about = ("rule",) if "rule" in table else _WORDS
    if missing := [key for key in (*about, *_SAID) if key not in table]:
        raise ValueError(f"{', '.join(missing)} missing: add it to this entry")
    if "rule" in table and not table.keys().isdisjoint(_WORDS):
        raise ValueError("give either rule or category and quote")
    for key in (*about, *_SAID, "story", "outlet", "until"):
        is_date = key in ("on", "until")
        value = table.get(key)
        if key in table and type(value) is not (date if is_date else str):
            raise ValueError(f"{key} must be {'a date, 2026-11-25' if is_date else 'a text'}")
        if value is not None and not is_date and not value.strip():
            raise ValueError(f"{key} is empty: say it")
    if (category := table[about[0]]) not in CATEGORIES:
        known = ", ".join(sorted(CATEGORIES))
        raise ValueError(f"unknown {about[0]} {category}; known are {known}")
    if sum(key in table for key in _SCOPES) != 1 or table.get("everywhere", True) is not True:
        raise ValueError("say where it holds: story, outlet or everywhere = true, one of them")
    said = {k: v for k, v in table.items() if k not in ("rule", "everywhere", *_WORDS)}
    return Entry(category, table.get("quote"), **said)


def _table(entry: Entry) -> str:
    lines = ["[[known]]"]
    for key in (f.name for f in fields(entry)):
        value = getattr(entry, key)
        if value is not None:
            name = "rule" if key == "category" and entry.quote is None else key
            lines.append(f"{name} = {value if isinstance(value, date) else _quoted(value)}")
    if entry.story is None and entry.outlet is None:
        lines.append("everywhere = true")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A text as TOML's basic string; JSON's escapes are TOML's, but for DEL and lone surrogates."""
    writable = text.encode(errors="replace").decode()
    return json.dumps(writable, ensure_ascii=False).replace("\x7f", "\\u007f")
