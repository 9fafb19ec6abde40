"""The messages of a mailbox file (mbox, RFC 4155), or of single mail files, as lines with their places.

Of the four kinds of mbox only mboxrd can be undone exactly. A line that begins with "From " and holds a date starts a
message when a blank line stands before it. Where a message declares its length (mboxcl, mboxcl2), that is believed only
if the next message or the end of the file stands right behind.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from records.formats.mail.mime import Entity, MimeReader

MOST_LINE = 1 << 16  # bytes read at a time of a line without end
MOST_REOPENED = 20  # times that the file is opened again to look behind a declared length
SEPARATOR = re.compile(rb"From [^\n]{1,200}?\d{1,2}:\d{2}[^\n]{0,40}?\d{4}")
_NEXT = re.compile(rb"(?:\r?\n)?(?:From |\Z)")


def lines(stream: BinaryIO, at: int = 0) -> Iterator[tuple[bytes, int, bool]]:
    """Lines with their offset; a very long one in pieces of which only the first says that it starts a line."""
    starts = True
    while line := stream.readline(MOST_LINE):
        yield line, at, starts
        at += len(line)
        starts = line.endswith(b"\n")


class Ahead:
    """Looks at a place that the reading has not reached yet."""

    def __init__(self, opened: Callable[[], BinaryIO], size: int) -> None:
        self._opened, self._size = opened, size
        self._stream: BinaryIO | None = None
        self._at = 0
        self._reopened = 0

    def message_ends(self, at: int) -> bool:
        """Whether a message can end at that place: another follows, or nothing."""
        if at > self._size:
            return False
        if self._stream is None or (self._at > at and not self._stream.seekable()):
            self._reopened += 1
            if self._reopened > MOST_REOPENED:
                return False
            self.close()
            self._stream, self._at = self._opened(), 0
        if self._stream.seekable():
            self._stream.seek(at)
            self._at = at
        while self._at < at:
            skipped = len(self._stream.read(min(at - self._at, 1 << 18)))
            if not skipped:
                return False
            self._at += skipped
        found = self._stream.read(8)
        self._at += len(found)
        return _NEXT.match(found) is not None

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()


class Boxed(NamedTuple):
    """One message of a mailbox."""

    root: Entity
    offset: int  # of the line before its headers
    length: int
    digest: bytes  # of its bytes without that line, and without blank lines at its end
    length_is_wrong: bool  # it declares a length that leads nowhere


def message_of(stream: BinaryIO, offset: int, length: int) -> Boxed:
    """A file that holds one message; its bytes count from `offset`."""
    now = _Open(offset, quoted=False)
    for line, at, starts in lines(stream, offset):
        now.take(line, at, starts=starts)
    return now.close(offset + length)


def messages(opened: Callable[[], BinaryIO], size: int) -> Iterator[Boxed]:
    """The messages of a mailbox that begins with one."""
    ahead, now, blank = Ahead(opened, size), _Open(0), True
    with opened() as stream:
        for line, at, starts in lines(stream):
            if starts and blank and at >= now.trusted_to and SEPARATOR.match(line):
                if at:
                    yield now.close(at)
                now = _Open(at)
            else:
                now.take(line, at, starts=starts)
                now.look_ahead(ahead)
            blank = starts and line in (b"\n", b"\r\n")
    ahead.close()
    yield now.close(size)


class _Open:
    """The message that is being read."""

    def __init__(self, offset: int, *, quoted: bool = True) -> None:
        self._reader = MimeReader(offset, quoted=quoted)
        self._offset = offset
        self._digest = hashlib.blake2b(digest_size=8)
        self._blanks = b""  # at the end so far: a mailbox adds and drops them
        self._looked = False
        self._wrong = False
        self.trusted_to = 0  # no message begins before that place

    def take(self, line: bytes, at: int, *, starts: bool) -> None:
        self._reader.feed(line, at, starts=starts)
        if line in (b"\n", b"\r\n") and len(self._blanks) < MOST_LINE:
            self._blanks += line
        else:
            self._digest.update(self._blanks + line)
            self._blanks = b""

    def look_ahead(self, ahead: Ahead) -> None:
        """Believes the length that the message declares, if the next one stands behind it."""
        if self._looked or self._reader.in_first_headers:
            return
        self._looked = True
        root = self._reader.root
        declared = root.first("content-length")
        if declared.isdigit() and len(declared) < 15:
            end = root.body + int(declared)
            if ahead.message_ends(end):
                self.trusted_to, self._reader.quoted = end, False
            else:
                self._wrong = True

    def close(self, at: int) -> Boxed:
        self._reader.end(at)
        return Boxed(
            self._reader.root, self._offset, at - self._offset, self._digest.digest(), self._wrong
        )
