"""The gate accepts what phones make, and what it accepts a second reader reads the same."""

from __future__ import annotations

import hashlib
import io
import random
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from records.formats.base import Rejected
from records.formats.source import MOST_RAW, PlainSource, ZipSource, open_source
from tests.formats.archive_maker import CHAT, Part, build, build64, deflate, field_of


def write(folder: Path, data: bytes, name: str = "export.zip") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def read_all(source: ZipSource) -> dict[str, bytes]:
    contents = {}
    for member in source.members:
        with source.open(member.name) as stream:
            contents[member.name] = stream.read()
    return contents


PHOTO = Part(b"00000035-PHOTO-2022-03-27-21-41-55.jpg", random.Random(1).randbytes(200_000))
ACCEPTED = {
    "deflated": build(Part()),
    "stored": build(Part(method=0)),
    "two files": build(Part(), PHOTO),
    "empty file": build(Part(), Part(b"empty.jpg", b"")),
    "empty file stored": build(Part(), Part(b"empty.jpg", b"", method=0)),
    "folder": build(Part(b"chat/", b"", method=0, attributes=0o40755 << 16), Part(b"chat/_chat.txt")),
    "descriptor": build(Part(flags=8, descriptor="short"), PHOTO.but(flags=8, descriptor="short")),
    "descriptor without signature": build(Part(flags=8, descriptor="short unsigned"), PHOTO),
    "wide descriptor": build(Part(flags=8, descriptor="wide"), PHOTO),
    "wide descriptor without signature": build(Part(flags=8, descriptor="wide unsigned")),
    "comment": build(Part(), comment=b"made by a phone"),
    "64-bit end": build64(Part(), PHOTO),
    "64-bit end alone": build64(Part(), PHOTO, short=False),
    "utf-8 flagged": build(Part(), Part("Zo\u00eb \U0001f600.jpg".encode(), b"x", flags=1 << 11)),
    "utf-8 not flagged": build(Part(), Part("\u0447\u0430\u0442.jpg".encode(), b"x")),
    "code page 437": build(Part(), Part(b"Zo\x89.jpg", b"x")),
    "unix file mode": build(Part(attributes=0o100644 << 16)),
    "extra fields": build(
        Part(local={"extra": field_of(0x5455, b"\1abcd")}, central={"extra": field_of(0x7875, b"x" * 11)})
    ),
    "alignment": build(Part(local={"extra": b"\0\0\0"})),
    "level bits": build(Part(flags=2, local={"flags": 4})),
}  # fmt: skip


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_sound_archive_reads_as_a_second_reader_reads_it(tmp_path: Path, data: bytes) -> None:
    with open_source(write(tmp_path, data)) as source:
        assert isinstance(source, ZipSource)
        ours = read_all(source)
        assert source.digest() == hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(io.BytesIO(data)) as second:
        theirs = {i.filename: second.read(i) for i in second.infolist() if not i.is_dir()}
    assert sorted(ours.values()) == sorted(theirs.values())
    assert len(ours) == len(theirs)


def test_archives_of_the_standard_writer_are_accepted(tmp_path: Path) -> None:
    for streamed in (False, True):
        for zip64 in (False, True):
            buffer = io.BytesIO()
            target = _Unseekable(buffer) if streamed else buffer
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                for number in range(50):
                    info = zipfile.ZipInfo(f"IMG-{number}.jpg")
                    with archive.open(info, "w", force_zip64=zip64) as stream:
                        stream.write(bytes(number))
            with open_source(write(tmp_path, buffer.getvalue())) as source:
                assert isinstance(source, ZipSource)
                assert [len(data) for data in read_all(source).values()] == list(range(50))


class _Unseekable(io.RawIOBase):
    def __init__(self, target: io.BytesIO) -> None:
        self._target = target

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def, override]
        return self._target.write(data)


def test_names_are_kept_and_not_taken_for_paths(tmp_path: Path) -> None:
    names = [
        "a b.jpg",
        "\u202egpj.exe",
        "e\u0301.jpg",
        "CON",
        "x" * 200,
        "~$a.docx",
        "a;rm -rf.jpg",
    ]
    parts = [Part(name.encode(), name.encode(), method=0, flags=1 << 11) for name in names]
    with open_source(write(tmp_path, build(Part(), *parts))) as source:
        assert [member.name for member in source.members[1:]] == names
        for name in names:
            assert source.raw(name, 0, 1000) == name.encode()
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


