"""Calls of the API are counted whether they are permitted, refused or come without a good token."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient
from rest_framework.throttling import UserRateThrottle

from portal.agency import tokens
from portal.agency.models import User

PATH = "/api/v1/exports/"


@pytest.fixture(autouse=True)
def two_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "2/min"})


def _answers(client: APIClient, path: str = PATH, **headers: str) -> list[int]:
    return [client.get(path, **headers).status_code for _ in range(3)]


def test_too_many_calls_say_when_to_come_back(client_with: Callable[..., APIClient]) -> None:
    client = client_with()
    assert _answers(client) == [200, 200, 429]
    answer = client.get(PATH)
    assert answer["Content-Type"].startswith("application/problem+json")
    assert 0 < int(answer["Retry-After"]) <= 61


def test_refused_calls_count_for_their_account(client_with: Callable[..., APIClient]) -> None:
    client = client_with("exports.view")
    assert _answers(client, "/api/v1/incidents/") == [403, 403, 429]
    assert client.get(PATH).status_code == 429


@pytest.mark.parametrize(
    "header", ["Bearer x", "Bearer custos_abc_def", "Bearer custos_known_wrong", "Basic YTpi", ""]
)
def test_calls_without_a_good_token_count_for_their_network(system: User, header: str) -> None:
    token, _ = tokens.issue(system, "test", ["exports.view"], actor=None)
    header = header.replace("known", token.prefix)
    assert _answers(APIClient(), HTTP_AUTHORIZATION=header) == [401, 401, 429]
    elsewhere = APIClient().get(PATH, HTTP_AUTHORIZATION=header, REMOTE_ADDR="203.0.113.1")
    assert elsewhere.status_code == 401


def test_the_description_of_the_api_counts_for_the_network(db: None) -> None:
    assert _answers(APIClient(), "/api/v1/schema/") == [200, 200, 429]


def test_a_good_token_is_not_held_up_by_the_failures_of_others(
    client_with: Callable[..., APIClient],
) -> None:
    """Else anybody behind the same proxy could keep the agency's systems away."""
    assert _answers(APIClient(), HTTP_AUTHORIZATION="Bearer x")[-1] == 429
    assert client_with().get(PATH).status_code == 200
