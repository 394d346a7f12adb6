"""Capitals where there should be none, and small letters where there should be capitals.

What it finds
Sentences that begin in lower case; names in lower case ("in ontario", "the national
guard" where the other versions have "National Guard"); title case in running text ("ordered his
troops Shoot Suppress the uprising", "The violent nature of the riots Show that").

Why it matters
Capitals set names apart from words. A false one makes the reader look for a name, a missing one
hides it.

How it decides
Sentence starts are read off, except brand names, name particles, list items and lines that go on
with the line before. A word is a name in lower case if the English lists (SCOWL) have it only with
a capital, if another version writes a word that no list has with a capital inside a sentence, or if
two or more words have capitals in at least two other versions, or in one and elsewhere in this one,
and lower case in none. Words whose capital is house style (Government, President, Internet) never
count alone. Inside a sentence a capital is false on function words before a lower-case word, on
adverbs and verbs between lower-case words, and on a common word that at least two other versions
write small at the linked place. Headlines, quoted titles and sentences in title case pass.

Known problems
A band or film named by a verb or adverb, without quotation marks, is reported. Nouns with false
capitals pass unless two other versions show them small.

Example
"after one day Moscow sent troops To quell the protests" -> "After", "to".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from audit.compare.known_names import KnownNames
from audit.detect.base import Info, Settings, finding, reading
from audit.language.capitals import is_initial, is_lower, is_set_as_title, is_title_cased
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
    id="stray-capital",
    category="stray-capital",
    severity="minor",
    needs=frozenset({"versions"}),
)

Forms = Mapping[str, Mapping[str, Mapping[str, int]]]
"""How each version writes each word inside sentences."""

AGREEING = 2
"""Versions that must agree on the case of English words; one may follow another house style."""

KNOWN = 3.0
"""Zipf frequency from which a word in no list may be one that is written small, though the version
has it with a capital too."""

COMMON = 4.0
"""Zipf frequency from which a word is common enough that its capital is no unknown name's."""


def detect(story: Story, settings: Settings) -> Iterator[Finding]:
    """Yield one finding per sentence start, name or run of words in the wrong case."""
    known = KnownNames(settings.names, story.language)
    for f in _found(story):
        if not known.forbids(f.quote, f.suggestion or ""):
            yield f


def _found(story: Story) -> Iterator[Finding]:
    """What is in the wrong case, known names included."""
    forms = {v: a.written for v, a in story.annotations.items()}
    starts = {
        (p[0].version, p[0].index): _continues(story, before, p[0])
        for v in story.versions
        for before, p in _with_previous(story.paragraphs(v.id))
    }
    marks = {v.id: story.annotations[v.id].quotes for v in story.versions}
    for s in story.all_sentences():
        views = story.beside(s)
        first = _small_start(story, s, starts.get((s.version, s.index), False))
        if first:
            yield first
        yield from _small_names(story, s, views, forms)
        if not is_set_as_title(s, story.language):
            yield from _false_capitals(story, s, views, forms, marks[s.version])


def _with_previous(
    paras: Sequence[list[Sentence]],
) -> Iterator[tuple[Sentence | None, list[Sentence]]]:
    before = None
    for p in paras:
        yield before, p
        before = p[-1]


def _continues(story: Story, before: Sentence | None, s: Sentence) -> bool:
    """Whether a paragraph goes on with the one before: a wrapped line, or an item of a list."""
    if before is None or before.kind == "headline":
        return False
    return story.version(s.version).text[before.end - 1] not in ".!?…”\"’'»)"


def _small_start(story: Story, s: Sentence, continues: bool) -> Finding | None:
    """The first word of a sentence, if it is in lower case and should not be."""
    token = next((t for t in s.tokens if t.is_word), None)
    if (
        token is None
        or continues
        or s.kind == "item"
        or not token.text[0].isalpha()
        or not token.text[0].islower()
    ):
        return None
    opening = s.text[: token.start - s.start].strip()
    if opening.strip("“\"‘'„«([") or token.text in story.language.words("particles"):
        return None
    head = token.text.split("-")[0].split("’")[0].split("'")[0]
    if not head.islower() or any(c in token.text for c in "._@/") or len(s.tokens) < 3:
        return None
    right = token.text[0].upper() + token.text[1:]
    small = sum(1 for _ in takewhile(is_lower, (t for t in s.tokens if t.is_word)))
    return finding(
        INFO,
        story,
        s.version,
        (token.start, token.end),
        "The sentence begins in lower case.",
        measure=Measure("lower-case words at the start", small, 1),
        confidence=0.9,
        suggestion=right,
    )


