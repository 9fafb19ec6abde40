"""Relativity Short Message Format 1.0 and 2.0: a mail named .rsmf, the archive inside it, or its manifest alone.

What is read and by which rules: docs/formats/rsmf.md. A manifest whose version, participants or conversations break the
vendor's schema is refused, because nobody could tell who wrote what; a single event that does is read as far as it goes
and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from records.formats import enclosed
from records.formats.base import (
    IN_UTC,
    LOCAL,
    WITH_OFFSET,
    Entry,
    Header,
    Part,
    Person,
    Problem,
    Sample,
    Source,
    Survey,
    Text,
)
from records.formats.clock import zone_of
from records.formats.composer import Composer, Item, text_of
from records.formats.errors import reject
from records.formats.json_stream import pieces
from records.formats.pieces import Piece, Role
from records.formats.rsmf import events, schema
from records.formats.rsmf.complaints import WORDINGS
from records.formats.rsmf.frame import (
    ARRAYS,
    EVENTS,
    PARTICIPANTS,
    frame_of,
    looks_right,
    moment_of,
    told_by,
)
from records.formats.sniff import head_of

MANIFEST = "rsmf_manifest.json"
MANIFEST_TEXT, MAIL_TEXT = 0, 1  # indexes into Survey.texts

_KEYS = tuple(re.compile(rb'"%s"\s*:\s*\[' % key.encode()) for key in schema.LISTS)
_NUMBER = re.compile(rb'"version"\s*:\s*"\d+\.\d+')
_BEGIN = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{\s*"version"\s*:\s*"\d+\.\d+\.\d+"\s*,\s*"(?:participants|conversations|events)"\s*:\s*\['
)
# A message of these properties alone, all of them text, says nothing but its text.
_TEXTS = {str}
_PLAIN = frozenset(("id", "type", "body", "participant", "conversation", "timestamp"))
_SECOND = 1_000_000


class Rsmf:
    """Reads RSMF files, whole mails or what is inside them."""

    name = "rsmf"
    title = "Relativity Short Message Format (RSMF)"

    def score(self, sample: Sample) -> int:
        """How surely it is RSMF: by the header of the mail, or by the three lists of the manifest."""
        if enclosed.is_rsmf(sample.head):
            return 95
        inside = MANIFEST in sample.members
        head = sample.peek(MANIFEST) if inside else sample.head
        lists = sum(key.search(head) is not None for key in _KEYS)
        if inside:
            return 97 if lists or _NUMBER.search(head) else 50
        if lists == 3:
            return 90
        # A list of many people fills the head.
        return 70 if lists and _BEGIN.match(head) else 0

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """Who took part and in what, by which rules, and whether times carry a zone. `Rejected` by R-SCHEMA."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        head = head_of(source, None)
        in_mail = enclosed.is_rsmf(head)
        if in_mail and not source.members:
            raise reject("R-NO-ARCHIVE")
        part = next(
            (Part(each.name, each.size) for each in source.members if each.name == MANIFEST),
            Part(None, source.size),
        )
        frame = frame_of(source, part)
        told = told_by(enclosed.headers_of(head)) if in_mail else {}
        proof = [f"The manifest says that it follows RSMF {frame.version}."]
        collection = told.get("eventcollectionid") or frame.collection
        if collection:
            proof.append(
                f"The file is one slice of the collection \u201c{collection}\u201d; other slices are other files."
            )
        return Survey(
            format=self.name,
            variant="mail" if in_mail else "archive" if source.members else "manifest",
            texts=[
                Text((part,)),
                *([Text((Part(None, source.size),))] if in_mail else []),
            ],
            times=frame.times,
            date_order="ymd",
            time_zone=zone,
            proof=[*proof, _ABOUT_TIMES[frame.times]],
            layout={
                "version": frame.version,
                "participants": frame.participants,
                "conversations": frame.conversations,
                "told": told,
                "collection": collection,
                "pictures": frame.pictures(),
            },
        )

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Everything in the manifest's order, then the mail around it."""
        reading = _Reading(source, survey)
        with source.open(survey.texts[MANIFEST_TEXT].parts[0].member) as stream:
            yield from reading.manifest(pieces(stream, ARRAYS, looks_right))
        if len(survey.texts) > 1:
            with source.open() as stream:
                yield from reading.mail(list(enclosed.parts_of(stream)))
        yield from reading.close()


_ABOUT_TIMES = {
    IN_UTC: "Time stamps end in Z: they are UTC.",
    WITH_OFFSET: "Time stamps carry their distance from UTC.",
    LOCAL: "Time stamps carry no zone: they are read in the zone that was said at hand-in.",
}


