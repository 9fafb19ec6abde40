"""How far the reading of an export has come, in figures and words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from portal.jobs.models import Job
from records.lifecycles import latest_job
from records.models import MessageExport

SILENT_AFTER = timedelta(seconds=30)
_STAGES = {
    "surveying": "Looking through the whole file",
    "examining": "Looking for evidence of loss",
    "clearing": "Dropping the earlier index",
}


class Progress(NamedTuple):
    """What a person sees while a worker reads an export."""

    job: Job | None
    done: int
    total: int
    rate: int  # entries in a second
    heartbeat: datetime | None
    silent: bool  # no sign of life: the sweep will hand the job to another worker
    failed: bool

    @property
    def stage(self) -> str:
        """What is being done, in words."""
        if self.job is None or self.job.state == Job.State.QUEUED:
            return "Waiting for a worker"
        return _STAGES.get(self.job.stage, "Reading")

    @property
    def measured(self) -> bool:
        """Whether the share that is done is known: before the first step and after the last it says nothing."""
        return 0 < self.done < self.total


def of(export: MessageExport) -> Progress:
    """The progress of the latest job of this export."""
    job = latest_job(export)
    if job is None:
        return Progress(None, 0, 0, 0, None, False, False)
    now = timezone.now()
    begun = job.started_at or now
    seconds = ((job.heartbeat_at or now) - begun).total_seconds()
    rate = int(export.written_through / seconds) if seconds >= 1 else 0
    alive_at = job.heartbeat_at or job.created_at
    silent = job.state in (Job.State.RUNNING, Job.State.QUEUED) and now - alive_at > SILENT_AFTER
    return Progress(
        job, job.done, job.total, rate, job.heartbeat_at, silent, job.state == Job.State.FAILED
    )
