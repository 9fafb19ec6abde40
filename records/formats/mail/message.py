"""What one mail message means: whose it is, what it says, which files it carries, what hides it."""

from __future__ import annotations

import re
from typing import NamedTuple

from records.formats.base import Kind, NamedFile
from records.formats.mail.mime import Entity
from records.formats.mail.words import addresses, decoded, header, moment, text_of

MOST_PEOPLE = 100  # addressees that the detail lists
_TELEMESSAGE = "x-telemessage-"
_SECRET = "enc-datakey"  # the wrapped key itself says nothing and is kept in the bytes alone
_SIGNATURES = (
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
)
_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_REPORTED = re.compile(
    r"^(sender|recipient|to|cc|bcc|on-behalf-of):[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE
)
# What mail programs write in place of an attachment that somebody removed.
_ALTERED = {
    b"attachmentdeleted": "The file was deleted from the message in the mail program",
    b"attachmentdetached": "The file was detached from the message in the mail program",
}


class Meaning(NamedTuple):
    """A message as an entry tells it."""

    kind: Kind
    people: list[tuple[str, str]]  # From: name and address
    others: list[tuple[str, str]]  # everybody else it was addressed to
    body: str
    written: str
    sent: int | None
    local: int | None
    files: list[NamedFile]
    detail: dict[str, object]
    broken: bool  # bytes of the body that are no text
    cut: bool  # the body is longer than what is shown
    encrypted: bool
    open_end: bool  # the end of its last part is missing


def meaning_of(envelope: Entity) -> Meaning:
    """Reads a whole message; of a journal envelope the message inside it."""
    report = _journal(envelope)
    message = _inner(envelope) if report else envelope
    detail: dict[str, object] = {"journal": report} if report else {}
    _look_at_headers(message, detail)
    archived = _archived(envelope) or _archived(message)
    if archived:
        detail["telemessage"] = archived
    content = _Content()
    lock = _lock(message, archived)
    content.take(message, show=not lock)
    if lock:
        detail["encrypted"] = lock
    if content.signed:
        detail["signed"] = content.signed
    people = addresses(message.all("from")) or addresses(message.all("sender"))
    others = [person for name in ("to", "cc", "bcc") for person in addresses(message.all(name))]
    written = header(message.first("date"))
    sent, local = moment(written)
    body = "\n".join(content.texts)
    return Meaning(
        _kind(lock, body, content.files, detail), people, others, body, written, sent, local, content.files,
        detail, content.broken, content.cut, bool(lock),
        any(part.boundary and not part.closed for part in envelope.walk()),
    )  # fmt: skip


def _kind(lock: str, body: str, files: list[NamedFile], detail: dict[str, object]) -> Kind:
    if lock:
        return Kind.NOTICE
    files = [file for file in files if file.type not in _SIGNATURES]
    if files:
        left_out = all(file.left_out for file in files)
        return Kind.MEDIA_OMITTED if left_out else Kind.ATTACHED
    return Kind.TEXT if body.strip() or "subject" in detail else Kind.EMPTY


def _look_at_headers(message: Entity, detail: dict[str, object]) -> None:
    for name, key in (
        ("message-id", "id"), ("subject", "subject"), ("in-reply-to", "reply_to"),
        ("x-gmail-labels", "labels"), ("x-gm-thrid", "thread"),
    ):  # fmt: skip
        value = header(message.first(name))
        if value:
            detail[key] = value
    for name in ("to", "cc", "bcc"):
        found = [address or person for person, address in addresses(message.all(name))]
        if found:
            detail[name] = found[:MOST_PEOPLE]
        if len(found) > MOST_PEOPLE:
            detail[f"{name}_count"] = len(found)
    received, _ = moment(header(message.first("received")).rpartition(";")[2].strip())
    if received is not None:
        detail["received"] = received