def _small_names(
    story: Story, s: Sentence, views: tuple[OtherCell, ...], forms: Forms
) -> Iterator[Finding]:
    """Runs of lower-case words that are names."""
    right: dict[int, str] = {}
    for i, t in enumerate(s.tokens):
        if is_lower(t) and not _is_first_word(s, i):
            form = _name_form(t.text, s, views, forms, story.language)
            if form:
                right[i] = form
    right |= _agreed_phrases(s, views, set(right), story.language)
    for run in _runs(sorted(right)):
        start, end = s.tokens[run[0]].start, s.tokens[run[-1]].end
        suggestion = _replaced(s, start, end, {i: right[i] for i in run})
        yield finding(
            INFO,
            story,
            s.version,
            (start, end),
            "This name is in lower case.",
            measure=Measure("lower-case words of the name", len(run), 1),
            confidence=0.85,
            suggestion=suggestion,
            witnesses=_readings(story, views, [right[i] for i in run]),
        )


def _is_first_word(s: Sentence, i: int) -> bool:
    return not any(t.is_word for t in s.tokens[:i])


def _name_form(
    word: str, s: Sentence, views: tuple[OtherCell, ...], forms: Forms, language: Language
) -> str | None:
    """How a lower-case word should be written if it is a name, judged by itself."""
    if len(word) < 3 or "-" in word or word in language.words("particles"):
        return None
    if language.is_word(word):
        return None
    if any(word in forms[v.version].get(word, ()) or _has(v, word) for v in views):
        return None
    shown = Counter(
        form
        for view in views
        for form in forms[view.version].get(plain(word), ())
        if form[:1].isupper() and plain(form) in view.words
    )
    if shown:
        return shown.most_common(1)[0][0]
    own = forms[s.version].get(plain(word), {})
    capital = [f for f in own if f[:1].isupper()]
    rare = language.zipf(word) < KNOWN
    return capital[0] if capital and rare else language.always_capital(word)


def _has(view: OtherCell, word: str) -> bool:
    return any(t.text == word for t in view.tokens)


def _agreed_phrases(
    s: Sentence, views: tuple[OtherCell, ...], done: set[int], language: Language
) -> dict[int, str]:
    """Two or more lower-case English words that the other versions agree to capitalise."""
    found: dict[int, str] = {}
    judged = [v for v in views if not any(is_set_as_title(x, language) for x in v.sentences)]
    styled = language.words("style_capitals")
    for i in range(len(s.tokens) - 1):
        a, b = s.tokens[i], s.tokens[i + 1]
        if {i, i + 1} & done or not (is_lower(a) and is_lower(b)) or _is_first_word(s, i):
            continue
        pair = (a.text, b.text)
        if styled.issuperset(pair) or not all(map(language.is_word, pair)):
            continue
        written = [_pair_case(view, pair) for view in judged]
        agree, against = written.count(True), written.count(False)
        if against == 0 and agree >= AGREEING:
            found |= {i: a.text.capitalize(), i + 1: b.text.capitalize()}
    return found


def _pair_case(view: OtherCell, pair: tuple[str, str]) -> bool | None:
    """Whether a version has two words together with capitals; None if it has them not at all."""
    at = view.pairs.get(pair)
    if at is None:
        return None
    return is_title_cased(at[0]) and is_title_cased(at[1])


