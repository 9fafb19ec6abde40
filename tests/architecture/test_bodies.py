"""A body is read only for who may send it and only as long as the view takes it: else no file appears anywhere."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import resolve, reverse
from django.utils.crypto import get_random_string

from portal.agency import tokens
from portal.agency.models import User
from portal.kit.views import PUBLIC, SIGNED_IN, declared_access
from records.services import documents
from tests.architecture.access import Route, routes
from tests.factories import ExportFactory, OfficeFactory, RoleFactory, SetupFactory

pytestmark = pytest.mark.django_db

_made: list[str] = []
_watching = False


def _watch(event: str, details: tuple[Any, ...]) -> None:
    if _watching and event == "open" and isinstance(details[2], int) and details[2] & os.O_CREAT:
        _made.append(str(details[0]))


sys.addaudithook(_watch)


@pytest.fixture
def made() -> Iterator[list[str]]:
    """The files that the process makes meanwhile, wherever they are and however short they live."""
    global _watching
    _made.clear()
    _watching = True
    yield _made
    _watching = False


class Body(io.BytesIO):
    """A request's body that remembers whether anybody asked for it."""

    touched = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.touched = True
        return super().read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        self.touched = True
        return super().readline(size)


def send(
    client: Client, path: str, body: Body, length: int, content_type: str, **headers: Any
) -> Any:
    about = {"CONTENT_LENGTH": str(length), "CONTENT_TYPE": content_type, "wsgi.input": body}
    return client.generic("POST", path, **{**about, **headers})


class Upload:
    """A form with one file of half a megabyte, as any program can send it to any address."""

    def __init__(self, size: int = 512 * 1024) -> None:
        file = io.BytesIO(b"x" * size)
        file.name = "chat.txt"
        self.data = encode_multipart(BOUNDARY, {"name": "x", "file": file})
        self.body = Body(self.data)

    def send(self, client: Client, path: str, **headers: Any) -> Any:
        return send(client, path, self.body, len(self.data), MULTIPART_CONTENT, **headers)


class Anything(dict[str, str]):
    """A value for each part of an address: whether there is such a thing is asked later."""

    def __missing__(self, key: str) -> str:
        return "1"


def _address(route: Route) -> str:
    return route.address(Anything())


@pytest.fixture
def browser() -> Client:
    """A browser with the cookie of a form token: without it the token in the body is not even looked for."""
    SetupFactory()
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies[settings.CSRF_COOKIE_NAME] = get_random_string(32)
    return client


@pytest.fixture
def stranger(browser: Client) -> Client:
    """Somebody who is signed in and holds no role at all."""
    browser.force_login(User.objects.create_user("stranger"))
    return browser


def _sent_to_every_address(client: Client, made: list[str]) -> tuple[list[str], list[str]]:
    """Names of the addresses where the body was read, and where a file was made."""
    read, spooled = [], []
    for route in routes():
        upload = Upload(size=64 * 1024)
        made.clear()
        upload.send(client, _address(route))
        if upload.body.touched:
            read.append(route.name)
        if [path for path in made if path.startswith(str(settings.DATA_DIR))]:
            spooled.append(route.name)
    return sorted(read), sorted(spooled)


def _declared(*marks: str) -> set[str]:
    """Names of the addresses whose view says that these may use it."""
    return {
        route.name for route in routes() if declared_access(resolve(_address(route)).func) in marks
    }


def test_nobodys_body_is_read_where_a_sign_in_is_needed(browser: Client, made: list[str]) -> None:
    read, spooled = _sent_to_every_address(browser, made)
    assert read
    assert set(read) <= _declared(PUBLIC)
    assert spooled == []


def test_the_body_of_a_person_without_the_permission_is_not_read(
    stranger: Client, made: list[str]
) -> None:
    read, spooled = _sent_to_every_address(stranger, made)
    assert read
    assert set(read) <= _declared(PUBLIC, SIGNED_IN)
    assert spooled == []


def test_the_sign_in_page_takes_no_file(browser: Client, made: list[str]) -> None:
    assert Upload().send(browser, "/accounts/login/").status_code == 400
    assert made == []


