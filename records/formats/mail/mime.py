"""The structure of one mail message, told line by line in constant memory (RFC 5322, RFC 2046).

The message is never loaded: each part knows where its content stands in the file. Only the text that people saw is
kept, up to a bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.utils import collapse_rfc2231_value
from functools import cached_property

MOST_HEADERS = 1 << 20  # bytes of all headers of a message that are kept
MOST_TEXT = 1 << 20  # bytes of one text that are kept
MOST_TEXTS = 1 << 22  # bytes of all texts of one message that are kept
MOST_PARAMETERS = 1 << 13  # bytes of a header with parameters that are looked at
DEEPEST = 30  # parts inside parts
MOST_PARTS = 2_000  # of one message

_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*(.*)", re.DOTALL)
_QUOTED = re.compile(rb">+From ")
_SAFE_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


class Entity:
    """A message or a part of one. Ask what it is only when its headers are whole."""

    def __init__(self, offset: int, parent: Entity | None, default: str = "text/plain") -> None:
        self.parent, self.default = parent, default
        self.depth: int = parent.depth + 1 if parent else 0
        self.headers: list[
            tuple[str, bytearray]
        ] = []  # name in small letters, value with its folds
        self.children: list[Entity] = []
        self.body = offset  # first byte after the headers
        self.end = offset  # first byte that is no longer content
        self.boundary = b""
        self.closed = False  # the boundary that ends a multipart was there
        self.cut = False  # the text is longer than what is kept
        self.raw = bytearray()  # the text as encoded
        self.keeps_text = False
        self._typed: Message | None = None

    def all(self, name: str) -> list[bytes]:
        """Every value of a header."""
        return [bytes(value).strip() for known, value in self.headers if known == name]

    def first(self, name: str) -> bytes:
        """The first value of a header; empty when there is none."""
        return next((bytes(value).strip() for known, value in self.headers if known == name), b"")

    @property
    def length(self) -> int:
        """Bytes of the content, as encoded."""
        return max(0, self.end - self.body)

    @cached_property
    def type(self) -> str:
        """The media type as declared, or the default where none or a broken one is."""
        if not self.first("content-type"):
            return self.default
        declared = self._told().get_content_type()
        return declared if _SAFE_TYPE.fullmatch(declared) else self.default

    @cached_property
    def encoding(self) -> str:
        """The transfer encoding: "base64", "quoted-printable" or another word in small letters."""
        word = self.first("content-transfer-encoding").decode("ascii", "replace")
        return word.partition(";")[0].strip().strip('"').lower()

    def parameter(self, name: str) -> str:
        """A parameter of the media type."""
        try:
            value = self._told().get_param(name, "")
            return collapse_rfc2231_value(value) if isinstance(value, tuple) else str(value or "")
        except (LookupError, ValueError, TypeError):
            return ""

    @property
    def is_attachment(self) -> bool:
        """Whether the part says that it is a file beside the message."""
        said = self.first("content-disposition").lstrip().lower()
        return said.startswith(b"attachment") or bool(self.file_name)

    @cached_property
    def file_name(self) -> str:
        """The name of the file as written; words encoded by RFC 2047 are not decoded."""
        try:
            return self._told().get_filename("") or ""
        except (LookupError, ValueError, TypeError):
            return ""

    def walk(self) -> Iterator[Entity]:
        """This part and all inside it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def _told(self) -> Message:
        if self._typed is None:
            self._typed = Message()
            for name in ("content-type", "content-disposition"):
                value = unfolded(self.first(name))[:MOST_PARAMETERS]
                if value:
                    self._typed[name] = value.decode("utf-8", "replace")
        return self._typed


def unfolded(value: bytes) -> bytes:
    """A header's value in one line (RFC 5322, 2.2.3)."""
    return b" ".join(line.strip() for line in value.splitlines())


