"""What a walk over a structured text gives, JSON or XML: stretches that follow each other without a hole."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

Path = tuple[str, ...]  # keys from the root; "*" stands for any element of an array
ROOT: Path = ()


class Role(IntEnum):
    """What a piece is."""

    ELEMENT = 0  # an element of a named array, with the comma and blanks after it
    VALUE = 1  # what stands beside the named arrays: key and value
    FRAME = 2  # brackets, keys and blanks around them
    # Bytes that are not well-formed, or too large or too deep to read. The value is True when the beginning of another
    # array of elements stands in them, so that what follows may belong elsewhere than what stood before. At the end
    # of a file that was cut between two elements: no bytes, and the fault.
    BROKEN = 3


class Fault(IntEnum):
    """What is wrong with a piece."""

    NONE = 0
    MALFORMED = 1
    CUT = 2  # the file ends inside
    DEEP = 3  # more levels than can be read
    LARGE = 4
    TWICE = 5  # a key stands twice in one object: the last value was taken
    EXTRA = 6  # bytes after the end of the text


class Piece(NamedTuple):
    """A stretch of a text; pieces follow each other without a hole."""

    role: Role
    path: Path  # of the array for an element, of the value itself for a value
    value: object
    offset: int  # bytes
    length: int
    fault: Fault = Fault.NONE
    broken_bytes: bool = False  # bytes that are not UTF-8 stand in it
