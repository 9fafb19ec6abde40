"""Words for what formats and ingest write as codes: kinds of entries, doubts, verdicts with their next step."""

from __future__ import annotations

from typing import NamedTuple

from portal.audit.models import AuditEvent
from records.formats import FORMATS
from records.formats.base import Doubt, Kind
from records.models import MessageExport
from records.web import zones


class KindWords(NamedTuple):
    label: str
    tone: str  # as portal.kit tags: good, busy, warn, bad, quiet


KINDS: dict[str, KindWords] = {
    Kind.TEXT: KindWords("Message", "quiet"),
    Kind.ATTACHED: KindWords("File attached", "busy"),
    Kind.MEDIA_OMITTED: KindWords("File left out of the export", "warn"),
    Kind.VIEW_ONCE: KindWords("View once: content is gone", "warn"),
    Kind.DELETED_BY_EXPORTER: KindWords("Deleted by the phone's owner", "bad"),
    Kind.DELETED_BY_OTHER: KindWords("Deleted by another person", "bad"),
    Kind.DELETED: KindWords("Deleted", "bad"),
    Kind.EDITED: KindWords("Edited: earlier text is lost", "warn"),
    Kind.NOT_RECEIVED: KindWords("Not yet received by this phone", "warn"),
    Kind.LOCATION: KindWords("Location", "quiet"),
    Kind.CONTACT: KindWords("Contact card", "quiet"),
    Kind.POLL: KindWords("Poll", "quiet"),
    Kind.CALL: KindWords("Call", "quiet"),
    Kind.MISSED_CALL: KindWords("Missed call", "quiet"),
    Kind.TIMER_ON: KindWords("Message timer turned on", "bad"),
    Kind.TIMER_OFF: KindWords("Message timer turned off", "warn"),
    Kind.TIMER_CHANGED: KindWords("Message timer changed", "bad"),
    Kind.TIMER_DEFAULT: KindWords("Default message timer", "bad"),
    Kind.KEPT: KindWords("Kept from disappearing", "quiet"),
    Kind.ENCRYPTION: KindWords("Encryption notice", "quiet"),
    Kind.SECURITY_CODE: KindWords("Security code changed", "quiet"),
    Kind.IDENTITY: KindWords("Number or name changed", "quiet"),
    Kind.MEMBERSHIP: KindWords("Members changed", "quiet"),
    Kind.SETTINGS: KindWords("Settings changed", "quiet"),
    Kind.PRIVACY: KindWords("Export blocked or allowed", "warn"),
    Kind.BLOCKED: KindWords("Contact blocked or unblocked", "quiet"),
    Kind.EMPTY: KindWords("Empty message", "quiet"),
    Kind.REACTION: KindWords("Reaction", "quiet"),
    Kind.HISTORY_CLEARED: KindWords("History cleared", "bad"),
    Kind.SCREENSHOT: KindWords("Screenshot taken", "quiet"),
    Kind.NOTICE: KindWords("Notice of the application", "quiet"),
}

DOUBTS: dict[Doubt, str] = {
    Doubt.BOUNDARY: "The line that starts this entry may be part of the message before it (pasted or made up).",
    Doubt.TIME_BACKWARD: "Its time is earlier than that of the entry before.",
    Doubt.TIME_FOLDED: "Its time falls in the hour that a clock change repeats: it may be an hour later.",
    Doubt.TIME_MISSING: "Its time falls in an hour that a clock change skips.",
    Doubt.ENCODING: "Some of its bytes are not valid in the file's encoding and are shown as \ufffd.",
}

VERDICTS: dict[str, tuple[str, str]] = {
    MessageExport.Verdict.ACCEPTED: (
        "Every byte was read.",
        "File its conversations, then judge the findings if there are any.",
    ),
    MessageExport.Verdict.WITH_WARNINGS: (
        "Every entry was read; some places deserve a look.",
        "Read the problems below, then file the conversations and judge the findings.",
    ),
    MessageExport.Verdict.PARTLY_READ: (
        "Parts of the file could not be read. They are listed byte by byte and are kept.",
        "Read the problems below. If a part matters, make the export again on the device and hand that in as well.",
    ),
    MessageExport.Verdict.REJECTED: (
        "The file could not be read as a message export. It is kept unchanged.",
        "Do what the words below say, and hand in the new file.",
    ),
}

DATE_ORDERS = {
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "ymd": "year, month, day",
    "by_chat": "not the same in each chat",
    "undecided": "not decided",
}


# What a variant adds to its format's title; the others add nothing that a reader needs.
VARIANTS: dict[tuple[str, str], str] = {
    ("whatsapp", "android"): "Android",
    ("whatsapp", "ios"): "iPhone",
    ("whatsapp", "ios_old"): "iPhone, older layout",
    ("telegram", "account"): "a whole account",
    ("telegram", "chat"): "one chat",
    ("slack", "workspace"): "a whole workspace",
    ("slack", "day"): "one day of a channel",
    ("messenger", "messenger"): "Messenger",
    ("messenger", "instagram"): "Instagram",
    ("messenger", "secure"): "end-to-end encrypted chats",
    ("google_chat", "takeout"): "a whole Takeout",
    ("google_chat", "conversation"): "one conversation",
    ("mail", "mbox"): "mbox",
    ("mail", "eml"): "EML",
    ("ufed", "ufdr"): "UFDR",
    ("ufed", "xml"): "XML",
    ("rsmf", "mail"): "in a mail message",
    ("rsmf", "archive"): "as an archive",
    ("rsmf", "manifest"): "manifest alone",
    ("signal", "desktop"): "Signal Desktop",
}


def format_words(name: str, variant: str) -> str:
    """The title of a format with its variant; a format that is no longer here stands as it was written."""
    title = next((each.title for each in FORMATS if each.name == name), name)
    words = VARIANTS.get((name, variant))
    return f"{title}: {words}" if words else title


def kind_words(kind: str) -> KindWords:
    """Words of a kind; a kind of a later format stands as it is."""
    return KINDS.get(kind) or KindWords(kind.replace("_", " ").capitalize(), "quiet")


class Change(NamedTuple):
    """One particular of an export that was corrected, as pages show it."""

    label: str
    before: str
    after: str


_PARTICULARS = {
    "custodian": "Custodian",
    "tool": "Messaging tool",
    "account": "Account or device",
    "time_zone": "Time zone",
    "collected_by": "Collected by",
    "collected_on": "Collected on",
}


def changes_of(event: AuditEvent) -> list[Change]:
    """What a correction changed, from and to; empty for events of other kinds."""
    if event.action != "export.corrected":
        return []
    return [
        Change(
            _PARTICULARS[field],
            *(_particular(field, str(told[side])) or "not said" for side in ("from", "to")),
        )
        for field, told in event.detail["changes"].items()
    ]


def _particular(field: str, value: str) -> str:
    if field == "time_zone":
        return zones.label(value)
    return dict(MessageExport.Account.choices).get(value, value) if field == "account" else value


def doubt_words(doubt: int) -> list[str]:
    """One sentence for each doubt about an entry."""
    return [words for flag, words in DOUBTS.items() if doubt & flag]


def kind_choices(kinds: dict[str, int]) -> list[tuple[str, str]]:
    """Kinds that occur, most frequent first, with their counts."""
    known = sorted(kinds.items(), key=lambda pair: -pair[1])
    return [(kind, f"{kind_words(kind).label} ({count:,})") for kind, count in known if count]
