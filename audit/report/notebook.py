"""HTML for a notebook's cell: the verdict, the ranking and the worst faults of a result.

No script, no address, and a style that holds inside the cell alone. The full report is
`audit.report.html`.
"""

from __future__ import annotations

from audit.model import SEVERITIES, AuditResult
from audit.report.html import filled
from audit.report.view import prepare


def render(result: AuditResult) -> str:
    """A fragment of HTML, everything in it escaped."""
    view = prepare(result)
    return filled("notebook.html.j2", view=view, severities=tuple(reversed(SEVERITIES)))
