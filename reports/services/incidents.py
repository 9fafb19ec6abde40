"""Opening and keeping incidents (44 U.S.C. 3106; 36 CFR 1230.14, 1230.16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from portal.agency.access import can
from portal.agency.models import User
from portal.agency.numbers import next_number
from portal.audit.log import record
from portal.errors import Conflict, Refused, UserError
from records.models import Document, Finding
from reports.case_ids import check_case_id
from reports.incident_lifecycle import INCIDENT
from reports.limbs import LIMBS
from reports.models import Incident, IncidentFinding

LINKS = ("offices", "custodians", "tools", "documents")
PLAIN = (
    "title",
    "kinds",
    "limbs",
    "occurrence",
    "origin",
    "summary",
    "discovered_on",
    "discovered_how",
    "occurred_from",
    "occurred_to",
    "nara_case",
)


def _check(values: Mapping[str, Any]) -> None:
    kinds, limbs = values.get("kinds") or [], values.get("limbs") or []
    for limb in limbs:
        if limb not in LIMBS:
            raise UserError("N-LIMB", f"{limb} is not a limb of 36 CFR 1230.3.", place="limbs")
        if LIMBS[limb].kind not in kinds:
            raise UserError(
                "N-LIMB-KIND",
                f"\u201c{LIMBS[limb].words}\u201d belongs to {LIMBS[limb].kind}, which is not chosen as a kind.",
                place="limbs",
                next_step="Choose the kind as well, or take the limb out.",
            )
    first, last = values.get("occurred_from"), values.get("occurred_to")
    if first and last and last < first:
        raise UserError("N-DATES", "The last date is before the first.", place="occurred_to")
    if values.get("nara_case"):
        check_case_id(values["nara_case"])


def _link(incident: Incident, links: Mapping[str, Iterable[Any]]) -> None:
    for name, rows in links.items():
        if name not in LINKS:
            raise TypeError(f"an incident has no {name}")
        getattr(incident, name).set(rows)


def _may_see(findings: Iterable[Finding], actor: User) -> list[Finding]:
    chosen = list(findings)
    visible = set(
        Finding.objects.visible_to(actor)
        .filter(pk__in=[f.pk for f in chosen])
        .values_list("pk", flat=True)
    )
    if any(finding.pk not in visible for finding in chosen):
        raise Refused("N-FINDING", "One of these findings is not yours to see.")
    return chosen


@transaction.atomic
def open_incident(
    *, office: Any, actor: User, findings: Iterable[Finding] = (), **values: Any
) -> Incident:
    """Open an incident from chosen findings, or from a letter, report or tip. It begins as reported."""
    decision = can(actor, "incidents.report", office)
    if not decision:
        raise Refused("N-OPEN", decision.reason)
    links = {name: values.pop(name) for name in LINKS if name in values}
    _check(values)
    chosen = _may_see(findings, actor)
    incident = Incident.objects.create(
        number=next_number("INC"), office=office, opened_by=actor, **values
    )
    _link(incident, links)
    _cite(incident, chosen, actor)
    record(
        "incident.opened",
        incident,
        actor=actor,
        detail={"findings": [str(finding) for finding in chosen], "origin": incident.origin},
    )
    return incident


def _cite(incident: Incident, findings: Iterable[Finding], actor: User) -> None:
    for finding in findings:
        IncidentFinding.objects.get_or_create(
            incident=incident, finding=finding, defaults={"added_by": actor}
        )


def _may_edit(incident: Incident, actor: User) -> None:
    decision = can(actor, "incidents.edit", incident.office)
    if not decision:
        raise Refused("N-EDIT", decision.reason)


def _revise(incident: Incident, revision: int) -> None:
    """Two editors: the later one is told instead of overwriting the earlier one."""
    if (
        Incident.objects.filter(pk=incident.pk, revision=revision).update(revision=revision + 1)
        != 1
    ):
        raise Conflict(
            "N-CHANGED",
            "Somebody else changed this incident while you were editing it.",
            next_step="Open the page again: your changes were not saved over theirs.",
        )
    incident.revision = revision + 1


@transaction.atomic
def edit_incident(incident: Incident, *, revision: int, actor: User, **values: Any) -> Incident:
    """Change what is known of an incident. Raises Conflict when it changed since `revision` was read."""
    _may_edit(incident, actor)
    links = {name: values.pop(name) for name in LINKS if name in values}
    unknown = set(values) - set(PLAIN)
    if unknown:
        raise TypeError(f"an incident has no {', '.join(sorted(unknown))}")
    _check({"kinds": incident.kinds, "limbs": incident.limbs, **values})
    _revise(incident, revision)
    before = {name: getattr(incident, name) for name in values}
    for name, value in values.items():
        setattr(incident, name, value)
    incident.save(update_fields=[*values, "revision"] if values else ["revision"])
    changed = {
        name: [before[name], value] for name, value in values.items() if before[name] != value
    }
    _link(incident, links)
    record(
        "incident.changed",
        incident,
        actor=actor,
        detail={"changed": changed, "links": sorted(links)},
    )
    return incident


@transaction.atomic
def add_findings(incident: Incident, findings: Iterable[Finding], *, actor: User) -> Incident:
    """Rest the incident on further findings."""
    _may_edit(incident, actor)
    chosen = _may_see(findings, actor)
    _cite(incident, chosen, actor)
    record(
        "incident.findings_added",
        incident,
        actor=actor,
        detail={"findings": [str(f) for f in chosen]},
    )
    return incident


@transaction.atomic
def remove_finding(incident: Incident, finding: Finding, *, actor: User) -> Incident:
    """Take a finding out of the incident; the finding itself stays with its export."""
    _may_edit(incident, actor)
    IncidentFinding.objects.filter(incident=incident, finding=finding).delete()
    record("incident.finding_removed", incident, actor=actor, detail={"finding": str(finding)})
    return incident


@transaction.atomic
def add_document(incident: Incident, document: Document, *, actor: User) -> Incident:
    """Rest the incident on a document; it becomes an exhibit of the report."""
    _may_edit(incident, actor)
    incident.documents.add(document)
    record("incident.document_added", incident, actor=actor, detail={"document": str(document)})
    return incident


@transaction.atomic
def advance_incident(incident: Incident, step: str, *, actor: User, reason: str = "") -> Incident:
    """Take a step of the incident's life cycle."""
    INCIDENT.advance(incident, step, actor=actor, reason=reason)
    record(f"incident.{step}", incident, actor=actor, detail={"reason": reason} if reason else {})
    return incident
