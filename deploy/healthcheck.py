"""Health of one container, asked by Docker: `python deploy/healthcheck.py web|beat`. Exit code 0 is healthy."""

from __future__ import annotations

import http.client
import os
import sys
import time
from pathlib import Path

# Beat rewrites its schedule file every three minutes or so.
BEAT_SILENT_AFTER = 600


def web() -> bool:
    """The health address answers 200 under the name that people use."""
    host = os.environ.get("CUSTOS_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    try:
        link = http.client.HTTPConnection(
            "127.0.0.1", int(os.environ.get("CUSTOS_HEALTH_PORT", "8000")), timeout=4
        )
        link.request("GET", "/health/", headers={"Host": host})
        return link.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def beat() -> bool:
    """The schedule file is being kept."""
    files = Path(os.environ.get("CUSTOS_DATA", "var"), "queue").glob("beat*")
    return any(time.time() - file.stat().st_mtime < BEAT_SILENT_AFTER for file in files)


if __name__ == "__main__":
    sys.exit(not {"web": web, "beat": beat}[sys.argv[1]]())
