"""Replies that were counted and are not there, and threads whose beginning is not there."""

from __future__ import annotations

from typing import Any

from records.formats.base import Entry
from records.rules.base import Found
from tests.rules.streams import entry, examine, survey_of


def threads(*stream: Entry, on: bool = True) -> list[Found]:
    survey = survey_of(format_="slack")
    survey.layout["threads"] = on
    return examine(stream, survey=survey, rule="thread_replies")


def first(seq: int, count: int, thread: str = "t") -> Entry:
    detail: dict[str, Any] = {"id": thread, "thread": thread, "reply_count": count}
    return entry(seq, detail=detail)


def reply(seq: int, thread: str = "t") -> Entry:
    return entry(seq, detail={"id": f"r{seq}", "thread": thread})


def test_thread_whose_replies_are_all_there_proves_nothing() -> None:
    assert threads(first(1, 2), reply(2), entry(3), reply(4)) == []
    assert threads(reply(1), first(2, 1)) == []


def test_replies_that_were_counted_and_are_not_there_are_told() -> None:
    (found,) = threads(first(1, 3), reply(2), first(3, 2, "u"))
    assert (found.code, found.count, found.confidence) == ("COUNT_MISMATCH", 4, "probable")
    assert list(found.seqs) == [1, 3]
    assert (
        "In 2 threads the application counted 5 replies, and the export holds 1"
        in found.explanation
    )


def test_replies_without_the_message_that_began_them_are_told_once_a_thread() -> None:
    (found,) = threads(reply(1), reply(2), reply(3, "u"))
    assert (found.code, found.count, found.confidence) == ("GAP_SEQUENCE", 2, "indicator")
    assert list(found.seqs) == [1, 3]


def test_formats_that_tell_no_threads_are_left_alone() -> None:
    assert threads(first(1, 3), on=False) == []
