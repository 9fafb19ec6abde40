"""Real processes for tests: Redis, the worker, the whole portal, started with the words of production."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import urlsplit

import pytest
import redis as redis_client
from django.conf import settings

from portal.celery import app
from portal.jobs import processes
from portal.jobs.models import Job
from tests.databases import database_url
from tests.environment import ROOT

T = TypeVar("T")


def wait_for(condition: Callable[[], T], words: str, *, seconds: float = 30) -> T:
    """Ask until the answer is true; fail with the words when it never is."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"Waited {seconds} seconds in vain for: {words}")
        time.sleep(0.05)
    return answer


@dataclass
class Started:
    """A process in a group of its own, so that it ends with everything it started."""

    process: subprocess.Popen[str]

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        self.process.wait(timeout=20)


def start(
    command: list[str], environment: dict[str, str], output: int | IO[str] = subprocess.DEVNULL
) -> Started:
    return Started(
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
    )


class Redis:
    """A Redis server of this test process alone: it can vanish and come back (invariant I4)."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.client = redis_client.Redis(port=port, socket_connect_timeout=1)
        self._started: Started | None = None

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.fail("redis-server is not installed: run ./test once, or install it yourself.")
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._started = start([*command, "--appendonly", "no"], dict(os.environ))
        wait_for(self.answers, "Redis to answer", seconds=10)

    def stop(self) -> None:
        if self._started:
            self._started.kill()
            self._started = None

    def answers(self) -> bool:
        with contextlib.suppress(redis_client.ConnectionError):
            return bool(self.client.ping())
        return False


class Worker:
    """A Celery worker in another process, on the test database."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log = log
        self.environment = {**os.environ, "DATABASE_URL": database_url(), **environment}
        self._started: Started | None = None

    @property
    def pid(self) -> int:
        assert self._started is not None
        return self._started.process.pid

    def start(self) -> None:
        """Answers when the worker takes tasks."""
        command = [*processes.worker(concurrency=1), "--hostname", f"test@{settings.DATA_DIR.name}"]
        with self.log.open("a") as log:
            self._started = start(command, self.environment, log)
        wait_for(self._ready, f"the worker to answer (its log: {self.log})", seconds=40)

    def _ready(self) -> bool:
        assert self._started is not None
        if self._started.process.poll() is not None:
            pytest.fail(f"The worker ended at its start:\n{self.log.read_text()[-4000:]}")
        return bool(app.control.ping(timeout=0.3))

    def kill(self) -> None:
        """SIGKILL to the worker and its pool at once: nobody says good-bye."""
        if self._started:
            self._started.kill()
            self._started = None

    def until_idle(self, *, seconds: float = 60) -> None:
        """Wait until no job is queued or running."""
        open_states = [Job.State.QUEUED, Job.State.RUNNING]
        wait_for(
            lambda: not Job.objects.filter(state__in=open_states).exists(),
            f"all jobs to end (the worker's log: {self.log})",
            seconds=seconds,
        )


@pytest.fixture(scope="session")
def _redis() -> Iterator[Redis]:
    server = Redis(urlsplit(settings.REDIS_URL).port or 6379)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(_redis: Redis) -> Redis:
    """A real Redis, empty. A test may stop it; the next one finds it running again."""
    if not _redis.answers():
        _redis.start()
    _redis.client.flushall()
    return _redis


@pytest.fixture
def worker(transactional_db: None, redis: Redis, tmp_path: Path) -> Iterator[Worker]:
    """A real worker on a real queue, on the database of this test."""
    running = Worker(tmp_path / "worker.log")
    running.start()
    yield running
    running.kill()


def manage(*arguments: str, environment: dict[str, str] | None = None) -> str:
    """Run `manage.py` as an operator does; answers what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment or dict(os.environ),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
