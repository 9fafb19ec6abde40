"""Discord, as DiscordChatExporter writes it in JSON: a file for each channel, or for each part of one.

Discord itself exports nobody's words but the account's own. What is read and by which rules: docs/formats/discord.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import Any

from records.formats.base import (
    IN_UTC,
    Entry,
    Header,
    Kind,
    NamedFile,
    Part,
    Problem,
    Sample,
    Source,
    Survey,
    Text,
)
from records.formats.clock import zone_of
from records.formats.composer import Composer, Item, text_of
from records.formats.iso_time import clock_of
from records.formats.json_stream import pieces
from records.formats.order import newest_first
from records.formats.pieces import Path, Piece, Role
from records.formats.sniff import head_of

ARRAYS: frozenset[Path] = frozenset({("messages",)})
LINKED = "the export holds a link to the file, not the file"
# The exporter writes a number for kinds that it has no name for; these are Discord's own (message types of its API).
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("Default", "Reply", "20", "21", "23"), Kind.TEXT),
    **dict.fromkeys(("RecipientAdd", "RecipientRemove", "GuildMemberJoin"), Kind.MEMBERSHIP),
    **dict.fromkeys(
        ("ChannelNameChange", "ChannelIconChange", "ChannelPinnedMessage", "ThreadCreated", "12"),
        Kind.SETTINGS,
    ),
    "Call": Kind.CALL,
    **dict.fromkeys(("8", "9", "10", "11", "14", "15", "16", "17", "22", "24", "46"), Kind.NOTICE),
}
_FRAME = re.compile(rb'"channel":\s*\{')
_MARKS = re.compile(rb'"dateRange":\s*\{|"callEndedTimestamp":|"timestampEdited":')
_MOMENT = re.compile(rb'"timestamp":\s*"([^"]*)",\s*"timestampEdited"')
_PART = re.compile(r" ?\[part (\d+)\](?=\.json$)")  # the first part carries no number


class Discord:
    """Reads the JSON files of one or many channels."""

    name = "discord"
    title = "Discord channel (DiscordChatExporter, JSON)"

    def score(self, sample: Sample) -> int:
        """How surely a file is of this program: by the channel and the dates that it writes before the messages."""
        if not sample.members:
            return 95 if _is_channel(sample.head) else 0
        names = [name for name in sample.members if name.endswith(".json")]
        return 95 if any(_is_channel(sample.peek(name)) for name in names[:5]) else 0

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """One text for each channel; the files of a channel that was exported in parts are parts of one text."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        channels = _channels(source)
        told = [_before_messages(source, parts[0].member) for parts in channels]
        chosen = next((dates for item in told if any((dates := _dates(item)).values())), {})
        survey = Survey(
            format=self.name,
            variant="channel",
            texts=[Text(tuple(parts)) for parts in channels],
            times=IN_UTC,
            date_order="ymd",
            time_zone=zone,
            proof=["Each message carries its moment with its distance from UTC."],
            layout={
                "range": chosen,
                "newest_first": newest_first(
                    map(_moments, (parts[0].member for parts in channels), repeat(source))
                ),
            },
        )
        if chosen:
            survey.proof.append(
                f"Dates were chosen at the export: {chosen}. What lies outside is not in it."
            )
        survey.proof.append("Deleted messages leave nothing in this export.")
        return survey

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message of every channel."""
        reading = _Reading(survey)
        for index, text in enumerate(survey.texts):
            start = 0
            for part in text.parts:
                with source.open(part.member) as stream:
                    walked = pieces(stream, ARRAYS, _is_message, start)
                    yield from reading.file(walked, index, part.member)
                start += part.size
        yield from reading.close()


def _is_channel(head: bytes) -> bool:
    return (
        head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        and _FRAME.search(head) is not None
        and len({found[0][:6] for found in _MARKS.finditer(head)}) > 1
    )


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and "timestamp" in value and "author" in value


def _channels(source: Source) -> list[list[Part]]:
    """The files of each channel, parts in order."""
    if not source.members:
        return [[Part(None, source.size)]]
    channels: dict[str, list[Part]] = {}
    for member in source.members:
        if member.name.endswith(".json") and _is_channel(head_of(source, member.name)):
            channels.setdefault(_PART.sub("", member.name), []).append(Part(*member))
    for parts in channels.values():
        parts.sort(key=_number)
    return list(channels.values())


def _moments(member: str | None, source: Source) -> list[int | None]:
    """The moments that the head of a file shows: the program can be told to begin with the newest."""
    written = _MOMENT.findall(head_of(source, member))
    return [clock_of(item.decode("ascii", "replace"))[1] for item in written]


def _number(part: Part) -> int:
    found = _PART.search(part.member or "")
    return int(found[1]) if found else 0


def _before_messages(source: Source, member: str | None) -> dict[str, object]:
    """What stands before the first message: guild, channel, dates."""
    told: dict[str, object] = {}
    with source.open(member) as stream:
        for piece in pieces(stream, ARRAYS, _is_message):
            if piece.role is Role.VALUE and len(piece.path) == 1:
                told[piece.path[0]] = piece.value
            elif piece.role is not Role.FRAME or piece.path == ("messages",):
                break
    return told


def _dates(told: Mapping[str, object]) -> dict[str, str | None]:
    dates = told.get("dateRange")
    if not isinstance(dates, dict):
        return {}
    return {key: text_of(dates.get(key)) or None for key in ("after", "before")}


class _Reading:
    """One export while it is read: the channel whose messages come now."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._composer = Composer(survey)
        self._told: dict[str, object] = {}
        self._conversation = -1
        self._text = 0
        self._folder: str | None = None
        self._counts: list[dict[str, object]] = []
        survey.layout["counts"] = self._counts

    def file(self, walked: Iterator[Piece], text: int, member: str | None) -> Iterator[Item]:
        """One file: a channel, or a part of one."""
        self._told, self._text = {}, text
        self._folder = None if member is None else member.rpartition("/")[0]
        self._conversation = -1
        before = self._composer.seq
        for piece in walked:
            if piece.role is Role.ELEMENT:
                yield from self._message(piece)
                continue
            if piece.role is Role.VALUE and len(piece.path) == 1:
                self._told[piece.path[0]] = piece.value
            yield from self._composer.frame(piece, text)
            if piece.path == ("messageCount",) and type(piece.value) is int:
                yield from self._compare(piece, self._composer.seq - before, member or "")

    def close(self) -> Iterator[Problem]:
        yield from self._composer.close()

    def _compare(self, piece: Piece, found: int, place: str) -> Iterator[Problem]:
        declared = piece.value
        assert isinstance(declared, int)
        if declared == found:
            return
        self._counts.append(
            {
                "noun": "message",
                "declared": declared,
                "found": found,
                "place": place,
                "conversation": self._channel(),
            }
        )
        yield from self._composer.complaints.tell(
            "J-COUNT",
            text=self._text,
            offset=piece.offset,
            length=piece.length,
            figures={"declared": declared, "found": found},
        )

    def _channel(self) -> int:
        if self._conversation < 0:
            guild, channel = self._told.get("guild"), self._told.get("channel")
            guild = guild if isinstance(guild, dict) else {}
            channel = channel if isinstance(channel, dict) else {}
            name, server = text_of(channel.get("name")), text_of(guild.get("name"))
            direct = text_of(guild.get("id")) in ("", "0")
            title = name if direct else f"{server} / #{name}"
            self._conversation = self._composer.conversation(
                self._text, title or "Channel without a name", self._text
            )
        return self._conversation

    def _message(self, piece: Piece) -> Iterator[Item]:
        value = piece.value
        if not isinstance(value, dict) or not _is_message(value):
            yield from self._composer.unread(piece, self._text, "J-NO-MESSAGE")
            return
        written, type_ = text_of(value["timestamp"]), text_of(value.get("type"))
        kind = KINDS.get(type_, Kind.NOTICE if type_ else Kind.TEXT)
        detail = _detail(value, kind)
        files = [self._file(item) for item in _objects(value.get("attachments"))]
        if files and kind in (Kind.TEXT, Kind.NOTICE):
            kind = Kind.MEDIA_OMITTED if all(file.left_out for file in files) else Kind.ATTACHED
        if value.get("timestampEdited"):
            if kind is not Kind.TEXT:
                detail["was"] = kind.value
            detail["edited"] = text_of(value["timestampEdited"])
            kind = Kind.EDITED
        author = value["author"]
        author = author if isinstance(author, dict) else {}
        name = text_of(author.get("nickname")) or text_of(author.get("name"))
        handle = text_of(author.get("id")) or name
        aware, sent = clock_of(written)
        yield from self._composer.entry(
            self._channel(),
            kind.value,
            self._composer.sender(handle, name) if handle else None,
            _words(value),
            written,
            piece,
            sent=sent if aware else None,
            local=None if aware else sent,
            files=files,
            detail=detail,
        )
        if type_ and type_ not in KINDS:
            yield from self._composer.problem("J-TYPE-UNKNOWN", piece, self._text)

    def _file(self, item: Mapping[str, Any]) -> NamedFile:
        """A file: a link, or a path beside the JSON where the exporter was told to fetch files."""
        url = text_of(item.get("url"))
        size = item.get("fileSizeBytes")
        near = bool(url) and "://" not in url and self._folder is not None
        path = url.replace("\\", "/")
        return NamedFile(
            text_of(item.get("fileName")) or url or "file",
            member=(f"{self._folder}/{path}" if self._folder else path) if near else None,
            size=size if type(size) is int and size >= 0 else None,
            left_out=LINKED if "://" in url or not url else "",
        )


