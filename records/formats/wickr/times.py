"""The ways in which a Wickr log writes a time, each in microseconds since 1970, UTC."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

SECOND = 1_000_000
MINUTE = 60 * SECOND
_LATEST = 253_402_300_800 * SECOND  # the end of the year 9999
_FIRST_DAY = date(1970, 1, 1).toordinal()
_UUID_EPOCH = 12_219_292_800 * SECOND  # from October 15, 1582 to 1970
_STAMP = re.compile(r"([0-9]{1,12})(?:\.([0-9]*))?")
_UUID_1 = re.compile(r"[0-9a-f]{12}1[0-9a-f]{19}")
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?Z?"
)
_US = re.compile(
    r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2}),? "
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?[ \u202f]?([AaPp])[Mm]"
)


def stamp(value: object) -> int | None:
    """`msg_ts`: seconds since 1970 with up to six decimals, e.g. "1691176258.901277"."""
    if type(value) is str and len(value) == 17 and value[10] == "." and value.isascii():
        digits = value[:10] + value[11:]
        if digits.isdigit():
            return int(digits)
    found = _STAMP.fullmatch(value if isinstance(value, str) else str(value))
    if found is None:
        return None
    moment = int(found[1]) * SECOND + int(f"{found[2] or '':0<6.6}")
    return moment if moment < _LATEST else None


@lru_cache(maxsize=4096)
def readable(written: str) -> int | None:
    """`time_iso` ("2023-08-04 19:10:58.901"), or `time`, `ttl` and `bor` ("8/4/23 7:10 PM").

    None of them names a zone. In the vendor's samples they are the moment of `msg_ts` in UTC.
    """
    found = _ISO.fullmatch(written)
    if found is not None:
        year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
        fraction = int(f"{found[7] or '':0<6}")
    else:
        found = _US.fullmatch(written)
        if found is None or not 1 <= int(found[4]) <= 12:
            return None
        month, day, year = int(found[1]), int(found[2]), int(found[3])
        year += 2000 if year < 100 else 0
        hour = int(found[4]) % 12 + (12 if found[7] in "Pp" else 0)
        minute, second, fraction = int(found[5]), int(found[6] or 0), 0
    try:
        days = date(year, month, day).toordinal() - _FIRST_DAY
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    return (days * 86_400 + hour * 3_600 + minute * 60 + second) * SECOND + fraction


def made_at(identifier: str) -> int | None:
    """When a message's id was made: ids are version 1 UUIDs without dashes.

    RFC 9562, section 5.1: 60 bits count tenths of a microsecond since the Gregorian reform.
    """
    if len(identifier) != 32:
        identifier = identifier.replace("-", "").lower()
    if _UUID_1.fullmatch(identifier) is None:
        return None
    ticks = int(identifier[13:16] + identifier[8:12] + identifier[:8], 16)
    moment = ticks // 10 - _UUID_EPOCH
    return moment if 0 <= moment < _LATEST else None
