"""One conversation that imessage-exporter wrote, while it is read."""

from __future__ import annotations

from records.formats.base import NamedFile
from records.formats.composer import Composer
from records.formats.imessage.meaning import ME, reading
from records.formats.local_chat import LocalChat

_UNKNOWN = "Unknown"


class Chat(LocalChat):
    """Makes the entries of one conversation."""

    untitled = "Messages"
    me = ME

    def __init__(
        self, composer: Composer, text: int, title: str, folder: str, *, in_archive: bool
    ) -> None:
        super().__init__(composer, text, title)
        self._folder, self._in_archive = folder, in_archive

    @staticmethod
    def reading(written: str) -> int | None:
        return reading(written)

    def sender(self, name: str) -> str | None:
        if not name or name == _UNKNOWN:
            return None
        if name == ME:
            return self.exporter()
        if name.startswith("+") and name[1:].isdigit():
            return self.composer.sender(name, "", "phone")
        if "@" in name and " " not in name:
            return self.composer.sender(name, "", "email")
        return name

    def file(self, path: str) -> NamedFile:
        """A file by the path that the tool wrote: beside the chat when it was copied, else on the computer."""
        path = path.replace("\\", "/")
        copied = not path.startswith(("/", "~")) and path[1:2] != ":"
        name = path.rpartition("/")[2]
        if not self._in_archive:
            return NamedFile(name)
        return NamedFile(name, member=f"{self._folder}{path}" if copied else path)
