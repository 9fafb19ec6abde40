"""What every format of message export is, and what it yields.

A format reads one product's exports (WhatsApp text, Wickr bot log, ...). It is pure: no Django, no database, no logging
of content. It streams: memory does not grow with the file. It owns every byte: each byte of a text it reads belongs to
exactly one `Entry`, one `Header` or one unread `Problem` (invariant I1). It never guesses silently: what the file does
not prove becomes a `Question`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    REACTION = "reaction"  # an event of its own; reactions inside a message stand in its detail
    HISTORY_CLEARED = "history_cleared"  # everything before was removed from the conversation
    SCREENSHOT = "screenshot"  # somebody took a picture of the screen, and the app says so
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
    sender: str | None  # as written (a name, number or id); None for the application's own words
    body: str  # shown text: NUL becomes U+2400, undecodable bytes U+FFFD (flagged); nothing else is changed
    written: str  # the time stamp exactly as written
    local: int | None  # clock reading of the device, as if it were UTC
    sent: int | None  # UTC, when the file or an answered time zone gives it
    offset: int  # first byte in the text that holds the conversation
    length: int  # bytes
    attachment: str | None = None  # name of its first file, as written; `files_of` has all
    doubt: int = 0  # Doubt flags
    detail: Mapping[str, object] | None = None  # e.g. {"seconds": 604800, "actor": "A"}; JSON-able


class NamedFile(NamedTuple):
    """A file that an entry names. Where an entry names several, or knows more than a name, `detail["files"]` lists
    each as an object with these keys.
    """

    name: str  # as written
    member: str | None = None  # member of the archive, where the export says it
    offset: int | None = None  # first byte of its content inside the text (a part of a mail or MMS)
    length: int = 0  # bytes of that content, as encoded
    encoding: str = ""  # "base64", "quoted-printable" or "" (as it stands)
    size: int | None = None  # bytes as the export declares them
    type: str = ""  # media type as the export declares it; never trusted
    left_out: str = ""  # why the export says that the file is not in it


def files_of(entry: Entry) -> list[NamedFile]:
    """All files that an entry names."""
    listed = entry.detail.get("files") if entry.detail else None
    if isinstance(listed, list):
        return [NamedFile(**file) for file in listed]
    return [NamedFile(entry.attachment)] if entry.attachment else []


class Header(NamedTuple):
    """Bytes that belong to the file and not to a message: a byte order mark, a preamble, the frame of a list."""

    text: int  # index into Survey.texts
    offset: int
    length: int
    what: str


class Problem(NamedTuple):
    """Something that could not be read as it stands. `unread` problems own their bytes."""

    code: str  # stable, e.g. "W-LINE-LONG"
    severity: str  # "error" | "warning" | "info"
    words: str  # a plain sentence: what, where, what to do
    text: int = 0  # index into Survey.texts: where `offset` counts
    seq: int | None = None
    line: int | None = None
    offset: int | None = None
    length: int = 0
    unread: bool = False


# What the time stamps of a file are.
LOCAL = "local"  # clock readings of a device, without a zone
IN_UTC = "utc"  # moments, e.g. seconds since 1970
WITH_OFFSET = "offset"  # clock readings with their distance from UTC


class Choice(NamedTuple):
    value: str
    label: str
    example: str  # the same lines of the file under this reading


class Question(NamedTuple):
    """What the file does not prove and a person must say, e.g. the date order."""

    code: str  # "date_order"
    words: str
    choices: tuple[Choice, ...]


class Part(NamedTuple):
    """A plain file, or one member of an archive."""

    member: str | None  # None: the plain file itself
    size: int  # bytes


@dataclass(frozen=True)
class Text:
    """Bytes that hold entries: one file, or several read one after the other as if they were joined.

    One text can hold one conversation (a chat), a part of one in each file (a channel with a file for each day), or
    many conversations mixed (a log of all rooms). Offsets count from the start of the first part.
    """

    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for part in self.parts)

    def place(self, offset: int) -> tuple[str | None, int]:
        """The part in which an offset lies, and the offset within it."""
        for part in self.parts:
            if offset < part.size:
                return part.member, offset
            offset -= part.size
        return self.parts[-1].member, offset + self.parts[-1].size


@dataclass
class ConversationHead:
    """One conversation found in an export. The title may become known only while the export is read."""

    title: str
    text: int = 0  # index into Survey.texts


class Person(NamedTuple):
    """What an export tells about a sender, besides the way in which the messages name it."""

    name: str = ""  # display name, where messages carry a number or an id
    handle: str = ""  # phone number, e-mail address or account id, where messages carry a name
    handle_kind: str = ""  # "phone", "email", "account"
    exporter: bool = False  # the account that made the export ("You", "Me")


@dataclass
class Survey:
    """What a first pass over the file proves, and how. JSON-able by `dataclasses.asdict`.

    `conversations` and `people` may grow while the export is read: in a log of many rooms they are met one by one.
    """

    format: str
    variant: str  # e.g. "android", "ios"
    texts: list[Text] = field(default_factory=list)
    conversations: list[ConversationHead] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)  # by Entry.sender
    times: str = LOCAL  # what the file's time stamps are: LOCAL, IN_UTC or WITH_OFFSET
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


def _nothing(member: str) -> bytes:
    return b""


@dataclass(frozen=True)
class Sample:
    """What `score` may look at."""

    name: str
    head: bytes  # first 64 KiB of a plain file; empty for an archive
    members: tuple[str, ...] = ()
    peek: Callable[[str], bytes] = _nothing  # first 64 KiB of a member


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
