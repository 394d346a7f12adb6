"""How much the answers of one model are worth, measured on pages whose faults are known.

`scripts/judge_eval.py` measures and writes the file, which lies beside the settings. A model that
was not measured is heard and not believed: what it finds are suspicions, and what it says of
findings changes none.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audit.disk import write_whole
from audit.errors import ConfigurationError
from audit.second_reader.prompts import PROMPT

CAUTIOUS = 0.25
"""Confidence of what a model finds that was not measured: below the bar of a finding."""

PRIOR = 10.0
"""Answers of one category that weigh as much as those of all categories together: of few answers
little is known (empirical Bayes; Efron and Morris 1975)."""

HIGHEST = 0.95
"""No confidence is higher: the sets that measure a model are small, and made up."""

Share = tuple[int, int]
"""How many were right, and how many not."""


class Measured(BaseModel):
    """What was measured of one model with one wording of the questions.

    `found` counts what it marked by category: faults, and no faults. `verified` counts by its
    answer the findings that are faults, and those that are none. `measured_on` says on which data
    and when.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: str
    measured_on: str
    found: Mapping[str, Share] = Field(default_factory=dict)
    verified: Mapping[str, Share] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How much the answers of a model are worth; `measured` is None if that is not known."""

    measured: Measured | None = None

    @property
    def digest(self) -> str:
        """Six hexadecimal digits that change with what was measured."""
        if self.measured is None:
            return "uncalibrated"
        return hashlib.sha256(self.measured.model_dump_json().encode()).hexdigest()[:6]

    def confidence(self, category: str) -> float:
        """Probability that what the model marks as of this category is a fault."""
        if self.measured is None:
            return CAUTIOUS
        found = self.measured.found
        right, wrong = (sum(share[i] for share in found.values()) for i in (0, 1))
        overall = (right + 1) / (right + wrong + 2)
        own_right, own_wrong = found.get(category, (0, 0))
        share = (own_right + PRIOR * overall) / (own_right + own_wrong + PRIOR)
        return round(min(HIGHEST, share), 4)

    def after(self, confidence: float, answer: str) -> float:
        """Confidence of a finding after the model's answer about it (Bayes' rule)."""
        if self.measured is None:
            return confidence
        verified = self.measured.verified
        faults, sound = (sum(share[i] for share in verified.values()) for i in (0, 1))
        if not faults or not sound:
            return confidence
        own_faults, own_sound = verified.get(answer, (0, 0))
        ratio = ((own_faults + 0.5) / (faults + 1)) / ((own_sound + 0.5) / (sound + 1))
        odds = math.log(max(confidence, 1e-6) / max(1 - confidence, 1e-6)) + math.log(ratio)
        return round(min(HIGHEST, max(0.01, 1 / (1 + math.exp(-odds)))), 4)


def read(file: Path, model: str) -> Calibration:
    """What a file says of a model with the present wording of the questions.

    Raises ConfigurationError if the file cannot be read.
    """
    if not file.exists():
        return Calibration()
    measured = _all(file).get(model)
    return Calibration(measured if measured and measured.prompt == PROMPT else None)


def write(file: Path, model: str, measured: Measured) -> None:
    """Put what was measured of a model into the file, beside what it says of others."""
    known = _all(file) if file.exists() else {}
    models = {name: m.model_dump(mode="json") for name, m in (known | {model: measured}).items()}
    text = json.dumps({"models": models}, ensure_ascii=False, indent=1, sort_keys=True)
    write_whole(file, f"{text}\n".encode())


def _all(file: Path) -> dict[str, Measured]:
    try:
        models: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["models"]
        return {name: Measured.model_validate(m) for name, m in models.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError) as e:
        why = str(e).strip().split("\n", 1)[0]
        raise ConfigurationError(
            f"{file}: cannot be read as calibrations of second readers: {why}; remove it, or write "
            "it anew with scripts/judge_eval.py"
        ) from e
