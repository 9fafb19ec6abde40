"""Entries, people and the conversation as objects of an RSMF 2.0.0 manifest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from django.db.models import QuerySet

from records.formats.base import Doubt, Kind
from records.models import Attachment, Conversation, Message, Participant
from records.renditions.rsmf_files import Beside

Rows = QuerySet[Message]
MOST_IDS = 100_000  # ids of earlier entries that a reply may name
_EPOCH = datetime(1970, 1, 1)
_MINUTE = 60_000_000
_DAY = 1_440  # minutes
_DELETED = frozenset((Kind.DELETED, Kind.DELETED_BY_EXPORTER, Kind.DELETED_BY_OTHER))
# What people wrote; everything else the application wrote itself.
_MESSAGES = _DELETED | frozenset(
    (Kind.TEXT, Kind.ATTACHED, Kind.MEDIA_OMITTED, Kind.VIEW_ONCE, Kind.EDITED, Kind.NOT_RECEIVED, Kind.LOCATION,
     Kind.CONTACT, Kind.POLL, Kind.EMPTY)
)  # fmt: skip
_TYPES = ("disclaimer", "join", "leave", "history")  # of events that were RSMF before
# Parts of an entry's detail that RSMF has properties for.
_TOLD = frozenset(
    ("id", "reply_to", "reactions", "read_receipts", "edited", "earlier", "files", "direction", "importance", "type")
)  # fmt: skip


def participant(person: Participant, key: str) -> dict[str, object]:
    """A person who wrote in the conversation."""
    told: dict[str, object] = {"id": key, "display": person.shown}
    if person.handle:
        told["email" if person.handle_kind == "email" else "account_id"] = person.handle
    if person.name != person.shown:
        told["custom"] = _custom({"Name as written": person.name})
    return told


def conversation(
    row: Conversation, people: list[Participant], ids: Mapping[int, str]
) -> dict[str, object]:
    """The conversation. Its type is left open: no export says whether anybody could come and go."""
    export = row.export
    told: dict[str, object] = {
        "id": "c1",
        "display": row.title,
        "platform": export.tool.name or export.format,
        "participants": [ids[person.pk] for person in people],
        "custom": _custom(
            {
                "Message export": export.number,
                "Sealed file": export.name,
                "SHA-256 of the sealed file": export.stored_file.sha256,
                "Format": export.format,
                "Time zone of the device": export.time_zone,
            }
        ),
    }
    for person in people:
        if person.exporter:
            told["custodian"] = ids[person.pk]
    return told


class Events:
    """Makes the events of one manifest, in order."""

    def __init__(self, people: list[Participant], ids: Mapping[int, str]) -> None:
        self._ids = ids
        self._by_name = {person.shown: ids[person.pk] for person in people}
        self._by_name |= {person.name: ids[person.pk] for person in people}
        self._exporters = {person.pk for person in people if person.exporter}
        self._seen: dict[str, None] = {}

    def event(self, row: Message, files: Beside) -> dict[str, object]:
        """One entry. What RSMF has no property for stands in `custom`."""
        detail: Mapping[str, Any] = row.detail or {}
        told: dict[str, object] = {
            "id": self._id(detail.get("id"), row.seq),
            "type": _type(row, detail),
            "conversation": "c1",
            "body": row.body,
        }
        if row.participant_id is not None:
            told["participant"] = self._ids[row.participant_id]
        stamp = stamp_of(row.local, row.sent_at)
        if stamp:
            told["timestamp"] = stamp
        if row.kind in _DELETED:
            told["deleted"] = True
        if detail.get("importance") == "high":
            told["importance"] = "high"
        direction = self._direction(row, detail)
        if direction:
            told["direction"] = direction
        parent = str(detail.get("reply_to") or "")
        if parent in self._seen and parent != told["id"]:
            told["parent"] = parent
        lists = {
            "attachments": [
                {"id": held.id, "display": held.row.name, **_size(held.row)} for held in files.held
            ],
            "reactions": list(self._reactions(detail.get("reactions"))),
            "edits": self._edits(row, detail),
            "read_receipts": list(self._receipts(detail.get("read_receipts"))),
            "custom": _custom(_besides(row, detail, files, parent_told="parent" in told)),
        }
        return told | {key: value for key, value in lists.items() if value}

    def _id(self, native: object, seq: int) -> str:
        """The application's own id, so that replies find it; the place in the export where there is none."""
        key = str(native) if isinstance(native, str | int) and native != "" else ""
        if not key or key in self._seen:
            key = f"entry {seq}"
        self._seen[key] = None
        if len(self._seen) > MOST_IDS:
            del self._seen[next(iter(self._seen))]
        return key

    def _direction(self, row: Message, detail: Mapping[str, Any]) -> str:
        """Whether it went from or to the account that made the export, where the export says whose that is."""
        if detail.get("direction") in ("incoming", "outgoing"):
            return str(detail["direction"])
        if not self._exporters or row.participant_id is None or row.kind not in _MESSAGES:
            return ""
        return "outgoing" if row.participant_id in self._exporters else "incoming"

    def _reactions(self, listed: object) -> Iterable[dict[str, object]]:
        """Reactions in the several forms in which exports tell them."""
        for each in _objects(listed):
            value = next(
                (str(each[key]) for key in ("value", "emoji", "reaction", "name") if each.get(key)),
                "",
            )
            if not value:
                continue
            told: dict[str, object] = {"value": value}
            who = each.get("participants", each.get("users", each.get("recent")))
            known = self._known(who)
            if known:
                told["participants"] = known
            count = each.get("count", len(who) if isinstance(who, list) else None)
            if isinstance(count, int) and not isinstance(count, bool):
                told["count"] = count
            yield told

    def _known(self, names: object) -> list[str]:
        if not isinstance(names, list):
            return []
        names = [each.get("from") if isinstance(each, dict) else each for each in names]
        return [
            self._by_name[name] for name in names if isinstance(name, str) and name in self._by_name
        ]

    def _edits(self, row: Message, detail: Mapping[str, Any]) -> list[dict[str, object]]:
        """Earlier texts, where the export kept them. RSMF wants to know who edited: whose message it is."""
        if row.kind != Kind.EDITED or row.participant_id is None:
            return []
        who = self._by_name.get(str(detail.get("actor")), self._ids[row.participant_id])
        edit: dict[str, object] = {"participant": who}
        stamp = _iso(detail.get("edited"))
        if stamp:
            edit["timestamp"] = stamp
        earlier = detail.get("earlier")
        texts = (
            [text for text in earlier if isinstance(text, str)] if isinstance(earlier, list) else []
        )
        if not texts:
            return [edit]
        return [
            {
                **(edit if number == len(texts) else {"participant": who}),
                "previous": text,
                "new": new,
            }
            for number, (text, new) in enumerate(zip(texts, [*texts[1:], row.body], strict=True), 1)
        ]

    def _receipts(self, listed: object) -> Iterable[dict[str, object]]:
        for each in _objects(listed):
            who = self._by_name.get(str(each.get("participant")))
            if who is None:
                continue
            told: dict[str, object] = {"participant": who}
            stamp = _iso(each.get("timestamp"))
            if stamp:
                told["timestamp"] = stamp
            if each.get("action") in ("read", "delivered"):
                told["action"] = each["action"]
            yield told


