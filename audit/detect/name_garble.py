"""A name that stands for nobody, for somebody else, or is missing where it was.

What it finds
    A name cut short or turned into another word (a president who becomes a wine), a
    different name at the place where the other versions have this one, a name that has dropped out
    of a sentence so that its neighbours meet ("laid by and Google"), a double name cut apart by a
    full stop.

Why it matters
    Names are what readers search for and what cannot be guessed from the context. Machine
    translation treats a rare name as a word to be translated, and a spelling checker calls all
    foreign names wrong alike.

How it decides
    Inside a version: a rare form that no other version has, and that is a cut or slightly changed
    form of a name that the version itself writes more often. Between versions: names of two cells
    of a row that are mentioned in no form (people, capital, initials, part, transliteration) on the
    other side are paired by word links and neighbours. Only cells of the same statement are
    compared. How likely each side is wrong follows from how often each version errs and how near
    the cells are (docs/real-pages.md); where one of them is, but not which can be said, both are
    marked. Over the whole story, a name that one version alone has is held against one that it
    lacks: they share the rest of the name and a sound or a role, or are nearly one form; this is
    reported only where the version is likely to be the wrong one. A name that the other cell has,
    whose neighbours stand side by side here and do not fit together, is missing. In a garbled
    version, doubted words between the same words as another's name stand for it. Against a list of
    some 2,200 public figures: a full name that is nobody's and right but for a sound or two of one
    word; then the bare surname too. Where the right form is known, and letters that up to three
    languages have as one or lack explain the whole difference, the message names these languages as
    the likely way of the name.

Known problems
    One other version does not show which of two names is right: both are marked, at lower
    confidence. A name wrong in all versions is seen only if it is nearly a listed figure's.
    Nicknames and stage names look like other names. Names from languages in which l and r are one
    (of Rwanda, of Malawi) vary without having come through Chinese or Japanese.

Example
    "The Haral office denied it" where the same text says Haralev three times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from audit.compare.known_names import KnownNames
from audit.compare.lone_names import SOUNDS, LoneName, lone_names
from audit.compare.name_forms import OFTENER, SLIP, TAIL, Form, is_double, slips, tally
from audit.compare.name_gaps import Gap, gaps
from audit.compare.name_words import DOUBTED, SAME, NameWords, name_words
from audit.compare.names import SAME_PLACE, Names
from audit.compare.pairing import Pair
from audit.compare.pivot import pivot_note
from audit.compare.prior import is_garbled, weighed
from audit.compare.public_figures import Proposal, garbled_figures
from audit.compare.vote import Blame, blame
from audit.detect.base import Info, Settings, counted, finding, quoted, reading
from audit.language.spelling import similarity
from audit.model import DOUBT, Degree, Finding, Measure, Mention, Reading, Row, Severity, Story

INFO = Info(
    id="name-garble",
    category="name-garble",
    severity="major",
    needs=frozenset({"versions"}),
)

SPELLING = 0.75
"""Names more alike than this (Jaro-Winkler of keys) are two spellings of one: Kronshtadt, Kronstadt
.97, Ziobro, Giobro .89; names of different people mostly lie under .6."""

KEY_PERSON = 4
"""A name that its version writes so often is what the story is about: its garble is critical."""

LISTED = 0.8
"""Confidence of a name nearly that of a public figure: no such name is another person's in 22,000
mentions of names in the sets native, humanpair, wmt21zhen and wmt23heen."""

CONFIRMED = 0.004
"""How often a version rightly has a name of its own beside a like one that two others have: a
judgement, after three such names in clusters that are all slips."""

UNDECIDED = " These versions do not show which of the two is right."

CUT_REACH = 31
"""Characters within which the second half of a cut name follows the first ("said the envoy. -")."""


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield garbled, replaced, missing and cut names."""
    known = KnownNames(settings.names, story.language)
    found = {v: a.names for v, a in story.annotations.items()}
    places: set[tuple[str, int]] = set()
    for slip in slips(story):
        if not known.forbids(slip.text, slip.right):
            places.add((slip.version, slip.start))
            yield _slip(story, slip)
    names = Names(story)
    seen: set[tuple[str, str]] = set()
    for row in story.rows:
        for f in _replaced(story, names, row, known):
            form = (f.version, f.quote.casefold())
            if (f.version, f.start) not in places and form not in seen:
                seen.add(form)
                yield f
        yield from _missing(story, names, row)
        for f in _as_words(story, names, row):
            if not known.forbids(f.quote, f.suggestion or ""):
                yield f
    for lone in lone_names(story):
        form = (lone.mention.version, lone.word.bare.casefold())
        is_found = (lone.mention.version, lone.mention.start) in places or any(
            v == form[0] and form[1] in text.split() for v, text in seen
        )
        if not is_found and not known.forbids(lone.word.bare, lone.right.bare):
            for f in _lone(story, lone):
                seen.add(form)
                yield f
    yield from _cut_apart(story, found)
    yield from _nearly_figures(story, found, known, places)


