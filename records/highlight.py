"""Highlighted hits of a search: pieces of text, each a hit or not. Templates escape them as any text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

EXCERPT = 320
_WORD = re.compile(r"[^\W_]+")


class Segment(NamedTuple):
    """A piece of shown text; `hit` says that the search found it."""

    text: str
    hit: bool


def pattern(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """What finds the words or phrases in a text the way both full-text indexes do: whole words, any case."""
    parts = []
    for phrase in sorted(set(phrases), key=len, reverse=True):
        words = [re.escape(word) for word in _WORD.findall(phrase)]
        if words:
            parts.append(r"[\W_]+".join(words))
    if not parts:
        return None
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])", re.IGNORECASE)


def segments(text: str, wanted: re.Pattern[str] | None) -> list[Segment]:
    """The whole text in pieces; joined again they are the text."""
    if wanted is None:
        return [Segment(text, False)] if text else []
    found: list[Segment] = []
    at = 0
    for match in wanted.finditer(text):
        if match.start() > at:
            found.append(Segment(text[at : match.start()], False))
        found.append(Segment(match.group(), True))
        at = match.end()
    if at < len(text):
        found.append(Segment(text[at:], False))
    return found


def excerpt(text: str, wanted: re.Pattern[str] | None, *, length: int = EXCERPT) -> list[Segment]:
    """About `length` characters around the first hit, cut at blanks, with marks where text was left out."""
    match = wanted.search(text) if wanted else None
    start = max(0, (match.start() if match else 0) - length // 3)
    end = min(len(text), start + length)
    start = max(0, min(start, end - length))
    if start:
        blank = text.find(" ", start, start + 24)
        start = blank + 1 if blank >= 0 and not (match and blank >= match.start()) else start
    if end < len(text):
        blank = text.rfind(" ", max(start, end - 24), end)
        end = blank if blank >= 0 and not (match and blank < match.end()) else end
    found = segments(text[start:end], wanted)
    if start:
        found.insert(0, Segment("\u2026 ", False))
    if end < len(text):
        found.append(Segment(" \u2026", False))
    return found
