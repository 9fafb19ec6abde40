"""RSMF: mails, archives and bare manifests; what the vendor's validator refuses, and what is still read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.formats import FORMATS
from records.formats.base import IN_UTC, LOCAL, WITH_OFFSET, Kind, Rejected, Sample, files_of
from records.formats.rsmf import Rsmf
from records.formats.sniff import pick
from records.formats.source import open_source
from records.inspection import inspect
from tests.environment import CORPUS
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, Read, outcome, read, read_by
from tests.formats.rsmf.writing import (
    FILES,
    HEADERS,
    MANIFEST_1,
    MANIFEST_2,
    SAMPLES,
    archive,
    mail,
    manifest,
    message,
)

EXPECTED = (
    json.loads((CORPUS / "expected.json").read_text("utf-8"))
    if (CORPUS / "expected.json").exists()
    else {}
)
Open = Callable[..., Read]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Reads a file the whole way from the disk: mails and archives are told by their bytes."""

    def opened(data: bytes, **answers: str) -> Read:
        path = tmp_path / "export"
        path.write_bytes(data)
        with open_source(path, "slice.rsmf") as source:
            picked = pick(FORMATS, source, answers)
            assert isinstance(picked, Rsmf), picked
            return read_by(picked, source, answers)

    return opened


@pytest.fixture
def refused(opened: Open) -> Callable[[bytes], Rejected]:
    def refused(data: bytes) -> Rejected:
        with pytest.raises(Rejected) as caught:
            opened(data)
        return caught.value

    return refused


def test_the_vendors_manifest_without_a_participants_id_is_refused(corpus: Path) -> None:
    report: dict[str, Any] = inspect(corpus / "R01" / EXPECTED["R01"]["file"])
    assert report["verdict"] == "rejected"
    assert report["problems"][0]["code"] == "R-SCHEMA"
    assert "participants[0].id is missing" in report["problems"][0]["words"]


def test_the_vendors_mail_with_a_second_attachment_is_read_with_a_warning(corpus: Path) -> None:
    want = EXPECTED["R02"]
    path = corpus / "R02" / want["file"]
    report: dict[str, Any] = inspect(path)
    assert (report["format"], report["verdict"]) == ("rsmf", "with_warnings")
    assert (report["entries"], report["authors"]) == (want["entries"], 1)
    assert [item["code"] for item in report["problems"]] == ["R-SECOND-FILE"]
    assert report["bytes"]["owned"] == report["bytes"]["total"] > want["bytes"]
    assert report["sha256"] == want["sha256"]
    # The picture of a person is no file that a message lost.
    assert report["findings"] == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_mail_its_archive_and_its_manifest_say_the_same(opened: Open, end: bytes) -> None:
    packed = archive(MANIFEST_2)
    bare, zipped, whole = opened(MANIFEST_2), opened(packed), opened(mail(packed, end=end))
    assert [each.survey.variant for each in (bare, zipped, whole)] == [
        "manifest",
        "archive",
        "mail",
    ]
    assert bare.bodies == zipped.bodies == whole.bodies
    assert bare.kinds == zipped.kinds == whole.kinds
    # In the archive the files are found by their id; a bare manifest has none of them.
    assert [file.member for file in files_of(whole.entries[1])] == ["A1.pdf", "A2.jpg"]
    assert [file.member for file in files_of(bare.entries[1])] == [None, None]
    assert [header.what for header in whole.headers if header.text == 1] == ["mail"]


def test_events_are_what_their_type_and_marks_say(opened: Open) -> None:
    found = opened(mail(archive(MANIFEST_2)))
    assert found.kinds == [
        Kind.TEXT, Kind.ATTACHED, Kind.EDITED, Kind.DELETED, Kind.MEMBERSHIP, Kind.NOTICE, Kind.TEXT,
        Kind.NOTICE,
    ]  # fmt: skip
    assert found.codes == ["R-SLICE"]
    edited, deleted, joined = found.entries[2:5]
    assert edited.detail == {
        "id": "3",
        "reply_to": "2",
        "importance": "high",
        "edited": "2024-03-04T08:03:00-05:00",
        "actor": "Dana Reyes",
        "earlier": ["Thx"],
    }
    assert deleted.body == "Do not keep this"  # what the maker of the file recovered
    assert joined.detail == {"type": "join", "actor": "Dana Reyes (p3)", "id": "5"}
    last = found.entries[6].detail or {}
    assert last["reactions"] == [{"value": "thumbsup", "count": 1, "participants": ["Dana Reyes"]}]
    assert last["read_receipts"] == [
        {"participant": "Dana Reyes", "timestamp": "2024-03-04T08:07:00-05:00", "action": "read"}
    ]


