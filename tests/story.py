"""A small story for the tests of the renderers: four versions and their result, made by hand.

`RESULT` has eleven findings of ten categories and all severities, with and without suggestion,
deletion, witnesses from one or several versions, contradictions (a number, a quote), residue, an
absent version in two rows, a sentence split in two, and two skipped stages. Offsets count code
points: version `d-blog` holds an emoji before most of its text.
"""

from __future__ import annotations

from dataclasses import replace

from audit.conclude.family import family_tree
from audit.model import (
    PENALTY,
    AuditResult,
    Consensus,
    Finding,
    Measure,
    Reading,
    Residue,
    Score,
    SentenceRisk,
    Severity,
    Skipped,
    Version,
    VersionResult,
)

READABILITY = {
    "words": 400.0,
    "words_per_sentence": 21.0,
    "sentence_length_sd": 9.0,
    "syllables_per_word": 1.55,
    "flesch_reading_ease": 54.0,
    "flesch_kincaid_grade": 11.0,
    "difficult_words": 0.13,
    "type_token_ratio": 0.84,
}
"""A readability profile such as news has."""

# Each sentence with the row it belongs to; a row of None marks residue with its kind.
_TEXTS: dict[str, list[tuple[str | None, str]]] = {
    "a-herald": [
        ("r1", "Dam above Veldin gives way after three days of rain"),
        ("r2", "At least 14 people were killed when the dam above the town of Veldin gave way."),
        ("r3", "Prime Minister Ilse Marchetti flew to the region and declared a day of mourning."),
        ("r4", "“We were warned, and we did not listen,” she told reporters."),
        ("r5", "The reservoir supplies drinking water to 40,000 households downstream."),
        ("r6", "The former Soviet engineer who built it, now 91, had asked for repairs."),
        ("r7", "Troops laid sandbags to hold back the river."),
    ],
    "b-post": [
        ("r1", "The dam over Veldin broke through"),
        ("r2", "At least 41 people were killed when the dam above the city of Veldin broke."),
        ("r3", "Prime Minister Ilsa Markety flew to the the region and declared a day of grief."),
        ("r4", "“We were warned and did not hear, she told reporters."),
        ("r5", "The tank supplies drinking water to 40,000 farms downstream."),
        ("r6", "The former. Soviet engineer who built it, 91, had not asked for repairs."),
        ("r7", "Troops Put sandbags to hold back the river."),
    ],
    "c-wire": [
        ("r2", "A dam above Veldin collapsed on Tuesday, killing at least 14 people."),
        ("r3", "Prime Minister Ilse Marchetti arrived in the region."),
        ("r3", "She declared a day of mourning."),
        ("r4", "“We were warned, and we did not listen,” she said."),
        ("r5", "The reservoir provides drinking water for 40,000 homes."),
        ("r6", "Its builder, a former Soviet engineer aged 91, had called for repairs."),
        ("r7", "Soldiers piled up sandbags to keep the river back."),
    ],
    "d-blog": [
        (None, "🌊 Share this story"),
        ("r1", "Dam above Veldin bursts after rain"),
        ("r2", "At least 14 people died when the dam above the town of Veldin burst."),
        ("r3", "Premier Ilse Marketti came to the region and declared a day of mourning."),
        ("r6", "The Soviet-trained engineer who built it had asked for repairs."),
        ("r8", "Local shops have been closed since Monday and remain so."),
        (None, "Jon Avery covers weather for the blog."),
    ],
}
_RESIDUE_KINDS = {
    "🌊 Share this story": "share line",
    "Jon Avery covers weather for the blog.": "bio",
}
_META: dict[str, dict[str, str]] = {
    "a-herald": {
        "title": "Dam above Veldin gives way after three days of rain",
        "outlet": "The Herald",
        "url": "https://herald.example/veldin-dam",
        "published": "2024-05-14T06:30:00Z",
        "language": "en",
    },
    "b-post": {
        "title": "The dam over Veldin broke through",
        "outlet": "Morning Post Online",
        "url": "https://post.example/2024/05/veldin",
        "published": "2024-05-14T09:12:00Z",
        "language": "en",
    },
    "c-wire": {"outlet": "Northern Wire", "language": "en"},
    "d-blog": {},
}


def version(version_id: str) -> Version:
    """One version of the story: its sentences, one a line."""
    lines = "\n".join(s for _, s in _TEXTS[version_id])
    return Version(id=version_id, text=lines, **_META[version_id])


VERSIONS: tuple[Version, ...] = tuple(version(v) for v in sorted(_TEXTS))


