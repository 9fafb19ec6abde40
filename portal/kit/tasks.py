"""Beat's task: shared values that have ended go."""

from __future__ import annotations

from celery import shared_task

from portal.kit import shared


@shared_task(name="portal.kit.tasks.forget_expired")
def forget_expired() -> None:
    shared.forget_expired()
