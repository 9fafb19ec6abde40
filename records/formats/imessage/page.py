"""The HTML export: one `div.message` or `div.announcement` for each message.

Replies stand inside the message that they answer, and once more as messages of their own: only those count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote

from records.formats.base import Kind, NamedFile
from records.formats.composer import Item
from records.formats.html_blocks import Node, Reader, html_blocks
from records.formats.imessage.chat import Chat
from records.formats.imessage.meaning import NOT_FOUND, STAMP, announced, kind_of, unsent
from records.formats.pieces import ROOT, Piece, Role

MESSAGE = re.compile(rb"<div class ?=\"(?:message|announcement)\"[^<>]*>")
_STAMP = re.compile(rf"({STAMP})\s*(?:\((Read by .*)\))?", re.DOTALL)
_GUID = re.compile(r"sms://open\?message-guid=([^&\"]+)")
_BLANKS = re.compile(r"\s+")


def read_page(chat: Chat, stream: BinaryIO) -> Iterator[Item]:
    """Every message, every byte owned."""
    for block in html_blocks(stream, MESSAGE):
        place = Piece(Role.FRAME, ROOT, None, block.offset, len(block.data))
        if not block.message:
            yield from chat.composer.frame(place, chat.text)
            continue
        bubble = _Bubble()
        bubble.read(block.data)
        yield from _message(chat, bubble, place)
        if not block.whole:
            yield from chat.composer.problem("J-CUT", place, chat.text)


def _message(chat: Chat, bubble: _Bubble, place: Piece) -> list[Item]:
    found = _STAMP.search(bubble.stamp)
    written = found[1] if found else bubble.stamp.strip()
    if bubble.announcement:
        words = _BLANKS.sub(" ", bubble.words).strip()
        event = announced(words)
        unknown = event.detail.pop("unknown", False)
        made = chat.entry(event.kind, event.who or "", words, written, place, (), event.detail)
        return (
            [*made, *chat.composer.problem("J-TYPE-UNKNOWN", place, chat.text)] if unknown else made
        )
    detail = _detail(bubble, found[2] if found else None)
    files = [chat.file(unquote(path)) for path in bubble.files]
    files += [NamedFile("attachment", left_out=NOT_FOUND)] * bubble.missing
    body = "\n".join(part for part in bubble.parts if part)
    kind = kind_of(body, files)
    versions = [item for item in bubble.versions if item]
    if len(versions) > 1:
        detail["earlier"], body = versions[:-1], versions[-1]
        kind = Kind.EDITED
    words = _BLANKS.sub(" ", bubble.unsent).strip()
    if words:
        kind = unsent(words) or Kind.DELETED
        body = body or words
    if bubble.deleted:
        kind, detail["earlier"] = Kind.DELETED_BY_EXPORTER, [body]  # still in the database
    return chat.entry(kind, bubble.sender.strip(), body, written, place, files, detail)


def _detail(bubble: _Bubble, receipt: str | None) -> dict[str, object]:
    """What a message says besides its text."""
    detail: dict[str, object] = {}
    for key, words in (
        ("id", bubble.guid),
        ("service", bubble.service),
        ("read", receipt),
        ("effect", bubble.effect.strip()),
        ("subject", bubble.subject.strip()),
    ):
        if words:
            detail[key] = words
    if bubble.replies:
        detail["replies"] = bubble.replies
    if bubble.reactions:
        detail["reactions"] = [_BLANKS.sub(" ", item).strip() for item in bubble.reactions]
    if bubble.replied:
        detail["reply"] = True
    return detail


class _Bubble(Reader):
    """What one message says."""

    def __init__(self) -> None:
        super().__init__()
        self.announcement = self.deleted = self.replied = False
        self.stamp = self.sender = self.service = self.guid = ""
        self.words = self.effect = self.subject = self.unsent = ""
        self.parts: list[str] = []
        self.versions: list[str] = []
        self.reactions: list[str] = []
        self.files: list[str] = []
        self.missing = 0
        self.replies = 0

    def opened(self, node: Node) -> None:
        classes = node.classes
        if self.inside("replies"):
            if "reply" in classes:
                self.replies += 1
            return
        if len(self.way) == 1:
            self.announcement = "announcement" in classes
        if "sent" in classes or "received" in classes:
            self.service = " ".join(sorted(classes - {"sent", "received"}))
        found = _GUID.match(node.attributes.get("href", ""))
        if found and not self.guid:
            self.guid = found[1]
        if "bubble" in classes or "app" in classes or "message_part" in classes:
            self.parts.append("")
        if node.tag == "tr" and self.inside("edited"):
            self.versions.append("")
        if "tapback" in classes or ("reaction" in classes and node.tag != "p"):
            self.reactions.append("")
        self.missing += "attachment_error" in classes
        self.deleted = self.deleted or "deleted" in classes
        self.replied = self.replied or "reply_context" in classes
        self._file(node)

    def _file(self, node: Node) -> None:
        source = node.attributes.get("src", "")
        if node.tag == "a" and self.inside("attachment"):
            source = node.attributes.get("href", "")
        if not source or source.startswith(("http:", "https:", "data:")):
            return
        if self.inside("message_part") and not self.inside("app") and source not in self.files:
            self.files.append(source)

    def said(self, text: str) -> None:
        if self.inside("replies"):
            return
        if self.inside("edited"):
            if self.versions and not self.inside("timestamp"):
                self.versions[-1] += text.strip("\n ") if not text.strip() else text
        elif self.inside("timestamp"):
            self.stamp += text
        elif self.announcement:
            self.words += text
        else:
            self._said(text)

    def _said(self, text: str) -> None:
        if self.inside("sender"):
            self.sender += text
        elif self.inside("unsent"):
            self.unsent += text
        elif self.inside("expressive"):
            self.effect += text
        elif self.inside("subject"):
            self.subject += text
        elif self.inside("tapback") or self.inside("reaction"):
            if self.reactions:
                self.reactions[-1] += text
        elif self.inside("bubble") and self.parts:
            self.parts[-1] += text
        elif self.inside("app") or self.inside("shared_location") or self.inside("shareplay"):
            words = _BLANKS.sub(" ", text).strip()
            if words:
                self.parts.append(words)
