"""A message timer is a span: who set it, how long, from when to when, and what lies in it."""

from __future__ import annotations

from records.formats.base import Kind
from tests.rules.streams import DAY, HOUR, START, entry, examine, survey_of

WEEK = {"seconds": 604_800, "actor": "Ann"}


def on(seq: int, kind: Kind = Kind.TIMER_ON, **more: object):
    return entry(seq, kind, None, **({"detail": WEEK} | more))


def off(seq: int, **more: object):
    return entry(seq, Kind.TIMER_OFF, None, **({"detail": {"actor": "Ben"}} | more))


def spans(entries, **more: object):
    return examine(entries, rule="timer_spans", **more)  # type: ignore[arg-type]


def test_timer_turned_on_and_off_is_one_span_with_both_notices_cited() -> None:
    (found,) = spans([entry(1), on(2), entry(3), entry(4), off(5, local=START + 9 * DAY), entry(6)])
    assert found.code == "TIMER_ON"
    assert found.confidence == "certain"
    assert list(found.seqs) == [2, 5]
    assert (found.first_at, found.last_at) == (START + HOUR, START + 9 * DAY)
    assert found.detail == {
        "seconds": 604_800, "actor": "Ann", "ended_by": "Ben", "entries": 2, "open": False,
    }  # fmt: skip
    assert found.title == "Disappearing messages on for 8 days"
    assert "Ann turned on the message timer on March 1, 2022, 09:00" in found.explanation
    assert "disappear after 7 days" in found.explanation
    assert "holds 2 entries of that span" in found.explanation


def test_timer_never_turned_off_is_open_to_the_end() -> None:
    (found,) = spans([on(1), entry(2), entry(3)])
    assert found.detail["open"] is True
    assert found.detail["entries"] == 2
    assert list(found.seqs) == [1]
    assert found.last_at == START + 2 * HOUR
    assert "still on when the export was made" in found.explanation


def test_each_change_begins_a_span_of_its_own() -> None:
    day = {"seconds": 86_400, "actor": "Ben"}
    found = spans([on(1), entry(2), on(3, Kind.TIMER_CHANGED, detail=day), off(4)])
    assert [item.code for item in found] == ["TIMER_ON", "TIMER_CHANGED"]
    assert [list(item.seqs) for item in found] == [[1, 3], [3, 4]]
    assert "disappear after 24 hours" in found[1].explanation
    assert "Ben changed it" in found[0].explanation


def test_timer_turned_off_whose_beginning_is_not_in_the_export() -> None:
    (found,) = spans([entry(1), entry(2), off(3)])
    assert found.code == "TIMER_OFF"
    assert found.confidence == "probable"
    assert found.first_at == START
    assert found.detail["entries"] == 2
    assert "not in this export" in found.explanation


def test_second_off_tells_of_a_lost_on_since_the_first() -> None:
    first, second = spans([on(1), off(2), entry(3), off(4)])
    assert list(second.seqs) == [4]
    assert second.detail["entries"] == 1
    assert second.first_at == START + HOUR
    assert first.code == "TIMER_ON"


def test_span_without_any_entry_is_said_in_words() -> None:
    (found,) = spans([entry(1), on(2), off(3), entry(4)])
    assert found.detail["entries"] == 0
    assert "no entry of that span" in found.explanation


def test_change_of_unknown_direction_is_probable_only() -> None:
    (found,) = spans([entry(1), on(2, Kind.TIMER_CHANGED, detail=None), entry(3)])
    assert (found.code, found.confidence) == ("TIMER_CHANGED", "probable")
    assert "a period that the notice does not give" in found.explanation
    assert found.explanation.startswith("Somebody changed")


def test_notice_that_speaks_to_the_exporter_names_the_owner_of_the_phone() -> None:
    (found,) = spans([on(1, detail={"seconds": 3_600, "actor": "You"}), entry(2)])
    assert found.explanation.startswith("The person whose phone this is turned on")
    assert "after 1 hour" in found.explanation
    assert found.detail["actor"] == "You"


def test_conversations_do_not_mix() -> None:
    found = spans(
        [on(1), entry(2), off(3, conversation=1), entry(4, conversation=1)], survey=survey_of(2)
    )
    assert [(item.conversation, item.code) for item in found] == [(0, "TIMER_ON"), (1, "TIMER_OFF")]


def test_undecided_times_do_not_stop_the_rule() -> None:
    (found,) = spans([on(1, local=None), entry(2, local=None), off(3, local=None)])
    assert found.first_at is None
    assert found.title == "Disappearing messages were on"
    assert "an undecided time" in found.explanation


def test_a_hundred_thousand_changes_stay_a_bounded_list() -> None:
    found = spans([on(seq) if seq % 2 else off(seq) for seq in range(1, 20_001)])
    assert len(found) == 2_001
    assert found[-1].count == 8_000
    assert sum(len(item.seqs) for item in found) == 2_000 * 2 + 8_000
