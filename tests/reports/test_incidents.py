"""Incidents: opened from findings or a tip, kept by two editors, walked through their life cycle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.agency.models import Office, User
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Refused, UserError
from reports.models import Incident
from reports.services import incidents
from tests.factories import (
    CustodianFactory,
    DocumentFactory,
    ExportFactory,
    FindingFactory,
    IncidentFactory,
    OfficeFactory,
    RoleFactory,
    SetupFactory,
)

pytestmark = pytest.mark.django_db
BASE = {
    "title": "Messages not retained",
    "kinds": ["destruction"],
    "occurrence": "actual",
    "origin": "tip",
    "discovered_on": date(2021, 9, 20),
}


@pytest.fixture
def agency() -> Office:
    SetupFactory()
    return OfficeFactory(kind="agency")


@pytest.fixture
def officer(agency: Office) -> User:
    return RoleFactory(role="records_officer", office=agency).user


@pytest.fixture
def browser(officer: User) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def test_an_incident_is_opened_from_findings_with_one_audit_event(
    agency: Office, officer: User
) -> None:
    finding = FindingFactory(export__office=agency)
    incident = incidents.open_incident(office=agency, actor=officer, findings=[finding], **BASE)
    assert incident.number.startswith("INC-") and incident.state == "reported"
    assert incident.get_state_display() == "Opened"  # nothing has been reported to NARA yet
    assert [link.finding for link in incident.incident_findings.all()] == [finding]
    assert AuditEvent.objects.get().detail["findings"] == [str(finding)]


CHANGES: dict[str, Callable[[Incident, User], Any]] = {
    "edit": lambda i, by: incidents.edit_incident(i, revision=i.revision, actor=by, title="Other"),
    "add_findings": lambda i, by: incidents.add_findings(
        i, [FindingFactory(export__office=i.office)], actor=by
    ),
    "remove_finding": lambda i, by: incidents.remove_finding(
        i, FindingFactory(export__office=i.office), actor=by
    ),
    "add_document": lambda i, by: incidents.add_document(
        i, DocumentFactory(office=i.office), actor=by
    ),
    "triage": lambda i, by: incidents.advance_incident(i, "triage", actor=by),
    "dismiss": lambda i, by: incidents.advance_incident(
        i, "dismiss", actor=by, reason="Not a record"
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_writes_exactly_one_audit_event(
    name: str, agency: Office, officer: User
) -> None:
    CHANGES[name](IncidentFactory(office=agency), officer)
    assert [event.actor_id for event in AuditEvent.objects.all()] == [officer.pk]


@pytest.mark.parametrize("role", ["liaison", "counsel", "administrator", "nara_reviewer"])
@pytest.mark.parametrize("name", CHANGES)
def test_only_a_records_officer_keeps_incidents(name: str, role: str, agency: Office) -> None:
    somebody = RoleFactory(role=role, office=agency).user
    with pytest.raises(Refused):
        CHANGES[name](IncidentFactory(office=agency), somebody)
    assert not AuditEvent.objects.exists()


def test_a_program_official_reports_for_their_own_office_only(agency: Office) -> None:
    office = OfficeFactory(parent=agency)
    official = RoleFactory(role="custodian", office=office).user
    assert incidents.open_incident(office=office, actor=official, **BASE).state == "reported"
    with pytest.raises(Refused):
        incidents.open_incident(office=agency, actor=official, **BASE)


def test_findings_of_another_agency_cannot_be_cited(agency: Office, officer: User) -> None:
    with pytest.raises(Refused, match="not yours"):
        incidents.open_incident(office=agency, actor=officer, findings=[FindingFactory()], **BASE)
    assert not Incident.objects.exists()


def test_a_limb_needs_its_kind(agency: Office, officer: User) -> None:
    with pytest.raises(UserError, match="not chosen as a kind"):
        incidents.open_incident(office=agency, actor=officer, **{**BASE, "limbs": ["removal"]})


def test_the_last_date_cannot_lie_before_the_first(agency: Office, officer: User) -> None:
    dates = {"occurred_from": date(2019, 1, 2), "occurred_to": date(2019, 1, 1)}
    with pytest.raises(UserError, match="before the first"):
        incidents.open_incident(office=agency, actor=officer, **BASE, **dates)


@pytest.mark.parametrize("case_id", ["UD-22-1", "2022-0001", "UD-2022-00011"])
def test_a_case_id_has_naras_form(case_id: str, agency: Office, officer: User) -> None:
    with pytest.raises(UserError, match="form of a NARA case id"):
        incidents.open_incident(office=agency, actor=officer, nara_case=case_id, **BASE)


def test_the_second_of_two_editors_is_told(agency: Office, officer: User) -> None:
    incident = IncidentFactory(office=agency)
    again = Incident.objects.get(pk=incident.pk)
    incidents.edit_incident(incident, revision=1, actor=officer, title="First")
    with pytest.raises(Conflict, match="Somebody else"):
        incidents.edit_incident(again, revision=1, actor=officer, title="Second")
    again.refresh_from_db()
    assert (again.title, again.revision) == ("First", 2)


def test_a_dismissal_needs_a_reason_and_can_be_reopened(agency: Office, officer: User) -> None:
    incident = IncidentFactory(office=agency)
    with pytest.raises(UserError):
        incidents.advance_incident(incident, "dismiss", actor=officer)
    incidents.advance_incident(incident, "dismiss", actor=officer, reason="Duplicate")
    incidents.advance_incident(incident, "reopen", actor=officer, reason="It was none")
    assert incident.state == "investigating"


def test_a_step_from_another_state_conflicts(agency: Office, officer: User) -> None:
    incident = IncidentFactory(office=agency, state="closed")
    with pytest.raises(Conflict):
        incidents.advance_incident(incident, "triage", actor=officer)


def test_the_page_of_an_incident_is_seen_in_its_agency_only(
    agency: Office, browser: Client
) -> None:
    mine, other = IncidentFactory(office=agency), IncidentFactory()
    assert browser.get(reverse("incident-detail", args=[mine.number])).status_code == 200
    for name in ("incident-detail", "incident-edit", "incident-findings", "letter-new"):
        assert browser.get(reverse(name, args=[other.number])).status_code == 404, name
    assert other.number not in browser.get(reverse("incident-list")).content.decode()


def test_the_form_is_filled_from_the_findings_chosen(agency: Office, browser: Client) -> None:
    office = OfficeFactory(parent=agency)
    finding = FindingFactory(export=ExportFactory(office=office))
    page = browser.get(reverse("incident-new"), {"finding": [finding.pk, FindingFactory().pk]})
    initial = page.context["form"].initial
    assert page.context["findings"] == [finding]
    assert (initial["offices"], initial["custodians"]) == (
        [office.pk],
        [finding.export.custodian_id],
    )
    assert initial["office"] == agency.pk and initial["origin"] == "findings"
    assert not {"occurrence", "kinds"} & set(initial), "whether and how is for a person to choose"


def test_an_incident_is_not_opened_before_a_person_says_what_happened(
    agency: Office, browser: Client
) -> None:
    form = {**BASE, "office": agency.pk, "occurrence": "", "kinds": []}
    page = browser.post(reverse("incident-new"), form)
    assert set(page.context["form"].errors) == {"occurrence", "kinds"}
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("confidence", "state", "warned"),
    [
        ("indicator", "open", True),
        ("indicator", "confirmed", False),
        ("certain", "open", False),
    ],
)
def test_an_unjudged_indicator_is_told_beside_the_choice(
    confidence: str, state: str, warned: bool, agency: Office, browser: Client
) -> None:
    finding = FindingFactory(export__office=agency, confidence=confidence, state=state)
    page = browser.get(reverse("incident-new"), {"finding": finding.pk})
    words = str(page.context["form"].fields["occurrence"].help_text)
    assert (f"not judged yet: {finding}" in words) == warned


def test_an_incident_is_opened_in_the_browser_with_its_findings(
    agency: Office, browser: Client
) -> None:
    finding = FindingFactory(export__office=agency)
    form = {
        **BASE,
        "office": agency.pk,
        "finding": finding.pk,
        "documents": DocumentFactory(office=agency).pk,
    }
    response = browser.post(reverse("incident-new"), form)
    incident = Incident.objects.get()
    assert response.url == reverse("incident-detail", args=[incident.number])
    assert incident.incident_findings.get().finding == finding and incident.documents.count() == 1


def test_saving_an_incident_keeps_what_its_editor_cannot_see(agency: Office) -> None:
    office = OfficeFactory(parent=agency)
    incident = IncidentFactory(office=office)
    hidden = CustodianFactory(office=agency)
    incident.custodians.add(hidden)
    client = Client()
    client.force_login(RoleFactory(role="records_officer", office=office).user)
    page = client.get(reverse("incident-edit", args=[incident.number]))
    form = {**BASE, "revision": 1, "custodians": page.context["form"].initial["custodians"]}
    assert client.post(reverse("incident-edit", args=[incident.number]), form).status_code == 302
    assert list(incident.custodians.all()) == [hidden]


def test_an_edit_on_an_old_page_says_that_somebody_else_was_faster(
    agency: Office, browser: Client
) -> None:
    incident = IncidentFactory(office=agency, revision=3)
    response = browser.post(
        reverse("incident-edit", args=[incident.number]), {**BASE, "revision": 2, "title": "Late"}
    )
    assert response.status_code == 409 and "Somebody else changed" in response.content.decode()
    incident.refresh_from_db()
    assert incident.title != "Late"


def test_steps_are_taken_on_the_page(agency: Office, browser: Client) -> None:
    incident = IncidentFactory(office=agency)
    url = reverse("incident-step", args=[incident.number])
    browser.post(url, {"step": "triage"})
    browser.post(url, {"step": "close", "reason": "x"})
    incident.refresh_from_db()
    assert incident.state == "triage"
    assert browser.get(url).status_code == 405


def test_findings_are_added_and_taken_out_on_the_page(agency: Office, browser: Client) -> None:
    incident, finding = IncidentFactory(office=agency), FindingFactory(export__office=agency)
    dismissed = FindingFactory(export=finding.export, state="dismissed")
    url = reverse("incident-findings", args=[incident.number])
    assert [row.pk for row in browser.get(url).context["offered"]] == [finding.pk]
    browser.post(url, {"finding": [finding.pk, dismissed.pk]})
    assert [link.finding_id for link in incident.incident_findings.all()] == [finding.pk]
    browser.post(url, {"remove": finding.pk})
    assert not incident.incident_findings.exists()


def test_incidents_concerning_an_office_are_found_from_above_and_by_mention(
    agency: Office, browser: Client
) -> None:
    office = OfficeFactory(parent=agency)
    own, mentioned, other = (
        IncidentFactory(office=office), IncidentFactory(office=agency), IncidentFactory(office=agency),
    )  # fmt: skip
    mentioned.offices.add(office)
    page = browser.get(reverse("incident-list"), {"office": office.pk})
    assert (
        {row.record.pk for row in page.context["table"].rows}
        == {own.pk, mentioned.pk}
        != {other.pk}
    )
