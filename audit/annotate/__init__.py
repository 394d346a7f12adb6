"""Reads once what every later stage needs: words, names, quantities, quotations, verb groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from audit.annotate.names import find_names
from audit.language.capitals import is_initial, is_set_as_title
from audit.language.spelling import plain, words_in
from audit.model import Annotation, Mention, Sentence, Story, Word
from audit.model.language import Language

__all__ = ["annotate"]


def annotate(story: Story) -> Story:
    """The story with the annotation of each of its versions."""
    words = {v: tuple(words_in(s.text, s.start) for s in own) for v, own in story.sentences.items()}
    names = find_names(story.sentences, words, story.language)
    return replace(
        story,
        annotations={
            v.id: _annotation(
                v.text, story.sentences[v.id], words[v.id], names[v.id], story.language
            )
            for v in story.versions
        },
    )


def _annotation(
    text: str,
    sentences: Sequence[Sentence],
    words: tuple[tuple[Word, ...], ...],
    names: tuple[Mention, ...],
    language: Language,
) -> Annotation:
    forms = tuple(tuple(plain(t.text) for t in s.tokens) for s in sentences)
    paragraphs = _paragraphs(text, sentences)
    spans = [(sentences[p[0]].start, sentences[p[-1]].end) for p in paragraphs]
    return Annotation(
        forms=forms,
        words=words,
        names=names,
        quantities=tuple(language.quantities(s.text, s.start) for s in sentences),
        verb_groups=tuple(language.verb_groups(f) for f in forms),
        quotes=language.quotes(text, spans),
        written=_written(sentences, language),
        paragraphs=paragraphs,
    )


def _paragraphs(text: str, sentences: Sequence[Sentence]) -> tuple[tuple[int, ...], ...]:
    """The indices of sentences by paragraph: a line break between two starts a new one."""
    found: list[list[int]] = []
    for s in sentences:
        if found and "\n" not in text[sentences[found[-1][-1]].end : s.start]:
            found[-1].append(s.index)
        else:
            found.append([s.index])
    return tuple(map(tuple, found))


def _written(sentences: Sequence[Sentence], language: Language) -> Mapping[str, Mapping[str, int]]:
    """How each word is written inside sentences: lower-case form, form, count.

    Sentences set as titles and words that begin a sentence do not count.
    """
    forms: dict[str, Counter[str]] = {}
    for s in sentences:
        if not is_set_as_title(s, language):
            for i, t in enumerate(s.tokens):
                if t.is_word and not is_initial(s, i):
                    forms.setdefault(plain(t.text), Counter())[t.text] += 1
    return forms
