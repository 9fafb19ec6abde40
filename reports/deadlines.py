"""The legal clock: due dates with the sum, the holidays they touch and their basis. Pure dates, no database.

Part 1230 has no rule that rolls a date forward over a weekend or holiday: the true date is shown, and beside it the
business day before, by which to submit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

_SATURDAY = 5


@lru_cache(maxsize=64)
def _federal_holidays(year: int) -> dict[date, str]:
    """Holidays of 5 U.S.C. 6103 as observed, of one year."""
    return dict(holidays.country_holidays("US", years=year, observed=True, categories=("public",)))


def holiday_on(day: date) -> str:
    """Name of the Federal holiday observed on a day, or an empty string."""
    return _federal_holidays(day.year).get(day, "")


def is_business_day(day: date) -> bool:
    return day.weekday() < _SATURDAY and not holiday_on(day)


def previous_business_day(day: date) -> date:
    """The last business day before a date."""
    day -= timedelta(days=1)
    while not is_business_day(day):
        day -= timedelta(days=1)
    return day


def add_business_days(day: date, count: int) -> date:
    """The date `count` business days after a day, the day itself not counted."""
    while count:
        day += timedelta(days=1)
        if is_business_day(day):
            count -= 1
    return day


def spelled(day: date) -> str:
    """Thursday, November 25, 2021."""
    return f"{day:%A}, {day:%B} {day.day}, {day.year}"


@dataclass(frozen=True)
class Deadline:
    """A due date and how it was worked out."""

    due: date
    submit_by: date
    steps: tuple[str, ...]
    basis: str
    falls_on: str = ""  # "Thanksgiving", "Saturday" or empty

    def days_left(self, today: date) -> int:
        return (self.due - today).days

    def is_overdue(self, today: date) -> bool:
        return today > self.due


def _deadline(due: date, steps: list[str], basis: str) -> Deadline:
    holiday = holiday_on(due)
    falls_on = holiday or (f"{due:%A}" if due.weekday() >= _SATURDAY else "")
    submit_by = previous_business_day(due) if falls_on else due
    if falls_on:
        named = f"{holiday}, a Federal holiday" if holiday else "not a business day"
        steps.append(
            f"{spelled(due)} is {named}. 36 CFR Part 1230 does not move the date; submit by "
            f"{spelled(submit_by)}, the business day before."
        )
    return Deadline(due, submit_by, tuple(steps), basis, falls_on)


def response_to_letter(dated: date, days: int = 30) -> Deadline:
    """NARA's request for a response within 30 calendar days of its letter (36 CFR 1230.16(b)); day 0 is its date."""
    due = dated + timedelta(days=days)
    return _deadline(
        due,
        [
            f"The letter is dated {spelled(dated)}: day 0.",
            f"{days} calendar days later is {spelled(due)}.",
        ],
        "36 CFR 1230.16(b): NARA requests a response within 30 days"
        if days == 30
        else f"The letter asks for a response within {days} calendar days (36 CFR 1230.16(b))",
    )


def nara_written_follow_up(called_on: date) -> Deadline:
    """NARA follows up a telephone call about an impending loss in writing in five business days (36 CFR 1230.16(a))."""
    due = add_business_days(called_on, 5)
    skipped = [
        f"{spelled(day)} ({holiday_on(day)})"
        for day in (
            called_on + timedelta(days=offset) for offset in range(1, (due - called_on).days)
        )
        if holiday_on(day)
    ]
    steps = [
        f"The call was on {spelled(called_on)}.",
        f"Five business days later is {spelled(due)}.",
    ]
    if skipped:
        steps.append(f"Federal holidays not counted: {', '.join(skipped)}.")
    return Deadline(
        due, due, tuple(steps), "36 CFR 1230.16(a): in writing within five business days"
    )


def official_copy(sent_on: date) -> Deadline:
    """A complete copy to an official account not later than 20 days after sending (44 U.S.C. 2911(a)(2))."""
    due = sent_on + timedelta(days=20)
    return Deadline(
        due,
        due,
        (f"Sent on {spelled(sent_on)}.", f"20 days later is {spelled(due)}."),
        "44 U.S.C. 2911(a)(2): not later than 20 days after creation or transmission",
    )


def extended(original: Deadline, new_due: date, granted_on: date) -> Deadline:
    """A later date that NARA granted; the first one stays part of the sum."""
    steps = [
        *original.steps,
        f"NARA granted an extension on {spelled(granted_on)}: the new date is {spelled(new_due)}.",
    ]
    return _deadline(new_due, steps, original.basis)
