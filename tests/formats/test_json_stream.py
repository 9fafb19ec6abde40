"""The walk over a JSON text: every byte in one piece, whole elements kept, the rest named."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats import json_stream, json_values
from records.formats.json_stream import lines, pieces
from records.formats.pieces import Fault, Piece, Role
from tests.formats.damage import CHANGES, damaged

MESSAGES = frozenset({("messages",)})
ACCOUNT = frozenset({("messages",), ("chats", "list", "*", "messages")})


def is_message(value: object) -> bool:
    return isinstance(value, dict) and "id" in value


def walk(data: bytes, arrays=MESSAGES, looks_right=is_message) -> list[Piece]:
    return owned(data, list(pieces(io.BytesIO(data), arrays, looks_right)))


def walk_lines(data: bytes) -> list[Piece]:
    return owned(data, list(lines(io.BytesIO(data), is_message)))


def owned(data: bytes, found: list[Piece]) -> list[Piece]:
    """The pieces, which must follow each other without a hole up to the end."""
    at = 0
    for piece in found:
        assert piece.offset == at, piece
        assert piece.length > 0 or piece is found[-1], piece
        at += piece.length
    assert at == len(data)
    return found


def elements(found: list[Piece]) -> list[object]:
    return [piece.value for piece in found if piece.role is Role.ELEMENT]


def faults(found: list[Piece]) -> list[Fault]:
    return [piece.fault for piece in found if piece.fault]


def broken(data: bytes, found: list[Piece]) -> list[bytes]:
    return [
        data[piece.offset : piece.offset + piece.length]
        for piece in found
        if piece.role is Role.BROKEN
    ]


# -- what is whole --


def test_elements_come_one_by_one_and_the_rest_as_values_and_frame() -> None:
    found = walk(b'{"name": "A", "messages": [{"id": 1}, {"id": 2}], "count": 2}\n')
    assert elements(found) == [{"id": 1}, {"id": 2}]
    values = {piece.path: piece.value for piece in found if piece.role is Role.VALUE}
    assert values == {("name",): "A", ("count",): 2}
    assert faults(found) == []


def test_arrays_deep_inside_are_found_and_each_element_knows_its_array() -> None:
    data = b'{"chats":{"list":[{"name":"A","messages":[{"id":1}]},{"name":"B","messages":[{"id":2}]}]}}'
    found = walk(data, ACCOUNT)
    assert elements(found) == [{"id": 1}, {"id": 2}]
    assert {piece.path for piece in found if piece.role is Role.ELEMENT} == {
        ("chats", "list", "*", "messages")
    }
    assert [piece.value for piece in found if piece.path[-1:] == ("name",)] == ["A", "B"]


def test_byte_order_mark_belongs_to_the_frame() -> None:
    found = walk(b'\xef\xbb\xbf{"messages":[{"id":1}]}')
    assert found[0].role is Role.FRAME and found[0].length == 3
    assert elements(found) == [{"id": 1}]


def test_bytes_are_counted_not_characters() -> None:
    text = json.dumps({"messages": [{"id": "\U0001f600"}, {"id": "\u00e9"}]}, ensure_ascii=False)
    found = walk(text.encode())
    assert elements(found) == [{"id": "\U0001f600"}, {"id": "\u00e9"}]
    assert [piece.length for piece in found if piece.role is Role.ELEMENT] == [16, 12]


def test_offsets_start_where_the_part_starts() -> None:
    (first, *_) = pieces(io.BytesIO(b'{"messages":[]}'), MESSAGES, start=100)
    assert first.offset == 100


def test_array_that_is_no_array_is_a_value() -> None:
    found = walk(b'{"messages": "none", "x": 1}')
    assert [piece.path for piece in found if piece.role is Role.VALUE] == [("messages",), ("x",)]


def test_sequences_of_objects_and_arrays_are_walked() -> None:
    data = (
        b'\xef\xbb\xbf{"id":1}\n{"id":2}\r\n\r\n{"id":3}{"id":4},\n[{"id":5}, {"id":6}]\n{"id":7}'
    )
    found = walk_lines(data)
    assert elements(found) == [{"id": n} for n in range(1, 8)]
    assert faults(found) == []


# -- what is not --


def test_malformed_element_is_skipped_to_the_next_that_looks_right() -> None:
    data = b'{"messages":[{"id":1},{"id":2,"in":{"x":1},oops},{"id":3}],"count":3}'
    found = walk(data)
    assert elements(found) == [{"id": 1}, {"id": 3}]
    assert broken(data, found) == [b'{"id":2,"in":{"x":1},oops},']
    assert faults(found) == [Fault.MALFORMED]
    assert found[-2].value == 3


def test_several_broken_elements_are_several_pieces() -> None:
    data = b'{"messages":[{"id":1,},{"id":2},[},{"id":3},nul,{"id":4}]}'
    found = walk(data)
    assert elements(found) == [{"id": 2}, {"id": 3}, {"id": 4}]
    assert faults(found) == [Fault.MALFORMED] * 3


def test_broken_bytes_that_hold_the_beginning_of_another_array_say_so() -> None:
    chat = b'{"name":"A","messages":[{"id":1},{"id":2}%s]},{"name":"B","messages":[{"id":3}]}'
    data = b'{"chats":{"list":[' + chat % b",oops" + b"]}}"
    found = walk(data, ACCOUNT)
    (piece,) = [piece for piece in found if piece.role is Role.BROKEN]
    assert piece.value is True
    assert elements(found) == [{"id": 1}, {"id": 2}, {"id": 3}]
    (inside,) = [
        piece
        for piece in walk(b'{"messages":[{"id":1},oops,{"id":3}]}')
        if piece.role is Role.BROKEN
    ]
    assert inside.value is False


@pytest.mark.parametrize(
    "frame",
    [
        b'{"name": oops, "messages": [',
        b'{"name" "A", "messages": [',
        b'{name: 1, "messages": [',
        b'{"a": [1, 2}, "messages": [',
    ],
)
def test_broken_frame_does_not_lose_the_elements(frame: bytes) -> None:
    data = frame + b'{"id":1}, {"id":2} ], "count": 2}'
    found = walk(data)
    assert elements(found) == [{"id": 1}, {"id": 2}]
    assert faults(found) == [Fault.MALFORMED] * 2  # before, and what follows


def test_broken_frame_of_one_chat_does_not_lose_the_next() -> None:
    data = b'{"chats":{"list":[{"name":oops,"messages":[{"id":1}]},{"name":"B","messages":[{"id":2}]}]}}'
    found = walk(data, ACCOUNT)
    assert elements(found) == [{"id": 1}, {"id": 2}]
    assert [piece.value for piece in found if piece.role is Role.BROKEN] == [True, True, False]


@pytest.mark.parametrize(
    "cut",
    [
        b'{"messages":[{"id":1},{"id":2},{"id":3,"te',
        b'{"messages":[{"id":1},{"id":2},{"id":3,"text":"\\u00',
        b'{"messages":[{"id":1},{"id":2},{"id":tru',
        b'{"messages":[{"id":1},{"id":2},{"id":1e+',
        b'{"messages":[{"id":1},{"id":2},{"id":-',
        b'{"messages":[{"id":1},{"id":2},{"id":0.',
        b'{"messages":[{"id":1},{"id":2},',
        b'{"messages":[{"id":1},{"id":2}',
        b'{"messages":[{"id":1},{"id":2}]',
        b'{"messages":[{"id":1},{"id":2}],"na',
        b'{"messages":[{"id":1},{"id":2}],',
        b'{"messages":[{"id":1},{"id":2}],"name":',
    ],
)
def test_cut_file_says_that_it_is_cut_and_keeps_what_is_whole(cut: bytes) -> None:
    found = walk(cut)
    assert elements(found) == [{"id": 1}, {"id": 2}]
    assert faults(found) == [Fault.CUT]


def test_number_split_by_a_read_is_one_number() -> None:
    data = b'{"a":1.25,"messages":[1e+5,-2.5]}'
    for size in range(1, 8):
        assert [piece.value for piece in trickled(data, size) if piece.value is not None] == [
            1.25,
            1e5,
            -2.5,
        ]


def test_malformed_end_is_not_told_as_cut() -> None:
    assert faults(walk(b'{"messages":[{"id":1},oops]}')) == [Fault.MALFORMED]
    assert faults(walk_lines(b'{"id":1}\n[{"id":2},{"id":3}')) == [Fault.CUT]


def test_bytes_after_the_end_are_extra() -> None:
    data = b'{"messages":[{"id":1}]}\n\0\0{"messages":[{"id":2}]}'
    found = walk(data)
    assert elements(found) == [{"id": 1}]
    assert faults(found) == [Fault.EXTRA]
    assert broken(data, found) == [b'\n\0\0{"messages":[{"id":2}]}']


def test_key_that_stands_twice_is_told_and_the_last_value_taken() -> None:
    found = walk(b'{"messages":[{"id":1,"text":"a","text":"b"}]}')
    assert elements(found) == [{"id": 1, "text": "b"}]
    assert faults(found) == [Fault.TWICE]


def test_numbers_that_no_computer_holds_are_kept_as_written() -> None:
    digits = "9" * 5_000
    data = b'{"messages":[{"id":NaN,"a":-Infinity,"b":1e999,"c":%s,"d":1.5}]}' % digits.encode()
    (value,) = elements(walk(data))
    assert value == {"id": "NaN", "a": "-Infinity", "b": "1e999", "c": digits, "d": 1.5}
    json.dumps(value, allow_nan=False)


def test_too_deep_elements_are_left_unread() -> None:
    deep = b'{"id":2,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    found = walk(b'{"messages":[{"id":1},' + deep + b',{"id":3}]}')
    assert elements(found) == [{"id": 1}, {"id": 3}]
    assert faults(found) == [Fault.DEEP]


def test_levels_are_counted_and_brackets_are_not() -> None:
    def nested(levels: int) -> bytes:
        return b'{"id":2,"x":' + b"[" * levels + b"]" * levels + b"}"

    deepest = json_values.DEEPEST
    for levels, fault in ((deepest - 1, []), (deepest + 1, [Fault.DEEP]), (900, [Fault.DEEP])):
        for before in (b"", b'{"id":1},'):
            found = walk(b'{"messages":[' + before + nested(levels) + b',{"id":3}]}')
            assert faults(found) == fault, levels
    wide = b'{"id":1,"x":[' + b"[]," * 500 + b"1]}"
    assert faults(walk(b'{"messages":[' + wide + b"]}")) == []


def test_too_large_element_is_left_unread_and_the_next_is_read(monkeypatch) -> None:
    monkeypatch.setattr(json_stream, "LARGEST", 5_000)
    monkeypatch.setattr(json_stream, "CHUNK", 100)
    large = b'{"id":2,"data":"' + b"A" * 20_000 + b'"}'
    found = walk(b'{"messages":[{"id":1},' + large + b',{"id":3}]}')
    assert elements(found) == [{"id": 1}, {"id": 3}]
    assert faults(found) == [Fault.LARGE]


def test_control_characters_nul_and_lone_surrogates_are_kept_in_the_value() -> None:
    found = walk(b'{"messages":[{"id":"a\0b\tc\\ud800"}]}')
    assert elements(found) == [{"id": "a\0b\tc\ud800"}]
    assert faults(found) == []


def test_bytes_that_are_not_utf_8_mark_their_piece_only() -> None:
    data = b'{"messages":[{"id":"\xff\xc3"},{"id":"\xed\xa0\x80"},{"id":"\xc3\xa9"}]}'
    found = [piece for piece in walk(data) if piece.role is Role.ELEMENT]
    assert [piece.broken_bytes for piece in found] == [True, True, False]


def test_blanks_without_end_take_no_memory(monkeypatch) -> None:
    monkeypatch.setattr(json_stream, "LARGEST", 10_000)
    monkeypatch.setattr(json_stream, "CHUNK", 1_000)
    for data in (b'{"messages":[{"id":1}' + b" " * 90_000, b" " * 90_000 + b'{"messages":[]}'):
        assert Fault.NONE not in faults(walk(data))
        assert [piece.role for piece in walk(data)].count(Role.BROKEN) == 1


# -- whatever comes --

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
ELEMENTS = st.lists(VALUES.map(lambda value: {"id": value}), max_size=6)
DOCUMENTS = st.builds(
    lambda before, messages, after, chats, ascii_only, indent: json.dumps(
        {"before": before, "messages": messages, "after": after, "chats": {"list": chats}},
        ensure_ascii=ascii_only,
        indent=indent,
    ).encode("utf-8", "replace"),
    VALUES,
    ELEMENTS,
    VALUES,
    st.lists(ELEMENTS.map(lambda messages: {"name": "x", "messages": messages}), max_size=3),
    st.booleans(),
    st.sampled_from([None, 1]),
)  # fmt: skip
CHUNKS = st.integers(1, 70)


class Trickle(io.RawIOBase):
    """A stream that never gives more than a few bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        self._data, self._most = io.BytesIO(data), most

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, self._most))


