"""SMS Backup & Restore (Android), XML: text messages, multimedia messages and the call log of one phone.

What is read and by which rules: docs/formats/sms_backup.md. The fields are described by the maker of the application,
https://www.synctech.com.au/sms-backup-restore/fields-in-xml-backup-files/; numbers of folders and kinds of address are
those of Android's Telephony provider. Times are milliseconds since 1970 in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from records.formats import xml_stream
from records.formats.base import (
    IN_UTC,
    Entry,
    Header,
    Kind,
    NamedFile,
    Part,
    Problem,
    Sample,
    Source,
    Survey,
    Text,
)
from records.formats.clock import zone_of
from records.formats.complaints import Wording
from records.formats.composer import Composer, Item
from records.formats.pieces import Path, Piece, Role
from records.formats.xml_stream import Element, pieces

WANTED: frozenset[Path] = frozenset((("smses", "sms"), ("smses", "mms"), ("calls", "call")))
MOST_MEMBERS = 50  # XML files of an archive that are looked into
_ROOT = re.compile(rb"<(?:smses|calls)\b[^<>]*>|<(?:smses|calls)\s+count=")
_ENTRY = re.compile(rb"<(?:sms|mms|call)\s+[a-z_]+\s*=")

RECEIVED, SENT = "1", "2"
# Folders of messages that were written and, for all the file says, not sent.
UNSENT = {"3": "draft", "4": "outbox", "5": "failed", "6": "queued"}
CALLS = {
    "1": (Kind.CALL, "incoming call"),
    "2": (Kind.CALL, "outgoing call"),
    "3": (Kind.MISSED_CALL, "missed call"),
    "4": (Kind.CALL, "voicemail"),
    "5": (Kind.MISSED_CALL, "rejected call"),
    "6": (Kind.MISSED_CALL, "blocked call"),
    "7": (Kind.CALL, "call answered on another device"),
}
_BCC, _CC, _FROM, _TO = "129", "130", "137", "151"
_OWN_NUMBER = "insert-address-token"  # what Android writes in place of the phone's own number
_NOTIFICATION = "130"  # m_type: the message was announced and its content not fetched
_LAYOUT = "application/smil"  # how the parts of a multimedia message are shown; no content
_NO_NAME = ("", "null", "(Unknown)")
_DELAY = 60_000_000  # microseconds between sending and receiving that are worth telling

WORDINGS: Mapping[str, Wording] = {
    **xml_stream.WORDINGS,
    "S-TWICE": Wording(
        "info",
        "The same message stands in the file before, with the same time, number and text. Backups that were restored "
        "and made again do that. Both are kept.",
    ),
}


class SmsBackup:
    """Reads the XML files of the application, each by itself or together in an archive."""

    name = "sms_backup"
    title = "SMS Backup & Restore (XML)"

    def score(self, sample: Sample) -> int:
        """How surely it is such a backup: by its root element and the first message."""
        if sample.members:
            heads = (sample.peek(name) for name in _xml_of(sample.members)[:MOST_MEMBERS])
            return max(map(_score, heads), default=0)
        return _score(sample.head)

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """Which files hold messages and calls. Nothing has to be asked."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        return Survey(
            format=self.name,
            variant="xml",
            texts=[Text((part,)) for part in _parts(source)],
            times=IN_UTC,
            date_order="ymd",
            time_zone=zone,
            proof=[
                "Each message carries its moment in milliseconds since 1970, in UTC.",
                "The backup holds what was on the phone on that day: deleted messages leave nothing behind, and "
                "messages of chat apps are not part of it.",
            ],
        )

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message and call in the file's order, every byte owned."""
        composer = Composer(survey, WORDINGS)
        survey.layout["counts"] = []
        for number, text in enumerate(survey.texts):
            with source.open(text.parts[0].member) as stream:
                yield from _Reading(composer, number, text.parts[0].member).read(
                    pieces(stream, WANTED, left=("part", "data"), mend_references=True)
                )
        yield from composer.close()


def _score(head: bytes) -> int:
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return 0
    root = _ROOT.search(head)
    if root is None:
        return 0
    return 95 if _ENTRY.search(head, root.end()) else 80


def _xml_of(members: tuple[str, ...]) -> list[str]:
    return [name for name in members if name.casefold().endswith(".xml")]


def _parts(source: Source) -> list[Part]:
    """The files that hold messages or calls."""
    if not source.members:
        return [Part(None, source.size)]
    sizes = {member.name: member.size for member in source.members}
    found = []
    for name in _xml_of(tuple(sizes))[:MOST_MEMBERS]:
        with source.open(name) as stream:
            if _score(stream.read(1 << 16)):
                found.append(Part(name, sizes[name]))
    return found


