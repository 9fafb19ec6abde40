"""One conversation that imessage-exporter wrote, while it is read."""

from __future__ import annotations

from collections.abc import Sequence

from records.formats.base import Doubt, Kind, NamedFile
from records.formats.composer import Composer, Item
from records.formats.imessage.meaning import ME, reading
from records.formats.pieces import Piece

_DAY = 86_400_000_000
_UNKNOWN = "Unknown"


class Chat:
    """Makes the entries of one conversation."""

    def __init__(
        self, composer: Composer, text: int, title: str, folder: str, *, in_archive: bool
    ) -> None:
        self.composer, self.text = composer, text
        self._title, self._folder, self._in_archive = title, folder, in_archive
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
        """A message or an announcement."""
        if self._conversation < 0:
            self._conversation = self.composer.conversation(
                self.text, self._title or "Messages", self.text
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
        if not name or name == _UNKNOWN:
            return None
        known = self.composer.survey.people
        if name == ME:
            if ME not in known:
                self.composer.sender(ME, ME)
                known[ME] = known[ME]._replace(handle="", handle_kind="", exporter=True)
            return ME
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