def trickled(data: bytes, size: int, *, sequence: bool = False) -> list[Piece]:
    stream: BinaryIO = Trickle(data, size)  # type: ignore[assignment]
    found: Iterator[Piece] = (
        lines(stream, is_message) if sequence else pieces(stream, ACCOUNT, is_message)
    )
    return owned(data, list(found))


@settings(max_examples=200)
@given(DOCUMENTS, CHUNKS)
def test_any_document_is_walked_whole_whatever_the_size_of_a_read(data: bytes, size: int) -> None:
    told = json.loads(data)
    want = told["messages"] + [
        message for chat in told["chats"]["list"] for message in chat["messages"]
    ]
    found = trickled(data, size)
    assert elements(found) == want
    assert faults(found) == []


@settings(max_examples=300)
@given(DOCUMENTS, CHANGES, CHUNKS, st.booleans())
def test_every_byte_of_a_damaged_document_has_a_piece_whatever_the_size_of_a_read(
    data: bytes, changes: list[tuple[int, int, bytes]], size: int, sequence: bool
) -> None:
    data = damaged(data, changes)
    few = trickled(data, size, sequence=sequence)
    many = trickled(data, 1 << 20, sequence=sequence)
    assert elements(few) == elements(many)
    assert faults(few) == faults(many)