class _Reading:
    """One file while it is read."""

    def __init__(self, composer: Composer, text: int, member: str | None) -> None:
        self._composer, self._text, self._member = composer, text, member
        self._declared: int | None = None
        self._found = 0
        self._me = ""
        self._moment = ""  # of the message before, and what stood at that moment
        self._at_moment: dict[tuple[str | None, ...], int] = {}

    def read(self, walked: Iterator[Piece]) -> Iterator[Item]:
        for piece in walked:
            element = piece.value
            if piece.role is not Role.ELEMENT or not isinstance(element, Element):
                yield from self._frame(piece)
                continue
            self._found += 1
            if element.name == "sms":
                yield from self._sms(element.attributes, piece)
            elif element.name == "mms":
                yield from self._mms(element, piece)
            else:
                yield from self._call(element.attributes, piece)
        yield from self._compare()

    def _frame(self, piece: Piece) -> Iterator[Item]:
        if isinstance(piece.value, Element):
            count = piece.value.attributes.get("count", "")
            self._declared = int(count) if count.isascii() and count.isdigit() else None
        if len(piece.path) == 2 and piece.role is Role.FRAME:
            yield from self._composer.unread(piece, self._text, "J-NO-MESSAGE")
        else:
            yield from self._composer.frame(piece, self._text)

    def _compare(self) -> Iterator[Item]:
        """The count that the file declares against what is in it: for the rule `count_mismatch`, and as a problem."""
        if self._declared is None:
            return
        counts = self._composer.survey.layout["counts"]
        assert isinstance(counts, list)
        counts.append(
            {"noun": "message", "declared": self._declared, "found": self._found, "place": self._member or ""}
        )  # fmt: skip
        if self._declared != self._found:
            yield from self._composer.complaints.tell(
                "J-COUNT",
                text=self._text,
                figures={"declared": self._declared, "found": self._found},
            )

    # -- messages --

    def _sms(self, fields: Mapping[str, str], piece: Piece) -> Iterator[Item]:
        address, body = _said(fields, "address"), fields.get("body", "")
        name, box = fields.get("contact_name", ""), fields.get("type", "")
        if body == "null":
            body = ""
        detail: dict[str, object] = {}
        _folder(box, detail)
        subject = fields.get("subject", "null")
        if subject != "null":
            detail["subject"] = subject
        if fields.get("status") == "64":
            detail["delivery"] = "failed"
        sent, handed_over = _moment(fields.get("date", "")), _moment(fields.get("date_sent", ""))
        if sent and handed_over and abs(sent - handed_over) > _DELAY and box == RECEIVED:
            detail["date_sent"] = handed_over
        twice = self._twice(fields.get("date", ""), (address, box, body))
        if twice:
            detail["same_as"] = twice
        yield from self._composer.entry(
            self._conversation(address, name),
            "text" if body else "empty",
            self._sender(address, name) if box == RECEIVED else self._exporter(),
            body,
            fields.get("date", ""),
            piece,
            sent=sent,
            detail=detail,
        )
        if twice:
            yield from self._composer.problem("S-TWICE", piece, self._text)

    def _mms(self, element: Element, piece: Piece) -> Iterator[Item]:
        fields = element.attributes
        address, name = _said(fields, "address"), fields.get("contact_name", "")
        box, detail = fields.get("msg_box", ""), _about(element)
        _folder(box, detail)
        body, files = _content(element)
        kind = Kind.TEXT if body or "subject" in detail else Kind.EMPTY
        if files:
            kind = Kind.MEDIA_OMITTED if all(file.left_out for file in files) else Kind.ATTACHED
        if fields.get("m_type") == _NOTIFICATION:
            kind = Kind.NOT_RECEIVED
        yield from self._composer.entry(
            self._conversation(address, name),
            kind.value,
            self._sent_by(element, address, name) if box == RECEIVED else self._exporter(),
            body,
            fields.get("date", ""),
            piece,
            sent=_moment(fields.get("date", "")),
            files=files,
            detail=detail,
        )

    def _call(self, fields: Mapping[str, str], piece: Piece) -> Iterator[Item]:
        number, name = _said(fields, "number"), fields.get("contact_name", "")
        kind, words = CALLS.get(fields.get("type", ""), (Kind.NOTICE, "call of an unknown type"))
        detail: dict[str, object] = {"call": words}
        if fields.get("duration", "").isdigit():
            detail["duration"] = int(fields["duration"])
        if kind is Kind.NOTICE:
            detail["type"] = fields.get("type", "")
        yield from self._composer.entry(
            self._conversation(number, name),
            kind.value,
            self._exporter() if words.startswith("outgoing") else self._sender(number, name),
            words,
            fields.get("date", ""),
            piece,
            sent=_moment(fields.get("date", "")),
            detail=detail,
        )
        if kind is Kind.NOTICE:
            yield from self._composer.problem("J-TYPE-UNKNOWN", piece, self._text)

    # -- people --

    def _conversation(self, address: str, name: str) -> int:
        """The conversation with one number, or with several joined by `~`."""
        if name in _NO_NAME:
            name = address.replace("~", ", ") or "Number withheld"
        return self._composer.conversation((self._text, address), name, self._text)

    def _sender(self, address: str, name: str) -> str | None:
        if not address or address == _OWN_NUMBER:
            return None
        kind = "email" if "@" in address else "phone"
        return self._composer.sender(address, "" if name in _NO_NAME else name, kind)

    def _sent_by(self, element: Element, address: str, name: str) -> str | None:
        """Who sent a multimedia message: in a group only its list of addresses says so."""
        if "~" not in address:
            return self._sender(address, name)
        for other in _addresses(element):
            if other.get("type") == _FROM:
                return self._sender(other.get("address", ""), "")
        return None

    def _exporter(self) -> str:
        """The phone's owner, whose number the backup does not hold."""
        if not self._me:
            self._me = self._composer.sender("the phone's owner", "Me")
            people = self._composer.survey.people
            if self._me in people:
                people[self._me] = people[self._me]._replace(
                    handle="", handle_kind="", exporter=True
                )
        return self._me

    def _twice(self, date: str, message: tuple[str | None, ...]) -> int | None:
        """The ordinal of the same message before. Backups are in the order of time, so only one moment is kept."""
        if date != self._moment:
            self._moment, self._at_moment = date, {message: self._composer.seq + 1}
            return None
        before = self._at_moment.get(message)
        if before is None and len(self._at_moment) < 1_000:
            self._at_moment[message] = self._composer.seq + 1
        return before


