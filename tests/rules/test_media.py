"""Files: left out, named and absent, present and unnamed; and exports that stop at the app's cap."""

from __future__ import annotations

from typing import Any

import pytest

from records.formats.base import Entry, Kind
from records.rules.media_unnamed import time_in_name
from tests.rules.streams import START, entry, examine, survey_of

CHAT = "_chat.txt"


def attached(seq: int, name: str, **more: Any) -> Entry:
    return entry(seq, Kind.ATTACHED, attachment=name, **more)


def codes(found) -> list[tuple[str, str, int]]:
    return [(item.rule, item.code, item.count) for item in found]


def test_export_without_media_says_how_much_was_left_out() -> None:
    found = examine([entry(1, Kind.MEDIA_OMITTED), entry(2, Kind.MEDIA_OMITTED)])
    assert codes(found) == [("media_omitted", "MEDIA_OMITTED", 2)]


def test_contact_card_does_not_make_an_export_one_with_media() -> None:
    found = examine([entry(1, Kind.MEDIA_OMITTED), attached(2, "Ann.vcf")], [CHAT, "Ann.vcf"])
    assert codes(found) == [("media_omitted", "MEDIA_OMITTED", 1)]


def test_complete_archive_has_no_finding() -> None:
    assert examine([attached(1, "a.jpg"), attached(2, "b.jpg")], [CHAT, "b.jpg", "a.jpg"]) == []


def test_file_of_an_edited_message_counts_as_named() -> None:
    stream = [entry(1, Kind.EDITED, attachment="a.jpg"), entry(2, Kind.EDITED, attachment="b.jpg")]
    found = examine(stream, [CHAT, "a.jpg"])
    assert codes(found) == [("media_missing", "MEDIA_MISSING", 1), ("edited", "EDITED", 2)]


def test_file_named_and_absent_from_the_archive_is_missing() -> None:
    found = examine([attached(1, "a.jpg"), attached(2, "b.jpg")], [CHAT, "a.jpg"])
    assert codes(found) == [("media_missing", "MEDIA_MISSING", 1)]
    assert list(found[0].seqs) == [2]
    assert found[0].detail["names"] == ["b.jpg"]
    assert found[0].title == "1 file named and missing"


def test_text_alone_that_names_files_says_that_they_were_not_handed_in() -> None:
    (found,) = examine([attached(1, "a.jpg"), attached(2, "Ann.vcf")])
    assert (found.code, found.count) == ("MEDIA_MISSING", 2)
    assert "not handed in" in found.title


def test_file_left_out_of_an_export_with_media_is_gone_from_the_phone() -> None:
    found = examine([attached(1, "a.jpg"), entry(2, Kind.MEDIA_OMITTED)], [CHAT, "a.jpg"])
    assert codes(found) == [("media_missing", "MEDIA_OMITTED", 1)]
    assert found[0].detail["with_media"] is True
    assert list(found[0].seqs) == [2]


def test_file_that_no_line_names_is_told_with_the_time_in_its_name() -> None:
    names = ["00000035-PHOTO-2022-03-27-21-41-55.jpg", "IMG-20220323-WA0002.jpg", "x.jpg"]
    found = examine([attached(1, "x.jpg")], [CHAT, *names, "__MACOSX/._x.jpg", ".DS_Store"])
    assert codes(found) == [("media_unnamed", "MEDIA_ORPHAN", 2)]
    assert found[0].detail["names"] == names[:2]
    assert found[0].first_at == time_in_name(names[1])
    assert found[0].last_at == time_in_name(names[0])


def test_files_in_a_folder_packed_by_hand_are_found() -> None:
    stream = [attached(1, "a.jpg"), attached(2, "b.jpg")]
    found = examine(stream, ["B/_chat.txt", "B/a.jpg"], survey_of(member="B/_chat.txt"))
    assert codes(found) == [("media_missing", "MEDIA_MISSING", 1)]
    assert list(found[0].seqs) == [2]


@pytest.mark.parametrize(
    ("written", "member"),
    [
        ("AUD-20190101-WA0000.", "AUD-20190101-WA0000.m4a"),
        ("\u200eIMG-1.jpg", "IMG-1.jpg"),
        ("Zoe\u0308.pdf", "Zo\u00eb.pdf"),
    ],
)
def test_names_match_as_the_app_writes_them(written: str, member: str) -> None:
    assert examine([attached(1, written)], [CHAT, member]) == []


def test_letter_case_is_not_folded_away() -> None:
    found = examine([attached(1, "A.jpg")], [CHAT, "a.jpg"])
    assert [item.code for item in found] == ["MEDIA_MISSING", "MEDIA_ORPHAN"]


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("00000035-PHOTO-2022-03-01-08-00-00.jpg", START),
        ("IMG-20220301-WA0002.jpg", START - 8 * 3_600_000_000),
        ("folder/VID-20220301-WA0002.mp4", START - 8 * 3_600_000_000),
        ("00000035-PHOTO-2022-13-01-08-00-00.jpg", None),
        ("IMG-20220230-WA0002.jpg", None),
        ("holiday.jpg", None),
    ],
)
def test_time_in_a_file_name(name: str, want: int | None) -> None:
    assert time_in_name(name) == want


@pytest.mark.parametrize(
    ("entries", "media", "capped"),
    [
        (9_989, True, False), (9_990, True, True), (10_001, True, True), (10_002, True, False),
        (10_000, False, False), (39_989, False, False), (39_990, False, True),
        (39_999, False, True), (40_001, False, True), (40_002, False, False), (40_000, True, False),
    ],
)  # fmt: skip
def test_export_at_the_cap_of_the_app_is_probably_cut(
    entries: int, media: bool, capped: bool
) -> None:
    stream = [entry(seq) for seq in range(1, entries)]
    stream.append(attached(entries, "a.jpg" if media else "Ann.vcf"))
    found = examine(stream, [CHAT, "a.jpg" if media else "Ann.vcf"], rule="export_cap")
    assert [item.code for item in found] == ["TRUNCATED_EXPORT"] * capped
    if capped:
        assert list(found[0].seqs) == [1]
        assert found[0].last_at == START
        assert f"{entries:,} entries" in found[0].explanation


def test_cap_is_that_of_whatsapp_alone() -> None:
    stream = [entry(seq) for seq in range(1, 40_001)]
    assert examine(stream, survey=survey_of(format_="signal"), rule="export_cap") == []
