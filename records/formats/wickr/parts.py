"""Which files of an archive are the log, in what order, and whether a part of it is missing.

The bot starts a new file when one reaches a size or an age (WICKRIO_COMP_FILESIZE, WICKRIO_COMP_TIMEROTATE; the base
name is WICKRIO_COMP_BASENAME, by default "receivedMessages"). The guides do not say how it names them, so the order is
that of the first message in each, and a missing part is concluded from the numbers or times in the names alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from records.formats.base import Part, Source, Text
from records.formats.sniff import is_clutter
from records.formats.wickr.times import SECOND, readable, stamp

HEAD = 1 << 14
MOST_PEEKS = 64  # members that `score` looks into
MOST_GAPS = 100
MOST_NUMBERS = 1_000  # numbers of missing parts that are listed one by one
_ATTACHMENT = re.compile(r"(?:^|/)attachment_[0-9]{8,}|(?:^|/)attachments/", re.IGNORECASE)
_LOG_NAME = re.compile(
    r"(?:\.(?:log|txt|json|jsonl)|[0-9])(?:[._-][0-9]+)*$|(?:^|/)[^./]+$", re.IGNORECASE
)
_MARKS = (
    re.compile(rb'"vgroupid"\s*:\s*"'),
    re.compile(rb'"msgtype"\s*:\s*[0-9]'),
    re.compile(rb'"msg_ts"\s*:'),
)
_FIRST_TIME = re.compile(rb'"msg_ts"\s*:\s*"?([0-9.]+)')
_DIGITS = re.compile(r"[0-9]+(?:[-_.:T ]?[0-9]+)*")
_ORDINAL = re.compile(r"[0-9]{1,6}")


class Gap(NamedTuple):
    """Where a part of the log is missing: between two parts, or before the first when `after` is empty."""

    text: int
    after: str
    before: str
    missing: int
    numbers: list[int]
    certain: bool  # told by consecutive numbers; else only by the usual pace of the files


def marks(head: bytes) -> int:
    """How many of the three keys that every message of a log has stand in the head of a file."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        return 0
    return sum(mark.search(head) is not None for mark in _MARKS)


def may_be_log(name: str) -> bool:
    """Whether a member could be a part of the log by its name: no attachment, no picture."""
    return not (is_clutter(name) or _ATTACHMENT.search(name)) and _LOG_NAME.search(name) is not None


def texts_of(source: Source) -> tuple[list[Text], list[Gap]]:
    """One text for each folder and base name, its parts in the order of their first messages."""
    if not source.members:
        return [Text((Part(None, source.size),))], []
    groups: dict[tuple[str, str], list[tuple[Part, int | None]]] = {}
    empty: list[Part] = []
    for member in source.members:
        if not may_be_log(member.name):
            continue
        part = Part(member.name, member.size)
        if not member.size:
            empty.append(part)
            continue
        with source.open(member.name) as stream:
            head = stream.read(HEAD)
        if marks(head) >= 2:
            first = _FIRST_TIME.search(head)
            at = stamp(first[1].decode()) if first else None
            groups.setdefault(_stem(member.name), []).append((part, at))
    for part in empty:
        assert part.member is not None
        if _stem(part.member) in groups:
            groups[_stem(part.member)].append((part, None))
    texts, gaps = [], []
    for index, (_, group) in enumerate(sorted(groups.items())):
        texts.append(Text(tuple(_in_order(group))))
        gaps += _gaps(index, [part.member or "" for part in texts[-1].parts])
    return texts, gaps[:MOST_GAPS]


def _stem(name: str) -> tuple[str, str]:
    folder, _, base = name.rpartition("/")
    return folder, re.sub(r"[-_.: ]*[0-9]+", "", base).removesuffix(".log")


def _in_order(group: Sequence[tuple[Part, int | None]]) -> list[Part]:
    """By first message; a part that tells no time keeps its place among the names."""
    named = sorted(group, key=lambda item: _natural(item[0].member or ""))
    times = [at for _, at in named if at is not None]
    falling = len(times) > 1 and times == sorted(times, reverse=True) and times[0] != times[-1]
    if falling:  # the oldest has the highest number, as log rotation usually counts
        named.reverse()
    last, keyed = 0, []
    for part, at in named:
        last = at if at is not None else last
        keyed.append((last, part))
    return [part for _, part in sorted(keyed, key=lambda item: item[0])]


def _natural(name: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name)
    ]


def _gaps(text: int, names: Sequence[str]) -> list[Gap]:
    """Holes in the numbers or in the times of the names."""
    written = {name: _DIGITS.findall(name.rpartition("/")[2]) for name in names}
    last = {name: found[-1] for name, found in written.items() if found}
    numbers = {int(found): name for name, found in last.items() if _ORDINAL.fullmatch(found)}
    if numbers and len(numbers) == len(last):
        return _number_gaps(text, numbers, first=1 if len(last) == len(names) else 2)
    times = {at: name for name, found in last.items() if (at := _time_of(found)) is not None}
    return _pace_gaps(text, times) if len(times) == len(last) else []


def _number_gaps(text: int, numbers: dict[int, str], first: int) -> list[Gap]:
    """`first`: the lowest number that a part must have; a file without a number may stand for the first."""
    found = []
    ordered = sorted(numbers)
    if ordered[0] > first:
        listed = list(range(first, ordered[0]))[:MOST_NUMBERS]
        missing = ordered[0] - first
        found.append(Gap(text, "", numbers[ordered[0]], missing, listed, certain=False))
    for low, high in pairwise(ordered):
        if high - low > 1:
            listed = list(range(low + 1, high))[:MOST_NUMBERS]
            found.append(
                Gap(text, numbers[low], numbers[high], high - low - 1, listed, certain=True)
            )
    return found


def _pace_gaps(text: int, times: dict[int, str]) -> list[Gap]:
    """Files that come at a steady pace, and a longer pause: only an indication, for nobody may have written."""
    ordered = sorted(times)
    steps = [high - low for low, high in pairwise(ordered)]
    if len(steps) < 4:
        return []
    pace, times_seen = Counter(round(step / (60 * SECOND)) for step in steps).most_common(1)[0]
    if pace < 1 or times_seen < 0.6 * len(steps):
        return []
    found = []
    for low, high in pairwise(ordered):
        missing = round((high - low) / (pace * 60 * SECOND)) - 1
        if missing > 0:
            found.append(Gap(text, times[low], times[high], missing, [], certain=False))
    return found


def _time_of(written: str) -> int | None:
    """The time in a file's name: a date, with or without hours, minutes and seconds."""
    digits = re.sub(r"\D", "", written)
    if len(digits) not in (8, 10, 12, 14, 17) or not digits.startswith("20"):
        return stamp(digits) if len(digits) == 10 else None
    digits = f"{digits[:14]:0<14}"
    return readable(
        f"{digits[:4]}-{digits[4:6]}-{digits[6:8]} {digits[8:10]}:{digits[10:12]}:{digits[12:]}"
    )
