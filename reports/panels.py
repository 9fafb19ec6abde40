"""What the home page tells about reports: dates that run, and reports that wait for this person."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from portal.agency.access import can
from portal.kit.panels import Panel
from reports import clocks
from reports.models import Incident, ReportVersion

RUNNING = (
    Incident.State.REPORTED,
    Incident.State.TRIAGE,
    Incident.State.INVESTIGATING,
    Incident.State.REPORTING,
)
MOST = 5


def clock_panel(user: Any) -> Panel | None:
    """Incidents whose answer to NARA is due, the nearest date first."""
    waiting = Incident.objects.visible_to(user).filter(state__in=RUNNING, letters__isnull=False)
    due = [
        {"incident": incident, "letter": governing[0], "deadline": governing[1]}
        for incident in waiting.distinct()[:50]
        if (governing := clocks.of_incident(incident))
    ]
    if not due:
        return None
    due.sort(key=lambda row: row["deadline"].due)
    context = {"rows": due[:MOST], "today": timezone.localdate(), "total": len(due)}
    return Panel("reports/report_panel_clocks.html", context)


def report_panel(user: Any) -> Panel | None:
    """Reports to sign, to submit, returned, and in preparation."""
    versions = ReportVersion.objects.visible_to(user).select_related("report__incident__office")
    groups = [
        {"label": label, "rows": rows[:MOST], "total": len(rows), "url": _list_url(state)}
        for label, state, permission in (
            ("Waiting for your signature", "in_review", "reports.sign"),
            ("Signed, to be submitted", "approved", "reports.submit"),
            ("In preparation", "draft", "reports.edit"),
        )
        if (rows := _allowed(user, permission, versions.filter(state=state)[:50]))
    ]
    return Panel("reports/report_panel.html", {"groups": groups}) if groups else None


def _allowed(user: Any, permission: str, versions: Any) -> list[ReportVersion]:
    return [row for row in versions if can(user, permission, row.report.incident.office)]


def _list_url(state: str) -> str:
    return f"{reverse('report-list')}?state={state}"
