"""One chat that signal-export wrote, while it is read: what its JSON, its Markdown and its page have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from records.formats.base import Kind, NamedFile
from records.formats.composer import Composer, Item
from records.formats.local_chat import LocalChat
from records.formats.pieces import Piece

ME = "Me"
NO_SENDER = "No-Sender"
LEFT_OUT = "signal-export did not find the file"
_EPOCH = datetime(1970, 1, 1)


class Chat(LocalChat):
    """Makes the entries of one conversation."""

    untitled = "Signal chat"
    me = ME

    def __init__(
        self,
        composer: Composer,
        text: int,
        title: str,
        folder: str,
        members: Mapping[str, str] | None,
    ) -> None:
        """`members`: of the archive, by the way in which the tool writes their names; None for a plain file."""
        super().__init__(composer, text, title)
        self._folder, self._members = folder, members

    @staticmethod
    def reading(written: str) -> int | None:
        return reading(written)

    def sender(self, name: str) -> str | None:
        if not name or name == NO_SENDER:
            return None
        return self.exporter() if name == ME else name

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
        return super().entry(kind, sender, body, written, place, files, detail, doubt)

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