def test_unflagged_name_in_code_page_437_is_shown_as_it_was_meant(tmp_path: Path) -> None:
    with open_source(write(tmp_path, build(Part(), Part(b"Zo\x89.jpg", b"x")))) as source:
        assert source.members[1].name == "Zo\u00eb.jpg"


def test_unicode_path_field_gives_the_name_of_an_old_archive(tmp_path: Path) -> None:
    raw = b"Zo\x89 \xfe.jpg"
    extra = field_of(0x7075, b"\1" + zlib.crc32(raw).to_bytes(4, "little") + "\u0416.jpg".encode())
    part = Part(raw, b"x", local={"extra": extra}, central={"extra": extra})
    with open_source(write(tmp_path, build(Part(), part))) as source:
        assert source.members[1].name == "\u0416.jpg"


def test_a_text_that_only_starts_like_a_chat_is_plain_whatever_its_name_says(
    tmp_path: Path,
) -> None:
    with open_source(write(tmp_path, CHAT, "WhatsApp Chat.zip")) as source:
        assert isinstance(source, PlainSource)
        assert source.members == ()
    with open_source(write(tmp_path, build(Part()), "chat.txt")) as source:
        assert isinstance(source, ZipSource)


def test_raw_reads_the_same_bytes_from_a_plain_file_and_from_a_member(tmp_path: Path) -> None:
    data = random.Random(2).randbytes(3_000_000)
    plain = open_source(write(tmp_path, data, "chat.txt"))
    packed = open_source(write(tmp_path, build(Part(data=data), Part(b"b", data, method=0))))
    with plain, packed:
        for offset, length in ((0, 10), (70_000, 300_000), (2_999_990, 100), (3_000_000, 5)):
            want = data[offset : offset + length]
            assert plain.raw(None, offset, length) == want
            assert packed.raw("_chat.txt", offset, length) == want
            assert packed.raw("b", offset, length) == want
        assert len(plain.raw(None, 0, 10**9)) == MOST_RAW
        assert plain.raw(None, 0, -5) == b""
        with pytest.raises(Rejected, match="Z-MEMBER"):
            packed.raw("../_chat.txt", 0, 10)


def test_fingerprint_is_right_however_the_streams_were_read(tmp_path: Path) -> None:
    data = random.Random(3).randbytes(500_000)
    want = hashlib.sha256(data).hexdigest()
    path = write(tmp_path, data, "chat.txt")
    for seed in range(20):
        rng = random.Random(seed)
        with open_source(path) as source:
            for _ in range(rng.randrange(6)):
                with source.open() as stream:
                    stream.seek(rng.choice((0, 0, rng.randrange(600_000))))
                    stream.read(rng.randrange(600_000))
            assert source.digest() == want


def test_file_that_shrinks_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, bytes(200_000), "chat.txt")
    with open_source(path) as source, source.open() as stream:
        stream.read(10)
        path.write_bytes(bytes(100_000))
        with pytest.raises(Rejected, match="F-CHANGED"):
            stream.read(300_000)


def test_memory_does_not_grow_with_a_member(tmp_path: Path) -> None:
    block = random.Random(4).randbytes(50_000)
    data = block * 800  # 40 MB that pack well
    path = write(tmp_path, build(Part(data=data, packed=deflate(data, 1))))
    del data
    tracemalloc.start()
    with open_source(path) as source, source.open("_chat.txt") as stream:
        total = 0
        while piece := stream.read(1 << 16):
            total += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 40_000_000
    assert peak < 4_000_000


def test_a_photo_that_packs_well_is_no_bomb(tmp_path: Path) -> None:
    blank = Part(b"IMG-20220323-WA0002.bmp", bytes(8 << 20))
    path = tmp_path / "export.zip"
    path.write_bytes(build(Part(), blank))
    with open_source(path) as source:
        assert source.members[1].size == 8 << 20
