"""Cuts a plain text into what stands under each header line, in constant memory: one piece for each message.

Plain text exports have no escaping. A format says what a header looks like; whatever follows belongs to it up to the
next header, whether it looks odd or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, NamedTuple

from records.formats.complaints import Wording
from records.formats.lines import Encoding, blocks

LONGEST = 1 << 20  # bytes of one piece that are kept
WORDINGS: Mapping[str, Wording] = {
    "J-BEFORE-FIRST": Wording(
        "error",
        "Text stands before the first message, where the tool writes none. It was left unread. "
        "Somebody may have edited the file: export again and compare.",
    ),
    "J-LONG": Wording(
        "warning",
        "This message is longer than 1 MiB, which no person types. Its beginning is shown; its bytes are kept in the "
        "file. The headers after it may have been damaged: look at the raw bytes.",
    ),
}


class Headed(NamedTuple):
    """A header line and what stands under it."""

    offset: int
    length: int  # bytes in the file
    text: str  # its first MiB; bytes that are not UTF-8 are lone surrogates
    header: re.Match[bytes] | None  # None: what stands before the first header

    @property
    def cut(self) -> bool:
        """Whether the text is longer than what is kept."""
        return self.length > LONGEST


def headed(
    stream: BinaryIO,
    header: re.Pattern[bytes],
    accepts: Callable[[re.Match[bytes], bool], bool] = lambda found, after_blank: True,
    mark: int = 0,
) -> Iterator[Headed]:
    """The pieces of a text. `header` is tried at each line's begin (compile it with MULTILINE).

    `accepts` gets a match and whether a blank line (or nothing) stands before it. `mark`: bytes of a byte order mark,
    which belong to the caller.
    """
    offset, length = mark, 0
    kept: list[bytes] = []
    current: re.Match[bytes] | None = None
    ended_blank = True  # whether the text so far ends with a blank line
    for block in blocks(stream, Encoding("utf-8", mark)):
        data, start = block.data, 0
        for found in header.finditer(data):
            at = found.start()
            before = data[max(0, at - 4) : at]
            after_blank = ended_blank if at == 0 else _ends_blank(before, whole=at < 4)
            if not accepts(found, after_blank):
                continue
            if length + at - start:
                yield _piece(offset, length + at - start, [*kept, data[start:at]], current)
            offset, length, kept = offset + length + at - start, 0, []
            current, start = found, at
        rest = data[start:]
        if length < LONGEST:
            kept.append(rest)
        length += len(rest) + block.left_out
        ended_blank = _ends_blank(data[-4:], whole=len(data) < 4)
    if length:
        yield _piece(offset, length, kept, current)


def _ends_blank(tail: bytes, *, whole: bool) -> bool:
    """Whether the last line is blank, by the last bytes of a text (or the whole of it)."""
    tail = tail.replace(b"\r", b"")
    return tail.endswith(b"\n\n") or (whole and tail == b"\n")


def _piece(offset: int, length: int, kept: list[bytes], header: re.Match[bytes] | None) -> Headed:
    text = b"".join(kept)[:LONGEST]
    return Headed(offset, length, text.decode("utf-8", "surrogateescape"), header)
