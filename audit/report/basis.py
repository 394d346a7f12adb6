"""What a version's score rests on: how much of it could be held against other versions."""

from __future__ import annotations

from collections.abc import Mapping

from audit.model import AuditResult, VersionResult

COMPARED = 0.5
"""Share of a version's words from which on it counts as compared: of the greater part of it, a
departure from the other versions would have been seen."""

WORDS = 120
"""Words from which on a score can carry a recommendation: one major fault in fewer costs four
points and more, as much as lies between most versions of a story."""


def bases(result: AuditResult) -> Mapping[str, str]:
    """What to say of each version that could hardly be compared; by id, best score first."""
    if len(result.versions) < 2:
        return {}
    hardly = (v for v in result.ranked if v.compared < COMPARED)
    return {v.version.id: _basis(v) for v in hardly}


def percent(share: float) -> str:
    """A share of 0 to 1 in per cent; what is more than nothing is never called 0 %."""
    return "under 1 %" if 0 < share < 0.005 else f"{share:.0%}".replace("%", " %")


def _basis(version: VersionResult) -> str:
    if not version.compared:
        return "no other version has any sentence of it: judged by itself alone"
    return f"compared on {percent(version.compared)} of its words: the rest is judged by itself"
