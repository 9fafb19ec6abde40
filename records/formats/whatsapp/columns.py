"""The fast lane of the second pass: a block at a time, by operations on whole columns.

A block is cut into rows, one for each line that can be a header and what follows it. Stamps, senders and bodies of all
rows come from a handful of operations on whole lists; a sieve is the only loop. Rows that need thought (a header
that the memory does not know, a line inside that looks like one) are left to the scan line by line; rows whose time or
sender needs thought go to the writer, one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import accumulate, chain, count, repeat
from operator import add, itemgetter
from typing import NamedTuple, cast

from records.formats.base import Entry, Kind
from records.formats.whatsapp.headers import FIRST_BYTES, LRM, MARKS, RLM, Layout, stamp_at
from records.formats.whatsapp.meaning import LAST_LETTERS, is_empty, is_plain
from records.formats.whatsapp.notices import first_letters
from records.formats.whatsapp.stamps import Stamps
from records.formats.whatsapp.writing import Item, Raw, Writer

_LRM = LRM.encode()
_LF = 10
_first_byte = itemgetter(slice(0, 1))
_HEADER_START = re.compile(b"\n[" + re.escape(bytes(FIRST_BYTES)) + b"]")
_DIGITS = frozenset(bytes((digit,)) for digit in b"0123456789")
_BLANKS = frozenset(chr(code) for code in range(0x3001) if chr(code).isspace())
_INVISIBLE = _BLANKS | frozenset(MARKS)
_ENDS = _INVISIBLE | LAST_LETTERS
_LINKS = (b"https://maps.google.com/", b"https://foursquare.com/v/")
_TEXT = Kind.TEXT.value
_new_entry = partial(tuple.__new__, Entry)


class Rows(NamedTuple):
    """A block, cut: row `n` is the bytes of the file from `starts[n]` to `starts[n + 1]`."""

    starts: list[int]  # what the block holds before the first belongs to the entry before
    sizes: list[int]
    stamps: list[bytes]
    local: list[int]
    rests: list[bytes]  # from the sender on, without the end of the last line
    several: list[int]  # rows of several lines
    slow: list[int]  # rows for the scan line by line; always the last one too

    def ranges(self) -> Iterator[tuple[int, int]]:
        """First row and end of each range between slow rows."""
        first = 0
        for row in self.slow:
            if first < row:
                yield first, row
            first = row + 1


class Place(NamedTuple):
    """Where a range of rows stands."""

    data: bytes  # of the block
    offset: int  # of the block in the file
    line: int  # of the first row of the range


class Columns:
    """Cuts blocks of one layout and writes their rows."""

    def __init__(self, stamps: Stamps, writer: Writer) -> None:
        self._stamps, self._writer = stamps, writer
        self._line_end = b"\r\n" if writer.crlf else b"\n"

    @classmethod
    def suits(cls, layout: Layout) -> bool:
        """Whether the first byte of a line tells that it can be a header, and stamps end with the time."""
        return not layout.time_first and (layout.ascii_digits or layout.opening != "")

    def cut(self, data: bytes, offset: int) -> Rows | None:
        """The rows of a block that stands at that place of the file, or None where it has none."""
        cut = self._cut_at_brackets if self._stamps.opening else self._cut_at_digits
        pieces, marked, several = cut(data)
        lead = pieces.pop(0)
        if not pieces:
            return None
        around = len(self._stamps.opening) + len(self._line_end)
        sizes = [len(piece) + around for piece in pieces]
        for row in marked:
            sizes[row - 1] += len(_LRM)
        starts = list(accumulate(sizes, initial=offset + len(lead)))
        several = [row - 1 for row in several if row]
        slow = {len(pieces) - 1, *(row for row in several if _holds_header(pieces[row]))}
        # Flat: a tuple that dies at once costs the garbage collector nothing.
        closing = repeat(self._stamps.closing)
        flat = list(chain.from_iterable(map(bytes.partition, pieces, closing)))
        del pieces  # what is made next fits into the cache in their place
        stamps, closed, rests = flat[0::3], flat[1::3], flat[2::3]
        local = self._stamps.local(stamps)
        if min(local) < 0 or not all(closed):
            unknown = [row for row, moment in enumerate(local) if moment < 0 or not closed[row]]
            slow.update(unknown, [row - 1 for row in unknown if row])  # or a line of the row before
        return Rows(starts, sizes, stamps, local, rests, several, sorted(slow))

    def _cut_at_brackets(self, data: bytes) -> tuple[list[bytes], list[int], list[int]]:
        """What stands before the first row, then rows without their opening; the marked; those of several lines."""
        opening, line_end = self._stamps.opening, self._line_end
        whole = (line_end + data).split(line_end + opening)
        marked_opening = line_end + _LRM + opening
        pieces: list[bytes] = []
        marked: list[int] = []
        several: list[int] = []
        done = 0
        for at in [at for at, piece in enumerate(whole) if _LF in piece]:
            row = len(pieces) + at - done
            if marked_opening not in whole[at]:
                several.append(row)
                continue
            parts = whole[at].split(marked_opening)
            pieces += whole[done:at]
            pieces += parts
            marked += range(row + 1, row + len(parts))
            several += [row for row, part in enumerate(parts, row) if _LF in part]
            done = at + 1
        pieces += whole[done:]
        return pieces, marked, several

    def _cut_at_digits(self, data: bytes) -> tuple[list[bytes], list[int], list[int]]:
        """The same, where every line that starts with a digit can be a header."""
        line_end = self._line_end
        lines = (line_end + data).split(line_end)
        begins = bytes(map(_DIGITS.__contains__, map(_first_byte, lines)))
        pieces: list[bytes] = []
        several, done, at = [], 0, 0
        while at >= 0:  # `at`: the first of some lines that belong to the line before
            end = begins.find(1, at) if begins.find(1, at) >= 0 else len(lines)
            at = max(at - 1, 0)
            pieces += lines[done:at]
            several.append(len(pieces))
            pieces.append(line_end.join(lines[at:end]))
            done, at = end, begins.find(0, end)
        pieces += lines[done:]
        if line_end != b"\n":
            several = [row for row, piece in enumerate(pieces) if _LF in piece]
        return pieces, [], several

    def write(
        self, rows: Rows, first: int, end: int, place: Place, pending: Raw | None, out: list[Item]
    ) -> None:
        """Adds the entries of a range of rows, after the one that is pending before it."""
        writer, whole = self._writer, slice(first, end)
        local, starts, sizes = rows.local[whole], rows.starts[whole], rows.sizes[whole]
        if pending is not None:
            writer.write(out, pending, starts[0])
        flat = list(chain.from_iterable(map(bytes.partition, rows.rests[whole], repeat(b": "))))
        names, colons, texts = flat[0::3], flat[1::3], flat[2::3]
        senders: list[str | None] = list(map(writer.senders.get, names))
        bodies, odd = _decoded(texts)
        if local != sorted(local):
            odd.update(row for row in range(1, len(local)) if local[row] < local[row - 1])
        kinds, attachments = [_TEXT] * len(local), cast("list[str | None]", [None]) * len(local)
        details = cast("list[Mapping[str, object] | None]", [None]) * len(local)
        several = [row - first for row in rows.several if first <= row < end]
        for row in self._thoughtful(place.data, bodies, several):
            reading = writer.reading(bodies[row]) if colons[row] else None
            if not colons[row] and (reading := writer.notice_met(names[row])) is not None:
                senders[row], bodies[row] = None, names[row].decode()
            if reading is None:
                odd.add(row)
            else:
                kinds[row], attachments[row], details[row] = reading
        if None in senders:
            odd.update(row for row, sender in enumerate(senders) if sender is None and colons[row])
        sent: Iterable[int | None] = repeat(None)
        doubts: Iterable[int] = repeat(0)
        if writer.clock is not None:
            shifts, doubts = writer.clock.shifts(local)
            sent = map(add, local, shifts)
        entries = map(
            _new_entry,
            zip(
                count(writer.seq + 1), repeat(0), kinds, senders, bodies,
                map(bytes.decode, rows.stamps[whole]), local, sent,
                starts, sizes, attachments, doubts, details, strict=False,
            ),
        )  # fmt: skip
        self._emit(list(entries), sorted(odd), rows.rests[whole], place, out)

    def _thoughtful(self, data: bytes, bodies: list[str], several: list[int]) -> list[int]:
        """The rows whose body the tables must be asked about."""
        marked, met = self._writer.marks, self._writer.readings
        rows = _marked_rows(bodies) if marked else _ending_rows(bodies) + several
        if any(link in data for link in _LINKS):
            rows += [row for row, body in enumerate(bodies) if "https://" in body]
        return [
            row
            for row in rows
            if (body := bodies[row]) in met or is_empty(body) or not is_plain(body, marked=marked)
        ]

    def _emit(
        self,
        entries: list[Entry],
        odd: list[int],
        rests: list[bytes],
        place: Place,
        out: list[Item],
    ) -> None:
        """Hands over the plain entries as they are and the odd ones through the writer, in order."""
        writer, before = self._writer, self._writer.seq
        line, counted = place.line, entries[0].offset - place.offset

        def through_writer(row: int) -> None:
            nonlocal line, counted
            entry = entries[row]
            start = entry.offset - place.offset
            line += place.data.count(b"\n", counted, start)
            counted = start
            writer.seq = before + row
            rest = rests[row] + b"\r" if writer.crlf else rests[row]
            raw = Raw(line, entry.offset, entry.local, entry.written, rest)
            writer.write(out, raw, entry.offset + entry.length)

        done = 0
        for row in (*odd, len(entries)):
            while done < row and writer.goes_back(entries[done]):
                through_writer(done)
                done += 1
            plain = entries[done:row]
            out += plain
            writer.passed(plain)
            if row < len(entries):
                through_writer(row)
            done = row + 1
        writer.seq = before + len(entries)


def _marked_rows(bodies: list[str]) -> list[int]:
    """A sieve where the application marks its own words: empty bodies, and those that hold a mark."""
    return [
        row
        for row, body in enumerate(bodies)
        if not body or LRM in body or RLM in body or body[0] in _INVISIBLE
    ]


def _ending_rows(bodies: list[str]) -> list[int]:
    """A sieve for bodies of one line where nothing is marked: by their last letter and their first ones."""
    forms, letters = first_letters(), _first_letter_of_forms()
    return [
        row
        for row, body in enumerate(bodies)
        if not body or body[-1] in _ENDS or (body[0] in letters and body[:6] in forms)
    ]


@cache
def _first_letter_of_forms() -> frozenset[str]:
    return frozenset(form[0] for form in first_letters())


def _holds_header(row: bytes) -> bool:
    """Whether a line below the first looks like a header of any layout."""
    return _HEADER_START.search(row) is not None and any(map(stamp_at, row.split(b"\n")[1:]))


def _decoded(texts: list[bytes]) -> tuple[list[str], set[int]]:
    """The texts, and the rows of those that are not UTF-8."""
    try:
        return list(map(bytes.decode, texts)), set()
    except UnicodeDecodeError:
        bodies = [text.decode("utf-8", "replace") for text in texts]
        return bodies, {row for row, body in enumerate(bodies) if "\ufffd" in body}
