"""Keeping the agency: offices, people, dated roles, signers, accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.agency.access import can, reach
from portal.agency.models import (
    ApiToken,
    Office,
    OfficeSuccession,
    Person,
    RoleAssignment,
    Setup,
    Signer,
    User,
)
from portal.agency.phones import keep as keep_phones
from portal.agency.roles import READ_ONLY_ROLES, ROLES
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError


def _require(actor: User, permission: str, office: Office | None) -> None:
    decision = can(actor, permission, office)
    if not decision:
        raise Refused("G-REFUSED", decision.reason)


def _path(parent: Office | None, code: str) -> str:
    return f"{parent.path if parent else '/'}{code}/"


def _check_code(code: str) -> None:
    if not code or "/" in code:
        raise UserError("G-CODE", "An office code is one word without a slash.", place="code")
    if Office.objects.filter(code=code).exists():
        raise UserError(
            "G-CODE-TAKEN",
            f"The code {code} already belongs to another office.",
            place="code",
            next_step="Use the code of your organization chart; closed offices keep theirs.",
        )


@transaction.atomic
def add_office(
    *,
    name: str,
    code: str,
    parent: Office,
    actor: User,
    kind: str = Office.Kind.OFFICE,
    record_group: str = "",
    starts_on: date | None = None,
) -> Office:
    """Add an office below another. Set-up alone makes a root: nobody would reach one that is added later."""
    _require(actor, "offices.edit", parent)
    _check_code(code)
    office = Office.objects.create(
        name=name,
        code=code,
        kind=kind,
        parent=parent,
        path=_path(parent, code),
        record_group=record_group,
        starts_on=starts_on,
    )
    record("office.added", office, actor=actor, office_id=office.pk)
    return office


@transaction.atomic
def edit_office(office: Office, *, actor: User, **values: Any) -> Office:
    """Change an office's name, record group or dates. Its code and place stay: succession says what became of it."""
    _require(actor, "offices.edit", office)
    allowed = {"name", "record_group", "starts_on", "ends_on"}
    if set(values) - allowed:
        raise TypeError(f"cannot change {', '.join(sorted(set(values) - allowed))}")
    before = {name: getattr(office, name) for name in values}
    for name, value in values.items():
        setattr(office, name, value)
    office.save(update_fields=list(values))
    record(
        "office.changed",
        office,
        actor=actor,
        office_id=office.pk,
        detail={
            name: [before[name], value] for name, value in values.items() if before[name] != value
        },
    )
    return office


@transaction.atomic
def succeed_office(
    predecessor: Office, successor: Office, *, on: date, actor: User, judgement: str = ""
) -> OfficeSuccession:
    """Record that one office took over another's functions (36 CFR 1226.14)."""
    _require(actor, "offices.edit", predecessor)
    _require(actor, "offices.edit", successor)
    if predecessor == successor:
        raise UserError("G-SELF", "An office cannot succeed itself.", place="successor")
    succession = OfficeSuccession.objects.create(
        predecessor=predecessor, successor=successor, on=on, judgement=judgement
    )
    record(
        "office.succeeded",
        predecessor,
        actor=actor,
        office_id=predecessor.pk,
        detail={"by": str(successor), "on": on},
    )
    return succession


@transaction.atomic
def add_person(
    *, name: str, office: Office, actor: User, phones: Iterable[str] = (), **values: Any
) -> Person:
    """Enter a person in the agency's register, with telephone numbers (E.164)."""
    _require(actor, "offices.edit", office)
    person = Person.objects.create(name=name, office=office, **values)
    added = keep_phones(person, phones).added
    record("person.added", person, actor=actor, detail={"phones_added": added} if added else {})
    return person


@transaction.atomic
def edit_person(
    person: Person, *, actor: User, phones: Iterable[str] | None = None, **values: Any
) -> Person:
    """Change a person's particulars; `phones` are from now on all the numbers in use, others end today."""
    _require(actor, "offices.edit", person.office)
    _require(actor, "offices.edit", values.get("office", person.office))
    changed = sorted(name for name, value in values.items() if getattr(person, name) != value)
    for name, value in values.items():
        setattr(person, name, value)
    person.save(update_fields=list(values))
    detail: dict[str, Any] = {"fields": changed}
    if phones is not None:
        added, ended = keep_phones(person, phones)
        told = {"phones_added": added, "phones_ended": ended}
        detail |= {name: numbers for name, numbers in told.items() if numbers}
    record("person.changed", person, actor=actor, detail=detail)
    return person


