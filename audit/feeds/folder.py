"""Read a folder that a scraper fills: pages, texts, JSON lines and web archives.

A line of JSON lines is `{"url": …, "text" or "html": …}` and may have `title`, `outlet`,
`published` and `language`. Of a web archive (WARC, ISO 28500, read by warcio) the responses with
status 200 that are pages count.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from audit.errors import InputError
from audit.feeds.articles import Page
from audit.feeds.times import read_time
from audit.ingest.bulk import json_lines
from audit.ingest.decode import decode, read_limited, unpack
from audit.ingest.read import PAGE_BYTES

__all__ = ["files_of", "read_file", "stamp"]

logger = logging.getLogger(__name__)

SUFFIXES = (".html", ".htm", ".xhtml", ".txt", ".jsonl", ".warc")
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})


def files_of(folder: Path) -> list[Path]:
    """The files of a folder and its folders that can be read, in the order of their names.

    Hidden ones are left out. Raises InputError if the folder cannot be read.
    """
    if not folder.is_dir():
        raise InputError(str(folder), "no such folder")
    try:
        return sorted(
            file
            for file in folder.rglob("*")
            if _kind(file) in SUFFIXES
            and file.is_file()
            and not any(p.startswith(".") for p in file.relative_to(folder).parts)
        )
    except OSError as e:
        raise InputError(str(folder), f"cannot be read: {e.strerror}") from e


def stamp(file: Path) -> str:
    """A word that changes when a file is written again. Raises InputError if it is gone."""
    try:
        found = file.stat()
    except OSError as e:
        raise InputError(str(file), f"cannot be read: {e.strerror}") from e
    return f"{found.st_mtime_ns}-{found.st_size}"


def read_file(file: Path) -> Iterator[Page | InputError]:
    """The pages of a file, or what is wrong with it or with one of them, in its order."""
    kind = _kind(file)
    try:
        if kind == ".jsonl":
            yield from _json_lines(file)
        elif kind == ".warc":
            yield from _archive(file)
        else:
            yield _page(file, html=kind != ".txt")
    except InputError as e:
        yield e
    except OSError as e:
        yield InputError(str(file), f"cannot be read: {e.strerror or e}")


def _kind(file: Path) -> str:
    suffixes = [s.lower() for s in file.suffixes if s.lower() != ".gz"]
    return suffixes[-1] if suffixes else ""


def _page(file: Path, *, html: bool) -> Page:
    with file.open("rb") as stream:
        data = unpack(read_limited(stream, str(file), PAGE_BYTES), str(file), PAGE_BYTES)
    text = decode(data, str(file), html=html)
    url = file.resolve().as_uri()
    return Page(url, html=text) if html else Page(url, text=text)


def _json_lines(file: Path) -> Iterator[Page | InputError]:
    for number, line in json_lines(file):
        if isinstance(line, InputError):
            yield line
        elif line.strip():
            yield _json_page(line, f"{file}:{number}")


def _json_page(line: bytes, place: str) -> Page | InputError:
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as e:
        return InputError(place, f"not valid JSON: {e}")
    if not isinstance(found, Mapping):
        return InputError(place, "an article is an object")
    known = ("url", "text", "html", "title", "outlet", "published", "language")
    values = {k: v for k in known if isinstance(v := found.get(k), str) and v}
    if "url" not in values or not ("text" in values or "html" in values):
        return InputError(place, 'an article needs "url", and "text" or "html"')
    if any("\ud800" <= c <= "\udfff" for v in values.values() for c in v):
        return InputError(place, "has half a character in it")
    return Page(
        values["url"],
        html=values.get("html"),
        text=values.get("text", ""),
        title=values.get("title", ""),
        published=read_time(values.get("published")),
        language=values.get("language"),
        outlet=values.get("outlet"),
    )


def _archive(file: Path) -> Iterator[Page | InputError]:
    """The pages of a web archive; one bad record is named and ends no more than the archive."""
    from warcio.archiveiterator import ArchiveIterator

    with file.open("rb") as stream:
        records = iter(ArchiveIterator(stream))
        while True:
            try:
                record = next(records, None)
                if record is None:
                    return
                page = _record(record, str(file))
            except InputError as e:
                yield e
                continue
            except Exception as e:  # the reader is another's, and so is the archive
                logger.debug("%s: warcio fails", file, exc_info=e)
                yield InputError(str(file), f"damaged from here on: {type(e).__name__}: {e}")
                return
            if page is not None:
                yield page


def _record(record: object, source: str) -> Page | None:
    """The page of a record; None if it is none. Raises InputError if it cannot be read."""
    from warcio.recordloader import ArcWarcRecord

    assert isinstance(record, ArcWarcRecord)
    if record.rec_type not in {"response", "resource"}:
        return None
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    http = record.http_headers
    if http is not None and http.get_statuscode() != "200":
        return None
    declared = (http or record.rec_headers).get_header("Content-Type") or ""
    media_type, _, parameters = declared.partition(";")
    if media_type.strip().lower() not in PAGE_TYPES or not url:
        return None
    place = f"{source}: {url}"
    data = read_limited(record.content_stream(), place, PAGE_BYTES)
    charset = parameters.lower().partition("charset=")[2].split(";")[0].strip(" \"'") or None
    text = decode(data, place, html=True, declared=charset)
    return Page(url.strip("<>"), html=text)
