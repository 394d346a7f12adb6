"""Charts of a result, each with its numbers as a table.

Every chart is deterministic and labels its data directly. Colour alone carries no meaning. The
palette is that of Okabe and Ito (2008), which readers with colour-vision deficiencies can see.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.model import CATEGORIES, PENALTY, Descent, Severity, touched
from audit.report.figures import FAINT, Chart, canvas
from audit.report.passages import clip, visible
from audit.report.shown import CellView, Fault, VersionView, View
from audit.report.words import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BLUE, _GREEN, _RED = "#0072b2", "#009e73", "#d55e00"
_COLOUR: dict[Severity, str] = {"minor": "#56b4e9", "major": "#e69f00", "critical": _RED}
_GLYPH: dict[Severity, str] = {"minor": "·", "major": "!", "critical": "‼"}
_MARKER: dict[Severity, str] = {"minor": "o", "major": "s", "critical": "D"}
_LABEL = 24
_ROW = 0.26
"""Inches of height for one line of a chart."""
_CURVE, _APART = 6.1, 0.13
"""Inches of a surprisal curve, and at least between two of its labels."""


@dataclass(frozen=True, slots=True)
class Night:
    """What one night's run found at one outlet."""

    label: str
    findings: int
    sentences: int


def charts(view: View) -> tuple[Chart, ...]:
    """The charts of one story: scores, heat strip, findings by category."""
    if not view.versions:
        return ()
    found = [scores(view)]
    if view.rows:
        found.append(heat_strip(view))
    if view.faults:
        found.append(categories(view))
    return tuple(found)


def scores(view: View) -> Chart:
    """Score of every version as a dot with its 95 % interval."""
    versions = view.versions
    all_scores = [v.result.score for v in versions]
    with canvas(_ROW * len(versions), _margin(_name(v) for v in versions)) as (figure, axes):
        _dots(axes, [(s.value, s.low, s.high) for s in all_scores], _BLUE)
        lowest = min(90.0, *(s.low for s in all_scores)) - 2
        axes.set_xlim(max(0.0, lowest), 100.5)
        for y, s in enumerate(all_scores):
            axes.annotate(f"{s.value:.1f}", (1, y), xycoords=("axes fraction", "data"), va="center",
                          xytext=(4, 0), textcoords="offset points")  # fmt: skip
        _lines(axes, [_name(v) for v in versions])
        axes.set_xlabel("Score of 100, with 95 % interval")
    rows = tuple(
        (_name(v), f"{s.value:.1f}", f"{s.low:.1f} to {s.high:.1f}", f"{s.words:,}")
        for v, s in zip(versions, all_scores, strict=True)
    )
    best, worst = versions[0], versions[-1]
    alt = (
        f"Scores of {count(len(versions), 'version')}, from {_name(best)} at {rows[0][1]} "
        f"to {_name(worst)} at {rows[-1][1]}."
    )
    return Chart("scores", "Scores", alt, ("Version", "Score", "Interval", "Words"), rows, figure)


