"""Cellebrite UFED reports: the chats of `report.xml`, alone or in a `.ufdr` (a zip with the files beside it).

What is read and by which rules: docs/formats/ufed.md. The layout is that of reports of UFED Physical Analyzer and
Inseyets (namespace http://pa.cellebrite.com/report/2.0); no specification is public, so names and nesting follow what
public readers of such reports document. Only the messages of a chat are counted: a quoted message stands inside the one
that quotes it, as an element of the same name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from records.formats import xml_stream
from records.formats.base import (
    WITH_OFFSET,
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
from records.formats.iso_time import clock_of
from records.formats.pieces import Path, Piece, Role
from records.formats.sniff import head_of
from records.formats.xml_stream import Element, pieces

REPORT = "report.xml"
_DATA: Path = ("project", "decodedData")
_CHAT: Path = (*_DATA, "modelType:Chat", "model:Chat")
MESSAGES: Path = (*_CHAT, "multiModelField:Messages", "model:InstantMessage")
LOOSE: Path = (*_DATA, "modelType:InstantMessage", "model:InstantMessage")  # of no chat
WANTED: frozenset[Path] = frozenset(
    (MESSAGES, LOOSE, (*_CHAT, "field"), (*_CHAT, "multiModelField:Participants"))
)
# Messages of other kinds, which a report can hold beside chats.
OTHER_MESSAGES = ("SMS", "MMS", "Email", "Call", "Voicemail", "ChatActivity")
_PROJECT = re.compile(rb"<project\s[^<>]*>")
_NAMESPACE = re.compile(rb"""xmlns\s*=\s*["']http://pa\.cellebrite\.com/report""")
_VERSION = re.compile(rb"""\sreportVersion\s*=\s*["']([\w. ]{1,40})["']""")
_PHONE = re.compile(r"\+?[\d ().-]{5,24}")
_SYSTEM = ("system message", "system")  # how the report names the application as a sender
_SYSTEM_TYPE = "System"
_MOST_NAMES = 10  # participants in the title of a chat without a name

WORDINGS: Mapping[str, Wording] = {
    **xml_stream.WORDINGS,
    "U-OTHER": Wording(
        "info",
        "The report also holds a part of the kind {kind}, which is not read here; its bytes are kept. Ask the examiner "
        "for the same messages in another format if they are records.",
    ),
}


class Ufed:
    """Reads the chats of a report."""

    name = "ufed"
    title = "Cellebrite UFED report (XML, UFDR)"

    def score(self, sample: Sample) -> int:
        """How surely it is such a report: by the namespace of its root."""
        member = _report_of(sample.members)
        head = sample.peek(member) if member is not None else sample.head
        root = _PROJECT.search(head)
        if root is None or not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return 0
        if _NAMESPACE.search(root.group()):
            return 96
        return 60 if b"extractionType=" in root.group() or b"<decodedData" in head else 0

    def survey(self, source: Source, answers: Mapping[str, str]) -> Survey:
        """Which file is the report, and of which version."""
        zone = answers.get("time_zone", "")
        if zone:
            zone_of(zone)
        part = _part(source)
        version = _VERSION.search(head_of(source, part.member))
        return Survey(
            format=self.name,
            variant="ufdr" if source.members else "xml",
            texts=[Text((part,))],
            times=WITH_OFFSET,
            date_order="ymd",
            time_zone=zone,
            proof=[
                "The root of the report names Cellebrite's report"
                + (f", version {version.group(1).decode()}." if version else "."),
                "Each message carries its time with its distance from UTC. The report says of each whether it was "
                "intact on the device, or deleted and recovered.",
            ],
        )

    def read(self, source: Source, survey: Survey) -> Iterator[Entry | Header | Problem]:
        """Every message of every chat, every byte owned."""
        part = survey.texts[0].parts[0]
        folder = (part.member or "").rpartition("/")[0]
        with source.open(part.member) as stream:
            yield from _Reading(survey, folder, in_archive=part.member is not None).read(
                pieces(stream, WANTED, _label)
            )


def _label(name: str, attributes: dict[str, str]) -> str:
    """The elements have four names; what they are stands in an attribute."""
    if name in ("model", "modelType"):
        return f"{name}:{attributes.get('type', '')}"
    return (
        f"{name}:{attributes.get('name', '')}"
        if name in ("multiModelField", "modelField")
        else name
    )


def _report_of(members: tuple[str, ...]) -> str | None:
    """The report of an archive: at the top or in one folder."""
    found = [
        name
        for name in members
        if name.casefold().rpartition("/")[2] == REPORT and name.count("/") < 2
    ]
    return min(found, key=len, default=None)


