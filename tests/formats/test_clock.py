"""Local clock readings become UTC, and the two doubtful hours of a year are marked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from records.formats.base import Doubt, Rejected
from records.formats.clock import Clock

MICROSECOND = timedelta(microseconds=1)


def micros(*reading: int) -> int:
    return (datetime(*reading) - datetime(1970, 1, 1)) // MICROSECOND  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zone", "reading", "utc", "doubt"),
    [
        ("America/New_York", (2021, 7, 1, 12, 0), (2021, 7, 1, 16, 0), Doubt.NONE),
        ("America/New_York", (2021, 11, 7, 0, 59, 59), (2021, 11, 7, 4, 59, 59), Doubt.NONE),
        ("America/New_York", (2021, 11, 7, 1, 0), (2021, 11, 7, 5, 0), Doubt.TIME_FOLDED),
        ("America/New_York", (2021, 11, 7, 1, 59, 59), (2021, 11, 7, 5, 59, 59), Doubt.TIME_FOLDED),
        ("America/New_York", (2021, 11, 7, 2, 0), (2021, 11, 7, 7, 0), Doubt.NONE),
        ("America/New_York", (2021, 3, 14, 2, 30), (2021, 3, 14, 7, 30), Doubt.TIME_MISSING),
        ("America/New_York", (2021, 3, 14, 3, 0), (2021, 3, 14, 7, 0), Doubt.NONE),
        ("Australia/Lord_Howe", (2021, 4, 4, 1, 45), (2021, 4, 3, 14, 45), Doubt.TIME_FOLDED),
        ("Asia/Kathmandu", (2021, 1, 1, 0, 0), (2020, 12, 31, 18, 15), Doubt.NONE),
        ("UTC", (2021, 1, 1, 0, 0), (2021, 1, 1, 0, 0), Doubt.NONE),
    ],
)
def test_utc_of_a_clock_reading(
    zone: str, reading: tuple[int, ...], utc: tuple[int, ...], doubt: Doubt
) -> None:
    assert Clock(zone).utc(micros(*reading)) == (micros(*utc), doubt)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "a\0b", "x" * 5_000])
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        Clock(name)
    assert refused.value.code == "TIME-ZONE-UNKNOWN"


def test_the_memory_of_the_clock_is_bounded() -> None:
    clock = Clock("UTC")
    for quarter in range(120_000):
        assert clock[quarter] == (0, 0)
    assert len(clock) < 60_000