def _archived(message: Entity) -> dict[str, str]:
    """What an archive of text messages says about the message."""
    return {
        name.removeprefix(_TELEMESSAGE): header(bytes(value))[:500]
        for name, value in message.headers
        if name.startswith(_TELEMESSAGE) and not name.endswith(_SECRET)
    } | (
        {"enc-key-id": ""}
        if message.first(_TELEMESSAGE + _SECRET) and not message.first(f"{_TELEMESSAGE}enc-key-id")
        else {}
    )


def _lock(message: Entity, archived: dict[str, str]) -> str:
    """What keeps the content from being read."""
    if "enc-key-id" in archived:
        return f"TeleMessage, key {archived['enc-key-id'] or 'not named'}"
    if message.type == "multipart/encrypted":
        return message.parameter("protocol") or "multipart/encrypted"
    if message.type in _SMIME and message.parameter("smime-type").lower() != "signed-data":
        return "S/MIME"
    return ""


def _journal(envelope: Entity) -> dict[str, object]:
    """The report of a journal envelope: who really sent and got the message."""
    named = [
        name for name, _ in envelope.headers if name in ("x-ms-journal-report", "x-journal-report")
    ]
    if not named or _inner(envelope) is envelope:
        return {}
    text = next((text_of(part)[0] for part in envelope.children if part.keeps_text), "")
    people: dict[str, list[str]] = {}
    for name, value in _REPORTED.findall(text):
        people.setdefault(name.lower(), []).append(value)
    recipients = [one for name in ("recipient", "to", "cc", "bcc") for one in people.get(name, [])]
    return {
        "sender": next(iter(people.get("sender", [])), ""),
        "recipients": recipients[:MOST_PEOPLE],
        "bcc": people.get("bcc", [])[:MOST_PEOPLE],
    }


def _inner(envelope: Entity) -> Entity:
    for part in envelope.children:
        if part.type == "message/rfc822" and part.children:
            return part.children[0]
    return envelope


class _Content:
    """The text and the files of a message, gathered part by part."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.files: list[NamedFile] = []
        self.signed = ""
        self.broken = self.cut = False

    def take(self, part: Entity, *, show: bool = True) -> None:
        """Everything in a part. `show` is False where its text is not to be read, or another form of it was taken."""
        if part.type == "multipart/alternative" and part.children:
            best = min(part.children, key=_rank)
            for child in part.children:
                self.take(child, show=show and child is best)
        elif part.boundary:
            for child in part.children:
                self.take(child, show=show)
        elif part.keeps_text:
            self._text(part, show=show)
        elif part.type in _SIGNATURES:
            self.signed = part.type
            self.files.append(self._file(part))
        elif not part.type.startswith("multipart/") or part.length:
            self.files.append(self._file(part))

    def _text(self, part: Entity, *, show: bool) -> None:
        if not show:
            return
        text, broken = text_of(part)
        if text.strip():
            self.texts.append(text.removesuffix("\n"))
        self.broken, self.cut = self.broken or broken, self.cut or part.cut

    def _file(self, part: Entity) -> NamedFile:
        name = decoded(part.file_name).replace("\0", "")
        if not name and part.type == "message/rfc822" and part.children:
            name = f"{header(part.children[0].first('subject')) or 'message'}.eml"
        left_out = _ALTERED.get(
            part.first("x-mozilla-altered").partition(b";")[0].strip().lower(), ""
        )
        if part.type == "message/external-body":
            left_out = "The message only says where the file was"
        elif not part.length:
            left_out = left_out or "The part of the message holds no bytes"
        encoding = part.encoding if part.encoding in ("base64", "quoted-printable") else ""
        name = name or f"part {len(self.files) + 1}"
        if left_out:
            return NamedFile(name, type=part.type, left_out=left_out)
        return NamedFile(
            name, offset=part.body, length=part.length, encoding=encoding, type=part.type
        )


def _rank(part: Entity) -> int:
    """Which of several forms of one text is shown: plain text first, for it needs no reading of ours."""
    if part.keeps_text and part.type == "text/plain" and part.raw.strip():
        return 0
    if part.keeps_text and part.type == "text/html":
        return 2
    inside = [_rank(child) for child in part.children] if part.boundary else []
    return min(inside, default=3)
