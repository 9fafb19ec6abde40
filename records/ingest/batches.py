"""One batch of entries becomes rows: participants, messages, days, attachments, problems, in one transaction.

Everything here adds to what earlier batches wrote; nothing depends on what this worker holds in memory, so the worker
that follows a killed one goes on where the last committed batch ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection

from records.formats.base import Entry, NamedFile, Person, Problem, Survey, files_of
from records.ingest.bulk import Batch, Engine
from records.models import Attachment, Participant
from records.reading import place_of
from records.rows import DAY, OWNER, Digest, Piece, clean, clean_name, day_of
from records.rules.base import Files

PROBLEM = (
    *(
        "export_id",
        "code",
        "severity",
        "words",
        "member",
        "seq",
        "line",
        "offset",
        "length",
    ),
    "unread",
)
ATTACHMENT = (
    *(
        "export_id",
        "seq",
        "name",
        "member",
        "size",
        "declared_type",
        "offset",
        "length",
        "encoding",
    ),
    *("left_out", "state"),
)
UPSERT = 500  # rows in one statement


def write(
    engine: Engine,
    batch: Batch,
    pieces: Iterable[Piece],
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


def write_problems(
    engine: Engine, export_id: int, problems: Sequence[Problem], survey: Survey
) -> None:
    """Problems in the order in which the file shows them."""
    rows = []
    for problem in problems:
        member, offset = place_of(problem, survey)
        rows.append(
            (
                export_id, problem.code[:40], problem.severity, clean(problem.words), clean(member)[:500],
                problem.seq, problem.line, offset, problem.length, problem.unread,
            )
        )  # fmt: skip
    if rows:
        engine.rows("records_problem", PROBLEM, rows)


def write_unnamed(
    engine: Engine, export_id: int, names: Sequence[str], sizes: Mapping[str, int]
) -> None:
    """Files of the archive that no message names."""
    rows = [
        (
            export_id,
            None,
            clean(name)[:500],
            clean(name)[:500],
            sizes[name],
            "",
            None,
            0,
            "",
            "",
            "unnamed",
        )
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
    for entry, file in named_files(batch.entries):
        member = files.find(file, entry.conversation)
        if member is not None:
            size, state = sizes[member], Attachment.State.PRESENT
        elif file.offset is not None:
            size, state = file.size or 0, Attachment.State.PRESENT
        else:
            size = file.size or 0
            state = Attachment.State.LEFT_OUT if file.left_out else Attachment.State.MISSING
        yield (
            batch.export_id, entry.seq, clean_name(file.name), clean(member or "")[:500], size,
            clean(file.type)[:100], file.offset, file.length, file.encoding[:20], clean(file.left_out)[:200],
            state.value,
        )  # fmt: skip


def named_files(entries: Sequence[Entry]) -> Iterator[tuple[Entry, NamedFile]]:
    """Each file that an entry names."""
    for entry in entries:
        if entry.attachment:
            for file in files_of(entry):
                yield entry, file


def introduce(export_id: int, people: Mapping[str, Person]) -> None:
    """What the export tells about senders besides how messages name them."""
    known = {clean_name(sender): person for sender, person in people.items()}
    if not known:
        return
    changed = []
    rows = Participant.objects.filter(conversation__export=export_id)
    for row in rows.iterator(chunk_size=UPSERT):
        person = known.get(row.name)
        if person is None:
            continue
        row.display, row.handle = clean_name(person.name), clean_name(person.handle)
        row.handle_kind, row.exporter = person.handle_kind[:10], person.exporter
        changed.append(row)
    Participant.objects.bulk_update(
        changed, ("display", "handle", "handle_kind", "exporter"), batch_size=UPSERT
    )


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
