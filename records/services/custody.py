"""The custody log of evidence that leaves the portal: who took a copy of which sealed bytes (36 CFR 1236.10)."""

from __future__ import annotations

from django.db import transaction

from portal.agency.access import can
from portal.agency.models import Office, User
from portal.audit.log import record
from portal.errors import Refused
from records.models import Attachment, Document, MessageExport


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
    """Note that a person takes a copy of one file of the archive."""
    _check(actor, "messages.view", attachment.export.office)
    with transaction.atomic():
        detail = {"attachment": attachment.pk, "member": attachment.member, "size": attachment.size}
        record("export.attachment_copied", attachment.export, actor=actor, detail=detail)
    return attachment


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
