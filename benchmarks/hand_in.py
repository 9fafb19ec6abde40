"""How long a hand-in waits after its last byte, and how fast pages answer while a worker reads an export.

    python -m benchmarks.hand_in [--megabytes 200] [--entries 1000000] [--engine postgresql] [--write]

A real gunicorn and a real worker on a data folder of their own, in the embedded mode (SQLite, queue in files) or on
PostgreSQL (CUSTOS_BENCHMARK_DATABASE). The file is sent over a plain socket; the clock starts when its last byte is
sent. Then a large export is read by the worker while pages are asked one after the other: the server's time is from
the request's head to the last byte of the page, the client's what it waits.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import ingest
from benchmarks.table import table, write_section

ROOT = Path(__file__).parent.parent
BLOCK = 256 * 1024
BOUNDARY = "custos-benchmark"
TIMING = "Server-Timing"


def timed(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """The portal's WSGI application, which tells in a header how many milliseconds it took (W3C Server Timing)."""
    from portal.wsgi import application

    start, told = time.perf_counter(), []
    body = b"".join(application(environ, lambda *answer: told.append(answer)))
    status, headers = told[-1][:2]
    spent = f"portal;dur={(time.perf_counter() - start) * 1000:.1f}"
    start_response(status, [*headers, (TIMING, spent)])
    return [body]


class Answer(NamedTuple):
    """What a page gave: its status, the seconds waited by the client, and those of the server."""

    status: int
    client: float
    server: float


def people() -> dict[str, Any]:
    """A liaison who is signed in, with an office, a custodian and a tool."""
    ingest.prepare()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.middleware.csrf import _get_new_csrf_string

    from tests.factories import SetupFactory
    from tests.records.exports import Desk

    SetupFactory()
    desk = Desk()
    session = SessionStore()
    session[SESSION_KEY] = str(desk.liaison.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = desk.liaison.get_session_auth_hash()
    session.create()
    return {
        "cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}",
        "token": _get_new_csrf_string(),
        "fields": {
            "office": str(desk.office.pk),
            "custodian": str(desk.custodian.pk),
            "tool": str(desk.tool.pk),
            "account": "official",
            "time_zone": "America/Chicago",
        },
    }


class Portal:
    """The web process and the worker, as they run in operation."""

    def __init__(self, values: dict[str, str]) -> None:
        from portal.jobs import processes

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._log = (ingest.BUILD / "portal.log").open("w")
        web = [*processes.web("127.0.0.1", self.port), "benchmarks.hand_in:timed"]
        commands = [web, processes.worker(concurrency=1)]
        self._running = [
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=values,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,
            )
            for command in commands
        ]

    def __enter__(self) -> Portal:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if self.get("/health/", "").status < 500:
                    return self
            except OSError:
                time.sleep(0.2)
        raise SystemExit("The portal did not start; its log is build/ingest/portal.log.")

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def get(self, path: str, cookie: str) -> Answer:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        start = time.perf_counter()
        link.request("GET", path, headers={"Cookie": cookie})
        answer = link.getresponse()
        answer.read()
        seconds = time.perf_counter() - start
        link.close()
        spent = (answer.getheader(TIMING) or "").rpartition("=")[2]
        return Answer(answer.status, seconds, float(spent or 0) / 1000)


