"""The second pass: turns blocks of lines into entries, each with its exact bytes.

Rules for boundaries (the text has no escaping, so a body can imitate a header):
- a line whose header has the file's own layout starts an entry;
- a line whose header has another layout stays in the body above, which is marked as doubtful;
- an entry that goes back more than a day, or goes back under a sender who has not written before, is marked as
  doubtful; when the entry before it was the one that left the flow of time, that one is marked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from records.formats.base import Entry
from records.formats.clock import Clock
from records.formats.lines import Block, Encoding
from records.formats.whatsapp import dates
from records.formats.whatsapp.complaints import Complaints
from records.formats.whatsapp.headers import (
    LONGEST_HEADER,
    LRM,
    Layout,
    Stamp,
    micros_of_time,
    stamp_at,
)
from records.formats.whatsapp.meaning import is_opening
from records.formats.whatsapp.runs import SHORTEST, Place, Runs
from records.formats.whatsapp.writing import BOUNDARY, Item, Raw, Writer

MOST_TIMES = 90_000  # remembered halves of stamps; a day has 86,400 seconds

_LRM = LRM.encode()
_SECONDS = re.compile(r"[0-9][:.][0-9]{2}[:.]([0-9]{2})")
_SECONDS_BYTES = re.compile(rb"[0-9][:.][0-9]{2}[:.]([0-9]{2})")


@dataclass(frozen=True)
class Rules:
    """What the survey found, as the second pass needs it."""

    layout: Layout
    order: str
    calendar: str
    encoding: Encoding
    crlf: bool
    marks: bool
    clock: Clock | None


class Scanner:
    """Feeds on blocks, gives entries and problems in the file's order."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.complaints = Complaints()
        self.writer = Writer(
            marks=rules.marks,
            crlf=rules.crlf,
            ordered=rules.order != "undecided",
            clock=rules.clock,
            complaints=self.complaints,
        )
        self.offset = rules.encoding.mark
        self.lines = 0
        self._joint = rules.layout.joint.encode()
        self._closing = rules.layout.closing.encode()
        self._first: dict[bytes, tuple[int, str]] = {}
        self._second: dict[bytes, tuple[int, str]] = {}
        self._pending: Raw | None = None
        self._held: list[Item] = []
        self._foreign = False
        self._runs: Runs | None = None
        if Runs.suits(rules.layout) and rules.encoding.name == "utf-8":
            self._runs = Runs(
                rules.layout,
                crlf=rules.crlf,
                marks=rules.marks,
                clock=rules.clock,
                writer=self.writer,
                second=self._second,
                learn=self._learn,
            )

    def feed(self, block: Block) -> list[Item]:
        """The items that this block completes."""
        data = block.data
        if self._pending is None:
            data = self._before_first(block)
            if self._pending is None:
                return []
        out, self._held = self._held, []
        regular = not block.left_out and b"\0" not in data
        done = self._fast(self._runs, data, out) if self._runs is not None and regular else 0
        self._slow(block._replace(data=data[done:]), out)
        assert self._pending is not None
        if block.left_out:
            self._pending.cut_at(self.offset - block.left_out)
        # The last entry waits: what follows may show that it left the flow of time.
        keep = next((at for at in range(len(out) - 1, -1, -1) if isinstance(out[at], Entry)), 0)
        self._held = out[keep:]
        del out[keep:]
        return out

    def finish(self, size: int) -> list[Item]:
        """The last items. `size`: bytes of the text, to own an odd byte at the end of a UTF-16 file."""
        out, self._held = self._held, []
        if self._pending is not None:
            odd = size - self.offset
            self.offset = size
            self.writer.write(out, self._pending, self.offset, last=True)
            if odd:
                self.complaints.add(
                    out, "W-CUT", seq=self.writer.seq, offset=size - odd, length=odd
                )
        self.complaints.close(out)
        return out

    def _fast(self, runs: Runs, data: bytes, out: list[Item]) -> int:
        """Reads the runs of a block, and line by line what stands between them; how far it came."""
        text, done = b"\n" + data, 0
        for start, end, left in runs.spans(text):
            half = self._first.get(left)
            if half is None:
                at = start + 1 + (len(_LRM) if text.startswith(_LRM, start + 1) else 0)
                if not self._learn(text[at : at + LONGEST_HEADER].partition(b"\n")[0]):
                    continue
                half = self._first.get(left)
            if half is None or text.count(left, start, end) < SHORTEST:
                continue
            if start > done:
                self._slow(Block(data[done:start]), out)
                done = start
            place = Place(self.offset, self.lines + 1)
            if runs.read(text[start:end], half, left, place, self._pending, out):
                self._pending = None
                self.offset += end - start
                self.lines += text.count(b"\n", start + 1, end + 1)
                done = end
        return done

    def _slow(self, block: Block, out: list[Item]) -> None:
        lines = block.data.split(b"\n")
        self._scan(lines, self._sizes(lines, block), out)

    def _sizes(self, lines: list[bytes], block: Block) -> list[int]:
        """Bytes of each line in the file, less the one of its LF; drops the empty piece after the last LF."""
        encoding = self.rules.encoding
        if encoding.name == "utf-8":
            sizes, end = list(map(len, lines)), 1
        else:
            sizes, end = [encoding.measure(line) + 1 for line in lines], 2
        if lines[-1]:
            sizes[-1] += block.left_out - end
        else:
            lines.pop()
            sizes.pop()
        return sizes

    def _before_first(self, block: Block) -> bytes:
        """Skips what stands before the first header, which an unread problem owns; what is left of the block."""
        lines, done = block.data.split(b"\n"), 0
        for line, size in zip(lines, self._sizes(lines, block), strict=True):
            self.lines += 1
            header = self._unusual(line, self.offset, self.lines, self._held)
            self._foreign = False
            done += len(line) + 1
            if header is not None:
                mark = self.rules.encoding.mark
                if self.offset > mark:
                    self.complaints.add(
                        self._held,
                        "W-BEFORE-FIRST",
                        line=1,
                        offset=mark,
                        length=self.offset - mark,
                        unread=True,
                    )
                self._pending = Raw(self.lines, self.offset, *header)
                self.offset += size + 1
                break
            self.offset += size + 1
        return block.data[done:]

    def _scan(self, lines: list[bytes], sizes: list[int], out: list[Item]) -> None:
        """Line by line: what starts an entry, and what belongs to the one above."""
        joint, closing = self._joint, self._closing
        first, second, write = self._first.get, self._second.get, self.writer.write
        raw, offset, number = self._pending, self.offset, self.lines
        for line, size in zip(lines, sizes, strict=True):
            number += 1
            left, _, tail = line.partition(joint)
            half = first(left)
            other = None
            if half is not None:
                right, closed, rest = tail.partition(closing)
                other = second(right) if closed else None
            local: int | None
            if half is not None and other is not None:
                local, written = half[0] + other[0], half[1] + other[1]
            elif (header := self._unusual(line, offset, number, out)) is not None:
                local, written, rest = header
            else:
                assert raw is not None
                raw.add(line, offset)
                if self._foreign:
                    raw.doubt |= BOUNDARY
                    self._foreign = False
                offset += size + 1
                continue
            if raw is not None:
                write(out, raw, offset)
            raw = Raw(number, offset, local, written, rest)
            offset += size + 1
        self.offset, self.lines, self._pending = offset, number, raw

    def _unusual(
        self, line: bytes, offset: int, number: int, out: list[Item]
    ) -> tuple[int | None, str, bytes] | None:
        """The header of a line that the memory does not hold: local time, stamp as written, the rest. Else None."""
        stamp = stamp_at(line)
        if stamp is None:
            return None
        rules = self.rules
        if stamp.layout != rules.layout:
            self._foreign = True
            self.complaints.add(out, "W-LAYOUT-MIXED", line=number, offset=offset, length=len(line))
            if is_opening(line[stamp.length :].decode("utf-8", "replace")):
                self.complaints.add(out, "W-GLUED", line=number, offset=offset, length=len(line))
            return None
        return self._moment(stamp, line), stamp.written, line[stamp.length :]

    def _learn(self, header: bytes) -> bool:
        """Remembers the halves of a header; whether it has the file's layout and a time that exists."""
        stamp = stamp_at(header)
        return (
            stamp is not None
            and stamp.layout == self.rules.layout
            and self._moment(stamp, header) is not None
        )

    def _moment(self, stamp: Stamp, line: bytes) -> int | None:
        """The clock reading of a header in the file's own layout, remembered by its halves."""
        parts, time = dates.parts_of(stamp.date), micros_of_time(stamp.time)
        day = self._day(parts) if parts is not None else None
        if day is None or time is None:
            return None
        self._remember(line, stamp, day * dates.DAY, time)
        return day * dates.DAY + time

    def _day(self, parts: dates.Parts) -> int | None:
        """Days since 1970-01-01; while the order is undecided, only where every order gives the same day."""
        rules = self.rules
        if rules.order != "undecided":
            return dates.ordinal_day(parts, rules.order, rules.calendar)
        days = {
            dates.ordinal_day(parts, order, rules.calendar)
            for order in dates.possible_orders(rules.layout)
        }
        return days.pop() if len(days) == 1 else None

    def _remember(self, line: bytes, stamp: Stamp, day: int, time: int) -> None:
        """Keeps both halves of a stamp, so that the next line that has one of them is read without a thought."""
        joint = self.rules.layout.joint
        halves = (stamp.time, stamp.date) if stamp.layout.time_first else (stamp.date, stamp.time)
        left_text, right_text = halves[0] + joint, halves[1]
        if left_text + right_text != stamp.written:
            return
        left = line[: stamp.prefix] + halves[0].encode("utf-8", "surrogateescape")
        right = right_text.encode("utf-8", "surrogateescape")
        if len(self._first) > MOST_TIMES or len(self._second) > MOST_TIMES:
            self._first.clear()
            self._second.clear()
        if stamp.layout.time_first:
            _keep_time(self._first, left, left_text, time)
            self._second[right] = (day, right_text)
        else:
            self._first[left] = (day, left_text)
            _keep_time(self._second, right, right_text, time)


def _keep_time(memory: dict[bytes, tuple[int, str]], key: bytes, text: str, time: int) -> None:
    """Remembers a clock reading; where seconds are written, the whole minute at once."""
    if key in memory:
        return
    memory[key] = (time, text)
    in_key, in_text = _SECONDS_BYTES.search(key), _SECONDS.search(text)
    if in_key is None or in_text is None:
        return
    minute = time - int(in_text[1]) * 1_000_000
    for second in range(60):
        digits = f"{second:02d}"
        other = text[: in_text.start(1)] + digits + text[in_text.end(1) :]
        memory[key[: in_key.start(1)] + digits.encode() + key[in_key.end(1) :]] = (
            minute + second * 1_000_000,
            other,
        )
