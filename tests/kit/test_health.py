"""The health address: 200 when the portal can work, 503 when not, and no detail of the inside."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.jobs.models import Heartbeat, Job
from portal.jobs.tasks import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _queue_in_files(settings: Any, tmp_path: Path) -> None:
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path)}


@pytest.fixture(autouse=True)
def _worker_seen(db: None) -> None:
    sweep()


def test_healthy_portal_answers_200_to_anybody(client: Client) -> None:
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "database": "ok",
        "queue": "ok",
        "worker": "ok",
        "vault": "ok",
    }


def test_job_that_nobody_takes_is_a_silent_worker(client: Client) -> None:
    job = Job.objects.create(kind="records.ingest", subject_id="1")
    assert client.get("/health/").status_code == 200
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["worker"] == "silent"


def test_a_worker_that_died_while_it_had_nothing_to_do_is_missed(client: Client) -> None:
    seen = timezone.now()
    with time_machine.travel(seen + timedelta(seconds=119), tick=False):
        assert client.get("/health/").json()["worker"] == "ok"
    with time_machine.travel(seen + timedelta(seconds=125), tick=False):
        answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["worker"].startswith(f"not seen since {seen.astimezone(UTC):%Y-%m-%dT%H:}")


def test_a_worker_that_was_never_there_is_missed(client: Client) -> None:
    Heartbeat.objects.all().delete()
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["worker"] == "not seen yet"


def test_a_worker_that_reads_for_long_is_seen_by_its_job(client: Client) -> None:
    later = timezone.now() + timedelta(hours=1)
    Job.objects.create(kind="records.ingest", subject_id="1", state="running", heartbeat_at=later)
    with time_machine.travel(later, tick=False):
        assert client.get("/health/").json()["worker"] == "ok"


def test_job_that_waits_behind_a_busy_worker_is_no_failure(client: Client) -> None:
    job = Job.objects.create(kind="records.ingest", subject_id="1")
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    Job.objects.create(
        kind="records.ingest", subject_id="2", state="running", heartbeat_at=timezone.now()
    )
    assert client.get("/health/").json()["worker"] == "ok"


def test_unreachable_broker_is_503_without_its_address(client: Client, settings: Any) -> None:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://user:secret@127.0.0.1:1/0"
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert answer.json()["queue"] == "failing"
    assert "secret" not in answer.content.decode()


def test_missing_queue_folder_is_503(client: Client, settings: Any) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": "/nonexistent/queue"}
    assert client.get("/health/").json()["queue"] == "failing"
