"""Reads a JSON text of any size piece by piece, in constant memory; every byte belongs to exactly one piece.

A format names the arrays whose elements are its entries. The walk goes down to those arrays only; their elements, and
whatever stands beside them, are parsed whole by the standard library's scanner (RFC 8259). What is malformed becomes a
broken piece, and the walk goes on at the next element that the format recognises, so that nothing is lost in silence.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Generator, Iterator
from enum import IntEnum
from typing import BinaryIO, NamedTuple

CHUNK = 1 << 18  # bytes read at a time
LARGEST = 1 << 26  # bytes of one element or value; more is left unread
Path = tuple[str, ...]  # keys from the root; "*" stands for any element of an array
ROOT: Path = ()

_BLANK = re.compile(r"[ \t\r\n]*")
_AFTER = re.compile(r"[ \t\r\n]*(?:,[ \t\r\n]*)?")  # after an element: blanks and a comma
_NEXT = re.compile(r"[\[,{\s]\s*(?=\{)")  # where another element may begin


class Role(IntEnum):
    """What a piece is."""

    ELEMENT = 0  # an element of a named array, with the comma and blanks after it
    VALUE = 1  # what stands beside the named arrays: key and value
    FRAME = 2  # brackets, keys and blanks around them
    BROKEN = 3  # bytes that are no JSON, or too large or too deep to read


class Fault(IntEnum):
    """What is wrong with a piece."""

    NONE = 0
    MALFORMED = 1
    CUT = 2  # the file ends inside
    DEEP = 3  # more levels than can be read
    LARGE = 4
    TWICE = 5  # a key stands twice in one object: the last value was taken
    EXTRA = 6  # bytes after the end of the JSON text


class Piece(NamedTuple):
    """A stretch of a JSON text; pieces follow each other without a hole."""

    role: Role
    path: Path  # of the array for an element, of the value itself for a value
    value: object
    offset: int  # bytes
    length: int
    fault: Fault = Fault.NONE
    broken_bytes: bool = False  # bytes that are not UTF-8 stand in it


class _Short(Exception):
    """The buffer ends inside a value, and the file goes on."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Twice
    return made


class _Twice(Exception):
    """A key stands twice in one object."""


def _not_a_number(name: str) -> str:
    """NaN and Infinity are no JSON; they are kept as the words they are."""
    return name


_scan = json.JSONDecoder(
    strict=False, parse_constant=_not_a_number, object_pairs_hook=_object
).scan_once
_scan_loosely = json.JSONDecoder(strict=False, parse_constant=_not_a_number).scan_once


def pieces(
    stream: BinaryIO,
    arrays: frozenset[Path],
    looks_right: Callable[[object], bool] = lambda value: isinstance(value, dict),
) -> Iterator[Piece]:
    """Walks one JSON text. `arrays`: paths of the arrays whose elements come one by one.

    `looks_right` tells an element of the format from an object inside one, to go on after broken bytes.
    """
    return _Walk(stream, arrays, looks_right).text()


def lines(
    stream: BinaryIO, looks_right: Callable[[object], bool] = lambda value: isinstance(value, dict)
) -> Iterator[Piece]:
    """Walks JSON values that follow each other, one a line or not, or arrays of them (JSON Lines and its kin)."""
    return _Walk(stream, frozenset((ROOT,)), looks_right).sequence()


