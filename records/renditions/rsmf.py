"""A conversation as one RSMF 2.0.0 file, made while it is sent: memory does not grow with the conversation.

An RSMF file is a mail with one attachment, `rsmf.zip`, which holds the manifest and the files that messages name. The
rules are the vendor's (docs/formats/rsmf.md); what RSMF has no property for stands in `custom`, so nothing is lost.
"""

from __future__ import annotations

import json
import zipfile
from base64 import encodebytes
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime

from django.db.models import Count, Max, Min, Sum
from django.utils import timezone

from portal.vault import store
from records.attached import AttachedFiles
from records.formats.source import open_source
from records.models import Conversation, Message
from records.renditions import rsmf_events
from records.renditions.rsmf_events import moment_text, reading_text
from records.renditions.rsmf_files import Held, HeldFiles

MANIFEST, ARCHIVE = "rsmf_manifest.json", "rsmf.zip"
BATCH = 1_000
LINE = 57 * 1_024  # bytes that become whole lines of base64
LARGE = 1 << 30  # bytes above which a member is written with 64-bit sizes
MOST_NAMED = 100  # participants in the header and the text of the mail
MOST_SHOWN = 100  # messages in the text of the mail
BOUNDARY = "=_custos_rsmf"  # "=_" stands in no base64
END = "\r\n"


class ConversationChanged(Exception):
    """Entries came or went while the file was made; it is broken off, so nobody takes it for whole."""


def stream(conversation: Conversation) -> Iterator[bytes]:
    """The bytes of the file. Raises `ConversationChanged` when the rows are dropped meanwhile."""
    export = conversation.export
    with (
        open_source(store.path_of(export.stored_file.sha256), export.name) as source,
        closing(AttachedFiles(source, export)) as files,
    ):
        rendition = _Rendition(conversation, files)
        yield from rendition.head()
        yield from filter(None, rendition.archive())
        yield f"{END}--{BOUNDARY}--{END}".encode()


