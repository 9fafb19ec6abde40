"""From the live report to the frozen one (I8, I9)."""

from __future__ import annotations

import pytest
import time_machine
from django.db import DatabaseError, transaction

from records.models import Finding
from reports import acceptance, checks, freeze
from reports.frozen import canonical, defects, digest
from reports.models import Field, Incident, ReportVersion
from reports.renditions import pdf
from reports.services import fields
from tests.reports import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return cases.make(nara_case="UD-2022-0001", limbs=["destruction_early"])


def test_frozen_report_has_every_part_and_no_defect(case):
    frozen = cases.signed(case).frozen
    assert defects(frozen) == []
    assert frozen["agency"] == {
        "name": "Department of Samples",
        "component": "Border Agency",
        "nara_case_id": "UD-2022-0001",
    }
    assert [section["key"] for section in frozen["sections"]][:5] == ["a1", "a2", "a3", "a4", "a5"]
    assert frozen["sections"][5]["asked_by"] == "letter item 1"
    assert len(frozen["findings"]) == 3
    assert frozen["people"]["signer"]["name"] == "Signer S"
    assert frozen["signature"]["signed_at"] == frozen["frozen_at"]


def test_clock_of_the_letter_is_frozen_with_its_sum(case):
    letter = cases.signed(case).frozen["letter"]
    assert letter["due"] == "2021-11-25"
    assert any("Thanksgiving" in sentence for sentence in letter["due_explanation"])


def test_every_citation_of_a_field_is_in_the_list_and_in_reading_order(case):
    frozen = cases.signed(case).frozen
    used = [
        number
        for section in frozen["sections"]
        for field in section["fields"]
        for number in field["citations"]
    ]
    assert set(used) == {row["number"] for row in frozen["citations"]}
    assert [row["number"] for row in frozen["citations"]] == list(
        range(1, len(frozen["citations"]) + 1)
    )


def test_evidence_with_a_sealed_file_is_frozen_with_its_sha256(case):
    frozen = cases.signed(case).frozen
    by_kind = {row["kind"]: row for row in frozen["citations"]}
    assert by_kind["document"]["sha256"] == case.documents[0].stored_file.sha256 or (
        by_kind["document"]["sha256"] == case.documents[1].stored_file.sha256
    )
    assert len(by_kind["finding"]["sha256"]) == 64
    assert "41" in {part for row in frozen["citations"] for part in row["label"].split()}


def test_message_text_never_goes_into_the_frozen_report(case):
    assert {row["quote"] for row in cases.signed(case).frozen["citations"]} == {""}


def test_same_draft_freezes_to_the_same_bytes(case):
    with time_machine.travel("2021-11-10 12:00", tick=False):
        version = cases.drafted(case)
        assert canonical(freeze.draft(version)) == canonical(freeze.draft(version))


def test_exhibits_are_all_documents_of_the_incident(case):
    frozen = cases.signed(case).frozen
    assert {entry["sha256"] for entry in frozen["exhibits"]} == {
        document.stored_file.sha256 for document in case.documents
    }
    assert [entry["number"] for entry in frozen["exhibits"]] == [1, 2]


def test_accepted_warning_is_part_of_the_frozen_report(case):
    version = cases.complete(cases.drafted(case), case.officer)
    seen = acceptance.seen(checks.run(version), "C-OVERDUE").digest
    fields.accept_warning(
        version, "C-OVERDUE", "NARA agreed by phone.", seen=seen, actor=case.officer
    )
    accepted = freeze.draft(version)["checks"]
    assert [(row["code"], row["accepted_reason"]) for row in accepted] == [
        ("C-OVERDUE", "NARA agreed by phone.")
    ]


def test_an_outdated_acceptance_is_not_frozen(case):
    version = cases.complete(cases.drafted(case), case.officer)
    version.accepted_warnings = {"C-OVERDUE": {"reason": "By phone.", "count": 0, "digest": ""}}
    assert freeze.draft(version)["checks"] == []


def test_reason_stands_where_a_field_is_not_known(case):
    version = cases.drafted(case)
    Field.objects.filter(version=version, key="a1.volume").update(
        value="", state="not_known", reason="Wiped."
    )
    sections = {row["key"]: row for row in freeze.draft(version)["sections"]}
    volume = next(row for row in sections["a1"]["fields"] if row["key"] == "a1.volume")
    assert (volume["state"], volume["value"], volume["reason"]) == ("not_known", "", "Wiped.")


def test_choice_is_frozen_in_words(case):
    version = cases.drafted(case)
    Field.objects.filter(version=version, key="a3.intent").update(value="accidental")
    sections = {row["key"]: row for row in freeze.draft(version)["sections"]}
    values = {row["key"]: row["value"] for row in sections["a3"]["fields"]}
    assert values["a3.intent"] == "Accidental"


def test_draft_can_be_drawn_as_the_exact_pdf_and_says_that_it_is_a_draft(case):
    frozen = freeze.draft(cases.drafted(case))
    assert frozen["report"]["title"].startswith("DRAFT")
    assert frozen["signature"]["statement"].startswith("DRAFT")
    assert pdf.render(frozen).startswith(b"%PDF-")


def test_i8_live_rows_change_and_the_frozen_report_does_not(case):
    version = cases.signed(case)
    before = version.frozen_hash
    Incident.objects.update(title="Another title")
    Finding.objects.update(title="Another finding")
    Field.objects.filter(version=version).update(value="Another text")
    version.refresh_from_db()
    assert digest(version.frozen) == before == version.frozen_hash


def test_i8_database_itself_refuses_to_change_what_was_signed(case):
    version = cases.signed(case)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportVersion.objects.filter(pk=version.pk).update(frozen={"schema": "other"})
