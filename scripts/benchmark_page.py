"""The part of docs/benchmarks.md that `benchmark.py` writes: one section for each set.

What the peers reach and what is asked for stands in `benchmark_peers.toml`, under the names that
the scorer gives its figures.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BEGIN = "<!-- figures: begin -->"
END = "<!-- figures: end -->"
PEERS = Path(__file__).with_name("benchmark_peers.toml")

_SEVERITIES = {
    "serious_per_1000_words": "serious per 1,000 words",
    "minor_per_1000_words": "minor per 1,000 words",
}
_RANKING = {"tau_flat": "tau flat", "tau_item": "tau item", "system_accuracy": "system accuracy"}
_SPANS = {"span_precision": "span precision", "span_recall": "span recall", "span_f1": "span F1"}

COLUMNS: dict[str, dict[str, str]] = {
    "seeds": {
        "recall_serious": "serious recall",
        "precision_serious": "serious precision",
        "recall_all": "all recall",
        "precision_all": "all precision",
        "category_agrees": "category agrees",
        "suggestion_right": "suggestion right",
    },
    "demetr": {
        "accuracy_mean": "accuracy",
        "located_mean": "located",
        "original_flagged_serious": "undamaged flagged serious",
        "original_flagged_any": "undamaged flagged at all",
    },
    "wmt21zhen": _RANKING | _SPANS,
    "wmt23heen": _RANKING,
    "wmt23heenfew": _RANKING,
    "native": _SEVERITIES,
    "humanpair": _SEVERITIES,
    "ted21zhen": _RANKING | _SPANS,
}
"""The sets in their order; for each the scorer's figures that are shown, and their headings."""

ABOUT = {
    "seeds": "The five articles of `seeds/`; the gold list is of three of them.",
    "demetr": "1,920 sentences, each damaged in one known way, and the undamaged ones, with one "
    "clean witness. Accuracy and located: means over the 32 kinds of damage.",
    "wmt21zhen": "23 Chinese news stories, 13 machine renderings each, rated by professionals. The "
    "trained models learned from these stories too: what they reach on stories kept out of "
    "training stands in [calibration](calibration.md).",
    "wmt23heen": "66 Hebrew news stories, 12 machine renderings each, rated by professionals.",
    "wmt23heenfew": "The renderings of `wmt23heen` dealt into stories of four versions.",
    "native": "31 original English news articles, one version each: false alarms.",
    "humanpair": "Two human translations of the same 23 stories: not all false, but few should be "
    "serious.",
    "ted21zhen": "46 stretches of Chinese talks, 13 machine renderings each: training material.",
}


@dataclass(frozen=True)
class Run:
    """What made the predictions of a set; None where it was not recorded."""

    stories: int
    words: int
    signatures: Mapping[str, int]
    """Stories by signature."""
    left_out: Mapping[str, int]
    """Stories by the stage that did not run on them."""
    date: str | None = None
    seconds: float | None = None
    processor: float | None = None
    machine: str | None = None


@dataclass(frozen=True)
class Result:
    """The figures of one set, under the scorer's names, and the run behind them."""

    name: str
    scores: Mapping[str, Any]
    run: Run


@dataclass(frozen=True)
class NoResult:
    """Why a set has no figures: its data is missing, or else it `failed`."""

    name: str
    why: str
    failed: bool


