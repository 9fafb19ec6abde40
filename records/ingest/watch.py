"""A source that tells the job that its worker is alive, each time some bytes were read.

Between two batches of rows a worker may read for long: in the first pass over a large file, in one huge message, in
attachments. The heartbeat comes from the reading itself, not from a clock in another thread: a worker that hangs
stops beating.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, cast

from django.conf import settings

from portal.jobs.queue import Lease
from records.formats.source import FileSource, PlainSource

if TYPE_CHECKING:
    from typing_extensions import Buffer

PIECE = 1 << 20


class Heart:
    """Prolongs the lease when a few seconds have passed. Never beats inside a transaction."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._interval = min(5.0, settings.JOB_LEASE_SECONDS / 4)
        self._next = time.monotonic() + self._interval
        self.stage, self.done, self.total = "surveying", 0, 0

    def begin(self, stage: str, total: int) -> None:
        """A new stage of the work: its bytes count from nought."""
        self.stage, self.done, self.total = stage, 0, total
        self._next = 0.0
        self.beat()

    def read(self, count: int) -> None:
        """Some bytes were read."""
        if self.stage == "surveying":
            self.done = min(self.total, self.done + count)
        self.beat()

    def reached(self, done: int) -> None:
        """The stage has come to this byte."""
        self.done = done
        self.beat()

    def beat(self) -> None:
        """Tell the job, if it is time; LeaseLost when another worker has it."""
        if time.monotonic() >= self._next:
            self._lease.beat(done=self.done, total=self.total, stage=self.stage)
            self._next = time.monotonic() + self._interval


class _WatchedStream(io.RawIOBase):
    """A stream that reports what is read from it."""

    def __init__(self, inner: BinaryIO, report: Callable[[int], None]) -> None:
        self._inner, self._report = inner, report

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._inner.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: Buffer, /) -> int:
        count = int(cast("io.BufferedReader", self._inner).readinto(buffer))
        self._report(count)
        return count

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


class WatchedSource(PlainSource):
    """An opened source whose streams keep the heart beating."""

    def __init__(self, inner: FileSource, heart: Heart) -> None:
        self._inner, self._heart = inner, heart
        self.name, self.size, self.members = inner.name, inner.size, inner.members
        self.fingerprint = inner.fingerprint

    def open(self, member: str | None = None) -> BinaryIO:
        """A fresh stream over the whole file, or over one member."""
        return io.BufferedReader(_WatchedStream(self._inner.open(member), self._heart.read), PIECE)

    def close(self) -> None:
        self._inner.close()
