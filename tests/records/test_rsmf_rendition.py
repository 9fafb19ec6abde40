"""A conversation as RSMF: it passes an independent check and loses nothing."""

from __future__ import annotations

import base64
import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from records.formats.base import Kind
from records.inspection import inspect
from records.models import Attachment, Conversation, FileContent, Message, MessageExport
from records.renditions import rsmf
from records.renditions.rsmf_events import stamp_of
from tests.formats.rsmf.writing import MANIFEST_2
from tests.formats.rsmf.writing import archive as rsmf_archive
from tests.formats.rsmf.writing import mail as rsmf_mail
from tests.records.exports import Desk, archive, chat
from tests.records.rsmf_check import Checked, check


def made(export: MessageExport, index: int = 0) -> bytes:
    return b"".join(rsmf.stream(Conversation.objects.get(export=export, index=index)))


def custom(told: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in told.get("custom", ())}


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


@pytest.fixture
def slice_(desk: Desk) -> tuple[MessageExport, Checked]:
    """An RSMF file of another maker, read and written again."""
    export = desk.read(rsmf_mail(rsmf_archive(MANIFEST_2)), name="slice.rsmf")
    return export, check(made(export))


def test_each_entry_is_an_event_in_order(desk: Desk) -> None:
    export = desk.read(chat(2_500))
    checked = check(made(export))
    rows = list(Message.objects.filter(export=export).order_by("seq").select_related("participant"))
    assert [event["body"] for event in checked.events] == [row.body for row in rows]
    assert [checked.people[event["participant"]]["display"] for event in checked.events] == [
        row.participant.name for row in rows
    ]
    assert [event.get("deleted", False) for event in checked.events] == [
        row.kind in ("deleted", "deleted_by_other", "deleted_by_exporter") for row in rows
    ]
    assert [custom(event)["Time as written"] for event in checked.events] == [
        row.written for row in rows
    ]
    assert [custom(event)["Entry"] for event in checked.events] == [str(row.seq) for row in rows]


def test_times_tell_the_devices_clock_and_its_distance_from_utc(desk: Desk) -> None:
    export = desk.read(b"1/20/21, 08:15 - Ann: Winter\n7/20/21, 08:15 - Ben: Summer\n")
    checked = check(made(export))
    assert [event["timestamp"] for event in checked.events] == [
        "2021-01-20T08:15:00-06:00",
        "2021-07-20T08:15:00-05:00",
    ]
    assert checked.headers["X-RSMF-BeginDate"] == "2021-01-20T14:15:00Z"


def test_the_file_says_where_it_comes_from(desk: Desk) -> None:
    export = desk.read(chat(3))
    checked = check(made(export))
    (room,) = checked.manifest["conversations"]
    told = custom(room)
    assert told["Message export"] == export.number
    assert told["SHA-256 of the sealed file"] == export.stored_file.sha256
    assert room["platform"] == export.tool.name == checked.headers["X-RSMF-Application"]
    assert checked.headers["X-RSMF-Custodian"] == export.custodian.person.name


def test_files_that_are_held_come_along_and_others_are_named(desk: Desk) -> None:
    text = (
        b"23/03/2022, 13:33 - Ann: IMG-1.jpg (file attached)\n"
        b"23/03/2022, 13:34 - Ben: IMG-2.jpg (file attached)\n"
        b"23/03/2022, 13:35 - Ben: <Media omitted>\n"
    )
    photo = bytes(range(256)) * 400
    export = desk.read(archive(text, {"IMG-1.jpg": photo}), name="chat.zip")
    checked = check(made(export))
    (file,) = checked.events[0]["attachments"]
    assert checked.files == {file["id"]: photo}
    assert (file["display"], file["size"]) == ("IMG-1.jpg", len(photo))
    assert file["id"].endswith(".jpg")
    assert "attachments" not in checked.events[1]
    assert custom(checked.events[1])["Files not held"] == "IMG-2.jpg (named, but not in the export)"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"scan": FileContent.Scan.INFECTED}, "in quarantine: the scanner calls it infected"),
        ({"unreadable": "damaged"}, "its bytes cannot be read"),
    ],
)
def test_files_in_quarantine_and_unreadable_ones_stay_behind(
    desk: Desk, change: dict[str, Any], reason: str
) -> None:
    text = b"23/03/2022, 13:33 - Ann: a.jpg (file attached)\n"
    export = desk.read(archive(text, {"a.jpg": b"x"}), name="chat.zip")
    if "scan" in change:
        content = FileContent.objects.create(
            sha256="0" * 64, size=1, media_type="image/jpeg", **change
        )
        Attachment.objects.filter(export=export).update(content=content)
    else:
        Attachment.objects.filter(export=export).update(**change)
    checked = check(made(export))
    assert checked.files == {}
    assert custom(checked.events[0])["Files not held"] == f"a.jpg ({reason})"


def test_a_damaged_file_stays_behind_also_before_anybody_has_looked(desk: Desk) -> None:
    text = b"23/03/2022, 13:33 - Ann: a.jpg (file attached)\n"
    packed = archive(text, {"a.jpg": b"picture of the gate"})
    export = desk.read(
        packed.replace(b"picture of the gate", b"picture of the goat"), name="chat.zip"
    )
    assert check(made(export)).files == {}


def test_a_file_inside_the_text_is_decoded(desk: Desk) -> None:
    content = base64.b64encode(b"photo").decode()
    text = (
        '<?xml version="1.0"?><smses count="1"><mms date="1709553600000" msg_box="1" address="+12025550101"><parts>'
        f'<part ct="image/jpeg" cl="gate.jpg" data="{content}"/></parts></mms></smses>'
    )
    export = desk.read(text.encode(), name="sms.xml")
    assert list(check(made(export)).files.values()) == [b"photo"]


