"""gunicorn's configuration, the same for `./run`, the tests and the containers; see docs/operations.md."""

from __future__ import annotations

import os

wsgi_app = "portal.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("CUSTOS_WEB_WORKERS", "2"))
# Loaded once and forked: a quicker start, and the processes share what they never change.
preload_app = True
threads = int(os.environ.get("CUSTOS_WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 10
keepalive = 5
control_socket_disable = True
# A heartbeat file on a slow disk would make the arbiter kill healthy workers.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "portal.kit.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "gunicorn.access": {"handlers": [], "propagate": False},
    },
}
