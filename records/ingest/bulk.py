"""The bulk path of each database engine: COPY on PostgreSQL, `executemany` on SQLite, inside Django's transaction.

Rows of entries come as batches. Canonical lines and their digest are made here too, piece by piece, so that on
PostgreSQL the server loads one piece while the next is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from django.db import connection

from records.formats.base import Entry
from records.rows import (
    KINDS,
    NULL,
    Digest,
    clean_name,
    escape,
    json_text,
    owner,
    prepared,
    sent_text,
)

PIECE = 2_000  # entries
MESSAGE = "records_message"
TEXT = "records_message_text"
COLUMNS = (
    *(
        "export_id",
        "conversation_id",
        "participant_id",
        "seq",
        "kind",
        "body",
        "written",
        "local",
        "sent_at",
    ),
    *("offset", "length", "attachment", "doubt", "detail"),
)
_QUOTED = ", ".join(f'"{column}"' for column in COLUMNS)


@dataclass
class Batch:
    """Entries that are written together, and what their rows point to."""

    export_id: int
    entries: Sequence[Entry]
    conversations: dict[int, int]  # index -> row id
    names: dict[str, str] = field(default_factory=dict)  # sender -> name as a row keeps it
    participants: dict[tuple[int, str], int] = field(
        default_factory=dict
    )  # (conversation index, name) -> row id

    def name_senders(self) -> None:
        """Give each sender the name that its row keeps."""
        self.names = {
            sender: clean_name(sender)
            for sender in {entry.sender for entry in self.entries}
            if sender is not None
        }

    def owners(self) -> dict[tuple[int, str | None], tuple[str, str, int | None]]:
        """For each conversation and sender: how a line of the digest begins, how a COPY line begins, the row id."""
        made: dict[tuple[int, str | None], tuple[str, str, int | None]] = {}
        for conversation, sender in {(entry.conversation, entry.sender) for entry in self.entries}:
            name = None if sender is None else self.names[sender]
            participant = None if name is None else self.participants.get((conversation, name))
            start = f"{self.export_id}\t{self.conversations[conversation]}\t"
            start += f"{NULL if participant is None else participant}\t"
            made[conversation, sender] = owner(conversation, name), start, participant
        return made


class Engine(Protocol):
    """How one database engine takes many rows."""

    def messages(self, batch: Batch, digest: Digest) -> None:
        """Write the rows of a batch and feed the digest."""

    def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write plain rows of any other table."""

    def clear(self, export_id: int, low: int, high: int) -> None:
        """Delete the rows of entries `low` to `high`, full-text rows included."""


def engine() -> Engine:
    """The bulk path of the database in use."""
    return Postgres() if connection.vendor == "postgresql" else Sqlite()


def digest_only(batch: Batch, digest: Digest) -> None:
    """Feed the digest with entries whose rows were committed before."""
    owners = batch.owners()
    for piece in _pieces(batch.entries):
        own = [owners[entry.conversation, entry.sender][0] for entry in piece]
        digest.update(own, prepared(piece)[1])


def _pieces(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), PIECE):
        yield entries[start : start + PIECE]


class _Pull:
    """A file for `copy_expert` that makes its next piece when the driver asks for it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int = -1) -> bytes:
        # The driver sends whatever length it gets; a piece is larger than it asks for, and that saves calls.
        return next(self._pieces, b"")


class Postgres:
    """COPY from memory, in text form."""

    def messages(self, batch: Batch, digest: Digest) -> None:
        self._copy(MESSAGE, _QUOTED, self._message_pieces(batch, digest))

    def _message_pieces(self, batch: Batch, digest: Digest) -> Iterator[bytes]:
        owners = batch.owners()
        for piece in _pieces(batch.entries):
            starts = [owners[entry.conversation, entry.sender] for entry in piece]
            lines = prepared(piece)[1]
            yield "".join(
                [start[1] + line for start, line in zip(starts, lines, strict=True)]
            ).encode()
            # The server is busy with the piece above while the digest takes it here.
            digest.update([start[0] for start in starts], lines)

    def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        quoted = ", ".join(f'"{column}"' for column in columns)
        self._copy(table, quoted, self._row_pieces(iter(rows)))

    def _row_pieces(self, rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
        while piece := list(islice(rows, PIECE)):
            yield "".join(
                ["\t".join([_copy_value(value) for value in row]) + "\n" for row in piece]
            ).encode()

    def _copy(self, table: str, columns: str, pieces: Iterator[bytes]) -> None:
        with connection.cursor() as cursor:
            cursor.copy_expert(f'COPY "{table}" ({columns}) FROM STDIN', _Pull(pieces), 1 << 20)

    def clear(self, export_id: int, low: int, high: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {MESSAGE} WHERE export_id = %s AND seq BETWEEN %s AND %s",
                [export_id, low, high],
            )


def _copy_value(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    return escape(value) if isinstance(value, str) else str(value)


class Sqlite:
    """`executemany` on the raw connection; the full-text rows follow from the rows just written."""

    def messages(self, batch: Batch, digest: Digest) -> None:
        first = self._next_id()
        owners = batch.owners()
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        with connection.cursor() as cursor:
            raw = cursor.connection
            at = first
            for piece in _pieces(batch.entries):
                starts = [owners[entry.conversation, entry.sender] for entry in piece]
                entries, lines = prepared(piece)
                digest.update([start[0] for start in starts], lines)
                rows = _sqlite_rows(at, batch, entries, [start[2] for start in starts])
                raw.executemany(f"INSERT INTO {MESSAGE} (id, {_QUOTED}) VALUES ({marks})", rows)
                at += len(piece)
            raw.execute(
                f"INSERT INTO {TEXT} (rowid, body) SELECT id, body FROM {MESSAGE} WHERE id BETWEEN ? AND ?",
                (first, at - 1),
            )

    def _next_id(self) -> int:
        """Full-text rows need the ids of their messages: nobody else writes inside an IMMEDIATE transaction."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [MESSAGE])
            row = cursor.fetchone()
        return 1 if row is None else int(row[0]) + 1

    def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        quoted, marks = (
            ", ".join(f'"{column}"' for column in columns),
            ", ".join("?" * len(columns)),
        )
        with connection.cursor() as cursor:
            cursor.connection.executemany(
                f'INSERT INTO "{table}" ({quoted}) VALUES ({marks})', rows
            )

    def clear(self, export_id: int, low: int, high: int) -> None:
        where, values = "WHERE export_id = %s AND seq BETWEEN %s AND %s", [export_id, low, high]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {TEXT} ({TEXT}, rowid, body) SELECT 'delete', id, body FROM {MESSAGE} {where}",
                values,
            )
            cursor.execute(f"DELETE FROM {MESSAGE} {where}", values)


def _sqlite_rows(
    first: int, batch: Batch, entries: Sequence[Entry], participants: Sequence[int | None]
) -> list[tuple[Any, ...]]:
    export_id, conversations, kinds = batch.export_id, batch.conversations, KINDS
    rows = []
    for row_id, entry, participant in zip(
        range(first, first + len(entries)), entries, participants, strict=True
    ):
        (
            seq,
            conversation,
            kind,
            _,
            body,
            written,
            local,
            sent,
            offset,
            length,
            file,
            doubt,
            detail,
        ) = entry
        rows.append(
            (
                row_id,
                export_id,
                conversations[conversation],
                participant,
                seq,
                kinds[kind],
                body,
                written,
                local,
                sent_text(sent),
                offset,
                length,
                file or "",
                int(doubt) if doubt else 0,
                None if detail is None else json_text(detail),
            )
        )
    return rows
