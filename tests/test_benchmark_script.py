"""scripts/benchmark.py: predictions, missing data, and the page that it writes."""

from __future__ import annotations

import json
from pathlib import Path

import benchmark
import benchmark_bulk
import numpy as np
import pytest
import simulate_stories
from benchmark_page import BEGIN, END, Result, Run, read_peers, render, replace

SCORER = (
    "import json; print(json.dumps({'serious_per_1000_words': 0.5, 'by_category': {'typo': 2}}))"
)
PAGE = f"# Title\r\n\r\nby hand \u00e9\n{BEGIN}\nold\n{END}\n\n## Speed\n  kept \n"
STORY = {
    "story": "s",
    "versions": [{"id": "a", "words": 120}],
    "findings": [],
    "skipped": [{"stage": "comparison", "why": "alone"}, {"stage": "grammar", "why": "no Java"}],
    "signature": "mtaudit:9|seed:1",
}


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A benchmark folder that holds a scorer, and of all sets `native` alone."""
    folder = tmp_path / "bench"
    (folder / "data").mkdir(parents=True)
    (folder / "score.py").write_text(SCORER)
    (folder / "data" / "native.jsonl.gz").touch()
    return folder


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "page.md"
    path.write_bytes(PAGE.encode())
    monkeypatch.setattr(benchmark, "PAGE", path)
    return path


def run(name: str, bench: Path, *flags: str) -> int:
    return benchmark.main([name, "--bench", str(bench), "--work", str(bench / "work"), *flags])


def predict(bench: Path, *records: object) -> None:
    (bench / "work").mkdir()
    lines = "".join(json.dumps(r) + "\n" for r in records)
    (bench / "work" / "native.out.jsonl").write_text(lines)


def test_figures_are_written_between_the_markers_and_nowhere_else(bench: Path, page: Path) -> None:
    predict(bench, STORY, STORY | {"story": "t"})
    assert run("native", bench, "--reuse", "--write") == 0
    written = page.read_bytes().decode()
    before, rest = written.split(BEGIN)
    section, after = rest.split(END)
    assert before == PAGE.split(BEGIN)[0]
    assert after == PAGE.split(END)[1]
    assert "| **mtaudit** | 0.5 | – |" in section
    assert "Findings: typo 2." in section
    assert "2 stories, 240 words; time not recorded" in section
    assert "Signature `mtaudit:9|seed:1` (2 stories)." in section
    assert "Did not run: grammar (2 stories)." in section


def test_when_and_where_a_run_was_made_is_kept_beside_its_predictions(
    bench: Path, page: Path
) -> None:
    predict(bench, STORY)
    told = {"date": "2020-02-02", "seconds": 61.4, "processor": 40, "machine": "3 cores, x"}
    (bench / "work" / "native.run.json").write_text(json.dumps(told))
    assert run("native", bench, "--reuse", "--write") == 0
    line = "2020-02-02: 1 story, 120 words; 61 s, 40 s of the processor; 3 cores, x."
    assert line in page.read_text()


def test_sections_of_other_sets_stay_and_stand_in_order() -> None:
    page = replace(PAGE, {"native": "### `native`\n\nfirst"})
    page = replace(page, {"seeds": "### `seeds`\n\nsecond"})
    page = replace(page, {"native": "### `native`\n\nthird"})
    assert page == PAGE.replace("old", "### `seeds`\n\nsecond\n\n### `native`\n\nthird")


@pytest.mark.parametrize("page", ["", BEGIN, f"{END}{BEGIN}", f"{BEGIN}{END}{END}"])
def test_a_page_without_its_markers_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="figures: begin"):
        replace(page, {})


@pytest.mark.parametrize("name", ["demetr", "seeds", "wmt21zhen"])
def test_a_set_without_data_is_skipped_with_the_reason(
    name: str, bench: Path, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, bench, "--write") == 0
    said = capsys.readouterr().out
    assert f"### `{name}`\n\nSkipped: missing: " in said
    assert f"{name}_gold.tsv; " in said or f"{name}.gold.jsonl.gz; " in said
    assert "old" not in page.read_text()
    assert name not in page.read_text()


def test_a_set_with_stories_that_failed_gives_no_figures(
    bench: Path, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predict(bench, STORY, {"error": {"kind": "X", "message": "it broke"}, "line": 2, "story": "t"})
    assert run("native", bench, "--reuse", "--write") == 1
    assert "Failed: 1 of 2 stories could not be audited; first line 2: it broke" in (
        capsys.readouterr().out
    )
    assert "native" not in page.read_text()


def test_a_scorer_that_fails_is_quoted(bench: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bench / "score.py").write_text("raise SystemExit('no version x')")
    predict(bench, STORY)
    assert run("native", bench, "--reuse") == 1
    assert "Failed: score.py: no version x" in capsys.readouterr().out


def test_peers_and_kinds_stand_beside_our_figures() -> None:
    scores = {
        "accuracy_mean": 0.9,
        "located_mean": 0.8,
        "original_flagged_any": 0.1,
        "by_category": {"major_id19_question": "accuracy 1.00 located 0.98 (n=60)"},
    }
    peers = {
        "demetr": {
            "source": "computed here",
            "asked": {"accuracy_mean": 0.95},
            "peers": [{"name": "Checker 1", "accuracy_mean": 0.3}],
        }
    }
    section = render(Result("demetr", scores, Run(1, 2, {"s": 1}, {})), peers)
    assert (
        "| **mtaudit** | 0.9 | 0.8 | – | 0.1 |\n"
        "| asked for | 0.95 | – | – | – |\n"
        "| Checker 1 | 0.3 | – | – | – |\n" in section
    )
    assert "Peers: computed here." in section
    assert "| question | major | 1.00 | 0.98 |" in section


def test_peers_are_named_and_have_figures_that_are_shown() -> None:
    for entry in read_peers().values():
        assert entry["source"]
        assert all(peer["name"] and len(peer) > 1 for peer in entry["peers"])


def test_a_figure_that_no_table_shows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "peers.toml"
    path.write_text("[native]\nasked.acuracy = 1\n")
    with pytest.raises(ValueError, match="native: unknown: acuracy"):
        read_peers(path)


def test_the_page_of_the_project_has_its_markers() -> None:
    page = benchmark.PAGE.read_bytes().decode()
    assert replace(page, {}) == page


def test_two_in_five_articles_of_the_bulk_benchmark_are_reprints() -> None:
    made = list(benchmark_bulk.stories(3))
    assert made == list(benchmark_bulk.stories(3))
    texts = set()
    for story in made:
        *told, first, second = [v["text"] for v in story["versions"]]
        assert len(set(told)) == len(told) == 3
        for reprint in (first, second):
            assert any(text.startswith(reprint) for text in told)
        texts |= set(told)
    assert len(texts) == 9


def test_simulated_articles_are_such_as_the_index_reads() -> None:
    rows = list(simulate_stories.made(range(300), 3_000))
    assert len({row.article for row in rows}) == 300
    for row in rows[:20]:
        words = np.frombuffer(row.words, [("term", "<u4"), ("weight", "<f4")])
        assert np.all(np.diff(words["weight"]) <= 0)
        assert np.linalg.norm(words["weight"]) == pytest.approx(1, abs=1e-3)
        assert np.linalg.norm(np.frombuffer(row.vector, "<f4")) == pytest.approx(1, abs=1e-3)
        assert len(row.signature) == 4 * simulate_stories.HASHES
