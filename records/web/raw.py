"""Sealed bytes as a person can read them: offsets, hexadecimal and text, control characters visible."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from portal.errors import UserError
from portal.vault import store
from records.formats.base import Rejected
from records.formats.source import open_source
from records.models import Conversation, Message, MessageExport, TextPart

BESIDE, PAGE, WIDTH = 1024, 4096, 16
_PRINTABLE = range(0x20, 0x7F)


class HexLine(NamedTuple):
    offset: int  # in the file or archive member
    hexadecimal: str
    text: str  # printable ASCII; a dot for any other byte


class Piece(NamedTuple):
    """A part of the bytes of one entry."""

    member: str  # of the archive; empty for a plain file
    lines: list[HexLine]
    text: str  # the same bytes as the file's encoding reads them
    start: int  # within the entry
    length: int
    end: int  # within the entry
    encoding: str
    earlier: int | None
    later: int | None


def piece_of(conversation: Conversation, entry: Message, start: int, size: int) -> Piece:
    """At most `size` bytes of an entry from `start`. Raises UserError when the sealed file cannot be read."""
    start = min(max(0, start), max(0, entry.length - 1)) // WIDTH * WIDTH
    wanted = min(size, entry.length - start)
    part = part_of(conversation, entry.offset)
    place = entry.offset - part.start + start
    data = _bytes(conversation, part, place, wanted)
    lines = [
        HexLine(
            place + at,
            data[at : at + WIDTH].hex(" "),
            "".join(chr(byte) if byte in _PRINTABLE else "." for byte in data[at : at + WIDTH]),
        )
        for at in range(0, len(data), WIDTH)
    ]
    encoding = _encoding(conversation.export)
    return Piece(
        member=part.member,
        lines=lines,
        text=data.decode(encoding, "replace"),
        start=start,
        length=len(data),
        end=start + len(data),
        encoding=encoding.upper(),
        earlier=max(0, start - size) if start else None,
        later=start + len(data) if start + len(data) < entry.length and data else None,
    )


def _bytes(conversation: Conversation, part: TextPart, offset: int, length: int) -> bytes:
    export = conversation.export
    try:
        with open_source(store.path_of(export.stored_file.sha256), export.name) as source:
            return source.raw(part.member or None, offset, length)
    except (OSError, Rejected) as error:
        raise unreadable() from error


def part_of(conversation: Conversation, offset: int) -> TextPart:
    """The file or member that holds an offset of a conversation's text."""
    parts = TextPart.objects.filter(
        export=conversation.export_id, text=conversation.text, start__lte=offset
    )
    part = parts.order_by("-start", "-id").first()
    if part is None:
        raise unreadable()
    return part


def _encoding(export: MessageExport) -> str:
    name = str(export.reading.get("encoding", "utf-8"))
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"


def unreadable() -> UserError:
    """What a page says when sealed bytes cannot be had."""
    return UserError(
        "V-UNREADABLE",
        "The sealed bytes could not be read.",
        next_step="Tell the administrator: the fixity check of this file shows whether it is damaged.",
    )
