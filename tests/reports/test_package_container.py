"""The canonical zip container: other readers understand it, also beyond 4 GiB, and it streams."""

from __future__ import annotations

import io
import resource
import zipfile
from functools import partial
from pathlib import Path

import pytest

from reports import container
from reports.container import Member
from reports.verifier import verify_package as verifier

GIB = 1 << 30


def test_python_reads_what_is_written() -> None:
    contents = {"a/1": b"one", "a/2": b"", "b": bytes(3_000_000)}
    sources = [
        container.measure(path, partial(io.BytesIO, content)) for path, content in contents.items()
    ]
    with zipfile.ZipFile(io.BytesIO(b"".join(container.render(sources)))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == contents
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("size", [0, 1, 4 * GIB - 2, 4 * GIB - 1, 4 * GIB, 9 * GIB])
@pytest.mark.parametrize("offset", [0, 4 * GIB - 2, 4 * GIB - 1, 4 * GIB, 50 * GIB])
def test_writer_and_verifier_agree_on_every_header(size: int, offset: int) -> None:
    member, twin = Member("a/b", size, 7, ""), verifier.Member("a/b", offset, 0, size, 7, "")
    assert container.local_header(member) == verifier.local_header(b"a/b", size, 7)
    assert container.central_header(member, offset) == verifier.central_header(twin)
    for count in (0, 65_534, 65_535, 70_000):
        assert container.end(count, size, offset) == verifier.closing(count, size, offset)


def test_python_reads_members_and_places_beyond_4_gib(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    members = [Member("a", 5 * GIB, 0, ""), Member("b", 3, 0x8D83_0553, "")]
    with path.open("wb") as stream:
        places = []
        for member in members:
            places.append(stream.tell())
            stream.write(container.local_header(member))
            stream.seek(member.size - 3, io.SEEK_CUR)
            stream.write(b"abc")
        start = stream.tell()
        for member, place in zip(members, places, strict=True):
            stream.write(container.central_header(member, place))
        stream.write(container.end(2, stream.tell() - start, start))
    with zipfile.ZipFile(path) as archive:
        first, second = archive.infolist()
        assert (first.file_size, second.file_size) == (5 * GIB, 3)
        assert (first.header_offset, second.header_offset) == tuple(places)


def test_a_source_that_changes_is_noticed() -> None:
    turns = iter([b"one", b"two"])
    source = container.measure("a", lambda: io.BytesIO(next(turns)))
    with pytest.raises(container.SourceChangedError):
        list(container.render([source]))


class Zeros(io.RawIOBase):
    """So many zero bytes, without holding them."""

    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = min(len(buffer), self.left)
        buffer[:count] = bytes(count)
        self.left -= count
        return count


def test_a_large_member_is_written_in_constant_memory() -> None:
    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def write(size: int) -> None:
        source = container.measure("a", lambda: io.BufferedReader(Zeros(size)))
        for _ in container.render([source]):
            pass

    write(8 << 20)
    before = peak()
    write(256 << 20)
    assert peak() - before < 32 << 10
