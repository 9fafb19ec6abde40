"""Telegram Desktop exports: one chat, a whole account, and those of 2019."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats.base import IN_UTC, LOCAL, Kind, files_of
from records.formats.sniff import sample_of
from records.formats.telegram import Telegram
from records.inspection import inspect
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, outcome, read
from tests.test_inspection import EXPECTED, real

SAMPLES = Path(__file__).parent / "samples" / "telegram"
SUPERGROUP = (SAMPLES / "supergroup.json").read_bytes()
ACCOUNT = (SAMPLES / "account.json").read_bytes()
OLD = (SAMPLES / "chat_2019.json").read_bytes()


@pytest.mark.parametrize("key", [key for key in sorted(EXPECTED) if key.startswith("T")])
def test_real_export_is_reported_as_it_was_counted_by_hand(corpus: Path, key: str) -> None:
    want = EXPECTED[key]
    report: dict[str, Any] = inspect(real(corpus, key))
    assert report["format"] == "telegram"
    assert report["verdict"] == "accepted"
    assert report["entries"] == want["entries"]
    assert report["authors"] == want.get("authors", report["authors"])
    assert report["kinds"].items() >= want.get("kinds", {}).items()
    assert report["bytes"] == {"total": want["bytes"], "owned": want["bytes"], "unread": 0}


def test_real_account_holds_its_chats_and_files_left_out(corpus: Path) -> None:
    found = read(real(corpus, "T01").read_bytes())
    assert len(found.titles) == 4
    assert sum(bool(file.left_out) for entry in found.entries for file in files_of(entry)) == 11
    assert found.kinds.count(Kind.HISTORY_CLEARED) == 1


def test_every_kind_of_message_is_known() -> None:
    found = read(SUPERGROUP)
    assert found.kinds == [
        "text", "settings", "text", "edited", "attached", "media_omitted", "timer_on", "text", "view_once",
        "location", "contact", "poll", "notice", "notice", "screenshot", "timer_off", "history_cleared",
    ]  # fmt: skip
    assert found.codes == ["J-TIME", "J-TYPE-UNKNOWN"]
    assert found.survey.times == IN_UTC
    assert found.titles == ["Port of entry, night shift"]


def test_text_of_styled_parts_is_joined_and_emoji_kept() -> None:
    found = read(SUPERGROUP)
    assert found.bodies[2] == "Gate 4 is closed \U0001f6a7"
    assert found.bodies[3] == "See https://example.gov and call"
    assert found.entries[3].detail == {"id": 3, "reply_to": 2, "edited": "2024-03-01T08:04:00"}


def test_moment_is_the_one_in_utc_and_the_reading_of_the_computer_stays_as_written() -> None:
    entry = read(SUPERGROUP, time_zone="America/Denver").entries[2]
    assert entry.sent == 1_709_298_070_000_000
    assert entry.local is not None
    assert entry.local - entry.sent == -7 * 3_600_000_000
    assert entry.written == "2024-03-01T08:01:10"


def test_timer_says_its_seconds_and_a_vanishing_photo_its_own() -> None:
    found = {entry.kind: entry for entry in read(SUPERGROUP).entries}
    assert found["timer_on"].detail["seconds"] == 604_800
    assert found["timer_on"].sender == "Ann Carver"
    assert found["view_once"].detail["seconds"] == 30


def test_file_left_out_says_why_and_keeps_its_name() -> None:
    (file,) = files_of(read(SUPERGROUP).entries[5])
    assert file.name == "plan.pdf"
    assert file.left_out.startswith("File not included")


def test_deleted_account_is_named_by_its_number() -> None:
    assert read(SUPERGROUP).entries[7].sender == "user503"


def test_kind_of_event_that_is_not_known_is_kept_with_its_name() -> None:
    entry = read(SUPERGROUP).entries[13]
    assert entry.detail == {"action": "teleported_away", "type": "teleported_away", "id": 16}
    assert entry.body == "teleported away"


def test_files_lie_in_the_archive_beside_the_text_also_in_a_folder() -> None:
    photo = "photos/photo_1@01-03-2024_08-03-00.jpg"
    for folder in ("", "ChatExport_2024-03-04/"):
        members = {f"{folder}result.json": SUPERGROUP, f"{folder}{photo}": b"\xff\xd8\xff"}
        entry = read(members).entries[4]
        assert (entry.attachment, entry.kind) == (photo, Kind.ATTACHED)
        assert [file.member for file in files_of(entry)] == [f"{folder}{photo}"]


def test_account_holds_its_chats_and_says_whose_it_is() -> None:
    found = read(ACCOUNT)
    assert found.survey.variant == "account"
    assert found.titles == ["Ben Ortiz", "Saved messages", "Notices"]
    assert [entry.conversation for entry in found.entries] == [0, 0, 0, 1, 2]
    people = found.survey.people
    assert [name for name, person in people.items() if person.exporter] == ["Ann Carver"]
    assert people["Ben Ortiz"].handle == "user502"
    assert found.survey.layout["own_numbers"] == [2]


def test_old_export_has_clock_readings_only_and_its_mark_of_1970_is_no_edit() -> None:
    found = read(OLD, time_zone="America/New_York")
    assert found.survey.times == LOCAL
    assert found.kinds == ["text", "media_omitted"]
    assert found.entries[1].sent == 1_572_789_600_000_000  # 14:00 UTC
    assert found.entries[0].doubt  # the hour that the clock change repeats
    assert read(OLD).entries[0].sent is None
    assert found.survey.people["Ben"].handle == "user502"


def test_numbers_that_are_missing_in_a_supergroup_are_certain(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(SUPERGROUP)
    report: dict[str, Any] = inspect(path)
    (gap,) = [found for found in report["findings"] if found["rule"] == "id_gaps"]
    assert (gap["confidence"], gap["count"]) == ("certain", 3)
    assert gap["detail"]["gaps"] == [{"after": 6, "before": 7, "low": 5, "high": 9}]
    assert gap["entries"] == [6, 7]


def test_numbers_that_are_missing_in_an_account_are_an_indicator(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(ACCOUNT)
    report: dict[str, Any] = inspect(path)
    (gap,) = [found for found in report["findings"] if found["rule"] == "id_gaps"]
    assert (gap["confidence"], gap["count"]) == ("indicator", 11 - 4)
    path.write_bytes(OLD)
    assert "id_gaps" not in {found["rule"] for found in inspect(path)["findings"]}


def test_chat_that_begins_in_broken_bytes_is_not_taken_for_the_one_before() -> None:
    data = ACCOUNT.replace(b'"text": "Note"}', b'"text": "Note"}, oops', 1)
    found = read(data)
    assert len(found.entries) == 5
    assert found.codes == ["J-MALFORMED"]
    assert found.titles[:2] == ["Ben Ortiz", "Saved messages"]
    assert found.titles[2].startswith("Chat whose name could not be read")


def test_element_that_is_no_message_is_left_unread() -> None:
    data = SUPERGROUP.replace(b'{"id": 15, "type": "unsupported"}', b'{"x": 15}, "text", null')
    found = read(data)
    assert found.codes.count("J-NO-MESSAGE") == 3
    assert len(found.entries) == 16


def test_file_that_was_cut_between_two_messages_is_not_taken_for_whole(tmp_path: Path) -> None:
    whole = SUPERGROUP.index(b'  {"id": 9,')
    path = tmp_path / "result.json"
    for cut in (whole, whole - 2, whole - 1):
        path.write_bytes(SUPERGROUP[:cut])
        report: dict[str, Any] = inspect(path)
        assert (report["entries"], report["verdict"]) == (6, "partly_read")
        assert [problem["code"] for problem in report["problems"]] == ["J-CUT"]


def test_file_of_another_program_is_not_taken() -> None:
    for data in (b'{"messages": [{"id": 1}]}', b"[]", b"{}", b"\xff" * 40, b'{"about": "x"}'):
        assert Telegram().score(sample_of(Memory(data))) == 0
    assert Telegram().score(sample_of(Memory({"a/b/result.json": SUPERGROUP}))) == 0


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
MESSAGES = st.lists(
    st.tuples(TEXTS, st.integers(0, 4), st.integers(0, 2_000_000_000), st.booleans()), max_size=10
)


@settings(max_examples=100)
@given(TEXTS.filter(bool), MESSAGES, st.booleans(), st.sampled_from([None, 1]))
def test_a_chat_is_read_back_equal(
    title: str, messages: list[tuple[str, int, int, bool]], ascii_only: bool, indent: int | None
) -> None:
    rows = [
        {
            "id": number,
            "type": "message",
            "date": "2024-03-01T08:00:00",
            "date_unixtime": str(seconds),
            "from": f"P{person}",
            "from_id": f"user{person}",
            "text": [text[:3], {"type": "bold", "text": text[3:]}] if styled else text,
        }
        for number, (text, person, seconds, styled) in enumerate(messages, 1)
    ]
    chat = {"name": title, "type": "personal_chat", "id": 1, "messages": rows}
    found = read(json.dumps(chat, ensure_ascii=ascii_only, indent=indent).encode())
    assert [
        (entry.body, entry.sender, entry.sent, entry.detail["id"]) for entry in found.entries
    ] == [
        (text, f"P{person}", seconds * 1_000_000, number)
        for number, (text, person, seconds, _) in enumerate(messages, 1)
    ]
    assert found.titles == ([title] if messages else [])
    assert found.problems == []


@settings(max_examples=200)
@given(st.sampled_from([SUPERGROUP, ACCOUNT, OLD]), CHANGES)
def test_every_byte_of_a_damaged_export_has_an_owner(
    data: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    assert outcome(damaged(data, changes)).startswith(("read", "asked", "F-"))
