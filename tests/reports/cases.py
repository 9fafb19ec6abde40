"""A whole case, as small as it can be: agency, people, exports with findings, letter, exhibits, report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from portal.agency.models import Office, User
from records.models import Document, Finding, MessageExport
from reports.models import Incident, IncidentFinding, LetterItem, ReportVersion
from reports.sections import fields_of, sections_of
from reports.services import fields, reports, signing, submissions
from reports.services.fields import Change
from tests import factories as untyped_factories

# factory_boy's classes have no types that tell what a call gives.
factories: Any = untyped_factories


@dataclass
class Case:
    """One incident of one agency with everything a report needs."""

    agency: Office
    office: Office
    officer: User
    signer: User
    reviewer: User
    exports: list[MessageExport]
    findings: list[Finding]
    documents: list[Document]
    incident: Incident
    item: LetterItem


def local(day: date) -> int:
    """A device clock reading at noon of a day, in microseconds as entries have it."""
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1_000_000)


def person(role: str, office: Any) -> User:
    """An account with one role."""
    user: User = factories.UserFactory(
        first_name=role.replace("_", " ").title(), last_name=office.code
    )
    factories.RoleFactory(user=user, role=role, office=office)
    return user


def make(**incident: object) -> Case:
    """Two exports: one with a timer and 41 deleted messages, one with 12 missing files."""
    department = factories.OfficeFactory(name="Department of Samples", kind="department")
    agency = factories.OfficeFactory(name="Border Agency", kind="agency", parent=department)
    office = factories.OfficeFactory(name="Field Office", parent=agency)
    signer = person("schedule_signer", agency)
    factories.SignerFactory(person__user=signer, person__name="Signer S", agency=agency)
    exports = [
        factories.ExportFactory(office=office, entries=entries, kinds={"text": entries})
        for entries in (1200, 300)
    ]
    findings = [
        _finding(exports[0], 1, "timer_spans", 2, date(2021, 3, 1), date(2021, 8, 30)),
        _finding(exports[0], 2, "messages_deleted", 41, date(2021, 2, 1), date(2021, 8, 1)),
        _finding(exports[1], 1, "media_missing", 12, date(2021, 4, 1), date(2021, 9, 2)),
    ]
    for export in exports:
        factories.ConversationFactory(export=export, title="Coordination group")
    documents = [
        factories.DocumentFactory(office=agency, kind="oig_report", title="OIG report"),
        factories.DocumentFactory(office=agency, kind="policy", title="Policy on messaging"),
    ]
    case = factories.IncidentFactory(
        office=agency,
        state="investigating",
        discovered_how="A report of the Inspector General.",
        **incident,
    )
    case.offices.add(office)
    case.custodians.set([export.custodian for export in exports])
    case.tools.set([export.tool for export in exports])
    case.documents.set(documents)
    officer = person("records_officer", agency)
    for finding in findings:
        IncidentFinding.objects.create(incident=case, finding=finding, added_by=officer)
    letter = factories.NaraLetterFactory(incident=case)
    item = factories.LetterItemFactory(letter=letter, number=1)
    reviewer = person("nara_reviewer", agency)
    return Case(agency, office, officer, signer, reviewer, exports, findings, documents, case, item)


def _finding(
    export: MessageExport, number: int, rule: str, count: int, first: date, last: date
) -> Finding:
    finding: Finding = factories.FindingFactory(
        export=export,
        number=number,
        rule=rule,
        title=f"Evidence of {rule}",
        explanation=f"{count} entries show it.",
        count=count,
        first_local=local(first),
        last_local=local(last),
        state="confirmed",
    )
    return finding


def drafted(case: Case) -> Any:
    """The report of a case, as it is prefilled."""
    return reports.start(case.incident, actor=case.officer)


def complete(version: ReportVersion, actor: User) -> ReportVersion:
    """Fill what nobody could propose, so that no error is left."""
    specs = fields_of(sections_of(version.report.incident))
    changes = {}
    for field in version.fields.all():
        spec = specs[field.key]
        if spec.required and not field.value:
            changes[field.key] = Change(field.revision, f"Answer to {spec.label.lower()}.")
    fields.save_fields(version, changes, actor=actor)
    return version


def signed(case: Case) -> Any:
    version = complete(drafted(case), case.officer)
    signing.send_for_signature(version, actor=case.officer)
    return signing.sign(version, actor=case.signer)


def submitted(case: Case) -> Any:
    version = signed(case)
    submissions.submit(version, actor=case.signer)
    version.refresh_from_db()
    return version
