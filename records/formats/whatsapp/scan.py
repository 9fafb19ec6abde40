"""The second pass: turns blocks of lines into entries, each with its exact bytes.

Rules for boundaries (the text has no escaping, so a body can imitate a header):
- a line whose header has the file's own layout starts an entry;
- a line whose header has another layout stays in the body above, which is marked as doubtful;
- an entry that goes back more than a day, or goes back under a sender who has not written before, is marked as
  doubtful; when the entry before it was the one that left the flow of time, that one is marked.
"""

from __future__ import annotations

from dataclasses import dataclass

from records.formats.base import Entry
from records.formats.clock import Clock
from records.formats.lines import Block, Encoding
from records.formats.whatsapp import dates
from records.formats.whatsapp.columns import Columns, Place
from records.formats.whatsapp.complaints import Complaints
from records.formats.whatsapp.headers import (
    FIRST_BYTES,
    Layout,
    Stamp,
    micros_of_time,
    stamp_at,
)
from records.formats.whatsapp.meaning import is_opening
from records.formats.whatsapp.stamps import Stamps
from records.formats.whatsapp.writing import BOUNDARY, Item, Raw, Writer


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
        self._stamps = Stamps(rules.layout, self._moment)
        self._pending: Raw | None = None
        self._held: list[Item] = []
        self._foreign = False
        self._columns: Columns | None = None
        if Columns.suits(rules.layout) and rules.encoding.name == "utf-8":
            self._columns = Columns(self._stamps, self.writer)

    def feed(self, block: Block) -> list[Item]:
        """The items that this block completes."""
        data = block.data
        if self._pending is None:
            data = self._before_first(block)
            if self._pending is None:
                return []
        out, self._held = self._held, []
        regular = not block.left_out and b"\0" not in data
        done = self._fast(self._columns, data, out) if self._columns and regular else 0
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
        self.complaints.finish(out)
        return out

    def _fast(self, columns: Columns, data: bytes, out: list[Item]) -> int:
        """Reads ranges of rows as columns, and line by line what stands between them; how far it came."""
        base, done = self.offset, 0
        rows = columns.cut(data, base)
        if rows is None:
            return 0
        for first, end in rows.ranges():
            start, stop = rows.starts[first] - base, rows.starts[end] - base
            if start > done:
                self._slow(Block(data[done:start]), out)
            place = Place(data, base, self.lines + 1)
            columns.write(rows, first, end, place, self._pending, out)
            self._pending = None
            self.offset = base + stop
            self.lines += data.count(b"\n", start, stop)
            done = stop
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
        write, split = self.writer.write, self._stamps.split
        raw, offset, number = self._pending, self.offset, self.lines
        for line, size in zip(lines, sizes, strict=True):
            number += 1
            header: tuple[int | None, str, bytes] | None = None
            if line and line[0] in FIRST_BYTES:
                header = split(line) or self._unusual(line, offset, number, out)
            if header is None:
                assert raw is not None
                raw.add(line, offset)
                if self._foreign:
                    raw.doubt |= BOUNDARY
                    self._foreign = False
                offset += size + 1
                continue
            if raw is not None:
                write(out, raw, offset)
            raw = Raw(number, offset, *header)
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
        self._stamps.learn(stamp)
        return self._moment(stamp), stamp.written, line[stamp.length :]

    def _moment(self, stamp: Stamp) -> int | None:
        """The clock reading of a header in the file's own layout, or None where there is no such time."""
        parts, time = dates.parts_of(stamp.date), micros_of_time(stamp.time)
        day = self._day(parts) if parts is not None else None
        return None if day is None or time is None else day * dates.DAY + time

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
