"""`./run`: make the machine ready, then hand over to `manage.py serve`, which starts and watches every process."""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys

from scripts.environment import PYTHON, ROOT, Stop, data_folder, install, require_writable


def main() -> int:
    options = _options()
    try:
        folder = data_folder()
        require_writable(folder)
        _require_alone()
        _require_port(options.host, options.port)
        install("run")
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    command = [
        str(PYTHON),
        "manage.py",
        "serve",
        "--host",
        options.host,
        "--port",
        str(options.port),
    ]
    os.chdir(ROOT)
    os.execv(command[0], command + ["--empty"] * options.empty)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", description="Start Custos on this machine.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument(
        "--port", type=_port, default=8000, help="port to listen on (default: 8000)"
    )
    parser.add_argument(
        "--empty", action="store_true", help="start without the sample agency and set up your own"
    )
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a port is a whole number from 1 to 65535")
    return int(text)


def _require_alone() -> None:
    """Two portals on one data folder would share a queue and a database without knowing of each other."""
    import fcntl

    try:
        with (data_folder() / "run.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return
    except BlockingIOError:
        address = (data_folder() / "run.lock").read_text().strip() or "its address"
        raise Stop(
            f"Custos is already running on this folder: open {address}, or stop it with Ctrl-C in its window first."
        ) from None


def _require_port(host: str, port: int) -> None:
    """Find out before the installation, not after it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with contextlib.closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise Stop(
            f"{host} is not an address of this machine: leave --host out to listen on 127.0.0.1."
        ) from None
    except PermissionError:
        raise Stop(
            f"You may not listen on port {port}: choose one above 1023, such as --port 8000."
        ) from None
    except OSError:
        raise Stop(
            f"Port {port} on {host} is taken by another program or cannot be used: stop that program or choose "
            f"another port, such as --port {port + 1 if port < 65535 else 8000}."
        ) from None


if __name__ == "__main__":
    sys.exit(main())
