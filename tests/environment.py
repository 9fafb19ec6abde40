"""Where a test run keeps its data: set before Django reads its settings, one place for each xdist worker."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
SCREENSHOTS = ROOT / "build" / "screenshots"


def prepare() -> None:
    """Give this process a data folder and a Redis address of its own, and name the settings.

    Nothing listens at the Redis address until a test asks for the `redis` or `worker` fixture.
    """
    data = temporary_folder("custos-test-")
    os.environ["CUSTOS_DATA"] = str(data)
    os.environ["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    os.environ.setdefault("CUSTOS_LOG_LEVEL", "ERROR")
    # Playwright's synchronous interface runs an event loop in this thread; no query runs inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    for name in ("CUSTOS_PRODUCTION", "CUSTOS_DEBUG", "SECRET_KEY", "FILES_URL"):
        os.environ.pop(name, None)


def temporary_folder(prefix: str) -> Path:
    """A folder that goes when this process ends, but not when a child that it forked does."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
