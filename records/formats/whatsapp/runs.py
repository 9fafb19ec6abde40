"""The fast lane of the second pass: the lines of one day at a time, by operations on whole columns.

Most of a chat is runs of headers with the same date, so a block is cut at those dates, and the columns of the entries
(times, senders, bodies) come from a handful of mapped operations. What is not plain goes to the writer, entry by entry;
a run that is not regular goes back to the line-by-line scan, which alone decides what is a header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, count, islice, repeat
from operator import add, gt
from typing import NamedTuple

from records.formats.base import Entry, Kind
from records.formats.clock import QUARTER, Clock
from records.formats.whatsapp.headers import LRM, Layout
from records.formats.whatsapp.meaning import LAST_LETTERS, Reading, is_plain
from records.formats.whatsapp.notices import first_letters
from records.formats.whatsapp.writing import Item, Raw, Writer

SHORTEST = 6  # headers of a run that is worth the fast lane
Half = tuple[int, str]  # microseconds and text of one half of a stamp
_LRM = LRM.encode()
_LINKS = (b"https://maps.google.com/", b"https://foursquare.com/v/")
_MARK_LEAD = 0xE2  # first byte of both marks
_LF = 10
_STAND_IN = b"\0"
_PLAIN = (Kind.TEXT.value, None, None)
_new_entry = partial(tuple.__new__, Entry)


class Place(NamedTuple):
    """Where a run starts in the file."""

    offset: int
    line: int


class Runs:
    """Reads runs of one layout. `first` and `second` map halves of stamps, as the scan has met them."""

    def __init__(
        self,
        layout: Layout,
        *,
        crlf: bool,
        marks: bool,
        clock: Clock | None,
        writer: Writer,
        second: dict[bytes, Half],
        learn: Callable[[bytes], bool],
    ) -> None:
        self.crlf, self.marks, self.clock, self.writer, self._second = (
            crlf,
            marks,
            clock,
            writer,
            second,
        )
        self._learn = learn  # takes a header apart and remembers its halves
        self._joint, self._closing = layout.joint.encode(), layout.closing.encode()
        digit, separator = rb"[0-9]", re.escape(layout.separator.encode())
        date = separator.join((digit + b"{1,4}", digit + b"{1,2}", b"[RHSrhs]?" + digit + b"{1,4}"))
        left = re.escape(layout.opening.encode()) + date + re.escape(layout.suffix.encode())
        joint = re.escape(self._joint)
        mark = b"(?:" + _LRM + b")?" if marks else b""
        self._runs = re.compile(
            b"\n" + mark + b"(" + left + b")" + joint
            + b"(?:[^\n]*+(?:\n(?![0-9[\xd8\xd9\xdb\xe0\xe2\xef])[^\n]*+)*+\n" + mark + b"\\1" + joint + b")++"
        )  # fmt: skip
        ends = {letter.encode() for letter in LAST_LETTERS if letter}
        self._ends = frozenset(letter[0] for letter in ends)
        starts = {form.encode() for form in first_letters()}
        self._starts = frozenset(start[:6] for start in starts)
        self._heads = frozenset(start[0] for start in starts)

    @classmethod
    def suits(cls, layout: Layout) -> bool:
        """Whether the layout's dates can be cut at: digits of ASCII, the date first, no mark inside it."""
        return layout.ascii_digits and not layout.time_first

    def spans(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Start, end and left half of each run; the last header of a run stands at its end and is not in it.

        `data` starts with a LF that stands for the end of the line before the block.
        """
        for found in self._runs.finditer(data):
            start = found.start()
            yield start, data.rfind(b"\n", start, found.end()), found[1]

    def read(
        self,
        data: bytes,
        half: Half,
        left: bytes,
        place: Place,
        pending: Raw | None,
        out: list[Item],
    ) -> bool:
        """Adds the entries of a run, or nothing and False where it is not regular. `data` starts with LF.

        `pending` is the entry before the run: that it is complete is certain only when the run is regular.
        """
        cut = self._cut(data, left)
        if cut is None:
            return False
        pieces, sizes = cut
        rights, _, rests = zip(*[piece.partition(self._closing) for piece in pieces], strict=True)
        times = list(map(self._second.get, rights))
        if None in times:
            unknown = {right for right, time in zip(rights, times, strict=True) if time is None}
            if not all(
                self._learn(left + self._joint + right + self._closing) for right in unknown
            ):
                return False
            times = list(map(self._second.get, rights))
        names, _, texts = zip(*[rest.partition(b": ") for rest in rests], strict=True)
        try:
            bodies = list(map(bytes.decode, texts))
        except UnicodeDecodeError:
            return False
        if pending is not None:
            self.writer.write(out, pending, place.offset)
        micros, tails = zip(*times, strict=True)
        local = list(map(add, repeat(half[0]), micros))
        written = map(add, repeat(half[1]), tails)
        starts = list(accumulate(sizes, initial=place.offset))
        senders = list(map(self.writer.senders.get, names))
        kinds = [_PLAIN[0]] * len(pieces)
        odd, readings = self._odd(data, texts, bodies, senders, local)
        attachments: list[str | None] = [None] * len(pieces)
        details: list[object] = [None] * len(pieces)
        for at, reading in readings:
            kinds[at], attachments[at], details[at] = reading
        sent: Iterator[int | None] = repeat(None)
        doubts: Iterator[int] = repeat(0)
        if self.clock is not None:
            shifts = [self.clock[reading // QUARTER] for reading in local]
            sent = map(add, local, [shift for shift, _ in shifts])
            doubts = iter([doubt for _, doubt in shifts])
        entries = list(
            map(
                _new_entry,
                zip(
                    count(self.writer.seq + 1), repeat(0), kinds, senders, bodies, written, local, sent,
                    starts, sizes, attachments, doubts, details, strict=False,
                ),
            )
        )  # fmt: skip
        self._emit(entries, odd, rests, data, place.line, out)
        return True

    def _cut(self, data: bytes, left: bytes) -> tuple[list[bytes], list[int]] | None:
        """The entries of a run from the time on, and the bytes of each; None where line ends are mixed."""
        header = left + self._joint
        separator, marked = b"\n" + header, b"\n" + _LRM + header
        if self.crlf:
            headers = data.count(separator) + (data.count(marked) if self.marks else 0)
            if not data.endswith(b"\r"):
                return None
            data = b"\r" + data[:-1]
            separator, marked = b"\r" + separator, b"\r" + marked
        width = len(separator)
        with_marks = self.marks and marked in data
        if with_marks:  # a run holds no NUL, so NUL can stand for the mark before a header
            data = data.replace(marked, separator + _STAND_IN)
        pieces = data.split(separator)[1:]
        if self.crlf and len(pieces) != headers:
            return None
        sizes = [len(piece) + width for piece in pieces]
        if with_marks:
            for at, piece in enumerate(pieces):
                if piece[:1] == _STAND_IN:
                    pieces[at] = piece[1:]
                    sizes[at] += len(_LRM) - len(_STAND_IN)
        return pieces, sizes

    def _odd(
        self,
        data: bytes,
        texts: tuple[bytes, ...],
        bodies: list[str],
        senders: list[str | None],
        local: list[int],
    ) -> tuple[set[int], list[tuple[int, Reading]]]:
        """The entries that the writer must see, and those that were read before."""
        if self.marks:
            suspects = [at for at, text in enumerate(texts) if not text or _MARK_LEAD in text]
        else:
            ends, heads, forms, line_end = self._ends, self._heads, self._starts, _LF
            suspects = [
                at
                for at, text in enumerate(texts)
                if not text
                or text[-1] in ends
                or line_end in text
                or (text[0] in heads and text[:6] in forms)
            ]
        if any(link in data for link in _LINKS):
            suspects += [at for at, body in enumerate(bodies) if "https://" in body]
        odd, readings = set(), []
        easy = self.writer.easy
        for at in suspects:
            reading = easy.get(bodies[at])
            if reading is not None:
                readings.append((at, reading))
            elif not bodies[at] or not is_plain(bodies[at], marked=self.marks):
                odd.add(at)
        if None in senders:
            odd.update(at for at, sender in enumerate(senders) if sender is None)
        if any(map(gt, local, islice(local, 1, None))):
            odd.update(at for at in range(1, len(local)) if local[at] < local[at - 1])
        return odd, readings

    def _emit(
        self,
        entries: list[Entry],
        odd: set[int],
        rests: tuple[bytes, ...],
        data: bytes,
        line: int,
        out: list[Item],
    ) -> None:
        """Hands over the plain entries as they are and the odd ones through the writer, in order."""
        writer, first_seq, base = self.writer, self.writer.seq, entries[0].offset
        counted = 1

        def through_writer(at: int) -> None:
            nonlocal counted, line
            entry = entries[at]
            place = entry.offset - base + 1
            line += data.count(b"\n", counted, place)
            counted = place
            writer.seq = first_seq + at
            raw = Raw(line, entry.offset, entry.local, entry.written, rests[at])
            writer.write(out, raw, entry.offset + entry.length)

        position = 0
        for at in (*sorted(odd), len(entries)):
            while position < at and _local(entries[position]) < writer.last:
                through_writer(position)
                position += 1
            if position < at:
                out.extend(entries[position:at])
                writer.before = _local(entries[at - 2]) if at - position > 1 else writer.last
                writer.last = _local(entries[at - 1])
            if at < len(entries):
                through_writer(at)
            position = at + 1
        writer.seq = first_seq + len(entries)


def _local(entry: Entry) -> int:
    assert entry.local is not None
    return entry.local
