"""`manage.py serve`: the whole portal on one machine, in the foreground. `./run` ends here."""

from __future__ import annotations

import fcntl
import http.client
import io
import logging
import os
import socket
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from portal.agency.models import Setup, User
from portal.jobs import processes
from portal.jobs.supervisor import Supervisor

START_SECONDS = 90


class Command(BaseCommand):
    help = "Start web, worker and beat, wait until they answer, and stop all of them together."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--empty", action="store_true", help="without the sample agency")

    def handle(self, *, host: str, port: int, empty: bool, **_: Any) -> None:
        try:
            self._serve(host, port, empty=empty)
        except CommandError as error:
            # The sentence alone: whoever typed ./run knows of no commands.
            self.stderr.write(str(error))
            raise SystemExit(1) from None

    def _serve(self, host: str, port: int, *, empty: bool) -> None:
        address = _address(host, port)
        log_folder = settings.DATA_DIR / "log"
        log_folder.mkdir(parents=True, exist_ok=True)
        _log_to(log_folder / "serve.log")
        with _locked(settings.DATA_DIR / "run.lock", address) as lock:
            try:
                self._prepare(empty=empty)
            except KeyboardInterrupt:
                raise CommandError("Stopped before the start was complete; run it again.") from None
            with Supervisor(
                settings.BASE_DIR, log_folder, _environment(host), lock.fileno(), self._say
            ) as supervisor:
                supervisor.start("web", processes.web(host, port))
                supervisor.start("worker", processes.worker())
                supervisor.start("beat", processes.beat())
                self._wait_until_healthy(supervisor, host, port)
                if not supervisor.stopping:
                    self._welcome(address)
                while not supervisor.stopping:
                    if failed := supervisor.tend():
                        raise CommandError(_stays_down(failed.name))
                    time.sleep(0.25)
                self._say("Stopping ...")
        self._say("Custos has stopped. Your data is kept.")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    def _prepare(self, *, empty: bool) -> None:
        """The database at its newest layout, and the sample agency unless it is unwanted."""
        _require_queue()
        try:
            call_command("migrate", interactive=False, verbosity=0, stdout=io.StringIO())
        except OperationalError as error:
            raise CommandError(_database_words(error)) from None
        sample = Setup.objects.filter(sample=True).exists()
        if empty and sample:
            raise CommandError(
                f"The sample agency is loaded in {settings.DATA_DIR}: start without --empty, or set CUSTOS_DATA "
                "to another folder to set up your own agency there."
            )
        if sample:
            # Says so in a sentence when its loading was interrupted.
            call_command("sample", stdout=io.StringIO())
        elif not empty and not settings.PRODUCTION and not User.objects.exists():
            self._say("Loading the sample agency (first start only) ...")
            call_command("sample", stdout=io.StringIO())
        connection.close()

    def _wait_until_healthy(self, supervisor: Supervisor, host: str, port: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not supervisor.stopping and time.monotonic() < deadline:
            if failed := supervisor.tend():
                raise CommandError(_stays_down(failed.name))
            if _healthy(host, port):
                return
            time.sleep(0.2)
        if not supervisor.stopping:
            raise CommandError(
                f"Custos did not become ready within {START_SECONDS} seconds: look into the logs in "
                f"{settings.DATA_DIR / 'log'} and run it again."
            )

    def _welcome(self, address: str) -> None:
        self._say(f"\nCustos is ready: {address}\n")
        if not User.objects.exists():
            self._say("Nobody has an account yet. Make the first administrator at this address:")
            call_command("setup_address", base=address, stdout=self.stdout)
        elif Setup.objects.filter(sample=True).exists():
            call_command("sample", "--sign-ins", stdout=self.stdout)
        connection.close()
        self._say(f"Stop it with Ctrl-C. Logs: {settings.DATA_DIR / 'log'}")


def _log_to(path: Path) -> None:
    """The console is for sentences: what this process logs goes to a file like everybody else's."""
    root = logging.getLogger()
    formatter = next((handler.formatter for handler in root.handlers if handler.formatter), None)
    file = logging.FileHandler(path)
    file.setFormatter(formatter)
    root.handlers = [file]


def _address(host: str, port: int) -> str:
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}/"


def _locked(path: Path, address: str) -> IO[str]:
    """Hold the data folder: a second portal on it would share a queue and a database unknowingly."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("a+")
    deadline = time.monotonic() + 8
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            # The processes of a portal that was killed a moment ago may still be ending.
            if time.monotonic() > deadline:
                lock.seek(0)
                raise CommandError(
                    f"Custos is already running on this folder: open {lock.read().strip()}, "
                    "or stop it with Ctrl-C in its window first."
                ) from None
            time.sleep(0.2)
    lock.truncate(0)
    lock.write(address)
    lock.flush()
    return lock


def _environment(host: str) -> dict[str, str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if host not in settings.ALLOWED_HOSTS and "CUSTOS_HOSTS" not in environment:
        own = socket.gethostname() if host in ("0.0.0.0", "::") else host
        environment["CUSTOS_HOSTS"] = ",".join([*settings.ALLOWED_HOSTS, own])
    return environment


def _healthy(host: str, port: int) -> bool:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        link = http.client.HTTPConnection(target, port, timeout=5)
        link.request("GET", "/health/")
        return link.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def _require_queue() -> None:
    if not settings.REDIS_URL:
        return
    import redis

    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5).ping()
    except (redis.RedisError, ValueError):
        raise CommandError(
            "Redis does not answer at the address in REDIS_URL: start it or correct REDIS_URL, "
            "or leave REDIS_URL out to queue in files."
        ) from None


def _database_words(error: OperationalError) -> str:
    if connection.vendor == "sqlite":
        return (
            f"The database file {connection.settings_dict['NAME']} cannot be used ({error}): check that the disk is "
            "not full and that the file is yours, then run it again."
        )
    return (
        "PostgreSQL does not answer as DATABASE_URL says: start it or correct DATABASE_URL, "
        f"then run it again. It said: {str(error).strip().splitlines()[0]}"
    )


def _stays_down(name: str) -> str:
    path = settings.DATA_DIR / "log" / f"{name}.log"
    return f"The {name} process does not stay up: its log {path} says why. Nothing is lost; run it again after that."
