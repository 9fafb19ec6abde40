"""Telegram Desktop, "Export chat history" or "Export Telegram data" as JSON: one chat or a whole account.

What is read and by which rules: docs/formats/telegram.md. The layout follows the program's own JSON writer (Telegram
Desktop, open source); https://telegram.org/blog/export-and-more says how a person makes the file. Secret chats are
never part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
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
from records.formats.composer import Composer, Item, text_of
from records.formats.json_stream import Path, Piece, Role, pieces
from records.formats.sniff import head_of

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
_SECONDS = 1_000_000
_EPOCH = datetime(1970, 1, 1)
# "(File not included. Change data exporting settings to download.)" and its kin.
_NOT_INCLUDED = ("(File ", "(Photo ")
# A message with no other key than these says nothing but its text.
_PLAIN = frozenset(
    ("id", "type", "date", "date_unixtime", "from", "from_id", "text", "text_entities")
)

# What the application says happened, by the kind of entry it makes here.
ACTIONS: Mapping[str, Kind] = {
    "create_group": Kind.MEMBERSHIP,
    "create_channel": Kind.MEMBERSHIP,
    "invite_members": Kind.MEMBERSHIP,
    "remove_members": Kind.MEMBERSHIP,
    "join_group_by_link": Kind.MEMBERSHIP,
    "join_group_by_request": Kind.MEMBERSHIP,
    "joined_telegram": Kind.MEMBERSHIP,
    "migrate_to_supergroup": Kind.SETTINGS,
    "migrate_from_group": Kind.SETTINGS,
    "edit_group_title": Kind.SETTINGS,
    "edit_group_photo": Kind.SETTINGS,
    "delete_group_photo": Kind.SETTINGS,
    "edit_chat_theme": Kind.SETTINGS,
    "suggest_profile_photo": Kind.SETTINGS,
    "pin_message": Kind.SETTINGS,
    "topic_created": Kind.SETTINGS,
    "topic_edit": Kind.SETTINGS,
    "boost_apply": Kind.SETTINGS,
    "clear_history": Kind.HISTORY_CLEARED,
    "take_screenshot": Kind.SCREENSHOT,
    "group_call": Kind.CALL,
    "invite_to_group_call": Kind.CALL,
    "score_in_game": Kind.NOTICE,
    "bot_allowed": Kind.NOTICE,
    "send_payment": Kind.NOTICE,
    "requested_phone_number": Kind.NOTICE,
}
_TOLD = ("members", "title", "duration_seconds", "discard_reason", "message_id", "inviter")


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
        and "type" in value
        and ("date" in value or "date_unixtime" in value)
    )


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
        self._prefix = f"{folder}/" if folder else ""
        self._in_archive = in_archive
        self._told: dict[str, object] = {}  # name, type and id of the chat
        self._conversation = -1
        self._chats = 0

    def read(self, walked: Iterator[Piece]) -> Iterator[Entry | Header | Problem]:
        for piece in walked:
            if piece.role is Role.ELEMENT:
                value = piece.value
                if type(value) is dict and value.keys() <= _PLAIN and "date_unixtime" in value:
                    yield from self._plain(value, piece)
                else:
                    yield from self._message(piece)
                continue
            if piece.path and piece.path[-1] in ("name", "type", "id") and piece.role is Role.VALUE:
                self._told[piece.path[-1]] = piece.value
            elif piece.role is Role.FRAME and piece.path and piece.path[-1] == "*":
                self._told, self._conversation = {}, -1
            yield from self._composer.frame(piece)
        yield from self._composer.close()

    def _chat(self) -> int:
        """The conversation of the messages that come now."""
        if self._conversation < 0:
            self._chats += 1
            name, kind = text_of(self._told.get("name")), text_of(self._told.get("type"))
            title = name or (
                "Saved messages" if kind == "saved_messages" else "Chat without a name"
            )
            self._conversation = self._composer.conversation(self._chats, title)
        return self._conversation

    def _plain(self, value: dict[str, Any], piece: Piece) -> list[Item]:
        """A message that is text and nothing else: nearly all of them."""
        text, date, number = value.get("text"), value.get("date"), value.get("id")
        sent, local = _times(value)
        return self._composer.entry(
            self._chat() if self._conversation < 0 else self._conversation,
            "text",
            self._sender(value.get("from"), value.get("from_id")),
            text if type(text) is str else _text(text),
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
        if value.get("type") == "service":
            kind, detail = _service(value)
            who = value.get("actor"), value.get("actor_id")
        else:
            kind, detail = Kind.TEXT, {}
            who = value.get("from"), value.get("from_id")
        files = self._files(value)
        if files:
            kind = Kind.MEDIA_OMITTED if all(file.left_out for file in files) else Kind.ATTACHED
        _look_at_message(value, detail)
        kind = _special(value, kind, detail)
        sent, local = _times(value)
        yield from self._composer.entry(
            self._chat(),
            kind.value,
            self._sender(*who),
            _text(value.get("text")) or (_told(value) if value.get("type") == "service" else ""),
            text_of(value.get("date") or value.get("date_unixtime")),
            piece,
            sent=sent,
            local=local,
            files=files,
            detail=detail,
        )
        if value.get("type") == "service" and "unknown" in detail:
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
        for key in ("file", "photo"):
            path = value.get(key)
            if not isinstance(path, str) or not path:
                continue
            if path.startswith(_NOT_INCLUDED):
                name = text_of(value.get("file_name")) or text_of(value.get("media_type")) or key
                files.append(NamedFile(name, left_out=path.strip("()")))
                continue
            size = value.get("file_size" if key == "file" else "photo_file_size")
            files.append(
                NamedFile(
                    path,
                    member=f"{self._prefix}{path}" if self._in_archive else None,
                    size=size if isinstance(size, int) else None,
                    type=text_of(value.get("mime_type")),
                )
            )
        return files


def _service(value: Mapping[str, Any]) -> tuple[Kind, dict[str, object]]:
    """What an event of the application is."""
    action = text_of(value.get("action"))
    detail: dict[str, object] = {"action": action}
    detail |= {key: value[key] for key in _TOLD if value.get(key) is not None}
    if action == "set_messages_ttl":
        seconds = value.get("period")
        if not isinstance(seconds, int):
            return Kind.TIMER_CHANGED, detail
        detail["seconds"] = seconds
        return (Kind.TIMER_ON if seconds else Kind.TIMER_OFF), detail
    if action == "phone_call":
        missed = value.get("discard_reason") in ("missed", "busy")
        return (Kind.MISSED_CALL if missed else Kind.CALL), detail
    kind = ACTIONS.get(action)
    if kind is None:
        detail["unknown"] = True
    return kind or Kind.NOTICE, detail


def _look_at_message(value: Mapping[str, Any], detail: dict[str, object]) -> None:
    """What a message says about itself besides its text."""
    for key, name in (
        ("id", "id"), ("reply_to_message_id", "reply_to"), ("forwarded_from", "forwarded_from"),
        ("via_bot", "via"), ("reactions", "reactions"), ("author", "signed"),
    ):  # fmt: skip
        known = value.get(key)
        if known is not None:
            detail[name] = known


def _special(value: Mapping[str, Any], kind: Kind, detail: dict[str, object]) -> Kind:
    """Kinds that outrank text and file: what vanishes, what was edited, what is no text."""
    for key, own in (
        ("location_information", Kind.LOCATION),
        ("contact_information", Kind.CONTACT),
        ("poll", Kind.POLL),
    ):
        if value.get(key) is not None:
            detail[key] = value[key]
            kind = own if kind is Kind.TEXT else kind
    seconds = value.get("self_destruct_period_seconds")
    if seconds is not None:
        detail["seconds"] = seconds
        return Kind.VIEW_ONCE
    edited = _edited(value)
    if edited is not None:
        if kind is not Kind.TEXT:
            detail["was"] = kind.value
        detail["edited"] = edited
        return Kind.EDITED
    return kind


def _edited(value: Mapping[str, Any]) -> str | None:
    """When the text was changed, as written. Exports of 2020 write 1970 for "never"."""
    edited = value.get("edited")
    if not isinstance(edited, str) or edited.startswith("1970-01-0"):
        return None
    return edited


def _text(value: object) -> str:
    """The text of a message: a string, or strings and styled parts in a row."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(
            text_of(part.get("text")) if isinstance(part, dict) else text_of(part) for part in value
        )
    return text_of(value)


def _told(value: Mapping[str, Any]) -> str:
    """An event of the application in words, from its own fields: it carries no text of its own."""
    words = [text_of(value.get("action")).replace("_", " ")]
    if value.get("title"):
        words.append(f"\u201c{value['title']}\u201d")
    members = value.get("members")
    if isinstance(members, list):
        words.append(", ".join(text_of(name) or "a deleted account" for name in members))
    return " ".join(words)


def _times(value: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The moment in UTC and the clock reading of a message, as far as it tells them, in microseconds."""
    aware, reading = _clock(text_of(value.get("date")))
    seconds = value.get("date_unixtime")
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) < 13:
        return int(seconds) * _SECONDS, reading
    return (reading, None) if aware else (None, reading)


@lru_cache(maxsize=4096)
def _clock(written: str) -> tuple[bool, int | None]:
    """An ISO 8601 time in microseconds since 1970, and whether it names its distance from UTC."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return False, None
    aware = moment.tzinfo is not None
    gone = (moment.astimezone(UTC).replace(tzinfo=None) if aware else moment) - _EPOCH
    return aware, (gone.days * 86_400 + gone.seconds) * _SECONDS + gone.microseconds
