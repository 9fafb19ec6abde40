"""Hostile and damaged archives: each one is refused with a code, quickly, in little memory, leaving nothing behind."""

from __future__ import annotations

import contextlib
import random
import struct
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.formats import archive
from records.formats.base import Rejected
from records.formats.errors import SENTENCES
from records.formats.source import open_source
from tests.formats.archive_maker import (
    CHAT,
    Part,
    build,
    build64,
    central,
    deflate,
    end,
    field_of,
    local,
)

PHOTO = Part(b"photo.jpg", random.Random(5).randbytes(3_000), method=0)
SYMLINK, DEVICE, PIPE = 0o120777 << 16, 0o020666 << 16, 0o010666 << 16
FOLDER = 0o040755 << 16
WIDE = 0xFFFFFFFF


def overlap_bomb(count: int = 200) -> bytes:
    """Many names for the same packed bytes (threats.md, decision 4)."""
    part = Part(b"0", bytes(1 << 20), method=8)
    body = local(part)
    directory = b"".join(central(part.but(name=b"0"), 0) for _ in range(count))
    return body + directory + end(count, len(directory), len(body))


def quoted_overlap(count: int = 100) -> bytes:
    """Each file quotes the header of the next in a stored block, so that all share one kernel."""
    kernel = Part(b"z", bytes(1 << 20))
    bodies = [local(kernel)]
    parts = [kernel]
    tail = deflate(kernel.data)
    for number in range(count):
        head = local(parts[0])[: 30 + len(parts[0].name)]
        quote = b"\0" + struct.pack("<HH", len(head), len(head) ^ 0xFFFF) + head
        tail = quote + tail
        part = Part(b"%d" % number, head + parts[0].data, packed=tail)
        parts.insert(0, part)
        bodies.insert(0, local(part)[: 30 + len(part.name)] + quote[:5])
    body, offsets = b"", []
    for piece in bodies:
        offsets.append(len(body))
        body += piece
    directory = b"".join(central(p, o) for p, o in zip(parts, offsets, strict=True))
    return body + directory + end(len(parts), len(directory), len(body))


def bad_names() -> Iterator[tuple[str, bytes]]:
    names = [
        "../x", "..", "a/../../x", "a/..", "/etc/passwd", "//server/share", "\\\\server\\share",
        "\\x", "a\\..\\x", "..\\x", "C:\\x", "C:/x", "c:x", "Z:", "a//b", "a/./b", "./a", ".", "",
        "a\0b", "\0", "../_chat.txt", "x/../_chat.txt", "a/", "\\\\?\\C:\\x", "\\\\.\\COM1",
        "....//x/../y", "a" * 1025, "/".join("a" * 40),
        "_chat.txt/../x", "/", "//", "../" * 30 + "tmp/x", "/dev/null", "a/b/../c", "..//x",
    ]  # fmt: skip
    for name in names:
        if name != "a/":
            yield f"name {name[:30]!r}", build(Part(), Part(name.encode(), b"x"))
    yield "name not UTF-8 although flagged", build(Part(), Part(b"\xff\xfe", b"x", flags=1 << 11))
    yield "name overlong UTF-8", build(Part(), Part(b"\xc0\xae\xc0\xae/x", b"x", flags=1 << 11))
    yield "name surrogate", build(Part(), Part(b"\xed\xa0\x80", b"x", flags=1 << 11))


def collisions() -> Iterator[tuple[str, bytes]]:
    pairs = [
        ("a.jpg", "a.jpg"), ("a.jpg", "A.JPG"), ("\u00e9.jpg", "e\u0301.jpg"), ("a", "a/b"),
        ("stra\u00dfe", "STRASSE"), ("a.", "a"), ("a ", "a"), ("A", "a/b/c"), ("\u212a", "k"),
        ("d/a", "D/A"), ("_chat.txt", "_CHAT.TXT"), ("x/y/z", "x/y"),
    ]  # fmt: skip
    for one, two in pairs:
        data = build(Part(one.encode(), b"1"), Part(two.encode(), b"2"))
        yield f"twice {one!r} {two!r}", data


