"""Findings: the list over all exports in reach, one finding with what it cites, and its judgement."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from records.models import Finding, MessageExport
from tests.records.exports import Desk, chat


@pytest.fixture
def export(desk: Desk) -> MessageExport:
    export = desk.read(chat(400))
    assert export.finding_count > 1
    return export


def test_the_list_shows_what_is_in_reach_and_filters(
    officer: Client, desk: Desk, export: MessageExport
) -> None:
    theirs = Desk().read(chat(400, seed=9))
    address = reverse("finding-list")
    words = officer.get(address).content.decode()
    assert export.number in words
    assert theirs.number not in words
    finding = export.findings.order_by("number").first()
    assert finding is not None
    rows = officer.get(address, {"code": finding.code}).context["table"].data
    assert {row.code for row in rows} == {finding.code}
    assert officer.get(address, {"export": theirs.number}).context["total"] == 0
    assert (
        officer.get(address, {"export": export.number.lower()}).context["total"]
        == export.finding_count
    )
    assert officer.get(address, {"state": "confirmed"}).context["total"] == 0


def test_withdrawn_findings_are_not_listed(officer: Client, export: MessageExport) -> None:
    export.findings.update(withdrawn=True)
    assert officer.get(reverse("finding-list")).context["total"] == 0


def test_chosen_findings_lead_to_a_new_incident(
    officer: Client, sign_in: Callable[..., Client], export: MessageExport
) -> None:
    finding = export.findings.order_by("number").first()
    assert finding is not None
    words = officer.get(reverse("finding-list")).content.decode()
    assert f'action="{reverse("incident-new")}"' in words
    assert f'name="finding" value="{finding.pk}" form="open-incident"' in words
    assert (
        reverse("incident-new")
        not in sign_in("auditor").get(reverse("finding-list")).content.decode()
    )


def test_a_finding_links_each_entry_it_cites(officer: Client, export: MessageExport) -> None:
    finding = export.findings.filter(cited__isnull=False).order_by("number").first()
    assert finding is not None
    words = officer.get(
        reverse("finding-detail", args=[export.number, finding.number])
    ).content.decode()
    place = reverse("conversation-detail", args=[export.number, 0])
    for seq in finding.cited.order_by("seq").values_list("seq", flat=True)[:20]:
        assert f"{place}?at={seq}#e{seq}" in words


def test_a_finding_without_the_right_to_content_shows_no_text(
    sign_in: Callable[..., Client], export: MessageExport
) -> None:
    finding = export.findings.filter(cited__isnull=False).order_by("number").first()
    assert finding is not None
    response = sign_in("auditor").get(
        reverse("finding-detail", args=[export.number, finding.number])
    )
    assert response.status_code == 200
    assert response.context["entries"] == []
    assert reverse("conversation-detail", args=[export.number, 0]) not in response.content.decode()


def test_judging_keeps_who_when_and_why(officer: Client, export: MessageExport) -> None:
    finding = export.findings.order_by("number").first()
    assert finding is not None
    address = reverse("finding-detail", args=[export.number, finding.number])
    assert officer.post(address, {"state": "dismissed", "reason": " "}).status_code == 422
    assert (
        officer.post(address, {"state": "dismissed", "reason": "A test message."}).status_code
        == 302
    )
    finding.refresh_from_db()
    assert finding.state == Finding.State.DISMISSED
    assert finding.judgement == "A test message."
    assert finding.judged_by is not None


def test_only_some_roles_judge(sign_in: Callable[..., Client], export: MessageExport) -> None:
    finding = export.findings.order_by("number").first()
    assert finding is not None
    address = reverse("finding-detail", args=[export.number, finding.number])
    assert sign_in("counsel").post(address, {"state": "confirmed", "reason": ""}).status_code == 403
    finding.refresh_from_db()
    assert finding.state == Finding.State.OPEN


def test_another_office_s_finding_does_not_exist(officer: Client, desk: Desk) -> None:
    export = Desk().read(chat(400))
    finding = export.findings.first()
    assert finding is not None
    assert (
        officer.get(reverse("finding-detail", args=[export.number, finding.number])).status_code
        == 404
    )


@pytest.fixture
def missing(export: MessageExport) -> Finding:
    """A finding of the whole file: what it counts is not in the export."""
    finding = export.findings.order_by("number").first()
    assert finding is not None
    finding.cited.all().delete()
    finding.count, finding.counts, finding.conversation = 2_436, "missing", None
    finding.explanation, finding.advice = "The file declares 2,444.", "Ask the custodian."
    finding.save()
    return finding


def test_messages_that_are_not_in_the_export_are_no_cited_entries(
    officer: Client, export: MessageExport, missing: Finding
) -> None:
    address = reverse("finding-detail", args=[export.number, missing.number])
    words = officer.get(address).content.decode()
    assert "<dt>Messages that may be missing</dt><dd>2,436 (by the file&#x27;s own count)" in (
        words.replace("file's", "file&#x27;s")
    )
    assert '<a href="#cited">0</a>' in words
    assert "The whole export" in words
    told = officer.get(reverse("export-detail", args=[export.number])).content.decode()
    assert "Messages that may be missing: 2,436" in told
    assert "2,436 entries" not in told


def test_the_kind_behind_a_finding_is_said_in_words(
    officer: Client, export: MessageExport, missing: Finding
) -> None:
    missing.detail = {"kind": "deleted_by_exporter"}
    missing.save()
    page = officer.get(reverse("finding-detail", args=[export.number, missing.number]))
    assert "Deleted by the phone&#x27;s owner" in page.content.decode()
    assert "deleted_by_exporter" not in page.content.decode()


def test_advice_to_staff_stands_on_the_page_of_the_finding(
    officer: Client, export: MessageExport, missing: Finding
) -> None:
    address = reverse("finding-detail", args=[export.number, missing.number])
    assert "Ask the custodian." in officer.get(address).content.decode()


def test_a_judgement_that_nobody_chose_is_not_kept(officer: Client, export: MessageExport) -> None:
    finding = export.findings.filter(state="open").order_by("number").first()
    assert finding is not None
    address = reverse("finding-detail", args=[export.number, finding.number])
    assert 'value="open" checked' not in officer.get(address).content.decode()
    assert officer.post(address, {"reason": ""}).status_code == 422
    told = officer.post(address, {"state": "open", "reason": ""}, follow=True).content.decode()
    assert "Your judgement is kept" not in told


def test_a_finding_of_the_whole_file_names_no_conversation(desk: Desk) -> None:
    lines = "".join(
        f'<sms address="+1202555010{number}" date="16000000000{number}0" type="1" body="Hi" read="1" />'
        for number in range(3)
    )
    export = desk.read(f'<?xml version="1.0"?>\n<smses count="9">{lines}</smses>'.encode())
    finding = export.findings.get(rule="count_mismatch")
    assert (finding.conversation, finding.counts, finding.count) == (None, "missing", 6)
    assert finding.cited.count() == 0
