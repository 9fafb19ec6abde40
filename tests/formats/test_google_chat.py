"""Google Chat from a Takeout: times in words, who deleted what, files beside the messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats.base import files_of
from records.formats.google_chat import GoogleChat, moment_of
from records.formats.sniff import sample_of
from records.inspection import inspect
from tests.formats.archive_maker import Part, build
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, members_of, outcome, read

TAKEOUT = members_of(Path(__file__).parent / "samples" / "google_chat" / "takeout")
GROUPS = "Takeout/Google Chat/Groups/"
DIRECT = TAKEOUT[f"{GROUPS}DM aaaa1/messages.json"]


def test_conversations_are_named_by_their_group_or_by_the_others_in_it() -> None:
    found = read(TAKEOUT)
    assert found.titles == ["Ben Ortiz", "Gates"]
    assert found.survey.variant == "takeout"
    assert "1 conversations are described and have no messages" in " ".join(found.survey.proof)
    assert [entry.conversation for entry in found.entries] == [0] * 7 + [1] * 3


def test_kinds_of_messages() -> None:
    found = read(TAKEOUT)
    assert [entry.kind for entry in found.of("Ben Ortiz")] == [
        "text", "edited", "deleted_by_exporter", "deleted_by_other", "deleted", "attached", "media_omitted",
    ]  # fmt: skip
    assert [entry.kind for entry in found.of("Gates")] == ["deleted_by_other", "text", "empty"]
    assert found.codes == ["J-TIME"]


def test_people_are_known_by_their_mail_and_the_account_that_exported_is_marked() -> None:
    people = read(TAKEOUT).survey.people
    assert people["Ann Carver"].exporter
    assert not people["Ben Ortiz"].exporter
    assert (people["Ben Ortiz"].handle, people["Ben Ortiz"].handle_kind) == (
        "ben.ortiz@example.gov",
        "email",
    )
    assert people["Alerts"].handle_kind == "account"


def test_deletion_by_an_administrator_says_so(tmp_path: Path) -> None:
    entry = read(TAKEOUT).of("Gates")[0]
    assert entry.detail["actor"] == "administrator"
    path = tmp_path / "takeout.zip"
    path.write_bytes(build(*(Part(name.encode(), data) for name, data in TAKEOUT.items())))
    report: dict[str, Any] = inspect(path)
    json.dumps(report)
    codes = [item["code"] for item in report["findings"] if item["rule"] == "messages_deleted"]
    assert sorted(codes) == ["DELETED", "DELETED_BY_ADMIN", "DELETED_BY_AUTHOR", "DELETED_BY_OTHER"]
    assert not {"media_unnamed"} & {item["rule"] for item in report["findings"]}


@pytest.mark.parametrize(
    ("written", "want"),
    [
        ("Thursday, November 3, 2016 at 11:59:50 AM UTC", datetime(2016, 11, 3, 11, 59, 50)),
        ("Friday, March 1, 2024 at 12:00:00\u202fAM UTC", datetime(2024, 3, 1)),
        ("Friday, March 1, 2024 at 12:30:00\u00a0PM UTC", datetime(2024, 3, 1, 12, 30)),
    ],
)
def test_times_in_words_are_read_with_any_blank(written: str, want: datetime) -> None:
    assert moment_of(written) == int(want.replace(tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    "written",
    ["", "Friday, Mars 1, 2024 at 1:00:00 PM UTC", "Friday, March 40, 2024 at 1:00:00 PM UTC", "2024-03-01T00:00:00Z"],
)  # fmt: skip
def test_times_that_are_not_understood_are_none(written: str) -> None:
    assert moment_of(written) is None


def test_file_is_found_under_the_name_that_a_disk_allows() -> None:
    entry = read(TAKEOUT).entries[5]
    (file,) = files_of(entry)
    assert file.name == "1?account_id=3.png"
    assert file.member == f"{GROUPS}DM aaaa1/File-1_account_id=3.png"


def test_drive_file_is_a_link_and_an_answer_names_its_message() -> None:
    entry = read(TAKEOUT).entries[6]
    assert "Google Drive" in files_of(entry)[0].left_out
    assert entry.detail["reply_to"] == "aaaa1/t2/t2"
    assert entry.detail["links"] == ["https://example.gov"]
    assert read(TAKEOUT).entries[1].detail["reactions"] == [
        {"emoji": "\U0001f44d", "people": ["ann.carver@example.gov"]}
    ]


def test_one_conversation_alone_is_read() -> None:
    found = read(Memory(DIRECT, "messages.json"))
    assert (found.titles, found.survey.variant) == (["messages.json"], "conversation")
    assert found.kinds[2:4] == ["deleted", "deleted"]  # nobody says who exported


@pytest.mark.parametrize(
    "data", [b"{}", b'{"messages": []}', b'{"created_date": "", "topic_id": ""}']
)
def test_other_files_are_not_taken(data: bytes) -> None:
    assert GoogleChat().score(sample_of(Memory(data))) == 0
    assert GoogleChat().score(sample_of(Memory({"x/messages.json": data}))) == 0


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)).map(
    lambda at: at.replace(microsecond=0)
)


@settings(max_examples=80)
@given(st.lists(st.tuples(TEXTS, st.integers(0, 3), MOMENTS), max_size=8), st.booleans())
def test_a_conversation_is_read_back_equal(
    messages: list[tuple[str, int, datetime]], ascii_only: bool
) -> None:
    rows = [
        {
            "creator": {
                "name": f"P{person}",
                "email": f"p{person}@example.gov",
                "user_type": "Human",
            },
            "created_date": f"{at:%A, %B} {at.day}, {at:%Y} at {int(f'{at:%I}')}:{at:%M:%S}\u202f{at:%p} UTC",
            "text": text,
            "topic_id": "t",
            "message_id": f"g/t/{number}",
        }
        for number, (text, person, at) in enumerate(messages)
    ]
    members = {
        f"{GROUPS}DM 1/messages.json": json.dumps(
            {"messages": rows}, ensure_ascii=ascii_only
        ).encode()
    }
    found = read(members)
    assert [(entry.body, entry.sender, entry.sent) for entry in found.entries] == [
        (text, f"P{person}", int(at.replace(tzinfo=UTC).timestamp()) * 1_000_000)
        for text, person, at in messages
    ]
    assert found.problems == []


@settings(max_examples=120)
@given(st.sampled_from(sorted(name for name in TAKEOUT if name.endswith("json"))), CHANGES)
def test_every_byte_of_a_damaged_export_has_an_owner(
    name: str, changes: list[tuple[int, int, bytes]]
) -> None:
    assert outcome({**TAKEOUT, name: damaged(TAKEOUT[name], changes)}) == "read"
    assert outcome(damaged(DIRECT, changes)).startswith(("read", "asked", "F-"))
