"""What a message of a Wickr log is, by its number (`msgtype`), and what it says beside its text.

The numbers and objects are those of the vendor's guides (docs/formats/wickr.md lists them). An object that is missing
or of another shape than documented never stops the reading: what is whole is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from records.formats.base import Kind
from records.formats.composer import text_of
from records.formats.wickr.times import SECOND, made_at

TEXT, VERIFICATION, FILE, CALL, LOCATION, EDIT, REACTION = 1000, 3000, 6000, 7000, 8000, 9000, 9100
CREATE_ROOM, MODIFY_MEMBERS, LEAVE_ROOM, MODIFY_ROOM, DELETE_ROOM = 4001, 4002, 4003, 4004, 4005
DELETE, ATTRIBUTES, ATTRIBUTES_SYNC, PRIVATE_PROPERTY = 4011, 4012, 4013, 4014

# The bits of `changemask`, and the field of `control` that each of them is about.
MASK: Mapping[int, str] = {
    1: "masters", 2: "ttl", 4: "title", 8: "description", 16: "meeting_id_key", 32: "bor", 64: "filevaultinfo",
}  # fmt: skip
_VERIFICATIONS = {
    1: "request", 2: "response and request", 3: "acceptance", 4: "rejection", 5: "not now",
}  # fmt: skip
_CALLS = {0: "started", 1: "completed", 2: "missed", 3: "cancelled"}
# Messages written by older bots carry no number: the object that they carry tells.
_BY_OBJECT = {
    "file": FILE, "call": CALL, "keyverify": VERIFICATION, "location": LOCATION, "edit": EDIT, "message": TEXT,
}  # fmt: skip

Object = Mapping[str, Any]


class Meaning(NamedTuple):
    """What a message is."""

    kind: Kind
    body: str
    detail: dict[str, object]
    named: str = ""  # id of the message that it is about


def number_of(value: Object) -> int | None:
    """The message's number; of the nested object where only that carries one."""
    number = value.get("msgtype")
    if isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 9:
        number = int(number)
    if isinstance(number, int) and not isinstance(number, bool):
        return number
    control = object_of(value, "control")
    nested = control.get("msgtype")
    if isinstance(nested, int):
        return nested
    return next((code for key, code in _BY_OBJECT.items() if key in value), None)


def object_of(value: Object, key: str) -> Object:
    """An object inside a message; empty where it is missing or no object."""
    inside = value.get(key)
    return inside if isinstance(inside, dict) else {}


def meaning_of(value: Object) -> Meaning:
    """What the message says it is. Files are the reader's: it knows what the archive holds."""
    number = number_of(value)
    reader = _READERS.get(number) if number is not None else None
    if reader is None:
        return Meaning(
            Kind.NOTICE, text_of(value.get("message")), {"type": number, "unknown": True}
        )
    return reader(value)


def _text(value: Object) -> Meaning:
    detail: dict[str, object] = {}
    links = value.get("links")
    if isinstance(links, list):
        urls = [text_of(link.get("url") if isinstance(link, dict) else link) for link in links]
        detail["links"] = [url for url in urls if url][:100]
    return Meaning(Kind.TEXT, text_of(value.get("message")), detail)


def _file(value: Object) -> Meaning:
    file = object_of(value, "file")
    detail: dict[str, object] = {
        name: file[key]
        for key, name in (
            ("guid", "guid"), ("uploadedbyuser", "uploaded_by"), ("uploadedtimestamp", "uploaded"),
        )
        if isinstance(file.get(key), str)
    }  # fmt: skip
    if file.get("isscreenshot") is True:
        detail["screenshot"] = True
    return Meaning(Kind.ATTACHED, text_of(value.get("message")), detail)


