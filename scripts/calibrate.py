#!/usr/bin/env python3
"""Calibrate: fit the models that turn measures into doubt, risk and confidence.

    python scripts/calibrate.py [--bench DIR] [--out DIR] [--folds N]
    python scripts/calibrate.py --verdicts STORE [--out DIR]

With --verdicts: reads what people said of findings in a store, by its URL, and writes corrections
of the confidence of rules (`confidence.json`; `calibration/verdicts.py`, docs/verdicts.md).

Without: reads the development sets in DIR/data (default ../shared/bench) and audits their stories
with the current program:

- words (`word_any.json`, `word_serious.json`): two gradient-boosted forests on the evidence of each
  word, from error spans by professionals (`wmt21zhen`, `humanpair`), known damage (`demetr`) and
  original news (`native`: every word counts as right); stories of many versions are also dealt into
  stories of four and two, so that the forests know what few witnesses are worth
- risk (`risk.json`): weights of a sentence's measures, from MQM by professionals (`wmt21zhen`, also
  in fours, `wmt23heen`, `wmt23heenfew`) and from DEMETR's pairs
- edits (`edit.json`): a logistic model on what edits gain that witnesses offer, from `demetr`, and
  one for what the language model proposes, from `native` and its damage too; tried on `humanpair`
  and an eighth of `wmt21zhen` as well

`native` is also damaged in known places (`calibration/damage.py`), for words and for edits.

Prints what each reaches on stories kept out of its training and writes the four files into OUT
(default audit/language/en/trained). An hour on two cores where no surprisal is kept yet, nearly all
of it the language model; docs/calibration.md has what it gave.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from calibration import edits, risk, verdicts, words
from calibration.damage import damaged
from calibration.data import MEASURED, SUFFIX, Spans, measured, spans_of

from audit.config import without_password
from audit.errors import AuditError, InputError
from audit.judge.evidence import COLUMNS
from audit.judge.measures import MEASURES
from audit.judge.trees import dumps, to_text
from audit.measure.surprisal import SurprisalModel
from audit.model import Story
from audit.pipeline import Engine
from audit.store.database import Store
from audit.store.verdicts import Verdicts

ROOT = Path(__file__).resolve().parent.parent
SETS = ("demetr", "humanpair", "wmt21zhen", "native", "wmt23heen", "wmt23heenfew")
DAMAGED = "native" + SUFFIX
PART = 8
"""One story of wmt21zhen in so many is read after its witnesses and gives edits: each costs a run
of the language model, and on WMT retellings change no figure."""


def main(args: Sequence[str] | None = None) -> None:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--out", type=Path, default=ROOT / "audit" / "language" / "en" / "trained")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--verdicts", metavar="STORE", help="URL of a store; sqlite:///FILE")
    given = parser.parse_args(args)
    if given.verdicts is not None:
        try:
            correct(given.verdicts, given.out)
        except AuditError as e:
            parser.error(str(e))
        return
    data = given.bench / "data"
    model = SurprisalModel()  # refuses at once where its files are missing
    with Engine() as engine:
        stories = {name: list(measured(engine, data, name)) for name in SETS}
        spans = {name: spans_of(data, name) for name in SETS}
        batch, spans[DAMAGED] = damaged(stories["native"])
        stories[DAMAGED] = engine.stories(batch, MEASURED)
    calibrate(stories, spans, model, data, given.out, given.folds)


def correct(store: str, out: Path) -> None:
    """Correct the confidence of rules by the verdicts of a store, on top of what OUT has.

    Raises InputError if no rule has enough of them, StoreError if the store cannot be used.
    """
    file = out / "confidence.json"
    earlier = json.loads(file.read_text("utf-8"))["rules"] if file.exists() else {}
    with Store.open(store, make=False) as opened:
        said = Verdicts(opened).of()
    rules, is_any = verdicts.refit(said, earlier, datetime.now(UTC))
    if not is_any:
        raise InputError(
            without_password(store),
            f"{len(said)} verdicts, of no rule enough to correct its confidence: "
            f"{verdicts.FEWEST} accepted and {verdicts.FEWEST} dismissed findings are needed",
        )
    out.mkdir(parents=True, exist_ok=True)
    written = {"rules": rules, "made_by": "scripts/calibrate.py"}
    file.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


def calibrate(
    stories: dict[str, list[Story]],
    spans: dict[str, Spans],
    model: SurprisalModel,
    data: Path,
    out: Path,
    folds: int,
) -> None:
    """Fit all models on measured stories, in the order in which they need each other."""
    made = {"made_by": "scripts/calibrate.py"}
    out.mkdir(parents=True, exist_ok=True)

    wmt = "wmt21zhen", stories["wmt21zhen"], spans["wmt21zhen"]
    sources = [
        words.words_of("demetr", stories["demetr"], spans["demetr"], weight=4.0),
        words.words_of("humanpair", stories["humanpair"], spans["humanpair"]),
        words.words_of(*wmt, part=PART),
        words.words_of(*wmt, hand=4, part=PART),
        words.words_of(*wmt, hand=2, weight=0.7, part=PART),
        words.words_of("native", stories["native"], {}, weight=2.0),
        words.words_of(DAMAGED, stories[DAMAGED], spans[DAMAGED], weight=2.0),
    ]
    fitted = words.fit(sources, folds, model)
    words.report(fitted.words, fitted.kept_out)
    for name, forest in fitted.forests.items():
        text = to_text(dumps(forest, COLUMNS) | made)
        (out / f"word_{name}.json").write_text(text, encoding="utf-8")

    heard = {n: words.words_of(n, stories[n], {}) for n in ("wmt23heen", "wmt23heenfew")}
    # never seen by the forests; without retellings
    unseen = {n: fitted.forests["any"].predict_proba(w.table)[:, 1:] for n, w in heard.items()}
    starts = {
        (s.id, v, x.index): x.start
        for own in stories.values()
        for s in own
        for v, sentences in s.sentences.items()
        for x in sentences
    }
    lines = [
        risk.lines_of(data, name, starts, risk.sentences_of(source, doubts), weight)
        for name, source, doubts, weight in (
            ("wmt21zhen", fitted.words[2], fitted.kept_out[2], 1.5),
            ("wmt21zhen", fitted.words[3], fitted.kept_out[3], 0.75),
            *((n, w, unseen[n], 1.0) for n, w in heard.items()),
        )
    ]
    pairs = risk.pairs_of(data, risk.sentences_of(fitted.words[0], fitted.kept_out[0]))
    weights = {
        "with_surprisal": risk.fit(lines, pairs, MEASURES),
        "without_surprisal": risk.fit(lines, pairs, risk.UNHEARD),
    }
    (out / "risk.json").write_text(json.dumps(weights | made, indent=1) + "\n", encoding="utf-8")

    doubted = [
        (s.name, words.with_doubts(own, s.places, fitted.kept_out[k]), spans[s.name])
        for k, own in (
            (0, stories["demetr"]),
            (1, stories["humanpair"]),
            (2, stories["wmt21zhen"][::PART]),
            (5, stories["native"]),
            (6, stories[DAMAGED]),
        )
        for s in (fitted.words[k],)
    ]
    logistic = edits.fit(doubted, model)
    (out / "edit.json").write_text(json.dumps(logistic | made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