def _nearly_figures(
    story: Story,
    found: Mapping[str, Sequence[Mention]],
    known: KnownNames,
    places: set[tuple[str, int]],
) -> Iterator[Finding]:
    """Find names nearly those of public figures, unless known, found or written so elsewhere."""
    copies = story.copies_of
    for version, own in found.items():
        others = [v.text for v in story.versions if v.id not in copies[version]]
        is_left = partial(_is_left, story, others, known, places)
        for proposal in garbled_figures(own, is_left, story.language):
            yield _nearly(story, proposal)


def _is_left(
    story: Story,
    others: Sequence[str],
    known: KnownNames,
    places: set[tuple[str, int]],
    mention: Mention,
    right: str,
) -> bool:
    """Whether a name is known to be right, found already, or written so in one of `others`."""
    text = _text(story, mention)
    return (
        known.forbids(text, right)
        or (mention.version, mention.start) in places
        or any(re.search(rf"\b{re.escape(text)}\b", other) for other in others)
    )


def _nearly(story: Story, proposal: Proposal) -> Finding:
    text = _text(story, proposal.mention)
    return finding(
        INFO,
        story,
        proposal.mention.version,
        proposal.mention.span,
        f"{quoted(text)} is nearly, but not quite, the name of a public figure, "
        f"{quoted(proposal.right)}. The right form is from a list, not from another version."
        + pivot_note(text, proposal.right, story.language),
        measure=Measure("sounds that differ", proposal.distance, proposal.farthest),
        confidence=LISTED,
        suggestion=proposal.right,
    )


def _slip(story: Story, slip: Form) -> Finding:
    also = f" and {counted(slip.others, 'other version')} too" if slip.others else ""
    return finding(
        INFO,
        story,
        slip.version,
        (slip.start, slip.end),
        f"{quoted(slip.text)} is no spelling of {quoted(slip.right)}, which this version writes "
        f"{counted(slip.own, 'time')}{also}." + pivot_note(slip.text, slip.right, story.language),
        measure=(
            _nearness(slip),
            Measure("own uses of the other form", slip.own, OFTENER * slip.mine),
        ),
        # A cut of a name that another version confirms is hardly ever a person of its own.
        confidence=0.9 if slip.others else 0.7,
        severity="critical" if slip.own >= KEY_PERSON else "major",
        suggestion=slip.right,
        witnesses=[reading(story, slip.at[0], (slip.at[1], slip.at[2]))],
    )


def _nearness(slip: Form) -> Measure:
    """How near a slip is to its name: letters cut off at the end, or likeness."""
    if slip.letters_lost is not None:
        return Measure("letters lost", slip.letters_lost, TAIL)
    return Measure("name similarity", round(slip.likeness, 3), SLIP)


