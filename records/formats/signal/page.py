"""`index.html`: one box a message. The page shows what `chat.md` holds, and where it groups messages it leaves out
sender and time of all but the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import BinaryIO

from records.formats.base import Kind, NamedFile
from records.formats.composer import Item
from records.formats.html_blocks import Block, Node, Reader, html_blocks
from records.formats.pieces import ROOT, Piece, Role
from records.formats.signal.chat import LEFT_OUT, Chat, deleted_by

BOX = re.compile(rb"<div class=['\"](?:msg|event call)(?:[ ][^'\"<>]*)?['\"]>")
_TITLE = re.compile(rb"<title>\s*([^<]*?)\s*</title>")
_BLANKS = re.compile(r"[ \t\r\n]+")
_BREAKS = frozenset(("br", "p", "li", "blockquote", "h1", "h2", "h3", "h4", "pre"))


def read_page(chat: Chat, stream: BinaryIO) -> Iterator[Item]:
    """Every message, every byte owned."""
    sender, written = "", ""
    for block in html_blocks(stream, BOX):
        place = Piece(Role.FRAME, ROOT, None, block.offset, len(block.data))
        if not block.message:
            title = _TITLE.search(block.data)
            if title and not chat.title:
                chat.title = unescape(title[1].decode("utf-8", "replace"))
            yield from chat.composer.frame(place, chat.text)
            continue
        box = _Box()
        box.read(block.data)
        sender, written = box.sender or sender, box.written or written
        yield from _message(chat, box, block, place, sender, written)


def _message(
    chat: Chat, box: _Box, block: Block, place: Piece, sender: str, written: str
) -> list[Item]:
    files = [chat.file(path.rpartition("/")[2], path.removeprefix("./")) for path in box.files]
    files += [NamedFile(word, left_out=LEFT_OUT) for word in box.missing]
    detail: dict[str, object] = {}
    if box.reactions:
        detail["reactions"] = [[who.strip(), what.strip()] for who, what in box.reactions]
    if box.quote.strip():
        detail["reply_to_text"] = _plain(box.quote)
    if box.sticker is not None:
        detail["sticker"] = box.sticker
    if not box.written:
        detail["time_of"] = "the first message of its group"
    body, kind = _plain(box.body), Kind.TEXT
    if "deleted" in box.classes:
        kind = deleted_by(sender)
    elif "call" in box.classes:
        kind, sender = Kind.MISSED_CALL if "missed" in box.classes else Kind.CALL, ""
    elif not (body or files or box.reactions or box.sticker is not None):
        kind = Kind.EMPTY
    made = chat.entry(kind, sender, body, written, place, files, detail)
    return made if block.whole else [*made, *chat.composer.problem("J-CUT", place, chat.text)]


def _plain(text: str) -> str:
    """Text as a browser shows it: blanks of the page's layout are one, breaks are lines."""
    lines = (_BLANKS.sub(" ", line).strip(" ") for line in text.split("\v"))
    return "\n".join(lines).strip("\n")


class _Box(Reader):
    """What one box says."""

    def __init__(self) -> None:
        super().__init__()
        self.classes: frozenset[str] = frozenset()
        self.sender = self.written = self.body = self.quote = ""
        self.sticker: str | None = None
        self.files: list[str] = []
        self.missing: list[str] = []
        self.reactions: list[list[str]] = []
        self._day = ""

    def opened(self, node: Node) -> None:
        if len(self.way) == 1:
            self.classes = node.classes
        source = node.attributes.get("src") or (
            node.attributes.get("href") if "file" in node.classes else ""
        )
        if source and source.startswith("./") and source not in self.files:
            self.files.append(source)
        if source and "/exported_stickers/" in source:
            self.sticker = node.attributes.get("alt", "")
        if node.tag == "time":
            self.written = node.attributes.get("datetime", "")
        if "missing" in node.classes and "file" in node.classes:
            self.missing.append("")
        if "reaction" in node.classes and node.tag == "span":
            self.reactions.append(["", ""])
        if node.tag in _BREAKS and self.body:
            self.body += "\v"

    def said(self, text: str) -> None:
        if self.inside("sender"):
            self.sender += text.strip()
        elif self.inside("date"):
            self._day = text.strip()
        elif self.inside("time") or self.inside("event-time"):
            if (
                not self.written and self._day
            ):  # pages of before 2026 write day and time beside each other
                self.written = f"{self._day} {text.strip()}"
        elif self.inside("missing"):
            if self.missing:
                self.missing[-1] = (self.missing[-1] + " " + text.strip()).strip()
        elif self.inside("reaction") or self.inside("reactions"):
            if self.reactions:
                self.reactions[-1][0 if self.inside("who") else 1] += text
        elif self.inside("quote"):
            self.quote += text.replace("\v", " ")
        elif not (self.inside("event-icon") or self.inside("file")):
            self.body += text.replace("\v", " ")
