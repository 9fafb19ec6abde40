"""Leases over job rows: enqueue, take, beat, finish, sweep. Works the same with Redis, with files, and with neither.

A worker takes a job by a conditional UPDATE that raises the fencing token. Every commit of the worker's rows checks
that token in the same transaction (`Lease.beat`), so a worker that was given up for dead cannot write any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.jobs.models import Job
from portal.places import where

log = structlog.get_logger("custos.jobs")
MAX_ATTEMPTS = 5
RING_AGAIN = timedelta(seconds=60)


class LeaseLost(Exception):
    """Another worker holds the job now: roll back and stop."""


def enqueue(kind: str, subject_id: object) -> Job:
    """Queue a job in the caller's transaction; the doorbell rings on commit. One open job per subject."""
    job, created = Job.objects.get_or_create(
        kind=kind,
        subject_id=str(subject_id),
        state__in=["queued", "running"],
        defaults={"state": Job.State.QUEUED},
    )
    if created:
        transaction.on_commit(lambda: ring(job.pk, kind))
    return job


def ring(job_id: UUID, kind: str) -> None:
    """Tell a worker. A broker that is away loses nothing: the sweep rings again."""
    Job.objects.filter(pk=job_id).update(rung_at=timezone.now())
    try:
        current_app.send_task(kind, args=[str(job_id)], retry=False)
    except Exception as error:  # the broker is only a doorbell
        log.warning("doorbell_failed", job_id=str(job_id), error=type(error).__name__)


@dataclass
class Lease:
    """A job held by this worker, until it finishes or another worker takes it."""

    job: Job
    token: int

    def _mine(self) -> Q:
        return Q(pk=self.job.pk, token=self.token, state=Job.State.RUNNING)

    def beat(
        self, *, done: int | None = None, total: int | None = None, stage: str | None = None
    ) -> None:
        """Prolong the lease and show progress. Call it inside the transaction that commits rows.

        Raises LeaseLost when another worker has taken the job: the transaction must roll back.
        """
        now = timezone.now()
        values: dict[str, object] = {
            "heartbeat_at": now,
            "lease_until": now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
        }
        for name, value in (("done", done), ("total", total), ("stage", stage)):
            if value is not None:
                values[name] = value
        if Job.objects.filter(self._mine()).update(**values) == 0:
            raise LeaseLost(str(self.job.pk))

    def finish(self) -> None:
        """Call it inside the transaction that commits the outcome."""
        now = timezone.now()
        updated = Job.objects.filter(self._mine()).update(
            state=Job.State.DONE,
            finished_at=now,
            heartbeat_at=now,
            lease_until=None,
            error="",
            error_code="",
        )
        if updated == 0:
            raise LeaseLost(str(self.job.pk))

    def give_way(self) -> None:
        """Put the job back, whole, for work that comes first: the sweep rings for it again after a while."""
        now = timezone.now()
        Job.objects.filter(self._mine()).update(
            state=Job.State.QUEUED, attempts=0, rung_at=now, lease_until=None
        )

    def fail(self, code: str, error: str) -> None:
        now = timezone.now()
        Job.objects.filter(self._mine()).update(
            state=Job.State.FAILED,
            finished_at=now,
            lease_until=None,
            error_code=code,
            error=error[:4000],
        )


def take(job_id: str | UUID) -> Lease | None:
    """Take a queued job, or one whose lease has lapsed. None: somebody else has it, or it has ended."""
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    updated = (
        Job.objects.filter(Q(pk=job_id) & free)
        .filter(attempts__lt=MAX_ATTEMPTS)
        .update(
            state=Job.State.RUNNING,
            token=F("token") + 1,
            attempts=F("attempts") + 1,
            started_at=now,
            heartbeat_at=now,
            lease_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
        )
    )
    if updated == 0:
        return None
    job = Job.objects.get(pk=job_id)
    return Lease(job, job.token)


def run(job_id: str, work: Callable[[Lease], None]) -> bool:
    """Take a job and do its work. False: it was not ours to do.

    An unknown error fails the job with its type and place; its words may quote a message and are kept nowhere.
    """
    lease = take(job_id)
    if lease is None:
        return False
    try:
        work(lease)
    except LeaseLost:
        log.warning("lease_lost", job_id=job_id)
        return False
    except Exception as error:
        lease.fail("J-ERROR", where(error))
        log.exception("job_failed", job_id=job_id, kind=lease.job.kind)
        raise
    return True


def sweep() -> int:
    """Ring again for jobs nobody works on: never rung, rung in vain, or left by a worker that died."""
    now = timezone.now()
    lost = Q(state=Job.State.RUNNING, lease_until__lt=now)
    waiting = Q(state=Job.State.QUEUED) & (
        Q(rung_at__isnull=True) | Q(rung_at__lt=now - RING_AGAIN)
    )
    exhausted = Job.objects.filter(lost, attempts__gte=MAX_ATTEMPTS).update(
        state=Job.State.FAILED,
        finished_at=now,
        lease_until=None,
        error_code="J-GIVEN-UP",
        error=f"Given up after {MAX_ATTEMPTS} attempts: the worker ended each time before the job did.",
    )
    if exhausted:
        log.error("jobs_given_up", count=exhausted)
    again = list(Job.objects.filter(lost | waiting).values_list("pk", "kind"))
    for job_id, kind in again:
        ring(job_id, kind)
    return len(again)
