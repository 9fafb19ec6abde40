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


def prepared(entries: Sequence[Entry]) -> tuple[Sequence[Entry], list[str]]:
    """The entries as rows keep them, and their canonical lines."""
    lines = canonical(entries)
    if _refused(entries, "".join(lines)):
        entries = [clean_entry(entry) for entry in entries]
        lines = canonical(entries)
    return entries, lines


def _refused(entries: Sequence[Entry], text: str) -> bool:
    """Whether a database would refuse something in these entries, or cut it: looked at once for many entries."""
    # NUL inside a JSON text is written as an escape, so it has to be looked for in that form too.
    if "\x00" in text or "\\u0000" in text or _torn(text):
        return True
    return any(
        len(entry.written) > WRITTEN_LENGTH or len(entry.attachment or "") > NAME_LENGTH
        for entry in entries
    )


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
        lines.append(
            f"{seq}\t{kinds[kind]}\t{body}\t{written}\t{NULL if local is None else local}\t{moment}\t{offset}\t"
            f"{length}\t{escape(file) if file else ''}\t{int(doubt) if doubt else 0}\t"
            f"{NULL if detail is None else escape(json_text(detail))}\n"
        )
    return lines


def owner(conversation: int, sender: str | None) -> str:
    """How a line of the digest begins: the conversation's index and the sender as written."""
    return f"{conversation}\t{NULL if sender is None else escape(sender)}\t"


class Digest:
    """SHA-256 over the canonical lines."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256(b"custos rows 1\n")
        self.count = 0

    def update(self, owners: Sequence[str], lines: Sequence[str]) -> None:
        """Take lines, each with what it begins with."""
        self._hash.update(
            "".join([own + line for own, line in zip(owners, lines, strict=True)]).encode()
        )
        self.count += len(lines)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
