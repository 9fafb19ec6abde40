"""The bytes of a message export: a plain file, or an archive that passed the gate.

The sealed file is opened once, by one descriptor, and read by position, so any number of streams
can be open on it and nothing can be swapped between the check and the reading. Members are unpacked
in memory, in small pieces; real bytes are counted and check sums compared while they are read.
"""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

from records.formats import enclosed
from records.formats.archive import STORED, ArchiveEntry, examine, is_archive, read_exactly
from records.formats.base import Member, Source
from records.formats.errors import reject
from records.formats.member_names import shown

if TYPE_CHECKING:
    from typing_extensions import Buffer

PIECE = 1 << 16
MOST_RAW = 1 << 20  # bytes of one answer of `raw`


class Fingerprint:
    """SHA-256 of a file whose streams may be reread or sought: each byte is hashed exactly once, in
    order.
    """

    def __init__(self, descriptor: io.FileIO, size: int) -> None:
        self._file, self._size = descriptor, size
        self._hash = hashlib.sha256()
        self.hashed = 0

    def saw(self, offset: int, data: memoryview) -> None:
        """Take what a stream read at `offset`; what was seen before, or comes too early, is left
        out.
        """
        if offset <= self.hashed < offset + len(data):
            self._hash.update(data[self.hashed - offset :])
            self.hashed = offset + len(data)

    def hexdigest(self) -> str:
        """The digest of the whole file; what no stream has read yet is read now."""
        while self.hashed < self._size:
            piece = os.pread(self._file.fileno(), 16 * PIECE, self.hashed)
            if not piece:
                raise reject("F-CHANGED", f"byte {self.hashed}")
            self.saw(self.hashed, memoryview(piece))
        return self._hash.hexdigest()


class HashingReader(io.RawIOBase):
    """A seekable stream over the whole file that feeds the fingerprint as it is read."""

    def __init__(self, file: io.FileIO, size: int, fingerprint: Fingerprint) -> None:
        self._file, self._size, self._fingerprint = file, size, fingerprint
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        # Only the bytes that were there when the file was opened: a growing file is not followed.
        view = view[: max(0, self._size - self._at)]
        count = os.preadv(self._file.fileno(), [view], self._at) if len(view) else 0
        if count == 0 and len(view):
            raise reject("F-CHANGED", f"byte {self._at}")
        self._fingerprint.saw(self._at, view[:count])
        self._at += count
        return count


class MemberReader(io.RawIOBase):
    """A stream over one member of an archive; the last byte is given only when length and check sum
    are right.
    """

    def __init__(self, file: io.FileIO, entry: ArchiveEntry) -> None:
        self._file, self._entry = file, entry
        self._place = shown(entry.raw_name)
        self._inflate = zlib.decompressobj(-15) if entry.method != STORED else None
        self._taken = 0  # packed bytes read
        self._given = 0  # unpacked bytes produced
        self._check_sum = 0
        self._done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._done or not len(view):
            return 0
        piece = self._piece(min(len(view), 4 * PIECE, max(1, self._entry.size - self._given)))
        self._given += len(piece)
        self._check_sum = zlib.crc32(piece, self._check_sum)
        if self._given > self._entry.size or (not piece and self._given < self._entry.size):
            raise reject("Z-SIZE", self._place)
        if self._given == self._entry.size:
            self._finish()
        view[: len(piece)] = piece
        return len(piece)

    def _piece(self, most: int) -> bytes:
        if self._inflate is None:
            return self._packed(min(most, self._entry.packed - self._taken))
        try:
            while not self._inflate.eof:
                # Packed bytes left over from the last call come first; the unpacked piece is
                # bounded.
                packed = self._inflate.unconsumed_tail or self._packed(PIECE)
                piece = self._inflate.decompress(packed, most)
                if piece:
                    return piece
                if not packed:
                    raise reject("Z-DAMAGED", self._place)
        except zlib.error:
            raise reject("Z-DAMAGED", self._place) from None
        return b""

    def _packed(self, most: int) -> bytes:
        most = min(most, self._entry.packed - self._taken)
        piece = read_exactly(self._file.fileno(), most, self._entry.data + self._taken)
        self._taken += most
        return piece

    def _finish(self) -> None:
        self._done = True
        if self._inflate is not None and self._piece(1):
            raise reject("Z-SIZE", self._place)
        unused = self._inflate is not None and self._inflate.unused_data
        if unused or self._taken != self._entry.packed:
            raise reject("Z-SIZE", self._place)
        if self._check_sum != self._entry.crc:
            raise reject("Z-CRC", self._place)