@settings(max_examples=150)
@given(ELEMENTS, st.integers(0, 500), CHUNKS)
def test_document_cut_anywhere_keeps_the_whole_elements_and_says_so(
    messages: list[Any], at: int, size: int
) -> None:
    data = json.dumps({"messages": messages, "count": 0}).encode()[: -1 - at]
    found = trickled(data, size)
    kept = elements(found)
    assert kept == messages[: len(kept)]
    assert not data or faults(found) == [Fault.CUT]


@settings(max_examples=100)
@given(st.binary(max_size=200), CHUNKS, st.booleans())
def test_every_byte_of_any_file_has_a_piece(data: bytes, size: int, sequence: bool) -> None:
    trickled(data, size, sequence=sequence)


class Endless(io.RawIOBase):
    """A list of a given number of messages, made while it is read; some of them broken."""

    def __init__(self, count: int) -> None:
        self._made = self._make(count)
        self._rest = b""

    @staticmethod
    def _make(count: int) -> Iterator[bytes]:
        yield b'{"messages":['
        for number in range(0, count, 100):
            good = b"".join(
                b'{"id":%d,"text":"%s"},' % (n, b"x" * 900) for n in range(number, number + 99)
            )
            yield good + b'{"id":oops,"text":"' + b"y" * 900 + b'"},'
        yield b'{"id":-1}]}'

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (more := next(self._made, b"")):
            self._rest += more
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def test_memory_does_not_grow_with_the_file() -> None:
    def peak(count: int) -> int:
        stream: BinaryIO = Endless(count)  # type: ignore[assignment]
        tracemalloc.start()
        roles = [0, 0, 0, 0]
        for piece in pieces(stream, MESSAGES, is_message):
            roles[piece.role] += 1
        assert roles[Role.ELEMENT] == count * 99 // 100 + 1
        assert roles[Role.BROKEN] == count // 100
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    small, large = peak(2_000), peak(20_000)
    assert large < small + 1_000_000
