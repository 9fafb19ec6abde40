"""Exports in memory, read by the format that knows them: what the tests of all structured formats share."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from records.formats import FORMATS
from records.formats.base import (
    Entry,
    Format,
    Header,
    Member,
    Problem,
    Question,
    Rejected,
    Source,
    Survey,
)
from records.formats.sniff import pick


class Memory:
    """A plain file, or the members of an archive, in memory."""

    def __init__(self, content: bytes | Mapping[str, bytes], name: str = "export") -> None:
        self.name = name
        self._files: dict[str | None, bytes] = (
            {None: content} if isinstance(content, bytes) else dict(content)
        )
        self.members: Sequence[Member] = (
            ()
            if isinstance(content, bytes)
            else tuple(Member(member, len(data)) for member, data in content.items())
        )
        self.size = sum(map(len, self._files.values()))

    def open(self, member: str | None = None) -> BinaryIO:
        return io.BytesIO(self._files[member])


def members_of(folder: Path) -> dict[str, bytes]:
    """The files below a folder, as the members of an archive made of it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Read(NamedTuple):
    """What one reading gave."""

    survey: Survey
    entries: list[Entry]
    problems: list[Problem]
    headers: list[Header]

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]

    @property
    def bodies(self) -> list[str]:
        return [entry.body for entry in self.entries]

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.problems]

    @property
    def titles(self) -> list[str]:
        """Of the conversations."""
        return [conversation.title for conversation in self.survey.conversations]

    def of(self, title: str) -> list[Entry]:
        """The entries of the conversation of that title."""
        number = self.titles.index(title)
        return [entry for entry in self.entries if entry.conversation == number]


def read(source: Source | bytes | Mapping[str, bytes], **answers: str) -> Read:
    """Picks the format and reads; fails unless every byte of every text has exactly one owner, in order."""
    if isinstance(source, bytes | Mapping):
        source = Memory(source)
    picked = pick(FORMATS, source, answers)
    assert not isinstance(picked, Question), picked
    return read_by(picked, source, answers)


def outcome(source: Source | bytes | Mapping[str, bytes]) -> str:
    """How reading ends: "read", "asked", or the code of the refusal."""
    try:
        picked = pick(
            FORMATS, Memory(source) if isinstance(source, bytes | Mapping) else source, {}
        )
        if isinstance(picked, Question):
            return "asked"
        read(source)
    except Rejected as refused:
        return refused.code
    return "read"


def read_by(format_: Format, source: Source, answers: Mapping[str, str]) -> Read:
    """The same by a known format."""
    survey = format_.survey(source, answers)
    items = list(format_.read(source, survey))
    owned = [0] * len(survey.texts)
    for item in items:
        if isinstance(item, Problem) and not item.unread:
            continue
        text = (
            survey.conversations[item.conversation].text if isinstance(item, Entry) else item.text
        )
        assert item.offset == owned[text], (item, owned)
        owned[text] += item.length
    assert owned == [text.size for text in survey.texts]
    entries = [item for item in items if isinstance(item, Entry)]
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    return Read(
        survey,
        entries,
        [item for item in items if isinstance(item, Problem)],
        [item for item in items if isinstance(item, Header)],
    )
