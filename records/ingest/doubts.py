"""What an export does not prove about time, told with the export and never assumed in silence (invariant I3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from records.formats.base import LOCAL, Doubt, Entry, Problem, Survey
from records.models import MessageExport
from records.rows import DAY

CLOCK_CHANGE = int(Doubt.TIME_FOLDED | Doubt.TIME_MISSING)
EARLIEST = 631_152_000_000_000  # 1990: no message of a phone is older
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_SENT = itemgetter(Entry._fields.index("sent"))
_DOUBT = itemgetter(Entry._fields.index("doubt"))


def zone_assumed(export: MessageExport, survey: Survey) -> list[Problem]:
    """Nobody said in which zone the device was: the agency's is taken, and that is shown."""
    if export.time_zone or not survey.time_zone or survey.times != LOCAL:
        return []
    words = (
        f"Nobody said in which time zone the device was, so {survey.time_zone} was assumed for the UTC times. The "
        "times as written are not touched. If the device was elsewhere, correct the time zone of this export."
    )
    return [Problem("T-ZONE-ASSUMED", "warning", words)]


class DoubtfulTimes:
    """Entries whose time a clock change leaves open, or that cannot have been written then: counted as they pass."""

    def __init__(self, export: MessageExport) -> None:
        # An export cannot hold messages from after it was handed in; a day is left for zones and clocks that run fast.
        self._latest = (export.received_at - _EPOCH) // _MICROSECOND + DAY
        self._counts: dict[str, tuple[int, int]] = {}  # code -> entries, first of them

    def see(self, entries: Sequence[Entry]) -> None:
        """Looks at the entries of one batch."""
        if any(map(_DOUBT, entries)):
            self._count("T-CLOCK-CHANGE", (e for e in entries if e.doubt & CLOCK_CHANGE))
        moments = [moment for moment in map(_SENT, entries) if moment is not None]
        if moments and min(moments) < EARLIEST:
            self._count("T-1970", (e for e in entries if e.sent is not None and e.sent < EARLIEST))
        if moments and max(moments) > self._latest:
            late = self._latest
            self._count("T-FUTURE", (e for e in entries if e.sent is not None and e.sent > late))

    def _count(self, code: str, entries: Iterable[Entry]) -> None:
        for entry in entries:
            count, first = self._counts.get(code, (0, entry.seq))
            self._counts[code] = (count + 1, first)

    def told(self, survey: Survey) -> list[Problem]:
        """One problem for each kind of doubt, with the number of entries and the first of them."""
        return [
            _DOUBTFUL[code](count, first, survey.time_zone)
            for code, (count, first) in sorted(self._counts.items())
        ]


def _clock_changed(count: int, first: int, zone: str) -> Problem:
    words = (
        f"{_lie(count)} in an hour that a clock change of {zone} repeats or skips, so the UTC time may be an hour off; "
        f"the first is entry {first:,}. The times as written are not touched. Nothing needs doing unless that hour "
        "matters."
    )
    return Problem("T-CLOCK-CHANGE", "info", words, seq=first)


def _before_phones(count: int, first: int, zone: str) -> Problem:
    words = (
        f"{_lie(count)} before 1990, as when a device has no time and writes 1970; the first is entry {first:,}. "
        "The times as written are kept. Find the true time from the entries around them."
    )
    return Problem("T-1970", "warning", words, seq=first)


def _after_hand_in(count: int, first: int, zone: str) -> Problem:
    words = (
        f"{_lie(count)} after the day on which the export was handed in; the first is entry {first:,}. The clock of "
        "the device was wrong, the date order or the time zone is not the one that was said, or the file was edited. "
        "The times as written are kept."
    )
    return Problem("T-FUTURE", "warning", words, seq=first)


def _lie(count: int) -> str:
    return f"{count:,} {'entry lies' if count == 1 else 'entries lie'}"


_DOUBTFUL = {
    "T-CLOCK-CHANGE": _clock_changed,
    "T-1970": _before_phones,
    "T-FUTURE": _after_hand_in,
}


def inferred(export: MessageExport, survey: Survey) -> dict[str, Any]:
    """What was inferred from the file, with the proof, as pages show it."""
    told = asdict(survey)
    # What grows with the file is not part of what pages show.
    for name in ("texts", "conversations", "people", "questions", "layout"):
        told.pop(name)
    return {**told, "time_zone_assumed": bool(zone_assumed(export, survey))}
