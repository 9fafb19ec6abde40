"""Signal: the three ways in which signal-export writes a chat, and rows of Signal Desktop's database."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats.base import IN_UTC, LOCAL, Doubt, Kind, files_of
from records.formats.signal import Signal
from records.formats.sniff import sample_of
from records.inspection import inspect
from tests.formats.archive_maker import Part, build
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, Read, outcome, read
from tests.test_inspection import EXPECTED, real

SAMPLES = Path(__file__).parent / "samples" / "signal"
JSON = (SAMPLES / "data.json").read_bytes()
MARKDOWN = (SAMPLES / "chat.md").read_bytes()
PAGE = (SAMPLES / "index.html").read_bytes()
DESKTOP = (SAMPLES / "desktop_tables.json").read_bytes()
ROWS = (SAMPLES / "desktop_rows.jsonl").read_bytes()
BODIES = [
    "Good morning \U0001f600", "Numbers are here", "", 'Thanks <b> & "all"', "two\nlines", "", "",
    "Incoming voice call (accepted, 3m 2s)", "Missed video call", "", "", "Who was that?", "no time",
    "(This message was deleted)",
]  # fmt: skip


def of_chat(found: Read) -> list[tuple[str, str | None]]:
    return [(entry.kind, entry.sender) for entry in found.entries]


def test_real_export_is_read_as_it_was_counted_by_hand(corpus: Path) -> None:
    want = EXPECTED["G01"]
    report: dict[str, Any] = inspect(real(corpus, "G01"))
    assert (report["format"], report["verdict"]) == ("signal", "accepted")
    assert (report["entries"], report["authors"]) == (want["entries"], want["authors"])
    assert report["bytes"] == {"total": want["bytes"], "owned": want["bytes"], "unread": 0}
    assert read(real(corpus, "G01").read_bytes()).bodies == ["Hello John!", "Hello\nJane!"]


def test_json_tells_every_kind() -> None:
    found = read(JSON)
    assert found.kinds == [
        "text", "attached", "attached", "text", "text", "deleted_by_other", "deleted_by_exporter", "call",
        "missed_call", "text", "empty", "text", "text", "text",
    ]  # fmt: skip
    assert found.bodies == ["" if body in ("", "x") else body for body in BODIES]
    assert found.codes == ["J-TIME"]
    assert found.entries[11].sender is None
    assert found.survey.people["Me"].exporter
    assert found.survey.times == LOCAL


def test_markdown_tells_the_same_messages_as_json() -> None:
    json_, markdown = read(JSON), read(MARKDOWN)
    assert of_chat(markdown)[:5] + of_chat(markdown)[6:] == of_chat(json_)[:5] + of_chat(json_)[
        6:-1
    ] + [("deleted_by_exporter", "Me")]
    expected = list(BODIES)
    expected[5] = expected[6] = "(This message was deleted)"
    assert markdown.bodies == expected
    assert [entry.local for entry in markdown.entries] == [entry.local for entry in json_.entries]


def test_page_tells_the_same_messages_as_json() -> None:
    found = read(PAGE)
    assert [kind for kind, _ in of_chat(found)] == [
        *[kind for kind, _ in of_chat(read(JSON))][:9], "text", "empty", "text", "text",
    ]  # fmt: skip
    assert found.titles == ["Ana Ruiz"]
    assert found.bodies[0] == "Good morning \U0001f600"
    assert found.bodies[4] == "two lines"
    assert [entry.sender for entry in found.entries][1:3] == ["Ana Ruiz", "Ana Ruiz"]
    assert found.entries[0].written == "2024-06-01T14:00:00"


def test_message_of_a_group_on_a_page_has_the_time_of_the_first() -> None:
    entry = read(PAGE).entries[2]
    assert entry.detail is not None and entry.detail["time_of"] == "the first message of its group"
    assert entry.written == "2024-06-01T14:01:05"


def test_page_of_an_older_version_is_read() -> None:
    page = b"""<!doctype html>
<html lang='en'><head><title>Ben</title><link rel=stylesheet href='../style.css'></head><body>
<div class=first><a href=#pg0>FIRST</a></div><div class=page id=pg0>
<div class='msg me'>
    <span class=date>2021-03-01</span>
    <span class=time>10:00:00</span>
    <span class=sender>Me</span>

    <p class=body>Hello &amp; welcome</p>
    <p class=reaction></p>
