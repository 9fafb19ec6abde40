"""The pages of a staff roster: a dry run that shows everything, and the register only when somebody says so."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.agency import roster
from portal.agency.models import Office, Person
from portal.agency.phones import current
from tests.factories import OfficeFactory, PersonFactory, RoleFactory, SetupFactory

pytestmark = pytest.mark.django_db
HEADER = "name,title,email,phones,office,from,to\n"


@pytest.fixture
def office() -> Office:
    SetupFactory()
    return OfficeFactory(code="PLAN")


@pytest.fixture
def officer(office: Office) -> Client:
    client = Client()
    client.force_login(RoleFactory(office=office).user)
    return client


def check(client: Client, text: str) -> Any:
    return client.post(reverse("roster"), {"file": SimpleUploadedFile("staff.csv", text.encode())})


def test_the_dry_run_shows_what_would_change_and_writes_nothing(
    office: Office, officer: Client
) -> None:
    PersonFactory(name="Bob Lee", office=office)
    answer = check(officer, HEADER + "Ana Ruiz,,,202-555-0143,PLAN,,\nBob Lee,Driver,,,PLAN,,\n")
    words = unescape(answer.content.decode())
    assert "1 new, 1 to complete" in words
    assert "+12025550143" in words and "Title: not known becomes Driver" in words
    assert not Person.objects.filter(name="Ana Ruiz").exists()


def test_what_was_shown_is_taken_in(office: Office, officer: Client) -> None:
    context = check(officer, HEADER + 'Ana "Annie" Ruiz,,,,PLAN,,\n').context
    told = {"text": context["text"].replace("\n", "\r\n"), "digest": context["plan"].digest}
    answer = officer.post(reverse("roster-take-in"), told, follow=True)
    assert "1 added, 0 completed" in answer.content.decode()
    assert Person.objects.filter(office=office, name__contains="Annie").exists()


def test_mistakes_stand_by_row_and_there_is_no_way_to_take_it_in(
    office: Office, officer: Client
) -> None:
    words = unescape(check(officer, HEADER + "Ana Ruiz,,,,NOWHERE,,\n").content.decode())
    assert "There is no office with the code NOWHERE" in words
    assert reverse("roster-take-in") not in words


def test_a_file_that_is_no_roster_says_why_at_its_field(officer: Client, office: Office) -> None:
    answer = check(officer, "surname\nRuiz\n")
    assert answer.status_code == 422
    assert "Not known: surname" in answer.content.decode()


def test_a_roster_beyond_the_limit_is_refused(officer: Client, office: Office) -> None:
    assert check(officer, "x" * (roster.MOST_BYTES * 2 + 1)).status_code == 413


def test_a_person_has_numbers_that_can_be_changed(officer: Client, office: Office) -> None:
    told = {"name": "Ana Ruiz", "office": office.pk, "phones": "202-555-0143; +49 170 1234567"}
    officer.post(reverse("person-new"), told)
    person = Person.objects.get(name="Ana Ruiz")
    assert (
        "+491701234567" in officer.get(reverse("person-detail", args=[person.pk])).content.decode()
    )
    assert "+12025550143; +491701234567" in unescape(
        officer.get(reverse("person-edit", args=[person.pk])).content.decode()
    )
    officer.post(reverse("person-edit", args=[person.pk]), {**told, "phones": "+12025550143"})
    assert [str(phone) for phone in current(person)] == ["+12025550143"]
    assert person.phones.get(number="+491701234567").ends_on == timezone.localdate()
    wrong = officer.post(reverse("person-edit", args=[person.pk]), {**told, "phones": "12"})
    assert "12 is no telephone number" in wrong.content.decode()


@pytest.mark.parametrize("role", ["liaison", "auditor", "custodian"])
def test_who_keeps_no_people_takes_in_no_roster(role: str, office: Office) -> None:
    client = Client()
    client.force_login(RoleFactory(role=role, office=office).user)
    assert client.get(reverse("roster")).status_code == 403
    assert client.post(reverse("roster-take-in")).status_code == 403
