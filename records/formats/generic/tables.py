"""Tables of messages as they are stored: CSV and its kin, JSON Lines. Every byte belongs to one row.

CSV is read by the standard library's strict reader (RFC 4180). A row that is malformed is left unread line by line, so
that a quote that is never closed does not swallow the rows after it.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from records.formats.json_stream import lines
from records.formats.pieces import Fault, Piece, Role

CSV, JSON = "csv", "jsonl"
DELIMITERS = ",;\t|"
LONGEST = 1 << 20  # bytes of one line; characters of one cell
MOST_COLUMNS = 200
DEPTH = 3  # objects inside objects whose values count as columns
SAMPLED = 200  # rows that the survey looks at
_MARK = b"\xef\xbb\xbf"
_TEXTS = {str}

csv.field_size_limit(LONGEST)


class Row(NamedTuple):
    """One row, or bytes between rows."""

    cells: Sequence[str] | None  # None: no row
    piece: Piece


class Table(NamedTuple):
    """What the head of a file shows."""

    kind: str
    delimiter: str  # of CSV
    columns: list[
        str
    ]  # names: of the first row (CSV), or of the keys in the order in which they are met
    samples: list[list[str]]  # the first rows; of CSV, the very first is among them

    @property
    def messages(self) -> list[list[str]]:
        """The first rows without the one that may hold the names of the columns."""
        return self.samples[1:] or self.samples if self.kind == CSV else self.samples


def table_in(head: bytes, *, whole: bool) -> Table | None:
    """The table that begins so; None when it is none. `whole`: the file ends with these bytes."""
    if head.removeprefix(_MARK).lstrip().startswith((b"{", b"[")):
        return _json_table(head)
    return _csv_table(head if whole else head[: head.rfind(b"\n") + 1])


def rows_of(table: Table, stream: BinaryIO) -> Iterator[Row]:
    """All rows of a file in order; bytes that are no row come as pieces of their own."""
    if table.kind == JSON:
        return _json_rows(stream, table.columns)
    return _csv_rows(stream, table.delimiter, len(table.columns))


# -- JSON Lines --


def flat(value: dict[str, object], prefix: str = "", depth: int = DEPTH) -> dict[str, str]:
    """An object as cells; what stands in objects inside it under names like "from.name"."""
    cells: dict[str, str] = {}
    for key, item in value.items():
        if isinstance(item, dict) and item and depth > 1:
            cells |= flat(item, f"{prefix}{key}.", depth - 1)
        else:
            cells[f"{prefix}{key}"] = cell_of(item)
    return cells


def cell_of(value: object) -> str:
    """A value as the cell of a table shows it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False)


def _json_table(head: bytes) -> Table | None:
    columns: dict[str, None] = {}
    found: list[dict[str, str]] = []
    for piece in lines(io.BytesIO(head)):
        if piece.role is not Role.ELEMENT or len(found) == SAMPLED:
            continue
        if not isinstance(piece.value, dict):
            return None
        cells = flat(piece.value)
        found.append(cells)
        columns.update(dict.fromkeys(cells))
    names = list(columns)[:MOST_COLUMNS]
    if not found or len(names) < 2:
        return None
    return Table(JSON, "", names, [[cells.get(name, "") for name in names] for cells in found])


def _json_rows(stream: BinaryIO, columns: list[str]) -> Iterator[Row]:
    nested = any("." in name for name in columns)
    for piece in lines(stream):
        value = piece.value
        if piece.role is not Role.ELEMENT or not isinstance(value, dict):
            yield Row(None, piece)
            continue
        cells = value
        if nested or set(map(type, value.values())) != _TEXTS:
            cells = flat(value)
        yield Row([cells.get(name, "") for name in columns], piece)


# -- CSV --


def _csv_table(head: bytes) -> Table | None:
    """By the delimiter that gives the most rows the same number of cells."""
    best: tuple[int, int, str, list[list[str]]] | None = None
    for delimiter in DELIMITERS:
        rows = []
        for row in _csv_rows(io.BytesIO(head), delimiter, 0):
            if row.cells is not None:
                rows.append(list(row.cells))
            if len(rows) == SAMPLED:
                break
        if not rows:
            continue
        width = len(rows[0])
        same = sum(len(row) == width for row in rows)
        if (
            2 <= width <= MOST_COLUMNS
            and same * 2 > len(rows)
            and (best is None or (same, width) > best[:2])
        ):
            best = same, width, delimiter, rows
    if best is None:
        return None
    _, width, delimiter, rows = best
    return Table(CSV, delimiter, named(rows[0]), [row for row in rows if len(row) == width])


def named(cells: Sequence[str]) -> list[str]:
    """Names for columns after the first row; numbers where a cell is empty or stands twice."""
    count = Counter(cell.strip() for cell in cells)
    return [
        cell.strip() if cell.strip() and count[cell.strip()] == 1 else f"Column {number}"
        for number, cell in enumerate(cells, 1)
    ]


class _Lines:
    """Lines of a file for the CSV reader, with the bytes of those it took for the row at hand."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._again: deque[bytes] = deque()
        self.taken: list[bytes] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline(LONGEST)
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line.decode("utf-8", "surrogateescape")

    def push(self, line: bytes) -> None:
        """A line that comes next."""
        if line:
            self._again.appendleft(line)

    def keep_first(self) -> None:
        """Only the first line that was taken is done with; the others come again."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _csv_rows(stream: BinaryIO, delimiter: str, width: int) -> Iterator[Row]:
    """`width`: cells that a row of several lines must have; 0 when nobody knows yet."""
    source = _Lines(stream)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    offset = len(_MARK) if _has_mark(source, stream) else 0
    if offset:
        yield Row(None, Piece(Role.FRAME, ("mark",), None, 0, offset))
    while True:
        source.taken.clear()
        cells: list[str] | None
        try:
            cells = next(reader)
            if width and len(cells) != width and len(source.taken) > 1:
                cells = None  # a stray quote has joined rows
        except StopIteration:
            return
        except csv.Error:
            cells = None
        if cells is None:
            source.keep_first()
        data = source.taken[0] if len(source.taken) == 1 else b"".join(source.taken)
        length = len(data)
        if cells:
            torn = not data.isascii() and _is_torn(data)
            yield Row(cells, Piece(Role.ELEMENT, (), None, offset, length, Fault.NONE, torn))
        elif cells is None:
            yield Row(None, Piece(Role.BROKEN, (), None, offset, length, Fault.MALFORMED))
        else:
            yield Row(None, Piece(Role.FRAME, ("blank line",), None, offset, length))
        offset += length


def _has_mark(source: _Lines, stream: BinaryIO) -> bool:
    first = stream.readline(LONGEST)
    marked = first.startswith(_MARK)
    source.push(first[len(_MARK) :] if marked else first)
    return marked


def _is_torn(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False
