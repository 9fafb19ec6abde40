"""Saying who stands behind a sender, and taking it back (36 CFR 1236.22(a)(3)). Nothing is linked by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.agency.models import Office, Person, User
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError
from records.lifecycles import ALIAS
from records.models import Alias, Handle
from records.services.senders import settle


def link(
    handle: Handle,
    *,
    actor: User,
    reason: str,
    person: Person | None = None,
    outsider: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Alias:
    """Say whose a handle is: a person of the register, or somebody outside the agency by full name."""
    outsider = outsider.strip()
    if (person is None) == (not outsider):
        raise UserError(
            "N-WHOSE",
            "Say who it is: either a person of the register or the full name of an outsider, not both.",
            place="person",
            next_step="Choose the person; write a name only for somebody outside the agency.",
        )
    if person and not person.office.path.startswith(handle.agency.path):
        raise UserError("N-AGENCY", f"{person} is not a person of {handle.agency}.", place="person")
    whose = Alias.Whose.PERSON if person else Alias.Whose.OUTSIDER
    return _confirm_new(
        Alias(
            handle=handle,
            whose=whose,
            person=person,
            outsider=outsider,
            starts_on=starts_on,
            ends_on=ends_on,
        ),
        actor=actor,
        reason=reason,
    )


def mark_unidentifiable(
    handle: Handle,
    *,
    actor: User,
    reason: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Alias:
    """Say that nobody can tell whose a handle is, and what was tried to find out."""
    alias = Alias(
        handle=handle,
        whose=Alias.Whose.UNIDENTIFIABLE,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return _confirm_new(alias, actor=actor, reason=reason)


def confirm(alias: Alias, *, actor: User, reason: str = "") -> Alias:
    """Confirm a suggestion: from now on it holds in all exports of the agency with this handle, at its dates."""
    with transaction.atomic():
        _advance_to_confirmed(alias, actor=actor, reason=reason.strip() or alias.because)
    return alias


def confirm_all(aliases: Iterable[Alias], *, actor: User, reason: str = "") -> list[Alias]:
    """Confirm many suggestions, all or none; each has its own audit event."""
    with transaction.atomic():
        return [confirm(alias, actor=actor, reason=reason) for alias in aliases]


def withdraw(alias: Alias, *, actor: User, reason: str) -> Alias:
    """Take a link or a suggestion back; it stays in the history, and the portal does not suggest it again."""
    with transaction.atomic():
        before = alias.state
        # A suggestion is nobody's yet: the event belongs to the office for which it is put aside.
        office = alias.office or alias.handle.linking_office(actor)
        ALIAS.advance(
            alias,
            "withdraw",
            actor=actor,
            reason=reason,
            withdrawn_by=actor,
            withdrawn_at=timezone.now(),
            withdrawal=reason.strip(),
        )
        settle([alias.handle_id])
        detail = {"from": before, "person": alias.person_id, "reason": reason.strip()}
        record(
            "alias.withdrawn",
            alias,
            actor=actor,
            detail=detail,
            office_id=office.pk if office else None,
        )
    return alias


def _confirm_new(alias: Alias, *, actor: User, reason: str) -> Alias:
    office = _linking_office(alias.handle, actor)
    reason = reason.strip()
    if not reason:
        raise UserError(
            "N-REASON",
            "Say how you know.",
            place="reason",
            next_step="One sentence is enough; it is kept with the link.",
        )
    if alias.starts_on and alias.ends_on and alias.ends_on < alias.starts_on:
        raise UserError("N-DATES", "The last day is before the first day.", place="ends_on")
    with transaction.atomic():
        suggested = _suggested(alias)
        if suggested is not None:
            dates = {"starts_on": alias.starts_on, "ends_on": alias.ends_on}
            _advance_to_confirmed(suggested, actor=actor, reason=reason, **dates)
            return suggested
        _refuse_overlap(alias)
        alias.state = Alias.State.CONFIRMED
        alias.office, alias.judged_by, alias.judged_at = office, actor, timezone.now()
        alias.judgement = reason
        alias.save(force_insert=True)
        _tell(alias, actor)
    return alias


def _suggested(alias: Alias) -> Alias | None:
    """The open suggestion of the same person, which a link by hand confirms with its own dates."""
    if alias.person is None:
        return None
    return (
        Alias.objects.suggested()
        .filter(handle=alias.handle_id, person=alias.person)
        .select_related("handle__agency", "person")
        .first()
    )


def _advance_to_confirmed(alias: Alias, *, actor: User, reason: str, **dates: Any) -> None:
    office = _linking_office(alias.handle, actor)
    for name, value in dates.items():
        setattr(alias, name, value)
    _refuse_overlap(alias)
    ALIAS.advance(
        alias,
        "confirm",
        actor=actor,
        judged_by=actor,
        judged_at=timezone.now(),
        judgement=reason,
        office=office,
        **dates,
    )
    _tell(alias, actor)


def _tell(alias: Alias, actor: User) -> None:
    """What follows from a confirmed alias: senders are identified, and the log says by whom."""
    settle([alias.handle_id])
    detail = {
        "whose": alias.whose,
        "person": alias.person_id,
        "from": alias.starts_on,
        "to": alias.ends_on,
        "reason": alias.judgement,
    }
    record("alias.confirmed", alias, actor=actor, detail=detail, office_id=alias.office_id)


def _linking_office(handle: Handle, actor: User) -> Office:
    office = handle.linking_office(actor)
    if office is None:
        raise Refused(
            "N-LINK",
            "You may not say whose this is: it is for people who link senders of an office it occurs in.",
        )
    return office


def _refuse_overlap(alias: Alias) -> None:
    """On one day a handle is one person's. The handle's row is locked, so of two people at once one is told."""
    Handle.objects.select_for_update().get(pk=alias.handle_id)
    others = Alias.objects.in_force().filter(handle=alias.handle_id)
    if alias.ends_on:
        others = others.filter(Q(starts_on__isnull=True) | Q(starts_on__lte=alias.ends_on))
    if alias.starts_on:
        others = others.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=alias.starts_on))
    other = others.select_related("handle", "person").first()
    if other is not None:
        raise Conflict(
            "N-OVERLAP",
            f"For some of these days somebody else is named: {other}.",
            place="starts_on",
            next_step="Give the days on which each used it, or withdraw the other link first.",
        )
