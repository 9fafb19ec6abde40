"""Pages of message exports: handing in, the list, one export, its progress, answers and originals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.agency.models import Office
from portal.audit.models import AuditEvent
from portal.jobs.models import Job
from portal.vault.models import StoredFile
from records.formats import FORMATS
from records.models import MessageExport, Problem
from records.web.words import VARIANTS, changes_of, format_words
from tests.factories import OfficeFactory, ScheduleItemFactory
from tests.records.exports import Desk, chat, work

UNDECIDED = b"1/2/21, 09:00 - A: hi\n3/4/21, 09:05 - B: yes\n5/6/21, 10:00 - A: manifest\n"


def told(desk: Desk, *files: tuple[str, bytes], **more: Any) -> dict[str, Any]:
    return {
        "file": [SimpleUploadedFile(name, data) for name, data in files],
        "office": desk.office.pk,
        "custodian": desk.custodian.pk,
        "tool": desk.tool.pk,
        "account": "official",
        "time_zone": "America/New_York",
        "collected_by": "Field office",
        "collected_on": "2021-10-01",
        **more,
    }


def hand_in(client: Client, desk: Desk, *files: tuple[str, bytes], **more: Any) -> Any:
    return client.post(reverse("export-new"), told(desk, *files, **more), follow=True)


def test_each_file_gets_its_own_line(officer: Client, desk: Desk) -> None:
    response = hand_in(
        officer, desk, ("a.txt", chat(3)), ("b.txt", b""), ("c.txt", chat(3, seed=2))
    )
    assert response.redirect_chain[0][0] == reverse("export-received")
    export = MessageExport.objects.get(name="a.txt")
    assert export.office == desk.office
    assert export.collected_by == "Field office"
    words = response.content.decode()
    assert reverse("export-detail", args=[export.number]) in words
    assert "V-EMPTY" in words
    assert MessageExport.objects.count() == 2
    assert Job.objects.filter(state="queued").count() == 2


def test_what_was_handed_in_is_followed_until_nothing_moves(officer: Client, desk: Desk) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 200
    page = hand_in(officer, desk, ("a.txt", chat(3)), ("b.txt", UNDECIDED), ("c.png", picture))
    address = reverse("export-received")
    polled = f'hx-get="{address}"'
    assert polled in page.content.decode()
    ready, open_question, rejected = (
        work(MessageExport.objects.get(name=name)) for name in ("a.txt", "b.txt", "c.png")
    )
    words = officer.get(address).content.decode()
    assert polled not in words
    assert ready.get_verdict_display().lower() in words
    assert reverse("export-answer", args=[open_question.number]) in words
    assert rejected.rejection_code in words
    for export in (ready, open_question, rejected):
        assert reverse("export-detail", args=[export.number]) in words
        assert export.get_state_display() in words


def test_the_same_bytes_are_already_held(officer: Client, desk: Desk) -> None:
    hand_in(officer, desk, ("a.txt", chat(3)))
    response = hand_in(officer, desk, ("again.txt", chat(3)))
    export = MessageExport.objects.get()
    words = response.content.decode()
    assert "Already held" in words
    assert reverse("export-detail", args=[export.number]) in words
    assert export.stored_file.receptions.count() == 2


def test_a_file_that_is_refused_alone_says_why_in_the_form(officer: Client, desk: Desk) -> None:
    response = hand_in(officer, desk, ("empty.txt", b""))
    assert response.status_code == 422
    assert "V-EMPTY" in response.content.decode()
    assert not MessageExport.objects.exists()


def test_a_file_above_the_limit_is_refused_and_not_kept(
    officer: Client, desk: Desk, settings: Any
) -> None:
    settings.EXPORT_MAX_BYTES = 2000
    response = hand_in(officer, desk, ("large.txt", b"x" * 300_000), ("small.txt", chat(3)))
    assert "V-TOO-LARGE" in response.content.decode()
    assert MessageExport.objects.get().name == "small.txt"
    assert StoredFile.objects.count() == 1


def test_handing_in_nothing_says_that_a_file_is_missing(officer: Client, desk: Desk) -> None:
    response = hand_in(officer, desk)
    assert response.status_code == 422
    words = response.content.decode()
    assert (
        '<a class="usa-link" href="#id_file">Message exports</a>: This field is required.' in words
    )
    assert 'id="id_file_error"' in words


def test_whoever_keeps_the_registers_is_led_from_the_form_to_a_missing_tool(
    officer: Client, sign_in: Callable[..., Client]
) -> None:
    address = reverse("tool-new")
    assert address in officer.get(reverse("export-new")).content.decode()
    words = sign_in("custodian").get(reverse("export-new")).content.decode()
    assert "The records officer enters it." in words
    assert address not in words


def test_a_custodian_of_another_office_is_not_a_choice(officer: Client, desk: Desk) -> None:
    other = Desk()
    response = hand_in(officer, desk, ("a.txt", chat(3)), custodian=other.custodian.pk)
    assert response.status_code == 422
    assert not MessageExport.objects.exists()


def test_an_office_outside_of_the_reach_is_not_a_choice(officer: Client, desk: Desk) -> None:
    other = Desk()
    response = hand_in(
        officer, desk, ("a.txt", chat(3)), office=other.office.pk, custodian=other.custodian.pk
    )
    assert response.status_code == 422
    assert not MessageExport.objects.exists()


@pytest.mark.parametrize(
    "role", ["auditor", "counsel", "administrator", "nara_reviewer", "schedule_signer"]
)
def test_a_role_that_hands_nothing_in_is_refused(
    sign_in: Callable[..., Client], desk: Desk, role: str
) -> None:
    client = sign_in(role)
    assert client.get(reverse("export-new")).status_code == 403
    assert client.post(reverse("export-new"), told(desk, ("a.txt", chat(3)))).status_code == 403
    assert not MessageExport.objects.exists()


def test_the_permission_is_looked_at_before_the_body_is_read(
    sign_in: Callable[..., Client], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.handlers.wsgi import WSGIRequest

    read = []
    load = WSGIRequest._load_post_and_files
    monkeypatch.setattr(
        WSGIRequest, "_load_post_and_files", lambda self: (read.append(self.path), load(self))[1]
    )
    sign_in("auditor").post(reverse("export-new"), told(desk, ("a.txt", chat(3))))
    assert read == []


def test_handing_in_needs_the_form_token(desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.liaison)
    assert client.post(reverse("export-new"), told(desk, ("a.txt", chat(3)))).status_code == 403
    token = client.get(reverse("export-new")).context["csrf_token"]
    sent = told(desk, ("a.txt", chat(3)), csrfmiddlewaretoken=str(token))
    assert client.post(reverse("export-new"), sent).status_code == 302
    assert MessageExport.objects.count() == 1


def test_custodians_narrow_to_the_office(officer: Client, desk: Desk) -> None:
    child: Any = OfficeFactory(parent=desk.office)
    words = officer.get(reverse("export-custodians"), {"office": child.pk}).content.decode()
    assert desk.custodian.person.name not in words
    words = officer.get(reverse("export-custodians"), {"office": desk.office.pk}).content.decode()
    assert desk.custodian.person.name in words


def test_a_custodian_that_was_chosen_first_stays_when_the_office_fits(
    officer: Client, desk: Desk
) -> None:
    chosen = {"office": desk.office.pk, "custodian": desk.custodian.pk}
    words = officer.get(reverse("export-custodians"), chosen).content.decode()
    assert f'value="{desk.custodian.pk}" selected' in words
    child: Any = OfficeFactory(parent=desk.office)
    words = officer.get(reverse("export-custodians"), chosen | {"office": child.pk})
    assert desk.custodian.person.name not in words.content.decode()
    assert (
        'hx-include="#id_office, #id_custodian"'
        in officer.get(reverse("export-new")).content.decode()
    )


def test_the_list_shows_what_is_in_reach_and_filters(officer: Client, desk: Desk) -> None:
    mine, theirs = desk.read(chat(5)), Desk().read(chat(5))
    words = officer.get(reverse("export-list")).content.decode()
    assert mine.number in words
    assert theirs.number not in words
    assert (
        mine.number
        not in officer.get(reverse("export-list"), {"state": "rejected"}).content.decode()
    )
    assert (
        mine.number
        in officer.get(reverse("export-list"), {"office": desk.office.pk}).content.decode()
    )
    rows = b"".join(
        officer.get(reverse("export-list"), {"format": "csv"}).streaming_content
    ).decode()
    assert mine.number in rows
    assert theirs.number not in rows


@pytest.mark.parametrize(
    "name", ["export-detail", "export-progress", "export-problems", "export-conversations"]
)
def test_an_export_of_another_office_does_not_exist(officer: Client, desk: Desk, name: str) -> None:
    export = Desk().read(chat(5))
    assert officer.get(reverse(name, args=[export.number])).status_code == 404


@pytest.mark.parametrize(
    "number", ["EXP%00", "EXP-2026-9999", "%F0%9F%98%80", "%C3%28", "x" * 3000]
)
def test_a_number_of_nothing_leads_nowhere(officer: Client, number: str) -> None:
    for tail in (
        "",
        "progress/",
        "problems/",
        "answer/",
        "c/0/",
        "c/999999999999999999999/",
        "c/0/1/bytes/",
        "findings/1/",
    ):
        assert officer.get(f"/exports/{number}/{tail}").status_code == 404, tail


def test_the_detail_page_tells_everything_about_an_export(officer: Client, desk: Desk) -> None:
    export = desk.read(chat(300))
    words = officer.get(reverse("export-detail", args=[export.number])).content.decode()
    for expected in (
        export.stored_file.sha256,
        "Every byte is accounted for",
        "Month, day, year",
        "WhatsApp chat export: Android",
        "Handed in",
        "Intact",
        reverse("conversation-detail", args=[export.number, 0]),
        "36 CFR 1220.18",
    ):
        assert expected in words, expected


def test_a_corrected_time_zone_is_named_in_words() -> None:
    changes = {"time_zone": {"from": "", "to": "America/Chicago"}}
    event = AuditEvent(action="export.corrected", detail={"changes": changes})
    assert changes_of(event) == [("Time zone", "not said", "Central (Chicago)")]


def test_every_variant_with_words_is_of_a_format_that_is_read() -> None:
    assert {name for name, _ in VARIANTS} <= {each.name for each in FORMATS}
    assert format_words("messenger", "instagram").endswith("(JSON): Instagram")
    assert format_words("sms_backup", "xml") == "SMS Backup & Restore (XML)"
    assert format_words("later_app", "new") == "later_app"


def test_an_assumed_time_zone_is_named_in_words(officer: Client, desk: Desk) -> None:
    export = desk.read(chat(3))
    reading = {**export.reading, "time_zone_assumed": True, "time_zone": "America/New_York"}
    MessageExport.objects.filter(pk=export.pk).update(reading=reading, time_zone="")
    page = officer.get(reverse("export-detail", args=[export.number])).content.decode()
    assert "Eastern (New York) assumed for UTC" in page
    assert "America/New_York" not in page


def test_an_export_without_a_right_to_content_links_no_content(
    sign_in: Callable[..., Client], desk: Desk
) -> None:
    export = desk.read(chat(300))
    client = sign_in("custodian")
    words = client.get(reverse("export-detail", args=[export.number])).content.decode()
    assert reverse("conversation-detail", args=[export.number, 0]) not in words
    assert reverse("export-original", args=[export.number]) not in words
    assert client.get(reverse("export-original", args=[export.number])).status_code == 403


def test_progress_is_polled_until_the_export_is_settled(officer: Client, desk: Desk) -> None:
    export = desk.hand_in(chat(5)).export
    page = officer.get(reverse("export-detail", args=[export.number])).content.decode()
    address = reverse("export-progress", args=[export.number])
    assert f'hx-get="{address}"' in page
    assert "Safe to leave this page" in officer.get(address).content.decode()
    work(export)
    answer = officer.get(address)
    assert answer.status_code == 204
    assert answer["HX-Refresh"] == "true"
    assert (
        address not in officer.get(reverse("export-detail", args=[export.number])).content.decode()
    )


@pytest.mark.parametrize(
    ("stage", "done", "words"),
    [
        ("surveying", 0, "Looking through the whole file"),
        ("reading", 0, "Reading"),
        ("examining", 4000, "Looking for evidence of loss"),
    ],
)
def test_progress_names_the_stage_and_no_share_that_nobody_has_measured(
    officer: Client, desk: Desk, stage: str, done: int, words: str
) -> None:
    export = desk.hand_in(chat(5)).export
    running = {"state": Job.State.RUNNING, "stage": stage, "total": 4000}
    address = reverse("export-progress", args=[export.number])
    Job.objects.update(**running, done=done)
    page = officer.get(address).content.decode()
    assert words in page
    assert "%" not in page
    Job.objects.update(**running, done=1000)
    assert "25 %" in officer.get(address).content.decode()


def test_a_question_shows_both_readings_and_takes_an_answer(officer: Client, desk: Desk) -> None:
    export = desk.read(UNDECIDED)
    address = reverse("export-answer", args=[export.number])
    words = officer.get(address).content.decode()
    assert "1 February 2021" in words
    assert "2 January 2021" in words
    assert officer.post(address, {}).status_code == 422
    assert officer.post(address, {"date_order": "dmy"}).status_code == 302
    export.refresh_from_db()
    assert export.answers == {"date_order": "dmy"}
    work(export)
    assert export.state == "ready"
    assert officer.get(address).status_code == 302


def test_a_rejected_file_says_what_to_do(officer: Client, desk: Desk) -> None:
    export = desk.read(b"\x89PNG\r\n\x1a\n" + b"\0" * 200, name="photo.txt")
    words = officer.get(reverse("export-detail", args=[export.number])).content.decode()
    assert export.rejection_code in words
    assert "The file is kept" in words


def test_the_original_is_downloaded_as_bytes_and_noted(officer: Client, desk: Desk) -> None:
    data = chat(20)
    export = desk.read(data, name="<b>chat</b>.html")
    response = officer.get(reverse("export-original", args=[export.number]))
    assert b"".join(response.streaming_content) == data
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    events = AuditEvent.objects.filter(action="export.original_copied", object_id=str(export.pk))
    assert events.count() == 1


def test_reading_again_needs_a_post_and_the_right(
    sign_in: Callable[..., Client], officer: Client, desk: Desk
) -> None:
    export = desk.read(chat(5))
    address = reverse("export-read-again", args=[export.number])
    assert officer.get(address).status_code == 405
    assert sign_in("auditor").post(address).status_code == 403
    assert officer.post(address).status_code == 302
    export.refresh_from_db()
    assert export.state == "received"


def test_a_correction_keeps_its_reason(officer: Client, desk: Desk) -> None:
    export = desk.read(chat(5))
    address = reverse("export-correct", args=[export.number])
    said = {
        "custodian": desk.custodian.pk,
        "tool": desk.tool.pk,
        "account": "personal",
        "time_zone": export.time_zone,
        "collected_by": "",
        "collected_on": "",
        "reason": "",
    }
    assert officer.post(address, said).status_code == 422
    assert officer.post(address, {**said, "reason": "The form was wrong."}).status_code == 302
    export.refresh_from_db()
    assert export.account == "personal"
    assert (
        AuditEvent.objects.get(action="export.corrected").detail["reason"] == "The form was wrong."
    )
    words = officer.get(reverse("export-detail", args=[export.number])).content.decode()
    assert (
        "Account or device: from Official account or device to Personal account or device" in words
    )
    assert "The form was wrong." in words


def test_problems_are_listed_with_place_and_reason(officer: Client, desk: Desk) -> None:
    export = desk.read(chat(5))
    Problem.objects.create(
        export=export,
        code="W-X",
        severity="error",
        words="=1+1 \u202eodd",
        line=7,
        offset=99,
        length=3,
    )
    address = reverse("export-problems", args=[export.number])
    words = officer.get(address).content.decode()
    assert "W-X" in words
    assert "\u202e" not in words
    assert "=1+1" not in officer.get(address, {"severity": "info"}).content.decode()
    rows = b"".join(officer.get(address, {"format": "csv"}).streaming_content).decode()
    assert "99,3,'=1+1" in rows


def test_filing_under_a_schedule_item(officer: Client, desk: Desk) -> None:
    export, item = desk.read(chat(5)), ScheduleItemFactory()
    address = reverse("conversation-file", args=[export.number, 0])
    assert (
        officer.post(address, {"office": desk.office.pk, "schedule_item": item.pk}).status_code
        == 302
    )
    conversation = export.conversations.get()
    assert conversation.schedule_item == item
    assert conversation.filed_by is not None
    assert (
        str(item)
        in officer.get(reverse("export-conversations", args=[export.number])).content.decode()
    )
    elsewhere: Office = Desk().office
    assert officer.post(address, {"office": elsewhere.pk}).status_code == 422


def test_a_file_name_is_data(officer: Client, desk: Desk) -> None:
    export = desk.read(chat(5), name="<script>x</script>{{ 7 }}\u202etxt.exe")
    for address in (reverse("export-detail", args=[export.number]), reverse("export-list")):
        words = officer.get(address).content.decode()
        assert "<script>x" not in words
        assert "{{ 7 }}" in words


def test_nothing_is_left_of_files_that_were_not_taken(
    officer: Client, desk: Desk, settings: Any
) -> None:
    settings.EXPORT_MAX_BYTES = 2000
    hand_in(officer, desk, ("large.txt", b"x" * 300_000), ("empty.txt", b""))
    hand_in(officer, desk, ("a.txt", chat(3)), office="")
    assert not list(settings.VAULT_DIR.glob("incoming-*"))
