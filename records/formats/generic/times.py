"""The layouts in which tables write times, and which of them a column can be in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1)
_SECOND = 1_000_000
_EXCEL_EPOCH = 25_569  # days from December 30, 1899 to January 1, 1970
_EXCEL = range(20_000, 80_000)  # 1954 to 2119
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = (
    r"[ T,\u202f\u00a0]+(?:at )?(?P<hour>\d{1,2})[:.](?P<minute>\d\d)"
    r"(?:[:.](?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?"
    r"(?:[ \u202f\u00a0]?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d))?"
)
_NUMBERS = re.compile(
    r"(?P<a>\d{1,4})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4}|\d{1,2})" + _CLOCK
)
_WORDS = re.compile(
    r"(?:[A-Za-z]{3,9}, ?)?(?:(?P<day>\d{1,2})[ -](?P<month>[A-Za-z]{3})[a-z]*\.?[ ,-]+"
    r"|(?P<first_month>[A-Za-z]{3})[a-z]*\.? (?P<last_day>\d{1,2})(?:st|nd|rd|th)?,? )(?P<year>\d{4})"
    + _CLOCK
)
_WHOLE = re.compile(r"\d{9,16}(?:\.\d{1,9})?")
_SERIAL = re.compile(r"\d{5}(?:\.\d{1,12})?")


class Moment(NamedTuple):
    """What a written time tells, in microseconds since 1970; one of the two at least."""

    sent: int | None  # UTC
    local: int | None  # clock reading


Reader = Callable[[str], Moment | None]


class Layout(NamedTuple):
    label: str
    read: Reader


def _iso(written: str) -> Moment | None:
    if ":" not in written or "-" not in written[:8]:
        return None  # a date alone tells no time
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    reading = _micros(moment.replace(tzinfo=None))
    offset = moment.utcoffset()
    if offset is None:
        return Moment(None, reading)
    ahead = (offset.days * 86_400 + offset.seconds) * _SECOND + offset.microseconds
    return Moment(reading - ahead, None if written[-1] in "Zz" else reading)


def _unix(written: str) -> Moment | None:
    """Seconds, milliseconds or microseconds since 1970, told by the number of digits."""
    if _WHOLE.fullmatch(written) is None:
        return None
    whole, _, part = written.partition(".")
    unit = {9: 1, 10: 1, 12: 1_000, 13: 1_000, 15: _SECOND, 16: _SECOND}.get(len(whole))
    if unit is None or (part and unit != 1):
        return None
    return Moment(int(whole) * (_SECOND // unit) + int(part.ljust(6, "0")[:6] or 0), None)


def _excel(written: str) -> Moment | None:
    """Days since 1900 as a spreadsheet counts them; it knows no zone."""
    if _SERIAL.fullmatch(written) is None or int(written[:5]) not in _EXCEL or "." not in written:
        return None
    millis = round((float(written) - _EXCEL_EPOCH) * 86_400_000)
    return Moment(None, millis * 1_000)


def _in_order(order: str) -> Reader:
    @lru_cache(maxsize=4096)
    def read(written: str) -> Moment | None:
        found = _NUMBERS.fullmatch(written)
        if found is None:
            return None
        parts = dict(zip(order, found.group("a", "b", "c"), strict=True))
        if len(parts["y"]) not in (2, 4) or (order == "ymd" and len(parts["y"]) != 4):
            return None
        if len(parts["d"]) > 2 or len(parts["m"]) > 2:
            return None
        return _made(found, _year(parts["y"]), int(parts["m"]), int(parts["d"]))

    return read


@lru_cache(maxsize=4096)
def _in_words(written: str) -> Moment | None:
    found = _WORDS.fullmatch(written)
    if found is None:
        return None
    month = str(found["month"] or found["first_month"]).lower()
    if month not in _MONTHS:
        return None
    day = int(found["day"] or found["last_day"])
    return _made(found, int(found["year"]), _MONTHS.index(month) + 1, day)


def _year(written: str) -> int:
    """Two digits mean 1970 to 2069."""
    year = int(written)
    return year if len(written) == 4 else year + (1900 if year >= 70 else 2000)


def _made(found: re.Match[str], year: int, month: int, day: int) -> Moment | None:
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    part = int((found["part"] or "0").ljust(6, "0")[:6])
    try:
        reading = _micros(
            datetime(year, month, day, hour, int(found["minute"]), int(found["second"] or 0), part)
        )
    except ValueError:
        return None
    zone = found["zone"]
    if zone is None:
        return Moment(None, reading)
    if zone[0] not in "+-":
        return Moment(reading, None)
    ahead = (int(zone[1:3]) * 60 + int(zone[-2:])) * 60 * _SECOND
    return Moment(reading - ahead if zone[0] == "+" else reading + ahead, reading)


def _micros(moment: datetime) -> int:
    gone = moment - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * _SECOND + gone.microseconds


LAYOUTS: Mapping[str, Layout] = {
    "iso": Layout("Year, month, day (ISO 8601)", _iso),
    "unix": Layout("Seconds, milliseconds or microseconds since 1970", _unix),
    "excel": Layout("Days since 1900, as a spreadsheet counts", _excel),
    "ymd": Layout("Year, month, day", _in_order("ymd")),
    "dmy": Layout("Day first, then month", _in_order("dmy")),
    "mdy": Layout("Month first, then day", _in_order("mdy")),
    "words": Layout("The month as an English word", _in_words),
}


def candidates(values: Iterable[str]) -> list[str]:
    """The layouts that read the most of these values, if it is more than half; several when the values do not decide.

    Values that only one order of day and month can read decide, unless others can only be read in the other order.
    """
    counts = dict.fromkeys(LAYOUTS, 0)
    total, only_day, only_month = 0, 0, 0
    for value in values:
        total += 1
        read = {name for name, layout in LAYOUTS.items() if layout.read(value) is not None}
        for name in read:
            counts[name] += 1
        only_day += "dmy" in read and "mdy" not in read
        only_month += "mdy" in read and "dmy" not in read
    most = max(counts.values(), default=0)
    if most * 2 <= total:
        return []
    best = [name for name, count in counts.items() if count == most]
    if only_day and only_month:
        return ["dmy", "mdy"]
    # What ISO 8601 reads, the looser layout with the year in front reads the same way.
    return [name for name in best if name != "ymd" or "iso" not in best]
