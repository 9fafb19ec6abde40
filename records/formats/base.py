"""What every format of message export is, and what it yields.

A format reads one product's exports (WhatsApp text, Wickr bot log, ...). It is pure: no Django, no database, no logging
of content. It streams: memory does not grow with the file. It owns every byte: each byte of a text it reads belongs to
exactly one `Entry`, one `Header` or one unread `Problem` (invariant I1). It never guesses silently: what the file does
not prove becomes a `Question`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import BinaryIO, NamedTuple, Protocol


class Kind(StrEnum):
    """What an entry of a conversation is: a person's message, or an event the application wrote itself."""

    TEXT = "text"
    ATTACHED = "attached"  # a file is named and was exported
    MEDIA_OMITTED = "media_omitted"  # the export says that it left a file out
    VIEW_ONCE = "view_once"  # content that could be opened once and is gone
    DELETED_BY_EXPORTER = "deleted_by_exporter"
    DELETED_BY_OTHER = "deleted_by_other"
    DELETED = "deleted"  # a tombstone that does not say who deleted
    EDITED = "edited"  # the earlier text is lost unless the export keeps it
    NOT_RECEIVED = "not_received"  # "Waiting for this message"
    LOCATION = "location"
    CONTACT = "contact"
    POLL = "poll"
    CALL = "call"
    MISSED_CALL = "missed_call"
    TIMER_ON = "timer_on"
    TIMER_OFF = "timer_off"
    TIMER_CHANGED = "timer_changed"
    TIMER_DEFAULT = "timer_default"
    KEPT = "kept"  # a message was kept from disappearing
    ENCRYPTION = "encryption"
    SECURITY_CODE = "security_code"
    IDENTITY = "identity"  # a number or name changed
    MEMBERSHIP = "membership"
    SETTINGS = "settings"  # subject, icon, description, permissions
    PRIVACY = "privacy"  # export blocked or allowed again ("advanced chat privacy")
    BLOCKED = "blocked"
    EMPTY = "empty"  # a sender and no body
    NOTICE = "notice"  # the application's own words, of a kind not known: kept as they stand


class Doubt(IntFlag):
    """Why an entry should be read beside its raw bytes."""

    NONE = 0
    BOUNDARY = (
        1  # the line that starts it may be part of the message before (pasted or forged header)
    )
    TIME_BACKWARD = 2
    TIME_FOLDED = 4  # the hour that a clock change repeats
    TIME_MISSING = 8  # an hour that a clock change skips
    ENCODING = 16  # bytes that are not valid in the file's encoding were replaced in the shown text


class Entry(NamedTuple):
    """One message or system event, with its place in the file. Times are microseconds since 1970-01-01."""

    seq: int  # ordinal in the export, from 1
    conversation: int  # index into Survey.conversations
    kind: str  # a value of Kind
    sender: str | None  # as written, marks trimmed; None for the application's own words
    body: str  # shown text: NUL becomes U+2400, undecodable bytes U+FFFD (flagged); nothing else is changed
    written: str  # the time stamp exactly as written
    local: int | None  # clock reading of the device, as if it were UTC
    sent: int | None  # UTC, when the file or an answered time zone gives it
    offset: int  # first byte in the conversation's text
    length: int  # bytes
    attachment: str | None = None  # file name as written
    doubt: int = 0  # Doubt flags
    detail: Mapping[str, object] | None = None  # e.g. {"seconds": 604800, "actor": "A"}; JSON-able


class Header(NamedTuple):
    """Bytes that belong to the file and not to a message: a byte order mark, a preamble."""

    conversation: int
    offset: int
    length: int
    what: str


class Problem(NamedTuple):
    """Something that could not be read as it stands. `unread` problems own their bytes."""

    code: str  # stable, e.g. "W-LINE-LONG"
    severity: str  # "error" | "warning" | "info"
    words: str  # a plain sentence: what, where, what to do
    conversation: int = 0
    seq: int | None = None
    line: int | None = None
    offset: int | None = None
    length: int = 0
    unread: bool = False


class Choice(NamedTuple):
    value: str
    label: str
    example: str  # the same lines of the file under this reading


class Question(NamedTuple):
    """What the file does not prove and a person must say, e.g. the date order."""

    code: str  # "date_order"
    words: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class ConversationHead:
    """One conversation found in an export."""

    title: str
    member: str | None  # member of the archive that holds its text; None for a plain file
    size: int  # bytes of that text


@dataclass
class Survey:
    """What a first pass over the whole file proves, and how. JSON-able by `dataclasses.asdict`."""

    format: str
    variant: str  # e.g. "android", "ios"
    conversations: list[ConversationHead]
    date_order: str = "undecided"  # "dmy" | "mdy" | "ymd" | "undecided"
    hour_clock: str = "24"  # "12" | "24"
    calendar: str = "gregorian"
    encoding: str = "utf-8"
    time_zone: str = ""  # IANA name from the answers; empty when nobody said
    proof: list[str] = field(default_factory=list)  # plain sentences, with line numbers
    questions: list[Question] = field(default_factory=list)
    layout: dict[str, object] = field(default_factory=dict)  # for the format's own second pass


class Member(NamedTuple):
    """One file of an archive that passed the gate."""

    name: str  # as data; never a path on our disk
    size: int


class Source(Protocol):
    """An export's bytes, plain or in an archive that passed the gate."""

    name: str  # file name as handed in
    size: int
    members: Sequence[Member]  # empty for a plain file

    def open(self, member: str | None = None) -> BinaryIO:
        """A fresh stream over the plain file, or over one member."""


@dataclass(frozen=True)
class Sample:
    """What `score` may look at."""

    name: str
    head: bytes  # first 64 KiB of the file or of the likeliest text member
    members: tuple[str, ...] = ()


class Rejected(Exception):
    """The file cannot be read as an export at all. It is kept; `words` say what to do next."""

    def __init__(self, code: str, words: str, place: str = "") -> None:
        super().__init__(f"{code}: {words}")
        self.code, self.words, self.place = code, words, place


class Format(Protocol):
    """A reader of one product's exports."""

    name: str  # "whatsapp"
    title: str  # "WhatsApp chat export"

    def score(self, sample: Sample) -> int:
        """0 (certainly not) to 100 (certainly)."""

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """First pass: conversations, layout, date order with proof; questions where the file does not say."""

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Second pass: everything in the file's order, every byte owned."""
