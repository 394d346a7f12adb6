"""What the evidence of its words says of a sentence as a whole: the measures behind its risk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from audit.judge.evidence import COLUMNS, LEAST_RARITY, RARE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEASURES = (
    "worst_doubt",
    "nats",
    "unsupported",
    "unsupported_at_most",
    "unsaid",
    "root_words",
)
"""Mostly smooth sums, so that two renderings that differ in one word differ here.

`worst_doubt`: doubt of the most doubted word. `nats`: surprisal of the sentence. `unsupported`: how
far the words are from the nearest word of a witness, in the mean of the witnesses;
`unsupported_at_most`: of the farthest witness, which shows how freely the row is worded. `unsaid`:
how far the witnesses' words are from the nearest word here, times `root_words`. Distances are means
weighted by rarity, so they are 1 − precision and 1 − recall of BERTScore (Zhang et al. 2020).
`root_words`: square root of the number of words, since an MQM penalty is a sum over errors.
"""


def sentence_measures(
    table: NDArray[np.float32], doubt: NDArray[np.float64]
) -> Mapping[str, float]:
    """The measures of one sentence, from the evidence and the doubt of its tokens.

    What was not measured (no witness, no language model) counts nothing.
    """
    import numpy as np

    columns = np.nan_to_num(table.astype(np.float64), nan=0.0)

    def column(name: str) -> NDArray[np.float64]:
        values: NDArray[np.float64] = columns[:, COLUMNS.index(name)]
        return values

    root = max(1.0, float(column("is_word").sum())) ** 0.5
    weight = np.maximum(LEAST_RARITY, RARE - column("zipf")) * column("is_word")
    has_witness = column("witnesses") > 0

    def far(support: str) -> float:
        distance = float((weight * has_witness * (1 - column(support))).sum())
        return distance / max(float(weight.sum()), 1.0)

    row_weight = float(column("row_told").max(initial=0.0))
    unsaid = float(column("row_unsaid").max(initial=0.0)) / max(row_weight, 1.0)
    return {
        "worst_doubt": float(doubt.max(initial=0.0)),
        "nats": float(column("surprisal").sum()),
        "unsupported": far("support_mean"),
        "unsupported_at_most": far("support_min"),
        "unsaid": unsaid * root,
        "root_words": root,
    }
