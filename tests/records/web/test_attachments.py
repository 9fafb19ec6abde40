"""Pages of attachments: the list, copies, pictures, the quarantine, another scan; and the API's list."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.agency import tokens
from portal.agency.models import ApiToken
from portal.audit.models import AuditEvent
from records.ingest import examination
from records.models import Attachment, MessageExport
from tests.attachments import samples
from tests.attachments.clamd_process import ClamdProcess
from tests.factories import RoleFactory, UserFactory
from tests.records.exports import Desk
from tests.records.test_attachments import examine, export_with, put_inside

pytestmark = pytest.mark.django_db
FILES = {
    "IMG-1.jpg": samples.image(),
    "PTT-1.opus": samples.opus(65_000),
    "photo.jpg": b"MZ" + bytes(90),
    "page.html": b"<html><script>alert(1)</script>",
    "draw.svg": samples.OF_EACH_TYPE["image/svg+xml"],
    "virus.txt": samples.EICAR,
}


@pytest.fixture(scope="module")
def clamd() -> Iterator[ClamdProcess]:
    with ClamdProcess() as process:
        yield process


@pytest.fixture
def export(desk: Desk, clamd: ClamdProcess, settings: object) -> MessageExport:
    settings.CLAMD_URL = clamd.url
    made = export_with(desk, FILES, "IMG-9.jpg")
    examine(made)
    return made


def file(export: MessageExport, name: str) -> Attachment:
    return export.attachments.get(name=name)


def copy(client: Client, export: MessageExport, name: str) -> object:
    return client.get(reverse("attachment-download", args=[export.number, file(export, name).pk]))


def names(client: Client, export: MessageExport, **query: str) -> set[str]:
    page = client.get(reverse("export-attachments", args=[export.number]), query)
    assert page.status_code == 200
    return {row.name for row in page.context["position"].rows}


def test_the_list_tells_name_type_length_size_hash_scan_and_entry(
    officer: Client, export: MessageExport
) -> None:
    page = officer.get(reverse("export-attachments", args=[export.number])).content.decode()
    photo = file(export, "IMG-1.jpg")
    for words in (
        "JPEG image", "1:05", photo.content.sha256[:16], "Clean", "Infected: in quarantine", "Eicar-Test-Signature",
        "Its name says JPEG image; its bytes are: Windows program.", "Named, but not in the export",
        f"/exports/{export.number}/c/0/?at={photo.seq}#e{photo.seq}",
    ):  # fmt: skip
        assert words in page, words


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {*FILES, "IMG-9.jpg"}),
        ({"state": "missing"}, {"IMG-9.jpg"}),
        ({"type": "audio"}, {"PTT-1.opus"}),
        ({"type": "program"}, {"photo.jpg"}),
        ({"type": "page"}, {"page.html", "draw.svg"}),
        ({"scan": "infected"}, {"virus.txt"}),
        ({"scan": "waiting"}, set()),
        ({"warning": "type"}, {"photo.jpg"}),
        ({"warning": "unreadable"}, set()),
    ],
)
def test_the_list_is_narrowed(
    officer: Client, export: MessageExport, query: dict[str, str], expected: set[str]
) -> None:
    assert names(officer, export, **query) == expected


def test_equal_files_are_found_by_their_hash(officer: Client, export: MessageExport) -> None:
    sha256 = file(export, "PTT-1.opus").content.sha256
    assert names(officer, export, sha256=sha256) == {"PTT-1.opus"}


def test_csv_of_the_list_has_the_whole_hash(officer: Client, export: MessageExport) -> None:
    page = officer.get(reverse("export-attachments", args=[export.number]), {"format": "csv"})
    text = b"".join(page.streaming_content).decode()
    assert file(export, "IMG-1.jpg").content.sha256 in text
    assert "audio/ogg" in text


def test_counts_on_the_export_s_page_lead_to_the_list(
    officer: Client, export: MessageExport
) -> None:
    page = officer.get(reverse("export-detail", args=[export.number]))
    counts = {each.label: each for each in page.context["attachment_counts"]}
    assert {label: each.number for label, each in counts.items()} == {
        "in the export": 6, "named, not there": 1, "not what they say": 1, "infected": 1, "clean": 5,
    }  # fmt: skip
    words = page.content.decode()
    for each in counts.values():
        assert f"/attachments/?{each.query}" in words
        assert len(names(officer, export, **dict([each.query.split("=")]))) == each.number


def test_who_may_not_read_messages_sees_counts_and_no_list(
    sign_in: Callable[..., Client], export: MessageExport
) -> None:
    auditor = sign_in("auditor")
    page = auditor.get(reverse("export-detail", args=[export.number]))
    assert b"infected" in page.content
    assert b"/attachments/?" not in page.content
    assert auditor.get(reverse("export-attachments", args=[export.number])).status_code == 403


def test_another_office_s_attachments_do_not_exist(
    sign_in: Callable[..., Client], export: MessageExport
) -> None:
    stranger = sign_in(office=Desk().office)
    photo, virus = file(export, "IMG-1.jpg"), file(export, "virus.txt")
    for name, *key in (
        ("export-attachments",),
        ("attachment-download", photo.pk),
        ("attachment-picture", photo.pk),
        ("attachment-quarantine", virus.pk),
    ):
        assert stranger.get(reverse(name, args=[export.number, *key])).status_code == 404, name
    assert stranger.post(reverse("attachments-scan", args=[export.number])).status_code == 404


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("IMG-1.jpg", "image/jpeg"),
        ("PTT-1.opus", "audio/ogg"),
        ("photo.jpg", "application/octet-stream"),
        ("page.html", "application/octet-stream"),
        ("draw.svg", "application/octet-stream"),
    ],
)
def test_a_copy_is_a_file_to_keep_and_never_a_page(
    officer: Client, export: MessageExport, name: str, media_type: str
) -> None:
    response = copy(officer, export, name)
    assert b"".join(response.streaming_content) == FILES[name]
    assert response["Content-Type"] == media_type
    assert response["Content-Length"] == str(len(FILES[name]))
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    event = AuditEvent.objects.get(action="export.attachment_copied")
    assert event.detail["sha256"] == file(export, name).content.sha256


def test_an_infected_file_is_not_copied_and_has_no_picture(
    officer: Client, export: MessageExport
) -> None:
    response = copy(officer, export, "virus.txt")
    assert response.status_code == 403
    assert b"quarantine" in response.content
    assert not AuditEvent.objects.filter(action="export.attachment_copied").exists()
    photo = file(export, "IMG-1.jpg")
    address = reverse("attachment-picture", args=[export.number, photo.pk])
    assert officer.get(address).status_code == 200
    photo.content.scan = "infected"
    photo.content.save()
    assert officer.get(address).status_code == 404


def test_out_of_quarantine_with_a_reason_only_by_the_records_officer(
    officer: Client, sign_in: Callable[..., Client], export: MessageExport
) -> None:
    address = reverse("attachment-quarantine", args=[export.number, file(export, "virus.txt").pk])
    for role in ("liaison", "counsel", "schedule_signer", "administrator"):
        assert sign_in(role).post(address, {"reason": "x"}).status_code == 403, role
    assert b"Eicar-Test-Signature" in officer.get(address).content
    assert officer.post(address, {"reason": " "}).status_code == 422
    assert not AuditEvent.objects.filter(action="export.quarantine_opened").exists()
    response = officer.post(address, {"reason": "Forensics asked for it."})
    assert b"".join(response.streaming_content) == samples.EICAR
    assert response["Content-Type"] == "application/octet-stream"
    assert 'filename="virus.txt.infected"' in response["Content-Disposition"]
    event = AuditEvent.objects.get(action="export.quarantine_opened")
    assert event.detail["reason"] == "Forensics asked for it."
    clean = reverse("attachment-quarantine", args=[export.number, file(export, "IMG-1.jpg").pk])
    assert officer.get(clean).status_code == 404


def test_a_picture_is_the_portal_s_own_jpeg_with_strict_headers(
    officer: Client, export: MessageExport
) -> None:
    photo = file(export, "IMG-1.jpg")
    response = officer.get(reverse("attachment-picture", args=[export.number, photo.pk]))
    assert response.content.startswith(b"\xff\xd8\xff")
    assert response.content != FILES["IMG-1.jpg"]
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    for name in ("draw.svg", "page.html", "PTT-1.opus"):
        address = reverse("attachment-picture", args=[export.number, file(export, name).pk])
        assert officer.get(address).status_code == 404, name


def test_the_conversation_shows_pictures_lengths_warnings_and_quarantine(
    officer: Client, export: MessageExport
) -> None:
    page = officer.get(reverse("conversation-detail", args=[export.number, 0])).content.decode()
    photo, virus = file(export, "IMG-1.jpg"), file(export, "virus.txt")
    picture = reverse("attachment-picture", args=[export.number, photo.pk])
    assert f'<img src="{picture}"' in page
    assert page.count('/picture/"') == 1
    assert 'alt="Preview of IMG-1.jpg"' in page
    assert "1:05" in page
    assert "its bytes are: Windows program" in page
    assert reverse("attachment-quarantine", args=[export.number, virus.pk]) in page
    assert f'{reverse("attachment-download", args=[export.number, virus.pk])}"' not in page


def test_content_inside_the_text_is_copied_decoded(officer: Client, desk: Desk) -> None:
    text = base64.b64encode(FILES["IMG-1.jpg"])
    data = b"01/20/21, 08:00 - Ana Ruiz: " + text + b"\n01/25/21, 08:00 - Bob Lee: end\n"
    export = desk.read(data)
    put_inside(export, "part 1", (data.index(text), len(text)), encoding="base64")
    response = copy(officer, export, "part 1")
    assert b"".join(response.streaming_content) == FILES["IMG-1.jpg"]
    assert response["Content-Type"] == "application/octet-stream", "nobody has looked at it yet"
    put_inside(export, "torn", (data.index(text), 401), encoding="x-uuencode")
    assert copy(officer, export, "torn").status_code == 422


def test_another_scan_is_a_button_of_those_who_may(
    officer: Client, sign_in: Callable[..., Client], export: MessageExport
) -> None:
    address, listed = (
        reverse(name, args=[export.number]) for name in ("attachments-scan", "export-attachments")
    )
    assert b"Scan all again" in officer.get(listed).content
    assert b"Scan all again" not in sign_in("counsel").get(listed).content
    assert sign_in("counsel").post(address).status_code == 403
    assert officer.get(address).status_code == 405
    assert officer.post(address).status_code == 302
    assert b"A worker looks at these files" in officer.get(listed).content
    assert officer.post(address).status_code == 409


def test_the_list_costs_the_same_number_of_queries_for_many_files(
    officer: Client, desk: Desk, django_assert_max_num_queries: Callable[..., object]
) -> None:
    export = export_with(desk, {f"{number}.bin": b"%d" % number for number in range(60)})
    examine(export)
    with django_assert_max_num_queries(14):
        officer.get(reverse("export-attachments", args=[export.number]))


def test_the_api_lists_attachments_with_what_is_known_of_them(
    export: MessageExport, desk: Desk, client: Client
) -> None:
    user = RoleFactory(role="liaison", office=desk.office).user
    user.is_system = True
    user.save()
    token = tokens.issue(user, "t", ["messages.view", "exports.view"], actor=None)[1]
    ApiToken.objects.update(approved_by=UserFactory(), approved_at=timezone.now())
    address = reverse("api-export-attachments", args=[export.number])
    ask = {"headers": {"Authorization": f"Bearer {token}"}}
    rows = {row["name"]: row for row in client.get(address, **ask).json()["results"]}
    assert set(rows) == {*FILES, "IMG-9.jpg"}
    assert rows["PTT-1.opus"]["duration_ms"] == 65_000
    assert rows["PTT-1.opus"]["media_type"] == "audio/ogg"
    assert rows["virus.txt"]["scan"] == "infected"
    assert rows["IMG-9.jpg"]["sha256"] is None
    one = client.get(address, {"scan": "infected"}, **ask).json()["results"]
    assert [row["name"] for row in one] == ["virus.txt"]
    assert client.post(address, **ask).status_code == 405


def test_a_file_that_the_scanner_still_has_to_see_waits(
    officer: Client, desk: Desk, clamd: ClamdProcess, settings: object
) -> None:
    settings.CLAMD_URL = clamd.url
    export = export_with(desk, {"IMG-1.jpg": samples.image()})
    assert copy(officer, export, "IMG-1.jpg").status_code == 409
    examine(export)
    assert copy(officer, export, "IMG-1.jpg").status_code == 200
    assert examination.ask_for(export) is not None