def heat_strip(view: View) -> Chart:
    """Worst fault of every version in every row, in the order of the story."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    versions = view.versions
    with canvas(_ROW * len(versions), _margin(_name(v) for v in versions)) as (figure, axes):
        painted: dict[Severity | None, list[Rectangle]] = {None: [], **{s: [] for s in PENALTY}}
        for row in view.rows:
            for y, cell in enumerate(row.cells):
                if cell is not None:
                    box = Rectangle((row.number - 0.45, y - 0.4), 0.9, 0.8)
                    painted[cell.severity].append(box)
                    if cell.severity:
                        glyph = _GLYPH[cell.severity]
                        axes.text(row.number, y, glyph, ha="center", va="center_baseline",
                                  color="#000000", fontsize=8, fontweight="bold")  # fmt: skip
        for severity, boxes in painted.items():
            colour, alpha = (_COLOUR[severity], 1.0) if severity else (FAINT, 0.25)
            axes.add_collection(
                PatchCollection(boxes, facecolor=colour, edgecolor="none", alpha=alpha)
            )
        axes.set_xlim(0.4, max(12, len(view.rows)) + 0.6)
        axes.set_xticks(range(1, len(view.rows) + 1, max(1, len(view.rows) // 16)))
        _lines(axes, [_name(v) for v in versions])
        axes.spines["bottom"].set_visible(False)
        axes.set_xlabel(
            "Row of the story (‼ critical, ! major, · minor; grey: no fault, gap: absent)"
        )
    rows = tuple(
        (_name(v), *(str(sum(_has(c, s) for c in cells)) for s in ("critical", "major", "minor")),
         str(sum(_has(c, None) for c in cells)), str(cells.count(None)))
        for i, v in enumerate(versions)
        for cells in ([r.cells[i] for r in view.rows],)
    )  # fmt: skip
    alt = (
        f"{count(len(view.rows), 'row')} of the story across, "
        f"{count(len(versions), 'version')} down; each cell shows the worst fault of that version "
        "there. The table counts the cells."
    )
    columns = ("Version", "Critical", "Major", "Minor", "No fault", "Absent")
    return Chart("heat", "Where the faults lie", alt, columns, rows, figure)


def _has(cell: CellView | None, severity: Severity | None) -> bool:
    return cell is not None and cell.severity == severity


def categories(view: View) -> Chart:
    """Findings per 100 sentences by category, all versions together, and the worst version."""
    sentences = {v.id: len(v.result.sentences) for v in view.versions}
    found = Counter(f.finding.category for f in view.faults)
    each = Counter((f.finding.category, f.version.id) for f in view.faults)
    shown = sorted((c for c in CATEGORIES if found[c]), key=lambda c: -found[c])
    labels = [CATEGORIES[c].label for c in shown]
    with canvas(_ROW * len(shown), _margin(labels)) as (figure, axes):
        per = 100 / max(1, sum(sentences.values()))
        rates = [(n * per, *_poisson(n, per)) for n in (found[c] for c in shown)]
        _dots(axes, rates, _GREEN)
        rows, peaks = [], []
        for y, (category, (rate, low, high)) in enumerate(zip(shown, rates, strict=True)):
            worst, most = _worst(view, category, each, sentences)
            peaks.append(most)
            axes.annotate(worst.letter, (most, y), ha="center", va="center", fontsize=8,
                          fontweight="bold", xytext=(0, 0), textcoords="offset points",
                          bbox={"boxstyle": "circle,pad=0.18", "fc": "#ffffff", "ec": FAINT},
                          color="#000000")  # fmt: skip
            interval = f"{low:.1f} to {high:.1f}"
            said = f"{_name(worst)}: {most:.1f}"
            rows.append((labels[y], str(found[category]), f"{rate:.1f}", interval, said))
        _lines(axes, labels)
        axes.set_xlim(0, 1.04 * max(*(r[2] for r in rates), *peaks))
        axes.set_xlabel(
            "Findings per 100 sentences: all versions with 95 % interval; letter: the worst version"
        )
    alt = (
        f"Findings per 100 sentences in {len(shown)} categories; "
        f"the most frequent is {labels[0].lower()} with {rows[0][2]}."
    )
    columns = ("Category", "Findings", "Per 100 sentences", "Interval", "Worst version")
    return Chart("categories", "What kind of faults", alt, columns, tuple(rows), figure)


def _worst(
    view: View, category: str, each: Counter[tuple[str, str]], sentences: dict[str, int]
) -> tuple[VersionView, float]:
    rates = [(100 * each[category, v.id] / max(1, sentences[v.id]), v) for v in view.versions]
    rate, worst = max(rates, key=lambda r: r[0])
    return worst, rate


def _poisson(events: int, scale: float) -> tuple[float, float]:
    """95 % interval of an expected number of events, times `scale`, by Byar's approximation.

    Source: Breslow and Day (1987), Statistical Methods in Cancer Research II, eq. 2.13.
    """
    z = 1.96
    upper = events + 1
    high = upper * (1 - 1 / (9 * upper) + z / (3 * math.sqrt(upper))) ** 3
    if not events:
        return 0.0, high * scale
    low = events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3
    return max(0.0, low) * scale, high * scale


def surprisal_curves(view: View) -> dict[str, Chart]:
    """The surprisal curve of every version that a language model has read, by version letter."""
    return {v.letter: surprisal_curve(view, v) for v in view.versions if v.result.surprisal}


def surprisal_curve(view: View, version: VersionView) -> Chart:
    """Mean surprisal of each sentence of a version, in nats; its faults marked by their tags."""
    sentences = version.result.sentences
    values = [math.nan if n is None else n for n in version.result.surprisal]
    found: dict[int, list[Fault]] = {}
    for fault in sorted(view.faults_of(version), key=lambda f: f.number):
        for at in touched(sentences, fault.finding.start, fault.finding.end)[:1]:
            found.setdefault(at, []).append(fault)
    with canvas(1.5, 0.55) as (figure, axes):
        x = range(1, len(values) + 1)
        axes.plot(x, values, color=_BLUE, linewidth=1.2, marker=".", markersize=3)
        labelled: list[int] = []
        marked: dict[Severity, list[int]] = {s: [] for s in PENALTY}
        for at, faults in sorted(found.items(), key=lambda f: f[1][0].number):
            if math.isnan(values[at]):
                continue
            severity = faults[0].finding.severity
            marked[severity].append(at)
            if all(abs(at - other) * _CURVE > _APART * len(values) for other in labelled):
                labelled.append(at)
                more = f" +{len(faults) - 1}" if len(faults) > 1 else ""
                axes.annotate(
                    f"{_GLYPH[severity]} {faults[0].category.tag}{more}", (at + 1, values[at]),
                    xytext=(0, 5), textcoords="offset points", rotation=90, fontsize=7,
                    ha="center", va="bottom",
                )  # fmt: skip
        for severity, places in marked.items():
            axes.plot([at + 1 for at in places], [values[at] for at in places], _MARKER[severity],
                      color=_COLOUR[severity], markeredgecolor="#000000", markeredgewidth=0.5,
                      markersize=6)  # fmt: skip
        axes.set_xlim(0.4, len(values) + 0.6)
        axes.set_xticks(range(1, len(values) + 1, max(1, len(values) // 6)))
        highest = max([1.0, *(n for n in values if not math.isnan(n))])
        axes.set_ylim(0, highest * 1.9)
        axes.set_yticks([0, highest], ["0", f"{highest:.1f}"])
        axes.set_xlabel("Sentence of the version (‼ critical, ! major, · minor)")
        axes.set_ylabel("Nats a word")
    text = version.result.version.text
    rows = tuple(
        (
            str(at + 1),
            _safe(text[s.start : s.end], 60),
            "no words" if math.isnan(n) else f"{n:.2f}",
            "; ".join(f"{f.category.label} ({f.finding.severity})" for f in found.get(at, ()))
            or "none",
        )
        for at, (s, n) in enumerate(zip(sentences, values, strict=True))
    )
    peak = max(range(len(values)), key=lambda i: -1.0 if math.isnan(values[i]) else values[i])
    alt = (
        f"Mean surprisal of {count(len(values), 'sentence')} of {_name(version)} in nats a word; "
        f"the highest is {rows[peak][2]} in sentence {peak + 1}. "
        f"{count(len(found), 'sentence')} with faults marked."
    )
    title = f"Surprisal of {_name(version)}"
    columns = ("Sentence", "Words", "Nats a word", "Faults")
    return Chart(f"surprisal-{version.letter}", title, alt, columns, rows, figure)


def descent(view: View, tree: Sequence[Descent]) -> Chart:
    """Which version descends from which; the support of each step stands on its line.

    Raises ValueError if versions descend from each other in a circle.
    """
    parent = {d.version: d.parent for d in tree}
    ordered = _by_descent(parent)
    depth = {v: _depth(parent, v) for v in parent}
    at = {v: (depth[v], y) for y, v in enumerate(ordered)}
    with canvas(0.36 * len(ordered), 0.1) as (figure, axes):
        for d in tree:
            x, y = at[d.version]
            if d.parent is not None:
                px, py = at[d.parent]
                axes.plot([px, px, x], [py, y, y], color=FAINT, linewidth=1.2, zorder=1)
                axes.text(x - 0.1, y - 0.12, f"{d.support:.0%}", fontsize=7, ha="right")
            marker = "o" if d.parent is not None or d.version in parent.values() else "s"
            axes.plot([x], [y], marker, color=_BLUE, markersize=7, zorder=2)
            axes.text(x + 0.06, y, _name(view.version(d.version)), va="center")
        axes.set_xlim(-0.15, max(depth.values(), default=0) + 1.4)
        axes.set_ylim(len(ordered) - 0.5, -0.5)
        axes.axis("off")
    rows = tuple(
        (
            _name(view.version(d.version)),
            _name(view.version(d.parent)) if d.parent else "undetermined",
            f"{d.support:.0%}" if d.parent else "–",
            _safe(d.why, 80),
        )
        for d in tree
    )
    known = sum(d.parent is not None for d in tree)
    alt = (
        f"Family tree of {count(len(tree), 'version')}; the parent of {known} could be determined."
    )
    return Chart("tree", "Family tree", alt, ("Version", "From", "Support", "Why"), rows, figure)


def _depth(parent: dict[str, str | None], version: str) -> int:
    up = parent[version]
    return 0 if up is None else 1 + _depth(parent, up)


def _by_descent(parent: dict[str, str | None]) -> list[str]:
    """Every version directly below its parent's earlier children."""

    def below(version: str) -> list[str]:
        children = sorted(c for c, p in parent.items() if p == version)
        return [version, *(x for c in children for x in below(c))]

    ordered = [x for root in sorted(v for v, p in parent.items() if p is None) for x in below(root)]
    if len(ordered) != len(parent):
        lost = ", ".join(sorted(parent.keys() - set(ordered)))
        raise ValueError(f"family tree: versions descend from each other in a circle: {lost}")
    return ordered


