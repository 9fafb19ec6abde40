"""Holes in the numbers of messages: certain where a chat counts by itself, an indicator where the account does."""

from __future__ import annotations

import json

from records.rules.base import Found
from tests.rules.streams import entry, examine, survey_of


def gaps(*numbers: int, own: bool = True, variant: str = "chat") -> list[Found]:
    survey = survey_of(format_="telegram")
    survey.variant = variant
    survey.layout["own_numbers"] = [0] if own else []
    stream = [entry(seq, detail={"id": number}) for seq, number in enumerate(numbers, 1)]
    return examine(stream, survey=survey, rule="id_gaps")


def test_numbers_one_after_the_other_prove_nothing() -> None:
    assert gaps(1, 2, 3) == []
    assert gaps(-5, -1, 1, 2, 3) == []


def test_each_hole_of_a_chat_that_counts_itself_is_certain_and_cited() -> None:
    (found,) = gaps(1, 2, 5, 6, 10)
    assert (found.code, found.confidence, found.count) == ("GAP_SEQUENCE", "certain", 5)
    assert list(found.seqs) == [2, 3, 4, 5]
    assert found.detail["places"] == 2
    assert "number 2 is followed by 5" in found.explanation
    json.dumps(found.detail)


def test_messages_before_the_first_are_told_and_not_counted() -> None:
    assert gaps(40, 41) == []
    (found,) = gaps(40, 42)
    assert found.count == 1
    assert "39 messages before the start" in found.explanation


def test_numbers_that_fall_back_begin_anew() -> None:
    (found,) = gaps(5, 6, 2, 4)
    assert found.count == 1


def test_chat_of_an_account_alone_proves_nothing() -> None:
    assert gaps(1, 9, own=False) == []


def test_whole_account_gives_an_indicator_with_the_figures() -> None:
    (found,) = gaps(10, 30, 20, own=False, variant="account")
    assert (found.confidence, found.count) == ("indicator", 18)
    assert (found.counts, found.whole) == ("missing", True)
    assert found.explanation.endswith("the numbers do not say which.")
    assert found.advice == "Ask the custodian which chats were left out."
    assert found.detail == {"first_number": 10, "last_number": 30, "messages": 3}
    assert list(found.seqs) == [1, 2]
    assert gaps(1, 3, 2, own=False, variant="account") == []


def test_other_formats_are_left_alone() -> None:
    stream = [entry(seq, detail={"id": seq * 5}) for seq in (1, 2)]
    assert examine(stream, rule="id_gaps") == []
