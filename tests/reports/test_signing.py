"""Sending, signing, returning: the gate of 36 CFR 1230.14(b)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.agency.models import RoleAssignment, Signer
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Refused, UserError
from records.models import Finding
from reports import checks
from reports.frozen import digest
from reports.models import Field, ReportVersion
from reports.services import fields, reports, signing
from reports.services.fields import Change
from tests import factories
from tests.reports import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return cases.make()


@pytest.fixture
def waiting(case) -> Any:
    version = cases.complete(cases.drafted(case), case.officer)
    return signing.send_for_signature(version, actor=case.officer)


def test_errors_block_sending(case):
    version = cases.drafted(case)
    Field.objects.filter(version=version, key="a4.safeguards").update(value="")
    with pytest.raises(Refused, match="block"):
        signing.send_for_signature(version, actor=case.officer)
    version.refresh_from_db()
    assert version.state == "draft"


def test_signing_freezes_the_report(case, waiting):
    before = AuditEvent.objects.count()
    signed: Any = signing.sign(waiting, actor=case.signer)
    signed.refresh_from_db()
    assert signed.state == "approved"
    assert signed.frozen_hash == digest(signed.frozen)
    assert signed.signer.person.user == case.signer
    assert AuditEvent.objects.count() == before + 1


def test_t16_records_officer_who_is_not_designated_cannot_sign(case, waiting):
    with pytest.raises(Refused):
        signing.sign(waiting, actor=case.officer, override_reason="In a hurry.")


def test_role_alone_is_not_enough_without_the_register(case, waiting):
    other = cases.person("schedule_signer", case.agency)
    with pytest.raises(Refused, match=r"1230\.14\(b\)"):
        signing.sign(waiting, actor=other)


def test_register_alone_is_not_enough_without_the_role(case, waiting):
    RoleAssignment.objects.filter(user=case.signer).update(ends_on=date(2020, 12, 31))
    signer = type(case.signer).objects.get(pk=case.signer.pk)
    with pytest.raises(Refused):
        signing.sign(waiting, actor=signer)


@pytest.mark.parametrize(
    "dates",
    [{"ends_on": date(2021, 1, 1)}, {"starts_on": date(2999, 1, 1)}],
    ids=["designation ended", "designation not begun"],
)
def test_designation_must_be_in_force_today(case, waiting, dates):
    Signer.objects.update(**dates)
    with pytest.raises(Refused):
        signing.sign(waiting, actor=case.signer)


def test_signer_of_another_agency_cannot_sign(case, waiting):
    Signer.objects.update(agency=factories.OfficeFactory())
    with pytest.raises(Refused):
        signing.sign(waiting, actor=case.signer)


def test_signer_of_the_department_above_may_sign(case, waiting):
    Signer.objects.update(agency=case.agency.parent)
    assert signing.sign(waiting, actor=case.signer).state == "approved"


def drafting_signer(case):
    """One person with both roles who writes in the report."""
    factories.RoleFactory(user=case.signer, role="liaison", office=case.agency)
    return type(case.signer).objects.get(pk=case.signer.pk)


def test_who_drafted_signs_only_with_a_logged_reason(case):
    both = drafting_signer(case)
    version = cases.complete(cases.drafted(case), case.officer)
    fields.save_field(version, "a3.cause", Change(1, "No rule."), actor=both)
    fields.save_field(version, "a3.cause", Change(2, "No policy."), actor=case.officer)
    signing.send_for_signature(version, actor=case.officer)
    with pytest.raises(Refused, match="two people"):
        signing.sign(version, actor=both)
    signing.sign(version, actor=both, override_reason="Sole designee.")
    assert version.frozen["signature"]["override_reason"] == "Sole designee."
    event = AuditEvent.objects.filter(action="report.signed").get()
    assert event.detail["override_reason"] == "Sole designee."


def test_override_reason_of_a_signer_who_did_not_draft_is_not_kept(case, waiting):
    signed: Any = signing.sign(waiting, actor=case.signer, override_reason="not needed")
    assert signed.frozen["signature"]["override_reason"] == "" == signed.override_reason


def test_evidence_that_changed_after_sending_blocks_signing(case, waiting):
    Finding.objects.filter(pk=case.findings[1].pk).update(count=40)
    with pytest.raises(UserError, match="cannot be signed"):
        signing.sign(waiting, actor=case.signer)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.frozen) == ("in_review", None)


def test_return_needs_a_reason_and_reaches_the_drafter(case, waiting):
    with pytest.raises(UserError):
        signing.give_back(waiting, actor=case.signer, reason=" ")
    signing.give_back(waiting, actor=case.signer, reason="Name the system.")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.return_reason) == ("draft", "Name the system.")


def test_drafter_may_take_it_back_before_it_is_signed(case, waiting):
    signing.take_back(waiting, actor=case.officer, reason="A finding came in.")
    assert waiting.state == "draft"


def test_signed_report_can_be_set_aside_but_never_changed(case, waiting):
    signed = signing.sign(waiting, actor=case.signer)
    before = signed.frozen_hash
    fresh = reports.set_aside(signed, actor=case.officer, reason="Wrong office.")
    signed.refresh_from_db()
    assert (signed.state, signed.frozen_hash) == ("superseded", before)
    assert (fresh.state, fresh.version, fresh.supplements) == ("draft", 2, None)
    assert checks.errors(fresh) == []


def test_second_signature_is_a_conflict(case, waiting):
    stale = ReportVersion.objects.get(pk=waiting.pk)
    signing.sign(waiting, actor=case.signer)
    with pytest.raises(Conflict):
        signing.sign(stale, actor=case.signer)
