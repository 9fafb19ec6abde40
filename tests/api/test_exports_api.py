"""Handing in and following exports over the API."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.jobs.models import Job
from portal.vault.models import Reception
from records import tasks
from records.models import MessageExport
from tests.factories import (
    CustodianFactory,
    ExportFactory,
    FindingFactory,
    MessagingToolFactory,
    OfficeFactory,
)

CHAT = b"".join(
    f"{day:02}/03/2022, 13:{minute:02} - Ann Archer: message {minute} of day {day}\n".encode()
    for day in range(18, 24)
    for minute in range(10)
)


@pytest.fixture
def form(office):
    return {
        "office": office.code,
        "custodian": CustodianFactory(office=office).pk,
        "tool": MessagingToolFactory(name="WhatsApp").name,
        "account": "personal",
        "time_zone": "America/Chicago",
        "collected_by": "Records liaison",
        "collected_on": "2022-04-01",
    }


def _file(content: bytes = CHAT, name: str = "WhatsApp Chat with Group.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def _read_waiting() -> None:
    """Do what a worker does with the jobs that wait."""
    for job in Job.objects.filter(state=Job.State.QUEUED):
        tasks.ingest_export(str(job.pk))


def test_an_export_is_handed_in_and_polled_to_its_end(client_with, form):
    client = client_with()
    answer = client.post("/api/v1/exports/", {**form, "file": _file()}, format="multipart")
    assert answer.status_code == 202, answer.content
    assert answer.json()["state"] == "received"
    where = answer["Location"]
    assert client.get(where).json()["settled"] is False
    _read_waiting()
    body = client.get(where).json()
    assert (body["state"], body["settled"], body["entries"]) == ("ready", True, 60)
    assert body["bytes_owned"] == body["bytes_total"] == len(CHAT)
    assert body["job"]["state"] == "done"
    rows = client.get(f"{where}messages/", {"page_size": 25}).json()
    assert [row["seq"] for row in rows["results"]] == list(range(1, 26))
    following = client.get(rows["next"]).json()
    assert following["results"][0]["seq"] == 26
    assert following["results"][0]["sender"] == "Ann Archer"


def test_the_same_bytes_again_answer_200_with_the_export_already_held(client_with, form):
    client = client_with()
    first = client.post("/api/v1/exports/", {**form, "file": _file()}, format="multipart")
    second = client.post(
        "/api/v1/exports/", {**form, "file": _file(name="again.txt")}, format="multipart"
    )
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["number"] == second.json()["number"]
    assert Reception.objects.count() == 2


def test_an_empty_file_is_refused_with_its_code(client_with, form):
    answer = client_with().post(
        "/api/v1/exports/", {**form, "file": _file(b"")}, format="multipart"
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "V-EMPTY"
    assert answer.json()["next_step"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("office", "NO-SUCH"),
        ("custodian", "999999"),
        ("tool", "Nothing"),
        ("account", "both"),
        ("collected_on", "yesterday"),
        ("state", "ready"),
        ("verdict", "accepted"),
    ],
)
def test_a_wrong_or_unknown_field_is_named(client_with, form, field, value):
    answer = client_with().post(
        "/api/v1/exports/", {**form, field: value, "file": _file()}, format="multipart"
    )
    assert answer.status_code == 422
    assert field in answer.json()["fields"]
    assert not MessageExport.objects.exists()


def test_a_time_zone_that_does_not_exist_is_refused(client_with, form):
    answer = client_with().post(
        "/api/v1/exports/",
        {**form, "time_zone": "Mars/Olympus", "file": _file()},
        format="multipart",
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "E-ZONE")


def test_an_export_of_another_office_does_not_exist(client_with, office):
    foreign = ExportFactory(office=OfficeFactory(code="OTHER"))
    FindingFactory(export=foreign)
    client = client_with()
    for path in ("", "problems/", "messages/"):
        assert client.get(f"/api/v1/exports/{foreign.number}/{path}").status_code == 404
    assert client.post(
        f"/api/v1/exports/{foreign.number}/answer/", {}, format="json"
    ).status_code in {403, 404}
    for path in ("exports", "findings"):
        assert client.get(f"/api/v1/{path}/").json()["results"] == []


def test_another_offices_code_looks_like_one_that_does_not_exist(client_with, form):
    OfficeFactory(code="SECRET")
    client = client_with()
    known = client.post(
        "/api/v1/exports/", {**form, "office": "SECRET", "file": _file()}, format="multipart"
    )
    unknown = client.post(
        "/api/v1/exports/", {**form, "office": "NOTHERE", "file": _file()}, format="multipart"
    )
    assert known.status_code == unknown.status_code == 422
    assert known.content.replace(b"SECRET", b"") == unknown.content.replace(b"NOTHERE", b"")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("delete", "/api/v1/exports/", 405),
        ("put", "/api/v1/findings/", 405),
        ("get", "/api/v1/nothing/", 404),
        ("get", "/api/v1/exports/EXP-1999-0001/", 404),
    ],
)
def test_every_error_is_problem_json(client_with, method, path, status):
    answer = getattr(client_with(), method)(path)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    assert {"title", "status", "detail", "code"} <= set(answer.json())


def test_a_body_of_another_type_is_415(client_with):
    answer = client_with().post("/api/v1/exports/", "<x/>", content_type="application/xml")
    assert answer.status_code == 415
