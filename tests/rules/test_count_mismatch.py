"""Counts that an export declares, against what it holds."""

from __future__ import annotations

import json

import pytest

from tests.rules.streams import entry, examine, survey_of


def counted(declared: int, found: int, **more: object):
    survey = survey_of(2)
    count = {"noun": "message", "declared": declared, "found": found, "place": "", **more}
    survey.layout["counts"] = [count]
    return examine([entry(1), entry(2, conversation=1)], survey=survey, rule="count_mismatch")


@pytest.mark.parametrize(("declared", "found"), [(2, 2), (1, 2), (0, 0)])
def test_count_that_is_not_above_what_was_found_proves_nothing(declared: int, found: int) -> None:
    assert counted(declared, found) == []


def test_count_above_what_was_found_is_an_indicator_with_both_figures() -> None:
    (found,) = counted(2_444, 8, place="sms.xml")
    assert (found.code, found.confidence, found.count) == ("COUNT_MISMATCH", "indicator", 2_436)
    assert found.title == "2,436 messages fewer than the file declares"
    assert "(sms.xml) declares 2,444 messages and holds 8" in found.explanation
    assert "Make the export" not in found.explanation, "a report prints facts only"
    assert found.advice == "Make the export again and compare."
    assert found.counts == "missing", "messages that are not in the export are no cited entries"
    assert found.whole, "a count of the file is about no single conversation"
    assert found.detail == {"declared": 2_444, "found": 8, "place": "sms.xml"}
    json.dumps(found.detail)


def test_count_of_one_conversation_is_told_there() -> None:
    (found,) = counted(5, 1, conversation=1)
    assert (found.conversation, found.whole) == (1, False)
    assert "conversation declares 5 messages" in found.explanation


def test_export_that_declares_nothing_is_left_alone() -> None:
    assert examine([entry(1)], rule="count_mismatch") == []
