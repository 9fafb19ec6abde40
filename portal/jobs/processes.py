"""The processes a running portal is made of, and their command lines.

`manage.py serve`, the tests and docker-compose.yml start them with the same words; a test compares.
"""

from __future__ import annotations

import sys

WEB_CONFIG = "deploy/gunicorn.conf.py"


def web(host: str, port: int) -> list[str]:
    """gunicorn with threads: the pages, the API and the page assets."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [sys.executable, "-m", "gunicorn", "--config", WEB_CONFIG, "--bind", address]


def worker(concurrency: int = 2) -> list[str]:
    """The Celery worker that reads exports and builds packages."""
    return [
        *(sys.executable, "-m", "celery", "--quiet", "--app", "portal.celery", "worker"),
        *("--pool", "prefork", "--concurrency", str(concurrency)),
        *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    ]


def beat() -> list[str]:
    """The clock that rings for jobs left behind and writes checkpoints of the audit log."""
    return [
        sys.executable,
        "-m",
        "celery",
        "--quiet",
        "--app",
        "portal.celery",
        "beat",
        "--pidfile=",
        "--loglevel",
        "WARNING",
    ]
