"""SMS Backup & Restore: messages, calls, files inside the text, and the count that the file declares."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.formats.base import Kind, Rejected, Sample, files_of
from records.formats.sms_backup import SmsBackup
from records.inspection import inspect
from tests.environment import CORPUS
from tests.formats.archive_maker import Part, build
from tests.formats.memory import Read, read

SAMPLES = Path(__file__).parent / "samples" / "sms_backup"
MESSAGES = (SAMPLES / "messages.xml").read_bytes()
CALLS = (SAMPLES / "calls.xml").read_bytes()
EXPECTED = (
    json.loads((CORPUS / "expected.json").read_text("utf-8"))
    if (CORPUS / "expected.json").exists()
    else {}
)


@pytest.fixture(scope="module")
def messages() -> Read:
    return read(MESSAGES)


def smses(*lines: str, count: int | None = None) -> bytes:
    declared = len(lines) if count is None else count
    return "\n".join(
        ("<?xml version='1.0'?>", f'<smses count="{declared}">', *lines, "</smses>")
    ).encode()


def sms(body: str = "x", **fields: str) -> str:
    fields = {
        "address": "+12025550101",
        "date": "1709553600000",
        "type": "1",
        "body": body,
    } | fields
    return f"<sms {' '.join(f'{key}={quoteattr(value)}' for key, value in fields.items())} />"


@pytest.mark.parametrize("key", ["X01", "X02", "X03"])
def test_real_backup_is_read_as_it_was_counted_by_hand(corpus: Path, key: str) -> None:
    want = EXPECTED[key]
    report = inspect(corpus / key / want["file"])
    assert (report["format"], report["entries"]) == ("sms_backup", want["entries"])
    assert report["bytes"] == {"total": want["bytes"], "owned": want["bytes"], "unread": 0}
    assert report["sha256"] == want["sha256"]
    counts = [item for item in report["findings"] if item["rule"] == "count_mismatch"]
    assert [item["count"] for item in counts] == ([2436] if key == "X03" else [])


def test_real_backup_that_is_not_well_formed_is_partly_read(corpus: Path) -> None:
    report = inspect(corpus / "X04" / EXPECTED["X04"]["file"])
    assert (report["verdict"], report["entries"]) == ("partly_read", 0)
    assert report["bytes"]["owned"] == EXPECTED["X04"]["bytes"]  # type: ignore[index]
    assert {item["code"] for item in report["problems"]} == {"J-MALFORMED", "J-COUNT"}  # type: ignore[union-attr, index]


def test_messages_stand_under_their_number_and_name(messages: Read) -> None:
    assert messages.titles == [
        "Dana Reyes", "+12025550102", "55555", "Dana Reyes, Lee Okafor", "Me",
    ]  # fmt: skip
    assert [entry.sender for entry in messages.of("Dana Reyes")][:3] == ["Dana Reyes", "Me", "Me"]
    people = messages.survey.people
    assert people["Dana Reyes"].handle == "+12025550101"
    assert people["Dana Reyes"].handle_kind == "phone"
    assert [name for name, person in people.items() if person.exporter] == ["Me"]
    # A contact who is called "Me" is not the phone's owner.
    assert messages.entries[-1].sender == "Me (+12025550104)"


def test_bodies_are_as_people_saw_them(messages: Read) -> None:
    assert messages.bodies[:5] == [
        "Where are you\nnow?", "At the gate \U0001f600", "do not send this", 'He said "no" & left', "late",
    ]  # fmt: skip
    assert messages.entries[11].body == "half \ufffd only"
    assert "J-ENCODING" in messages.codes


def test_times_are_moments(messages: Read) -> None:
    assert messages.entries[0].sent == 1_709_553_600_000_000
    assert messages.entries[0].written == "1709553600000"
    assert messages.entries[11].sent is None
    assert "J-TIME" in messages.codes
    local = read(MESSAGES, time_zone="America/New_York").entries[0].local
    assert local == 1_709_553_600_000_000 - 5 * 3_600_000_000


def test_what_was_never_sent_is_said(messages: Read) -> None:
    folders = [(entry.detail or {}).get("folder") for entry in messages.entries]
    assert folders[:4] == [None, None, "draft", "failed"]
    assert folders[11] == "unknown (9)"
    assert messages.entries[3].detail == {"folder": "failed", "delivery": "failed"}


def test_a_message_that_came_late_tells_when_it_was_sent(messages: Read) -> None:
    assert messages.entries[4].detail == {"date_sent": 1_709_550_000_000_000}
    assert messages.entries[0].detail is None


def test_the_same_message_twice_is_kept_and_told(messages: Read) -> None:
    assert messages.entries[5].detail["same_as"] == 5  # type: ignore[index]
    assert messages.codes.count("S-TWICE") == 1


def test_file_of_a_multimedia_message_is_found_by_its_place(messages: Read) -> None:
    entry = messages.entries[7]
    (file,) = files_of(entry)
    assert (entry.kind, entry.body, file.name, file.type) == (
        Kind.ATTACHED, "the north gate", "gate.png", "image/png",
    )  # fmt: skip
    assert file.offset is not None
    content = MESSAGES[file.offset : file.offset + file.length]
    assert file.encoding == "base64"
    assert base64.b64decode(content).startswith(b"\x89PNG")
    assert entry.detail["subject"] == "Gate pictures"  # type: ignore[index]


def test_group_message_names_its_sender_and_who_got_it(messages: Read) -> None:
    entry = messages.entries[8]
    assert entry.sender == "+12025550103"
    assert entry.detail == {"id": "mid-0002@example.gov", "to": ["+12025550101", "+12025550199"]}


def test_part_without_content_was_left_out(messages: Read) -> None:
    entry = messages.entries[9]
    assert (entry.kind, entry.sender, entry.attachment) == (Kind.MEDIA_OMITTED, "Me", "clip.mp4")
    assert "no content" in files_of(entry)[0].left_out


def test_announced_message_that_was_never_fetched_was_not_received(messages: Read) -> None:
    assert messages.entries[10].kind == Kind.NOT_RECEIVED
    assert messages.entries[10].detail == {"expiry": "1710176400"}


def test_message_without_words_is_empty(messages: Read) -> None:
    assert messages.entries[6].kind == Kind.EMPTY


def test_calls_are_told_with_their_length() -> None:
    calls = read(CALLS)
    assert calls.kinds == ["call", "call", "missed_call", "missed_call", "call", "notice"]
    assert calls.entries[0].detail == {"call": "incoming call", "duration": 65}
    assert [entry.sender for entry in calls.entries][:4] == [
        "Dana Reyes",
        "Me",
        "+12025550102",
        None,
    ]
    assert calls.titles == ["Dana Reyes", "+12025550102", "Number withheld"]
    assert calls.codes == ["J-TYPE-UNKNOWN"]


def test_messages_and_calls_of_one_archive_are_read_together() -> None:
    found = read({"backup/calls-1.xml": CALLS, "backup/sms-1.xml": MESSAGES, "readme.xml": b"<a/>"})
    assert len(found.survey.texts) == 2
    assert len(found.entries) == 19
    assert found.survey.texts[0].parts[0].member == "backup/calls-1.xml"


@pytest.mark.parametrize(("count", "codes"), [(2, []), (5, ["J-COUNT"]), (1, ["J-COUNT"])])
def test_declared_count_is_compared_and_never_trusted(count: int, codes: list[str]) -> None:
    found = read(smses(sms("a"), sms("b"), count=count))
    assert found.codes == codes
    assert found.survey.layout["counts"] == [
        {"noun": "message", "declared": count, "found": 2, "place": ""}
    ]


def test_backup_that_was_cut_keeps_what_is_whole() -> None:
    whole = read(MESSAGES)
    at = MESSAGES.index(b"<sms", whole.entries[5].offset + 10) - 20
    found = read(MESSAGES[:at])
    assert found.entries == whole.entries[:5]
    assert "J-CUT" in found.codes


def test_element_that_is_no_message_is_listed() -> None:
    found = read(smses(sms("a"), '<chat body="x"/>', sms("b"), count=2))
    assert found.bodies == ["a", "b"]
    assert found.codes == ["J-NO-MESSAGE"]


def test_backup_with_a_document_type_is_refused() -> None:
    data = smses(sms("&lol;")).replace(
        b"<smses", b'<!DOCTYPE smses [<!ENTITY lol "lol">]><smses', 1
    )
    with pytest.raises(Rejected, match="F-DOCTYPE"):
        read(data)


@pytest.mark.parametrize(
    ("head", "least", "most"),
    [(MESSAGES, 90, 100), (CALLS, 90, 100), (smses(), 80, 80), (b"<?xml version='1.0'?><note>sms</note>", 0, 0),
     (b"Dear Sir, <smses count=", 0, 0), (b"<smsesx a='b'>", 0, 0), (b"", 0, 0)],
)  # fmt: skip
def test_score_is_told_by_bytes(head: bytes, least: int, most: int) -> None:
    assert least <= SmsBackup().score(Sample("sms-20240305.xml", head)) <= most


def test_inspect_reports_a_packed_backup(tmp_path: Path) -> None:
    path = tmp_path / "sms.zip"
    path.write_bytes(build(Part(b"sms-1.xml", MESSAGES), Part(b"calls-1.xml", CALLS)))
    report = inspect(path)
    assert report["format"] == "sms_backup"
    assert report["bytes"]["owned"] == report["bytes"]["total"]  # type: ignore[index]
    rules = {item["rule"] for item in report["findings"]}  # type: ignore[union-attr, index]
    assert {"media_omitted", "not_received"} <= rules or "media_missing" in rules
    json.dumps(report)


def in_halves(letter: str) -> str:
    high, low = memoryview(letter.encode("utf-16-le")).cast("H")
    return f"&#{high};&#x{low:x};"


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40)
NUMBERS = st.from_regex(r"\+1202555\d{4}", fullmatch=True)


@given(
    st.lists(
        st.tuples(NUMBERS, TEXTS, st.integers(1, 4_000_000_000_000), st.sampled_from("12"), st.binary(max_size=30)),
        max_size=8,
    ),
    st.booleans(),
)  # fmt: skip
def test_whatever_is_written_is_read_back(
    rows: list[tuple[str, str, int, str, bytes]], halves: bool
) -> None:
    lines = []
    for number, body, moment, box, content in rows:
        if not content:
            lines.append(sms(body, address=number, date=str(moment), type=box))
            continue
        data = base64.b64encode(content).decode()
        lines.append(
            f'<mms date="{moment}" msg_box="{box}" address="{number}"><parts>'
            f'<part ct="text/plain" text={quoteattr(body)}/><part ct="a/b" cl="f" data="{data}"/></parts></mms>'
        )
    data = smses(*lines).decode()
    if halves:
        data = "".join(letter if ord(letter) < 0x10000 else in_halves(letter) for letter in data)
    data = data.encode()
    if b"\xef\xbf\xbe" in data or b"\xef\xbf\xbf" in data:
        return  # U+FFFE and U+FFFF cannot stand in XML
    found = read(data)
    bodies = [body if body != "null" else "" for _, body, *_ in rows]
    assert found.bodies == bodies
    assert [entry.sent for entry in found.entries] == [moment * 1_000 for _, _, moment, *_ in rows]
    for entry, (*_, content) in zip(found.entries, rows, strict=True):
        kept = [data[file.offset :][: file.length] for file in files_of(entry)]
        assert [base64.b64decode(part) for part in kept] == ([content] if content else [])
