"""People with one role each at a desk, signed in, and the exports that the pages show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.factories import RoleFactory, SetupFactory
from tests.records.exports import Desk


@pytest.fixture
def desk(db: None) -> Desk:
    SetupFactory()
    return Desk()


@pytest.fixture
def sign_in(desk: Desk) -> Callable[..., Client]:
    """A browser of a person with a role for the desk's office, or for another one."""

    def make(role: str = "records_officer", office: Any = None) -> Client:
        client = Client()
        client.force_login(RoleFactory(role=role, office=office or desk.office).user)
        return client

    return make


@pytest.fixture
def officer(sign_in: Callable[..., Client]) -> Client:
    return sign_in()
