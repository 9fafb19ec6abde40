"""Content that stands encoded inside a text (a part of a mail or of a multimedia message), decoded as it streams."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable, Iterator

# White space as XML and JSON write it inside a value, and the slash as some writers of JSON do.
_BLANKS = re.compile(rb"[ \t\r\n]+|&#(?:9|10|13|x9|xa|xd);|\\[nrt]", re.IGNORECASE)
_UNFINISHED = re.compile(rb"(?:&#?x?[0-9a-f]{0,2}|\\)\Z", re.IGNORECASE)
_LONGEST_LINE = 1 << 16


class NotDecodable(Exception):
    """The content is not what its encoding allows; the words say so to a person."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The bytes behind an encoding, in pieces. Raises NotDecodable."""
    decoder = _DECODERS.get(encoding.strip().lower())
    if decoder is None:
        raise NotDecodable("The content is written in an encoding that is not known.")
    return decoder(pieces)


def _as_it_stands(pieces: Iterable[bytes]) -> Iterator[bytes]:
    yield from pieces


def _base64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Strict but for white space (RFC 4648, RFC 2045 section 6.8): a letter more or less would change the file."""
    rest, unfinished, padded = b"", b"", False
    for piece in pieces:
        data = unfinished + piece
        tail = _UNFINISHED.search(data)
        unfinished = data[tail.start() :] if tail else b""
        data = rest + _plain(data[: len(data) - len(unfinished)])
        if padded and data:
            raise _damaged()
        whole = len(data) // 4 * 4
        rest = data[whole:]
        padded = data[:whole].endswith(b"=")
        if whole:
            yield _strictly(data[:whole])
    rest += _plain(unfinished)
    if padded and rest:
        raise _damaged()
    if rest:  # some writers leave the padding away
        yield _strictly(rest + b"=" * (-len(rest) % 4))


def _plain(data: bytes) -> bytes:
    return _BLANKS.sub(b"", data).replace(b"\\/", b"/")


def _strictly(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data, strict_mode=True)
    except binascii.Error:
        raise _damaged() from None


def _damaged() -> NotDecodable:
    return NotDecodable("The content is not whole base64: it was damaged or cut off.")


def _quoted_printable(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """RFC 2045 section 6.7, line by line; what is no escape stands for itself."""
    rest = b""
    for piece in pieces:
        data = rest + piece
        end = data.rfind(b"\n") + 1
        if not end and len(data) > _LONGEST_LINE:
            cut = data.rfind(b"=", len(data) - 3)
            end = cut if cut > 0 else len(data)
        rest = data[end:]
        if end:
            yield binascii.a2b_qp(data[:end])
    if rest:
        yield binascii.a2b_qp(rest)


_DECODERS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "": _as_it_stands,
    "7bit": _as_it_stands,
    "8bit": _as_it_stands,
    "binary": _as_it_stands,
    "base64": _base64,
    "quoted-printable": _quoted_printable,
}
