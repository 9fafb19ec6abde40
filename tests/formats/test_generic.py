"""Tables of messages: what is proved by the file, what is asked, and what a person's answers make of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from records.formats.base import IN_UTC, LOCAL, WITH_OFFSET, Kind, Sample
from records.formats.generic import Generic
from records.formats.generic.times import LAYOUTS, candidates
from records.inspection import inspect
from tests.formats.archive_maker import Part, build
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, Read, outcome, read

SAMPLES = Path(__file__).parent / "samples" / "generic"
OWN = (SAMPLES / "own.csv").read_bytes()
SEMICOLONS = (SAMPLES / "semicolons.csv").read_bytes()
JSON_LINES = (SAMPLES / "lines.jsonl").read_bytes()
NO_NAMES = (SAMPLES / "no_names.tsv").read_bytes()
GERMAN = {"column_time": "Datum", "column_sender": "Von", "column_body": "Nachricht"}
ZONE = {"time_zone": "America/New_York"}
EIGHT = 1_709_539_200_000_000  # March 4, 2024, 08:00


def table(*rows: str) -> bytes:
    return "\n".join(("When,Who,What", *rows, "")).encode()


def asked(data: bytes, **answers: str) -> list[str]:
    return [question.code for question in read(data, **answers).survey.questions]


def mapped(data: bytes, **answers: str) -> Read:
    """A table of When, Who and What."""
    return read(
        data, **{"column_time": "When", "column_sender": "Who", "column_body": "What", **answers}
    )


def test_our_own_column_names_need_no_question() -> None:
    found = read(OWN)
    assert found.survey.questions == []
    assert found.bodies == ['Hello, "all"', "two\r\nlines", "Good \U0001f600"]
    assert found.kinds == [Kind.TEXT, Kind.ATTACHED, Kind.TEXT]
    assert [entry.sender for entry in found.entries] == ["Dana Reyes", "Lee Okafor", "Dana Reyes"]
    assert found.titles == ["Gate 4", "Night shift"]
    assert [entry.detail for entry in found.entries] == [{"id": "1"}, {"id": "2"}, {"id": "3"}]
    assert found.survey.times == WITH_OFFSET
    assert [header.what for header in found.headers] == ["column names"]


def test_own_names_may_stand_in_any_order_and_case() -> None:
    found = read(b"Body,TIME,Sender\nHi,2024-03-04T08:00:00,Ann\n", **ZONE)
    entry = found.entries[0]
    assert (entry.body, entry.sender, entry.local) == ("Hi", "Ann", EIGHT)
    # Without a zone in the file it is the device's clock, as the documentation says.
    assert entry.sent == EIGHT + 5 * 3_600_000_000


def test_any_other_table_asks_for_each_column_and_shows_its_values() -> None:
    survey = read(SEMICOLONS).survey
    assert [question.code for question in survey.questions] == [
        "column_time", "column_clock", "column_sender", "column_recipients", "column_body", "column_conversation",
        "column_id", "column_file",
    ]  # fmt: skip
    time, clock = survey.questions[:2]
    assert [choice.value for choice in time.choices] == ["Datum", "Von", "Nachricht", "Kanal"]
    assert time.choices[0].example == "13.03.2024 08:00\n14.03.2024 09:30"
    # What a table can do without may be answered with "no column".
    assert [choice.value for choice in clock.choices][-1] == "-"


def test_while_columns_are_asked_for_nothing_is_read_and_nothing_is_lost() -> None:
    found = read(SEMICOLONS)
    assert found.entries == []
    assert [header.length for header in found.headers] == [len(SEMICOLONS)]


def test_the_answers_say_what_the_columns_are() -> None:
    answers = GERMAN | {"column_conversation": "Kanal", "time_basis": "zone"} | ZONE
    found = read(SEMICOLONS, **answers)
    assert found.survey.questions == []
    assert found.bodies == ["Guten Morgen", "Bis gleich"]
    assert found.titles == ["Tor 4"]
    assert found.survey.date_order == "dmy"  # no month is the 13th
    assert found.entries[0].written == "13.03.2024 08:00"
    assert any("\u201cDatum\u201d" in sentence for sentence in found.survey.proof)


def test_an_order_of_dates_that_nothing_proves_is_asked_with_both_readings() -> None:
    data = table("03/04/2024 08:00,Ann,Hi", "05/06/2024 09:00,Ben,Ho")
    survey = mapped(data).survey
    (question,) = survey.questions
    assert question.code == "time_layout"
    assert {choice.value: choice.example.splitlines()[0] for choice in question.choices} == {
        "dmy": "03/04/2024 08:00 is April 3, 2024, 08:00",
        "mdy": "03/04/2024 08:00 is March 4, 2024, 08:00",
    }
    found = mapped(data, time_layout="mdy", time_basis="zone")
    assert found.entries[0].local == EIGHT


def test_a_single_row_far_behind_the_head_decides_the_order() -> None:
    rows = ["03/04/2024 08:00,Ann,Hi"] * 5_000
    assert asked_layout(table(*rows, "13/04/2024 08:00,Ann,Hi")) == "dmy"
    assert asked_layout(table(*rows, "04/13/2024 08:00,Ann,Hi")) == "mdy"


def asked_layout(data: bytes) -> str:
    return mapped(data, time_basis="zone").survey.date_order


def test_rows_that_contradict_each_other_are_asked_and_not_outvoted() -> None:
    data = table(*["13/04/2024 08:00,Ann,Hi"] * 9, "04/13/2024 08:00,Ann,Hi")
    assert [question.code for question in mapped(data).survey.questions] == ["time_layout"]
    found = mapped(data, time_layout="dmy", time_basis="zone")
    assert found.codes == ["J-TIME"]
    assert found.entries[-1].local is None


def test_times_without_a_zone_are_asked_with_both_readings() -> None:
    data = table("2024-03-04 08:00,Ann,Hi")
    (question,) = mapped(data, **ZONE).survey.questions
    assert question.code == "time_basis"
    assert [choice.example for choice in question.choices] == [
        "2024-03-04 08:00 is March 4, 2024, 13:00 UTC",
        "2024-03-04 08:00 is March 4, 2024, 08:00 UTC, March 4, 2024, 03:00 on that clock",
    ]
    clock = mapped(data, time_basis="zone", **ZONE)
    universal = mapped(data, time_basis="utc", **ZONE)
    assert (clock.survey.times, universal.survey.times) == (LOCAL, IN_UTC)
    assert clock.entries[0].local == EIGHT == universal.entries[0].sent
    assert clock.entries[0].sent == EIGHT + 5 * 3_600_000_000
    assert universal.entries[0].local == EIGHT - 5 * 3_600_000_000


def test_times_that_say_their_zone_need_no_further_question() -> None:
    found = mapped(table("2024-03-04T13:00:00Z,Ann,Hi"), **ZONE)
    assert found.survey.questions == []
    assert (found.survey.times, found.entries[0].sent) == (IN_UTC, EIGHT + 5 * 3_600_000_000)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"column_time": "What", "column_body": "When"}, "\u201cHi\u201d is not a date"),
        ({"column_body": "Who"}, "\u201cWho\u201d is chosen 2 times: for the sender and the text"),
        (
            {"column_time": "Who", "column_body": "Who"},
            "\u201cWho\u201d is chosen 3 times: for the time, the sender and the text",
        ),
        ({"column_sender": "Nobody"}, "There is no column \u201cNobody\u201d"),
    ],
)
def test_answers_that_cannot_be_right_are_asked_again_with_the_reason(
    answers: dict[str, str], reason: str
) -> None:
    found = mapped(table("2024-03-04T13:00:00Z,Ann,Hi"), **answers)
    assert found.survey.questions[0].code == "column_time"
    assert reason in found.survey.questions[0].words
    assert found.entries == []


def test_the_rows_that_are_shown_are_true_rows_and_show_each_column() -> None:
    rows = [f"2024-03-04T13:00:0{number}Z,Ann,Hi {number}," for number in range(8)]
    rows[1] = "2024-03-04T13:00:01Z,,,"
    rows[7] = "2024-03-04T13:00:07Z,Ben,Ho,plan.pdf"
    data = "\n".join(("When,Who,What,File", *rows, "")).encode()
    choices = read(data).survey.questions[0].choices
    shown = list(zip(*(choice.example.split("\n") for choice in choices), strict=True))
    assert shown == [tuple(rows[number].split(",")) for number in (0, 1, 2, 3, 7)]


def test_recipients_are_kept_as_written_and_what_stays_out_is_said() -> None:
    data = b"When,Who,Whom,What,Mood\n2024-03-04T13:00:00Z,Ann,Ben; Okafor, Lee,Hi,good\n"
    data = data.replace(b"Ben; Okafor, Lee", b'"Ben; Okafor, Lee"')
    found = mapped(data, column_recipients="Whom")
    assert found.entries[0].detail == {
        "recipients": ["Ben; Okafor, Lee"],
        "columns": {"Mood": "good"},
    }
    (sentence,) = [each for each in found.survey.proof if "stay out" in each]
    assert "\u201cMood\u201d" in sentence
    assert "\u201cWhom\u201d" not in sentence


def test_date_and_time_may_stand_apart_and_the_first_row_may_be_a_message() -> None:
    first = [choice.value for choice in read(NO_NAMES).survey.questions[0].choices]
    assert first == ["Ann", "03/04/2024", "8:00 PM", "Hello"]
    found = read(
        NO_NAMES,
        column_time="03/04/2024", column_clock="8:00 PM", column_sender="Ann", column_body="Hello",
        time_layout="mdy", time_basis="zone",
    )  # fmt: skip
    assert found.bodies == ["Hello", "Good evening"]
    assert found.entries[0].written == "03/04/2024 8:00 PM"
    assert found.entries[0].local == EIGHT + 12 * 3_600_000_000
    assert found.headers == []
    assert any("is a message" in sentence for sentence in found.survey.proof)


def test_json_lines_have_their_keys_as_columns_also_inside_objects() -> None:
    survey = read(JSON_LINES).survey
    names = [choice.value for choice in survey.questions[0].choices]
    assert names == ["ts", "from.name", "from.id", "text", "edited"]
    found = read(
        JSON_LINES, column_time="ts", column_sender="from.name", column_body="text", column_id="from.id"
    )  # fmt: skip
    assert found.bodies == ["Hello", "Line\ntwo"]
    assert [entry.sent for entry in found.entries] == [1_709_553_600_000_000, 1_709_553_660_000_000]
    assert found.entries[1].detail == {"id": "8", "columns": {"edited": "true"}}


def test_a_json_array_of_objects_is_the_same_table() -> None:
    rows = [json.loads(line) for line in JSON_LINES.splitlines()]
    answers = {"column_time": "ts", "column_sender": "from.name", "column_body": "text"}
    for indent in (None, 2):
        assert read(json.dumps(rows, indent=indent).encode(), **answers).bodies == [
            "Hello",
            "Line\ntwo",
        ]


def test_columns_of_no_role_are_kept_in_the_detail() -> None:
    found = read(b"time,sender,body,mood\n2024-03-04T13:00:00Z,Ann,Hi,good\n")
    assert found.entries[0].detail == {"columns": {"mood": "good"}}


def test_names_that_stand_twice_or_are_empty_become_numbers() -> None:
    data = b"When,Text,Text,\n2024-03-04T13:00:00Z,Ann,Hi,x\n"
    names = [choice.value for choice in read(data).survey.questions[0].choices]
    assert names == ["When", "Column 2", "Column 3", "Column 4"]
    found = read(data, column_time="When", column_sender="Column 2", column_body="Column 3")
    assert found.bodies == ["Hi"]


def test_a_quote_that_is_never_closed_costs_its_line_and_no_other() -> None:
    rows = [f"2024-03-04T13:00:{number:02}Z,Ann,Message {number}" for number in range(50)]
    rows[20] = '2024-03-04T13:00:20Z,Ann,"Message 20'
    found = mapped(table(*rows))
    assert len(found.entries) == 49
    (broken,) = [problem for problem in found.problems if problem.unread]
    assert (broken.code, broken.length) == ("G-ROW", len(rows[20]) + 1)


def test_a_stray_quote_that_another_closes_joins_no_rows() -> None:
    rows = [f"2024-03-04T13:00:{number:02}Z,Ann,Message {number}" for number in range(50)]
    rows[20] = '2024-03-04T13:00:20Z,"Ann,Message 20'
    rows[30] = '2024-03-04T13:00:30Z,Ann,Message" 30'
    found = mapped(table(*rows))
    assert len(found.entries) == 49
    assert [problem.length for problem in found.problems] == [len(rows[20]) + 1]


@pytest.mark.parametrize(
    ("row", "body", "code"),
    [
        ("2024-03-04T13:00:00Z,Ann", "", "G-COLUMNS"),
        ("2024-03-04T13:00:00Z,Ann,Hi,there", "Hi", "G-COLUMNS"),
        ("soon,Ann,Hi", "Hi", "J-TIME"),
        ("2024-03-04T13:00:00Z,Ann,a\0b", "a\u2400b", "J-ENCODING"),
    ],
)
def test_an_odd_row_is_read_and_told(row: str, body: str, code: str) -> None:
    plain = ["2024-03-04T13:00:00Z,Ann,Hi"] * 3
    found = mapped(table(*plain, row))
    assert found.codes == [code]
    assert found.problems[0].seq == 4
    assert found.bodies[-1] == body


def test_bytes_that_are_no_utf_8_are_shown_as_such() -> None:
    found = mapped(table("2024-03-04T13:00:00Z,Ann,Hi") + b"2024-03-04T13:00:00Z,Ann,caf\xe9\n")
    assert found.bodies == ["Hi", "caf\ufffd"]
    assert found.codes == ["J-ENCODING"]


def test_blank_lines_and_a_byte_order_mark_belong_to_the_frame() -> None:
    found = mapped(
        b"\xef\xbb\xbf" + table("2024-03-04T13:00:00Z,Ann,Hi", "", "2024-03-04T13:01:00Z,Ben,Ho")
    )
    assert found.bodies == ["Hi", "Ho"]
    assert [header.what for header in found.headers] == ["mark", "column names", "blank line"]


def test_a_table_in_an_archive_finds_its_files(tmp_path: Path) -> None:
    path = tmp_path / "table.zip"
    path.write_bytes(build(Part(b"messages.csv", OWN), Part(b"plan.pdf", b"plan")))
    report: dict[str, Any] = inspect(path)
    assert (report["format"], report["entries"], report["findings"]) == ("generic", 3, [])


@pytest.mark.parametrize(
    ("written", "layouts"),
    [
        ("2024-03-04T08:00:00.123+01:00", ["iso"]),
        ("2024-03-04 08:00", ["iso"]),
        ("2024-03-04", []),
        ("2024/3/4 8:00", ["ymd"]),
        ("1709553600", ["unix"]),
        ("1709553600.25", ["unix"]),
        ("1709553600000", ["unix"]),
        ("45355.333333333336", ["excel"]),
        ("45355", []),
        ("13/03/2024 08:00", ["dmy"]),
        ("03/13/24, 8:00 PM", ["mdy"]),
        ("3.4.2024 8.00", ["dmy", "mdy"]),
        ("4 March 2024 08:00", ["words"]),
        ("Mar 4, 2024 at 8:00:05 p.m.", ["words"]),
        ("Mon, 04 Mar 2024 08:00:00 -0500", ["words"]),
        ("Monday", []),
        ("03/04/2024 25:00", []),
        ("03/04/2024 13:00 PM", []),
        ("31/02/2024 08:00", []),
        ("", []),
    ],
)
def test_each_way_of_writing_a_time_has_its_layouts(written: str, layouts: list[str]) -> None:
    assert candidates([written]) == layouts


@pytest.mark.parametrize(
    ("layout", "written", "sent", "local"),
    [
        ("unix", "1709539200500", EIGHT + 500_000, None),
        ("unix", "1709539200000001", EIGHT + 1, None),
        ("excel", "45355.333333333336", None, EIGHT),
        ("dmy", "04.03.24 08:00", None, EIGHT),
        ("mdy", "3/4/2024 8:00:00 AM", None, EIGHT),
        ("mdy", "3/4/2024 12:00 AM", None, EIGHT - 8 * 3_600_000_000),
        ("words", "Mon, 04 Mar 2024 08:00:00 -0500", EIGHT + 5 * 3_600_000_000, EIGHT),
        ("words", "04 Mar 2024 08:00:00 GMT", EIGHT, None),
    ],
)
def test_a_layout_reads_the_moment(
    layout: str, written: str, sent: int | None, local: int | None
) -> None:
    assert LAYOUTS[layout].read(written) == (sent, local)


@pytest.mark.parametrize(
    ("head", "score"),
    [
        (OWN, 85),
        (SEMICOLONS, 35),
        (JSON_LINES, 35),
        (b"Name,Street,City\nAnn,Main,Rome\nBen,High,Oslo\n", 0),
        (b"Dear Sir,\nthank you, and goodbye.\nYours, Ann\n", 0),
        (b'{"a": 1}\n{"a": 2}\n', 0),
        (b"[1, 2, 3]", 0),
        (b"{", 0),
        (b"", 0),
    ],
)
def test_score_is_told_by_bytes(head: bytes, score: int) -> None:
    assert Generic().score(Sample("table.csv", head)) == score


def test_inspect_reads_each_sample() -> None:
    for path in sorted(SAMPLES.iterdir()):
        report: dict[str, Any] = inspect(path)
        json.dumps(report)
        assert report["format"] == "generic", path.name
        assert report["bytes"]["owned"] == report["bytes"]["total"], path.name


def test_the_command_takes_the_answers_that_it_asks_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = str(SAMPLES / "semicolons.csv")
    with pytest.raises(SystemExit):
        call_command("inspect", path)
    assert "--answer column_time=Datum" in capsys.readouterr().out
    answers = [
        f"--answer={key}={value}" for key, value in (GERMAN | {"time_basis": "zone"}).items()
    ]
    call_command("inspect", path, *answers)
    assert "Entries: 2 by 2 senders" in capsys.readouterr().out
    with pytest.raises(CommandError, match="QUESTION=VALUE"):
        call_command("inspect", path, "--answer=column_time")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
ROWS = st.lists(st.tuples(st.datetimes(), TEXTS, TEXTS), min_size=1, max_size=8)


@given(ROWS, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_whatever_is_written_as_csv_is_read_back(
    rows: list[tuple[Any, str, str]], delimiter: str, end: str, all_quoted: bool
) -> None:
    file = io.StringIO()
    # The library's writer leaves a lone carriage return without quotes, which its own reader then refuses.
    bare = any("\r" in sender + body for _, sender, body in rows)
    quoting = csv.QUOTE_ALL if all_quoted or bare else csv.QUOTE_MINIMAL
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(("time", "sender", "body"))
    for at, sender, body in rows:
        writer.writerow((f"{at.isoformat(timespec='microseconds')}Z", sender, body))
    found = read(file.getvalue().encode())
    assert found.bodies == [body for _, _, body in rows]
    assert [entry.sender for entry in found.entries] == [
        sender.strip() or None for _, sender, _ in rows
    ]


@given(ROWS)
def test_whatever_is_written_as_json_lines_is_read_back(rows: list[tuple[Any, str, str]]) -> None:
    lines = [
        json.dumps({"time": f"{at.isoformat(timespec='microseconds')}Z", "sender": sender, "body": body})
        for at, sender, body in rows
    ]  # fmt: skip
    found = read("\n".join(lines).encode())
    assert found.bodies == [body for _, _, body in rows]


@given(CHANGES, st.sampled_from([OWN, SEMICOLONS, JSON_LINES, NO_NAMES]))
def test_whatever_happens_to_a_table_no_byte_is_lost(
    changes: list[tuple[int, int, bytes]], data: bytes
) -> None:
    outcome(damaged(data, changes))


@given(CHANGES)
def test_whatever_happens_to_a_mapped_table_no_byte_is_lost(
    changes: list[tuple[int, int, bytes]],
) -> None:
    data = damaged(SEMICOLONS, changes)
    source = Memory(data)
    if Generic().score(Sample("x", data)):
        survey = Generic().survey(source, {**GERMAN, "time_layout": "dmy", "time_basis": "zone"})
        owned = sum(
            item.length for item in Generic().read(source, survey)
            if getattr(item, "unread", True)
        )  # fmt: skip
        assert owned == len(data)
