"""Whatever ends the supervisor, nothing it started is left behind; whatever ends a process, it comes back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.jobs.watcher import follow
from tests.environment import ROOT
from tests.processes import wait_for

# A process that is as hard to end as a busy worker: it ignores the polite signals and has a child that does too.
STUBBORN = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
child = os.fork()
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
time.sleep(120)
"""
PARENT = """
import json, os, sys, time
from pathlib import Path
from portal.jobs import supervisor, watcher
supervisor.GRACE_SECONDS = 1
folder = Path(sys.argv[1])
lock = os.open(folder / "lock", os.O_CREAT)
commands = json.loads(sys.argv[2])
with supervisor.Supervisor(folder, folder, os.environ, lock, print) as parent:
    for name, command in commands.items():
        parent.start(name, command)
    while not parent.stopping:
        if failed := parent.tend():
            sys.exit(f"{failed.name} stays down")
        time.sleep(0.05)
"""


class Parent:
    """A supervisor in a process of its own, with two stubborn children and two grandchildren."""

    def __init__(self, folder: Path, commands: dict[str, list[str]]) -> None:
        self.pids_file = folder / "pids"
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(folder), json.dumps(commands)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def pids(self) -> list[int]:
        text = self.pids_file.read_text() if self.pids_file.exists() else ""
        return [int(line) for line in text.splitlines()]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Parent]:
    command = [sys.executable, "-c", STUBBORN, str(tmp_path / "pids")]
    started = Parent(tmp_path, {"first": command, "second": command})
    wait_for(lambda: len(started.pids()) == 4, "two processes with a child each")
    yield started
    for pid in started.pids():
        if _lives(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_the_supervisor(parent: Parent, number: signal.Signals) -> None:
    pids = parent.pids()
    parent.process.send_signal(number)
    parent.process.wait(timeout=10)
    wait_for(lambda: not any(map(_lives, pids)), "every process to be gone", seconds=15)


def test_killed_process_is_started_again_and_its_children_are_not_left(parent: Parent) -> None:
    before = parent.pids()
    leader = min(before)
    os.kill(leader, signal.SIGKILL)
    wait_for(lambda: len(parent.pids()) == 6, "the process to be started again")
    wait_for(
        lambda: sum(map(_lives, parent.pids())) == 4, "the orphan of the killed process to be gone"
    )
    assert not _lives(leader)


def test_process_that_never_stays_up_is_reported_not_started_for_ever(tmp_path: Path) -> None:
    started = Parent(tmp_path, {"broken": [sys.executable, "-c", "raise SystemExit(1)"]})
    begin = time.monotonic()
    _, words = started.process.communicate(timeout=60)
    assert "broken stays down" in words
    assert time.monotonic() - begin < 40


def test_watcher_forgets_processes_that_have_ended() -> None:
    assert follow(["+11\n", "+12\n", "-11\n"]) == {12}
