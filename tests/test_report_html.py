"""The HTML report as a file: self-contained, inert, complete. `tests/browser` opens it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser

import bigstory
import pytest
from story import RESULT, SUSPECTED, nights

from audit.model import (
    AuditResult,
    Descent,
    FamilyTree,
    Profile,
    Reading,
    SharedFault,
    Skipped,
)
from audit.report import html, index

VOID = {"meta", "input", "br", "img", "link", "line", "circle", "path", "use"}


class Tags(HTMLParser):
    """All tags with their attributes, and the text outside style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text += data

    def ids(self) -> list[str]:
        return [str(a["id"]) for _, a in self.tags if "id" in a]


@pytest.mark.parametrize(("profile", "checked"), [("editor", False), ("everything", True)])
def test_suspicions_wait_behind_a_switch(profile: Profile, checked: bool) -> None:
    tags = Tags(html.render(dataclasses.replace(SUSPECTED, profile=profile)))
    (switch,) = (a for t, a in tags.tags if a.get("id") == "suspicions")
    assert ("checked" in switch) == checked
    assert "Show suspicions (2)" in tags.text
    kinds = [a.get("class") for t, a in tags.tags if t in ("article", "mark", "a")]
    assert kinds.count("finding suspicion") == kinds.count("tag suspicion") == 2
    assert "suspicion" in kinds
    assert "suspicions" not in Tags(html.render(RESULT)).ids()


def pages() -> list[tuple[str, AuditResult]]:
    return [("small", RESULT), ("many", bigstory.story(15)), ("hostile", bigstory.hostile())]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return {name: html.render(result) for name, result in pages()}


@pytest.mark.parametrize("name", ["small", "many", "hostile"])
def test_the_page_is_one_closed_file(made: dict[str, str], name: str) -> None:
    page = Tags(made[name])
    assert page.open == []
    loads = {"src", "srcset", "poster", "data", "action", "background", "formaction"}
    for tag, attributes in page.tags:
        assert not loads & set(attributes)
        assert "style" not in attributes
        assert not [a for a in attributes if a.startswith("on")]
        assert tag not in ("iframe", "object", "embed", "img", "link", "base")
        href = attributes.get("href") or attributes.get("xlink:href") or "#"
        assert href.startswith(("#", "https://"))
    assert [t for t, _ in page.tags].count("script") == 1
    assert len(made[name]) < 2_000_000


@pytest.mark.parametrize("name", ["small", "many", "hostile"])
def test_every_id_is_one_of_a_kind_and_every_link_inside_arrives(
    made: dict[str, str], name: str
) -> None:
    page = Tags(made[name])
    ids = page.ids()
    assert len(ids) == len(set(ids))
    inside = [str(a["href"])[1:] for t, a in page.tags if t == "a" and str(a["href"])[0] == "#"]
    assert set(inside) <= set(ids)


