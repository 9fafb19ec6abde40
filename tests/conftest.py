"""What all tests share: an own place for data, real databases, a real queue, and no network beyond this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings

from tests import environment

environment.prepare()
django.setup()
# Else every test client lists three thousand page assets before its first request.
settings.WHITENOISE_AUTOREFRESH = True

from hypothesis import HealthCheck  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402

from tests.databases import _flush_past_guards, django_db_modify_db_settings  # noqa: E402, F401
from tests.processes import _redis, redis, worker  # noqa: E402, F401

hypothesis_settings.register_profile(
    "custos",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
hypothesis_settings.load_profile("custos")

NEEDS_DATABASE = {"db", "transactional_db", "django_db_setup", "live_portal"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Workers inherit this environment: with the settings named, they would read them before `prepare` runs there."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs no database: it runs once, not once for each database."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") is None and not fixtures & NEEDS_DATABASE:
            item.add_marker("pure")
        if "e2e" in item.path.parts:
            # One worker runs them all: they share one running portal and one browser.
            item.add_marker("e2e")
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """No test talks to anything but this machine: a connection elsewhere is an error."""
    patch = pytest.MonkeyPatch()
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            host = str(address[0])
            if not (host.startswith("127.") or host in ("localhost", "::1")):
                raise RuntimeError(f"A test may not connect to {host}: only to this machine.")
        connect(self, address)  # type: ignore[arg-type]

    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real exports that other projects published; read where they are, never copied."""
    if not environment.CORPUS.is_dir():
        words = f"The corpus of real exports is not at {environment.CORPUS}."
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    return environment.CORPUS
