"""`data.json`: one JSON object a line, the fullest of what signal-export writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from records.formats.base import Kind, NamedFile
from records.formats.composer import Item, text_of
from records.formats.json_stream import lines
from records.formats.pieces import Piece, Role
from records.formats.signal.chat import LEFT_OUT, Chat, deleted_by

_QUOTE_MARK = re.compile(r"^> ?", re.MULTILINE)
# What a message carries that is nothing but text.
_NOTHING: tuple[object, ...] = (None, "", False, [])


def read_lines(chat: Chat, stream: BinaryIO) -> Iterator[Item]:
    """Every message, every byte owned."""
    for piece in lines(stream, is_line):
        value = piece.value
        if piece.role is not Role.ELEMENT:
            yield from chat.composer.frame(piece, chat.text)
        elif isinstance(value, dict) and is_line(value):
            yield from _message(chat, value, piece)
        else:
            yield from chat.composer.unread(piece, chat.text, "J-NO-MESSAGE")


def is_line(value: object) -> bool:
    """Whether an object is a message."""
    return isinstance(value, dict) and "date" in value and "sender" in value and "body" in value


def _message(chat: Chat, value: dict[str, Any], piece: Piece) -> list[Item]:
    # The tool adds two blanks to each text, for Markdown's sake.
    body = text_of(value["body"]).removesuffix("  ")
    sender, written = text_of(value["sender"]), text_of(value["date"])
    kind, detail, files = Kind.TEXT, _detail(value), _files(chat, value.get("attachments"))
    if value.get("deleted") is True:
        return chat.entry(deleted_by(sender), sender, body, written, piece)
    if value.get("call") is True:
        kind = Kind.MISSED_CALL if value.get("missed") is True else Kind.CALL
    elif "earlier" in detail:
        if files:
            detail["was"] = Kind.ATTACHED.value
        kind = Kind.EDITED
    elif not (body or files or detail):
        kind = Kind.EMPTY
    return chat.entry(kind, sender, body, written, piece, files, detail)


def _detail(value: dict[str, Any]) -> dict[str, object]:
    """What a message says besides its text."""
    detail: dict[str, object] = {}
    sticker = value.get("sticker")
    if sticker not in _NOTHING:
        detail["sticker"] = text_of(sticker.get("emoji") if isinstance(sticker, dict) else sticker)
    reactions = value.get("reactions")
    if isinstance(reactions, list) and reactions:
        detail["reactions"] = [
            [text_of(part) for part in item] for item in reactions if isinstance(item, list)
        ]
    quote = text_of(value.get("quote")).strip()
    if quote:
        detail["reply_to_text"] = _QUOTE_MARK.sub("", quote)
    edits = value.get("edits")
    if isinstance(edits, list) and edits:
        detail["earlier"] = [text_of(edit.get("body")) for edit in edits if isinstance(edit, dict)]
    return detail


def _files(chat: Chat, listed: object) -> list[NamedFile]:
    files = []
    for item in listed if isinstance(listed, list) else []:
        if not isinstance(item, dict):
            continue
        name, missing = text_of(item.get("name")), text_of(item.get("missing_kind"))
        if missing:
            files.append(NamedFile(name or missing, left_out=LEFT_OUT))
        else:
            files.append(chat.file(name, text_of(item.get("path"))))
    return files
