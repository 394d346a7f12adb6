"""Reading stories, and refusing what cannot or must not be read."""

import gzip
import io
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from audit.config import Settings
from audit.errors import InputError, NotScored
from audit.ingest.bulk import BulkStory, bulk_files, read_bulk
from audit.ingest.fetch import Fetched
from audit.ingest.read import read_story, read_version
from audit.ingest.scorable import check_scorable
from audit.model import Version

FIXTURES = Path(__file__).parent / "fixtures" / "ingest"
NEWS = "The river port reopened on Friday after three days of flooding."
FRENCH = (
    "Le port fluvial a rouvert ses portes vendredi après trois jours d'inondations qui avaient "
    "interrompu tout le trafic, a déclaré la capitaine du port. Une quarantaine de navires "
    "attendaient à l'extérieur du port jeudi soir, et le premier est entré peu après six heures "
    "du matin, sous les applaudissements des habitants réunis sur le quai."
)
RUSSIAN = "Речной порт вновь открылся в пятницу после трёх дней наводнения."
SETTINGS = Settings()


def write(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_folder_with_story_file(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", NEWS)
    write(tmp_path, "a.txt.gz", gzip.compress(NEWS.encode()))
    write(tmp_path, "photo.jpg", b"\xff\xd8\xff")
    write(tmp_path, "README.md", "not a version")
    write(
        tmp_path,
        "story.toml",
        'id = "port"\n[versions."b.txt"]\noutlet = "Times"\npublished = 2022-01-07\n',
    )
    story, versions, skipped = read_story([tmp_path], SETTINGS)
    assert story == "port"
    assert versions == (
        Version("a.txt.gz", NEWS),
        Version("b.txt", NEWS, outlet="Times", published="2022-01-07"),
    )
    assert [s.stage for s in skipped] == ["input"]
    assert "photo.jpg: not a version" in skipped[0].why


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ("id = ", "not valid TOML"),
        ("name = 'port'", "unknown key name"),
        ("[versions.'a.txt']\nauthor = 'x'", r"unknown key versions\.a\.txt\.author"),
        ("[versions.'c.txt']\noutlet = 'x'", r"speaks of c\.txt"),
        ("versions = 3", "must hold a table"),
        ("id = 3", "must be a string"),
    ],
)
def test_bad_story_file(tmp_path: Path, toml: str, why: str) -> None:
    write(tmp_path, "a.txt", NEWS)
    write(tmp_path, "story.toml", toml)
    with pytest.raises(InputError, match=why):
        read_story([tmp_path], SETTINGS)


@pytest.mark.parametrize("begin", ["<!-- a -->", "<!-- a -->\n", "<!--", "<?xml >", " \n"])
def test_whether_a_file_is_a_page_is_seen_soon_whatever_it_begins_with(
    tmp_path: Path, begin: str
) -> None:
    write(tmp_path, "a.txt", begin * 4000 + "The end.")
    assert read_version(str(tmp_path / "a.txt"), SETTINGS).text.endswith("The end.")


def test_order_of_files_does_not_matter_and_the_folder_names_the_story(tmp_path: Path) -> None:
    a, b = write(tmp_path, "a.txt", NEWS), write(tmp_path, "b.txt", NEWS)
    assert read_story([a, b], SETTINGS) == read_story([b, a], SETTINGS)
    assert read_story([a, b], SETTINGS)[0] == tmp_path.name
    assert read_story([a], SETTINGS)[0] == "a.txt"
    assert read_story([a], SETTINGS, story_id="mine")[0] == "mine"


def test_files_of_one_name_are_distinguished_by_their_folders(tmp_path: Path) -> None:
    files = []
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        files.append(write(tmp_path / folder, "a.txt", NEWS))
    assert [v.id for v in read_story(files, SETTINGS)[1]] == ["x/a.txt", "y/a.txt"]
    with pytest.raises(InputError, match="two versions have this name"):
        read_story([files[0], files[0].parent], SETTINGS)


def test_one_bad_version_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", NEWS)
    write(tmp_path, "b.html", "<html><body></body></html>")
    write(tmp_path, "c.txt", b"\xff\xfe\xfd odd")
    _, versions, skipped = read_story([tmp_path], SETTINGS)
    assert [v.id for v in versions] == ["a.txt"]
    assert len(skipped) == 2
    assert any("b.html" in s.why and "no article text" in s.why for s in skipped)


