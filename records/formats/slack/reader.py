"""Reads a Slack export: each conversation is one text of as many parts as it has day files.

What is read and by which rules: docs/formats/slack.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
from records.formats.beside import add_beside, read_beside
from records.formats.clock import zone_of
from records.formats.composer import MOST_PEOPLE, Composer, Item, text_of
from records.formats.json_stream import pieces
from records.formats.pieces import ROOT, Piece, Role
from records.formats.slack.meaning import (
    FILE_MODES,
    KINDS,
    LINKED,
    detail_of_message,
    seconds_of,
    shown_text,
    words_of,
)
from records.formats.slack.workspace import LISTS, USERS, Workspace, day_files, workspace_of

_MESSAGE = re.compile(rb'"ts":\s*"\d{9,11}\.\d{6}"')
_TYPE = re.compile(rb'"type":\s*"message"')
_ARRAYS = frozenset((ROOT,))
# A message with no other key than these says nothing but its text.
_PLAIN = frozenset(
    (
        "client_msg_id", "type", "text", "user", "ts", "team", "user_team", "source_team", "user_profile", "blocks",
        "display_as_bot", "upload", "channel",
    )
)  # fmt: skip


class Slack:
    """Reads the zip of a workspace, or one day file of it."""

    name = "slack"
    title = "Slack workspace export"

    def score(self, sample: Sample) -> int:
        """How surely it is a Slack export: by its lists, its day files and the time stamps in one of them."""
        if not sample.members:
            return 85 if _is_day(sample.head) else 0
        days = list(day_files(sample.members))
        lists = {name.rpartition("/")[2] for name in sample.members} & {*USERS, *LISTS}
        if not days:
            return 0
        if any(_is_day(sample.peek(day)) for day in days[:5]):
            return 95 if lists else 80
        return 60 if len(lists) > 1 else 0

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """One text for each conversation, and one for the files that describe them."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        survey = Survey(
            format=self.name,
            variant="workspace" if source.members else "day",
            times=IN_UTC,
            date_order="ymd",
            time_zone=zone,
            proof=["Each message carries its moment in UTC (ts)."],
        )
        if not source.members:
            survey.texts = [Text((Part(None, source.size),))]
            return survey
        workspace = workspace_of(source)
        survey.texts = [
            Text(tuple(Part(member.name, member.size) for member in members))
            for members in workspace.folders.values()
        ]
        survey.layout["threads"] = True
        add_beside(survey, workspace.described)
        survey.proof += _proof(workspace)
        return survey

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message, conversation by conversation and day by day."""
        workspace = workspace_of(source) if source.members else Workspace()
        reading = _Reading(survey, workspace)
        if not source.members:
            reading.enter(0, source.name)
            with source.open() as stream:
                yield from reading.day(pieces(stream, _ARRAYS, _is_message))
        for index, folder in enumerate(workspace.folders):
            reading.enter(index, folder)
            start = 0
            for part in survey.texts[index].parts:
                with source.open(part.member) as stream:
                    yield from reading.day(pieces(stream, _ARRAYS, _is_message, start))
                start += part.size
        yield from read_beside(source, survey)
        yield from reading.close()


def _is_day(head: bytes) -> bool:
    return (
        head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
        and _MESSAGE.search(head) is not None
        and _TYPE.search(head) is not None
    )


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and "ts" in value and "type" in value


def _proof(workspace: Workspace) -> list[str]:
    kinds = [room.kind for room in workspace.rooms.values()]
    counted = ", ".join(
        f"{kinds.count(kind):,} {kind}{'' if kinds.count(kind) == 1 else 's'}"
        for kind in LISTS.values()
        if kind in kinds
    )
    said = [f"The lists of the export name the conversations that it holds: {counted or 'none'}."]
    unlisted = len(workspace.folders) - len(workspace.rooms)
    if unlisted:
        said.append(f"{unlisted:,} folders of messages stand in no list of the export.")
    if workspace.silent:
        said.append(
            f"{workspace.silent:,} conversations are listed and have no folder: no message of them is in the export."
        )
    if workspace.described and not {"direct message", "private channel", "group message"} & set(
        kinds
    ):
        said.append(
            "The export holds no private channels and no direct messages. Only an export of all conversations has them."
        )
    return said


class _Reading:
    """One export while it is read: the conversation whose messages come now."""

    def __init__(self, survey: Survey, workspace: Workspace) -> None:
        self._survey, self._workspace = survey, workspace
        self._composer = Composer(survey)
        self._text = self._conversation = 0
        self._known: dict[str, str] = {}  # user id -> sender
        self._created: dict[str, int] = {}
        survey.layout["created"] = self._created

    def enter(self, text: int, folder: str) -> None:
        """The conversation that a folder holds."""
        room = self._workspace.rooms.get(folder)
        self._text = text
        self._conversation = self._composer.conversation(
            folder, room.title if room else folder, text
        )
        if room and room.created and room.kind.endswith("channel"):
            self._created[str(self._conversation)] = room.created * 1_000_000

    def day(self, walked: Iterator[Piece]) -> Iterator[Item]:
        """The messages of one day file."""
        for piece in walked:
            if piece.role is not Role.ELEMENT:
                yield from self._composer.frame(piece, self._text)
                continue
            value = piece.value
            if type(value) is dict and value.keys() <= _PLAIN and "user" in value and "ts" in value:
                yield from self._plain(value, piece)
            else:
                yield from self._message(piece)

    def close(self) -> Iterator[Problem]:
        yield from self._composer.close()

    def _plain(self, value: dict[str, Any], piece: Piece) -> list[Item]:
        """A message that is text and nothing else: nearly all of them."""
        user, written = value["user"], value["ts"]
        sender = self._known.get(user) if type(user) is str else None
        return self._composer.entry(
            self._conversation,
            "text",
            self._sender(value) if sender is None else sender,
            shown_text(words_of(value), self._name),
            text_of(written),
            piece,
            sent=seconds_of(text_of(written)),
            detail={"id": written},
        )

    def _message(self, piece: Piece) -> Iterator[Item]:
        value = piece.value
        if not _is_message(value) or not isinstance(value, dict):
            yield from self._composer.unread(piece, self._text, "J-NO-MESSAGE")
            return
        subtype = text_of(value.get("subtype"))
        kind = KINDS.get(subtype, Kind.NOTICE)
        detail = detail_of_message(value)
        if subtype in ("message_changed", "message_deleted"):
            value = _event(value, detail)
        files = self._files(value)
        if files and kind in (Kind.TEXT, Kind.NOTICE):
            kind = Kind.MEDIA_OMITTED if all(file.left_out for file in files) else Kind.ATTACHED
        if value.get("room") is not None and kind is Kind.TEXT:
            kind = Kind.CALL
        edited = value.get("edited")
        if isinstance(edited, dict) and kind is not Kind.EDITED and subtype != "message_deleted":
            if kind is not Kind.TEXT:
                detail["was"] = kind.value
            detail["edited"] = text_of(edited.get("ts"))
            kind = Kind.EDITED
        written = text_of(detail.pop("at", value.get("ts")))
        yield from self._composer.entry(
            self._conversation,
            kind.value,
            None if subtype == "tombstone" else self._sender(value),
            shown_text(words_of(value), self._name),
            written,
            piece,
            sent=seconds_of(written),
            files=files,
            detail=detail,
        )
        if subtype not in KINDS:
            yield from self._composer.problem("J-TYPE-UNKNOWN", piece, self._text)

    def _name(self, user: str) -> str:
        known = self._workspace.users.get(user)
        return known.name if known and known.name else user

    def _sender(self, value: Mapping[str, Any]) -> str | None:
        """Who wrote it: a person of the workspace, a guest of another one, or an app."""
        user, bot = text_of(value.get("user")), text_of(value.get("bot_id"))
        if user and not (bot and value.get("subtype") == "bot_message"):
            return self._person(user, value.get("user_profile"))
        name = text_of(value.get("username")) or _name_in(value.get("bot_profile"))
        if not (bot or name):
            return None
        return self._composer.sender(f"{bot}/{name}" if name else bot, name or bot)

    def _person(self, user: str, profile: object) -> str:
        known = self._known.get(user)
        if known is None:
            listed = self._workspace.users.get(user)
            known = self._composer.sender(
                user, listed.name if listed and listed.name else _name_in(profile)
            )
            people = self._survey.people
            if listed and listed.email and known in people:
                people[known] = people[known]._replace(handle=listed.email, handle_kind="email")
            if len(self._known) < MOST_PEOPLE:
                self._known[user] = known
        return known

    def _files(self, value: Mapping[str, Any]) -> list[NamedFile]:
        listed = value.get("files")
        if not isinstance(listed, list):
            listed = (
                [value["file"]] if value.get("subtype") == "file_share" and "file" in value else []
            )
        return [self._file(item) for item in listed if isinstance(item, dict)]

    def _file(self, item: Mapping[str, Any]) -> NamedFile:
        number = text_of(item.get("id"))
        name = text_of(item.get("name")) or text_of(item.get("title")) or number or "file"
        size = item.get("size")
        member = self._workspace.by_file_id.get(number)
        why = FILE_MODES.get(text_of(item.get("mode"))) or FILE_MODES.get(
            text_of(item.get("file_access"))
        )
        return NamedFile(
            name,
            member=member,
            size=size if type(size) is int and size >= 0 else None,
            type=text_of(item.get("mimetype")),
            left_out="" if member else why or LINKED,
        )


def _event(value: dict[str, Any], detail: dict[str, object]) -> dict[str, Any]:
    """The message that was changed or deleted; the export keeps what it said before.

    Workspaces whose retention keeps edits and deletions log them as events of their own.
    """
    before = value.get("previous_message")
    now = value.get("message")
    detail["at"] = value.get("ts")
    if isinstance(before, dict):
        detail["earlier"] = [words_of(before)]
    told = now if isinstance(now, dict) else before if isinstance(before, dict) else value
    detail["id"] = told.get("ts", value.get("deleted_ts"))
    return told


def _name_in(profile: object) -> str:
    if not isinstance(profile, dict):
        return ""
    return next(
        (
            text_of(profile[key])
            for key in ("real_name", "display_name", "name")
            if profile.get(key)
        ),
        "",
    )