def _part(source: Source) -> Part:
    if not source.members:
        return Part(None, source.size)
    name = _report_of(tuple(member.name for member in source.members))
    return next(Part(member.name, member.size) for member in source.members if member.name == name)


class _Model:
    """One `model` element: its plain fields, and the models that its other fields hold."""

    def __init__(self, element: Element) -> None:
        self.type = element.attributes.get("type", "")
        self.attributes = element.attributes
        self.fields: dict[str, str] = {}
        self.models: dict[str, list[_Model]] = {}
        for child in element.children:
            name = child.attributes.get("name", "")
            if child.name == "field":
                self.fields[name] = value_of(child)
            elif child.name in ("modelField", "multiModelField"):
                self.models.setdefault(name, []).extend(map(_Model, child.find("model")))

    def all(self, *names: str) -> list[_Model]:
        """The models of these fields."""
        return [model for name in names for model in self.models.get(name, [])]


def value_of(field: Element) -> str:
    """The value of a `field`; empty for `<empty/>`."""
    return "".join(value.text for value in field.find("value"))


class _Reading:
    """One report while it is read: the chat whose messages come now."""

    def __init__(self, survey: Survey, folder: str, *, in_archive: bool) -> None:
        self._composer = Composer(survey, WORDINGS)
        self._prefix = f"{folder}/" if folder else ""
        self._in_archive = in_archive
        self._chats = 0
        self._conversation = -1
        self._chat: dict[str, str] = {}  # its fields
        self._participants: list[str] = []
        self._others: Counter[str] = Counter()

    def read(self, walked: Iterator[Piece]) -> Iterator[Item]:
        for piece in walked:
            element = piece.value
            if piece.role is Role.ELEMENT and isinstance(element, Element):
                if element.name == "model":
                    yield from self._message(_Model(element), piece)
                    continue
                self._told_of_chat(element)
            elif piece.path == _CHAT and isinstance(element, Element):
                self._chats += 1
                self._conversation, self._chat, self._participants = -1, {}, []
            yield from self._composer.frame(piece)
            yield from self._other(piece)
        yield from self._composer.close()

    def _other(self, piece: Piece) -> Iterator[Item]:
        """Says once that messages of another kind are in the report."""
        kind = (
            piece.path[-1].partition(":")[2]
            if piece.path[:2] == _DATA and len(piece.path) == 3
            else ""
        )
        if kind in OTHER_MESSAGES and not self._others[kind]:
            self._others[kind] += 1
            yield from self._composer.complaints.tell(
                "U-OTHER", offset=piece.offset, length=piece.length, figures={"kind": kind}
            )

    def _told_of_chat(self, element: Element) -> None:
        if element.name == "field":
            self._chat[element.attributes.get("name", "")] = value_of(element)
            return
        for party in map(_Model, element.find("model")):
            name = None if _is_system(party) else self._sender(party)
            if name:
                self._participants.append(name)

    def _conversation_of(self, path: Path, fields: Mapping[str, str]) -> int:
        if path == LOOSE:
            application = (
                fields.get("Source") or fields.get("SourceApplication") or "an unnamed app"
            )
            return self._composer.conversation(
                (LOOSE, application), f"Messages of {application} in no chat"
            )
        if self._conversation < 0:
            names = ", ".join(self._participants[:_MOST_NAMES])
            title = self._chat.get("Name") or names or self._chat.get("Id") or "Chat without a name"
            source = self._chat.get("Source")
            self._conversation = self._composer.conversation(
                self._chats, f"{title} ({source})" if source else title
            )
        return self._conversation

    def _message(self, model: _Model, piece: Piece) -> Iterator[Item]:
        fields = model.fields
        conversation = self._conversation_of(piece.path, fields)
        detail = _about(model)
        files = [self._file(attachment) for attachment in model.all("Attachments", "Attachment")]
        party = next(iter(model.all("From")), None)
        kind = _kind(detail, files, system=party is not None and _is_system(party))
        body, written = fields.get("Body", ""), fields.get("TimeStamp", "")
        if not body and kind is Kind.TEXT:
            kind = Kind.EMPTY
        kind = _fate(model, kind, body, detail)
        aware, moment = clock_of(written.strip())
        yield from self._composer.entry(
            conversation,
            kind.value,
            None if party is None or _is_system(party) else self._sender(party),
            body,
            written,
            piece,
            sent=moment if aware else None,
            local=None if aware else moment,
            files=files,
            detail=detail,
        )
        if kind is Kind.NOTICE and detail.get("type") != _SYSTEM_TYPE:
            yield from self._composer.problem("J-TYPE-UNKNOWN", piece)

    def _sender(self, party: _Model) -> str | None:
        handle, name = (
            party.fields.get("Identifier", "").strip(),
            party.fields.get("Name", "").strip(),
        )
        if not handle and not name:
            return None
        handle = handle or name
        kind = "phone" if _PHONE.fullmatch(handle) else "email" if _is_mail(handle) else "account"
        sender = self._composer.sender(handle, name, kind)
        people = self._composer.survey.people
        if party.fields.get("IsPhoneOwner", "").lower() == "true" and sender in people:
            people[sender] = people[sender]._replace(exporter=True)
        return sender

    def _file(self, attachment: _Model) -> NamedFile:
        fields = attachment.fields
        path = fields.get("attachment_extracted_path", "").replace("\\", "/").strip()
        number = attachment.attributes.get("file_id") or fields.get("file_id", "")
        name = (
            fields.get("Filename") or path.rpartition("/")[2] or fields.get("URL") or "attachment"
        )
        left_out = ""
        if not path:
            left_out = (
                f"The report names the file only by its number {number}"
                if number
                else "The report holds no file for this attachment"
            )
        return NamedFile(
            name,
            member=f"{self._prefix}{path}" if path and self._in_archive else None,
            type=fields.get("ContentType", ""),
            left_out=left_out,
        )


