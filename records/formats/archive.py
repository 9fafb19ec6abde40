"""The gate before any archive is read: its structure must have exactly one meaning.

Python's own zip reader accepts archives whose entries overlap or whose two descriptions of a file
differ (CVE-2024-0450, CVE-2025-8291), so the end record, the central directory and every local
header are walked here with own code over the open descriptor. Every byte must belong to exactly one
entry, the directory or the end; whatever is ambiguous is refused with a code. Layout: PKWARE
APPNOTE 6.3.10. Members are never unpacked to disk; an archive that stands encoded inside a mail is decoded
into a file without a name first (`enclosed`), and then passes this gate.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

from records.formats import member_names
from records.formats.errors import reject

MOST_FILES = 50_000
MOST_BYTES = 20 * 2**30
MOST_RATIO = 200  # unpacked to packed bytes, for files that unpack to more than RATIO_FROM
RATIO_FROM = 2**20
FREE_OF_RATIO = 2**25  # bytes of all such files: a blank photo may pack better than that
MOST_DIRECTORY = 32 * 2**20

LOCAL_SIGNATURE = b"PK\x03\x04"
CENTRAL_SIGNATURE = b"PK\x01\x02"
END_SIGNATURE = b"PK\x05\x06"
SPLIT_SIGNATURE = b"PK\x07\x08"
STORED, DEFLATED = 0, 8

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_TAIL = _END.size + 0xFFFF
_ZIP64_FIELD, _AES_FIELD = 0x0001, 0x9901
_FLAG_ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13
_FLAG_STREAMED = 1 << 3
_FLAG_PATCH = 1 << 5
_FLAG_UTF8 = 1 << 11
_FLAGS_COMPARED = 0xFFFF & ~(1 << 1 | 1 << 2)  # bits 1 and 2 only tell how hard the packer tried


class ArchiveEntry(NamedTuple):
    """One file or folder of an archive, as both of its descriptions agree on it."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    header: int  # offset of the local header
    data: int = 0  # offset of the packed bytes; known after the local header was read

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


class End(NamedTuple):
    """What the end of an archive declares about its directory."""

    position: int  # where the end records begin: the directory must stop there
    files: int
    size: int
    offset: int


def is_archive(descriptor: int, size: int) -> bool:
    """Whether the bytes are an archive, also one hidden behind other bytes: the name does not
    matter.
    """
    head = os.pread(descriptor, 4, 0)
    if head in (LOCAL_SIGNATURE, END_SIGNATURE, SPLIT_SIGNATURE):
        return True
    tail_at = max(0, size - _TAIL)
    tail = os.pread(descriptor, size - tail_at, tail_at)
    return any(_leads_to_directory(descriptor, tail, at, tail_at) for at in _ends(tail))


def examine(descriptor: int, size: int) -> list[ArchiveEntry]:
    """All entries in the order of the directory, or `Rejected` with the first ambiguity found."""
    end = _find_end(descriptor, size)
    if end.files == 0:
        raise reject("Z-EMPTY")
    if end.files > MOST_FILES:
        raise reject("Z-MANY-FILES", count=end.files, limit=MOST_FILES)
    if end.size > MOST_DIRECTORY or end.size < end.files * _CENTRAL.size:
        raise reject("Z-DIRECTORY", f"byte {end.offset}")
    entries = _read_directory(read_exactly(descriptor, end.size, end.offset), end.files)
    _check_sizes(entries)
    member_names.check_collisions(entry.name for entry in entries)
    return _check_spans(descriptor, entries, end.offset)


def read_exactly(descriptor: int, length: int, offset: int) -> bytes:
    """`length` bytes at `offset`; an archive that ends before is cut off."""
    parts = []
    while length:
        part = os.pread(descriptor, length, offset)
        if not part:
            raise reject("Z-TRUNCATED", f"byte {offset}")
        parts.append(part)
        offset += len(part)
        length -= len(part)
    return b"".join(parts)


def _ends(tail: bytes) -> list[int]:
    """Places of end records whose comment reaches the end of the file."""
    found = []
    at = tail.find(END_SIGNATURE)
    while at >= 0:
        if len(tail) - at >= _END.size:
            comment = int.from_bytes(tail[at + 20 : at + 22], "little")
            if at + _END.size + comment == len(tail):
                found.append(at)
        at = tail.find(END_SIGNATURE, at + 1)
    return found


def _leads_to_directory(descriptor: int, tail: bytes, at: int, tail_at: int) -> bool:
    if len(tail) - at < _END.size:
        return False
    count, size = struct.unpack_from("<HL", tail, at + 10)
    start = tail_at + at - size
    return bool(count) and start >= 0 and os.pread(descriptor, 4, start) == CENTRAL_SIGNATURE


