"""Beat's task: checkpoints leave the database every minute."""

from __future__ import annotations

from celery import shared_task

from portal.audit import checkpoints


@shared_task(name="portal.audit.tasks.checkpoint")
def checkpoint() -> None:
    checkpoints.write()
