"""Mails while they are read: files and mailboxes into entries, identifiers compared, manifests checked."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import partial

from records.formats.base import Doubt, Entry, Header, Part, Problem, Source, Survey
from records.formats.complaints import Wording
from records.formats.composer import Composer, Item
from records.formats.mail.mailbox import Boxed, message_of, messages
from records.formats.mail.manifest import LARGEST, manifest_of
from records.formats.mail.message import Meaning, meaning_of
from records.formats.mail.words import handle_of
from records.formats.pieces import Piece, Role

MAIL, MAILBOX, MANIFEST = "mail", "mailbox", "manifest"
MOST_IDS = 200_000  # Message-IDs that are compared with each other

WORDINGS = {
    "M-ID-TWICE": Wording(
        "warning",
        "A message before (entry {other:,}) has the same Message-ID and other bytes. Two copies that travelled "
        "different ways differ in their headers; a copy that somebody changed differs too. Compare the two.",
    ),
    "M-ENCRYPTED": Wording(
        "warning",
        "The content of this message is encrypted ({lock}), so its words and files cannot be read here. Ask the "
        "archive or the sender for the key or for a readable copy; a record that nobody can read is as good as lost.",
    ),
    "M-OPEN": Wording(
        "info",
        "The last part of this message is not closed. Some programs forget that; it can also mean that the message was "
        "cut off. Look at its end.",
    ),
    "M-LENGTH": Wording(
        "info",
        "This message declares a length that does not lead to the next message, so the length was not used. Programs "
        "that change mailboxes often leave it wrong.",
    ),
    "M-LONG": Wording(
        "info",
        "The text of this message is longer than 1 MB, so only its beginning is shown. The whole is in the file.",
    ),
    "M-EMPTY": Wording(
        "error",
        "The file {place} is empty: it holds no bytes, so the message it should hold is missing. Ask for it again.",
    ),
    "M-NO-HEADER": Wording(
        "error",
        "These bytes have no header of a mail, so they were left unread. Check where the file comes from.",
    ),
    "M-MANIFEST": Wording(
        "warning",
        "The manifest {place} names {missing:,} mails that are not in the archive, for example {example}. Ask for the "
        "whole delivery.",
    ),
    "M-MANIFEST-LARGE": Wording("warning", "The manifest {place} is larger than 16 MB and was not read."),
}  # fmt: skip


class Reading:
    """One export of mails."""

    def __init__(self, source: Source, survey: Survey) -> None:
        self._source, self._survey = source, survey
        self._composer = Composer(survey, WORDINGS)
        self._ids: dict[str, tuple[bytes, int]] = {}
        survey.layout["counts"] = []

    def read(self) -> Iterator[Entry | Header | Problem]:
        shapes = self._survey.layout["shapes"]
        assert isinstance(shapes, list)
        for number, (text, shape) in enumerate(zip(self._survey.texts, shapes, strict=True)):
            if shape == MAIL:
                yield from self._mails(number, text.parts)
            elif shape == MAILBOX:
                yield from self._mailbox(number, text.parts[0])
            else:
                yield from self._manifest(number, text.parts[0])
        yield from self._composer.close()

    def _mails(self, text: int, parts: tuple[Part, ...]) -> Iterator[Item]:
        """Files that hold one message each."""
        at = 0
        for part in parts:
            folder = (part.member or "").rpartition("/")[0]
            if part.size:
                with self._source.open(part.member) as stream:
                    message = message_of(stream, at, part.size)
                yield from self._message(message, text, folder or self._source.name)
            else:
                yield from self._told("M-EMPTY", text, at, place=part.member or "")
            at += part.size

    def _mailbox(self, text: int, part: Part) -> Iterator[Item]:
        """A file of messages."""
        title = (part.member or self._source.name).rpartition("/")[2]
        for message in messages(partial(self._source.open, part.member), part.size):
            yield from self._message(message, text, title)
            if message.length_is_wrong:
                yield from self._told("M-LENGTH", text, message.offset)

    def _manifest(self, text: int, part: Part) -> Iterator[Item]:
        """What an archive says that it delivers, against what it holds."""
        place = part.member or ""
        if part.size > LARGEST:
            yield from self._told("M-MANIFEST-LARGE", text, 0, place=place)
        else:
            with self._source.open(part.member) as stream:
                manifest = manifest_of(stream.read())
            here = {member.name.rpartition("/")[2] for member in self._source.members}
            mails = sum(member.name.casefold().endswith(".eml") for member in self._source.members)
            if manifest.declared is not None:
                counts = self._survey.layout["counts"]
                assert isinstance(counts, list)
                counts.append(
                    {"noun": "message", "declared": manifest.declared, "found": mails, "place": place}
                )  # fmt: skip
                if manifest.declared != mails:
                    yield from self._told(
                        "J-COUNT", text, 0, declared=manifest.declared, found=mails
                    )
            missing = sorted(manifest.names - here)
            if missing:
                yield from self._told(
                    "M-MANIFEST", text, 0, place=place, missing=len(missing), example=missing[0]
                )
        yield Header(text, 0, part.size, "manifest")

    # -- one message --

    def _message(self, message: Boxed, text: int, title: str) -> Iterator[Item]:
        place = Piece(Role.ELEMENT, (), None, message.offset, message.length)
        if not message.root.headers:
            yield from self._composer.unread(place, text, "M-NO-HEADER")
            return
        told = meaning_of(message.root)
        other, changed = self._known(str(told.detail.get("id", "")), message.digest)
        if other:
            told.detail["same_id_as" if changed else "same_as"] = other
        yield from self._composer.entry(
            self._conversation(told, text, title),
            told.kind.value,
            self._sender(told),
            told.body,
            told.written,
            place,
            sent=told.sent,
            local=told.local,
            files=told.files,
            detail=told.detail,
            doubt=int(Doubt.ENCODING) if told.broken else 0,
        )
        for code, holds, figures in (
            ("M-ENCRYPTED", told.encrypted, {"lock": told.detail.get("encrypted", "")}),
            ("M-ID-TWICE", changed, {"other": other}),
            ("M-OPEN", told.open_end, {}),
            ("M-LONG", told.cut, {}),
        ):
            if holds:
                yield from self._composer.problem(code, place, text, **figures)

    def _known(self, identifier: str, digest: bytes) -> tuple[int, bool]:
        """The entry before with the same Message-ID (0: none), and whether its bytes differ."""
        before = self._ids.get(identifier) if identifier else None
        if before is not None:
            return before[1], before[0] != digest
        if identifier and len(self._ids) < MOST_IDS:
            self._ids[identifier] = (digest, self._composer.seq + 1)
        return 0, False

    def _conversation(self, told: Meaning, text: int, title: str) -> int:
        """Texts that were archived as mail stand by their thread or the people in it, mails by folder or mailbox."""
        archived = told.detail.get("telemessage")
        if not isinstance(archived, dict):
            return self._composer.conversation((text, title), title, text)
        names = sorted({name or address for name, address in told.people + told.others})
        key: Hashable = tuple(names)
        for one in ("thread_id", "groupid"):
            key = archived.get(one) or key
        title = archived.get("threadname") or archived.get("group_name") or ", ".join(names[:10])
        return self._composer.conversation((text, "thread", key), title or "Texts", text)

    def _sender(self, told: Meaning) -> str | None:
        if not told.people:
            return None
        handle, name, kind = handle_of(*told.people[0])
        return self._composer.sender(handle, name, kind)

    def _told(self, code: str, text: int, at: int, **figures: object) -> Iterator[Problem]:
        yield from self._composer.complaints.tell(code, text=text, offset=at, figures=figures)
