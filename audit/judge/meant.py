"""What may have been meant by misread words, though no row shows it.

A word has two sources of others that may have been meant. Another version has them anywhere: words
that this version lacks. And a way through another language confuses two words that share a
translation (`Language.sharing_translation`). Those that the language model expected at the place
are tried there: a right word makes what follows it likelier too. docs/real-pages.md has what each
source gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from audit.judge.misread import stem, stems_of
from audit.judge.tried import Item, gained, tried
from audit.language.logistic import probability
from audit.language.spelling import plain
from audit.measure.expected import AHEAD, SHORTEST
from audit.model import Expected, Language, Meant, Reading, Sentence, Story, Token

if TYPE_CHECKING:
    from audit.measure.surprisal import SurprisalModel

TRIED = 2
"""Words that are tried at a place from each source."""

FURTHER_PIECE = 4.0
"""Nats that each piece of a word after its first one is taken to cost before it is tried."""

NEAR = 3
"""Tokens on either side of a word whose content words are its company."""

IN_COMPANY = 3.0
"""Nats that each word of its company is worth, of a word of another version, when words are chosen
to be tried."""

CONFUSED = 0.5
"""Nats that a ten times likelier confusion is worth when words are chosen to be tried."""

LIKELY = 0.15
"""Least probability of a serious fault of a word for which others are tried: that of the words that
can belong to a reported run."""

TOKENS_PER_TRY, LEAST_TRIED = 6, 12
"""One word is tried for so many tokens of a version, but so many at least: more than garbled pages
need. It bounds what a hostile text may cost."""

MOST = 15.0
"""Gains count up to so many nats in the chance of a word, either way."""

UNSHARED = -7.0
"""Confusion that counts for a word that shares no translation: about the mean of those that do."""

MOST_COMPANY = 3
"""Words of company from which more of them says nothing."""


class _Try(NamedTuple):
    """A word to be tried at a place of a sentence, and what is read without it and with it."""

    sentence: Sentence
    misread: float
    word: Meant
    items: tuple[Item, Item]


def with_meant(stories: Sequence[Story], model: SurprisalModel) -> list[Story]:
    """The stories with what may have been meant by misread words, and what the text gains by it."""
    found = [[t for v in s.sentences for t in _chosen(s, v, model)] for s in stories]
    gains = iter(gained([t.items for own in found for t in own], model))
    return [
        _with_gains(story, own, [next(gains) for _ in own])
        for story, own in zip(stories, found, strict=True)
    ]


def _with_gains(story: Story, tries: Sequence[_Try], gains: Sequence[float]) -> Story:
    meant: dict[tuple[str, int], list[Meant]] = defaultdict(list)
    for t, gain in zip(tries, gains, strict=True):
        place = t.sentence.version, t.sentence.index
        word = replace(t.word, gain=round(gain, 3))
        meant[place].append(replace(word, chance=round(chance(word, story.language), 3)))
    return replace(story, meant={place: tuple(words) for place, words in meant.items()})


def chance(word: Meant, language: Language) -> float:
    """Probability, 0 to 1, that a word is what was meant, if its place is a fault.

    0 if no model was fitted to the language.
    """
    model = language.trained("meant")
    if model is None:
        return 0.0
    return probability(model, features(word))


def features(word: Meant) -> Mapping[str, float]:
    """What the model of the chance sees of a word, by name."""
    shares = word.confusion is not None
    return {
        "gain": max(-MOST, min(MOST, word.gain)),
        "confusion": UNSHARED if word.confusion is None else word.confusion,
        "shares": float(shares),
        "shares_and_shown": float(shares and word.witness is not None),
        "company": float(min(word.company, MOST_COMPANY)),
    }


def _chosen(story: Story, version: str, model: SurprisalModel) -> list[_Try]:
    """The tries of a version in the order of the text: of the likeliest faults if too many."""
    places = list(_misread_places(story, version))
    if not places:
        return []
    elsewhere = _Elsewhere(story, version, model)
    tries = [t for s, k, e in places for t in _tries(story, s, k, e, elsewhere, model)]
    tokens = sum(len(s.tokens) for s in story.sentences[version])
    most = max(LEAST_TRIED, tokens // TOKENS_PER_TRY)
    kept = sorted(tries, key=lambda t: -t.misread)[:most]
    return sorted(kept, key=lambda t: (t.word.start, t.word.text))


def _misread_places(story: Story, version: str) -> Iterator[tuple[Sentence, int, Expected]]:
    """The misread words of a version, each by its sentence and token, with what was expected."""
    for s in story.sentences[version]:
        at = {t.start: k for k, t in enumerate(s.tokens)}
        for e in story.expected.get((version, s.index), ()):
            k = at[e.start]
            likely = story.misread[version, s.index][k].serious >= LIKELY
            if likely and not story.language.is_function_word(s.tokens[k].text):
                yield s, k, e


class _There(NamedTuple):
    """A word of another version, and the stems of the content words beside it."""

    reading: Reading
    company: frozenset[str]


class _Elsewhere:
    """Words of the independent other versions, by the first of their pieces."""

    def __init__(self, story: Story, version: str, model: SurprisalModel) -> None:
        own = stems_of(story, version)
        copies = story.copies_of[version]
        self._names: dict[int, list[_There]] = defaultdict(list)
        self._words: dict[int, list[_There]] = defaultdict(list)
        for other, sentences in story.sentences.items():
            for s, k in _in_running_text(sentences) if other not in copies else ():
                token = s.tokens[k]
                is_name = token.text[0].isupper()
                if is_name or (
                    not story.language.is_function_word(token.text)
                    and stem(plain(token.text)) not in own
                ):
                    place = Reading(other, token.start, token.end, token.text)
                    kept = self._names if is_name else self._words
                    company = _company(s, k, story.language)
                    kept[model.pieces(token.text)[0]].append(_There(place, company))

    def beginning(self, piece: int, *, name: bool) -> Sequence[_There]:
        """The names, or the other words, that begin with a piece, where they stand."""
        return (self._names if name else self._words).get(piece, ())


def _in_running_text(sentences: Sequence[Sentence]) -> Iterator[tuple[Sentence, int]]:
    """The places of the words after the first one of their sentence."""
    for s in sentences:
        begun = False
        for k, t in enumerate(s.tokens):
            if begun and t.text.isalpha() and len(t.text) >= SHORTEST:
                yield s, k
            begun = begun or t.is_word


def _company(s: Sentence, k: int, language: Language) -> frozenset[str]:
    """The stems of the content words beside a token."""
    beside = (*s.tokens[max(k - NEAR, 0) : k], *s.tokens[k + 1 : k + 1 + NEAR])
    return frozenset(
        stem(plain(t.text)) for t in beside if t.is_word and not language.is_function_word(t.text)
    )


def _tries(
    story: Story,
    s: Sentence,
    k: int,
    place: Expected,
    elsewhere: _Elsewhere,
    model: SurprisalModel,
) -> Iterator[_Try]:
    token, inside = s.tokens[k], any(t.is_word for t in s.tokens[:k])
    nats = (story.surprisal or {})[s.version][s.index]
    capital = token.text[0].isupper()
    company = _company(s, k, story.language)
    there = _there(place, elsewhere, company, name=capital and inside)
    for word in _proposed(story, place, token, nats[k], there, model, name=capital and inside):
        text = word.text
        if capital and not inside:
            text = text[0].upper() + text[1:]
        yield _Try(
            s,
            story.misread[s.version, s.index][k].serious,
            replace(word, text=text),
            tried(story, s, token.start, token.end, text),
        )


def _there(
    place: Expected, elsewhere: _Elsewhere, company: frozenset[str], *, name: bool
) -> dict[str, tuple[int, Reading]]:
    """The expected words that other versions have, each where it stands in the best company."""
    found: dict[str, tuple[int, Reading]] = {}
    for piece in place.nats:
        for there in elsewhere.beginning(piece, name=name):
            text, shared = there.reading.quote, len(company & there.company)
            if text not in found or shared > found[text][0]:
                found[text] = shared, there.reading
    return found


def _proposed(
    story: Story,
    place: Expected,
    token: Token,
    own: float,
    there: Mapping[str, tuple[int, Reading]],
    model: SurprisalModel,
    *,
    name: bool,
) -> list[Meant]:
    """The words that are tried in the place of a token, of each source those that promise most."""
    shared = {} if name else story.language.sharing_translation(token.text.lower())

    def meant(text: str) -> Meant:
        ids = model.pieces(text)
        ahead = own - place.nats.get(ids[0], own) - FURTHER_PIECE * (len(ids) - 1)
        company, witness = there.get(text, (0, None))
        return Meant(
            token.start,
            token.end,
            token.text,
            text,
            round(ahead, 3),
            shared.get(text.lower()),
            witness,
            company,
        )

    same = stem(plain(token.text))
    shown = [meant(text) for text in there if stem(plain(text)) != same]
    told = [meant(text) for text in shared]
    best_shown = sorted(shown, key=lambda m: -m.ahead - IN_COMPANY * m.company)[:TRIED]
    best_told = sorted(told, key=lambda m: -m.ahead - CONFUSED * (m.confusion or 0.0))[:TRIED]
    chosen = {m.text: m for m in (*best_told, *best_shown) if m.ahead >= AHEAD}
    return list(chosen.values())
