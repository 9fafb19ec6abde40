"""Pages of senders: the worklist, one sender, linking, and the name beside what the messages say."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.agency.models import PersonPhone
from records.models import Alias, Handle, MessageExport
from records.services import aliases
from tests.factories import OfficeFactory, PersonFactory, RoleFactory
from tests.records.exports import Desk

TEXT = (
    "1/20/21, 09:00 - +1 202 555 0143: Where are you?\n"
    "1/20/21, 09:05 - Buddy: At the gate\n"
    "1/21/21, 10:00 - Buddy: Gone now\n"
)


@pytest.fixture
def export(desk: Desk) -> MessageExport:
    PersonPhone.objects.create(
        person=PersonFactory(name="Ana Ruiz", office=desk.office), number="+12025550143"
    )
    return desk.read(TEXT.encode())


def words_of(client: Client, name: str, *args: Any, **query: Any) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def handle(value: str) -> Handle:
    return Handle.objects.get(value=value)


def test_the_worklist_counts_and_tells_why_somebody_is_suggested(
    officer: Client, export: MessageExport
) -> None:
    words = words_of(officer, "sender-list")
    assert "2 senders" in words
    assert "The register of people has the number +12025550143 for Ana Ruiz." in words
    assert "Jan 20, 2021" in words and "Jan 21, 2021" in words
    assert words.index("Buddy") < words.index("+1 202 555 0143")  # who wrote more comes first


def test_the_worklist_narrows_by_office_export_and_words(
    officer: Client, desk: Desk, export: MessageExport
) -> None:
    below = OfficeFactory(parent=desk.office)
    assert "Nothing matches" in words_of(officer, "sender-list", office=below.pk)
    assert "2 senders" in words_of(officer, "sender-list", office=desk.office.pk)
    assert "2 senders" in words_of(officer, "sender-list", export=export.number)
    assert "Nothing matches" in words_of(officer, "sender-list", export="EXP-1999-0001")
    assert "1 sender" in words_of(officer, "sender-list", q="budd")
    assert "1 sender" in words_of(officer, "sender-list", suggestion="with")


def test_who_is_identified_leaves_the_worklist_and_is_found_when_asked_for(
    officer: Client, desk: Desk, export: MessageExport
) -> None:
    aliases.link(handle("buddy"), outsider="Bud Abbott", reason="Asked.", actor=desk.liaison)
    assert "Buddy" not in words_of(officer, "sender-list")
    assert "Buddy" in words_of(officer, "sender-list", show="identified")
    assert "2 senders" in words_of(officer, "sender-list", show="all")


def test_the_worklist_downloads_as_csv(officer: Client, export: MessageExport) -> None:
    response = officer.get(reverse("sender-list"), {"format": "csv"})
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 3
    assert "Ana Ruiz: The register of people" in lines[2]


def test_suggestions_are_confirmed_in_number_after_each_was_shown(
    officer: Client, desk: Desk, export: MessageExport
) -> None:
    shown = words_of(officer, "sender-confirm", every="1")
    assert "Confirm 1 suggestion" in shown
    assert "The register of people has the number" in shown
    assert not Alias.objects.in_force().exists()
    response = officer.post(
        reverse("sender-confirm"), {"alias": [Alias.objects.get().pk]}, follow=True
    )
    assert "1 sender is linked." in response.content.decode()
    assert Alias.objects.in_force().get().judgement.startswith("The register of people")


def test_a_sender_with_two_suggestions_is_judged_alone(
    officer: Client, desk: Desk, export: MessageExport
) -> None:
    for _ in range(2):
        PersonFactory(name="Buddy", office=desk.office)
    officer.post(reverse("sender-look-again"))
    assert Alias.objects.suggested().filter(handle=handle("buddy")).count() == 2
    assert "Confirm 1 suggestion" in words_of(officer, "sender-confirm", every="1")
    assert "the one suggestion" in words_of(officer, "sender-list")


def test_one_sender_shows_where_it_occurs_and_links_to_the_conversation(
    officer: Client, export: MessageExport
) -> None:
    words = words_of(officer, "sender-detail", handle("buddy").pk)
    assert reverse("conversation-detail", args=[export.number, 0]) in words
    assert reverse("export-detail", args=[export.number]) in words
    assert "Not identified" in words


def test_a_link_is_made_withdrawn_and_kept_in_the_history(
    officer: Client, desk: Desk, export: MessageExport
) -> None:
    sender = handle("buddy")
    refused = officer.post(reverse("sender-link", args=[sender.pk]), {"reason": "Asked."})
    assert refused.status_code == 422
    assert "Say who it is" in refused.content.decode()
    told = {"person": desk.custodian.person.pk, "reason": "Asked everybody."}
    made = officer.post(reverse("sender-link", args=[sender.pk]), told, follow=True)
    assert "Asked everybody." in made.content.decode()
    step = reverse("sender-step", args=[sender.pk, Alias.objects.in_force().get().pk])
    officer.post(step, {"step": "withdraw", "reason": "It was the driver."})
    words = words_of(officer, "sender-detail", sender.pk)
    assert "It was the driver." in words and "Asked everybody." in words
    assert "Nobody has said so yet." in words


def test_a_suggestion_is_confirmed_on_the_page_of_its_sender(
    officer: Client, export: MessageExport
) -> None:
    alias = Alias.objects.suggested().get()
    officer.post(reverse("sender-step", args=[alias.handle_id, alias.pk]), {"step": "confirm"})
    alias.refresh_from_db()
    assert alias.state == "confirmed"


def test_a_sender_is_marked_unidentifiable_with_what_was_tried(
    officer: Client, export: MessageExport
) -> None:
    url = reverse("sender-unidentifiable", args=[handle("buddy").pk])
    assert officer.post(url, {"reason": ""}).status_code == 422
    officer.post(url, {"reason": "All five members were asked."})
    assert Alias.objects.in_force().get().whose == "unidentifiable"


def test_the_conversation_names_the_person_beside_the_sender_never_instead(
    officer: Client, desk: Desk, export: MessageExport
) -> None:
    aliases.link(handle("buddy"), outsider="Bud Abbott", reason="Asked.", actor=desk.liaison)
    words = words_of(officer, "conversation-detail", export.number, 0)
    beside = words.partition("<bdi>Buddy</bdi> <span")[2].partition("</p>")[0]
    assert "<bdi>Bud Abbott</bdi>" in beside
    assert "<bdi>+1 202 555 0143</bdi></p>" in words


def test_an_export_warns_until_every_sender_is_explained(
    officer: Client, desk: Desk, export: MessageExport
) -> None:
    page = reverse("sender-list") + f"?export={export.number}"
    words = words_of(officer, "export-detail", export.number)
    assert "2 senders are not identified" in words and page in words
    aliases.link(handle("buddy"), outsider="Bud Abbott", reason="Asked.", actor=desk.liaison)
    assert "1 sender is not identified" in words_of(officer, "export-detail", export.number)
    aliases.mark_unidentifiable(handle("+12025550143"), reason="Burner phone.", actor=desk.liaison)
    words = words_of(officer, "export-detail", export.number)
    assert "not identified</h2>" not in words
    assert f"{page}&show=all" in words


def test_the_home_page_counts_senders_that_wait(officer: Client, export: MessageExport) -> None:
    words = words_of(officer, "home")
    assert "senders not identified" in words and reverse("sender-list") in words


MAY = {
    "records_officer": (200, 200),
    "liaison": (200, 200),
    "auditor": (200, 403),
    "counsel": (200, 403),
    "custodian": (403, 403),
    "administrator": (403, 403),
}


@pytest.mark.parametrize("role", MAY)
def test_each_role_reads_or_links_as_the_table_of_roles_says(
    role: str, sign_in: Callable[..., Client], export: MessageExport
) -> None:
    client, sender = sign_in(role), handle("buddy")
    reads = client.get(reverse("sender-detail", args=[sender.pk])).status_code
    links = client.get(reverse("sender-link", args=[sender.pk])).status_code
    assert (reads, links) == MAY[role]


def test_an_auditor_sees_no_way_to_link_and_none_into_the_messages(
    sign_in: Callable[..., Client], export: MessageExport
) -> None:
    auditor, sender = sign_in("auditor"), handle("buddy")
    words = words_of(auditor, "sender-detail", sender.pk) + words_of(auditor, "sender-list")
    assert reverse("sender-link", args=[sender.pk]) not in words
    assert reverse("conversation-detail", args=[export.number, 0]) not in words
    assert "confirm-suggestions" not in words


def test_a_sender_of_another_office_does_not_exist(
    sign_in: Callable[..., Client], export: MessageExport
) -> None:
    stranger = sign_in("records_officer", OfficeFactory())
    for name in ("sender-detail", "sender-link", "sender-unidentifiable"):
        assert stranger.get(reverse(name, args=[handle("buddy").pk])).status_code == 404
    alias = Alias.objects.suggested().get()
    url = reverse("sender-step", args=[alias.handle_id, alias.pk])
    assert stranger.post(url, {"step": "confirm"}).status_code == 404
    assert stranger.post(reverse("sender-confirm"), {"alias": alias.pk}).status_code == 302
    assert not Alias.objects.in_force().exists()


def test_a_suggestion_of_another_sender_is_not_taken_at_this_address(
    officer: Client, export: MessageExport
) -> None:
    alias = Alias.objects.suggested().get()
    url = reverse("sender-step", args=[handle("buddy").pk, alias.pk])
    assert officer.post(url, {"step": "confirm"}).status_code == 404


@pytest.mark.parametrize("count", [1, 30])
def test_the_worklist_asks_the_database_as_often_for_many_senders_as_for_one(
    count: int, desk: Desk, django_assert_max_num_queries: Any
) -> None:
    lines = [f"1/20/21, 09:00 - Sender {number}: Hello\n" for number in range(count)]
    desk.read("".join(lines).encode())
    client = Client()
    client.force_login(RoleFactory(office=desk.office).user)
    with django_assert_max_num_queries(20):
        client.get(reverse("sender-list"))
