"""What the page calls the versions of a spot check.

An id that follows from a text, or that the store gave, tells an editor nothing. Such a version is
called "Text 2", by the name of its file or by its outlet, wherever the page or a report names it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from audit.model import AuditResult, Version
from audit.report.json import loads, to_dict
from audit.serve.schemas import Failure


@dataclass(frozen=True, slots=True)
class Called:
    """The names of versions by their ids; a version without one is called by its id."""

    names: Mapping[str, str]

    def with_siblings(self, siblings: Iterable[Version]) -> Called:
        """These names and those of versions that the store had: their outlets."""
        names = dict(self.names)
        for sibling in siblings:
            names[sibling.id] = distinct(sibling.outlet or sibling.url or sibling.id, names)
        return Called(names)

    def id(self, name: str) -> str:
        """The id of the version that is called so."""
        return next((v for v, own in self.names.items() if own == name), name)

    def result(self, result: AuditResult) -> AuditResult:
        """The result with names for ids, also in the middle of messages."""
        # What is written is read again as it was, and no text has an id of ours in it.
        named = loads(self._named(json.dumps(to_dict(result)), lambda name: json.dumps(name)[1:-1]))
        return replace(named, versions=tuple(sorted(named.versions, key=lambda v: v.version.id)))

    def failure(self, failure: Failure) -> Failure:
        """The failure with names for ids."""
        return Failure(kind=failure.kind, message=self._named(failure.message, str))

    def _named(self, text: str, written: Callable[[str], str]) -> str:
        # The longest first: the id of a text that was pasted twice begins like that of the first.
        for version in sorted(self.names, key=len, reverse=True):
            text = text.replace(written(version), written(self.names[version]))
        return text


@dataclass(frozen=True, slots=True)
class Asked:
    """What a spot check is about: the story's id, its versions, and what these are called."""

    story: str
    versions: tuple[Version, ...]
    called: Called


def distinct(name: str, names: Mapping[str, str]) -> str:
    """The name, with a number behind it if another version has it already."""
    taken, number, free = set(names.values()), 2, name
    while free in taken:
        free = f"{name} ({number})"
        number += 1
    return free
