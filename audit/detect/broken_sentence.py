"""Sentences that are cut in two, cut off, or put together in the wrong order.

What it finds
A full stop inside a sentence ("a former state. Soviet.", "took place. turned into riots"), a
sentence that ends before its end ("in the."), a sentence without its final stop, a piece without a
verb, and words in an order that no sentence has.

Why it matters
The reader has to put the sentence together alone, and may do it wrongly.

How it decides
A stop is false if a lower-case word follows, except after abbreviations; if the word before it
cannot end a sentence; or if one to three words after it stand, in another version, next to the
words before it: then that order is the suggestion. The final stop is missed only where the other
versions of the row have one and the text is no headline. A piece counts as one without a verb if
nothing in it can be a finite verb and another version has it inside a longer sentence with one.
Word order counts as broken if neighbours of closed classes cannot stand so ("the of", "to at") and
another version has a fifth of the linked neighbours the other way round, or two fifths in any case.

Known problems
Verbless sentences written for effect are seen as broken where another version spells them out. A
false stop before a capital is found only against another version.

Example
"the longest-serving ruler in a former state. Soviet." -> "former Soviet state".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from audit.compare.order import inversions
from audit.detect.base import Info, Settings, counted, finding, quoted, reading
from audit.language.spelling import plain
from audit.model import (
    Finding,
    Language,
    Measure,
    OtherCell,
    Quotes,
    Reading,
    Sentence,
    Story,
    Token,
)

INFO = Info(
    id="broken-sentence",
    category="broken-sentence",
    severity="major",
    needs=frozenset({"versions"}),
)

ORDER = 0.2
"""Share of inverted neighbours that, with an impossible pair, shows a broken order. Of the shuffled
sentences of DEMETR's development half .97 have that share, of the undamaged ones .05; with such a
pair besides, .72 and none."""

ORDER_ALONE = 0.39
"""Share that shows it without an impossible pair. Human translations of one sentence reach .37."""

PAIRS_ALONE = 3
"""Impossible pairs that show it without another version."""

STUMP_WORDS = 3
"""Longest piece after a false stop, words; segmentation leaves such pieces with their sentence."""

LEAST_WORDS = 5
"""Shorter lines without a stop are headings or captions."""

_WORD = re.compile(r"[^\W_][\w’'-]*")
_FALSE_STOP = re.compile(r"(?<![\w’'-])(?P<before>[^\W_][\w’'-]*)\.\s+(?P<after>[^\W\d_][\w’'-]*)")
_STUMP = re.compile(
    r"(?<![\w’'-])(?P<before>[^\W_][\w’'-]*)\.\s+(?P<stump>[^\W_][\w’'-]*(?: [\w’'-]+){0,2})\.$"
)
_LAST_WORD = re.compile(r"(?<![^\W\d_])(?P<word>[^\W\d_]+)(?P<stop>[.?!])$")
_CLOSING = "\"'”’)]»"


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per false stop, missing end, verbless piece or sentence out of order."""
    for v in story.versions:
        marks = story.annotations[v.id].quotes
        for paragraph in story.paragraphs(v.id):
            for n, s in enumerate(paragraph):
                views = story.beside(s)
                following = paragraph[n + 1] if n + 1 < len(paragraph) else None
                near = story.witnesses_beside(s)
                disorder = _disorder(story, s, near)
                if disorder:
                    yield disorder
                    continue
                yield from _false_stops(story, s, views)
                yield from _stump(story, s, views)
                yield from _cut_off(story, s, following, marks)
                if following is None:
                    yield from _no_stop(story, s, near)
                if n:
                    yield from _no_verb(story, s, views, marks)


def _disorder(story: Story, s: Sentence, views: tuple[OtherCell, ...]) -> Finding | None:
    """The whole sentence, if its words are out of order."""
    pairs = story.language.impossible_pairs(s)
    if not pairs:  # the passive of a sentence has its words the other way round
        views = tuple(
            v for v in views if _is_passive(story, v.sentences) == _is_passive(story, [s])
        )
    share = inversions(s, views) or 0.0
    measures = _order_measures(pairs, share)
    if s.is_terse or not measures:
        return None
    shown = [reading(story, v.version, (v.sentences[0].start, v.sentences[-1].end)) for v in views]
    return finding(
        INFO,
        story,
        s.version,
        (s.start, s.end),
        "The words of this sentence are out of order. Put them in order"
        + (" as the other versions have them." if views else "."),
        measure=measures,
        severity="critical" if pairs + 10 * share >= 4 else "major",
        confidence=0.9 if pairs else 0.75,
        witnesses=shown,
    )


def _is_passive(story: Story, sentences: Sequence[Sentence]) -> bool:
    return any(
        group.passive
        for s in sentences
        for group in story.annotations[s.version].verb_groups[s.index].values()
    )


