"""Asking a ClamAV daemon about a file, over its socket (clamd(8): `zVERSION`, `zINSTREAM`).

Fail closed: only the daemon's plain "OK" about a file that it took whole is clean. A limit that it ran into, an archive
that it could not open, an error or no answer mean "not scanned", with the reason.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

CLEAN, INFECTED, NOT_SCANNED = "clean", "infected", "not_scanned"
PIECE = 1 << 16
CONNECT_SECONDS = 5.0
SEND_SECONDS = 30.0
ANSWER_SECONDS = 300.0  # a large archive takes the daemon its time
BEAT_SECONDS = 2.0
MOST_ANSWER = 4096
_NOT_TAKEN_WHOLE = re.compile(r"Heuristics\.(Limits\.Exceeded|Encrypted)")


class Verdict(NamedTuple):
    """What a scanner said of one file."""

    state: str  # CLEAN, INFECTED or NOT_SCANNED
    words: str = ""  # name of what was found, or why it was not scanned


class Unreachable(Exception):
    """Nobody answers at the scanner's address, or the answer breaks off."""


class Address(NamedTuple):
    """Where the daemon listens: a path of a Unix socket, or host and port."""

    path: str = ""
    host: str = ""
    port: int = 0


def address_of(url: str) -> Address:
    """`tcp://host:3310` or `unix:///run/clamav/clamd.ctl`. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme == "unix" and parts.path and not parts.netloc:
        return Address(path=parts.path)
    if parts.scheme == "tcp" and parts.hostname:
        return Address(host=parts.hostname, port=parts.port or 3310)
    raise ValueError("The address of clamd is written tcp://host:port or unix:///path.")


class Scanner:
    """One ClamAV daemon. `waiting` is called every few seconds while it works."""

    def __init__(self, url: str, *, most: int, waiting: Callable[[], None] = lambda: None) -> None:
        self._address, self._most, self._waiting = address_of(url), most, waiting

    def version(self) -> str:
        """The daemon, its signatures and their day, e.g. `ClamAV 1.4.1/27500/Mon Jan  6 08:00:00 2026`."""
        with self._connected() as link:
            link.sendall(b"zVERSION\0")
            return self._answer(link)[:200]

    def scan(self, pieces: Iterable[bytes], size: int) -> Verdict:
        """The verdict on a file. Raises Unreachable, and what reading the pieces raises."""
        if size > self._most:
            words = f"It is larger than the {self._most // 1024**2:,} MB that the scanner is given."
            return Verdict(NOT_SCANNED, words)
        with self._connected() as link:
            try:
                link.sendall(b"zINSTREAM\0")
                for piece in pieces:
                    for at in range(0, len(piece), PIECE):
                        part = piece[at : at + PIECE]
                        link.sendall(struct.pack(">L", len(part)) + part)
                link.sendall(bytes(4))
            except (BrokenPipeError, ConnectionResetError):
                pass  # above its own limit the daemon answers and hangs up while the file is still on its way
            except OSError as error:
                raise Unreachable(type(error).__name__) from None
            return verdict_of(self._answer(link))

    def _connected(self) -> socket.socket:
        family = socket.AF_UNIX if self._address.path else socket.AF_INET
        try:
            if family == socket.AF_UNIX:
                link = socket.socket(family)
                link.settimeout(CONNECT_SECONDS)
                link.connect(self._address.path)
            else:
                where = (self._address.host, self._address.port)
                link = socket.create_connection(where, timeout=CONNECT_SECONDS)
        except OSError as error:
            raise Unreachable(type(error).__name__) from None
        link.settimeout(SEND_SECONDS)
        return link

    def _answer(self, link: socket.socket) -> str:
        """One answer, which ends with a NUL."""
        link.settimeout(BEAT_SECONDS)
        until, got = time.monotonic() + ANSWER_SECONDS, b""
        while b"\0" not in got and len(got) < MOST_ANSWER:
            try:
                piece = link.recv(MOST_ANSWER)
            except TimeoutError:
                if time.monotonic() > until:
                    raise Unreachable("TimeoutError") from None
                self._waiting()
                continue
            except OSError as error:
                raise Unreachable(type(error).__name__) from None
            if not piece:
                break
            got += piece
        if b"\0" not in got:
            raise Unreachable("no whole answer")
        told = got.partition(b"\0")[0].decode("ascii", "replace")
        return "".join(letter if letter.isprintable() else " " for letter in told).strip()


def verdict_of(answer: str) -> Verdict:
    """What an answer to INSTREAM means."""
    if answer == "stream: OK":
        return Verdict(CLEAN)
    found = re.fullmatch(r"stream: (.+) FOUND", answer)
    if found and _NOT_TAKEN_WHOLE.match(found[1]):
        return Verdict(NOT_SCANNED, f"The scanner could not look at all of it ({found[1][:100]}).")
    if found:
        return Verdict(INFECTED, found[1][:200])
    if "size limit exceeded" in answer:
        return Verdict(NOT_SCANNED, "It is larger than the scanner takes.")
    return Verdict(NOT_SCANNED, f"The scanner answered: {answer[:120]}")