def _call(value: Object) -> Meaning:
    call = object_of(value, "call")
    status = _CALLS.get(whole(call.get("status")), "of unknown status")
    detail: dict[str, object] = {"status": status}
    for key, name in (
        ("duration", "duration_seconds"),
        ("startmsgid", "started_by"),
        ("invitemsgid", "invited_by"),
    ):
        if isinstance(call.get(key), (str, int)):
            detail[name] = call[key]
    participants = call.get("participants")
    if isinstance(participants, list):
        detail["participants"] = len(participants)  # they are named by hashes only
    kind = Kind.MISSED_CALL if status == "missed" else Kind.CALL
    return Meaning(kind, f"call {status}", detail)


def _verification(value: Object) -> Meaning:
    step = _VERIFICATIONS.get(
        whole(object_of(value, "keyverify").get("msgtype")), "of unknown step"
    )
    return Meaning(Kind.SECURITY_CODE, f"verification {step}", {"step": step})


def _location(value: Object) -> Meaning:
    return _place(object_of(value, "location"))


def _place(place: Object, named: str = "") -> Meaning:
    detail = {
        key: place[key]
        for key in ("latitude", "longitude")
        if isinstance(place.get(key), (int, float))
    }
    until = text_of(place.get("shareexpiriation"))  # spelled so by the bot
    if until == "-1":
        detail["sharing"] = "ended"
    elif until.isascii() and until.isdigit() and len(until) < 12:
        detail["shared_until"] = int(until) * SECOND
    return Meaning(Kind.LOCATION, ", ".join(str(detail[key]) for key in ("latitude", "longitude") if key in detail),
                   dict(detail), named)  # fmt: skip


def _edit(value: Object) -> Meaning:
    edit = object_of(value, "edit")
    named = text_of(edit.get("originalmessageid"))
    if edit.get("type") == "location" or ("text" not in edit and "latitude" in edit):
        return _place(edit, named)
    if edit.get("type") == "reaction" or "reaction" in edit:
        return _reaction(value)
    detail: dict[str, object] = {}
    preview = object_of(edit, "linkimagemeta")
    if preview:
        detail["link_preview"] = text_of(preview.get("domain")) or True
    return Meaning(Kind.EDITED, text_of(edit.get("text")), detail, named)


def _reaction(value: Object) -> Meaning:
    edit = object_of(value, "edit")
    added = edit.get("reactAdded") is not False
    return Meaning(
        Kind.REACTION,
        text_of(edit.get("reaction")),
        {"added": added},
        text_of(edit.get("originalmessageid")),
    )


def _create_room(value: Object) -> Meaning:
    control = object_of(value, "control")
    detail = _settings(control)
    timed = bool(whole(control.get("ttl")) or whole(control.get("bor")))
    return Meaning(
        Kind.TIMER_ON if timed else Kind.MEMBERSHIP, _told("create room", detail), detail
    )


def _modify_room(value: Object) -> Meaning:
    control = object_of(value, "control")
    detail = _settings(control)
    mask = whole(control.get("changemask"))
    detail["changed"] = [name for bit, name in MASK.items() if mask & bit]
    if mask & ~sum(MASK):
        detail["changed_unknown"] = mask & ~sum(MASK)
    vault = object_of(object_of(control, "filevaultinfo"), "filemgtaction")
    if vault:
        detail["saved_item"] = {
            key: vault[key] for key in ("action", "target", "name", "path") if isinstance(vault.get(key), str)
        }  # fmt: skip
    kind = Kind.SETTINGS
    if mask & (2 | 32):
        off = not whole(control.get("ttl")) and not whole(control.get("bor"))
        kind = Kind.TIMER_OFF if off else Kind.TIMER_CHANGED
    return Meaning(kind, _told("modify room", detail), detail)


def _settings(control: Object) -> dict[str, object]:
    """The settings of a room as a control message states them."""
    detail: dict[str, object] = {}
    for key, name in (("ttl", "seconds"), ("bor", "burn_seconds")):
        if isinstance(control.get(key), int):
            detail[name] = control[key]
    for key in ("title", "description"):
        if isinstance(control.get(key), str) and control[key]:
            detail[key] = control[key]
    for key in ("masters", "members"):
        people = _people(control, key)
        if people:
            detail[key] = people
    return detail


