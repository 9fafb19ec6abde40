"""The audit log: one chain, append-only in the database itself, checkpointed outside (I7)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from portal.audit import checkpoints, guards, log
from portal.audit.models import AuditEvent, AuditHead
from tests.factories import OfficeFactory, UserFactory


def _events(count: int) -> list[AuditEvent]:
    office, actor = OfficeFactory(), UserFactory(first_name="Ann", last_name="Archer")
    with transaction.atomic():
        return [
            log.record(
                "office.changed", office, actor=actor, office_id=office.pk, detail={"step": step}
            )
            for step in range(count)
        ]


def _rewrite(statement: str, *values: object) -> None:
    """What somebody with the database's own rights could do: take the guards away and change a row."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table with foreign-key checks still to come cannot be altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        guards.remove(connection, guards.AUDIT)
        cursor.execute(statement, values)
    guards.install(connection, guards.AUDIT)


@pytest.mark.django_db
def test_events_follow_one_another_by_hash():
    first, second = _events(2)
    assert second.previous_hash == first.hash
    assert second.sequence == first.sequence + 1
    assert list(log.breaks()) == []


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused():
    office = OfficeFactory()
    with pytest.raises(TransactionManagementError):
        log.record("office.changed", office, actor=None)


@pytest.mark.django_db(transaction=True)
def test_an_event_dies_with_the_change_it_describes():
    office = OfficeFactory()

    @transaction.atomic
    def change_that_fails() -> None:
        log.record("office.changed", office, actor=None)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    assert not AuditEvent.objects.exists()
    assert not AuditHead.objects.filter(sequence__gt=0).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET actor_name = 'Nobody'",
        "UPDATE audit_auditevent SET sequence = sequence + 100",
        "DELETE FROM audit_auditevent",
        "DELETE FROM audit_auditevent WHERE sequence = 1",
        "UPDATE vault_storedfile SET sha256 = 'x'",
        "UPDATE vault_storedfile SET size = 0",
        "DELETE FROM vault_storedfile",
    ],
)
def test_the_database_refuses_to_change_what_only_grows(statement):
    from tests.factories import StoredFileFactory

    StoredFileFactory()
    _events(2)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
def test_replacing_an_event_is_refused():
    event = _events(1)[0]
    copy = AuditEvent.objects.get(pk=event.pk)
    copy.actor_name = "Nobody"
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.bulk_create([copy])
    if connection.vendor == "sqlite":
        columns = ", ".join(field.column for field in AuditEvent._meta.concrete_fields)
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f"INSERT OR REPLACE INTO audit_auditevent ({columns}) SELECT {columns} FROM audit_auditevent"
            )


@pytest.mark.django_db
def test_a_guard_that_was_taken_away_is_named():
    assert guards.missing(connection) == []
    with connection.cursor() as cursor:
        on = " ON audit_auditevent" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER audit_auditevent_no_delete{on}")
    assert guards.missing(connection) == ["audit_auditevent_no_delete"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "column", ["actor_name", "action", "object_label", "detail", "previous_hash"]
)
def test_a_changed_event_is_located(column):
    _events(5)
    value = '{"step": 99}' if column == "detail" else "changed"
    _rewrite(f"UPDATE audit_auditevent SET {column} = %s WHERE sequence = 3", value)
    assert 3 in {found.sequence for found in log.breaks()}


@pytest.mark.django_db
def test_a_missing_event_is_located():
    _events(5)
    _rewrite("DELETE FROM audit_auditevent WHERE sequence = 3")
    assert ("A-MISSING", 3) in {(found.code, found.sequence) for found in log.breaks()}


@pytest.mark.django_db
def test_a_cut_end_is_found_by_the_checkpoint_even_when_the_head_was_moved_back(settings, tmp_path):
    settings.CHECKPOINTS_FILE = tmp_path / "audit.jsonl"
    events = _events(5)
    assert checkpoints.write()
    assert not checkpoints.write(), "nothing new to checkpoint"
    _rewrite("DELETE FROM audit_auditevent WHERE sequence > 3")
    AuditHead.objects.update(sequence=3, hash=events[2].hash)
    assert list(log.breaks()) == [], "a bare chain cannot see its end cut off"
    assert [found.code for found in checkpoints.breaks()] == ["A-REWRITTEN"]


@pytest.mark.django_db
def test_a_forged_checkpoint_is_found(settings, tmp_path):
    settings.CHECKPOINTS_FILE = tmp_path / "audit.jsonl"
    _events(2)
    checkpoints.write()
    path = tmp_path / "audit.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"sequence":2', b'"sequence":1'))
    assert [found.code for found in checkpoints.breaks()] == ["A-CHECKPOINT"]


@pytest.mark.django_db
def test_a_checkpoint_line_that_a_crash_cut_off_does_not_stop_the_next_one(settings, tmp_path):
    settings.CHECKPOINTS_FILE = tmp_path / "audit.jsonl"
    _events(1)
    checkpoints.write()
    with settings.CHECKPOINTS_FILE.open("ab") as file:
        file.write(b'{"sequence": 2, "ha')
    _events(1)
    assert checkpoints.write()
    assert [body["sequence"] for body in checkpoints.read()] == [1, 2]
    assert checkpoints.breaks() == []