def hand_in(portal: Portal, who: dict[str, Any], path: Path) -> float:
    """Send one file by the form; seconds from its last byte to the first byte of the answer."""
    parts = {**who["fields"], "csrfmiddlewaretoken": who["token"]}
    lines = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts.items()
    ]
    disposition = f'Content-Disposition: form-data; name="file"; filename="{path.name}"'
    head = f"{''.join(lines)}--{BOUNDARY}\r\n{disposition}\r\nContent-Type: text/plain\r\n\r\n".encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    length = len(head) + path.stat().st_size + len(tail)
    request = (
        f"POST /exports/new/ HTTP/1.1\r\nHost: 127.0.0.1:{portal.port}\r\nCookie: {who['cookie']}; "
        f"csrftoken={who['token']}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )
    with (
        socket.create_connection(("127.0.0.1", portal.port), timeout=120) as link,
        path.open("rb") as file,
    ):
        link.sendall(request.encode() + head)
        while block := file.read(BLOCK):
            link.sendall(block)
        link.sendall(tail)
        start = time.perf_counter()
        answer = link.recv(65536)
        seconds = time.perf_counter() - start
    status = answer.split(b" ", 2)[1].decode()
    if status != "302":
        raise SystemExit(f"The hand-in was answered with {status}: {answer[:2000]!r}")
    return seconds


def padded(megabytes: int, number: int) -> Path:
    """A file of that size that no other trial has sent: an export, as often as it fits."""
    path = ingest.BUILD / f"large-{number}.txt"
    source = ingest.export_of(100_000).read_bytes()
    with path.open("wb") as file:
        file.write(f"01/01/2019, 06:00 - Ana Torres: trial {number} {time.time()}\n".encode())
        while file.tell() < megabytes * 1024 * 1024:
            file.write(source)
    return path


def pages(
    portal: Portal, who: dict[str, Any], number: str, seconds: float
) -> dict[str, list[Answer]]:
    """Answers of the pages, asked in turn for so long."""
    asked = {
        "home": "/",
        "list of exports": "/exports/",
        "conversation": f"/exports/{number}/c/0/",
        "search": "/search/?q=meeting",
        "findings": "/findings/",
    }
    answers: dict[str, list[Answer]] = {name: [] for name in asked}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for name, path in asked.items():
            answer = portal.get(path, who["cookie"])
            if answer.status != 200:
                raise SystemExit(f"{path} was answered with {answer.status}.")
            answers[name].append(answer)
    return answers


def states(values: dict[str, str]) -> dict[str, str]:
    """Each export and its state, asked in a process of its own."""
    code = (
        "import benchmarks.ingest as b, json; b.prepare(); from records.models import MessageExport as E; "
        "print(json.dumps(dict(E.objects.values_list('number', 'state'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=values,
        check=True,
        capture_output=True,
        text=True,
    )
    answer: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return answer


def wait_ready(values: dict[str, str], number: str) -> None:
    while (state := states(values).get(number)) != "ready":
        if state in ("rejected", "needs_answer"):
            raise SystemExit(f"{number} is {state}.")
        time.sleep(1)


def measure(engine: str, megabytes: int, entries: int, trials: int) -> list[list[str]]:
    values = ingest.fresh(engine)
    command = [sys.executable, "-m", "benchmarks.hand_in", "--people"]
    done = subprocess.run(
        command, cwd=ROOT, env=values, check=True, stdout=subprocess.PIPE, text=True
    )
    who = json.loads(done.stdout.splitlines()[-1])
    first, large = ingest.export_of(100_000), ingest.export_of(entries)
    with Portal(values) as portal:
        hand_in(portal, who, first)
        number = next(iter(states(values)))
        wait_ready(values, number)
        hand_in(portal, who, large)
        times = pages(portal, who, number, 30)
        busy = [name for name, state in states(values).items() if state != "ready"]
        waits = [hand_in(portal, who, padded(megabytes, trial)) for trial in range(trials)]
    if not busy:
        raise SystemExit("The import ended before the pages were asked: give more --entries.")
    rows = [
        [
            *(engine, f"hand-in of {megabytes} MB, after its last byte"),
            *("", _milliseconds(waits), "200"),
        ]
    ]
    for name, answers in times.items():
        server, client = (
            _milliseconds([getattr(answer, side) for answer in answers])
            for side in ("server", "client")
        )
        rows.append([engine, f"{name}, while an export is read", server, client, "150"])
    for row in rows:
        print(row, flush=True)
    return rows


def _milliseconds(times: list[float]) -> str:
    return f"{statistics.median(times) * 1000:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--engine", choices=ingest.ENGINES)
    parser.add_argument(
        "--write", action="store_true", help="put the table into docs/benchmarks.md"
    )
    parser.add_argument("--people", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.people:
        print(json.dumps(people()))
        return
    rows = []
    for engine in [options.engine] if options.engine else ingest.ENGINES:
        rows += measure(engine, options.megabytes, options.entries, options.trials)
    text = (
        "A real gunicorn and one worker that reads a large export meanwhile; milliseconds of the server, and what a "
        "client on the same machine waits, median. The bound of a page is the server's, that of a hand-in the client's."
        "\n`python -m benchmarks.hand_in --write`\n\n"
        f"{table(['engine', 'what', 'server', 'client', 'at most'], rows)}"
    )
    print(text)
    if options.write:
        write_section("Hand-in and pages", text)


if __name__ == "__main__":
    main()
