"""The reading room: what a NARA reviewer sees, and what does not exist for them (T18)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from portal.audit.models import AuditEvent
from portal.jobs.models import Job
from portal.vault.store import path_of
from records.models import Finding
from reports.models import Incident, Submission
from reports.services import fields, reports, signing, submissions
from reports.services.fields import Change
from reports.tasks import build_package
from tests import factories
from tests.reports import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return cases.make(nara_case="UD-2022-0001")


@pytest.fixture
def submission(case):
    version = cases.submitted(case)
    build_package(str(Job.objects.get(kind=submissions.BUILD_TASK, state="queued").pk))
    return Submission.objects.get(version=version)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def reviewer(case):
    return client_of(case.reviewer)


def room(name, submission, *args):
    return reverse(f"reading-room-{name}", args=[submission.number, *args])


def test_list_has_the_columns_of_nara(case, submission, reviewer):
    page = reviewer.get(reverse("reading-room")).content.decode()
    for words in ("Department of Samples", "Border Agency", "UD-2022-0001", submission.number):
        assert words in page


def test_list_filters_by_case_id(case, submission, reviewer):
    address = reverse("reading-room")
    assert reviewer.get(address, {"case": "UD-2022"}).context["total"] == 1
    assert reviewer.get(address, {"case": "UD-1999"}).context["total"] == 0


def test_drafts_do_not_exist_in_list_or_counts(case, reviewer):
    cases.signed(case)
    response = reviewer.get(reverse("reading-room"))
    assert response.context["total"] == 0
    assert "RPT-" not in response.content.decode()


def test_home_leads_a_reviewer_to_the_reading_room(case, reviewer):
    assert reviewer.get(reverse("home")).url == reverse("reading-room")


def test_detail_reads_from_the_frozen_report_only(case, submission, reviewer):
    Incident.objects.update(title="A later title")
    Finding.objects.update(title="A later finding", explanation="Later words.")
    page = reviewer.get(room("submission", submission)).content.decode()
    assert "Messages not retained" in page
    for words in ("A later title", "A later finding", "Later words."):
        assert words not in page


def test_findings_are_shown_with_their_text(case, submission, reviewer):
    page = reviewer.get(room("submission", submission)).content.decode()
    assert "41 entries show it." in page


def test_every_look_is_in_the_audit_log_and_nothing_else_is_written(case, submission, reviewer):
    before = AuditEvent.objects.count()
    for name, args in (("submission", ()), ("pdf", ()), ("verify", ()), ("exhibit", (1,))):
        response = reviewer.get(room(name, submission, *args))
        assert response.status_code == 200
    opened = AuditEvent.objects.filter(action="submission.opened").order_by("sequence")
    assert [event.detail["part"] for event in opened] == ["report", "pdf", "verify", "exhibit 1"]
    assert {event.actor for event in opened} == {case.reviewer}
    assert AuditEvent.objects.count() == before + 4


def test_exhibit_is_the_sealed_file_as_a_download(case, submission, reviewer):
    response = reviewer.get(room("exhibit", submission, 1))
    expected = path_of(submission.version.frozen["exhibits"][0]["sha256"]).read_bytes()
    assert b"".join(response.streaming_content) == expected
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"


def test_only_exhibits_of_the_report_can_be_opened(case, submission, reviewer):
    factories.DocumentFactory(office=case.agency)
    assert reviewer.get(room("exhibit", submission, 3)).status_code == 404


def test_package_downloads_and_verifies(case, submission, reviewer, tmp_path):
    response = reviewer.get(reverse("submission-package", args=[submission.number]))
    assert b"".join(response.streaming_content) == path_of(submission.package.sha256).read_bytes()
    assert "No violation found" in reviewer.get(room("verify", submission)).content.decode()


def test_verify_now_finds_one_changed_byte(case, submission, reviewer):
    path = path_of(submission.package.sha256)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(content))
    page = reviewer.get(room("verify", submission)).content.decode()
    assert "No violation found" not in page
    assert "Do not rely on this package" in page


def test_versions_and_what_changed_between_them(case, submission, reviewer):
    first = submission.version
    second = reports.start_supplement(first, actor=case.officer)
    revision = second.fields.get(key="a3.cause").revision
    change = {"a3.cause": Change(revision, "The default timer was 24 hours.")}
    fields.save_fields(second, change, actor=case.officer)
    signing.send_for_signature(second, actor=case.officer)
    before = reviewer.get(room("submission", submission)).content.decode()
    assert "Version 2" not in before
    signing.sign(second, actor=case.signer)
    newer = submissions.submit(second, actor=case.signer)
    page = reviewer.get(room("submission", newer)).content.decode()
    assert "What changed since version 1" in page
    assert "The default timer was 24 hours." in page
    older = reviewer.get(room("submission", submission)).content.decode()
    assert "Superseded by a supplement" in older
    assert "The default timer was 24 hours." not in older


def test_submission_of_another_agency_is_404(case, submission):
    stranger = client_of(cases.person("nara_reviewer", factories.OfficeFactory()))
    assert stranger.get(reverse("reading-room")).context["total"] == 0
    for name, args in (("submission", ()), ("pdf", ()), ("verify", ()), ("exhibit", (1,))):
        assert stranger.get(room(name, submission, *args)).status_code == 404
    for name in ("submission-detail", "submission-package"):
        assert stranger.get(reverse(name, args=[submission.number])).status_code == 404
    assert not AuditEvent.objects.filter(action="submission.opened").exists()


def test_incident_report_and_evidence_pages_refuse_a_reviewer(case, submission, reviewer):
    number = submission.version.report.number
    finding = case.findings[0]
    for address in (
        reverse("incident-list"),
        reverse("incident-detail", args=[case.incident.number]),
        reverse("report-list"),
        reverse("report-detail", args=[number]),
        reverse("report-version", args=[number, 1]),
        reverse("export-list"),
        reverse("finding-detail", args=[finding.export.number, finding.number]),
    ):
        assert reviewer.get(address).status_code in (403, 404), address


def _patterns():
    for pattern in get_resolver("reports.web.urls").url_patterns:
        yield from getattr(pattern, "url_patterns", [pattern])


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_every_unsafe_request_of_a_reviewer_is_refused(case, submission, reviewer, method):
    values = {"number": submission.number, "section": "a1", "name": "a1-volume"}
    values |= dict.fromkeys(("version", "citation", "exhibit", "letter", "extension"), 1)
    before = AuditEvent.objects.count()
    tried = 0
    for pattern in _patterns():
        names = pattern.pattern.converters
        address = reverse(pattern.name, kwargs={name: values[name] for name in names})
        assert getattr(reviewer, method)(address).status_code == 403, address
        tried += 1
    assert tried >= 25
    assert AuditEvent.objects.count() == before
