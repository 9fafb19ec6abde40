"""The grammar of a WhatsApp header: everything from the start of an entry's first line to its sender.

The application renders a header in the language, region and calendar of the phone that makes the export, so there are
dozens of styles. One export is rendered in one go: all its headers share one `Layout`, down to the kind of blank before
AM or PM. A line whose header has another layout was typed, pasted or joined to the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

LRM, RLM = "\u200e", "\u200f"
MARKS = "\u200e\u200f\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c"
BLANKS = " \u00a0\u202f\u2009"
LONGEST_HEADER = 240  # bytes; the longest real one has about 60

# First bytes that a header can have: a digit of any script, a bracket, or an invisible mark.
FIRST_BYTES = frozenset(b"[0123456789") | frozenset((0xD8, 0xD9, 0xDB, 0xE0, 0xE2, 0xEF))

_MORNING = (
    "am|a.m.|a. m.|a.m|\u0635|\u4e0a\u5348|\u51cc\u6668|\u65e9\u4e0a|\u6e05\u6668|\u5348\u524d|\uc624\uc804"
    "|da manh\u00e3|da madrugada|de la ma\u00f1ana|\u00f6\u00f6|\u03c0.\u03bc.|sa|\u0434\u043f|fm|ap."
    "|dop.|de.|\u0642.\u0638|\u0642.\u0638.|\u0e01\u0e48\u0e2d\u0e19\u0e40\u0e17\u0e35\u0e48\u0e22\u0e07"
    "|\u0cb0\u0cbf|\u092a\u0942\u0930\u094d\u0935\u093e\u0939\u094d\u0928|\u09aa\u09c2\u09b0\u09cd\u09ac\u09be\u09b9\u09cd\u09a3"
    "|\u05dc\u05e4\u05e0\u05d4\u05f4\u05e6|pg|pg."
)
_AFTERNOON = (
    "pm|p.m.|p. m.|p.m|\u0645|\u4e0b\u5348|\u4e2d\u5348|\u665a\u4e0a|\u5348\u5f8c|\uc624\ud6c4"
    "|da tarde|da noite|de la tarde|de la noche|\u00f6s|\u03bc.\u03bc.|ch|\u043f\u043f|em|ip."
    "|odp.|du.|\u0628.\u0638|\u0628.\u0638.|\u0e2b\u0e25\u0e31\u0e07\u0e40\u0e17\u0e35\u0e48\u0e22\u0e07"
    "|\u0905\u092a\u0930\u093e\u0939\u094d\u0928|\u0985\u09aa\u09b0\u09be\u09b9\u09cd\u09a3"
    "|\u05d0\u05d7\u05d4\u05f4\u05e6|ptg|ptg."
)
AFTERNOON: dict[str, bool] = dict.fromkeys(_MORNING.split("|"), False) | dict.fromkeys(
    _AFTERNOON.split("|"), True
)

_BLANK = f"[{BLANKS}]"
_MARK = f"[{MARKS}]*"
_WORDS = "|".join(
    re.escape(word).replace("\\ ", _BLANK) for word in sorted(AFTERNOON, key=len, reverse=True)
)
_DATE = (
    rf"(?P<date{{n}}>{_MARK}\d{{{{1,4}}}}{_MARK}(?P<separator{{n}}>/|-|\.{_BLANK}|\.){_MARK}\d{{{{1,2}}}}{_MARK}"
    rf"(?P=separator{{n}}){_MARK}(?P<era{{n}}>[RHSrhs]?)\d{{{{1,4}}}}{_MARK}"
    rf"(?P<suffix{{n}}>\.?(?:{_BLANK}BE|{_BLANK}[Bb]\.?[Ee]\.)?))"
)
_TIME = (
    rf"(?P<time{{n}}>{_MARK}(?:(?P<before{{n}}>{_WORDS})(?P<gap_before{{n}}>{_BLANK}?))?\d{{{{1,2}}}}"
    rf"(?P<colon{{n}}>[:.])\d{{{{2}}}}(?:(?P=colon{{n}})(?P<seconds{{n}}>\d{{{{2}}}}))?"
    rf"(?:(?P<gap_after{{n}}>{_BLANK}?)(?P<after{{n}}>{_WORDS})(?!\w))?{_MARK})"
)
_JOINT = rf"(?P<joint{{n}}>[,\u060c]?{_BLANK}(?:(?:\u00e0|klo|kl\.|um|at|\u00e0s){_BLANK})?)"
_STAMPS = (
    "(?:" + (_DATE + _JOINT + _TIME).format(n=1) + "|" + (_TIME + _JOINT + _DATE).format(n=2) + ")"
)
_BRACKETED = re.compile(rf"(?P<head>{_MARK}\[){_STAMPS}(?P<closing>\]{_BLANK})", re.IGNORECASE)
_BARE = re.compile(
    rf"(?P<head>{_MARK}){_STAMPS}(?P<closing>{_BLANK}[-\u2013]{_BLANK}|:{_BLANK})", re.IGNORECASE
)
_NOT_MARKS = str.maketrans(dict.fromkeys(map(ord, MARKS)))
_PLAIN_BLANKS = str.maketrans(dict.fromkeys(map(ord, BLANKS), " "))
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Layout:
    """The style that all headers of one export share."""

    opening: str  # "[" on iOS, else empty
    closing: str  # "] ", " - ", or ": " on iOS before 2018
    time_first: bool  # Vietnamese
    separator: str  # between the parts of the date
    year: str  # "first" or "last" with four digits, "short" with two, "era" with a letter
    suffix: str  # after the date, e.g. " BE"
    joint: str  # between date and time
    colon: str  # between hour and minute
    seconds: bool
    meridiem: str  # "", "before" or "after": where AM or PM stands
    gap: str  # the blank beside AM or PM: it changed between releases
    ascii_digits: bool

    @classmethod
    def of(cls, found: re.Match[str]) -> Self:
        """The layout of one header."""
        time_first = found["date1"] is None
        n = 2 if time_first else 1
        date = found[f"date{n}"].translate(_NOT_MARKS)
        numbers = _NUMBER.findall(date)
        if found[f"era{n}"]:
            year = "era"
        elif len(numbers[0]) > 2:
            year = "first"
        else:
            year = "last" if len(numbers[2]) > 2 else "short"
        meridiem = "before" if found[f"before{n}"] else "after" if found[f"after{n}"] else ""
        return cls(
            opening="[" if found["head"].endswith("[") else "",
            closing=found["closing"],
            time_first=time_first,
            separator=found[f"separator{n}"],
            year=year,
            suffix=found[f"suffix{n}"],
            joint=found[f"joint{n}"],
            colon=found[f"colon{n}"],
            seconds=found[f"seconds{n}"] is not None,
            meridiem=meridiem,
            gap=found[f"gap_{meridiem}{n}"] if meridiem else "",
            ascii_digits=numbers[0].isascii(),
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The layout that a survey stored."""
        return cls(**data)

    def as_json(self) -> dict[str, object]:
        """For the survey."""
        return asdict(self)

    @property
    def variant(self) -> str:
        """The kind of phone: only iOS puts brackets around the stamp."""
        if self.opening:
            return "ios"
        return "ios_old" if self.closing.startswith(":") else "android"


