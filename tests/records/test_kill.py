"""Workers that are killed, doubled or given up for dead: nothing is lost and nothing is written twice (I2, I4)."""

from __future__ import annotations

import logging
import os
import random
import signal
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connections

from portal.jobs import queue
from portal.jobs.models import Job
from records import ingest
from records.ingest import bulk
from records.models import Message, MessageExport
from tests.processes import Redis, Worker, wait_for
from tests.records.exports import Desk, chat, last_job, table_rows

KILLS = 50
ENTRIES = 30_000
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


class Forked:
    """A worker process on its own connection that does one job; it can be killed at any moment."""

    def __init__(self, job: Job, log: Path) -> None:
        connections.close_all()
        self.pid = os.fork()
        if self.pid == 0:
            self._work(job, log)

    def _work(self, job: Job, log: Path) -> None:
        code = 1
        logging.getLogger().addHandler(logging.FileHandler(log))
        try:
            code = 0 if queue.run(str(job.pk), ingest.run) else 3
        except BaseException:
            with log.open("a") as file:
                traceback.print_exc(file=file)
        finally:
            os._exit(code)

    def ended(self, seconds: float) -> int | None:
        """Exit code when it ends within these seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.005)
        return None

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    for engine in (bulk.Postgres, bulk.Sqlite):
        monkeypatch.setattr(engine, "most", 2_000)
    settings.JOB_LEASE_SECONDS = 0.2  # type: ignore[attr-defined]


@pytest.mark.slow
def test_worker_killed_fifty_times_at_random_points_loses_and_doubles_nothing(
    small_batches: None, tmp_path: Path
) -> None:
    chance = random.Random()
    data = with_problems(chat(ENTRIES, seed=chance.randrange(10**6)))
    started = time.monotonic()
    undisturbed = table_rows(Desk().read(data))
    assert len(undisturbed["problems"]) > 5, "the kills fall between problems too"
    usual = time.monotonic() - started
    killed, finished, marks = 0, 0, set()
    while killed < KILLS:
        export = Desk().hand_in(data).export
        killed += read_with_kills(export, KILLS - killed, usual, chance, tmp_path / "log", marks)
        export.refresh_from_db()
        assert export.state == "ready", last_job(export).error
        assert table_rows(export) == undisturbed
        finished += 1
    assert killed == KILLS
    assert len(marks) > 5, "the kills hit different places"
    assert Message.objects.count() == ENTRIES * (finished + 1)


def with_problems(data: bytes) -> bytes:
    """The same entries, some of them with NUL characters and bytes that are no text: problems all over the file."""
    lines = data.splitlines(keepends=True)
    headers = [at for at, line in enumerate(lines) if line[:1].isdigit() and b": " in line]
    for at in [*headers[:: len(headers) // 12], headers[-1]]:
        lines[at] = lines[at].rstrip(b"\n") + b" \x00\xff\n"
    return b"".join(lines)


def read_with_kills(
    export: MessageExport,
    most: int,
    usual: float,
    chance: random.Random,
    log: Path,
    marks: set[int],
) -> int:
    """Have an export read by one worker after the other until it is done; answers how many were killed."""
    killed = refused = 0
    while True:
        job = last_job(export)
        wait_for(lambda job=job: lapsed(job), "the lease to lapse", seconds=10)
        worker = Forked(job, log)
        # Four attempts without progress: the fifth would be the last, so it may go on.
        patience = (
            120.0
            if killed >= most or last_job(export).attempts >= 4
            else chance.uniform(0, usual * 0.6)
        )
        code = worker.ended(patience)
        told = log.read_text() if log.exists() else ""
        if code == 0:
            return killed
        if code is not None:
            # The last commit of a killed process may still come through after its end: it finished the job, or it
            # prolonged the lease, and the next worker comes again.
            refused, state = refused + 1, last_job(export).state
            assert code == 3, told
            assert state in ("queued", "running", "done"), told
            assert refused <= KILLS, told
            if state == "done":
                return killed
            continue
        worker.kill()
        killed += 1
        marks.add(MessageExport.objects.get(pk=export.pk).written_through)


def lapsed(job: Job) -> bool:
    job.refresh_from_db()
    return job.lease_until is None or job.lease_until < datetime.now(UTC)


def test_one_job_delivered_twice_at_once_is_done_once(settings: object, tmp_path: Path) -> None:
    settings.JOB_LEASE_SECONDS = 60  # type: ignore[attr-defined]
    export = Desk().hand_in(chat(5_000)).export
    job = last_job(export)
    workers = [Forked(job, tmp_path / "log") for _ in range(2)]
    codes = [worker.ended(60) for worker in workers]
    assert sorted(codes, key=str) == [0, 3], codes
    export.refresh_from_db()
    assert (export.state, export.messages.count()) == ("ready", 5_000)


def test_worker_given_up_for_dead_cannot_write_beside_its_successor(
    small_batches: None, tmp_path: Path
) -> None:
    data = chat(20_000)
    undisturbed = table_rows(Desk().read(data))
    export = Desk().hand_in(data).export
    job = last_job(export)
    first = Forked(job, tmp_path / "log")
    wait_for(lambda: MessageExport.objects.get(pk=export.pk).written_through, "the first rows")
    Job.objects.filter(pk=job.pk).update(lease_until=LONG_AGO)
    second = Forked(job, tmp_path / "log")
    codes = {first.ended(60), second.ended(60)}
    assert 0 in codes, codes
    export.refresh_from_db()
    assert table_rows(export) == undisturbed


@pytest.mark.slow
def test_real_worker_killed_in_the_middle_is_followed_by_the_next_one(
    redis: Redis, tmp_path: Path
) -> None:
    data = chat(60_000)
    desk = Desk()
    running = Worker(tmp_path / "worker.log", CUSTOS_JOB_LEASE_SECONDS="2")
    running.start()
    try:
        export = desk.hand_in(data).export
        wait_for(
            lambda: MessageExport.objects.get(pk=export.pk).written_through,
            "the first rows",
            seconds=60,
        )
        running.kill()
        export.refresh_from_db()
        assert export.state == "reading"
        wait_for(lambda: lapsed(last_job(export)), "the lease to lapse", seconds=10)
        running.start()
        running.until_idle()
    finally:
        running.kill()
    export.refresh_from_db()
    assert (export.state, export.messages.count()) == ("ready", 60_000)
    assert last_job(export).token == 2
