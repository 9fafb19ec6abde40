"""Rows of Signal Desktop's database as JSON: the table `messages`, with `conversations` beside it or without.

People get them with a tool that opens the encrypted database (`sqlcipher`, `sqlite3 -json`); the columns and the object
in the column `json` are Signal Desktop's own (github.com/signalapp/Signal-Desktop, ts/model-types.d.ts).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from records.formats.base import Kind, NamedFile
from records.formats.composer import Composer, Item, text_of
from records.formats.expiring import Expiring
from records.formats.json_stream import lines, pieces
from records.formats.pieces import Path, Piece, Role

ME = "Me"
_MILLISECOND = 1_000
_SECOND = 1_000_000
_TIMER_UPDATE = 2  # bit of `flags`
_LATEST = 253_402_300_800_000  # milliseconds to the end of the year 9999
_ARRAYS: frozenset[Path] = frozenset({("messages",), ("conversations",)})

KINDS: Mapping[str, Kind] = {
    "keychange": Kind.SECURITY_CODE,
    "verified-change": Kind.SECURITY_CODE,
    "profile-change": Kind.IDENTITY,
    "change-number-notification": Kind.IDENTITY,
    "title-transition-notification": Kind.IDENTITY,
    "phone-number-discovery": Kind.IDENTITY,
    "contact-removed-notification": Kind.IDENTITY,
    "conversation-merge": Kind.IDENTITY,
    "joined-signal-notification": Kind.IDENTITY,
    "group-v1-migration": Kind.SETTINGS,
    "pinned-message-notification": Kind.SETTINGS,
    "universal-timer-notification": Kind.TIMER_DEFAULT,
    "delivery-issue": Kind.NOT_RECEIVED,
    "chat-session-refreshed": Kind.NOTICE,
    "message-history-unsynced": Kind.NOTICE,
    "message-request-response-event": Kind.BLOCKED,
}
_TIMERS = (Kind.TIMER_ON, Kind.TIMER_CHANGED, Kind.TIMER_OFF)
_MEMBERS = ("member-", "pending-", "admin-approval-", "create")


def is_row(value: object) -> bool:
    """Whether an object is a row of the table of messages."""
    return (
        isinstance(value, dict)
        and "conversationId" in value
        and ("sent_at" in value or "json" in value)
    )


def read_rows(composer: Composer, stream: BinaryIO, text: int, *, tables: bool) -> Iterator[Item]:
    """Every row, every byte owned. `tables`: one object with the tables in it, not rows alone."""
    rows = _Rows(composer, text)
    walked = pieces(stream, _ARRAYS, is_row) if tables else lines(stream, is_row)
    for piece in walked:
        value = piece.value
        if piece.role is not Role.ELEMENT:
            yield from composer.frame(piece, text)
        elif isinstance(value, dict) and piece.path == ("conversations",):
            rows.known(value)
            yield from composer.frame(piece._replace(role=Role.VALUE), text)
        elif isinstance(value, dict) and is_row(value):
            yield from rows.row(value, piece)
        else:
            yield from composer.unread(piece, text, "J-NO-MESSAGE")
    rows.close()


class _Rows:
    def __init__(self, composer: Composer, text: int) -> None:
        self._composer, self._text = composer, text
        self._names: dict[str, str] = {}  # conversation or account id -> name
        self._chats: dict[str, int] = {}
        self._timers: dict[int, int] = {}  # conversation -> seconds now in force
        self._expiring: dict[int, Expiring] = {}

    def known(self, row: Mapping[str, Any]) -> None:
        """A row of the table of conversations: it names a person or a group."""
        row = _with_json(row)
        name = text_of(
            row.get("name")
            or row.get("profileFullName")
            or row.get("profileName")
            or row.get("e164")
        )
        if not name or len(self._names) > 500_000:
            return
        for key in ("id", "serviceId", "uuid", "e164"):
            if isinstance(row.get(key), str):
                self._names[row[key]] = name
        chat = self._chats.get(text_of(row.get("id")))
        if chat is not None:  # the messages stood before
            self._composer.survey.conversations[chat].title = name

    def row(self, row: Mapping[str, Any], piece: Piece) -> Iterator[Item]:
        """One message or event."""
        row = _with_json(row)
        chat = self._chat(text_of(row.get("conversationId")))
        kind, body, detail = self._meaning(row, chat)
        files = _files(row.get("attachments"))
        if files and kind is Kind.TEXT:
            kind = Kind.MEDIA_OMITTED if all(file.left_out for file in files) else Kind.ATTACHED
        sent = _moment(row.get("sent_at")) or _moment(row.get("timestamp"))
        self._limited(row, kind, chat, detail)
        yield from self._composer.entry(
            chat, kind.value, self._sender(row), body, text_of(row.get("sent_at")), piece,
            sent=sent, files=files, detail=detail,
        )  # fmt: skip
        if detail.get("unknown"):
            yield from self._composer.problem("J-TYPE-UNKNOWN", piece, self._text)

    def close(self) -> None:
        """What the rows say about the end of their messages, for the rules."""
        told = self._composer.survey.layout.setdefault("expiring", [])
        assert isinstance(told, list)
        told += [
            item.told(chat)
            for chat, item in self._expiring.items()
            if item.expiring or item.burning
        ]

    def _chat(self, key: str) -> int:
        chat = self._chats.get(key)
        if chat is None:
            title = self._names.get(key) or (f"Chat {key[:8]}" if key else "Chat without an id")
            chat = self._chats[key] = self._composer.conversation(
                (self._text, key), title, self._text
            )
        return chat

    def _sender(self, row: Mapping[str, Any]) -> str | None:
        if row.get("type") == "outgoing":
            sender = self._composer.sender(ME, ME)
            people = self._composer.survey.people
            if not people[sender].exporter:
                people[sender] = people[sender]._replace(handle="", handle_kind="", exporter=True)
            return sender
        handle = text_of(row.get("sourceServiceId") or row.get("sourceUuid") or row.get("source"))
        if not handle:
            return None
        kind = "phone" if handle.startswith("+") else "account"
        return self._composer.sender(handle, self._names.get(handle, ""), kind)

    def _meaning(self, row: Mapping[str, Any], chat: int) -> tuple[Kind, str, dict[str, object]]:
        """What a row is, its text and its detail."""
        type_, body = text_of(row.get("type")), text_of(row.get("body"))
        detail: dict[str, object] = {}
        if row.get("id") is not None:
            detail["id"] = row["id"] if isinstance(row["id"], (str, int)) else text_of(row["id"])
        timer = row.get("expirationTimerUpdate")
        flags = row.get("flags")
        if (
            isinstance(timer, dict)
            or (isinstance(flags, int) and flags & _TIMER_UPDATE)
            or type_ == "timer-notification"
        ):
            return self._timer(row, timer if isinstance(timer, dict) else {}, chat, detail)
        if type_ in ("incoming", "outgoing", "story"):
            return _message(row, type_, body, detail)
        if type_ == "call-history":
            return _call(row, detail)
        if type_ == "group-v2-change":
            return _group(row, detail)
        kind = KINDS.get(type_)
        detail["type"] = type_ or None
        if kind is None:
            detail["unknown"] = True
        return kind or Kind.NOTICE, body or type_.replace("-", " "), detail

    def _timer(
        self, row: Mapping[str, Any], timer: Mapping[str, Any], chat: int, detail: dict[str, object]
    ) -> tuple[Kind, str, dict[str, object]]:
        """The timer of a chat was set. The database says to what; whether it was on before, the rows before say."""
        seconds = timer.get("expireTimer")
        seconds = seconds if isinstance(seconds, int) else _whole(row.get("expireTimer"))
        before = self._timers.get(chat)
        self._timers[chat] = seconds
        detail["seconds"] = seconds
        actor = text_of(timer.get("sourceServiceId") or timer.get("source"))
        if actor or row.get("type") == "outgoing":
            detail["actor"] = self._names.get(actor, actor) if actor else ME
        if not seconds:
            return Kind.TIMER_OFF, "disappearing messages off", detail
        kind = Kind.TIMER_CHANGED if before else Kind.TIMER_ON
        return kind, f"disappearing messages after {seconds} seconds", detail

    def _limited(
        self, row: Mapping[str, Any], kind: Kind, chat: int, detail: dict[str, object]
    ) -> None:
        """Count a message and what it says about its own end."""
        if row.get("type") not in ("incoming", "outgoing") or kind in _TIMERS:
            return
        told = self._expiring.get(chat)
        if told is None:
            told = self._expiring[chat] = Expiring()
        told.messages += 1
        seconds, seq = _whole(row.get("expireTimer")), self._composer.seq + 1
        if seconds:
            detail["seconds"] = seconds
            told.expires(seq, seconds)
            started = _moment(row.get("expirationStartTimestamp"))
            if started is not None:
                detail["expires_at"] = started + seconds * _SECOND
        if row.get("isViewOnce"):
            told.burns(seq)


def _message(
    row: Mapping[str, Any], type_: str, body: str, detail: dict[str, object]
) -> tuple[Kind, str, dict[str, object]]:
    kind = Kind.TEXT
    history = row.get("editHistory")
    if isinstance(history, list) and len(history) > 1:
        earlier = [text_of(item.get("body")) for item in history[1:] if isinstance(item, dict)]
        detail["earlier"] = earlier[::-1]  # the newest stands first
        kind = Kind.EDITED
    for key, name in (("contact", Kind.CONTACT), ("poll", Kind.POLL)):
        if row.get(key):
            kind = name
    reactions = row.get("reactions")
    if isinstance(reactions, list) and reactions:
        detail["reactions"] = [
            text_of(item.get("emoji")) for item in reactions if isinstance(item, dict)
        ]
    quote = row.get("quote")
    if isinstance(quote, dict):
        detail["reply_to_text"] = text_of(quote.get("text"))
    if row.get("sticker"):
        detail["sticker"] = True
    if row.get("isViewOnce"):
        return Kind.VIEW_ONCE, body, detail
    if row.get("deletedForEveryone"):
        return (
            (Kind.DELETED_BY_EXPORTER if type_ == "outgoing" else Kind.DELETED_BY_OTHER),
            body,
            detail,
        )
    if row.get("isErased"):
        detail["erased"] = True  # on this computer, when its time was over or by hand
        return Kind.DELETED, body, detail
    if kind is Kind.TEXT and not body and not row.get("attachments") and len(detail) < 2:
        kind = Kind.EMPTY
    return kind, body, detail


def _call(row: Mapping[str, Any], detail: dict[str, object]) -> tuple[Kind, str, dict[str, object]]:
    call = row.get("callHistoryDetails")
    call = call if isinstance(call, dict) else {}
    status = text_of(call.get("status")) or ("Accepted" if call.get("acceptedTime") else "")
    declined = call.get("wasDeclined") is True or status in ("Missed", "Declined", "NotAccepted")
    detail["status"] = status or ("Declined" if call.get("wasDeclined") else "")
    return (Kind.MISSED_CALL if declined else Kind.CALL), "call", detail


def _group(
    row: Mapping[str, Any], detail: dict[str, object]
) -> tuple[Kind, str, dict[str, object]]:
    change = row.get("groupV2Change")
    listed = change.get("details") if isinstance(change, dict) else None
    types = (
        [text_of(item.get("type")) for item in listed if isinstance(item, dict)]
        if isinstance(listed, list)
        else []
    )
    detail["changes"] = types
    members = any(item.startswith(_MEMBERS) for item in types)
    return (Kind.MEMBERSHIP if members else Kind.SETTINGS), ", ".join(types), detail


def _files(listed: object) -> list[NamedFile]:
    """Attachments: the database knows their names and places, and holds none of them."""
    files = []
    for item in listed if isinstance(listed, list) else []:
        if not isinstance(item, dict):
            continue
        path, name = text_of(item.get("path")), text_of(item.get("fileName"))
        left_out = ""
        if item.get("error") or (not path and not item.get("localKey")):
            left_out = "never downloaded by this computer, or no longer there"
        files.append(
            NamedFile(
                name or path or "attachment",
                member=path or None,
                size=item["size"] if isinstance(item.get("size"), int) else None,
                type=text_of(item.get("contentType")),
                left_out=left_out,
            )
        )
    return files


def _with_json(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row with what its column `json` holds; the columns themselves win."""
    inside = row.get("json")
    if isinstance(inside, str):
        try:
            inside = json.loads(inside)
        except (ValueError, RecursionError):
            return row
    if not isinstance(inside, dict):
        return row
    return {
        **inside,
        **{key: value for key, value in row.items() if value is not None and key != "json"},
    }


def _moment(value: object) -> int | None:
    """Milliseconds since 1970 in microseconds."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LATEST:
        return value * _MILLISECOND
    return None


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
