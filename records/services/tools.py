"""Keeping the register of messaging tools: which are approved, and which delete messages by themselves.

NARA's letters ask for the policies, settings and schedules of the applications (44 U.S.C. 2911; NARA Bulletin 2015-02).
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from portal.agency.access import can
from portal.agency.models import User
from portal.audit.log import record
from portal.errors import Refused, UserError
from records.models import MessagingTool

FIELDS = (
    "name",
    "vendor",
    "approved",
    "deletes_itself",
    "auto_delete_setting",
    "policy",
    "checked_on",
)


def add(*, actor: User, **values: Any) -> MessagingTool:
    """Enter a messaging tool."""
    _require(actor)
    _check(values)
    try:
        with transaction.atomic():
            tool = MessagingTool.objects.create(**values)
            record("tool.added", tool, actor=actor)
    except IntegrityError:
        raise _taken(values["name"]) from None
    return tool


def edit(tool: MessagingTool, *, actor: User, **values: Any) -> MessagingTool:
    """Change what is known of a messaging tool; the audit log keeps what was said before."""
    _require(actor)
    _check(values)
    try:
        with transaction.atomic():
            locked = MessagingTool.objects.select_for_update().get(pk=tool.pk)
            changed = {
                field: [getattr(locked, field), value]
                for field, value in values.items()
                if getattr(locked, field) != value
            }
            for field, value in values.items():
                setattr(tool, field, value)
            tool.save(update_fields=list(values))
            record("tool.changed", tool, actor=actor, detail=changed)
    except IntegrityError:
        raise _taken(values["name"]) from None
    return tool


def _require(actor: User) -> None:
    decision = can(actor, "custodians.edit")
    if not decision:
        raise Refused("K-TOOL", decision.reason)


def _check(values: dict[str, Any]) -> None:
    if unknown := set(values) - set(FIELDS):
        raise TypeError(f"a messaging tool has no {', '.join(sorted(unknown))}")


def _taken(name: str) -> UserError:
    return UserError(
        "K-TOOL-TAKEN",
        f"{name} is already in the list.",
        place="name",
        next_step="Open the tool that is there and change it.",
    )