class SealedSource(Source, Protocol):
    """A source that can prove its bytes: what the driver reads."""

    def digest(self) -> str:
        """SHA-256 of the whole file as it was handed in."""


class FileSource:
    """What plain files and archives share: one descriptor, the fingerprint, and closing."""

    members: Sequence[Member] = ()

    def __init__(self, file: io.FileIO, name: str) -> None:
        self._file = file
        self.name = name
        self.size = os.fstat(file.fileno()).st_size
        self.fingerprint = Fingerprint(file, self.size)

    def digest(self) -> str:
        """SHA-256 of the whole file as it was handed in."""
        return self.fingerprint.hexdigest()

    def open(self, member: str | None = None) -> BinaryIO:
        """A fresh stream over the whole file, or over one member."""
        if member is not None:
            raise reject("Z-MEMBER", member)
        return io.BufferedReader(HashingReader(self._file, self.size, self.fingerprint), PIECE)

    def raw(self, member: str | None, offset: int, length: int) -> bytes:
        """At most 1 MiB of bytes beside a message, as they stand in the file or the member."""
        length = max(0, min(length, MOST_RAW))
        with self.open(member) as stream:
            if stream.seekable():
                stream.seek(offset)
                return stream.read(length)
            while offset > 0:
                skipped = len(stream.read(min(offset, 4 * PIECE)))
                if not skipped:
                    return b""
                offset -= skipped
            return stream.read(length)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class PlainSource(FileSource):
    """An export that is one text file."""


class ZipSource(FileSource):
    """An export in an archive; made only when the whole structure passed the gate."""

    def __init__(self, file: io.FileIO, name: str) -> None:
        super().__init__(file, name)
        entries = examine(file.fileno(), self.size)
        self._entries = {entry.name: entry for entry in entries if not entry.is_folder}
        self.members = tuple(Member(entry.name, entry.size) for entry in self._entries.values())

    def open(self, member: str | None = None) -> BinaryIO:
        if member is None:
            return super().open()
        entry = self._entries.get(member)
        if entry is None:
            raise reject("Z-MEMBER", shown(member.encode("utf-8", "replace")))
        return io.BufferedReader(MemberReader(self._file, entry), PIECE)


class EnclosedSource(FileSource):
    """An export in an archive that a mail encloses: the whole file is the mail, the members are the archive's."""

    def __init__(self, file: io.FileIO, name: str, part: enclosed.MailPart) -> None:
        super().__init__(file, name)
        with io.BufferedReader(HashingReader(file, self.size, self.fingerprint), PIECE) as stream:
            self._decoded = enclosed.decoded(stream, part)
        try:
            self._archive = ZipSource(self._decoded, name)
        except BaseException:
            self._decoded.close()
            raise
        self.members = self._archive.members

    def open(self, member: str | None = None) -> BinaryIO:
        return super().open() if member is None else self._archive.open(member)

    def close(self) -> None:
        self._archive.close()
        super().close()


def open_source(path: str | os.PathLike[str], name: str | None = None) -> FileSource:
    """The sealed file at `path` as a source; `name` is what it was called when it was handed in."""
    file = io.FileIO(path, "r")
    try:
        size = os.fstat(file.fileno()).st_size
        called = name if name is not None else os.path.basename(os.fspath(path))
        if is_archive(file.fileno(), size):
            return ZipSource(file, called)
        plain = PlainSource(file, called)
        part = None
        if enclosed.is_rsmf(os.pread(file.fileno(), PIECE, 0)):
            with plain.open() as stream:
                part = enclosed.archive_in(stream)
        return plain if part is None else EnclosedSource(file, called, part)
    except BaseException:
        file.close()
        raise
