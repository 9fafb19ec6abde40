"""The legal clock, against dates worked out by hand (cases T1 to T6)."""

from __future__ import annotations

from datetime import date

import pytest

from portal.errors import UserError
from reports.case_ids import check_case_id, fiscal_year, year_disagrees
from reports.deadlines import (
    extended,
    nara_written_follow_up,
    official_copy,
    response_to_letter,
)


@pytest.mark.parametrize(
    ("dated", "due", "falls_on", "submit_by"),
    [
        (date(2021, 10, 26), date(2021, 11, 25), "Thanksgiving Day", date(2021, 11, 24)),
        (date(2022, 7, 19), date(2022, 8, 18), "", date(2022, 8, 18)),
        (date(2023, 6, 15), date(2023, 7, 15), "Saturday", date(2023, 7, 14)),
        # New Year's Day on a Saturday is observed on the Friday before, so the day before that counts.
        (date(2021, 12, 2), date(2022, 1, 1), "New Year", date(2021, 12, 30)),
        (date(2028, 1, 30), date(2028, 2, 29), "", date(2028, 2, 29)),
    ],
)
def test_response_is_due_thirty_days_after_the_letters_date_and_never_rolls(
    dated, due, falls_on, submit_by
):
    deadline = response_to_letter(dated)
    assert (deadline.due, deadline.submit_by) == (due, submit_by)
    assert falls_on in deadline.falls_on


def test_the_sum_names_the_holiday_and_the_day_to_submit_by():
    steps = " ".join(response_to_letter(date(2021, 10, 26)).steps)
    assert "Tuesday, October 26, 2021: day 0" in steps
    assert "Thanksgiving Day" in steps
    assert "submit by Wednesday, November 24, 2021" in steps


def test_written_follow_up_skips_veterans_day():
    deadline = nara_written_follow_up(date(2021, 11, 8))
    assert deadline.due == date(2021, 11, 16)
    assert any("Veterans Day" in step for step in deadline.steps)


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        (date(2018, 11, 15), date(2018, 12, 5)),
        (date(2026, 2, 10), date(2026, 3, 2)),
        (date(2028, 2, 10), date(2028, 3, 1)),
    ],
)
def test_a_copy_to_an_official_account_is_due_after_twenty_days(sent, due):
    deadline = official_copy(sent)
    assert deadline.due == due
    assert not deadline.is_overdue(due)
    assert deadline.is_overdue(date.fromordinal(due.toordinal() + 1))


def test_an_extension_keeps_the_first_date_in_its_sum():
    first = response_to_letter(date(2021, 10, 26))
    later = extended(first, date(2021, 12, 24), date(2021, 11, 20))
    assert later.due == date(2021, 12, 24)
    assert later.steps[: len(first.steps)] == first.steps
    assert any("November 20, 2021" in step for step in later.steps)


def test_a_case_id_carries_the_fiscal_year_in_which_nara_opened_it():
    opened = date(2021, 10, 26)
    assert fiscal_year(opened) == 2022
    assert year_disagrees("UD-2022-0001", opened) == ""
    assert "fiscal year 2022" in year_disagrees("UD-2021-0001", opened)


@pytest.mark.parametrize(
    "case_id", ["UD-22-0001", "ud-2022-0001", "UD-2022-1", "2022-0001", "UD-2022-0001x"]
)
def test_a_case_id_of_another_form_is_refused(case_id):
    with pytest.raises(UserError) as refused:
        check_case_id(case_id)
    assert refused.value.code == "N-CASE"
