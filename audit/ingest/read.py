"""Read stories: files, folders, standard input, addresses and JSON lines to Versions.

`Version.text` is what is audited and what all offsets refer to: of a text file its text as it
is; of an HTML page the article that trafilatura (Barbaresi 2021) extracts, headed by its title;
of Markdown the text without markup.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from audit.config import Settings
from audit.errors import InputError, NotScored
from audit.ingest.bulk import STDIN, read_bulk
from audit.ingest.decode import decode, read_limited, unpack
from audit.ingest.extract import from_html, from_markdown
from audit.ingest.ignores import heeded
from audit.ingest.notes import STORY_FILE, noted, read_notes
from audit.model import Skipped, Version

if TYPE_CHECKING:
    from audit.ingest.fetch import Fetcher

FORMATS = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".jsonl": "jsonl",
}
"""What a file holds by its suffix; one without a known suffix is a text, or a page if it begins
like one."""

PAGE_BYTES = 20_000_000
"""Most bytes read of a page or a bulk file given as a version, packed or not."""

_LOOKS_LIKE_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:(?:<\?xml[^>]*>|<!--(?:(?!-->).){0,2000}-->)\s*)*"
    rb"<(?:!doctype\s+html|html|head)\b",
    re.IGNORECASE | re.DOTALL,
)
SNIFFED = 4096
"""So many first bytes show whether a file is a page."""


def read_story(
    paths: Sequence[str | Path],
    settings: Settings,
    story_id: str | None = None,
    fetcher: Fetcher | None = None,
) -> tuple[str, tuple[Version, ...], tuple[Skipped, ...]]:
    """The versions of one story from a folder, files, addresses or "-".

    The story of a single text is that text's id, as `mtaudit check` has it.
    Versions are sorted by id, which is the file name. A folder's `story.toml` may name the story
    (`id`) and say more of a version (`[versions."FILE"]`: outlet, url, title, published,
    language). What cannot be read is skipped and named; if nothing is left, NotScored is raised.
    Raises InputError if a path does not exist. Whether a text can be scored is for the engine to
    say.
    """
    versions: list[Version] = []
    skipped: list[Skipped] = []
    errors: list[InputError] = []
    name: str | None = None
    for path in paths:
        notes: Mapping[str, Any] = {}
        sources: Sequence[str | Path] = [path]
        if not _is_address(path) and str(path) != "-" and Path(path).is_dir():
            title, notes = read_notes(Path(path))
            name = name or title or Path(path).resolve().name
            sources = _files(Path(path), skipped)
        for source in sources:
            try:
                found = _read(source, settings, fetcher)
            except InputError as e:
                if not _is_address(source) and str(source) != "-" and not Path(source).exists():
                    raise
                errors.append(e)
                continue
            versions += [noted(v, notes.get(v.id, {})) for v in found]
    skipped += [Skipped("input", str(e)) for e in errors]
    is_one_text = len(paths) == len(versions) == 1
    story = story_id or name or (versions[0].id if is_one_text else _name_from(paths))
    if not versions:
        if len(errors) == 1:
            raise errors[0]
        raise NotScored(story, "; ".join(s.why for s in skipped) or "no file with text in it")
    ordered = sorted(_distinct(versions, paths), key=lambda v: v.id)
    return story, tuple(ordered), tuple(skipped)


def read_version(source: str, settings: Settings, fetcher: Fetcher | None = None) -> Version:
    """One version from a file, "-" (standard input) or an http(s) address.

    Raises InputError if it cannot be read.
    """
    versions = _read(source, settings, fetcher)
    if len(versions) != 1:
        raise InputError(str(source), f"holds {len(versions)} versions, where one is wanted")
    return versions[0]


def read_text(name: str, text: str) -> Version:
    """One version from text that was handed over under the name of a file.

    Its suffix, or how it begins, says whether it is a page or Markdown. Raises InputError.
    """
    form = FORMATS.get(Path(name).suffix.lower(), "text")
    if form == "markdown":
        return from_markdown(name, text)
    begin = text[:SNIFFED].encode(errors="replace")
    if form == "html" or (form == "text" and _LOOKS_LIKE_HTML.match(begin)):
        return from_html(name, text, name)
    return Version(name, text)


def read_file(name: str, data: bytes, settings: Settings) -> Version:
    """One version from the bytes of a file that was handed over under its name: the same as from
    that file on the disk. Raises InputError."""
    form = _form(name, data)
    if form == "jsonl":
        raise InputError(name, "is a bulk file; use `mtaudit bulk`")
    return _unpacked(name, data, form, name, settings)


def _read(source: str | Path, settings: Settings, fetcher: Fetcher | None) -> list[Version]:
    """The versions of one file, address or standard input; several only of a bulk file."""
    if _is_address(source):
        return [_fetch(str(source), settings, fetcher)]
    if str(source) == "-":
        data = unpack(read_limited(sys.stdin.buffer, STDIN, PAGE_BYTES), STDIN, PAGE_BYTES)
        form = "html" if _LOOKS_LIKE_HTML.match(data) else "text"
        return [_version(STDIN, data, form, STDIN, by_hand=True)]
    path = Path(source)
    try:
        with path.open("rb") as f:
            form = _form(path.name, f.read(SNIFFED))
            if form == "jsonl":
                return _only_story(path)
            f.seek(0)
            data = read_limited(f, str(path), _most_bytes(form, settings))
    except OSError as e:
        raise InputError(str(path), f"cannot be read: {e.strerror}") from e
    return [_unpacked(path.name, data, form, str(path), settings)]


def _form(name: str, begin: bytes) -> str:
    """What a file holds, by its name and how it begins."""
    suffixes = [s.lower() for s in Path(name).suffixes if s.lower() != ".gz"]
    form = FORMATS.get(suffixes[-1] if suffixes else ".txt", "text")
    return "html" if form == "text" and _LOOKS_LIKE_HTML.match(begin) else form


def _most_bytes(form: str, settings: Settings) -> int:
    return PAGE_BYTES if form == "html" else 4 * settings.max_chars + 4


def _unpacked(name: str, data: bytes, form: str, source: str, settings: Settings) -> Version:
    inside = unpack(data, source, _most_bytes(form, settings))
    return _version(name, inside, form, source, by_hand=True)


def _only_story(path: Path) -> list[Version]:
    """The versions of a bulk file that holds one story."""
    stories = []
    for _, story in read_bulk(path):
        if isinstance(story, InputError):
            raise story
        stories.append(story)
        if len(stories) > 1:
            raise InputError(str(path), "holds several stories; use `mtaudit bulk`")
    if not stories:
        raise NotScored(str(path), "empty")
    return list(stories[0].versions)


def _fetch(url: str, settings: Settings, fetcher: Fetcher | None) -> Version:
    if fetcher is None:
        from audit.ingest.fetch import GuardedFetcher

        fetcher = GuardedFetcher(settings)
    page = fetcher.fetch(url)
    form = "text" if page.media_type == "text/plain" else "html"
    data = unpack(page.content, url, PAGE_BYTES)
    version = _version(url, data, form, url, declared=page.charset)
    return replace(version, url=page.url)


def _version(
    version_id: str,
    data: bytes,
    form: str,
    source: str,
    *,
    declared: str | None = None,
    by_hand: bool = False,
) -> Version:
    text = decode(data, source, html=form == "html", declared=declared)
    if form == "html":
        return from_html(version_id, text, source, by_hand=by_hand)
    if form == "markdown":
        return from_markdown(version_id, text, by_hand=by_hand)
    version = Version(version_id, text)
    return heeded(version) if by_hand else version


def _is_address(source: str | Path) -> bool:
    return isinstance(source, str) and source.lower().startswith(("http://", "https://"))


def _files(folder: Path, skipped: list[Skipped]) -> list[Path]:
    """The versions in a folder; files of another kind are named in `skipped`."""
    found = []
    for file in sorted(folder.iterdir()):
        hidden = file.name.startswith((".", "_")) or file.stem.upper() == "README"
        if hidden or file.is_dir() or file.name == STORY_FILE:
            continue
        suffixes = [s.lower() for s in file.suffixes if s.lower() != ".gz"]
        if (suffixes and suffixes[-1] in FORMATS) or _is_page(file):
            found.append(file)
        else:
            known = ", ".join(FORMATS)
            skipped.append(Skipped("input", f"{file}: not a version (those end in {known})"))
    return found


def _is_page(file: Path) -> bool:
    """Whether a file of whatever suffix begins like a page of HTML."""
    with file.open("rb") as f:
        return bool(_LOOKS_LIKE_HTML.match(f.read(SNIFFED)))


def _distinct(versions: Sequence[Version], paths: Sequence[str | Path]) -> list[Version]:
    """The versions; where two files have one name, the names of their folders stand before it."""
    count = Counter(v.id for v in versions)
    if max(count.values(), default=0) < 2:
        return list(versions)
    named = {i: Path(p) for i, p in enumerate(paths)}
    if len(named) != len(versions) or any(p.is_dir() for p in named.values()):
        twice = next(v for v, n in count.items() if n > 1)
        raise InputError(twice, "two versions have this name; rename one file")
    return [
        replace(v, id="/".join(named[i].parts[-2:])) if count[v.id] > 1 else v
        for i, v in enumerate(versions)
    ]


def _name_from(paths: Sequence[str | Path]) -> str:
    """A story's id from the paths of its several files."""
    first = str(paths[0]) if paths else STDIN
    if _is_address(first):
        return urlsplit(first).hostname or "story"
    if first == "-":
        return STDIN
    return Path(first).resolve().parent.name or "story"
