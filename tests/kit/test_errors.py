"""Errors are plain: code, sentence, place, next step; and say nothing about the inside."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("kind", "status"), [("plain", 422), ("conflict", 409), ("missing", 404)])
def test_plain_error_becomes_a_page_with_its_status(client: Client, kind: str, status: int) -> None:
    answer = client.get(f"/refuses/?kind={kind}")
    assert answer.status_code == status
    assert "Reference" in answer.content.decode()


def test_page_of_a_plain_error_names_place_code_and_next_step(client: Client) -> None:
    page = client.get("/refuses/?kind=plain").content.decode()
    for words in ("chat.zip", "The archive is too large.", "Hand in the text.", "zip-bomb"):
        assert words in page


def test_fragment_gets_a_short_alert_instead_of_a_page(client: Client) -> None:
    page = client.get("/refuses/?kind=plain", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "The archive is too large." in page


def test_failure_shows_a_reference_and_no_word_of_the_error(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/fails/")
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "Reference" in page
    assert "body of a message" not in page
    assert "RuntimeError" not in page


def test_unknown_address_is_404_in_plain_words(client: Client) -> None:
    answer = client.get("/nothing/here/")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def test_unknown_address_of_the_api_is_problem_json(client: Client) -> None:
    answer = client.get("/api/v1/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not-found"


def test_form_of_an_earlier_session_is_refused_in_plain_words() -> None:
    answer = Client(enforce_csrf_checks=True).post("/open/")
    assert answer.status_code == 403
    assert "form is from an earlier session" in answer.content.decode()
