"""Reads Teams messages in their three JSON forms, chats apart from channels.

- Microsoft Graph (also by the export API): an answer with `value`, an array of messages, or one message a line.
- A tenant's own export: a folder for each team and each user, the same messages with capital first letters.
- A person's download: conversations with a `MessageList`.

What is read and by which rules: docs/formats/teams.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from records.formats.base import (
    IN_UTC,
    Entry,
    Header,
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
from records.formats.iso_time import clock_of
from records.formats.json_stream import lines, pieces
from records.formats.order import newest_first
from records.formats.pieces import ROOT, Path, Piece, Role
from records.formats.teams import personal
from records.formats.teams.graph import Told, camel, read_message, sender_of

PERSONAL: Path = ("conversations", "*", "MessageList")
ARRAYS: frozenset[Path] = frozenset({ROOT, ("value",), ("messages",), PERSONAL})
MOST_NAMED = 5  # people in the title of a chat
_GRAPH = re.compile(rb'"[mM]essageType":\s*"')
_CREATED = re.compile(rb'"[cC]reatedDateTime":\s*"([^"]*)"')
_PLACE = re.compile(rb'"(?:[cC]hatId|[cC]hannelIdentity|[rR]eplyToId)":')
_MESSAGE_LIST = re.compile(rb'"MessageList":\s*\[')
_ARRIVAL = re.compile(rb'"originalarrivaltime":\s*"([^"]*)"')
_HELD = re.compile(rb'"(?:value|messages)"\s*:\s*\[')


class Teams:
    """Reads messages of chats and channels."""

    name = "teams"
    title = "Microsoft Teams messages (JSON)"

    def score(self, sample: Sample) -> int:
        """How surely it is of Teams: by the keys of a message and the place that it names."""
        if not sample.members:
            return _score(sample.head)
        names = sorted(
            (name for name in sample.members if name.endswith(".json")),
            key=lambda name: not name.rpartition("/")[2].startswith("messages"),
        )
        return max((_score(sample.peek(name)) for name in names[:8]), default=0)

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """One text for each file of messages."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        heads = _heads(source)
        falling = newest_first(map(_moments, heads.values()))
        own = any(_MESSAGE_LIST.search(head) for head in heads.values())
        tenant = any(b'"MessageType"' in head for head in heads.values())
        sizes = {member.name: member.size for member in source.members}
        survey = Survey(
            format=self.name,
            variant="personal" if own else "tenant" if tenant else "graph",
            texts=[
                Text((Part(name, source.size if name is None else sizes[name]),)) for name in heads
            ],
            times=IN_UTC,
            date_order="ymd",
            time_zone=zone,
            proof=["Each message carries its moment in UTC."],
            layout={
                "newest_first": falling,
                "lines": [index for index, head in enumerate(heads.values()) if _is_lines(head)],
            },
        )
        if falling:
            survey.proof.append("Newer messages stand before older ones.")
        others = [member for member in source.members if member.name.endswith(".json")]
        add_beside(survey, [member for member in others if member.name not in heads])
        return survey

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message, file by file."""
        reading = _Reading(source, survey)
        by_line = survey.layout.get("lines")
        for index, text in enumerate(survey.texts):
            if index == survey.layout.get("beside"):
                break
            part = text.parts[0]
            with source.open(part.member) as stream:
                if isinstance(by_line, list) and index in by_line:
                    walked = lines(stream, _is_message)
                else:
                    walked = pieces(stream, ARRAYS, _is_message)
                yield from reading.file(walked, index, part.member)
        yield from read_beside(source, survey)
        yield from reading.close()


def _score(head: bytes) -> int:
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return 0
    if _MESSAGE_LIST.search(head) and b'"conversations"' in head:
        return 95
    if _GRAPH.search(head) and _CREATED.search(head) and _PLACE.search(head):
        return 95
    return 0


def _is_lines(head: bytes) -> bool:
    """Whether messages follow each other without a list around them."""
    head = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    first = _CREATED.search(head)
    if not head.startswith(b"{") or first is None:
        return False
    return _HELD.search(head, 0, first.start()) is None


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and (
        ("createdDateTime" in value and "id" in value)
        or ("CreatedDateTime" in value and "Id" in value)
        or ("originalarrivaltime" in value and "messagetype" in value)
    )


def _heads(source: Source) -> dict[str | None, bytes]:
    """The files that hold messages, and their heads."""
    found: dict[str | None, bytes] = {}
    names: list[str | None] = [member.name for member in source.members]
    for name in names or [None]:
        if name is None or name.endswith(".json"):
            with source.open(name) as stream:
                head = stream.read(1 << 16)
            if name is None or _score(head):
                found[name] = head
    return found


def _moments(head: bytes) -> list[int | None]:
    """The moments that the head of a file shows, in its order."""
    written = _ARRIVAL.findall(head) or _CREATED.findall(head)
    return [clock_of(item.decode("ascii", "replace"))[1] for item in written]


class _Reading:
    """One export while it is read: the file whose messages come now, and who is in which chat."""

    def __init__(self, source: Source, survey: Survey) -> None:
        self._survey = survey
        self._composer = Composer(survey)
        self._names, self._mails = _directory(source)
        self._text = 0
        self._copy = ""  # whose copy of a chat a file holds
        self._chats: dict[int, list[str]] = {}  # people met in each chat, for its title
        self._renamed: dict[int, str] = {}
        self._owner = ""
        self._told: dict[str, object] = {}  # of a conversation of a person's download

    def file(self, walked: Iterator[Piece], text: int, member: str | None) -> Iterator[Item]:
        """The messages of one file."""
        self._text, self._told, self._owner = text, {}, ""
        folders = (member or "").split("/")
        user = folders[-2] if len(folders) > 2 and folders[-3] == "users" else ""
        self._copy = self._names.get(user, user)
        for piece in walked:
            if piece.role is Role.ELEMENT:
                yield from self._message(piece)
                continue
            self._note(piece)
            yield from self._composer.frame(piece, text)

    def close(self) -> Iterator[Problem]:
        """Chats are named by the people who wrote in them."""
        heads = self._survey.conversations
        for index, people in self._chats.items():
            names = ", ".join(people[:MOST_NAMED]) + (", ..." if len(people) > MOST_NAMED else "")
            heads[index].title = self._renamed.get(index) or (
                f"Chat: {names}" if names else heads[index].title
            )
        yield from self._composer.close()

    def _note(self, piece: Piece) -> None:
        path = piece.path
        if path == ("userId",):
            self._owner = text_of(piece.value)
        elif piece.role is Role.BROKEN and piece.value:
            self._told = {"id": f"byte {piece.offset}"}
        elif path == ("conversations", "*") and piece.role is Role.FRAME:
            self._told = {}
        elif path[:2] == ("conversations", "*") and piece.role is Role.VALUE:
            self._told[path[-1]] = piece.value

    def _message(self, piece: Piece) -> Iterator[Item]:
        value = piece.value
        if not isinstance(value, dict) or not _is_message(value):
            yield from self._composer.unread(piece, self._text, "J-NO-MESSAGE")
            return
        if "messagetype" in value:
            told = personal.read_message(value)
            conversation = self._thread(value)
            handle, name = text_of(value.get("from")), text_of(value.get("displayName"))
            written = text_of(value["originalarrivaltime"])
        else:
            value = camel(value) if "CreatedDateTime" in value else value
            assert isinstance(value, dict)
            told = read_message(value)
            conversation = self._place(value)
            handle, name = sender_of(value)
            written = text_of(value["createdDateTime"])
        yield from self._entry(piece, told, conversation, self._sender(handle, name), written)

    def _entry(
        self, piece: Piece, told: Told, conversation: int, sender: str | None, written: str
    ) -> Iterator[Item]:
        people = self._chats.get(conversation)
        if people is not None:
            if sender is not None and sender not in people and len(people) <= MOST_NAMED:
                people.append(sender)
            if told.detail.get("chatDisplayName"):
                self._renamed[conversation] = text_of(told.detail["chatDisplayName"])
        aware, sent = clock_of(written)
        yield from self._composer.entry(
            conversation,
            told.kind.value,
            sender,
            told.body,
            written,
            piece,
            sent=sent if aware else None,
            local=None if aware else sent,
            files=told.files,
            detail=told.detail,
        )
        if not told.known:
            yield from self._composer.problem("J-TYPE-UNKNOWN", piece, self._text)

    def _place(self, value: Mapping[str, Any]) -> int:
        """The channel or the chat of a message. Each file is a copy of its own."""
        channel = value.get("channelIdentity")
        if isinstance(channel, dict):
            team, number = text_of(channel.get("teamId")), text_of(channel.get("channelId"))
            title = f"{self._names.get(team, team)} / {self._names.get(number, number)}"
            return self._composer.conversation((self._text, team, number), title, self._text)
        chat = text_of(value.get("chatId"))
        copy = f" (copy of {self._copy})" if self._copy else ""
        index = self._composer.conversation((self._text, chat), f"Chat {chat}{copy}", self._text)
        self._chats.setdefault(index, [])
        return index

    def _thread(self, value: Mapping[str, Any]) -> int:
        """The conversation of a person's download."""
        number = text_of(self._told.get("id")) or text_of(value.get("conversationid"))
        title = text_of(self._told.get("displayName")) or number or "Conversation without a name"
        return self._composer.conversation((self._text, number), title, self._text)

    def _sender(self, handle: str, name: str) -> str | None:
        if not handle:
            return None
        sender = self._composer.sender(handle, name or self._names.get(handle, ""))
        person = self._survey.people.get(sender)
        if person is not None and person.handle == handle:
            if handle in self._mails:
                self._survey.people[sender] = person._replace(
                    handle=self._mails[handle], handle_kind="email"
                )
            elif handle == self._owner and not person.exporter:
                self._survey.people[sender] = person._replace(exporter=True)
        return sender


def _directory(source: Source) -> tuple[dict[str, str], dict[str, str]]:
    """Names by id, of users, teams and channels, and mail addresses of users, as a tenant's export lists them."""
    names: dict[str, str] = {}
    mails: dict[str, str] = {}
    for member in source.members:
        file = member.name.rpartition("/")[2]
        if not (
            file in ("usersList.json", "teamsList.json", "teamsSettings.json")
            or file.startswith("channels_")
        ):
            continue
        with source.open(member.name) as stream:
            for piece in pieces(stream, frozenset((ROOT,))):
                value = piece.value
                if (
                    piece.role is not Role.ELEMENT
                    or not isinstance(value, dict)
                    or len(names) >= MOST_PEOPLE
                ):
                    continue
                number = text_of(value.get("Id") or value.get("GroupsId"))
                name = text_of(value.get("DisplayName") or value.get("Name"))
                if number and name:
                    names[number] = name
                if number and value.get("Mail"):
                    mails[number] = text_of(value["Mail"])
    return names, mails
