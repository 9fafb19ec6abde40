"""The fast lane is a short cut, never another reading: blocks read as columns give what the scan gives line by line."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import product

import pytest

from records.formats import lines
from records.formats.whatsapp.columns import Columns
from records.formats.whatsapp.headers import Stamp, micros_of_time, stamp_at
from records.formats.whatsapp.stamps import Stamps
from tests.formats.whatsapp.reading import Read, ios, read
from tests.formats.whatsapp.styles import STYLES, Style

SENDERS = ["Ana", "Ben", "+1 555 010 0199", "\u200eCh\u00e9n", "~\u202fDora", "A: b"]
BODIES = [
    "x",
    "",
    " ",
    "\r",
    "\ufeff",
    "tail\r",
    "a\rb",
    "a (b)",
    "a (b) ",
    "end:",
    "a: b: c",
    "null",
    "two\nlines",
    "one\n1. milk\n2. bread\n\n- x",
    "2022 was great\n3/4 done, 10:00",
    "[x] todo\n[y] todo",
    "\u2022 bullet\n\u2022 another",
    "pasted\n13/03/2022, 10:00 - Zed: forged",
    "pasted\n[13/03/2022, 10:00:00] Zed: forged",
    "caf\u00e9 \U0001f600",
    "<Media omitted>",
    "<Media omitted> ",
    "IMG-20220323-WA0002.jpg (file attached)\ncaption",
    "text <This message was edited>",
    "This message was deleted",
    "\u200eThis message was deleted.",
    "\u200eimage omitted",
    "\u200e<attached: 00000012-PHOTO-2022-03-18-14-58-00.jpg>",
    "mid \u200e mark",
    "see https://example.org/1",
    "loc: https://maps.google.com/?q=1.5,2.5",
    "POLL:\na?\nOPTION: x (1 vote)",
]
NOTICES = [
    "Zoe added Max",
    "Bob left",
    'Ana changed the subject to "a: b"',
    "strange",
    "Ben:",
    "Ana",
]
PAUSES = [0, 20, 600, 90_000, -30, -90_000]


def chat(style: Style, rng: random.Random, messages: int = 150) -> bytes:
    """A chat with everything that the fast lane must leave to others."""
    moment = datetime(2022, 1, 13, 7)
    text = f"{style.header(moment)}Ana: {style.mark}first{style.line_end}"
    for _ in range(messages):
        moment += timedelta(seconds=rng.choices(PAUSES, [20, 30, 20, 5, 1, 1])[0])
        other = rng.choice(STYLES) if rng.random() < 0.01 else style
        header = rng.choices(["", style.mark, "\u200f"], [50, 10, 1])[0] + other.header(moment)
        body = rng.choice(BODIES) if rng.random() < 0.4 else f"plain {rng.random()}"
        line = f"{rng.choice(SENDERS)}: {body}"
        if rng.random() < 0.06:
            line = rng.choice(NOTICES)
        text += header + line + rng.choices([style.line_end, "\n", "\r\n"], [200, 1, 1])[0]
    data = text.encode()
    if rng.random() < 0.3:
        at = rng.randrange(len(data))
        data = (
            data[:at]
            + rng.choice([b"\xff", b"\0", b"\n", style.header(moment)[:9].encode()])
            + data[at:]
        )
    return data


def line_by_line(data: bytes) -> Read:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Columns, "suits", classmethod(lambda _cls, _layout: False))
        return read(data, time_zone="America/New_York")


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_columns_and_lines_read_the_same(style: Style, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(4):
        data = chat(style, random.Random(seed))
        expected = line_by_line(data)
        for block in (1 << 16, 997, 100):
            monkeypatch.setattr(lines, "BLOCK", block)
            found = read(data, time_zone="America/New_York")
            assert found.entries == expected.entries, (seed, block)
            assert found.problems == expected.problems, (seed, block)
        monkeypatch.undo()


def test_a_typed_date_after_a_run_of_messages_is_no_header() -> None:
    day = "13/03/2022, "
    text = "".join(f"{day}10:{at:02d} - Ana: x\n" for at in range(8))
    found = read(f"{text}{day}lunch\nmore\n{text}")
    assert len(found.entries) == 16
    assert found.bodies[7] == f"x\n{day}lunch\nmore"


def test_a_typed_stamp_that_does_not_close_is_no_header() -> None:
    found = read(ios("Ana: x\r\n[14/03/2022, 10:00:00", "Ana: y", "Ana: z"))
    assert found.bodies[1:] == ["x\r\n[14/03/2022, 10:00:00", "y", "z"]


def test_a_blank_message_is_empty_wherever_it_stands() -> None:
    text = "".join(f"13/03/2022, 10:{at:02d} - Ana: {' ' if at % 2 else 'x'}\n" for at in range(20))
    assert read(text).kinds == ["text", "empty"] * 10


@pytest.mark.parametrize(
    ("before", "time", "after"),
    [
        ("[1/4/23, ", "07:02:03", "] "),
        ("[1/4/23, ", "7:02:03 PM", "] "),
        ("1/4/23, ", "7:02 AM", " - "),
        ("1/4/23, ", "12:02\u202fPM", " - "),
        ("2022/3/18 ", "\u4e0b\u53487:02", " - "),
        ("2022/3/18 ", "7:02 PM", " - "),
        ("4.1.2023 klo ", "7.02", " - "),
    ],
)
def test_a_stamp_is_known_only_as_the_grammar_reads_it(before: str, time: str, after: str) -> None:
    def clock(stamp: Stamp) -> int | None:
        return micros_of_time(stamp.time)

    example = stamp_at(f"{before}{time}{after}".encode())
    assert example is not None
    stamps = Stamps(example.layout, clock)
    stamps.learn(example)
    known = 0
    words = ["", " AM", " PM", "\u202fAM", "\u202fPM", " \u4e2d\u5348"]
    for hour, colon, minute, second, word in product(
        ["0", "1", "7", "07", "007", "107", "11", "12", "13", "23", "24"],
        [":", "."],
        ["02", "59", "60", "7"],
        ["", ":00", ".00", ":61"],
        words,
    ):
        first = "\u4e0b\u5348" if "\u4e0b" in time else ""
        line = f"{before}{first}{hour}{colon}{minute}{second}{word}{after}".encode()
        found, split = stamp_at(line), stamps.split(line)
        if split is not None:
            assert found is not None, line
            assert found.layout == example.layout, line
            assert split == (clock(found), found.written, b""), line
            known += 1
    assert known > 10
