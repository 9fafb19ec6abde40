"""`chat.md`: one paragraph a message, under `[2024-06-01 14:00:00] Name: `, earlier `[2019-12-24, 12:23] Name: `.

The text has no escaping: what people typed can look like a header, a file or a reaction. A header counts only in the
form and with the spacing of the file's first ones; an entry that holds another is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from records.formats.base import Doubt, Kind, NamedFile
from records.formats.composer import Item
from records.formats.headed_text import Headed, headed
from records.formats.pieces import ROOT, Piece, Role
from records.formats.signal.chat import LEFT_OUT, Chat, deleted_by

HEADER = re.compile(
    rb"^\[([0-9]{4}-[0-9]{2}-[0-9]{2}(,?) [0-9]{2}:[0-9]{2}(:[0-9]{2})?)\] ([^\n:]*): ?",
    re.MULTILINE,
)
_DELETED = "(This message was deleted)"
_CALL = re.compile(
    r"(?:Incoming|Outgoing|(Missed)) (?:[a-z]+ )?call(?: \((?:(unanswered|declined)|[a-z])[^()\n]*\))?"
)
# What the tool puts after the text: files, a sticker, reactions.
_FILE = "](./media/"
_FILE_END = ")  "
_LONGEST_PATH = 1_000
_MISSING = re.compile(r"\((media|attachment) not exported\)  ")
_STICKER = re.compile(
    r"\[([^\]\[\n]{0,40})\]\(\.\./exported_stickers/[^\n)]{1,200}\)  |\n\(\( ([^\n]*) \)\)\Z"
)
_REACTIONS = re.compile(r"\n\(- ([^\n]*) -\)")
_QUOTE = re.compile(r"\A\s*?\n\n((?:> [^\n]*\n)+)\n")
_QUOTE_MARK = re.compile(r"^> ?", re.MULTILINE)


class Form(NamedTuple):
    """How the headers of one file look."""

    comma: bool
    seconds: bool
    spaced: bool  # a blank line stands before each

    def accepts(self, found: re.Match[bytes], after_blank: bool) -> bool:
        """Whether a line that looks like a header is one of this file."""
        if bool(found[2]) is not self.comma or bool(found[3]) is not self.seconds:
            return False
        return after_blank or not self.spaced


def form_of(head: bytes) -> Form:
    """The form of the first header, and the spacing of most."""
    found = list(HEADER.finditer(head))
    if not found:
        return Form(comma=False, seconds=True, spaced=False)
    spaced = sum(head[: item.start()].replace(b"\r", b"").endswith(b"\n\n") for item in found[1:])
    return Form(bool(found[0][2]), bool(found[0][3]), spaced > (len(found) - 1) / 2)


def read_markdown(chat: Chat, stream: BinaryIO, form: Form, mark: int) -> Iterator[Item]:
    """Every message, every byte owned. `mark`: bytes of a byte order mark."""
    if mark:
        yield from chat.composer.frame(Piece(Role.FRAME, ROOT, None, 0, mark), chat.text)
    for piece in headed(stream, HEADER, form.accepts, mark):
        place = Piece(Role.ELEMENT, ROOT, None, piece.offset, piece.length)
        if piece.header is not None:
            yield from _message(chat, piece, piece.header, place)
        elif piece.text.strip():
            yield from chat.composer.unread(place, chat.text, "J-BEFORE-FIRST")
        else:
            yield from chat.composer.frame(place._replace(role=Role.FRAME), chat.text)


def _message(chat: Chat, piece: Headed, header: re.Match[bytes], place: Piece) -> list[Item]:
    written, sender = header[1].decode(), header[4].decode("utf-8", "surrogateescape")
    after = piece.text[len(header[0].decode("utf-8", "surrogateescape")) :]
    body = after.replace("\r\n", "\n").removesuffix("\n").removesuffix("\n")
    pasted = HEADER.search(after.encode("utf-8", "surrogateescape")) is not None
    doubt = int(Doubt.BOUNDARY) if pasted or piece.cut else 0
    body, detail = _taken(body)
    body, files = _files(chat, body)
    files += [NamedFile(found[1], left_out=LEFT_OUT) for found in _MISSING.finditer(body)]
    if files:
        body = _MISSING.sub("", body)
    # Two blanks end what people typed; the tool's own words have none.
    typed = body.removesuffix("  ")
    kind, call = Kind.TEXT, _CALL.fullmatch(typed)
    if typed == _DELETED:
        kind, detail = deleted_by(sender), {"certain": typed == body}
    elif call and not detail and not files:
        kind, detail = Kind.MISSED_CALL if call[1] or call[2] else Kind.CALL, {"certain": False}
    elif not (typed or detail or files):
        kind = Kind.EMPTY
    made = chat.entry(kind, sender, typed, written, place, files, detail, doubt)
    return [*made, *chat.composer.problem("J-LONG", place, chat.text)] if piece.cut else made


def _files(chat: Chat, body: str) -> tuple[str, list[NamedFile]]:
    """The text without the files that the tool named in it, and the files.

    A name may hold any character. It stands in the path once more, so the path tells where it begins.
    """
    kept, files, done = [], [], 0
    while (at := body.find(_FILE, done)) >= 0:
        path_at = at + len("](./")
        end = body.find(_FILE_END, path_at, path_at + _LONGEST_PATH)
        if end < 0 or "\n" in body[path_at:end]:
            kept.append(body[done:path_at])
            done = path_at
            continue
        path = body[path_at:end]
        begin = at - len(path.removeprefix("media/").replace("%20", " "))
        if begin <= done or body[begin - 1] != "[":
            begin = max(done, body.rfind("[", max(done, at - _LONGEST_PATH), at)) + 1
        files.append(chat.file(body[begin:at], path))
        kept.append(body[done : max(done, begin - 1)].removesuffix("!"))
        done = end + len(_FILE_END)
    return "".join([*kept, body[done:]]), files


def _taken(body: str) -> tuple[str, dict[str, object]]:
    """The text without what the tool put around it, and what that was."""
    detail: dict[str, object] = {}
    for name, pattern in (
        ("reactions", _REACTIONS),
        ("sticker", _STICKER),
        ("reply_to_text", _QUOTE),
    ):
        found = pattern.search(body)
        if found is None:
            continue
        body = body[: found.start()] + body[found.end() :]
        if name == "reactions":
            detail[name] = [part.split(": ", 1) for part in found[1].split(", ")]
        elif name == "sticker":
            detail[name] = found[1] or found[2] or ""
        else:
            detail[name] = _QUOTE_MARK.sub("", found[1].rstrip("\n"))
    return body, detail
