"""The archive that a mail encloses: where it stands in the mail, and its bytes decoded.

RSMF files are mails (RFC 5322, 2045) with one attachment, `rsmf.zip` in base64. An archive is read from both ends, so
it is decoded once, into a file without a name that is gone when it is closed; its members are never unpacked to disk.
"""

from __future__ import annotations

import binascii
import io
import re
import tempfile
from collections.abc import Callable, Iterator
from email.message import Message
from email.parser import BytesHeaderParser
from typing import BinaryIO, NamedTuple

from records.formats.errors import reject

ARCHIVE = "rsmf.zip"
PIECE = 1 << 16
MOST_HEADERS = 1 << 18  # bytes of the headers of one part
MOST_LINE = 1 << 16
MOST_DEPTH = 20  # multiparts inside each other

_VERSION = re.compile(rb"^X-RSMF-Version[ \t]*:", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


class MailPart(NamedTuple):
    """A part of a mail that holds content: a text or an attachment."""

    name: str  # file name, as the part tells it
    type: str
    encoding: str  # Content-Transfer-Encoding, lower case
    attached: bool
    offset: int  # first byte of the content
    length: int


def is_rsmf(head: bytes) -> bool:
    """Whether a file begins with the headers of a mail that says it is RSMF."""
    return _VERSION.search(_BLANK_LINE.split(head, maxsplit=1)[0]) is not None


def headers_of(head: bytes) -> Message:
    """The headers at the beginning of a mail."""
    return BytesHeaderParser().parsebytes(_BLANK_LINE.split(head, maxsplit=1)[0])


def parts_of(stream: BinaryIO) -> Iterator[MailPart]:
    """The parts of a mail in its order, with the place of their content; line by line, in constant memory."""
    boundaries: list[bytes] = []
    at, more = 0, True
    while more:
        headers, at = _headers(stream, at)
        boundary = _told(headers.get_boundary) if len(boundaries) < MOST_DEPTH else ""
        holds_parts = headers.get_content_maintype() == "multipart" and bool(boundary)
        if holds_parts:
            boundaries.append(b"--" + boundary.encode("utf-8", "surrogateescape"))
        start = at
        end, at, more = _body(stream, at, boundaries)
        if not holds_parts:
            yield MailPart(
                _told(headers.get_filename),
                headers.get_content_type(),
                str(headers.get("Content-Transfer-Encoding", "")).strip().lower(),
                _told(headers.get_content_disposition) == "attachment",
                start,
                end - start,
            )


def archive_in(stream: BinaryIO) -> MailPart | None:
    """Where `rsmf.zip` stands in the mail; None when it has none."""
    found = [part for part in parts_of(stream) if part.name.casefold() == ARCHIVE]
    if len(found) > 1:
        raise reject("R-ARCHIVES", count=len(found))
    if found and found[0].encoding != "base64":
        raise reject("R-BASE64", f"byte {found[0].offset}")
    return found[0] if found else None


def decoded(stream: BinaryIO, part: MailPart) -> io.FileIO:
    """The content of a part that is written in base64, in a file without a name."""
    stream.seek(part.offset)
    target = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - the source that is made of it closes it
    left, rest, padded = part.length, b"", False
    try:
        while left and (block := stream.read(min(left, PIECE))):
            left -= len(block)
            data = rest + block.translate(None, b" \t\r\n")
            whole = len(data) // 4 * 4
            rest, piece = data[whole:], data[:whole]
            if padded and data:
                raise binascii.Error("more after the end")
            padded = piece.endswith(b"=")
            target.write(binascii.a2b_base64(piece, strict_mode=True))
        if rest:
            raise binascii.Error("no whole group")
    except binascii.Error:
        target.close()
        raise reject("R-BASE64", f"byte {part.offset}") from None
    except BaseException:
        target.close()
        raise
    return target


def _headers(stream: BinaryIO, at: int) -> tuple[Message, int]:
    """The headers that begin at the stream's place, and the offset after the blank line that ends them."""
    lines = []
    size = 0
    while size < MOST_HEADERS and (line := stream.readline(MOST_LINE)):
        size += len(line)
        if not line.strip(b"\r\n"):
            break
        lines.append(line)
    return BytesHeaderParser().parsebytes(b"".join(lines)), at + size


def _body(stream: BinaryIO, at: int, boundaries: list[bytes]) -> tuple[int, int, bool]:
    """Where the content ends, where the next part begins, and whether there is one."""
    end: int | None = None
    before, fresh = at, True  # the end of the line before; whether a line begins here
    while line := stream.readline(MOST_LINE):
        if fresh and line.startswith(b"--"):
            mark = line.rstrip()
            for depth in reversed(range(len(boundaries))):
                if mark == boundaries[depth]:
                    del boundaries[depth + 1 :]
                    return (before if end is None else end), at + len(line), True
                if mark == boundaries[depth] + b"--":
                    del boundaries[depth:]
                    end = before if end is None else end
                    break
        fresh = line.endswith(b"\n")
        at += len(line)
        before = at - (2 if line.endswith(b"\r\n") else 1 if fresh else 0)
    return (at if end is None else end), at, False


def _told(ask: Callable[[], object]) -> str:
    """What a header says; nothing where it is written so badly that the library gives up."""
    try:
        value = ask()
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    return value if isinstance(value, str) else ""