def test_what_the_application_wrote_is_no_message(desk: Desk) -> None:
    text = (
        b"23/03/2022, 13:32 - Ann turned on disappearing messages. New messages will disappear from this chat 7 days "
        b"after they're sent.\n23/03/2022, 13:33 - Ann: Hello\n"
    )
    checked = check(made(desk.read(text)))
    timer, message = checked.events
    assert (timer["type"], custom(timer)["Kind"]) == ("unknown", "timer_on")
    assert json.loads(custom(timer)["Detail"])["seconds"] == 604_800
    assert message["type"] == "message"
    assert "Kind" not in custom(message)


def test_edits_reactions_receipts_and_replies_keep_their_properties(
    slice_: tuple[MessageExport, Checked],
) -> None:
    export, checked = slice_
    plain, attached, edited, deleted, joined, disclaimer = checked.events
    assert edited["edits"] == [
        {
            "participant": plain["participant"],
            "timestamp": "2024-03-04T08:03:00-05:00",
            "previous": "Thx",
            "new": "Thanks!",
        }
    ]
    assert (edited["parent"], edited["importance"]) == (attached["id"], "high")
    assert (deleted["deleted"], deleted["body"]) == (True, "Do not keep this")
    assert (joined["type"], disclaimer["type"]) == ("join", "disclaimer")
    # Whose account it was is known, so each message has a direction.
    assert (plain["direction"], attached["direction"]) == ("outgoing", "incoming")
    assert len(attached["attachments"]) == 2
    assert checked.people[plain["participant"]]["email"] == "dana.reyes@agency.example"
    other = check(made(export, 1))
    (message,) = other.events
    assert [(each["value"], each["count"]) for each in message["reactions"]] == [("thumbsup", 1)]


def test_receipts_of_people_in_the_conversation_are_kept(desk: Desk) -> None:
    told = json.loads(MANIFEST_2)
    told["events"][0]["read_receipts"] = [
        {"participant": "p2", "timestamp": "2024-03-04T08:00:30-05:00", "action": "read"}
    ]
    checked = check(made(desk.read(json.dumps(told).encode(), name="rsmf_manifest.json")))
    first, second = checked.events[:2]
    assert first["read_receipts"] == [
        {
            "participant": second["participant"],
            "timestamp": "2024-03-04T08:00:30-05:00",
            "action": "read",
        }
    ]


def test_our_own_reader_reads_it_without_a_complaint(desk: Desk, tmp_path: Any) -> None:
    text = chat(800)
    export = desk.read(archive(text, {"a.jpg": b"x" * 100_000}), name="chat.zip")
    path = tmp_path / "again.rsmf"
    path.write_bytes(made(export))
    report: dict[str, Any] = inspect(path)
    assert (report["format"], report["verdict"], report["problems"]) == ("rsmf", "accepted", [])
    assert report["entries"] == export.entries
    assert report["kinds"].get(Kind.DELETED, 0) == sum(
        count for kind, count in export.kinds.items() if kind.startswith("deleted")
    )


@pytest.mark.parametrize(
    "title", ["Caf\u00e9 \U0001f600 " * 30, 'X\r\nBcc: all@agency.example "', "--=_custos_rsmf", "a" * 290]
)  # fmt: skip
def test_no_title_breaks_the_mail(desk: Desk, title: str) -> None:
    export = desk.read(chat(3))
    Conversation.objects.filter(export=export).update(title=title[:300])
    checked = check(made(export))
    assert set(checked.headers) & {"Bcc"} == set()
    assert checked.manifest["conversations"][0]["display"] == title[:300]
    assert "".join(title.split())[:40] in "".join(checked.headers["Subject"].split())


def test_a_conversation_that_changes_meanwhile_breaks_the_file_off(desk: Desk) -> None:
    export = desk.read(chat(2_500))
    pieces = rsmf.stream(Conversation.objects.get(export=export))
    start = next(pieces)
    Message.objects.filter(export=export, seq__gt=2_000).delete()
    with pytest.raises(rsmf.ConversationChanged):
        list(pieces)
    assert b"EventCount: 2500" in start


def test_it_is_made_piece_by_piece(desk: Desk) -> None:
    text = b"23/03/2022, 13:33 - Ann: v.mp4 (file attached)\n"
    film = random.Random(1).randbytes(3_000_000)
    export = desk.read(archive(text, {"v.mp4": film}), name="chat.zip")
    pieces = list(rsmf.stream(Conversation.objects.get(export=export)))
    assert max(map(len, pieces)) < 300_000
    assert check(b"".join(pieces)).files


def test_every_time_that_a_row_can_have_is_a_time_stamp() -> None:
    moment = datetime(2024, 3, 4, 13, 0, tzinfo=UTC)
    micros = int(moment.timestamp()) * 1_000_000
    assert stamp_of(micros - 5 * 3_600_000_000, moment) == "2024-03-04T08:00:00-05:00"
    assert stamp_of(micros, moment) == "2024-03-04T13:00:00Z"
    assert stamp_of(None, moment) == "2024-03-04T13:00:00Z"
    assert (
        stamp_of(micros + 17, moment) == "2024-03-04T13:00:00Z"
    )  # clocks that differ by no whole minutes
    assert stamp_of(micros, None) == "2024-03-04T13:00:00"
    assert stamp_of(None, None) == ""