def _modify_members(value: Object) -> Meaning:
    control = object_of(value, "control")
    detail: dict[str, object] = {
        name: people
        for key, name in (("addedusers", "added"), ("deletedusers", "removed"))
        if (people := _people(control, key))
    }
    return Meaning(Kind.MEMBERSHIP, _told("modify members", detail), detail)


def _leave_room(value: Object) -> Meaning:
    detail: dict[str, object] = (
        {"removed": people}
        if (people := _people(object_of(value, "control"), "deletedusers"))
        else {}
    )
    return Meaning(Kind.MEMBERSHIP, "leave room", detail)


def _delete_room(value: Object) -> Meaning:
    return Meaning(Kind.HISTORY_CLEARED, "delete room", {"action": "delete room"})


def _delete(value: Object) -> Meaning:
    """One message is deleted: everywhere (a recall), or on the sender's own devices only."""
    control = object_of(value, "control")
    named = text_of(control.get("msgid") or control.get("message_id"))
    recalled = control.get("isrecall") is True
    words = "recall a message" if recalled else "delete a message on the own devices"
    return Meaning(Kind.DELETED, words, {"recalled": recalled}, named)


def _attributes(value: Object) -> Meaning:
    attributes = object_of(value, "control").get("attributes")
    first = attributes[0] if isinstance(attributes, list) and attributes else {}
    first = first if isinstance(first, dict) else {}
    word = "star a message" if first.get("isstarred") is not False else "unstar a message"
    return Meaning(Kind.SETTINGS, word, {"action": word}, text_of(first.get("msgid")))


def _attributes_sync(value: Object) -> Meaning:
    return Meaning(
        Kind.SETTINGS, "ask for message attributes", {"action": "ask for message attributes"}
    )


def _private_property(value: Object) -> Meaning:
    pinned = object_of(value, "control").get("pinned") is not False
    word = "pin the conversation" if pinned else "unpin the conversation"
    return Meaning(Kind.SETTINGS, word, {"action": word})


_READERS = {
    TEXT: _text, VERIFICATION: _verification, FILE: _file, CALL: _call, LOCATION: _location, EDIT: _edit,
    REACTION: _reaction, CREATE_ROOM: _create_room, MODIFY_MEMBERS: _modify_members, LEAVE_ROOM: _leave_room,
    MODIFY_ROOM: _modify_room, DELETE_ROOM: _delete_room, DELETE: _delete, ATTRIBUTES: _attributes,
    ATTRIBUTES_SYNC: _attributes_sync, PRIVATE_PROPERTY: _private_property,
}  # fmt: skip


def dated(named: str) -> dict[str, object]:
    """What is known of a message of which only the id is left: when it was made."""
    made = made_at(named)
    return {"original": named} if made is None else {"original": named, "original_sent": made}


def whole(value: object) -> int:
    """A whole number of the log; 0 where there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _people(control: Object, key: str) -> list[str]:
    listed = control.get(key)
    return [text_of(person) for person in listed[:1_000]] if isinstance(listed, list) else []


def _told(action: str, detail: Mapping[str, object]) -> str:
    """A control message in words, from its own fields: it carries no text."""
    words = [action]
    if "changed" in detail:
        words.append("changed: " + ", ".join(str(name) for name in _listed(detail["changed"])))
    for key, word in (("title", "title"), ("description", "description")):
        if key in detail:
            words.append(f"{word} \u201c{detail[key]}\u201d")
    for key, word in (("seconds", "messages expire after"), ("burn_seconds", "burn on read after")):
        if detail.get(key):
            words.append(f"{word} {detail[key]} seconds")
    for key in ("added", "removed", "members"):
        if key in detail:
            words.append(f"{key} " + ", ".join(str(name) for name in _listed(detail[key])))
    item = detail.get("saved_item")
    if isinstance(item, dict):
        words.append("saved item: " + " ".join(str(part) for part in item.values()))
    return "; ".join(words)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
