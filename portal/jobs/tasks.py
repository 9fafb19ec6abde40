"""Beat's task: nothing that was accepted may rest for ever, and the worker that does it is alive."""

from __future__ import annotations

from celery import shared_task

from portal.jobs import heartbeat, queue


@shared_task(name="portal.jobs.tasks.sweep")
def sweep() -> None:
    heartbeat.note()
    queue.sweep()