def place(version_id: str, quote: str) -> Reading:
    """Where a version has these words (which it must have exactly once)."""
    text = version(version_id).text
    assert text.count(quote) == 1, (version_id, quote)
    start = text.index(quote)
    return Reading(version_id, start, start + len(quote), quote)


def _finding(
    version_id: str,
    quote: str,
    category: str,
    severity: Severity,
    confidence: float,
    message: str,
    measure: Measure | tuple[Measure, ...],
    *,
    suggestion: str | None = None,
    witnesses: tuple[tuple[str, str], ...] = (),
) -> Finding:
    spot = place(version_id, quote)
    return Finding(
        version=version_id,
        start=spot.start,
        end=spot.end,
        quote=quote,
        category=category,
        severity=severity,
        confidence=confidence,
        message=message,
        rule=category,
        measures=measure if isinstance(measure, tuple) else (measure,),
        suggestion=suggestion,
        witnesses=tuple(place(*w) for w in witnesses),
    )


_FINDINGS: tuple[Finding, ...] = (
    _finding(
        "b-post",
        "41",
        "number-mismatch",
        "major",
        0.91,
        "3 other versions say 14; check which is right",
        Measure("disagreeing_versions", 3.0, 1.0),
        witnesses=(("a-herald", "14"), ("c-wire", "14"), ("d-blog", "14")),
    ),
    _finding(
        "b-post",
        "Ilsa Markety",
        "name-garble",
        "critical",
        0.96,
        "name differs from the form that 2 independent versions share",
        (Measure("name_similarity", 0.71, 0.9), Measure("contrast_nats", 11.5, 6.0)),
        suggestion="Ilse Marchetti",
        witnesses=(("a-herald", "Ilse Marchetti"), ("c-wire", "Ilse Marchetti")),
    ),
    _finding(
        "b-post",
        "the the",
        "duplicated-word",
        "minor",
        0.99,
        "word written twice",
        Measure("repeats", 2.0, 2.0),
        suggestion="the",
    ),
    _finding(
        "b-post",
        "“We were warned and did not hear, she",
        "quote-punctuation",
        "minor",
        0.88,
        "quotation mark is never closed",
        Measure("open_marks", 1.0, 1.0),
        suggestion="“We were warned and did not hear,” she",
        witnesses=(("a-herald", "“We were warned, and we did not listen,” she"),),
    ),
    _finding(
        "b-post",
        "tank",
        "wrong-term",
        "major",
        0.84,
        "does not fit here; other versions have “reservoir”",
        Measure("contrast_nats", 7.25, 6.0),
        suggestion="reservoir",
        witnesses=(("a-herald", "reservoir"), ("c-wire", "reservoir")),
    ),
    _finding(
        "b-post",
        "former. Soviet",
        "broken-sentence",
        "major",
        0.93,
        "full stop inside the phrase “former Soviet”",
        Measure("contrast_nats", 14.0, 6.0),
        suggestion="former Soviet",
        witnesses=(("a-herald", "former Soviet"), ("c-wire", "former Soviet")),
    ),
    _finding(
        "b-post",
        "had not asked",
        "meaning-shift",
        "critical",
        0.79,
        "negated here and nowhere else",
        Measure("negation_support", 0.0, 0.5),
        suggestion="had asked",
        witnesses=(("a-herald", "had asked"), ("d-blog", "had asked")),
    ),
    _finding(
        "b-post",
        "Put",
        "stray-capital",
        "minor",
        0.97,
        "capital letter inside a sentence",
        Measure("lowercase_share", 0.999, 0.98),
        suggestion="put",
    ),
    _finding(
        "d-blog",
        "🌊 Share this story",
        "scrape-residue",
        "minor",
        0.9,
        "share line, not part of the article",
        Measure("residue_score", 1.0, 0.5),
        suggestion="",
    ),
    _finding(
        "d-blog",
        "Marketti",
        "name-variant",
        "minor",
        0.66,
        "spelled Marchetti by 2 other versions",
        Measure("name_similarity", 0.93, 0.9),
        suggestion="Marchetti",
        witnesses=(("a-herald", "Marchetti"), ("c-wire", "Marchetti")),
    ),
    _finding(
        "d-blog",
        "Jon Avery covers weather for the blog.",
        "scrape-residue",
        "minor",
        0.81,
        "author's bio, not part of the article",
        Measure("residue_score", 0.9, 0.5),
        suggestion="",
    ),
)

