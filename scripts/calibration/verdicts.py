"""Corrects the confidence of rules by what people said of findings that they were shown.

An accepted finding was right, a dismissed one wrong; where several people spoke, the last decides.
For each rule with enough verdicts a line in log-odds is fitted (Platt 1999, with his targets for
few cases). How good it is, is measured on versions kept out of the fit, by the Brier score (Brier
1950) and the expected calibration error over ten bins of equal width (Naeini et al. 2015).

Selection: only findings that were shown were judged, and of these only those that somebody chose to
judge. So a correction holds from the least confidence that was judged, and a rule whose correction
does not lower the Brier score of the versions kept out is left as it is.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from audit.conclude.confidence import LOG_ODDS, log_odds
from audit.store.verdicts import Verdict

FEWEST = 20
"""Least accepted and least dismissed findings of a rule: ten of the rarer kind for each of the two
numbers that are fitted (Peduzzi et al. 1996)."""

FOLDS = 5
BINS = 10

SELECTION = (
    "Only findings that were shown, and that somebody chose to judge, are counted: of what nobody "
    "was shown, or judged, this says nothing."
)


@dataclass(frozen=True)
class Judged:
    """The judged findings of one rule: versions, confidence as shown, and whether it was right."""

    rule: str
    versions: np.ndarray
    confidence: np.ndarray
    right: np.ndarray


def judged(verdicts: Iterable[Verdict], earlier: Mapping[str, Any]) -> list[Judged]:
    """What was judged, by rule. Of a rule that was corrected before, what was judged since: before
    that it was shown with another confidence. `verdicts` come oldest first."""
    last = {(v.version, v.fault): v for v in verdicts}
    of: defaultdict[str, list[tuple[str, float, bool]]] = defaultdict(list)
    for v in last.values():
        if v.finding is None:
            continue
        known = earlier.get(v.finding.rule)
        if known is None or v.at > datetime.fromisoformat(known["fitted"]):
            row = (v.version, v.finding.confidence, v.verdict == "accepted")
            of[v.finding.rule].append(row)
    return [Judged(rule, *map(np.array, zip(*of[rule], strict=True))) for rule in sorted(of)]


def refit(
    verdicts: Iterable[Verdict], earlier: Mapping[str, Any], at: datetime
) -> tuple[dict[str, Any], bool]:
    """The corrections by rule, with the earlier ones of all rules that get no new one; and whether
    any rule had enough verdicts. Prints what was judged, and a reliability table for each fit."""
    rules = dict(earlier)
    is_any = False
    for own in judged(verdicts, earlier):
        rights = int(own.right.sum())
        wrongs = len(own.right) - rights
        versions = len(set(own.versions))
        said = f"{own.rule}: {rights} accepted, {wrongs} dismissed, in {versions} versions"
        if min(rights, wrongs) < FEWEST or versions < FOLDS:
            print(f"{said}; needs {FEWEST} of each in {FOLDS} versions: left as it is")
            continue
        is_any = True
        after = _kept_out(own)
        gain = brier(own.confidence, own.right) - brier(after, own.right)
        print(f"{said}\n{table(own, after)}")
        if gain <= 0:
            print("    no better on versions kept out: left as it is")
            continue
        rules[own.rule] = _composed(own, earlier.get(own.rule), at)
    print(SELECTION)
    return rules, is_any


def line(confidence: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Intercept and slope of the log-odds of being right over those of the confidence (Platt 1999).

    Where surer findings were right less often, the slope is 0: all are as sure as the rule is.
    """
    rights = int(right.sum())
    wrongs = len(right) - rights
    target = np.where(right, (rights + 1) / (rights + 2), 1 / (wrongs + 2))
    x = _log_odds(confidence)
    model = LogisticRegression(C=1e6)
    model.fit(
        np.concatenate([x, x])[:, None],
        np.repeat([True, False], len(x)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    slope = float(model.coef_[0, 0])
    if slope > 0:
        return float(model.intercept_[0]), slope
    return log_odds((rights + 1) / (rights + wrongs + 2)), 0.0


def brier(confidence: np.ndarray, right: np.ndarray) -> float:
    """Mean squared distance of the confidence from what was right, 0 to 1 (Brier 1950)."""
    return float(np.mean((confidence - right) ** 2))


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error, 0 to 1, over bins of equal width (Naeini et al. 2015)."""
    bins = _bins(confidence)
    return sum(
        own.mean() * abs(float(confidence[own].mean() - right[own].mean()))
        for own in (bins == b for b in np.unique(bins))
    )


def table(own: Judged, after: np.ndarray) -> str:
    """How far the confidence can be relied on before and after, bin by bin."""
    lines = ["    confidence  before: n, mean, right  after, kept out: n, mean, right"]
    sets = (own.confidence, after)
    for b in range(BINS):
        cells = []
        for confidence in sets:
            inside = _bins(confidence) == b
            mean, share = (
                (f"{confidence[inside].mean():.2f}", f"{own.right[inside].mean():.2f}")
                if inside.any()
                else ("", "")
            )
            cells.append(f"{inside.sum():>9} {mean:>5} {share:>5}")
        if any(not cell.strip().startswith("0") for cell in cells):
            lines.append(f"    {b / BINS:.1f} to {(b + 1) / BINS:.1f}  " + "      ".join(cells))
    for name, measure in (("Brier score", brier), ("calibration error", calibration_error)):
        before, behind = (measure(confidence, own.right) for confidence in sets)
        lines.append(f"    {name}: {before:.3f} before, {behind:.3f} after")
    return "\n".join(lines)


def _kept_out(own: Judged) -> np.ndarray:
    """The corrected confidence of each finding by a line that its version did not teach."""
    after = np.zeros(len(own.right))
    for train, test in GroupKFold(FOLDS).split(own.confidence, own.right, own.versions):
        intercept, slope = line(own.confidence[train], own.right[train])
        after[test] = 1 / (1 + np.exp(-(intercept + slope * _log_odds(own.confidence[test]))))
    return after


def _composed(own: Judged, earlier: Mapping[str, Any] | None, at: datetime) -> dict[str, Any]:
    """The correction of a rule, on top of the one by which its findings were shown."""
    intercept, slope = line(own.confidence, own.right)
    least = float(own.confidence.min())
    if earlier is not None:
        intercept += slope * earlier["intercept"]
        slope *= earlier["weights"][LOG_ODDS]
        least = earlier["from"]
    return {
        "intercept": round(intercept, 5),
        "weights": {LOG_ODDS: round(slope, 5)},
        "from": math.floor(least * 1e4) / 1e4,
        "verdicts": len(own.right),
        "fitted": at.isoformat(),
    }


def _log_odds(confidence: np.ndarray) -> np.ndarray:
    return np.array([log_odds(float(c)) for c in confidence])


def _bins(confidence: np.ndarray) -> np.ndarray:
    return np.minimum((confidence * BINS).astype(int), BINS - 1)
