"""API tokens: hashed, scoped, and ended exactly when they say (A8)."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from portal.agency import tokens
from portal.agency.models import ApiToken, RoleAssignment
from portal.agency.services import give_role
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Refused
from tests.factories import ExportFactory, OfficeFactory, RoleFactory, UserFactory


def _get(clear: str, path: str = "/api/v1/exports/") -> int:
    return APIClient().get(path, HTTP_AUTHORIZATION=f"Bearer {clear}").status_code


def test_the_clear_text_is_nowhere_in_the_database(system):
    token, clear = tokens.issue(system, "test", ["exports.view"], actor=None)
    secret = clear.split("_", 2)[2]
    stored = " ".join(str(value) for row in ApiToken.objects.values() for value in row.values())
    logged = " ".join(str(value) for row in AuditEvent.objects.values() for value in row.values())
    assert secret not in stored + logged
    assert token.prefix in stored


def test_a_token_ends_at_its_moment(system):
    ends = timezone.now() + timedelta(hours=1)
    _, clear = tokens.issue(system, "test", ["exports.view"], actor=None, expires_at=ends)
    with time_machine.travel(ends - timedelta(seconds=1), tick=False):
        assert _get(clear) == 200
    with time_machine.travel(ends + timedelta(seconds=1), tick=False):
        assert _get(clear) == 401


def test_no_token_lives_longer_than_ninety_days(system):
    far = timezone.now() + timedelta(days=1000)
    token, _ = tokens.issue(system, "test", [], actor=None, expires_at=far)
    assert token.expires_at <= timezone.now() + tokens.LIFE


def test_a_revoked_token_and_a_disabled_account_are_refused_at_once(system):
    token, clear = tokens.issue(system, "test", ["exports.view"], actor=None)
    assert _get(clear) == 200
    tokens.revoke(
        token, actor=RoleFactory(role="administrator", office=system.roles.get().office).user
    )
    assert _get(clear) == 401
    _, other = tokens.issue(system, "test", ["exports.view"], actor=None)
    system.is_active = False
    system.save()
    assert _get(other) == 401


def test_a_role_that_ended_takes_its_permissions_from_the_token(system):
    _, clear = tokens.issue(system, "test", ["exports.view"], actor=None)
    RoleAssignment.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert _get(clear) == 403


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        "Bearer custos_",
        "Bearer custos_abc_def",
        "Token custos_a_b",
        "Basic YTpi",
    ],
)
def test_whatever_is_no_token_is_401(db, header):
    response = APIClient().get("/api/v1/exports/", HTTP_AUTHORIZATION=header)
    assert response.status_code == 401
    assert response["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/api/v1/exports/", "exports.view"),
        ("/api/v1/findings/", "exports.view"),
        ("/api/v1/offices/", "exports.view"),
        ("/api/v1/incidents/", "incidents.view"),
        ("/api/v1/submissions/", "submissions.view"),
    ],
)
def test_a_call_outside_the_tokens_scopes_is_refused(system, approver, path, scope):
    _, narrow = tokens.issue(system, "test", ["exports.receive"], actor=None)
    token, right = tokens.issue(system, "test", [scope], actor=None)
    if token.waits:
        tokens.approve(token, seen=tokens.covered(token).digest, actor=approver)
    refused = APIClient().get(path, HTTP_AUTHORIZATION=f"Bearer {narrow}")
    assert refused.status_code == 403
    assert refused.json()["code"] == "scope-missing"
    assert _get(right, path) == 200


def test_an_administrator_of_another_agency_can_neither_make_nor_end_a_token(system):
    stranger = RoleFactory(role="administrator", office=OfficeFactory()).user
    token, _ = tokens.issue(system, "test", [], actor=None)
    with pytest.raises(Refused):
        tokens.issue(system, "test", [], actor=stranger)
    with pytest.raises(Refused):
        tokens.revoke(token, actor=stranger)


def test_a_person_gets_no_token(db):
    with pytest.raises(Refused):
        tokens.issue(UserFactory(), "test", [], actor=None)


@pytest.fixture
def administrator(office):
    return RoleFactory(role="administrator", office=office).user


def _messages(clear: str, number: str) -> APIClient:
    path = f"/api/v1/exports/{number}/messages/"
    return APIClient().get(path, HTTP_AUTHORIZATION=f"Bearer {clear}")


def test_a_token_reads_no_content_until_a_second_person_approves_it(
    system, office, administrator, approver
):
    export = ExportFactory(office=office)
    scopes = ["exports.view", "messages.view"]
    token, clear = tokens.issue(system, "test", scopes, actor=administrator)
    refused = _messages(clear, export.number)
    assert refused.status_code == 403
    assert refused["Content-Type"].startswith("application/problem+json")
    assert refused.json()["code"] == "token-waits"
    assert "second person" in refused.json()["detail"]
    assert _get(clear) == 200, "what opens no content holds at once"
    tokens.approve(token, seen=tokens.covered(token).digest, actor=approver)
    assert _messages(clear, export.number).status_code == 200
    event = AuditEvent.objects.get(action="token.approved")
    assert event.actor == approver


def test_who_made_a_token_does_not_approve_it(system, administrator):
    token, _ = tokens.issue(system, "test", ["messages.view"], actor=administrator)
    with pytest.raises(Refused, match="You made this token"):
        tokens.approve(token, seen=tokens.covered(token).digest, actor=administrator)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.update(approved_by=administrator, approved_at=timezone.now())


@pytest.mark.parametrize("role", ["liaison", "auditor", "counsel", "schedule_signer"])
def test_who_gives_no_roles_approves_no_token(system, office, role):
    token, _ = tokens.issue(system, "test", ["messages.view"], actor=None)
    with pytest.raises(Refused):
        tokens.approve(
            token,
            seen=tokens.covered(token).digest,
            actor=RoleFactory(role=role, office=office).user,
        )


def test_an_approval_needs_every_office_where_the_account_works(system, approver):
    token, _ = tokens.issue(system, "test", ["messages.view"], actor=None)
    RoleFactory(user=system, role="system", office=OfficeFactory())
    assert tokens.waiting_for(approver) == []
    with pytest.raises(Refused):
        tokens.approve(token, seen=tokens.covered(token).digest, actor=approver)


def test_a_further_role_of_the_account_takes_the_approval_back(
    system, office, administrator, approver
):
    """Else an approved token would reach as far as one person later lets it."""
    export = ExportFactory(office=office)
    token, clear = tokens.issue(system, "test", ["messages.view"], actor=administrator)
    tokens.approve(token, seen=tokens.covered(token).digest, actor=approver)
    below = OfficeFactory(parent=office)
    give_role(system, "system", below, actor=administrator, starts_on=date(2021, 1, 1))
    assert _messages(clear, export.number).status_code == 403
    assert tokens.waiting_for(approver) == [token]


def test_a_token_that_does_not_wait_is_not_approved(system, approver):
    plain, _ = tokens.issue(system, "test", ["exports.view"], actor=None)
    ended, _ = tokens.issue(system, "test", ["messages.view"], actor=None)
    ApiToken.objects.filter(pk=ended.pk).update(expires_at=timezone.now())
    assert tokens.waiting_for(approver) == []
    for token in (plain, ended):
        with pytest.raises(Conflict):
            tokens.approve(token, seen=tokens.covered(token).digest, actor=approver)


def test_an_approval_covers_the_scopes_the_end_and_the_roles_that_were_seen(
    system, office, administrator, approver
):
    token, _ = tokens.issue(system, "test", ["messages.view"], actor=administrator)
    seen = tokens.covered(token).digest
    assert tokens.covered(token).digest == seen
    role = system.roles.get()
    end = timezone.localdate() + timedelta(days=1)
    for changed in (
        {"role": "records_officer"}, {"office": OfficeFactory(parent=office)},
        {"starts_on": date(2019, 1, 1)}, {"ends_on": end},
    ):  # fmt: skip
        with transaction.atomic():
            RoleAssignment.objects.filter(pk=role.pk).update(**changed)
            with pytest.raises(Conflict, match="something else now"):
                tokens.approve(token, seen=seen, actor=approver)
            transaction.set_rollback(True)
    tokens.approve(token, seen=seen, actor=approver)
    assert not ApiToken.objects.get().waits


@pytest.mark.django_db(transaction=True)
def test_a_role_that_is_being_given_is_not_covered_by_an_approval_at_the_same_time():
    office = OfficeFactory()
    system = RoleFactory(role="system", office=office, user__is_system=True).user
    by, approver = (RoleFactory(role="records_officer", office=office).user for _ in range(2))
    token, _ = tokens.issue(system, "test", ["messages.view"], actor=None)
    seen = tokens.covered(token).digest
    given, tried = threading.Event(), threading.Event()

    def give() -> None:
        try:
            with transaction.atomic():
                give_role(system, "liaison", office, actor=by, starts_on=date(2021, 1, 1))
                given.set()
                # Long enough for an approval that waits for nothing to be through.
                tried.wait(1)
        finally:
            connection.close()

    giving = threading.Thread(target=give)
    giving.start()
    given.wait(10)
    try:
        with pytest.raises(Conflict, match="something else now"):
            tokens.approve(token, seen=seen, actor=approver)
    finally:
        tried.set()
        giving.join()
    assert ApiToken.objects.get().waits
