"""Which part of a date is the day: read from the whole file, with the proof; asked where the file does not say.

Kinds of proof, strongest first: a part that cannot be a month or a year; dates in the names of exported media; the one
reading under which time rises. A date is never guessed: with no proof the export waits for an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from records.formats.base import Choice, Question, Rejected
from records.formats.whatsapp.headers import Layout, unmarked

FIRST_YEAR = 2009  # the application appeared in that year: no message is older
MOST_DATES = 50_000  # distinct dates kept as evidence; more than a century of days
DAY = 86_400_000_000  # microseconds
ORDERS = {
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "ymd": "year, month, day",
}
_EPOCH = date(1970, 1, 1).toordinal()
_PARTS = re.compile(r"([RHSrhs]?)(\d+)")
_ERAS = {"S": 1925, "H": 1988, "R": 2018}  # the year before the first of Showa, Heisei, Reiwa
_BUDDHIST = 543
_MEDIA_DATE = re.compile(
    rb"(?:(?:IMG|VID|AUD|PTT|STK|GIF|DOC)-(20\d\d)(\d\d)(\d\d)-WA\d)"
    rb"|(?:-(?:PHOTO|VIDEO|AUDIO|GIF|STICKER)-(20\d\d)-(\d\d)-(\d\d)-)"
    rb"|(?:\b(20\d\d)-(\d\d)-(\d\d)-(?:PHOTO|VIDEO|AUDIO)-)"
)


class Parts(NamedTuple):
    """A date as written, in three numbers."""

    first: int
    second: int
    third: int
    era: str  # letter of a Japanese era before the year


@lru_cache(maxsize=4096)
def parts_of(written: str) -> Parts | None:
    """The numbers of a date as written, in any script of digits."""
    found = _PARTS.findall(unmarked(written))
    if len(found) < 3:
        return None
    first, second, third = (int(number) for _, number in found[:3])
    return Parts(first, second, third, str(found[2][0]).upper())


def ordinal_day(parts: Parts, order: str, calendar: str) -> int | None:
    """Days since 1970-01-01 of a date read in that order, or None where there is no such day."""
    if order == "ymd":
        year, month, day = parts.first, parts.second, parts.third
    elif order == "mdy":
        month, day, year = parts[:3]
    else:
        day, month, year = parts[:3]
    if parts.era:
        year += _ERAS[parts.era]
    elif year < 100:
        year += 2500 if calendar == "buddhist" else 2000
    if calendar == "buddhist":
        year -= _BUDDHIST
    if not FIRST_YEAR <= year <= 9998:
        return None
    try:
        return date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None


def day_of_media(line: bytes) -> int | None:
    """Days since 1970-01-01 in the name of a media file that the application named itself."""
    found = _MEDIA_DATE.search(line)
    if found is None:
        return None
    year, month, day = (int(number) for number in found.groups() if number is not None)
    try:
        return date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None


@dataclass
class Evidence:
    """What the dates of a whole file say about their order."""

    counts: dict[Parts, int] = field(default_factory=dict)  # header lines by date
    lines: dict[Parts, int] = field(default_factory=dict)  # where the telling ones stand first

    def tells(self, parts: Parts) -> bool:
        """Whether the line of this date is worth finding: it can be a proof, or an example in a question."""
        if parts in self.lines:
            return False
        if len(self.lines) < 4:
            return True
        return any(
            large(parts) and not any(large(known) for known in self.lines)
            for large in (_first_above_12, _second_above_12, _first_below_9)
        )

    def add(self, parts: Parts, count: int) -> None:
        """Counts header lines of a date."""
        if parts in self.counts or len(self.counts) < MOST_DATES:
            self.counts[parts] = self.counts.get(parts, 0) + count

    def calendar(self, layout: Layout) -> str:
        """The calendar of the phone's region."""
        if layout.year == "era":
            return "japanese"
        years = [parts.first if layout.year == "first" else parts.third for parts in self.counts]
        earliest = 52 if layout.year == "short" else 2400  # 2552 is 2009; nobody writes from 2052
        return "buddhist" if years and min(years) >= earliest else "gregorian"


def _first_above_12(parts: Parts) -> bool:
    return parts.first > 12


