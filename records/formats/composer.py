"""What the readers of structured exports share: ordinals, times, conversations and people as they are met.

A format parses one element (an object of a JSON list, an XML element) and says what it means; the composer makes the
entry, with its ordinal, both times and its bytes, and the problems of the element beside it.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from records.formats.base import (
    ConversationHead,
    Doubt,
    Entry,
    Header,
    NamedFile,
    Person,
    Problem,
    Survey,
)
from records.formats.clock import Clock, LocalClock
from records.formats.complaints import OF_FAULT, WORDINGS, Complaints, Wording
from records.formats.pieces import Fault, Piece, Role

Item = Entry | Header | Problem
MOST_PEOPLE = 100_000
EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999  # the years 1 to 9999
_ENCODING = int(Doubt.ENCODING)
_HALVES = re.compile("[\ud800-\udfff]")


class Composer:
    """Makes the entries of one export, in the order of its bytes."""

    def __init__(self, survey: Survey, wordings: Mapping[str, Wording] | None = None) -> None:
        self.survey = survey
        self.seq = 0
        self.complaints = Complaints({**WORDINGS, **(wordings or {})})
        self._clock = Clock(survey.time_zone) if survey.time_zone else None
        self._local = LocalClock(survey.time_zone) if survey.time_zone else None
        self._conversations: dict[Hashable, int] = {}
        self._senders: dict[str, str] = {}  # handle -> sender as entries name it
        self._taken: dict[str, str] = {}  # sender -> handle

    def conversation(self, key: Hashable, title: str, text: int = 0) -> int:
        """The index of a conversation; entered when first met. `key`: what tells it from the others."""
        index = self._conversations.get(key)
        if index is None:
            index = self._conversations[key] = len(self.survey.conversations)
            self.survey.conversations.append(ConversationHead(title, text))
        return index

    def sender(self, handle: str, name: str, kind: str = "account") -> str:
        """How entries name a sender: by the display name, with the handle after it where two share a name."""
        known = self._senders.get(handle)
        if known is not None:
            return known
        sender = name or handle
        while self._taken.get(sender, handle) != handle:
            sender = f"{sender} ({handle})"
        if len(self._senders) < MOST_PEOPLE:
            self._senders[handle] = sender
            self._taken[sender] = handle
            self.survey.people[sender] = Person(name=name, handle=handle, handle_kind=kind)
        return sender

    def entry(
        self,
        conversation: int,
        kind: str,
        sender: str | None,
        body: str,
        written: str,
        place: Piece,
        *,
        sent: int | None = None,
        local: int | None = None,
        files: Sequence[NamedFile] = (),
        detail: dict[str, object] | None = None,
        doubt: int = 0,
    ) -> list[Item]:
        """An entry and the problems of its bytes. Give `sent` (UTC) or `local` (a clock reading): the other follows.

        A time outside the years 1 to 9999 counts as none.
        """
        self.seq += 1
        if sent is not None and not EARLIEST <= sent <= LATEST:
            sent = None
        if local is not None and not EARLIEST <= local <= LATEST:
            local = None
        if sent is not None:
            # One clock for the whole export, the one that was said: `written` keeps what the file shows.
            local = sent if self._local is None else self._local.reading(sent)
        elif local is not None and self._clock is not None:
            sent, zone_doubt = self._clock.utc(local)
            doubt |= zone_doubt
        if place.broken_bytes or not _sound(body):
            body, doubt = shown(body), doubt | _ENCODING
        if files and (len(files) > 1 or files[0] != NamedFile(files[0].name)):
            detail = {**(detail or {}), "files": [described(file) for file in files]}
        entry = tuple.__new__(
            Entry,
            (
                self.seq, conversation, kind, sender, body, written, local, sent, place.offset, place.length,
                files[0].name if files else None, doubt, detail or None,
            ),
        )  # fmt: skip
        if not (place.fault or doubt & _ENCODING or local is None):
            return [entry]
        codes = [OF_FAULT[place.fault]] if place.fault else []
        codes += ["J-ENCODING"] if doubt & _ENCODING else []
        codes += ["J-TIME"] if local is None else []
        text = self.survey.conversations[conversation].text
        return [entry, *(problem for code in codes for problem in self.problem(code, place, text))]

    def unread(self, place: Piece, text: int = 0, code: str = "") -> Iterator[Problem]:
        """Bytes that could not be read; the problem owns them."""
        yield from self.complaints.tell(
            code or OF_FAULT[place.fault],
            text=text,
            offset=place.offset,
            length=place.length,
            unread=True,
        )

    def frame(self, place: Piece, text: int = 0) -> Iterator[Item]:
        """Bytes around the entries, or unread ones, as the piece says."""
        if place.role is Role.BROKEN and place.length:
            yield from self.unread(place, text)
            return
        if (
            place.role is Role.BROKEN
        ):  # the file was cut between two elements: told at its last byte
            yield from self.complaints.tell(
                OF_FAULT[place.fault], text=text, offset=max(0, place.offset - 1), length=0
            )
            return
        yield Header(text, place.offset, place.length, "/".join(place.path) or "frame")
        if place.fault is Fault.TWICE:
            yield from self.complaints.tell(
                "J-TWICE", text=text, offset=place.offset, length=place.length
            )

    def problem(
        self, code: str, place: Piece, text: int = 0, **figures: object
    ) -> Iterator[Problem]:
        """A problem of the entry made last."""
        yield from self.complaints.tell(
            code, text=text, seq=self.seq, offset=place.offset, length=place.length, figures=figures
        )

    def close(self) -> Iterator[Problem]:
        """The summaries of what is not listed one by one."""
        yield from self.complaints.close()


def described(file: NamedFile) -> dict[str, object]:
    """A file as `detail["files"]` keeps it: only what is known."""
    plain: dict[str, Any] = NamedFile("")._asdict()
    return {
        key: value for key, value in file._asdict().items() if key == "name" or value != plain[key]
    }


def shown(text: str) -> str:
    """Text that can be shown: NUL as U+2400, half a surrogate pair or a byte that is no text as U+FFFD."""
    return _HALVES.sub("\ufffd", text.replace("\0", "\u2400"))


def _sound(text: str) -> bool:
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def text_of(value: object) -> str:
    """A value as text: strings as they are, nothing for null, anything else as it would be written."""
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)
