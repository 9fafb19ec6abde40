"""Life cycle of an incident, from a report to NARA's closing of the case."""

from __future__ import annotations

from portal.kit.lifecycle import Lifecycle, Transition

_OPEN = ("reported", "triage", "investigating")

INCIDENT = Lifecycle(
    Transition("triage", ("reported",), "triage", "Start triage", permission="incidents.edit"),
    Transition(
        "investigate",
        ("reported", "triage"),
        "investigating",
        "Start investigation",
        permission="incidents.edit",
    ),
    Transition(
        "prepare_report", _OPEN, "reporting", "Prepare the report", permission="reports.edit"
    ),
    Transition("submitted", ("reporting", "submitted"), "submitted", "Report submitted"),
    Transition(
        "close", ("submitted",), "closed", "Close", permission="incidents.edit", needs_reason=True
    ),
    Transition(
        "dismiss", _OPEN, "dismissed", "Dismiss", permission="incidents.edit", needs_reason=True
    ),
    Transition(
        "reopen",
        ("dismissed", "closed"),
        "investigating",
        "Reopen",
        permission="incidents.edit",
        needs_reason=True,
    ),
)
