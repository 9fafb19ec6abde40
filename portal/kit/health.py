"""Is the portal able to work? Database, queue, worker and sealed store, in words without detail."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from kombu import Connection

from portal.jobs import heartbeat
from portal.jobs.models import Job
from portal.kit.views import public

log = structlog.get_logger("custos.health")
WORKER_SILENT_AFTER = timedelta(seconds=120)


@public
def health(request: HttpRequest) -> JsonResponse:
    """200 when everything a person needs works, else 503. Public: load balancers and container checks ask it."""
    parts = {name: _try(check) for name, check in CHECKS.items()}
    ok = all(words == "ok" for words in parts.values())
    return JsonResponse({"status": "ok" if ok else "degraded", **parts}, status=200 if ok else 503)


def _try(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:
        # Whatever it is, the answer is one word; what it was stands in the operator's log.
        log.warning("health_failing", error=type(error).__name__)
        return "failing"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return "ok" if cursor.fetchone() == (1,) else "failing"


def _queue() -> str:
    if not settings.REDIS_URL:
        folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]))
        return "ok" if os.access(folder, os.W_OK) else "failing"
    with Connection(settings.CELERY_BROKER_URL, connect_timeout=1) as broker:
        broker.ensure_connection(max_retries=1, timeout=1)
    return "ok"


def _worker() -> str:
    """A worker is seen at least every half minute, and no job waits for long while none runs."""
    limit = timezone.now() - WORKER_SILENT_AFTER
    seen = heartbeat.last_seen()
    if seen is None:
        return "not seen yet"
    if seen < limit:
        return f"not seen since {seen.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    waiting = Job.objects.filter(state=Job.State.QUEUED, created_at__lt=limit)
    if not waiting.exists():
        return "ok"
    busy = Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__gte=limit)
    return "ok" if busy.exists() else "silent"


def _vault() -> str:
    folder = Path(settings.VAULT_DIR)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return "ok" if os.access(folder, os.W_OK) else "failing"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "queue": _queue,
    "worker": _worker,
    "vault": _vault,
}
