"""Exports of chosen dates, and conversations that began before their first message."""

from __future__ import annotations

from records.rules.base import Found
from tests.rules.streams import DAY, START, entry, examine, survey_of


def partial(**layout: object) -> list[Found]:
    survey = survey_of(2, format_="discord")
    survey.layout.update(layout)
    stream = [entry(1), entry(2, conversation=1)]
    return examine(stream, survey=survey, rule="partial_export")


def test_chosen_dates_are_certain_in_every_conversation() -> None:
    found = partial(range={"after": "2022-01-01", "before": None})
    assert [(item.code, item.confidence, item.conversation) for item in found] == [
        ("PARTIAL_RANGE", "certain", 0),
        ("PARTIAL_RANGE", "certain", 1),
    ]
    assert found[0].explanation.endswith("after 2022-01-01. What lies outside is not in it.")
    assert found[0].advice.startswith("Make the export again")
    assert found[0].counts == "held", "what is missing cannot be counted"
    assert [list(item.seqs) for item in found] == [[1], [2]]


def test_conversation_made_long_before_its_first_message_is_an_indicator() -> None:
    (found,) = partial(created={"0": START - 30 * DAY, "1": START})
    assert (found.conversation, found.confidence) == (0, "indicator")


def test_nothing_chosen_and_nothing_known_proves_nothing() -> None:
    assert partial() == []
    assert partial(range={"after": None, "before": None}, created={}) == []