def _second_above_12(parts: Parts) -> bool:
    return parts.second > 12


def _first_below_9(parts: Parts) -> bool:
    return parts.first < FIRST_YEAR % 100


class Flow:
    """The dates of the header lines in the file's order, under each order that is still possible."""

    def __init__(self, orders: list[str], calendar: str) -> None:
        self.orders, self.calendar = orders, calendar
        self.back: dict[str, int] = {}  # line of the first step back
        self.media: dict[str, tuple[int, int]] = {}  # matching names, line of the first
        self.moved = False
        self._last: Parts | None = None

    def add(self, parts: Parts, line: int, media: int | None) -> None:
        """Looks at the date of one more header line."""
        last, self._last = self._last, parts
        for order in self.orders:
            day = ordinal_day(parts, order, self.calendar)
            if media is not None and day == media:
                matches, first = self.media.get(order, (0, line))
                self.media[order] = (matches + 1, first)
            if last is None or last == parts or day is None:
                continue
            self.moved = True
            before = ordinal_day(last, order, self.calendar)
            if before is not None and day < before:
                self.back.setdefault(order, line)


@dataclass
class Decision:
    """The order, how it is known, or what must be asked."""

    order: str
    calendar: str
    proof: list[str] = field(default_factory=list)
    question: Question | None = None


def possible_orders(layout: Layout) -> list[str]:
    """The orders that a layout can have by itself."""
    if layout.year == "first":
        return ["ymd"]
    if layout.year == "short" and layout.separator != "/":
        return ["dmy", "mdy", "ymd"]
    return ["dmy", "mdy"]


def decide(
    evidence: Evidence,
    layout: Layout,
    answers: Mapping[str, str],
    flow: Iterator[tuple[Parts, int, int | None]],
) -> Decision:
    """The date order of a file. `flow` is read only where the dates by themselves do not prove it."""
    calendar = evidence.calendar(layout)
    orders = possible_orders(layout)
    decision = _by_impossible(evidence, orders, calendar)
    if decision.order == "undecided":
        remaining = [order for order in orders if not _misfits(evidence, order, calendar)[0]]
        seen = Flow(remaining if len(remaining) > 1 else orders, calendar)
        for parts, line, media in flow:
            seen.add(parts, line, media)
        decision = _by_flow(seen, evidence)
    if calendar != "gregorian":
        name = {"buddhist": "Buddhist", "japanese": "Japanese"}[calendar]
        decision.proof.append(f"The years are those of the {name} calendar.")
    return _with_answer(decision, orders, answers)


def _misfits(evidence: Evidence, order: str, calendar: str) -> tuple[int, Parts | None]:
    """How many header lines have no such day in that order, and the date of the first of them that was located."""
    wrong = [parts for parts in evidence.counts if ordinal_day(parts, order, calendar) is None]
    located = [parts for parts in wrong if parts in evidence.lines]
    first = min(located, key=lambda parts: evidence.lines[parts], default=None)
    return sum(evidence.counts[parts] for parts in wrong), first


def _by_impossible(evidence: Evidence, orders: list[str], calendar: str) -> Decision:
    """The order that is left when every other one would need a month above 12 or a year without the application."""
    if len(orders) == 1:
        sentence = f"The year stands first with four digits: {ORDERS[orders[0]]}."
        return Decision(orders[0], calendar, [sentence])
    misfits = {order: _misfits(evidence, order, calendar) for order in orders}
    counts = sorted(count for count, _ in misfits.values())
    if counts[0] == counts[1]:
        return Decision("undecided", calendar)
    order = min(orders, key=lambda name: misfits[name][0])
    decision = Decision(order, calendar)
    for other, (_, parts) in misfits.items():
        if other != order and parts is not None:
            line = evidence.lines[parts]
            decision.proof.append(f"Line {line:,}: {_why_not(parts, other)}.")
    wrong, parts = misfits[order]
    if wrong and parts is not None:
        decision.proof.append(
            f"Line {evidence.lines[parts]:,} does not fit this order; such lines are listed as problems."
        )
    return decision


