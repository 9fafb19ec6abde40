"""Custodians, messaging tools and schedules: one audit event for a change, refusals, and what cannot stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from portal.agency.models import Office, Person, User
from portal.audit.models import AuditEvent
from portal.errors import Refused, UserError
from records.models import Custodian, MessagingTool, Schedule, ScheduleItem
from records.services import custodians, documents, schedules, tools
from tests.factories import (
    CustodianFactory,
    MessagingToolFactory,
    OfficeFactory,
    PersonFactory,
    RoleFactory,
    ScheduleFactory,
    ScheduleItemFactory,
)

pytestmark = pytest.mark.django_db
ITEM = {"number": "011", "title": "Messages", "disposition": "temporary", "retention": "7 years"}


@dataclass
class Place:
    office: Office
    officer: User
    custodian: Custodian
    tool: MessagingTool
    schedule: Schedule
    item: ScheduleItem


@pytest.fixture
def place() -> Place:
    office = OfficeFactory(kind="agency")
    officer = RoleFactory(role="records_officer", office=office).user
    schedule = ScheduleFactory(agency=office)
    return Place(
        office,
        officer,
        CustodianFactory(office=office),
        MessagingToolFactory(),
        schedule,
        ScheduleItemFactory(schedule=schedule, number="010"),
    )


CHANGES: dict[str, Callable[[Place, User], Any]] = {
    "custodians.add": lambda p, by: custodians.add(p.office, name="Somebody", actor=by),
    "custodians.edit": lambda p, by: custodians.edit(p.custodian, note="Two phones", actor=by),
    "tools.add": lambda p, by: tools.add(name="WhatsApp", actor=by),
    "tools.edit": lambda p, by: tools.edit(p.tool, approved=True, actor=by),
    "schedules.add_schedule": lambda p, by: schedules.add_schedule(
        code="N1", title="Own", agency=p.office, actor=by
    ),
    "schedules.add_item": lambda p, by: schedules.add_item(p.schedule, actor=by, **ITEM),
    "schedules.edit_item": lambda p, by: schedules.edit_item(p.item, retention="3 years", actor=by),
    "documents.add": lambda p, by: documents.add(
        [b"paper"], "p.txt", title="Paper", kind="policy", office=p.office, actor=by
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_writes_exactly_one_audit_event(name: str, place: Place) -> None:
    CHANGES[name](place, place.officer)
    assert [event.actor_id for event in AuditEvent.objects.all()] == [place.officer.pk]


@pytest.mark.parametrize("role", ["auditor", "administrator", "nara_reviewer", "custodian"])
@pytest.mark.parametrize("name", CHANGES)
def test_who_only_reads_is_refused_and_nothing_is_written(
    name: str, role: str, place: Place
) -> None:
    somebody = RoleFactory(role=role, office=place.office).user
    with pytest.raises(Refused):
        CHANGES[name](place, somebody)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("name", sorted(name for name in CHANGES if not name.startswith("tools")))
def test_the_records_officer_of_another_agency_is_refused(name: str, place: Place) -> None:
    elsewhere = RoleFactory(role="records_officer", office=OfficeFactory(kind="agency")).user
    with pytest.raises(Refused):
        CHANGES[name](place, elsewhere)


def test_a_new_name_enters_the_register_of_people_with_its_custodianship(place: Place) -> None:
    made = custodians.add(place.office, name="  New Person ", title="Chief", actor=place.officer)
    assert (made.person.name, made.person.title, made.person.office) == (
        "New Person",
        "Chief",
        place.office,
    )


def test_a_custodian_is_either_known_or_new(place: Place) -> None:
    person = PersonFactory(office=place.office)
    for values in ({}, {"person": person, "name": "Another"}):
        with pytest.raises(UserError, match="who the custodian is"):
            custodians.add(place.office, actor=place.officer, **values)
    assert Person.objects.count() == 2


def test_the_same_custodianship_is_entered_once_even_without_dates(place: Place) -> None:
    with pytest.raises(UserError, match="already a custodian"):
        custodians.add(place.office, person=place.custodian.person, actor=place.officer)


def test_the_last_day_cannot_lie_before_the_first(place: Place) -> None:
    with pytest.raises(UserError, match="before the first"):
        custodians.edit(
            place.custodian,
            starts_on=date(2021, 2, 1),
            ends_on=date(2021, 1, 1),
            actor=place.officer,
        )


def test_a_change_keeps_what_was_said_before(place: Place) -> None:
    tools.edit(place.tool, name=place.tool.name, deletes_itself=True, actor=place.officer)
    assert AuditEvent.objects.get().detail == {"deletes_itself": [False, True]}


def test_a_tool_an_item_and_a_schedule_are_entered_once(place: Place) -> None:
    with pytest.raises(UserError, match="already in the list"):
        tools.add(name=place.tool.name, actor=place.officer)
    with pytest.raises(UserError, match="already in the catalogue"):
        schedules.add_schedule(code=place.schedule.code, title="Twin", actor=place.officer)
    with pytest.raises(UserError, match="already has an item 010"):
        schedules.add_item(place.schedule, actor=place.officer, **{**ITEM, "number": "010"})


def test_an_authority_without_a_number_is_not_verified(place: Place) -> None:
    with pytest.raises(UserError, match="cannot be verified"):
        schedules.add_item(
            place.schedule, actor=place.officer, authority="", authority_verified=True, **ITEM
        )


def test_an_item_cannot_supersede_itself(place: Place) -> None:
    with pytest.raises(UserError, match="supersede itself"):
        schedules.edit_item(place.item, superseded_by=place.item, actor=place.officer)


def test_a_general_schedule_is_everybodys_and_an_agencys_own_is_seen_inside_it_only(
    place: Place,
) -> None:
    general = ScheduleFactory(agency=None)
    below = RoleFactory(role="liaison", office=OfficeFactory(parent=place.office)).user
    outside = RoleFactory(role="liaison", office=OfficeFactory(kind="agency")).user
    assert set(Schedule.objects.visible_to(below)) == {general, place.schedule}
    assert set(Schedule.objects.visible_to(outside)) == {general}
    nobody = RoleFactory(role="nara_reviewer", office=place.office).user
    assert not Schedule.objects.visible_to(nobody).exists()
    assert not ScheduleItem.objects.visible_to(nobody).exists()
