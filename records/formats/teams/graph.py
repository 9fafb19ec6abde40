"""What a chatMessage of Microsoft Graph says. A tenant's own export writes the same with capital first letters.

https://learn.microsoft.com/graph/api/resources/chatmessage
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from records.formats.base import Kind, NamedFile
from records.formats.composer import text_of
from records.formats.teams.html_text import words_of

LINKED = "the export holds a reference to the file, not the file"
# What an event is, by the beginning of its name.
_EVENTS: tuple[tuple[str, Kind], ...] = (
    ("conversationMember", Kind.MEMBERSHIP),
    ("members", Kind.MEMBERSHIP),
    ("call", Kind.CALL),
    ("channel", Kind.SETTINGS),
    ("chat", Kind.SETTINGS),
    ("meetingPolicy", Kind.SETTINGS),
    ("message", Kind.SETTINGS),  # pinned, unpinned
    ("tab", Kind.SETTINGS),
    ("team", Kind.SETTINGS),  # renamed, archived, its apps
)
_IMAGE = re.compile(r'<img\b[^>]*\bsrc="[^"]*/hostedContents/', re.IGNORECASE)


class Told(NamedTuple):
    """What a message says."""

    kind: Kind
    body: str
    files: list[NamedFile]
    detail: dict[str, object]
    known: bool = True  # whether the event is one that is known here


def camel(value: object) -> object:
    """The value with the first letter of each key in lower case, as Graph writes it."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: camel(item) for key, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def read_message(value: Mapping[str, Any]) -> Told:
    """Kind, text, files and detail of a chatMessage."""
    detail: dict[str, object] = {"id": value.get("id")}
    if value.get("replyToId"):
        detail["reply_to"] = detail["thread"] = value["replyToId"]
    event = value.get("eventDetail")
    if isinstance(event, dict):
        return _event(event, detail)
    body = _object(value.get("body"))
    content = text_of(body.get("content"))
    words = words_of(content) if body.get("contentType") == "html" else content
    subject = text_of(value.get("subject"))
    files = _files(value, content, detail)
    _note(value, detail)
    kind = _kind(value, bool(words or subject), bool(files), detail)
    return Told(
        kind,
        "\n".join(part for part in (subject, words) if part),
        files,
        detail,
        known=value.get("messageType") in ("message", None, "chatEvent", "typing"),
    )


def _kind(value: Mapping[str, Any], words: bool, files: bool, detail: dict[str, object]) -> Kind:
    if value.get("deletedDateTime"):
        detail["deleted"] = value["deletedDateTime"]
        return Kind.DELETED
    kind = Kind.MEDIA_OMITTED if files else Kind.TEXT if words or "cards" in detail else Kind.EMPTY
    if value.get("messageType") not in ("message", None):
        detail["type"] = value["messageType"]
        kind = Kind.NOTICE
    if value.get("lastEditedDateTime"):
        if kind is not Kind.TEXT:
            detail["was"] = kind.value
        detail["edited"] = value["lastEditedDateTime"]
        return Kind.EDITED
    return kind


def _note(value: Mapping[str, Any], detail: dict[str, object]) -> None:
    """What a message says about itself besides its text."""
    if value.get("importance") not in (None, "normal"):
        detail["importance"] = value["importance"]
    if value.get("policyViolation"):
        detail["policy_violation"] = value["policyViolation"]
    reactions = [
        {"type": item.get("reactionType"), "by": _name(_object(item.get("user")))}
        for item in _objects(value.get("reactions"))
    ]
    if reactions:
        detail["reactions"] = reactions
    changes = [
        {"at": item.get("modifiedDateTime"), "actions": item.get("actions")}
        for item in _objects(value.get("messageHistory"))
        if not text_of(item.get("actions")).startswith("reaction")
    ]
    if changes:
        detail["changes"] = changes


def _files(value: Mapping[str, Any], content: str, detail: dict[str, object]) -> list[NamedFile]:
    """Files that are named by a reference, and pictures in the text; answers and cards go to the detail."""
    files, cards = [], []
    for item in _objects(value.get("attachments")):
        type_ = text_of(item.get("contentType"))
        if type_ in ("messageReference", "forwardedMessageReference"):
            detail["reply_to" if type_ == "messageReference" else "forwarded"] = item.get("id")
        elif type_ == "reference" or item.get("contentUrl"):
            name = text_of(item.get("name")) or text_of(item.get("contentUrl")) or "file"
            files.append(NamedFile(name, left_out=LINKED))
        else:
            cards.append(text_of(item.get("name")) or type_)
    if cards:
        detail["cards"] = cards
    files += [NamedFile("image", left_out=LINKED)] * len(_IMAGE.findall(content))
    return files


def _event(event: Mapping[str, Any], detail: dict[str, object]) -> Told:
    """Something that happened to the conversation."""
    name, told = _event_name(event)
    kind = next((kind for start, kind in _EVENTS if name.startswith(start)), Kind.NOTICE)
    detail["type"] = name or "systemEventMessage"
    people = [text_of(_object(item).get("displayName")) or text_of(_object(item).get("id"))
              for item in _objects(told.get("members"))]  # fmt: skip
    if people:
        detail["members"] = people
    by = _name(_object(event.get("initiator"))) or _name(_object(told.get("initiator")))
    if by:
        detail["actor"] = by
    for key in (
        "visibleHistoryStartDateTime",
        "chatDisplayName",
        "channelDisplayName",
        "teamDisplayName",
    ):
        if told.get(key):
            detail[key] = told[key]
    words = re.sub("(?=[A-Z])", " ", name).lower().strip()
    body = f"{words}: {', '.join(people)}" if people else words
    return Told(kind, body, [], detail, known=kind is not Kind.NOTICE or not name)


def _event_name(event: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The kind of an event, and where it says more: Graph names a type, the tenant's export fills one key of many."""
    type_ = text_of(event.get("@odata.type")).rpartition(".")[2].removesuffix("EventMessageDetail")
    if type_:
        return type_, event
    for key, told in event.items():
        if told and key not in ("eventType", "initiator"):
            return key, told if isinstance(told, dict) else {"members": told}
    return "", {}


def sender_of(value: Mapping[str, Any]) -> tuple[str, str]:
    """The id and the name of who sent it; both empty for the application's own events."""
    origin = _object(value.get("from"))
    for key in ("user", "application", "device"):
        known = _object(origin.get(key))
        if known.get("id") or known.get("displayName"):
            return text_of(known.get("id")) or text_of(known.get("displayName")), text_of(
                known.get("displayName")
            )
    return "", ""


def _name(identity: Mapping[str, Any]) -> str:
    for key in ("user", "application", "device"):
        known = _object(identity.get(key))
        if known:
            return text_of(known.get("displayName")) or text_of(known.get("id"))
    return ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
