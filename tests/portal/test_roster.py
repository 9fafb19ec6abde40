"""Taking in a staff roster: what is wrong stands by row, what would change is shown first, and twice is once."""

from __future__ import annotations

from datetime import date

import pytest

from portal.agency import roster
from portal.agency.models import Office, Person, User
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Refused, UserError
from tests.factories import OfficeFactory, PersonFactory, RoleFactory

pytestmark = pytest.mark.django_db
HEADER = "name,title,email,phones,office,from,to\n"


@pytest.fixture
def office() -> Office:
    return OfficeFactory(code="PLAN", parent=OfficeFactory(kind="agency"))


@pytest.fixture
def officer(office: Office) -> User:
    return RoleFactory(role="records_officer", office=office.parent).user


def take_in(text: str, actor: User) -> roster.Plan:
    plan = roster.plan(text.encode(), actor=actor)
    return roster.take_in(text.encode(), digest=plan.digest, actor=actor)


def test_a_roster_adds_people_with_numbers_in_one_form(office: Office, officer: User) -> None:
    row = "Ana Ruiz,Planner,ana@agency.gov,(202) 555-0143; +1 202 555 0144,plan,2020-01-06,\n"
    take_in(HEADER + row, officer)
    ana = Person.objects.get()
    assert (ana.name, ana.title, ana.office, ana.starts_on, ana.ends_on) == (
        "Ana Ruiz",
        "Planner",
        office,
        date(2020, 1, 6),
        None,
    )
    assert [str(phone) for phone in ana.phones.all()] == ["+12025550143", "+12025550144"]
    event = AuditEvent.objects.get(action="people.roster_taken_in")
    assert event.detail["added"] == [ana.pk]


def test_the_same_roster_again_changes_nothing(office: Office, officer: User) -> None:
    text = (
        HEADER
        + "Ana Ruiz,Planner,ana@agency.gov,202-555-0143,PLAN,2020-01-06,\nBob Lee,,,,PLAN,,\n"
    )
    take_in(text, officer)
    events = AuditEvent.objects.count()
    again = take_in(text, officer)
    assert (len(again.added), len(again.changed), again.same) == (0, 0, 2)
    assert Person.objects.count() == 2
    assert AuditEvent.objects.count() == events


def test_a_plan_writes_nothing(office: Office, officer: User) -> None:
    plan = roster.plan((HEADER + "Ana Ruiz,,,,PLAN,,\n").encode(), actor=officer)
    assert len(plan.added) == 1
    assert not Person.objects.exists()


def test_what_the_register_knows_is_completed_and_never_taken_away(
    office: Office, officer: User
) -> None:
    person = PersonFactory(name="Ana Ruiz", title="Planner", office=office)
    take_in(HEADER + "ana  ruiz,,ana@agency.gov,202-555-0143,PLAN,,\n", officer)
    take_in("name,office,phones\nAna Ruiz,PLAN,202-555-0144\n", officer)
    person.refresh_from_db()
    assert (person.title, person.email) == ("Planner", "ana@agency.gov")
    assert person.phones.count() == 2


def test_who_comes_back_later_is_another_entry_of_the_register(
    office: Office, officer: User
) -> None:
    PersonFactory(name="Ana Ruiz", office=office, ends_on=date(2020, 6, 30))
    take_in(HEADER + "Ana Ruiz,,,,PLAN,2021-01-04,\n", officer)
    assert Person.objects.filter(name="Ana Ruiz").count() == 2


def test_namesakes_with_addresses_of_their_own_stay_two(office: Office, officer: User) -> None:
    take_in(HEADER + "Ana Ruiz,,a@agency.gov,,PLAN,,\nAna Ruiz,,b@agency.gov,,PLAN,,\n", officer)
    assert Person.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (",,,,PLAN,,", "name", "Empty"),
        ("Ana,,,,NOWHERE,,", "office", "no office with the code NOWHERE"),
        ("Ana,,not an address,,PLAN,,", "email", "no e-mail address"),
        ("Ana,,,12,PLAN,,", "phones", "12 is no telephone number"),
        ("Ana,,,,PLAN,1/6/2020,", "from", "year-month-day"),
        ("Ana,,,,PLAN,2020-01-06,2020-01-05", "to", "before the first"),
        ("Ana,,,,PLAN", "", "5 cells"),
        ("Zoe,,,,PLAN,,", "name", "same person as row 2"),
        ("Tom,,,,PLAN,,", "name", "2 people of the register fit"),
        ("Una,,,,PLAN,,2019-01-01", "to", "Together with what the register knows"),
    ],
)
def test_a_mistake_names_its_row_and_column_and_nothing_is_taken_in(
    row: str, column: str, words: str, office: Office, officer: User
) -> None:
    PersonFactory(name="Tom", office=office)
    PersonFactory(name="Tom", office=office)
    PersonFactory(name="Una", office=office, starts_on=date(2020, 1, 1))
    text = f"{HEADER}Zoe,,,,PLAN,,\n{row}\n"
    (mistake,) = roster.plan(text.encode(), actor=officer).mistakes
    assert (mistake.row, mistake.column) == (3, column)
    assert words in mistake.words
    with pytest.raises(UserError, match="put right"):
        take_in(text, officer)
    assert not Person.objects.filter(name="Zoe").exists()


def test_an_office_beyond_reach_is_no_office(office: Office, officer: User) -> None:
    OfficeFactory(code="OTHER")
    (mistake,) = roster.plan((HEADER + "Ana,,,,OTHER,,\n").encode(), actor=officer).mistakes
    assert mistake.column == "office"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"name\nAna\n", "Missing: office"),
        (b"name,office,salary\n", "Not known: salary"),
        (b"name,office,name\n", "twice"),
        (b"", "Missing"),
        ("name,office\nJos\u00e9,PLAN\n".encode("latin-1"), "UTF-8"),
        (b'name,office\n"Ana,PLAN\n', "no CSV"),
    ],
)
def test_a_file_that_is_no_roster_says_why(data: bytes, words: str, officer: User) -> None:
    with pytest.raises(UserError, match=words):
        roster.plan(data, actor=officer)


def test_a_register_that_has_moved_is_looked_at_again(office: Office, officer: User) -> None:
    text = (HEADER + "Ana Ruiz,Planner,,,PLAN,,\n").encode()
    seen = roster.plan(text, actor=officer).digest
    PersonFactory(name="Ana Ruiz", office=office)
    with pytest.raises(Conflict, match="has changed"):
        roster.take_in(text, digest=seen, actor=officer)


@pytest.mark.parametrize("role", ["liaison", "auditor", "custodian", "nara_reviewer"])
def test_who_may_not_keep_people_takes_in_no_roster(role: str, office: Office) -> None:
    with pytest.raises(Refused):
        roster.plan(HEADER.encode(), actor=RoleFactory(role=role, office=office.parent).user)