def _replaced(story: Story, names: Names, row: Row, known: KnownNames) -> Iterator[Finding]:
    rivals = names.rivals(row)
    versions = sorted(row.cells)
    for version in versions:
        for mention in names.of_cell(row, version):
            against = rivals.get((version, mention))
            if not against:
                continue
            right = tally([_text(story, c.theirs) for c in against.values()])
            if known.forbids(_text(story, mention), right):
                continue
            like = [
                b
                for b in versions
                if b != version and b not in against and names.is_mentioned(mention, row, b)
            ]
            degree = max(story.nearness(row, version, other) for other in against)
            found = blame(story, version, against, like, degree)
            if found.is_reported:
                yield _other_name(story, mention, right, against, found)


def _other_name(
    story: Story,
    mention: Mention,
    right: str,
    against: Mapping[str, Pair[Mention]],
    found: Blame,
) -> Finding:
    text = _text(story, mention)
    evidence = max(c.evidence for c in against.values())
    likeness = similarity(text, right)
    decided = found.is_decided
    severity: Severity = "critical" if decided else "major"
    measures = [
        Measure("same-place evidence", round(evidence, 3), SAME_PLACE),
        found.measure,
    ]
    if likeness >= SPELLING:
        # Two spellings of one name rather than two names; one witness cannot say which is right.
        severity = "major" if decided else "minor"
        measures.append(Measure("name similarity", round(likeness, 3), SPELLING))
    return finding(
        INFO,
        story,
        mention.version,
        mention.span,
        f"{quoted(text)} stands where {', '.join(sorted(against))} "
        f"{'has' if len(against) == 1 else 'have'} {quoted(right)}."
        + (pivot_note(text, right, story.language) if decided else UNDECIDED),
        measure=measures,
        confidence=round(found.believed * min(1.0, 0.5 + evidence / 2), 2),
        severity=severity,
        suggestion=right,
        witnesses=_readings(story, {v: c.theirs for v, c in against.items()}),
    )


def _lone(story: Story, lone: LoneName) -> Iterator[Finding]:
    """A name that this version alone has, where it is clear that this one is wrong."""
    version = lone.mention.version
    confirmed = len({story.copies_of[v] for v in lone.having}) > 1
    differ = CONFIRMED if confirmed and lone.likeness >= SOUNDS else None
    found = blame(story, version, lone.having, (), Degree.STATEMENT, differ)
    if not found.is_decided:
        return
    text, right = lone.word.bare, lone.right.bare
    others = ", ".join(sorted(lone.others))
    yield finding(
        INFO,
        story,
        version,
        (lone.word.start, lone.word.start + len(text)),
        f"{quoted(text)} is a name that no other version has; {others} "
        f"{'has' if len(lone.others) == 1 else 'have'} {quoted(right)}."
        + pivot_note(text, right, story.language),
        measure=(Measure("same-name evidence", round(lone.evidence, 3), SOUNDS), found.measure),
        confidence=round(found.own * min(1.0, 0.5 + lone.evidence / 2), 2),
        severity="major" if lone.likeness >= SPELLING else "critical",
        suggestion=right,
        witnesses=_readings(story, lone.others),
    )


def _missing(story: Story, names: Names, row: Row) -> Iterator[Finding]:
    versions = sorted(row.cells)
    for version in versions:
        found: dict[tuple[int, int], dict[str, Gap]] = {}
        for other in versions:
            if other != version and _may_show(story, row, version, other):
                for gap in gaps(names, row, version, other):
                    found.setdefault((gap.start, gap.end), {})[other] = gap
        for span, found_in in sorted(found.items()):
            yield _gap(story, version, span, found_in)


