"""NARA's case ids for unauthorized disposition: UD-FFFF-NNNN, numbered within a fiscal year."""

from __future__ import annotations

import re
from datetime import date

from portal.errors import UserError

_CASE = re.compile(r"UD-(\d{4})-(\d{4})\Z")
_OCTOBER = 10


def fiscal_year(day: date) -> int:
    """The Federal fiscal year of a day: it begins on October 1 of the calendar year before."""
    return day.year + (day.month >= _OCTOBER)


def check_case_id(case_id: str) -> None:
    """Raises UserError N-CASE when it does not have NARA's form."""
    if not _CASE.match(case_id):
        raise UserError(
            "N-CASE",
            f"\u201c{case_id}\u201d does not have the form of a NARA case id.",
            place="nara_case",
            next_step="Write it as in UD-2022-0001: UD, the fiscal year, four digits.",
        )


def year_disagrees(case_id: str, opened_on: date) -> str:
    """A warning when the id's year is not the fiscal year in which NARA opened the case; empty when it agrees."""
    match = _CASE.match(case_id)
    if not match or int(match[1]) == fiscal_year(opened_on):
        return ""
    return (
        f"{case_id} names fiscal year {match[1]}, but {opened_on:%B} {opened_on.day}, {opened_on.year} lies in "
        f"fiscal year {fiscal_year(opened_on)}."
    )
