"""One batch of entries becomes rows: participants, messages, days, attachments, problems, in one transaction.

Everything here adds to what earlier batches wrote; nothing depends on what this worker holds in memory, so the worker
that follows a killed one goes on where the last committed batch ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection

from records.formats.base import Entry, Problem
from records.ingest.bulk import Batch, Engine
from records.rows import DAY, OWNER, Digest, Piece, clean, clean_name, day_of
from records.rules.base import Files

PROBLEM = (
    *(
        "export_id",
        "code",
        "severity",
        "words",
        "conversation_index",
        "seq",
        "line",
        "offset",
        "length",
    ),
    "unread",
)
ATTACHMENT = ("export_id", "seq", "name", "member", "size", "state")
UPSERT = 500  # rows in one statement


def write(
    engine: Engine,
    batch: Batch,
    pieces: Iterable[Piece],
    problems: Sequence[Problem],
    files: Files,
    sizes: Mapping[str, int],
    digest: Digest,
) -> None:
    """Write everything that a batch of entries gives. Call it inside the transaction that moves the marker."""
    counts = Counter(map(OWNER, batch.entries))
    batch.name_senders()
    batch.participants = _participants(batch, counts)
    engine.messages(batch, pieces, digest)
    _days(batch)
    engine.rows(
        "records_attachment",
        ATTACHMENT,
        _attachments(batch, files, sizes),
    )
    write_problems(engine, batch.export_id, problems)


def write_problems(engine: Engine, export_id: int, problems: Sequence[Problem]) -> None:
    """Problems in the order in which the file shows them."""
    rows = [
        (
            export_id,
            problem.code[:40],
            problem.severity,
            clean(problem.words),
            problem.conversation,
            problem.seq,
            problem.line,
            problem.offset,
            problem.length,
            problem.unread,
        )
        for problem in problems
    ]
    if rows:
        engine.rows("records_problem", PROBLEM, rows)


def write_unnamed(
    engine: Engine, export_id: int, names: Sequence[str], sizes: Mapping[str, int]
) -> None:
    """Files of the archive that no message names."""
    rows = [
        (export_id, None, clean(name)[:500], clean(name)[:500], sizes[name], "unnamed")
        for name in names
    ]
    if rows:
        engine.rows("records_attachment", ATTACHMENT, rows)


def _participants(
    batch: Batch, counts: Mapping[tuple[int, str | None], int]
) -> dict[tuple[int, str], int]:
    """The row of each sender, made when first seen; their entries are counted on."""
    sums: Counter[tuple[int, str]] = Counter()
    for (conversation, sender), count in counts.items():
        if sender is not None:
            sums[conversation, batch.names[sender]] += count
    rows = [
        [batch.conversations[conversation], name, count]
        for (conversation, name), count in sums.items()
    ]
    index_of = {row_id: index for index, row_id in batch.conversations.items()}
    found = _upsert(
        "records_participant",
        "conversation_id, name, entries",
        rows,
        "ON CONFLICT (conversation_id, name) DO UPDATE SET entries = records_participant.entries + excluded.entries "
        "RETURNING conversation_id, name, id",
    )
    return {(index_of[conversation], name): row_id for conversation, name, row_id in found}


def _days(batch: Batch) -> None:
    """Entries of each day by the device's clock."""
    days: dict[tuple[int, int], list[int]] = {}
    last: tuple[int, int] | None = None
    counted = [0, 0]
    for entry in batch.entries:
        if entry.local is None:
            continue
        key = (entry.conversation, entry.local // DAY)
        if key != last:
            last, counted = key, days.setdefault(key, [entry.seq, 0])
        counted[1] += 1
    rows = [
        [batch.conversations[conversation], day, first, count]
        for (conversation, number), (first, count) in days.items()
        if (day := day_of(number * DAY)) is not None
    ]
    _upsert(
        "records_conversationday",
        "conversation_id, day, first_seq, entries",
        rows,
        "ON CONFLICT (conversation_id, day) DO UPDATE SET "
        "entries = records_conversationday.entries + excluded.entries RETURNING id",
    )


def _upsert(
    table: str, columns: str, rows: Sequence[Sequence[Any]], conflict: str
) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for start in range(0, len(rows), UPSERT):
            part = rows[start : start + UPSERT]
            marks = ", ".join(["(" + ", ".join(["%s"] * len(part[0])) + ")"] * len(part))
            values = [value for row in part for value in row]
            cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {marks} {conflict}", values)
            found += cursor.fetchall()
    return found


def _attachments(batch: Batch, files: Files, sizes: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    """Files that messages name, with where they lie in the archive, if they do."""
    for entry in named_files(batch.entries):
        assert entry.attachment is not None
        member = files.find(entry.attachment)
        name = clean_name(entry.attachment)
        if member is None:
            yield batch.export_id, entry.seq, name, "", 0, "missing"
        else:
            yield batch.export_id, entry.seq, name, clean(member)[:500], sizes[member], "present"


def named_files(entries: Sequence[Entry]) -> list[Entry]:
    """Entries that name a file."""
    return [entry for entry in entries if entry.attachment]


def set_of(export_id: int) -> tuple[int, int | None, int | None, int]:
    """The rows of an export: how many, first, last, and how many point to a conversation or sender that is not its."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(m.seq), max(m.seq), coalesce(sum(CASE WHEN c.id IS NULL "
            "OR (m.participant_id IS NOT NULL AND p.id IS NULL) THEN 1 ELSE 0 END), 0) FROM records_message m "
            "LEFT JOIN records_conversation c ON c.id = m.conversation_id AND c.export_id = m.export_id "
            "LEFT JOIN records_participant p ON p.id = m.participant_id AND p.conversation_id = m.conversation_id "
            "WHERE m.export_id = %s",
            [export_id],
        )
        count, first, last, stray = cursor.fetchone()
    return count, first, last, int(stray)
