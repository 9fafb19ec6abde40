"""XML text as expat can read it: a copy with what XML forbids mended, and with attachments left in the file.

Some applications write half a character (a surrogate) as a reference, control characters, or bytes that are no UTF-8.
The copy holds what was meant, or U+FFFD, and remembers where each of its bytes stood, so that all offsets are those of
the file. The value of an attribute that holds a file is left out, so a message with a film of a gigabyte costs nothing.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from records.formats.errors import reject

CHUNK = 1 << 17  # bytes read at a time
LARGEST = 1 << 23  # bytes of one element, without what is left in the file
START_TAG = re.compile(rb"""<[^<>"']*+(?:"[^"]*+"[^<>"']*+|'[^']*+'[^<>"']*+)*+>""")

_HIGH = rb"&#(?:0*5(?:529[6-9]|5[3-9]\d\d|6[0-2]\d\d|63[01]\d)|x0*[dD][89abAB][0-9a-fA-F]{2});"
_LOW = rb"&#(?:0*5(?:63[2-9]\d|6[4-9]\d\d|7[0-2]\d\d|73[0-3]\d|734[0-3])|x0*[dD][c-fC-F][0-9a-fA-F]{2});"
_CONTROL = rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45])|x0*(?:[0-8bcBCefEF]|1[0-9a-fA-F]|[fF]{3}[eEfF]));"
_REFERENCES = re.compile(
    b"(" + _HIGH + b")(" + _LOW + b")|" + _HIGH + b"|" + _LOW + b"|" + _CONTROL
)
_REFERENCE_BEGUN = re.compile(b"(?:" + _HIGH + rb")?(?:&(?:#[0-9a-fA-FxX]{0,12})?)?\Z")
_CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNWANTED = re.compile(_CONTROL_BYTE.pattern + rb"|\xef\xbf[\xbe\xbf]")  # in UTF-8
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^<>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)""")


class Span(NamedTuple):
    """A stretch of the file."""

    offset: int
    length: int


class Copy:
    """The text as expat can read it, and where each byte of it stood in the file."""

    def __init__(
        self, stream: BinaryIO, left: tuple[str, str] | None, mend_references: bool
    ) -> None:
        self._stream, self._mend_references = stream, mend_references
        self._opening = _opening(*left) if left else None
        self._tag = f"<{left[0]}".encode() if left else b""
        self._held = b""  # read, and not copied yet
        self._read = 0  # bytes of the file
        self._taken, self._copied = 0, 0  # bytes of the file in the copy, and bytes of the copy
        self._out: list[bytes] = []
        self.shifts: deque[tuple[int, int]] = deque()  # place in the copy, distance from then on
        self.shift = 0
        self.wounds: deque[int] = deque()  # places in the copy where bytes were replaced
        self._quote = b""  # of the attribute that is being left out
        self._left_at = 0
        self._utf8, self._replacement = True, "\ufffd".encode()
        self.left: dict[str, Span] = {}  # by the number that stands in its place
        self._numbers = 0

    def chunks(self) -> Iterator[bytes]:
        """The copy, to its end. One that is read in the middle of a long tag comes in larger chunks."""
        while True:
            data = self._stream.read(max(CHUNK, len(self._held)))
            if not self._read:
                self._look_at_encoding(data)
            self._read += len(data)
            self._held += data
            self._copy(final=not data)
            yield b"".join(self._out)
            self._out.clear()
            if not data:
                return

    def original(self, at: int) -> int:
        """Where a byte of the copy stood in the file. Ask in rising order."""
        while self.shifts and self.shifts[0][0] <= at:
            self.shift = self.shifts.popleft()[1]
        return at + self.shift

    def was_mended(self, before: int) -> bool:
        """Whether bytes that are no text were replaced before that place of the copy, since the last time."""
        mended = False
        while self.wounds and self.wounds[0] < before:
            self.wounds.popleft()
            mended = True
        return mended

    def total(self) -> int:
        """Bytes of the whole file; reads on to its end."""
        while data := self._stream.read(CHUNK):
            self._read += len(data)
        return self._read

    def _look_at_encoding(self, head: bytes) -> None:
        if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head[:4]:
            raise reject("F-ENCODING", what="UTF-16")
        declared = _DECLARED.match(head)
        name = declared.group(1).decode().lower() if declared else "utf-8"
        self._utf8 = name in ("utf-8", "utf8")
        if not self._utf8:
            self._replacement = b"?"

    def _put(self, data: bytes, taken: int) -> None:
        self._out.append(data)
        self._copied += len(data)
        self._taken += taken
        if len(data) != taken:
            self.shifts.append((self._copied, self._taken - self._copied))

    def _copy(self, *, final: bool) -> None:
        """Takes what is held, as far as it is certain what it is."""
        data, at = self._held, 0
        while True:
            if self._quote:
                at = self._leave(data, at)
                if self._quote:
                    break
            found = self._opening.search(data, at) if self._opening else None
            if found is None or (found.end() + 6 > len(data) and not final):
                break
            self._mend(data[at : found.end()], final=True)
            at, self._quote, self._left_at = found.end(), found.group(1), self._taken
        end = len(data) if final else self._certain(data, at)
        self._held = data[end - self._mend(data[at:end], final=final) :]

    def _leave(self, data: bytes, at: int) -> int:
        """Leaves out an attribute's value up to its quote, or to where the tag proves to be broken."""
        ends = [end for end in (data.find(self._quote, at), data.find(b"<", at)) if end >= 0]
        end = min(ends, default=len(data))
        self._put(b"", end - at)
        if ends:
            number = str(self._numbers)
            self._numbers += 1
            self.left[number] = Span(self._left_at, self._taken - self._left_at)
            self._put(number.encode(), 0)
            self._quote = b""
        return end

    def _certain(self, data: bytes, at: int) -> int:
        """Up to where it is certain that no tag with an attribute to leave begins."""
        start = data.rfind(b"<", at)
        begun = data[start : start + len(self._tag)]
        if start < 0 or not self._opening or not self._tag.startswith(begun):
            return len(data)
        whole = START_TAG.match(data, start) or len(data) - start > LARGEST
        return len(data) if whole else start

    def _mend(self, data: bytes, *, final: bool) -> int:
        """Copies text; gives how many bytes at its end must wait for more."""
        end = len(data)
        if not final and self._mend_references:
            begun = _REFERENCE_BEGUN.search(data, max(0, end - 40))
            end = begun.start() if begun else end
        if self._utf8 and not data.isascii():
            end = self._mend_bytes(data, end, final=final)
        elif end:
            self._mend_signs(data[:end])
        return len(data) - end

    def _mend_bytes(self, data: bytes, end: int, *, final: bool) -> int:
        """The same where bytes may be no UTF-8; gives how many bytes were taken."""
        at = 0
        while at < end:
            try:
                data[at:end].decode()
            except UnicodeDecodeError as error:
                wrong, after = at + error.start, at + error.end
                if not final and after == end and "unexpected end" in error.reason:
                    self._mend_signs(data[at:wrong])
                    return wrong
                self._mend_signs(data[at:wrong])
                self.wounds.append(self._copied)
                self._put(self._replacement, after - wrong)
                at = after
            else:
                self._mend_signs(data[at:end])
                return end
        return end

    def _mend_signs(self, data: bytes) -> None:
        """What XML forbids: control characters, U+FFFE and U+FFFF, and references to what is no character."""
        if b"\xef\xbf" in data or len(data.translate(None, _CONTROLS)) != len(data):
            at = 0
            for found in (_UNWANTED if self._utf8 else _CONTROL_BYTE).finditer(data):
                self._mend_marks(data[at : found.start()])
                self.wounds.append(self._copied)
                nul = self._utf8 and found.group() == b"\0"
                self._put("\u2400".encode() if nul else self._replacement, len(found.group()))
                at = found.end()
            data = data[at:]
        self._mend_marks(data)

    def _mend_marks(self, data: bytes) -> None:
        at = 0
        if self._mend_references and b"&#" in data:
            for found in _REFERENCES.finditer(data):
                self._put(data[at : found.start()], found.start() - at)
                if not found.group(1):
                    self.wounds.append(self._copied)
                self._put(b"&#%d;" % _meant(found), found.end() - found.start())
                at = found.end()
        if at < len(data):
            self._put(data[at:], len(data) - at)


def _opening(tag: str, attribute: str) -> re.Pattern[bytes]:
    """A tag up to the opening quote of an attribute that has a value. `<` never stands in a tag, so this is exact."""
    return re.compile(
        rb"<%s(?:\s++[^\s=<>\"'/]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*?\s++%s\s*+=\s*+([\"'])(?!null[\"']|[\"'])"
        % (tag.encode(), attribute.encode())
    )


def _meant(found: re.Match[bytes]) -> int:
    """The character that a reference, or two for one character, stands for."""
    if found.group(1):
        high, low = _number(found.group(1)), _number(found.group(2))
        return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
    return 0xFFFD if _number(found.group()) else 0x2400


def _number(reference: bytes) -> int:
    digits = reference[2:-1]
    return int(digits[1:], 16) if digits[:1] == b"x" else int(digits)
