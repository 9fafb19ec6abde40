"""The sealed store on disk: bytes stream in while they are hashed, are flushed to the disk, and never change again.

A file lies under `<vault>/ab/cd/<sha256>`, read-only. No name that a user gave ever becomes a path.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings

from portal.errors import UserError
from portal.vault.models import StoredFile

BLOCK = 1024 * 1024
INCOMING = "incoming-"  # beginning of the names of files on their way
FLUSH = 16 * 1024 * 1024  # most bytes that are still to be flushed when the last byte has come
# Bytes kept free on the volume so that the audit log can always be written.
RESERVE = 64 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_flush_bytes = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class Sealed(NamedTuple):
    """What sealing a stream gave."""

    stored_file: StoredFile
    already_held: bool


def path_of(sha256: str) -> Path:
    if not _SHA256.match(sha256):
        raise ValueError("not a SHA-256")
    return Path(settings.VAULT_DIR) / sha256[:2] / sha256[2:4] / sha256


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


class Incoming:
    """Bytes on their way into the store: hashed and flushed to the disk as they come, then sealed or dropped.

    Nobody has to wait at the end of a long upload: when its last byte is there, only the tail is still to be flushed.
    A disk that is slower than the network slows the upload down; it never gathers work for the end.
    """

    def __init__(self, *, limit: int | None = None) -> None:
        root = Path(settings.VAULT_DIR)
        root.mkdir(parents=True, exist_ok=True)
        self._limit, self._digest, self.size, self._flushed = limit, hashlib.sha256(), 0, 0
        self._free = os.statvfs(root).f_bavail * os.statvfs(root).f_frsize
        descriptor, name = tempfile.mkstemp(prefix=INCOMING, dir=root)
        self._path, self._file = Path(name), os.fdopen(descriptor, "wb")

    def write(self, block: bytes) -> None:
        """Take the next bytes. Raises UserError V-TOO-LARGE above the limit, V-DISK-FULL when there is no room."""
        self.size += len(block)
        if self._limit is not None and self.size > self._limit:
            raise UserError(
                "V-TOO-LARGE",
                f"The file is larger than {self._limit // 1024**2:,} MB, the most this portal takes.",
                next_step="Export the conversation in parts, or without media, and hand in each part.",
            )
        if self.size + RESERVE > self._free:
            raise UserError(
                "V-DISK-FULL",
                "The portal has no room left for this file; nothing of it was kept.",
                next_step="Tell the administrator, and hand the file in again afterwards.",
            )
        self._digest.update(block)
        self._file.write(block)
        if self.size - self._flushed >= FLUSH:
            self._file.flush()
            _flush_bytes(self._file.fileno())
            self._flushed = self.size

    def seal(self) -> Sealed:
        """Flush, link to the content address, flush the folders; then the row. Raises UserError V-EMPTY."""
        try:
            if self.size == 0:
                raise UserError(
                    "V-EMPTY",
                    "The file is empty: it has no bytes.",
                    next_step="Open it on your device to check, make the export again and hand that in.",
                )
            self._file.flush()
            os.fsync(self._file.fileno())
            os.fchmod(self._file.fileno(), 0o440)
            return _place(self._path, self._digest.hexdigest(), self.size)
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing behind but what was sealed. May be called again."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def seal(stream: Iterable[bytes] | Incoming, *, limit: int | None = None) -> Sealed:
    """Stream bytes into the store, or seal those that are there already.

    Raises UserError V-EMPTY for no bytes, V-TOO-LARGE above `limit` bytes, V-DISK-FULL when the volume has no room.
    """
    if isinstance(stream, Incoming):
        return stream.seal()
    incoming = Incoming(limit=limit)
    try:
        for block in stream:
            incoming.write(block)
        return incoming.seal()
    finally:
        incoming.discard()


def _place(temporary: Path, sha256: str, size: int) -> Sealed:
    target = path_of(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(temporary, target)
    except FileExistsError:
        if _damaged(target, sha256):
            # The bytes at hand are the sealed ones: this is the moment to put them back.
            os.replace(temporary, target)
    for folder in (target.parent, target.parent.parent, target.parent.parent.parent):
        _fsync_folder(folder)
    stored, created = StoredFile.objects.get_or_create(sha256=sha256, defaults={"size": size})
    return Sealed(stored, not created)


def _damaged(path: Path, sha256: str) -> bool:
    """Whether the bytes at a content address are not the ones that its name promises."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in blocks(file):
            digest.update(block)
    return digest.hexdigest() != sha256


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_sealed(stored_file: StoredFile) -> BinaryIO:
    """The sealed bytes, read-only."""
    return path_of(stored_file.sha256).open("rb")


def intact(stored_file: StoredFile) -> tuple[bool, str]:
    """Read the file again: are its bytes still the ones that were sealed?"""
    path = path_of(stored_file.sha256)
    if not path.exists():
        return False, "The sealed file is missing from the store."
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        for block in blocks(file):
            digest.update(block)
            size += len(block)
    if size != stored_file.size:
        return False, f"The sealed file has {size} bytes instead of {stored_file.size}."
    if digest.hexdigest() != stored_file.sha256:
        return False, "The sealed file's bytes are not the ones that were sealed."
    return True, ""