def _order_measures(pairs: int, share: float) -> tuple[Measure, ...]:
    """What shows that words are out of order; empty where nothing does."""
    inverted = round(share, 3)
    if pairs and share >= ORDER:
        return (
            Measure("inverted neighbours", inverted, ORDER),
            Measure("impossible pairs", pairs, 1),
        )
    if share >= ORDER_ALONE:
        return (Measure("inverted neighbours", inverted, ORDER_ALONE),)
    if pairs >= PAIRS_ALONE:
        return (Measure("impossible pairs", pairs, PAIRS_ALONE),)
    return ()


def _false_stops(story: Story, s: Sentence, views: tuple[OtherCell, ...]) -> Iterator[Finding]:
    """A stop before a word in lower case, inside one sentence."""
    if s.text == s.text.lower():
        return
    for m in _FALSE_STOP.finditer(s.text):
        before, after = m["before"], m["after"]
        if not after.islower() or _is_abbreviation(story.language, s.text, m, before):
            continue
        together = [v for v in views if (plain(before), plain(after)) in v.pairs]
        yield finding(
            INFO,
            story,
            s.version,
            (s.start + m.start(), s.start + m.end()),
            f"A full stop cuts the sentence before {quoted(after)}; take it out.",
            measure=Measure("lower-case words after the stop", _lower_case(s, m.start("after")), 1),
            confidence=0.95 if together else 0.85,
            suggestion=f"{before} {after}" if together else None,
            witnesses=[_pair_reading(story, v, before, after) for v in together],
        )


def _lower_case(s: Sentence, offset: int) -> int:
    """How many words in a row are in lower case from an offset of the sentence onwards."""
    return sum(1 for _ in takewhile(str.islower, _WORD.findall(s.text, offset)))


def _is_abbreviation(language: Language, text: str, m: re.Match[str], before: str) -> bool:
    """Whether the stop belongs to an abbreviation, an initial, a list number or an ellipsis."""
    if len(before) == 1 or before.isdigit() or plain(before) in language.words("abbreviations"):
        return True
    if text[m.start() - 1 : m.start()] == "." or (before[0].isupper() and len(before) <= 5):
        return True
    return not before.islower() and not language.is_word(before) and len(before) <= 4


def _pair_reading(story: Story, view: OtherCell, before: str, after: str) -> Reading:
    x, y = view.pairs[plain(before), plain(after)]
    return reading(story, view.version, (x.start, y.end))


def _stump(story: Story, s: Sentence, views: tuple[OtherCell, ...]) -> Iterator[Finding]:
    """One to three words after a stop that another version has among the words before it."""
    m = _STUMP.search(s.text)
    if m is None:
        return
    own = [t for t in s.tokens if t.is_word]
    stump = [t for t in own if t.start >= s.start + m.start("stump")]
    head = [t for t in own if t.end <= s.start + m.end("before")]
    if (
        not stump
        or len(stump) > STUMP_WORDS
        or _is_abbreviation(story.language, s.text, m, m["before"])
    ):
        return
    beside_it = [(v.version, v.tokens) for v in views]
    wanted = [plain(t.text) for t in stump]
    elsewhere = [
        (v.id, x.tokens)
        for v in story.versions
        if v.id != s.version
        for x in story.sentences[v.id]
        if all(form in plain(x.text) for form in wanted)
    ]
    for version, tokens_there in (*beside_it, *elsewhere):
        found = _joined(tokens_there, head, stump)
        if found is None:
            continue
        count, tokens = found
        start, end = head[-count].start, stump[-1].end
        text = " ".join(_own_form(t, head) for t in tokens)
        yield finding(
            INFO,
            story,
            s.version,
            (start, end),
            "A full stop cuts off the end of the sentence.",
            measure=Measure("words after the stop", len(stump), STUMP_WORDS),
            confidence=0.95,
            suggestion=text,
            witnesses=[reading(story, version, (tokens[0].start, tokens[-1].end))],
        )
        return


def _joined(
    tokens: Sequence[Token], head: Sequence[Token], stump: Sequence[Token]
) -> tuple[int, tuple[Token, ...]] | None:
    """How many words before the stop, and another version's run of just these and the stump.

    At least three words in all, so that the match is none by chance.
    """
    theirs = [t for t in tokens if t.is_word]
    forms = [plain(t.text) for t in theirs]
    if not all(plain(t.text) in forms for t in stump):
        return None
    for count in range(max(1, 3 - len(stump)), min(4, len(head)) + 1):
        wanted = sorted(plain(t.text) for t in (*head[-count:], *stump))
        for i in range(len(theirs) - len(wanted) + 1):
            end = i + len(wanted)
            if forms[i] in wanted and sorted(forms[i:end]) == wanted:
                return count, tuple(theirs[i:end])
    return None


