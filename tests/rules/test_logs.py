"""Rules on logs that a bot captured: parts missing, messages never captured, timers of each message, rooms deleted."""

from __future__ import annotations

from typing import Any

from records.formats.base import Kind
from tests.rules.streams import DAY, START, entry, examine, survey_of


def gap(**more: Any) -> dict[str, Any]:
    return {
        "text": 0,
        "after": "log_1",
        "before": "log_3",
        "missing": 1,
        "numbers": [2],
        "certain": True,
        **more,
    }


def test_missing_part_cites_the_entries_on_both_sides() -> None:
    survey = survey_of()
    survey.layout["missing_parts"] = [
        gap(entry_before=2, entry_after=3, last_at=START, first_at=START + DAY)
    ]
    (found,) = examine([entry(1), entry(2), entry(3)], survey=survey, rule="missing_parts")
    assert (found.code, found.count, list(found.seqs), found.confidence) == (
        "GAP_SEQUENCE",
        1,
        [2, 3],
        "probable",
    )
    assert (found.first_at, found.last_at) == (START, START + DAY)
    assert "the numbers skip 1 part" in found.explanation
    assert found.title == "1 part of the log missing"


def test_pause_without_numbers_is_an_indication() -> None:
    survey = survey_of()
    survey.layout["missing_parts"] = [gap(certain=False, numbers=[], missing=4)]
    (found,) = examine([entry(1)], survey=survey, rule="missing_parts")
    assert (found.confidence, list(found.seqs)) == ("indicator", [])
    assert "4 parts more" in found.explanation


def test_first_number_above_one_asks_for_the_parts_before() -> None:
    survey = survey_of()
    survey.layout["missing_parts"] = [gap(after="", certain=False)]
    (found,) = examine([entry(1)], survey=survey, rule="missing_parts")
    assert "1 part came before it" in found.explanation


def test_log_without_holes_has_no_finding() -> None:
    assert examine([entry(1)], rule="missing_parts") == []


def named(seq: int, original: str, held: bool | None, sent: int | None = None, **more: Any) -> Any:
    detail = {"original": original, "original_held": held}
    if held is None:
        del detail["original_held"]
    if sent is not None:
        detail["original_sent"] = sent
    return entry(seq, more.pop("kind", Kind.EDITED), detail=detail, **more)


def test_messages_never_captured_are_counted_once_and_dated_by_their_ids() -> None:
    stream = [
        named(1, "a", held=False, sent=START - 2 * DAY),
        named(2, "a", held=False, sent=START - 2 * DAY, kind=Kind.DELETED),
        named(3, "b", held=False, sent=START - DAY, kind=Kind.REACTION),
        named(4, "c", held=True, sent=START),
        named(5, "d", held=None),
        named(6, "e", held=False, conversation=1),
    ]
    first, second = examine(stream, survey=survey_of(2), rule="original_missing")
    assert (first.code, first.detail["messages"], list(first.seqs)) == (
        "NOT_CAPTURED",
        2,
        [1, 2, 3],
    )
    assert (first.detail["first_sent"], first.detail["last_sent"]) == (START - 2 * DAY, START - DAY)
    assert "February 27, 2022, 08:00" in first.explanation
    assert (second.conversation, second.detail["messages"]) == (1, 1)
    assert "By the time inside" not in second.explanation


def test_messages_set_to_expire_or_to_burn_are_told_for_each_conversation() -> None:
    survey = survey_of(2)
    survey.layout["expiring"] = [
        {"conversation": 1, "messages": 9, "expiring": 5, "burning": 2, "shortest": 3600, "longest": 604_800,
         "entries": [2, 3]}
    ]  # fmt: skip
    stream = [entry(1), entry(2, conversation=1), entry(3, conversation=1)]
    expiry, burn = examine(stream, survey=survey, rule="message_expiry")
    assert (expiry.code, expiry.count, expiry.conversation, list(expiry.seqs)) == (
        "EXPIRY",
        5,
        1,
        [2, 3],
    )
    assert "5 of 9 messages" in expiry.explanation
    assert "from 1 hour to 7 days after sending" in expiry.explanation
    assert (burn.code, burn.count) == ("BURN", 2)


def test_one_length_of_expiry_is_told_once() -> None:
    survey = survey_of()
    survey.layout["expiring"] = [
        {"conversation": 0, "messages": 1, "expiring": 1, "burning": 0, "shortest": 60, "longest": 60, "entries": [1]}
    ]  # fmt: skip
    (found,) = examine([entry(1)], survey=survey, rule="message_expiry")
    assert ", 1 minute after sending" in found.explanation


def test_deleted_conversation_is_found() -> None:
    (found,) = examine([entry(1), entry(2, Kind.HISTORY_CLEARED)], rule="history_cleared")
    assert (found.code, list(found.seqs)) == ("HISTORY_CLEARED", [2])


def test_deleted_saved_item_is_found_and_other_settings_are_not() -> None:
    stream = [
        entry(1, Kind.SETTINGS, detail={"saved_item": {"action": "delete", "name": "a.pdf"}}),
        entry(2, Kind.SETTINGS, detail={"saved_item": {"action": "save", "name": "a.pdf"}}),
        entry(3, Kind.SETTINGS),
    ]
    (found,) = examine(stream, rule="saved_items_deleted")
    assert list(found.seqs) == [1]


def test_deletion_that_names_the_deleter_and_an_original_that_the_log_holds_are_told_so() -> None:
    stream = [
        entry(1, Kind.DELETED, detail={"actor": "Ann", "original_held": True}),
        entry(2, Kind.DELETED, detail={"actor": "Ann", "original_held": False}),
    ]
    held, lost = examine(stream, rule="messages_deleted")
    assert "1 message was deleted by Ann" in held.explanation
    assert "the content is in this export" in held.explanation
    assert "the content is not in this export" in lost.explanation


def test_edit_of_a_message_that_the_log_holds_is_no_lost_text() -> None:
    (found,) = examine([entry(1, Kind.EDITED, detail={"original_held": True})], rule="edited")
    assert "keeps what was written before" in found.explanation


def test_span_of_a_timer_in_a_log_of_many_rooms_claims_no_count() -> None:
    stream = [
        entry(1, Kind.TIMER_ON, detail={"seconds": 60}),
        entry(2, conversation=1),
        entry(3),
        entry(4, Kind.TIMER_OFF),
    ]
    (found,) = examine(stream, survey=survey_of(2), rule="timer_spans")
    assert found.detail["entries"] is None
    assert "This export holds" not in found.explanation