def _said(fields: Mapping[str, str], name: str) -> str:
    """A field's value; the application writes `null` for none."""
    value = fields.get(name, "")
    return "" if value == "null" else value


def _moment(written: str) -> int | None:
    """Microseconds since 1970 of a time in milliseconds; none for 0, which is what the phone writes for none."""
    if written.isdigit() and written.isascii() and len(written) < 15:
        return int(written) * 1_000 or None
    return None


def _folder(box: str, detail: dict[str, object]) -> None:
    """Notes a message that was never sent, or stands in a folder that is not known."""
    if box not in (RECEIVED, SENT):
        detail["folder"] = UNSENT.get(box, f"unknown ({box})")


def _addresses(element: Element) -> Iterator[Mapping[str, str]]:
    for group in element.find("addrs"):
        for address in group.find("addr"):
            yield address.attributes


def _about(element: Element) -> dict[str, object]:
    """What a multimedia message says of itself."""
    fields, detail = element.attributes, dict[str, object]()
    for field, name in (("m_id", "id"), ("sub", "subject")):
        if _said(fields, field):
            detail[name] = fields[field]
    if fields.get("m_type") == _NOTIFICATION and _said(fields, "exp"):
        detail["expiry"] = fields["exp"]  # seconds or a moment: the file does not say which
    for kind, name in ((_TO, "to"), (_CC, "cc"), (_BCC, "bcc")):
        found = [
            address.get("address", "")
            for address in _addresses(element)
            if address.get("type") == kind
        ]
        if len(found) > 1 or (found and kind != _TO):
            detail[name] = found
    return detail


def _content(element: Element) -> tuple[str, list[NamedFile]]:
    """The text of a multimedia message, and its files."""
    texts, files = [], []
    for group in element.find("parts"):
        for part in group.find("part"):
            fields = part.attributes
            kind, text = _said(fields, "ct").lower(), _said(fields, "text")
            if kind == _LAYOUT:
                continue
            if part.left is None and (text or kind == "text/plain"):
                texts.append(text)
                continue
            names = (_said(fields, key).strip("<>") for key in ("fn", "cl", "name", "cid"))
            name = next(filter(None, names), f"part {fields.get('seq', '')}".strip())
            if part.left is None:
                files.append(
                    NamedFile(name, type=kind, left_out="The backup holds no content for this part")
                )
            else:
                offset, length = part.left
                files.append(
                    NamedFile(name, offset=offset, length=length, encoding="base64", type=kind)
                )
    return "\n".join(texts), files
