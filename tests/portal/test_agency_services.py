"""Keeping the agency: each change is one audit event, and nobody goes beyond their reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from portal.agency import services
from portal.agency.access import can
from portal.agency.models import Office, Person, RoleAssignment, Setup, Signer, User
from portal.audit.models import AuditEvent
from portal.errors import Refused, UserError
from tests.factories import OfficeFactory, PersonFactory, RoleFactory, SignerFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = date(2021, 1, 4)


@dataclass
class Agency:
    office: Office
    administrator: User
    other_office: Office
    person: Person
    role: RoleAssignment
    signer: Signer


@pytest.fixture
def agency() -> Agency:
    office = OfficeFactory(kind="agency")
    administrator = RoleFactory(role="administrator", office=office).user
    return Agency(
        office,
        administrator,
        OfficeFactory(parent=office),
        PersonFactory(office=office),
        RoleFactory(role="liaison", office=office),
        SignerFactory(agency=office),
    )


CHANGES: dict[str, Callable[[Agency, User], Any]] = {
    "add_office": lambda a, by: services.add_office(
        name="New", code="NEW", parent=a.office, actor=by
    ),
    "edit_office": lambda a, by: services.edit_office(a.office, name="Renamed", actor=by),
    "succeed_office": lambda a, by: services.succeed_office(
        a.office, a.other_office, on=DAY, actor=by
    ),
    "add_person": lambda a, by: services.add_person(name="Somebody", office=a.office, actor=by),
    "edit_person": lambda a, by: services.edit_person(a.person, title="Chief", actor=by),
    "add_account": lambda a, by: services.add_account(
        username="new", password="x" * 15, person=a.person, actor=by
    ),
    "give_role": lambda a, by: services.give_role(
        UserFactory(), "auditor", a.office, starts_on=DAY, actor=by
    ),
    "end_role": lambda a, by: services.end_role(a.role, actor=by),
    "designate_signer": lambda a, by: services.designate_signer(
        a.person, a.office, authority="Memorandum", starts_on=DAY, actor=by
    ),
    "end_signer": lambda a, by: services.end_signer(a.signer, on=DAY, actor=by),
    "add_system": lambda a, by: services.add_system(username="bridge", actor=by),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_writes_exactly_one_audit_event_by_its_actor(
    name: str, agency: Agency
) -> None:
    before = AuditEvent.objects.count()
    CHANGES[name](agency, agency.administrator)
    events = list(AuditEvent.objects.order_by("sequence")[before:])
    assert [event.actor_id for event in events] == [agency.administrator.pk]


@pytest.mark.parametrize("role", ["liaison", "auditor", "nara_reviewer", "custodian"])
@pytest.mark.parametrize("name", CHANGES)
def test_who_may_not_keep_the_agency_is_refused_and_nothing_is_written(
    name: str, role: str, agency: Agency
) -> None:
    somebody = RoleFactory(role=role, office=agency.office).user
    before = AuditEvent.objects.count()
    with pytest.raises(Refused):
        CHANGES[name](agency, somebody)
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("name", sorted(set(CHANGES) - {"add_system"}))
def test_an_administrator_of_another_agency_is_refused(name: str, agency: Agency) -> None:
    elsewhere = RoleFactory(role="administrator", office=OfficeFactory(kind="agency")).user
    with pytest.raises(Refused):
        CHANGES[name](agency, elsewhere)


def test_an_office_lies_below_its_parent_and_its_code_is_used_once(agency: Agency) -> None:
    made = services.add_office(
        name="New", code="NEW", parent=agency.office, actor=agency.administrator
    )
    assert made.path == f"{agency.office.path}NEW/"
    with pytest.raises(UserError, match="already belongs"):
        services.add_office(
            name="Twin", code="NEW", parent=agency.office, actor=agency.administrator
        )


def test_an_office_cannot_succeed_itself(agency: Agency) -> None:
    with pytest.raises(UserError, match="itself"):
        services.succeed_office(agency.office, agency.office, on=DAY, actor=agency.administrator)


def test_nobody_gives_a_role_to_themselves(agency: Agency) -> None:
    with pytest.raises(Refused, match="themselves"):
        services.give_role(
            agency.administrator,
            "records_officer",
            agency.office,
            starts_on=DAY,
            actor=agency.administrator,
        )


def test_a_reviewers_access_needs_a_last_day(agency: Agency) -> None:
    with pytest.raises(UserError, match="last day"):
        services.give_role(
            UserFactory(), "nara_reviewer", agency.office, starts_on=DAY, actor=agency.administrator
        )


def test_the_last_administrator_stays(agency: Agency) -> None:
    only = RoleAssignment.objects.get(user=agency.administrator)
    officer = RoleFactory(role="records_officer", office=agency.office).user
    with pytest.raises(Refused, match="last administrator"):
        services.end_role(only, actor=officer)
    RoleFactory(role="administrator", office=agency.office)
    services.end_role(only, actor=officer)
    only.refresh_from_db()
    assert only.ends_on == timezone.localdate()


def test_an_ended_role_gives_nothing_from_the_day_after(agency: Agency) -> None:
    services.end_role(
        agency.role, actor=agency.administrator, on=timezone.localdate() - timedelta(days=1)
    )
    holder = User.objects.get(pk=agency.role.user_id)
    assert not can(holder, "exports.view", agency.office)
    assert RoleAssignment.objects.filter(pk=agency.role.pk).exists()


def test_nobody_designates_themselves_as_signer(agency: Agency) -> None:
    agency.person.user = agency.administrator
    agency.person.save()
    with pytest.raises(Refused, match="themselves"):
        CHANGES["designate_signer"](agency, agency.administrator)


def test_a_person_has_one_account_and_a_name_is_used_once(agency: Agency) -> None:
    CHANGES["add_account"](agency, agency.administrator)
    with pytest.raises(UserError, match="account already"):
        services.add_account(
            username="second", password="x" * 15, person=agency.person, actor=agency.administrator
        )
    with pytest.raises(UserError, match="taken"):
        services.add_account(username="NEW", password="x" * 15, actor=agency.administrator)


def test_a_person_cannot_be_moved_into_an_office_beyond_reach(agency: Agency) -> None:
    elsewhere = OfficeFactory()
    with pytest.raises(Refused):
        services.edit_person(agency.person, office=elsewhere, actor=agency.administrator)


def test_the_portal_is_set_up_once(db: None) -> None:
    values = {
        "agency_name": "Agency",
        "agency_code": "AG",
        "username": "first",
        "password": "x" * 15,
    }
    user = services.set_up(full_name="First Person", **values)
    assert can(user, "roles.edit", Office.objects.get(code="AG"))
    assert not Setup.objects.get().sample
    with pytest.raises(Refused, match="set up already"):
        services.set_up(
            full_name="Second Person", **{**values, "username": "second", "agency_code": "A2"}
        )


NUMBERS = ["+12025550143", "+12025550144"]


def _told() -> dict[str, Any]:
    """The detail of the last event of the audit log."""
    return dict(AuditEvent.objects.latest("sequence").detail)


def test_numbers_of_a_person_are_added_and_ended_and_never_deleted(agency: Agency) -> None:
    by = agency.administrator
    person = services.add_person(name="Ana", office=agency.office, phones=NUMBERS, actor=by)
    assert _told() == {"phones_added": NUMBERS}
    services.edit_person(person, phones=["+12025550145", NUMBERS[0]], actor=by)
    assert _told() == {
        "fields": [],
        "phones_added": ["+12025550145"],
        "phones_ended": [NUMBERS[1]],
    }
    assert person.phones.get(number=NUMBERS[1]).ends_on == timezone.localdate()
    services.edit_person(person, phones=["+12025550145", *NUMBERS], actor=by)
    assert _told() == {"fields": [], "phones_added": [NUMBERS[1]]}
    assert not person.phones.filter(ends_on__isnull=False).exists()


def test_an_ended_number_keeps_its_last_day_when_the_person_is_edited_later(agency: Agency) -> None:
    person = services.add_person(
        name="Ana", office=agency.office, phones=NUMBERS, actor=agency.administrator
    )
    with time_machine.travel("2026-03-02 12:00", tick=False):
        services.edit_person(person, phones=[NUMBERS[0]], actor=agency.administrator)
    services.edit_person(person, phones=[], actor=agency.administrator)
    assert person.phones.get(number=NUMBERS[1]).ends_on == date(2026, 3, 2)


def test_what_stays_as_it_was_is_not_told_as_a_change(agency: Agency) -> None:
    person = services.add_person(
        name="Ana", office=agency.office, phones=NUMBERS, actor=agency.administrator
    )
    same = {"name": "Ana", "office": agency.office, "phones": NUMBERS}
    services.edit_person(person, title="Chief", actor=agency.administrator, **same)
    assert _told() == {"fields": ["title"]}
