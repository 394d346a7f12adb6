"""Stories of any number of versions, for the tests of the reports: seeds cut into lines.

The rows and findings are made up; what matters is their number and their places.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from audit.conclude.family import family_tree
from audit.model import (
    CATEGORIES,
    SEVERITIES,
    AuditResult,
    Finding,
    Measure,
    Reading,
    Score,
    SentenceRisk,
    Skipped,
    Version,
    VersionResult,
)

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def story(
    versions: int, *, faults: int = 12, texts: list[str] | None = None, seed: int = 1
) -> AuditResult:
    """A result of so many versions with so many faults each; `texts` in place of the seeds."""
    chance = random.Random(seed)
    given = texts or [p.read_text(encoding="utf-8") for p in sorted(SEEDS.glob("*.txt"))]
    made = [
        Version(id=f"v{n:02d}", text=given[n % len(given)], outlet=f"Outlet {n + 1}")
        for n in range(versions)
    ]
    spans = {v.id: _lines(v.text) for v in made}
    findings = tuple(
        f for v in made for f in _findings(v, spans[v.id], made, spans, faults, chance)
    )
    result = AuditResult(
        story="made-up",
        versions=tuple(_result(v, spans[v.id], findings, chance) for v in made),
        findings=findings,
        skipped=(Skipped("grammar", "Java was not found"),),
        signature="mtaudit, made up",
    )
    return replace(result, family=family_tree(result, seed=1, resamples=200))


def _lines(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            spans.append((start, start + len(line.rstrip())))
        start += len(line)
    return spans


def _word(text: str, span: tuple[int, int], chance: random.Random) -> tuple[int, int]:
    words, at = [], span[0]
    for word in text[span[0] : span[1]].split():
        start = text.index(word, at)
        at = start + len(word)
        words.append((start, at))
    first = chance.randrange(len(words))
    return words[first][0], words[min(len(words) - 1, first + chance.randrange(3))][1]


def _findings(
    version: Version,
    spans: list[tuple[int, int]],
    versions: list[Version],
    all_spans: dict[str, list[tuple[int, int]]],
    faults: int,
    chance: random.Random,
) -> list[Finding]:
    found = []
    for n in range(faults):
        row = chance.randrange(len(spans))
        start, end = _word(version.text, spans[row], chance)
        others = [v for v in versions if v is not version and row < len(all_spans[v.id])]
        witnesses = []
        for v in chance.sample(others, min(3, len(others))):
            a, b = _word(v.text, all_spans[v.id][row], chance)
            witnesses.append(Reading(v.id, a, b, v.text[a:b]))
        category = chance.choice(list(CATEGORIES))
        found.append(
            Finding(
                version=version.id,
                start=start,
                end=end,
                quote=version.text[start:end],
                category=category,
                severity=chance.choice(SEVERITIES),
                confidence=chance.random(),
                message="made up for this test",
                rule=category,
                measures=(Measure("contrast_nats", 7.0, 6.0),),
                suggestion=witnesses[0].quote if witnesses else None,
                witnesses=tuple(witnesses),
                id=f"{version.id}-{n}",
            )
        )
    return sorted(found, key=lambda f: (f.start, f.end, f.id))


def _result(
    version: Version,
    spans: list[tuple[int, int]],
    findings: tuple[Finding, ...],
    chance: random.Random,
) -> VersionResult:
    value = 60 + 40 * chance.random()
    return VersionResult(
        version=version,
        score=Score(value, value - 4, min(100.0, value + 4), len(version.text.split())),
        sentences=tuple(SentenceRisk(a, b, 0.0, f"r{row:04d}") for row, (a, b) in enumerate(spans)),
        mt_likelihood=chance.random(),
    )


HOSTILE = "\n".join(
    (
        "<script>alert('x')</script><img src=x onerror=alert(1)> said the minister.",
        "</style><style>body{display:none}</style> <!-- ]]> --> {{ 7*7 }} {% raw %}",
        "[click](javascript:alert(1)) ![x](http://evil.example/p.png) `code` # head | cell |",
        '#eval("1") $x^2$ #import "evil": * \\ #set page(width: 1pt) @ref <label> ~ * _ `',
        "name \u202egnorw\u202c and \u2066isolated\u2069, bell \x07 and escape \x1b[31m red",
        '=HYPERLINK("http://evil.example") +1 -1 @SUM(A1) ::error file=x::y %0A',
        "W" * 10_000,
        "漢字かな 한국어 Привет Ελλάδα مرحبا بالعالم שלום 😀 🌊 \U00013000",
    )
)
"""An article that tries to be markup, code or something else than it is, in every form."""


def hostile() -> AuditResult:
    """A story whose every string is hostile."""
    made = story(3, texts=[HOSTILE], faults=16)
    versions = tuple(
        VersionResult(
            version=Version(
                id=v.version.id,
                text=HOSTILE,
                title="<b>\"&'</b> #eval(1) \u202eeltit",
                url="javascript:alert(document.cookie)",
                outlet=f"<i>{v.version.outlet}</i> $a_b$ [x](javascript:y) | \u202eteltuo",
                published="</p><script>2</script>",
                language='en" onload="x',
            ),
            score=v.score,
            sentences=v.sentences,
            mt_marks=("<script>3</script>",),
        )
        for v in made.versions
    )
    findings = tuple(
        Finding(
            **{
                **{k: getattr(f, k) for k in f.__slots__},
                "message": "<script>4</script> #panic() \n::error::x",
                "suggestion": "</q><script>5</script>",
                "id": f'"><script>{n}</script>',
            }
        )
        for n, f in enumerate(made.findings)
    )
    skipped = (Skipped("<script>6</script>", "#eval(1) \u202ewhy"),)
    result = AuditResult(
        "<script>7</script>$x$ \u202eyrots", versions, findings, skipped, "<s>#x</s>"
    )
    return replace(result, family=family_tree(result, seed=1, resamples=200))
