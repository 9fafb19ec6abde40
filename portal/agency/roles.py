"""Roles and what each may do: one table, read by `can()`, by the pages and by docs/access.md.

Roles follow 36 CFR 1220.34 and NARA practice: the agency records officer runs the case, the person authorized to sign
records schedules signs, a NARA reviewer reads what was submitted, a system administrator never reads record content.
"""

from __future__ import annotations

from typing import NamedTuple

PERMISSIONS: dict[str, str] = {
    "exports.receive": "hand in message exports",
    "exports.view": "see message exports and their findings",
    "exports.answer": "answer what a file does not say (date order, time zone)",
    "exports.classify": "file a conversation under an office and a schedule item",
    "messages.view": "read message content and search it",
    "quarantine.open": "take a copy of an attachment that the scanner calls infected, with a reason",
    "findings.judge": "judge findings",
    "senders.view": "see who stands behind the senders of messages",
    "senders.link": "say who stands behind the senders of messages",
    "custodians.view": "see custodians and messaging tools",
    "custodians.edit": "keep custodians and messaging tools",
    "schedules.view": "see the schedule catalogue",
    "schedules.edit": "keep the schedule catalogue",
    "documents.view": "see letters, policies and other documents",
    "documents.edit": "add documents",
    "incidents.report": "report a suspected loss of records",
    "incidents.view": "see incidents",
    "incidents.edit": "triage and keep incidents, record NARA's letters",
    "reports.view": "see reports in preparation",
    "reports.edit": "draft reports",
    "reports.sign": "sign a report as the person authorized to sign records schedules",
    "reports.submit": "submit a signed report to NARA",
    "submissions.view": "read submitted reports",
    "offices.view": "see offices and people",
    "offices.edit": "keep offices and people",
    "roles.edit": "give and end roles, keep the register of signers",
    "tokens.edit": "keep API tokens",
    "audit.view": "read the audit log",
    "operations.view": "see jobs and the state of the portal",
}
# What opens the content of messages, documents and reports: in a token it waits for a second person's approval.
CONTENT = frozenset({"messages.view", "documents.view", "reports.view", "submissions.view"})


class Role(NamedTuple):
    title: str
    description: str
    permissions: frozenset[str]


_READ = {
    "exports.view",
    "senders.view",
    "custodians.view",
    "schedules.view",
    "documents.view",
    "incidents.view",
    "reports.view",
    "submissions.view",
    "offices.view",
}
_LIAISON = {
    "exports.receive",
    "exports.view",
    "exports.answer",
    "exports.classify",
    "messages.view",
    "findings.judge",
    "senders.view",
    "senders.link",
    "custodians.view",
    "custodians.edit",
    "schedules.view",
    "documents.view",
    "documents.edit",
    "incidents.report",
    "incidents.view",
    "reports.view",
    "reports.edit",
    "offices.view",
}

ROLES: dict[str, Role] = {
    "custodian": Role(
        "Custodian or program official",
        "Hands in exports of their own office and reports a suspected loss.",
        frozenset(
            {
                "exports.receive",
                "exports.view",
                "incidents.report",
                "offices.view",
                "custodians.view",
            }
        ),
    ),
    "liaison": Role(
        "Records liaison",
        "Takes in exports for an office, files them, answers questions, helps to draft.",
        frozenset(_LIAISON),
    ),
    "records_officer": Role(
        "Agency records officer",
        "Runs the case: findings, incident, report, deadlines; signs only if designated.",
        frozenset(
            _LIAISON
            | _READ
            | {
                "quarantine.open",
                "schedules.edit",
                "incidents.edit",
                "reports.submit",
                "offices.edit",
                "roles.edit",
                "audit.view",
            }
        ),
    ),
    "schedule_signer": Role(
        "Schedule signer (36 CFR 1220.34(b))",
        "Signs the report: the legal gate of 36 CFR 1230.14(b).",
        frozenset(_READ | {"messages.view", "reports.sign", "reports.submit"}),
    ),
    "counsel": Role(
        "General counsel",
        "Reads the case and its evidence.",
        frozenset(_READ | {"messages.view", "audit.view"}),
    ),
    "auditor": Role(
        "Auditor",
        "Reads the audit log and the state of cases, not message content.",
        frozenset(_READ | {"audit.view"}),
    ),
    "nara_reviewer": Role(
        "NARA reviewer (read-only)",
        "Reads what was submitted by the agencies assigned, and nothing else.",
        frozenset({"submissions.view"}),
    ),
    "system": Role(
        "Agency system (API)",
        "Another system of the agency: pushes exports and follows cases through a token's scopes.",
        frozenset(
            {
                "exports.receive",
                "exports.view",
                "messages.view",
                "incidents.view",
                "submissions.view",
            }
        ),
    ),
    "administrator": Role(
        "Administrator",
        "Keeps accounts, roles and operations; never reads record content.",
        frozenset(
            {
                "offices.view",
                "offices.edit",
                "roles.edit",
                "tokens.edit",
                "audit.view",
                "operations.view",
            }
        ),
    ),
}
ROLE_CHOICES = [(key, role.title) for key, role in ROLES.items()]
READ_ONLY_ROLES = frozenset({"nara_reviewer"})
