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
from typing import BinaryIO

from records.formats.json_values import Twice, scan, scan_loosely, too_deep
from records.formats.pieces import ROOT, Fault, Path, Piece, Role

CHUNK = 1 << 18  # bytes read at a time
LARGEST = 1 << 26  # bytes of one element or value; more is left unread
_GOES_ON = 3  # characters that must follow a number for it to be whole: "1e+" may become "1e+5"
_TAIL = 256  # characters kept of what was searched in vain, for what begins in it

_BLANK = re.compile(r"[ \t\r\n]*")
_AFTER = re.compile(r"[ \t\r\n]*(?:,[ \t\r\n]*)?")  # after an element: blanks and a comma
_NEXT = re.compile(r"(?<=[\[,{}\s\ufeff])\{")  # where another element may begin
# What the scanner stops at when the file ends inside a value: nothing, or the beginning of a word or an escape.
_OPEN = re.compile(
    r"\s*(?:,|[.eE]?[-+]?|t(?:r|ru)?|f(?:a|al|als)?|n(?:u|ul)?|\\?u?[0-9a-fA-F]{0,4})?"
)


class _Short(Exception):
    """The buffer ends inside a value, and the file goes on."""


def pieces(
    stream: BinaryIO,
    arrays: frozenset[Path],
    looks_right: Callable[[object], bool] = lambda value: isinstance(value, dict),
    start: int = 0,
) -> Iterator[Piece]:
    """Walks one JSON text. `arrays`: paths of the arrays whose elements come one by one.

    `looks_right` tells an element of the format from an object inside one, to go on after broken bytes. `start`:
    offset of the first byte, for a text of several parts.
    """
    return _Walk(stream, arrays, looks_right, start).text()


def lines(
    stream: BinaryIO,
    looks_right: Callable[[object], bool] = lambda value: isinstance(value, dict),
    start: int = 0,
) -> Iterator[Piece]:
    """Walks JSON values that follow each other, one a line or not, or arrays of them (JSON Lines and its kin)."""
    return _Walk(stream, frozenset((ROOT,)), looks_right, start).sequence()