def _is_mail(handle: str) -> bool:
    # WhatsApp writes numbers as accounts of its own server.
    return "@" in handle and not handle.endswith((".whatsapp.net", "@g.us"))


def _is_system(party: _Model) -> bool:
    said = (party.fields.get("Identifier", ""), party.fields.get("Name", ""))
    return any(value.strip().lower() in _SYSTEM for value in said)


def _about(model: _Model) -> dict[str, object]:
    """What a message says of itself besides its text."""
    fields, detail = model.fields, dict[str, object]()
    for field, name in (("Identifier", "id"), ("Status", "status"), ("Label", "label")):
        if fields.get(field):
            detail[name] = fields[field]
    _look_at_extra(model, detail)
    for position in model.all("Position"):
        detail["location"] = {
            key.lower(): position.fields[key]
            for key in ("Latitude", "Longitude")
            if position.fields.get(key)
        }
    contacts = [contact.fields.get("Name", "") for contact in model.all("SharedContacts")]
    if contacts:
        detail["contacts"] = contacts
    for activity in model.all("ActivityLog"):
        detail["type"] = activity.fields.get("Action", "")
    return detail


def _look_at_extra(model: _Model, detail: dict[str, object]) -> None:
    """Labels ("Edited", "Forwarded", ...) and what the message answers."""
    labels: list[str] = []
    for extra in model.all("MessageExtraData"):
        if extra.type == "MessageLabel" and extra.fields.get("Label"):
            labels.append(extra.fields["Label"])
        elif extra.type == "QuotedMessageData" and extra.fields.get("ReferenceId"):
            detail["reply_to"] = extra.fields["ReferenceId"]
        elif extra.type == "ReplyMessageData":
            for quoted in extra.all("InstantMessage"):
                detail["reply_to"] = quoted.fields.get("Identifier") or quoted.attributes.get(
                    "id", ""
                )
        elif extra.type == "ForwardedMessageData":
            labels.append("Forwarded")
    if labels:
        detail["labels"] = sorted(set(labels))


def _kind(detail: dict[str, object], files: list[NamedFile], *, system: bool) -> Kind:
    """What a message is, before its fate is looked at."""
    action = str(detail.get("type", ""))
    if action.startswith("Participant"):
        return Kind.MEMBERSHIP
    if action or system or _SYSTEM_TYPE in _labels(detail):
        detail.setdefault("type", _SYSTEM_TYPE)
        return Kind.NOTICE
    if files:
        left_out = all(file.left_out for file in files)
        return Kind.MEDIA_OMITTED if left_out else Kind.ATTACHED
    if detail.get("location"):
        return Kind.LOCATION
    return Kind.CONTACT if "contacts" in detail else Kind.TEXT


def _labels(detail: Mapping[str, object]) -> list[str]:
    labels = detail.get("labels", [])
    return labels if isinstance(labels, list) else []


def _fate(model: _Model, kind: Kind, body: str, detail: dict[str, object]) -> Kind:
    """Whether the message was deleted on the device and recovered, or edited."""
    state = model.attributes.get("deleted_state", "")
    if state and state != "Intact":
        detail["deleted_state"] = state
    if state in ("Deleted", "Trash"):
        detail["was"] = kind.value
        confidence = model.attributes.get("decoding_confidence")
        if confidence:
            detail["decoding_confidence"] = confidence
        if body:
            detail["earlier"] = [body]  # the rules: what the message said is in the export
        return Kind.DELETED
    if "Edited" in _labels(detail):
        if kind is not Kind.TEXT:
            detail["was"] = kind.value
        return Kind.EDITED
    return kind
