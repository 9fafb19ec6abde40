"""The sample agency: complete, labelled, loaded once, never beside an agency of one's own."""

from __future__ import annotations

import io
import re
import zipfile
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import resolve

from portal.agency.models import Office, RoleAssignment, Setup, Signer, User
from portal.agency.roles import ROLES
from portal.audit import log
from portal.audit.models import AuditEvent
from portal.jobs.models import Job
from records.models import (
    Conversation,
    Document,
    Finding,
    MessageExport,
    MessagingTool,
    ScheduleItem,
)
from reports import clocks
from reports.management.commands.sample import sign_ins
from reports.models import Incident, LetterItem, ReportVersion, Submission
from reports.sample import cast, phones, talk
from tests.factories import UserFactory

LINK = re.compile(r'href="(/[^"#?]*)')


def load() -> str:
    said = StringIO()
    call_command("sample", stdout=said)
    return said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_sample_agency_is_complete_and_every_page_of_it_opens() -> None:
    assert cast.PASSWORD in load()
    _holds_the_case()
    _is_labelled_and_audited()
    for account in (*cast.ACCOUNTS, cast.ADMINISTRATOR):
        _opens_every_page(account.username)
    before = AuditEvent.objects.count()
    assert "already" in load()
    assert AuditEvent.objects.count() == before


def _holds_the_case() -> None:
    states = sorted(MessageExport.objects.values_list("state", flat=True))
    assert states == ["needs_answer", "ready", "ready", "ready", "rejected"]
    ready = MessageExport.objects.filter(state="ready")
    assert all(
        600 <= export.entries <= 1500 and export.bytes_owned == export.bytes_total
        for export in ready
    )
    assert {export.variant for export in ready} == {"android", "ios"}
    assert {export.reading["date_order"] for export in ready} == {"dmy", "mdy"}
    rules = set(Finding.objects.current().values_list("rule", flat=True))
    assert rules >= {
        "timer_spans",
        "messages_deleted",
        "media_omitted",
        "media_missing",
        "view_once",
        "edited",
    }
    assert set(Finding.objects.values_list("state", flat=True)) == {
        "open",
        "confirmed",
        "dismissed",
    }
    assert set(ScheduleItem.objects.values_list("authority_verified", flat=True)) == {True, False}
    assert {tool.name for tool in MessagingTool.objects.all()} >= {
        "WhatsApp",
        "Wickr",
        "Signal",
        "Microsoft Teams",
    }
    assert Conversation.objects.filter(schedule_item=None).exists()
    main = Incident.objects.get(origin="oig_report")
    governing = clocks.of_incident(main)
    assert governing is not None and governing[1].falls_on == "Thanksgiving Day"
    assert LetterItem.objects.filter(letter__incident=main).count() == 2
    draft = ReportVersion.objects.get(report__incident=main)
    assert draft.state == "draft" and draft.fields.exclude(value="").count() > 10
    assert Submission.objects.get().package is not None
    assert not Job.objects.exclude(state=Job.State.DONE).exists()


def _is_labelled_and_audited() -> None:
    assert Setup.objects.get().sample
    for model in (MessageExport, Document, Incident):
        assert not model.objects.filter(sample=False).exists(), model
    assert not list(log.breaks())
    assert Signer.objects.get().person.user == User.objects.get(username="schedule.signer")
    assert set(RoleAssignment.objects.values_list("role", flat=True)) == set(ROLES)
    assert all(
        office.name.startswith("Sample") for office in Office.objects.filter(parent__parent=None)
    )


def _opens_every_page(username: str) -> None:
    """Follow every link that the person is shown, one page for each kind of address."""
    client = Client()
    assert client.login(username=username, password=cast.PASSWORD)
    waiting, seen = ["/"], set()
    while waiting:
        path = waiting.pop()
        response = client.get(path)
        assert response.status_code in (200, 302), (
            f"{username} is shown {path}, which answers {response.status_code}"
        )
        if response.status_code == 302:
            waiting.append(response.url)
            continue
        if response.streaming or "html" not in response["Content-Type"]:
            continue
        for found in LINK.findall(response.content.decode()):
            name = resolve(found).view_name if not found.startswith("/static/") else "static"
            if name not in seen and name != "static":
                seen.add(name)
                waiting.append(found)
    assert len(seen) > 5


@pytest.mark.django_db
def test_the_sample_is_refused_where_somebody_works_already() -> None:
    UserFactory()
    with pytest.raises(CommandError, match="accounts of its own"):
        load()
    assert not Setup.objects.filter(sample=True).exists()


@pytest.mark.django_db
def test_if_empty_leaves_a_portal_in_use_alone_without_an_error() -> None:
    UserFactory()
    said = StringIO()
    call_command("sample", "--if-empty", stdout=said)
    assert "not loaded" in said.getvalue() and not Office.objects.exists()


@pytest.mark.django_db
def test_the_sample_is_refused_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not for production"):
        load()


@pytest.mark.django_db
def test_an_interrupted_load_is_not_taken_for_a_loaded_one() -> None:
    Setup.objects.update_or_create(id=1, defaults={"sample": True})
    with pytest.raises(CommandError, match="interrupted"):
        load()


@pytest.mark.django_db
def test_sign_ins_are_told_only_where_the_sample_is() -> None:
    with pytest.raises(CommandError, match="not loaded"):
        call_command("sample", "--sign-ins", stdout=StringIO())


def test_there_is_one_sign_in_for_each_role_of_a_person() -> None:
    assert {row["role"] for row in sign_ins()} == set(ROLES) - {"system"}
    assert len({row["username"] for row in sign_ins()}) == len(sign_ins())


def test_the_sample_password_keeps_the_portals_own_rule() -> None:
    validate_password(cast.PASSWORD)


@pytest.mark.parametrize(
    "phone", [phones.CHIEF, phones.DEPUTY, phones.SUPERVISOR], ids=lambda phone: phone.owner
)
def test_the_same_phone_always_gives_the_same_bytes(phone: phones.Phone) -> None:
    assert phone.export() == phone.export()


def test_what_vanished_before_the_export_is_on_no_phone() -> None:
    gone = [
        event
        for event in talk.conversation()
        if event.vanishes_at and event.vanishes_at < phones.SUPERVISOR.exported_at
    ]
    assert gone
    kept = {event for _, event in phones._kept(phones.CHIEF)}
    assert not kept & set(gone)


def test_the_iphones_archive_lacks_files_that_its_text_names() -> None:
    with zipfile.ZipFile(io.BytesIO(phones.SUPERVISOR.export())) as archive:
        held = set(archive.namelist())
        named = set(re.findall(r"<attached: ([^>]+)>", archive.read("_chat.txt").decode()))
    assert named - held and held - named > {"_chat.txt"}


def test_only_numbers_that_nobody_can_have_are_in_the_sample() -> None:
    text = phones.CHIEF.export().decode()
    numbers = set(re.findall(r"\+\d[\d ()-]{8,}\d", text))
    assert numbers and all("555-01" in number for number in numbers)
