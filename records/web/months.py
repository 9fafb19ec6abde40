"""The month beside a conversation: on which days something was written, each day a link."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from records.models import Conversation, ConversationDay

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the month; without entries it is no link."""

    day: date
    inside: bool
    entries: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month as weeks from Sunday, with the nearest months before and after that hold entries."""

    first: date
    weeks: list[list[Cell]]
    earlier: date | None
    later: date | None


def month_of(conversation: Conversation, day: date) -> Month:
    """The month that holds this day."""
    first = day.replace(day=1)
    weeks = calendar.Calendar(calendar.SUNDAY).monthdatescalendar(first.year, first.month)
    days = ConversationDay.objects.filter(conversation=conversation)
    entries = dict(
        days.filter(day__range=(weeks[0][0], weeks[-1][-1])).values_list("day", "entries")
    )
    after = (first + timedelta(days=32)).replace(day=1)
    earlier = days.filter(day__lt=first).order_by("-day").values_list("day", flat=True).first()
    later = days.filter(day__gte=after).order_by("day").values_list("day", flat=True).first()
    cells = [
        [Cell(each, each.month == first.month, entries.get(each, 0)) for each in week]
        for week in weeks
    ]
    return Month(first, cells, earlier, later)


def read_month(text: str) -> date | None:
    """`2021-03` as its first day."""
    match = _MONTH.fullmatch(text)
    if not match or not 1 <= int(match[2]) <= 12 or not 1 < int(match[1]) < 9999:
        return None
    return date(int(match[1]), int(match[2]), 1)


def read_day(text: str) -> date | None:
    """`2021-03-09` as a day."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
