"""One conversation whose messages carry clock readings of a computer, while it is read: what exporters of Signal and
iMessage have in common.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from records.formats.base import Doubt, Kind, NamedFile
from records.formats.composer import Composer, Item
from records.formats.pieces import Piece

_DAY = 86_400_000_000
_BACKWARD = int(Doubt.TIME_BACKWARD)


class LocalChat(ABC):
    """Makes the entries of one conversation."""

    untitled = "Conversation"
    me = "Me"  # how the exporter names the account that made the export

    def __init__(self, composer: Composer, text: int, title: str) -> None:
        self.composer, self.text, self.title = composer, text, title
        self._conversation = -1
        self._latest: int | None = None

    @staticmethod
    @abstractmethod
    def reading(written: str) -> int | None:
        """The clock reading of a time as the exporter writes it, in microseconds; None where it is none."""

    @abstractmethod
    def sender(self, name: str) -> str | None:
        """Who wrote a message, by the name that stands above it; None for the application's own words."""

    def entry(
        self,
        kind: Kind,
        sender: str,
        body: str,
        written: str,
        place: Piece,
        files: Sequence[NamedFile] = (),
        detail: dict[str, object] | None = None,
        doubt: int = 0,
    ) -> list[Item]:
        """A message or an announcement; one that is more than a day earlier than any before is marked."""
        if self._conversation < 0:
            self._conversation = self.composer.conversation(
                self.text, self.title or self.untitled, self.text
            )
        local = self.reading(written)
        if local is not None:
            if self._latest is not None and local < self._latest - _DAY:
                doubt |= _BACKWARD
            self._latest = local if self._latest is None else max(local, self._latest)
        return self.composer.entry(
            self._conversation,
            kind.value,
            self.sender(sender),
            body,
            written,
            place,
            local=local,
            files=files,
            detail=detail,
            doubt=doubt,
        )

    def exporter(self) -> str:
        """The account that made the export, whose number the file does not tell."""
        people = self.composer.survey.people
        if self.me not in people:
            self.composer.sender(self.me, self.me)
            people[self.me] = people[self.me]._replace(handle="", handle_kind="", exporter=True)
        return self.me
