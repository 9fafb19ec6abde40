"""A whole portal as `./run` starts it: its own database, data folder, web, worker and beat, with the sample agency."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import psycopg2
import pytest
from django.conf import settings

from tests.environment import free_port, temporary_folder
from tests.processes import Redis, Started, manage, start, wait_for


class SignIn(NamedTuple):
    """One sample account."""

    role: str
    title: str
    username: str
    password: str


@dataclass
class Portal:
    """A running portal. `environment` is what its processes see: hand it to `manage` to act as its operator."""

    address: str
    environment: dict[str, str]
    printed: list[str] = field(default_factory=list)

    def manage(self, *arguments: str) -> str:
        return manage(*arguments, environment=self.environment)

    @cached_property
    def sign_ins(self) -> dict[str, SignIn]:
        """One account for each role, by the role's key in `portal.agency.roles.ROLES`."""
        rows = json.loads(self.manage("sample", "--sign-ins", "--json"))
        return {row["role"]: SignIn(**row) for row in rows}


@contextmanager
def running_portal(*options: str) -> Iterator[Portal]:
    """Embedded (SQLite, queue in files) or as in production (PostgreSQL, Redis), by the engine under test."""
    data = temporary_folder("custos-portal-")
    own = ("REDIS_URL", "DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in own}
    environment |= {"CUSTOS_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    with _production_services() as services:
        port = free_port()
        portal = Portal(f"http://127.0.0.1:{port}", environment | services)
        command = [sys.executable, "manage.py", "serve", "--port", str(port), *options]
        started = start(command, portal.environment, subprocess.PIPE)
        try:
            _wait_until_ready(started, portal)
            yield portal
        finally:
            started.process.terminate()
            started.process.wait(timeout=30)


def _wait_until_ready(started: Started, portal: Portal) -> None:
    """Its console is read to the end, so that it can never block on a full pipe."""
    threading.Thread(
        target=lambda: portal.printed.extend(started.process.stdout or ()), daemon=True
    ).start()

    def ready() -> bool:
        if started.process.poll() is not None:
            pytest.fail("The portal did not start:\n" + "".join(portal.printed))
        return any("Stop it with Ctrl-C" in line for line in portal.printed)

    wait_for(ready, "the portal to be ready", seconds=300)


@contextmanager
def _production_services() -> Iterator[dict[str, str]]:
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        yield {}
        return
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    name = f"custos_portal_{os.getpid()}_{free_port()}"
    redis = Redis(free_port())
    redis.start()
    _postgresql(server, f"CREATE DATABASE {name}")
    try:
        yield {"DATABASE_URL": f"{server}/{name}", "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0"}
    finally:
        _postgresql(server, f"DROP DATABASE {name} WITH (FORCE)")
        redis.stop()


def _postgresql(server: str, statement: str) -> None:
    link = psycopg2.connect(f"{server}/postgres")
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(statement)
    link.close()
