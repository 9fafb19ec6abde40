"""Reads the log of a Wickr bot: JSON objects one after another, one for each message that the network carried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from records.formats.base import (
    IN_UTC,
    Entry,
    Header,
    Kind,
    NamedFile,
    Problem,
    Sample,
    Source,
    Survey,
)
from records.formats.clock import zone_of
from records.formats.composer import MOST_PEOPLE, Composer, Item, text_of
from records.formats.json_stream import lines
from records.formats.pieces import Piece, Role
from records.formats.wickr.complaints import WORDINGS
from records.formats.wickr.meaning import (
    FILE,
    TEXT,
    Object,
    dated,
    meaning_of,
    number_of,
    object_of,
)
from records.formats.wickr.parts import MOST_PEEKS, marks, may_be_log, texts_of
from records.formats.wickr.references import References
from records.formats.wickr.rooms import Room, Rooms
from records.formats.wickr.times import MINUTE, made_at, readable, stamp

RECENT = 5_000  # messages whose text is held, so that an edit can show what stood before
LONGEST_HELD = 10_000  # characters of such a text
_MOST_APART = 15 * MINUTE  # of a message's time and the time inside its id
_MIDDLE = 7 * MINUTE  # in which the middle of an id stays the same
_MOST_MIDDLES = 200_000
# A message with no other key than these says nothing but its text.
_PLAIN = frozenset(
    (
        *("message", "message_id", "msg_ts", "msgtype", "receiver", "sender", "sender_type"),
        *("time", "time_iso", "ttl", "vgroupid"),
    )
)
_ACTS = frozenset(
    (Kind.TIMER_ON, Kind.TIMER_CHANGED, Kind.TIMER_OFF, Kind.DELETED, Kind.HISTORY_CLEARED)
)
_SCORES = (0, 20, 85, 97)  # by the number of marks


class Wickr:
    """Reads the log of a compliance or data retention bot, alone or in an archive with its attachments."""

    name = "wickr"
    title = "Wickr compliance or data retention bot log"

    def score(self, sample: Sample) -> int:
        """How surely it is such a log: by the keys that every message has."""
        if not sample.members:
            return _SCORES[marks(sample.head)]
        named = [name for name in sample.members if may_be_log(name)]
        named.sort(key=lambda name: "receivedmessages" not in name.casefold())
        return max((_SCORES[marks(sample.peek(name))] for name in named[:MOST_PEEKS]), default=0)

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """Which files are the log, and in what order."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        texts, gaps = texts_of(source)
        parts = sum(len(text.parts) for text in texts)
        proof = [
            "Each message carries its moment in UTC (msg_ts).",
            "The bot writes what the network delivered to it: what was sent while it did not run, or while data "
            "retention was turned off, is not in its log and leaves no mark there.",
        ]
        if parts > 1:
            proof.append(f"The log has {parts} parts, in the order of the first message of each.")
        return Survey(
            format=self.name,
            variant="parts" if parts > 1 else "log",
            texts=texts,
            times=IN_UTC,
            date_order="mdy",
            hour_clock="12",
            time_zone=zone,
            proof=proof,
            layout={"missing_parts": [gap._asdict() for gap in gaps]},
        )

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message in the log's order, every byte owned; rooms are entered as they are met."""
        reading = _Reading(source, survey)
        for index, text in enumerate(survey.texts):
            start = 0
            for part in text.parts:
                with source.open(part.member) as stream:
                    yield from reading.read(index, part.member, lines(stream, is_message, start))
                start += part.size
        yield from reading.close()


def is_message(value: object) -> bool:
    """Whether an object is a message of the log, and not one inside a message."""
    return isinstance(value, dict) and (
        "vgroupid" in value
        or ("msgtype" in value and ("message_id" in value or "msg_ts" in value))
        or ("sender" in value and ("message" in value or "message_id" in value))
    )


