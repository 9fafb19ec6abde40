"""What rests on a document or a custodian: incidents, NARA's letters, report fields that cite it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from portal.kit.panels import Holding
from records.uses import Use
from reports.models import Citation, Incident, NaraLetter, ReportVersion


def of_document(user: Any, document: Any) -> list[Use]:
    """Incidents that rest on a document, letters that it is, and report versions that cite it."""
    incidents = Incident.objects.visible_to(user)
    letters = NaraLetter.objects.filter(document=document, incident__in=incidents)
    return [
        *_incidents(incidents.filter(documents=document)),
        *(
            Use(
                "Letter",
                f"{letter} in {letter.incident.number}",
                reverse("incident-detail", args=[letter.incident.number]) + "#letters",
            )
            for letter in letters.select_related("incident")
        ),
        *_citing(user, Citation.Kind.DOCUMENT, document.pk),
    ]


def of_custodian(user: Any, custodian: Any) -> list[Use]:
    """Incidents that concern a custodian, and report versions that name them."""
    incidents = Incident.objects.visible_to(user).filter(custodians=custodian)
    return [*_incidents(incidents), *_citing(user, Citation.Kind.CUSTODIAN, custodian.pk)]


def of_tool(user: Any, tool: Any) -> list[Use]:
    """Incidents in which a messaging tool was used, and report versions that name it."""
    incidents = Incident.objects.visible_to(user).filter(tools=tool)
    return [*_incidents(incidents), *_citing(user, Citation.Kind.TOOL, tool.pk)]


def holdings_of_office(user: Any, office: Any) -> list[Holding]:
    """Incidents that concern an office or anything below it, for the page of the office."""
    incidents = Incident.objects.visible_to(user)
    if not incidents.exists():
        return []
    count = incidents.concerning(office).count()
    return [Holding("Incidents", count, f"{reverse('incident-list')}?office={office.pk}")]


def _incidents(incidents: Any) -> list[Use]:
    return [
        Use(
            "Incident",
            str(incident),
            reverse("incident-detail", args=[incident.number]),
            incident.state,
            incident.get_state_display(),
        )
        for incident in incidents
    ]


def _citing(user: Any, kind: str, pk: int) -> list[Use]:
    citing = Citation.objects.filter(kind=kind, target_id=pk).values("field__version")
    versions = ReportVersion.objects.visible_to(user).filter(pk__in=citing)
    return [
        Use(
            "Report",
            str(version),
            reverse("report-version", args=[version.report.number, version.version]),
            version.state,
            version.get_state_display(),
        )
        for version in versions.select_related("report")
    ]
