"""Reads the stamps of headers by look-ups of their parts: date and hour, minutes, seconds with AM or PM.

A day has 86,400 seconds, so whole stamps hardly repeat, and a memory of them would not fit the processor's cache. Their
parts do repeat. What a part means is worked out once, by the grammar of `headers`, in the place that it has in an
example: so a stamp is known only when the grammar knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import add, itemgetter
from typing import NamedTuple

from records.formats.whatsapp.headers import (
    LONGEST_HEADER,
    LRM,
    Layout,
    Stamp,
    stamp_at,
    trimmed,
)

UNKNOWN = -(1 << 61)  # so far back that it shows in a sum; times of messages are never negative
MOST = 20_000  # remembered parts of one sort
HOUR = 3_600_000_000  # microseconds
_NOON = "\u4e2d\u5348".encode()  # 11:30 "at noon" is morning, 12:30 is not: parts tell nothing


class Memory(dict[bytes, int]):
    """What parts of stamps mean, in microseconds; of an unknown one, `UNKNOWN`."""

    def __init__(self, work_out: Callable[[bytes], int | None]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, part: bytes) -> int:
        value = self._work_out(part) if len(part) < LONGEST_HEADER else None
        if value is None:
            return UNKNOWN
        if len(self) >= MOST:
            self.clear()
        self[part] = value
        return value


class Example(NamedTuple):
    """A stamp of the layout, in the parts that are looked up."""

    hour: bytes  # all up to the colon after the hour
    minute: bytes  # with the colon after it; where seconds are not written, all to the end
    second: bytes  # all to the end, empty where seconds are not written
    moment: int


class Stamps:
    """The stamps of one layout. `moment` gives the clock reading of a header that was taken apart."""

    def __init__(self, layout: Layout, moment: Callable[[Stamp], int | None]) -> None:
        self.layout, self._moment = layout, moment
        self.opening, self.closing = layout.opening.encode(), layout.closing.encode()
        self._openings = (self.opening, LRM.encode() + self.opening)
        self._hours_of_day = _hours_of_day(layout)
        self._hours = Memory(self._work_out_hour)
        self._minutes = Memory(self._work_out_minute)
        self._seconds = Memory(self._work_out_second)
        self._example: Example | None = None

    def learn(self, stamp: Stamp) -> None:
        """Takes the first header that suits as the example."""
        layout = self.layout
        if self._example is not None or stamp.layout != layout or layout.time_first:
            return
        hour, colon, rest = stamp.time.partition(layout.colon)
        if layout.meridiem == "after" and int(trimmed(hour)) > 12:
            return
        minute, second = rest, ""
        if layout.seconds:
            minute, colon, second = rest.partition(layout.colon)
            minute += colon
        moment = self._moment_of(stamp.written.encode("utf-8", "surrogateescape"))
        if moment is None or not stamp.written.endswith(minute + second):
            return
        before = stamp.written[: -len(minute + second)]
        self._example = Example(before.encode(), minute.encode(), second.encode(), moment)
        minute_at, second_at = -len((minute + second).encode()), -len(second.encode()) or None
        self._hour_of = itemgetter(slice(None, minute_at))
        self._minute_of = itemgetter(slice(minute_at, second_at))
        self._second_of = itemgetter(slice(second_at, None))

    def local(self, stamps: list[bytes]) -> list[int]:
        """The clock readings of many stamps; of those that are not known, a negative number."""
        if self._example is None:
            return [UNKNOWN] * len(stamps)
        hours = map(self._hours.__getitem__, map(self._hour_of, stamps))
        minutes = map(self._minutes.__getitem__, map(self._minute_of, stamps))
        if self.layout.seconds:
            seconds = map(self._seconds.__getitem__, map(self._second_of, stamps))
            minutes = map(add, minutes, seconds)
        return list(map(add, hours, minutes))

    def split(self, line: bytes) -> tuple[int, str, bytes] | None:
        """Clock reading, stamp as written, and what follows; None where the header is not known."""
        head, closed, rest = line.partition(self.closing)
        for opening in self._openings if closed else ():
            if head.startswith(opening):
                stamp = head[len(opening) :]
                (local,) = self.local([stamp])
                if local >= 0:
                    return local, stamp.decode(), rest
        return None

    def _moment_of(self, written: bytes) -> int | None:
        line = self.opening + written + self.closing
        stamp = stamp_at(line)
        if stamp is None or stamp.layout != self.layout or _NOON in written:
            return None
        if stamp.prefix != len(self.opening) or stamp.length != len(line):
            return None
        return self._moment(stamp)

    def _work_out_hour(self, part: bytes) -> int | None:
        """The moment at the example's minute; where hours are plain numbers, the whole day is remembered."""
        assert self._example is not None
        _, minute, second, _ = self._example
        colon = self.layout.colon.encode()
        digits = 2 if part[-3:-1].isdigit() else 1
        if not part.endswith(colon):
            return None
        if self.layout.meridiem == "before" or not part[-1 - digits : -1].isdigit():
            return self._moment_of(part + minute + second)
        date = part[: -1 - digits]
        eleven = self._moment_of(date + b"11" + colon + minute + second)
        if eleven is None:
            return None
        start = eleven - 11 * HOUR
        self._hours.update((date + hour, start + micros) for hour, micros in self._hours_of_day)
        return self._hours.get(part)

    def _work_out_minute(self, part: bytes) -> int | None:
        """Microseconds after the example's minute."""
        assert self._example is not None
        hour, _, second, known = self._example
        moment = self._moment_of(hour + part + second)
        return None if moment is None else moment - known

    def _work_out_second(self, part: bytes) -> int | None:
        """Microseconds after the example's second."""
        assert self._example is not None
        hour, minute, _, known = self._example
        moment = self._moment_of(hour + minute + part)
        return None if moment is None else moment - known


def _hours_of_day(layout: Layout) -> list[tuple[bytes, int]]:
    """Each hour as it can be written before the colon, and its microseconds.

    An hour above 12 stands even beside PM, so where AM or PM follows, the parts cannot tell it.
    """
    last, turn = (12, 12) if layout.meridiem == "after" else (23, 24)
    return [
        (f"{hour:0{width}d}{layout.colon}".encode(), hour % turn * HOUR)
        for width in (1, 2)
        for hour in range(last + 1)
    ]
