"""The embedded queue lies in files: nothing at the start complains of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.environment import ROOT

PROGRAM = """
import django
django.setup()
from portal.celery import app
print(app.connection_for_write().info()["hostname"])
"""


def test_the_queue_in_files_is_opened_without_a_warning(tmp_path: Path) -> None:
    environment = {**os.environ, "CUSTOS_DATA": str(tmp_path), "CUSTOS_LOG_LEVEL": "WARNING"}
    environment.pop("REDIS_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("localhost", "")
