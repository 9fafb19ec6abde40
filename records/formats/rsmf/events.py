"""What an event of an RSMF manifest means: its kind, its files, and what it says besides its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from records.formats.base import Kind, NamedFile
from records.formats.composer import text_of

NameOf = Callable[[object], str]  # the sender as entries name it, by the id of a participant


def meaning(
    value: Mapping[str, Any], sender: str | None, name_of: NameOf, *, has_files: bool
) -> tuple[Kind, dict[str, object]]:
    """The kind of an event and its detail. Deleted and edited outrank what a message carried."""
    kind, detail = _by_type(value, sender)
    _besides(value, detail, name_of)
    if kind is Kind.TEXT and has_files:
        kind = Kind.ATTACHED
    elif kind is Kind.TEXT and not text_of(value.get("body")):
        kind = Kind.EMPTY if sender else Kind.NOTICE
    deleted, edited = value.get("deleted") is True, "earlier" in detail
    if not deleted and not edited:
        return kind, detail
    if kind not in (Kind.TEXT, Kind.EMPTY):
        detail["was"] = kind.value
    return (Kind.DELETED if deleted else Kind.EDITED), detail


def files_of(value: Mapping[str, Any], *, in_archive: bool) -> list[NamedFile]:
    """The files that an event names; their id is the name of a member of rsmf.zip."""
    files = []
    for each in _objects(value.get("attachments")):
        key, size = text_of(each.get("id")), each.get("size")
        files.append(
            NamedFile(
                text_of(each.get("display")) or key,
                member=key if in_archive else None,
                size=size if isinstance(size, int) and size >= 0 else None,
            )
        )
    return files


def _by_type(value: Mapping[str, Any], sender: str | None) -> tuple[Kind, dict[str, object]]:
    sort = text_of(value.get("type"))
    if sort == "message":
        return Kind.TEXT, {}
    detail: dict[str, object] = {"type": sort}
    if sort in ("join", "leave"):
        if sender:
            detail["actor"] = sender
        return Kind.MEMBERSHIP, detail
    return Kind.NOTICE, detail


def _besides(value: Mapping[str, Any], detail: dict[str, object], name_of: NameOf) -> None:
    for key, name in (
        ("id", "id"), ("parent", "reply_to"), ("direction", "direction"), ("custom", "custom"),
    ):  # fmt: skip
        if value.get(key):
            detail[name] = value[key]
    if value.get("importance") == "high":
        detail["importance"] = "high"
    reactions = [
        {**each, "participants": [name_of(who) for who in each["participants"]]}
        if isinstance(each.get("participants"), list)
        else each
        for each in _objects(value.get("reactions"))
    ]
    if reactions:
        detail["reactions"] = reactions
    receipts = [
        {**each, "participant": name_of(each.get("participant"))}
        for each in _objects(value.get("read_receipts"))
    ]
    if receipts:
        detail["read_receipts"] = receipts
    edits = _objects(value.get("edits"))
    if edits:
        if edits[-1].get("timestamp"):
            detail["edited"] = text_of(edits[-1]["timestamp"])
        detail["actor"] = name_of(edits[-1].get("participant"))
        detail["earlier"] = [text_of(each["previous"]) for each in edits if "previous" in each]


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
