"""Bytes to text without guessing in silence: limits, file kinds, encodings."""

from __future__ import annotations

import codecs
import io
import logging
import re
import zlib
from typing import Protocol

from audit.errors import InputError, NotScored

__all__ = ["decode", "read_limited", "unpack"]

logger = logging.getLogger(__name__)

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an XZ archive"),
)

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)

_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]|[\xc2-\xf4]\Z")
"""What damaged UTF-8 has: such a file is not in another encoding."""

_TYPOGRAPHY = frozenset("‘’“”–—…•·€£©®™«»°\u00a0¢¥§½¼¾×")
"""What running text in windows-1252 has besides ASCII and letters with accents."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_limited(stream: _Readable, source: str, limit: int) -> bytes:
    """All bytes of a stream. Raises NotScored if there are more than `limit`."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise NotScored(source, f"longer than {limit:,} bytes, the most that is read")
    return data


def unpack(data: bytes, source: str, limit: int) -> bytes:
    """The bytes inside, if `data` is gzip; else `data`.

    Raises NotScored if they are more than `limit`, InputError if the archive is damaged.
    """
    if not data.startswith(b"\x1f\x8b"):
        return data
    import gzip

    try:
        return read_limited(gzip.GzipFile(fileobj=io.BytesIO(data)), source, limit)
    except (OSError, EOFError, zlib.error) as e:
        raise InputError(source, f"the gzip archive is damaged: {e}") from e


def decode(data: bytes, source: str, *, html: bool = False, declared: str | None = None) -> str:
    """The text of `data`; a byte order mark is taken off.

    The encoding is that of the byte order mark, else the declared one (by HTTP, or by the page
    if `html`) unless the bytes are UTF-8, else UTF-8, else windows-1252 where charset-normalizer
    agrees and every character is one that running text has. Raises NotScored for binary data and
    InputError, naming the byte, where no encoding is certain.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data, encoding, source)
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise NotScored(source, f"{what}, not text; extract its text first")
    if b"\0" in data:
        at = data.index(b"\0")
        raise NotScored(source, f"binary data (byte 0x00 at offset {at}), not text")
    if html and declared is None:
        m = _META_CHARSET.search(data, 0, 4096)
        declared = m.group(1).decode("ascii") if m else None
    if declared is not None:
        return _declared(data, declared, source)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as e:
        text = _windows_1252(data)
        if text is None:
            raise _unreadable(e, "UTF-8", source) from e
        logger.warning("%s: not UTF-8, read as windows-1252", source)
        return text


def _declared(data: bytes, declared: str, source: str) -> str:
    """The text in the declared encoding, or in the one that its bytes show beyond doubt.

    Pages are written in UTF-8 and declare what an old template says, or the other way round.
    """
    encoding = _codec(declared, source)
    if not data.isascii() or encoding.startswith("utf-16"):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            if encoding != "utf-8":
                logger.warning("%s: declares %s, read as the UTF-8 that it is", source, declared)
            return text
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as e:
        other = _windows_1252(data)
        if other is None:
            raise _unreadable(e, encoding, source) from e
        logger.warning("%s: declares %s, read as windows-1252", source, declared)
        return other


def _codec(name: str, source: str) -> str:
    """The codec of a declared encoding; Latin-1 and ASCII mean windows-1252 (WHATWG Encoding)."""
    try:
        codec = codecs.lookup(name.strip()).name
    except LookupError as e:
        raise InputError(source, f"declares the unknown encoding {name!r}") from e
    return "cp1252" if codec in {"iso8859-1", "ascii"} else codec


def _strictly(data: bytes, encoding: str, source: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as e:
        raise _unreadable(e, encoding, source) from e


def _unreadable(e: UnicodeDecodeError, encoding: str, source: str) -> InputError:
    byte = e.object[e.start]
    return InputError(
        source,
        f"byte 0x{byte:02x} at offset {e.start} is not valid {encoding}; save the file as UTF-8",
    )


def _windows_1252(data: bytes) -> str | None:
    """`data` as windows-1252 if that is beyond doubt, else None."""
    from charset_normalizer import from_bytes

    if _UTF8_SEQUENCE.search(data):
        return None
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    foreign = {c for c in text if c > "\x7f"} - _TYPOGRAPHY
    if any(not c.isalpha() for c in foreign) or re.search(r"[^\x00-\x7f]{3}", text):
        return None
    plausible = from_bytes(data)
    agrees = any("cp1252" in {r.encoding, *r.could_be_from_charset} for r in plausible)
    return text if agrees else None
