"""The API base: permission of the user and scope of the token, one shape for every error."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from portal.agency import tokens
from portal.agency.models import User

People = Callable[..., User]


def bearer(user: User, *scopes: str) -> dict[str, str]:
    User.objects.filter(pk=user.pk).update(is_system=True)
    user.refresh_from_db()
    _, secret = tokens.issue(user, "test", list(scopes), actor=None)
    return {"Authorization": f"Bearer {secret}"}


def test_call_without_token_is_401(client: Client, db: None) -> None:
    answer = client.get("/api/v1/things/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_session_cookie_is_no_token(client: Client, person: People) -> None:
    client.force_login(person("system"))
    assert client.get("/api/v1/things/").status_code == 401


def test_call_needs_the_permission_of_the_user(client: Client, person: People) -> None:
    answer = client.get("/api/v1/things/", headers=bearer(person("administrator"), "exports.view"))
    assert answer.status_code == 403
    assert answer.json()["code"] == "access-denied"


def test_call_needs_the_scope_of_the_token(client: Client, person: People) -> None:
    answer = client.get("/api/v1/things/", headers=bearer(person("system"), "exports.receive"))
    assert answer.status_code == 403
    assert answer.json()["code"] == "scope-missing"


def test_call_with_both_is_answered(client: Client, person: People) -> None:
    assert client.get(
        "/api/v1/things/", headers=bearer(person("system"), "exports.view")
    ).json() == [1, 2]


def test_action_that_declares_nothing_is_denied(client: Client, person: People) -> None:
    headers = bearer(person("system"), "exports.view", "exports.receive")
    for answer in (
        client.get("/api/v1/things/1/", headers=headers),
        client.delete("/api/v1/things/1/", headers=headers),
    ):
        assert answer.status_code == 403
        assert answer.json()["code"] == "access-undeclared"


def test_plain_error_is_a_problem_with_place_and_next_step(client: Client, person: People) -> None:
    answer = client.post("/api/v1/things/", {}, headers=bearer(person("system"), "exports.receive"))
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/help/errors/#empty-file",
        "title": "Something has to be put right",
        "status": 422,
        "detail": "The file is empty.",
        "code": "empty-file",
        "instance": "/api/v1/things/",
        "place": "chat.txt",
        "next_step": "Export the chat again.",
    }


def test_reader_token_never_writes(client: Client, person: People) -> None:
    user = person("nara_reviewer", "system")
    answer = client.post("/api/v1/things/", {}, headers=bearer(user, "exports.receive"))
    assert answer.status_code == 403
    assert answer.json()["code"] == "read-only"
