"""The process that draws small pictures, seen from the worker: started when needed, ended when it takes too long."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from records.attachments.thumbnails import ANSWER, REQUEST, NoPicture, Picture

SECONDS = 15.0  # for one image
MOST_ANSWER = 1 << 20
# No key and no password of the portal lies in the memory of a decoder.
_NO_ENVIRONMENT: dict[str, str] = {}
_ROOT = Path(__file__).resolve().parents[2]


class Draughtsman:
    """Draws in a process of its own. One that dies or hangs is replaced at the next image."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    def draw(self, data: bytes) -> Picture:
        """A small picture of an image. Raises NoPicture."""
        link = self._link or self._start()
        try:
            link.sendall(REQUEST.pack(len(data)) + data)
            drawn, width, height, size = ANSWER.unpack(_exactly(link, ANSWER.size))
            if size > MOST_ANSWER:
                raise ConnectionError
            answer = _exactly(link, size)
        except OSError:  # it crashed, ran out of its memory, or took too long
            self.close()
            raise NoPicture("The image could not be drawn within its limits.") from None
        if not drawn:
            raise NoPicture(answer.decode("utf-8", "replace"))
        return Picture(answer, width, height)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "records.attachments.thumbnails"],
                cwd=_ROOT,
                env=_NO_ENVIRONMENT,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
            )
        ours.settimeout(SECONDS)
        self._link = ours
        return ours

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._link is not None:
            self._link.close()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
        self._process = self._link = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _exactly(link: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        piece = link.recv(count - len(got))
        if not piece:
            raise ConnectionError
        got += piece
    return got