class _Walk:
    def __init__(
        self, stream: BinaryIO, arrays: frozenset[Path], looks_right: Callable[[object], bool]
    ) -> None:
        self._stream, self._arrays, self._looks_right = stream, arrays, looks_right
        self._within = frozenset(path[:n] for path in arrays for n in range(len(path)))
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text, self._at, self._offset = "", 0, 0
        self._plain = True  # whether the buffer is ASCII, so that characters are bytes
        self._ended = False

    # -- the buffer --

    def _fill(self) -> bool:
        """Reads on; False at the end of the file. What was taken is dropped from the buffer."""
        if self._ended:
            return False
        data = self._stream.read(max(CHUNK, len(self._text) - self._at))
        self._ended = not data
        self._text = self._text[self._at :] + self._decoder.decode(data, final=self._ended)
        self._at = 0
        self._plain = self._text.isascii()
        return True

    def _bytes(self, start: int, end: int) -> int:
        if self._plain:
            return end - start
        return len(self._text[start:end].encode("utf-8", "surrogateescape"))

    def _take(
        self, end: int, role: Role, path: Path, value: object = None, fault: Fault = Fault.NONE
    ) -> Piece:
        length = self._bytes(self._at, end)
        torn = not self._plain and _torn(self._text[self._at : end])
        piece = Piece(role, path, value, self._offset, length, fault, torn)
        self._at = end
        self._offset += length
        return piece

    def _peek(self, at: int) -> tuple[int, str]:
        """The next character that is not blank, and where; "" at the end of the file."""
        while True:
            found = _BLANK.match(self._text, at)
            assert found is not None
            at = found.end()
            if at < len(self._text):
                return at, self._text[at]
            taken = at - self._at
            if not self._fill():
                return len(self._text), ""
            at = self._at + taken

    def _parse(self, at: int) -> tuple[object, int, Fault]:
        """The value at a place of the buffer, where it ends, and what is wrong with it. `_Short` asks for more."""
        text, fault = self._text, Fault.NONE
        try:
            try:
                value, end = _scan(text, at)
            except _Twice:
                value, end = _scan_loosely(text, at)
                fault = Fault.TWICE
        except StopIteration as stop:  # no value at that place, which may be deep inside
            return None, at, self._cut_or_malformed(stop.value, open_text=False)
        except json.JSONDecodeError as error:
            open_text = error.msg.startswith("Unterminated string")
            return None, at, self._cut_or_malformed(error.pos, open_text=open_text)
        except RecursionError:
            return None, at, Fault.DEEP
        except ValueError:  # a number of more digits than Python converts
            return None, at, Fault.MALFORMED
        if end == len(text) and not self._ended:  # a number may go on
            raise _Short
        return value, end, fault

    def _cut_or_malformed(self, at: int, *, open_text: bool) -> Fault:
        """What stopped the scanner there. Near the end of the buffer ("tru", "\\u00") more of the file may mend it."""
        if at < len(self._text) - 16 and not open_text:
            return Fault.MALFORMED
        if not self._ended:
            raise _Short from None
        return Fault.CUT

    def _value(self, at: int) -> tuple[object, int, Fault]:
        """The same, with as much of the file as it needs. Places in the buffer move: the result counts from `_at`."""
        ahead = at - self._at
        while True:
            try:
                return self._parse(self._at + ahead)
            except _Short:
                if len(self._text) - self._at > LARGEST:
                    return None, self._at + ahead, Fault.LARGE
                self._fill()

    # -- the walk --

    def text(self) -> Iterator[Piece]:
        yield from self._mark()
        yield from self._node(ROOT)
        yield from self._rest()

    def sequence(self) -> Iterator[Piece]:
        yield from self._mark()
        while True:
            at, character = self._peek(self._at)
            if not character:
                break
            if at > self._at:
                yield self._take(at, Role.FRAME, ROOT)
            if character == "[":
                yield from self._array(ROOT)
                continue
            if not (yield from self._element(ROOT)):
                return
        yield from self._rest()

    def _mark(self) -> Iterator[Piece]:
        self._fill()
        if self._text.startswith("\ufeff"):
            yield self._take(1, Role.FRAME, ROOT)

    def _rest(self) -> Iterator[Piece]:
        """Whatever follows the end: blanks, or bytes that do not belong there."""
        at, character = self._peek(self._at)
        if not character:
            if at > self._at:
                yield self._take(at, Role.FRAME, ROOT)
            return
        yield from self._to_end(Fault.EXTRA)

    def _to_end(self, fault: Fault) -> Iterator[Piece]:
        """All that is left of the file, unread."""
        start, length = self._offset, 0
        while True:
            length += self._bytes(self._at, len(self._text))
            self._at = len(self._text)
            if not self._fill():
                break
        self._offset += length
        if length:
            yield Piece(Role.BROKEN, ROOT, None, start, length, fault)

    def _node(self, path: Path) -> Iterator[Piece]:
        """The value that begins at the next character that is not blank."""
        at, character = self._peek(self._at)
        if character == "[" and path in self._arrays:
            yield from self._array(path)
        elif character == "{" and path in self._within:
            yield from self._members(path)
        elif character == "[" and path in self._within and _inside(path) in self._within:
            yield from self._list(path)
        elif character:
            value, end, fault = self._value(at)
            if fault and fault is not Fault.TWICE:
                yield from self._to_end(fault)
            else:
                yield self._take(end, Role.VALUE, path, value, fault)

    def _members(self, path: Path) -> Iterator[Piece]:
        """An object that holds, somewhere, the arrays that are wanted."""
        at, _ = self._peek(self._at)
        yield self._take(at + 1, Role.FRAME, path)
        while True:
            at, character = self._peek(self._at)
            if character == "}":
                yield self._take(at + 1, Role.FRAME, path)
                return
            if character == ",":
                at, character = self._peek(at + 1)
            if character != '"':
                yield from self._to_end(Fault.MALFORMED if character else Fault.CUT)
                return
            key, end, fault = self._value(at)
            if fault:
                yield from self._to_end(fault)
                return
            end, character = self._peek(end)
            if character != ":":
                yield from self._to_end(Fault.MALFORMED if character else Fault.CUT)
                return
            child = (*path, str(key))
            if child in self._arrays or child in self._within:
                yield self._take(end + 1, Role.FRAME, child)
                yield from self._node(child)
                continue
            start, _ = self._peek(end + 1)
            value, end, fault = self._value(start)
            if fault and fault is not Fault.TWICE:
                yield from self._to_end(fault)
                return
            yield self._take(end, Role.VALUE, child, value, fault)

    def _list(self, path: Path) -> Iterator[Piece]:
        """An array whose elements hold the arrays that are wanted."""
        at, _ = self._peek(self._at)
        yield self._take(at + 1, Role.FRAME, path)
        child = _inside(path)
        while True:
            at, character = self._peek(self._at)
            if character in ("]", ","):
                yield self._take(at + 1, Role.FRAME, path)
                if character == "]":
                    return
            elif character:
                before = self._offset
                yield from self._node(child)
                if self._offset == before:
                    yield from self._to_end(Fault.MALFORMED)
                    return
            else:
                yield from self._to_end(Fault.CUT)
                return

    def _array(self, path: Path) -> Iterator[Piece]:
        """An array that is wanted: its elements one by one."""
        at, _ = self._peek(self._at)
        at, character = self._peek(at + 1)
        yield self._take(at, Role.FRAME, path)
        while True:
            if self._plain:
                yield from self._run(path)
            _, character = self._peek(self._at)
            if character == "]":
                yield self._take(self._at + 1, Role.FRAME, path)
                return
            if not character:
                return
            if not (yield from self._element(path)):
                return

    def _run(self, path: Path) -> Iterator[Piece]:
        """The elements that lie whole in the buffer, where characters are bytes: the hot loop of most files."""
        text, at, offset, size = self._text, self._at, self._offset, len(self._text)
        element, sound, scan, after, new = (
            Role.ELEMENT,
            Fault.NONE,
            _scan,
            _AFTER.match,
            tuple.__new__,
        )
        try:
            while True:
                value, end = scan(text, at)
                stop = after(text, end).end()  # type: ignore[union-attr]
                if stop >= size:
                    return
                length = stop - at
                self._at, self._offset = stop, offset + length
                yield new(Piece, (element, path, value, offset, length, sound, False))
                at, offset = stop, offset + length
        except (StopIteration, _Twice, ValueError, RecursionError):
            return  # whatever it is, the careful way looks at it again

    def _element(self, path: Path) -> Generator[Piece, None, bool]:
        """One element and the comma and blanks after it; gives whether the walk can go on."""
        value, end, fault = self._value(self._at)
        if fault and fault is not Fault.TWICE:
            return (yield from self._resume(path, fault))
        found = _AFTER.match(self._text, end)
        assert found is not None
        while found.end() == len(self._text) and not self._ended:
            ahead = end - self._at
            self._fill()
            end = self._at + ahead
            found = _AFTER.match(self._text, end)
            assert found is not None
        yield self._take(found.end(), Role.ELEMENT, path, value, fault)
        return True

    def _resume(self, path: Path, fault: Fault) -> Generator[Piece, None, bool]:
        """Leaves broken bytes unread up to the next element that looks right, or to the end of the file."""
        start, length = self._offset, 0
        while True:
            for found in _NEXT.finditer(self._text, self._at + 1):
                try:
                    value, _, wrong = self._parse(found.end())
                except _Short:
                    break
                if not wrong and self._looks_right(value):
                    length += self._bytes(self._at, found.end())
                    self._at = found.end()
                    self._offset = start + length
                    yield Piece(Role.BROKEN, path, None, start, length, fault)
                    return True
            if self._ended or len(self._text) - self._at > LARGEST:
                break
            self._fill()
        self._offset = start
        yield from self._to_end(fault)
        return False


def _inside(path: Path) -> Path:
    return (*path, "*")


def _torn(text: str) -> bool:
    """Whether bytes that are not UTF-8 stand in the text (the decoder kept them as lone surrogates)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