def _as_words(story: Story, names: Names, row: Row) -> Iterator[Finding]:
    """Find common words of a garbled version in the place of a name."""
    for version in sorted(row.cells):
        if not is_garbled(story, version):
            continue
        found: dict[tuple[int, int], dict[str, NameWords]] = {}
        for other in sorted(row.cells.keys() - story.copies_of[version]):
            if story.is_credible(other, version):
                for words in name_words(names, row, version, other):
                    found.setdefault((words.start, words.end), {})[other] = words
        for span, found_in in sorted(found.items()):
            yield _words(story, version, span, found_in)


def _words(
    story: Story, version: str, span: tuple[int, int], found: Mapping[str, NameWords]
) -> Finding:
    words, right = next(iter(found.values())), tally([_text(story, w.name) for w in found.values()])
    return finding(
        INFO,
        story,
        version,
        span,
        f"{quoted(story.version(version).text[slice(*span)])} stands where "
        f"{', '.join(sorted(found))} {'has' if len(found) == 1 else 'have'} {quoted(right)}.",
        measure=(
            Measure("same words beside it", round(words.same, 3), SAME),
            Measure(DOUBT, round(words.doubt, 3), DOUBTED),
        ),
        confidence=round(weighed(story, version, words.doubt), 2),
        severity="critical",
        suggestion=right,
        witnesses=_readings(story, {v: w.name for v, w in found.items()}),
    )


def _may_show(story: Story, row: Row, version: str, other: str) -> bool:
    """Whether a version retells a cell, and is not the more garbled one."""
    retold = story.nearness(row, version, other) >= Degree.STATEMENT
    return retold and story.is_credible(other, version)


def _gap(story: Story, version: str, span: tuple[int, int], found: Mapping[str, Gap]) -> Finding:
    gap = found[min(found)]
    name = _text(story, gap.missing)
    here = story.version(version).text[span[0] : span[1]]
    between = " ".join(p for p in (gap.before, name, gap.after) if p)
    return finding(
        INFO,
        story,
        version,
        span,
        f"{quoted(name)} is missing between the words {quoted(here)}; "
        f"{', '.join(sorted(found))} {'has' if len(found) == 1 else 'have'} it there.",
        measure=Measure("versions with the name", gap.having, gap.lacking),
        confidence=round((0.65 if gap.broken else 0.3) + 0.05 * min(4, len(found) - 1), 2),
        severity="major" if gap.broken else "minor",
        suggestion=between,
        witnesses=_readings(story, {v: g.missing for v, g in found.items()}),
    )


def _cut_apart(story: Story, found: Mapping[str, Sequence[Mention]]) -> Iterator[Finding]:
    """Find "Forestier said. -Walker" where "Forestier-Walker" is a name of the story."""
    doubles = sorted(
        {w.bare for ms in found.values() for m in ms for w in m.words if is_double(w.bare)}
    )
    for double in doubles:
        first, second = double.split("-")
        cut = re.compile(
            rf"\b{first}\b(?P<between>[^\n-]{{0,{CUT_REACH - 1}}}?[^\w\n-])"
            rf"-\s?{second}\b(?P<stop>\.?)"
        )
        for version in story.versions:
            for match in cut.finditer(version.text):
                between = match["between"].strip()
                if not between:
                    continue
                yield finding(
                    INFO,
                    story,
                    version.id,
                    match.span(),
                    f"The name {quoted(double)} is cut apart.",
                    measure=Measure("characters between", len(match["between"]), CUT_REACH),
                    confidence=0.95,
                    suggestion=" ".join(p for p in (double, between) if p),
                    witnesses=_elsewhere(story, double),
                )


def _elsewhere(story: Story, name: str) -> list[Reading]:
    return [
        reading(story, v.id, (at, at + len(name)))
        for v in story.versions
        if (at := v.text.find(name)) >= 0
    ]


def _text(story: Story, mention: Mention) -> str:
    return story.version(mention.version).text[mention.start : mention.end]


def _readings(story: Story, found: Mapping[str, Mention]) -> list[Reading]:
    return [reading(story, v, m.span) for v, m in sorted(found.items())]
