"""Pages of a report: checklist, sections saved field by field, signing, submitting."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEvent
from portal.jobs.models import Job
from reports import citations
from reports.models import Citation, Field, ReportVersion, Submission
from reports.services import fields, signing, submissions
from reports.services.fields import Change
from tests import factories
from tests.reports import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return cases.make()


@pytest.fixture
def version(case):
    return cases.drafted(case)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def officer(case):
    return client_of(case.officer)


def url(name, version, *args):
    return reverse(name, args=[version.report.number, *args])


def form_of(version, section):
    """What a browser would send: every field of the section as it was shown."""
    data: dict[str, Any] = {}
    for field in version.fields.filter(key__startswith=f"{section}."):
        name = field.key.replace(".", "-")
        data |= {
            f"{name}-value": field.value.replace("\n", "\r\n"),
            f"{name}-state": field.state,
            f"{name}-reason": field.reason,
            f"{name}-revision": field.revision,
            f"{name}-seen": field.seen,
        }
    return data


def test_report_starts_from_the_incident_page(case, officer):
    response = officer.post(reverse("report-start", args=[case.incident.number]))
    version = ReportVersion.objects.get()
    assert response.url == url("report-detail", version)
    case.incident.refresh_from_db()
    assert case.incident.state == "reporting"


def test_checklist_shows_every_section_the_clock_and_what_blocks(case, version, officer):
    Field.objects.filter(version=version, key="a4.safeguards").update(value="")
    page = officer.get(url("report-detail", version)).content.decode()
    for words in ("(a)(1)", "(a)(5)", "Letter item 1", "November 25, 2021", "Thanksgiving"):
        assert words in page
    assert "No safeguard is stated" in page
    assert "36 CFR 1230.14(a)(4)" in page
    assert "1 error blocks the signature" in page
    assert f"{url('report-section', version, 'a4')}#field-a4-safeguards" in page


def test_every_prefilled_figure_links_to_its_evidence(case, version, officer):
    page = officer.get(url("report-section", version, "a1")).content.decode()
    row = Citation.objects.get(field__version=version, figure="41")
    assert url("citation-detail", version, row.pk) in page
    sum_page = officer.get(url("citation-detail", version, row.pk)).content.decode()
    finding = case.findings[1]
    assert reverse("finding-detail", args=[finding.export.number, finding.number]) in sum_page


@pytest.mark.parametrize("key", ["a1.description", "a2.office", "a3.narrative", "a5.actions"])
def test_citation_chips_open_pages_that_exist(case, version, officer, key):
    rows = list(Citation.objects.filter(field__version=version, field__key=key))
    urls = citations.urls_of(rows, version.report.number)
    assert rows
    for row in rows:
        assert urls[row.pk], row
        assert officer.get(urls[row.pk]).status_code == 200, urls[row.pk]


def test_field_is_saved_as_it_is_left(case, version, officer):
    data = {"a3-cause-value": "No rule.", "a3-cause-state": "given", "a3-cause-revision": 1}
    response = officer.post(
        url("report-field", version, "a3", "a3-cause"), data, headers={"HX-Request": "true"}
    )
    assert response.status_code == 200
    assert "Saved" in response.content.decode()
    assert 'name="a3-cause-revision" value="2"' in response.content.decode()
    assert version.fields.get(key="a3.cause").value == "No rule."


def test_conflict_answers_409_with_both_texts_and_who(case, version, officer):
    fields.save_field(version, "a3.cause", Change(1, "Theirs stands."), actor=case.officer)
    data = {"a3-cause-value": "Mine waits.", "a3-cause-state": "given", "a3-cause-revision": 1}
    address = url("report-field", version, "a3", "a3-cause")
    response = officer.post(address, data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Theirs stands." in page
    assert "Mine waits." in page
    assert str(case.officer) in page
    assert version.fields.get(key="a3.cause").value == "Theirs stands."
    kept = officer.post(address, {**data, "a3-cause-keep": 2})
    assert kept.status_code == 200
    assert version.fields.get(key="a3.cause").value == "Mine waits."


def test_take_theirs_shows_the_stored_field(case, version, officer):
    fields.save_field(version, "a3.cause", Change(1, "Theirs stands."), actor=case.officer)
    page = officer.get(url("report-field", version, "a3", "a3-cause")).content.decode()
    assert "Theirs stands." in page


def test_not_known_without_reason_is_told_and_not_saved(case, version, officer):
    data = {"a1-volume-value": "", "a1-volume-state": "not_known", "a1-volume-revision": 1}
    response = officer.post(url("report-field", version, "a1", "a1-volume"), data)
    assert response.status_code == 422
    assert "write the reason" in response.content.decode()
    assert version.fields.get(key="a1.volume").state == "given"


def test_without_script_one_button_saves_all_that_changed(case, version, officer):
    data = form_of(version, "a3") | {"a3-cause-value": "No rule.", "a3-holds-value": "None."}
    before = AuditEvent.objects.count()
    response = officer.post(url("report-section", version, "a3"), data, follow=True)
    assert "2 fields saved." in response.content.decode()
    assert AuditEvent.objects.count() == before + 1
    assert version.fields.get(key="a3.narrative").revision == 1


def test_without_script_a_field_somebody_else_changed_is_no_conflict_if_i_left_it_alone(
    case, version, officer
):
    data = form_of(version, "a3") | {"a3-holds-value": "None."}
    fields.save_field(version, "a3.cause", Change(1, "Theirs."), actor=case.officer)
    response = officer.post(url("report-section", version, "a3"), data)
    assert response.status_code == 302
    assert version.fields.get(key="a3.cause").value == "Theirs."


def test_without_script_a_real_conflict_shows_both_texts(case, version, officer):
    data = form_of(version, "a3") | {"a3-cause-value": "Mine.", "a3-holds-value": "None."}
    fields.save_field(version, "a3.cause", Change(1, "Theirs."), actor=case.officer)
    response = officer.post(url("report-section", version, "a3"), data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Theirs." in page
    assert "Keep mine" in page
    assert version.fields.get(key="a3.holds").value == "None."


def test_save_and_go_on_leads_to_the_next_section(case, version, officer):
    data = form_of(version, "a1") | {"continue": "1"}
    response = officer.post(url("report-section", version, "a1"), data)
    assert response.url == url("report-section", version, "a2")


def test_unknown_section_and_field_are_404(case, version, officer):
    assert officer.get(url("report-section", version, "a9")).status_code == 404
    assert officer.get(url("report-field", version, "a1", "a1-nothing")).status_code == 404


def test_evidence_of_the_incident_can_be_cited_and_removed(case, version, officer):
    address = url("report-citations", version, "a3", "a3-cause")
    officer.post(address, {"document": case.documents[0].pk})
    row = Citation.objects.get(field__version=version, field__key="a3.cause")
    assert row.target_id == case.documents[0].pk
    officer.post(address, {"remove": row.pk})
    assert not Citation.objects.filter(field__version=version, field__key="a3.cause").exists()


def test_evidence_of_another_incident_cannot_be_cited(case, version, officer):
    stranger = cases.make()
    address = url("report-citations", version, "a3", "a3-cause")
    officer.post(
        address, {"document": stranger.documents[0].pk, "finding": stranger.findings[0].pk}
    )
    assert not Citation.objects.filter(field__version=version, field__key="a3.cause").exists()


def test_one_entry_of_a_conversation_can_be_cited(case, version, officer):
    conversation = case.exports[0].conversations.get()
    factories.MessageFactory(conversation=conversation, seq=7)
    address = url("report-citations", version, "a3", "a3-cause")
    wrong = officer.post(address, {"entry": "8", "entry_export": case.exports[0].pk})
    assert wrong.status_code == 422
    officer.post(address, {"entry": "7", "entry_export": case.exports[0].pk})
    row = Citation.objects.get(field__version=version, field__key="a3.cause")
    page = officer.get(url("report-section", version, "a3")).content.decode()
    assert (row.kind, row.seq) == ("message", 7)
    assert "?at=7" in page


def test_search_among_evidence_finds_by_words(case, version, officer):
    address = url("report-citations", version, "a3", "a3-cause")
    page = officer.get(address, {"q": "messaging"}).content.decode()
    assert "Policy on messaging" in page
    assert "OIG report" not in page


def test_drift_is_shown_and_can_be_taken(case, version, officer):
    case.findings[1].count = 40
    case.findings[1].save()
    row = Citation.objects.get(field__version=version, figure="41")
    address = url("citation-detail", version, row.pk)
    assert "The evidence has changed" in officer.get(address).content.decode()
    officer.post(address)
    row.refresh_from_db()
    assert row.figure == "40"


def test_preview_says_draft_and_its_pdf_is_the_rendition(case, version, officer):
    page = officer.get(url("report-preview", version)).content.decode()
    assert "DRAFT" in page
    response = officer.get(url("report-preview-pdf", version, 1))
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")


def test_markup_in_a_field_is_escaped_everywhere(case, version, officer):
    Field.objects.filter(version=version, key="a3.narrative").update(value="<script>bad()</script>")
    for name, *rest in (("report-section", "a3"), ("report-preview",)):
        page = officer.get(url(name, version, *rest)).content.decode()
        assert "<script>bad()" not in page
        assert "&lt;script&gt;bad()" in page


def test_sign_page_reads_its_evidence_once(case, version, django_assert_max_num_queries):
    signing.send_for_signature(version, actor=case.officer)
    signer = client_of(case.signer)
    signer.get(url("report-sign", version))
    with django_assert_max_num_queries(29):
        signer.get(url("report-sign", version))


def test_send_sign_submit_through_the_pages(case, version, officer):
    cases.complete(version, case.officer)
    officer.post(url("report-step", version), {"step": "send"})
    signer = client_of(case.signer)
    assert "Read and sign" in signer.get(url("report-detail", version)).content.decode()
    refused = signer.post(url("report-sign", version), {})
    assert refused.status_code == 422
    page: Any = signer.get(url("report-sign", version))
    read = page.context["form"].initial["read"]
    assert f'value="{read}"' in page.content.decode()
    late = signer.post(url("report-sign", version), {"statement": "on", "read": "0" * 64})
    assert late.status_code == 409, "the text has changed since the signer read it"
    signer.post(url("report-sign", version), {"statement": "on", "read": read})
    version.refresh_from_db()
    assert version.state == "approved"
    checklist = signer.get(url("report-detail", version)).content.decode()
    assert 'value="submit"' not in checklist, "one click on the checklist does not submit"
    assert f'href="{url("report-submit", version)}"' in checklist
    summary = signer.get(url("report-submit", version)).content.decode()
    assert not Submission.objects.exists()
    for told in (version.frozen_hash, str(version.signer.person), "cannot be undone"):
        assert told in summary
    assert 'value="submit"' in summary
    response: Any = signer.post(url("report-step", version), {"step": "submit"})
    submission = Submission.objects.get()
    assert response.url == reverse("submission-detail", args=[submission.number])
    again: Any = officer.post(url("report-step", version), {"step": "submit"})
    assert again.url == response.url
    receipt = signer.get(response.url).content.decode()
    assert submission.number in receipt
    assert version.frozen_hash in receipt
    assert submission.key_fingerprint in receipt
    assert 'hx-trigger="every 2s"' in receipt


def test_t16_officer_sees_why_the_button_is_off_and_posting_is_refused(case, version, officer):
    cases.complete(version, case.officer)
    signing.send_for_signature(version, actor=case.officer)
    page = officer.get(url("report-detail", version)).content.decode()
    assert 'aria-describedby="why-sign"' in page
    assert officer.post(url("report-sign", version), {"statement": "on"}).status_code == 403
    version.refresh_from_db()
    assert version.state == "in_review"


def test_returned_report_shows_the_reason_to_the_drafter(case, version, officer):
    cases.complete(version, case.officer)
    signing.send_for_signature(version, actor=case.officer)
    client_of(case.signer).post(
        url("report-step", version), {"step": "give_back", "reason": "Name the system."}
    )
    page = officer.get(url("report-detail", version)).content.decode()
    assert "Name the system." in page
    assert "Returned by the signer" in page


def test_warning_is_accepted_on_the_checklist(case, version, officer):
    page = officer.get(url("report-detail", version)).content.decode()
    seen = re.search(
        'name="code" value="C-OVERDUE"><input type="hidden" name="seen" value="(.+?)"', page
    )
    assert seen
    sent = {"code": "C-OVERDUE", "reason": "NARA agreed by phone.", "seen": seen[1]}
    officer.post(url("report-warning", version), sent)
    assert "NARA agreed by phone." in officer.get(url("report-detail", version)).content.decode()


def test_signed_report_is_read_only_on_its_pages(case, officer):
    version = cases.signed(case)
    page = officer.get(url("report-section", version, "a1")).content.decode()
    assert "cannot be changed" in page
    assert "hx-post" not in page
    data = {"a3-cause-value": "x", "a3-cause-state": "given", "a3-cause-revision": 1}
    assert officer.post(url("report-field", version, "a3", "a3-cause"), data).status_code == 409


def test_supplement_starts_from_the_submitted_report(case, officer):
    version = cases.submitted(case)
    officer.post(url("report-step", version), {"step": "supplement"})
    page = officer.get(url("report-detail", version)).content.decode()
    assert "version 2" in page
    assert "supplements" in page


def test_report_list_shows_the_newest_version_once(case, officer):
    version = cases.submitted(case)
    officer.post(url("report-step", version), {"step": "supplement"})
    response = officer.get(reverse("report-list"))
    assert response.context["total"] == 1
    assert [row.version for row in response.context["table"].data] == [2]
    csv = b"".join(officer.get(reverse("report-list"), {"format": "csv"}).streaming_content)
    assert version.report.number.encode() in csv


def test_home_tells_drafter_and_signer_what_waits(case, version, officer):
    assert version.report.number in officer.get(reverse("home")).content.decode()
    cases.complete(version, case.officer)
    signing.send_for_signature(version, actor=case.officer)
    page = client_of(case.signer).get(reverse("home")).content.decode()
    assert "Waiting for your signature" in page
    assert "Thursday, November 25, 2021" in page


@pytest.mark.parametrize("role", ["custodian", "nara_reviewer", "administrator", "system"])
def test_roles_without_reports_see_no_report_page(case, version, role):
    client = client_of(cases.person(role, case.agency))
    for name, args in (
        ("report-list", ()),
        ("report-detail", (version.report.number,)),
        ("report-section", (version.report.number, "a1")),
        ("report-preview", (version.report.number,)),
        ("report-sign", (version.report.number,)),
    ):
        assert client.get(reverse(name, args=args)).status_code == 403


def test_officer_of_another_agency_gets_404(case, version):
    stranger = client_of(cases.person("records_officer", factories.OfficeFactory()))
    assert stranger.get(url("report-detail", version)).status_code == 404
    assert stranger.get(url("report-preview-pdf", version, 1)).status_code == 404
    assert stranger.post(url("report-step", version), {"step": "send"}).status_code == 404


def test_a_look_at_the_receipt_is_kept_and_its_waiting_part_is_not(case, officer):
    number = Submission.objects.get(version=cases.submitted(case)).number
    looks = AuditEvent.objects.filter(action="submission.opened", actor=case.officer)
    officer.get(reverse("submission-detail", args=[number]), headers={"HX-Request": "true"})
    assert not looks.exists()
    officer.get(reverse("submission-detail", args=[number]))
    assert [event.detail["part"] for event in looks] == ["receipt"]


def test_failed_package_is_told_on_the_receipt(case, officer):
    version = cases.submitted(case)
    submission = Submission.objects.get(version=version)
    Job.objects.filter(kind=submissions.BUILD_TASK).update(
        state="failed", error_code="exhibit-differs", error="The exhibit differs."
    )
    page = officer.get(reverse("submission-detail", args=[submission.number])).content.decode()
    assert "exhibit-differs" in page
    assert "could not be built" in page


def test_home_shows_the_day_to_act_by_when_the_date_is_a_holiday(case, version, officer):
    # Thirty days from October 26, 2021 end on Thanksgiving Day.
    case.incident.letters.update(dated=date(2021, 10, 26), response_days=30)
    page = officer.get(reverse("home")).content.decode()
    assert '<time datetime="2021-11-24">Wednesday, November 24, 2021</time>' in page
    assert "Thursday, November 25, 2021, falls on Thanksgiving" in page
