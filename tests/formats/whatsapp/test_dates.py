"""The date order is proved by the file, asked where it is not, and never guessed."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from records.formats.base import Kind, Rejected
from tests.formats.whatsapp.reading import moment, read


def chat(*dates: str, head: str = "{}, 10:00 - A: x") -> str:
    return "".join(head.format(written) + "\n" for written in dates)


def test_a_part_above_12_proves_the_order_and_names_its_line() -> None:
    found = read(chat("01/02/2022", "02/02/2022", "27/02/2022"))
    assert found.survey.date_order == "dmy"
    assert found.survey.proof[0] == "Line 3: 27 cannot be a month."
    assert read(chat("2/1/22", "2/27/22")).survey.date_order == "mdy"


def test_an_order_that_only_one_reading_keeps_rising_is_decided_with_that_proof() -> None:
    found = read(chat("01/02/2022", "02/02/2022", "01/03/2022"))
    assert found.survey.date_order == "dmy"
    assert found.survey.proof[0] == "Line 3: read as month, day, year, time would go back."


def test_ten_thousand_entries_of_nine_ambiguous_days_are_asked() -> None:
    text = "".join(
        f"1/{1 + at * 9 // 10_000}/23, {at % 24:02d}:00 - A: x\n" for at in range(10_000)
    )
    found = read(text)
    assert found.survey.date_order == "undecided"
    (question,) = found.survey.questions
    assert question.code == "date_order"
    assert [choice.value for choice in question.choices] == ["dmy", "mdy"]
    day, month = (choice.example for choice in question.choices)
    assert "line 1113: 1 February 2023" in day.replace(",", "")
    assert "line 1113: 2 January 2023" in month.replace(",", "")
    # Both readings show the same lines; where they agree, the time is known without an answer.
    assert [part.split(":")[0] for part in day.split(";")] == [
        part.split(":")[0] for part in month.split(";")
    ]
    assert moment(found.entries[0].local) == datetime(2023, 1, 1)
    assert found.entries[-1].local is None
    assert found.codes == ["W-TIME-BACK"]


def test_falling_in_both_readings_is_asked() -> None:
    assert read(chat("03/03/2022", "02/02/2022", "01/01/2022")).survey.date_order == "undecided"


def test_where_each_order_gives_the_same_day_the_question_says_that_it_changes_nothing() -> None:
    (question,) = read(chat("01/01/2021", "01/01/2021")).survey.questions
    assert "the answer changes no date here" in question.words
    assert "region" in question.words
    assert {choice.example for choice in question.choices} == {
        "line 1: 1 January 2021, as in every order"
    }
    (other,) = read(chat("01/01/2021", "01/02/2021")).survey.questions
    assert "changes no date" not in other.words
    assert not any("as in every" in choice.example for choice in other.choices)


def test_an_answer_decides_what_the_file_leaves_open() -> None:
    text = chat("1/2/23", "1/3/23")
    assert moment(read(text, date_order="dmy").entries[0].local).date() == date(2023, 2, 1)
    assert moment(read(text, date_order="mdy").entries[0].local).date() == date(2023, 1, 2)
    assert not read(text, date_order="mdy").survey.questions


def test_an_answer_against_the_proof_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        read(chat("27/02/2022", "28/02/2022"), date_order="mdy")
    assert refused.value.code == "W-ORDER-CONTRADICTED"
    assert "27 cannot be a month" in refused.value.words


def test_an_answer_that_the_dates_cannot_have_is_refused() -> None:
    for order in ("ymd", "dym"):
        with pytest.raises(Rejected) as refused:
            read(chat("1/2/2023", "1/3/2023"), date_order=order)
        assert refused.value.code == "W-ORDER-UNKNOWN"


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("IMG-20220302-WA0001.jpg (file attached)", "dmy"),
        ("IMG-20220203-WA0001.jpg (file attached)", "mdy"),
        ("\u200e<attached: 00000012-PHOTO-2022-03-02-10-00-00.jpg>", "dmy"),
    ],
)
def test_the_date_in_a_media_name_decides(name: str, order: str) -> None:
    found = read(f"2/3/22, 10:00 - A: x\n2/3/22, 10:01 - A: {name}\n")
    assert found.survey.date_order == order
    assert found.survey.proof[0].startswith("Line 2:")


def test_two_digit_years_in_front_are_told_from_days() -> None:
    assert read(chat("15-01-20", "16-01-20", "17-01-20")).survey.date_order == "dmy"
    assert read(chat("20-01-15", "20-01-16", "20-02-01")).survey.date_order == "ymd"
    assert read(chat("22-01-15")).survey.date_order == "undecided"


def test_buddhist_years_with_two_digits_are_told_from_gregorian_ones() -> None:
    found = read(chat("18/3/65", "19/3/65"))
    assert found.survey.calendar == "buddhist"
    assert moment(found.entries[0].local).date() == date(2022, 3, 18)


def test_eras_are_converted() -> None:
    found = read(chat("3/18/R4", "4/19/R1", head="[{}, 10:00:00] A: x"))
    assert [moment(entry.local).date() for entry in found.entries] == [
        date(2022, 3, 18),
        date(2019, 4, 19),
    ]


def test_a_date_that_does_not_exist_keeps_its_message_without_a_time() -> None:
    found = read(chat("27/02/2022", "28/02/2022", "02/28/2022", "31/02/2022", "01/03/2022"))
    assert found.survey.date_order == "dmy"
    assert [entry.local is None for entry in found.entries] == [False, False, True, True, False]
    assert found.codes == ["W-DATE-IMPOSSIBLE"] * 2
    assert found.problems[0].line == 3
    assert [entry.kind for entry in found.entries] == [Kind.TEXT] * 5
    assert any("does not fit" in sentence for sentence in found.survey.proof)


def test_a_clock_reading_that_does_not_exist_keeps_its_message_without_a_time() -> None:
    found = read("27/02/2022, 10:00 - A: x\n27/02/2022, 25:61 - A: y\n")
    assert [entry.local is None for entry in found.entries] == [False, True]
    assert found.entries[1].written == "27/02/2022, 25:61"


def test_a_date_typed_at_the_start_of_a_line_is_no_evidence() -> None:
    text = "1/2/22, 10:00 - A: list\n27/1/22, lunch\n1/13/22, 10:00 - A: y\n"
    found = read(text)
    assert found.survey.date_order == "mdy"
    assert len(found.entries) == 2


def test_time_zone_gives_utc_and_marks_the_repeated_and_the_missing_hour() -> None:
    from records.formats.base import Doubt

    lines = ["13/03/2022, 01:30", "13/03/2022, 02:30", "06/11/2022, 01:30", "06/11/2022, 12:00"]
    text = "".join(f"{line} - A: x\n" for line in lines)
    found = read(text, time_zone="America/New_York")
    assert found.survey.time_zone == "America/New_York"
    assert [entry.doubt for entry in found.entries] == [
        0,
        Doubt.TIME_MISSING,
        Doubt.TIME_FOLDED,
        0,
    ]
    assert moment(found.entries[0].sent) == datetime(2022, 3, 13, 6, 30)
    assert moment(found.entries[3].sent) == datetime(2022, 11, 6, 17, 0)
    assert all(entry.sent is None for entry in read(text).entries)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        read(chat("27/02/2022"), time_zone="Mars/Olympus")
    assert refused.value.code == "TIME-ZONE-UNKNOWN"
