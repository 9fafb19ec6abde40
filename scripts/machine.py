"""What the tests need beside Python: Chromium, redis-server and a PostgreSQL to make databases in."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.environment import PYTHON, Stop, say

PROGRAMS = {"chromium": "chromium", "redis-server": "redis-server"}
DEFAULT_SERVER = "postgres://postgres@127.0.0.1:5432"


def require_programs() -> None:
    """Install what is missing where that is possible, and say plainly what to install where it is not."""
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if missing:
        _apt_install(missing)


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """The address of a server in which the tests may create databases: a running one, or one of our own."""
    named = os.environ.get("CUSTOS_TEST_POSTGRES", "").rstrip("/")
    if named and not _answers(named):
        raise Stop(
            f"PostgreSQL does not answer at CUSTOS_TEST_POSTGRES ({named}): start it or unset the variable."
        )
    if named or _answers(DEFAULT_SERVER):
        yield named or DEFAULT_SERVER
        return
    with _own_postgresql() as address:
        yield address


def _answers(address: str) -> bool:
    program = (
        "import sys, psycopg2\n"
        "link = psycopg2.connect(sys.argv[1] + '/postgres', connect_timeout=5)\n"
        "cursor = link.cursor()\n"
        "cursor.execute('SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user')\n"
        "sys.exit(not cursor.fetchone()[0])"
    )
    return (
        subprocess.run([str(PYTHON), "-c", program, address], capture_output=True).returncode == 0
    )


@contextlib.contextmanager
def _own_postgresql() -> Iterator[str]:
    """A cluster in a temporary folder that goes with the test run. PostgreSQL refuses to run as root."""
    if not _programs_of_postgresql():
        _apt_install(["postgresql"])
    programs = _programs_of_postgresql()
    if programs is None:
        raise Stop(
            "PostgreSQL is not installed: install it, or name a server in CUSTOS_TEST_POSTGRES."
        )
    user = "postgres" if os.geteuid() == 0 else None
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="custos-postgres-") as folder:
        if user:
            shutil.chown(folder, user)
        data = Path(folder) / "data"
        say("Starting a PostgreSQL for the tests ...")
        _must(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"], user
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        control: list[str | Path] = [
            programs / "pg_ctl",
            "-D",
            data,
            "-l",
            Path(folder) / "log",
            "-w",
        ]
        _must([*control, "-o", options, "start"], user)
        try:
            yield f"postgres://postgres@127.0.0.1:{port}"
        finally:
            _must([*control, "-m", "immediate", "stop"], user)


def _programs_of_postgresql() -> Path | None:
    found = sorted(
        glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4])
    )
    program = found[-1] if found else shutil.which("initdb")
    return Path(program).resolve().parent if program else None


def _must(command: list[str | Path], user: str | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode != 0:
        raise Stop(f"PostgreSQL for the tests could not be started: {done.stderr.strip()[-500:]}")


def _apt_install(packages: list[str]) -> None:
    names = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Stop(
            f"The tests need what is not installed: {names}. Install it and run ./test again."
        )
    say(f"Installing {names} ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "-qq", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise Stop(
                f"apt could not install {names}: {done.stderr.strip()[-300:]} Install it and run ./test again."
            )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
