"""`./run`: whatever stands in its way is told in one plain sentence with what to do, and an exit code."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import ROOT, free_port

NOBODY = 65534


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a fresh clone has before the first start: no environment, no assets, no data."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in (
        "run",
        "scripts",
        "requirements.lock",
        "requirements-node.lock",
        "package.json",
        "package-lock.json",
    ):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, folder / name)
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH with a shell's everyday programs and a Python, and without uv and npm."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "dirname"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    (folder / "python3").symlink_to(Path(sys.executable).resolve())
    return folder


def _run(
    clone: Path, *arguments: str, user: int | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CUSTOS_", "PIP_"))
    }
    return subprocess.run(
        [str(clone / "run"), *arguments],
        env={**kept, **environment},
        user=user,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
    )


def _one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_taken_port_is_told_before_anything_is_installed(clone: Path, taken_port: int) -> None:
    _one_sentence(_run(clone, "--port", str(taken_port)), f"Port {taken_port}", "taken", "--port")
    assert not (clone / ".venv").exists()


def test_old_python_is_told(clone: Path, programs: Path) -> None:
    (programs / "python3").unlink()
    # What an interpreter that is too old answers to the question for its version.
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    (programs / "python3").chmod(0o755)
    _one_sentence(_run(clone, PATH=str(programs)), "Python 3.11 or newer", "install it")


def test_folder_without_write_permission_is_told(clone: Path) -> None:
    user = NOBODY if os.geteuid() == 0 else None
    shared = Path(tempfile.gettempdir()).resolve()
    for path in [clone, *clone.parents]:
        if path != shared and path.resolve().is_relative_to(shared):
            path.chmod(0o755)
    clone.chmod(0o555)
    done = _run(clone, "--port", str(free_port()), user=user, PYTHONDONTWRITEBYTECODE="1")
    clone.chmod(0o755)
    _one_sentence(done, "cannot write to the folder", "CUSTOS_DATA")


def test_second_start_on_the_same_folder_names_the_first(clone: Path) -> None:
    (clone / "var").mkdir()
    with (clone / "var" / "run.lock").open("w") as lock:
        lock.write("http://127.0.0.1:8123/")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = _run(clone, "--port", str(free_port()))
    _one_sentence(done, "already running", "http://127.0.0.1:8123/", "Ctrl-C")


@pytest.mark.slow
def test_first_start_without_network_is_told_and_the_details_are_kept(
    clone: Path, programs: Path
) -> None:
    # Nothing listens on the port of the index: the same refusal that a closed network gives.
    index = f"http://127.0.0.1:{free_port()}/simple"
    done = _run(
        clone,
        *("--port", str(free_port())),
        PATH=str(programs),
        PIP_INDEX_URL=index,
        PIP_CONFIG_FILE=os.devnull,
        PIP_NO_CACHE_DIR="1",
    )
    log = clone / "var" / "log" / "setup.log"
    _one_sentence(done, "could not be fetched", "connect", str(log))
    assert "Could not find a version" in log.read_text() or "Connection" in log.read_text()


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_port_that_is_none_is_told(clone: Path, port: str) -> None:
    done = _run(clone, f"--port={port}")
    assert done.returncode == 2
    assert "a port is a whole number from 1 to 65535" in done.stderr


def test_address_that_is_not_of_this_machine_is_told(clone: Path) -> None:
    _one_sentence(_run(clone, "--host", "192.0.2.1", "--port", str(free_port())), "192.0.2.1")
