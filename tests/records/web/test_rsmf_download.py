"""The download of a conversation as RSMF: offered on its page, and the copy is in the custody log."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEvent
from records.models import MessageExport
from tests.records.exports import Desk, chat
from tests.records.rsmf_check import check


def test_the_page_offers_it_and_the_copy_is_in_the_custody_log(
    desk: Desk, sign_in: Callable[..., Client]
) -> None:
    export = desk.read(chat(40))
    officer = sign_in()
    page = officer.get(reverse("conversation-detail", args=[export.number, 0]))
    address = reverse("conversation-rsmf", args=[export.number, 0])
    assert address in page.content.decode()
    response = officer.get(address)
    assert response.status_code == 200
    assert f'filename="{export.number}-1.rsmf"' in response["Content-Disposition"]
    assert len(check(response.getvalue()).events) == 40
    event = AuditEvent.objects.get(action="export.conversation_copied")
    assert event.object_id == str(export.pk)
    assert event.detail == {"conversation": 0, "entries": 40, "form": "rsmf"}


def test_who_may_not_read_messages_gets_none_and_leaves_no_trace(
    desk: Desk, sign_in: Callable[..., Client]
) -> None:
    export = desk.read(chat(5))
    address = reverse("conversation-rsmf", args=[export.number, 0])
    assert sign_in("custodian").get(address).status_code in (403, 404)
    assert sign_in("administrator").get(address).status_code in (403, 404)
    assert not AuditEvent.objects.filter(action="export.conversation_copied").exists()


def test_an_export_that_is_being_read_gives_no_copy(
    desk: Desk, sign_in: Callable[..., Client]
) -> None:
    export = desk.read(chat(5))
    MessageExport.objects.filter(pk=export.pk).update(state=MessageExport.State.READING)
    response = sign_in().get(reverse("conversation-rsmf", args=[export.number, 0]))
    assert response.status_code == 409
    assert not AuditEvent.objects.filter(action="export.conversation_copied").exists()
