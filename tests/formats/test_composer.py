"""What structured exports share: times, people, conversations, files and problems of an entry."""

from __future__ import annotations

import json

import pytest

from records.formats.base import Doubt, Kind, NamedFile, Survey, files_of
from records.formats.complaints import MOST, WORDINGS, Complaints, Wording
from records.formats.composer import LATEST, Composer, described, shown
from records.formats.pieces import Fault, Piece, Role

NOON = 1_656_676_800_000_000  # 2022-07-01 12:00 UTC
HOUR = 3_600_000_000


def piece(fault: Fault = Fault.NONE, **more) -> Piece:
    return Piece(Role.ELEMENT, ("messages",), {}, 10, 5, fault, **more)


def composer(zone: str = "") -> Composer:
    made = Composer(Survey("x", "y", time_zone=zone))
    made.conversation("a", "A")
    return made


def one(made: Composer, body: str = "x", place: Piece | None = None, **more):
    return made.entry(0, Kind.TEXT.value, "Ann", body, "", place or piece(), **more)


def test_moment_gives_the_clock_reading_of_the_zone() -> None:
    (entry,) = one(composer("America/New_York"), sent=NOON)
    assert (entry.sent, entry.local) == (NOON, NOON - 4 * HOUR)
    (entry,) = one(composer(), sent=NOON)
    assert entry.local == NOON


def test_clock_reading_gives_the_moment_only_in_a_known_zone() -> None:
    (entry,) = one(composer("America/New_York"), local=NOON - 4 * HOUR)
    assert (entry.sent, entry.local) == (NOON, NOON - 4 * HOUR)
    (entry,) = one(composer(), local=NOON)
    assert entry.sent is None


def test_repeated_hour_is_marked() -> None:
    repeated = 1_667_698_200_000_000  # 2022-11-06 01:30 in New York, twice
    (entry,) = one(composer("America/New_York"), local=repeated)
    assert entry.doubt & Doubt.TIME_FOLDED


def test_of_two_times_the_moment_counts() -> None:
    (entry,) = one(composer("America/New_York"), sent=NOON, local=NOON + HOUR)
    assert (entry.sent, entry.local) == (NOON, NOON - 4 * HOUR)


@pytest.mark.parametrize("sent", [None, LATEST + 1, -(10**30)])
def test_time_that_is_missing_or_no_date_is_told(sent: int | None) -> None:
    entry, problem = one(composer(), sent=sent)
    assert (entry.sent, entry.local) == (None, None)
    assert (problem.code, problem.seq, problem.unread) == ("J-TIME", 1, False)


def test_text_that_cannot_be_shown_is_replaced_and_marked() -> None:
    entry, problem = one(composer(), "a\0\ud800\udcffz", sent=NOON)
    assert entry.body == "a\u2400\ufffd\ufffdz"
    assert entry.doubt & Doubt.ENCODING
    assert problem.code == "J-ENCODING"
    assert shown("\U0001f600") == "\U0001f600"


def test_broken_bytes_of_the_element_mark_the_entry() -> None:
    entry, problem = one(composer(), place=piece(broken_bytes=True), sent=NOON)
    assert entry.doubt & Doubt.ENCODING
    assert problem.offset == 10


def test_fault_of_the_element_is_told_beside_the_entry() -> None:
    entry, problem = one(composer(), place=piece(Fault.TWICE), sent=NOON)
    assert entry.seq == 1
    assert (problem.code, problem.unread) == ("J-TWICE", False)


def test_people_of_one_name_are_kept_apart_by_their_handle() -> None:
    made = composer()
    names = [made.sender(f"user{n}", name) for n, name in enumerate(["Ann", "Ann (user2)", "Ann"])]
    assert names == ["Ann", "Ann (user2)", "Ann (user2) (user2)"]
    assert made.sender("user0", "Another name later") == "Ann"
    assert made.survey.people["Ann"].handle == "user0"
    assert made.sender("user9", "") == "user9"


def test_conversation_is_entered_once() -> None:
    made = composer()
    assert made.conversation("b", "B", 0) == 1
    assert made.conversation("a", "other words") == 0
    assert [item.title for item in made.survey.conversations] == ["A", "B"]


def test_one_file_of_which_only_the_name_is_known_needs_no_detail() -> None:
    (entry,) = one(composer(), sent=NOON, files=[NamedFile("a.jpg")])
    assert (entry.attachment, entry.detail) == ("a.jpg", None)


def test_all_that_is_known_of_files_is_kept() -> None:
    files = [NamedFile("a.jpg", member="x/a.jpg"), NamedFile("b", left_out="too large")]
    (entry,) = one(composer(), sent=NOON, files=files, detail={"id": 3})
    assert files_of(entry) == files
    assert entry.detail["id"] == 3
    json.dumps(entry.detail)
    assert described(NamedFile("a")) == {"name": "a"}


def test_of_each_kind_of_problem_a_thousand_are_listed_and_unread_ones_always() -> None:
    complaints = Complaints({"X": Wording("info", "{figure} things.")})
    told = [item for _ in range(MOST + 5) for item in complaints.tell("X", figures={"figure": 7})]
    assert len(told) == MOST
    assert told[0].words == "7 things."
    assert len(list(complaints.tell("X", unread=True, figures={"figure": 7}))) == 1
    (summary,) = complaints.close()
    assert f"{MOST + 6:,} problems" in summary.words


def test_every_fault_has_words_that_say_what_to_do() -> None:
    from records.formats.complaints import OF_FAULT

    assert set(OF_FAULT) == set(Fault) - {Fault.NONE}
    for code in WORDINGS:
        assert WORDINGS[code].words.endswith(".")
        assert WORDINGS[code].severity in ("error", "warning", "info")


def test_frame_and_broken_pieces_own_their_bytes() -> None:
    made = composer()
    (header,) = made.frame(Piece(Role.FRAME, ("name",), None, 0, 7))
    assert (header.offset, header.length, header.what) == (0, 7, "name")
    (problem,) = made.frame(Piece(Role.BROKEN, (), None, 7, 9, Fault.CUT))
    assert (problem.code, problem.offset, problem.length, problem.unread) == ("J-CUT", 7, 9, True)
    (cut,) = made.frame(Piece(Role.BROKEN, (), None, 16, 0, Fault.CUT))
    assert (cut.code, cut.severity, cut.offset, cut.unread) == ("J-CUT", "error", 15, False)
    items = list(made.frame(Piece(Role.VALUE, ("x",), {}, 16, 4, Fault.TWICE)))
    assert [type(item).__name__ for item in items] == ["Header", "Problem"]
