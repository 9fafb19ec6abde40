"""Broken files are read as far as they go, with every byte owned, or refused with a code."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from typing import BinaryIO

import pytest

from records.formats.base import Doubt, Entry, Problem, Rejected
from records.formats.lines import LONGEST
from records.formats.whatsapp import WhatsApp
from tests.formats.whatsapp.reading import Memory, android, ios, read


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "F-EMPTY"),
        (b"\xef\xbb\xbf", "F-EMPTY"),
        (b"hello\nworld\n", "F-UNKNOWN"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20, "F-UNKNOWN"),
        (android("A: b").encode("utf-16-le"), "F-UNKNOWN"),  # without its mark
        (b"\n" * 1000, "F-UNKNOWN"),
    ],
)
def test_what_is_no_export_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        read(data)
    assert refused.value.code == code


def test_a_byte_order_mark_is_a_header_of_the_file() -> None:
    found = read(b"\xef\xbb\xbf" + android("Ana: a").encode())
    assert [(header.offset, header.length) for header in found.headers] == [(0, 3)]
    assert found.entries[0].offset == 3


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_with_the_offsets_of_the_file(encoding: str) -> None:
    text = android("Ana: caf\u00e9 \U0001f600", "Ben: two\nlines \u4e2d", "Ana: last")
    data = "\ufeff".encode(encoding) + text.encode(encoding)
    found = read(data)
    assert found.bodies == ["caf\u00e9 \U0001f600", "two\nlines \u4e2d", "last"]
    for entry in found.entries:
        piece = data[entry.offset : entry.offset + entry.length].decode(encoding)
        assert piece.endswith(entry.body + "\n")


def test_an_odd_byte_at_the_end_of_utf_16_is_owned() -> None:
    data = "\ufeff".encode("utf-16-le") + android("Ana: a").encode("utf-16-le") + b"x"
    found = read(data)
    assert found.codes == ["W-CUT"]


def test_an_unpaired_surrogate_is_owned_and_marked() -> None:
    data = "\ufeff".encode("utf-16-le") + android("Ana: a!").encode("utf-16-le")
    data = data.replace("!".encode("utf-16-le"), b"\x00\xd8")
    found = read(data)
    assert found.codes == ["W-ENCODING"]
    assert found.entries[0].doubt == Doubt.ENCODING


def test_bytes_that_are_no_text_are_shown_as_replacements_and_marked() -> None:
    found = read(android("Ana: caf\u00e9", "Ana: b").encode("latin-1"))
    assert found.bodies == ["caf\ufffd", "b"]
    assert [entry.doubt for entry in found.entries] == [Doubt.ENCODING, 0]
    assert (found.problems[0].code, found.problems[0].line) == ("W-ENCODING", 1)


def test_nul_is_shown_and_told() -> None:
    found = read(android("Ana: a\0b", "B\0en: c", "Ana: d"))
    assert found.bodies == ["a\u2400b", "c", "d"]
    assert found.entries[1].sender == "B\u2400en"
    assert found.codes == ["W-NUL", "W-NUL"]


def test_only_lf_ends_a_line() -> None:
    body = "a\rb\u2028c\u2029d\u0085e\x0bf\x0cg\x1ch"
    assert read(android(f"Ana: {body}", "Ana: x")).bodies == [body, "x"]
    assert read(ios(f"Ana: {body}", "Ana: x")).bodies[1:] == [body, "x"]


def test_a_carriage_return_belongs_to_the_line_end_only_where_the_file_writes_it() -> None:
    assert read(android("Ana: a\r", "Ana: b", "Ana: c")).bodies == ["a\r", "b", "c"]
    assert read(ios("Ana: a", "Ana: b\nc")).bodies[1:] == ["a", "b\nc"]


def test_a_missing_last_newline_is_no_problem() -> None:
    found = read(android("Ana: a", "Ana: b").rstrip("\n"))
    assert (found.bodies, found.codes) == (["a", "b"], [])


def test_blank_lines_belong_to_the_message_above() -> None:
    assert read(android("Ana: a\n\n", "Ana: b\n")).bodies == ["a\n\n", "b\n"]


def test_a_file_cut_inside_a_character_says_so() -> None:
    data = android("Ana: a", "Ana: caf\U0001f600").encode()[:-3]
    found = read(data)
    assert found.codes == ["W-CUT"]
    assert found.entries[1].body == "caf\ufffd"


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_file_cut_anywhere_is_read_to_the_cut(cut: int) -> None:
    found = read(android("Ana: \U0001f600", "Ana: caf\u00e9\nline", "Ben: x").encode()[:-cut])
    assert found.entries


def test_a_long_body_is_cut_in_the_shown_text_and_owned_whole() -> None:
    line = "z" * 99 + "\n"
    body = line * 40_000
    found = read(android("Ana: a", f"Ana: {body}", "Ben: b"))
    assert len(found.entries) == 3
    assert LONGEST * 0.99 < len(found.entries[1].body) <= LONGEST + 200
    (problem,) = found.problems
    assert problem.code == "W-BODY-LONG"
    assert problem.offset is not None
    assert problem.offset + problem.length == found.entries[2].offset
    assert found.entries[1].length > 4_000_000


@pytest.mark.parametrize("length", [LONGEST - 30, LONGEST, LONGEST + 1, 3 * LONGEST + 7])
def test_a_long_line_is_cut_in_the_shown_text_and_owned_whole(length: int) -> None:
    found = read(android("Ana: a", "Ana: " + "\u00e9" * (length // 2), "Ben: b"))
    assert [entry.sender for entry in found.entries] == ["Ana", "Ana", "Ben"]
    assert found.entries[1].body.strip("\u00e9") == ""
    assert found.codes == (["W-BODY-LONG"] if length > LONGEST - 25 else [])


class Endless(io.RawIOBase):
    """A header and then one line of zeros, made while it is read."""

    def __init__(self, size: int) -> None:
        self.left, self.head = size, b"13/03/2022, 10:00 - Ana: "

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        head, self.head = self.head, b""
        piece = (head + b"0" * size)[: min(size, self.left)]
        self.left -= len(piece)
        return piece


class Giant(Memory):
    """A file of one line that never stands in memory."""

    def __init__(self, size: int) -> None:
        super().__init__(b"")
        self.size = size

    def open(self, member: str | None = None) -> BinaryIO:
        stream: BinaryIO = Endless(self.size)  # type: ignore[assignment]
        return stream


def test_one_line_of_a_gigabyte_takes_a_few_megabytes() -> None:
    source, whatsapp = Giant(1 << 30), WhatsApp()
    whatsapp.survey(Giant(1 << 20), {})  # tables are read once
    tracemalloc.start()
    items = list(whatsapp.read(source, whatsapp.survey(source, {})))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (entry,) = (item for item in items if isinstance(item, Entry))
    assert entry.length == 1 << 30
    assert [item.code for item in items if isinstance(item, Problem)] == ["W-BODY-LONG"]
    assert peak < 24 << 20


def many(line: Callable[[int], str], count: int) -> bytes:
    return "".join(line(at) for at in range(count)).encode()


def test_a_million_senders_and_forms_do_not_fill_the_memory() -> None:
    data = many(lambda at: f"13/03/2022, 10:00 - P{at}: <{at}>\n", 60_000)
    source, whatsapp = Memory(data), WhatsApp()
    survey = whatsapp.survey(source, {})
    tracemalloc.start()
    count = sum(isinstance(item, Entry) for item in whatsapp.read(source, survey))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 24 << 20
