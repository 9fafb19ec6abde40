"""NARA's letters and extensions: what starts, moves and explains the clock (36 CFR 1230.16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from portal.agency.access import can
from portal.agency.models import User
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError
from records.models import Document
from reports.models import Extension, Incident, LetterItem, NaraLetter


def _may_edit(incident: Incident, actor: User) -> None:
    decision = can(actor, "incidents.edit", incident.office)
    if not decision:
        raise Refused("L-EDIT", decision.reason)


@transaction.atomic
def record_letter(
    incident: Incident,
    *,
    dated: date,
    addressee: str,
    actor: User,
    received_on: date | None = None,
    signed_by: str = "",
    response_days: int = 30,
    document: Document | None = None,
    asks: Sequence[str] = (),
) -> NaraLetter:
    """Record NARA's letter: its date starts the clock, and each thing it asks beyond (a)(1)-(5) becomes a section."""
    _may_edit(incident, actor)
    if received_on and received_on < dated:
        raise UserError(
            "L-DATES",
            "The letter cannot be received before its own date.",
            place="received_on",
            next_step="Check both dates on the letter.",
        )
    clock = NaraLetter.Clock.RESPONSE_30 if response_days == 30 else NaraLetter.Clock.OTHER
    letter = NaraLetter.objects.create(
        incident=incident,
        dated=dated,
        received_on=received_on,
        addressee=addressee,
        signed_by=signed_by,
        clock=clock,
        response_days=response_days,
        document=document,
        recorded_by=actor,
    )
    for number, words in enumerate((ask.strip() for ask in asks if ask.strip()), start=1):
        LetterItem.objects.create(letter=letter, number=number, asks=words)
    if document:
        incident.documents.add(document)
    record(
        "letter.recorded",
        incident,
        actor=actor,
        detail={"dated": dated, "asks": len(asks), "letter": letter.pk},
    )
    return letter


@transaction.atomic
def request_extension(
    letter: NaraLetter, *, requested_on: date, reason: str, actor: User
) -> Extension:
    """Ask NARA for more time. The due date stays until NARA's decision is on record."""
    _may_edit(letter.incident, actor)
    extension = Extension.objects.create(
        letter=letter, requested_on=requested_on, reason=reason, recorded_by=actor
    )
    record(
        "extension.requested",
        letter.incident,
        actor=actor,
        detail={"reason": reason, "on": requested_on},
    )
    return extension


@transaction.atomic
def decide_extension(
    extension: Extension,
    *,
    granted: bool,
    decided_on: date,
    actor: User,
    new_due: date | None = None,
    document: Document | None = None,
) -> Extension:
    """Record NARA's decision. Only a grant with its letter moves the date."""
    _may_edit(extension.letter.incident, actor)
    locked = Extension.objects.select_for_update().get(pk=extension.pk)
    if locked.granted is not None:
        raise Conflict(
            "L-DECIDED",
            "NARA's decision on this request is on record already.",
            next_step="Open the incident to see it; a later decision is a new request.",
        )
    if granted and (new_due is None or document is None):
        raise UserError(
            "L-GRANT",
            "A granted extension needs the new date and NARA's letter.",
            place="new_due" if new_due is None else "document",
            next_step="Add the letter as a document first, then choose it here.",
        )
    extension.granted, extension.decided_on = granted, decided_on
    extension.new_due, extension.document = (new_due, document) if granted else (None, document)
    extension.save(update_fields=["granted", "decided_on", "new_due", "document"])
    record(
        "extension.granted" if granted else "extension.refused",
        extension.letter.incident,
        actor=actor,
        detail={"new_due": new_due, "decided_on": decided_on},
    )
    return extension
