"""Pages of custodians, messaging tools, schedules, filed conversations and documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.agency.models import Office
from portal.audit.models import AuditEvent
from records.models import Custodian, Document, MessagingTool, Schedule, ScheduleItem
from tests.factories import (
    ConversationFactory,
    CustodianFactory,
    DocumentFactory,
    ExportFactory,
    FindingFactory,
    IncidentFactory,
    MessagingToolFactory,
    OfficeFactory,
    RoleFactory,
    ScheduleItemFactory,
    SetupFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency() -> Office:
    SetupFactory()
    return OfficeFactory(kind="agency")


@pytest.fixture
def sign_in(agency: Office) -> Callable[..., Client]:
    def make(role: str = "records_officer", office: Office | None = None) -> Client:
        client = Client()
        client.force_login(RoleFactory(role=role, office=office or agency).user)
        return client

    return make


LISTS = ("custodian-list", "tool-list", "schedule-list", "conversation-list", "document-list")
FORMS = ("custodian-new", "tool-new", "schedule-new", "document-new")
MAY_READ = {
    "records_officer": set(LISTS),
    "liaison": set(LISTS),
    "auditor": set(LISTS),
    "counsel": set(LISTS),
    "custodian": {"custodian-list", "tool-list", "conversation-list"},
    "administrator": set(),
    "nara_reviewer": set(),
}
MAY_KEEP = {
    "records_officer": set(FORMS),
    "liaison": {"custodian-new", "tool-new", "document-new"},
    "auditor": set(),
    "nara_reviewer": set(),
}


@pytest.mark.parametrize("role", MAY_READ)
def test_each_role_sees_its_registers_even_empty(role: str, sign_in: Callable[..., Client]) -> None:
    client = sign_in(role)
    answers = {name: client.get(reverse(name)).status_code for name in LISTS}
    assert answers == {name: 200 if name in MAY_READ[role] else 403 for name in LISTS}


@pytest.mark.parametrize("role", MAY_KEEP)
def test_each_role_keeps_only_its_registers(role: str, sign_in: Callable[..., Client]) -> None:
    client = sign_in(role)
    answers = {name: client.get(reverse(name)).status_code for name in FORMS}
    assert answers == {name: 200 if name in MAY_KEEP[role] else 403 for name in FORMS}


def test_what_lies_outside_the_reach_does_not_exist(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("records_officer", OfficeFactory(parent=agency))
    custodian, document = CustodianFactory(office=agency), DocumentFactory(office=agency)
    for url in (
        reverse("custodian-detail", args=[custodian.pk]),
        reverse("custodian-edit", args=[custodian.pk]),
        reverse("document-detail", args=[document.number]),
        reverse("document-download", args=[document.number]),
    ):
        assert client.get(url).status_code == 404, url
    assert document.title not in client.get(reverse("document-list")).content.decode()


def test_a_custodian_is_added_and_shown_with_exports_findings_and_incidents(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    client = sign_in()
    form = {
        "office": agency.pk,
        "name": "Sector Chief",
        "title": "Chief",
        "starts_on": "2018-01-02",
    }
    response = client.post(reverse("custodian-new"), form, follow=True)
    custodian = Custodian.objects.get()
    export = ExportFactory(custodian=custodian, office=agency)
    FindingFactory(export=export, title="Timer on for a week")
    incident = IncidentFactory(office=agency)
    incident.custodians.add(custodian)
    page = client.get(response.redirect_chain[0][0]).content.decode()
    assert all(words in page for words in (export.number, "Timer on for a week", incident.number))


def test_the_list_counts_each_custodians_exports_and_findings(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    busy, idle = CustodianFactory(office=agency), CustodianFactory(office=agency)
    for number in range(2):
        export = ExportFactory(custodian=busy, office=agency)
        FindingFactory.create_batch(number + 1, export=export)
    FindingFactory(export=export, withdrawn=True)
    rows = {row.pk: row for row in sign_in().get(reverse("custodian-list")).context["table"].data}
    assert (rows[busy.pk].export_total, rows[busy.pk].finding_total) == (2, 3)
    assert (rows[idle.pk].export_total, rows[idle.pk].finding_total) == (0, 0)


@pytest.mark.parametrize(("wanted", "found"), [("with", 1), ("without", 2)])
def test_custodians_without_an_export_can_be_found(
    wanted: str, found: int, agency: Office, sign_in: Callable[..., Client]
) -> None:
    custodians = CustodianFactory.create_batch(3, office=agency)
    ExportFactory(custodian=custodians[0], office=agency)
    page = sign_in().get(reverse("custodian-list"), {"exports": wanted})
    assert page.context["total"] == found


def test_a_tool_is_added_changed_and_found_by_its_flags(sign_in: Callable[..., Client]) -> None:
    client = sign_in()
    client.post(reverse("tool-new"), {"name": "WhatsApp", "deletes_itself": "on"})
    tool = MessagingTool.objects.get()
    MessagingToolFactory(approved=True)
    listed = client.get(reverse("tool-list"), {"deletes_itself": "yes", "approved": "no"})
    assert [row.record for row in listed.context["table"].rows] == [tool]
    client.post(reverse("tool-edit", args=[tool.pk]), {"name": "WhatsApp", "approved": "on"})
    tool.refresh_from_db()
    assert tool.approved and not tool.deletes_itself
    assert client.get(reverse("tool-detail", args=[tool.pk])).status_code == 200


def test_a_tool_of_which_only_the_name_is_known_does_not_keep_messages(
    sign_in: Callable[..., Client],
) -> None:
    client = sign_in()
    client.post(reverse("tool-new"), {"name": "Signal"})
    unknown = MessagingTool.objects.get()
    kept = MessagingToolFactory(auto_delete_setting="Off, set for all accounts")
    page = client.get(reverse("tool-detail", args=[unknown.pk])).content.decode()
    assert "not known" in page
    assert "Keeps messages" not in page
    assert "Keeps messages" in client.get(reverse("tool-detail", args=[kept.pk])).content.decode()
    for value, tool in (("unknown", unknown), ("no", kept)):
        listed = client.get(reverse("tool-list"), {"deletes_itself": value})
        assert [row.record for row in listed.context["table"].rows] == [tool]


def test_a_day_in_the_future_is_no_day_on_which_somebody_looked(
    sign_in: Callable[..., Client],
) -> None:
    response = sign_in().post(reverse("tool-new"), {"name": "X", "checked_on": "2999-01-01"})
    assert response.status_code == 422 and not MessagingTool.objects.exists()


def test_an_item_says_honestly_what_is_verified(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    client = sign_in()
    client.post(
        reverse("schedule-new"), {"code": "GRS 6.1", "title": "Messages", "agency": agency.pk}
    )
    schedule = Schedule.objects.get()
    form = {
        "number": "011", "title": "All others", "disposition": "temporary", "retention": "Delete when 7 years old",
        "years": 7, "cutoff": "calendar_year", "authority": "DAA-GRS-2022-0006-0002", "text_verified": "on",
    }  # fmt: skip
    client.post(reverse("schedule-item-new", args=[schedule.pk]), form)
    item = ScheduleItem.objects.get()
    assert (
        "Not verified"
        in client.get(reverse("schedule-item-detail", args=[item.pk])).content.decode()
    )
    assert "Text verified, number not" in client.get(reverse("schedule-list")).content.decode()
    client.post(reverse("schedule-item-edit", args=[item.pk]), {**form, "authority_verified": "on"})
    page = client.get(reverse("schedule-item-detail", args=[item.pk])).content.decode()
    assert "Not verified" not in page


def test_a_temporary_schedule_of_another_agency_is_not_there(
    sign_in: Callable[..., Client],
) -> None:
    item = ScheduleItemFactory(schedule__agency=OfficeFactory(kind="agency"))
    client = sign_in()
    for name in ("schedule-item-detail", "schedule-item-edit"):
        assert client.get(reverse(name, args=[item.pk])).status_code == 404


def test_conversations_under_an_item_are_counted_and_listed(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    client, item = sign_in(), ScheduleItemFactory()
    here = ConversationFactory(export__office=agency, office=agency, schedule_item=item)
    ConversationFactory(export__office=agency, office=agency)
    elsewhere = OfficeFactory()
    ConversationFactory(export__office=elsewhere, office=elsewhere, schedule_item=item)
    assert client.get(reverse("schedule-item-detail", args=[item.pk])).context["filed_total"] == 1
    under = client.get(reverse("conversation-list"), {"item": item.pk})
    assert [row.record for row in under.context["table"].rows] == [here]
    assert client.get(reverse("conversation-list"), {"state": "unscheduled"}).context["total"] == 1
    listed = client.get(reverse("schedule-list")).context
    assert (listed["filed"], listed["unscheduled"]) == (1, 1)


def test_who_may_not_read_messages_gets_no_link_into_a_conversation(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    conversation = ConversationFactory(export__office=agency, office=agency)
    url = reverse("conversation-detail", args=[conversation.export.number, conversation.index])
    pages = {
        role: sign_in(role).get(reverse("conversation-list")) for role in ("auditor", "counsel")
    }
    assert url in pages["counsel"].content.decode()
    assert url not in pages["auditor"].content.decode()


def test_a_document_is_sealed_shown_with_its_hash_and_downloaded_as_a_file(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    client = sign_in()
    form = {
        "file": SimpleUploadedFile("alert.html", b"<script>alert(1)</script>"),
        "title": "Management alert",
        "kind": "oig_report",
        "office": agency.pk,
    }
    page = client.post(reverse("document-new"), form, follow=True)
    document = Document.objects.get()
    assert document.stored_file.sha256 in page.content.decode()
    response = client.get(reverse("document-download", args=[document.number]))
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"


def test_a_copy_of_a_document_is_noted_with_who_took_it(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    document = DocumentFactory(office=agency)
    client = sign_in("auditor")
    client.get(reverse("document-detail", args=[document.number]))
    assert not AuditEvent.objects.filter(action="document.copied").exists()
    client.get(reverse("document-download", args=[document.number]))
    event = AuditEvent.objects.get(action="document.copied")
    assert (event.object_id, event.office_id) == (str(document.pk), agency.pk)
    assert event.actor_id == int(client.session["_auth_user_id"])
    assert event.detail == {"sha256": document.stored_file.sha256}


def test_a_document_names_the_incidents_that_rest_on_it_as_far_as_one_may_see_them(
    agency: Office, sign_in: Callable[..., Client]
) -> None:
    document = DocumentFactory(office=agency)
    seen, hidden = IncidentFactory(office=agency), IncidentFactory()
    for incident in (seen, hidden):
        incident.documents.add(document)
    page = sign_in().get(reverse("document-detail", args=[document.number])).content.decode()
    assert seen.number in page and hidden.number not in page


@pytest.mark.parametrize("name", LISTS)
def test_every_list_downloads_as_csv(
    name: str, agency: Office, sign_in: Callable[..., Client]
) -> None:
    DocumentFactory(office=agency)
    ConversationFactory(export__office=agency, office=agency, schedule_item=ScheduleItemFactory())
    response = sign_in().get(reverse(name), {"format": "csv"})
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 2 and "<" not in "".join(lines)