def _own_form(token: Token, own: Sequence[Token]) -> str:
    """The word as the faulty version writes it; the stump's capital came with the false stop."""
    return next((t.text for t in own if plain(t.text) == plain(token.text)), token.text)


def _cut_off(
    story: Story, s: Sentence, following: Sentence | None, marks: Quotes
) -> Iterator[Finding]:
    """A sentence whose last word cannot end one."""
    m = _LAST_WORD.search(s.text)
    word = m["word"] if m else s.tokens[-1].text
    if word not in story.language.words("cut") or s.is_terse or len(s.tokens) < LEAST_WORDS:
        return
    if m is None and following is None and not s.text[-1].isalpha():
        return
    start = s.end - len(m.group() if m else word)
    if marks.covers(start, s.end) and following is None:
        return
    end, suggestion = s.end, None
    if m and following and following.tokens[0].is_word:
        end = following.tokens[0].end
        suggestion = f"{word} {following.tokens[0].text}"
    yield finding(
        INFO,
        story,
        s.version,
        (start, end),
        f"The sentence breaks off after {quoted(word)}. "
        + ("Join it to the next one." if suggestion else "Write its end."),
        measure=Measure("tokens of the sentence", len(s.tokens), LEAST_WORDS),
        confidence=0.85,
        suggestion=suggestion,
    )


def _no_stop(story: Story, s: Sentence, views: tuple[OtherCell, ...]) -> Iterator[Finding]:
    """The last word of a paragraph without a stop where another version has one."""
    if s.is_terse or s.text[-1] in ".!?…:;,—–-" or len(s.tokens) < LEAST_WORDS:
        return
    bare = s.text.rstrip(_CLOSING + "“ ")
    if not bare or not (bare[-1].isalnum() or bare[-1] == "%") or _is_list_line(story, s):
        return
    if re.search(r"\w[./@]\S*\w$", bare):
        return  # an address
    stopped = [v for v in views if _ends(v.sentences[-1])]
    if not stopped or any(not _ends(v.sentences[-1]) for v in views):
        return
    last = next(t for t in reversed(s.tokens) if t.is_word)
    text = story.version(s.version).text
    yield finding(
        INFO,
        story,
        s.version,
        (last.start, s.end),
        "The sentence has no final stop.",
        measure=Measure("versions with a stop", len(stopped), 1),
        severity="minor",
        confidence=0.7,
        suggestion=text[last.start : s.end] + ".",
        witnesses=[
            reading(story, v.version, (v.sentences[-1].end - 1, v.sentences[-1].end))
            for v in stopped
        ],
    )


def _ends(s: Sentence) -> bool:
    return s.text.rstrip(_CLOSING)[-1:] in {".", "!", "?", "…"}


def _is_list_line(story: Story, s: Sentence) -> bool:
    """Whether most paragraphs of the version end without a stop: a list or a set of headings."""
    ends = [_ends(p[-1]) for p in story.paragraphs(s.version)]
    return len(ends) > 2 and sum(ends) * 2 < len(ends)


def _no_verb(
    story: Story, s: Sentence, views: tuple[OtherCell, ...], marks: Quotes
) -> Iterator[Finding]:
    """A piece without a verb that another version has inside a longer sentence."""
    own = [t for t in s.tokens if t.is_word]
    if len(own) < LEAST_WORDS or not s.text.endswith(".") or marks.covers(s.start, s.end):
        return
    if any(_can_be_verb(story, s, i) for i, t in enumerate(s.tokens) if t.is_word):
        return
    longer = [
        v
        for v in views
        if any(len(x.tokens) > len(s.tokens) and _has_auxiliary(story, x) for x in v.sentences)
    ]
    if not longer:
        return
    yield finding(
        INFO,
        story,
        s.version,
        (s.start, s.end),
        f"This piece has no verb. {counted(len(longer), 'other version')} "
        f"{'has' if len(longer) == 1 else 'have'} it inside a sentence: join it to the one before.",
        measure=Measure("words without a verb", len(own), LEAST_WORDS),
        confidence=0.7,
        witnesses=[
            reading(story, v.version, (v.sentences[0].start, v.sentences[-1].end)) for v in longer
        ],
    )


def _can_be_verb(story: Story, s: Sentence, i: int) -> bool:
    form, language = story.annotations[s.version].forms[s.index][i], story.language
    if "'" in form or form in language.words("auxiliaries") | language.words("plain_verbs"):
        return True
    endings = tuple(language.words("finite_endings"))
    return s.tokens[i].text.islower() and len(form) > 3 and form.endswith(endings)


def _has_auxiliary(story: Story, s: Sentence) -> bool:
    forms = story.annotations[s.version].forms[s.index]
    return not story.language.words("auxiliaries").isdisjoint(forms)
