"""Google Chat, as Google Takeout exports it: a folder for each direct message and each space.

What is read and by which rules: docs/formats/google_chat.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from records.formats.base import (
    IN_UTC,
    Entry,
    Header,
    Kind,
    NamedFile,
    Part,
    Problem,
    Sample,
    Source,
    Survey,
    Text,
)
from records.formats.beside import add_beside, read_beside
from records.formats.clock import zone_of
from records.formats.composer import Composer, Item, text_of
from records.formats.json_stream import pieces
from records.formats.pieces import Path, Piece, Role

ARRAYS: frozenset[Path] = frozenset({("messages",)})
MESSAGES, GROUP, USER = "messages.json", "group_info.json", "user_info.json"
DRIVE = "the message holds a link to Google Drive, not the file"
_MARKS = re.compile(rb'"messages":\s*\[')
_CREATED = re.compile(rb'"created_date":\s*"')
_IDS = re.compile(rb'"(?:topic_id|message_id)":\s*"')
_WRITTEN = re.compile(
    r"\w+, (?P<month>[A-Z][a-z]+) (?P<day>\d{1,2}), (?P<year>\d{4}) at "
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d)[ \u00a0\u202f](?P<half>AM|PM) UTC",
    re.ASCII,
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1)
# Who removed a message, where it was not its sender (deletion types of the Chat API).
_REMOVERS: Mapping[str, str] = {
    "ADMIN": "administrator",
    "SPACE_OWNER": "space owner",
    "SPACE_OWNER_VIA_APP": "space owner",
    "SPACE_MEMBER": "space member",
}
_BY_SENDER = ("CREATOR", "CREATOR_VIA_APP")


class GoogleChat:
    """Reads the Chat folder of a Takeout, or one conversation of it."""

    name = "google_chat"
    title = "Google Chat (Takeout)"

    def score(self, sample: Sample) -> int:
        """How surely it is a Takeout of Chat: by its folders and the messages in one of them."""
        if not sample.members:
            return 90 if _is_chat(sample.head) else 0
        chats = [name for name in sample.members if name.rpartition("/")[2] == MESSAGES]
        if any(_is_chat(sample.peek(name)) for name in chats[:5]):
            return 95
        return 70 if any("Google Chat/Groups/" in name for name in sample.members) else 0

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """One text for each conversation, and one for the files that describe them."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        survey = Survey(
            format=self.name,
            variant="takeout" if source.members else "conversation",
            times=IN_UTC,
            date_order="mdy",
            hour_clock="12",
            time_zone=zone,
            proof=["Each message carries its time in UTC, to the second, in words."],
        )
        if not source.members:
            survey.texts = [Text((Part(None, source.size),))]
            return survey
        chats = [member for member in source.members if member.name.rpartition("/")[2] == MESSAGES]
        survey.texts = [Text((Part(*member),)) for member in chats]
        others = [member for member in source.members if member.name.endswith(".json")]
        add_beside(survey, [member for member in others if member not in chats])
        groups = sum(member.name.endswith(f"/{GROUP}") for member in others)
        if groups > len(chats):
            survey.proof.append(
                f"{groups - len(chats):,} conversations are described and have no messages in the export: their "
                "history is turned off, or everything in them was removed."
            )
        return survey

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message, conversation by conversation."""
        reading = _Reading(source, survey)
        for index, text in enumerate(survey.texts):
            if index == survey.layout.get("beside"):
                break
            part = text.parts[0]
            reading.enter(index, part.member)
            with source.open(part.member) as stream:
                yield from reading.chat(pieces(stream, ARRAYS, _is_message))
        yield from read_beside(source, survey)
        yield from reading.close()


def _is_chat(head: bytes) -> bool:
    return (
        head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        and _MARKS.search(head) is not None
        and _CREATED.search(head) is not None
        and _IDS.search(head) is not None
    )


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and ("message_id" in value or "created_date" in value)


@lru_cache(maxsize=4096)
def moment_of(written: str) -> int | None:
    """The moment in microseconds; None for what is no such time (a Takeout in another language)."""
    found = _WRITTEN.fullmatch(written)
    if found is None or found["month"] not in _MONTHS:
        return None
    hour = int(found["hour"]) % 12 + (12 if found["half"] == "PM" else 0)
    try:
        moment = datetime(
            int(found["year"]), _MONTHS.index(found["month"]) + 1, int(found["day"]), hour, int(found["minute"]),
            int(found["second"]),
        )  # fmt: skip
    except ValueError:
        return None
    gone = moment - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000


def _values(source: Source, member: str) -> dict[str, object]:
    """What a small file of the Takeout says, by key."""
    with source.open(member) as stream:
        return {
            piece.path[0]: piece.value
            for piece in pieces(stream, frozenset({("membership_info",)}))
            if piece.role is Role.VALUE and len(piece.path) == 1
        }


class _Reading:
    """One export while it is read: the conversation whose messages come now."""

    def __init__(self, source: Source, survey: Survey) -> None:
        self._source, self._survey = source, survey
        self._composer = Composer(survey)
        self._members = frozenset(member.name for member in source.members)
        self._text = self._conversation = 0
        self._folder: str | None = None
        self._exporter = ""
        for name in sorted(self._members):
            if name.rpartition("/")[2] == USER and "/Users/" in f"/{name}":
                self._exporter = self._owner(_values(source, name))
                break

    def _owner(self, told: Mapping[str, object]) -> str:
        """The account that made the Takeout."""
        user = told.get("user")
        sender = self._sender(user) if isinstance(user, dict) else None
        if sender is not None:
            people = self._survey.people
            people[sender] = people[sender]._replace(exporter=True)
        return sender or ""

    def enter(self, text: int, member: str | None) -> None:
        """The conversation of a `messages.json`."""
        self._text = text
        self._folder = None if member is None else member.rpartition("/")[0]
        title = ""
        if self._folder is not None and f"{self._folder}/{GROUP}" in self._members:
            title = self._title(_values(self._source, f"{self._folder}/{GROUP}"))
        name = (self._folder or self._source.name).rpartition("/")[2]
        self._conversation = self._composer.conversation(text, title or name, text)

    def _title(self, told: Mapping[str, object]) -> str:
        people = [
            text_of(item.get("name")) or text_of(item.get("email"))
            for item in _objects(told.get("members"))
        ]
        others = [name for name in people if name and name != self._exporter]
        return text_of(told.get("name")) or ", ".join((others or people)[:20])

    def chat(self, walked: Iterator[Piece]) -> Iterator[Item]:
        """The messages of one conversation."""
        for piece in walked:
            if piece.role is Role.ELEMENT:
                yield from self._message(piece)
            else:
                yield from self._composer.frame(piece, self._text)

    def close(self) -> Iterator[Problem]:
        yield from self._composer.close()

    def _message(self, piece: Piece) -> Iterator[Item]:
        value = piece.value
        if not isinstance(value, dict) or not _is_message(value):
            yield from self._composer.unread(piece, self._text, "J-NO-MESSAGE")
            return
        creator = value.get("creator")
        sender = self._sender(creator) if isinstance(creator, dict) else None
        detail = _detail(value)
        files = self._files(value)
        kind = Kind.TEXT
        if files:
            kind = Kind.MEDIA_OMITTED if all(file.left_out for file in files) else Kind.ATTACHED
        elif not value.get("text") and not detail.keys() - {"id", "thread"}:
            kind = Kind.EMPTY
        if value.get("updated_date"):
            if kind is not Kind.TEXT:
                detail["was"] = kind.value
            detail["edited"] = text_of(value["updated_date"])
            kind = Kind.EDITED
        if value.get("message_state") == "DELETED" or isinstance(
            value.get("deletion_metadata"), dict
        ):
            kind = self._deleted(value, sender, detail)
        written = text_of(value.get("created_date"))
        yield from self._composer.entry(
            self._conversation,
            kind.value,
            sender,
            text_of(value.get("text")),
            written,
            piece,
            sent=moment_of(written),
            files=files,
            detail=detail,
        )

    def _deleted(
        self, value: Mapping[str, Any], sender: str | None, detail: dict[str, object]
    ) -> Kind:
        """Who removed it: its sender, somebody with rights over the space, or nobody says."""
        metadata = value.get("deletion_metadata")
        said = text_of(metadata.get("deletion_type")) if isinstance(metadata, dict) else ""
        detail["deletion"] = said
        if said in _REMOVERS:
            detail["actor"] = _REMOVERS[said]
            return Kind.DELETED_BY_OTHER
        if said not in _BY_SENDER or sender is None or not self._exporter:
            return Kind.DELETED
        return Kind.DELETED_BY_EXPORTER if sender == self._exporter else Kind.DELETED_BY_OTHER

    def _sender(self, creator: Mapping[str, Any]) -> str | None:
        name, mail = text_of(creator.get("name")), text_of(creator.get("email"))
        if not (name or mail):
            return None
        return self._composer.sender(mail or name, name, "email" if mail else "account")

    def _files(self, value: Mapping[str, Any]) -> list[NamedFile]:
        files = [self._file(item) for item in _objects(value.get("attached_files"))]
        for note in _objects(value.get("annotations")):
            drive = note.get("drive_metadata")
            if isinstance(drive, dict):
                files.append(NamedFile(text_of(drive.get("title")) or "Drive file", left_out=DRIVE))
        return files

    def _file(self, item: Mapping[str, Any]) -> NamedFile:
        """A file beside the messages; characters that a disk refuses are written as "_" there."""
        export = text_of(item.get("export_name")) or text_of(item.get("original_name")) or "file"
        name = text_of(item.get("original_name")) or export
        if self._folder is None:
            return NamedFile(export)
        names = [
            f"{self._folder}/{written}"
            for written in (export, re.sub(r'[?&*:<>|"\\]', "_", export))
        ]
        return NamedFile(
            name, member=next((found for found in names if found in self._members), names[0])
        )


def _detail(value: Mapping[str, Any]) -> dict[str, object]:
    """What a message says about itself besides its text."""
    detail: dict[str, object] = {}
    for key, name in (("message_id", "id"), ("topic_id", "thread")):
        if value.get(key):
            detail[name] = value[key]
    quoted = value.get("quoted_message_metadata")
    if isinstance(quoted, dict) and quoted.get("message_id"):
        detail["reply_to"] = quoted["message_id"]
    reactions = [
        {
            "emoji": item["emoji"].get("unicode") if isinstance(item.get("emoji"), dict) else None,
            "people": item.get("reactor_emails"),
        }
        for item in _objects(value.get("reactions"))
    ]
    if reactions:
        detail["reactions"] = reactions
    links = [
        url
        for note in _objects(value.get("annotations"))
        for key in ("url_metadata", "video_call_metadata", "youtube_metadata")
        if isinstance(note.get(key), dict) and (url := _link(note[key]))
    ]
    if links:
        detail["links"] = links
    return detail


def _link(metadata: Mapping[str, Any]) -> str:
    url = metadata.get("url")
    if isinstance(url, dict):
        return text_of(url.get("private_do_not_access_or_else_safe_url_wrapped_value"))
    space = metadata.get("meeting_space")
    return text_of(
        url or (space.get("meeting_url") if isinstance(space, dict) else "") or metadata.get("id")
    )


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
