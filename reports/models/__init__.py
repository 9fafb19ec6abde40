"""What is told to NARA: incidents, letters, reports in versions, submissions."""

from __future__ import annotations

from reports.models.incidents import Incident, IncidentFinding
from reports.models.letters import Extension, LetterItem, NaraLetter
from reports.models.reports import Citation, Field, Report, ReportVersion
from reports.models.submissions import Submission

__all__ = [
    "Citation",
    "Extension",
    "Field",
    "Incident",
    "IncidentFinding",
    "LetterItem",
    "NaraLetter",
    "Report",
    "ReportVersion",
    "Submission",
]
