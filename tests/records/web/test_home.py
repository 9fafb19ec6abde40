"""The home page: my work, and where each person is led."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from portal.kit import panels
from tests.factories import RoleFactory
from tests.records.exports import Desk, chat


def test_an_empty_portal_teaches_the_first_steps(officer: Client) -> None:
    words = officer.get(reverse("home")).content.decode()
    assert "the first steps" in words
    assert reverse("export-new") in words


def test_every_count_leads_to_its_list(officer: Client, desk: Desk) -> None:
    desk.read(chat(400))
    desk.read(b"not an export at all")
    waiting = desk.hand_in(chat(5)).export
    words = officer.get(reverse("home")).content.decode()
    for state in ("under_way", "needs_answer", "rejected"):
        assert f"{reverse('export-list')}?state={state}" in words
    assert f"{reverse('finding-list')}?state=open" in words
    assert reverse("export-detail", args=[waiting.number]) in words
    assert "the first steps" not in words


def test_counts_stay_inside_the_reach(officer: Client, desk: Desk) -> None:
    theirs = Desk().read(chat(400))
    assert theirs.number not in officer.get(reverse("home")).content.decode()


def test_nobody_signed_in_is_sent_to_sign_in_once_there_are_people(desk: Desk) -> None:
    response = Client().get(reverse("home"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_a_portal_that_nobody_set_up_starts_with_its_setup(db: None) -> None:
    response = Client().get(reverse("home"))
    assert response.status_code == 302
    assert response["Location"] == reverse("setup")


def test_a_reviewer_works_in_the_reading_room(sign_in: Callable[..., Client]) -> None:
    response = sign_in("nara_reviewer").get(reverse("home"))
    assert response["Location"] == reverse("reading-room")


def test_a_person_without_work_here_is_told_so(sign_in: Callable[..., Client]) -> None:
    assert sign_in("administrator").get(reverse("home")).status_code == 200


def test_panels_come_in_order_and_only_where_they_have_something_to_say(desk: Desk) -> None:
    officer, administrator = (
        RoleFactory(role=role, office=desk.office).user
        for role in ("records_officer", "administrator")
    )
    shown = [panel.template for panel in panels.panels_for(officer)]
    assert shown.index("records/export_panel.html") < shown.index("records/finding_panel.html")
    assert "records/export_panel.html" not in [
        panel.template for panel in panels.panels_for(administrator)
    ]
