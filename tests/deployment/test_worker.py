"""The test harness itself: a worker in another process shares this process's database, queue and data folder."""

from __future__ import annotations

import pytest
from django.db import Error, connection, transaction

from portal.agency.models import User
from portal.audit import checkpoints, log
from portal.audit.models import AuditEvent
from portal.celery import app
from tests.processes import Worker, wait_for


def _event() -> AuditEvent:
    with transaction.atomic():
        person = User.objects.create(username="somebody")
        return log.record("test.happened", person, actor=None)


def test_worker_in_another_process_sees_rows_and_queue_of_this_one(worker: Worker) -> None:
    event = _event()
    app.send_task("portal.audit.tasks.checkpoint")
    wait_for(checkpoints.read, "the worker to write a checkpoint")
    assert checkpoints.read()[-1]["hash"] == event.hash


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_starts_without_events_and_with_the_guards_in_place(turn: int) -> None:
    assert not AuditEvent.objects.exists()
    _event()
    with pytest.raises(Error), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_auditevent")