def test_nothing_left_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotScored, match="no file with text"):
        read_story([tmp_path], SETTINGS)
    write(tmp_path, "a.html", "<html><body></body></html>")
    with pytest.raises(NotScored, match=r"a\.html: .*no article text"):
        read_story([tmp_path], SETTINGS)
    write(tmp_path, "b.txt", b"\xff\xfe\xfd odd")
    with pytest.raises(NotScored, match=r"a\.html.*b\.txt"):
        read_story([tmp_path], SETTINGS)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_story([tmp_path / "missing.txt"], SETTINGS)


def test_page() -> None:
    version = read_version(str(FIXTURES / "page.html"), SETTINGS)
    assert version.id == "page.html"
    assert (version.title, version.outlet) == ("River port reopens after flood", "Harbour Times")
    assert version.published == "2022-01-07"
    assert version.text.splitlines()[0] == "River port reopens after flood"
    assert "“We have cleared the main channel,”" in version.text
    assert "track(" not in version.text and "All rights" not in version.text


def test_markdown_is_read_without_markup() -> None:
    version = read_version(str(FIXTURES / "note.md"), SETTINGS)
    assert version.title == "River port reopens"
    assert version.text == (
        "River port reopens\n\nThe river port reopened on Friday after three days.\n\n"
        "- Forty ships waited.\n\n- The first entered at 6 a.m."
    )


def test_fetched_page_keeps_its_final_address() -> None:
    class Canned:
        def fetch(self, url: str) -> Fetched:
            content = (FIXTURES / "page.html").read_bytes()
            return Fetched(f"{url}/final", content, "text/html", None)

    version = read_version("https://harbour.example/a", SETTINGS, Canned())
    assert version.id == "https://harbour.example/a"
    assert version.url == "https://harbour.example/a/final"
    assert version.outlet == "Harbour Times"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def pipe(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    pipe(NEWS.encode())
    assert read_version("-", SETTINGS) == Version("stdin", NEWS)
    pipe((FIXTURES / "page.html").read_bytes())
    assert read_version("-", SETTINGS).outlet == "Harbour Times"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xef\xbb\xbf" + NEWS.encode(), NEWS),
        (NEWS.encode("utf-16"), NEWS),
        (NEWS.encode("utf-32"), NEWS),
        ("“Café”, she said – £5".encode(), "“Café”, she said – £5"),
        (f"{NEWS} “We won’t,” she said – not at the café.".encode("cp1252"), None),
        (b"One line.\r\nAnother line.\r\n", "One line.\r\nAnother line.\r\n"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, text: str | None) -> None:
    version = read_version(str(write(tmp_path, "a.txt", content)), SETTINGS)
    assert version.text == (text or content.decode("cp1252"))


def test_declared_encoding_of_a_page(tmp_path: Path) -> None:
    page = (FIXTURES / "page.html").read_text(encoding="utf-8").replace('"utf-8"', '"iso-8859-1"')
    version = read_version(str(write(tmp_path, "a.html", page.encode("cp1252"))), SETTINGS)
    assert "“We have cleared" in version.text
    odd = page.replace('"iso-8859-1"', '"klingon"').encode()
    with pytest.raises(InputError, match="unknown encoding 'klingon'"):
        read_version(str(write(tmp_path, "b.html", odd)), SETTINGS)


def test_bytes_that_are_utf8_overrule_what_a_page_declares(tmp_path: Path) -> None:
    page = (FIXTURES / "page.html").read_text(encoding="utf-8").replace('"utf-8"', '"iso-8859-1"')
    version = read_version(str(write(tmp_path, "a.html", page.encode())), SETTINGS)
    assert "“We have cleared" in version.text
    late = page.replace('"iso-8859-1"', '"utf-8"').encode("cp1252")
    assert "“We have cleared" in read_version(str(write(tmp_path, "b.html", late)), SETTINGS).text


@pytest.mark.parametrize("name", ["page", "page.php", "page.xhtml", "page.txt", "page.aspx"])
def test_a_page_is_known_by_how_it_begins(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, b"<!-- made by hand -->\n" + (FIXTURES / "page.html").read_bytes())
    version = read_version(str(tmp_path / name), SETTINGS)
    assert (version.title, version.outlet) == ("River port reopens after flood", "Harbour Times")
    assert [v.id for v in read_story([tmp_path], SETTINGS)[1]] == [name]


PROSE = "<p>The port was built on 2012-05-06 by two brothers. Updated: 2013-04-05 it said.</p>"


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        ("", PROSE, None),
        ("", f"<div>{PROSE[3:-4]}</div><footer>Copyright 3 May 2019</footer>", None),
        ('<meta property="article:published_time" content="2022-01-07">', PROSE, "2022-01-07"),
        ("", f'<time datetime="2022-01-07">Friday</time>{PROSE}', "2022-01-07"),
        ("", f'<p class="date">7 January 2022</p>{PROSE}', "2022-01-07"),
    ],
)
def test_a_date_in_the_story_is_not_the_date_of_the_story(
    tmp_path: Path, head: str, body: str, published: str | None
) -> None:
    page = f"<html><head><title>Port</title>{head}</head><body><article><h1>Port</h1>{body}"
    file = write(tmp_path, "a.html", (page + f"<p>{NEWS}</p></article></body></html>").encode())
    assert read_version(str(file), SETTINGS).published == published


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["---", "+++"])
def test_front_matter_is_not_text(tmp_path: Path, end: str, mark: str) -> None:
    lines = [mark, 'title: "Port reopens"', "draft: false", mark, "", "It reopened on Friday."]
    file = write(tmp_path, "a.md", end.join(lines).encode())
    version = read_version(str(file), SETTINGS)
    assert (version.title, version.text) == ("Port reopens", "It reopened on Friday.")


