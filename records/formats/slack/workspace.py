"""What a Slack export says about its conversations and people, and which of its files hold what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from records.formats.base import Member, Source
from records.formats.composer import MOST_PEOPLE, text_of
from records.formats.json_stream import pieces
from records.formats.pieces import ROOT, Role
from records.formats.sniff import is_clutter

DAY_FILE = re.compile(r"\d{4}-\d\d-\d\d\.json")
# Files that describe conversations, and what kind each of them lists.
LISTS: Mapping[str, str] = {
    "channels.json": "public channel",
    "groups.json": "private channel",
    "mpims.json": "group message",
    "dms.json": "direct message",
}
USERS = ("users.json", "org_users.json")
_FILE_ID = re.compile(r"(?:^|[/_-])(F[A-Z0-9]{8,12})(?=[-_/.])")


class User(NamedTuple):
    """A person or an app of the workspace."""

    name: str
    email: str


class Room(NamedTuple):
    """What the export says about a conversation."""

    title: str
    kind: str  # "public channel", "private channel", "group message", "direct message" or "" where it is in no list
    created: int | None  # seconds since 1970


@dataclass
class Workspace:
    """The files of an export by what they hold."""

    folders: dict[str, list[Member]] = field(default_factory=dict)  # by folder name: days in order
    described: list[Member] = field(default_factory=list)  # JSON files beside the folders
    by_file_id: dict[str, str] = field(default_factory=dict)  # members that hold a file of Slack
    users: dict[str, User] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)  # by folder name
    silent: int = 0  # conversations that are listed and have no folder


def root_of(names: tuple[str, ...]) -> str:
    """The folder in which the export lies inside its archive: "" or "name/"."""
    tops = [
        name.rpartition("/")[0]
        for name in names
        if name.rpartition("/")[2] in (*USERS, *LISTS) and name.count("/") < 2
    ]
    return f"{tops[0]}/" if tops and tops[0] else ""


def day_files(names: tuple[str, ...]) -> Iterator[str]:
    """The members that hold the messages of one day of one conversation."""
    root = root_of(names)
    for name in names:
        folder, _, file = name.removeprefix(root).rpartition("/")
        if name.startswith(root) and folder and "/" not in folder and DAY_FILE.fullmatch(file):
            yield name


def workspace_of(source: Source) -> Workspace:
    """Reads what describes the export; its messages are not touched."""
    names = tuple(member.name for member in source.members)
    root, days = root_of(names), set(day_files(names))
    found = Workspace()
    for member in source.members:
        inner = member.name.removeprefix(root)
        if member.name in days:
            found.folders.setdefault(inner.partition("/")[0], []).append(member)
        elif "/" not in inner and inner.endswith(".json") and not is_clutter(member.name):
            found.described.append(member)
        elif file_id := _FILE_ID.search(inner):
            found.by_file_id.setdefault(file_id[1], member.name)
    for members in found.folders.values():
        members.sort(key=lambda member: member.name)
    by_name = {member.name.removeprefix(root): member.name for member in found.described}
    for name in USERS:
        if name in by_name:
            found.users |= _users(source, by_name[name])
    for name, kind in LISTS.items():
        if name in by_name:
            _list_rooms(found, source, by_name[name], kind)
    return found


def _elements(source: Source, member: str) -> Iterator[dict[str, Any]]:
    with source.open(member) as stream:
        for piece in pieces(stream, frozenset((ROOT,))):
            if piece.role is Role.ELEMENT and isinstance(piece.value, dict):
                yield piece.value


def _users(source: Source, member: str) -> dict[str, User]:
    users: dict[str, User] = {}
    for value in _elements(source, member):
        profile = value.get("profile")
        if not isinstance(profile, dict):
            profile = {}
        name = next(
            (
                text_of(known)
                for known in (
                    profile.get("real_name"), value.get("real_name"), profile.get("display_name"), value.get("name"),
                )
                if known
            ),
            "",
        )  # fmt: skip
        if len(users) < MOST_PEOPLE:
            users[text_of(value.get("id"))] = User(name, text_of(profile.get("email")))
    return users


def _list_rooms(found: Workspace, source: Source, member: str, kind: str) -> None:
    for value in _elements(source, member):
        number, name = text_of(value.get("id")), text_of(value.get("name"))
        folder = next((item for item in (name, number) if item in found.folders), None)
        if folder is None:
            found.silent += 1
            continue
        members = value.get("members")
        people = [
            found.users[person].name if person in found.users else text_of(person)
            for person in (members if isinstance(members, list) else [])[:20]
            if not isinstance(person, dict | list)
        ]
        title = f"#{name}" if kind.endswith("channel") else ", ".join(people) or name or number
        created = text_of(value.get("created"))
        seconds = int(created) if created.isascii() and created.isdigit() else None
        found.rooms.setdefault(folder, Room(title, kind, seconds))
