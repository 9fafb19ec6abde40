"""Pages of offices, people, roles, tokens, the audit log and set-up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portal.agency import tokens
from portal.agency.models import ApiToken, Office, Person, RoleAssignment, Setup, Signer, User
from portal.agency.services import add_office, add_system, give_role
from portal.audit import log
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


def test_the_columns_of_people_have_names_of_their_own(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    page = sign_in("administrator").get(reverse("person-list"))
    names = [column.header for column in page.context["table"].columns]
    assert len(names) == len(set(names))
    assert "Office" in names


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
    seen = tokens.covered(token).digest
    form = {"approve": token.pk, "seen": seen}
    assert administrator.post(reverse("token-approvals"), form).status_code == 403
    page = officer.get(reverse("token-approvals")).content.decode()
    assert 'name="approve"' in page
    assert f'name="seen" value="{seen}"' in page
    assert officer.post(reverse("token-approvals"), form).status_code == 302
    token.refresh_from_db()
    assert not token.waits
    assert "Nothing waits" in officer.get(reverse("token-approvals")).content.decode()
    assert officer.post(reverse("token-approvals"), form).status_code == 404


def test_who_approves_a_token_sees_roles_offices_and_dates(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    below = OfficeFactory(parent=agency, name="Field Office", code="FO")
    system = RoleFactory(role="system", office=below, user__is_system=True).user
    RoleFactory(role="liaison", office=below, user=system, ends_on=date(2099, 12, 31))
    RoleFactory(role="counsel", office=below, user=system, ends_on=date(2021, 1, 4))
    tokens.issue(system, "Archive", ["messages.view"], actor=None)
    page = sign_in("records_officer").get(reverse("token-approvals")).content.decode()
    assert "Agency system (API) of Field Office (FO) and all below it, from Jan. 1, 2020" in page
    assert "Records liaison of Field Office (FO) and all below it" in page
    assert "until Dec. 31, 2099" in page
    assert "General counsel" not in page


@pytest.mark.parametrize("seen", ["", "earlier"])
def test_an_approval_of_what_was_not_shown_is_refused(
    seen: str, agency: Office, sign_in: Callable[..., Client]
) -> None:
    """Somebody gives the account a further role while the page is open."""
    system = RoleFactory(
        role="system", office=OfficeFactory(parent=agency), user__is_system=True
    ).user
    token, _ = tokens.issue(system, "Archive", ["messages.view"], actor=None)
    digest = tokens.covered(token).digest
    by = RoleFactory(role="administrator", office=agency).user
    give_role(system, "records_officer", agency, actor=by, starts_on=date(2021, 1, 4))
    form = {"approve": token.pk, "seen": seen and digest}
    answer = sign_in("records_officer").post(reverse("token-approvals"), form)
    assert answer.status_code == 409
    assert "opens something else now" in answer.content.decode()
    token.refresh_from_db()
    assert token.waits


def test_tokens_and_system_accounts_of_another_agency_do_not_exist(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    theirs = RoleFactory(role="system", user__is_system=True, user__username="their-bridge").user
    token, _ = tokens.issue(theirs, "Their archive", ["exports.view"], actor=None)
    client = sign_in("administrator")
    page = client.get(reverse("token-list")).content.decode()
    assert "Their archive" not in page
    assert client.post(reverse("token-list"), {"revoke": token.pk}).status_code == 404
    assert "their-bridge" not in client.get(reverse("token-new")).content.decode()
    form = {"user": theirs.pk, "name": "Mine", "scopes": ["exports.view"]}
    assert client.post(reverse("token-new"), form).status_code == 422
    own = RoleFactory(role="system", office=agency, user__is_system=True).user
    tokens.issue(own, "Our archive", ["exports.view"], actor=None)
    assert "Our archive" in client.get(reverse("token-list")).content.decode()


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


def _portal_event(label: str) -> None:
    """Something that the portal did by itself, to no office's thing."""
    with transaction.atomic():
        log.record("account.added", User.objects.create_user(label), actor=None)


def _reads(client: Client, words: str) -> bool:
    return words in client.get(reverse("audit-list")).content.decode()


def test_events_of_no_office_are_for_who_reaches_every_agency(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    """One agency beside another must not read about its accounts."""
    _portal_event("bridge-of-one-agency")
    auditor = sign_in("auditor")
    assert _reads(auditor, "bridge-of-one-agency")
    other = OfficeFactory(kind="agency")
    stranger = sign_in("auditor", other)
    assert not _reads(auditor, "bridge-of-one-agency")
    assert not _reads(stranger, "bridge-of-one-agency")
    both = RoleFactory(role="auditor", office=agency).user
    RoleFactory(user=both, role="auditor", office=other)
    client = Client()
    client.force_login(both)
    assert _reads(client, "bridge-of-one-agency")


def test_a_root_where_nobody_works_hides_no_event(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    """Neither one that nobody was ever given, nor one whose people have all left."""
    _portal_event("bridge")
    auditor = sign_in("auditor")
    OfficeFactory(kind="agency", name="Shell")
    RoleFactory(role="administrator", ends_on=date(2021, 1, 4))
    RoleFactory(role="administrator", user__is_active=False)
    assert _reads(auditor, "bridge")


def test_what_somebody_does_to_no_office_is_read_in_their_own_agency(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    below = OfficeFactory(parent=agency)
    administrator = RoleFactory(role="administrator", office=below).user
    stranger = sign_in("auditor", OfficeFactory(kind="agency"))
    add_system(username="bridge", actor=administrator)
    assert AuditEvent.objects.get().office_id == agency.pk
    assert _reads(sign_in("auditor"), "bridge")
    assert not _reads(stranger, "bridge")


def test_an_office_that_is_part_of_nothing_is_not_added(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    """Nobody would reach it, so nobody would read what happens there."""
    form = {"name": "Shell", "code": "SHELL", "kind": "agency"}
    answer = sign_in("administrator").post(reverse("office-new"), form)
    assert answer.status_code == 422
    assert "parent" in answer.context["form"].errors
    assert not Office.objects.filter(code="SHELL").exists()


def test_events_of_a_token_belong_to_the_office_where_it_works(agency: Office) -> None:
    administrator = RoleFactory(role="administrator", office=agency).user
    system = RoleFactory(role="system", office=agency, user__is_system=True).user
    token, _ = tokens.issue(system, "Archive", ["messages.view"], actor=administrator)
    tokens.approve(
        token,
        seen=tokens.covered(token).digest,
        actor=RoleFactory(role="records_officer", office=agency).user,
    )
    tokens.revoke(token, actor=administrator)
    events = AuditEvent.objects.filter(action__startswith="token.")
    assert [event.office_id for event in events] == [agency.pk] * 3
