"""Figures drawn by matplotlib, as SVG fit for any page, or PNG, with alt text and a table."""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.2
"""Inches; the text width of a page."""

INK = "#1b1b1b"
"""Drawn as `currentColor` in SVG."""
FAINT = "#8a8a8a"
"""Lines of no weight; 3:1 on white and on near-black."""

_RC: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mtaudit",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 8,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "ytick.left": False,
    "path.snap": False,
}
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True)
class Chart:
    """A figure with the words for those who cannot see it and the numbers that it shows."""

    name: str
    title: str
    alt: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figure: Figure = field(repr=False)

    def svg(self) -> str:
        """An `<svg>` element without scripts, style attributes or ids that other charts have.

        Its ink is `currentColor`, so that it follows the page from light to dark.
        """
        return self._svg

    @cached_property
    def _svg(self) -> str:
        from matplotlib import rc_context

        buffer = io.StringIO()
        with rc_context(_RC), warnings.catch_warnings():
            # Glyphs are drawn by the reader's fonts, not by matplotlib's.
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            self.figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
        return _cleaned(buffer.getvalue(), self.name, self.alt)

    def png(self, dpi: int = 160) -> bytes:
        """The chart as an opaque PNG image."""
        from matplotlib import rc_context

        buffer = io.BytesIO()
        with rc_context(_RC), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            self.figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
        return buffer.getvalue()


def load() -> None:
    """Load matplotlib, which the first figure would do otherwise."""
    import matplotlib.backends.backend_svg
    import matplotlib.figure  # noqa: F401


@contextmanager
def canvas(height: float, left: float) -> Iterator[tuple[Figure, Axes]]:
    """An empty figure to draw on, `height` inches of it for data, `left` for the labels there.

    Margins are fixed: matplotlib's layout engines double the time to draw. Text must be added
    inside the `with` block, where it is never read as mathematics.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    below, above, right = 0.48, 0.06, 0.5
    total = height + below + above
    with rc_context(_RC):
        figure = Figure(figsize=(WIDTH, total))
        box = (left / WIDTH, below / total, (WIDTH - left - right) / WIDTH, height / total)
        yield figure, figure.add_axes(box)


def _cleaned(svg: str, name: str, alt: str) -> str:
    """Strip matplotlib's SVG to one element that can stand in any page beside others."""
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ET.fromstring(svg)  # noqa: S314 (matplotlib's own output, not a file from elsewhere)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)
    for element in root.iter():
        _plain(element, name)
    root.attrib.pop("width"), root.attrib.pop("height"), root.attrib.pop("version", None)
    root.attrib |= {
        "role": "img",
        "aria-label": alt,
        "class": f"chart {name}",
        "stroke-linejoin": "round",
        "font-family": "Noto Sans, system-ui, sans-serif",
    }
    return ET.tostring(root, encoding="unicode")


def _plain(element: ET.Element, name: str) -> None:
    """Turn a style attribute, which a strict page refuses, into plain ones; make ids unique."""
    for declaration in element.attrib.pop("style", "").split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key == "font":
            size = re.search(r"[\d.]+px", value)
            weight = re.search(r"\b(bold|[1-9]00)\b", value)
            element.set("font-size", size.group() if size else "9px")
            if weight:
                element.set("font-weight", weight.group())
        elif key and key != "font-family":
            element.set(key, value)
    for key in ("fill", "stroke"):
        if element.get(key) == INK:
            element.set(key, "currentColor")
    if element.tag == f"{{{_SVG}}}text" and "fill" not in element.attrib:
        element.set("fill", "currentColor")
    if "id" in element.attrib:
        element.set("id", f"{name}-{element.get('id')}")
    for key in (_XLINK, "clip-path"):
        if key in element.attrib:
            element.set(key, element.attrib[key].replace("#", f"#{name}-", 1))