class _Reading:
    """One log while it is read."""

    def __init__(self, source: Source, survey: Survey) -> None:
        self._survey = survey
        self._composer = Composer(survey, WORDINGS)
        self._rooms = Rooms(self._composer)
        self._references = References(lambda: _streams(source, survey))
        self._members = _by_name(source) if source.members else None
        self._text = 0
        self._senders: dict[str, str] = {}
        self._made: dict[str, int] = {}  # middle of an id -> a moment at which ids had it
        self._held: dict[str, str] = {}  # id -> text of the newest messages, in two generations
        self._held_before: dict[str, str] = {}
        # The first and last entry of each part, with their moments: where the log has a hole.
        self._ends: dict[str, list[tuple[int, int | None]]] = {}
        self._part: list[tuple[int, int | None]] = []
        self._last: tuple[int, int | None] = (0, None)

    def read(self, text: int, member: str | None, walked: Iterator[Piece]) -> Iterator[Item]:
        """One part of the log."""
        self._text = text
        self._rooms.enter_text(text)
        self._part = self._ends.setdefault(member or "", [])
        for piece in walked:
            if piece.role is not Role.ELEMENT:
                yield from self._composer.frame(piece, text)
                continue
            value = piece.value
            if type(value) is dict and value.keys() <= _PLAIN and value.get("msgtype") == TEXT:
                yield from self._plain(value, piece)
            elif isinstance(value, dict) and is_message(value):
                yield from self._message(value, piece)
            else:
                yield from self._composer.unread(piece, text, "J-NO-MESSAGE")
        if self._part:
            self._part.append(self._last)

    def close(self) -> Iterator[Item]:
        """What the whole log says about rooms and holes, for the rules; and the summaries of problems."""
        self._survey.layout["expiring"] = self._rooms.expiring()
        for gap in _listed(self._survey.layout.get("missing_parts")):
            before, after = self._ends.get(gap["after"], []), self._ends.get(gap["before"], [])
            if before:
                gap["entry_before"], gap["last_at"] = before[-1]
            if after:
                gap["entry_after"], gap["first_at"] = after[0]
        yield from self._composer.close()

    def _plain(self, value: dict[str, Any], piece: Piece) -> list[Item]:
        """A message that is text and nothing else: nearly all of them."""
        room = self._rooms.of(value)
        identifier, sender_type = value.get("message_id"), value.get("sender_type")
        sent = stamp(value.get("msg_ts"))
        detail: dict[str, object] = {}
        if identifier is not None:
            detail["id"] = identifier
        if sender_type is not None and sender_type != "normal":
            detail["sender_type"] = sender_type
        room.counted(value, sent, self._composer.seq + 1, detail)
        body = value.get("message")
        body = body if type(body) is str else text_of(body)
        return self._entry(room, "text", body, value, piece, sent, detail)

    def _message(self, value: dict[str, Any], piece: Piece) -> Iterator[Item]:
        """A message of any other kind: a file, an edit, a control message."""
        room = self._rooms.of(value)
        meaning, number = meaning_of(value), number_of(value)
        sent = stamp(value.get("msg_ts"))
        detail: dict[str, object] = {}
        if value.get("message_id") or value.get("id"):
            detail["id"] = text_of(value.get("message_id") or value.get("id"))
        if isinstance(value.get("sender_type"), str) and value["sender_type"] != "normal":
            detail["sender_type"] = value["sender_type"]
        detail |= meaning.detail
        kind, files = meaning.kind, []
        if number in (TEXT, FILE):
            room.counted(value, sent, self._composer.seq + 1, detail)
        if number == FILE:
            files = self._files(object_of(value, "file"))
            kind = kind if files else Kind.MEDIA_OMITTED
        if meaning.named:
            kind = self._about(meaning.named, kind, meaning.body, detail)
        if kind in _ACTS:
            detail["actor"] = text_of(value.get("sender"))
        title = object_of(value, "control").get("title")
        if isinstance(title, str) and title:
            self._rooms.titled(room, title)
        yield from self._entry(room, kind.value, meaning.body, value, piece, sent, detail, files)
        if "unknown" in meaning.detail:
            yield from self._composer.problem("J-TYPE-UNKNOWN", piece, self._text)

    def _entry(
        self,
        room: Room,
        kind: str,
        body: str,
        value: Object,
        piece: Piece,
        sent: int | None,
        detail: dict[str, object],
        files: list[NamedFile] | None = None,
    ) -> list[Item]:
        written = value.get("msg_ts")
        if sent is None:
            readable_time = text_of(value.get("time_iso") or value.get("time"))
            sent, written = readable(readable_time), written or readable_time
        handle = value.get("sender")
        sender = self._senders.get(handle) if type(handle) is str else None
        made = self._composer.entry(
            room.index,
            kind,
            sender or self._sender(text_of(handle)),
            body,
            written if type(written) is str else text_of(written),
            piece,
            sent=sent,
            files=files or (),
            detail=detail,
        )
        self._last = (self._composer.seq, sent)
        if not self._part:
            self._part.append(self._last)
        identifier = detail.get("id")
        if type(identifier) is str:
            if kind == "text":
                self._hold(identifier, body)
            if sent is not None and abs(self._made.get(identifier[8:16], 0) - sent) > _MIDDLE:
                made += self._compared(identifier, sent, piece)
        return made

    def _compared(self, identifier: str, sent: int, piece: Piece) -> Iterator[Problem]:
        """Compare a message's time with the time inside its id.

        The middle of an id changes every seven minutes, so most messages are compared by a look at it alone.
        """
        own = made_at(identifier)
        if own is None:
            return
        if abs(own - sent) > _MOST_APART:
            yield from self._composer.problem("J-ID-TIME", piece, self._text)
        elif len(self._made) < _MOST_MIDDLES and len(identifier) == 32:
            self._made[identifier[8:16]] = own

    def _sender(self, handle: str) -> str | None:
        if not handle:
            return None
        sender = self._composer.sender(handle, "", "email" if "@" in handle else "account")
        if len(self._senders) < MOST_PEOPLE:
            self._senders[handle] = sender
        return sender

    def _hold(self, identifier: str, body: str) -> None:
        if len(self._held) >= RECENT:
            self._held_before, self._held = self._held, {}
        self._held[identifier] = body[:LONGEST_HELD]

    def _about(self, named: str, kind: Kind, body: str, detail: dict[str, object]) -> Kind:
        """What is known of the message that this one edits, deletes, reacts to or stars."""
        detail |= dated(named)
        held = self._references.held(named)
        if held is not None:
            detail["original_held"] = held
        earlier = self._held.get(named, self._held_before.get(named))
        if kind is Kind.DELETED and earlier is not None:
            detail["earlier"] = [earlier]
        if kind is not Kind.EDITED:
            return kind
        if earlier == body[:LONGEST_HELD]:
            detail["action"] = "link preview"  # the bot writes one as an edit that changes nothing
            return Kind.SETTINGS
        if earlier is not None:
            detail["earlier"] = [earlier]
            self._hold(named, body)
        return kind

    def _files(self, file: Object) -> list[NamedFile]:
        """The file of a transfer: by the name under which the bot stored it, for display names repeat."""
        shown, stored = text_of(file.get("filename")), text_of(file.get("localfilename"))
        stored = stored.replace("\\", "/").rpartition("/")[2]
        if not (shown or stored):
            return []
        if self._members is None:
            return [NamedFile(shown or stored)]
        member = self._members.get(stored or shown, stored or shown)
        return [NamedFile(shown or stored, member=member)]


def _by_name(source: Source) -> dict[str, str]:
    """The members of an archive by their own names, without folders."""
    return {member.name.rpartition("/")[2]: member.name for member in reversed(source.members)}


def _streams(source: Source, survey: Survey) -> Iterator[BinaryIO]:
    for text in survey.texts:
        for part in text.parts:
            with source.open(part.member) as stream:
                yield stream


def _listed(value: object) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else []
