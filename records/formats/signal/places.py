"""Which files of an export hold the messages: for each chat the best of the three that signal-export writes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from records.formats.base import Part, Source, Text
from records.formats.signal.markdown import HEADER
from records.formats.sniff import is_clutter

JSON, MARKDOWN, HTML, DESKTOP = "json", "markdown", "html", "desktop"
_LINE = re.compile(rb'\s*\{"date": ?"[0-9T:.+-]{19,32}", ?"sender": ?"')
_PAGE = re.compile(rb"<div class=['\"](?:msg|event call)[ '\"]")
_PAGE_HEAD = re.compile(rb"<link [^>]*href=['\"]?\.\./style\.css|class=['\"]?chat-title")
_ROW = (
    re.compile(rb'"conversationId"\s*:'),
    re.compile(rb'"sent_at"\s*:\s*(?:[0-9]|null)'),
    re.compile(
        rb'"(?:sourceServiceId|sourceUuid|expireTimer|schemaVersion|readStatus|received_at)"\s*:'
    ),
)
# In a folder of a chat, the one that tells most comes first.
_NAMES = {"data.json": JSON, "chat.md": MARKDOWN, "index.md": MARKDOWN, "index.html": HTML}
MOST_PEEKS = 40


class Place(NamedTuple):
    """A text and how it is written."""

    text: Text
    written: str
    title: str  # of the chat; empty where the text tells it


def kind_of(head: bytes) -> tuple[str, int]:
    """How a file is written, by its first bytes, and how surely it is Signal's (0 to 100)."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _LINE.match(head) and b'"reactions"' in head:
        return JSON, 96
    first = HEADER.match(head)
    if first is not None:
        return MARKDOWN, _markdown(head, comma=bool(first[2]), seconds=bool(first[3]))
    if head.lstrip(b" \t\r\n")[:1] in (b"{", b"["):
        found = sum(mark.search(head) is not None for mark in _ROW)
        return DESKTOP, (0, 10, 60, 92)[found]
    if _PAGE.search(head) and _PAGE_HEAD.search(head):
        return HTML, 90
    return "", 0


def _markdown(head: bytes, *, comma: bool, seconds: bool) -> int:
    """WhatsApp writes brackets too, with seconds, and neither blank lines nor two blanks after a text."""
    if comma is seconds:
        return 40
    if (
        comma
        or b"  \n\n[" in head
        or b"  \r\n\r\n[" in head
        or head.rstrip(b"\r\n").endswith(b"  ")
    ):
        return 96
    return 50


def candidates(names: Sequence[str]) -> list[str]:
    """Members that may hold messages: by the names that signal-export gives, else all JSON files."""
    own = [name for name in names if _base(name) in _NAMES and not is_clutter(name)]
    if own:
        return own
    return [
        name
        for name in names
        if name.casefold().endswith((".json", ".jsonl")) and not is_clutter(name)
    ]


def places(source: Source) -> list[Place]:
    """The texts of an export, one for each chat."""
    if not source.members:
        with source.open() as stream:
            written, _ = kind_of(stream.read(1 << 16))
        title = _title(source.name.rpartition(".")[0])
        return [Place(Text((Part(None, source.size),)), written, title)]
    sizes = {member.name: member.size for member in source.members}
    best: dict[str, tuple[int, str, str]] = {}
    for name in candidates(list(sizes)):
        with source.open(name) as stream:
            written, score = kind_of(stream.read(1 << 16))
        if not written or score < 50:
            continue
        folder = name.rpartition("/")[0]
        chat = folder if _base(name) in _NAMES else name
        rank = (JSON, MARKDOWN, HTML, DESKTOP).index(written)
        if chat not in best or rank < best[chat][0]:
            best[chat] = (rank, name, written)
    return [
        Place(Text((Part(name, sizes[name]),)), written, _title(chat.rpartition("/")[2]))
        for chat, (_, name, written) in sorted(best.items())
    ]


def views(names: Sequence[str], texts: Sequence[Text]) -> list[str]:
    """Members that show the same messages again, or belong to the pages: no message names them."""
    taken = {part.member for text in texts for part in text.parts}
    return [
        name
        for name in names
        if name not in taken and (_base(name) in _NAMES or _base(name) in ("style.css", "chat.js"))
    ]


def stored(names: Sequence[str]) -> Mapping[str, str]:
    """Members by the way in which signal-export writes their names: every blank as %20."""
    return {re.sub(r"\s", "%20", name): name for name in names}


def _base(name: str) -> str:
    return name.rpartition("/")[2].casefold()


def _title(name: str) -> str:
    plain = name.rpartition("/")[2]
    return "" if plain.casefold() in ("data", "chat", "index", "export", "messages") else plain