class Stamp(NamedTuple):
    """One header, taken apart."""

    layout: Layout
    date: str  # as written
    time: str  # as written
    written: str  # the whole stamp as written, without what encloses it
    length: int  # bytes up to the sender
    prefix: int  # bytes before the stamp


def stamp_at(line: bytes) -> Stamp | None:
    """The header that a line starts with, in any layout, or None."""
    if not line or line[0] not in FIRST_BYTES:
        return None
    text = line[:LONGEST_HEADER].decode("utf-8", "surrogateescape")
    found = _BRACKETED.match(text) or _BARE.match(text)
    if found is None:
        return None
    n = 2 if found["date1"] is None else 1
    written = text[found.end("head") : found.start("closing")]
    return Stamp(
        Layout.of(found),
        found[f"date{n}"],
        found[f"time{n}"],
        written,
        len(found[0].encode("utf-8", "surrogateescape")),
        len(found["head"].encode("utf-8", "surrogateescape")),
    )


def micros_of_time(time: str) -> int | None:
    """Microseconds since midnight of a clock reading as written, or None if there is no such time.

    An hour above 12 stands even beside PM, and "00:08 a. m." is eight minutes past midnight: applications mix both.
    """
    plain = time.translate(_NOT_MARKS).translate(_PLAIN_BLANKS)
    numbers = [int(number) for number in _NUMBER.findall(plain)]
    hour, minute, second = numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else 0
    word = re.sub(r"[\d:]+(?:\.\d+)*", "", plain).strip().casefold()
    if word:
        afternoon = AFTERNOON.get(word)
        if afternoon is None:
            return None
        if hour <= 12 and not (word == "\u4e2d\u5348" and hour == 11):  # 11:30 "at noon" is morning
            hour = hour % 12 + (12 if afternoon else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return ((hour * 60 + minute) * 60 + second) * 1_000_000


def trimmed(name: str) -> str:
    """A sender as written, without the invisible marks around it."""
    return name.strip(MARKS)


def unmarked(text: str) -> str:
    """A copy for matching, without any invisible mark."""
    return text.translate(_NOT_MARKS)


def plain_blanks(text: str) -> str:
    """A copy for matching, with every kind of blank as a plain one."""
    return text.translate(_PLAIN_BLANKS)
