"""`./test`: everything the tests need, then every check and every test, on SQLite and on PostgreSQL.

With arguments only pytest runs, on SQLite, with those arguments.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator

from scripts.environment import PYTHON, ROOT, Stop, install, say
from scripts.machine import postgresql, require_programs

BIN = PYTHON.parent
PYTEST = [str(PYTHON), "-m", "pytest"]
SHOWN = 100
PARALLEL = ["-n", "2", "--dist", "loadgroup", "--max-worker-restart", "0"]
CHECKS: dict[str, list[str]] = {
    "ruff check": [str(BIN / "ruff"), "check", "--quiet", "--output-format", "concise", "."],
    "ruff format": [str(BIN / "ruff"), "format", "--check", "--output-format", "concise", "."],
    "mypy": [str(BIN / "mypy"), "--no-error-summary"],
    "lint-imports": [str(BIN / "lint-imports"), "--verbose"],
    "djlint": [str(BIN / "djlint"), "templates", "--lint", "--quiet"],
    "migrations": [str(PYTHON), "manage.py", "makemigrations", "--check", "--dry-run"],
}


def main() -> int:
    arguments = sys.argv[1:]
    try:
        install("test")
        require_programs()
        if arguments:
            return _pytest(arguments)[0]
        with postgresql() as address:
            return _everything(address)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _everything(address: str) -> int:
    failed = [name for name, command in CHECKS.items() if not _check(name, command)]
    codes, lines = [], []
    # A name for each run: two runs on one machine do not take each other's database away.
    url = f"{address}/custos_{os.getpid()}"
    for name, selection, extra in (
        ("SQLite", [], {}),
        ("PostgreSQL", ["-m", "not pure"], {"DATABASE_URL": url}),
    ):
        say(f"\n{name}:")
        with _clock(f"pytest on {name}"):
            code, summary = _pytest([*PARALLEL, *selection], extra)
        codes.append(code)
        lines.append(f"{name}: {summary}")
    if failed:
        say(f"\nFailed before the tests: {', '.join(failed)}.")
    say("\n" + "\n".join(lines))
    return 1 if failed or any(codes) else 0


def _check(name: str, command: list[str]) -> bool:
    with _clock(name):
        done = subprocess.run(
            command, cwd=ROOT, text=True, capture_output=True, env=_environment({})
        )
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).rstrip().splitlines()
        more = [f"... and {len(lines) - SHOWN} lines more"] if len(lines) > SHOWN else []
        say("\n".join([f"{name} found:", *lines[:SHOWN], *more]))
    return done.returncode == 0


def _pytest(arguments: list[str], extra: dict[str, str] | None = None) -> tuple[int, str]:
    """Run pytest, show what it prints as it prints it, and answer its exit code and its count."""
    environment = _environment(extra or {})
    summary = "0 passed, 1 failed"
    with subprocess.Popen(
        [*PYTEST, *arguments], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE
    ) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            summary = _counted(line) or summary
    return running.returncode, summary


def _counted(line: str) -> str:
    """pytest's closing line in the plain form `N passed, N failed, N skipped`; nothing for any other line."""
    if not re.search(r" in [\d.]+s\b", line):
        return ""
    counts = {word: int(count) for count, word in re.findall(r"(\d+) (\w+)", line)}
    if not {"passed", "failed", "error", "errors"} & set(counts):
        return ""
    failed = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
    return f"{counts.get('passed', 0)} passed, {failed} failed, {counts.get('skipped', 0)} skipped"


def _environment(extra: dict[str, str]) -> dict[str, str]:
    """Nothing of a developer's own portal reaches the tests: no database, no queue, no data folder."""
    own = {
        "DATABASE_URL",
        "REDIS_URL",
        "CUSTOS_DATA",
        "CUSTOS_PRODUCTION",
        "DJANGO_SETTINGS_MODULE",
    }
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return {**kept, "COLUMNS": "120", **extra}


@contextlib.contextmanager
def _clock(name: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    say(f"{name}: {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
