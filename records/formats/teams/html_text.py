"""The words of a message that is written in HTML, as people saw them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BREAKS = frozenset(("br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "pre", "hr"))
_UNSEEN = frozenset(("script", "style", "title"))
_BLANK_LINES = re.compile(r"\n{2,}")
_LINES = re.compile(r"[ \t]*\n[ \t]*")
_PLAIN = re.compile(r"(?:<p>|<div>)?([^<&]*)(?:</p>|</div>)?")


def words_of(html: str) -> str:
    """Text without its markup: blocks on lines of their own, pictures by the words that stand for them."""
    plain = _PLAIN.fullmatch(html)  # nearly all messages
    if plain is not None:
        return plain[1].strip()
    reader = _Words()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Words(HTMLParser):
    """Collects text; never fails, whatever the markup."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self._parts.append("\n")
        elif tag in _UNSEEN:
            self._unseen += 1
        elif tag in ("img", "emoji"):
            known = dict(attrs)
            self._parts.append(known.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS:
            self._parts.append("\n")
        elif tag in _UNSEEN and self._unseen:
            self._unseen -= 1

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._parts.append(data)

    def text(self) -> str:
        lines = _LINES.sub("\n", "".join(self._parts))
        return _BLANK_LINES.sub("\n", lines).strip()
