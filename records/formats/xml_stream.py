"""Reads an XML text of any size piece by piece, in constant memory; every byte belongs to exactly one piece.

A format names the elements that are its entries; each comes as a small tree, everything around them as frame. Expat
reads (XML 1.0, 5th edition); a document type declaration is refused, and with it every entity that could be declared.
At the first place that is not well-formed reading ends: what was whole before it is kept, the rest is one broken piece.
What applications write and XML forbids (surrogates as character references, control characters) is mended on a copy;
the copy remembers where its bytes stood, so that all offsets are those of the file.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

from records.formats.complaints import Wording
from records.formats.errors import reject
from records.formats.json_stream import Fault, Path, Piece, Role

CHUNK = 1 << 17  # bytes read at a time
LARGEST = 1 << 23  # bytes of one element, without what is left in the file
DEEPEST = 100  # levels inside one element
MOST_NODES = 100_000  # elements inside one element

# How problems of XML are told where they differ from those of other texts.
WORDINGS: Mapping[str, Wording] = {
    "J-MALFORMED": Wording(
        "error",
        "From here on the file is not well-formed XML, so nothing behind this place could be read; everything before "
        "it was. Somebody may have edited the file, or a copy failed: export again and compare.",
    ),
    "J-LARGE": Wording(
        "error",
        "This part is larger than 8 MB without its attachments, which no message is, so it was left unread. Export "
        "again and compare.",
    ),
}
_CUT = frozenset(
    (3, 5, 6, 20)
)  # expat: no element found, unclosed token or CDATA, half a character
_AFTER_END = 9  # expat: something follows the root element
_START_TAG = re.compile(rb"""<[^<>"']*+(?:"[^"]*+"[^<>"']*+|'[^']*+'[^<>"']*+)*+>""")
_END_TAG = re.compile(rb"</[^<>]*+>")
_HIGH = rb"&#(?:0*5(?:529[6-9]|5[3-9]\d\d|6[0-2]\d\d|63[01]\d)|x0*[dD][89abAB][0-9a-fA-F]{2});"
_LOW = rb"&#(?:0*5(?:63[2-9]\d|6[4-9]\d\d|7[0-2]\d\d|73[0-3]\d|734[0-3])|x0*[dD][c-fC-F][0-9a-fA-F]{2});"
_CONTROL = rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcBCefEF]|1[0-9a-fA-F]));"
_REFERENCES = re.compile(
    b"(" + _HIGH + b")(" + _LOW + b")|" + _HIGH + b"|" + _LOW + b"|" + _CONTROL
)
_REFERENCE_BEGUN = re.compile(b"(?:" + _HIGH + rb")?(?:&(?:#[0-9a-fA-FxX]{0,12})?)?\Z")
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^<>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)""")


class Span(NamedTuple):
    """A stretch of the file."""

    offset: int
    length: int


class Element:
    """One element with all that stands in it."""

    __slots__ = ("attributes", "children", "left", "name", "texts")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.children: list[Element] = []
        self.texts: list[str] = []
        self.left: Span | None = None  # where the attribute stands that was left in the file

    @property
    def text(self) -> str:
        """The text directly inside the element."""
        return "".join(self.texts)

    def find(self, name: str) -> Iterator[Element]:
        """The children of that name."""
        return (child for child in self.children if child.name == name)


def _by_name(name: str, attributes: Mapping[str, str]) -> str:
    return name


def pieces(
    stream: BinaryIO,
    wanted: frozenset[Path],
    label: Callable[[str, dict[str, str]], str] = _by_name,
    *,
    left: tuple[str, str] | None = None,
    mend_references: bool = False,
) -> Iterator[Piece]:
    """Walks one XML text. `wanted`: paths of the elements that come whole, as `Element`.

    `label` names an element in a path (by default its tag). `left`: tag and attribute whose value stays in the file
    (an attachment): its `Element.left` says where. `mend_references`: for applications that write half characters as
    references; never for texts with CDATA, where the same bytes are plain text. A frame that opens a container has
    the container's own element, without children, as its value.
    """
    return _Walk(_Copy(stream, left, mend_references), wanted, label, left).pieces()


class _Copy:
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
        whole = _START_TAG.match(data, start) or len(data) - start > LARGEST
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
        """Control characters, and references to what is no character."""
        if len(data.translate(None, _CONTROLS)) != len(data):
            at = 0
            for found in re.finditer(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", data):
                self._mend_marks(data[at : found.start()])
                self.wounds.append(self._copied)
                nul = self._utf8 and found.group() == b"\0"
                self._put("\u2400".encode() if nul else self._replacement, 1)
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


_new = tuple.__new__
_SOUND, _ELEMENT = Fault.NONE, Role.ELEMENT


class _Stop(Exception):
    """The walk cannot go on, for a reason of ours."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Walk:
    """Follows expat through the text and cuts it into pieces."""

    def __init__(
        self,
        copy: _Copy,
        wanted: frozenset[Path],
        label: Callable[[str, dict[str, str]], str],
        left: tuple[str, str] | None,
    ) -> None:
        self._source, self._wanted, self._label = copy, wanted, label
        self._left_tag, self._left_attribute = left or ("", "")
        self._within = frozenset(path[:n] for path in wanted for n in range(len(path)))
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._doctype
        self._path: Path = ()  # of the containers that are open
        self._children: dict[str, tuple[Path, bool, bool]] = {}  # by label: path, wanted, within
        self._deep = 0  # open elements that are no containers
        self._nodes = 0
        self._open: list[Element] = []  # those of them that are being made
        self._ready: list[Piece] = []
        self._last, self._last_was = (
            -1,
            "",
        )  # the last event: its place in the copy, and what it was
        self._recent, self._recent_at = b"", 0  # the copy from the token that is not whole yet
        # The piece that is open, and where it began in the file and in the copy.
        self._role = Role.FRAME
        self._piece_path: Path = ()
        self._value: object = None
        self._fault = Fault.NONE
        self._offset, self._begun = 0, 0

    def pieces(self) -> Iterator[Piece]:
        fault = Fault.NONE
        for data in self._source.chunks():
            fault = self._feed(data)
            yield from self._ready
            self._ready.clear()
            if fault:
                break
        if not fault:
            fault = self._feed(b"", final=True)
        if fault:
            self._break(fault)
        else:
            self._cut_at(1 << 62, self._source.total())
        yield from self._ready

    def _feed(self, data: bytes, *, final: bool = False) -> Fault:
        self._recent += data
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            if error.code == _AFTER_END:
                return Fault.EXTRA
            return Fault.CUT if final and error.code in _CUT else Fault.MALFORMED
        except _Stop as stop:
            return stop.fault
        at = max(self._parser.CurrentByteIndex, 0)
        self._recent, self._recent_at = self._recent[at - self._recent_at :], at
        return Fault.LARGE if len(self._recent) > LARGEST else Fault.NONE

    # -- the pieces --

    def _cut_at(self, at: int, offset: int) -> None:
        """Ends the open piece. `at`: in the copy; `offset`: in the file."""
        length = offset - self._offset
        if length:
            mended = self._source.wounds and self._source.was_mended(at)
            self._ready.append(
                _new(
                    Piece,
                    (
                        self._role, self._piece_path, self._value, self._offset, length, self._fault,
                        bool(mended),
                    ),
                )
            )  # fmt: skip
        self._offset, self._begun = offset, at

    def _begin(self, at: int, role: Role, path: Path, value: object) -> None:
        source = self._source
        self._cut_at(at, source.original(at) if source.shifts else at + source.shift)
        self._role, self._piece_path, self._value, self._fault = role, path, value, _SOUND

    def _break(self, fault: Fault) -> None:
        """What is whole is kept; all that follows is one broken piece."""
        start = self._offset
        if not self._deep and self._last >= 0:
            end = self._whole_end()
            start = self._source.original(end)
            self._cut_at(end, start)
        length = self._source.total() - start
        self._ready.append(Piece(Role.BROKEN, self._path, None, start, length, fault))

    def _whole_end(self) -> int:
        """Where the last whole token ends, in the copy."""
        if self._last < self._recent_at:
            return self._recent_at
        tag = {"start": _START_TAG, "end": _END_TAG}.get(self._last_was)
        found = tag.match(self._recent, self._last - self._recent_at) if tag else None
        return self._last if found is None else self._recent_at + found.end()

    # -- what expat tells --

    def _doctype(self, name: str, system: object, public: object, inside: object) -> None:
        raise reject("F-DOCTYPE", f"byte {self._parser.CurrentByteIndex}")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._last = at = self._parser.CurrentByteIndex
        self._last_was = "start"
        if self._deep:
            self._deeper(name, attributes, at)
            return
        label = name if self._label is _by_name else self._label(name, attributes)
        known = self._children.get(label)
        path, wanted, within = known or self._child(label)
        if wanted:
            element = self._element(name, attributes)
            self._begin(at, _ELEMENT, path, element)
            self._open.append(element)
            self._deep, self._nodes = 1, 0
        elif within:
            self._begin(at, Role.FRAME, path, Element(name, attributes))
            self._path, self._children = path, {}
        else:
            self._begin(at, Role.FRAME, path, None)
            self._deep = 1

    def _child(self, label: str) -> tuple[Path, bool, bool]:
        """What an element in the open container is: its path, whether it is wanted, whether it holds wanted ones."""
        path = (*self._path, label)
        known = (path, path in self._wanted, path in self._within)
        if len(self._children) < MOST_NODES:
            self._children[label] = known
        return known

    def _element(self, name: str, attributes: dict[str, str]) -> Element:
        element = Element(name, attributes)
        if name == self._left_tag:
            element.left = self._source.left.pop(attributes.get(self._left_attribute, ""), None)
            if element.left:
                del attributes[self._left_attribute]
        return element

    def _deeper(self, name: str, attributes: dict[str, str], at: int) -> None:
        self._deep += 1
        if self._deep > DEEPEST:
            raise _Stop(Fault.DEEP)
        if self._open and self._fits(at):
            element = self._element(name, attributes)
            self._open[-1].children.append(element)
            self._open.append(element)

    def _fits(self, at: int) -> bool:
        """Whether the open element is still small enough; else it is not made, and the walk goes on after it."""
        self._nodes += 1
        if at - self._begun < LARGEST and self._nodes < MOST_NODES:
            return True
        self._open.clear()
        self._role, self._value, self._fault = Role.BROKEN, None, Fault.LARGE
        return False

    def _end(self, name: str) -> None:
        self._last = at = self._parser.CurrentByteIndex
        self._last_was = "end"
        if self._deep:
            self._deep -= 1
            if self._open:
                self._open.pop()
            return
        self._begin(at, Role.FRAME, self._path, None)
        self._path, self._children = self._path[:-1], {}

    def _data(self, text: str) -> None:
        self._last = at = self._parser.CurrentByteIndex
        self._last_was = "text"
        if self._open:
            if self._fits(at):
                self._open[-1].texts.append(text)
        elif not self._deep and not text.isspace() and self._role is not Role.BROKEN:
            self._begin(at, Role.BROKEN, self._path, None)
            self._fault = Fault.EXTRA