@transaction.atomic
def add_account(
    *, username: str, password: str, actor: User | None, person: Person | None = None, **values: Any
) -> User:
    """Make an account that can sign in. The first one of all is made by the set-up page, by nobody."""
    if actor is not None:
        _require(actor, "roles.edit", person.office if person else None)
    if person and person.user_id is not None:
        raise Conflict(
            "G-ACCOUNT", f"{person} has an account already.", next_step="Give that account a role."
        )
    if User.objects.filter(username__iexact=username).exists():
        raise UserError("G-USERNAME", f"The sign-in name {username} is taken.", place="username")
    user = User.objects.create_user(username, password=password, **values)
    if person:
        person.user = user
        person.save(update_fields=["user"])
    record("account.added", user, actor=actor, office_id=person.office_id if person else None)
    return user


@transaction.atomic
def give_role(
    user: User,
    role: str,
    office: Office,
    *,
    actor: User | None,
    starts_on: date,
    ends_on: date | None = None,
) -> RoleAssignment:
    """Give somebody a role for an office and all below it: never to oneself, never beyond one's reach.

    A system account that reaches further than before needs a new approval of its tokens; the account is locked, so
    that nobody approves one meanwhile for what they have not seen.
    """
    if role not in ROLES:
        raise UserError("G-ROLE", f"There is no role {role}.", place="role")
    if actor is not None:
        _require(actor, "roles.edit", office)
        if actor == user:
            raise Refused(
                "G-OWN-ROLE",
                "Nobody gives a role to themselves: ask another administrator or records officer.",
            )
    if ends_on and ends_on < starts_on:
        raise UserError("G-DATES", "The role would end before it starts.", place="ends_on")
    if role == "nara_reviewer" and ends_on is None:
        raise UserError(
            "G-REVIEWER-END",
            "A NARA reviewer's access needs a last day.",
            place="ends_on",
            next_step="Choose the day on which the review is expected to end; it can be given again.",
        )
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _keep_reviewers_apart(user, role)
    assignment = RoleAssignment.objects.create(
        user=user, role=role, office=office, starts_on=starts_on, ends_on=ends_on
    )
    approved = ApiToken.objects.filter(user=user, approved_at__isnull=False)
    withdrawn = approved.update(approved_by=None, approved_at=None)
    record(
        "role.given",
        assignment,
        actor=actor,
        office_id=office.pk,
        detail={"role": role, "ends_on": ends_on, "approvals_withdrawn": withdrawn},
    )
    return assignment


@transaction.atomic
def end_role(assignment: RoleAssignment, *, actor: User, on: date | None = None) -> RoleAssignment:
    """End a role. It stays in the register; the last administrator cannot be ended."""
    _require(actor, "roles.edit", assignment.office)
    assignment = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    day = on or timezone.localdate()
    if assignment.user_id == actor.pk:
        raise Refused("G-OWN-ROLE", "Nobody ends or moves a role of their own.")
    _only_shorten(assignment.ends_on, day)
    if assignment.role == "administrator":
        _keep_an_administrator(assignment, day)
    assignment.ends_on = max(day, assignment.starts_on)
    assignment.save(update_fields=["ends_on"])
    record(
        "role.ended",
        assignment,
        actor=actor,
        office_id=assignment.office_id,
        detail={"on": assignment.ends_on},
    )
    return assignment


def _only_shorten(ends_on: date | None, day: date) -> None:
    """Ending may come earlier than planned, never later: more time is a new role or designation."""
    if ends_on is not None and day > ends_on:
        raise UserError(
            "G-LATER",
            "That day is after the last day already on record.",
            place="on",
            next_step="Choose an earlier day; for more time, give it again.",
        )


def _keep_an_administrator(ending: RoleAssignment, day: date) -> None:
    """Somebody else who can sign in must stay administrator of that office."""
    others = RoleAssignment.objects.select_for_update().on(day).filter(role="administrator")
    others = others.exclude(user=ending.user).filter(user__is_active=True, ends_on__isnull=True)
    paths = others.values_list("office__path", flat=True)
    if not any(ending.office.path.startswith(path) for path in paths):
        raise Refused(
            "G-LAST-ADMIN",
            "This is the last administrator: give the role to somebody else first.",
        )