def lies_about_one_file() -> Iterator[tuple[str, bytes, str]]:
    size = len(CHAT)
    for key, value in (
        ("name", b"_chaT.txt"), ("name", b"other.txt"), ("method", 0),
        ("flags", 1 << 11), ("crc", 5), ("size", size + 1), ("size", size - 1), ("size", 0),
        ("packed", 3), ("packed", 0), ("signature", b"PK\x03\x05"), ("signature", b"\0\0\0\0"),
        ("crc", 0),
    ):  # fmt: skip
        yield f"local {key} {value!r}", build(Part(local={key: value})), "Z-DIFFERS"
    yield "local name shorter", build(Part(local={"name": b"_chat.tx"})), "Z-"
    for key, value in (("crc", 5), ("size", size + 1), ("size", size - 1)):
        both = {key: value}
        yield f"both {key} {value}", build(Part(local=both, central=both)), "Z-"
    for key, value in (
        ("signature", b"PK\x01\x03"), ("packed", 10**6), ("offset", 7), ("offset", 10**6),
        ("disk", 1), ("disk", 0xFFFF), ("size", WIDE), ("packed", WIDE), ("offset", WIDE),
    ):  # fmt: skip
        yield f"central {key} {value!r}", build(Part(central={key: value})), "Z-"
    yield "empty deflate with rest", build(Part(packed=deflate(CHAT) + b"rest")), "Z-SIZE"
    yield "deflate cut", build(Part(packed=deflate(CHAT)[:-5])), "Z-DAMAGED"
    yield "deflate garbage", build(Part(packed=b"\xff" * 50)), "Z-DAMAGED"
    yield "deflate of more", build(Part(packed=deflate(CHAT + CHAT))), "Z-SIZE"
    yield "deflate of less", build(Part(packed=deflate(CHAT[:-1]))), "Z-SIZE"
    yield "wrong content", build(Part(packed=deflate(CHAT[::-1]))), "Z-CRC"
    yield "wrong content stored", build(Part(method=0, packed=CHAT[::-1])), "Z-CRC"
    yield "stored length", build(Part(method=0, packed=CHAT + b"x")), "Z-SIZE"
    for bit in (0, 6, 13):
        yield f"encrypted bit {bit}", build(Part(flags=1 << bit)), "Z-ENCRYPTED"
    aes = field_of(0x9901, b"\2\0AE\3\10\0")
    yield "AES", build(Part(method=99, central={"extra": aes})), "Z-ENCRYPTED"
    yield "AES field", build(Part(central={"extra": aes})), "Z-ENCRYPTED"
    for method in (1, 6, 9, 12, 14, 93, 95, 98):
        yield f"method {method}", build(Part(method=method)), "Z-METHOD"
    yield "patched data", build(Part(flags=1 << 5)), "Z-METHOD"
    for name, mode in (("link", SYMLINK), ("device", DEVICE), ("pipe", PIPE), ("folder", FOLDER)):
        yield f"mode {name}", build(Part(), Part(b"x", b"/etc/passwd", attributes=mode)), "Z-LINK"
    yield "folder with content", build(Part(), Part(b"d/", b"data")), "Z-SIZE"
    for number, extra in enumerate(
        (b"\1", b"\1\0\x20\0", field_of(1, b"") * 2, field_of(1, b"x" * 8), b"\x55\x54\xff\xff")
    ):
        yield f"extra {number} central", build(Part(central={"extra": extra})), "Z-"
        yield f"extra {number} local", build(Part(local={"extra": extra})), "Z-"
    path = field_of(0x7075, b"\1" + zlib.crc32(b"_chat.txt").to_bytes(4, "little") + b"evil.txt")
    yield "second name", build(Part(central={"extra": path})), "Z-DIFFERS"
    yield "second name local", build(Part(local={"extra": path})), "Z-DIFFERS"
    for form in ("short", "wide", "short unsigned", "wide unsigned"):
        part = Part(flags=8, descriptor=form)
        wrong = build(part).replace(zlib.crc32(CHAT).to_bytes(4, "little"), b"abcd", 1)
        yield f"descriptor {form} lies", wrong, "Z-DIFFERS"
        yield f"descriptor {form} not announced", build(Part(descriptor=form)), "Z-"
    yield "descriptor announced and absent", build(Part(flags=8, local={"crc": 0})), "Z-"


