"""The idle limit: exact, extended by use, not by what a page does on its own (AC-11, AC-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from portal.agency.models import User

People = Callable[..., User]
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
IDLE = 900


@pytest.fixture(autouse=True)
def _idle_limit(settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = IDLE


@pytest.fixture
def signed_in(client: Client, person: People) -> Client:
    with time_machine.travel(START, tick=False):
        client.force_login(person("records_officer"))
        assert client.get("/offices/").status_code == 200
    return client


def at(client: Client, seconds: float, address: str = "/offices/", **headers: str) -> int:
    with time_machine.travel(START + timedelta(seconds=seconds), tick=False):
        return client.get(address, headers=headers).status_code


def test_session_lives_up_to_the_limit(signed_in: Client) -> None:
    assert at(signed_in, IDLE - 5) == 200


def test_session_ends_after_the_limit(signed_in: Client) -> None:
    assert at(signed_in, IDLE + 1) == 302
    assert at(signed_in, IDLE + 2) == 302


def test_use_extends_the_session(signed_in: Client) -> None:
    assert at(signed_in, IDLE - 10) == 200
    assert at(signed_in, 2 * IDLE - 30) == 200


def test_requests_of_the_page_itself_do_not_extend_it(signed_in: Client) -> None:
    for seconds in range(60, IDLE, 60):
        assert at(signed_in, seconds, **{"X-Custos-Background": "1"}) == 200
    assert at(signed_in, IDLE + 1) == 302


def test_no_use_extends_a_session_beyond_its_absolute_end(signed_in: Client, settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 3 * IDLE
    for seconds in range(600, 3 * IDLE, 600):
        assert at(signed_in, seconds) == 200
    assert at(signed_in, 3 * IDLE + 1) == 302


def test_page_asks_for_the_time_left_without_using_it_up(signed_in: Client) -> None:
    with time_machine.travel(START + timedelta(seconds=600), tick=False):
        state = signed_in.get("/session/", headers={"X-Custos-Background": "1"}).json()
        assert state["signed_in"]
        assert state["seconds"] == IDLE - 600
        assert signed_in.post("/session/").json()["seconds"] == IDLE


def test_extending_needs_the_form_token(person: People) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("custodian"))
    assert client.post("/session/").status_code == 403


def test_ended_session_is_told_so(client: Client, db: None) -> None:
    assert client.get("/session/").json() == {"signed_in": False, "seconds": 0}


def test_page_carries_the_times_of_its_session(signed_in: Client) -> None:
    with time_machine.travel(START + timedelta(seconds=10), tick=False):
        page = signed_in.get("/offices/").content.decode()
    assert f'data-session-seconds="{IDLE}"' in page
    assert 'data-session-warn="120"' in page
