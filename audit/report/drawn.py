"""A result prepared and drawn, once for all reports that show its charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audit.model import AuditResult
from audit.report.charts import charts, descent, surprisal_curves
from audit.report.figures import Chart
from audit.report.shown import View
from audit.report.view import prepare


@dataclass(frozen=True, slots=True)
class Drawn:
    """What reports with charts show."""

    view: View
    charts: tuple[Chart, ...]
    """Scores, heat strip, findings by category."""
    curves: Mapping[str, Chart]
    """The surprisal curve of every version that a language model has read, by version letter."""
    descent: Chart | None
    """The family tree; None where the parent of no version is known."""


def draw(result: AuditResult) -> Drawn:
    """Prepare a result and draw its charts."""
    view = prepare(result)
    return Drawn(
        view=view,
        charts=charts(view),
        curves=surprisal_curves(view),
        descent=descent(view, view.tree.origins) if view.tree and view.tree.is_known else None,
    )
