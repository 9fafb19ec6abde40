"""Starting a report, supplementing a submitted one, setting a signed one aside (36 CFR 1230.14)."""

from __future__ import annotations

from django.db import transaction

from portal.agency.access import can
from portal.agency.models import User
from portal.agency.numbers import next_number
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError
from reports import prefill
from reports.incident_lifecycle import INCIDENT
from reports.lifecycles import REPORT_VERSION
from reports.models import Citation, Field, Incident, Report, ReportVersion
from reports.sections import fields_of, sections_of

OPEN_VERSIONS = (
    ReportVersion.State.DRAFT,
    ReportVersion.State.IN_REVIEW,
    ReportVersion.State.APPROVED,
)


def may_draft(incident: Incident, actor: User) -> None:
    """Raises Refused unless the person may draft reports of the incident's agency."""
    decision = can(actor, "reports.edit", incident.office)
    if not decision:
        raise Refused("R-DRAFT", decision.reason)


@transaction.atomic
def start(incident: Incident, *, actor: User) -> ReportVersion:
    """Begin the report on an incident: version 1, each field proposed from the evidence that it cites.

    Asked again, it answers the version that is there.
    """
    may_draft(incident, actor)
    locked = Incident.objects.select_for_update().get(pk=incident.pk)
    latest = ReportVersion.objects.filter(report__incident=locked).order_by("-version").first()
    if latest:
        return latest
    _to_reporting(locked, actor)
    report = Report.objects.create(number=next_number("RPT"), incident=locked, created_by=actor)
    version = ReportVersion.objects.create(report=report, drafter=actor)
    filled = _fill(version, locked)
    record(
        "report.started",
        version,
        actor=actor,
        office_id=locked.office_id,
        detail={"incident": locked.number, "prefilled": filled},
    )
    return version


@transaction.atomic
def start_supplement(version: ReportVersion, *, actor: User) -> ReportVersion:
    """A new version that supplements a submitted one; the submitted one stays as it was signed (I8)."""
    report = Report.objects.select_for_update().select_related("incident").get(pk=version.report_id)
    may_draft(report.incident, actor)
    version.refresh_from_db()
    if version.state != ReportVersion.State.SUBMITTED:
        raise Conflict(
            "R-SUPPLEMENT",
            f"{version} is not a submitted version, so it cannot be supplemented.",
            next_step="Open the report again to see its newest version.",
        )
    _refuse_second_draft(report)
    _to_reporting(report.incident, actor)
    fresh = _copy(version, actor, supplements=version)
    record(
        "report.supplement_started",
        fresh,
        actor=actor,
        office_id=report.incident.office_id,
        detail={"supplements": version.version, "sha256": version.frozen_hash},
    )
    return fresh


@transaction.atomic
def set_aside(version: ReportVersion, *, actor: User, reason: str) -> ReportVersion:
    """Set a signed version aside before it is submitted, and draft again; what was signed is kept."""
    report = Report.objects.select_for_update().select_related("incident").get(pk=version.report_id)
    REPORT_VERSION.advance(version, "set_aside", actor=actor, reason=reason)
    fresh = _copy(version, actor, supplements=version.supplements)
    record(
        "report.set_aside",
        version,
        actor=actor,
        office_id=report.incident.office_id,
        detail={"reason": reason, "drafted_again_as": fresh.version},
    )
    return fresh


def _to_reporting(incident: Incident, actor: User) -> None:
    """The incident's own step, within this one change."""
    if incident.state in INCIDENT["prepare_report"].sources:
        INCIDENT.advance(incident, "prepare_report", actor=actor)
    elif incident.state not in (Incident.State.REPORTING, Incident.State.SUBMITTED):
        raise UserError(
            "R-INCIDENT",
            f"{incident.number} is {incident.get_state_display().lower()}: it needs no report.",
            next_step="Reopen the incident first if a report is due after all.",
        )


def _fill(version: ReportVersion, incident: Incident) -> list[str]:
    proposals = {proposal.key: proposal for proposal in prefill.propose(incident)}
    fields = [
        Field(
            version=version,
            key=key,
            value=proposals[key].value if key in proposals else "",
            prefilled=proposals[key].value if key in proposals else "",
        )
        for key in fields_of(sections_of(incident))
    ]
    Field.objects.bulk_create(fields)
    kept = {field.key: field for field in Field.objects.filter(version=version)}
    Citation.objects.bulk_create(
        evidence.row(kept[key])
        for key, proposal in proposals.items()
        for evidence in proposal.evidence
    )
    return sorted(proposals)


def _copy(
    version: ReportVersion, actor: User, *, supplements: ReportVersion | None
) -> ReportVersion:
    newest = ReportVersion.objects.filter(report_id=version.report_id).order_by("-version")[0]
    fresh = ReportVersion.objects.create(
        report=version.report,
        version=newest.version + 1,
        supplements=supplements,
        drafter=actor,
    )
    for field in version.fields.prefetch_related("citations"):
        cited = list(field.citations.all())
        field.pk, field.version, field.revision = None, fresh, 1
        field.save(force_insert=True)
        for citation in cited:
            citation.pk, citation.field = None, field
        Citation.objects.bulk_create(cited)
    return fresh


def _refuse_second_draft(report: Report) -> None:
    waiting = report.versions.filter(state__in=OPEN_VERSIONS).first()
    if waiting:
        raise Conflict(
            "R-SECOND-DRAFT",
            f"{waiting} is already in preparation.",
            next_step="Go on with that version.",
        )