def test_people_and_rooms_are_those_of_the_lists(opened: Open) -> None:
    found = opened(MANIFEST_2)
    assert found.titles == [
        "Gate 4", "Dana Reyes, Dana Reyes (p3)", "Events that name no conversation",
    ]  # fmt: skip
    people = found.survey.people
    assert people["Dana Reyes"].handle == "dana.reyes@agency.example"
    assert people["Dana Reyes"].handle_kind == "email"
    assert people["Dana Reyes (p3)"].handle == "dana.reyes@other.example"
    assert people["Lee Okafor"].handle == "lokafor"
    # The custodian of a conversation is whose account it came from.
    assert [name for name, person in people.items() if person.exporter] == ["Dana Reyes"]


@pytest.mark.parametrize(
    ("stamp", "times", "sent", "local"),
    [
        ("2024-03-04T08:00:00-05:00", WITH_OFFSET, 13, 8),
        ("2024-03-04T13:00:00Z", IN_UTC, 13, 8),
        ("2024-03-04T08:00:00", LOCAL, 13, 8),
        ("2024-03-04T08:00:00.0000000", LOCAL, 13, 8),
    ],
)
def test_a_time_stamp_says_what_it_says_and_no_more(
    stamp: str, times: str, sent: int, local: int
) -> None:
    found = read(manifest(message(timestamp=stamp)), time_zone="America/New_York")
    midnight = 1_709_510_400_000_000  # March 4, 2024
    assert found.survey.times == times
    entry = found.entries[0]
    assert entry.sent == midnight + sent * 3_600_000_000
    assert entry.local == midnight + local * 3_600_000_000
    assert entry.written == stamp


def test_a_time_without_a_zone_stays_without_utc_when_nobody_said_the_zone() -> None:
    entry = read(manifest(message(timestamp="2024-03-04T08:00:00"))).entries[0]
    assert entry.sent is None
    assert entry.local is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "version is not a version"),
        ({"participants": [{"id": ""}]}, "participants[0].id is not a text of at least one"),
        ({"participants": {}}, "participants is not a list"),
        (
            {"conversations": [{"id": "c", "participants": []}]},
            "conversations[0].platform is missing",
        ),
        (
            {"conversations": [{"id": "c", "platform": "sms", "participants": [1]}]},
            "conversations[0].participants[0] is not a text",
        ),
    ],
)
def test_a_frame_that_breaks_the_schema_is_refused_with_the_place(
    refused: Callable[[bytes], Rejected], change: dict[str, Any], words: str
) -> None:
    answer = refused(manifest(message(), **change))
    assert answer.code == "R-SCHEMA"
    assert words in answer.words


def test_a_list_of_people_that_would_fill_the_memory_is_refused(
    refused: Callable[[bytes], Rejected],
) -> None:
    people = [{"id": str(number), "display": "x"} for number in range(100_001)]
    assert "more than 100,000" in refused(manifest(message(), participants=people)).words


@pytest.mark.parametrize("key", ["version", "participants", "conversations", "events"])
def test_a_list_that_is_missing_is_refused(key: str) -> None:
    told = json.loads(manifest(message()))
    del told[key]
    with pytest.raises(Rejected, match=rf"{key} is missing"):
        read_by(Rsmf(), Memory(json.dumps(told).encode()), {})


def test_version_one_wants_what_version_two_leaves_open() -> None:
    assert read(MANIFEST_1).kinds == [Kind.TEXT, Kind.EMPTY, Kind.MEMBERSHIP]
    nameless = json.loads(MANIFEST_1)
    del nameless["participants"][1]["display"]
    with pytest.raises(Rejected, match=r"participants\[1\]\.display is missing"):
        read(json.dumps(nameless).encode())
    nameless["version"] = "2.0.0"
    assert len(read(json.dumps(nameless).encode()).entries) == 3


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (message(timestamp="yesterday"), "event.timestamp is not a date and time"),
        (message(type="poke"), "event.type is none of message"),
        (message(id=7), "event.id is not text"),
        (message(deleted="yes"), "event.deleted is neither true nor false"),
        (message(reactions=[{"count": 1}]), "event.reactions[0].value is missing"),
        (message(attachments=[{"display": "x"}]), "event.attachments[0].id is missing"),
        (message(participant=["a"]), "event.participant is not text"),
        (message(conversation={"id": "c"}), "event.conversation is not text"),
        (message(read_receipts=[{"participant": "a", "action": "seen"}]), "action is none of read, delivered"),
        ({"body": "x", "timestamp": "2024-03-04T13:00:00Z"}, "event.type is missing"),
    ],
)  # fmt: skip
def test_one_event_that_breaks_the_schema_is_told_and_the_others_are_read(
    event: dict[str, Any], words: str
) -> None:
    found = read(manifest(message("First"), event, message("Last")))
    assert (found.bodies[0], found.bodies[-1]) == ("First", "Last")
    assert len(found.entries) == 3
    told = next(problem for problem in found.problems if problem.code == "R-EVENT")
    assert words in told.words
    assert (told.severity, told.seq) == ("error", 2)


