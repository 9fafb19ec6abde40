"""Reads a text of any size in blocks of whole lines, in constant memory.

Only LF ends a line: bodies of messages may hold lone carriage returns, U+0085, U+2028 and other characters that
text-mode reading or `splitlines` would break at. A line longer than `LONGEST` is handed over with its head only and the
number of bytes left out, so that a single line of a gigabyte costs no more than a short one.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

BLOCK = 1 << 16  # bytes read at a time: what is made of them fits the processor's cache
LONGEST = 1 << 20  # bytes of one line that are kept

_CONTINUATION = bytes(range(0x80, 0xC0))
_FOUR_BYTE_LEADS = bytes(range(0xF0, 0xF8))


class Block(NamedTuple):
    """Whole lines, as UTF-8."""

    data: bytes  # ends with LF, except at the end of the text or when bytes were left out
    left_out: int = (
        0  # bytes of the file, at the end of the block's last line, that `data` does not hold
    )


class Encoding(NamedTuple):
    """How the text is stored, told by its byte order mark alone; everything else is read as UTF-8."""

    name: str  # a name of Python's codecs
    mark: int  # bytes of the byte order mark

    def measure(self, line: bytes) -> int:
        """Bytes in the file of a piece of text that we hold as UTF-8, wherever the piece was cut."""
        if self.name == "utf-8":
            return len(line)
        characters = len(line.translate(None, _CONTINUATION))
        outside_first_plane = len(line) - len(line.translate(None, _FOUR_BYTE_LEADS))
        return 2 * (characters + outside_first_plane)


UTF_8 = Encoding("utf-8", 0)


def encoding_of(head: bytes) -> Encoding:
    """The encoding that a byte order mark at the start of the text names."""
    if head.startswith(codecs.BOM_UTF8):
        return Encoding("utf-8", 3)
    if head.startswith(codecs.BOM_UTF16_LE) and not head.startswith(codecs.BOM_UTF32_LE):
        return Encoding("utf-16-le", 2)
    if head.startswith(codecs.BOM_UTF16_BE):
        return Encoding("utf-16-be", 2)
    return UTF_8


def blocks(stream: BinaryIO, encoding: Encoding = UTF_8) -> Iterator[Block]:
    """The text after its byte order mark, in blocks of whole lines."""
    if encoding.mark:
        stream.read(encoding.mark)
    chunks = _raw(stream) if encoding.name == "utf-8" else _utf16(stream, encoding.name)
    rest, left_out = b"", 0
    for chunk in chunks:
        if left_out:
            end = chunk.find(b"\n") + 1
            left_out += encoding.measure(chunk[:end] if end else chunk)
            if not end:
                continue
            yield Block(rest, left_out)
            rest, left_out, chunk = b"", 0, chunk[end:]
        data = rest + chunk if rest else chunk
        end = data.rfind(b"\n") + 1
        if end:
            yield from _within_bounds(data[:end], encoding)
        rest = data[end:]
        if len(rest) > LONGEST:
            left_out = encoding.measure(rest[LONGEST:])
            rest = rest[:LONGEST]
    if rest:
        yield Block(rest, left_out)


def _within_bounds(data: bytes, encoding: Encoding) -> Iterator[Block]:
    """Splits off a line that became too long only by joining two blocks (at most the first)."""
    first = data.find(b"\n") + 1
    if first <= LONGEST:
        yield Block(data)
        return
    yield Block(data[:LONGEST], encoding.measure(data[LONGEST:first]))
    if first < len(data):
        yield Block(data[first:])


def _raw(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(BLOCK):
        yield chunk


def _utf16(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """UTF-16 as UTF-8; unpaired surrogates stay in the form that only `surrogatepass` decodes."""
    decoder = codecs.getincrementaldecoder(name)("surrogatepass")
    while chunk := stream.read(BLOCK):
        if text := decoder.decode(chunk):
            yield text.encode("utf-8", "surrogatepass")
    pending = decoder.getstate()[0]
    whole = len(pending) // 2 * 2
    if whole:
        yield pending[:whole].decode(name, "surrogatepass").encode("utf-8", "surrogatepass")
