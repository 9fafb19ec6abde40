"""Telegram Desktop, "Export chat history" or "Export Telegram data" as JSON: one chat or a whole account.

What is read and by which rules: docs/formats/telegram.md. The layout follows the program's own JSON writer (Telegram
Desktop, open source); https://telegram.org/blog/export-and-more says how a person makes the file. Secret chats are
never part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from records.formats.base import (
    IN_UTC,
    LOCAL,
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
from records.formats.clock import zone_of
from records.formats.composer import MOST_PEOPLE, Composer, Item, text_of
from records.formats.json_stream import pieces
from records.formats.pieces import Path, Piece, Role
from records.formats.sniff import head_of
from records.formats.telegram.meaning import (
    look_at_message,
    service,
    special,
    times,
    told,
    words_of,
)

RESULT = "result.json"
ARRAYS: frozenset[Path] = frozenset(
    {
        ("messages",),
        ("chats", "list", "*", "messages"),
        ("left_chats", "list", "*", "messages"),
    }
)
_MARKS = re.compile(
    rb'"type":\s*"(?:personal_chat|bot_chat|saved_messages|private_group|private_supergroup|public_supergroup'
    rb'|private_channel|public_channel|verification_codes|replies)"'
)
_MESSAGE = re.compile(rb'"type":\s*"(?:message|service)",\s*"date(?:_unixtime)?":\s*"')
_ACCOUNT = re.compile(rb'"(?:personal_information|chats|left_chats)":\s*\{')
_WITH_OFFSET = re.compile(rb'"date":\s*"[0-9T:.-]{19,26}(?:Z|[+-]\d\d:\d\d)"')
# "(File not included. Change data exporting settings to download.)" and its kin.
_NOT_INCLUDED = ("(File ", "(Photo ")
# Chats that count their messages by themselves; in all others one count runs through the whole account.
_OWN_NUMBERS = frozenset(
    ("private_supergroup", "public_supergroup", "private_channel", "public_channel")
)
# A message with no other key than these says nothing but its text.
_PLAIN = frozenset(
    ("id", "type", "date", "date_unixtime", "from", "from_id", "text", "text_entities")
)


class Telegram:
    """Reads the JSON export of one chat or of a whole account."""

    name = "telegram"
    title = "Telegram Desktop export (JSON)"

    def score(self, sample: Sample) -> int:
        """How surely it is a Telegram export: by the kinds of chat it names and the parts of an account."""
        member = _result_of(sample.members)
        head = sample.peek(member) if member is not None else sample.head
        if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return 0
        chat, account = _MARKS.search(head), _ACCOUNT.search(head)
        if chat and b'"messages"' in head:
            return 95
        if account and b'"about"' in head:
            return 90
        return 60 if chat or (b'"messages"' in head and _MESSAGE.search(head)) else 0

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """Which file holds the messages, and whether they carry moments or clock readings."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        part = _part(source)
        head = head_of(source, part.member)
        account = _ACCOUNT.search(head) is not None
        moments = b'"date_unixtime"' in head or _WITH_OFFSET.search(head) is not None
        return Survey(
            format=self.name,
            variant="account" if account else "chat",
            texts=[Text((part,))],
            times=IN_UTC if moments else LOCAL,
            date_order="ymd",
            time_zone=zone,
            layout={"own_numbers": []},
            proof=[
                "Each message carries its moment in UTC."
                if moments
                else "The export was made before messages carried their moment: times are those of the computer's "
                "clock, in the zone that was said at hand-in.",
                "Secret chats are never part of an export, and messages deleted before it leave nothing but a hole "
                "in the numbers.",
            ],
        )

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message in the file's order, every byte owned; chats are entered as they are met."""
        part = survey.texts[0].parts[0]
        folder = (part.member or "").rpartition("/")[0]
        with source.open(part.member) as stream:
            yield from _Reading(survey, folder, in_archive=part.member is not None).read(
                pieces(stream, ARRAYS, _is_message)
            )


def _is_message(value: object) -> bool:
    return (
        isinstance(value, dict)
        and (value.get("type") in ("message", "service") or "from_id" in value)
        and ("date" in value or "date_unixtime" in value)
    ) or _is_unsupported(value)


def _is_unsupported(value: object) -> bool:
    """A message of a kind that the program cannot export: it writes its number and nothing else."""
    return isinstance(value, dict) and value.get("type") == "unsupported" and "id" in value


def _result_of(members: tuple[str, ...]) -> str | None:
    """The file of an archive that holds the messages: `result.json`, at the top or in one folder."""
    found = [name for name in members if name.rpartition("/")[2] == RESULT and name.count("/") < 2]
    return min(found, key=len, default=None)


def _part(source: Source) -> Part:
    if not source.members:
        return Part(None, source.size)
    name = _result_of(tuple(member.name for member in source.members))
    return next(Part(member.name, member.size) for member in source.members if member.name == name)


