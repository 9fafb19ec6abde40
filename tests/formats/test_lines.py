"""Blocks hold whole lines, LF alone ends one, and long lines cost no memory."""

from __future__ import annotations

import io

import pytest

from records.formats import lines
from records.formats.lines import LONGEST, Block, Encoding, blocks, encoding_of


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 7)
    monkeypatch.setattr(lines, "LONGEST", 20)


def split(data: bytes, encoding: Encoding = lines.UTF_8) -> list[Block]:
    return list(blocks(io.BytesIO(data), encoding))


def test_blocks_join_to_the_text_and_end_with_lf() -> None:
    data = b"a\rb\nccc\n\nd\x0be\n" * 9 + b"tail"
    found = split(data)
    assert b"".join(block.data for block in found) == data
    assert all(block.data.endswith(b"\n") for block in found[:-1])
    assert found[-1].data == b"tail"


def test_a_long_line_keeps_its_head_and_counts_the_rest() -> None:
    found = split(b"ab\n" + b"x" * 100 + b"\nend\n")
    long = next(block for block in found if block.left_out)
    assert long == Block(b"x" * 20, 81)
    assert sum(len(block.data) + block.left_out for block in found) == 108
    assert found[-1].data.endswith(b"end\n")


def test_a_long_line_at_the_end_of_the_text_is_counted() -> None:
    assert split(b"x" * 100) == [Block(b"x" * 20, 80)]


def test_a_line_that_grows_long_by_joining_blocks_is_split_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "BLOCK", 24)
    found = split(b"x" * 23 + b"\n" + b"y\n")
    assert sum(len(block.data) + block.left_out for block in found) == 26
    found = split(b"ab\n" + b"x" * 21 + b"xxxxx\nend\n")
    assert [block.left_out for block in found] == [0, 7, 0]


@pytest.mark.parametrize(
    ("head", "name", "mark"),
    [
        (b"\xef\xbb\xbfx", "utf-8", 3),
        (b"\xff\xfex\0", "utf-16-le", 2),
        (b"\xfe\xff\0x", "utf-16-be", 2),
        (b"\xff\xfe\0\0", "utf-8", 0),  # UTF-32 is not read
        (b"plain", "utf-8", 0),
        (b"", "utf-8", 0),
    ],
)
def test_only_a_byte_order_mark_tells_the_encoding(head: bytes, name: str, mark: int) -> None:
    assert encoding_of(head) == (name, mark)


def test_the_measure_of_utf_16_is_exact_wherever_a_piece_is_cut() -> None:
    encoding = Encoding("utf-16-le", 2)
    text = "a\u00e9\u4e2d\U0001f600\nb"
    data = text.encode()
    assert encoding.measure(data) == len(text.encode("utf-16-le"))
    for cut in range(len(data)):
        assert encoding.measure(data[:cut]) + encoding.measure(data[cut:]) == encoding.measure(data)


def test_utf_16_is_given_as_utf_8() -> None:
    text = "caf\u00e9 \U0001f600\nnext\n"
    found = split(b"\xff\xfe" + text.encode("utf-16-le"), Encoding("utf-16-le", 2))
    assert b"".join(block.data for block in found).decode() == text


assert LONGEST == 1 << 20
