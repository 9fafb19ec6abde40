"""The canonical text of a message row, and the digest over all rows of an export (invariant I2).

One line for each entry, in the order of `seq`, tab-separated and escaped like PostgreSQL's COPY text, so that the same
text feeds the digest and the bulk path. It names conversations by index and senders as written, never by row id:
the digest is the same on both database engines, and the same again after the rows were dropped and rebuilt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from records.formats.base import Entry

NULL = "\\N"
NAME_LENGTH = 300  # characters of a sender or file name that a row keeps
WRITTEN_LENGTH = 80
DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal()
_NUL = "\u2400"


def escape(text: str) -> str:
    """The text as a field of a COPY line."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\r" in text:
        text = text.replace("\r", "\\r")
    if "\t" in text:
        text = text.replace("\t", "\\t")
    return text


def clean(text: str) -> str:
    """The text without what no database keeps: NUL is shown as U+2400, half a surrogate pair as U+FFFD."""
    if "\x00" in text:
        text = text.replace("\x00", _NUL)
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if _torn(text) else text


def _torn(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def clean_value(value: object) -> object:
    """The same for every text inside a JSON value."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): clean_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_value(item) for item in value]
    return value


def clean_name(name: str) -> str:
    """A sender or file name as a row keeps it."""
    return clean(name)[:NAME_LENGTH]


def clean_entry(entry: Entry) -> Entry:
    """An entry with nothing in it that a database would refuse."""
    return entry._replace(
        body=clean(entry.body),
        written=clean(entry.written)[:WRITTEN_LENGTH],
        attachment=None if entry.attachment is None else clean_name(entry.attachment),
        detail=None if entry.detail is None else dict(_mapping(clean_value(entry.detail))),
    )


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value


def json_text(value: object) -> str:
    """One JSON text for one value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def day_of(local: int) -> date | None:
    """The day of a clock reading; None outside the years that a date can hold."""
    ordinal = _EPOCH_DAY + local // DAY
    return date.fromordinal(ordinal) if 1 <= ordinal <= _LAST_DAY else None


def moment_of(micros: int | None) -> datetime | None:
    """UTC without a zone; None outside the years that a time stamp can hold."""
    if micros is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None


class _Days(dict[int, str]):
    """Maps the number of a day since 1970 to its text, with the blank that follows it."""

    def __missing__(self, number: int) -> str:
        if len(self) > 20_000:
            self.clear()
        day = day_of(number * DAY)
        text = self[number] = "" if day is None else f"{day} "
        return text


class _Times(dict[int, str]):
    """Maps microseconds since midnight to the text of that time."""

    def __missing__(self, micros: int) -> str:
        if len(self) > 100_000:
            self.clear()
        text = self[micros] = str((_EPOCH + timedelta(microseconds=micros)).time())
        return text


DAYS, TIMES = _Days(), _Times()


def sent_text(micros: int | None) -> str | None:
    """A time in UTC as SQLite keeps it; None when there is none, or outside the years a date can hold."""
    if micros is None:
        return None
    day = DAYS[micros // DAY]
    return day + TIMES[micros % DAY] if day else None


class _Plain(dict[str, str]):
    """Maps a kind to a plain string: formatting a member of an enumeration is slow."""

    def __missing__(self, kind: str) -> str:
        text = self[kind] = str(kind)
        return text


KINDS = _Plain()


def canonical(entries: Iterable[Entry]) -> list[str]:
    """The part of each line that follows the conversation and the sender, which a row names by id."""
    days, times, kinds, lines = DAYS, TIMES, KINDS, []
    for seq, _, kind, _, body, written, local, sent, offset, length, file, doubt, detail in entries:
        if "\\" in body or "\n" in body or "\t" in body or "\r" in body:
            body = escape(body)
        if "\\" in written or "\n" in written or "\t" in written or "\r" in written:
            written = escape(written)
        moment = NULL
        if sent is not None and (day := days[sent // DAY]):
            moment = day + times[sent % DAY]
        if local is not None and file is None and not doubt and detail is None:
            # Nearly every entry: the same text as below, made in less than half the time.
            lines.append(
                f"{seq}\t{kinds[kind]}\t{body}\t{written}\t{local}\t{moment}\t{offset}\t{length}\t\t0\t\\N\n"
            )
            continue
        lines.append(
            f"{seq}\t{kinds[kind]}\t{body}\t{written}\t{NULL if local is None else local}\t{moment}\t{offset}\t"
            f"{length}\t{escape(file) if file else ''}\t{int(doubt)}\t"
            f"{NULL if detail is None else escape(json_text(detail))}\n"
        )
    return lines


class Owners(dict[tuple[int, str | None], str]):
    """Maps conversation and sender to how a line begins: the conversation's index and the sender as a row keeps it."""

    def __missing__(self, key: tuple[int, str | None]) -> str:
        if len(self) > 50_000:
            self.clear()
        conversation, sender = key
        text = self[key] = (
            f"{conversation}\t{NULL if sender is None else escape(clean_name(sender))}\t"
        )
        return text


OWNERS = Owners()
OWNER = itemgetter(1, 3)  # conversation and sender of an entry
_WRITTEN, _ATTACHMENT = itemgetter(5), itemgetter(10)


class Piece(NamedTuple):
    """Some entries as rows keep them, the rest of their lines after the owner, and the bytes that the digest takes."""

    entries: Sequence[Entry]
    lines: list[str]
    data: bytes

    def full_lines(self) -> list[str]:
        """The whole lines."""
        return [
            OWNERS[OWNER(entry)] + line
            for entry, line in zip(self.entries, self.lines, strict=True)
        ]


def piece_of(entries: Sequence[Entry]) -> Piece:
    """The canonical form of some entries, looked at once for what a database would refuse or cut."""
    try:
        piece = _piece(entries)
    except UnicodeEncodeError:
        return _piece([clean_entry(entry) for entry in entries])
    # NUL inside a JSON text is written as an escape, so it has to be looked for in that form too.
    if b"\x00" in piece.data or b"\\u0000" in piece.data or _too_long(entries):
        return _piece([clean_entry(entry) for entry in entries])
    return piece


def _piece(entries: Sequence[Entry]) -> Piece:
    lines = canonical(entries)
    owners = map(OWNERS.__getitem__, map(OWNER, entries))
    return Piece(
        entries, lines, "".join(chain.from_iterable(zip(owners, lines, strict=True))).encode()
    )


def _too_long(entries: Sequence[Entry]) -> bool:
    if max(map(len, map(_WRITTEN, entries)), default=0) > WRITTEN_LENGTH:
        return True
    return any(len(name) > NAME_LENGTH for name in filter(None, map(_ATTACHMENT, entries)))


class Digest:
    """SHA-256 over the canonical lines."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256(b"custos rows 1\n")

    def update(self, piece: Piece) -> None:
        """Take the next entries."""
        self._hash.update(piece.data)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
