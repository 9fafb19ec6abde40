"""An independent check of RSMF 2.0 files, from the vendor's published rules alone.

Written against the help pages of the format ("Requirements for RSMF head and body", "Requirements for rsmf.zip",
"rsmf_manifest.json file") and the published JSON schema 2.0.0. It shares no code with the portal's reader or writer.
"""

from __future__ import annotations

import email
import email.policy
import io
import json
import re
import zipfile
from datetime import datetime
from email.message import EmailMessage
from typing import Any

# property -> its type; a list of one means "array of"; a dict is an object; a tuple lists the allowed words.
_CUSTOM = [{"name": "name!", "value": "name!"}]
PARTICIPANT = {
    "id": "name!", "display": "text", "email": "text", "avatar": "text", "account_id": "text", "custom": _CUSTOM,
}  # fmt: skip
CONVERSATION = {
    "id": "name!", "display": "text", "platform": "name!", "type": ("direct", "channel"),
    "participants!": ["name"], "custodian": "text", "custom": _CUSTOM, "icon": "text",
}  # fmt: skip
EVENT = {
    "id": "text", "type!": ("message", "disclaimer", "join", "leave", "history", "unknown"), "parent": "text",
    "body": "text", "participant": "text", "conversation": "text", "timestamp": "time", "deleted": "flag",
    "importance": ("normal", "high"), "direction": ("incoming", "outgoing"),
    "reactions": [{"value": "name!", "count": "number", "participants": ["name"]}],
    "attachments": [{"id": "name!", "display": "text", "size": "number"}],
    "edits": [{"participant": "name!", "timestamp": "time", "previous": "text", "new": "text"}],
    "read_receipts": [{"participant": "name!", "timestamp": "time", "action": ("read", "delivered")}],
    "custom": _CUSTOM,
}  # fmt: skip
MANIFEST = {
    "version": "name!", "participants!": [PARTICIPANT], "conversations!": [CONVERSATION], "events!": [EVENT],
    "eventcollectionid": "text",
}  # fmt: skip
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)?")


class Checked:
    """What a file holds, once it has passed."""

    def __init__(
        self, message: EmailMessage, manifest: dict[str, Any], files: dict[str, bytes]
    ) -> None:
        self.headers = {name: str(value) for name, value in message.items()}
        self.text = _body_of(message)
        self.manifest, self.files = manifest, files
        self.events: list[dict[str, Any]] = manifest["events"]
        self.people = {person["id"]: person for person in manifest["participants"]}


def check(data: bytes) -> Checked:
    """The content of the file; AssertionError with the place when it breaks a rule."""
    _check_lines(data)
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    assert re.fullmatch(r"2\.0\.0", str(message["X-RSMF-Version"]))
    attached = list(message.iter_attachments())
    assert len(attached) == 1, "exactly one attachment"
    (part,) = attached
    assert part.get_filename() == "rsmf.zip"
    assert part.get_content_disposition() == "attachment"
    assert str(part["Content-Transfer-Encoding"]).lower() == "base64"
    with zipfile.ZipFile(io.BytesIO(part.get_content())) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        assert len(set(names)) == len(names)
        assert not [name for name in names if "/" in name or "\\" in name], (
            "files stand side by side"
        )
        files = {name: packed.read(name) for name in names}
    manifest = json.loads(files.pop("rsmf_manifest.json").decode("utf-8"))
    _matches(manifest, MANIFEST, "manifest")
    checked = Checked(message, manifest, files)
    _check_references(checked)
    _check_headers(checked)
    return checked


def _check_lines(data: bytes) -> None:
    """RFC 5322: lines end in CRLF and are at most 998 bytes long."""
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert max(map(len, data.split(b"\r\n"))) <= 998


def _matches(value: Any, rule: Any, place: str) -> None:
    if isinstance(rule, tuple):
        assert value in rule, place
    elif isinstance(rule, list):
        assert isinstance(value, list), place
        for number, item in enumerate(value):
            _matches(item, rule[0], f"{place}[{number}]")
    elif isinstance(rule, dict):
        assert isinstance(value, dict), place
        for key, inner in rule.items():
            needed = key.endswith("!") or (isinstance(inner, str) and inner.endswith("!"))
            assert not needed or key.rstrip("!") in value, f"{place}.{key} is missing"
        known = {key.rstrip("!"): inner for key, inner in rule.items()}
        for key, item in value.items():
            assert key in known, f"{place}.{key} is not defined"
            _matches(item, known[key], f"{place}.{key}")
    else:
        _is_a(value, rule.rstrip("!"), place)


def _is_a(value: Any, kind: str, place: str) -> None:
    if kind == "flag":
        assert isinstance(value, bool), place
    elif kind == "number":
        assert isinstance(value, int) and not isinstance(value, bool), place
    else:
        assert isinstance(value, str), place
        assert kind != "name" or value, f"{place} is empty"
        if kind == "time":
            assert STAMP.fullmatch(value), f"{place}: {value}"
            datetime.fromisoformat(value)


def _check_references(checked: Checked) -> None:
    """Everything that is named must be there."""
    manifest = checked.manifest
    rooms = {room["id"] for room in manifest["conversations"]}
    assert len(checked.people) == len(manifest["participants"])
    assert len(rooms) == len(manifest["conversations"])
    ids = {event["id"] for event in checked.events if "id" in event}
    assert len(ids) == sum("id" in event for event in checked.events)
    people = checked.people.keys()
    for room in manifest["conversations"]:
        assert set(room["participants"]) <= people
        assert "custodian" not in room or room["custodian"] in room["participants"]
    named = []
    for event in checked.events:
        assert event.get("conversation") in rooms
        assert "participant" not in event or event["participant"] in people
        assert "parent" not in event or event["parent"] in ids
        for each in (*event.get("edits", ()), *event.get("read_receipts", ())):
            assert each["participant"] in people
        for reaction in event.get("reactions", ()):
            assert set(reaction.get("participants", ())) <= people
        for file in event.get("attachments", ()):
            named.append(file["id"])
            assert file["id"] in checked.files
            assert file.get("size", len(checked.files[file["id"]])) == len(
                checked.files[file["id"]]
            )
    assert sorted(named) == sorted(checked.files), "each file belongs to one event"


def _check_headers(checked: Checked) -> None:
    """The optional headers roll the manifest up; a wrong one misleads a reviewer."""
    headers, events = checked.headers, checked.events
    assert int(headers["X-RSMF-EventCount"]) == len(events)
    attached = sum(len(event.get("attachments", ())) for event in events)
    assert int(headers["X-RSMF-AttachmentCount"]) == attached
    stamps = sorted(
        datetime.fromisoformat(event["timestamp"]) for event in events if "timestamp" in event
    )
    if stamps:
        assert datetime.fromisoformat(headers["X-RSMF-BeginDate"]) == stamps[0]
        assert datetime.fromisoformat(headers["X-RSMF-EndDate"]) == stamps[-1]


def _body_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert isinstance(text, str)
    return text
