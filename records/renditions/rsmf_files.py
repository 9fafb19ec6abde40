"""The files of a conversation that the agency holds, as members of an RSMF archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import PurePosixPath
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from records.attached import AttachedFiles, Unreadable
from records.models import Attachment, Conversation, Message


class Held(NamedTuple):
    """A file that goes along, and its name in rsmf.zip."""

    id: str
    row: Attachment


class Beside(NamedTuple):
    """The files that one entry names."""

    held: list[Held]
    lacking: list[str]  # name and reason


class HeldFiles:
    """The files that entries of one conversation name."""

    def __init__(self, conversation: Conversation, files: AttachedFiles) -> None:
        self._conversation = conversation
        self._unreadable = frozenset(self._tried(files))
        self.count = sum(1 for _ in self.walk())

    def _tried(self, files: AttachedFiles) -> Iterator[int]:
        """Keys of files that cannot be read, among those whose bytes nobody has looked at yet: they are tried out."""
        for row in _rows(self._conversation).filter(content=None).iterator():
            if _reason(row):
                continue
            try:
                for _ in files.pieces(row):
                    pass
            except Unreadable:
                yield row.pk

    def walk(self) -> Iterator[Held]:
        """All that go along, in the order of their entries."""
        rows = _rows(self._conversation).select_related("content")
        for _, found in groupby(rows.iterator(), lambda row: row.seq):
            yield from self._of(list(found)).held

    def beside(self, batches: Iterable[list[Message]]) -> Iterator[tuple[Message, Beside]]:
        """Each entry with its files."""
        for batch in batches:
            rows = (
                Attachment.objects.filter(
                    export=self._conversation.export_id, seq__in=[entry.seq for entry in batch]
                )
                .select_related("content")
                .order_by("seq", "pk")
            )
            files = {seq: list(found) for seq, found in groupby(rows, lambda row: row.seq)}
            for entry in batch:
                yield entry, self._of(files.get(entry.seq, []))

    def _of(self, rows: list[Attachment]) -> Beside:
        held, lacking = [], []
        for number, row in enumerate(rows, 1):
            reason = "its bytes cannot be read" if row.pk in self._unreadable else _reason(row)
            if reason:
                lacking.append(f"{row.name} ({reason})")
                continue
            suffix = PurePosixPath(row.name).suffix
            kept = suffix if suffix.isascii() and suffix[1:].isalnum() and len(suffix) < 12 else ""
            held.append(Held(f"{row.seq:07d}-{number}{kept}", row))
        return Beside(held, lacking)


def _rows(conversation: Conversation) -> QuerySet[Attachment]:
    entries = Message.objects.filter(conversation=conversation).values("seq")
    found = Attachment.objects.filter(export=conversation.export_id, seq__in=entries)
    return found.order_by("seq", "pk")


def _reason(row: Attachment) -> str:
    """Why a file does not go along; empty when it does. The same rules as for a copy of a single one."""
    if row.state != Attachment.State.PRESENT:
        return str(row.get_state_display()).lower()
    if row.unreadable:
        return "its bytes cannot be read"
    if row.content is None:
        return "it waits for the scanner" if settings.CLAMD_URL else ""
    return "in quarantine: the scanner calls it infected" if row.content.infected else ""
