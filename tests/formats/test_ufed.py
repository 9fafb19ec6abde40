"""Cellebrite reports: each message of a chat once, with its fate on the device and its files beside the report."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.formats.base import Kind, Rejected, Sample, files_of
from records.formats.ufed import Ufed
from records.inspection import inspect
from tests.formats.archive_maker import Part, build
from tests.formats.memory import Memory, Read, read, read_by

REPORT = (Path(__file__).parent / "samples" / "ufed" / "report.xml").read_bytes()
START = b'<project id="1" extractionType="x" xmlns="http://pa.cellebrite.com/report/2.0">\n<decodedData>'
NOON = 1_709_553_600_000_000  # 2024-03-04 12:00 UTC


@pytest.fixture(scope="module")
def report() -> Read:
    return read(REPORT)


def message(
    body: str, sender: str = "+12025550101", time: str = "2024-03-04T12:00:00Z", inside: str = ""
) -> str:
    return (
        '<model type="InstantMessage" id="m" deleted_state="Intact">'
        '<modelField name="From" type="Party"><model type="Party">'
        f'<field name="Identifier"><value>{escape(sender)}</value></field></model></modelField>'
        f'<field name="Body"><value>{escape(body)}</value></field>'
        f'<field name="TimeStamp"><value>{time}</value></field>{inside}</model>\n'
    )


def chat(*messages: str, name: str = "A") -> str:
    return (
        f'<modelType type="Chat"><model type="Chat" id="c"><field name="Name"><value>{escape(name)}</value></field>'
        f'<multiModelField name="Messages">{"".join(messages)}</multiModelField></model></modelType>'
    )


def whole(*parts: str) -> bytes:
    return START + "".join(parts).encode() + b"</decodedData></project>"


def test_each_message_of_a_chat_is_counted_once_and_quotes_are_not(report: Read) -> None:
    assert REPORT.count(b'<model type="InstantMessage"') == 11
    assert len(report.entries) == 10
    assert report.titles == [
        "Gate & crew (WhatsApp)", "+1 202 555 0103", "Messages of Threema in no chat",
    ]  # fmt: skip
    assert report.entries[2].detail == {"id": "wa-2", "reply_to": "wa-1", "labels": ["Reply"]}


def test_bodies_are_kept_as_they_stand_in_cdata(report: Read) -> None:
    assert report.bodies[1] == "Who has the <key>?\nSecond line &amp; so"


def test_times_name_their_distance_from_utc(report: Read) -> None:
    assert report.entries[1].sent == NOON
    assert report.entries[1].written == "2024-03-04T07:00:00.000-05:00"
    # A time without a zone is a clock reading.
    assert (report.entries[8].sent, report.entries[8].local) == (None, NOON + 86_400_000_000)
    assert report.entries[9].local is None
    assert "J-TIME" in report.codes


def test_people_are_known_by_their_identifier_and_the_owner_is_marked(report: Read) -> None:
    senders = [entry.sender for entry in report.entries]
    assert senders[:6] == [
        None,
        "Lee Okafor",
        "Dana Reyes",
        "Lee Okafor",
        "Dana Reyes",
        "Dana Reyes",
    ]
    people = report.survey.people
    assert people["Lee Okafor"].handle == "12025550102@s.whatsapp.net"
    assert people["Lee Okafor"].handle_kind == "account"
    assert people["+1 202 555 0103"].handle_kind == "phone"
    assert [name for name, person in people.items() if person.exporter] == ["Dana Reyes"]


def test_message_that_was_deleted_and_recovered_says_so_and_keeps_its_words(report: Read) -> None:
    entry = report.entries[3]
    assert (entry.kind, entry.body) == (Kind.DELETED, "nobody should know")
    assert entry.detail == {
        "deleted_state": "Deleted", "was": "text", "decoding_confidence": "Medium", "earlier": ["nobody should know"],
    }  # fmt: skip
    assert report.entries[4].detail["deleted_state"] == "Unknown"  # type: ignore[index]
    assert report.entries[4].kind == Kind.ATTACHED


def test_kinds_are_those_of_the_report(report: Read) -> None:
    assert report.kinds == [
        "notice", "text", "text", "deleted", "attached", "edited", "membership", "notice", "location", "text",
    ]  # fmt: skip
    assert report.codes == ["J-TYPE-UNKNOWN", "J-TIME", "U-OTHER"]
    assert "SMS" in report.problems[-1].words
    assert report.entries[8].detail == {"location": {"latitude": "38.9", "longitude": "-77.0"}}


def test_files_lie_beside_the_report(report: Read) -> None:
    packed = read({"case/report.xml": REPORT, "case/files/Image/gate.jpg": b"photo"})
    picture, clip = files_of(packed.entries[4])
    assert (picture.member, picture.type) == ("case/files/Image/gate.jpg", "image/jpeg")
    assert (clip.member, bool(clip.left_out)) == (None, True)
    assert packed.survey.variant == "ufdr"
    assert files_of(report.entries[4])[0].member is None


def test_inspect_finds_what_was_lost(tmp_path: Path) -> None:
    path = tmp_path / "phone.ufdr"
    path.write_bytes(build(Part(b"report.xml", REPORT)))
    found = inspect(path)
    assert (found["format"], found["entries"]) == ("ufed", 10)
    assert found["bytes"]["owned"] == found["bytes"]["total"]  # type: ignore[index]
    rules = {item["rule"] for item in found["findings"]}  # type: ignore[union-attr, index]
    assert {"messages_deleted", "edited", "media_missing"} <= rules
    json.dumps(found)


def test_report_that_was_cut_keeps_what_is_whole(report: Read) -> None:
    place = report.entries[3].offset + 200
    found = read(REPORT[:place])
    assert found.entries == report.entries[:3]
    assert found.codes == ["J-CUT"]


def test_report_with_a_document_type_is_refused() -> None:
    with pytest.raises(Rejected, match="F-DOCTYPE"):
        read(b"<?xml version='1.0'?><!DOCTYPE project []>" + whole(chat(message("x"))))


def test_memory_does_not_grow_with_parts_that_are_not_read() -> None:
    other = "".join(
        f'<model type="Image" id="{n}"><field name="x"><value>{n}</value></field></model>'
        for n in range(60_000)
    )
    data = whole(f'<modelType type="Image">{other}</modelType>', chat(message("x")))
    tracemalloc.start()
    found = read_by(Ufed(), Memory(data), {})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.bodies == ["x"]
    assert peak < 4_000_000


@pytest.mark.parametrize(
    ("head", "score"),
    [(REPORT, 96), (START, 96), (b"<project extractionType='x'>", 60), (b"<project name='maven'>", 0),
     (b"<?xml version='1.0'?><smses count='1'>", 0), (b"text <project xmlns='http://pa.cellebrite.com/report/2.0'>", 0),
     (b"", 0)],
)  # fmt: skip
def test_score_is_told_by_the_root(head: bytes, score: int) -> None:
    assert Ufed().score(Sample("report.xml", head)) == score


def test_maven_project_in_an_archive_is_no_report() -> None:
    assert Ufed().score(Sample("a.zip", b"", ("a/b/report.xml",), lambda name: REPORT)) == 0
    assert Ufed().score(Sample("a.zip", b"", ("pom.xml",), lambda name: REPORT)) == 0


TEXTS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
    ),
    max_size=40,
)


@given(
    st.lists(
        st.tuples(TEXTS, st.from_regex(r"\+1202555\d{4}", fullmatch=True), st.booleans()),
        max_size=8,
    ),
    TEXTS,
)
def test_whatever_is_written_is_read_back(rows: list[tuple[str, str, bool]], name: str) -> None:
    quote = (
        '<modelField name="Quoted"><model type="InstantMessage" id="q"><field name="Body"><value>q</value></field>'
        "</model></modelField>"
    )
    messages = [
        message(body, sender, f"2024-03-04T12:00:{at:02d}Z", quote if quoted else "")
        for at, (body, sender, quoted) in enumerate(rows)
    ]
    found = read_by(Ufed(), Memory(whole(chat(*messages, name=name))), {})
    assert found.bodies == [body for body, *_ in rows]
    assert [entry.sender for entry in found.entries] == [sender for _, sender, _ in rows]
    assert [entry.sent for entry in found.entries] == [
        NOON + at * 1_000_000 for at in range(len(rows))
    ]
    assert found.titles == ([name or "Chat without a name"] if rows else [])