PLACES = ("export-new", "document-new", "api-exports")


@pytest.fixture
def allowed(browser: Client) -> Callable[[str], dict[str, Any]]:
    """Signs somebody in who may send files there; answers the headers that go with it."""
    office: Any = OfficeFactory()

    def sign_in(place: str) -> dict[str, Any]:
        if place.startswith("api-"):
            system = User.objects.create_user("bridge", is_system=True)
            RoleFactory(user=system, role="system", office=office)
            _, clear = tokens.issue(system, "bridge", ["exports.receive"], actor=None)
            return {"HTTP_AUTHORIZATION": f"Bearer {clear}"}
        browser.force_login(RoleFactory(role="liaison", office=office).user)
        return {}

    return sign_in


@pytest.mark.parametrize("place", PLACES)
def test_who_may_send_files_has_them_received(
    place: str, browser: Client, allowed: Callable[[str], dict[str, Any]], made: list[str]
) -> None:
    """The same request as in the refusals: what they leave out does happen here."""
    upload = Upload()
    upload.send(browser, reverse(place), **allowed(place))
    assert upload.body.touched
    assert [path for path in made if path.startswith(str(settings.DATA_DIR))]


@pytest.mark.parametrize("place", PLACES)
def test_a_body_beyond_the_limit_is_refused_unread(
    place: str,
    browser: Client,
    allowed: Callable[[str], dict[str, Any]],
    made: list[str],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.EXPORT_MAX_BYTES = settings.HAND_IN_MAX_BYTES = 1000
    monkeypatch.setattr(documents, "LIMIT", 1000)
    headers = allowed(place)
    made.clear()
    upload = Upload(size=1000 + 1024 * 1024)
    answer = upload.send(browser, reverse(place), **headers)
    assert answer.status_code == 413
    assert not upload.body.touched
    assert made == []


@pytest.mark.parametrize("place", ["office-new", "api-export-answer"])
def test_where_no_file_is_taken_five_megabytes_are_the_end(
    place: str, browser: Client, allowed: Callable[[str], dict[str, Any]], made: list[str]
) -> None:
    browser.force_login(RoleFactory(role="administrator").user)
    headers = allowed(place) if place.startswith("api-") else {}
    path = reverse(place, args=["EXP-2026-0001"] if place.startswith("api-") else [])
    body = Body(b'{"answers": {}}')
    answer = send(browser, path, body, 5 * 1024 * 1024 + 1, "application/json", **headers)
    assert answer.status_code == 413
    assert not body.touched


@pytest.mark.parametrize("size", [512 * 1024, 5 * 1024 * 1024])
def test_an_action_beside_one_that_takes_files_takes_none(
    size: int, browser: Client, made: list[str]
) -> None:
    """Answering an export's questions stands in the same view set as handing one in."""
    system = User.objects.create_user("bridge", is_system=True)
    RoleFactory(user=system, role="liaison", office=OfficeFactory())
    _, clear = tokens.issue(system, "bridge", ["exports.answer"], actor=None)
    export = ExportFactory(office=system.roles.get().office, state="needs_answer")
    made.clear()
    path = reverse("api-export-answer", args=[export.number])
    answer = Upload(size=size).send(browser, path, HTTP_AUTHORIZATION=f"Bearer {clear}")
    assert answer.status_code in (400, 413)
    assert made == []


def test_a_body_in_chunks_is_refused_unread(
    browser: Client, allowed: Callable[[str], dict[str, Any]], made: list[str]
) -> None:
    headers = allowed("api-exports")
    made.clear()
    upload = Upload()
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = upload.send(browser, reverse("api-exports"), **headers, **chunked)
    assert answer.status_code == 411
    assert answer.json()["code"] == "length-missing"
    assert not upload.body.touched
    assert made == []


def test_files_wait_under_the_data_folder() -> None:
    """Else the tests above would look for them in the wrong place."""
    assert Path(settings.FILE_UPLOAD_TEMP_DIR).is_relative_to(settings.DATA_DIR)
    assert Path(settings.VAULT_DIR).is_relative_to(settings.DATA_DIR)
