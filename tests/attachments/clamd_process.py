"""The scanner of the tests as a process: started, asked over a real socket, ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SERVER = Path(__file__).with_name("clamd_server.py")


class ClamdProcess:
    """Use as a context; `url` is what the setting CLAMD_URL takes."""

    def __init__(self, path: Path | None = None) -> None:
        arguments = ["unix", str(path)] if path else ["tcp"]
        self._process = subprocess.Popen(
            [sys.executable, str(SERVER), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        self.url = f"unix://{path}" if path else f"tcp://127.0.0.1:{port}"

    def __enter__(self) -> ClamdProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
