"""The bytes of attachments, out of the sealed export: a member of its archive, or content that stands inside a text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO

from portal.vault import store
from records.attachments.decoding import NotDecodable, decoded
from records.formats.base import Rejected
from records.formats.source import FileSource, open_source
from records.models import Attachment, Message, MessageExport, TextPart

PIECE = 1 << 16


class Unreadable(Exception):
    """The bytes of this attachment cannot be had; the words say why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class AttachedFiles:
    """The attachments of one export that is open. Those inside a text are best asked for in their order there."""

    def __init__(self, source: FileSource, export: MessageExport) -> None:
        self._source, self._export = source, export
        self._parts: dict[int, list[TextPart]] = {}
        self._member: str | None = None  # of the text that is open
        self._stream: BinaryIO | None = None
        self._at = 0  # its next byte

    def pieces(self, attachment: Attachment) -> Iterator[bytes]:
        """The bytes, decoded, in pieces. Raises Unreadable."""
        try:
            if attachment.member:
                with closing(self._source.open(attachment.member)) as stream:
                    while piece := stream.read(PIECE):
                        yield piece
            else:
                yield from decoded(self._of_text(attachment), attachment.encoding)
        except Rejected as rejected:
            raise Unreadable(rejected.words) from None
        except NotDecodable as error:
            raise Unreadable(error.words) from None

    def _of_text(self, attachment: Attachment) -> Iterator[bytes]:
        if attachment.offset is None:
            raise Unreadable("The export does not hold its content.")
        part = self._part_of(attachment, attachment.offset)
        stream = self._reach(part.member, attachment.offset - part.start)
        left = attachment.length
        while left:
            piece = stream.read(min(left, PIECE))
            if not piece:
                raise Unreadable("The export ends before the content of this file does.")
            self._at += len(piece)
            left -= len(piece)
            yield piece

    def _part_of(self, attachment: Attachment, offset: int) -> TextPart:
        """The file or member in which an offset of the entry's text lies."""
        named_by = Message.objects.filter(export=self._export, seq=attachment.seq or 0)
        text = named_by.values_list("conversation__text", flat=True).first()
        if text is None:
            raise Unreadable("The entry that names it is not there.")
        if text not in self._parts:
            found = TextPart.objects.filter(export=self._export, text=text)
            self._parts[text] = list(found.order_by("start", "id"))
        parts = self._parts[text]
        index = bisect_right(parts, offset, key=lambda part: part.start) - 1
        if index < 0:
            raise Unreadable("The place of its content is not known.")
        return parts[index]

    def _reach(self, member: str, offset: int) -> BinaryIO:
        """The text's stream at an offset: on from where it stands, or opened again."""
        if self._stream is None or self._member != member or offset < self._at:
            self.close()
            self._stream, self._member, self._at = self._source.open(member or None), member, 0
        if self._stream.seekable():
            self._stream.seek(offset)
        else:
            while self._at < offset:
                skipped = len(self._stream.read(min(offset - self._at, 4 * PIECE)))
                if not skipped:
                    raise Unreadable("The export ends before the content of this file begins.")
                self._at += skipped
        self._at = offset
        return self._stream

    def close(self) -> None:
        """Close the text that is open; the source is the caller's."""
        if self._stream is not None:
            self._stream.close()
        self._stream = None


def stream_of(attachment: Attachment, export: MessageExport) -> Iterator[bytes]:
    """The bytes of one attachment; the export is open as long as it is read. Raises Unreadable and OSError."""
    with open_source(store.path_of(export.stored_file.sha256), export.name) as source:
        files = AttachedFiles(source, export)
        with closing(files):
            yield from files.pieces(attachment)
