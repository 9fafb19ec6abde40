"""Values of a JSON text, parsed by the standard library's scanner (RFC 8259) and held against what files do to readers:
names that stand twice, numbers that no computer holds, levels without end.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isfinite

DEEPEST = 100  # levels of one element or value: what reads it later must not run out of stack
Scanner = Callable[[str, int], tuple[object, int]]


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Twice
    return made


class Twice(Exception):
    """A key stands twice in one object."""


def _not_a_number(name: str) -> str:
    """NaN and Infinity are no JSON; they are kept as the words they are."""
    return name


def _fraction(digits: str) -> float | str:
    """A number; one that is too large for a computer's kept as it was written."""
    value = float(digits)
    return value if isfinite(value) else digits


def _whole(digits: str) -> int | str:
    """A whole number; one with more digits than Python converts as it was written."""
    try:
        return int(digits)
    except ValueError:
        return digits


scan: Scanner = json.JSONDecoder(
    strict=False,
    parse_float=_fraction,
    parse_constant=_not_a_number,
    object_pairs_hook=_object,
).scan_once  # type: ignore[attr-defined]
scan_loosely: Scanner = json.JSONDecoder(
    strict=False, parse_float=_fraction, parse_int=_whole, parse_constant=_not_a_number
).scan_once  # type: ignore[attr-defined]


def too_deep(text: str, start: int, end: int, value: object) -> bool:
    """Whether a value has more levels than can be read; nearly all have too few brackets for that."""
    if text.count("{", start, end) + text.count("[", start, end) <= DEEPEST:
        return False
    level: list[object] = [value]
    for _ in range(DEEPEST + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        if not below:
            return False
        level = below
    return True
