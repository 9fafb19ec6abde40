"""NARA's letters and extensions (cases T1 to T4, T19 and T24 of the regulation's acceptance tests)."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.agency.models import Office, User
from portal.audit.models import AuditEvent
from portal.errors import Refused, UserError
from records.models import Document
from reports import clocks
from reports.case_ids import year_disagrees
from reports.deadlines import nara_written_follow_up
from reports.models import Incident, NaraLetter
from reports.services import letters
from tests.factories import (
    DocumentFactory,
    IncidentFactory,
    OfficeFactory,
    RoleFactory,
    SetupFactory,
)

pytestmark = pytest.mark.django_db
SEED = date(2021, 10, 26)


@pytest.fixture
def agency() -> Office:
    SetupFactory()
    return OfficeFactory(kind="agency")


@pytest.fixture
def officer(agency: Office) -> User:
    return RoleFactory(role="records_officer", office=agency).user


@pytest.fixture
def incident(agency: Office) -> Incident:
    return IncidentFactory(office=agency)


@pytest.fixture
def browser(officer: User) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def _letter(incident: Incident, officer: User, dated: date = SEED, **more: object) -> NaraLetter:
    return letters.record_letter(incident, dated=dated, addressee="The CIO", actor=officer, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dated", "due", "falls_on", "submit_by"),
    [
        pytest.param(SEED, date(2021, 11, 25), "Thanksgiving Day", date(2021, 11, 24), id="T1"),
        pytest.param(date(2022, 7, 19), date(2022, 8, 18), "", date(2022, 8, 18), id="T2"),
        pytest.param(date(2023, 6, 15), date(2023, 7, 15), "Saturday", date(2023, 7, 14), id="T3"),
    ],
)
def test_a_letter_starts_the_clock_from_its_own_date(
    dated: date, due: date, falls_on: str, submit_by: date, incident: Incident, officer: User
) -> None:
    _letter(incident, officer, dated, received_on=dated.replace(day=dated.day + 2))
    governing = clocks.of_incident(incident)
    assert governing is not None
    deadline = governing[1]
    assert (deadline.due, deadline.submit_by) == (due, submit_by)
    assert falls_on in deadline.falls_on


def test_t4_the_follow_up_to_a_call_skips_veterans_day() -> None:
    assert nara_written_follow_up(date(2021, 11, 8)).due == date(2021, 11, 16)


def test_without_a_letter_no_date_runs(incident: Incident) -> None:
    assert clocks.of_incident(incident) is None


def test_the_last_letter_governs(incident: Incident, officer: User) -> None:
    _letter(incident, officer)
    second = _letter(incident, officer, date(2022, 1, 10), response_days=15)
    governing = clocks.of_incident(incident)
    assert governing is not None and governing[0] == second
    assert (governing[1].due, second.clock) == (date(2022, 1, 25), NaraLetter.Clock.OTHER)


def test_t19_more_time_moves_the_date_only_with_naras_letter(
    incident: Incident, officer: User
) -> None:
    letter = _letter(incident, officer)
    extension = letters.request_extension(
        letter, requested_on=date(2021, 11, 15), reason="Volume", actor=officer
    )
    assert clocks.of_letter(letter).due == date(2021, 11, 25)
    decided = {"decided_on": date(2021, 11, 18), "actor": officer}
    with pytest.raises(UserError, match="new date and NARA's letter"):
        letters.decide_extension(extension, granted=True, new_due=date(2021, 12, 15), **decided)
    assert clocks.of_letter(letter).due == date(2021, 11, 25)
    granted = DocumentFactory(office=incident.office)
    letters.decide_extension(
        extension, granted=True, new_due=date(2021, 12, 15), document=granted, **decided
    )
    deadline = clocks.of_letter(NaraLetter.objects.get(pk=letter.pk))
    assert deadline.due == date(2021, 12, 15)
    assert "November 25, 2021" in " ".join(deadline.steps)


def test_time_not_granted_leaves_the_date(incident: Incident, officer: User) -> None:
    letter = _letter(incident, officer)
    extension = letters.request_extension(
        letter, requested_on=date(2021, 11, 15), reason="Volume", actor=officer
    )
    letters.decide_extension(
        extension,
        granted=False,
        decided_on=date(2021, 11, 18),
        new_due=date(2021, 12, 15),
        actor=officer,
    )
    assert clocks.of_letter(letter).due == date(2021, 11, 25)
    assert extension.new_due is None


def test_t24_the_case_ids_year_is_the_fiscal_year_of_opening(
    incident: Incident, officer: User, browser: Client
) -> None:
    assert year_disagrees("UD-2022-0001", SEED) == ""
    assert "fiscal year 2022" in year_disagrees("UD-2021-0001", SEED)
    _letter(incident, officer)
    url = reverse("incident-detail", args=[incident.number])
    for case_id, warned in (("UD-2022-0001", False), ("UD-2021-0001", True)):
        Incident.objects.filter(pk=incident.pk).update(nara_case=case_id)
        assert bool(browser.get(url).context["case_warning"]) is warned


def test_what_a_letter_asks_becomes_numbered_items_and_its_document_an_exhibit(
    incident: Incident, officer: User
) -> None:
    document = DocumentFactory(office=incident.office)
    letter = _letter(
        incident,
        officer,
        asks=["Corrective actions", "  ", "Policies and training"],
        document=document,
    )
    assert [(item.number, item.asks) for item in letter.items.all()] == [
        (1, "Corrective actions"),
        (2, "Policies and training"),
    ]
    assert list(incident.documents.all()) == [document]


def test_each_change_of_a_letter_is_one_audit_event(incident: Incident, officer: User) -> None:
    letter = _letter(incident, officer, asks=["One", "Two"])
    extension = letters.request_extension(
        letter, requested_on=date(2021, 11, 1), reason="x", actor=officer
    )
    letters.decide_extension(extension, granted=False, decided_on=date(2021, 11, 2), actor=officer)
    actions = list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))
    assert actions == ["letter.recorded", "extension.requested", "extension.refused"]


@pytest.mark.parametrize("role", ["liaison", "schedule_signer", "custodian", "nara_reviewer"])
def test_only_a_records_officer_records_letters(role: str, incident: Incident) -> None:
    with pytest.raises(Refused):
        _letter(incident, RoleFactory(role=role, office=incident.office).user)


def test_a_letter_cannot_arrive_before_its_own_date(incident: Incident, officer: User) -> None:
    with pytest.raises(UserError, match="before its own date"):
        _letter(incident, officer, received_on=date(2021, 10, 25))


def test_a_letter_is_recorded_in_the_browser_with_its_file(
    incident: Incident, browser: Client
) -> None:
    form = {
        "dated": "2021-10-26",
        "received_on": "2021-10-28",
        "addressee": "The CIO",
        "response_days": 30,
        "asks": "Corrective actions\n\nPolicies",
        "file": SimpleUploadedFile("letter.pdf", b"%PDF-1.7 sample"),
    }
    browser.post(reverse("letter-new", args=[incident.number]), form)
    letter = NaraLetter.objects.get()
    assert (
        letter.items.count() == 2
        and letter.document
        and letter.document.title == "NARA letter of October 26, 2021"
    )
    page = browser.get(reverse("incident-detail", args=[incident.number])).content.decode()
    assert "Thursday, November 25, 2021" in page and "Thanksgiving Day" in page
    assert "Wednesday, November 24, 2021" in page


def test_a_wrong_date_seals_no_file(incident: Incident, browser: Client) -> None:
    form = {
        "dated": "2021-10-26",
        "received_on": "2021-10-20",
        "addressee": "The CIO",
        "response_days": 30,
        "file": SimpleUploadedFile("letter.pdf", b"%PDF-1.7 sample"),
    }
    response = browser.post(reverse("letter-new", args=[incident.number]), form)
    assert response.status_code == 422
    assert not Document.objects.exists()


def test_an_extension_is_asked_and_decided_in_the_browser(
    incident: Incident, officer: User, browser: Client
) -> None:
    letter = _letter(incident, officer)
    url = reverse("extension-new", args=[incident.number, letter.pk])
    browser.post(url, {"requested_on": "2021-11-15", "reason": "Volume"})
    extension = letter.extensions.get()
    decide = reverse("extension-decide", args=[incident.number, extension.pk])
    refused = browser.post(decide, {"granted": "yes", "decided_on": "2021-11-18"})
    assert refused.status_code == 422
    document = DocumentFactory(office=incident.office)
    browser.post(
        decide,
        {
            "granted": "yes",
            "decided_on": "2021-11-18",
            "new_due": "2021-12-15",
            "document": document.pk,
        },
    )
    page = browser.get(reverse("incident-detail", args=[incident.number])).content.decode()
    assert "December 15, 2021" in page