class _Reading:
    """One export while it is read: the chat whose messages come now, and what was said about it."""

    def __init__(self, survey: Survey, folder: str, *, in_archive: bool) -> None:
        self._composer = Composer(survey)
        self._survey = survey
        self._prefix = f"{folder}/" if folder else ""
        self._in_archive = in_archive
        self._told: dict[str, object] = {}  # name, type and id of the chat
        self._conversation = -1
        self._chats = 0
        self._known: dict[str, str] = {}  # from_id -> sender
        self._own_numbers: list[int] = []
        survey.layout["own_numbers"] = self._own_numbers

    def read(self, walked: Iterator[Piece]) -> Iterator[Entry | Header | Problem]:
        for piece in walked:
            if piece.role is Role.ELEMENT:
                value = piece.value
                if (
                    type(value) is dict
                    and value.keys() <= _PLAIN
                    and "date_unixtime" in value
                    and value.get("type") == "message"
                ):
                    yield from self._plain(value, piece)
                else:
                    yield from self._message(piece)
                continue
            self._note(piece)
            yield from self._composer.frame(piece)
        yield from self._composer.close()

    def _note(self, piece: Piece) -> None:
        """What stands beside the messages: the chat that begins, and whose account it is."""
        path = piece.path
        if piece.role is Role.BROKEN:
            if piece.value:  # another chat begins in bytes that could not be read
                self._told = {"name": f"Chat whose name could not be read (byte {piece.offset:,})"}
                self._conversation = -1
        elif piece.role is Role.FRAME:
            if path[-1:] == ("*",):
                self._told, self._conversation = {}, -1
        elif path == ("personal_information",) and isinstance(piece.value, dict):
            self._exporter(piece.value)
        elif path and path[-1] in ("name", "type", "id"):
            self._told[path[-1]] = piece.value

    def _exporter(self, value: dict[str, Any]) -> None:
        """The account that made the export: a whole export tells it, that of one chat does not."""
        name = " ".join(
            text_of(value.get(key)) for key in ("first_name", "last_name") if value.get(key)
        )
        if value.get("user_id") is not None:
            sender = self._sender(name, value["user_id"])
            assert sender is not None
            people = self._survey.people
            people[sender] = people[sender]._replace(exporter=True)

    def _chat(self) -> int:
        """The conversation of the messages that come now."""
        if self._conversation < 0:
            self._chats += 1
            name, kind = text_of(self._told.get("name")), text_of(self._told.get("type"))
            title = name or (
                "Saved messages" if kind == "saved_messages" else "Chat without a name"
            )
            self._conversation = self._composer.conversation(self._chats, title)
            if kind in _OWN_NUMBERS:
                self._own_numbers.append(self._conversation)
        return self._conversation

    def _plain(self, value: dict[str, Any], piece: Piece) -> list[Item]:
        """A message that is text and nothing else: nearly all of them."""
        text, date, number, handle = (
            value.get("text"),
            value.get("date"),
            value.get("id"),
            value.get("from_id"),
        )
        sender = self._known.get(handle) if type(handle) is str else None
        if sender is None:
            sender = self._sender(value.get("from"), handle)
            if sender is not None and type(handle) is str and len(self._known) < MOST_PEOPLE:
                self._known[handle] = sender
        sent, local = times(value)
        return self._composer.entry(
            self._chat() if self._conversation < 0 else self._conversation,
            "text",
            sender,
            text if type(text) is str else words_of(text),
            date if type(date) is str else text_of(value["date_unixtime"]),
            piece,
            sent=sent,
            local=local,
            detail=None if number is None else {"id": number},
        )

    def _message(self, piece: Piece) -> Iterator[Entry | Header | Problem]:
        value = piece.value
        if not _is_message(value) or not isinstance(value, dict):
            yield from self._composer.unread(piece, code="J-NO-MESSAGE")
            return
        if _is_unsupported(value):
            yield from self._composer.entry(
                self._chat(), Kind.NOTICE.value, None, "", "", piece,
                detail={"id": value["id"], "type": "unsupported"},
            )  # fmt: skip
            return
        if value.get("type") == "service":
            kind, detail = service(value)
            who = value.get("actor"), value.get("actor_id")
        else:
            kind, detail = Kind.TEXT, {}
            who = value.get("from"), value.get("from_id")
        files = self._files(value)
        if files:
            kind = Kind.MEDIA_OMITTED if all(file.left_out for file in files) else Kind.ATTACHED
        look_at_message(value, detail)
        kind = special(value, kind, detail)
        sent, local = times(value)
        yield from self._composer.entry(
            self._chat(),
            kind.value,
            self._sender(*who),
            words_of(value.get("text")) or (told(value) if value.get("type") == "service" else ""),
            text_of(value.get("date") or value.get("date_unixtime")),
            piece,
            sent=sent,
            local=local,
            files=files,
            detail=detail,
        )
        if value.get("type") == "service" and "type" in detail:
            yield from self._composer.problem("J-TYPE-UNKNOWN", piece)

    def _sender(self, name: object, handle: object) -> str | None:
        """Who wrote it. Deleted accounts have no name; exports before 2021 had numbers as ids."""
        if handle is None:
            return text_of(name) or None
        written = text_of(handle)
        return self._composer.sender(
            f"user{written}" if written.isdigit() else written, text_of(name)
        )

    def _files(self, value: dict[str, Any]) -> list[NamedFile]:
        files = []
        for key in ("file", "photo", "thumbnail", "contact_vcard"):
            path = value.get(key)
            if not isinstance(path, str) or not path:
                continue
            if path.startswith(_NOT_INCLUDED):
                if key == "thumbnail":
                    continue
                name = text_of(value.get("file_name")) or text_of(value.get("media_type")) or key
                files.append(NamedFile(name, left_out=path.strip("()")))
                continue
            size = value.get(f"{key}_file_size" if key != "file" else "file_size")
            files.append(
                NamedFile(
                    path,
                    member=f"{self._prefix}{path}" if self._in_archive else None,
                    size=size if isinstance(size, int) else None,
                    type=text_of(value.get("mime_type")) if key == "file" else "",
                )
            )
        return files
