"""Slack exports: conversations of many day files, threads, edits and deletions, links in place of files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats.base import Kind, files_of
from records.formats.slack import Slack
from records.formats.slack.meaning import seconds_of, shown_text
from records.formats.sniff import sample_of
from records.inspection import inspect
from tests.formats.archive_maker import Part, build
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, members_of, outcome, read
from tests.test_inspection import EXPECTED, real

FOLDER = Path(__file__).parent / "samples" / "slack" / "workspace"
WORKSPACE = members_of(FOLDER)
DAY = WORKSPACE["general/2024-03-01.json"]


def report_of(tmp_path: Path, members: dict[str, bytes] = WORKSPACE) -> dict[str, Any]:
    path = tmp_path / "export.zip"
    path.write_bytes(build(*(Part(name.encode(), data) for name, data in members.items())))
    report: dict[str, Any] = inspect(path)
    json.dumps(report)
    return report


def test_real_export_is_reported_as_it_was_counted_by_hand(corpus: Path) -> None:
    report: dict[str, Any] = inspect(real(corpus, "S01"))
    assert (report["format"], report["verdict"]) == ("slack", "accepted")
    assert report["entries"] == EXPECTED["S01"]["entries"] == 158
    assert report["kinds"] == {"text": 143, "membership": 11, "media_omitted": 3, "edited": 1}
    assert report["bytes"]["owned"] == report["bytes"]["total"]


def test_each_conversation_is_one_text_of_its_days_in_order() -> None:
    found = read(WORKSPACE)
    assert found.titles == ["Ann Carver, ben", "G0UNLISTED", "#general", "#ops"]
    general = found.survey.texts[2]
    assert [part.member for part in general.parts] == [
        "general/2024-03-01.json",
        "general/2024-03-02.json",
    ]
    second = found.of("#general")[8]
    assert second.body == "Second reply"
    member, offset = general.place(second.offset)
    assert member == "general/2024-03-02.json"
    assert WORKSPACE[member][offset:].startswith(
        b'{\n        "type": "message", "subtype": "thread'
    )


def test_days_are_in_order_whatever_the_order_of_the_archive() -> None:
    found = read(dict(reversed(WORKSPACE.items())))
    moments = [entry.sent or 0 for entry in found.of("#general")]
    assert moments == sorted(moments)


def test_files_that_describe_the_export_belong_to_it_and_are_no_attachments(tmp_path: Path) -> None:
    found = read(WORKSPACE)
    assert {header.what for header in found.headers} >= {"users.json", "channels.json", "dms.json"}
    assert "media_unnamed" not in {item["rule"] for item in report_of(tmp_path)["findings"]}


def test_text_is_shown_as_people_saw_it() -> None:
    found = read(WORKSPACE)
    assert found.of("#general")[1].body == (
        "See #ops, @ben & @here: a < b \U0001f600 the page (https://example.gov/x) https://example.gov"
    )
    assert found.of("#general")[4].body == "Sensor 4\nDoor open\nsince 08:00"
    assert shown_text("&amp;lt; <mailto:a@b.gov|a@b.gov> <!date^1^x|Monday> < >", str) == (
        "&lt; mailto:a@b.gov Monday  "
    )


def test_people_are_named_and_known_by_their_mail() -> None:
    people = read(WORKSPACE).survey.people
    assert people["Ann Carver"].handle == "ann.carver@example.gov"
    assert people["Ann Carver"].handle_kind == "email"
    assert people["ben"].handle == "U0BEN00002"
    assert {"Alerts", "Guest of another agency", "U0NONAME03"} <= people.keys()


def test_kinds_of_messages() -> None:
    found = read(WORKSPACE)
    assert [entry.kind for entry in found.of("#general")] == [
        "membership", "text", "text", "edited", "text", "media_omitted", "deleted", "text",
        "text", "text", "settings", "notice",
    ]  # fmt: skip
    assert [entry.kind for entry in found.of("#ops")] == ["edited", "deleted", "call"]
    assert found.codes == ["J-TYPE-UNKNOWN"]


def test_moments_are_exact_to_the_microsecond() -> None:
    entry = read(WORKSPACE).of("#general")[1]
    assert entry.sent == 1_709_298_010_000_200
    assert entry.written == "1709298010.000200"
    assert [seconds_of(text) for text in ("1.5", "7", "", "x", "1.x", "-1.0", "9" * 14)] == [
        1_500_000, 7_000_000, None, None, None, None, None,
    ]  # fmt: skip


def test_file_is_a_link_and_says_why_it_is_not_there() -> None:
    entry = read(WORKSPACE).of("#general")[5]
    files = files_of(entry)
    assert [file.name for file in files] == ["plan.pdf", "F0GONE0002", "old.png"]
    assert [file.left_out.split()[-1] for file in files] == ["file", "deleted", "age"]
    assert files[0].size == 1234


def test_file_that_was_supplied_is_found_by_its_id() -> None:
    for name in ("general/attachments/F0PLAN0001-plan.pdf", "__uploads/F0PLAN0001/plan.pdf"):
        entry = read({**WORKSPACE, name: b"%PDF"}).of("#general")[5]
        assert entry.kind == Kind.ATTACHED
        assert files_of(entry)[0].member == name


def test_logged_edits_and_deletions_keep_what_was_said_before(tmp_path: Path) -> None:
    changed, deleted, _ = read(WORKSPACE).of("#ops")
    assert (changed.body, changed.detail["earlier"]) == ("Gate 5", ["Gate 4"])
    assert changed.sent == 1_709_640_010_000_200
    assert (deleted.sender, deleted.detail["earlier"]) == ("ben", ["Delete this"])
    words = {item["rule"]: item["explanation"] for item in report_of(tmp_path)["findings"]}
    assert "so the content is in this export" in words["messages_deleted"]
    assert "keeps what was written before" in words["edited"]


def test_missing_replies_and_beginnings_of_threads_are_found(tmp_path: Path) -> None:
    found = [item for item in report_of(tmp_path)["findings"] if item["rule"] == "thread_replies"]
    assert [(item["code"], item["count"], item["confidence"]) for item in found] == [
        ("COUNT_MISMATCH", 1, "probable"),
        ("GAP_SEQUENCE", 1, "indicator"),
    ]
    assert found[0]["detail"] == {"threads": 1, "declared": 3, "found": 2}


def test_channel_older_than_its_first_message_is_told(tmp_path: Path) -> None:
    found = [item for item in report_of(tmp_path)["findings"] if item["rule"] == "partial_export"]
    assert [(item["code"], item["conversation"]) for item in found] == [("PARTIAL_RANGE", 3)]


def test_survey_counts_what_is_listed_and_silent() -> None:
    proof = " ".join(read(WORKSPACE).survey.proof)
    assert "2 public channels, 1 direct message" in proof
    assert "1 folders of messages stand in no list" in proof
    assert "1 conversations are listed and have no folder" in proof


def test_export_inside_one_folder_is_read_the_same() -> None:
    found = read({f"Agency Slack export/{name}": data for name, data in WORKSPACE.items()})
    assert [entry.body for entry in found.entries] == read(WORKSPACE).bodies


def test_one_day_file_alone_is_read() -> None:
    found = read(Memory(DAY, "2024-03-01.json"))
    assert found.survey.variant == "day"
    assert found.titles == ["2024-03-01.json"]
    assert len(found.entries) == 8


def test_broken_day_file_does_not_lose_the_others() -> None:
    broken = {**WORKSPACE, "general/2024-03-01.json": DAY[:700] + b'"oops' + DAY[700:]}
    found = read(broken)
    assert len(found.of("#ops")) == 3
    assert Counter(found.codes)["J-MALFORMED"] == 1
    assert len(found.of("#general")) == 11
    empty = read({**WORKSPACE, "ops/2024-03-05.json": b"", "general/2024-03-02.json": b"[]"})
    assert len(empty.entries) == 10


def test_broken_lists_do_not_stop_the_reading() -> None:
    found = read({**WORKSPACE, "users.json": b'[{"id": 7}, [], null', "channels.json": b"{"})
    assert len(found.entries) == len(read(WORKSPACE).entries)
    assert "general" in found.titles


@pytest.mark.parametrize(
    "data", [b"[]", b'[{"ts": "1"}]', b'{"ts": "1709298000.000100", "type": "message"}', b""]
)
def test_other_files_are_not_taken(data: bytes) -> None:
    assert Slack().score(sample_of(Memory(data))) == 0
    assert Slack().score(sample_of(Memory({"a.json": data, "users.json": b"[]"}))) == 0


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0<>&"), max_size=20)


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.tuples(TEXTS, st.integers(0, 3)), max_size=5), max_size=4),
    st.booleans(),
)
def test_a_workspace_is_read_back_equal(
    days: list[list[tuple[str, int]]], ascii_only: bool
) -> None:
    members = {"users.json": b'[{"id": "U0", "real_name": "Ann"}]', "channels.json": b"[]"}
    members["a/2024-01-01.json"] = b'[{"type": "message", "user": "U0", "ts": "1700000000.000000"}]'
    want = []
    for number, day in enumerate(days, 2):
        rows = []
        for at, (text, user) in enumerate(day):
            moment = 1_700_000_000 + number * 86_400 + at
            rows.append(
                {"type": "message", "user": f"U{user}", "text": text, "ts": f"{moment}.000001"}
            )
            want.append((text, "Ann" if user == 0 else f"U{user}", moment * 1_000_000 + 1))
        members[f"a/2024-01-{number:02d}.json"] = json.dumps(rows, ensure_ascii=ascii_only).encode()
    found = read(members)
    assert [(entry.body, entry.sender, entry.sent) for entry in found.entries[1:]] == want
    assert found.problems == []


@settings(max_examples=150)
@given(st.sampled_from(sorted(WORKSPACE)), CHANGES)
def test_every_byte_of_a_damaged_export_has_an_owner(
    name: str, changes: list[tuple[int, int, bytes]]
) -> None:
    assert outcome({**WORKSPACE, name: damaged(WORKSPACE[name], changes)}) == "read"
    assert outcome(damaged(DAY, changes)).startswith(("read", "asked", "F-"))
