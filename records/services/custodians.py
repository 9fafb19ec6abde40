"""Keeping the register of custodians: whose devices and accounts messages come from (36 CFR 1222.24)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from portal.agency.access import can
from portal.agency.models import Office, Person, User
from portal.audit.log import record
from portal.errors import Refused, UserError
from records.models import Custodian

FIELDS = ("starts_on", "ends_on", "note")


def add(
    office: Office,
    *,
    actor: User,
    person: Person | None = None,
    name: str = "",
    title: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    note: str = "",
) -> Custodian:
    """Enter a person of the register as a custodian of an office; a new name is entered in the register with it."""
    _require(actor, office)
    _check_dates(starts_on, ends_on)
    if (person is None) == (not name.strip()):
        raise UserError(
            "K-PERSON",
            "Say who the custodian is: either a person of the register or a new name, not both.",
            place="person",
            next_step="Choose the person; write a name only when nobody in the list is meant.",
        )
    if (
        person
        and Custodian.objects.filter(person=person, office=office, starts_on=starts_on).exists()
    ):
        raise UserError(
            "K-TWICE",
            f"{person} is already a custodian of {office} from that day.",
            place="person",
            next_step="Open the custodian that is there and change it.",
        )
    with transaction.atomic():
        known = person or Person.objects.create(
            name=name.strip(), title=title.strip(), office=office
        )
        custodian = Custodian.objects.create(
            person=known, office=office, starts_on=starts_on, ends_on=ends_on, note=note.strip()
        )
        detail = {"person": known.pk, "new_in_register": person is None}
        record("custodian.added", custodian, actor=actor, detail=detail)
    return custodian


def edit(custodian: Custodian, *, actor: User, **values: Any) -> Custodian:
    """Change a custodian's dates or note. Person and office stay: another office is another custodianship."""
    _require(actor, custodian.office)
    if unknown := set(values) - set(FIELDS):
        raise TypeError(f"a custodian has no {', '.join(sorted(unknown))}")
    with transaction.atomic():
        locked = Custodian.objects.select_for_update().get(pk=custodian.pk)
        _check_dates(
            values.get("starts_on", locked.starts_on), values.get("ends_on", locked.ends_on)
        )
        changed = {
            field: [getattr(locked, field), value]
            for field, value in values.items()
            if getattr(locked, field) != value
        }
        for field, value in values.items():
            setattr(custodian, field, value)
        custodian.save(update_fields=list(values))
        record("custodian.changed", custodian, actor=actor, detail=changed)
    return custodian


def _require(actor: User, office: Office) -> None:
    decision = can(actor, "custodians.edit", office)
    if not decision:
        raise Refused("K-KEEP", decision.reason)


def _check_dates(starts_on: date | None, ends_on: date | None) -> None:
    if ends_on and starts_on is None:
        raise UserError(
            "K-DATES",
            "A last day needs a first day.",
            place="starts_on",
            next_step="Give the day from which this person held devices of the office.",
        )
    if starts_on and ends_on and ends_on < starts_on:
        raise UserError(
            "K-DATES",
            "The last day is before the first day.",
            place="ends_on",
            next_step="Check both days.",
        )
