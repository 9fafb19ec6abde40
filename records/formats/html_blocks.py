"""Cuts an HTML page into the elements that are messages, in constant memory; everything else is frame.

Pages that export tools write hold one `div` for each message, all on one level; text inside is escaped, so a `div` in
it is the tool's own. Only the places of the tags are looked at here; what an element says is read by a `Reader`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import BinaryIO, NamedTuple

CHUNK = 1 << 17
LARGEST = 1 << 23  # bytes of one message
_TAIL = 4_096  # bytes in which a tag that begins is whole
_DIV = re.compile(rb"<(/?)div\b[^<>]*>", re.IGNORECASE)
_BREAKING = frozenset(("br", "p", "div", "hr", "li", "tr", "blockquote", "pre"))
_VOID = frozenset(
    ("br", "hr", "img", "input", "source", "meta", "link", "wbr", "area", "col", "embed", "track")
)


class Block(NamedTuple):
    """A stretch of the page; blocks follow each other without a hole."""

    offset: int
    data: bytes
    message: bool  # a message, from its first tag to its last
    whole: bool = True  # its last tag was found


def html_blocks(stream: BinaryIO, begins: re.Pattern[bytes]) -> Iterator[Block]:
    """The messages of a page and what stands between them. `begins`: the opening tag of a message."""
    return _Page(stream, begins).blocks()


class _Page:
    def __init__(self, stream: BinaryIO, begins: re.Pattern[bytes]) -> None:
        self._stream, self._begins = stream, begins
        self._text, self._at, self._offset = b"", 0, 0
        self._ended = False
        self._damaged = (
            False  # a tag that closes a message was missing: none is looked for any more
        )

    def blocks(self) -> Iterator[Block]:
        while True:
            found = self._begins.search(self._text, self._at)
            if found is None:
                keep = 0 if self._ended else _TAIL
                if len(self._text) - self._at > keep:
                    yield self._take(len(self._text) - keep, message=False)
                if not self._fill():
                    return
                continue
            if found.start() > self._at:
                yield self._take(found.start(), message=False)
            yield self._element()

    def _element(self) -> Block:
        """The message that begins here, up to the tag that closes it."""
        depth, searched = 0, 0  # from where it begins
        while not self._damaged:
            for tag in _DIV.finditer(self._text, self._at + searched):
                depth += -1 if tag[1] else 1
                searched = tag.end() - self._at
                if depth == 0:
                    return self._take(tag.end(), message=True)
            if len(self._text) - self._at > LARGEST or not self._fill():
                break
        return self._up_to_next()

    def _up_to_next(self) -> Block:
        """A message of a damaged page: up to where the next one begins."""
        self._damaged, searched = True, 1
        while True:
            again = self._begins.search(self._text, self._at + searched)
            if again:
                return self._take(again.start(), message=True, whole=False)
            searched = max(1, len(self._text) - self._at - _TAIL)
            if searched > LARGEST or not self._fill():
                return self._take(len(self._text), message=True, whole=False)

    def _take(self, end: int, *, message: bool, whole: bool = True) -> Block:
        block = Block(self._offset, self._text[self._at : end], message, whole)
        self._offset += end - self._at
        self._at = end
        return block

    def _fill(self) -> bool:
        """Reads on; False at the end of the page."""
        if self._ended:
            return False
        data = self._stream.read(CHUNK)
        self._ended = not data
        self._text = self._text[self._at :] + data
        self._at = 0
        return True


class Node(NamedTuple):
    """An element on the way to a text."""

    tag: str
    classes: frozenset[str]
    attributes: Mapping[str, str]


class Reader(HTMLParser):
    """Walks one element of a page. Subclasses take texts and tags with the way to them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.way: list[Node] = []

    def read(self, data: bytes) -> None:
        """Walk the element."""
        self.feed(data.decode("utf-8", "surrogateescape"))
        self.close()

    def inside(self, name: str) -> bool:
        """Whether an element of that class is open."""
        return any(name in node.classes for node in self.way)

    def opened(self, node: Node) -> None:
        """An element begins."""

    def closed(self, node: Node) -> None:
        """An element ends."""

    def said(self, text: str) -> None:
        """Text, with its entities resolved."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        node = Node(tag, frozenset(attributes.get("class", "").split()), attributes)
        if tag not in _VOID:
            if len(self.way) > 200:
                return
            self.way.append(node)
        self.opened(node)

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self.way) - 1, -1, -1):
            if self.way[index].tag == tag:
                for node in reversed(self.way[index:]):
                    self.closed(node)
                del self.way[index:]
                return

    def handle_data(self, data: str) -> None:
        self.said(data)
