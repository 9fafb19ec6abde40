"""Submitting once, the package, supplements, and who may see a submission."""

from __future__ import annotations

import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import connections

from portal.agency.models import RoleAssignment, User
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Refused
from portal.jobs import queue
from portal.jobs.models import Job
from portal.vault.store import path_of
from records.models import Finding
from reports import package
from reports.models import Citation, Incident, Submission
from reports.services import fields, reports, signing, submissions
from reports.services.fields import Change
from reports.tasks import build_package
from tests import factories
from tests.processes import Worker, wait_for
from tests.reports import cases


@pytest.fixture
def case(db):
    return cases.make()


def built(version) -> Any:
    submission = Submission.objects.get(version=version)
    build_package(str(Job.objects.get(kind=submissions.BUILD_TASK, state="queued").pk))
    submission.refresh_from_db()
    return submission


def test_submission_moves_report_and_incident_and_queues_the_package(case):
    version = cases.signed(case)
    before = AuditEvent.objects.count()
    receipt = submissions.submit(version, actor=case.signer)
    version.refresh_from_db()
    case.incident.refresh_from_db()
    assert (version.state, case.incident.state) == ("submitted", "submitted")
    assert receipt.number.startswith("SUB-")
    assert receipt.report_hash == version.frozen_hash
    assert AuditEvent.objects.count() == before + 1
    assert Job.objects.get().subject_id == str(receipt.pk)


def test_submitting_again_answers_the_same_receipt(case):
    version = cases.signed(case)
    first = submissions.submit(version, actor=case.signer)
    before = AuditEvent.objects.count()
    assert submissions.submit(version, actor=case.officer) == first
    assert AuditEvent.objects.count() == before


def test_unsigned_report_cannot_be_submitted(case):
    version = cases.complete(cases.drafted(case), case.officer)
    with pytest.raises(Conflict):
        submissions.submit(version, actor=case.signer)


@pytest.mark.parametrize("role", ["liaison", "counsel", "auditor", "nara_reviewer", "system"])
def test_only_signer_and_records_officer_submit(case, role):
    version = cases.signed(case)
    with pytest.raises(Refused):
        submissions.submit(version, actor=cases.person(role, case.agency))


@pytest.mark.django_db(transaction=True)
def test_100_clicks_make_one_submission():
    case = cases.make()
    version = cases.signed(case)

    def click(_: int) -> str:
        try:
            fresh = type(version).objects.get(pk=version.pk)
            return submissions.submit(fresh, actor=case.signer).number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(click, range(100)))
    assert numbers == {Submission.objects.get().number}
    assert AuditEvent.objects.filter(action="report.submitted").count() == 1
    assert Job.objects.filter(kind=submissions.BUILD_TASK).count() == 1


def test_package_verifies_and_holds_exhibits_and_the_audit_extract(case):
    version = cases.submitted(case)
    submission = built(version)
    path = path_of(submission.package.sha256)
    assert package.verify(path, fingerprint=submission.key_fingerprint) == []
    with zipfile.ZipFile(path) as archive:
        names = [name.partition("/")[2] for name in archive.namelist()]
        events = archive.read(f"{submission.number}/data/audit.jsonl").decode().splitlines()
        report = archive.read(f"{submission.number}/data/report.json")
    assert json.loads(report) == version.frozen
    assert sum(name.startswith("data/exhibits/") for name in names) == 2
    actions = [json.loads(line)["action"] for line in events]
    assert actions[-1] == "report.submitted"
    assert "report.signed" in actions


def test_building_again_gives_the_same_package(case):
    submission = built(cases.submitted(case))
    first = submission.package.sha256
    Submission.objects.update(package=None)
    queue.enqueue(submissions.BUILD_TASK, submission.pk)
    assert built(submission.version).package.sha256 == first


def test_exhibit_that_is_not_what_the_signer_saw_fails_the_job_with_its_code(case):
    version = cases.submitted(case)
    sealed = path_of(case.documents[0].stored_file.sha256)
    sealed.chmod(0o600)
    sealed.write_bytes(b"something else")
    submission = built(version)
    assert submission.package is None
    assert Job.objects.get().error_code == "exhibit-differs"


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_real_worker_builds_the_package(worker: Worker):
    version = cases.submitted(cases.make())
    queue.sweep()
    wait_for(lambda: Submission.objects.get(version=version).package_id, "the package", seconds=60)
    submission: Any = Submission.objects.get(version=version)
    assert package.verify(path_of(submission.package.sha256)) == []


def test_t17_supplement_is_a_new_version_and_the_first_hash_never_changes(case):
    first = cases.submitted(case)
    before = first.frozen_hash
    with pytest.raises(Conflict):
        fields.save_field(first, "a3.cause", Change(1, "Changed."), actor=case.officer)
    second = reports.start_supplement(first, actor=case.officer)
    assert (second.version, second.supplements) == (2, first)
    change = {"a3.cause": Change(second.fields.get(key="a3.cause").revision, "Found since.")}
    fields.save_fields(second, change, actor=case.officer)
    signing.send_for_signature(second, actor=case.officer)
    signing.sign(second, actor=case.signer)
    first.refresh_from_db()
    assert first.state == "submitted"
    submissions.submit(second, actor=case.signer)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.frozen_hash) == ("superseded", before)
    assert second.frozen["report"]["supplements"] == before
    assert second.frozen_hash != before
    assert Submission.objects.count() == 2


def test_supplement_copies_fields_with_their_citations(case):
    first = cases.submitted(case)
    second = reports.start_supplement(first, actor=case.officer)
    for old in first.fields.all():
        new = second.fields.get(key=old.key)
        assert (new.value, new.citations.count()) == (old.value, old.citations.count())
    assert Citation.objects.filter(field__version=first).exists()


def test_one_supplement_at_a_time(case):
    first = cases.submitted(case)
    reports.start_supplement(first, actor=case.officer)
    with pytest.raises(Conflict):
        reports.start_supplement(first, actor=case.officer)


def test_t18_reviewer_sees_submissions_of_the_agencies_assigned_and_below(case):
    cases.submitted(case)
    department = cases.person("nara_reviewer", case.agency.parent)
    other = cases.person("nara_reviewer", factories.OfficeFactory())
    for reviewer, count in ((case.reviewer, 1), (department, 1), (other, 0)):
        assert Submission.objects.visible_to(reviewer).count() == count


def test_t18_reviewer_sees_no_incident_no_draft_and_no_evidence(case):
    cases.drafted(case)
    reviewer = case.reviewer
    assert not Submission.objects.visible_to(reviewer).exists()
    assert not Incident.objects.visible_to(reviewer).exists()
    assert not type(cases.drafted(case)).objects.visible_to(reviewer).exists()
    assert not Finding.objects.visible_to(reviewer).exists()


def test_reviewer_whose_time_is_over_sees_nothing(case):
    cases.submitted(case)
    RoleAssignment.objects.filter(user=case.reviewer).update(ends_on=date(2020, 12, 31))
    reviewer = User.objects.get(pk=case.reviewer.pk)
    assert not Submission.objects.visible_to(reviewer).exists()


def test_opening_a_submission_leaves_an_audit_event(case):
    submission = Submission.objects.get(version=cases.submitted(case))
    submissions.note_opening(submission, "report", actor=case.reviewer)
    event = AuditEvent.objects.order_by("-sequence")[0]
    assert (event.action, event.actor) == ("submission.opened", case.reviewer)
