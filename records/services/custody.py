"""The custody log of evidence that leaves the portal: who took a copy of which sealed bytes (36 CFR 1236.10)."""

from __future__ import annotations

from django.db import transaction

from portal.agency.access import can
from portal.agency.models import User
from portal.audit.log import record
from portal.errors import Refused
from records.models import Attachment, MessageExport


def copy_original(export: MessageExport, *, actor: User) -> MessageExport:
    """Note that a person takes a copy of the file as handed in."""
    _check(export, actor)
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
    _check(attachment.export, actor)
    with transaction.atomic():
        detail = {"attachment": attachment.pk, "member": attachment.member, "size": attachment.size}
        record("export.attachment_copied", attachment.export, actor=actor, detail=detail)
    return attachment


def _check(export: MessageExport, actor: User) -> None:
    decision = can(actor, "messages.view", export.office)
    if not decision:
        raise Refused("access-denied", decision.reason)
