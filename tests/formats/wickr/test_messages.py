"""Wickr logs: what each kind of message becomes, on samples of the three bots and on lines of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats.base import IN_UTC, Kind, files_of
from records.formats.sniff import sample_of
from records.formats.wickr import Wickr
from records.inspection import inspect
from tests.formats.damage import CHANGES, damaged
from tests.formats.memory import Memory, outcome, read
from tests.formats.wickr.writing import (
    ANN,
    BEN,
    DAY,
    DIRECT,
    GROUP,
    SECOND,
    START,
    log,
    message,
    us_date,
    uuid1,
)

SAMPLES = Path(__file__).parent.parent / "samples" / "wickr"
AWS = (SAMPLES / "aws_room.log").read_bytes()
ENTERPRISE = (SAMPLES / "enterprise_direct.log").read_bytes()
OLDER = (SAMPLES / "older_pretty.log").read_bytes()
MINUTE = 60 * SECOND


def detail(value: dict[str, Any]) -> dict[str, Any]:
    """What is known of the only message of a log."""
    (entry,) = read(log(value)).entries
    assert entry.detail is not None
    return dict(entry.detail)


def test_every_kind_of_message_of_a_retention_bot_is_known() -> None:
    found = read(AWS)
    assert found.kinds == [
        "timer_on", "text", "text", "attached", "attached", "timer_changed", "timer_changed", "membership",
        "membership", "edited", "edited", "reaction", "deleted", "deleted", "settings", "settings", "settings",
        "call", "call", "missed_call", "membership", "history_cleared",
    ]  # fmt: skip
    assert found.problems == []
    assert found.titles == ["Border planning"]
    assert found.survey.times == IN_UTC


def test_every_kind_of_message_of_a_compliance_bot_is_known() -> None:
    found = read(ENTERPRISE)
    assert found.kinds == [
        "text", "text", "text", "text", "text", "settings", "security_code", "location", "location", "location",
        "text", "text", "settings", "notice", "attached",
    ]  # fmt: skip
    assert found.codes == ["J-TYPE-UNKNOWN"]
    assert found.titles == [f"{ANN} and {BEN}", f"Group {GROUP[:9]}"]
    assert (
        found.bodies[11]
        == "Zwei\nZeilen mit \u201eAnf\u00fchrung\u201c und \U0001f3f3\ufe0f\u200d\U0001f308"
    )


def test_objects_of_an_older_bot_over_many_lines_are_read() -> None:
    found = read(OLDER)
    assert found.kinds == ["text", "deleted", "deleted", "attached"]
    assert found.problems == []
    assert [entry.sent for entry in found.entries][1] == 1_510_769_172_735_225
    assert found.entries[3].detail is not None and "id" in found.entries[3].detail


def test_moment_is_that_of_msg_ts_to_the_microsecond() -> None:
    found = read(log(message(START), message(START, msg_ts="1620240477.36364", message_id=None)))
    assert [entry.sent for entry in found.entries] == [START, 1_620_240_477_363_640]
    assert found.entries[0].written == "1691176258.901277"


def test_moment_without_msg_ts_is_that_of_the_readable_time() -> None:
    (entry,) = read(log(message(START, msg_ts=None))).entries
    assert entry.sent == 1_691_176_258_901_000
    (entry,) = read(log(message(START, msg_ts=None, time_iso=None))).entries
    assert entry.sent == 1_691_176_200_000_000
    assert entry.written == "8/4/23 7:10 PM"


@pytest.mark.parametrize(
    "broken", ["soon", "99/99/23 7:10 PM", "1e9", "-1.5", "9" * 40, "\u0661.\u0662"]
)
def test_time_that_cannot_be_one_is_a_problem_and_the_message_is_kept(broken: str) -> None:
    found = read(log(message(START, msg_ts=broken, time=broken, time_iso=None, message_id="x")))
    assert found.entries[0].sent is None
    assert found.codes == ["J-TIME"]


def test_expiration_and_burn_on_read_of_each_message_are_told() -> None:
    held = [entry.detail for entry in read(ENTERPRISE).entries[:4]]
    assert held[0] is not None and held[0]["expires_at"] == (START + 31 * DAY) // MINUTE * MINUTE
    assert held[2] is not None and "burns_at" in held[2]
    assert held[3] is not None and held[3]["burn_seconds"] == 30


def test_room_tells_how_its_messages_expire() -> None:
    told = read(ENTERPRISE).survey.layout["expiring"]
    assert told == [
        {"conversation": 0, "messages": 6, "expiring": 4, "burning": 2, "shortest": 3600, "longest": 2_592_000,
         "entries": [1, 4]}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mask", "ttl", "bor", "kind"),
    [(2, 60, 0, "timer_changed"), (32, 0, 30, "timer_changed"), (34, 0, 0, "timer_off"), (4, 60, 0, "settings"),
     (1, 60, 0, "settings"), (47, 60, 0, "timer_changed")],
)  # fmt: skip
def test_change_of_a_room_is_a_timer_change_when_the_mask_says_so(
    mask: int, ttl: int, bor: int, kind: str
) -> None:
    control = {"bor": bor, "changemask": mask, "title": "T", "ttl": ttl, "msgtype": 4004}
    (entry,) = read(log(message(START, 4004, control=control))).entries
    assert entry.kind == kind
    assert entry.detail is not None
    assert (entry.detail["seconds"], entry.detail["burn_seconds"]) == (ttl, bor)


def test_unknown_bits_of_the_mask_are_kept() -> None:
    told = detail(message(START, 4004, control={"changemask": 4 + 256, "title": "T"}))
    assert told["changed"] == ["title"]
    assert told["changed_unknown"] == 256


def test_members_that_came_and_went_are_named() -> None:
    added, removed, left = read(AWS).entries[7], read(AWS).entries[8], read(AWS).entries[20]
    assert added.detail is not None and added.detail["added"] == ["cas@agency.example"]
    assert removed.detail is not None and removed.detail["removed"] == ["cas@agency.example"]
    assert left.detail is not None and left.detail["removed"] == [BEN]


def test_edit_shows_the_text_before_when_the_log_holds_it() -> None:
    first, second = read(AWS).entries[9:11]
    assert first.detail is not None and first.detail["earlier"] == ["Numbers are in the file"]
    assert first.detail["original_held"] is True
    assert second.detail is not None and "earlier" not in second.detail
    assert second.detail["original_held"] is False
    assert second.detail["original_sent"] == START - 3 * DAY


def test_second_edit_shows_the_first() -> None:
    original = uuid1(START)
    edits = [
        message(START + n, 9000, edit={"originalmessageid": original, "text": text, "type": "text"})
        for n, text in ((SECOND, "two"), (2 * SECOND, "three"))
    ]
    found = read(log(message(START, message="one"), *edits))
    assert [entry.detail["earlier"] for entry in found.entries[1:] if entry.detail] == [
        ["one"],
        ["two"],
    ]


def test_edit_that_changes_nothing_is_the_preview_of_a_link() -> None:
    entry = read(ENTERPRISE).entries[5]
    assert entry.kind == Kind.SETTINGS
    assert entry.detail is not None and entry.detail["action"] == "link preview"


def test_deletion_says_whether_it_was_a_recall_and_when_the_lost_message_was_sent() -> None:
    held, lost = read(AWS).entries[12:14]
    assert held.detail is not None and held.detail["original_held"] is True
    assert held.detail["earlier"] == ["Good morning \U0001f600"]
    assert lost.detail is not None
    assert (lost.detail["recalled"], lost.detail["original_held"]) == (True, False)
    assert lost.detail["original_sent"] == START - 2 * DAY
    assert lost.detail["actor"] == BEN


def test_deleted_message_of_an_older_bot_is_not_taken_for_a_message_of_the_log() -> None:
    held, lost = read(OLDER).entries[1:3]
    assert held.detail is not None and (held.detail["recalled"], held.detail["original_held"]) == (
        False,
        True,
    )
    assert lost.detail is not None and (lost.detail["recalled"], lost.detail["original_held"]) == (
        True,
        False,
    )


def test_message_that_comes_after_the_edit_that_names_it_is_held() -> None:
    edit = message(
        START, 9000, edit={"originalmessageid": uuid1(START + SECOND), "text": "x", "type": "text"}
    )
    found = read(log(edit, message(START + SECOND, message="y")))
    assert found.entries[0].detail is not None and found.entries[0].detail["original_held"] is True


def test_id_that_a_person_typed_is_not_a_message_of_the_log() -> None:
    lost = uuid1(START - DAY)
    typed = f'"message_id": "{lost}"'
    edit = message(
        START + SECOND, 9000, edit={"originalmessageid": lost, "text": "x", "type": "text"}
    )
    found = read(log(message(START, message=typed), edit))
    assert found.entries[1].detail is not None and found.entries[1].detail["original_held"] is False


def test_time_inside_an_id_is_compared_with_the_time_of_the_message() -> None:
    near = message(START, message_id=uuid1(START + 10 * MINUTE))
    far = message(START + SECOND, message_id=uuid1(START + DAY))
    found = read(log(message(START - SECOND), near, far))
    assert [(problem.code, problem.seq) for problem in found.problems] == [("J-ID-TIME", 3)]


def test_calls_say_how_they_ended() -> None:
    started, completed, missed = [entry.detail for entry in read(AWS).entries[17:20]]
    assert started is not None and (started["status"], started["participants"]) == ("started", 2)
    assert completed is not None and completed["duration_seconds"] == 38
    assert missed is not None and missed["status"] == "missed"


@pytest.mark.parametrize(
    ("step", "word"), [(1, "request"), (3, "acceptance"), (5, "not now"), (77, "of unknown step")]
)
def test_verification_of_a_key_says_its_step(step: int, word: str) -> None:
    told = detail(message(START, 3000, keyverify={"msgtype": step, "verifiedkey": "00"}))
    assert told["step"] == word
    assert "00" not in told.values()


def test_location_is_shown_and_its_sharing_ends() -> None:
    found = read(ENTERPRISE)
    assert found.bodies[7] == "40.75017899435506, -74.99449803034105"
    assert found.entries[8].detail is not None
    assert found.entries[8].detail["shared_until"] == 1_780_509_208 * SECOND
    assert found.entries[9].detail is not None and found.entries[9].detail["sharing"] == "ended"


def test_guests_are_marked_and_senders_known_by_their_account() -> None:
    found = read(ENTERPRISE)
    assert (
        found.entries[10].detail is not None and found.entries[10].detail["sender_type"] == "guest"
    )
    assert found.survey.people["guest77"].handle_kind == "account"
    assert found.survey.people[ANN].handle_kind == "email"


def test_message_without_a_number_is_known_by_what_it_carries() -> None:
    found = read(
        log(message(START, None, message="x"), message(START, None, file={"filename": "a.pdf"}))
    )
    assert found.kinds == ["text", "attached"]


def test_file_message_without_a_file_is_a_file_that_was_left_out() -> None:
    assert read(log(message(START, 6000))).kinds == ["media_omitted"]


def test_arrays_of_messages_and_objects_without_lines_between_are_read() -> None:
    messages = [message(START + n * SECOND, message=str(n)) for n in range(3)]
    for data in (
        json.dumps(messages).encode(),
        b"".join(json.dumps(item).encode() for item in messages),
        b"\xef\xbb\xbf"
        + json.dumps(messages[:2], indent=2).encode()
        + json.dumps(messages[2]).encode(),
    ):
        found = read(data)
        assert found.bodies == ["0", "1", "2"]
        assert found.problems == []


def test_the_same_people_without_a_group_id_are_one_conversation() -> None:
    found = read(log(
        message(START, message="a", receiver=BEN, vgroupid=None),
        message(START + SECOND, message="b", sender=BEN, receiver=ANN, vgroupid=None),
        message(START + 2 * SECOND, message="c", vgroupid=DIRECT, receiver=BEN),
    ))  # fmt: skip
    assert [entry.conversation for entry in found.entries] == [0, 0, 1]


def test_newest_name_of_a_room_is_shown() -> None:
    renamed = message(START + SECOND, 4004, control={"changemask": 4, "title": "New"})
    assert read(log(message(START, 4001, control={"title": "Old"}), renamed)).titles == ["New"]


@pytest.mark.parametrize(
    "value",
    [{"control": 5, "msgtype": 4001}, {"control": {"masters": 5, "ttl": "x", "changemask": "y"}, "msgtype": 4004},
     {"edit": [], "msgtype": 9000}, {"file": "x", "msgtype": 6000}, {"call": {"status": []}, "msgtype": 7000},
     {"keyverify": None, "msgtype": 3000}, {"location": {"latitude": "x"}, "msgtype": 8000},
     {"control": {"attributes": [5]}, "msgtype": 4012}, {"links": 7}, {"ttl": {}, "bor": []}, {"sender": 7},
     {"vgroupid": None}, {"vgroupid": 7}, {"message": None}, {"msgtype": "1000"}, {"msgtype": True},
     {"sender_type": []}, {"message_id": 9}, {"msg_ts": 1691176258.5}],
)  # fmt: skip
def test_message_of_another_shape_is_kept(value: dict[str, Any]) -> None:
    plain = message(START, message="before")
    found = read(log(plain, {**message(START), **value}))
    assert len(found.entries) == 2
    assert not [problem for problem in found.problems if problem.unread]


def test_lines_that_are_no_messages_are_listed_and_the_rest_is_read() -> None:
    data = (
        log(message(START, message="a"))
        + b'{"hello": 1}\n7\n{"cut": "\n'
        + log(message(START, message="b"))
    )
    found = read(data)
    assert found.bodies == ["a", "b"]
    assert {problem.code for problem in found.problems} <= {"J-NO-MESSAGE", "J-MALFORMED"}
    assert sum(problem.length for problem in found.problems) == len(b'{"hello": 1}\n7\n{"cut": "\n')


def test_cut_log_keeps_what_is_whole() -> None:
    found = read(log(message(START, message="a"), message(START, message="b"))[:-30])
    assert found.bodies == ["a"]
    assert found.codes == ["J-CUT"]


@pytest.mark.parametrize("data", [AWS, ENTERPRISE, OLDER])
def test_sample_is_certainly_of_this_format(data: bytes, tmp_path: Path) -> None:
    assert Wickr().score(sample_of(Memory(data))) >= 85
    path = tmp_path / "any name"
    path.write_bytes(data)
    report: dict[str, Any] = inspect(path)
    assert report["format"] == "wickr"
    assert report["bytes"] == {"total": len(data), "owned": len(data), "unread": 0}


@pytest.mark.parametrize(
    "data", [b"{}", b'{"sender": "a", "message": "b"}', b"vgroupid", b"[1, 2]", b""]
)
def test_other_files_are_not(data: bytes) -> None:
    assert Wickr().score(sample_of(Memory(data))) < 30


BODIES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
MESSAGES = st.lists(
    st.tuples(
        BODIES,
        st.integers(1, 4_000_000_000 * SECOND),
        st.sampled_from([ANN, BEN, "user007"]),
        st.sampled_from([DIRECT, GROUP]),
        st.one_of(st.none(), st.integers(60, 365 * 86_400)),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=150)
@given(MESSAGES, st.booleans(), st.sampled_from([None, 2]))
def test_a_log_is_read_back_equal(
    messages: list[tuple[str, int, str, str, int | None]], ascii_only: bool, indent: int | None
) -> None:
    rows = [
        message(sent, message=body, sender=sender, vgroupid=group,
                ttl=None if ttl is None else us_date(sent + ttl * SECOND))
        for body, sent, sender, group, ttl in messages
    ]  # fmt: skip
    data = "\n".join(
        json.dumps(row, ensure_ascii=ascii_only, indent=indent) for row in rows
    ).encode()
    if not rows:
        return
    found = read(data)
    assert [(entry.body, entry.sent, entry.sender) for entry in found.entries] == [
        (body, sent, sender) for body, sent, sender, _, _ in messages
    ]
    assert [entry.detail["id"] for entry in found.entries if entry.detail] == [
        row["message_id"] for row in rows
    ]
    assert found.problems == []


@settings(max_examples=300)
@given(st.sampled_from([AWS, ENTERPRISE, OLDER]), CHANGES)
def test_every_byte_of_a_damaged_log_has_an_owner(
    data: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    assert outcome(damaged(data, changes)) in (
        "read",
        "F-UNKNOWN",
        "F-ENCODING",
        "F-BLANK",
        "F-ARCHIVE",
    )


def test_attachment_of_a_plain_log_is_named_as_people_saw_it() -> None:
    assert files_of(read(ENTERPRISE).entries[14])[0].name == "memo.m4a"