def _why_not(parts: Parts, order: str) -> str:
    month = parts.first if order == "mdy" else parts.second
    if not 1 <= month <= 12:
        return f"{month} cannot be a month"
    if order == "ymd" and not parts.era:
        return f"{parts.first:02d} cannot be the year or {parts.third} the day"
    return f"that month has no day {parts.second if order == 'mdy' else parts.first}"


def _by_flow(flow: Flow, evidence: Evidence) -> Decision:
    """The order that the names of media, or the rising of time, leave over."""
    if len(flow.media) == 1:
        ((order, (count, line)),) = flow.media.items()
        return Decision(
            order,
            flow.calendar,
            [
                f"Line {line:,}: the date in a media file's name ({count:,} lines) fits only {ORDERS[order]}."
            ],
        )
    rising = [order for order in flow.orders if order not in flow.back]
    if "ymd" in rising and len(rising) > 1 and _only_first_moves(evidence):
        rising.remove("ymd")
        flow.back["ymd"] = 0
    if len(rising) == 1 and flow.moved:
        proof = [
            f"Line {line:,}: read as {ORDERS[order]}, time would go back."
            if line
            else "The first part changes while the last two stay, so it is not a year."
            for order, line in flow.back.items()
        ]
        return Decision(rising[0], flow.calendar, proof)
    return Decision("undecided", flow.calendar, [], _question(flow.orders, flow.calendar, evidence))


def _only_first_moves(evidence: Evidence) -> bool:
    """Whether the dates differ in their first part alone: days differ so, years do not."""
    dates = list(evidence.counts)
    return len(dates) > 1 and len({(parts.second, parts.third) for parts in dates}) == 1


def _question(orders: list[str], calendar: str, evidence: Evidence) -> Question:
    """Both readings of the same lines; where they never differ, it says that the answer changes no date."""
    differing = [
        (line, parts)
        for parts, line in evidence.lines.items()
        if not _is_same_day(parts, orders, calendar)
    ]
    chosen = sorted(differing)[:3]
    if not chosen:
        chosen = sorted((line, parts) for parts, line in evidence.lines.items())[:1]
    same = all(_is_same_day(parts, orders, calendar) for parts in evidence.counts)
    alike = (
        "Each date in this file is the same day in each order, so the answer changes no date here. "
        if same
        else ""
    )
    return Question(
        "date_order",
        f"The file does not prove in which order its dates are written. {alike}Look at the phone that made it "
        "(its region and calendar setting), or at a message whose day you know, and choose.",
        tuple(
            Choice(
                order,
                f"{ORDERS[order][:1].upper()}{ORDERS[order][1:]}",
                "; ".join(
                    f"line {line:,}: {_in_words(parts, order, calendar)}" for line, parts in chosen
                )
                + (", as in every order" if same else ""),
            )
            for order in orders
        ),
    )


def _is_same_day(parts: Parts, orders: list[str], calendar: str) -> bool:
    return len({ordinal_day(parts, order, calendar) for order in orders}) == 1


def _in_words(parts: Parts, order: str, calendar: str) -> str:
    day = ordinal_day(parts, order, calendar)
    if day is None:
        return "no such day"
    return f"{date.fromordinal(day + _EPOCH):%d %B %Y}".lstrip("0")


def _with_answer(decision: Decision, orders: list[str], answers: Mapping[str, str]) -> Decision:
    """A person's answer counts where the file leaves the order open, and is refused where the file contradicts it."""
    answer = answers.get("date_order")
    if not answer:
        return decision
    if answer not in ORDERS or (decision.question is not None and answer not in orders):
        raise Rejected(
            "W-ORDER-UNKNOWN",
            f"\u201c{answer[:20]}\u201d is not an order that the dates of this file can have. "
            f"Choose one of {', '.join(orders)}.",
        )
    if decision.order not in ("undecided", answer):
        raise Rejected(
            "W-ORDER-CONTRADICTED",
            f"The file proves the order {ORDERS[decision.order]}, not {ORDERS[answer]}. "
            f"{' '.join(decision.proof)} Answer again, or leave the order to the file.",
        )
    if decision.order == "undecided":
        decision.proof.append(f"A person chose the order {ORDERS[answer]}.")
    decision.order, decision.question = answer, None
    return decision
