"""What a mail message says, in text: headers, addresses, times and the body that people saw."""

from __future__ import annotations

import binascii
import html
import quopri
import re
from calendar import timegm
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses, parsedate_tz
from functools import lru_cache

from records.formats.mail.mime import Entity, unfolded

LONGEST = 1 << 16  # bytes of one header that are read
_TOKEN = re.compile(r"<!--|-->|<(/?+)([a-zA-Z][a-zA-Z0-9]*+)?+[^<>]*+>")
_BREAKS = frozenset(("br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table"))
_UNSEEN = frozenset(("script", "style", "head", "title"))
_PHONE = re.compile(r"\+?[\d .()/-]{5,24}")
_SECONDS = 1_000_000
# What stands behind the clock reading of a date: the year in the old order, the zone.
_ZONE = re.compile(
    r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\.\d+)?(?: +\d{4})? *(?:([+-])(\d\d):?(\d\d)|([A-Za-z]{1,4}))\b"
)
_HOURS = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip


def header(value: bytes) -> str:
    """A header's value in text: unfolded, with encoded words (RFC 2047) decoded; what cannot be decoded stays."""
    return decoded(plain(value))


def plain(value: bytes) -> str:
    """A header in one line: UTF-8 (RFC 6532), with U+FFFD where its bytes are no text."""
    return unfolded(value[:LONGEST]).decode("utf-8", "replace").replace("\0", "\u2400").strip()


def decoded(text: str) -> str:
    """Encoded words decoded."""
    if "=?" not in text:
        return text
    try:
        parts = decode_header(text)
        return "".join(
            part if isinstance(part, str) else part.decode(charset or "ascii", "replace")
            for part, charset in parts
        )
    except (HeaderParseError, LookupError, ValueError, binascii.Error):
        return text


def addresses(values: list[bytes]) -> list[tuple[str, str]]:
    """Name and address of each person in headers of the same name."""
    return [person for value in values for person in _people(value[:LONGEST])]


@lru_cache(maxsize=4096)
def _people(value: bytes) -> tuple[tuple[str, str], ...]:
    written = plain(value)
    try:
        found = tuple(
            (decoded(name).strip(), address.strip())
            for name, address in getaddresses([written])
            if name or address
        )
    except (RecursionError, IndexError, ValueError):  # comments inside comments without end
        found = ()
    return found or (((decoded(written), ""),) if written else ())


def handle_of(name: str, address: str) -> tuple[str, str, str]:
    """Handle, display name and kind of handle. Archives of texts write `number <address at the archive>`."""
    if _PHONE.fullmatch(name) and sum(letter.isdigit() for letter in name) >= 5:
        return name, "", "phone"
    return (address or name), name, "email" if "@" in address else "account"


def moment(written: str) -> tuple[int | None, int | None]:
    """Microseconds since 1970 in UTC, or a clock reading where the date names no zone."""
    try:
        fields = parsedate_tz(written)
        if fields is None:
            return None, None
        reading = timegm((*fields[:6], 0, 1, 0)) * _SECONDS
        if not 1 <= fields[1] <= 12 or not 1 <= fields[2] <= 31 or not 1900 <= fields[0] <= 9999:
            return None, None
        offset = _offset(written)
        return (None, reading) if offset is None else (reading - offset * _SECONDS, None)
    except (ValueError, OverflowError, IndexError, TypeError, AttributeError):
        return None, None


def _offset(written: str) -> int | None:
    """Seconds from UTC that a date names (RFC 5322, 3.3 and 4.3); none for a zone that the standard does not know."""
    found = _ZONE.search(written)
    if found is None:
        return None
    sign, hours, minutes, name = found.groups()
    if name:
        known = _HOURS.get(name.upper())
        return None if known is None else known * 3_600
    seconds = int(hours) * 3_600 + int(minutes) * 60
    return -seconds if sign == "-" else seconds


def text_of(part: Entity) -> tuple[str, bool]:
    """The text of a part as people saw it, and whether bytes were no text in its character set."""
    raw = bytes(part.raw)
    if part.encoding == "base64":
        raw = _base64(raw)
    elif part.encoding == "quoted-printable":
        raw = quopri.decodestring(raw)
    text, broken = _characters(raw, part.parameter("charset"))
    text = text.replace("\r\n", "\n")
    if part.type == "text/html":
        text = seen(text)
    return text, broken or "\ufffd" in text


def _base64(raw: bytes) -> bytes:
    raw = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    whole = len(raw) // 4 * 4
    rest = raw[whole:]
    try:
        return binascii.a2b_base64(
            raw[:whole] + (rest + b"===")[:4] if len(rest) > 1 else raw[:whole]
        )
    except binascii.Error:
        return raw


def _characters(raw: bytes, charset: str) -> tuple[str, bool]:
    for name in filter(None, (charset.strip("\"' "), "utf-8")):
        try:
            return raw.decode(name), False
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("utf-8", "replace"), True


def seen(page: str) -> str:
    """The words of a web page, with its line breaks."""
    out: list[str] = []
    hidden, comment, at = "", False, 0
    for token in _TOKEN.finditer(page):
        if not hidden and not comment:
            out.append(_words(page[at : token.start()]))
        at = token.end()
        mark, name = token.group(), (token.group(2) or "").lower()
        if comment or mark == "-->":
            comment = comment and mark != "-->"
        elif mark == "<!--":
            comment = True
        elif name in _UNSEEN:
            if token.group(1):
                hidden = "" if hidden == name else hidden
            elif not hidden:
                hidden = name
        elif name in _BREAKS and not hidden:
            out.append("\n")
    if not hidden and not comment:
        out.append(_words(page[at:]))
    lines = (line.strip() for line in html.unescape("".join(out)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _words(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text)
