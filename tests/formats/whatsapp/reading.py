"""Reading a text from memory, as the tests of this format do."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import BinaryIO, NamedTuple

from records.formats.base import Entry, Header, Member, Problem, Survey
from records.formats.whatsapp import WhatsApp


class Memory:
    """A plain file in memory."""

    members: Sequence[Member] = ()

    def __init__(self, data: bytes, name: str = "WhatsApp Chat with Ana.txt") -> None:
        self.data, self.name, self.size = data, name, len(data)

    def open(self, member: str | None = None) -> BinaryIO:
        assert member is None
        return io.BytesIO(self.data)


class Read(NamedTuple):
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


def read(text: str | bytes, name: str = "WhatsApp Chat with Ana.txt", **answers: str) -> Read:
    """Both passes; fails unless every byte has exactly one owner, in the file's order."""
    data = text.encode() if isinstance(text, str) else text
    source, whatsapp = Memory(data, name), WhatsApp()
    survey = whatsapp.survey(source, answers)
    items = list(whatsapp.read(source, survey))
    position = 0
    for item in items:
        if isinstance(item, Problem) and not item.unread:
            continue
        assert item.offset == position
        position += item.length
    assert position == len(data)
    entries = [item for item in items if isinstance(item, Entry)]
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    return Read(
        survey,
        entries,
        [item for item in items if isinstance(item, Problem)],
        [item for item in items if isinstance(item, Header)],
    )


def moment(local: int | None) -> datetime:
    assert local is not None
    return datetime(1970, 1, 1) + timedelta(microseconds=local)


def android(*lines: str) -> str:
    """Lines of an Android export of 13 March 2022 and the days after."""
    return "".join(
        f"{13 + day:02d}/03/2022, 10:{day:02d} - {line}\n" for day, line in enumerate(lines)
    )


def ios(*lines: str) -> str:
    """Lines of an iOS export; the first, marked line makes it one that marks the application's words."""
    first = "[13/03/2022, 09:00:00] Ana: \u200eMessages and calls are end-to-end encrypted.\r\n"
    return first + "".join(
        f"[14/03/2022, 10:00:{at:02d}] {line}\r\n" for at, line in enumerate(lines)
    )
