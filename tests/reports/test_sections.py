"""The checklist, and saving it field by field."""

from __future__ import annotations

import pytest

from portal.audit.models import AuditEvent
from portal.errors import Conflict, Refused, UserError
from reports import citations
from reports.models import Citation, Field, ReportVersion
from reports.sections import ELEMENTS, fields_of, sections_of
from reports.services import fields, reports
from reports.services.fields import Change, FieldConflict
from tests import factories
from tests.reports import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return cases.make()


@pytest.fixture
def version(case):
    return cases.drafted(case)


def stored(version, key) -> Field:
    return Field.objects.get(version=version, key=key)


def test_checklist_is_the_five_elements_and_each_item_of_the_letter(case):
    keys = [section.key for section in sections_of(case.incident)]
    assert keys == ["a1", "a2", "a3", "a4", "a5", f"x{case.item.pk}"]


def test_not_known_is_offered_only_if_known_and_not_appropriate_only_in_a5_and_letter_items(case):
    specs = fields_of(sections_of(case.incident))
    allowed = {key for key, spec in specs.items() if "not_appropriate" in spec.states}
    assert {key.partition(".")[0] for key in allowed} == {"a5", f"x{case.item.pk}"}
    required = {key: spec.states for key, spec in specs.items() if spec.required}
    assert required["a1.volume"] == required["a1.date_from"] == ("not_known",)
    assert required["a1.description"] == required["a2.office"] == required["a3.narrative"] == ()


def test_every_field_has_a_hint_an_example_and_its_paragraph():
    for section in ELEMENTS:
        for spec in section.fields:
            assert spec.example
            assert spec.citation == section.citation
            assert spec.key.startswith(section.key)


def test_field_is_saved_with_one_audit_event_that_holds_no_text(case, version):
    before = AuditEvent.objects.count()
    field = stored(version, "a3.cause")
    saved = fields.save_field(
        version, "a3.cause", Change(field.revision, "No rule."), actor=case.officer
    )
    assert (saved.value, saved.revision, saved.updated_by) == ("No rule.", 2, case.officer)
    assert AuditEvent.objects.count() == before + 1
    event = AuditEvent.objects.order_by("-sequence")[0]
    assert event.action == "report.fields_saved"
    assert "No rule." not in str(event.detail)


def test_saving_the_same_text_again_changes_nothing(case, version):
    fields.save_field(version, "a3.cause", Change(1, "No rule."), actor=case.officer)
    before = AuditEvent.objects.count()
    fields.save_field(version, "a3.cause", Change(1, "No rule. "), actor=case.officer)
    assert (stored(version, "a3.cause").revision, AuditEvent.objects.count()) == (2, before)


def test_two_editors_cannot_overwrite_each_other_silently(case, version):
    other = cases.person("liaison", case.office)
    factories.RoleFactory(user=other, role="liaison", office=case.agency)
    fields.save_field(version, "a3.cause", Change(1, "Mine."), actor=other)
    with pytest.raises(FieldConflict) as conflict:
        fields.save_field(version, "a3.cause", Change(1, "Yours."), actor=case.officer)
    assert (conflict.value.theirs.value, conflict.value.theirs.updated_by) == ("Mine.", other)
    assert stored(version, "a3.cause").value == "Mine."
    kept = Change(conflict.value.theirs.revision, "Yours.")
    assert fields.save_field(version, "a3.cause", kept, actor=case.officer).value == "Yours."


def test_saving_all_keeps_what_can_stand_and_tells_what_cannot(case, version):
    fields.save_field(version, "a3.cause", Change(1, "Mine."), actor=case.officer)
    outcome = fields.save_fields(
        version,
        {
            "a3.cause": Change(1, "Yours."),
            "a3.holds": Change(1, "None."),
            "a1.date_from": Change(1, "spring"),
            "a3.intent": Change(1, "whatever"),
        },
        actor=case.officer,
    )
    assert set(outcome.saved) == {"a3.holds"}
    assert set(outcome.conflicts) == {"a3.cause"}
    assert set(outcome.problems) == {"a1.date_from", "a3.intent"}


def test_not_known_without_a_reason_is_not_saved(case, version):
    change = Change(1, state="not_known")
    with pytest.raises(UserError, match="write the reason"):
        fields.save_field(version, "a1.volume", change, actor=case.officer)
    saved = fields.save_field(
        version, "a1.volume", change._replace(reason="Wiped."), actor=case.officer
    )
    assert (saved.state, saved.value, saved.reason) == ("not_known", "", "Wiped.")


def test_unknown_field_is_refused(case, version):
    with pytest.raises(UserError):
        fields.save_field(version, "a9.nothing", Change(1, "x"), actor=case.officer)


@pytest.mark.parametrize("role", ["schedule_signer", "counsel", "auditor", "nara_reviewer"])
def test_only_drafting_roles_may_save(case, version, role):
    with pytest.raises(Refused):
        fields.save_field(
            version, "a3.cause", Change(1, "x"), actor=cases.person(role, case.agency)
        )


def test_officer_of_another_agency_may_not_save(case, version):
    stranger = cases.person("records_officer", factories.OfficeFactory())
    with pytest.raises(Refused):
        fields.save_field(version, "a3.cause", Change(1, "x"), actor=stranger)
    assert not ReportVersion.objects.visible_to(stranger).exists()


@pytest.mark.parametrize("state", ["in_review", "approved", "submitted", "superseded"])
def test_only_a_draft_can_be_changed(case, version, state):
    values = {"state": state, "frozen": {}, "frozen_hash": "0" * 64}
    ReportVersion.objects.filter(pk=version.pk).update(**values)
    with pytest.raises(Conflict):
        fields.save_field(version, "a3.cause", Change(1, "x"), actor=case.officer)


def test_citation_is_added_once_and_can_be_removed(case, version):
    paper = citations.of_document(case.documents[0])
    added = fields.add_citations(version, "a3.cause", [paper], actor=case.officer)
    assert len(added) == 1
    assert fields.add_citations(version, "a3.cause", [paper], actor=case.officer) == []
    fields.remove_citation(version, added[0], actor=case.officer)
    assert not Citation.objects.filter(field=stored(version, "a3.cause")).exists()


def test_recounting_takes_the_figure_of_today(case, version):
    row = Citation.objects.get(field__version=version, figure="41")
    case.findings[1].count = 40
    case.findings[1].save()
    assert fields.refresh_citation(version, row, actor=case.officer).figure == "40"


def test_report_of_a_dismissed_incident_is_refused(case):
    case.incident.state = "dismissed"
    case.incident.save()
    with pytest.raises(UserError):
        reports.start(case.incident, actor=case.officer)
