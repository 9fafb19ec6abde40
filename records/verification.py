"""Proof that the rows are what the sealed files say, and that the log is whole (invariants I2, I7; 36 CFR 1236.10).

Each ready export is read from its sealed file again, line by line beside its rows, so a changed row is not only noticed
but located. Nothing is changed here, except that each fixity check leaves its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, zip_longest
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, F, Sum
from django.utils import timezone

from portal.audit import checkpoints, guards, log
from portal.vault import fixity, store
from portal.vault.models import StoredFile
from records.formats.base import Entry, Problem, Question, Rejected, Survey
from records.formats.source import open_source
from records.ingest import evidence
from records.models import Finding, Message, MessageExport
from records.reading import Reading, place_of, read_export
from records.rows import Digest, clean, clean_value, json_text, piece_of

CHUNK = 2_000
MOST_LOCATED = 10  # rows of one export that are told one by one
COLUMNS = (
    *(
        "conversation",
        "sender",
        "seq",
        "kind",
        "body",
        "written",
        "local",
        "sent_at",
        "offset",
        "length",
    ),
    *("attachment", "doubt", "detail"),
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Violation(NamedTuple):
    """Something that is not as it must be: its code, where, and what to do."""

    code: str
    place: str
    words: str
    note: bool = False  # worth a look, but nothing is lost or changed


def sealed_file(stored: StoredFile) -> Iterator[Violation]:
    """Is this file still what was sealed?"""
    outcome = fixity.check(stored)
    if not outcome.intact:
        missing = not store.path_of(stored.sha256).exists()
        words = f"{outcome.words} Restore it from a backup and verify again."
        yield Violation(
            "V-MISSING" if missing else "V-CHANGED", f"sealed file {stored.sha256}", words
        )


def strays() -> Iterator[Violation]:
    """Files in the store that no row knows, and uploads that were cut off."""
    for path in fixity.orphans():
        words = (
            "No row knows this file: the portal was stopped before it entered it, its row was removed, or somebody put "
            "it there. It is kept."
        )
        yield Violation("V-ORPHAN", f"store/{path}", words, note=True)
    for path, last in fixity.cut_off(timezone.now()):
        words = (
            f"An upload that was cut off on {timezone.localtime(last):%Y-%m-%d at %H:%M}. It was never received: no "
            "export rests on it. Ask who handed in at that time whether the export is there, then delete this file."
        )
        yield Violation("V-CUT-OFF", f"store/{path}", words, note=True)


def audit_log() -> Iterator[Violation]:
    """The chain, its checkpoints outside the database, and the guards inside it."""
    for found in (*log.breaks(), *checkpoints.breaks()):
        yield Violation(found.code, f"audit event {found.sequence}", found.words)
    for name in guards.missing(connection):
        yield Violation(
            "A-GUARD",
            f"trigger {name}",
            "The guard is missing, so rows could be changed. Run migrate.",
        )


def text_index() -> Iterator[Violation]:
    """On SQLite the full-text rows are a table of their own: do they match the messages?"""
    if connection.vendor != "sqlite":
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO records_message_text (records_message_text, rank) VALUES ('integrity-check', 1)"
            )
    except DatabaseError:
        words = "The full-text index does not match the messages. Run verify --rebuild."
        yield Violation("I-TEXT-INDEX", "search", words)


def rows_of(export: MessageExport) -> Iterator[Violation]:
    """Do the rows of a ready export come out of its sealed file, unchanged?"""
    try:
        with open_source(store.path_of(export.stored_file.sha256), export.name) as source:
            answers = {**export.answers, "time_zone": export.time_zone or settings.TIME_ZONE}
            reading = read_export(source, answers)
            if isinstance(reading, Question) or reading.questions:
                yield Violation(
                    "I-QUESTION",
                    export.number,
                    "The reader now asks a question. Read the export again.",
                )
                return
            yield from _compared(export, reading)
    except (Rejected, OSError) as error:
        words = error.words if isinstance(error, Rejected) else "The sealed file cannot be opened."
        yield Violation("I-UNREADABLE", export.number, f"{words} The rows are kept as they are.")


def _compared(export: MessageExport, reading: Reading) -> Iterator[Violation]:
    problems: list[Problem] = []
    again, kept = Digest(), Digest()
    located = 0
    for expected, found in zip_longest(
        _read_lines(reading, problems, again), _row_lines(export, kept)
    ):
        if expected != found:
            located += 1
            if located <= MOST_LOCATED:
                yield _difference(export, expected, found)
    for digest, code, words in (
        (
            again,
            "I-DIGEST-FILE",
            "The file gives other rows than when it was read. Was the reader changed? Reread it.",
        ),
        (
            kept,
            "I-DIGEST-ROWS",
            "The rows are not the ones that were written. Reread the export from its sealed file.",
        ),
    ):
        if digest.hexdigest() != export.rows_digest:
            yield Violation(code, export.number, words)
    if located > MOST_LOCATED:
        yield Violation(
            "I-ROWS-MORE", export.number, f"{located - MOST_LOCATED:,} more entries differ."
        )
    yield from _compared_totals(export, reading)
    yield from _compared_problems(export, problems, reading.survey)
    yield from _compared_findings(export, reading)


def _read_lines(reading: Reading, problems: list[Problem], digest: Digest) -> Iterator[str]:
    def entries() -> Iterator[Entry]:
        for item in reading.stream(check_files=False):
            if isinstance(item, Entry):
                yield item
            else:
                problems.append(item)

    return _lines(entries(), digest)


def _row_lines(export: MessageExport, digest: Digest) -> Iterator[str]:
    rows = (
        Message.objects.filter(export=export)
        .order_by("seq")
        .values_list(
            *(
                "seq",
                "conversation__index",
                "kind",
                "participant__name",
                "body",
                "written",
                "local",
                "sent_at",
            ),
            *("offset", "length", "attachment", "doubt", "detail"),
        )
    )
    return _lines((_entry(row) for row in rows.iterator(chunk_size=CHUNK)), digest)


def _entry(row: tuple[object, ...]) -> Entry:
    values = list(row)
    sent = values[7]
    values[7] = (sent - _EPOCH) // _MICROSECOND if isinstance(sent, datetime) else None
    return Entry._make(values)


def _lines(entries: Iterable[Entry], digest: Digest) -> Iterator[str]:
    pending = iter(entries)
    while entries_of_piece := list(islice(pending, CHUNK)):
        piece = piece_of(entries_of_piece)
        digest.update(piece)
        yield from piece.full_lines()


def _difference(export: MessageExport, expected: str | None, found: str | None) -> Violation:
    if expected is None or found is None:
        code = "I-ROW-ADDED" if expected is None else "I-ROW-MISSING"
        line = found or expected or ""
        words = (
            "The file has no such entry."
            if expected is None
            else "The entry of the file has no row."
        )
        return Violation(
            code, _place(export, line), f"{words} Reread the export from its sealed file."
        )
    pairs = zip(
        COLUMNS, expected.rstrip("\n").split("\t"), found.rstrip("\n").split("\t"), strict=True
    )
    names = ", ".join(name for name, one, other in pairs if one != other)
    words = f"The row differs from the file in: {names}. Reread the export from its sealed file."
    return Violation("I-ROW-CHANGED", _place(export, expected), words)


def _place(export: MessageExport, line: str) -> str:
    return f"{export.number} entry {line.split(chr(9), 3)[2]}"


def _compared_totals(export: MessageExport, reading: Reading) -> Iterator[Violation]:
    summary = reading.summary
    people = export.conversations.aggregate(total=Sum("participants__entries"))["total"] or 0
    days = export.conversations.aggregate(total=Sum("days__entries"))["total"] or 0
    messages = Message.objects.filter(export=export)
    told = (
        ("entries", export.entries, summary.entries),
        ("bytes read", export.bytes_owned, summary.bytes_owned),
        (
            "entries by kind",
            export.kinds,
            {str(kind): count for kind, count in summary.kinds.items()},
        ),
        ("entries by sender", people, messages.filter(participant__isnull=False).count()),
        ("entries by day", days, messages.filter(local__isnull=False).count()),
    )
    for name, kept, true in told:
        if kept != true:
            words = f"The total \u201c{name}\u201d does not match the file. Reread the export."
            yield Violation("I-TOTAL", export.number, words)


def _compared_problems(
    export: MessageExport, problems: list[Problem], survey: Survey
) -> Iterator[Violation]:
    told = [(item, *place_of(item, survey)) for item in problems]
    expected = sorted(
        (item.code, item.seq or 0, clean(member)[:500], offset or 0, clean(item.words))
        for item, member, offset in told
    )
    # Problems of time zones (T-), of what was said at hand-in (O-) and of attachments (without a place) come from
    # elsewhere than the text.
    rows = export.problems.exclude(code__startswith="T-").exclude(code__startswith="Z-")
    rows = rows.exclude(code__startswith="O-")
    kept = sorted(
        (code, seq or 0, member, offset or 0, words)
        for code, seq, member, offset, words in rows.values_list(
            "code", "seq", "member", "offset", "words"
        )
    )
    if expected != kept:
        yield Violation(
            "I-PROBLEMS",
            export.number,
            "The problems kept are not the ones of the file. Reread it.",
        )


def _compared_findings(export: MessageExport, reading: Reading) -> Iterator[Violation]:
    founds = reading.summary.findings
    expected = {
        key: (
            found.code,
            clean(found.title)[:200],
            clean(found.explanation),
            clean(found.advice),
            found.count,
            found.counts,
            _detail(found.detail),
        )
        for key, found in zip(evidence.keys(founds), founds, strict=True)
    }
    rows = Finding.objects.filter(export=export, withdrawn=False)
    kept = {
        row.key: (
            *(row.code, row.title, row.explanation, row.advice),
            *(row.count, row.counts, _detail(row.detail)),
        )
        for row in rows
    }
    numbers = {row.key: f"{export.number} finding {row.number}" for row in rows}
    for key in expected.keys() | kept.keys():
        if expected.get(key) != kept.get(key):
            words = "The finding is not what the rules see in the file. Reread the export."
            yield Violation("I-FINDING", numbers.get(key, export.number), words)
    cited = rows.annotate(total=Count("cited")).values_list("key", "total")
    seqs = {
        key: len(set(found.seqs)) for key, found in zip(evidence.keys(founds), founds, strict=True)
    }
    for key, total in cited:
        if key in seqs and seqs[key] != total:
            words = "The finding does not cite the entries it rests on. Reread the export."
            yield Violation("I-CITED", numbers[key], words)


def _detail(value: object) -> str:
    return json_text(clean_value(value))


def ready_exports(sample: int | None) -> Iterable[MessageExport]:
    """The exports to check: all, or a random sample."""
    exports = MessageExport.objects.filter(state=MessageExport.State.READY).select_related(
        "stored_file"
    )
    if sample is not None:
        return list(exports.order_by("?")[:sample])
    return exports.order_by("id").iterator(chunk_size=50)


def sealed_files(sample: int | None) -> Iterable[StoredFile]:
    """The sealed files to check: all, or a random sample."""
    files = StoredFile.objects.all()
    if sample is not None:
        return list(files.order_by("?")[:sample])
    return files.order_by(F("id")).iterator(chunk_size=500)
