"""Roles and designations end; they are never stretched, revived or turned against somebody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from portal.agency import services
from portal.agency.models import RoleAssignment
from portal.errors import Refused, UserError
from tests.factories import OfficeFactory, PersonFactory, RoleFactory, SignerFactory

FAR = date(2099, 12, 31)


@pytest.fixture
def officer(db):
    return RoleFactory(role="records_officer").user


@pytest.fixture
def home(officer):
    return officer.roles.get().office


def test_ending_never_gives_more_time(officer, home):
    ended = RoleFactory(role="liaison", office=home, ends_on=date(2021, 1, 1))
    with pytest.raises(UserError) as refused:
        services.end_role(ended, actor=officer, on=FAR)
    assert refused.value.code == "G-LATER"
    ended.refresh_from_db()
    assert ended.ends_on == date(2021, 1, 1)


def test_nobody_ends_or_moves_a_role_of_their_own(officer):
    with pytest.raises(Refused):
        services.end_role(officer.roles.get(), actor=officer)


def test_an_ended_designation_is_not_revived(officer, home):
    signer = SignerFactory(agency=home, person=PersonFactory(office=home), ends_on=date(2021, 1, 1))
    with pytest.raises(UserError) as refused:
        services.end_signer(signer, actor=officer, on=FAR)
    assert refused.value.code == "G-LATER"


def test_a_reviewers_role_cannot_be_hung_on_somebody_who_works_here(officer, home):
    victim = RoleFactory(role="administrator", office=OfficeFactory()).user
    today = timezone.localdate()
    with pytest.raises(Refused) as refused:
        services.give_role(
            victim,
            "nara_reviewer",
            home,
            actor=officer,
            starts_on=today,
            ends_on=today + timedelta(days=9),
        )
    assert refused.value.code == "G-REVIEWER-APART"


def test_the_last_administrator_of_an_agency_stays(db):
    home, elsewhere = OfficeFactory(), OfficeFactory()
    officer = RoleFactory(role="records_officer", office=home).user
    RoleFactory(role="administrator", office=elsewhere)
    only = RoleFactory(role="administrator", office=home)
    with pytest.raises(Refused) as refused:
        services.end_role(only, actor=officer)
    assert refused.value.code == "G-LAST-ADMIN"
    RoleFactory(role="administrator", office=home)
    services.end_role(only, actor=officer)
    assert RoleAssignment.objects.get(pk=only.pk).ends_on == timezone.localdate()
