"""Jobs: the row is the truth, the broker a doorbell; an older lease can commit nothing (I4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.jobs import queue
from portal.jobs.models import Job
from portal.kit.logs import JsonLines

BODY = "meet me at the bridge"
KIND = "portal.jobs.tasks.sweep"


@pytest.fixture
def job() -> Job:
    return queue.enqueue(KIND, 1)


@pytest.mark.django_db
def test_a_subject_has_one_open_job_of_a_kind(job):
    assert queue.enqueue(KIND, 1) == job
    assert queue.enqueue(KIND, 2) != job
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind=KIND, subject_id="1")


@pytest.mark.django_db
def test_a_taken_job_cannot_be_taken_again_until_its_lease_lapses(job, settings):
    settings.JOB_LEASE_SECONDS = 60
    first = queue.take(job.pk)
    assert first is not None
    assert queue.take(job.pk) is None
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        second = queue.take(job.pk)
        assert second is not None
        assert second.token == first.token + 1


@pytest.mark.django_db
def test_an_older_lease_can_neither_beat_nor_finish(job, settings):
    settings.JOB_LEASE_SECONDS = 60
    old = queue.take(job.pk)
    assert old is not None
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert queue.take(job.pk) is not None
        with pytest.raises(queue.LeaseLost):
            old.beat(done=5)
        with pytest.raises(queue.LeaseLost):
            old.finish()
        old.fail("X", "too late")
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING
    assert job.error == ""


@pytest.mark.django_db
def test_a_beat_prolongs_the_lease_and_shows_progress(job):
    lease = queue.take(job.pk)
    assert lease is not None
    lease.beat(done=10, total=20, stage="reading")
    job.refresh_from_db()
    assert (job.done, job.total, job.stage) == (10, 20, "reading")
    assert job.lease_until > timezone.now()


@pytest.mark.django_db
def test_an_unknown_error_fails_the_job_with_its_type_and_place_and_without_its_words(job, caplog):
    def work(lease: queue.Lease) -> None:
        try:
            raise KeyError(BODY)
        except KeyError:
            raise ValueError(BODY) from None

    with pytest.raises(ValueError, match="bridge"):
        queue.run(str(job.pk), work)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "J-ERROR")
    assert "ValueError at portal/jobs/queue.py" in job.error
    assert "; from KeyError at tests/portal/test_jobs.py" in job.error
    written = "".join(JsonLines().format(record) for record in caplog.records)
    assert "ValueError" in written
    assert BODY not in job.error + written


@pytest.mark.django_db
def test_the_sweep_rings_for_what_was_left_behind_and_gives_up_in_the_end(job, settings):
    settings.JOB_LEASE_SECONDS = 60
    moment = timezone.now()
    for _ in range(queue.MAX_ATTEMPTS):
        moment += timedelta(seconds=61)
        with time_machine.travel(moment, tick=False):
            assert queue.sweep() == 1
            assert queue.take(job.pk) is not None
            assert queue.sweep() == 0, "a job at work is left alone"
    with time_machine.travel(moment + timedelta(seconds=61)):
        assert queue.sweep() == 0
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "J-GIVEN-UP")
