"""The Celery application: tasks carry primary keys only; the job row is the truth (invariant I4)."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_ready
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("custos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def _keep_django_logging(**_: object) -> None:
    """Django's LOGGING already stands: Celery must not replace it."""


@worker_init.connect
def _let_pages_go_first(**_: object) -> None:
    """An import takes every second it is given: pages on the same processors come before it."""
    os.nice(10)


@worker_ready.connect
def _sweep_at_start(**_: object) -> None:
    """A worker that was killed left jobs behind: look for them at once, not at the next beat."""
    app.send_task("portal.jobs.tasks.sweep")
