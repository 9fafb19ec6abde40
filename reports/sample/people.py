"""Makes the sample's offices, people, roles and signers, as its administrator would."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from portal.agency import services
from portal.agency.models import Office, Person, User
from records.models import Custodian, Document, MessageExport, MessagingTool, ScheduleItem
from records.services import custodians
from reports.sample import cast


@dataclass
class World:
    """What has been made so far, by the sample's own short names."""

    users: dict[str, User] = field(default_factory=dict)
    offices: dict[str, Office] = field(default_factory=dict)
    custodians: dict[str, Custodian] = field(default_factory=dict)
    tools: dict[str, MessagingTool] = field(default_factory=dict)
    items: dict[str, ScheduleItem] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    exports: dict[str, MessageExport] = field(default_factory=dict)

    @property
    def officer(self) -> User:
        return self.users["records_officer"]


def make(world: World) -> None:
    """Department, offices, accounts with their roles, the register of signers, custodians."""
    _set_up(world)
    administrator = world.users["administrator"]
    for row in cast.OFFICES:
        world.offices[row.code] = services.add_office(
            name=row.name,
            code=row.code,
            kind=row.kind,
            parent=world.offices[row.parent],
            record_group=row.record_group,
            starts_on=row.starts_on,
            actor=administrator,
        )
    for account in cast.ACCOUNTS:
        _add_account(world, account, administrator)
    system = services.add_system(username=cast.SYSTEM_ACCOUNT, actor=administrator)
    services.give_role(
        system, "system", world.offices["SBA"], starts_on=cast.ROLES_SINCE, actor=administrator
    )
    _designate(world, administrator)
    _succeed(world, administrator)
    for custodian in cast.CUSTODIANS:
        world.custodians[custodian.key] = custodians.add(
            world.offices[custodian.office],
            name=custodian.name,
            title=custodian.title,
            starts_on=cast.ROLES_SINCE,
            note=custodian.note,
            actor=world.officer,
        )
    watch = cast.PORT_WATCH
    services.add_person(
        name=watch.name,
        title=watch.title,
        office=world.offices[watch.office],
        phones=[watch.phone],
        actor=administrator,
    )


def _set_up(world: World) -> None:
    name, code = cast.DEPARTMENT
    administrator = cast.ADMINISTRATOR
    world.users["administrator"] = services.set_up(
        agency_name=name,
        agency_code=code,
        username=administrator.username,
        password=cast.PASSWORD,
        full_name=administrator.name,
        kind=Office.Kind.DEPARTMENT,
        sample=True,
    )
    world.offices[code] = Office.objects.get(code=code)


def _add_account(world: World, account: cast.Account, administrator: User) -> None:
    office = world.offices[account.office]
    person: Person | None = None
    if account.person:
        person = services.add_person(
            name=account.name,
            title=account.title,
            office=office,
            starts_on=cast.ROLES_SINCE,
            actor=administrator,
        )
    first, _, last = account.name.partition(" ")
    user = services.add_account(
        username=account.username,
        password=cast.PASSWORD,
        actor=administrator,
        person=person,
        first_name=first,
        last_name=last,
    )
    # A reviewer's access always has a last day: a year is long enough to look around.
    ends_on = (
        timezone.localdate() + timedelta(days=365) if account.role == "nara_reviewer" else None
    )
    services.give_role(
        user, account.role, office, starts_on=cast.ROLES_SINCE, ends_on=ends_on, actor=administrator
    )
    world.users[account.role] = user


def _designate(world: World, administrator: User) -> None:
    services.designate_signer(
        Person.objects.get(user=world.users["schedule_signer"]),
        world.offices["SBA"],
        authority=cast.SIGNER_AUTHORITY,
        starts_on=cast.SIGNER_SINCE,
        actor=administrator,
    )


def _succeed(world: World, administrator: User) -> None:
    row = cast.SUCCESSION
    services.succeed_office(
        world.offices[str(row["predecessor"])],
        world.offices[str(row["successor"])],
        on=row["on"],  # type: ignore[arg-type]
        judgement=str(row["judgement"]),
        actor=administrator,
    )
    services.edit_office(
        world.offices[str(row["predecessor"])],
        ends_on=row["on"],
        actor=administrator,
    )
