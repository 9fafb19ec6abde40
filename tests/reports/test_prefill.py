"""What is proposed for a report, and the evidence behind each proposal (I9)."""

from __future__ import annotations

import pytest

from records.models import Finding
from reports import citations, freeze
from reports.models import Citation
from reports.services import reports
from tests.reports import cases

pytestmark = pytest.mark.django_db


def values(version):
    return {field.key: field for field in version.fields.prefetch_related("citations")}


def test_volume_adds_up_findings_by_what_they_count():
    found = values(cases.drafted(cases.make()))["a1.volume"]
    assert found.value == (
        "41 messages deleted; 12 media files missing; "
        "1 span in which further messages disappeared by a timer"
    )
    assert [row.figure for row in found.citations.all()] == ["41", "12", "1"]


def test_dates_are_the_first_and_last_day_of_the_findings():
    found = values(cases.drafted(cases.make()))
    assert (found["a1.date_from"].value, found["a1.date_to"].value) == ("2021-02-01", "2021-09-02")


def test_each_proposed_field_carries_a_citation():
    case = cases.make()
    found = values(cases.drafted(case))
    proposed = {key: field for key, field in found.items() if field.prefilled}
    assert len(proposed) >= 15
    assert [key for key, field in proposed.items() if not field.citations.all()] == []


def test_narrative_names_every_finding_and_cites_it():
    case = cases.make()
    narrative = values(cases.drafted(case))["a3.narrative"]
    assert all(str(finding) in narrative.value for finding in case.findings)
    cited = {row.target_id for row in narrative.citations.all() if row.kind == "finding"}
    assert cited == {finding.pk for finding in case.findings}


def test_dismissed_and_withdrawn_findings_are_not_proposed():
    case = cases.make()
    Finding.objects.filter(pk=case.findings[1].pk).update(state="dismissed")
    Finding.objects.filter(pk=case.findings[2].pk).update(withdrawn=True)
    found = values(cases.drafted(case))
    assert found["a1.volume"].value.startswith("1 span")
    assert str(case.findings[1]) not in found["a3.narrative"].value


def test_office_is_named_with_the_offices_above_it():
    found = values(cases.drafted(cases.make()))
    assert found["a2.office"].value == "Department of Samples > Border Agency > Field Office"
    assert found["a2.agency"].value == "Department of Samples"
    assert found["a2.component"].value == "Border Agency"


def test_letter_item_about_policies_is_answered_from_policies_on_file():
    case = cases.make()
    answer = values(cases.drafted(case))[f"x{case.item.pk}.answer"]
    assert "Policy on messaging" in answer.value
    assert [row.target_id for row in answer.citations.all()] == [case.documents[1].pk]


def test_incident_without_evidence_proposes_no_figure():
    case = cases.make()
    case.incident.incident_findings.all().delete()
    found = values(cases.drafted(case))
    assert found["a1.volume"].value == "" == found["a1.date_from"].value


def test_a_second_start_answers_the_same_version():
    case = cases.make()
    assert cases.drafted(case) == reports.start(case.incident, actor=case.officer)


def test_recheck_lists_a_figure_that_changed():
    case = cases.make()
    version = cases.drafted(case)
    assert citations.recheck(version) == []
    Finding.objects.filter(pk=case.findings[1].pk).update(count=40)
    assert [(drift.was, drift.now) for drift in citations.recheck(version)] == [("41", "40")]


def test_sum_behind_a_figure_is_shown_line_by_line():
    case = cases.make()
    version = cases.drafted(case)
    row = Citation.objects.get(field__version=version, query__count="messages")
    assert [part.figure for part in citations.parts_of(row.query or {})] == ["1,200", "300"]
    assert row.figure == "1,500"


def test_advice_to_staff_is_not_told_to_nara_and_missing_messages_are_no_entries():
    case = cases.make()
    Finding.objects.filter(pk=case.findings[2].pk).update(
        advice="Ask the custodian.", count=2_436, counts="missing"
    )
    version = cases.drafted(case)
    frozen = freeze.draft(version)
    assert "Ask the custodian" not in str(frozen)
    row = frozen["findings"][2]
    assert row["counted"] == "Messages that may be missing: 2,436 (by the file's own count)"
    assert values(version)["a1.application"].value.endswith("; held as message exports")
