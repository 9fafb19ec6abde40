"""Messenger and Instagram, "Download your information" in JSON: a folder for each conversation, newest message first.

Meta writes each byte of its UTF-8 texts as a character of its own; the shown text has that undone. What is read and by
which rules: docs/formats/messenger.md.
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
from records.formats.composer import Composer, Item, text_of
from records.formats.json_stream import pieces
from records.formats.order import newest_first
from records.formats.pieces import Path, Piece, Role

ARRAYS: frozenset[Path] = frozenset({("messages",)})
_FILE = re.compile(r"(?:^|/)message_(\d+)\.json$")
_MARKS = re.compile(rb'"participants":\s*\[')
_OPEN = re.compile(rb'"timestamp_ms":\s*\d')
_SECURE = re.compile(rb'"threadName":\s*"|"isUnsent":\s*(?:true|false)')
_MOMENT = re.compile(rb'"timestamp(?:_ms)?":\s*(\d{12,14})')
_LISTS = ("photos", "videos", "audio_files", "gifs", "files", "media")
_MEMBERSHIP = ("Subscribe", "Unsubscribe")
_MILLISECOND = 1_000


class Messenger:
    """Reads the JSON files of one or many conversations of Messenger or Instagram."""

    name = "messenger"
    title = "Messenger or Instagram download (JSON)"

    def score(self, sample: Sample) -> int:
        """How surely a file is of this kind: by its participants and the times of its messages."""
        if not sample.members:
            return _score(sample.head)
        names = [name for name in sample.members if name.endswith(".json")]
        names.sort(key=lambda name: _FILE.search(name) is None)
        return max((_score(sample.peek(name)) for name in names[:5]), default=0)

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """One text for each conversation; its numbered files are parts of it."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        threads, heads = _threads(source)
        names = [part.member or source.name for parts in threads for part in parts]
        secure = any(_SECURE.search(head) for head in heads)
        falling = newest_first(
            [int(found[1]) for found in _MOMENT.finditer(head)] for head in heads
        )
        proof = ["Each message carries its moment in UTC, in milliseconds."]
        if not secure:
            proof.append(
                "Texts are written with each byte of UTF-8 as a character; the shown text has that undone."
            )
        if falling:
            proof.append("The newest message stands first in each file.")
        survey = Survey(
            format=self.name,
            variant="secure" if secure else "instagram" if _is_instagram(names) else "messenger",
            texts=[Text(tuple(parts)) for parts in threads],
            times=IN_UTC,
            date_order="ymd",
            time_zone=zone,
            proof=proof,
            layout={"newest_first": falling},
        )
        held = {part.member for parts in threads for part in parts}
        others = [member for member in source.members if member.name.endswith(".json")]
        add_beside(survey, [member for member in others if member.name not in held])
        return survey

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message, in the order of the files."""
        reading = _Reading(survey, frozenset(member.name for member in source.members))
        for index, text in enumerate(survey.texts):
            if index == survey.layout.get("beside"):
                break
            start = 0
            for part in text.parts:
                with source.open(part.member) as stream:
                    walked = pieces(stream, ARRAYS, _is_message, start)
                    yield from reading.file(walked, index, part.member)
                start += part.size
        yield from read_beside(source, survey)
        yield from reading.close()


def _score(head: bytes) -> int:
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") or not _MARKS.search(head):
        return 0
    if _OPEN.search(head) and b'"sender_name":' in head:
        return 95
    return 90 if b'"senderName":' in head and _SECURE.search(head) else 0


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and (
        ("sender_name" in value and "timestamp_ms" in value)
        or ("senderName" in value and "timestamp" in value)
    )


def _threads(source: Source) -> tuple[list[list[Part]], list[bytes]]:
    """The files of each conversation in the order of their numbers, and their heads."""
    if not source.members:
        with source.open() as stream:
            return [[Part(None, source.size)]], [stream.read(1 << 16)]
    threads: dict[str, list[tuple[int, Part]]] = {}
    heads = []
    for member in source.members:
        if not member.name.endswith(".json"):
            continue
        with source.open(member.name) as stream:
            head = stream.read(1 << 16)
        if _score(head) or _is_empty(head, member.name):
            heads.append(head)
            number = _FILE.search(member.name)
            key = member.name[: number.start()] if number else member.name
            threads.setdefault(key, []).append((int(number[1]) if number else 0, Part(*member)))
    return [[part for _, part in sorted(parts)] for parts in threads.values()], heads


def _is_empty(head: bytes, name: str) -> bool:
    """A conversation without a message in it is one all the same."""
    return _FILE.search(name) is not None and _MARKS.search(head) is not None


def _is_instagram(names: list[str]) -> bool:
    return any(
        name.startswith("your_instagram_activity/") or "/your_instagram_activity/" in name
        for name in names
    )


def mended(text: str) -> str:
    """The text that was meant, where each byte of its UTF-8 was written as a character."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:  # written as it should be
        return text