class MimeReader:
    """Takes the lines of one message in order; `root` is the message when `end` was told.

    `quoted`: lines of a mailbox that begin with ">From " are shown without the mark that its program put there.
    """

    def __init__(self, offset: int, *, quoted: bool = False) -> None:
        self.quoted = quoted
        self.root = self._now = Entity(offset, None)
        self._room = MOST_TEXTS
        self._in_headers = True
        self._header_bytes = 0
        self._parts = 1
        self._delimiters: dict[bytes, tuple[Entity, bool]] = {}
        self._line_end = 0  # bytes of the line end before

    @property
    def in_first_headers(self) -> bool:
        """Whether the headers of the message itself are not at their end."""
        return self._in_headers and self._now is self.root

    def feed(self, line: bytes, at: int, *, starts: bool = True) -> None:
        """The next line, or the next piece of a very long one (`starts` is False for all but its first)."""
        if starts and self._delimiters and line.startswith(b"--"):
            found = self._delimiters.get(line.rstrip())
            if found is not None:
                self._delimiter(*found, at, at + len(line))
                return
        if self._in_headers:
            self._header(line, at, starts=starts)
        elif self._now.keeps_text:
            self._keep(line[1:] if self.quoted and _QUOTED.match(line) else line)
        self._line_end = 2 if line.endswith(b"\r\n") else int(line.endswith(b"\n"))

    def end(self, at: int) -> None:
        """The message ends there."""
        if self._in_headers:
            self._begin_body(at)
        entity: Entity | None = self._now
        while entity is not None:
            entity.end = max(entity.body, at)
            entity = entity.parent

    def _keep(self, line: bytes) -> None:
        now = self._now
        room = min(MOST_TEXT - len(now.raw), self._room)
        now.raw += line[:room]
        now.cut = now.cut or len(line) > room
        self._room -= min(len(line), room)

    def _header(self, line: bytes, at: int, *, starts: bool) -> None:
        if starts and line in (b"\n", b"\r\n", b"\r"):
            self._begin_body(at + len(line))
            return
        headers = self._now.headers
        self._header_bytes += len(line)
        if not starts or (line[:1] in (b" ", b"\t") and headers):
            if headers and self._header_bytes < MOST_HEADERS:
                headers[-1][1].extend(line)
            return
        found = _HEADER.match(line)
        if found is not None:
            if self._header_bytes < MOST_HEADERS:
                headers.append((found.group(1).decode().lower(), bytearray(found.group(2))))
        elif headers and not line.startswith((b"From ", b">From ")):
            # No header and no blank line: what follows is content (RFC 5322 has no such message).
            self._begin_body(at)
            self.feed(line, at, starts=starts)

    def _begin_body(self, at: int) -> None:
        """Says what the part is, now that its headers are known."""
        self._in_headers = False
        now = self._now
        now.body = now.end = at
        kind = now.type
        if now.depth < DEEPEST and self._parts < MOST_PARTS:
            boundary = now.parameter("boundary").encode("utf-8", "surrogateescape").rstrip()
            if kind.startswith("multipart/") and boundary:
                now.boundary = boundary
                self._delimiters[b"--" + boundary] = (now, False)
                self._delimiters[b"--" + boundary + b"--"] = (now, True)
                return
            if kind == "message/rfc822" and now.encoding not in ("base64", "quoted-printable"):
                self._open(now, at)
                return
        now.keeps_text = kind.startswith("text/") and not now.is_attachment

    def _open(self, parent: Entity, at: int) -> None:
        digest = parent.type == "multipart/digest"
        child = Entity(at, parent, "message/rfc822" if digest else "text/plain")
        parent.children.append(child)
        self._now, self._in_headers = child, True
        self._parts += 1
        self._line_end = 0

    def _delimiter(self, owner: Entity, last: bool, at: int, after: int) -> None:
        """A line between the parts of `owner`, or the one after its last."""
        if self._in_headers:
            self._begin_body(at)
        end = at - self._line_end
        entity = self._now
        while entity is not owner and entity.parent is not None:
            entity.end = max(entity.body, end)
            if entity.boundary:
                self._forget(entity)
            entity = entity.parent
        self._now = owner
        if last:
            owner.closed = True
            self._forget(owner)
        elif self._parts < MOST_PARTS:
            self._open(owner, after)
        self._in_headers = self._now is not owner

    def _forget(self, entity: Entity) -> None:
        for key in (b"--" + entity.boundary, b"--" + entity.boundary + b"--"):
            if self._delimiters.get(key, (None,))[0] is entity:
                del self._delimiters[key]