def test_the_policy_allows_this_style_and_this_script_alone(made: dict[str, str]) -> None:
    page = made["small"]
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    allowed = policy.group(1).replace("&#39;", "'")
    assert "default-src 'none'" in allowed
    assert "unsafe" not in allowed
    for tag in ("style", "script"):
        content = re.search(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert content
        digest = base64.b64encode(hashlib.sha256(content.group(1).encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in allowed


def test_the_first_screen_comes_first(made: dict[str, str]) -> None:
    text = Tags(made["small"]).text
    shown = [
        "No version stands out: The Herald",
        "Versions from best to worst",
        "49.1 to 62.1",
        "97 %",
        "Ilsa Markety",
        "What was not checked",
        "Java was not found",
        RESULT.signature,
    ]
    places = [text.index(t) for t in shown]
    assert max(places) < text.index("Findings by version")


def test_every_finding_is_there_with_its_evidence(made: dict[str, str]) -> None:
    text = Tags(made["small"]).text
    for f in RESULT.findings:
        assert f'id="f-{f.id}"' in made["small"]
        assert f.quote in text
        assert all(w.quote in text for w in f.witnesses)
        assert f.suggestion is None or f.suggestion in text


def test_hostile_text_is_shown_as_text(made: dict[str, str]) -> None:
    text = Tags(made["hostile"]).text
    for said in ("<script>alert('x')</script>", "</style><style>", "{{ 7*7 }}", "⟨U+202E⟩"):
        assert said in text
    assert "\u202e" not in made["hostile"]


def test_a_result_without_versions_or_findings_gives_a_page() -> None:
    empty = html.render(AuditResult("nothing", (), (), (), "sig"))
    assert "There is no version to judge." in empty
    assert Tags(empty).open == []


def test_curves_of_surprisal_are_drawn_or_their_absence_is_explained() -> None:
    assert html.render(RESULT).count('class="chart surprisal') == 3
    unread = dataclasses.replace(
        RESULT,
        versions=tuple(dataclasses.replace(v, surprisal=()) for v in RESULT.versions),
        skipped=(Skipped("surprisal", "no model <here>"),),
    )
    assert "No curves of surprisal: no model &lt;here&gt;." in html.render(unread)


def test_the_family_tree_is_drawn_where_known_and_undetermined_in_words_where_not() -> None:
    descents = (
        Descent("a-herald", None, 0.0, "shares nothing"),
        Descent("b-post", "c-wire", 0.93, "shares 3 rare faults with it"),
        Descent("c-wire", None, 0.0, "shares nothing"),
        Descent("d-blog", None, 0.0, "shares nothing"),
    )
    fault = RESULT.findings_of("b-post")[0]
    places = (Reading("b-post", fault.start, fault.end, fault.quote), Reading("c-wire", 0, 3, "x"))
    shared = SharedFault(fault.category, places, ("Morning Post Online", "<b>Wire</b>"))
    tree = FamilyTree(descents, (shared,), "1 of 4 versions could be traced.")
    known = html.render(dataclasses.replace(RESULT, family=tree))
    assert 'class="chart tree"' in known and "Undetermined" not in known
    assert "printed by <bdi>Morning Post Online and &lt;b&gt;Wire&lt;/b&gt;</bdi>" in known
    thin = html.render(RESULT)
    assert 'class="chart tree"' not in thin
    assert "<b>Undetermined.</b> The evidence is thin" in thin
    assert "Family tree" not in html.render(
        dataclasses.replace(RESULT, versions=RESULT.versions[:1], findings=(), family=None)
    )


def test_the_index_counts_outlets_over_stories() -> None:
    entries = [index.summarise(RESULT, "a/report.html"), index.summarise(RESULT)]
    herald = next(o for o in index.totals(entries) if o.name == "Morning Post Online")
    assert (herald.stories, herald.faults, herald.critical, herald.worst) == (2, 16, 4, 2)
    assert herald.score == pytest.approx(RESULT.version("b-post").score.value)


def test_outlets_with_enough_nights_have_a_control_chart() -> None:
    worst = 6  # the day on which everything is found five times
    days = nights(index.LEAST_NIGHTS, worst)
    few = index.render([index.summarise(r) for r in days[1:]])
    assert "over nights" not in few
    page = Tags(index.render([index.summarise(r) for r in days]))
    assert "Morning Post Online over nights" in page.text
    assert "Northern Wire over nights" not in page.text  # its days are unknown
    charts = index.control_charts([index.summarise(r) for r in days])
    assert len({c.name for c in charts}) == len(charts) == 2
    (post,) = [c for c in charts if "Post" in c.title]
    assert [row[0] for row in post.rows if row[-1] == "outside"] == [f"2024-05-{worst:02}"]


def test_the_index_makes_hostile_names_and_paths_inert() -> None:
    page = Tags(index.render([index.summarise(bigstory.hostile(), "javascript:alert(1)")]))
    assert [t for t, _ in page.tags].count("script") == 1
    links = [a["href"] for t, a in page.tags if t == "a"]
    assert "./javascript%3Aalert%281%29" in links
    assert not any(str(h).lower().startswith("javascript") for h in links)


def test_an_index_of_no_stories_says_so() -> None:
    assert "No story was audited." in index.render([])
