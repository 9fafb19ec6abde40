"""Discord channels as DiscordChatExporter writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats.base import files_of
from records.formats.discord import Discord
from records.formats.sniff import sample_of
from records.inspection import inspect
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, outcome, read
from tests.test_inspection import EXPECTED, real

SAMPLE = Path(__file__).parent / "samples" / "discord" / "channel.json"
CHANNEL = SAMPLE.read_bytes()


@pytest.mark.parametrize("key", ["D01", "D02"])
def test_real_export_is_reported_as_it_was_counted_by_hand(corpus: Path, key: str) -> None:
    want = EXPECTED[key]
    report: dict[str, Any] = inspect(real(corpus, key))
    assert (report["format"], report["verdict"]) == ("discord", "accepted")
    assert report["entries"] == want["entries"]
    assert report["kinds"].items() >= want.get("kinds", {}).items()
    assert report["bytes"]["owned"] == report["bytes"]["total"] == want["bytes"]


def test_real_call_is_a_call(corpus: Path) -> None:
    call = read(real(corpus, "D02").read_bytes()).entries[2]
    assert (call.kind, call.detail["ended"]) == ("call", "2020-07-17T21:14:52.787+00:00")


def test_kinds_people_and_title() -> None:
    found = read(CHANNEL)
    assert found.kinds == ["text", "edited", "attached", "text", "membership", "notice"]
    assert found.titles == ["Port security / #gates"]
    assert [entry.sender for entry in found.entries[:4]] == [
        "Ann Carver",
        "bortiz",
        "bortiz",
        "Alerts",
    ]
    assert found.survey.people["Ann Carver"].handle == "501"
    assert found.codes == ["J-TYPE-UNKNOWN", "J-COUNT"]


def test_moments_are_in_utc_whatever_the_distance_that_is_written() -> None:
    first, second = read(CHANNEL).entries[:2]
    assert first.sent == 1_709_280_000_500_000
    assert second.sent == 1_709_280_060_000_000
    assert second.written == "2024-03-01T03:01:00-05:00"
    assert second.detail["reply_to"] == "1213000000000000001"


def test_words_of_an_app_stand_in_its_card() -> None:
    assert read(CHANNEL).entries[3].body == "Sensor 4\nDoor open"


def test_files_are_links_or_lie_beside_the_channel() -> None:
    for folder in ("", "export/"):
        members = {
            f"{folder}channel.json": CHANNEL,
            f"{folder}channel.json_Files/plan-ABCDE.pdf": b"%PDF",
        }
        near, far = files_of(read(members).entries[2])
        assert near.member == f"{folder}channel.json_Files/plan-ABCDE.pdf"
        assert (near.left_out, far.member) == ("", None)
        assert "link" in far.left_out


def test_chosen_dates_and_a_count_that_is_too_high_are_findings(tmp_path: Path) -> None:
    report: dict[str, Any] = inspect(SAMPLE)
    json.dumps(report)
    found = {item["rule"]: item for item in report["findings"]}
    assert found["partial_export"]["confidence"] == "certain"
    assert "after 2024-03-01T00:00:00+00:00" in found["partial_export"]["explanation"]
    assert found["count_mismatch"]["detail"]["declared"] == 8
    assert report["verdict"] == "with_warnings"


def test_parts_of_one_channel_are_one_conversation_in_order() -> None:
    def part(content: str) -> bytes:
        value = json.loads(CHANNEL)
        value["messages"] = [{**value["messages"][0], "content": content}]
        value["messageCount"] = 1
        return json.dumps(value).encode()

    found = read(
        {
            "x [part 10].json": part("ten"),
            "x [part 2].json": part("two"),
            "x.json": part("one"),
            "y.json": part("other"),
            "notes.json": b"{}",
        }
    )
    assert [entry.body for entry in found.entries] == ["one", "two", "ten", "other"]
    assert [entry.conversation for entry in found.entries] == [0, 0, 0, 1]
    assert found.problems == []


def test_channel_that_was_exported_from_new_to_old_says_so() -> None:
    value = json.loads(CHANNEL)
    assert read(CHANNEL).survey.layout["newest_first"] is False
    value["messages"].reverse()
    assert read(json.dumps(value).encode()).survey.layout["newest_first"] is True


def test_element_that_is_no_message_is_left_unread() -> None:
    data = CHANNEL.replace(b'"author": {"id": "501", "name": "acarver"}', b'"x": 1')
    found = read(data)
    assert found.codes.count("J-NO-MESSAGE") == 2
    assert len(found.entries) == 4


@pytest.mark.parametrize(
    "data",
    [b"{}", b'{"guild": {}, "channel": {}}', b'{"messages": [{"timestampEdited": null}]}', b"[]"],
)
def test_other_files_are_not_taken(data: bytes) -> None:
    assert Discord().score(sample_of(Memory(data))) == 0


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(max_examples=60)
@given(st.lists(st.tuples(TEXTS, st.integers(0, 3), st.booleans()), max_size=8), st.booleans())
def test_a_channel_is_read_back_equal(
    messages: list[tuple[str, int, bool]], ascii_only: bool
) -> None:
    rows = [
        {
            "id": str(number),
            "type": "Default",
            "timestamp": f"2024-03-01T08:00:{number:02d}+00:00",
            "timestampEdited": "2024-03-02T08:00:00+00:00" if edited else None,
            "content": text,
            "author": {"id": f"{person}", "name": f"P{person}"},
        }
        for number, (text, person, edited) in enumerate(messages)
    ]
    value = {
        "guild": {"id": "0", "name": "Direct Messages"},
        "channel": {"id": "1", "name": "Ben"},
        "dateRange": {"after": None, "before": None},
        "callEndedTimestamp": None,
        "messages": rows,
        "messageCount": len(rows),
    }
    found = read(json.dumps(value, ensure_ascii=ascii_only).encode())
    assert [(entry.body, entry.sender, entry.kind) for entry in found.entries] == [
        (text, f"P{person}", "edited" if edited else "text") for text, person, edited in messages
    ]
    assert found.problems == []


@settings(max_examples=150)
@given(CHANGES)
def test_every_byte_of_a_damaged_export_has_an_owner(changes: list[tuple[int, int, bytes]]) -> None:
    assert outcome(damaged(CHANNEL, changes)).startswith(("read", "asked", "F-"))
    assert outcome({"a.json": damaged(CHANNEL, changes)}) in ("read", "Z-NO-CHAT")
