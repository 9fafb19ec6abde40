"""The same group as three phones export it: each has its own style, clock, names and losses."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from reports.sample.talk import GROUP, Event, conversation, utc

MARK = "\u200e"
_PHOTO = Path(__file__).with_name("photo.jpg")
_OPENED = "You received a view once message. For added privacy, you can only open it on your phone."
_ENCRYPTION = (
    "Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can read or listen "
    "to them."
)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone: whose it is, how it writes, and when its export was made."""

    owner: str
    ios: bool
    stamp: str  # of strftime, with %# for numbers without leading zeros
    zone: ZoneInfo
    exported_at: datetime  # UTC
    names: dict[str, str]
    file_name: str

    def export(self) -> bytes:
        """The file as the application would write it."""
        if not self.ios:
            return "".join(f"{line}\n" for line in _android(self)).encode()
        return _archive(self)

    def name(self, who: str) -> str:
        return self.names[who]

    def clock(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        hour = local.hour % 12 or 12
        parts = {
            "%#m": str(local.month),
            "%#d": str(local.day),
            "%#I": str(hour),
            "%p": "AM" if local.hour < 12 else "PM",
        }
        text = self.stamp
        for mark, value in parts.items():
            text = text.replace(mark, value)
        return local.strftime(text)


_OTHERS = {"desk": "Liaison Desk", "watch": "+1 (202) 555-0143"}
CHIEF = Phone(
    "chief",
    False,
    "%d/%m/%Y, %H:%M - ",
    ZoneInfo("America/New_York"),
    utc(datetime(2019, 3, 12, 9, 0)),
    {
        "chief": "Sector Chief",
        "deputy": "Deputy",
        "supervisor": "Field Supervisor",
        "planner": "Planner",
        **_OTHERS,
    },
    f"WhatsApp Chat with {GROUP}.txt",
)
DEPUTY = Phone(
    "deputy",
    False,
    "%#m/%#d/%y, %#I:%M %p - ",
    ZoneInfo("America/Los_Angeles"),
    utc(datetime(2019, 3, 14, 17, 20)),
    {
        "chief": "Boss",
        "deputy": "Deputy Chief",
        "supervisor": "Supervisor Field",
        "planner": "Shift Planner",
        "desk": "Desk",
        "watch": "Port Watch",
    },
    f"WhatsApp Chat with {GROUP}.txt",
)
SUPERVISOR = Phone(
    "supervisor",
    True,
    "[%#m/%#d/%y, %#I:%M:%S %p] ",
    ZoneInfo("America/Los_Angeles"),
    utc(datetime(2019, 1, 21, 8, 30)),
    {
        "chief": "Chief",
        "deputy": "Deputy",
        "supervisor": "Field Supervisor",
        "planner": "Planner",
        **_OTHERS,
    },
    f"WhatsApp Chat - {GROUP}.zip",
)


def _kept(phone: Phone) -> Iterator[tuple[int, Event]]:
    """What was still on the phone at export, with its ordinal among everything that ever was in the chat."""
    for ordinal, event in enumerate(conversation(), start=1):
        if event.at > phone.exported_at:
            return
        if event.vanishes_at is None or event.vanishes_at > phone.exported_at:
            yield ordinal, event


def _notice(phone: Phone, event: Event) -> str | None:
    """The application's own words about an event, as this phone says them; None for what a person wrote."""
    own = event.who == phone.owner
    name = "You" if own else phone.names.get(event.who, "")
    match event.kind:
        case "encryption":
            return _ENCRYPTION
        case "created":
            return f'{name} created group "{event.text}"'
        case "added":
            return f"{name} added {'you' if event.text == phone.owner else phone.name(event.text)}"
        case "left":
            return f"{name} left"
        case "subject":
            return f'{name} changed the subject from "{GROUP}" to "{event.text}"'
        case "security_code":
            return f"Your security code with {name} changed. Tap to learn more."
        case "timer_on":
            return (
                f"{name} turned on disappearing messages. New messages will disappear from this chat {event.text} "
                "after they're sent, except when kept."
            )
        case "timer_off":
            return f"{name} turned off disappearing messages."
    return None


def _android(phone: Phone) -> Iterator[str]:
    for _, event in _kept(phone):
        notice = _notice(phone, event)
        if notice is not None:
            yield phone.clock(event.at) + notice
            continue
        yield f"{phone.clock(event.at)}{phone.name(event.who)}: {_android_body(phone, event)}"


def _android_body(phone: Phone, event: Event) -> str:
    if event.deleted:
        return (
            "You deleted this message" if event.who == phone.owner else "This message was deleted"
        )
    match event.kind:
        case "photo":
            return "<Media omitted>" + (f"\n{event.text}" if event.text else "")
        case "document":
            return "<Media omitted>"
        case "view_once":
            return "null"
        case "location":
            return f"location: https://maps.google.com/?q={event.text}"
        case "call":
            return "Missed voice call"
        case "poll":
            return "\n".join(_poll(event))
    return event.text + (" <This message was edited>" if event.edited else "")


def _poll(event: Event, mark: str = "") -> list[str]:
    question, *options = event.text.split("|")
    votes = [option.split("=") for option in options]
    lines = [
        f"{mark}OPTION: {words} ({count} vote{'' if count == '1' else 's'})"
        for words, count in votes
    ]
    return [f"{mark}POLL:", question, *lines]


def _archive(phone: Phone) -> bytes:
    """An iPhone's export with media: some files are not in it, one belongs to no message."""
    lines: list[str] = []
    files: dict[str, bytes] = {}
    for ordinal, event in _kept(phone):
        lines.append(_ios(phone, event, ordinal, files) + "\r\n")
    names = sorted(name for name in files if "PHOTO" in name)
    for name in names[3::6]:  # named in the text, and not handed over
        del files[name]
    files["00000412-PHOTO-2018-11-22-16-04-51.jpg"] = _picture("of a message that is gone")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member("_chat.txt"), "".join(lines).encode())
        for name, content in sorted(files.items()):
            archive.writestr(_member(name), content)
    return packed.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    """A member with a fixed time: the same sample gives the same bytes."""
    info = zipfile.ZipInfo(name, (2019, 1, 21, 8, 30, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _ios(phone: Phone, event: Event, ordinal: int, files: dict[str, bytes]) -> str:
    head = phone.clock(event.at)
    notice = _notice(phone, event)
    if notice is not None:
        return f"{head}{GROUP}: {MARK}{notice}"
    head += f"{phone.name(event.who)}: "
    if event.deleted:
        words = (
            "You deleted this message." if event.who == phone.owner else "This message was deleted."
        )
        return head + MARK + words
    match event.kind:
        case "photo" if ordinal % 9 == 0:
            return f"{MARK}{head}{MARK}image omitted"
        case "photo":
            name = f"{ordinal:08d}-PHOTO-{event.at.astimezone(phone.zone):%Y-%m-%d-%H-%M-%S}.jpg"
            files[name] = _picture(name)
            caption = f"{event.text} " if event.text else ""
            return f"{MARK}{head}{caption}{MARK}<attached: {name}>"
        case "document":
            name = f"{ordinal:08d}-{event.text}"
            files[name] = f"SAMPLE\n{event.text}\nInvented for the sample agency.\n".encode()
            return f"{MARK}{head}{event.text} {MARK}<attached: {name}>"
        case "view_once":
            return head + MARK + _OPENED
        case "location":
            return f"{head}{MARK}Location: https://maps.google.com/?q={event.text}"
        case "call":
            return f"{head}{MARK}Missed voice call. {MARK}Tap to call back"
        case "poll":
            return head + "\r\n".join(_poll(event, MARK))
    text = event.text.replace("\n", "\r\n")
    return head + text + (f" {MARK}<This message was edited>" if event.edited else "")


def _picture(words: str) -> bytes:
    """The sample photograph with a comment of its own, so that each has its own SHA-256."""
    photo = _PHOTO.read_bytes()
    comment = f"SAMPLE {words}".encode()
    return photo[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + photo[2:]


def undecided_export() -> bytes:
    """A chat whose dates can be read two ways: the portal asks."""
    lines = [
        "04/03/2019, 08:12 - Deputy Chief: Is the new roster in the shared folder?",
        "04/03/2019, 08:15 - Shift Planner: Since this morning.",
        "05/03/2019, 17:40 - Shift Planner: Overtime sheets are due tomorrow.",
        "06/03/2019, 07:05 - Deputy Chief: Sent.",
        "07/03/2019, 12:30 - Shift Planner: <Media omitted>",
        "08/03/2019, 09:10 - Deputy Chief: Thank you, that is the last one.",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def photo_export() -> bytes:
    """A photograph that somebody handed in under the name of a text."""
    return _picture("handed in as a text")