def test_a_table_in_markdown_has_a_line_for_each_row(tmp_path: Path) -> None:
    file = write(tmp_path, "a.md", b"Rents rose.\n\n| Year | Rent |\n|--|--|\n| 2019 | 410 |\n")
    assert read_version(str(file), SETTINGS).text == "Rents rose.\n\nYear | Rent\n\n2019 | 410"


CONSENT = """We value your privacy.
We and our 12 partners store information on your device, such as cookies.
You may change your choices before you consent, or open the settings of our partners."""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (CONSENT, "a page that asks for consent"),
        (
            "Just a moment. Please enable JavaScript and cookies to continue.",
            "keeps the reader out",
        ),
    ],
)
def test_a_wall_is_not_an_article(text: str, why: str) -> None:
    with pytest.raises(NotScored, match=f"not scored: .*{why}"):
        check_scorable(Version("a", text), SETTINGS)


@pytest.mark.parametrize(
    "text",
    [
        "The US Strategic Command at the US Department of Defense is tracking this debris.",
        "We are processing the applications as fast as we can, the mayor said.",
        "The ministry's website was temporarily unavailable on Monday after the storm.",
    ],
)
def test_a_sentence_of_news_is_no_wall(text: str) -> None:
    assert check_scorable(Version("a", text), SETTINGS).code == "en"


def test_news_about_cookies_is_an_article() -> None:
    text = (
        "The court fined the firm for storing cookies without consent. Its partners had tracked "
        "two million users, the judges found. “We respect privacy,” the firm said. “You can trust "
        "our partners.” The personal data must be deleted by Friday."
    )
    assert check_scorable(Version("a", text), SETTINGS).code == "en"


BAD = [
    ("empty.txt", b"", NotScored, "empty"),
    ("blank.txt", b" \n\t\n", NotScored, "empty"),
    ("marks.txt", b"... --- ...", NotScored, "no word"),
    ("nul.txt", b"abc\0def", NotScored, "binary data .byte 0x00 at offset 3."),
    ("doc.txt", b"%PDF-1.7 ...", NotScored, "a PDF document"),
    ("doc.md", b"PK\x03\x04....", NotScored, "a ZIP archive"),
    ("odd.txt", b"The port \xff\xfd\xfc is open", InputError, "byte 0xff at offset 9 is not valid"),
    ("cut.txt", "The caf\u00e9".encode()[:-1], InputError, "byte 0xc3 at offset 7"),
    ("utf16.txt", b"\xff\xfea\0b", InputError, "not valid utf-16"),
    ("long.txt", b"The port. " * 200, NotScored, "max_chars = 1,000"),
    ("longer.txt", b"The port. " * 900, NotScored, "longer than 4,004 bytes"),
    (
        "bomb.txt.gz",
        gzip.compress(b"a " * 1_000_000, mtime=0),
        NotScored,
        "longer than 4,004 bytes",
    ),
    (
        "torn.txt.gz",
        gzip.compress(NEWS.encode(), mtime=0)[:-9],
        InputError,
        "gzip archive is damaged",
    ),
    ("fr.txt", FRENCH.encode(), NotScored, "not English .language fr"),
    ("ru.txt", RUSSIAN.encode(), NotScored, "not English .most letters are not Latin"),
    ("empty.html", b"<html><body></body></html>", NotScored, "no article text"),
    ("script.html", b"<html><script>alert(1)</script></html>", NotScored, "no article text"),
    ("empty.md", b"![only](a.png)", NotScored, "empty"),
    ("empty.jsonl", b"", NotScored, "empty"),
    ("bad.jsonl", b"{", InputError, "bad.jsonl:1: not valid JSON"),
]