def read_peers(path: Path = PEERS) -> dict[str, Any]:
    """The peers by set: `source`, `asked` (figures) and `peers` (name and figures).

    Raises ValueError for a figure or set that is not shown, which would be a slip of the pen.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    for name, entry in table.items():
        for row in (entry.get("asked", {}), *entry.get("peers", ())):
            if unknown := row.keys() - COLUMNS.get(name, {}).keys() - {"name"}:
                raise ValueError(f"{path.name}: {name}: unknown: {', '.join(sorted(unknown))}")
    return table


def render(outcome: Result | NoResult, peers: Mapping[str, Any]) -> str:
    """The section of one set, in Markdown."""
    heading = f"### `{outcome.name}`"
    if isinstance(outcome, NoResult):
        return f"{heading}\n\n{'Failed' if outcome.failed else 'Skipped'}: {outcome.why}"
    known = peers.get(outcome.name, {})
    parts = [heading, ABOUT[outcome.name], _table(outcome, known)]
    if known.get("peers"):
        parts.append(f"Peers: {known['source']}.")
    if by_kind := outcome.scores.get("by_category"):
        parts.append(_by_kind(outcome.name, by_kind))
    parts.append(_provenance(outcome.run))
    return "\n\n".join(parts)


def replace(page: str, sections: Mapping[str, str]) -> str:
    """The page with these sections in its generated part, in the order of the sets.

    Sections of other sets stay, each with its own date and signature, and so does every byte
    outside the markers. Raises ValueError if the markers are not there once each, in order.
    """
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise ValueError(f"the page needs {BEGIN} and, after it, {END}, each once")
    before, rest = page.split(BEGIN)
    old, after = rest.split(END)
    pieces = re.split(r"^### `(\w+)`$", old, flags=re.M)[1:]
    kept = {
        name: f"### `{name}`\n\n{text.strip()}"
        for name, text in zip(pieces[::2], pieces[1::2], strict=True)
    }
    merged = kept | dict(sections)
    body = "\n\n".join(merged[name] for name in COLUMNS if name in merged)
    return f"{before}{BEGIN}\n{body}\n{END}{after}"


def _table(result: Result, known: Mapping[str, Any]) -> str:
    columns = COLUMNS[result.name]
    rows: list[tuple[str, Mapping[str, Any]]] = [("**mtaudit**", result.scores)]
    if known.get("asked"):
        rows.append(("asked for", known["asked"]))
    if "flag_everything_f1" in result.scores:
        rows.append(("everything flagged", {"span_f1": result.scores["flag_everything_f1"]}))
    rows += [(peer["name"], peer) for peer in known.get("peers", ())]
    cells = [["", *columns.values()], ["---"] * (len(columns) + 1)]
    cells += [[name, *(_figure(row.get(key)) for key in columns)] for name, row in rows]
    return "\n".join(_row(line) for line in cells)


def _by_kind(name: str, by_kind: Mapping[str, Any]) -> str:
    """DEMETR's kinds as a table; the categories of other sets in one sentence."""
    if name != "demetr":
        label = "Found of the gold list" if name == "seeds" else "Findings"
        return f"{label}: " + ", ".join(f"{kind} {n}" for kind, n in by_kind.items()) + "."
    lines = [["kind", "severity", "accuracy", "located"], ["---"] * 4]
    for key, text in by_kind.items():
        kind = re.fullmatch(r"([a-z]+)_id\d+_(\w+)", key)
        figures = re.match(r"accuracy (\S+) located (\S+)", text)
        if not kind or not figures:
            raise ValueError(f"demetr: cannot read {key!r}: {text!r}")
        lines.append([kind[2].replace("_", " "), kind[1], figures[1], figures[2]])
    return "\n".join(_row(line) for line in lines)


def _provenance(run: Run) -> str:
    """When, on what, how long, with which signature, and what did not take part."""
    took = "time not recorded"
    if run.seconds is not None and run.processor is not None:
        took = f"{run.seconds:,.0f} s, {run.processor:,.0f} s of the processor"
    when, where = run.date or "date not recorded", run.machine or "machine not recorded"
    sentences = [f"{when}: {_stories(run.stories)}, {run.words:,} words; {took}; {where}."]
    sentences += [f"Signature `{s}` ({_stories(n)})." for s, n in run.signatures.items()]
    if run.left_out:
        left_out = ", ".join(f"{stage} ({_stories(n)})" for stage, n in run.left_out.items())
        sentences.append(f"Did not run: {left_out}.")
    return " ".join(sentences)


def _stories(n: int) -> str:
    return "1 story" if n == 1 else f"{n:,} stories"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
