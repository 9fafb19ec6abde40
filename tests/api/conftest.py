"""A system account with a token, and a client that sends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from rest_framework.test import APIClient

from portal.agency import tokens
from portal.agency.models import Office, User
from portal.agency.roles import ROLES
from tests.factories import OfficeFactory, RoleFactory, UserFactory


@pytest.fixture
def office(db: None) -> Office:
    return OfficeFactory(code="OFO")


@pytest.fixture
def system(office: Office) -> User:
    user = UserFactory(username="mdm-bridge", is_system=True)
    RoleFactory(user=user, role="system", office=office)
    return user


@pytest.fixture
def approver(office: Office) -> User:
    """Who gives roles there and makes no tokens."""
    return RoleFactory(role="records_officer", office=office).user


@pytest.fixture
def client_with(system: User, approver: User) -> Callable[..., APIClient]:
    """A client with an approved token of the scopes named; without any, all that the role allows."""

    def make(*scopes: str, user: User | None = None, **headers: Any) -> APIClient:
        wanted: Iterable[str] = scopes or sorted(ROLES["system"].permissions)
        token, clear = tokens.issue(user or system, "test", list(wanted), actor=None)
        if token.waits:
            tokens.approve(token, seen=tokens.covered(token).digest, actor=approver)
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {clear}", **headers)
        return client

    return make