_SUSPICIONS: tuple[Finding, ...] = (
    _finding(
        "b-post",
        "farms",
        "wrong-term",
        "major",
        0.41,
        "does not fit here; other versions have “households” or “homes”",
        Measure("contrast_nats", 6.1, 6.0),
        suggestion="households",
        witnesses=(("a-herald", "households"), ("c-wire", "homes")),
    ),
    _finding(
        "d-blog",
        "bursts after rain",
        "unidiomatic",
        "minor",
        0.3,
        "an unusual way to put it",
        Measure("doubt", 0.3, 0.25),
    ),
)
_SHARED_ROWS = {r for rows in _TEXTS.values() for r, _ in rows} - {"r8"}

_REPORTED: dict[str, tuple[float | None, tuple[str, ...], float | None]] = {
    "a-herald": (0.06, ("no mark of translation found",), 4.1),
    "b-post": (0.97, ("names garbled", "wrong terms", "high surprisal"), 5.9),
    "c-wire": (0.11, ("no mark of translation found",), 4.3),
    "d-blog": (None, ("too short to tell",), None),
}


def _version_result(version_id: str, findings: tuple[Finding, ...]) -> VersionResult:
    article = version(version_id)
    sentences: list[SentenceRisk] = []
    residue: list[Residue] = []
    words = compared = 0
    start = 0
    for row, line in _TEXTS[version_id]:
        end = start + len(line)
        if row is None:
            residue.append(Residue(version_id, start, end, _RESIDUE_KINDS[line]))
        else:
            words += len(line.split())
            compared += len(line.split()) if row in _SHARED_ROWS else 0
            risk = sum(
                PENALTY[f.severity] * f.confidence
                for f in findings
                if f.version == version_id and start <= f.start < end
            )
            sentences.append(SentenceRisk(start, end, round(risk, 4), row))
        start = end + 1
    value = max(0.0, round(100 * (1 - sum(s.risk for s in sentences) / words), 2))
    spread = 0.0 if value == 100 else 6.5
    likelihood, marks, fluency = _REPORTED[version_id]
    return VersionResult(
        version=article,
        score=Score(value, max(0.0, value - spread), min(100.0, value + spread), words),
        sentences=tuple(sentences),
        residue=tuple(residue),
        mt_likelihood=likelihood,
        mt_marks=marks,
        fluency=fluency,
        surprisal=()
        if fluency is None
        else tuple(round(fluency + s.risk / 10, 2) for s in sentences),
        readability={"flesch_reading_ease": 60.5, "words_per_sentence": words / len(sentences)},
        compared=round(compared / words, 4),
    )


def make_result() -> AuditResult:
    """The audit of the story, with finding ids `f01`, `f02`, … in order of version and place."""
    ordered = sorted(_FINDINGS, key=lambda f: (f.version, f.start))
    findings = tuple(
        Finding(**{**{k: getattr(f, k) for k in f.__slots__}, "id": f"f{n:02d}"})
        for n, f in enumerate(ordered, 1)
    )
    result = AuditResult(
        story="veldin-dam",
        versions=tuple(_version_result(v, findings) for v in sorted(_TEXTS)),
        findings=findings,
        skipped=(
            Skipped("grammar", "Java was not found; see `mtaudit doctor`"),
            Skipped("e-empty.txt", "not scored: the text is empty"),
        ),
        signature="mtaudit 0.1.0 · detectors 10 · MiniLM 53aa5117 · settings 01234567 · seed 1",
        consensus=(
            Consensus("r2", None, 0.0, "numbers differ: 14 in a-herald, 41 in b-post"),
            Consensus("r5", place("a-herald", _TEXTS["a-herald"][4][1]), 0.75),
        ),
    )
    return replace(result, family=family_tree(result, seed=1, resamples=200))


RESULT: AuditResult = make_result()

SUSPECTED: AuditResult = replace(
    RESULT, suspicions=tuple(replace(f, id=f"s{n:02d}") for n, f in enumerate(_SUSPICIONS, 1))
)
"""The same with two suspicions."""


def nights(count: int, worst: int) -> list[AuditResult]:
    """The hand-made story as of each of the first days of May, five times as bad on one."""
    results = []
    for day in range(1, count + 1):
        versions = tuple(
            replace(
                v,
                version=replace(
                    v.version,
                    published=v.version.published and f"2024-05-{day:02}T06:30:00Z",
                ),
            )
            for v in RESULT.versions
        )
        more = RESULT.findings * (5 if day == worst else 1)
        results.append(replace(RESULT, versions=versions, findings=more))
    return results
