"""The rules of the RSMF manifest, versions 1.0.0 and 2.0.0, as the vendor's validator applies them.

Written from the vendor's published JSON schemas (repository relativitydev/rsmf-validator-samples, folder
RSMFManifestSchema) and the help pages of the format. A rule that is broken is a fault; a property that no rule names is
told as well, because the vendor's validator warns of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple


class Fault(NamedTuple):
    """Where a value breaks the rules, and how."""

    place: str  # e.g. "participants[3].id"
    words: str
    undefined: bool = False  # only a property that RSMF does not define


Rule = Callable[[object, str], Iterator[Fault]]


def text(value: object, place: str) -> Iterator[Fault]:
    """A string."""
    if not isinstance(value, str):
        yield Fault(place, "is not text")


def name(value: object, place: str) -> Iterator[Fault]:
    """A string that is not empty."""
    if not isinstance(value, str) or not value:
        yield Fault(place, "is not a text of at least one character")


def version(value: object, place: str) -> Iterator[Fault]:
    """A version as RSMF writes it."""
    if not isinstance(value, str) or len(value) < 5:
        yield Fault(place, "is not a version such as 2.0.0")


def whole(value: object, place: str) -> Iterator[Fault]:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        yield Fault(place, "is not a whole number")


def flag(value: object, place: str) -> Iterator[Fault]:
    """True or false."""
    if not isinstance(value, bool):
        yield Fault(place, "is neither true nor false")


def moment(value: object, place: str) -> Iterator[Fault]:
    """A date and time of ISO 8601; the distance from UTC may be left out."""
    try:
        if isinstance(value, str) and datetime.fromisoformat(value):
            return
    except ValueError:
        pass
    yield Fault(place, "is not a date and time of ISO 8601")


def one_of(*words: str) -> Rule:
    def rule(value: object, place: str) -> Iterator[Fault]:
        if value not in words:
            yield Fault(place, f"is none of {', '.join(words)}")

    return rule


def many(item: Rule) -> Rule:
    def rule(value: object, place: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault(place, "is not a list")
            return
        for number, each in enumerate(value):
            yield from item(each, f"{place}[{number}]")

    return rule


def shape(required: tuple[str, ...], fields: Mapping[str, Rule]) -> Rule:
    def rule(value: object, place: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(place, "is not an object")
            return
        for key in required:
            if key not in value:
                yield Fault(f"{place}.{key}", "is missing")
        for key, each in value.items():
            known = fields.get(key)
            if known is None:
                yield Fault(f"{place}.{key}", "is not defined by RSMF", undefined=True)
            else:
                yield from known(each, f"{place}.{key}")

    return rule


class Schema(NamedTuple):
    """The rules of one version."""

    participant: Rule
    conversation: Rule
    event: Rule


_CUSTOM = many(shape(("name", "value"), {"name": name, "value": name}))
_SORT = one_of("direct", "channel")
_IMPORTANCE = one_of("normal", "high")

V1 = Schema(
    participant=shape(
        ("id", "display"),
        {"id": name, "display": name, "email": text, "avatar": text, "custom": _CUSTOM},
    ),
    conversation=shape(
        ("id", "display", "platform", "type", "participants"),
        {
            "id": name,
            "display": name,
            "platform": name,
            "type": _SORT,
            "participants": many(name),
            "custom": _CUSTOM,
        },
    ),
    event=shape(
        ("type", "participant", "conversation", "timestamp"),
        {
            "id": text,
            "type": one_of("message", "disclaimer", "join", "leave"),
            "parent": text,
            "body": text,
            "participant": name,
            "conversation": name,
            "timestamp": moment,
            "deleted": flag,
            "importance": _IMPORTANCE,
            "reactions": many(
                shape(
                    ("value", "count", "participants"),
                    {"value": name, "count": whole, "participants": many(name)},
                )
            ),
            "attachments": many(
                shape(("id", "display", "size"), {"id": name, "display": name, "size": whole})
            ),
            "edits": many(
                shape(("participant", "timestamp"), {"participant": name, "timestamp": moment})
            ),
            "custom": _CUSTOM,
        },
    ),
)
V2 = Schema(
    participant=shape(
        ("id",),
        {
            "id": name,
            "display": text,
            "email": text,
            "avatar": text,
            "account_id": text,
            "custom": _CUSTOM,
        },
    ),
    conversation=shape(
        ("id", "platform", "participants"),
        {
            "id": name,
            "display": text,
            "platform": name,
            "type": _SORT,
            "participants": many(name),
            "custodian": text,
            "custom": _CUSTOM,
            "icon": text,
        },
    ),
    event=shape(
        ("type",),
        {
            "id": text,
            "type": one_of("message", "disclaimer", "join", "leave", "history", "unknown"),
            "parent": text,
            "body": text,
            "participant": text,
            "conversation": text,
            "timestamp": moment,
            "deleted": flag,
            "importance": _IMPORTANCE,
            "direction": one_of("incoming", "outgoing"),
            "reactions": many(
                shape(
                    ("value",),
                    {"value": name, "count": whole, "participants": many(name)},
                )
            ),
            "attachments": many(shape(("id",), {"id": name, "display": text, "size": whole})),
            "edits": many(
                shape(
                    ("participant",),
                    {"participant": name, "timestamp": moment, "previous": text, "new": text},
                )
            ),
            "read_receipts": many(
                shape(
                    ("participant",),
                    {
                        "participant": name,
                        "timestamp": moment,
                        "action": one_of("read", "delivered"),
                    },
                )
            ),
            "custom": _CUSTOM,
        },
    ),
)
LISTS = ("participants", "conversations", "events")


def schema_of(version: str) -> Schema:
    """The rules that a manifest of that version follows."""
    return V1 if version.startswith("1.") else V2
