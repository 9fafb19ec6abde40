"""The text export: a block for each message, a line for each announcement, a blank line after each.

    May 17, 2022  5:29:42 PM (Read by you after 1 hour, 49 seconds)
    Sample Contact
    Hello world

Replies stand indented under the message that they answer, and once more as messages of their own: only those count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from records.formats.base import Doubt, Kind, NamedFile
from records.formats.composer import Item
from records.formats.headed_text import Headed, headed
from records.formats.imessage.chat import Chat
from records.formats.imessage.meaning import (
    DELETED,
    LONGEST,
    NOT_FOUND,
    REPLIED,
    STAMP,
    announced,
    is_effect,
    kind_of,
    unsent,
)
from records.formats.pieces import ROOT, Piece, Role

HEADER = re.compile(
    rb"^(" + STAMP.encode() + rb")(?:( \(Read by [^\n]*\))?(?=\r?\n|\Z)| (?=[^\r\n]))", re.MULTILINE
)
_REPLY = re.compile(rf" {{4,}}{STAMP}(?: \(Read by .*\))?")
_EDITED = re.compile(rf"{STAMP} (?P<first>.*)", re.DOTALL)
_LATER = re.compile(r"^Edited [^\n]*? later: ", re.MULTILINE)
_TAPBACKS = ("Reactions:", "Tapbacks:")
_TAPBACK = re.compile(r"\s*(?P<what>\S.*?) (?:by|from) (?P<who>.+)")
_PATH = re.compile(r"(?:/|~/|attachments/|[A-Za-z]:[\\/])[^\n]*[^\s/\\]\.[A-Za-z0-9]{1,24}")
_MISSING = ("Attachment missing!", "Attachment does not exist!")


def read_text(chat: Chat, stream: BinaryIO, mark: int) -> Iterator[Item]:
    """Every message, every byte owned. `mark`: bytes of a byte order mark."""
    if mark:
        yield from chat.composer.frame(Piece(Role.FRAME, ROOT, None, 0, mark), chat.text)
    for piece in headed(stream, HEADER, lambda found, after_blank: after_blank, mark):
        place = Piece(Role.ELEMENT, ROOT, None, piece.offset, piece.length)
        if piece.header is not None:
            yield from _block(chat, piece, piece.header, place)
        elif piece.text.strip():
            yield from chat.composer.unread(place, chat.text, "J-BEFORE-FIRST")
        else:
            yield from chat.composer.frame(place._replace(role=Role.FRAME), chat.text)


def _block(chat: Chat, piece: Headed, header: re.Match[bytes], place: Piece) -> list[Item]:
    written = header[1].decode()
    after = piece.text[len(header[0].decode("utf-8", "surrogateescape")) :].replace("\r\n", "\n")
    if header[2] is None and not after.startswith("\n") and after:
        return _announcement(chat, after.rstrip("\n"), written, place)
    sender, _, rest = after.removeprefix("\n").partition("\n")
    said = _Said()
    said.take(rest.rstrip("\n").split("\n") if rest.strip("\n") else [], chat)
    detail = said.detail
    if header[2] is not None:
        detail["read"] = header[2].decode("utf-8", "replace").strip(" ()")
    body = "\n".join(said.body)
    kind = said.kind or kind_of(body, said.files)
    if kind is Kind.DELETED_BY_EXPORTER and said.deleted:
        detail["earlier"] = [body]  # still in the database
    edited = _EDITED.fullmatch(body)
    if edited is not None and _LATER.search(body):
        versions = [item.removesuffix("\n") for item in _LATER.split(edited["first"])]
        body, detail["earlier"] = versions[-1], versions[:-1]
        if kind is not Kind.TEXT:
            detail["was"] = kind.value
        kind = Kind.EDITED
    doubt = int(Doubt.BOUNDARY) if piece.cut else 0
    made = chat.entry(kind, sender, body, written, place, said.files, detail, doubt)
    return [*made, *chat.composer.problem("J-LONG", place, chat.text)] if piece.cut else made


def _announcement(chat: Chat, words: str, written: str, place: Piece) -> list[Item]:
    event = announced(words)
    unknown = event.detail.pop("unknown", False)
    made = chat.entry(event.kind, event.who or "", words, written, place, (), event.detail)
    return [*made, *chat.composer.problem("J-TYPE-UNKNOWN", place, chat.text)] if unknown else made


class _Said:
    """What the lines under a sender say."""

    def __init__(self) -> None:
        self.body: list[str] = []
        self.files: list[NamedFile] = []
        self.kind: Kind | None = None
        self.deleted = False
        self.detail: dict[str, object] = {}

    def take(self, lines: list[str], chat: Chat) -> None:
        """Sort the lines: text, files, and what the tool adds in its own words."""
        if lines and lines[0] == DELETED:
            self.kind, self.deleted = Kind.DELETED_BY_EXPORTER, True
            lines = lines[1:]
        if lines and lines[-1] == REPLIED:
            self.detail["reply"] = True
            lines = lines[:-1]
        at = 0
        while at < len(lines):
            line = lines[at]
            at += 1
            if len(line) > LONGEST:
                self.body.append(line)
            elif _REPLY.fullmatch(line):
                at = self._reply(lines, at)
            elif line in _TAPBACKS and at < len(lines) and _TAPBACK.fullmatch(lines[at]):
                at = self._tapbacks(lines, at)
            elif line in _MISSING:
                self.files.append(NamedFile("attachment", left_out=NOT_FOUND))
            elif _PATH.fullmatch(line):
                self.files.append(chat.file(line))
            elif is_effect(line):
                self.detail["effect"] = line
            elif (kind := unsent(line)) is not None:
                self.kind = kind
                self.body.append(line)
            else:
                self.body.append(line)
        while self.body and not self.body[-1]:
            self.body.pop()

    def _reply(self, lines: list[str], at: int) -> int:
        """A reply under its message: counted, for it comes again as a message of its own."""
        count = self.detail.get("replies", 0)
        assert isinstance(count, int)
        self.detail["replies"] = count + 1
        while at < len(lines) and (lines[at].startswith("    ") or not lines[at]):
            if _REPLY.fullmatch(lines[at]):
                break
            at += 1
        return at

    def _tapbacks(self, lines: list[str], at: int) -> int:
        reactions = self.detail.setdefault("reactions", [])
        assert isinstance(reactions, list)
        while at < len(lines) and (found := _TAPBACK.fullmatch(lines[at][:LONGEST])):
            reactions.append([found["who"], found["what"]])
            at += 1
        return at


class Look(NamedTuple):
    """What the head of a file shows."""

    headers: int
    first: bool  # it begins with one


def look(head: bytes) -> Look:
    """How many headers with a line of their own, and whether the file begins with one."""
    found = [item for item in HEADER.finditer(head) if item[2] is not None or _alone(head, item)]
    first = HEADER.match(head)
    return Look(len(found), first is not None)


def _alone(head: bytes, found: re.Match[bytes]) -> bool:
    return head[found.end() : found.end() + 2].lstrip(b"\r").startswith(b"\n")