class _Walk:
    def __init__(
        self,
        stream: BinaryIO,
        arrays: frozenset[Path],
        looks_right: Callable[[object], bool],
        start: int,
    ) -> None:
        self._stream, self._arrays, self._looks_right = stream, arrays, looks_right
        self._within = frozenset(path[:n] for path in arrays for n in range(len(path)))
        self._begins = _beginning_of(arrays)
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text, self._at, self._offset = "", 0, start
        self._plain = True  # whether the buffer is ASCII, so that characters are bytes
        self._ended = False
        self._open = 0  # brackets of the frame that are not closed yet

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
        torn = False
        if self._plain:
            length = end - self._at
        else:
            text = self._text[self._at : end]
            try:
                length = len(text.encode())
            except UnicodeEncodeError:  # bytes that are not UTF-8: the decoder kept them
                length, torn = len(text.encode("utf-8", "surrogateescape")), True
        piece = Piece(role, path, value, self._offset, length, fault, torn)
        self._at = end
        self._offset += length
        return piece

    def _peek(self, at: int) -> tuple[int, str]:
        """The next character that is not blank, and where; "" at the end of the file or of what can be held."""
        while True:
            found = _BLANK.match(self._text, at)
            assert found is not None
            at = found.end()
            if at < len(self._text):
                return at, self._text[at]
            taken = at - self._at
            if taken > LARGEST or not self._fill():
                return len(self._text), ""
            at = self._at + taken

    def _parse(self, at: int) -> tuple[object, int, Fault]:
        """The value at a place of the buffer, where it ends, and what is wrong with it. `_Short` asks for more."""
        text, fault = self._text, Fault.NONE
        try:
            try:
                value, end = scan(text, at)
            except Twice:
                value, end = scan_loosely(text, at)
                fault = Fault.TWICE
            except json.JSONDecodeError:
                raise
            except ValueError:  # a number of more digits than Python converts
                value, end = scan_loosely(text, at)
        except StopIteration as stop:  # no value at that place, which may be deep inside
            return None, at, self._cut_or_malformed(stop.value, open_text=False)
        except json.JSONDecodeError as error:
            open_text = error.msg.startswith("Unterminated string")
            return None, at, self._cut_or_malformed(error.pos, open_text=open_text)
        except RecursionError:
            return None, at, Fault.DEEP
        if end > len(text) - _GOES_ON and not self._ended:
            raise _Short
        return (None, at, Fault.DEEP) if too_deep(text, at, end, value) else (value, end, fault)

    def _cut_or_malformed(self, at: int, *, open_text: bool) -> Fault:
        """What stopped the scanner there. Near the end of the buffer ("tru", "\\u00") more of the file may mend it."""
        if at < len(self._text) - 16 and not open_text:
            return Fault.MALFORMED
        if not self._ended:
            raise _Short from None
        return Fault.CUT if open_text or _OPEN.fullmatch(self._text, at) else Fault.MALFORMED

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
        if character or not self._ended:
            yield from self._to_end(Fault.EXTRA if character else Fault.LARGE)
            return
        if at > self._at:
            yield self._take(at, Role.FRAME, ROOT)
        if self._open:
            yield Piece(Role.BROKEN, ROOT, None, self._offset, 0, Fault.CUT)

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
            self._open = 0
            yield Piece(Role.BROKEN, ROOT, None, start, length, fault)

    def _loosely(self, path: Path, fault: Fault) -> Iterator[Piece]:
        """The frame is broken, so nobody knows what holds what: whole elements up to the end, wherever they stand."""
        array = min((item for item in self._arrays if item[: len(path)] == path), key=len)
        while (yield from self._resume(array, fault)):
            self._open, fault = 0, Fault.MALFORMED
            while (yield from self._element(array)):
                if self._peek(self._at)[1] != "{":
                    break

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
                yield from self._loosely(path, fault)
            else:
                yield self._take(end, Role.VALUE, path, value, fault)

    def _members(self, path: Path) -> Iterator[Piece]:
        """An object that holds, somewhere, the arrays that are wanted."""
        at, _ = self._peek(self._at)
        self._open += 1
        yield self._take(at + 1, Role.FRAME, path)
        while True:
            at, character = self._peek(self._at)
            if character == "}":
                self._open -= 1
                yield self._take(at + 1, Role.FRAME, path)
                return
            if character == ",":
                at, character = self._peek(at + 1)
            if character != '"':
                yield from self._loosely(path, Fault.MALFORMED if character else Fault.CUT)
                return
            key, end, fault = self._value(at)
            if fault:
                yield from self._loosely(path, fault)
                return
            end, character = self._peek(end)
            if character != ":":
                yield from self._loosely(path, Fault.MALFORMED if character else Fault.CUT)
                return
            child = (*path, str(key))
            if child in self._arrays or child in self._within:
                yield self._take(end + 1, Role.FRAME, child)
                yield from self._node(child)
                continue
            start, _ = self._peek(end + 1)
            value, end, fault = self._value(start)
            if fault and fault is not Fault.TWICE:
                yield from self._loosely(path, fault)
                return
            yield self._take(end, Role.VALUE, child, value, fault)

    def _list(self, path: Path) -> Iterator[Piece]:
        """An array whose elements hold the arrays that are wanted."""
        at, _ = self._peek(self._at)
        self._open += 1
        yield self._take(at + 1, Role.FRAME, path)
        child = _inside(path)
        while True:
            at, character = self._peek(self._at)
            if character == "]":
                self._open -= 1
                yield self._take(at + 1, Role.FRAME, path)
                return
            if character == ",":
                yield self._take(at + 1, Role.FRAME, path)
            elif character:
                before = self._offset
                yield from self._node(child)
                if self._offset == before:
                    yield from self._loosely(path, Fault.MALFORMED)
                    return
            else:
                yield from self._loosely(path, Fault.CUT)
                return

    def _array(self, path: Path) -> Iterator[Piece]:
        """An array that is wanted: its elements one by one."""
        at, _ = self._peek(self._at)
        at, character = self._peek(at + 1)
        self._open += 1
        yield self._take(at, Role.FRAME, path)
        while True:
            yield from self._run(path)
            at, character = self._peek(self._at)
            if character == "]":
                self._open -= 1
                yield self._take(at + 1, Role.FRAME, path)
                return
            if not character:
                return
            if not (yield from self._element(path)):
                return

    def _run(self, path: Path) -> Iterator[Piece]:
        """The elements that lie whole in the buffer: the hot loop of most files."""
        text, at, offset, plain = self._text, self._at, self._offset, self._plain
        size = len(text) - _GOES_ON
        element, sound, parse, after = Role.ELEMENT, Fault.NONE, scan, _AFTER.match
        new = tuple.__new__
        try:
            while True:
                value, end = parse(text, at)
                stop = after(text, end).end()  # type: ignore[union-attr]
                if stop > size or too_deep(text, at, end, value):
                    return
                length = stop - at if plain else len(text[at:stop].encode())
                self._at, self._offset = stop, offset + length
                yield new(Piece, (element, path, value, offset, length, sound, False))
                at, offset = stop, offset + length
        except (StopIteration, Twice, ValueError, RecursionError):
            return  # whatever it is, the careful way looks at it again

    def _element(self, path: Path) -> Generator[Piece, None, bool]:
        """One element and the comma and blanks after it; gives whether the walk can go on."""
        value, end, fault = self._value(self._at)
        if fault and fault is not Fault.TWICE:
            return (yield from self._resume(path, fault))
        found = _AFTER.match(self._text, end)
        assert found is not None
        while found.end() == len(self._text) and found.end() - end < CHUNK and not self._ended:
            ahead = end - self._at
            self._fill()
            end = self._at + ahead
            found = _AFTER.match(self._text, end)
            assert found is not None
        yield self._take(found.end(), Role.ELEMENT, path, value, fault)
        return True

    def _resume(self, path: Path, fault: Fault) -> Generator[Piece, None, bool]:
        """Leaves broken bytes unread up to the next element that looks right, or to the end of the file."""
        start, crossed, at = self._offset, False, self._at + 1
        while True:
            at, right = self._next(at)
            crossed = crossed or self._begins.search(self._text, self._at, at) is not None
            keep = at if right else max(self._at, at - _TAIL)
            ahead = at - keep
            self._offset += self._bytes(self._at, keep)
            self._at = keep
            if right:
                yield Piece(Role.BROKEN, path, crossed, start, self._offset - start, fault)
                return True
            if not self._fill():
                break
            at = self._at + ahead
        self._offset += self._bytes(self._at, len(self._text))
        self._at = len(self._text)
        if self._offset > start:
            self._open = 0  # that the file is cut is told with these bytes
            yield Piece(Role.BROKEN, path, crossed, start, self._offset - start, fault)
        return False

    def _next(self, at: int) -> tuple[int, bool]:
        """Where the next element that looks right begins; or up to where the buffer shows none, and False."""
        while (found := _NEXT.search(self._text, at)) is not None:
            at = found.start()
            try:
                value, _, wrong = self._parse(at)
            except _Short:
                if len(self._text) - at <= LARGEST:
                    return at, False
            else:
                if wrong in (Fault.NONE, Fault.TWICE) and self._looks_right(value):
                    return at, True
            at += 1
        return len(self._text), False


def _beginning_of(arrays: frozenset[Path]) -> re.Pattern[str]:
    """Finds the key and the bracket with which an array of elements begins."""
    keys = sorted({re.escape(path[-1]) for path in arrays if path and path[-1] != "*"})
    return re.compile(rf'"(?:{"|".join(keys)})"\s*:\s*\[' if keys else "(?!)")


def _inside(path: Path) -> Path:
    return (*path, "*")
