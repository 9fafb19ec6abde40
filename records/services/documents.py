"""Adding documents: letters, OIG reports, policies (36 CFR 1222.28)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from portal.agency.access import can
from portal.agency.models import Office, User
from portal.agency.numbers import next_number
from portal.audit.log import record
from portal.errors import Refused
from portal.vault import store
from portal.vault.models import Reception
from records.models import Document

LIMIT = 200 * 1024 * 1024


def add(
    stream: Iterable[bytes],
    name: str,
    *,
    title: str,
    kind: str,
    office: Office,
    actor: User,
    dated: date | None = None,
    sample: bool = False,
) -> Document:
    """Seal a document and enter it. Its bytes never change; a corrected version is a new document."""
    decision = can(actor, "documents.edit", office)
    if not decision:
        raise Refused("D-ADD", decision.reason)
    stored = store.seal(stream, limit=LIMIT).stored_file
    with transaction.atomic():
        Reception.objects.create(
            stored_file=stored, office=office, name=name[:255], received_by=actor
        )
        document = Document.objects.create(
            number=next_number("DOC"),
            title=title,
            kind=kind,
            dated=dated,
            office=office,
            stored_file=stored,
            file_name=name[:255],
            media_type=media_type(name),
            sample=sample,
            added_by=actor,
        )
        record(
            "document.added",
            document,
            actor=actor,
            detail={"sha256": stored.sha256, "size": stored.size},
        )
    return document


_TYPES = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "eml": "message/rfc822",
    "png": "image/png",
    "jpg": "image/jpeg",
}


def media_type(name: str) -> str:
    """A type for the manifest, by the name's ending; downloads never trust it."""
    return _TYPES.get(name.rsplit(".", 1)[-1].lower(), "application/octet-stream")