def _find_end(descriptor: int, size: int) -> End:
    tail_at = max(0, size - _TAIL)
    tail = read_exactly(descriptor, size - tail_at, tail_at)
    found = _ends(tail)
    last = tail.rfind(END_SIGNATURE)
    if not found:
        added = last >= 0 and _leads_to_directory(descriptor, tail, last, tail_at)
        raise reject("Z-TRAILING" if added else "Z-TRUNCATED", f"byte {size}")
    if len(found) > 1 or last != found[0]:
        raise reject("Z-TWO-ENDS", f"byte {tail_at + found[0]}")
    position = tail_at + found[0]
    _, disk, start_disk, here, count, length, offset, _ = _END.unpack_from(tail, found[0])
    end = _find_end64(descriptor, position, End(position, count, length, offset))
    if (disk, start_disk) != (0, 0) or here != count:
        raise reject("Z-SPLIT")
    stop = end.offset + end.size
    found_at = end.position - end.size
    if stop < end.position and os.pread(descriptor, 4, found_at) == CENTRAL_SIGNATURE:
        raise reject("Z-PREPENDED", f"byte {end.position - stop}")
    if stop != end.position:
        raise reject("Z-DIRECTORY", f"byte {end.offset}")
    return end


def _find_end64(descriptor: int, position: int, end: End) -> End:
    """The 64-bit end record, which must stand right before the end and tell the same."""
    needed = end.files == 0xFFFF or end.size == 0xFFFFFFFF or end.offset == 0xFFFFFFFF
    at = position - _LOCATOR.size
    locator = os.pread(descriptor, _LOCATOR.size, at) if at >= 0 else b""
    if not locator.startswith(b"PK\x06\x07"):
        if needed:
            raise reject("Z-ZIP64", f"byte {position}")
        return end
    _, disk, record_at, disks = _LOCATOR.unpack(locator)
    if disk != 0 or disks != 1:
        raise reject("Z-SPLIT")
    if record_at != at - _END64.size or record_at < 0:
        raise reject("Z-ZIP64", f"byte {at}")
    record = _END64.unpack(read_exactly(descriptor, _END64.size, record_at))
    signature, rest, _, _, disk, start_disk, here, count, length, offset = record
    if signature != b"PK\x06\x06" or rest != _END64.size - 12:
        raise reject("Z-ZIP64", f"byte {record_at}")
    if (disk, start_disk) != (0, 0) or here != count:
        raise reject("Z-SPLIT")
    for short, wide, mask in (
        (end.files, count, 0xFFFF),
        (end.size, length, 0xFFFFFFFF),
        (end.offset, offset, 0xFFFFFFFF),
    ):
        if short not in (wide, mask):
            raise reject("Z-ZIP64", f"byte {record_at}")
    return End(record_at, count, length, offset)


def _read_directory(directory: bytes, count: int) -> list[ArchiveEntry]:
    entries: list[ArchiveEntry] = []
    at = 0
    for _ in range(count):
        if at + _CENTRAL.size > len(directory):
            raise reject("Z-DIRECTORY", f"file {len(entries) + 1}")
        fields = _CENTRAL.unpack_from(directory, at)
        names, extras, comments = fields[10:13]
        stop = at + _CENTRAL.size + names + extras + comments
        if fields[0] != CENTRAL_SIGNATURE or stop > len(directory):
            raise reject("Z-DIRECTORY", f"file {len(entries) + 1}")
        at += _CENTRAL.size
        raw = directory[at : at + names]
        entries.append(_central_entry(fields, raw, directory[at + names : at + names + extras]))
        at = stop
    if at != len(directory):
        raise reject("Z-DIRECTORY", f"file {len(entries) + 1}")
    return entries


def _central_entry(fields: tuple[Any, ...], raw: bytes, extra: bytes) -> ArchiveEntry:
    _, _, _, flags, method, _, _, crc, packed, size, _, _, _, disk, _, attributes, header = fields
    place = member_names.shown(raw)
    known = _extra_fields(extra, place)
    if flags & _FLAG_ENCRYPTED or method == 99 or _AES_FIELD in known:
        raise reject("Z-ENCRYPTED", place)
    if method not in (STORED, DEFLATED) or flags & _FLAG_PATCH:
        raise reject("Z-METHOD", place, method=method)
    if disk != 0:
        raise reject("Z-SPLIT", place)
    name = member_names.decode(raw, bool(flags & _FLAG_UTF8), known)
    member_names.check(name)
    size, packed, header = _widen([size, packed, header], known.get(_ZIP64_FIELD), place)
    entry = ArchiveEntry(name, raw, flags, method, crc, packed, size, header)
    mode = stat.S_IFMT(attributes >> 16)
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR) or (mode == stat.S_IFDIR) > entry.is_folder:
        raise reject("Z-LINK", place)
    if (method == STORED and packed != size) or (entry.is_folder and size):
        raise reject("Z-SIZE", place)
    return entry


def _extra_fields(extra: bytes, place: str) -> dict[int, bytes]:
    known: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        at += 4
        if at + length > len(extra):
            raise reject("Z-EXTRA", place)
        if tag in known and tag in (_ZIP64_FIELD, member_names.UNICODE_PATH):
            raise reject("Z-EXTRA", place)
        known[tag] = extra[at : at + length]
        at += length
    if any(extra[at:]):  # zeros are what alignment tools leave
        raise reject("Z-EXTRA", place)
    return known


