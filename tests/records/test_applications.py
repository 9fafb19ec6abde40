"""A file that is no export of the messaging tool that was named is told, and a correction settles it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from records.applications import CODE, tool_contradicted
from records.models import MessageExport
from records.services import exports
from records.verification import rows_of
from tests.factories import MessagingToolFactory, RoleFactory, SetupFactory
from tests.records.exports import Desk, chat


@pytest.mark.pure
@pytest.mark.parametrize(
    ("tool", "format_name"),
    [
        ("WhatsApp", "sms_backup"),
        ("WhatsApp Messenger", "slack"),
        ("SMS", "signal"),
        ("slack", "teams"),
    ],
)
def test_another_application_than_the_one_that_was_named_is_told(
    tool: str, format_name: str
) -> None:
    (problem,) = tool_contradicted(tool, format_name)
    assert tool in problem.words
    assert "correct" in problem.words


@pytest.mark.pure
@pytest.mark.parametrize(
    ("tool", "format_name"),
    [
        ("WhatsApp", "whatsapp"),
        ("Signal Messenger", "signal"),
        ("SMS on iPhones", "imessage"),
        ("WhatsApp", "generic"),
        ("WhatsApp", "mail"),
        ("WhatsApp", "rsmf"),
        ("WhatsApp", "ufed"),
        ("WhatsApp", ""),
        ("Archive of the bureau", "slack"),
        ("Slack and Teams", "slack"),
        ("Signaling console", "slack"),
    ],
)
def test_what_contradicts_nothing_is_not_told(tool: str, format_name: str) -> None:
    assert tool_contradicted(tool, format_name) == []


@pytest.mark.django_db
def test_a_contradiction_stands_on_the_page_until_the_tool_is_corrected(client: Client) -> None:
    SetupFactory()
    desk = Desk()
    desk.tool = MessagingToolFactory(name="Slack")
    export = desk.read(chat(5))
    assert "WhatsApp" in export.problems.get(code=CODE).words
    assert export.problem_count == export.problems.count()
    assert export.verdict == MessageExport.Verdict.ACCEPTED
    assert list(rows_of(export)) == []

    officer = RoleFactory(role="records_officer", office=desk.office).user
    client.force_login(officer)
    address = reverse("export-detail", args=[export.number])
    warning = "Another messaging tool was named"
    page = client.get(address).content.decode()
    assert warning in page
    assert reverse("export-correct", args=[export.number]) in page

    right = MessagingToolFactory(name="WhatsApp")
    exports.correct(export, actor=officer, reason="Wrong line of the list.", tool=right)
    export.refresh_from_db()
    assert not export.problems.filter(code=CODE).exists()
    assert export.problem_count == export.problems.count()
    assert warning not in client.get(address).content.decode()
    assert list(rows_of(export)) == []
