"""What an article begins with, and its vector: the lead of a news story says what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit.align.embed import Embedder
from audit.model import Sentence
from audit.model.article import Article

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAD_WORDS = 80
"""Words of title and text that are embedded: about the 128 pieces that MiniLM was trained on."""


def whole(article: Article) -> str:
    """Title and text; the title only once if the text begins with it."""
    text = article.text.strip()
    return text if text.startswith(article.title) else f"{article.title}\n{text}"


def lead(article: Article) -> str:
    """The first words of an article, its title among them."""
    return " ".join(whole(article).split(maxsplit=LEAD_WORDS)[:LEAD_WORDS])


def lead_vectors(articles: Sequence[Article], embedder: Embedder) -> list[NDArray[np.float32]]:
    """Unit vectors of the leads of articles, in their order.

    Raises ModelError if the encoder cannot be loaded.
    """
    leads = [lead(a) for a in articles]
    sentences = [
        Sentence(a.id, 0, 0, len(text), text, "body", ())
        for a, text in zip(articles, leads, strict=True)
    ]
    return [v.sentence for v in embedder.encode(sentences)]
