"""Turns the clock readings of a device into UTC, and says where a clock change leaves doubt.

A message export that carries no zone was written with the local time of the phone that made it. The officer says which
zone that was; the hour that the autumn change repeats and the hour that the spring change skips stay marked.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from records.formats.base import Doubt, Rejected

QUARTER = 15 * 60 * 1_000_000  # clock changes fall on quarters of an hour in every zone since 1972
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The zone of that IANA name, or a refusal that says what to do."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Rejected(
            "TIME-ZONE-UNKNOWN",
            f"\u201c{name[:60]}\u201d is not the name of a time zone. "
            "Choose one from the list, for example America/New_York.",
        ) from error


class Clock(dict[int, tuple[int, int]]):
    """Maps a quarter of an hour of local time (its ordinal) to what to add for UTC, and the Doubt about it."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = zone_of(zone)

    def __missing__(self, quarter: int) -> tuple[int, int]:
        if len(self) > 50_000:
            self.clear()
        answer = self[quarter] = self._shift(quarter)
        return answer

    def utc(self, local: int) -> tuple[int, int]:
        """UTC of a local clock reading, in microseconds. Of a repeated hour the first pass is taken, and marked."""
        shift, doubt = self[local // QUARTER]
        return local + shift, doubt

    def shifts(self, readings: list[int]) -> tuple[list[int], list[int]]:
        """What to add to each of many readings for UTC, and the Doubt about each."""
        found = [self[reading // QUARTER] for reading in readings]
        return [shift for shift, _ in found], [doubt for _, doubt in found]

    def _shift(self, quarter: int) -> tuple[int, int]:
        try:
            reading = _EPOCH + timedelta(microseconds=quarter * QUARTER)
            early = reading.replace(tzinfo=self._zone, fold=0)
            late = early.replace(fold=1)
            first, second = early.utcoffset(), late.utcoffset()
            assert first is not None
            assert second is not None
            doubt = Doubt.NONE
            if first != second:
                back = early.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None)
                doubt = Doubt.TIME_FOLDED if back == reading else Doubt.TIME_MISSING
        except OverflowError:  # the first or last day that a calendar of Python can hold
            return 0, 0
        return -(first // _MICROSECOND), int(doubt)


class LocalClock(dict[int, int]):
    """Maps a quarter of an hour of UTC (its ordinal) to what a clock in the zone adds to it."""

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = zone_of(zone)

    def __missing__(self, quarter: int) -> int:
        if len(self) > 50_000:
            self.clear()
        try:
            moment = (_EPOCH + timedelta(microseconds=quarter * QUARTER)).replace(tzinfo=UTC)
            offset = moment.astimezone(self._zone).utcoffset()
            assert offset is not None
            shift = offset // _MICROSECOND
        except (OverflowError, ValueError):  # outside the years that a calendar of Python can hold
            shift = 0
        self[quarter] = shift
        return shift

    def reading(self, sent: int) -> int:
        """What a clock in the zone showed at a moment; microseconds since 1970, as if UTC."""
        return sent + self[sent // QUARTER]
