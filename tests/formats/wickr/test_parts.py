"""Wickr logs in several files, with their attachments, in one archive."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from records.formats.base import files_of
from records.inspection import inspect
from tests.formats.archive_maker import Part, build
from tests.formats.memory import Memory, read
from tests.formats.wickr.writing import ANN, DAY, SECOND, START, log, message, uuid1

MINUTE = 60 * SECOND
STORED = "attachment_20230804191358901_numbers.xlsx"
SENT = message(
    START + DAY,
    6000,
    file={"filename": "numbers.xlsx", "localfilename": f"/tmp/bot/attachments/{STORED}"},
)


def day(number: int, *more: dict[str, Any]) -> bytes:
    """The log of one day."""
    return log(message(START + number * DAY, message=f"day {number}"), *more)


def found_by(rule: str, content: dict[str, bytes], tmp_path: Path) -> list[dict[str, Any]]:
    path = tmp_path / "log.zip"
    parts = [Part(name.encode(), data, flags=1 << 11) for name, data in content.items()]
    path.write_bytes(build(*parts))
    report: dict[str, Any] = inspect(path)
    json.dumps(report)
    return [item for item in report["findings"] if item["rule"] == rule]


@pytest.mark.parametrize(
    "names",
    [
        ["receivedMessages.log", "receivedMessages.log.1", "receivedMessages.log.2"],
        ["receivedMessages.log.2", "receivedMessages.log.1", "receivedMessages.log"],
        ["b/receivedMessages_3.log", "b/receivedMessages_1.log", "b/receivedMessages_2.log"],
        ["m/receivedMessages_20230804191058.log", "m/receivedMessages_20230805191058.log", "m/receivedMessages.log"],
    ],
)  # fmt: skip
def test_parts_are_read_in_the_order_of_their_messages(names: list[str]) -> None:
    found = read({name: day(number) for number, name in enumerate(names)})
    assert found.bodies == ["day 0", "day 1", "day 2"]
    assert [part.member for part in found.survey.texts[0].parts] == names
    assert found.survey.variant == "parts"
    assert len(found.survey.conversations) == 1


def test_part_without_messages_belongs_to_the_log() -> None:
    found = read(
        {
            "receivedMessages_1.log": day(0),
            "receivedMessages_2.log": b"",
            "receivedMessages_3.log": day(1),
        }
    )
    assert len(found.survey.texts[0].parts) == 3
    assert found.survey.layout["missing_parts"] == []


def test_logs_of_two_bots_are_two_texts_and_their_rooms_stay_apart() -> None:
    found = read({"bot1/receivedMessages.log": day(0), "bot2/receivedMessages.log": day(0)})
    assert len(found.survey.texts) == 2
    assert [entry.conversation for entry in found.entries] == [0, 1]


def test_attachments_are_found_by_the_name_under_which_the_bot_stored_them(tmp_path: Path) -> None:
    content = {"messages/receivedMessages.log": log(SENT), f"attachments/{STORED}": b"x"}
    (entry,) = read(content).entries
    (file,) = files_of(entry)
    assert (file.name, file.member) == ("numbers.xlsx", f"attachments/{STORED}")
    assert found_by("media_missing", content, tmp_path) == []
    assert found_by("media_unnamed", content, tmp_path) == []


def test_attachment_that_was_not_handed_in_is_missing(tmp_path: Path) -> None:
    content = {
        "messages/receivedMessages.log": log(SENT),
        "attachments/attachment_20200101000000000_a.txt": b"x",
    }
    (missing,) = found_by("media_missing", content, tmp_path)
    assert missing["detail"]["names"] == ["numbers.xlsx"]
    assert len(found_by("media_unnamed", content, tmp_path)) == 1


def test_missing_number_is_found_with_the_entries_on_both_sides(tmp_path: Path) -> None:
    content = {f"receivedMessages_{number}.log": day(number) for number in (1, 2, 5, 6)}
    (gap,) = found_by("missing_parts", content, tmp_path)
    assert (gap["count"], gap["detail"]["numbers"], gap["confidence"]) == (2, [3, 4], "probable")
    assert gap["entries"] == [2, 3]
    assert (gap["first"], gap["last"]) == (
        "2023-08-06T19:10:58.901277",
        "2023-08-09T19:10:58.901277",
    )


def test_hole_is_found_where_the_newest_part_has_the_lowest_number(tmp_path: Path) -> None:
    content = {f"receivedMessages.log.{number}": day(9 - number) for number in (2, 3, 5)}
    first, gap = found_by("missing_parts", content, tmp_path)
    assert gap["detail"]["numbers"] == [4]
    assert gap["entries"] == [1, 2]
    assert first["detail"]["numbers"] == [1]


def test_numbers_that_do_not_begin_with_one_are_only_an_indication(tmp_path: Path) -> None:
    content = {f"receivedMessages_{number}.log": day(number) for number in (4, 5)}
    (gap,) = found_by("missing_parts", content, tmp_path)
    assert (gap["confidence"], gap["detail"]["after"], gap["detail"]["numbers"]) == (
        "indicator",
        "",
        [1, 2, 3],
    )


@pytest.mark.parametrize(
    "names", [["", ".1", ".2"], [".2", ".3", ""], [".1", ".2", ".3"], [".0", ".1"]]
)
def test_consecutive_numbers_show_no_hole(names: list[str], tmp_path: Path) -> None:
    content = {f"receivedMessages.log{name}": day(number) for number, name in enumerate(names)}
    assert found_by("missing_parts", content, tmp_path) == []


def test_pause_in_files_of_a_steady_pace_is_an_indication(tmp_path: Path) -> None:
    content = {
        f"receivedMessages_202308{number:02d}000000.log": day(number - 4)
        for number in (4, 5, 6, 7, 10, 11)
    }
    (gap,) = found_by("missing_parts", content, tmp_path)
    assert (gap["count"], gap["confidence"], gap["entries"]) == (2, "indicator", [4, 5])


def test_files_without_a_pace_show_no_hole(tmp_path: Path) -> None:
    content = {
        f"receivedMessages_202308{number:02d}000000.log": day(number)
        for number in (1, 2, 5, 12, 13, 20)
    }
    assert found_by("missing_parts", content, tmp_path) == []


def test_message_in_another_part_is_held() -> None:
    edit = message(
        START + DAY, 9000, edit={"originalmessageid": uuid1(START), "text": "x", "type": "text"}
    )
    found = read({"receivedMessages_1.log": day(0), "receivedMessages_2.log": log(edit)})
    assert found.entries[1].detail is not None and found.entries[1].detail["original_held"] is True


def test_ids_are_found_wherever_the_blocks_of_reading_end() -> None:
    filler = "x" * 700_000
    lost = message(
        START + 5 * SECOND,
        4011,
        control={"isrecall": True, "message_id": uuid1(START - DAY), "msgtype": 4011},
    )
    kept = message(
        START + 6 * SECOND,
        4011,
        control={"isrecall": True, "message_id": uuid1(START), "msgtype": 4011},
    )
    for pad in range(348_000, 349_400, 97):
        found = read(
            log(
                message(START),
                message(START + SECOND, message=filler + "y" * pad),
                lost,
                kept,
            )
        )
        assert [entry.detail["original_held"] for entry in found.entries[2:] if entry.detail] == [
            False,
            True,
        ]


def test_other_files_beside_the_log_are_not_read_as_log() -> None:
    found = read({
        "receivedMessages.log": day(0),
        "errors.log": b"2023-08-04 bot restarted\n",
        "attachments/attachment_20230804191358901_notes.json": day(1),
    })  # fmt: skip
    assert found.bodies == ["day 0"]
    assert found.entries[0].sender == ANN


def test_source_that_is_no_archive_has_one_part() -> None:
    assert [text.parts[0].member for text in read(Memory(day(0))).survey.texts] == [None]


@pytest.mark.parametrize("piece", ['\\"control\\":{', '\\"msgid\\":\\"', "{", "[", "\\u0000"])
def test_text_that_attacks_the_search_for_ids_takes_no_longer_than_its_length(piece: str) -> None:
    line = log(message(START, message="@")).replace(b"@", (piece * 200_000).encode())
    started = time.process_time()
    found = read(log(message(START, message="a")) + line)
    assert len(found.entries) == 2
    assert time.process_time() - started < 10
