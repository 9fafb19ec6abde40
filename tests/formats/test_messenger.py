"""Messenger and Instagram downloads: newest first, each byte written as a character, several files a conversation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats.base import files_of
from records.formats.messenger import Messenger, mended
from records.formats.sniff import sample_of
from records.inspection import inspect
from tests.formats.archive_maker import Part, build
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, members_of, outcome, read
from tests.test_inspection import EXPECTED, real

SAMPLES = Path(__file__).parent / "samples" / "messenger"
DOWNLOAD = members_of(SAMPLES / "download")
SECURE = (SAMPLES / "secure.json").read_bytes()
FOLDER = "your_facebook_activity/messages/inbox/ben_10001/"
FIRST = DOWNLOAD[f"{FOLDER}message_1.json"]


def garbled(text: str) -> str:
    """As Meta writes it."""
    return text.encode().decode("latin-1")


def test_real_export_is_reported_as_it_was_counted_by_hand(corpus: Path) -> None:
    report: dict[str, Any] = inspect(real(corpus, "M01"))
    assert (report["format"], report["verdict"]) == ("messenger", "accepted")
    assert (report["entries"], report["authors"]) == (EXPECTED["M01"]["entries"], 2)
    assert report["kinds"] == {"attached": 4, "text": 3}
    assert report["bytes"]["owned"] == report["bytes"]["total"] == EXPECTED["M01"]["bytes"]


def test_real_export_runs_from_new_to_old(corpus: Path) -> None:
    found = read(real(corpus, "M01").read_bytes())
    assert found.survey.layout["newest_first"] is True
    moments = [entry.sent or 0 for entry in found.entries]
    assert moments == sorted(moments, reverse=True)
    assert found.titles == ["Alice"]


def test_garbled_text_is_shown_as_it_was_meant_and_its_bytes_stay() -> None:
    found = read(DOWNLOAD)
    entry = found.entries[0]
    assert entry.body == "\u00dcbermorgen \U0001f600, gate \u201c4\u201d"
    assert entry.sender == found.titles[0] == "B\u00e9n\u00e9dicte"
    assert entry.detail == {"reactions": [{"reaction": "\U0001f44d", "actor": "Ann Carver"}]}
    raw = FIRST[entry.offset : entry.offset + entry.length]
    assert b"\\u00c3\\u009cbermorgen" in raw


@pytest.mark.parametrize(
    "text", ["plain", "\u00e9t\u00e9", "\u201cquoted\u201d", "\U0001f600", "\u00c3 "]
)
def test_text_that_is_written_as_it_should_be_is_left_alone(text: str) -> None:
    assert mended(text) == text


@given(st.text())
def test_any_text_that_was_garbled_is_mended(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert mended(garbled(text)) == text


def test_files_of_a_conversation_follow_each_other_newest_first() -> None:
    found = read(DOWNLOAD)
    assert [part.member for part in found.survey.texts[0].parts] == [
        f"{FOLDER}message_1.json",
        f"{FOLDER}message_2.json",
    ]
    moments = [entry.sent or 0 for entry in found.entries]
    assert moments == sorted(moments, reverse=True)
    assert {entry.conversation for entry in found.entries} == {0}
    many = {f"inbox/a/message_{n}.json": FIRST for n in (10, 9, 1)}
    parts = read(many).survey.texts[0].parts
    assert [part.member for part in parts] == [f"inbox/a/message_{n}.json" for n in (1, 9, 10)]


def test_kinds_of_messages() -> None:
    found = read(DOWNLOAD)
    assert found.kinds == [
        "text", "deleted", "attached", "media_omitted", "text",
        "missed_call", "call", "membership", "attached", "empty", "text",
    ]  # fmt: skip
    assert found.entries[4].body == "The page"
    assert found.entries[7].detail == {"members": ["Zo\u00eb"]}
    assert found.entries[6].detail == {"duration_seconds": 62}
    assert found.problems == []


def test_files_are_found_below_any_root() -> None:
    for root in ("", "facebook-ann-2024/"):
        found = read({f"{root}{name}": data for name, data in DOWNLOAD.items()})
        (photo,) = files_of(found.entries[2])
        assert photo.member == f"{root}{FOLDER}photos/77.jpg"
        (sticker,) = files_of(found.entries[8])
        assert sticker.member == "your_facebook_activity/messages/stickers_used/1.png"


def test_findings_of_a_whole_download(tmp_path: Path) -> None:
    path = tmp_path / "download.zip"
    path.write_bytes(build(*(Part(name.encode(), data) for name, data in DOWNLOAD.items())))
    report: dict[str, Any] = inspect(path)
    json.dumps(report)
    found = {item["rule"]: item for item in report["findings"]}
    assert found.keys() == {"messages_deleted", "media_missing"}
    assert report["variant"] == "messenger"
    assert report["bytes"]["owned"] == report["bytes"]["total"]


def test_instagram_is_told_by_its_folder() -> None:
    found = read({"your_instagram_activity/messages/inbox/a_1/message_1.json": FIRST})
    assert found.survey.variant == "instagram"


def test_conversation_of_secure_storage_is_written_as_it_should_be() -> None:
    found = read(SECURE)
    assert found.survey.variant == "secure"
    assert found.kinds == ["text", "attached", "deleted"]
    assert found.bodies[0] == "Secure \u00e9"
    assert [entry.sender for entry in found.entries] == ["Ann Carver", "Zo\u00eb", "Zo\u00eb"]
    assert found.titles == ["Zo\u00eb_7"]
    packed = read({"messages/Zoe_7.json": SECURE, "messages/media/a.jpeg": b"x"})
    assert files_of(packed.entries[1])[0].member == "messages/media/a.jpeg"


def test_times_that_are_none_are_told() -> None:
    data = FIRST.replace(b"1709298600000", b'"soon"').replace(
        b"1709298540000", b"99999999999999999"
    )
    found = read(data)
    assert found.codes == ["J-TIME", "J-TIME"]


@pytest.mark.parametrize(
    "data",
    [b"{}", b'{"participants": []}', b'{"sender_name": "a", "timestamp_ms": 1}', b"[1]", b"text"],
)
def test_other_files_are_not_taken(data: bytes) -> None:
    assert Messenger().score(sample_of(Memory(data))) == 0


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(max_examples=80)
@given(
    st.lists(st.tuples(TEXTS.filter(bool), st.integers(0, 3)), min_size=1, max_size=8),
    TEXTS.filter(bool),
    st.booleans(),
)
def test_a_conversation_is_read_back_equal(
    messages: list[tuple[str, int]], title: str, ascii_only: bool
) -> None:
    rows = [
        {
            "sender_name": garbled(f"P\u00e9{person}"),
            "timestamp_ms": 1_709_298_600_000 - number,
            "content": garbled(text),
        }
        for number, (text, person) in enumerate(messages)
    ]
    value = {"participants": [{"name": "A"}], "messages": rows, "title": garbled(title)}
    found = read(json.dumps(value, ensure_ascii=ascii_only).encode())
    assert [(entry.body, entry.sender) for entry in found.entries] == [
        (text, f"P\u00e9{person}") for text, person in messages
    ]
    assert found.titles == [title]
    assert found.problems == []


@settings(max_examples=150)
@given(st.sampled_from([FIRST, SECURE]), CHANGES)
def test_every_byte_of_a_damaged_export_has_an_owner(
    data: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    assert outcome(damaged(data, changes)).startswith(("read", "asked", "F-"))
    name = f"{FOLDER}message_2.json"
    assert outcome({**DOWNLOAD, name: damaged(DOWNLOAD[name], changes)}) == "read"
