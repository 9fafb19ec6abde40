"""Any other table of messages: CSV (comma, semicolon, tab or bar) or JSON Lines.

What is read and by which rules: docs/formats/generic.md. Nothing tells which program made such a file, so a person says
which column is what; only the column names that the documentation gives need no question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import BinaryIO

from records.formats.base import (
    IN_UTC,
    LOCAL,
    WITH_OFFSET,
    Entry,
    Header,
    Kind,
    NamedFile,
    Part,
    Problem,
    Sample,
    Source,
    Survey,
    Text,
)
from records.formats.clock import zone_of
from records.formats.composer import Composer, Item
from records.formats.generic import mapping
from records.formats.generic.complaints import WORDINGS
from records.formats.generic.mapping import Columns
from records.formats.generic.tables import CSV, Table, rows_of, table_in
from records.formats.generic.times import LAYOUTS, candidates
from records.formats.pieces import Piece, Role
from records.formats.sniff import HEAD, head_of, is_clutter

_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_CLOCK = re.compile(r"\d{1,2}[:.]\d\d(?:[:.]\d\d(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?")
OWN_SCORE, TABLE_SCORE = 85, 35
ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson")
MOST_OTHERS = 30  # columns of no role that an entry keeps
OTHER_LENGTH = 500
LOOKED_AT = 20  # rows in which a score looks for times


class Generic:
    """Reads tables of messages by the columns that a person names."""

    name = "generic"
    title = "Other table of messages (CSV or JSON Lines)"

    def score(self, sample: Sample) -> int:
        """High for our own column names; low for any other table that has a column of times."""
        member = _table_of(sample.members)
        if sample.members and member is None:
            return 0
        head = sample.peek(member) if member is not None else sample.head
        table = table_in(head, whole=len(head) < HEAD)
        if table is None:
            return 0
        if mapping.is_own(table.columns):
            return OWN_SCORE
        return TABLE_SCORE if _has_times(table) else 0

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """The columns, the layout of the times and whose clock it is; questions for what the file does not prove."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        part = _part(source)
        head = head_of(source, part.member)
        table = table_in(head, whole=len(head) == part.size)
        assert table is not None  # scored
        survey = Survey(
            format=self.name,
            variant=table.kind,
            texts=[Text((part,))],
            time_zone=zone,
            proof=[_about(table)],
        )
        columns = mapping.columns_of(table, answers)
        if columns is None:
            survey.questions = mapping.column_questions(table, mapping.refused(table, answers))
            return survey
        values = [columns.written(row) for row in table.messages]
        values = [value for value in values if value]
        found = candidates(values)
        if len(found) > 1:  # the head does not decide; another row may
            found = candidates(_times_in(source, part, table, columns))
        if not found:
            survey.questions = mapping.column_questions(table, mapping.without_times(values))
            return survey
        self._settle(survey, table, columns, found, values, answers)
        return survey

    def _settle(
        self,
        survey: Survey,
        table: Table,
        columns: Columns,
        found: Sequence[str],
        values: Sequence[str],
        answers: Mapping[str, str],
    ) -> None:
        """Layout and clock, proved or answered or asked."""
        layout = answers.get(mapping.TIME_LAYOUT, "") if len(found) > 1 else found[0]
        if layout not in found:
            survey.questions = [mapping.layout_question(found, values)]
            return
        moments = [moment for value in values if (moment := LAYOUTS[layout].read(value))]
        bare = [moment for moment in moments if moment.sent is None]
        survey.times = (
            LOCAL
            if bare
            else WITH_OFFSET
            if any(moment.local is not None for moment in moments)
            else IN_UTC
        )
        basis = answers.get(mapping.TIME_BASIS, "")
        if bare and mapping.is_own(table.columns):
            basis = basis or mapping.BY_ZONE
        if bare and basis not in (mapping.BY_ZONE, mapping.BY_UTC):
            survey.questions = [mapping.basis_question(layout, values, survey.time_zone)]
            return
        if bare and basis == mapping.BY_UTC:
            survey.times = IN_UTC
        survey.date_order = layout if layout in ("dmy", "mdy") else "ymd"
        survey.proof += _proof(table, columns, layout, values, survey)
        survey.layout |= {
            "table": table._replace(samples=[]),
            "columns": columns,
            "time_layout": layout,
            "in_utc": bool(bare) and basis == mapping.BY_UTC,
            "has_names": _has_names(table, columns, layout),
        }

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """The rows in their order. While questions are open nobody knows what they mean: the table is one piece."""
        part = survey.texts[0].parts[0]
        if survey.questions:
            yield Header(0, 0, part.size, "table that waits for its columns")
            return
        reading = _Reading(survey, _title(source, part))
        with source.open(part.member) as stream:
            yield from reading.read(stream)


