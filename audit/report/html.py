"""HTML: one self-contained page that asks nothing of the network and reads without scripts."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote

from audit.model import CATEGORIES, SEVERITIES, AuditResult
from audit.report import figures, words
from audit.report.drawn import Drawn, draw
from audit.report.passages import clip
from audit.report.shown import View
from audit.report.words import count

if TYPE_CHECKING:
    from jinja2 import Environment

SIGN = {"critical": "‼", "major": "!", "minor": "·"}
"""What stands beside the colour of a severity."""

_QUOTE = 240
_TEMPLATE = "report.html.j2"


def render(result: AuditResult) -> str:
    """The report of one story as an HTML page."""
    return page(draw(result))


def page(drawn: Drawn) -> str:
    """The report of a drawn result as an HTML page."""
    view = drawn.view
    present = {f.finding.category for f in view.faults}
    return fill(
        _TEMPLATE,
        "report.js",
        view=view,
        figures=drawn.charts,
        curves=drawn.curves,
        descent=drawn.descent,
        words=words,
        categories=CATEGORIES.values(),
        present=[c for c in CATEGORIES.values() if c.id in present],
        severities=tuple(reversed(SEVERITIES)),
        lowest=_lowest(view),
    )


def moved(story: str, into: str, file: str) -> str:
    """A page that leads from the folder of a story to a file of the one that it is part of."""
    href = f"../{quote(into, safe='')}/{file}"
    template = _environment().get_template("moved.html.j2")
    return template.render(story=story, into=into, href=href)


def load() -> None:
    """Load what draws and fills a page, which the first page would do otherwise."""
    figures.load()
    _environment().get_template(_TEMPLATE)


def fill(template: str, script: str, *, style: str = "", **values: object) -> str:
    """A template of this package with its script and the style of reports, to which that of a file
    `style` is added; both are allowed by their hashes alone."""
    style, code = _text("report.css") + (_text(style) if style else ""), _text(script)
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(code)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return filled(template, style=style, script=code, policy=policy, **values)


def filled(template: str, **values: object) -> str:
    """A template of this package, everything in it escaped."""
    return _environment().get_template(template).render(sign=SIGN, count=count, **values)


def _lowest(view: View) -> float:
    """Where the score axis of the ranking begins."""
    return max(0.0, min([90.0, *(v.result.score.low for v in view.versions)]) - 2)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _text(name: str) -> str:
    return (files("audit.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clip"] = partial(clip, limit=_QUOTE)
    return environment
