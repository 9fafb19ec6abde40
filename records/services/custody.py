"""The custody log of evidence that leaves the portal: who took a copy of which sealed bytes (36 CFR 1236.10)."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from portal.agency.access import can
from portal.agency.models import Office, User
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError
from records.models import Attachment, Conversation, Document, FileContent, MessageExport


def copy_original(export: MessageExport, *, actor: User) -> MessageExport:
    """Note that a person takes a copy of the file as handed in."""
    _check(actor, "messages.view", export.office)
    with transaction.atomic():
        record(
            "export.original_copied",
            export,
            actor=actor,
            detail={"sha256": export.stored_file.sha256},
        )
    return export


def copy_attachment(attachment: Attachment, *, actor: User) -> Attachment:
    """Note that a person takes a copy of one file of the export.

    Raises Refused E-QUARANTINE for a file that the scanner calls infected, Conflict E-NOT-EXAMINED for one that it
    still has to see.
    """
    _check(actor, "messages.view", attachment.export.office)
    content = attachment.content
    if content is not None and content.infected:
        raise Refused(
            "E-QUARANTINE",
            "The scanner calls this file infected, so it stays in quarantine.",
            next_step="Whoever may open the quarantine can take a copy there, with a reason that is kept.",
        )
    if content is None and not attachment.unreadable and _may_be_infected():
        raise Conflict(
            "E-NOT-EXAMINED",
            "This file waits for the scanner.",
            next_step="Come back in a few minutes.",
        )
    with transaction.atomic():
        detail = _which(attachment)
        record("export.attachment_copied", attachment.export, actor=actor, detail=detail)
    return attachment


def copy_from_quarantine(attachment: Attachment, *, reason: str, actor: User) -> Attachment:
    """Note that a person takes a copy of a file that the scanner calls infected, and why."""
    _check(actor, "messages.view", attachment.export.office)
    _check(actor, "quarantine.open", attachment.export.office)
    content = attachment.content
    if content is None or not content.infected:
        raise Conflict("E-NO-QUARANTINE", "This file is not in quarantine.")
    if not reason.strip():
        raise UserError(
            "E-REASON",
            "A copy out of quarantine needs a reason.",
            place="reason",
            next_step="Write one sentence; it is kept.",
        )
    with transaction.atomic():
        detail = {**_which(attachment), "found": content.scan_words, "reason": reason.strip()}
        record("export.quarantine_opened", attachment.export, actor=actor, detail=detail)
    return attachment


def _may_be_infected() -> bool:
    """Whether a file at which nobody has looked yet could turn out to be one that belongs into quarantine."""
    known = FileContent.objects.filter(scan=FileContent.Scan.INFECTED)
    return bool(settings.CLAMD_URL) or known.exists()


def _which(attachment: Attachment) -> dict[str, object]:
    content = attachment.content
    return {
        "attachment": attachment.pk,
        "member": attachment.member,
        "size": content.size if content else attachment.size,
        "sha256": content.sha256 if content else "",
    }


def copy_conversation(conversation: Conversation, *, form: str, actor: User) -> Conversation:
    """Note that a person takes a copy of a whole conversation, put into another form ("rsmf").

    Raises Conflict E-BEING-READ while the rows of the export are not whole.
    """
    export = conversation.export
    _check(actor, "messages.view", export.office)
    if export.state != MessageExport.State.READY:
        raise Conflict(
            "E-BEING-READ",
            "The conversation cannot be copied while its export is being read.",
            next_step="Wait until it has been read, then take the copy.",
        )
    with transaction.atomic():
        detail = {"conversation": conversation.index, "entries": conversation.entries, "form": form}
        record("export.conversation_copied", export, actor=actor, detail=detail)
    return conversation


def copy_document(document: Document, *, actor: User) -> Document:
    """Note that a person takes a copy of a document."""
    _check(actor, "documents.view", document.office)
    with transaction.atomic():
        detail = {"sha256": document.stored_file.sha256}
        record("document.copied", document, actor=actor, detail=detail)
    return document


def _check(actor: User, permission: str, office: Office) -> None:
    decision = can(actor, permission, office)
    if not decision:
        raise Refused("access-denied", decision.reason)