def _detail(value: Mapping[str, Any], kind: Kind) -> dict[str, object]:
    """What a message says about itself besides its text."""
    detail: dict[str, object] = {"id": value.get("id")}
    reference = value.get("reference")
    if isinstance(reference, dict) and reference.get("messageId"):
        detail["reply_to"] = reference["messageId"]
    if value.get("isPinned"):
        detail["pinned"] = True
    if value.get("callEndedTimestamp"):
        detail["ended"] = value["callEndedTimestamp"]
    if isinstance(value.get("forwardedMessage"), dict):
        detail["forwarded"] = True
    if kind is not Kind.TEXT:
        detail["type"] = value.get("type")
    stickers = [item.get("name") for item in _objects(value.get("stickers"))]
    reactions = [
        {"emoji": _object(item.get("emoji")).get("name"), "count": item.get("count")}
        for item in _objects(value.get("reactions"))
    ]
    return detail | {
        key: known for key, known in (("stickers", stickers), ("reactions", reactions)) if known
    }


def _words(value: Mapping[str, Any]) -> str:
    """The text; of a forwarded message what was forwarded, of an app's card its words."""
    text = text_of(value.get("content")) or text_of(
        _object(value.get("forwardedMessage")).get("content")
    )
    if text:
        return text
    lines = [
        text_of(card.get(key))
        for card in _objects(value.get("embeds"))
        for key in ("title", "description")
    ]
    return "\n".join(line for line in lines if line)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
