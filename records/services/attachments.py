"""Attachments of an export: another scan, on somebody's word."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from portal.agency.access import can
from portal.agency.models import User
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError
from portal.jobs.models import Job
from records.ingest import examination
from records.lifecycles import being_examined
from records.models import MessageExport


def scan_again(export: MessageExport, *, actor: User | None) -> Job:
    """Have every attachment of an export scanned once more, with the signatures of today.

    A verdict stays until the scanner gives another. `actor` None: the operator asks (`manage.py scan_attachments`).
    """
    if actor is not None and not (decision := can(actor, "exports.answer", export.office)):
        raise Refused("E-REFUSED", decision.reason)
    if not settings.CLAMD_URL:
        raise UserError(
            "E-NO-SCANNER",
            "No scanner is set up.",
            next_step="Ask the administrator to name one in the setting CLAMD_URL.",
        )
    if being_examined(export):
        raise Conflict(
            "E-BEING-SCANNED",
            "The attachments of this export are being examined at this moment.",
            next_step="Wait until that has ended.",
        )
    with transaction.atomic():
        job = examination.ask_for(export)
        if job is None:
            raise UserError("E-NO-FILES", "This export holds no attachment.")
        record("export.attachments_rescanned", export, actor=actor)
    return job
