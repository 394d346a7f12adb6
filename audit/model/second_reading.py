"""What a second reader, a large language model, says of a story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from audit.model.category import Severity
from audit.model.text import Reading

Scope = Literal["doubtful", "all"]
"""Which sentences the second reader is asked about: doubtful and unaccompanied ones, or all."""

Ask = Literal["find", "verify", "both"]
"""What it is asked: which words are faulty, whether serious findings are faults, or both."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A fault that the second reader sees, after its answer was checked.

    `why` is its reason on one line; "" if it named what nobody else has. `suggestion` is what to
    write instead of `quote`, None if it gave none that can be believed. `witness` is the place of
    another version from which it knows.
    """

    version: str
    start: int
    end: int
    quote: str
    category: str
    severity: Severity
    suggestion: str | None
    why: str
    witness: Reading | None = None


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What the second reader read of a story.

    `read` of the story's `of` sentences were asked about, `left` were not for want of budget.
    `verified` findings were put to it, `denied` of them it holds for no faults. `dropped` counts,
    by reason, what was not believed. `tokens` is what the answers of this run cost; what was kept
    of earlier runs costs nothing. `calibrated` says whether its answers were measured: otherwise
    they change no finding and no score.
    """

    model: str
    calibrated: bool
    of: int
    read: int = 0
    left: int = 0
    verified: int = 0
    denied: int = 0
    tokens: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
