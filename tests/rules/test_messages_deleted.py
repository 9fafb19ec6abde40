"""Deleted messages: one finding for each conversation, sender and kind of notice."""

from __future__ import annotations

from records.formats.base import Kind
from tests.rules.streams import entry, examine, survey_of


def test_deletions_are_kept_apart_by_sender_kind_and_conversation() -> None:
    stream = [
        entry(1, Kind.DELETED_BY_EXPORTER, "Ann"),
        entry(2, Kind.DELETED_BY_OTHER, "Ben"),
        entry(3, Kind.DELETED_BY_EXPORTER, "Ann"),
        entry(4, Kind.DELETED, "Ann"),
        entry(5, Kind.DELETED_BY_OTHER, "Ben", conversation=1),
    ]
    found = examine(stream, survey=survey_of(2))
    assert [(f.conversation, f.code, f.detail["sender"], list(f.seqs)) for f in found] == [
        (0, "DELETED_BY_AUTHOR", "Ann", [1, 3]),
        (0, "DELETED_BY_OTHER", "Ben", [2]),
        (0, "DELETED", "Ann", [4]),
        (1, "DELETED_BY_OTHER", "Ben", [5]),
    ]
    assert found[0].title == "2 messages deleted"
    assert found[1].title == "1 message deleted"
    assert all(item.confidence == "certain" for item in found)


def test_words_that_a_person_could_have_typed_are_probable_only() -> None:
    (found,) = examine([entry(1, Kind.DELETED, detail={"certain": False})])
    assert found.confidence == "probable"
    assert "could have typed" in found.explanation


def test_deletion_by_an_administrator_has_its_own_code() -> None:
    (found,) = examine([entry(1, Kind.DELETED_BY_OTHER, detail={"actor": "Cas"})])
    assert found.code == "DELETED_BY_ADMIN"


def test_many_senders_are_summed_up_without_losing_an_entry() -> None:
    stream = [entry(seq, Kind.DELETED, f"sender {seq}") for seq in range(1, 3_001)]
    found = examine(stream)
    assert len(found) == 2_001
    assert found[-1].detail["sender"] is None
    assert sorted(seq for item in found for seq in item.seqs) == list(range(1, 3_001))


def test_deletions_that_the_application_logged_with_their_content_say_so() -> None:
    kept = entry(1, Kind.DELETED, detail={"earlier": ["before"]})
    found = examine([kept, entry(2, Kind.DELETED)], rule="messages_deleted")
    assert [list(item.seqs) for item in found] == [[1], [2]]
    assert "so the content is in this export" in found[0].explanation
    assert "Only the notice is left" in found[1].explanation
