"""The first pass over a WhatsApp export: its layout, the order of its dates with the proof, its language.

The pass looks at every header line of the file, but only at the start of each; it costs a fraction of reading.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import compress
from operator import itemgetter
from typing import BinaryIO

from records.formats.base import Survey
from records.formats.errors import reject
from records.formats.lines import UTF_8, Block, Encoding, blocks, encoding_of
from records.formats.whatsapp import dates, notices
from records.formats.whatsapp.headers import (
    FIRST_BYTES,
    LONGEST_HEADER,
    LRM,
    RLM,
    Layout,
    Stamp,
    stamp_at,
)

MOST_LAYOUTS = 50
ENOUGH = (
    50  # blocks without CR LF, or lines with it, that settle how an Android file ends its lines
)
MANY = 20_000  # lines at the start that tell how a file ends its lines
NTH = 16  # and after them, each such block
EXACT = 500  # header lines at the start that are taken apart wholly
SCANT = 200  # a block with fewer header lines than one in so many bytes may hold another layout
_BYTE_MARK = rb"(?:\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf|\xd8\x9c)*"
_OTHER_DIGIT = rb"(?:[\xd8-\xdb][\x80-\xbf]|\xe0[\x80-\xbf][\x80-\xbf])"
_DIGIT_LINE = re.compile(rb"\n[0-9]")
_DIGIT_LINE_CRLF = re.compile(rb"\r\n[0-9]")
_OWN_MARKS = (LRM.encode(), RLM.encode())


@dataclass
class Sight:
    """What the first pass gathers."""

    layouts: Counter[Layout] = field(default_factory=Counter)
    first: dict[Layout, tuple[int, Stamp]] = field(default_factory=dict)  # line of the first header
    evidence: dates.Evidence = field(default_factory=dates.Evidence)
    blocks: int = 0
    lines: int = 0
    ends: int = 0  # lines before a header
    crlf: int = 0  # those of them that end with CR LF
    first_end: bytes = b""  # how the first line ends, where no header follows another
    marks: bool = False
    languages: Counter[str] = field(default_factory=Counter)


class Finder:
    """Finds the dates of all header lines of one layout in a block, at the speed of one regular expression."""

    def __init__(self, layout: Layout, sample: Stamp) -> None:
        self.layout = layout
        digit = rb"[0-9]" if layout.ascii_digits else _OTHER_DIGIT
        mark = b"" if sample.date.isascii() and layout.ascii_digits else _BYTE_MARK
        separator = re.escape(layout.separator.encode())
        date = mark.join(
            (b"", digit + b"{1,4}", separator, digit + b"{1,2}", separator, b"[RHSrhs]?", digit + b"{1,4}")
        )  # fmt: skip
        joint, closing = re.escape(layout.joint.encode()), re.escape(layout.closing.encode())
        suffix = re.escape(layout.suffix.encode())
        opening = b"\n" + _BYTE_MARK + re.escape(layout.opening.encode())
        if layout.time_first:
            text = opening + rb"[^\n]{4,40}?" + joint + b"(" + date + b")" + mark + suffix + closing
        else:
            text = opening + b"(" + date + b")" + mark + suffix + mark + joint
        self.pattern = re.compile(text)
        self._start = None
        if not layout.time_first and mark == b"":
            parts = sample.date.removesuffix(layout.suffix).split(layout.separator)
            around = layout.opening + 2 * layout.separator + layout.suffix + layout.joint
            width = sum(max(len(part), 2) for part in parts) + len(around.encode())
            self._start = itemgetter(slice(0, width))

    def dates(self, data: bytes, lines: list[bytes]) -> Counter[bytes]:
        """How many header lines have each date, in their order; `data` starts with LF."""
        if self._start is None:
            return Counter(self.pattern.findall(data))
        starts = list(map(self._start, lines))
        counts: Counter[bytes] = Counter()
        longer: set[bytes] = set()  # starts of lines that may hold a date with more signs
        date, header = b"", b"\n"
        for start, count in Counter(starts).items():
            if start.startswith(header):
                counts[date] += count
            elif start and start[0] in FIRST_BYTES:
                found = self.pattern.match(b"\n" + start)
                if found:
                    date, header = found[1], found[0][1:]
                    counts[date] += count
                else:
                    longer.add(start)
        if longer:
            for line in compress(lines, map(longer.__contains__, starts)):
                found = self.pattern.match(b"\n" + line)
                if found:
                    counts[found[1]] += 1
        return counts

    def line_of(self, data: bytes, date: bytes) -> int | None:
        """Ordinal in the block, from 0, of the first header line with that date."""
        for found in self.pattern.finditer(data):
            if found[1] == date:
                stamp = stamp_at(data[found.start() + 1 : found.start() + 400].partition(b"\n")[0])
                if stamp is not None and stamp.layout == self.layout:
                    return data.count(b"\n", 0, found.start() + 1) - 1
        return None


def look(text: Callable[[], BinaryIO], size: int, answers: Mapping[str, str]) -> Survey:
    """Surveys one text. `text` opens a fresh stream over it."""
    with text() as stream:
        encoding = encoding_of(stream.read(4))
    if size <= encoding.mark:
        raise reject("F-EMPTY")
    sight = _sight(text, encoding, None)
    if not sight.layouts:
        raise reject("F-UNKNOWN")
    layout = sight.layouts.most_common(1)[0][0]
    if layout != next(iter(sight.first)):
        # Headers of another style stand first or were counted on the way: look again with the main style.
        sight = _sight(text, encoding, layout)
    line, stamp = sight.first[layout]
    decision = dates.decide(sight.evidence, layout, answers, _flow(text, encoding, layout, stamp))
    return Survey(
        format="whatsapp",
        variant=layout.variant,
        conversations=[],
        date_order=decision.order,
        hour_clock="12" if layout.meridiem else "24",
        calendar=decision.calendar,
        encoding=encoding.name,
        proof=[*decision.proof, *_other_proof(layout, line, stamp, sight)],
        questions=[decision.question] if decision.question else [],
        layout={
            "header": layout.as_json(),
            "example": stamp.written,
            "crlf": sight.crlf * 2 > sight.ends if sight.ends else sight.first_end == b"\r",
            "marks": sight.marks and layout.variant != "android",
            "mark": encoding.mark,
            "language": _language(sight),
            "wording": notices.version(),
            "headers": sight.layouts[layout],
            "first_header_line": line,
        },
    )


def _other_proof(layout: Layout, line: int, stamp: Stamp, sight: Sight) -> list[str]:
    clock = "AM and PM are written" if layout.meridiem else "hours run to 24"
    proof = [f"Headers are written like \u201c{stamp.written}\u201d (line {line:,}); {clock}."]
    if layout.variant != "android":
        marked = "marks the application's own words" if sight.marks else "holds no such marks"
        proof.append(f"iOS style: the file {marked} with an invisible sign.")
    return proof


def _language(sight: Sight) -> str:
    return sight.languages.most_common(1)[0][0] if sight.languages else ""


def _sight(text: Callable[[], BinaryIO], encoding: Encoding, main: Layout | None) -> Sight:
    """One pass. Without `main` the layout of most headers in the first block that has any leads."""
    sight = Sight()
    finder: Finder | None = None
    with text() as stream:
        for block in blocks(stream, encoding):
            data = b"\n" + block.data
            lines = data.split(b"\n")
            if finder is None:
                layout = _first_look(sight, block, main)
                if layout is not None:
                    finder = Finder(layout, sight.first[layout][1])
                    _gather(sight, finder, data, lines)
            elif _gather(sight, finder, data, lines) * SCANT < len(data):
                _count_others(sight, block, finder.layout)
            if finder is not None and (sight.lines < MANY or sight.blocks % NTH == 0):
                _count_ends(sight, block.data, finder.layout)
            sight.blocks += 1
            sight.lines += len(lines) - 2
            if not sight.marks and (finder is None or finder.layout.variant != "android"):
                sight.marks = any(mark in data for mark in _OWN_MARKS)
    return sight


def _first_look(sight: Sight, block: Block, main: Layout | None) -> Layout | None:
    """The layout of most headers in the first block that has any (or of `main`), first in `sight.first`."""
    counts: Counter[Layout] = Counter()
    finders: list[tuple[Layout, re.Pattern[bytes]]] = []
    for number, line in enumerate(block.data.split(b"\n"), sight.lines + 1):
        if not line or line[0] not in FIRST_BYTES:
            continue
        probe = b"\n" + line[:LONGEST_HEADER]
        layout = next((layout for layout, pattern in finders if pattern.match(probe)), None)
        if layout is None or counts.total() < EXACT:
            stamp = stamp_at(line)
            if stamp is None:
                continue
            layout = stamp.layout
            if layout not in counts:
                if len(counts) >= MOST_LAYOUTS:
                    continue
                sight.first.setdefault(layout, (number, stamp))
                finders.append((layout, Finder(layout, stamp).pattern))
            if sight.languages.total() < 20 and counts.total() < 2 * EXACT:
                _notice_language(sight, line[stamp.length :])
        counts[layout] += 1
    if not counts or (main is not None and main not in counts):
        sight.layouts += counts
        return None
    leading = main or counts.most_common(1)[0][0]
    del counts[leading]  # counted again with the block's dates
    sight.layouts += counts
    sight.first = {leading: sight.first.pop(leading), **sight.first}
    return leading


def _count_ends(sight: Sight, data: bytes, layout: Layout) -> None:
    """How the lines before headers end. Line breaks inside a message say nothing: iOS writes them as LF alone."""
    if layout.opening:
        starts = [b"\n[", b"\n\xe2\x80\x8e["]
        sight.ends += sum(map(data.count, starts))
        sight.crlf += sum(data.count(b"\r" + start) for start in starts)
    elif sight.ends < ENOUGH and b"\r\n" in data:
        sight.ends += len(_DIGIT_LINE.findall(data))
        sight.crlf += len(_DIGIT_LINE_CRLF.findall(data))
    else:
        sight.ends += 1
    if not sight.first_end:
        sight.first_end = data.partition(b"\n")[0][-1:]


def _gather(sight: Sight, finder: Finder, data: bytes, lines: list[bytes]) -> int:
    """Adds a block's dates to the evidence; the number of its header lines."""
    found = finder.dates(data, lines)
    for written, count in found.items():
        parts = dates.parts_of(written.decode("utf-8", "replace"))
        if parts is None:
            continue
        if sight.evidence.tells(parts):
            line = finder.line_of(data, written)
            if line is None:
                continue  # a date that somebody typed at the start of a line
            sight.evidence.lines[parts] = sight.lines + line + 1
        sight.evidence.add(parts, count)
    total = found.total()
    sight.layouts[finder.layout] += total
    return total


