"""iMessage: the text and the HTML of imessage-exporter."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats.base import LOCAL, files_of
from records.formats.imessage import Imessage
from records.formats.sniff import sample_of
from records.inspection import inspect
from tests.formats.archive_maker import Part, build
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, outcome, read

SAMPLES = Path(__file__).parent / "samples" / "imessage"
NAME = "Night shift - 12"
TEXT = (SAMPLES / f"{NAME}.txt").read_bytes()
PAGE = (SAMPLES / f"{NAME}.html").read_bytes()


def detail(data: bytes, number: int) -> dict[str, Any]:
    """What is known of an entry besides its text."""
    found = read(data).entries[number].detail
    return dict(found or {})


def moment(local: int | None) -> str:
    assert local is not None
    return datetime.fromtimestamp(local / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def test_text_tells_every_kind() -> None:
    found = read(TEXT)
    assert found.kinds == [
        "settings", "text", "attached", "text", "text", "media_omitted", "deleted_by_exporter", "edited",
        "deleted_by_other", "deleted_by_other", "membership", "membership", "notice", "kept", "attached", "location",
    ]  # fmt: skip
    assert found.codes == ["J-TYPE-UNKNOWN"]
    assert found.survey.times == LOCAL
    assert found.survey.people["Me"].exporter
    assert found.survey.people["+15550100"].handle_kind == "phone"
    assert found.survey.people["ben@agency.example"].handle_kind == "email"
    assert found.entries[15].sender is None


def test_page_tells_every_kind() -> None:
    found = read(PAGE)
    assert found.kinds == [
        "settings", "text", "attached", "text", "deleted_by_exporter", "edited", "deleted_by_other", "media_omitted",
        "membership",
    ]  # fmt: skip
    assert found.problems == []
    assert found.bodies[1] == "Good morning \U0001f600 & all\nsecond line"
    assert found.bodies[2] == "See the picture"
    assert found.entries[1].detail == {"id": "AAAA-1", "service": "iMessage"}


def test_times_of_both_halves_of_the_day_are_read() -> None:
    found = read(TEXT)
    assert moment(found.entries[2].local) == "2022-07-05 08:02:09"
    assert moment(found.entries[3].local) == "2022-07-05 22:02:09"
    assert found.entries[2].written == "Jul 05, 2022  8:02:09 AM"
    assert found.entries[2].sent is None
    assert read(TEXT, time_zone="America/New_York").entries[2].sent is not None


def test_message_without_a_date_has_none() -> None:
    found = read(TEXT.replace(b"Jul 05, 2022  8:01:00 AM\n", b"Jan 01, 2001 12:00:00 AM\n"))
    assert found.entries[1].local is None
    assert "J-TIME" in found.codes


def test_blank_lines_inside_a_text_belong_to_it() -> None:
    assert read(TEXT).bodies[2] == "First line\n\nthird line, with more"


def test_reply_under_its_message_is_counted_once_as_a_message_of_its_own() -> None:
    for data, number in ((TEXT, 3), (PAGE, 2)):
        found = read(data)
        assert detail(data, number)["replies"] == 1
        assert found.bodies.count("Like this") == 1
        assert detail(data, number + 1)["reply"] is True


def test_reactions_receipts_and_effects_stand_in_the_detail() -> None:
    assert detail(TEXT, 2)["reactions"] == [["Me", "Loved"], ["Ben", "Disliked"]]
    assert detail(TEXT, 2)["read"] == "Read by you after 1 hour, 49 seconds"
    assert detail(PAGE, 2)["reactions"] == ["Loved by Me"]
    assert detail(PAGE, 2)["effect"] == "Sent with Echo"
    assert detail(TEXT, 14)["effect"] == "Sent with Invisible Ink"


def test_edit_shows_all_texts_before_the_last() -> None:
    entry = read(TEXT).entries[7]
    assert entry.body == "Meet at ten"
    assert detail(TEXT, 7)["earlier"] == ["Met at nine", "Meet at nine"]
    assert read(PAGE).bodies[5] == "Meet at nine"
    assert detail(PAGE, 5)["earlier"] == ["Met at nine"]


def test_message_deleted_from_the_conversation_keeps_its_text() -> None:
    assert read(TEXT).bodies[6] == "Forget it"
    assert detail(TEXT, 6)["earlier"] == detail(PAGE, 4)["earlier"] == ["Forget it"]


def test_unsent_message_says_by_whom() -> None:
    you = TEXT.replace(b"They unsent this message part", b"You unsent this message part")
    assert read(you).kinds[8] == "deleted_by_exporter"
    old = TEXT.replace(
        b"They unsent this message part 5 seconds after sending!", b"They deleted a message."
    )
    assert read(old).kinds[8] == "deleted_by_other"


def test_announcement_names_who_did_what() -> None:
    assert detail(TEXT, 0) == {"actor": "You", "title": "Night shift"}
    assert detail(TEXT, 10) == {"actor": "You", "other": "ben@agency.example"}
    assert read(TEXT).entries[11].sender == "Ana Ruiz"


def test_stamp_inside_a_text_starts_no_message() -> None:
    data = b"Jul 05, 2022  8:01:00 AM\nMe\nsee\nJul 04, 2022  8:01:00 AM\nBen\npasted\n\n"
    found = read(data)
    assert found.bodies == ["see\nJul 04, 2022  8:01:00 AM\nBen\npasted"]


@pytest.mark.parametrize("form", ["txt", "html"])
def test_archive_of_the_folder_finds_its_files(form: str, tmp_path: Path) -> None:
    data = TEXT if form == "txt" else PAGE
    content = {
        f"export/{NAME}.{form}": data,
        "export/attachments/12/IMG_0001.jpeg": b"x",
        "export/attachments/12/orphan.jpeg": b"x",
    }
    found = read(content)
    assert found.titles == [NAME]
    assert files_of(found.entries[2])[0].member == "export/attachments/12/IMG_0001.jpeg"
    path = tmp_path / "imessage.zip"
    path.write_bytes(
        build(*(Part(name.encode(), data, flags=1 << 11) for name, data in content.items()))
    )
    report: dict[str, Any] = inspect(path)
    (orphan,) = [item for item in report["findings"] if item["rule"] == "media_unnamed"]
    assert orphan["detail"]["names"] == ["export/attachments/12/orphan.jpeg"]
    missing = [
        item["detail"].get("names")
        for item in report["findings"]
        if item["code"] == "MEDIA_MISSING"
    ]
    assert missing == ([["report.pdf"]] if form == "txt" else [])


def test_conversation_in_both_forms_is_read_once() -> None:
    found = read({f"{NAME}.txt": TEXT, f"{NAME}.html": PAGE, "orphaned.txt": TEXT})
    assert [text.parts[0].member for text in found.survey.texts] == [f"{NAME}.html", "orphaned.txt"]
    assert found.survey.layout["pictures"] == [f"{NAME}.txt"]


def test_line_breaks_of_windows_and_a_byte_order_mark_are_read() -> None:
    assert read(TEXT.replace(b"\n", b"\r\n")).bodies == read(TEXT).bodies
    assert read(b"\xef\xbb\xbf" + TEXT).bodies == read(TEXT).bodies


def test_page_that_is_cut_off_keeps_what_is_whole() -> None:
    found = read(PAGE[: PAGE.index(b"AAAA-5") + 100])
    assert found.kinds[:5] == read(PAGE).kinds[:5]
    assert found.codes == ["J-CUT"]


def test_text_before_the_first_message_is_unread() -> None:
    found = read(b"words\n\n" + TEXT)
    assert (found.problems[0].code, found.problems[0].length) == ("J-BEFORE-FIRST", 7)
    assert found.bodies == read(TEXT).bodies


@pytest.mark.parametrize("data", [TEXT, PAGE])
def test_sample_is_certainly_of_this_format(data: bytes, tmp_path: Path) -> None:
    assert Imessage().score(sample_of(Memory(data))) >= 90
    path = tmp_path / "any"
    path.write_bytes(data)
    report: dict[str, Any] = inspect(path)
    json.dumps(report)
    assert report["format"] == "imessage"
    assert report["bytes"] == {"total": len(data), "owned": len(data), "unread": 0}


@pytest.mark.parametrize(
    "data",
    [b"", b"Jul 05, 2022", b'<html><div class="message">x</div>', b"May 17, 2022 5 PM\nMe\n"],
)
def test_other_files_are_not(data: bytes) -> None:
    assert Imessage().score(sample_of(Memory(data))) == 0


LINES = st.text(
    st.characters(exclude_categories=["Cs", "Zs"], exclude_characters="\0\r\n/~\\"),
    min_size=1,
    max_size=20,
)
MESSAGES = st.lists(
    st.tuples(
        st.lists(LINES, min_size=1, max_size=3),
        st.sampled_from(["Me", "Ana Ruiz", "+15550100"]),
        st.integers(1_100_000_000, 4_000_000_000),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150)
@given(MESSAGES)
def test_text_is_read_back_equal(messages: list[tuple[list[str], str, int]]) -> None:
    blocks = []
    for lines, sender, at in messages:
        moment = datetime.fromtimestamp(at, UTC)
        stamp = f"{moment:%b %d, %Y} {moment.hour % 12 or 12:>2}:{moment:%M:%S %p}"
        blocks.append("\n".join([stamp, sender, *lines, "", ""]))
    found = read("".join(blocks).encode())
    assert [(entry.body, entry.sender, entry.local) for entry in found.entries] == [
        ("\n".join(lines), sender, at * 1_000_000) for lines, sender, at in messages
    ]


@settings(max_examples=300)
@given(st.sampled_from([TEXT, PAGE]), CHANGES)
def test_every_byte_of_a_damaged_export_has_an_owner(
    data: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    assert outcome(damaged(data, changes)) in (
        "read", "asked", "F-UNKNOWN", "F-ENCODING", "F-BLANK", "F-DOCUMENT", "F-ARCHIVE",
    )  # fmt: skip


@pytest.mark.parametrize(
    "piece", [" added ", "x unsent this message part!", "Edited 1 later: ", " by ", "    ", "/a"]
)
def test_text_that_attacks_the_reader_takes_no_longer_than_its_length(piece: str) -> None:
    body = piece * (400_000 // len(piece))
    stamp = "Jul 05, 2022  8:01:00 AM"
    started = time.process_time()
    read(f"{stamp}\nMe\n{body}\n\n{stamp} {body}\n\n{stamp}\nMe\nTapbacks:\n{body}\n\n".encode())
    assert time.process_time() - started < 5
