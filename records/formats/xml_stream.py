"""Reads an XML text of any size piece by piece, in constant memory; every byte belongs to exactly one piece.

A format names the elements that are its entries; each comes as a small tree, everything around them as frame. Expat
reads (XML 1.0, 5th edition); a document type declaration is refused, and with it every entity that could be declared.
At the first place that is not well-formed reading ends: what was whole before it is kept, the rest is one broken piece.
What applications write and XML forbids is mended on a copy (`xml_copy`); all offsets are those of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO
from xml.parsers import expat

from records.formats.complaints import Wording
from records.formats.errors import reject
from records.formats.pieces import Fault, Path, Piece, Role
from records.formats.xml_copy import LARGEST, START_TAG, Copy, Span

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
_END_TAG = re.compile(rb"</[^<>]*+>")


class Element:
    """One element with all that stands in it."""

    __slots__ = ("attributes", "children", "left", "name", "texts")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.children: list[Element] = _NO_CHILDREN
        self.texts: list[str] = _NO_TEXTS
        self.left: Span | None = None  # where the attribute stands that was left in the file

    @property
    def text(self) -> str:
        """The text directly inside the element."""
        return "".join(self.texts)

    def find(self, name: str) -> Iterator[Element]:
        """The children of that name."""
        return (child for child in self.children if child.name == name)


# Most elements hold nothing or one thing, and there are millions of them: lists are made when they are needed.
_NO_CHILDREN: list[Element] = []
_NO_TEXTS: list[str] = []


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
    return _Walk(Copy(stream, left, mend_references), wanted, label, left).pieces()


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
        copy: Copy,
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
        except (LookupError, ValueError) as error:  # the declaration names what expat cannot read
            raise reject("F-ENCODING", what="an encoding that cannot be read") from error
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
        tag = {"start": START_TAG, "end": _END_TAG}.get(self._last_was)
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
            holder = self._open[-1]
            if holder.children is _NO_CHILDREN:
                holder.children = [element]
            else:
                holder.children.append(element)
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
                holder = self._open[-1]
                if holder.texts is _NO_TEXTS:
                    holder.texts = [text]
                else:
                    holder.texts.append(text)
        elif not self._deep and not text.isspace() and self._role is not Role.BROKEN:
            self._begin(at, Role.BROKEN, self._path, None)
            self._fault = Fault.EXTRA
