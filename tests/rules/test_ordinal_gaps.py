"""The running numbers of iPhone attachments against the lines between them."""

from __future__ import annotations

import json

from records.formats.base import Entry, Kind
from tests.rules.streams import entry, examine


def numbered(seq: int, ordinal: int) -> Entry:
    return entry(seq, Kind.ATTACHED, attachment=f"{ordinal:08d}-PHOTO-2022-03-27-21-41-55.jpg")


def gaps(*pairs: tuple[int, int]):
    places = dict(pairs)
    last = max(places)
    stream = [
        numbered(seq, places[seq]) if seq in places else entry(seq) for seq in range(1, last + 1)
    ]
    return examine(stream, rule="ordinal_gaps")


def test_numbers_that_rise_with_the_lines_prove_nothing() -> None:
    assert gaps((3, 35), (4, 36), (9, 41)) == []


def test_numbers_that_rise_faster_are_holes_with_the_arithmetic_shown() -> None:
    (found,) = gaps((3, 35), (6, 38), (9, 42), (12, 46), (20, 55))
    assert found.code == "GAP_SEQUENCE"
    assert found.confidence == "indicator"
    assert found.count == 3
    assert found.detail["places"] == 3
    assert list(found.seqs) == [6, 9, 12, 20]
    assert found.detail["gaps"][0] == {"after": 6, "before": 9, "low": 38, "high": 42, "missing": 1}  # type: ignore[index]
    assert "number 38 is entry 6 and number 42 is entry 9: 4 numbers, 3 lines" in found.explanation
    assert "The first number is 35, and 32 messages before" in found.explanation
    json.dumps(found.detail)


def test_numbers_that_lag_are_told_and_never_counted_as_missing() -> None:
    assert gaps((1, 10), (5, 12)) == []
    (found,) = gaps((1, 10), (5, 12), (6, 15))
    assert found.count == 2
    assert found.detail["lags"] == 1
    assert "weakens" in found.explanation


def test_number_that_falls_back_begins_anew() -> None:
    assert gaps((1, 10), (2, 3), (3, 4)) == []


def test_names_without_a_number_are_left_alone() -> None:
    stream = [
        entry(seq, Kind.ATTACHED, attachment=f"IMG-2022032{seq}-WA0002.jpg") for seq in (1, 2)
    ]
    assert examine(stream, rule="ordinal_gaps") == []