def stamp_of(local: int | None, sent_at: datetime | None) -> str:
    """A time stamp of ISO 8601 with its distance from UTC where both clocks are known; empty when neither is."""
    if sent_at is None:
        return reading_text(local)
    sent = sent_at.astimezone(UTC).replace(tzinfo=None) - _EPOCH
    micros = (sent.days * 86_400 + sent.seconds) * 1_000_000 + sent.microseconds
    if local is None:
        return moment_text(sent_at)
    ahead, rest = divmod(local - micros, _MINUTE)
    if rest or not -_DAY < ahead < _DAY or ahead == 0:
        return moment_text(sent_at)
    return sent_at.astimezone(timezone(timedelta(minutes=ahead))).isoformat()


def moment_text(sent_at: datetime | None) -> str:
    """A moment in UTC."""
    return "" if sent_at is None else sent_at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def reading_text(local: int | None) -> str:
    """A clock reading without a zone."""
    return "" if local is None else (_EPOCH + timedelta(microseconds=local)).isoformat()


def _type(row: Message, detail: Mapping[str, Any]) -> str:
    if row.kind in _MESSAGES:
        return "message"
    sort = detail.get("type")
    return str(sort) if sort in _TYPES else "unknown"


def _size(row: Attachment) -> dict[str, object]:
    """The bytes of a file, where they are known: those of a member, or of one that was looked at."""
    if row.content is not None:
        return {"size": row.content.size}
    return {"size": row.size} if row.member else {}


def _besides(
    row: Message, detail: Mapping[str, Any], files: Beside, *, parent_told: bool
) -> dict[str, str]:
    rest = {key: value for key, value in detail.items() if key not in _TOLD}
    if not all("value" in each for each in _objects(detail.get("reactions"))):
        rest["reactions"] = detail["reactions"]  # as the application tells them, which may say more
    if detail.get("reply_to") and not parent_told:
        rest["reply_to"] = detail["reply_to"]
    return {
        "Entry": str(row.seq),
        "Kind": "" if row.kind == Kind.TEXT else row.kind,
        "Time as written": row.written,
        "Doubt": str(Doubt(row.doubt).name or "") if row.doubt else "",
        "Files not held": "; ".join(files.lacking),
        "Detail": json.dumps(rest, ensure_ascii=False, sort_keys=True) if rest else "",
    }


def _custom(told: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in told.items() if value]


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _iso(value: object) -> str:
    """A time stamp as it stands, if it is one of ISO 8601."""
    try:
        return value if isinstance(value, str) and datetime.fromisoformat(value) else ""
    except ValueError:
        return ""
