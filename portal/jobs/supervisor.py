"""Starts the portal's processes, keeps them running and ends every one of them, whatever happens to itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

WATCHER = Path(__file__).with_name("watcher.py")
GRACE_SECONDS = 8.0
LOG_BYTES = 20 * 1024 * 1024
QUICK_ENDS = 5


@dataclass
class Child:
    """One process of the portal, its log file and how often it ended soon after its start."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_ends: int = 0


@dataclass
class Supervisor:
    """The parent of web, worker and beat. `lock` is a file descriptor that stays locked until all of them are gone."""

    folder: Path
    log_folder: Path
    environment: Mapping[str, str]
    lock: int
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    stopping: bool = False
    _watcher: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Supervisor:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        # Its own session: neither Ctrl-C nor a closing terminal may end the watcher before its work.
        self._watcher = subprocess.Popen(
            [sys.executable, "-I", "-S", str(WATCHER)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=(self.lock,),
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._watcher and self._watcher.stdin:
            self._watcher.stdin.close()
            self._watcher.wait()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def start(self, name: str, command: list[str]) -> Child:
        child = Child(name, command)
        self.children.append(child)
        self._launch(child)
        return child

    def _launch(self, child: Child) -> None:
        path = self.log_folder / f"{child.name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            child.process = subprocess.Popen(
                child.command,
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        child.started = time.monotonic()
        self._tell_watcher(f"+{child.process.pid}")

    def _tell_watcher(self, line: str) -> None:
        if self._watcher and self._watcher.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._watcher.stdin.write(f"{line}\n".encode())
                self._watcher.stdin.flush()

    def tend(self) -> Child | None:
        """Start again what has ended. Answers a process that does not stay up, if there is one."""
        for child in self.children:
            if child.process is None or child.process.poll() is None:
                continue
            self._bury(child)
            child.quick_ends = child.quick_ends + 1 if time.monotonic() - child.started < 30 else 0
            if child.quick_ends >= QUICK_ENDS:
                return child
            self.say(f"The {child.name} process ended and is started again; see {child.name}.log.")
            time.sleep(min(child.quick_ends, 3))
            if not self.stopping:
                self._launch(child)
        return None

    def _bury(self, child: Child) -> None:
        """A leader that died may leave pool processes behind: they go with it."""
        if child.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
            self._tell_watcher(f"-{child.process.pid}")
            child.process = None

    def stop(self) -> None:
        """End every process: first asked, then made. Jobs survive it, since their rows say how far they came."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(process.poll() is None for process in running):
            time.sleep(0.05)
        for child in self.children:
            self._bury(child)