class _Reading:
    """One RSMF file being read."""

    def __init__(self, source: Source, survey: Survey) -> None:
        self._survey = survey
        self._composer = Composer(survey, WORDINGS)
        layout: dict[str, Any] = survey.layout
        self._told: dict[str, str] = layout["told"]
        self._version: str = layout["version"]
        self._rules = schema.schema_of(self._version)
        self._members = {member.name for member in source.members}
        self._undefined: set[str] = set()
        self._found_files = 0
        self._ids: dict[str, set[str]] = {"participants": set(), "conversations": set()}
        self._people: dict[str, str] = {}  # participant id -> sender
        self._rooms: dict[str, int] = {}  # conversation id -> index
        self._outside = 0
        self._begin = moment_of(self._told.get("begindate", ""))
        self._end = moment_of(self._told.get("enddate", ""))
        self._has_range = self._begin != (None, None) and self._end != (None, None)
        self._introduce(layout["participants"], layout["conversations"])

    def _introduce(
        self, participants: list[dict[str, Any]], conversations: list[dict[str, Any]]
    ) -> None:
        """The people and rooms that the file lists, in its order."""
        sources = {text_of(room.get("custodian")) for room in conversations} - {""}
        for person in participants:
            key = person["id"]
            if key in self._people:
                continue
            email, account = text_of(person.get("email")), text_of(person.get("account_id"))
            name = text_of(person.get("display")) or email or account or key
            sender = self._people[key] = self._composer.sender(key, name)
            if sender in self._survey.people:
                self._survey.people[sender] = Person(
                    name=text_of(person.get("display")),
                    handle=email or account or key,
                    handle_kind="email" if email else "account",
                    exporter=key in sources,
                )
        for room in conversations:
            key = room["id"]
            if key not in self._rooms:
                self._rooms[key] = self._composer.conversation(key, self._title(room))

    def _title(self, room: Mapping[str, Any]) -> str:
        title = text_of(room.get("display"))
        if title:
            return title
        names = [self._people.get(each, each) for each in room["participants"]]
        return ", ".join(names[:6]) or str(room["id"])

    # -- the manifest --

    def manifest(self, walked: Iterator[Piece]) -> Iterator[Item]:
        for piece in walked:
            if piece.role is Role.ELEMENT and piece.path == EVENTS:
                value = piece.value
                if (
                    type(value) is dict
                    and value.keys() <= _PLAIN
                    and value.get("type") == "message"
                    and set(map(type, value.values())) == _TEXTS
                    and value.get("participant") in self._people
                    and value.get("conversation") in self._rooms
                    and "timestamp" in value
                    and "body" in value
                ):
                    yield from self._plain(value, piece)
                else:
                    yield from self._event(piece)
                continue
            yield from self._composer.frame(piece)
            if piece.role is Role.ELEMENT:
                yield from self._listed(piece)
            elif piece.role is Role.VALUE and piece.path not in (
                ("version",),
                ("eventcollectionid",),
            ):
                yield from self._not_defined("/".join(piece.path), piece)
            elif piece.path == ("version",):
                yield from self._of_version(piece)

    def _plain(self, value: dict[str, Any], piece: Piece) -> list[Item]:
        """A message that is text and nothing else: nearly all of them."""
        sent, local = moment_of(value["timestamp"])
        if self._has_range:
            self._look_at_range(sent, local)
        number = value.get("id")
        if sent is None and local is None:
            return [*self._event(piece)]
        return self._composer.entry(
            self._rooms[value["conversation"]],
            "text" if value["body"] else "empty",
            self._people[value["participant"]],
            value["body"],
            value["timestamp"],
            piece,
            sent=sent,
            local=local,
            detail=None if number is None else {"id": number},
        )

    def _listed(self, piece: Piece) -> Iterator[Problem]:
        """What is odd about a participant or conversation, besides what would have been refused."""
        rule = self._rules.participant if piece.path == PARTICIPANTS else self._rules.conversation
        value = piece.value
        for fault in rule(value, piece.path[0]):
            yield from self._not_defined(fault.place, piece)
        if not isinstance(value, dict):
            return
        key, known = text_of(value.get("id")), self._ids[piece.path[0]]
        if key in known:
            yield from self._tell(
                "R-ID-TWICE", piece, what=f"\u201c{key}\u201d of the {piece.path[0]}"
            )
        known.add(key)
        picture = value.get("avatar" if piece.path == PARTICIPANTS else "icon")
        if self._members and isinstance(picture, str) and picture and picture not in self._members:
            yield from self._tell("R-PICTURE", piece, what=picture)

    def _of_version(self, piece: Piece) -> Iterator[Problem]:
        version, header = self._version, self._told.get("version", "")
        if not version.startswith(("1.0", "2.0")):
            yield from self._tell("R-VERSION", piece, what=f"RSMF {version} is not known here")
        elif header and header != version:
            words = f"The mail says RSMF {header}, and the manifest in it says {version}"
            yield from self._tell("R-VERSION", piece, what=words)

    def _not_defined(self, place: str, piece: Piece) -> Iterator[Problem]:
        place = re.sub(r"\[\d+\]", "", place)
        if place not in self._undefined and len(self._undefined) < 1_000:
            self._undefined.add(place)
            words = f"RSMF does not define the property {place}"
            yield from self._tell("R-UNDEFINED", piece, what=words)

    def _tell(self, code: str, piece: Piece, **figures: object) -> Iterator[Problem]:
        """A problem of the file's frame."""
        return self._composer.complaints.tell(
            code, text=MANIFEST_TEXT, offset=piece.offset, length=piece.length, figures=figures
        )

    # -- events --

    def _event(self, piece: Piece) -> Iterator[Item]:
        value = piece.value
        if not isinstance(value, dict):
            yield from self._composer.unread(piece, code="J-NO-MESSAGE")
            return
        written = text_of(value.get("timestamp"))
        sent, local = moment_of(written)
        if self._has_range:
            self._look_at_range(sent, local)
        sender = self._sender(value.get("participant"))
        files = events.files_of(value, in_archive=bool(self._members))
        self._found_files += len(files)
        kind, detail = events.meaning(value, sender, self._name, has_files=bool(files))
        room = text_of(value.get("conversation"))
        known_room = room in self._rooms
        yield from self._composer.entry(
            self._rooms[room] if known_room else self._room(room),
            kind.value,
            sender,
            text_of(value.get("body")),
            written,
            piece,
            sent=sent,
            local=local,
            files=files,
            detail=detail,
        )
        yield from self._odd(value, piece, known_room=known_room)

    def _room(self, key: str) -> int:
        """A conversation that the file does not list; 2.0 lets an event name none."""
        return self._composer.conversation(("", key), key or "Events that name no conversation")

    def _sender(self, key: object) -> str | None:
        if not isinstance(key, str) or not key:
            return None
        known = self._people.get(key)
        return known if known is not None else self._composer.sender(f"\0{key}", key)

    def _name(self, key: object) -> str:
        return self._people.get(key, key) if isinstance(key, str) else text_of(key)

    def _odd(self, value: dict[str, Any], piece: Piece, *, known_room: bool) -> Iterator[Problem]:
        """What the vendor's validator would say about an event."""
        for fault in self._rules.event(value, "event"):
            if fault.undefined:
                yield from self._not_defined(fault.place, piece)
            else:
                what = f"{fault.place} {fault.words}"
                yield from self._composer.problem("R-EVENT", piece, what=what)
                break
        who, room = value.get("participant"), value.get("conversation")
        if isinstance(who, str) and who and who not in self._people:
            yield from self._composer.problem("R-PARTICIPANT", piece, what=who)
        if isinstance(room, str) and room and not known_room:
            yield from self._composer.problem("R-CONVERSATION", piece, what=room)

    # -- the mail around the manifest --

    def _look_at_range(self, sent: int | None, local: int | None) -> None:
        """Counts an event outside the time of the mail's headers; what cannot be compared is passed over."""
        (begin, begin_local), (end, end_local) = self._begin, self._end
        if None not in (begin, end, sent):
            early, at, late = begin, sent, end
        else:
            early, at, late = begin_local, local, end_local
        if early is None or at is None or late is None:
            return
        self._outside += not early - _SECOND < at < late + _SECOND

    def mail(self, parts: list[enclosed.MailPart]) -> Iterator[Item]:
        size = self._survey.texts[MAIL_TEXT].size
        yield Header(MAIL_TEXT, 0, size, "mail")
        for part in parts:
            if part.name and part.name.casefold() != enclosed.ARCHIVE:
                yield from self._of_mail("R-SECOND-FILE", part.offset, part.length, what=part.name)
        told, found = _number(self._told.get("eventcount")), self._composer.seq
        if told is not None:
            self._survey.layout["counts"] = [
                {"noun": "event", "declared": told, "found": found, "place": ""}
            ]
            if told != found:
                yield from self._of_mail("J-COUNT", declared=told, found=found)
        told = _number(self._told.get("attachmentcount"))
        if told is not None and told != self._found_files:
            yield from self._of_mail("R-FILES", declared=told, found=self._found_files)
        if self._outside:
            begin, end = self._told["begindate"], self._told["enddate"]
            yield from self._of_mail("R-RANGE", count=self._outside, begin=begin, end=end)

    def _of_mail(
        self, code: str, offset: int = 0, length: int = 0, **figures: object
    ) -> Iterator[Problem]:
        return self._composer.complaints.tell(
            code, text=MAIL_TEXT, offset=offset, length=length, figures=figures
        )

    def close(self) -> Iterator[Problem]:
        collection = self._survey.layout["collection"]
        if collection:
            yield from self._composer.complaints.tell("R-SLICE", figures={"what": collection})
        yield from self._composer.close()


def _number(written: str | None) -> int | None:
    if written is None or not (written.isascii() and written.isdigit() and len(written) < 12):
        return None
    return int(written)
