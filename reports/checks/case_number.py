"""NARA's case id has its form, and its year is the fiscal year of the letter."""

from __future__ import annotations

from collections.abc import Iterator

from portal.errors import UserError
from reports.case_ids import check_case_id, year_disagrees
from reports.checks.base import WARNING, Draft, Result

BASIS = "NARA, Unauthorized Disposition of Federal Records: case ids by fiscal year"


def check(draft: Draft) -> Iterator[Result]:
    case = draft.incident.nara_case
    if not case:
        return
    try:
        check_case_id(case)
    except UserError as error:
        yield Result("C-CASE", WARNING, str(error), BASIS)
        return
    first = draft.incident.letters.order_by("dated").first()
    words = year_disagrees(case, first.dated) if first else ""
    if words:
        yield Result("C-CASE", WARNING, words, BASIS)
