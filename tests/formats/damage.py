"""What happens to files on their way: cuts, overwritten and inserted bytes."""

from __future__ import annotations

from hypothesis import strategies as st

SHARP = [
    b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\\u", b"\xff", b"\0", b"\xef\xbb\xbf", b"{}", b"  ",
    b"\xed\xa0\x80", b"NaN", b"1e999", b"9" * 50, b"-", b"null", b"true", b'"id":', b"\n",
]  # fmt: skip
# Where in the file (in thousandths of it), how many bytes go, and which come in their place.
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 1000),
        st.integers(0, 6),
        st.one_of(st.binary(max_size=4), st.sampled_from(SHARP)),
    ),
    max_size=4,
)


def damaged(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """The file after these changes."""
    for thousandth, length, piece in changes:
        at = len(data) * thousandth // 1000
        data = data[:at] + piece + data[at + length :]
    return data