def _keep_reviewers_apart(user: User, role: str) -> None:
    """A NARA reviewer's account is read-only everywhere, so it holds nothing else."""
    today = timezone.localdate()
    held = set(RoleAssignment.objects.on(today).filter(user=user).values_list("role", flat=True))
    others = held - READ_ONLY_ROLES if role in READ_ONLY_ROLES else held & READ_ONLY_ROLES
    if others:
        raise Refused(
            "G-REVIEWER-APART",
            "A NARA reviewer's account holds no other role, because it is read-only everywhere.",
            next_step="Make an account of its own for the reviewer.",
        )


@transaction.atomic
def designate_signer(
    person: Person,
    agency: Office,
    *,
    authority: str,
    starts_on: date,
    actor: User,
    ends_on: date | None = None,
) -> Signer:
    """Enter somebody in the register of persons authorized to sign records schedules (36 CFR 1220.34(b))."""
    _require(actor, "roles.edit", agency)
    if person.user_id is not None and person.user_id == actor.pk:
        raise Refused("G-OWN-SIGNER", "Nobody designates themselves as signer.")
    if ends_on and ends_on < starts_on:
        raise UserError("G-DATES", "The designation would end before it starts.", place="ends_on")
    signer = Signer.objects.create(
        person=person, agency=agency, authority=authority, starts_on=starts_on, ends_on=ends_on
    )
    record(
        "signer.designated",
        signer,
        actor=actor,
        office_id=agency.pk,
        detail={"authority": authority},
    )
    return signer


@transaction.atomic
def end_signer(signer: Signer, *, on: date, actor: User) -> Signer:
    """End a designation; reports signed before stay signed."""
    _require(actor, "roles.edit", signer.agency)
    signer = (
        Signer.objects.select_for_update(of=("self",)).select_related("person").get(pk=signer.pk)
    )
    if signer.person.user_id is not None and signer.person.user_id == actor.pk:
        raise Refused("G-OWN-SIGNER", "Nobody ends or moves a designation of their own.")
    _only_shorten(signer.ends_on, on)
    signer.ends_on = max(on, signer.starts_on)
    signer.save(update_fields=["ends_on"])
    record(
        "signer.ended",
        signer,
        actor=actor,
        office_id=signer.agency_id,
        detail={"on": signer.ends_on},
    )
    return signer


@transaction.atomic
def set_up(
    *,
    agency_name: str,
    agency_code: str,
    username: str,
    password: str,
    full_name: str,
    kind: str = Office.Kind.AGENCY,
    sample: bool = False,
) -> User:
    """Make the first agency and its first administrator. Works once, on an empty portal."""
    setup, _ = Setup.objects.select_for_update().get_or_create(id=1)
    if setup.completed_at or User.objects.exists():
        raise Refused("G-SET-UP", "This portal is set up already.")
    first, _, last = full_name.partition(" ")
    user = User.objects.create_user(username, password=password, first_name=first, last_name=last)
    office = Office.objects.create(
        name=agency_name, code=agency_code, kind=kind, path=_path(None, agency_code)
    )
    Person.objects.create(name=full_name, title="Administrator", office=office, user=user)
    RoleAssignment.objects.create(
        user=user, role="administrator", office=office, starts_on=timezone.localdate()
    )
    setup.agency_name, setup.completed_at, setup.sample = agency_name, timezone.now(), sample
    setup.save()
    record("portal.set_up", office, actor=user, office_id=office.pk, detail={"sample": sample})
    return user


def offices_in_reach(user: User, permission: str) -> Any:
    """Offices for which a person holds a permission."""
    return Office.objects.filter(pk__in=reach(user, permission).office_ids())


@transaction.atomic
def add_system(*, username: str, actor: User) -> User:
    """Make an account for another agency system: no password, tokens only."""
    _require(actor, "tokens.edit", None)
    if User.objects.filter(username__iexact=username).exists():
        raise UserError("G-USERNAME", f"The name {username} is taken.", place="username")
    user = User(username=username, is_system=True)
    user.set_unusable_password()
    user.save()
    record("account.added", user, actor=actor, detail={"system": True})
    return user