def _widen(values: Sequence[int], field: bytes | None, place: str) -> list[int]:
    """Replace each value that is all ones by its 64-bit twin; there must be as many twins."""
    short = [index for index, value in enumerate(values) if value == 0xFFFFFFFF]
    if field is None:
        if short:
            raise reject("Z-ZIP64", place)
        return list(values)
    if len(field) != 8 * len(short):
        raise reject("Z-ZIP64", place)
    result = list(values)
    for index, wide in zip(short, struct.unpack(f"<{len(short)}Q", field), strict=True):
        result[index] = wide
    return result


def _check_sizes(entries: Sequence[ArchiveEntry]) -> None:
    total = sum(entry.size for entry in entries)
    if total > MOST_BYTES:
        raise reject("Z-TOO-LARGE", size=total, limit=MOST_BYTES)
    dense = [
        entry
        for entry in entries
        if entry.size > RATIO_FROM and entry.size > MOST_RATIO * entry.packed
    ]
    if sum(entry.size for entry in dense) > FREE_OF_RATIO:
        worst = max(dense, key=lambda entry: entry.size / max(1, entry.packed))
        ratio = worst.size // max(1, worst.packed)
        raise reject("Z-BOMB", member_names.shown(worst.raw_name), ratio=ratio)


def _check_spans(
    descriptor: int, entries: Sequence[ArchiveEntry], directory: int
) -> list[ArchiveEntry]:
    """Local headers and data must lie side by side, from the first byte to the directory."""
    order = sorted(range(len(entries)), key=lambda index: entries[index].header)
    starts = [entries[index].header for index in order] + [directory]
    if starts[0] != 0:
        raise reject("Z-PREPENDED", f"byte {starts[0]}")
    for number, index in enumerate(order):
        entry = entries[index]
        least = _LOCAL.size + len(entry.raw_name) + entry.packed
        if entry.header + least > starts[number + 1]:
            raise reject("Z-OVERLAP", member_names.shown(entry.raw_name))
    placed = list(entries)
    for number, index in enumerate(order):
        placed[index] = _check_local(descriptor, entries[index], starts[number + 1])
    return placed


def _check_local(descriptor: int, entry: ArchiveEntry, stop: int) -> ArchiveEntry:
    place = member_names.shown(entry.raw_name)
    want = min(stop - entry.header, _LOCAL.size + len(entry.raw_name) + 64)
    head = read_exactly(descriptor, want, entry.header)
    signature, _, flags, method, _, _, crc, packed, size, names, extras = _LOCAL.unpack_from(head)
    if signature != LOCAL_SIGNATURE:
        raise reject("Z-DIFFERS", place, what="where it begins")
    length = _LOCAL.size + names + extras
    if length > len(head):
        if entry.header + length > stop:
            raise reject("Z-OVERLAP", place)
        head = read_exactly(descriptor, length, entry.header)
    if head[_LOCAL.size : _LOCAL.size + names] != entry.raw_name:
        raise reject("Z-DIFFERS", place, what="its name")
    if (flags ^ entry.flags) & _FLAGS_COMPARED or method != entry.method:
        raise reject("Z-DIFFERS", place, what="how it is packed")
    known = _extra_fields(head[_LOCAL.size + names : length], place)
    if member_names.UNICODE_PATH in known:
        local_name = member_names.decode(entry.raw_name, bool(flags & _FLAG_UTF8), known)
        if local_name != entry.name:
            raise reject("Z-DIFFERS", place, what="its name")
    size, packed = _widen([size, packed], known.get(_ZIP64_FIELD), place)
    streamed = bool(flags & _FLAG_STREAMED)
    for declared, true in ((crc, entry.crc), (packed, entry.packed), (size, entry.size)):
        if declared != true and not (streamed and declared == 0):
            raise reject("Z-DIFFERS", place, what="its size or check sum")
    data = entry.header + length
    _check_stop(descriptor, entry, data + entry.packed, stop, streamed)
    return entry._replace(data=data)


def _check_stop(
    descriptor: int, entry: ArchiveEntry, after: int, stop: int, streamed: bool
) -> None:
    """After the data comes the next entry, or the data descriptor of a streamed one and then the
    next.
    """
    place = member_names.shown(entry.raw_name)
    if after > stop:
        raise reject("Z-OVERLAP", place)
    if not streamed:
        if after != stop:
            raise reject("Z-HIDDEN", place, count=stop - after)
        return
    numbers = (entry.crc, entry.packed, entry.size)
    forms = [struct.pack("<LQQ", *numbers)]
    if max(numbers) <= 0xFFFFFFFF:
        forms.append(struct.pack("<3L", *numbers))
    rest = read_exactly(descriptor, min(stop - after, 25), after)
    if rest.removeprefix(SPLIT_SIGNATURE) not in forms and rest not in forms:
        if stop - after > 24:
            raise reject("Z-HIDDEN", place, count=stop - after)
        raise reject("Z-DIFFERS", place, what="its size or check sum")