def _false_capitals(
    story: Story, s: Sentence, views: tuple[OtherCell, ...], forms: Forms, marks: Quotes
) -> Iterator[Finding]:
    """Runs of capitalised words that are no names."""
    false = {
        i
        for i, t in enumerate(s.tokens)
        if is_title_cased(t)
        and not is_initial(s, i)
        and not marks.covers(t.start, t.end)
        and (
            _is_false_by_class(s, i, forms, story.language)
            or _is_small_beside(s, i, views, story.language)
        )
    }
    for run in _runs(sorted(false | _drawn_in(s, false, story.language))):
        start, end = s.tokens[run[0]].start, s.tokens[run[-1]].end
        suggestion = _replaced(s, start, end, {i: s.tokens[i].text.lower() for i in run})
        yield finding(
            INFO,
            story,
            s.version,
            (start, end),
            "Words have capitals here that are no name.",
            measure=Measure("false capitals", len(run), 1),
            confidence=0.85,
            suggestion=suggestion,
            witnesses=_readings(story, views, [s.tokens[i].text.lower() for i in run]),
        )


def _is_false_by_class(s: Sentence, i: int, forms: Forms, language: Language) -> bool:
    """Whether a capitalised word is a function word, adverb or verb among lower-case words."""
    verbs = language.words("plain_verbs")
    word = s.tokens[i].text.lower()
    before = s.tokens[i - 1]
    after = s.tokens[i + 1] if i + 1 < len(s.tokens) else None
    if after is None or not after.text[:1].isalpha():
        return False
    goes_on = is_lower(after) or after.text.lower() in verbs
    if not goes_on or forms[s.version].get(word, {}).get(word.capitalize(), 0) > 2:
        return False
    if word in language.words("never_names"):
        return before.text.lower() == word or is_lower(before)
    if word in verbs:
        return is_lower(before) and before.text not in language.words("determiners")
    return language.is_adverb(word)


def _is_small_beside(s: Sentence, i: int, views: tuple[OtherCell, ...], language: Language) -> bool:
    """Whether at least two other versions write the same common word small at the linked place."""
    token = s.tokens[i]
    word = token.text.lower()
    common = language.zipf(word) >= COMMON and language.is_word(word, rare=False)
    if word in language.words("style_capitals") or not common:
        return False
    around = [s.tokens[j] for j in (i - 1, i + 1) if 0 <= j < len(s.tokens)]
    if any(is_title_cased(t) or t.text.isupper() or t.text[:1].isdigit() for t in around):
        return False
    linked = [t.text for v in views for t in v.linked(token.start, token.end)]
    same = [t for t in linked if plain(t) == word]
    return len(same) >= AGREEING and all(t.islower() for t in same)


def _drawn_in(s: Sentence, false: set[int], language: Language) -> set[int]:
    """Common capitalised words directly before a false capital, and verbs directly after it."""
    more: set[int] = set()
    for i in sorted(false):
        j = i - 1
        while j > 0 and j not in false and is_title_cased(s.tokens[j]) and not is_initial(s, j):
            word = s.tokens[j].text.lower()
            if not language.is_word(word, rare=False) or word in language.words("style_capitals"):
                break
            more.add(j)
            j -= 1
        j = i + 1
        while j < len(s.tokens) and is_title_cased(s.tokens[j]):
            if s.tokens[j].text.lower() not in language.words("plain_verbs"):
                break
            more.add(j)
            j += 1
    return more


def _runs(indices: list[int]) -> Iterator[list[int]]:
    """Neighbouring indices together."""
    run: list[int] = []
    for i in indices:
        if run and i != run[-1] + 1:
            yield run
            run = []
        run.append(i)
    if run:
        yield run


def _replaced(s: Sentence, start: int, end: int, right: Mapping[int, str]) -> str:
    """The text of [start, end) with some tokens written otherwise."""
    out, at = "", start
    for i, form in sorted(right.items()):
        token = s.tokens[i]
        out += s.text[at - s.start : token.start - s.start] + form
        at = token.end
    return out + s.text[at - s.start : end - s.start]


def _readings(story: Story, views: tuple[OtherCell, ...], right: list[str]) -> list[Reading]:
    """Where other versions write the words in the right case."""
    found = []
    for view in views:
        same: list[Token] = [t for t in view.tokens if t.text == right[0]]
        if same:
            end = same[0].start + len(" ".join(right))
            whole = story.version(view.version).text[same[0].start : end] == " ".join(right)
            found.append(
                reading(story, view.version, (same[0].start, end if whole else same[0].end))
            )
    return found
