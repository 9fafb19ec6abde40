"""API tokens: hashed, scoped, and ended exactly when they say (A8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from portal.agency import tokens
from portal.agency.models import ApiToken, RoleAssignment
from portal.audit.models import AuditEvent
from portal.errors import Refused
from tests.factories import OfficeFactory, RoleFactory, UserFactory


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
def test_a_call_outside_the_tokens_scopes_is_refused(system, path, scope):
    _, narrow = tokens.issue(system, "test", ["exports.receive"], actor=None)
    _, right = tokens.issue(system, "test", [scope], actor=None)
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