def test_an_event_that_is_no_object_is_left_unread() -> None:
    found = read(manifest(message("First"), 7, message("Last")))  # type: ignore[arg-type]
    assert found.bodies == ["First", "Last"]
    assert [problem.code for problem in found.problems if problem.unread] == ["J-NO-MESSAGE"]


def test_who_and_where_are_not_listed_is_a_warning() -> None:
    found = read(manifest(message(participant="zoe"), message(conversation="attic")))
    assert [entry.sender for entry in found.entries] == ["zoe", "Ann"]
    assert found.titles == ["Both", "attic"]
    assert found.codes == ["R-PARTICIPANT", "R-CONVERSATION"]
    assert {problem.severity for problem in found.problems} == {"warning"}


def test_a_stranger_whose_id_is_a_listed_name_is_not_taken_for_that_person() -> None:
    found = read(manifest(message(), message(participant="Ann")))
    assert len({entry.sender for entry in found.entries}) == 2


def test_a_property_that_rsmf_does_not_define_is_told_once() -> None:
    found = read(manifest(message(mood="good"), message(mood="bad"), tool="x"))
    assert found.codes == ["R-UNDEFINED", "R-UNDEFINED"]
    assert "event.mood" in found.problems[0].words
    assert len(found.entries) == 2


def test_counts_and_times_of_the_mail_are_compared(opened: Open) -> None:
    headers = HEADERS | {
        "X-RSMF-EventCount": "9",
        "X-RSMF-AttachmentCount": "1",
        "X-RSMF-EndDate": "2024-03-04T13:02:00Z",
    }
    found = opened(mail(archive(MANIFEST_2), headers))
    assert found.codes == ["J-COUNT", "R-FILES", "R-RANGE", "R-SLICE"]
    assert "5 events lie outside" in found.problems[2].words
    assert found.survey.layout["counts"] == [
        {"noun": "event", "declared": 9, "found": 8, "place": ""}
    ]


def test_a_slice_says_to_which_collection_it_belongs(opened: Open) -> None:
    headers = HEADERS | {"X-RSMF-EventCollectionID": "gate-4-2024"}
    found = opened(mail(archive(MANIFEST_2), headers))
    assert "gate-4-2024" in found.problems[-1].words
    assert any("gate-4-2024" in sentence for sentence in found.survey.proof)


def test_versions_that_contradict_each_other_or_are_new_are_told(opened: Open) -> None:
    packed = archive(manifest(message()), {})
    assert "R-VERSION" in opened(mail(packed, {"X-RSMF-Version": "1.0.0"})).codes
    assert "R-VERSION" in opened(manifest(message(), version="3.0.0")).codes


def test_a_picture_that_is_not_in_the_archive_is_a_warning(opened: Open) -> None:
    files = {key: value for key, value in FILES.items() if key != "dana.png"}
    assert opened(archive(MANIFEST_2, files)).codes == ["R-PICTURE", "R-SLICE"]


def test_a_file_that_is_not_in_the_archive_is_found_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.rsmf"
    path.write_bytes(mail(archive(MANIFEST_2, {"A1.pdf": b"plan", "dana.png": b"face"})))
    report: dict[str, Any] = inspect(path)
    missing = [item for item in report["findings"] if item["rule"] == "media_missing"]
    assert [item["count"] for item in missing] == [1]