class _Rendition:
    def __init__(self, conversation: Conversation, files: AttachedFiles) -> None:
        self._conversation, self._files = conversation, files
        self._export = conversation.export
        self._people = list(conversation.participants.order_by("pk"))
        self._ids = {person.pk: f"p{number}" for number, person in enumerate(self._people, 1)}
        self._held = HeldFiles(conversation, files)
        rows = Message.objects.filter(conversation=conversation)
        self._figures = rows.aggregate(
            count=Count("pk"),
            first=Min("sent_at"),
            last=Max("sent_at"),
            first_local=Min("local"),
            last_local=Max("local"),
            size=Sum("length"),
        )

    # -- the mail --

    def head(self) -> Iterator[bytes]:
        """Headers and text of the mail, up to the content of its attachment."""
        figures, names = self._figures, [_line(person.shown) for person in self._people]
        first, last = moment_text(figures["first"]), moment_text(figures["last"])
        told = {
            "X-RSMF-Version": "2.0.0",
            "X-RSMF-Generator": "Custos",
            "X-RSMF-BeginDate": first or reading_text(figures["first_local"]),
            "X-RSMF-EndDate": last or reading_text(figures["last_local"]),
            "X-RSMF-EventCount": str(figures["count"]),
            "X-RSMF-AttachmentCount": str(self._held.count),
            "X-RSMF-Application": _line(self._export.tool.name),
            "X-RSMF-Custodian": _line(self._export.custodian.person.name),
            "X-RSMF-Participants": ", ".join(names[:MOST_NAMED]),
            "From": "Custos <custos@custos.invalid>",
            "Subject": _line(f"{self._export.number}: {self._conversation.title}"),
            "Date": format_datetime(timezone.now()),
            "MIME-Version": "1.0",
            "Content-Type": f'multipart/mixed; boundary="{BOUNDARY}"',
        }
        lines = [f"{name}: {_coded(value)}" for name, value in told.items() if value]
        text = encodebytes(self._text(names).encode()).decode().replace("\n", END)
        lines += [
            "",
            f"--{BOUNDARY}",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
            "",
            f"{text}--{BOUNDARY}",
            f'Content-Type: application/zip; name="{ARCHIVE}"',
            f'Content-Disposition: attachment; filename="{ARCHIVE}"',
            "Content-Transfer-Encoding: base64",
            "",
            "",
        ]
        yield END.join(lines).encode()

    def _text(self, names: list[str]) -> str:
        """What a program that does not know RSMF shows: who took part, and how the conversation begins."""
        lines = [self._conversation.title, ", ".join(names[:MOST_NAMED]), ""]
        for row in self._rows()[:MOST_SHOWN].select_related("participant"):
            who = row.participant.shown if row.participant else ""
            lines.append(f"{row.written} {who}: {row.body[:500]}")
        if self._figures["count"] > MOST_SHOWN:
            lines.append(f"The first {MOST_SHOWN} of {self._figures['count']:,} entries.")
        return END.join(lines) + END

    def _rows(self) -> rsmf_events.Rows:
        rows = Message.objects.filter(conversation=self._conversation)
        return rows.order_by("-seq" if self._conversation.newest_first else "seq")

    # -- the archive --

    def archive(self) -> Iterator[bytes]:
        """rsmf.zip in base64, packed piece by piece."""
        sink = _Base64()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
            # An event takes some hundred bytes more than its text, and JSON at most six for one of the text.
            large = 6 * (self._figures["size"] or 0) + 1_000 * self._figures["count"] > LARGE
            with packed.open(_member(MANIFEST), "w", force_zip64=large) as manifest:
                for piece in self._manifest():
                    manifest.write(piece.encode())
                    yield sink.taken()
            for held in self._held.walk():
                yield from self._file(packed, held, sink)
        yield sink.taken()
        yield sink.rest()

    def _file(self, packed: zipfile.ZipFile, held: Held, sink: _Base64) -> Iterator[bytes]:
        large = max(held.row.size, held.row.length) > LARGE
        with packed.open(_member(held.id), "w", force_zip64=large) as member:
            for piece in self._files.pieces(held.row):
                member.write(piece)
                yield sink.taken()

    def _manifest(self) -> Iterator[str]:
        people = [rsmf_events.participant(person, self._ids[person.pk]) for person in self._people]
        room = rsmf_events.conversation(self._conversation, self._people, self._ids)
        yield '{"version":"2.0.0","participants":'
        yield _json(people)
        yield f',"conversations":[{_json(room)}],"events":['
        events = rsmf_events.Events(self._people, self._ids)
        count = 0
        for row, held in self._held.beside(self._batches()):
            yield ("," if count else "") + _json(events.event(row, held))
            count += 1
        if count != self._figures["count"]:
            raise ConversationChanged(f"{count} of {self._figures['count']} entries")
        yield "]}"

    def _batches(self) -> Iterator[list[Message]]:
        """Rows in order, a bounded number at a time; each batch is found by position, so no cursor stays open."""
        rows, last = self._rows(), None
        beyond = "seq__lt" if self._conversation.newest_first else "seq__gt"
        while batch := list((rows if last is None else rows.filter(**{beyond: last}))[:BATCH]):
            last = batch[-1].seq
            yield batch


class _Base64:
    """What the archive is written to: whole lines of base64 are taken away as they become ready."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """What is left is asked for by `rest`."""

    def taken(self) -> bytes:
        """The lines that are whole."""
        whole = len(self._bytes) // LINE * LINE
        if not whole:
            return b""
        piece = bytes(self._bytes[:whole])
        del self._bytes[:whole]
        return encodebytes(piece).replace(b"\n", b"\r\n")

    def rest(self) -> bytes:
        """The last lines."""
        return encodebytes(bytes(self._bytes)).replace(b"\n", b"\r\n")


def _member(name: str) -> zipfile.ZipInfo:
    """A member with the time of making, which ZipInfo does not take by itself."""
    info = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _line(text: str) -> str:
    """A text as one line: what stands in a header must not begin another."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _coded(value: str) -> str:
    """A header's value, folded, and encoded where it is not ASCII (RFC 2047)."""
    charset = "us-ascii" if value.isascii() else "utf-8"
    return Header(value, charset, maxlinelen=76, header_name="X-RSMF-AttachmentCount").encode(
        linesep=END
    )
