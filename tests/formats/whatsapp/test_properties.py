"""Whatever a chat holds and whatever style writes it, it is read back equal; whatever the bytes, each has an owner."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from records.formats.base import Kind, Rejected
from records.formats.whatsapp.headers import stamp_at
from tests.formats.whatsapp.reading import moment, read
from tests.formats.whatsapp.styles import STYLES, Style, sample

LETTERS = st.characters(
    codec="utf-8", exclude_characters="\0\n\r\u200e\u200f", exclude_categories=["Cs"]
)
NAMES = st.text(
    st.characters(codec="utf-8", categories=["L", "Nd", "Zs", "So"], exclude_characters="\u00a0"),
    min_size=1,
    max_size=12,
).filter(lambda name: name == name.strip() != "")
NOTICES = [
    ("Zoe added Max", Kind.MEMBERSHIP),
    ("You turned off disappearing messages.", Kind.TIMER_OFF),
    ("Your security code with Zoe changed.", Kind.SECURITY_CODE),
]  # fmt: skip


def is_body(text: str) -> bool:
    """Typed text that imitates neither a header nor the application."""
    lines = text.split("\n")
    return (
        text == text.strip()
        and text != ""
        and not any(stamp_at(line.encode()) for line in lines)
        and not any(letter in text for letter in '<>()/:."')
        and lines[0][:1].islower()
        and text != "null"
    )


def outcome(data: bytes) -> str:
    """`read` checks that every byte has an owner."""
    try:
        read(data)
    except Rejected as refused:
        return refused.code
    return "read"


BODIES = (
    st.lists(st.text(LETTERS, max_size=30), min_size=1, max_size=4)
    .map(lambda lines: "a" + "\n".join(lines).strip())
    .filter(is_body)
)
MESSAGES = st.lists(
    st.tuples(
        st.integers(0, 5_000_000),
        NAMES,
        st.one_of(BODIES, st.sampled_from(NOTICES)),
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip


def written(
    style: Style, start: datetime, messages: list[tuple[int, str, object]]
) -> tuple[str, list[datetime]]:
    """The export in that style, and the times as far as the style writes them."""
    # The first entry proves the order: no style can read this day otherwise.
    opening = f"{style.mark}Messages and calls are end-to-end encrypted."
    text = f"{style.header(start)}{'Ana: ' if style.variant != 'android' else ''}{opening}{style.line_end}"
    times, now = [], start
    for pause, name, content in messages:
        now += timedelta(seconds=pause)
        times.append(now if style.seconds else now.replace(second=0))
        if isinstance(content, tuple):
            body = f"Zoe: {style.mark}{content[0]}" if style.mark else content[0]
        else:
            body = f"{name}: {content}"
        text += f"{style.header(now)}{body}{style.line_end}"
    return text, times


@settings(max_examples=150)
@given(st.sampled_from(STYLES), st.integers(0, 10**8), MESSAGES)
def test_a_chat_in_any_style_is_read_back_equal(
    style: Style, shift: int, messages: list[tuple[int, str, object]]
) -> None:
    start = datetime(2020, 1, 31, 10) + timedelta(days=366 * (shift % 3))
    start = start.replace(day=31, month=1)
    text, times = written(style, start, messages)
    found = read(text, date_order=style.order)
    assert len(found.entries) == len(messages) + 1
    for entry, when, (_, name, content) in zip(found.entries[1:], times, messages, strict=True):
        assert moment(entry.local) == when
        if isinstance(content, tuple):
            assert entry.kind == content[1]
            assert entry.sender == ("Zoe" if style.mark else None)
        else:
            assert (entry.kind, entry.sender, entry.body) == (Kind.TEXT, name, content)


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_every_byte_of_any_file_has_an_owner_or_the_file_is_refused(data: bytes) -> None:
    assert outcome(data) in ("read", "F-EMPTY", "F-UNKNOWN")


PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [
            b"\r",
            b"\n",
            b"\r\n",
            b"\0",
            b"\xe2\x80\x8e",
            b"\xe2\x80",
            b"\xed\xa0\x80",
            b": ",
            b"] ",
            b" - ",
            b"<",
            b">",
        ]
        + [style.header(datetime(2021, 5, 4, 3, 2, 1)).encode() for style in STYLES]
    ),
)


@settings(max_examples=200)
@given(
    st.sampled_from(STYLES),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9), PIECES), max_size=5),
    st.booleans(),
)
def test_every_byte_of_a_damaged_export_has_an_owner(
    style: Style, changes: list[tuple[int, int, bytes]], wide: bool
) -> None:
    data = sample(style)
    if wide:
        data = data.decode().encode("utf-16")
    for at, length, piece in changes:
        data = data[:at] + piece + data[at + length :]
    assert outcome(data) in ("read", "F-EMPTY", "F-UNKNOWN")


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [b"13/03/2022, 10:00 - A: x", b"more", b"\xff", "\u00e9".encode() * 40, b"\n", b"\n"]
        ),
        max_size=60,
    ),
    st.integers(1, 97),
)
def test_blocks_of_any_size_give_the_same_entries(pieces: list[bytes], size: int) -> None:
    import pytest

    from records.formats import lines

    data = b"13/03/2022, 09:00 - A: first\n" + b"".join(pieces)
    whole = read(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", size)
        assert read(data)[1:] == whole[1:]
