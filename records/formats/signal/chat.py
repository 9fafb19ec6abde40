"""One chat that signal-export wrote, while it is read: what its JSON, its Markdown and its page have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from records.formats.base import Doubt, Kind, NamedFile
from records.formats.composer import Composer, Item
from records.formats.pieces import Piece

ME = "Me"
NO_SENDER = "No-Sender"
LEFT_OUT = "signal-export did not find the file"
_DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1)


class Chat:
    """Makes the entries of one conversation."""

    def __init__(
        self,
        composer: Composer,
        text: int,
        title: str,
        folder: str,
        members: Mapping[str, str] | None,
    ) -> None:
        """`members`: of the archive, by the way in which the tool writes their names; None for a plain file."""
        self.composer, self.text, self.title = composer, text, title
        self._folder, self._members = folder, members
        self._conversation = -1
        self._latest: int | None = None

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
        """A message; a text with files is one that has them attached or left out."""
        if files and kind is Kind.TEXT:
            omitted = all(file.left_out for file in files)
            kind = Kind.MEDIA_OMITTED if omitted else Kind.ATTACHED
        if self._conversation < 0:
            self._conversation = self.composer.conversation(
                self.text, self.title or "Signal chat", self.text
            )
        local = reading(written)
        if local is not None:
            if self._latest is not None and local < self._latest - _DAY:
                doubt |= int(Doubt.TIME_BACKWARD)
            self._latest = local if self._latest is None else max(local, self._latest)
        return self.composer.entry(
            self._conversation,
            kind.value,
            self._sender(sender),
            body,
            written,
            place,
            local=local,
            files=files,
            detail=detail,
            doubt=doubt,
        )

    def _sender(self, name: str) -> str | None:
        if not name or name == NO_SENDER:
            return None
        people = self.composer.survey.people
        if name == ME and ME not in people:
            self.composer.sender(ME, ME)
            people[ME] = people[ME]._replace(handle="", handle_kind="", exporter=True)
        return name

    def file(self, name: str, path: str) -> NamedFile:
        """A file by its path beside the chat; the tool writes a blank in it as %20."""
        if self._members is None:
            return NamedFile(name or path)
        path = f"{self._folder}{path}"
        return NamedFile(name or path, member=self._members.get(path, path))


@lru_cache(maxsize=4096)
def reading(written: str) -> int | None:
    """The clock reading of a message in microseconds; None where the tool had no time and wrote 1970."""
    try:
        moment = datetime.fromisoformat(written.replace(", ", " "))
    except ValueError:
        return None
    if moment.year <= 1970:
        return None
    gone = moment.replace(tzinfo=None) - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


def deleted_by(sender: str) -> Kind:
    """Who deleted a message for everyone: in Signal the person who wrote it."""
    return Kind.DELETED_BY_EXPORTER if sender == ME else Kind.DELETED_BY_OTHER
