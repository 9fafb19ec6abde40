"""What the messages of a conversation say about their own end, summed up for the rule `message_expiry`.

Plain messages reach no rule, so a reader that meets a time limit on each message counts here while it reads.
"""

from __future__ import annotations


class Expiring:
    """The messages of one conversation, and how many of them disappear."""

    __slots__ = (
        "burning",
        "expiring",
        "first",
        "last",
        "longest",
        "messages",
        "shortest",
        "shortest_at",
    )

    def __init__(self) -> None:
        self.messages = 0
        self.expiring = 0  # messages that disappear some time after sending or reading
        self.burning = 0  # messages that are destroyed by being read
        self.first = self.last = self.shortest_at = 0  # entries that show it
        self.shortest: int | None = None  # seconds
        self.longest: int | None = None

    def expires(self, seq: int, seconds: int | None) -> None:
        """A message that disappears after so many seconds, if it says so."""
        self.expiring += 1
        self._seen(seq)
        if seconds is None or seconds < 0:
            return
        if self.shortest is None or seconds < self.shortest:
            self.shortest, self.shortest_at = seconds, seq
        if self.longest is None or seconds > self.longest:
            self.longest = seconds

    def burns(self, seq: int) -> None:
        """A message that is destroyed by being read."""
        self.burning += 1
        self._seen(seq)

    def _seen(self, seq: int) -> None:
        self.first = self.first or seq
        self.last = seq

    def told(self, conversation: int) -> dict[str, object]:
        """As `Survey.layout["expiring"]` lists it."""
        return {
            "conversation": conversation,
            "messages": self.messages,
            "expiring": self.expiring,
            "burning": self.burning,
            "shortest": self.shortest,
            "longest": self.longest,
            "entries": sorted({self.first, self.last, self.shortest_at} - {0}),
        }
