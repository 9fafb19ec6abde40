"""Background work of reports: building the submission package."""

from __future__ import annotations

from celery import shared_task

from portal.jobs import queue
from reports.services import submissions


@shared_task(name=submissions.BUILD_TASK)
def build_package(job_id: str) -> None:
    queue.run(job_id, submissions.build_package)
