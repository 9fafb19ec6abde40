"""Which messages are named by an edit, a reaction or a deletion, and are not in the log themselves.

Such a message was never captured, or the part of the log that held it is not here. The bytes are searched twice before
they are read: first for the ids that are named, then for those among them that a message of the log has. Memory grows
with the messages that are named, not with the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

MOST = 500_000  # ids that are followed up; what further ones name stays unknown
_CHUNK = 1 << 20
_REACH = (
    4_096  # bytes in which a control object or an id that began before the end of a chunk is whole
)

_ID = rb'"\s*:\s*"([0-9A-Za-z-]{8,64})"'
# The older bot names the deleted message by "message_id" inside "control"; the others by "msgid".
_CONTROL = rb'"control"\s*:\s*\{([^{}]*)\}'
_NAMED = re.compile(rb'"(?:originalmessageid|msgid)' + _ID + rb"|" + _CONTROL)
_NAMED_INSIDE = re.compile(rb'"(?:originalmessageid|msgid|message_id)' + _ID)
_OWN = re.compile(rb'"(?:message_id|id)' + _ID + rb"|" + _CONTROL)


class References:
    """The ids that the log names, and whether the log has the message."""

    def __init__(self, streams: Callable[[], Iterable[BinaryIO]]) -> None:
        """`streams`: fresh streams over all parts of the log."""
        named: set[bytes] = set()
        for found in _search(streams(), _NAMED):
            ids = [found[1]] if found[1] else _NAMED_INSIDE.findall(found[2])
            if len(named) < MOST:
                named.update(ids)
        missing = set(named)
        if named:
            for found in _search(streams(), _OWN):
                if found[1]:
                    missing.discard(found[1])
        self._full = len(named) >= MOST
        self._named = frozenset(item.decode() for item in named) if self._full else frozenset()
        self._missing = frozenset(item.decode() for item in missing)

    def held(self, identifier: str) -> bool | None:
        """Whether the log has the message of that id; None where that was not followed up."""
        if self._full and identifier not in self._named:
            return None
        return identifier not in self._missing


def _search(streams: Iterable[BinaryIO], pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    for stream in streams:
        text, ended = b"", False
        while not ended:
            data = stream.read(_CHUNK)
            ended = not data
            text += data
            until = len(text) if ended else max(0, len(text) - _REACH)
            done = 0
            for found in pattern.finditer(text):
                if found.start() >= until:
                    break
                yield found
                done = found.end()
            text = text[max(done, until) :]