</div>
<div class='msg'>
    <span class=date>2021-03-01</span>
    <span class=time>10:00:05</span>
    <span class=sender>Ben</span>
    <p class=body>Thanks</p>
</div></div></body></html>"""
    found = read(page)
    assert found.bodies == ["Hello & welcome", "Thanks"]
    assert found.entries[1].written == "2021-03-01 10:00:05"
    assert (found.entries[1].local or 0) - (found.entries[0].local or 0) == 5_000_000
    assert found.titles == ["Ben"]


def test_quotes_reactions_and_stickers_stand_in_the_detail() -> None:
    for data in (JSON, MARKDOWN, PAGE):
        detail = read(data).entries[3].detail
        assert detail is not None
        assert detail["reply_to_text"] == "Numbers are here"
        assert detail["reactions"] == [["Ana Ruiz", "\U0001f44d"], ["Me", "\u2764"]]
    for data in (JSON, MARKDOWN):
        detail = read(data).entries[9].detail
        assert detail is not None and detail["sticker"] == "\U0001f680"


def test_file_that_the_tool_did_not_find_is_left_out() -> None:
    for data in (JSON, MARKDOWN):
        photo, gone = files_of(read(data).entries[2])
        assert (photo.name, photo.left_out) == ("photo.jpg", "")
        assert gone.left_out


def test_tool_s_own_deletion_is_told_from_the_same_words_typed() -> None:
    certain, typed = read(MARKDOWN).entries[5], read(MARKDOWN).entries[13]
    assert certain.detail == {"certain": True}
    assert typed.detail == {"certain": False}
    assert read(JSON).entries[13].kind == Kind.TEXT


def test_edit_keeps_the_earlier_texts() -> None:
    line = {"date": "2024-06-01T14:00:00", "sender": "Me", "body": "new  ", "reactions": [],
            "edits": [{"date": "2024-06-01T13:59:00", "body": "old"}]}  # fmt: skip
    (entry,) = read(json.dumps(line).encode()).entries
    assert (entry.kind, entry.body) == ("edited", "new")
    assert entry.detail == {"earlier": ["old"]}


def test_header_in_another_form_stays_in_the_text_above_and_is_marked() -> None:
    found = read(
        b"[2024-06-01 14:00:00] Me: see  \n[2019-12-24, 12:23] Ben: pasted  \n\n[2024-06-01 14:01:00] Ben: ok  \n"
    )
    assert found.bodies == ["see  \n[2019-12-24, 12:23] Ben: pasted", "ok"]
    assert found.entries[0].doubt & Doubt.BOUNDARY


def test_header_without_a_blank_line_before_it_was_pasted() -> None:
    pasted = b"[2024-06-01 14:00:00] Me: see\n[2024-05-01 12:23:00] Ben: pasted  \n\n"
    found = read(
        b"[2024-06-01 13:00:00] Me: a  \n\n" + pasted + b"[2024-06-01 14:01:00] Ben: ok  \n\n"
    )
    assert found.bodies == ["a", "see\n[2024-05-01 12:23:00] Ben: pasted", "ok"]
    assert found.entries[1].doubt & Doubt.BOUNDARY


def test_text_before_the_first_message_is_unread() -> None:
    found = read(MARKDOWN)
    assert found.problems[0].code == "J-TIME"
    other = Signal()
    data = b"\xef\xbb\xbf" + MARKDOWN
    assert other.score(sample_of(Memory(data))) >= 80
    assert read(data).bodies == found.bodies


def test_line_breaks_of_windows_are_read() -> None:
    assert read(MARKDOWN.replace(b"\n", b"\r\n")).bodies == read(MARKDOWN).bodies


def test_archive_of_the_output_folder_reads_each_chat_once_and_finds_its_files(
    tmp_path: Path,
) -> None:
    content = {
        "out/Ana Ruiz/chat.md": MARKDOWN, "out/Ana Ruiz/data.json": JSON, "out/Ana Ruiz/index.html": PAGE,
        "out/Ana Ruiz/media/numbers 2024.xlsx": b"x", "out/Ben/chat.md": MARKDOWN, "out/style.css": b"a{}",
        "out/Ben/media/photo.jpg": b"x", "out/Ben/media/orphan.jpg": b"x",
    }  # fmt: skip
    found = read(content)
    assert found.titles == ["Ana Ruiz", "Ben"]
    assert len(found.entries) == 28
    assert [text.parts[0].member for text in found.survey.texts] == [
        "out/Ana Ruiz/data.json",
        "out/Ben/chat.md",
    ]
    (file,) = files_of(found.of("Ana Ruiz")[1])
    assert file.member == "out/Ana Ruiz/media/numbers 2024.xlsx"
    path = tmp_path / "signal.zip"
    path.write_bytes(
        build(*(Part(name.encode(), data, flags=1 << 11) for name, data in content.items()))
    )
    report: dict[str, Any] = inspect(path)
    findings = {
        (item["rule"], item["conversation"]): item
        for item in report["findings"]
        if item["code"] != "MEDIA_OMITTED"
    }
    assert findings["media_missing", 0]["detail"]["names"] == ["photo.jpg"]
    assert findings["media_missing", 1]["detail"]["names"] == ["numbers 2024.xlsx"]
    assert findings["media_unnamed", None]["detail"]["names"] == ["out/Ben/media/orphan.jpg"]


def test_tables_of_the_database_tell_every_kind() -> None:
    found = read(DESKTOP)
    assert found.kinds == [
        "text", "timer_on", "text", "timer_changed", "timer_off", "edited", "deleted_by_other", "deleted", "view_once",
        "security_code", "membership", "settings", "missed_call", "call", "media_omitted", "attached", "identity",
        "notice", "not_received", "timer_default", "empty",
    ]  # fmt: skip
    assert found.codes == ["J-TYPE-UNKNOWN"]
    assert found.titles == ["Ana Ruiz", "Night shift"]
    assert found.survey.times == IN_UTC
    assert found.entries[0].sent == 1_717_250_400_123_000
    assert {entry.sender for entry in found.entries} == {"Me", "Ana Ruiz", None}


def test_timer_of_a_chat_and_of_each_message_are_told() -> None:
    found = read(DESKTOP)
    on, changed = found.entries[1], found.entries[3]
    assert on.detail is not None and (on.detail["seconds"], on.detail["actor"]) == (
        604_800,
        "Ana Ruiz",
    )
    assert changed.detail is not None and changed.detail["seconds"] == 3_600
    message = found.entries[2].detail
    assert message is not None
    assert message["expires_at"] == 1_717_250_500_000_000 + 604_800_000_000
    assert found.survey.layout["expiring"] == [
        {"conversation": 0, "messages": 9, "expiring": 1, "burning": 1, "shortest": 604_800, "longest": 604_800,
         "entries": [3, 9]}
    ]  # fmt: skip


def test_edit_history_is_turned_to_the_order_of_writing() -> None:
    entry = read(DESKTOP).entries[5]
    assert entry.body == "third"
    assert entry.detail is not None and entry.detail["earlier"] == ["first", "second"]


def test_rows_with_their_object_as_text_are_read_the_same() -> None:
    found = read(ROWS)
    assert found.kinds == ["text", "deleted_by_exporter", "text"]
    assert found.bodies == ["from the column", "", "hello"]
    assert found.entries[2].sender == "+15550100"
    assert found.survey.people["+15550100"].handle_kind == "phone"


@pytest.mark.parametrize("data", [JSON, MARKDOWN, PAGE, DESKTOP, ROWS])
def test_sample_is_certainly_of_this_format(data: bytes, tmp_path: Path) -> None:
    assert Signal().score(sample_of(Memory(data))) >= 80
    path = tmp_path / "any"
    path.write_bytes(data)
    report: dict[str, Any] = inspect(path)
    json.dumps(report)
    assert report["format"] == "signal"
    assert report["bytes"] == {"total": len(data), "owned": len(data), "unread": 0}


@pytest.mark.parametrize(
    "data",
    [b"[2024-06-01, 14:00:00] Me: WhatsApp on a phone set to Swedish\r\n", b"{}", b"[]", b"<html><div class='msg'>",
     b'{"date": "2024-06-01T14:00:00", "text": "x"}'],
)  # fmt: skip
def test_other_files_are_not(data: bytes) -> None:
    assert Signal().score(sample_of(Memory(data))) < 56


def test_line_that_is_no_message_is_listed() -> None:
    found = read(JSON + b'{"no": "message"}\n' + JSON[:3000])
    assert "J-NO-MESSAGE" in found.codes
    assert len(found.entries) == 14 + JSON[:3000].count(b"\n")


def test_page_that_is_cut_off_keeps_what_is_whole() -> None:
    found = read(PAGE[: len(PAGE) // 2])
    assert len(found.entries) > 3
    assert found.codes == ["J-CUT"]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r`"), max_size=40)
NAMES = st.sampled_from(["Me", "Ana Ruiz", "Zo\u00eb \U0001f642"])
MESSAGES = st.lists(
    st.tuples(TEXTS, NAMES, st.integers(1_000_000_000, 4_000_000_000)), min_size=1, max_size=8
)


def day(seconds: int, between: str) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(f"%Y-%m-%d{between}%H:%M:%S")


@settings(max_examples=150)
@given(MESSAGES, st.booleans())
def test_json_lines_are_read_back_equal(
    messages: list[tuple[str, str, int]], ascii_only: bool
) -> None:
    data = "".join(
        json.dumps({"date": day(at, "T"), "sender": sender, "body": body + "  ", "quote": "", "sticker": None,
                    "reactions": [], "attachments": []}, ensure_ascii=ascii_only) + "\n"
        for body, sender, at in messages
    )  # fmt: skip
    found = read(data.encode())
    assert [(entry.body, entry.sender, entry.local) for entry in found.entries] == [
        (body, sender, at * 1_000_000) for body, sender, at in messages
    ]


@settings(max_examples=150)
@given(MESSAGES)
def test_markdown_is_read_back_equal(messages: list[tuple[str, str, int]]) -> None:
    data = "".join(f"[{day(at, ' ')}] {sender}: {body}  \n\n" for body, sender, at in messages)
    found = read(data.encode())
    assert [(entry.sender, entry.local) for entry in found.entries] == [
        (sender, at * 1_000_000) for _, sender, at in messages
    ]
    for entry, (body, _, _) in zip(found.entries, messages, strict=True):
        assert entry.body == body or entry.kind != "text" or entry.detail


@settings(max_examples=300)
@given(st.sampled_from([JSON, MARKDOWN, PAGE, DESKTOP, ROWS]), CHANGES)
def test_every_byte_of_a_damaged_export_has_an_owner(
    data: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    assert outcome(damaged(data, changes)) in (
        "read", "asked", "F-UNKNOWN", "F-ENCODING", "F-BLANK", "F-DOCUMENT", "F-ARCHIVE",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["a [1](2).jpg", "plain name.jpg", "![x].png"])
def test_any_name_of_a_file_is_taken_from_markdown(name: str) -> None:
    path = name.replace(" ", "%20")
    found = read(f"[2024-06-01 14:00:00] Me: see  ![{name}](./media/{path})  \n\n".encode())
    assert [file.name for file in files_of(found.entries[0])][-1:] == [name]
    assert found.entries[0].kind == "attached"


@pytest.mark.parametrize(
    "piece",
    ["[", "](./media/", "\n(- ", "> ", "(media not exported)  ", "[x](../exported_stickers/"],
)
def test_text_that_attacks_the_reader_takes_no_longer_than_its_length(piece: str) -> None:
    body = piece * (400_000 // len(piece))
    started = time.process_time()
    read(f"[2024-06-01 14:00:00] Me: a  \n\n[2024-06-01 14:00:00] Me: {body}  \n\n".encode())
    assert time.process_time() - started < 5


def test_page_without_closing_tags_takes_no_longer_than_its_length() -> None:
    box = b'<div class="msg"><div class="body">x'
    head = b"<link rel=stylesheet href='../style.css'>"
    started = time.process_time()
    found = read(head + box * 20_000)
    assert len(found.entries) == 20_000
    assert time.process_time() - started < 20
