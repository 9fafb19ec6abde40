"""The bulk path of each database engine: COPY on PostgreSQL, `executemany` on SQLite, inside Django's transaction.

Rows of entries come as batches. Canonical lines and their digest are made here too, piece by piece, so that on
PostgreSQL the server loads one piece while the next is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Protocol

from django.db import connection, transaction

from records.formats.base import Entry
from records.rows import (
    KINDS,
    NULL,
    OWNER,
    Digest,
    Piece,
    clean_name,
    escape,
    json_text,
    piece_of,
    sent_text,
)

PIECE = 2_000  # entries
STOCK = 5  # an export that is more than a fifth of all entries makes old statistics misleading
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

    def participant_of(self, key: tuple[int, str | None]) -> int | None:
        """The row of a conversation's sender."""
        conversation, sender = key
        return None if sender is None else self.participants[conversation, self.names[sender]]

    def senders(self) -> set[tuple[int, str | None]]:
        """Each conversation and sender of the batch, once."""
        return set(map(OWNER, self.entries))


class Engine(Protocol):
    """How one database engine takes many rows."""

    most: int  # rows of one transaction

    def pieces(self, entries: Sequence[Entry]) -> Iterable[Piece]:
        """The canonical form of a batch: made at once, or while the server loads, whichever suits the engine."""

    def messages(self, batch: Batch, pieces: Iterable[Piece], digest: Digest) -> None:
        """Write the rows of a batch and feed the digest."""

    def rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write plain rows of any other table."""

    def clear(self, export_id: int, low: int, high: int) -> None:
        """Delete the rows of entries `low` to `high`, full-text rows included."""

    def take_stock(self, entries: int) -> None:
        """Have the planner know about many new entries, so that search is fast at once."""


def engine() -> Engine:
    """The bulk path of the database in use."""
    return Postgres() if connection.vendor == "postgresql" else Sqlite()


def digest_only(entries: Sequence[Entry], digest: Digest) -> None:
    """Feed the digest with entries whose rows were committed before."""
    for piece in _pieces(entries):
        digest.update(piece)


def _pieces(entries: Sequence[Entry]) -> Iterator[Piece]:
    for start in range(0, len(entries), PIECE):
        yield piece_of(entries[start : start + PIECE])


class _Pull:
    """A file for `copy_expert` that makes its next piece when the driver asks for it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int = -1) -> bytes:
        # The driver sends whatever length it gets; a piece is larger than it asks for, and that saves calls.
        return next(self._pieces, b"")


class Postgres:
    """COPY from memory, in text form."""

    most = 50_000

    def pieces(self, entries: Sequence[Entry]) -> Iterator[Piece]:
        return _pieces(entries)

    def messages(self, batch: Batch, pieces: Iterable[Piece], digest: Digest) -> None:
        self._copy(MESSAGE, _QUOTED, self._message_lines(batch, pieces, digest))

    def _message_lines(
        self, batch: Batch, pieces: Iterable[Piece], digest: Digest
    ) -> Iterator[bytes]:
        starts = {}
        for key in batch.senders():
            participant = batch.participant_of(key)
            own = NULL if participant is None else participant
            starts[key] = f"{batch.export_id}\t{batch.conversations[key[0]]}\t{own}\t"
        for piece in pieces:
            owners = map(starts.__getitem__, map(OWNER, piece.entries))
            yield "".join(chain.from_iterable(zip(owners, piece.lines, strict=True))).encode()
            # The server is busy with the piece above while the digest takes it here.
            digest.update(piece)

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

    def take_stock(self, entries: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [MESSAGE])
            known = cursor.fetchone()[0]
            # The server does it by itself within minutes, and it costs a second: only where search would suffer.
            if known < entries * STOCK:
                cursor.execute("SET LOCAL default_statistics_target = 50")
                cursor.execute(f"ANALYZE {MESSAGE}")


def _copy_value(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    return escape(value) if isinstance(value, str) else str(value)


class Sqlite:
    """`executemany` on the raw connection; the full-text rows follow from the rows just written."""

    most = 2_000  # there is one writer: whoever hands in or signs in waits while a batch is written

    def pieces(self, entries: Sequence[Entry]) -> list[Piece]:
        return list(_pieces(entries))

    def messages(self, batch: Batch, pieces: Iterable[Piece], digest: Digest) -> None:
        first = at = self._next_id()
        participants = {key: batch.participant_of(key) for key in batch.senders()}
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        with connection.cursor() as cursor:
            raw = cursor.connection
            for piece in pieces:
                digest.update(piece)
                rows = _sqlite_rows(at, batch, piece.entries, participants)
                raw.executemany(f"INSERT INTO {MESSAGE} (id, {_QUOTED}) VALUES ({marks})", rows)
                at += len(rows)
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

    def take_stock(self, entries: int) -> None:
        """SQLite's plans for these queries do not depend on statistics."""


def _sqlite_rows(
    first: int,
    batch: Batch,
    entries: Sequence[Entry],
    participants: Mapping[tuple[int, str | None], int | None],
) -> list[tuple[Any, ...]]:
    export_id, conversations, kinds, text = batch.export_id, batch.conversations, KINDS, sent_text
    # One plain tuple for each row: this runs for every entry.
    return [
        (
            row_id, export_id, conversations[conversation], participants[conversation, sender], seq, kinds[kind],
            body, written, local, text(sent), offset, length, file or "", doubt and int(doubt),
            None if detail is None else json_text(detail),
        )
        for row_id, (
            seq, conversation, kind, sender, body, written, local, sent, offset, length, file, doubt, detail,
        ) in enumerate(entries, first)
    ]  # fmt: skip