def test_a_participant_who_is_listed_twice_is_told() -> None:
    people = [{"id": "a", "display": "Ann"}, {"id": "a", "display": "Amy"}]
    found = read(manifest(message(), participants=people))
    assert found.entries[0].sender == "Ann"
    assert "R-ID-TWICE" in found.codes


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (mail(archive(MANIFEST_2), name="other.zip"), "R-NO-ARCHIVE"),
        (mail(archive(MANIFEST_2), others={"rsmf.zip": b"x"}), "R-ARCHIVES"),
        (mail(archive(MANIFEST_2)).replace(b"base64", b"8bit"), "R-BASE64"),
        (mail(archive(MANIFEST_2)).replace(b"UEsD", b"U(sD"), "R-BASE64"),
        (mail(archive(MANIFEST_2)[:-9]), "Z-TRUNCATED"),
        (mail(b"PK\x03\x04" + b"\0" * 40), "Z-TRUNCATED"),
    ],
)
def test_a_mail_without_one_whole_archive_is_refused(
    refused: Callable[[bytes], Rejected], data: bytes, code: str
) -> None:
    assert refused(data).code == code


def test_a_manifest_that_is_cut_off_is_partly_read() -> None:
    found = read(MANIFEST_2[: MANIFEST_2.index(b'"id": "4"')])
    assert len(found.entries) == 3
    assert [problem.code for problem in found.problems if problem.unread] == ["J-CUT"]


def test_events_may_stand_before_the_lists() -> None:
    told = json.loads(MANIFEST_2)
    turned = json.dumps({key: told[key] for key in reversed(told)}).encode()
    assert read(turned).bodies == read(MANIFEST_2).bodies
    assert [entry.sender for entry in read(turned).entries] == [
        entry.sender for entry in read(MANIFEST_2).entries
    ]


def test_a_boundary_inside_a_body_ends_no_part(opened: Open) -> None:
    text = mail(archive(MANIFEST_2)).replace(b"Ann and Ben", b"--=_RSMFX\nx --=_RSMF\n--other")
    assert len(opened(text).entries) == 8


@pytest.mark.parametrize(
    ("head", "score"),
    [
        (MANIFEST_2, 90),
        (MANIFEST_1, 90),
        (manifest(participants=[{"id": "x" * 70_000}])[:65_536], 70),
        (b"X-RSMF-Version: 2.0.0\n\nx", 95),
        (b"Subject: x\n\nX-RSMF-Version: 2.0.0\n", 0),
        (b'{"participants": [], "messages": []}', 0),
        (b"", 0),
    ],
)
def test_score_is_told_by_bytes(head: bytes, score: int) -> None:
    assert Rsmf().score(Sample("x.rsmf", head)) == score


def test_inspect_reads_each_sample(tmp_path: Path) -> None:
    for path in sorted(SAMPLES.iterdir()):
        report: dict[str, Any] = inspect(path)
        json.dumps(report)
        assert report["format"] == "rsmf", path.name
        assert report["bytes"]["owned"] == report["bytes"]["total"], path.name


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
EVENT = st.fixed_dictionaries(
    {
        "type": st.just("message"),
        "body": TEXTS,
        "participant": st.sampled_from("ab"),
        "conversation": st.just("c"),
        "timestamp": st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    },
    optional={
        "id": st.uuids().map(str),
        "deleted": st.booleans(),
        "direction": st.just("incoming"),
    },
)


@given(st.lists(EVENT, max_size=8), st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_whatever_is_written_is_read_back(
    events: list[dict[str, Any]], escaped: bool, indent: Any
) -> None:
    data = json.dumps(json.loads(manifest(*events)), ensure_ascii=escaped, indent=indent).encode()
    found = read(data)
    assert found.bodies == [event["body"].replace("\0", "\u2400") for event in events]
    assert [entry.written for entry in found.entries] == [event["timestamp"] for event in events]
    assert [entry.sender for entry in found.entries] == [
        {"a": "Ann", "b": "Ben"}[event["participant"]] for event in events
    ]
    assert [entry.kind == Kind.DELETED for entry in found.entries] == [
        event.get("deleted", False) for event in events
    ]


@given(CHANGES)
def test_whatever_happens_to_a_manifest_no_byte_is_lost(
    changes: list[tuple[int, int, bytes]],
) -> None:
    outcome(damaged(MANIFEST_2, changes))


@given(CHANGES)
def test_whatever_happens_to_a_mail_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("mail") / "x.rsmf"
    path.write_bytes(damaged(mail(archive(MANIFEST_2)), changes))
    report: dict[str, Any] = inspect(path)
    assert report["verdict"] == "rejected" or report["bytes"]["owned"] == report["bytes"]["total"]
