"""Writes the entries that need thought: several lines, notices, attachments, doubt about time, place or bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from records.formats.base import Doubt, Entry, Header, Kind, Problem
from records.formats.clock import Clock
from records.formats.whatsapp.complaints import Complaints
from records.formats.whatsapp.dates import DAY
from records.formats.whatsapp.headers import MARKS, trimmed
from records.formats.whatsapp.meaning import EMPTY, Reading, is_notice, read_body, read_notice

LONGEST_BODY = 1 << 20  # bytes of a body that are shown; the entry owns the rest as well
MOST_SENDERS = 10_000
MOST_READINGS = 4_096
LONGEST_READING = 120  # characters of a body whose reading is remembered
Item = Entry | Header | Problem

# What a person does; the application's own notices may stand out of the order of time.
PERSONAL = frozenset(
    kind.value
    for kind in (
        Kind.TEXT,
        Kind.ATTACHED,
        Kind.MEDIA_OMITTED,
        Kind.LOCATION,
        Kind.POLL,
        Kind.EMPTY,
        Kind.EDITED,
        Kind.DELETED,
        Kind.DELETED_BY_EXPORTER,
        Kind.DELETED_BY_OTHER,
        Kind.VIEW_ONCE,
        Kind.CALL,
        Kind.MISSED_CALL,
    )
)
_OPENING = frozenset((Kind.ENCRYPTION.value,))

# As plain numbers: the operators of an enumeration cost more than the reading of a whole line.
BOUNDARY, TIME_BACKWARD, ENCODING = (
    int(Doubt.BOUNDARY), int(Doubt.TIME_BACKWARD), int(Doubt.ENCODING)
)  # fmt: skip


@dataclass(slots=True)
class Raw:
    """An entry as the lines give it."""

    line: int
    offset: int
    local: int | None
    written: str
    rest: bytes  # the first line from the sender on, then further lines
    more: list[bytes] = field(default_factory=list)
    kept: int = 0  # bytes in `more`
    cut: int | None = None  # where the shown text ends, when it is not all
    doubt: int = 0

    def add(self, line: bytes, offset: int) -> None:
        """One more line of the body, as far as it is shown."""
        self.kept += len(line) + 1
        if self.kept <= LONGEST_BODY:
            self.more.append(line)
        else:
            self.cut_at(offset)

    def cut_at(self, offset: int) -> None:
        """The shown text ends at this place of the file."""
        if self.cut is None:
            self.cut = offset

    def text(self) -> bytes:
        """What is shown, as bytes."""
        return b"\n".join((self.rest, *self.more)) if self.more else self.rest


class Writer:
    """Knows what was written before: senders, the flow of time, forms of notices already read."""

    def __init__(
        self, *, marks: bool, crlf: bool, ordered: bool, clock: Clock | None, complaints: Complaints
    ) -> None:
        self.marks, self.crlf, self.clock, self.complaints = marks, crlf, clock, complaints
        self.ordered = ordered  # whether the order of the dates is known
        self.senders: dict[bytes, str] = {}
        self.seq = 0
        self.last = self.before = -(1 << 62)  # local times of the last two messages of persons
        self.readings: dict[str, Reading] = {}  # of bodies already met
        self._notices: dict[str, Reading] = {}  # of the application's own words already met

    def write(self, out: list[Item], raw: Raw, end: int, *, last: bool = False) -> None:
        """Adds the entry that ends before byte `end`, and the problems it has. `last`: the file ends there."""
        self.seq += 1
        problems: list[Item] = []
        text, doubt, sent = raw.text(), raw.doubt, None
        if self.crlf and raw.cut is None and text.endswith(b"\r"):
            text = text[:-1]
        try:
            shown = text.decode()
        except UnicodeDecodeError as error:
            shown = text.decode("utf-8", "replace")
            torn = error.reason == "unexpected end of data" and error.end == len(text)
            if (
                torn and raw.cut is not None
            ):  # the shown piece ends inside a character, which is no fault of the file
                shown = text[: error.start].decode()
            else:
                doubt |= ENCODING
                self._complain(problems, "W-CUT" if torn and last else "W-ENCODING", raw, end)
        if "\0" in shown:
            shown = shown.replace("\0", "\u2400")
            self._complain(problems, "W-NUL", raw, end)
        if raw.cut is not None:
            self.complaints.add(
                problems,
                "W-BODY-LONG",
                seq=self.seq,
                line=raw.line,
                offset=raw.cut,
                length=end - raw.cut,
            )
        sender, body, reading, known = self._understood(shown, raw.rest)
        if raw.local is not None:
            back = self.last - raw.local
            if back > 0 or reading.kind in PERSONAL:
                doubt |= self._flow(out, problems, raw, reading.kind, end, known=known)
            if self.clock is not None:
                sent, zone_doubt = self.clock.utc(raw.local)
                doubt |= zone_doubt
        elif self.ordered:
            self._complain(problems, "W-DATE-IMPOSSIBLE", raw, end)
        out.append(
            Entry(
                self.seq, 0, reading.kind, sender, body, raw.written, raw.local, sent,
                raw.offset, end - raw.offset, reading.attachment, doubt, reading.detail,
            )
        )  # fmt: skip
        if problems:
            out.extend(problems)

    def _complain(self, problems: list[Item], code: str, raw: Raw, end: int) -> None:
        self.complaints.add(
            problems, code, seq=self.seq, line=raw.line, offset=raw.offset, length=end - raw.offset
        )

    def _understood(self, shown: str, rest: bytes) -> tuple[str | None, str, Reading, bool]:
        """Sender, body, what it was read as, and whether the sender has written before."""
        first_line = shown.partition("\n")[0]
        name, colon, _ = first_line.partition(": ")
        raw_name = rest.partition(b": ")[0]
        known = colon != "" and raw_name in self.senders
        if not known and colon and is_notice(first_line):
            colon = ""
        if colon:
            body = shown[len(name) + 2 :]
            sender = trimmed(name)
            if len(self.senders) < MOST_SENDERS:
                self.senders[raw_name] = sender
            return sender, body, self.reading(body), known
        plain = first_line.rstrip("\r")
        for tail in (":.", ":"):  # a body that could not be exported
            if plain.endswith(tail) and len(plain) > len(tail):
                return (
                    trimmed(plain[: -len(tail)]),
                    shown[len(plain) - len(tail) + 1 :],
                    EMPTY,
                    True,
                )
        reading = self._notices.get(shown)
        if reading is None:
            reading = read_notice(shown.strip(MARKS + " \r\n"))
            _remember(self._notices, shown, reading)
        return None, shown, reading, True

    def reading(self, body: str) -> Reading:
        """What a body under a sender is read as, wherever it stands."""
        reading = self.readings.get(body)
        if reading is None:
            reading = read_body(body, marked=self.marks)
            _remember(self.readings, body, reading)
        return reading

    def notice_met(self, text: bytes) -> Reading | None:
        """What the application's own words are read as, where they hold no colon and were written before."""
        try:
            return self._notices.get(text.decode())
        except UnicodeDecodeError:
            return None

    def goes_back(self, entry: Entry) -> bool:
        """Whether an entry is earlier than the last message of a person."""
        return entry.local is not None and entry.local < self.last

    def passed(self, entries: list[Entry]) -> None:
        """Takes note of entries in the order of time that were written elsewhere."""
        personal = (entry for entry in reversed(entries) if entry.kind in PERSONAL)
        moments = [entry.local for entry in islice(personal, 2) if entry.local is not None]
        if moments:
            self.before = moments[1] if len(moments) == 2 else self.last
            self.last = moments[0]

    def _flow(
        self, out: list[Item], problems: list[Item], raw: Raw, kind: str, end: int, *, known: bool
    ) -> int:
        """Doubt about the time of an entry beside those before it."""
        assert raw.local is not None
        local, back = raw.local, self.last - raw.local
        if kind not in PERSONAL:
            if kind in _OPENING and back > DAY and self.seq > 1:
                self.complaints.add(
                    problems,
                    "W-GLUED",
                    seq=self.seq,
                    line=raw.line,
                    offset=raw.offset,
                    length=end - raw.offset,
                )
                self.before = self.last = local
            return 0 if back <= 0 else TIME_BACKWARD
        before, self.before, self.last = self.before, self.last, local
        if back <= 0:
            return 0
        if back <= DAY and known:
            self.complaints.step_back(self.seq, raw.line, raw.offset)
            return TIME_BACKWARD
        if back > DAY and before <= local and self._blame_previous(out, problems):
            return TIME_BACKWARD
        self.complaints.add(
            problems,
            "W-TIME-JUMP",
            seq=self.seq,
            line=raw.line,
            offset=raw.offset,
            length=end - raw.offset,
        )
        return TIME_BACKWARD | BOUNDARY

    def _blame_previous(self, out: list[Item], problems: list[Item]) -> bool:
        """Marks the entry before, where it is the one that jumped ahead and came back."""
        for at in range(len(out) - 1, -1, -1):
            entry = out[at]
            if isinstance(entry, Entry):
                if entry.local != self.before or entry.seq == 1:
                    return False
                out[at] = entry._replace(doubt=entry.doubt | BOUNDARY)
                self.complaints.add(
                    problems, "W-TIME-JUMP", seq=entry.seq, offset=entry.offset, length=entry.length
                )
                return True
        return False


def _remember(memory: dict[str, Reading], text: str, reading: Reading) -> None:
    """Within bounds: forms repeat, but a file may hold a million different ones."""
    if len(text) <= LONGEST_READING:
        if len(memory) >= MOST_READINGS:
            memory.clear()
        memory[text] = reading
