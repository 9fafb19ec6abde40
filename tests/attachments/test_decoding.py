"""Content inside a text, decoded as it streams: exactly what was encoded, or a refusal."""

from __future__ import annotations

import base64
import binascii
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.attachments.decoding import NotDecodable, decoded
from tests.attachments.test_content import pieces_of


def whole(data: bytes, encoding: str, size: int = 13) -> bytes:
    return b"".join(decoded(pieces_of(data, size), encoding))


@given(
    st.binary(max_size=400), st.integers(1, 80), st.sampled_from(["", "\n", "\r\n", "&#10;", "\\n"])
)
def test_base64_comes_back_however_it_is_broken_into_lines(
    data: bytes, size: int, end: str
) -> None:
    text = base64.b64encode(data)
    lines = end.encode().join(text[at : at + 76] for at in range(0, len(text), 76))
    assert whole(lines, "base64", size) == data
    assert whole(lines.rstrip(b"="), "base64", size) == data


def test_slashes_that_json_escapes_are_slashes() -> None:
    data = b"\xff\xff\xfe\xff" * 9
    assert whole(base64.b64encode(data).replace(b"/", b"\\/"), "base64", 5) == data


@pytest.mark.parametrize(
    "text", [b"AAA*", b"AA==AAAA", b"A", b"AAAA&quot;", b"AAAA\\u0041", b"===="]
)
def test_what_is_not_base64_is_refused_and_never_mended(text: bytes) -> None:
    with pytest.raises(NotDecodable):
        whole(text, "base64", 3)


@given(
    st.one_of(
        st.binary(max_size=100),
        st.text("AQ/=\\nr \n&#10;x", max_size=60).map(str.encode),
    ),
    st.integers(1, 80),
)
def test_how_the_bytes_come_in_pieces_changes_nothing(data: bytes, size: int) -> None:
    def told(pieces: int) -> bytes | str:
        try:
            return whole(data, "base64", pieces)
        except NotDecodable as error:
            return error.words

    assert told(size) == told(len(data) + 1)


@given(st.binary(max_size=600), st.integers(1, 90))
def test_quoted_printable_is_what_the_library_makes_of_the_whole(data: bytes, size: int) -> None:
    text = quopri.encodestring(data)
    assert whole(text, "quoted-printable", size) == binascii.a2b_qp(text)


def test_a_line_without_end_does_not_stay_in_memory() -> None:
    seen = [len(piece) for piece in decoded([b"=41" * 30_000] * 4, "Quoted-Printable")]
    assert sum(seen) == 120_000
    assert len(seen) > 3


def test_content_without_encoding_stands_as_it_is_and_an_unknown_encoding_is_refused() -> None:
    assert whole(b"abc\x00", "") == b"abc\x00"
    with pytest.raises(NotDecodable):
        whole(b"abc", "x-uuencode")