def bombs() -> Iterator[tuple[str, bytes, str]]:
    yield "overlap bomb", overlap_bomb(), "Z-"
    yield "quoted overlap", quoted_overlap(), "Z-"
    zeros = bytes(40 << 20)
    yield "ratio", build(Part(data=zeros)), "Z-BOMB"
    yield "ratio of an attachment", build(Part(), Part(b"a.bin", zeros)), "Z-BOMB"
    small = {"size": 1000}
    yield "ratio under a small size", build(Part(data=zeros, local=small, central=small)), "Z-SIZE"
    huge = field_of(1, struct.pack("<Q", 30 << 30))
    part = Part(central={"size": WIDE, "extra": huge})
    yield "30 GiB declared", build(part), "Z-TOO-LARGE"
    several = [
        Part(b"%d" % n, b"x" * 50, central={"size": WIDE - 1, "packed": 1 << 30}) for n in range(9)
    ]
    yield "sum of declared sizes", build(*several), "Z-TOO-LARGE"
    yield "entries declared", build(Part(), here=50_001, count=50_001), "Z-MANY-FILES"


def ends() -> Iterator[tuple[str, bytes, str]]:
    good = build(Part(), PHOTO)
    yield "prepended", b"x" * 10 + good, "Z-PREPENDED"
    yield "prepended program", b"MZ" + bytes(1000) + good, "Z-PREPENDED"
    yield "text before an archive", CHAT + good, "Z-PREPENDED"
    yield "prepended archive", build(Part(b"a", b"1")) + good, "Z-"
    yield "prepended and corrected", b"PK\x03\x04" + good, "Z-PREPENDED"
    yield "trailing byte", good + b"x", "Z-TRAILING"
    yield "trailing text", good + CHAT, "Z-TRAILING"
    yield "trailing zeros", good + bytes(500), "Z-TRAILING"
    yield "second archive in the comment", build(Part(), comment=build(PHOTO)), "Z-TWO-ENDS"
    yield "second end in the comment", build(Part(), comment=b"..PK\x05\x06.."), "Z-TWO-ENDS"
    for key in ("disk", "start", "here"):
        yield f"end {key}", build(Part(), **{key: 2}), "Z-SPLIT"
    for key in ("size", "offset"):
        for value in (0, 1, 10**6, WIDE - 1):
            yield f"end {key} {value}", build(Part(), **{key: value}), "Z-"
        yield f"end {key} wide without record", build(Part(), **{key: WIDE}), "Z-ZIP64"
    for count in (0, 2, 3, 400, 0xFFFF):
        yield f"end count {count}", build(Part(), here=count, count=count), "Z-"
    yield "gap before the end", build(Part(), before_end=b"hidden"), "Z-"
    yield "gap between files", build(Part(after=b"hidden"), PHOTO), "Z-HIDDEN"
    yield "gap before the directory", build(Part(), PHOTO.but(after=b"hidden")), "Z-HIDDEN"
    yield "file not listed", _unlisted(), "Z-"
    yield "first file not listed", _unlisted(first=True), "Z-PREPENDED"
    yield "empty archive", end(0, 0, 0), "Z-EMPTY"
    yield "empty archive with bytes", b"PK\x03\x04" + end(0, 0, 0), "Z-"
    yield "only a head", b"PK\x03\x04", "Z-TRUNCATED"
    yield "split mark", b"PK\x07\x08" + good, "Z-"


def _unlisted(first: bool = False) -> bytes:
    parts = [Part(b"a", b"1"), Part(b"_chat.txt"), Part(b"c", b"3")]
    body, directory, count = b"", b"", 0
    for number, part in enumerate(parts):
        if number != (0 if first else 1):
            directory += central(part, len(body))
            count += 1
        body += local(part)
    return body + directory + end(count, len(directory), len(body))


def lies_in_64_bits() -> Iterator[tuple[str, bytes, str]]:
    for short in (True, False):
        for key, value in (
            ("rest", 45), ("rest", 0), ("rest", 2**60), ("disk", 1), ("start", 1), ("here", 2),
            ("count", 2), ("size", 10), ("size", 2**63), ("offset", 3), ("offset", 2**62),
            ("locator_disk", 1), ("record", 0), ("record", 2**63), ("disks", 0), ("disks", 2),
        ):  # fmt: skip
            yield (
                f"64-bit {key} {value} {short}",
                build64(Part(), short=short, **{key: value}),
                "Z-",
            )
    for extra in (struct.pack("<Q", len(CHAT)), struct.pack("<QQ", len(CHAT), 5)):
        part = Part(central={"extra": field_of(1, extra)})
        yield f"64-bit sizes not asked for {len(extra)}", build(part), "Z-ZIP64"
    wide = {"size": WIDE, "extra": field_of(1, struct.pack("<Q", len(CHAT) + 1))}
    yield "64-bit size differs", build(Part(central=wide)), "Z-DIFFERS"
    yield "64-bit local size differs", build(Part(local=wide)), "Z-DIFFERS"
    lacking = {"size": WIDE, "packed": WIDE, "extra": field_of(1, struct.pack("<Q", len(CHAT)))}
    yield "64-bit size missing", build(Part(central=lacking)), "Z-ZIP64"


