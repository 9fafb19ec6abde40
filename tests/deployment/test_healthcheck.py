"""The containers' own health checks tell healthy from not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.environment import ROOT, free_port


class _Portal(BaseHTTPRequestHandler):
    """Answers as the portal does: 400 for a host name that is not in CUSTOS_HOSTS."""

    status = 200

    def do_GET(self) -> None:
        known = self.path == "/health/" and self.headers["Host"] == "records.agency.gov"
        self.send_response(self.status if known else 400)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    running = HTTPServer(("127.0.0.1", 0), _Portal)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.shutdown()


def _healthy(part: str, **environment: str) -> bool:
    command = [sys.executable, "deploy/healthcheck.py", part]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode == 0


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_web_is_healthy_when_it_says_so(
    server: HTTPServer, monkeypatch: pytest.MonkeyPatch, status: int, healthy: bool
) -> None:
    monkeypatch.setattr(_Portal, "status", status)
    port = str(server.server_port)
    hosts = "records.agency.gov, localhost"
    assert _healthy("web", CUSTOS_HEALTH_PORT=port, CUSTOS_HOSTS=hosts) is healthy


def test_web_that_does_not_answer_is_not_healthy() -> None:
    assert not _healthy("web", CUSTOS_HEALTH_PORT=str(free_port()))


def test_beat_is_healthy_as_long_as_it_keeps_its_schedule(tmp_path: Path) -> None:
    assert not _healthy("beat", CUSTOS_DATA=str(tmp_path))
    (tmp_path / "queue").mkdir()
    schedule = tmp_path / "queue" / "beat"
    schedule.touch()
    assert _healthy("beat", CUSTOS_DATA=str(tmp_path))
    os.utime(schedule, (0, 0))
    assert not _healthy("beat", CUSTOS_DATA=str(tmp_path))