class _Reading:
    """One table being read."""

    def __init__(self, survey: Survey, title: str) -> None:
        self._composer = Composer(survey, WORDINGS)
        table, columns = survey.layout["table"], survey.layout["columns"]
        assert isinstance(table, Table)
        assert isinstance(columns, Columns)
        self._table, self._columns, self._title = table, columns, title
        self._names = table.columns
        self._width = len(table.columns)
        self._moment = LAYOUTS[str(survey.layout["time_layout"])].read
        self._in_utc = bool(survey.layout["in_utc"])
        self._has_names = bool(survey.layout["has_names"])
        used = set(columns)
        self._others = [number for number in range(self._width) if number not in used]

    def read(self, stream: BinaryIO) -> Iterator[Item]:
        names_expected = self._has_names
        for cells, piece in rows_of(self._table, stream):
            if cells is None:
                if piece.role is Role.BROKEN:
                    code = "G-ROW" if self._table.kind == CSV else ""
                    yield from self._composer.unread(piece, code=code)
                elif piece.role is Role.ELEMENT:
                    yield from self._composer.unread(piece, code="J-NO-MESSAGE")
                else:
                    yield from self._composer.frame(piece)
            elif names_expected:
                names_expected = False
                yield Header(0, piece.offset, piece.length, "column names")
            else:
                yield from self._row(cells, piece)
        yield from self._composer.close()

    def _row(self, cells: Sequence[str], piece: Piece) -> Iterator[Item]:
        found = len(cells)
        if found < self._width:
            cells = [*cells, *[""] * (self._width - found)]
        columns = self._columns
        written = columns.written(cells)
        moment = self._moment(written)
        sent, local = moment or (None, None)
        if self._in_utc and sent is None:
            sent, local = local, None
        body, sender = cells[columns.body], cells[columns.sender].strip()
        name = cells[columns.file].strip() if columns.file >= 0 else ""
        kind = Kind.ATTACHED if name else Kind.TEXT
        if kind is Kind.TEXT and not body:
            kind = Kind.EMPTY if sender else Kind.NOTICE
        yield from self._composer.entry(
            self._conversation(cells),
            kind.value,
            sender or None,
            body,
            written,
            piece,
            sent=sent,
            local=local,
            files=[NamedFile(name)] if name else (),
            detail=self._detail(cells),
        )
        if found != self._width:
            yield from self._composer.problem("G-COLUMNS", piece, found=found, width=self._width)

    def _conversation(self, cells: Sequence[str]) -> int:
        place = self._columns.conversation
        title = cells[place].strip() if place >= 0 else ""
        return self._composer.conversation(title, title or self._title)

    def _detail(self, cells: Sequence[str]) -> dict[str, object] | None:
        """The native id, the recipients as written, and the columns that nobody gave a role."""
        columns = self._columns
        detail: dict[str, object] = {}
        if columns.id >= 0 and cells[columns.id]:
            detail["id"] = cells[columns.id]
        if columns.recipients >= 0 and cells[columns.recipients]:
            detail["recipients"] = [cells[columns.recipients]]  # names may hold commas: not split
        others = {
            self._names[number]: cells[number][:OTHER_LENGTH]
            for number in self._others[:MOST_OTHERS]
            if cells[number]
        }
        if others:
            detail["columns"] = others
        return detail or None


def _table_of(members: Sequence[str]) -> str | None:
    """The one table of an archive."""
    found = [name for name in members if name.casefold().endswith(ENDINGS) and not is_clutter(name)]
    return found[0] if len(found) == 1 else None


def _part(source: Source) -> Part:
    name = _table_of([member.name for member in source.members])
    for member in source.members:
        if member.name == name:
            return Part(member.name, member.size)
    return Part(None, source.size)


def _title(source: Source, part: Part) -> str:
    """What a table without a column of conversations is called: its file."""
    return (part.member or source.name).rpartition("/")[2]


def _has_times(table: Table) -> bool:
    """Whether some column holds times, or one dates and another the time of day: else it is no table of messages."""
    dates = clocks = False
    for number in range(len(table.columns)):
        values = [row[number].strip() for row in table.messages[:LOOKED_AT] if row[number].strip()]
        if values and candidates(values):
            return True
        dates = dates or (bool(values) and all(map(_DATE.fullmatch, values)))
        clocks = clocks or (bool(values) and all(map(_CLOCK.fullmatch, values)))
    return dates and clocks


def _has_names(table: Table, columns: Columns, layout: str) -> bool:
    """Whether the first row of CSV holds names: where a message has its time, it has none."""
    if table.kind != CSV:
        return False
    return LAYOUTS[layout].read(columns.written(table.samples[0])) is None


def _times_in(source: Source, part: Part, table: Table, columns: Columns) -> Iterator[str]:
    """The times of all rows but the one that may hold the names of the columns."""
    with source.open(part.member) as stream:
        rows = (cells for cells, _ in rows_of(table, stream) if cells is not None)
        for cells in islice(rows, int(table.kind == CSV), None):
            if len(cells) == len(table.columns) and (written := columns.written(cells)):
                yield written


def _about(table: Table) -> str:
    if table.kind != CSV:
        return "Each line holds one object (JSON Lines), so its keys are the columns."
    mark = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[table.delimiter]
    return f"Cells are parted by {mark}: so most rows have {len(table.columns)} cells."


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"\u201c{name}\u201d" for name in names)


def _proof(
    table: Table, columns: Columns, layout: str, values: Sequence[str], survey: Survey
) -> list[str]:
    named = ", ".join(
        f"{role.name} \u201c{table.columns[place]}\u201d"
        for role, place in zip(mapping.ROLES, columns, strict=True)
        if place >= 0
    )
    told = [
        f"Columns: {named}.",
        f"Times are read as \u201c{LAYOUTS[layout].label}\u201d.",
    ]
    if table.kind == CSV:
        first = (
            "holds the names of the columns"
            if _has_names(table, columns, layout)
            else "is a message"
        )
        told.append(
            f"The first row {first}: where messages have their time, it has "
            f"{'none' if 'names' in first else 'one'}."
        )
    others = [name for place, name in enumerate(table.columns) if place not in columns]
    if others:
        told.append(
            f"Columns that are nothing of these stay out of the conversation: {_quoted(others[:MOST_OTHERS])}. "
            "They are kept in the detail of each message, and whole in its raw bytes."
        )
    if others[MOST_OTHERS:]:
        told.append(f"Only in the raw bytes: {_quoted(others[MOST_OTHERS:])}.")
    if survey.times == LOCAL:
        told.append("Times are clock readings in the zone that was said at hand-in.")
    return told
