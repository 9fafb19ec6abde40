"""Addresses of reports, submissions and the reading room; incidents and letters have a file of their own."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from reports.web import citations, reading_room, reports, sections, signing, submissions

_REPORT = "reports/<str:number>/"
_SECTION = f"{_REPORT}sections/<slug:section>/"
_FIELD = f"{_SECTION}<slug:name>/"
_ROOM = "reading-room/<str:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("reports.web.incident_urls")),
    path("incidents/<str:number>/report/", reports.report_start, name="report-start"),
    path("reports/", reports.ReportList.as_view(), name="report-list"),
    path(_REPORT, reports.report_detail, name="report-detail"),
    path(f"{_REPORT}step/", reports.report_step, name="report-step"),
    path(f"{_REPORT}sign/", signing.report_sign, name="report-sign"),
    path(f"{_REPORT}submit/", submissions.report_submit, name="report-submit"),
    path(f"{_REPORT}preview/", reports.report_preview, name="report-preview"),
    path(f"{_REPORT}warnings/", citations.report_warning, name="report-warning"),
    path(f"{_REPORT}versions/<int:version>/", reports.report_version, name="report-version"),
    path(
        f"{_REPORT}versions/<int:version>/report.pdf",
        reports.report_preview_pdf,
        name="report-preview-pdf",
    ),
    path(f"{_REPORT}figures/<int:citation>/", citations.citation_detail, name="citation-detail"),
    path(_SECTION, sections.report_section, name="report-section"),
    path(_FIELD, sections.report_field, name="report-field"),
    path(f"{_FIELD}citations/", citations.report_citations, name="report-citations"),
    path("submissions/<str:number>/", submissions.submission_detail, name="submission-detail"),
    path(
        "submissions/<str:number>/package/",
        submissions.submission_package,
        name="submission-package",
    ),
    path("reading-room/", reading_room.ReadingRoom.as_view(), name="reading-room"),
    path(_ROOM, reading_room.reading_room_submission, name="reading-room-submission"),
    path(f"{_ROOM}verify/", reading_room.reading_room_verify, name="reading-room-verify"),
    path(f"{_ROOM}report.pdf", reading_room.reading_room_pdf, name="reading-room-pdf"),
    path(
        f"{_ROOM}exhibits/<int:exhibit>/",
        reading_room.reading_room_exhibit,
        name="reading-room-exhibit",
    ),
]
