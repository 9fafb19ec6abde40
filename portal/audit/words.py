"""Audit actions in plain words. An action without an entry shows its own name, dots as blanks."""

from __future__ import annotations

ACTIONS: dict[str, str] = {
    "document.added": "Document added",
    "export.answered": "Question answered",
    "export.corrected": "Particulars corrected",
    "export.read": "Read by a worker",
    "export.read_again": "Reading again asked for",
    "export.received": "Handed in",
    "export.received_again": "The same bytes handed in again",
    "export.rejected": "Rejected",
    "extension.granted": "More time granted by NARA",
    "extension.refused": "More time not granted by NARA",
    "extension.requested": "More time asked of NARA",
    "finding.judged": "Finding judged",
    "incident.changed": "Particulars changed",
    "incident.close": "Closed",
    "incident.dismiss": "Dismissed",
    "incident.document_added": "Document added",
    "incident.finding_removed": "Finding taken out",
    "incident.findings_added": "Findings added",
    "incident.investigate": "Investigation started",
    "incident.opened": "Incident opened",
    "incident.prepare_report": "Report started",
    "incident.reopen": "Reopened",
    "incident.submitted": "Report submitted to NARA",
    "incident.triage": "Triage started",
    "letter.recorded": "NARA's letter recorded",
    "role.given": "Role given",
    "role.ended": "Role ended",
    "submission.opened": "Submission opened",
    "token.issued": "API token made",
    "token.revoked": "API token ended",
}


def words(action: str) -> str:
    return ACTIONS.get(action) or action.replace(".", " ").replace("_", " ").capitalize()
