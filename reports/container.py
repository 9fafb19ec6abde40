"""The container of a submission package: a zip file in one canonical form, so that its bytes follow from its members.

Members are stored without compression, sorted by the bytes of their path, dated January 1, 1980, with permissions 0644,
without comments, and without extra fields except the ZIP64 ones that a size or place of 4 GiB demands (PKWARE APPNOTE
6.3, sections 4.3 to 4.5). Two writers that follow this make equal files, and a reader that rebuilds the file from the
members finds every byte that differs. Writing streams: memory does not grow with the members.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, Final, NamedTuple

CHUNK: Final = 1 << 16
_DOS_DATE: Final = 0x0021
_ATTRIBUTES: Final = 0o100644 << 16
_UNIX: Final = 3 << 8
_FULL_16: Final = 0xFFFF
_FULL_32: Final = 0xFFFFFFFF


class Member(NamedTuple):
    """One file of the container: its path and what its bytes add up to."""

    path: str
    size: int
    crc: int
    sha256: str


class Source(NamedTuple):
    """A member together with the way to read its bytes, as often as asked."""

    member: Member
    open: Callable[[], BinaryIO]


class SourceChangedError(Exception):
    """A source gave other bytes when it was written than when it was measured."""


def measure(path: str, opener: Callable[[], BinaryIO]) -> Source:
    """Read a source once for its size, CRC-32 and SHA-256."""
    size, crc, sha256 = 0, 0, hashlib.sha256()
    with opener() as stream:
        for chunk in chunks(stream):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
            sha256.update(chunk)
    return Source(Member(path, size, crc, sha256.hexdigest()), opener)


def chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of a stream in pieces of at most 64 KiB."""
    while chunk := stream.read(CHUNK):
        yield chunk


def in_order(sources: Iterable[Source]) -> list[Source]:
    """The canonical order: by the bytes of the path."""
    return sorted(sources, key=lambda source: source.member.path.encode("ascii"))


def render(sources: Sequence[Source]) -> Iterator[bytes]:
    """The container's bytes, from the first to the last; raises SourceChangedError."""
    offset, directory = 0, []
    for source in sources:
        header = local_header(source.member)
        directory.append(central_header(source.member, offset))
        yield header
        yield from _content(source)
        offset += len(header) + source.member.size
    yield from directory
    yield end(len(directory), sum(map(len, directory)), offset)


def _content(source: Source) -> Iterator[bytes]:
    size, sha256 = 0, hashlib.sha256()
    with source.open() as stream:
        for chunk in chunks(stream):
            size += len(chunk)
            sha256.update(chunk)
            yield chunk
    if (size, sha256.hexdigest()) != (source.member.size, source.member.sha256):
        raise SourceChangedError(source.member.path)


def local_header(member: Member) -> bytes:
    """What stands before a member's bytes."""
    name = member.path.encode("ascii")
    large = member.size >= _FULL_32
    size = _FULL_32 if large else member.size
    extra = struct.pack("<HHQQ", 1, 16, member.size, member.size) if large else b""
    fixed = struct.pack(
        "<4sHHHHHIIIHH",
        b"PK\x03\x04",
        45 if large else 20,
        0,
        0,
        0,
        _DOS_DATE,
        member.crc,
        size,
        size,
        len(name),
        len(extra),
    )
    return fixed + name + extra


def central_header(member: Member, offset: int) -> bytes:
    """A member's line in the directory at the container's end."""
    name = member.path.encode("ascii")
    large, far = member.size >= _FULL_32, offset >= _FULL_32
    values = ([member.size, member.size] if large else []) + ([offset] if far else [])
    extra = struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values) if values else b""
    size = _FULL_32 if large else member.size
    version = 45 if values else 20
    fixed = struct.pack(
        "<4sHHHHHHIIIHHHHHII",
        b"PK\x01\x02",
        _UNIX | version,
        version,
        0,
        0,
        0,
        _DOS_DATE,
        member.crc,
        size,
        size,
        len(name),
        len(extra),
        0,
        0,
        0,
        _ATTRIBUTES,
        _FULL_32 if far else offset,
    )
    return fixed + name + extra


def end(count: int, size: int, offset: int) -> bytes:
    """What closes the container: how many members, and where their directory lies."""
    parts = b""
    if count >= _FULL_16 or size >= _FULL_32 or offset >= _FULL_32:
        version = _UNIX | 45
        parts = struct.pack(
            "<4sQHHIIQQQQ", b"PK\x06\x06", 44, version, 45, 0, 0, count, count, size, offset
        )
        parts += struct.pack("<4sIQI", b"PK\x06\x07", 0, offset + size, 1)
    few = min(count, _FULL_16)
    return parts + struct.pack(
        "<4sHHHHIIH",
        b"PK\x05\x06",
        0,
        0,
        few,
        few,
        min(size, _FULL_32),
        min(offset, _FULL_32),
        0,
    )
