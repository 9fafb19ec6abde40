"""Pages of offices, people, roles, tokens, the audit log and set-up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.agency import tokens
from portal.agency.models import ApiToken, Office, Person, RoleAssignment, Setup, Signer, User
from portal.agency.services import add_office, add_system
from portal.audit.models import AuditEvent
from portal.web.setup import setup_token, token_path
from tests.factories import OfficeFactory, PersonFactory, RoleFactory, SetupFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency() -> Office:
    SetupFactory()
    return OfficeFactory(kind="agency", name="The Agency")


@pytest.fixture
def sign_in(agency: Office) -> Callable[..., Client]:
    def make(role: str, office: Office | None = None) -> Client:
        client = Client()
        client.force_login(RoleFactory(role=role, office=office or agency).user)
        return client

    return make


PAGES = ("office-list", "person-list", "role-list", "token-list", "audit-list", "audit-verify")
EXPECTED = {
    "administrator": {
        "office-list",
        "person-list",
        "role-list",
        "token-list",
        "audit-list",
        "audit-verify",
    },
    "records_officer": {"office-list", "person-list", "role-list", "audit-list", "audit-verify"},
    "auditor": {"office-list", "person-list", "role-list", "audit-list", "audit-verify"},
    "liaison": {"office-list", "person-list", "role-list"},
    "custodian": {"office-list", "person-list", "role-list"},
    "nara_reviewer": set(),
}


@pytest.mark.parametrize("role", EXPECTED)
def test_each_role_sees_its_pages_and_no_other(role: str, sign_in: Callable[..., Client]) -> None:
    client = sign_in(role)
    answers = {name: client.get(reverse(name)).status_code for name in PAGES}
    assert answers == {name: 200 if name in EXPECTED[role] else 403 for name in PAGES}


def test_an_office_outside_the_reach_does_not_exist(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    below = OfficeFactory(parent=agency)
    client = sign_in("liaison", below)
    assert client.get(reverse("office-detail", args=[below.code])).status_code == 200
    assert client.get(reverse("office-detail", args=[agency.code])).status_code == 404
    assert agency.name not in client.get(reverse("office-list")).content.decode()


def test_an_office_is_added_below_another(agency: Office, sign_in: Callable[..., Client]) -> None:
    client = sign_in("administrator")
    form = {"name": "Field Office", "code": "FO", "kind": "office", "parent": agency.pk}
    response = client.post(reverse("office-new"), form)
    assert response.url == reverse("office-detail", args=["FO"])
    assert Office.objects.get(code="FO").path == f"{agency.path}FO/"


def test_a_taken_code_is_said_at_its_field(agency: Office, sign_in: Callable[..., Client]) -> None:
    form = {"name": "Twin", "code": agency.code, "kind": "office", "parent": agency.pk}
    response = sign_in("administrator").post(reverse("office-new"), form)
    assert response.status_code == 422
    assert "already belongs" in response.context["form"].errors["code"][0]


def test_the_page_of_an_office_tells_what_became_of_it(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    old, new = OfficeFactory(parent=agency), OfficeFactory(parent=agency)
    client = sign_in("administrator")
    form = {"successor": new.pk, "on": "2019-07-01", "judgement": "Same function."}
    client.post(reverse("office-succession-new", args=[old.code]), form)
    assert (
        "Took over from" in client.get(reverse("office-detail", args=[new.code])).content.decode()
    )
    assert (
        "Same function." in client.get(reverse("office-detail", args=[old.code])).content.decode()
    )


def test_counts_of_an_office_lead_to_their_lists(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    below = OfficeFactory(parent=agency)
    client = sign_in("records_officer")
    page = client.get(reverse("office-detail", args=[below.code]))
    holdings = page.context["holdings"]
    assert {holding.label for holding in holdings} >= {"Message exports", "Custodians", "Documents"}
    assert {client.get(holding.url).status_code for holding in holdings} == {200}


def test_a_person_gets_an_account_and_a_role(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("administrator")
    client.post(reverse("person-new"), {"name": "New Person", "office": agency.pk})
    person = Person.objects.get(name="New Person")
    url = reverse("account-new", args=[person.pk])
    assert client.post(url, {"username": "new.person", "password": "short"}).status_code == 422
    client.post(url, {"username": "new.person", "password": "a long pass phrase"})
    user = User.objects.get(username="new.person")
    form = {"user": user.pk, "role": "auditor", "office": agency.pk, "starts_on": "2021-01-04"}
    client.post(reverse("role-new"), form)
    assert RoleAssignment.objects.get(user=user).role == "auditor"
    assert Client().login(username="new.person", password="a long pass phrase")


def test_a_signer_is_designated_and_ended(agency: Office, sign_in: Callable[..., Client]) -> None:
    client, person = sign_in("administrator"), PersonFactory(office=agency)
    form = {
        "person": person.pk,
        "agency": agency.pk,
        "authority": "Memorandum",
        "starts_on": "2021-01-04",
    }
    client.post(reverse("signer-new"), form)
    signer = Signer.objects.get()
    client.post(reverse("signer-end", args=[signer.pk]), {"on": "2021-12-31"})
    signer.refresh_from_db()
    assert signer.ends_on == date(2021, 12, 31)


def test_a_role_of_another_agency_cannot_be_ended(sign_in: Callable[..., Client]) -> None:
    assignment = RoleFactory(role="liaison")
    response = sign_in("administrator").post(
        reverse("role-end", args=[assignment.pk]), {"on": "2021-01-04"}
    )
    assert response.status_code == 404
    assignment.refresh_from_db()
    assert assignment.ends_on is None


def test_a_token_is_shown_once_and_ended_at_once(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("administrator")
    client.post(reverse("system-account-new"), {"username": "bridge"})
    system = User.objects.get(username="bridge")
    assert system.is_system and not system.has_usable_password()
    form = {"user": system.pk, "name": "Device management", "scopes": ["exports.receive"]}
    clear = client.post(reverse("token-new"), form).context["clear"]
    token = ApiToken.objects.get()
    assert clear.startswith("custos_") and clear.rpartition("_")[2] not in token.digest
    assert clear not in client.get(reverse("token-list")).content.decode()
    client.post(reverse("token-list"), {"revoke": token.pk})
    token.refresh_from_db()
    assert token.revoked_at


def test_a_token_that_opens_content_is_approved_by_another_person(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    administrator, officer = sign_in("administrator"), sign_in("records_officer")
    system = RoleFactory(role="system", office=agency, user__is_system=True).user
    form = {"user": system.pk, "name": "Archive", "scopes": ["messages.view"]}
    made = administrator.post(reverse("token-new"), form).content.decode()
    assert "It waits for a second person" in made
    assert "Waits for a second person" in administrator.get(reverse("token-list")).content.decode()
    token = ApiToken.objects.get()
    page = administrator.get(reverse("token-approvals")).content.decode()
    assert "You made this token" in page
    assert 'name="approve"' not in page
    refused = administrator.post(reverse("token-approvals"), {"approve": token.pk})
    assert refused.status_code == 403
    assert 'name="approve"' in officer.get(reverse("token-approvals")).content.decode()
    assert officer.post(reverse("token-approvals"), {"approve": token.pk}).status_code == 302
    token.refresh_from_db()
    assert not token.waits
    assert "Nothing waits" in officer.get(reverse("token-approvals")).content.decode()
    assert officer.post(reverse("token-approvals"), {"approve": token.pk}).status_code == 404


def test_the_audit_log_shows_only_events_of_the_offices_in_reach(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    other = OfficeFactory(kind="agency")
    by = RoleFactory(role="administrator", office=other).user
    add_office(name="Elsewhere", code="ELSE", parent=other, actor=by)
    sequence = AuditEvent.objects.get(action="office.added").sequence
    client = sign_in("auditor", OfficeFactory(parent=agency))
    assert client.get(reverse("audit-detail", args=[sequence])).status_code == 404
    assert "Elsewhere" not in client.get(reverse("audit-list")).content.decode()


def test_a_changed_event_is_called_changed(agency: Office, sign_in: Callable[..., Client]) -> None:
    client = sign_in("administrator")
    client.post(
        reverse("office-new"), {"name": "A", "code": "A", "kind": "office", "parent": agency.pk}
    )
    event = AuditEvent.objects.get(action="office.added")
    page = client.get(reverse("audit-detail", args=[event.sequence]))
    assert page.context["holds"] is True
    assert client.get(reverse("audit-verify")).context["found"] == []


@pytest.fixture
def address(db: None) -> Any:
    yield f"{reverse('setup')}?token={setup_token()}"
    token_path().unlink(missing_ok=True)


SETUP_FORM = {
    "agency_name": "My Agency",
    "agency_code": "MY",
    "full_name": "First Person",
    "username": "first.person",
    "password": "a long pass phrase",
}


def test_set_up_needs_the_word_of_the_address(address: str, client: Client) -> None:
    assert client.get(reverse("setup")).status_code == 404
    assert client.get(reverse("setup") + "?token=wrong").status_code == 404
    assert client.get(address).status_code == 200


def test_set_up_makes_the_first_administrator_and_closes(address: str, client: Client) -> None:
    client.post(reverse("setup"), {**SETUP_FORM, "token": setup_token()})
    assert Setup.objects.get().agency_name == "My Agency"
    assert Client().login(username="first.person", password="a long pass phrase")
    assert client.get(address).status_code == 404
    assert (
        client.post(reverse("setup"), {**SETUP_FORM, "token": "x", "username": "b"}).status_code
        == 404
    )


def test_events_of_no_office_are_for_who_reaches_every_agency(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    """One agency beside another must not read about its accounts."""
    administrator = RoleFactory(role="administrator", office=agency).user
    add_system(username="bridge-of-one-agency", actor=administrator)
    auditor = sign_in("auditor")
    assert "bridge-of-one-agency" in auditor.get(reverse("audit-list")).content.decode()
    other = OfficeFactory(kind="agency")
    for client in (auditor, sign_in("auditor", other)):
        assert "bridge-of-one-agency" not in client.get(reverse("audit-list")).content.decode()
    both = RoleFactory(role="auditor", office=agency).user
    RoleFactory(user=both, role="auditor", office=other)
    client = Client()
    client.force_login(both)
    assert "bridge-of-one-agency" in client.get(reverse("audit-list")).content.decode()


def test_events_of_a_token_belong_to_the_office_where_it_works(agency: Office) -> None:
    administrator = RoleFactory(role="administrator", office=agency).user
    system = RoleFactory(role="system", office=agency, user__is_system=True).user
    token, _ = tokens.issue(system, "Archive", ["messages.view"], actor=administrator)
    tokens.approve(token, actor=RoleFactory(role="records_officer", office=agency).user)
    tokens.revoke(token, actor=administrator)
    events = AuditEvent.objects.filter(action__startswith="token.")
    assert [event.office_id for event in events] == [agency.pk] * 3
