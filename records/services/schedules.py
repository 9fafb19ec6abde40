"""Keeping the schedule catalogue: the authority to dispose, as text with its source (36 CFR 1225.12, 1226.12)."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from portal.agency.access import can
from portal.agency.models import Office, User
from portal.audit.log import record
from portal.errors import Refused, UserError
from records.models import Schedule, ScheduleItem

ITEM_FIELDS = (
    "number",
    "title",
    "description",
    "disposition",
    "retention",
    "years",
    "cutoff",
    "longer_authorized",
    "authority",
    "authority_verified",
    "text_verified",
    "approved_on",
    "superseded_by",
)


def add_schedule(
    *, code: str, title: str, actor: User, agency: Office | None = None, source: str = ""
) -> Schedule:
    """Enter a records schedule: a General Records Schedule, or one of the agency's own."""
    _require(actor, agency)
    try:
        with transaction.atomic():
            schedule = Schedule.objects.create(code=code, title=title, agency=agency, source=source)
            record("schedule.added", schedule, actor=actor, office_id=agency.pk if agency else None)
    except IntegrityError:
        raise UserError(
            "S-CODE-TAKEN",
            f"{code} is already in the catalogue.",
            place="code",
            next_step="Open that schedule and add items to it.",
        ) from None
    return schedule


def add_item(schedule: Schedule, *, actor: User, **values: Any) -> ScheduleItem:
    """Enter an item of a schedule."""
    _require(actor, schedule.agency)
    _check(values, schedule)
    try:
        with transaction.atomic():
            item = ScheduleItem.objects.create(schedule=schedule, **values)
            _record("schedule.item_added", item, actor, {"authority": item.authority})
    except IntegrityError:
        raise _taken(schedule, values["number"]) from None
    return item


def edit_item(item: ScheduleItem, *, actor: User, **values: Any) -> ScheduleItem:
    """Change an item. Everything filed under it follows; the audit log keeps what it said before."""
    _require(actor, item.schedule.agency)
    _check(values, item.schedule)
    if values.get("superseded_by") == item:
        raise UserError(
            "S-SELF", "An item cannot supersede itself.", place="superseded_by",
            next_step="Choose the item that replaced it, or none.",
        )  # fmt: skip
    try:
        with transaction.atomic():
            locked = ScheduleItem.objects.select_for_update().get(pk=item.pk)
            changed = {
                field: [getattr(locked, field), value]
                for field, value in values.items()
                if getattr(locked, field) != value
            }
            for field, value in values.items():
                setattr(item, field, value)
            item.save(update_fields=list(values))
            _record("schedule.item_changed", item, actor, changed)
    except IntegrityError:
        raise _taken(item.schedule, values["number"]) from None
    return item


def _require(actor: User, agency: Office | None) -> None:
    decision = can(actor, "schedules.edit", agency)
    if not decision:
        raise Refused("S-KEEP", decision.reason)


def _record(action: str, item: ScheduleItem, actor: User, detail: dict[str, Any]) -> None:
    record(action, item, actor=actor, office_id=item.schedule.agency_id, detail=detail)


def _check(values: dict[str, Any], schedule: Schedule) -> None:
    if unknown := set(values) - set(ITEM_FIELDS):
        raise TypeError(f"a schedule item has no {', '.join(sorted(unknown))}")
    if values.get("authority_verified") and not values.get("authority", "x"):
        raise UserError(
            "S-AUTHORITY",
            "An authority that is not written down cannot be verified.",
            place="authority",
            next_step=f"Write the number as the transmittal of {schedule.code} gives it, or leave it unverified.",
        )
    if values.get("years") == 0:
        raise UserError("S-YEARS", "A retention of years begins with one.", place="years")


def _taken(schedule: Schedule, number: str) -> UserError:
    return UserError(
        "S-ITEM-TAKEN",
        f"{schedule.code} already has an item {number}.",
        place="number",
        next_step="Open that item and change it.",
    )
