"""What an RSMF manifest says besides its events: version, people and rooms, and whether times carry a zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.message import Message
from typing import Any, NamedTuple

from records.formats.base import IN_UTC, LOCAL, WITH_OFFSET, Part, Source
from records.formats.composer import text_of
from records.formats.errors import reject
from records.formats.json_stream import pieces
from records.formats.pieces import Path, Role
from records.formats.rsmf import schema

PARTICIPANTS: Path = ("participants",)
CONVERSATIONS: Path = ("conversations",)
EVENTS: Path = ("events",)
ARRAYS: frozenset[Path] = frozenset((PARTICIPANTS, CONVERSATIONS, EVENTS))
MOST_LISTED = 100_000  # participants, and conversations: they are kept in memory
LOOKED_AT = 50  # events whose time stamps the survey looks at
_EPOCH = datetime(1970, 1, 1)
_SECOND = 1_000_000
_PREFIX = "x-rsmf-"


class Frame(NamedTuple):
    """What a manifest says besides its events."""

    version: str
    collection: str
    participants: list[dict[str, Any]]
    conversations: list[dict[str, Any]]
    times: str

    def pictures(self) -> list[str]:
        """Files of the archive that belong to people and rooms, not to messages."""
        named = [each.get("avatar") for each in self.participants]
        named += [each.get("icon") for each in self.conversations]
        return [name for name in named if isinstance(name, str) and name]


def looks_right(value: object) -> bool:
    return isinstance(value, dict) and "type" in value and ("body" in value or "timestamp" in value)


def frame_of(source: Source, part: Part) -> Frame:
    """The lists of a manifest, checked; the events are looked at only as far as needed."""
    told: dict[str, object] = {}
    lists: dict[Path, list[object]] = {PARTICIPANTS: [], CONVERSATIONS: []}
    met: set[str] = set()
    stamps: list[str] = []
    broken, events = False, 0
    with source.open(part.member) as stream:
        for piece in pieces(stream, ARRAYS, looks_right):
            if piece.role is Role.BROKEN:
                broken = True
                continue
            if len(piece.path) == 1:
                met.add(piece.path[0])
            if piece.role is Role.VALUE:
                told["/".join(piece.path)] = piece.value
            elif piece.role is Role.ELEMENT and piece.path != EVENTS:
                lists[piece.path].append(piece.value)
                if len(lists[piece.path]) > MOST_LISTED:
                    raise reject(
                        "R-SCHEMA", what=f"{piece.path[0]} lists more than {MOST_LISTED:,}"
                    )
            elif piece.role is Role.ELEMENT:
                events += 1
                if events <= LOOKED_AT and isinstance(piece.value, dict):
                    stamps.append(text_of(piece.value.get("timestamp")))
                if events >= LOOKED_AT and {"version", *schema.LISTS} <= met:
                    break
    fault = _fault_of(told, met, lists, broken=broken)
    if fault:
        raise reject("R-SCHEMA", what=fault)
    return Frame(
        text_of(told.get("version")) or "of an unknown version",
        text_of(told.get("eventcollectionid")),
        [each for each in lists[PARTICIPANTS] if isinstance(each, dict)],
        [each for each in lists[CONVERSATIONS] if isinstance(each, dict)],
        _times_of([stamp for stamp in stamps if stamp]),
    )


def _fault_of(
    told: Mapping[str, object], met: set[str], lists: Mapping[Path, list[object]], *, broken: bool
) -> str:
    """The first rule that the frame of a manifest breaks, in words. A file that is cut off may lack what follows."""
    if "" in told:
        return "it is not an object"
    for key in ("version", *schema.LISTS):
        if key not in met and not broken:
            return f"{key} is missing"
        if key in schema.LISTS and key in told:
            return f"{key} is not a list"
    if "version" in told:
        for fault in schema.version(told["version"], "version"):
            return f"{fault.place} {fault.words}"
    rules = schema.schema_of(text_of(told.get("version")))
    for path, rule in ((PARTICIPANTS, rules.participant), (CONVERSATIONS, rules.conversation)):
        for number, value in enumerate(lists[path]):
            for fault in rule(value, f"{path[0]}[{number}]"):
                if not fault.undefined:
                    return f"{fault.place} {fault.words}"
    return ""


def _times_of(stamps: list[str]) -> str:
    """What the time stamps of a manifest are: the weakest of what is seen."""
    kinds = {
        LOCAL if sent is None else IN_UTC if local is None else WITH_OFFSET
        for sent, local in map(moment_of, stamps)
    }
    return next(
        (kind for kind in (LOCAL, WITH_OFFSET) if kind in kinds), IN_UTC if kinds else LOCAL
    )


def moment_of(written: str) -> tuple[int | None, int | None]:
    """The moment in UTC and the clock reading of a time stamp, in microseconds, as far as it tells them."""
    try:
        moment = datetime.fromisoformat(written)
        offset = moment.utcoffset()
        gone = moment.replace(tzinfo=None) - _EPOCH
    except ValueError:
        return None, None
    reading = (gone.days * 86_400 + gone.seconds) * _SECOND + gone.microseconds
    if offset is None:
        return None, reading
    # "Z" tells a moment; what the device's clock showed then is not in it.
    ahead = (offset.days * 86_400 + offset.seconds) * _SECOND + offset.microseconds
    return reading - ahead, None if written[-1] in "Zz" else reading


def told_by(headers: Message) -> dict[str, str]:
    """The headers of RSMF by the part of their name that follows X-RSMF-, in lower case; of two the first."""
    told: dict[str, str] = {}
    for name, value in headers.items():
        if name.casefold().startswith(_PREFIX):
            told.setdefault(name.casefold().removeprefix(_PREFIX).strip(), str(value).strip())
    return told
