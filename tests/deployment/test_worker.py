"""The harness itself: a worker in another process does what this process asked for."""

from __future__ import annotations

from portal.jobs.models import Job
from tests.processes import Worker, wait_for


def test_worker_in_another_process_takes_a_job_from_redis(worker: Worker) -> None:
    from portal.jobs import queue

    job = Job.objects.create(kind="portal.jobs.tasks.sweep", subject_id="1")
    Job.objects.filter(pk=job.pk).update(rung_at=None)
    queue.ring(job.pk, "portal.jobs.tasks.sweep")
    wait_for(lambda: not worker.log.read_text(), "x")