class _Reading:
    """One export while it is read: the conversation whose messages come now."""

    def __init__(self, survey: Survey, members: frozenset[str]) -> None:
        self._survey, self._members = survey, members
        self._composer = Composer(survey)
        self._mend = (lambda text: text) if survey.variant == "secure" else mended
        self._text = 0
        self._conversation = -1
        self._people: list[str] = []
        self._title = ""
        self._member: str | None = None

    def file(self, walked: Iterator[Piece], text: int, member: str | None) -> Iterator[Item]:
        """One file of a conversation."""
        if text != self._text:
            self._conversation, self._people, self._title = -1, [], ""
        self._text, self._member = text, member
        for piece in walked:
            if piece.role is Role.ELEMENT:
                yield from self._message(piece)
                continue
            if piece.role is Role.VALUE:
                self._note(piece)
            yield from self._composer.frame(piece, text)

    def close(self) -> Iterator[Problem]:
        yield from self._composer.close()

    def _note(self, piece: Piece) -> None:
        """The people stand before the messages, the title behind them."""
        if piece.path == ("participants",) and isinstance(piece.value, list):
            self._people = [
                self._mend(text_of(item.get("name")) if isinstance(item, dict) else text_of(item))
                for item in piece.value
            ]
        elif piece.path in (("title",), ("threadName",)):
            self._title = self._mend(text_of(piece.value))
            if self._conversation >= 0 and self._title:
                self._survey.conversations[self._conversation].title = self._title

    def _chat(self) -> int:
        if self._conversation < 0:
            title = self._title or ", ".join(self._people[:20]) or "Conversation without a name"
            self._conversation = self._composer.conversation(self._text, title, self._text)
        return self._conversation

    def _message(self, piece: Piece) -> Iterator[Item]:
        value = piece.value
        if not isinstance(value, dict) or not _is_message(value):
            yield from self._composer.unread(piece, self._text, "J-NO-MESSAGE")
            return
        written = value.get("timestamp_ms", value.get("timestamp"))
        name = self._mend(text_of(value.get("sender_name", value.get("senderName"))))
        files = self._files(value)
        detail = self._detail(value)
        yield from self._composer.entry(
            self._chat(),
            self._kind(value, files).value,
            self._composer.sender(name, name) if name else None,
            self._words(value),
            text_of(written),
            piece,
            sent=written * _MILLISECOND if type(written) is int else None,
            files=files,
            detail=detail or None,
        )

    def _kind(self, value: Mapping[str, Any], files: list[NamedFile]) -> Kind:
        if value.get("is_unsent") or value.get("isUnsent"):
            return Kind.DELETED
        if value.get("call_duration") is not None or value.get("type") == "Call":
            missed = value.get("missed") or "missed" in text_of(value.get("content")).lower()
            return Kind.MISSED_CALL if missed else Kind.CALL
        if value.get("type") in _MEMBERSHIP:
            return Kind.MEMBERSHIP
        if files:
            return Kind.MEDIA_OMITTED if all(file.left_out for file in files) else Kind.ATTACHED
        if self._words(value):
            return Kind.TEXT
        return Kind.NOTICE if value.get("type") == "placeholder" else Kind.EMPTY

    def _words(self, value: Mapping[str, Any]) -> str:
        share = value.get("share")
        share = share if isinstance(share, dict) else {}
        said = (value.get("content"), value.get("text"), share.get("share_text"), share.get("link"))
        return self._mend(next((text_of(text) for text in said if text), ""))

    def _detail(self, value: Mapping[str, Any]) -> dict[str, object]:
        detail: dict[str, object] = {}
        for key, name in (
            ("call_duration", "duration_seconds"),
            ("is_taken_down", "taken_down"),
            ("ip", "ip"),
        ):
            if value.get(key):
                detail[name] = value[key]
        if isinstance(value.get("share"), dict) and value["share"].get("link"):
            detail["link"] = value["share"]["link"]
        if isinstance(value.get("users"), list):
            detail["members"] = [
                self._mend(text_of(user.get("name")))
                for user in value["users"]
                if isinstance(user, dict)
            ]
        if isinstance(value.get("reactions"), list):
            detail["reactions"] = [
                {key: self._mend(text_of(item.get(key))) for key in ("reaction", "actor")}
                for item in value["reactions"]
                if isinstance(item, dict)
            ]
        return {key: known for key, known in detail.items() if known}

    def _files(self, value: Mapping[str, Any]) -> list[NamedFile]:
        listed = [item for key in _LISTS if isinstance(value.get(key), list) for item in value[key]]
        listed += [value["sticker"]] if isinstance(value.get("sticker"), dict) else []
        uris = [self._mend(text_of(item.get("uri"))) for item in listed if isinstance(item, dict)]
        return [self._file(uri) for uri in uris if uri]

    def _file(self, uri: str) -> NamedFile:
        """A file: its path counts from the root of the download, or from beside the conversation ("./media/...")."""
        if "://" in uri:
            return NamedFile(
                uri.rpartition("/")[2] or uri,
                left_out="the export holds a link to the file, not the file",
            )
        path = uri.removeprefix("./")
        if self._member is None:
            return NamedFile(path)
        folder = self._member.rpartition("/")[0]
        roots = [
            "",
            *(f"{folder[: at.start()]}/" for at in re.finditer("/", folder)),
            f"{folder}/" if folder else "",
        ]
        member = next((root + path for root in roots if root + path in self._members), path)
        return NamedFile(path, member=member)