def control_chart(outlet: str, nights: Sequence[Night]) -> Chart:
    """An outlet's findings per 100 sentences over nights, with 3-sigma limits.

    A u-chart (Montgomery, Introduction to Statistical Quality Control, ch. 7.3): mean rate u,
    limits u ± 3·√(u/n) with n the sentences of the night, in hundreds.
    """
    with canvas(1.7, 0.8) as (figure, axes):
        size = [n.sentences / 100 for n in nights]
        mean = sum(n.findings for n in nights) / max(1e-9, sum(size))
        rates = [n.findings / s if s else math.nan for n, s in zip(nights, size, strict=True)]
        spread = [3 * math.sqrt(mean / s) if s else math.nan for s in size]
        low, high = [max(0.0, mean - d) for d in spread], [mean + d for d in spread]
        x = range(len(nights))
        axes.fill_between(x, low, high, step="mid", color=_BLUE, alpha=0.12, linewidth=0)
        axes.axhline(mean, color=FAINT, linewidth=1)
        axes.plot(x, rates, "o-", color=_BLUE, linewidth=1, markersize=4)
        beyond = [i for i in x if not math.isnan(rates[i]) and not low[i] <= rates[i] <= high[i]]
        for i in beyond:
            axes.plot([i], [rates[i]], "D", color=_RED, markersize=7)
            axes.annotate(_safe(nights[i].label), (i, rates[i]), xytext=(0, 6), ha="center",
                          textcoords="offset points", fontsize=7)  # fmt: skip
        step = max(1, len(nights) // 8)
        axes.set_xticks(list(x)[::step], [_safe(n.label) for n in nights][::step], fontsize=7)
        axes.set_ylabel("Findings per\n100 sentences")
        axes.set_ylim(0, 1.2 * max(1.0, *(v for v in (*rates, *high) if not math.isnan(v))))
    rows = tuple(
        (_safe(n.label), str(n.findings), f"{n.sentences:,}", f"{rates[i]:.1f}",
         f"{low[i]:.1f} to {high[i]:.1f}", "outside" if i in beyond else "within")
        for i, n in enumerate(nights)
    )  # fmt: skip
    alt = (
        f"{_safe(outlet)}: mean {mean:.1f} findings per 100 sentences over "
        f"{count(len(nights), 'night')}; {len(beyond)} outside the control limits."
    )
    columns = ("Night", "Findings", "Sentences", "Per 100", "Limits", "Verdict")
    return Chart("control", f"{_safe(outlet)} over nights", alt, columns, rows, figure)


def _margin(labels: Iterable[str]) -> float:
    """Inches for the longest of some labels at the left."""
    return 0.25 + 0.076 * max(map(len, labels))


def _dots(axes: Axes, values: Sequence[tuple[float, float, float]], colour: str) -> None:
    """Values as dots, each on a line from low to high, one below another."""
    y = range(len(values))
    axes.hlines(
        y, [v[1] for v in values], [v[2] for v in values], color=colour, linewidth=2.5, alpha=0.5
    )
    axes.plot([v[0] for v in values], y, "o", color=colour, markersize=6)


def _lines(axes: Axes, labels: Sequence[str]) -> None:
    """Name the lines of a chart, the first on top."""
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)


def _name(version: VersionView) -> str:
    return f"{version.letter}  {_safe(version.name)}"


def _safe(text: str, limit: int = _LABEL) -> str:
    return clip(visible(text), limit)