@pytest.mark.parametrize(("name", "content", "error", "why"), BAD, ids=[b[0] for b in BAD])
def test_bad_input(
    tmp_path: Path, name: str, content: bytes, error: type[InputError], why: str
) -> None:
    file = write(tmp_path, name, content)
    settings = Settings(max_chars=1000)
    with pytest.raises(InputError, match=why) as raised:
        check_scorable(read_version(str(file), settings), settings)
    assert type(raised.value) is error
    assert name in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "Schetyna met Kaczyński.",
        "He said: “C’est la vie.”",
        "Xi Jinping (习近平) spoke.",
        "No.",
        f"{NEWS} " * 5 + RUSSIAN,
        "Mukhtar Ablyazov, Kassym-Jomart Tokayev, Nursultan Nazarbayev, Dauren Abayev, Xi Jinping, "
        "Emmanuel Macron, Ursula von der Leyen, Robin Forestier-Walker, Olzhas Auyezov, Jen Psaki, "
        "Abduaziz Madyarov, Maxim Suchkov, Yermukhamet Yertysbayev",
    ],
)
def test_short_or_foreign_sounding_english_is_scored(text: str) -> None:
    check_scorable(Version("v", text), SETTINGS)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(NotScored, match="half a character at 4"):
        check_scorable(Version("v", "The \ud800 port"), SETTINGS)


STORY = {"id": "s", "versions": [{"id": "a", "text": NEWS, "title": "Port", "more": 1}]}


def lines_of(path: Path, *lines: bytes) -> list[tuple[int, BulkStory | InputError]]:
    return list(read_bulk(write(path, "in.jsonl", b"\n".join(lines))))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"3", "a story is an object, this is a number"),
        (b"{}", '"versions" must be a list of versions, is missing'),
        (b'{"id": "s", "versions": []}', "is empty"),
        (b'{"versions": [{"id": "a", "text": "b"}]}', '"id" must be a string, is missing'),
        (b'{"id": "s", "versions": [3]}', "version 1: a version is an object"),
        (b'{"id": "s", "versions": [{"id": "a"}]}', 'version 1: "text" must be a string'),
        (b'{"id": "s", "versions": [{"id": 1, "text": ""}]}', '"id" must be a string, is a number'),
        (b'{"id": "s", "versions": [{"id": "a", "text": "b", "url": 1}]}', '"url" must be'),
        (
            b'{"id": "s", "versions": [{"id": "a", "text": "b"}, {"id": "a", "text": "c"}]}',
            "two versions have the id 'a'",
        ),
        (b'{"id": "\\ud800", "versions": [{"id": "a", "text": "b"}]}', "half a character"),
        (b'{"id": "s\xff"}', "byte 0xff at offset 9 of the line is not valid UTF-8"),
    ],
)
def test_a_bad_line_costs_that_line_alone(tmp_path: Path, line: bytes, why: str) -> None:
    good = json.dumps(STORY).encode()
    found = lines_of(tmp_path, good, line, b"", good)
    assert [n for n, _ in found] == [1, 2, 4]
    assert found[0][1] == BulkStory("s", (Version("a", NEWS, title="Port"),)) == found[2][1]
    error = found[1][1]
    assert isinstance(error, InputError)
    assert "in.jsonl:2" in str(error) and why in str(error)


def test_bulk_from_gzip_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"\xef\xbb\xbf" + json.dumps(STORY).encode() + b"\n"
    packed = write(tmp_path, "in.jsonl.gz", gzip.compress(data * 1))
    expected = [(1, BulkStory("s", (Version("a", NEWS, title="Port"),)))]
    assert list(read_bulk(packed)) == expected
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(data))))
    assert list(read_bulk("-")) == expected
    assert read_version(str(packed), SETTINGS).title == "Port"


