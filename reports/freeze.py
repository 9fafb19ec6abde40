"""From the live report to the frozen one: plain data in the schema of `reports.frozen`, made once, at signing (I8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from portal.agency.models import Signer
from portal.vault.models import StoredFile
from records.models import Document, Finding
from reports import acceptance, bag, checks, citations, frozen
from reports.checks import Draft
from reports.limbs import LIMBS
from reports.models import Citation, Field, Incident, ReportVersion
from reports.prefill.office import agency_and_component
from reports.sections import REGULATION
from reports.sources import Entries, Sources

STATEMENT = (
    "I am authorized to sign records schedules as described in 36 CFR 1220.34(b). I have read this "
    "report and approve it for submission to the National Archives and Records Administration "
    "under 36 CFR 1230.14(b)."
)
DRAFT_STATEMENT = "DRAFT. This report is not signed and was not submitted."


def freeze(
    version: ReportVersion, *, signer: Signer, signed_at: datetime, override_reason: str = ""
) -> dict[str, Any]:
    """The report as signed by this person at this moment."""
    people = {
        "name": signer.person.name,
        "title": signer.person.title,
        "authority": f"{signer.authority} (36 CFR 1220.34(b))",
        "designated_on": signer.starts_on.isoformat(),
    }
    signature = {
        "statement": STATEMENT,
        "signed_at": bag.moment(signed_at),
        "override_reason": override_reason,
    }
    return _frozen(checks.draft_of(version), people, signature, signed_at, mark="")


def draft(version: ReportVersion, read: Draft | None = None) -> dict[str, Any]:
    """The same shape for a preview: what would be frozen now, marked as a draft. A page that has read the version
    already gives what it read."""
    nobody = {"name": "Not signed", "title": "", "authority": "none yet", "designated_on": ""}
    signature = {"statement": DRAFT_STATEMENT, "signed_at": "not signed", "override_reason": ""}
    read = read or checks.draft_of(version)
    return _frozen(read, nobody, signature, timezone.now(), mark="DRAFT: ")


def reading(shape: Mapping[str, Any]) -> str:
    """SHA-256 over the draft that a signer reads: the signature holds for this text and for no other."""
    moments = ("frozen_at", "signature", "people")
    return frozen.digest({name: value for name, value in shape.items() if name not in moments})


def exhibits_of(incident: Incident) -> list[Document]:
    """The papers of the incident in the order of their dates: each is an exhibit of the report."""
    papers = incident.documents.select_related("stored_file")
    return sorted(papers, key=lambda paper: (str(paper.dated or "9999"), paper.pk))


def _frozen(
    read: Draft,
    signer: dict[str, str],
    signature: dict[str, str],
    moment: datetime,
    *,
    mark: str,
) -> dict[str, Any]:
    version, incident = read.version, read.incident
    numbers, listed = _numbered(_in_order(read), read.sources)
    return {
        "schema": frozen.SCHEMA,
        "report": {
            "number": version.report.number,
            "version": version.version,
            "supplements": version.supplements.frozen_hash if version.supplements else None,
            "title": f"{mark}{incident.title}",
            "regulation": REGULATION,
        },
        "agency": _agency(incident),
        "letter": _letter(read),
        "incident": _incident(incident),
        "sections": _sections(read, numbers),
        "citations": listed,
        "findings": [
            _finding(finding, read.sources.entries[finding.pk]) for finding in _findings(read)
        ],
        "exhibits": [
            _exhibit(number, paper) for number, paper in enumerate(exhibits_of(incident), start=1)
        ],
        "people": {"drafters": [str(user) for user in read.drafters], "signer": signer},
        "signature": signature,
        "checks": _accepted(read),
        "frozen_at": bag.moment(moment),
    }


def _agency(incident: Incident) -> dict[str, str]:
    agency, component = agency_and_component(incident.office)
    return {
        "name": agency.name,
        "component": component.name if component else "",
        "nara_case_id": incident.nara_case,
    }


def _letter(read: Draft) -> dict[str, Any] | None:
    letter, deadline = read.letter, read.deadline
    if letter is None or deadline is None:
        return None
    return {
        "dated": letter.dated.isoformat(),
        "addressee": letter.addressee,
        "due": deadline.due.isoformat(),
        "due_explanation": [*deadline.steps, f"{deadline.basis}."],
    }


def _incident(incident: Incident) -> dict[str, Any]:
    kinds = dict(Incident.Kind.choices)
    start, end = incident.occurred_from, incident.occurred_to
    return {
        "number": incident.number,
        "title": incident.title,
        "kinds": [kinds.get(kind, kind) for kind in incident.kinds],
        "occurrence": incident.get_occurrence_display(),
        "limbs": [f"{LIMBS[key].words} ({LIMBS[key].citation})." for key in incident.limbs],
        "discovered_on": incident.discovered_on.isoformat(),
        "occurred_from": start.isoformat() if start else "",
        "occurred_to": end.isoformat() if end else "",
        "offices": [str(office) for office in incident.offices.all()],
        "custodians": [str(row) for row in incident.custodians.select_related("person")],
        "tools": [str(tool) for tool in incident.tools.all()],
    }


def _in_order(read: Draft) -> list[Citation]:
    """Citations in the order in which a reader of the report meets them."""
    place = {key: index for index, key in enumerate(read.specs)}
    rows = [row for cited in read.citations.values() for row in cited]
    return sorted(rows, key=lambda row: (place.get(row.field.key, len(place)), row.pk))


def _numbered(
    rows: Iterable[Citation], sources: Sources
) -> tuple[dict[int, int], list[dict[str, Any]]]:
    """Equal evidence gets one number, whichever fields cite it."""
    numbers: dict[int, int] = {}
    known: dict[tuple[object, ...], int] = {}
    listed: list[dict[str, Any]] = []
    for row in rows:
        same = (row.kind, row.target_id, row.seq, repr(row.query), row.figure, row.label)
        if same not in known:
            known[same] = len(known) + 1
            listed.append(_citation(known[same], row, sources))
        numbers[row.pk] = known[same]
    return numbers, listed


def _citation(number: int, row: Citation, sources: Sources) -> dict[str, Any]:
    label = f"{row.label}: {row.figure}" if row.figure else row.label
    return {
        "number": number,
        "kind": str(row.kind),
        "label": label,
        "place": citations.place_of(row, sources),
        "sha256": citations.sha256_of(row, sources),
        # Message text goes to NARA only as an exhibit that was shared on purpose (44 U.S.C. 2906(a)).
        "quote": "",
    }


def _sections(read: Draft, numbers: dict[int, int]) -> list[dict[str, Any]]:
    return [
        {
            "key": section.key,
            "title": f"{section.number} {section.title}",
            "citation": section.citation,
            "asked_by": section.asked_by,
            "fields": [
                {
                    "key": spec.key,
                    "label": spec.label,
                    "state": str(field.state),
                    "value": spec.words(field.value),
                    "reason": field.reason,
                    "citations": sorted(
                        {numbers[row.pk] for row in read.citations.get(spec.key, [])}
                    ),
                }
                for spec in section.fields
                if (field := read.fields.get(spec.key)) and _is_said(field)
            ],
        }
        for section in read.sections
    ]


def _is_said(field: Field) -> bool:
    return bool(field.value.strip()) or field.state != Field.State.GIVEN


def _findings(read: Draft) -> list[Finding]:
    """The findings of the incident that still stand."""
    kept = [
        finding
        for finding in read.findings.values()
        if finding.pk in read.on_incident
        and not finding.withdrawn
        and finding.state != Finding.State.DISMISSED
    ]
    return sorted(kept, key=lambda finding: (finding.export.number, finding.number))


def _finding(finding: Finding, entries: Entries) -> dict[str, Any]:
    return {
        "number": str(finding),
        "rule": finding.rule,
        "code": finding.code,
        "title": finding.title,
        "explanation": finding.explanation,
        "export": finding.export.number,
        "office": str(finding.export.office),
        "custodian": str(finding.export.custodian),
        "conversation": finding.conversation.title if finding.conversation else "",
        "first_at": finding.first_at.isoformat()
        if finding.first_at
        else citations.local_day(finding.first_local),
        "last_at": finding.last_at.isoformat()
        if finding.last_at
        else citations.local_day(finding.last_local),
        "count": finding.count,
        "counted": finding.counted,
        "confidence": str(finding.confidence),
        "entries": entries.seqs,
        "entries_total": entries.total,
    }


def _exhibit(number: int, paper: Document) -> dict[str, Any]:
    stored: StoredFile = paper.stored_file
    return {
        "number": number,
        "title": paper.title,
        "file_name": paper.file_name,
        "sha256": stored.sha256,
        "size": stored.size,
        "media_type": paper.media_type,
    }


def _accepted(read: Draft) -> list[dict[str, Any]]:
    """Warnings that stand now and were accepted, as they are, with a reason."""
    return [
        {
            "code": row.result.code,
            "severity": row.result.severity,
            "words": row.result.words,
            "citation": row.result.citation,
            "accepted_reason": row.standing.reason,
        }
        for row in acceptance.warnings(read.version, checks.run_on(read))
        if row.standing.holds
    ]