def cuts() -> Iterator[tuple[str, bytes]]:
    rng = random.Random(6)
    good = build(Part(), PHOTO, Part(b"b.jpg", rng.randbytes(500)))
    for _ in range(80):
        yield "cut", good[: rng.randrange(4, len(good))]


HOSTILE: list[tuple[str, bytes, str]] = [
    *((name, data, "Z-NAME") for name, data in bad_names()),
    *((name, data, "Z-NAME-TWICE") for name, data in collisions()),
    *lies_about_one_file(),
    *bombs(),
    *ends(),
    *lies_in_64_bits(),
    *((f"{name} at {len(data)}", data, "Z-") for name, data in cuts()),
]


def unpack(path: Path) -> dict[str, bytes]:
    """Open the archive and unpack every file, keeping the first bytes of each."""
    heads = {}
    with open_source(path) as source:
        for member in source.members:
            with source.open(member.name) as stream:
                heads[member.name] = stream.read(1 << 16)
                while stream.read(1 << 16):
                    pass
    return heads


def refuse(path: Path) -> Rejected:
    with pytest.raises(Rejected) as caught:
        unpack(path)
    assert caught.value.code in SENTENCES
    return caught.value


def test_there_are_more_than_two_hundred_hostile_archives() -> None:
    assert len({data for _, data, _ in HOSTILE}) > 200


@pytest.mark.parametrize(
    ("data", "code"), [item[1:] for item in HOSTILE], ids=[item[0] for item in HOSTILE]
)
def test_hostile_archive_is_refused_with_a_code(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(data)
    started = time.perf_counter()
    tracemalloc.start()
    rejected = refuse(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rejected.code.startswith(code), rejected
    assert "{" not in rejected.words
    assert peak < 16 << 20
    assert time.perf_counter() - started < 5
    assert [entry.name for entry in tmp_path.iterdir()] == ["export.zip"]


def test_every_single_cut_of_a_small_archive_is_refused(tmp_path: Path) -> None:
    good = build(Part(), Part(b"b", b"2", method=0), comment=b"c")
    path = tmp_path / "export.zip"
    for length in range(4, len(good)):
        path.write_bytes(good[:length])
        refuse(path)


def test_every_flipped_bit_of_a_small_archive_is_refused_or_harmless(tmp_path: Path) -> None:
    good = build(Part(), Part(b"b.jpg", b"22", method=0))
    path = tmp_path / "export.zip"
    path.write_bytes(good)
    harmless = 0
    for position in range(len(good)):
        for bit in (0, 3, 7):
            changed = bytearray(good)
            changed[position] ^= 1 << bit
            path.write_bytes(changed)
            # A flip in the first four bytes leaves no archive, but the end still gives it away.
            with contextlib.suppress(Rejected):
                assert unpack(path) == {"_chat.txt": CHAT, "b.jpg": b"22"}
                harmless += 1
    # Time stamps, version numbers and attributes say nothing about content.
    assert harmless < 3 * 2 * 30


def test_most_files_allowed_are_examined_in_seconds(tmp_path: Path) -> None:
    count = archive.MOST_FILES
    bodies, heads, at = [], [], 0
    for number in range(count):
        part = Part(b"%d.jpg" % number, b"x", method=0)
        bodies.append(local(part))
        heads.append(central(part, at))
        at += len(bodies[-1])
    directory = b"".join(heads)
    path = tmp_path / "export.zip"
    path.write_bytes(b"".join(bodies) + directory + end(count, len(directory), at))
    started = time.perf_counter()
    with open_source(path) as source:
        assert len(source.members) == count
    assert time.perf_counter() - started < 10


def test_a_good_archive_is_not_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(build(Part(), PHOTO, Part(b"b", b"1")))
    with open_source(path) as source:
        assert len(source.members) == 3
