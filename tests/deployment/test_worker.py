"""The test harness itself: a worker in another process shares this process's database, queue and data folder."""

from __future__ import annotations

import os

import pytest
from django.db import Error, connection, transaction

from portal.agency.models import User
from portal.audit import checkpoints, log
from portal.audit.models import AuditEvent
from portal.celery import app
from portal.jobs import heartbeat
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


def test_an_idle_worker_is_seen_from_its_start(worker: Worker) -> None:
    wait_for(heartbeat.last_seen, "the worker to carry out the sweep of its start")


def test_worker_and_its_pool_let_pages_go_first(worker: Worker) -> None:
    # Of a group the system tells the niceness of its least patient member.
    assert os.getpriority(os.PRIO_PGRP, worker.pid) > os.getpriority(os.PRIO_PROCESS, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_starts_without_events_and_with_the_guards_in_place(turn: int) -> None:
    assert not AuditEvent.objects.exists()
    _event()
    with pytest.raises(Error), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_auditevent")