def _count_others(sight: Sight, block: Block, layout: Layout) -> None:
    """Counts headers of other layouts in a block that has few of the leading one."""
    for number, line in enumerate(block.data.split(b"\n"), sight.lines + 1):
        stamp = stamp_at(line)
        if stamp is None or stamp.layout == layout:
            continue
        if len(sight.layouts) < MOST_LAYOUTS or stamp.layout in sight.layouts:
            sight.layouts[stamp.layout] += 1
            sight.first.setdefault(stamp.layout, (number, stamp))


def _notice_language(sight: Sight, rest: bytes) -> None:
    text = rest.decode("utf-8", "replace").strip()
    body = text.partition(": ")[2]
    meaning = notices.meaning_of(text, under_author=False) or (
        notices.meaning_of(body, under_author=True) if body else None
    )
    if meaning is not None and text.casefold() != "null":
        sight.languages[meaning.language] += 1


def _flow(
    text: Callable[[], BinaryIO], encoding: Encoding, layout: Layout, sample: Stamp
) -> Iterator[tuple[dates.Parts, int, int | None]]:
    """The date of each header line in the file's order, its line, and the day in the name of a media file in it."""
    pattern = Finder(layout, sample).pattern
    number, first = 0, True
    with text() as stream:
        for block in blocks(stream, encoding):
            for line in block.data.split(b"\n"):
                number += 1
                found = pattern.match(b"\n" + line)
                if found is None:
                    continue
                parts = dates.parts_of(found[1].decode("utf-8", "replace"))
                notice, first = first and b": " not in line[found.end() :], False
                # The first line of a chat is often a notice that is later than the line below it.
                if parts is not None and not notice:
                    yield parts, number, dates.day_of_media(line)
            number -= block.data.endswith(b"\n")


__all__ = ["UTF_8", "Encoding", "look"]