def test_bulk_file_torn_in_the_middle(tmp_path: Path) -> None:
    data = gzip.compress(
        b"".join(json.dumps({**STORY, "id": f"s{i}"}).encode() + b"\n" for i in range(500))
    )
    found = list(read_bulk(write(tmp_path, "in.jsonl.gz", data[:-20])))
    assert isinstance(found[-1][1], InputError)
    assert "damaged from here on" in str(found[-1][1])
    with pytest.raises(InputError, match="cannot be read"):
        list(read_bulk(tmp_path / "missing.jsonl"))


def parquet_of(path: Path, rows: list[Any], **columns: Any) -> Path:
    file = path / "in.parquet"
    parquet.write_table(pa.Table.from_pylist(rows, **columns), file, row_group_size=2)
    return file


def test_parquet_holds_what_json_lines_hold(tmp_path: Path) -> None:
    when = datetime(2026, 11, 25, 6, tzinfo=UTC)
    version = {"id": "a", "text": NEWS, "title": None, "published": when}
    rows = [
        {"id": "s", "versions": [version], "more": 1},
        {"id": None, "versions": [version], "more": 2},
        {"id": "t", "versions": [], "more": 3},
        {"id": "u", "versions": [version, version], "more": 4},
        {"id": "v", "versions": [version], "more": 5},
    ]
    found = list(read_bulk(parquet_of(tmp_path, rows)))
    read = (Version("a", NEWS, published="2026-11-25T06:00:00+00:00"),)
    assert [n for n, _ in found] == [1, 2, 3, 4, 5]
    assert [found[0][1], found[4][1]] == [BulkStory("s", read), BulkStory("v", read)]
    for (number, error), why in zip(
        found[1:4], ['"id" must be a string, is missing', "is empty", "the id 'a'"], strict=True
    ):
        assert isinstance(error, InputError)
        assert f"in.parquet:{number}: " in str(error) and why in str(error)


def test_bad_text_in_parquet_costs_its_row_alone(tmp_path: Path) -> None:
    texts = pa.array([b"fine", b"\xff\xfe", b"fine"]).cast(pa.binary()).view(pa.string())
    versions = pa.StructArray.from_arrays([pa.array(["a"] * 3), texts], ["id", "text"])
    column = pa.ListArray.from_arrays([0, 1, 2, 3], versions)
    table = pa.table({"id": ["s", "t", "u"], "versions": column})
    file = tmp_path / "in.parquet"
    parquet.write_table(table, file)
    kinds = [type(story) for _, story in read_bulk(file)]
    assert kinds == [BulkStory, InputError, BulkStory]


def test_parquet_that_is_no_bulk_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no column versions; a row is a story"):
        list(read_bulk(parquet_of(tmp_path, [{"id": "s"}])))
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(InputError, match=r"torn\.parquet: cannot be read"):
        list(read_bulk(tmp_path / "torn.parquet"))


def test_parquet_damaged_in_the_middle(tmp_path: Path) -> None:
    texts = [random.Random(i).randbytes(2_000).hex() for i in range(400)]
    rows = [{"id": f"s{i}", "versions": [{"id": "a", "text": t}]} for i, t in enumerate(texts)]
    file = parquet_of(tmp_path, rows)
    data = bytearray(file.read_bytes())
    half = len(data) // 2
    data[half : half + 20_000] = b"\xff" * 20_000
    file.write_bytes(data)
    found = list(read_bulk(file))
    assert isinstance(found[0][1], BulkStory)
    assert isinstance(found[-1][1], InputError)
    assert "damaged from here on" in str(found[-1][1])


def test_a_folder_of_bulk_files_is_read_in_order(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl.gz", "_SUCCESS", ".part.jsonl", "readme.txt"):
        (tmp_path / name).touch()
    expected = [str(tmp_path / "a.jsonl.gz"), str(tmp_path / "b.jsonl")]
    assert bulk_files([str(tmp_path), "-"]) == [*expected, "-"]
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="holds no bulk file"):
        bulk_files([str(tmp_path / "none")])


def test_several_stories_are_for_bulk(tmp_path: Path) -> None:
    line = json.dumps(STORY)
    file = write(tmp_path, "in.jsonl", f"{line}\n{line}\n")
    with pytest.raises(InputError, match="use `mtaudit bulk`"):
        read_version(str(file), SETTINGS)
