"""Writes archives byte by byte, so that each field can tell the truth or a lie."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

CHAT = b"23/03/2022, 13:31 - Ann: Good morning\n23/03/2022, 13:32 - Ben: Hello\n"


@dataclass(frozen=True)
class Part:
    """One file; the dictionaries overwrite single fields of its two descriptions."""

    name: bytes = b"_chat.txt"
    data: bytes = CHAT
    method: int = 8
    flags: int = 0
    attributes: int = 0
    local: Mapping[str, object] = field(default_factory=dict)
    central: Mapping[str, object] = field(default_factory=dict)
    packed: bytes | None = None
    after: bytes = b""  # between this file and the next
    descriptor: str = ""  # "", "short", "wide", "short unsigned", "wide unsigned"

    def but(self, **changes: object) -> Part:
        return replace(self, **changes)  # type: ignore[arg-type]


def deflate(data: bytes, level: int = 9) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def packed(part: Part) -> bytes:
    if part.packed is not None:
        return part.packed
    return deflate(part.data) if part.method == 8 else part.data


def _truth(part: Part, offset: int) -> dict[str, object]:
    return {
        "signature": b"PK\x03\x04",
        "made": 0x0314,
        "needed": 20,
        "flags": part.flags,
        "method": part.method,
        "time": 0,
        "date": 33,
        "crc": zlib.crc32(part.data),
        "packed": len(packed(part)),
        "size": len(part.data),
        "name": part.name,
        "extra": b"",
        "comment": b"",
        "disk": 0,
        "internal": 0,
        "attributes": part.attributes,
        "offset": offset,
    }


def local(part: Part) -> bytes:
    """Local header, packed data, and the data descriptor if the part has one."""
    values = _truth(part, 0)
    numbers = (values["crc"], values["packed"], values["size"])
    if part.descriptor:
        values |= {"crc": 0, "packed": 0, "size": 0}
    values |= dict(part.local)
    keys = ("signature", "needed", "flags", "method", "time", "date", "crc", "packed", "size")
    head = struct.pack(
        "<4s5H3L2H",
        *(values[key] for key in keys),
        len(values["name"]),  # type: ignore[arg-type]
        len(values["extra"]),  # type: ignore[arg-type]
    )
    tail = b""
    if part.descriptor:
        form = "<LQQ" if "wide" in part.descriptor else "<LLL"
        sign = b"" if "unsigned" in part.descriptor else b"PK\x07\x08"
        tail = sign + struct.pack(form, *numbers)
    return head + values["name"] + values["extra"] + packed(part) + tail + part.after  # type: ignore[operator]


def central(part: Part, offset: int) -> bytes:
    values = _truth(part, offset) | {"signature": b"PK\x01\x02"} | dict(part.central)
    keys = [
        "signature", "made", "needed", "flags", "method", "time", "date", "crc", "packed", "size",
        "name", "extra", "comment", "disk", "internal", "attributes", "offset",
    ]  # fmt: skip
    plain = [len(values[k]) if k in ("name", "extra", "comment") else values[k] for k in keys]  # type: ignore[arg-type]
    head = struct.pack("<4s6H3L5H2L", *plain)
    return head + values["name"] + values["extra"] + values["comment"]  # type: ignore[operator]


def end(count: int, size: int, offset: int, comment: bytes = b"", /, **lies: int) -> bytes:
    values = {"disk": 0, "start": 0, "here": count, "count": count, "size": size, "offset": offset}
    values |= lies
    return (
        struct.pack("<4s4H2LH", b"PK\x05\x06", *(values[k] for k in values), len(comment)) + comment
    )


def end64(position: int, count: int, size: int, offset: int, /, **lies: int) -> bytes:
    """The 64-bit end record at `position`, and its locator."""
    values = {
        "rest": 44, "made": 45, "needed": 45, "disk": 0, "start": 0,
        "here": count, "count": count, "size": size, "offset": offset,
        "locator_disk": 0, "record": position, "disks": 1,
    }  # fmt: skip
    values |= lies
    keys = ("rest", "made", "needed", "disk", "start", "here", "count", "size", "offset")
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", *(values[k] for k in keys))
    last = (values["locator_disk"], values["record"], values["disks"])
    return record + struct.pack("<4sLQL", b"PK\x06\x07", *last)


def build(*parts: Part, comment: Any = b"", before_end: Any = b"", **lies: int) -> bytes:
    """A whole archive; `lies` go to the end record."""
    body, directory = b"", b""
    for part in parts:
        directory += central(part, len(body))
        body += local(part)
    last = end(len(parts), len(directory), len(body), comment, **lies)
    return body + directory + before_end + last


def build64(*parts: Part, short: Any = True, **lies: int) -> bytes:
    """An archive with 64-bit end records; `short` leaves the truth in the 32-bit one as well."""
    body, directory = b"", b""
    for part in parts:
        directory += central(part, len(body))
        body += local(part)
    position = len(body) + len(directory)
    wide = end64(position, len(parts), len(directory), len(body), **lies)
    masks = (
        {} if short else {"here": 0xFFFF, "count": 0xFFFF, "size": 2**32 - 1, "offset": 2**32 - 1}
    )
    return body + directory + wide + end(len(parts), len(directory), len(body), **masks)


def field_of(tag: int, data: bytes) -> bytes:
    return struct.pack("<2H", tag, len(data)) + data
