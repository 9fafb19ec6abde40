"""Sign-in is limited for the whole installation, by account and by an address that the client cannot choose."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import encrypt
from django.test import Client, RequestFactory

from portal.agency.addresses import client_address
from portal.agency.models import User
from portal.agency.signin import LATELY
from tests.factories import SetupFactory, UserFactory

PASSWORD = "a long enough password"
TOO_MANY = "Too many failed login attempts"


def _try(client: Client, name: str, password: str = "wrong", **headers: Any) -> str:
    form = {"login": name, "password": password}
    response = client.post("/accounts/login/", form, **headers)
    return "in" if response.status_code == 302 else response.content.decode()


@pytest.fixture
def jane(db: None, settings: Any) -> User:
    # What a guess costs is not what these tests are about.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    SetupFactory()
    user: User = UserFactory(username="jane")
    user.set_password(PASSWORD)
    user.save()
    return user


def test_the_sixth_failure_for_an_account_is_refused_where_it_came_from(jane: User) -> None:
    answers = [_try(Client(), "jane") for _ in range(6)]
    assert [TOO_MANY in answer for answer in answers] == [False] * 5 + [True]
    assert TOO_MANY in _try(Client(), "Jane", PASSWORD), "capitals make no other account"


def test_who_knows_only_a_name_keeps_nobody_out(jane: User) -> None:
    for _ in range(7):
        _try(Client(), "jane", REMOTE_ADDR="203.0.113.9")
    assert _try(Client(), "jane", PASSWORD, REMOTE_ADDR="198.51.100.9") == "in"


def test_failures_from_everywhere_end_at_a_hundred_for_an_account(jane: User) -> None:
    answers = [_try(Client(), "jane", REMOTE_ADDR=f"198.51.100.{n}") for n in range(101)]
    assert [TOO_MANY in answer for answer in answers] == [False] * 100 + [True]
    assert TOO_MANY in _try(Client(), "jane", PASSWORD, REMOTE_ADDR="203.0.113.1")
    assert _try(Client(), "bob", REMOTE_ADDR="203.0.113.1") != "in"


def test_where_somebody_signed_in_lately_failures_from_elsewhere_do_not_count(jane: User) -> None:
    office = {"REMOTE_ADDR": "203.0.113.1"}
    with time_machine.travel("2026-03-02 12:00", tick=False) as clock:
        assert _try(Client(), "jane", PASSWORD, **office) == "in"
        clock.shift(LATELY - timedelta(hours=1))
        _fail_everywhere("jane")
        assert TOO_MANY in _try(Client(), "jane", PASSWORD, REMOTE_ADDR="203.0.113.2")
        assert _try(Client(), "JANE", PASSWORD, **office) == "in"
        clock.shift(LATELY + timedelta(hours=1))
        _fail_everywhere("jane")
        assert TOO_MANY in _try(Client(), "jane", PASSWORD, **office)


def test_a_right_password_without_the_second_factor_makes_no_place_known(jane: User) -> None:
    Authenticator.objects.create(
        user=jane, type="totp", data={"secret": encrypt("JBSWY3DPEHPK3PXP")}
    )
    client = Client()
    _try(client, "jane", PASSWORD, REMOTE_ADDR="203.0.113.1")
    assert "_auth_user_id" not in client.session
    _fail_everywhere("jane")
    assert TOO_MANY in _try(Client(), "jane", PASSWORD, REMOTE_ADDR="203.0.113.1")


def test_all_addresses_of_one_ipv6_subscriber_count_as_one(jane: User) -> None:
    answers = [_try(Client(), "jane", REMOTE_ADDR=f"2001:db8:1:2::{n:x}") for n in range(1, 7)]
    assert TOO_MANY in answers[-1]
    assert _try(Client(), "jane", PASSWORD, REMOTE_ADDR="2001:db8:1:3::1") == "in"


def _fail_everywhere(name: str) -> None:
    for n in range(100):
        _try(Client(), name, REMOTE_ADDR=f"198.51.100.{n}")


def test_the_limit_ends_with_its_time(jane: User) -> None:
    with time_machine.travel("2026-03-02 12:00", tick=False) as clock:
        for _ in range(6):
            _try(Client(), "jane")
        assert TOO_MANY in _try(Client(), "jane", PASSWORD)
        clock.shift(15 * 60 + 1)
        assert _try(Client(), "jane", PASSWORD) == "in"


def test_a_made_up_forwarding_header_does_not_open_the_limit_of_an_address(jane: User) -> None:
    answers = [
        _try(Client(), f"nobody{n}", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}") for n in range(11)
    ]
    assert [TOO_MANY in answer for answer in answers] == [False] * 10 + [True]


def test_behind_a_trusted_proxy_each_client_is_counted_for_itself(
    jane: User, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = 1
    answers = [
        _try(Client(), f"nobody{n}", HTTP_X_FORWARDED_FOR=f"9.9.9.9, 203.0.113.{n}")
        for n in range(11)
    ]
    assert not any(TOO_MANY in answer for answer in answers)


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, None, "10.0.0.1"),
        (0, "1.1.1.1", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
        (2, "1.1.1.1", "10.0.0.1"),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "6.6.6.6, unknown", "10.0.0.1"),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(
    proxies: int, header: str | None, address: str, settings: Any, rf: RequestFactory
) -> None:
    settings.TRUSTED_PROXIES = proxies
    more = {"HTTP_X_FORWARDED_FOR": header} if header else {}
    assert client_address(rf.get("/", REMOTE_ADDR="10.0.0.1", **more)) == address


def test_a_one_time_code_is_good_once(jane: User) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    row = Authenticator.objects.create(user=jane, type="totp", data={"secret": encrypt(secret)})
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert TOTP(row).validate_code(code)
    assert not TOTP(row).validate_code(code)
