"""Completeness checks: what blocks signing, what warns, each with its citation of the regulation."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from datetime import date

import pytest
import time_machine
from django.apps import apps

from portal.agency.models import Signer
from portal.audit.log import canonical
from portal.audit.models import AuditEvent
from portal.errors import Conflict, UserError
from records.models import Finding
from reports import acceptance, checks
from reports.models import Citation, Field, Incident, LetterItem
from reports.services import fields
from reports.services.fields import Change
from tests import factories
from tests.reports import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    with time_machine.travel("2021-11-10 12:00", tick=False):
        yield cases.make()


@pytest.fixture
def version(case):
    return cases.complete(cases.drafted(case), case.officer)


def codes(version, severity="error"):
    return {result.code for result in checks.run(version) if result.severity == severity}


def put(version, key, **values):
    Field.objects.filter(version=version, key=key).update(**values)


def accept(version, code, reason, actor):
    seen = acceptance.seen(checks.run(version), code).digest
    fields.accept_warning(version, code, reason, seen=seen, actor=actor)


def standing(version, code):
    return acceptance.standing(version, checks.run(version), code)


def test_every_file_of_the_folder_is_on_the_list():
    modules = {name for _, name, _ in pkgutil.iter_modules(checks.__path__)} - {"base"}
    listed = {check.__module__.rpartition(".")[2] for check in checks.CHECKS}
    assert modules == listed
    assert all(importlib.import_module(f"reports.checks.{name}").__doc__ for name in modules)


def test_complete_report_has_no_errors(version):
    assert checks.errors(version) == []


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("a1.description", "C-DESCRIPTION"),
        ("a1.volume", "C-VOLUME"),
        ("a1.date_from", "C-DATES"),
        ("a1.date_to", "C-DATES"),
        ("a2.office", "C-OFFICE"),
        ("a3.kinds", "C-KIND-WORDS"),
        ("a3.narrative", "C-NARRATIVE"),
        ("a4.safeguards", "C-SAFEGUARDS"),
        ("a5.actions", "C-SALVAGE"),
    ],
)
def test_blank_element_is_an_error_with_its_paragraph(version, key, code):
    put(version, key, value="")
    found = [result for result in checks.errors(version) if result.code == code]
    assert [result.field for result in found] == [key]
    assert found[0].citation == f"36 CFR 1230.14(a)({key[1]})"
    assert found[0].missing


@pytest.mark.parametrize("key", ["a1.volume", "a1.date_from", "a1.date_to"])
def test_volume_and_dates_may_be_not_known_with_a_reason(version, key):
    put(version, key, value="", state="not_known", reason="The phones were wiped.")
    assert checks.errors(version) == []
    put(version, key, reason=" ")
    assert [result.field for result in checks.errors(version)] == [key]


def test_t15_blank_salvage_blocks_until_justified(version):
    put(version, "a5.actions", value="")
    assert codes(version) == {"C-SALVAGE"}
    put(version, "a5.actions", state="not_appropriate", reason="Nothing is left to recover.")
    assert codes(version) == set()


def test_description_cannot_be_not_known(version):
    put(version, "a1.description", value="", state="not_known", reason="We never looked.")
    assert codes(version) == {"C-STATE"}


def test_letter_item_must_be_answered_or_declined_with_a_reason(case, version):
    key = f"x{case.item.pk}.answer"
    put(version, key, value="")
    assert codes(version) == {"C-LETTER-ITEM"}
    put(version, key, state="not_appropriate", reason="It is privileged.")
    assert codes(version) == set()


def test_incident_without_a_kind_is_an_error(case, version):
    Incident.objects.update(kinds=[])
    assert codes(version) == {"C-KIND"}


def test_i9_figure_without_citation_is_an_error(version):
    Citation.objects.filter(field__key="a1.volume").delete()
    assert codes(version) == {"C-UNCITED"}


def test_i9_figure_changed_by_hand_is_an_error(version):
    put(version, "a1.volume", value="9,999 messages deleted")
    found = checks.errors(version)
    assert [result.code for result in found] == ["C-FIGURE"]
    assert "9999" in found[0].words


def test_figure_that_a_document_may_show_is_left_to_the_reader(case, version):
    field = Field.objects.get(version=version, key="a1.volume")
    Citation.objects.create(
        field=field, kind="document", target_id=case.documents[0].pk, label="OIG report"
    )
    put(version, "a1.volume", value="9,999 messages deleted")
    assert checks.errors(version) == []


def test_i9_drifted_count_is_an_error(case, version):
    Finding.objects.filter(pk=case.findings[1].pk).update(count=40)
    assert codes(version) == {"C-DRIFT"}


@pytest.mark.parametrize("change", [{"withdrawn": True}, {"state": "dismissed"}])
def test_citation_of_a_fallen_finding_is_an_error(case, version, change):
    Finding.objects.filter(pk=case.findings[0].pk).update(**change)
    assert "C-FINDING" in codes(version)


def test_dates_out_of_order_are_an_error(version):
    Citation.objects.filter(field__key__startswith="a1.date").update(kind="document", query=None)
    put(version, "a1.date_from", value="2021-09-30")
    assert "C-DATES-ORDER" in codes(version)


def test_text_that_is_no_date_is_an_error(version):
    Citation.objects.filter(field__key__startswith="a1.date").update(kind="document", query=None)
    put(version, "a1.date_from", value="spring")
    assert "C-VALUE" in codes(version)


def test_empty_register_of_signers_warns(version):
    Signer.objects.all().delete()
    assert "C-NO-SIGNER" in codes(version, "warning")


def test_signer_designated_later_does_not_count(version):
    Signer.objects.update(starts_on=date(2021, 12, 1))
    assert "C-NO-SIGNER" in codes(version, "warning")


def test_drafter_as_only_signer_warns(case, version):
    assert "C-SOLE-DRAFTER" not in codes(version, "warning")
    Signer.objects.all().delete()
    factories.SignerFactory(person__user=case.officer, agency=case.agency)
    assert "C-SOLE-DRAFTER" in codes(version, "warning")


def test_passed_due_date_warns_from_the_day_after(version):
    with time_machine.travel("2021-11-25 12:00", tick=False):
        assert "C-OVERDUE" not in codes(version, "warning")
    with time_machine.travel("2021-11-26 12:00", tick=False):
        assert "C-OVERDUE" in codes(version, "warning")


@pytest.mark.parametrize(
    ("case_id", "warns"), [("UD-2022-0001", False), ("UD-2021-0001", True), ("2022-1", True)]
)
def test_t24_case_id_of_another_fiscal_year_warns(version, case_id, warns):
    Incident.objects.update(nara_case=case_id)
    assert ("C-CASE" in codes(version, "warning")) is warns


@pytest.mark.parametrize(
    ("text", "warns"),
    [
        ("SSN 123-45-6789", True),
        ("call (202) 555-0134", True),
        ("call +52 55 1234 5678", True),
        ("write to a.b@example.gov", True),
        ("report OIG-21-62 of 2021, 1,204 messages, DAA-GRS-2022-0006-0001", False),
        ("EXP-2026-0003, entries 12-40 from 2021-03-01 to 2021-08-30", False),
    ],
)
def test_personal_data_in_any_text_warns(version, text, warns):
    put(version, "a3.cause", value=text)
    assert ("C-PERSONAL" in codes(version, "warning")) is warns


def test_dates_that_leave_out_a_finding_warn(version):
    Citation.objects.filter(field__key__startswith="a1.date").update(kind="document", query=None)
    put(version, "a1.date_from", value="2021-03-01")
    assert "C-SPAN" in codes(version, "warning")


def test_findings_nobody_judged_warn(case, version):
    assert "C-OPEN-FINDINGS" not in codes(version, "warning")
    Finding.objects.filter(pk=case.findings[0].pk).update(state="open")
    assert "C-OPEN-FINDINGS" in codes(version, "warning")


def test_findings_are_named_in_the_order_of_their_numbers(case, version):
    export = case.findings[0].export
    for number in (11, 10, 4):
        finding = factories.FindingFactory(export=export, number=number)
        case.incident.incident_findings.create(finding=finding, added_by=case.officer)
    (result,) = [each for each in checks.run(version) if each.code == "C-OPEN-FINDINGS"]
    assert f"{export} F4, {export} F10, {export} F11" in result.words.replace(
        export.number, str(export)
    )


def test_a_fallen_finding_is_told_with_the_field_that_cites_it(case, version):
    Finding.objects.filter(pk=case.findings[1].pk).update(state="dismissed")
    told = [each.words for each in checks.run(version) if each.code == "C-FINDING"]
    assert len(told) > 1
    assert len(set(told)) == len(told), "each sentence names its own field"


def test_each_result_names_a_place_and_a_citation(case):
    with time_machine.travel("2021-11-27 12:00", tick=False):
        version = cases.drafted(case)
        Field.objects.filter(version=version).update(value="")
        sections = {section.key for section in checks.draft_of(version).sections}
        found = checks.run(version)
    assert len(found) >= 10
    for result in found:
        assert result.citation
        assert result.words.endswith(".") or "NARA" in result.words
        assert result.place in sections | {""}


def test_accepted_warning_needs_its_reason_and_is_kept(case, version):
    with time_machine.travel("2021-11-27 12:00", tick=False):
        with pytest.raises(UserError):
            accept(version, "C-OVERDUE", " ", case.officer)
        accept(version, "C-OVERDUE", "NARA agreed by phone.", case.officer)
        version.refresh_from_db()
        assert standing(version, "C-OVERDUE") == ("NARA agreed by phone.", False)


def test_a_further_warning_of_an_accepted_code_asks_again(case, version):
    """As after reading an export again: the code is the same, the findings are not."""
    first, second = (finding.pk for finding in case.findings[:2])
    Finding.objects.filter(pk=first).update(state="open")
    accept(version, "C-OPEN-FINDINGS", "Looked at by counsel.", case.officer)
    assert standing(version, "C-OPEN-FINDINGS").holds
    Finding.objects.filter(pk=second).update(state="open")
    assert standing(version, "C-OPEN-FINDINGS") == ("Looked at by counsel.", True)
    Finding.objects.filter(pk=first).update(state="confirmed")
    assert standing(version, "C-OPEN-FINDINGS").outdated, "as many as before, but another one"
    Finding.objects.filter(pk=second).update(state="confirmed")
    Finding.objects.filter(pk=first).update(state="open")
    assert standing(version, "C-OPEN-FINDINGS").holds, "what was accepted is back as it was"


def test_more_findings_than_the_words_name_are_told_apart(case, version):
    """The words name five; the sixth counts as well."""
    row = Finding.objects.get(pk=case.findings[0].pk)
    for number in range(100, 107):
        finding = factories.FindingFactory(export=row.export, number=number, key=f"k{number}")
        case.incident.incident_findings.create(finding=finding, added_by=case.officer)
    accept(version, "C-OPEN-FINDINGS", "Looked at.", case.officer)
    Finding.objects.filter(export=row.export, number=106).update(key="another")
    assert standing(version, "C-OPEN-FINDINGS").outdated


def test_an_open_finding_that_grows_is_another_warning(case, version):
    """As after reading an export again: the same finding, but of many more entries."""
    finding = Finding.objects.filter(pk=case.findings[0].pk)
    finding.update(state="open", count=1)
    accept(version, "C-OPEN-FINDINGS", "One message, a joke.", case.officer)
    finding.update(count=9000)
    assert standing(version, "C-OPEN-FINDINGS").outdated


def test_another_number_in_an_accepted_text_asks_again(case, version):
    put(version, "a3.cause", value="Call 202-555-0101.")
    accept(version, "C-PERSONAL", "The public line.", case.officer)
    put(version, "a3.cause", value="Call 202-555-0199.")
    assert standing(version, "C-PERSONAL").outdated


def test_what_a_check_found_cannot_be_guessed_from_the_digest(case, version, settings, tmp_path):
    """There are few enough Social Security numbers to try all of them."""
    put(version, "a3.cause", value="His number is 078-05-1120.")
    accept(version, "C-PERSONAL", "The report needs it.", case.officer)
    version.refresh_from_db()
    kept = version.accepted_warnings["C-PERSONAL"]["digest"]
    told = [
        [row.words, row.field, row.section, *row.evidence]
        for row in checks.run(version)
        if row.code == "C-PERSONAL"
    ]
    assert "078-05-1120" in told[0]
    assert kept != hashlib.sha256(canonical({"warnings": told})).hexdigest()
    settings.KEYS_DIR = tmp_path
    assert acceptance.seen(checks.run(version), "C-PERSONAL").digest != kept, "another key"


def test_the_event_of_an_acceptance_tells_no_digest(case, version):
    put(version, "a3.cause", value="His number is 078-05-1120.")
    accept(version, "C-PERSONAL", "The report needs it.", case.officer)
    event = AuditEvent.objects.get(action="report.warning_accepted")
    assert event.detail == {"code": "C-PERSONAL", "reason": "The report needs it.", "count": 1}


def test_digests_made_without_a_key_are_dropped_and_their_warnings_asked_again(case, version):
    Finding.objects.filter(pk=case.findings[0].pk).update(state="open")
    accept(version, "C-OPEN-FINDINGS", "Looked at.", case.officer)
    importlib.import_module("reports.migrations.0004_acceptances_keyed").drop_digests(apps, None)
    version.refresh_from_db()
    assert version.accepted_warnings["C-OPEN-FINDINGS"]["digest"] == ""
    assert standing(version, "C-OPEN-FINDINGS") == ("Looked at.", True)


def test_what_was_not_shown_cannot_be_accepted(case, version):
    Finding.objects.filter(pk=case.findings[0].pk).update(state="open")
    read = acceptance.seen(checks.run(version), "C-OPEN-FINDINGS").digest
    Finding.objects.filter(pk=case.findings[1].pk).update(state="open")
    with pytest.raises(Conflict, match="something else now"):
        fields.accept_warning(version, "C-OPEN-FINDINGS", "Fine.", seen=read, actor=case.officer)


def test_an_acceptance_from_before_it_was_bound_keeps_its_reason_and_asks_again(case, version):
    migration = importlib.import_module("reports.migrations.0003_acceptances_bound")
    version.accepted_warnings = {"C-OPEN-FINDINGS": "Looked at."}
    version.save()
    Finding.objects.filter(pk=case.findings[0].pk).update(state="open")
    migration.bind(apps, None)
    version.refresh_from_db()
    assert standing(version, "C-OPEN-FINDINGS") == ("Looked at.", True)
    migration.loosen(apps, None)
    version.refresh_from_db()
    assert version.accepted_warnings == {"C-OPEN-FINDINGS": "Looked at."}


def test_error_cannot_be_accepted(case, version):
    put(version, "a4.safeguards", value="")
    with pytest.raises(Conflict):
        accept(version, "C-SAFEGUARDS", "Later.", case.officer)


def test_section_key_of_a_new_letter_item_is_checked_at_once(case, version):
    item: LetterItem = cases.factories.LetterItemFactory(
        letter=case.item.letter, number=2, asks="Training given"
    )
    assert codes(version) == {"C-LETTER-ITEM"}
    change = {f"x{item.pk}.answer": Change(0, "All staff were trained.")}
    fields.save_fields(version, change, actor=case.officer)
    assert codes(version) == set()
