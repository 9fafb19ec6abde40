"""Times as ISO 8601 writes them, in microseconds since 1970-01-01: what most structured exports carry."""

from __future__ import annotations

from datetime import UTC, datetime

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1)


def clock_of(written: str) -> tuple[bool, int | None]:
    """Whether the time names its distance from UTC, and its microseconds: in UTC if it does, else as the clock read.

    None for what is no time.
    """
    if len(written) == 19:
        day, clock = _DAYS[written[:11]], _CLOCKS[written[11:]]
        return False, None if day is None or clock is None else day + clock
    try:
        moment = datetime.fromisoformat(written)
        aware = moment.tzinfo is not None
        return aware, _micros(moment.astimezone(UTC).replace(tzinfo=None) if aware else moment)
    except (ValueError, OverflowError):  # the first and last day of the calendar have no UTC
        return False, None


def reading_of(written: str) -> int | None:
    """The clock reading that the time shows, whatever its distance from UTC."""
    try:
        return _micros(datetime.fromisoformat(written).replace(tzinfo=None))
    except ValueError:
        return None


def _micros(moment: datetime) -> int:
    gone = moment - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * SECOND + gone.microseconds


class _Known(dict[str, int | None]):
    """Days ("2024-03-01T") or times of day ("08:00:00") in microseconds; None for what is neither."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__()
        self._before, self._after = before, after

    def __missing__(self, written: str) -> int | None:
        if len(self) > 100_000:
            self.clear()
        try:
            moment = datetime.strptime(f"{self._before}{written}{self._after}", "%Y-%m-%dT%H:%M:%S")
            known = _micros(moment)
        except ValueError:
            known = None
        self[written] = known
        return known


_DAYS, _CLOCKS = _Known("", "00:00:00"), _Known("1970-01-01T", "")
