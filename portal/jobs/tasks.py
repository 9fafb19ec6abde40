"""Beat's task: nothing that was accepted may rest for ever."""

from __future__ import annotations

from celery import shared_task

from portal.jobs import queue


@shared_task(name="portal.jobs.tasks.sweep")
def sweep() -> None:
    queue.sweep()
