"""Background work on records. Tasks carry the job's id only; the job row is the truth (invariant I4)."""

from __future__ import annotations

from celery import shared_task

from portal.jobs import queue
from records import ingest
from records.ingest import examination


@shared_task(name="records.tasks.ingest_export")
def ingest_export(job_id: str) -> None:
    """Read one export from its sealed file into rows and findings."""
    queue.run(job_id, ingest.run)


@shared_task(name="records.tasks.examine_attachments")
def examine_attachments(job_id: str) -> None:
    """Look at the bytes of each attachment of one export: hash, type, length, scanner, picture."""
    queue.run(job_id, examination.run)
