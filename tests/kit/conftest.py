"""The site of the kit's tests, and people with one role each."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.agency.models import Office, RoleAssignment, User


@pytest.fixture(autouse=True)
def _kit_site(settings: Any) -> None:
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [Path(__file__).parent / "templates", *templates[0]["DIRS"]]
    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = "tests.kit.site"


@pytest.fixture
def department(db: None) -> Office:
    return Office.objects.create(
        name="Department of Sample", code="DEP", kind="department", path="/DEP/"
    )


@pytest.fixture
def person(department: Office) -> Callable[..., User]:
    """A person who holds the given roles for the whole department."""

    def make(*roles: str, name: str = "") -> User:
        user = User.objects.create_user(name or f"person-{'-'.join(roles) or 'none'}")
        for role in roles:
            RoleAssignment.objects.create(
                user=user, role=role, office=department, starts_on=timezone.localdate()
            )
        return user

    return make
