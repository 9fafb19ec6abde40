"""Deny by default: a view that does not say who may use it answers nobody (I6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.agency.models import User

People = Callable[..., User]


def test_view_without_declared_access_answers_nobody(client: Client, person: People) -> None:
    assert client.get("/undeclared/").status_code == 403
    client.force_login(person("records_officer", "administrator"))
    answer = client.get("/undeclared/")
    assert answer.status_code == 403
    assert b"secret" not in answer.content


def test_public_view_answers_without_sign_in(client: Client, db: None) -> None:
    assert client.get("/open/").content == b"open"


def test_anonymous_person_is_sent_to_sign_in_and_back(client: Client, db: None) -> None:
    answer = client.get("/offices/?page=2")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=%2Foffices%2F%3Fpage%3D2"


def test_fragment_of_an_ended_session_gets_401_so_that_the_page_stays(
    client: Client, db: None
) -> None:
    assert client.get("/offices/", headers={"HX-Request": "true"}).status_code == 401


def test_person_without_the_permission_reads_why(client: Client, person: People) -> None:
    client.force_login(person("custodian"))
    answer = client.get("/incidents/")
    assert answer.status_code == 403
    assert "Your role does not allow you to" in answer.content.decode()


def test_person_with_the_permission_gets_the_page(client: Client, person: People) -> None:
    client.force_login(person("records_officer"))
    assert client.get("/incidents/").content == b"done"


def test_class_view_is_guarded_like_a_function(client: Client, person: People) -> None:
    client.force_login(person("custodian"))
    assert client.get("/offices/").status_code == 200
    assert client.get("/offices/add/").status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_reviewer_is_refused_every_unsafe_method(
    client: Client, person: People, method: str
) -> None:
    client.force_login(person("nara_reviewer", "records_officer"))
    answer = getattr(client, method)("/open/")
    assert answer.status_code == 403
    assert "read-only" in answer.content.decode()


def test_reviewer_can_still_sign_out(client: Client, person: People) -> None:
    client.force_login(person("nara_reviewer"))
    assert client.post("/accounts/logout/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_navigation_shows_only_what_a_person_may_open(client: Client, person: People) -> None:
    client.force_login(person("records_officer"))
    assert ">Incidents<" in client.get("/").content.decode()
    client.force_login(person("custodian"))
    page = client.get("/").content.decode()
    assert ">Incidents<" not in page
    assert ">Offices &amp; people<" in page


def test_reviewer_sees_no_link_into_the_agency(client: Client, person: People) -> None:
    client.force_login(person("nara_reviewer"))
    page = client.get("/").content.decode()
    for label in ("Home", "Exports", "Incidents", "Reports", "Audit"):
        assert f"<span>{label}</span>" not in page


def test_sign_up_is_closed_and_not_linked(client: Client, db: None) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert "signup" not in page
    before = User.objects.count()
    client.post("/accounts/signup/", {"username": "visitor", "password1": "a long pass phrase 1"})
    assert User.objects.count() == before


def test_sign_in_page_shows_notice_and_consent(client: Client, db: None) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert "Before you sign in" in page
    assert "monitored, recorded and audited" in page


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_form_never_returns_to_a_foreign_address(
    client: Client, person: People, target: str
) -> None:
    client.force_login(person("records_officer"))
    data: dict[str, Any] = {
        "name": "New office",
        "kind": "office",
        "confirmed": "on",
        "next": target,
    }
    answer = client.post("/offices/add/", data)
    assert answer.status_code == 302
    assert answer["Location"] == "/offices/"


def test_every_answer_carries_the_protective_headers(client: Client, db: None) -> None:
    answer = client.get("/accounts/login/")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "no-store" in answer["Cache-Control"]
